"""Care beside exercise in a plan: which items belong to which phase, minus everything that could harm.

Every item of the knowledge base passes the vetoes of the first advice (`relief.item_vetoes`) as things stand today,
whatever its phase: what those forbid now is not in the plan at all, and a later revision brings it back once nothing
forbids it. Then its contraindication codes are asked, last: an item stays only in those phases in which no code
stands (a code such as "running gate not passed" is gone in the phase that the gate opens).

Beside the reasons of `relief`, an item can be held back with `contraindication:<code>`,
`unknown_contraindication:<code>`, `later:time_since_onset` (only time is missing), `phase:<phase>` (a painkiller in a
phase with running, where the family has none) and `tried:<item>` (it did not help).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from soleus.core.assessment import Withheld
from soleus.core.expression import Lookup, Truth, evaluate
from soleus.core.ids import AdviceId, ConditionId, FamilyId, FindingId, TextId
from soleus.core.message import Message
from soleus.core.plan import CareItem
from soleus.knowledge.base import Adjunct
from soleus.knowledge.plan_base import FamilyPhase
from soleus.planning.contraindications import bars
from soleus.planning.relief import DANGERS, PRESSING_ITEMS, RELEVANT, as_advice, is_nsaid, is_offered, item_vetoes
from soleus.planning.situation import Situation

TECHNIQUE = frozenset({"footwear", "flexibility", "technique"})
"""Categories of `technique.technique_advice`; all others are care."""
STAYS = frozenset({"safety", "load", "help", "behaviour"})
"""Categories that stay although they were tried in vain."""
SINCE = FindingId("time_since_onset")
LATER = f"later:{SINCE}"
TIME_HEALS = frozenset(
    {"fact:muscle_tear_hours_lt_48", "fact:muscle_tear_hours_lt_72", "fact:muscle_tear_days_lt_5"}
    | {"finding:onset_type", "finding:time_since_onset", "finding:walk_ability"}
    | {"contraindication:strain_first_5_days", "contraindication:strain_early_phase"}
)
"""Reasons that only say "a fresh injury": told together as `later`."""
SAFETY = "safety"
"""Category of the rules that hold with and without a plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The way through the plan that care is placed on."""

    families: tuple[FamilyId, ...] = ()
    """The leading one first, then those it must be safe for; empty = there is no plan to follow."""
    phases: tuple[FamilyPhase, ...] = ()
    """Of the leading family, as far as the plan goes."""
    current: str = ""
    """Phase the runner is in; "" = the first."""
    then: Mapping[str, Situation] = field(default_factory=dict)
    """Phase → the runner as they will be at least on entering it; a phase not listed is judged as today."""
    also: Collection[AdviceId] = ()
    """Items that something else asks for: a factor's module, a cause without a plan."""

    @property
    def to_come(self) -> tuple[FamilyPhase, ...]:
        """The phases from the current one on."""
        here = next((i for i, phase in enumerate(self.phases) if phase.id == self.current), 0)
        return self.phases[here:]

    def on_entering(self, phase: str, today: Situation) -> Situation:
        """The runner in that phase; the current one and an unknown one are judged as today."""
        return today if phase == self.current else self.then.get(phase, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item belongs and why. `phases` empty = throughout; `not_now` = a reason to leave it for later."""

    phases: tuple[str, ...]
    because: tuple[Message, ...]
    not_now: tuple[str, ...] = ()


def plan_care(situation: Situation, course: Course) -> tuple[tuple[CareItem, ...], tuple[Withheld, ...]]:
    """Care that every veto allows, with its phases, and what is held back with the reasons."""
    return choose_items(situation, course, technique=False)


def choose_items(
    situation: Situation, course: Course, *, technique: bool
) -> tuple[tuple[CareItem, ...], tuple[Withheld, ...]]:
    """Go through the items in their order: place, then veto.

    1. `_place` says whether anything asks for the item, and for which phases.
    2. The vetoes are asked of every item; any reason keeps it out.
    3. Of what is left, only one anti-inflammatory is in the whole plan.
    4. A reason is told when the item was asked for; a danger also when people would press, rub, heat or take
       something of their own accord ("do not massage").
    """
    chosen: list[CareItem] = []
    withheld: list[Withheld] = []
    nsaid = ""
    for item in sorted(situation.kb.adjuncts, key=lambda other: (other.order, other.id)):
        if (item.category in TECHNIQUE) is not technique:
            continue
        place = _place(item, situation, course)
        reasons = item_vetoes(item, situation)
        if place is None:
            if _worth_a_warning(item) and any(reason.startswith(DANGERS) for reason in reasons):
                withheld.append(Withheld(id=item.id, because=reasons))
            continue
        phases, barred = _cleared(item, place.phases, situation, course)
        reasons = (*reasons, *barred)
        if reasons and TIME_HEALS.issuperset(reasons):
            reasons = (LATER,)
        reasons = reasons or place.not_now or _tried(item, situation)
        if not reasons and nsaid and is_nsaid(item, situation.kb):
            reasons = (f"one_nsaid:{nsaid}",)
        if reasons:
            withheld.append(Withheld(id=item.id, because=reasons))
            continue
        nsaid = item.id if is_nsaid(item, situation.kb) else nsaid
        chosen.append(_item(item, phases, place, situation))
    return tuple(chosen), tuple(withheld)


def _worth_a_warning(item: Adjunct) -> bool:
    return item.id in PRESSING_ITEMS or item.medicine is not None


def _tried(item: Adjunct, situation: Situation) -> tuple[str, ...]:
    """What did not help before is not offered again, unless the plan rests on it."""
    return (f"tried:{item.id}",) if item.id in situation.goals.tried and item.category not in STAYS else ()


def wishes(situation: Situation) -> frozenset[str]:
    """What the runner wants or has that items can be for: the goals' wishes and the shape of the foot."""
    arch = situation.goals.arch
    return situation.goals.wants | ({f"arch_{arch}"} if arch in ("flat", "high") else frozenset())


def _place(item: Adjunct, situation: Situation, course: Course) -> Place | None:
    """Where something asks for the item; None = nothing does.

    A family that names an item in its phases decides alone which; what no phase names goes by the item's own rule.
    What is only for those who wish it (carbon shoes) is offered to nobody else.
    """
    if item.first_only and course.phases:
        return None
    named = tuple(phase.id for phase in course.to_come if item.id in phase.care)
    wished = bool(item.wants & wishes(situation))
    also = item.id in course.also and not _only_wished(item)
    if not (named or wished or also or _by_itself(item, situation, course)):
        return None
    because = _because(item, situation, named=bool(named), wished=wished, also=also, course=course)
    if named or also:
        timely = _timely(item, situation)
        if timely is not Timely.NOW:
            return None if timely is Timely.NEVER else Place(phases=named, because=because, not_now=(LATER,))
    return _placed(item, named, because, situation, course, own=not (wished or also))


def _only_wished(item: Adjunct) -> bool:
    return bool(item.wants) and not item.for_conditions


def _by_itself(item: Adjunct, situation: Situation, course: Course) -> bool:
    """Whether the item's own rule asks for it today, where no phase to come does."""
    if _only_wished(item):
        return False
    if course.phases:
        allowed = not any(item.id in phase.care for phase in course.phases)
    else:
        allowed = not item.plan_only or item.category == SAFETY
    return allowed and is_offered(item, situation)


def _placed(
    item: Adjunct,
    named: tuple[str, ...],
    because: tuple[Message, ...],
    situation: Situation,
    course: Course,
    *,
    own: bool,
) -> Place | None:
    """The phases of an item that is asked for.

    Named: those that name it. A painkiller of its own accord: those without running and those that name a painkiller,
    the current one among them. Anything else of its own accord: the current one. The rest, and what holds throughout:
    all of them. What goes with running only: those of them that allow it.
    """
    phases: tuple[str, ...] = named
    if item.throughout or not course.phases:
        phases = ()
    elif own and not named:
        phases = (course.to_come[0].id,)
        if item.medicine is not None:
            medicines = {other.id for other in situation.kb.adjuncts if other.medicine is not None}
            fit = tuple(step.id for step in course.to_come if step.run == "none" or medicines & set(step.care))
            if phases[0] not in fit:
                return Place(phases=phases, because=because, not_now=(f"phase:{phases[0]}",))
            phases = fit
    if item.with_running:
        wanted = phases or tuple(step.id for step in course.to_come)
        phases = tuple(step.id for step in course.to_come if step.id in wanted and step.run != "none")
        if not phases:
            return None
    return Place(phases=phases, because=because)


class Timely(Enum):
    """Whether an item that a phase names fits the time since the onset and the runner."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


def _timely(item: Adjunct, situation: Situation) -> Timely:
    """NOW unless the item's own rule certainly does not hold; LATER when waiting alone can make it hold."""
    if item.only_if is None or evaluate(item.only_if, situation.answer) is not Truth.FALSE:
        return Timely.NOW
    bands = situation.kb.findings[SINCE].options
    answer = situation.answer(SINCE)
    past = bands.index(answer) if isinstance(answer, str) and answer in bands else len(bands)
    for later in bands[past + 1 :]:
        if evaluate(item.only_if, _waited(situation, later)) is Truth.TRUE:
            return Timely.LATER
    return Timely.NEVER


def _waited(situation: Situation, band: str) -> Lookup:
    """The answers as they will be in a later band of time since the onset."""
    return lambda finding: band if finding == SINCE else situation.answer(finding)


def _cleared(
    item: Adjunct, phases: tuple[str, ...], situation: Situation, course: Course
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The phases in which no contraindication code stands, and the reasons against when there is none.

    Without the phases of a plan the codes are asked of today.
    """
    wanted = phases or tuple(phase.id for phase in course.to_come)
    standing = {phase: _codes(item, course.on_entering(phase, situation), course) for phase in wanted or ("",)}
    kept = tuple(phase for phase, reasons in standing.items() if not reasons)
    if not kept:
        return phases, tuple(dict.fromkeys(reason for reasons in standing.values() for reason in reasons))
    return (phases if len(kept) == len(standing) else kept), ()


def _codes(item: Adjunct, situation: Situation, course: Course) -> tuple[str, ...]:
    return tuple(
        f"unknown_contraindication:{bar.code}" if bar.unknown else f"contraindication:{bar.code}"
        for bar in bars(item.contraindications, situation, course.families)
    )


def _item(item: Adjunct, phases: tuple[str, ...], place: Place, situation: Situation) -> CareItem:
    advice = as_advice(item, situation)
    if _cause(item, situation) is None:
        advice = replace(advice, because=())
    return CareItem(advice=advice, phases=phases, category=item.category, because=place.because)


def _cause(item: Adjunct, situation: Situation) -> ConditionId | None:
    """The likeliest of the causes the item is for, when they are likely enough together."""
    if not item.for_conditions or situation.probability(item.for_conditions) < RELEVANT:
        return None
    return min(item.for_conditions, key=lambda cause: (-situation.probability([cause]), cause))


def _because(
    item: Adjunct, situation: Situation, *, named: bool, wished: bool, also: bool, course: Course
) -> tuple[Message, ...]:
    """Why the item is there, the most telling reason first; none for what holds for everyone."""
    reasons = [_message("wish")] if wished else []
    reasons += [_message("factor" if course.phases else "meanwhile")] if also else []
    reasons += [_message("phase")] if named else []
    cause = _cause(item, situation)
    if cause is not None:
        reasons.append(_message("cause", cause=f"condition.{cause}.name"))
    return tuple(reasons) or ((_message("answer"),) if item.only_if is not None else ())


def _message(reason: str, **params: str) -> Message:
    return Message(text=TextId(f"care.because.{reason}"), params=params)
