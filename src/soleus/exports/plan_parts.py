"""The parts of a plan's page as plain data: stages, exercise cards, pain rule, care, safety net, what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soleus.core.assessment import Disposition
from soleus.core.ids import ExerciseId, SourceKey
from soleus.core.message import Message
from soleus.core.plan import CareItem, CriterionState, Plan, PlanPhase, Prescription, StopRule
from soleus.exports.plan_wording import (
    STATE,
    criterion_words,
    days_in_words,
    dose,
    dose_sentence,
    exercise_name,
    how_often,
    item_name,
    known_words,
    load_words,
    lower,
    measure_name,
    number,
    pain_words,
    picture_words,
    say,
    sentence,
    stop_line,
    tempo,
    veto_reason,
    withheld_reason,
)
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

Document = dict[str, object]
RED_ABOVE, EASY_UP_TO = "pain.tendon_nrs", "pain.strain_nrs"
"""Parameters: pain above the first is red whatever the plan's limit (the limit of the trial that let runners run on);
where that much is allowed, pain up to the second is still green."""
HIGHEST_PAIN = 10.0
LONG_STAY_DAYS = 100
"""A stage that lasts at least so long is one to stay with, not to hurry through."""
MAX_CUES = 9
TESTED = ("programme", "full")
"""Running that a stage allows only after its tests."""
MAX_STEPS = 3
"""How many easier or harder exercises are named."""


class Sources:
    """Numbers the sources in the order in which the page first needs them."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.keys: dict[SourceKey, int] = {}

    def number(self, keys: Iterable[SourceKey]) -> list[int]:
        """The numbers of these sources; unknown keys and our own judgement have none."""
        return [self.keys.setdefault(key, len(self.keys) + 1) for key in keys if self._is_paper(key)]

    def _is_paper(self, key: SourceKey) -> bool:
        source = self.kb.sources.get(key)
        return source is not None and "elicited" not in source.verified

    def listed(self) -> list[Document]:
        """Number, key, citation with locator, how far it was read."""
        lines: list[Document] = []
        for key, count in self.keys.items():
            source = self.kb.sources[key]
            locator = "" if source.locator == "n/a" else source.locator
            told = f"{source.citation.rstrip('.')}. {locator}"
            read = text(
                self.kb, "plan.origin.read", how=text(self.kb, f"plan.origin.{source.verified}", source.verified)
            )
            lines.append({"n": count, "key": str(key), "text": told.strip(), "read": read})
        return lines


def criterion(kb: KnowledgeBase, state: CriterionState) -> dict[str, str]:
    """A goal with what is known of it; unknown is never shown as met."""
    return {
        "measure": str(state.criterion.measure),
        "text": criterion_words(kb, state),
        "state": STATE[state.truth],
        "word": text(kb, f"plan.criterion.{_state_word(state)}"),
        "now": known_words(kb, state),
    }


def _state_word(state: CriterionState) -> str:
    """Met, not yet, not tested; and done without saying how much it hurt."""
    untold = STATE[state.truth] == "unknown" and state.known is not None and state.criterion.pain_max is not None
    return "pain_untold" if untold else STATE[state.truth]


def pain_rule(plan: Plan, kb: KnowledgeBase) -> Document | None:
    """Three rows of a traffic light, and the rule of the next morning."""
    if not plan.phases:
        return None
    limit, red = plan.pain_max_nrs, kb.plans.value(RED_ABOVE)
    if limit <= 0:
        rows = [("green", "_zero", "0"), ("red", "_zero", text(kb, "plan.rule.above", low="0"))]
    elif limit >= red:
        easy = min(kb.plans.value(EASY_UP_TO), limit)
        rows = [
            ("green", "", _span(kb, 0, easy)),
            ("amber", "_allowed", _span(kb, easy + 1, limit)),
            ("red", "", _span(kb, limit + 1, HIGHEST_PAIN)),
        ]
    else:
        rows = [
            ("green", "", _span(kb, 0, limit)),
            ("amber", "", _span(kb, limit + 1, red)),
            ("red", "", _span(kb, red + 1, HIGHEST_PAIN)),
        ]
    return {
        "limit": limit,
        "intro": text(kb, "plan.rule.intro" if limit > 0 else "plan.rule.intro_zero", limit=number(limit)),
        "rows": [
            {
                "colour": colour,
                "word": text(kb, f"plan.rule.{colour}{kind}.word"),
                "range": shown,
                "do": text(kb, f"plan.rule.{colour}{kind}.do"),
            }
            for colour, kind, shown in rows
        ],
        "next_title": text(kb, "plan.rule.next_title"),
        "next": [text(kb, f"plan.rule.next.{n}") for n in (1, 2, 3)],
    }


def _span(kb: KnowledgeBase, low: float, high: float) -> str:
    return number(low) if low == high else text(kb, "plan.rule.span", low=number(low), high=number(high))


# --- stages ------------------------------------------------------------------------------------------------------
def ladder(plan: Plan, kb: KnowledgeBase) -> list[Document]:
    """All stages in order, each with its goals, when to move on, when to step back and when to stop."""
    here = plan.current.number if plan.current else None
    phases = sorted(plan.phases, key=lambda phase: phase.number)
    way, tested = plan.running, ""
    if way is not None and not way.open:
        tested = "waits" if way.allowed_now in TESTED else way.allowed_now
    return [_phase(kb, phase, place, here, tested=tested) for place, phase in enumerate(phases, start=1)]


def _phase(kb: KnowledgeBase, phase: PlanPhase, place: int, here: int | None, *, tested: str) -> Document:
    """`tested`: what holds today in place of running that waits for its tests; empty = they are passed."""
    state = "current" if phase.current else "done" if here is not None and phase.number < here else "later"
    goals = (text(kb, f"phase.{phase.text}.goal.{n}") for n in range(1, MAX_CUES + 1))
    return {
        "id": phase.id,
        "number": place,
        "name": text(kb, f"phase.{phase.text}.name", phase.id.replace("_", " ")),
        "state": state,
        "word": text(kb, f"plan.phase.state.{state}"),
        "goals": [goal for goal in goals if goal],
        "expected": _expected(kb, phase),
        "walk": say(phase.walk, kb) if phase.walk else text(kb, f"phase.{phase.text}.walk"),
        "run": text(kb, f"plan.phase.run.{tested if tested and phase.current and phase.run in TESTED else phase.run}"),
        "cross": [exercise_name(kb, exercise) for exercise in phase.cross],
        "cross_line": _cross(kb, phase),
        "advance": [criterion(kb, state) for state in phase.advance],
        "step_back": [stop_line(kb, rule) for rule in phase.step_back],
        "stop": [stop_line(kb, rule) for rule in phase.stop],
        "exercises": [
            {
                "id": str(p.exercise),
                "name": exercise_name(kb, p.exercise),
                "dose": dose(kb, p),
                "often": how_often(kb, p),
            }
            for p in phase.prescriptions
        ],
        "care": [text(kb, f"advice.{item}.title", item.replace("_", " ")) for item in phase.care],
    }


def _expected(kb: KnowledgeBase, phase: PlanPhase) -> str:
    least, typical, most = (days_in_words(kb, days) for days in phase.expected_days)
    if phase.expected_days[2] <= 0:
        return ""
    if phase.expected_days[0] >= LONG_STAY_DAYS:
        return text(kb, "plan.phase.expected_last", least=least)
    if phase.expected_days[0] < 1:
        return text(kb, "plan.phase.expected_short", typical=typical, most=most)
    return text(kb, "plan.phase.expected", least=least, typical=typical, most=most)


def _cross(kb: KnowledgeBase, phase: PlanPhase) -> str:
    names = [lower(exercise_name(kb, exercise)) for exercise in phase.cross]
    return text(kb, "plan.phase.cross", list=", ".join(names)) if names else ""


# --- exercises ---------------------------------------------------------------------------------------------------
def cards(plan: Plan, kb: KnowledgeBase, sources: Sources, *, pictures: bool = False) -> list[Document]:
    """The exercises of the current stage, those that come later last."""
    phase = plan.current
    if phase is None:
        return []
    day = _days_known(phase)
    made = [_card(kb, item, sources, day=day, pictures=pictures) for item in phase.prescriptions]
    return sorted(made, key=lambda card: bool(card["later"]))


def _days_known(phase: PlanPhase) -> float:
    """Days since it began as far as they are known for certain."""
    known = [
        float(state.known)
        for state in phase.entry
        if state.criterion.measure == "days_since_onset" and state.known is not None
    ]
    return max(known, default=0.0)


def _card(kb: KnowledgeBase, item: Prescription, sources: Sources, *, day: float, pictures: bool) -> Document:
    name = item.exercise
    known = kb.plans.exercises.get(name)
    cues = (text(kb, f"exercise.{name}.cue.{n}") for n in range(1, MAX_CUES + 1))
    because = said(kb, item.because)
    return {
        "id": str(name),
        "name": exercise_name(kb, name),
        "kind": known.kind if known else "",
        "dose": dose(kb, item),
        "often": how_often(kb, item),
        "tempo": tempo(kb, item),
        "sentence": dose_sentence(kb, item),
        "pain": pain_words(kb, item.pain_max_nrs),
        "minutes": round(item.minutes),
        "later": _later(kb, item, day),
        "optional": text(kb, "plan.dose.optional") if item.optional else "",
        "cues": [cue for cue in cues if cue],
        "feel": text(kb, f"exercise.{name}.feel"),
        "load": load_words(kb, item) or text(kb, f"exercise.{name}.load"),
        "easier": _step(kb, name, item.easier, "easier"),
        "harder": _step(kb, name, item.harder, "harder"),
        "why": because,
        "evidence": known.evidence if known else "",
        "sources": sources.number(dict.fromkeys((*item.sources, *(known.sources if known else ())))),
        "picture": _picture(kb, name, pictures=pictures),
    }


def _later(kb: KnowledgeBase, item: Prescription, day: float) -> str:
    """When an exercise is added that does not belong to today yet; empty = from the start."""
    waiting = item.waits_for
    gate_named = kb.plans.gates.get(item.start_gate) if waiting else None
    tests = {criterion.measure for criterion in gate_named.criteria} if gate_named else set()
    own = [
        state for state in waiting if state.criterion.measure not in tests
    ]  # the gate's own tests are listed with it
    lines = []
    if own:
        lines.append(text(kb, "plan.dose.later", list="; ".join(lower(criterion_words(kb, state)) for state in own)))
    if item.start_gate and waiting:
        gate = lower(text(kb, f"gate.{item.start_gate}.name", item.start_gate.replace("_", " ")))
        lines.append(text(kb, "plan.dose.later_gate", gate=gate))
    if item.start_day > day:
        lines.append(text(kb, "plan.dose.later_day", day=str(item.start_day)))
    return " ".join(lines)


def _step(kb: KnowledgeBase, name: ExerciseId, steps: Sequence[ExerciseId], part: str) -> Document:
    """An easier or harder way: the exercise's own words, and the exercises that may take its place."""
    return {
        "text": text(kb, f"exercise.{name}.{part}"),
        "exercises": [{"id": str(step), "name": exercise_name(kb, step)} for step in steps[:MAX_STEPS]],
    }


def _picture(kb: KnowledgeBase, name: ExerciseId, *, pictures: bool) -> Document | None:
    """The drawing's text alternative, and the drawing itself when asked for; None where there is none."""
    words = picture_words(kb, name)
    if not pictures:
        return {"alt": words} if words else None
    try:
        from soleus.exports.figures import figure
    except ImportError:
        return {"alt": words} if words else None
    try:
        drawn = figure(name, kb)
    except KeyError:
        return {"alt": words} if words else None
    return {"alt": drawn.alt or words, "svg": drawn.svg_pair}


# --- care and what was left out ----------------------------------------------------------------------------------
def care(plan: Plan, items: Iterable[CareItem], kb: KnowledgeBase, sources: Sources) -> list[Document]:
    """Care beside exercise that belongs to the current stage, or to all of them."""
    here = plan.current.id if plan.current else None
    return [_care(kb, item, sources) for item in items if not item.phases or here is None or here in item.phases]


def _care(kb: KnowledgeBase, item: CareItem, sources: Sources) -> Document:
    name = item.advice.id
    cautions = [text(kb, caution) for caution in item.advice.cautions] or [text(kb, f"advice.{name}.caution")]
    return {
        "id": str(name),
        "category": item.category,
        "title": text(kb, f"advice.{name}.title", name.replace("_", " ")),
        "how": text(kb, f"advice.{name}.how"),
        "caution": " ".join(dict.fromkeys(caution for caution in cautions if caution)),
        "why": [why for why in (text(kb, f"advice.{name}.why"), *said(kb, item.because)) if why],
        "sources": sources.number(item.advice.sources),
    }


def held_back(plan: Plan, kb: KnowledgeBase) -> list[Document]:
    """What was taken out and why, in words; `open` = an answer or a test would settle it."""
    lines: list[Document] = []
    for item in plan.care_withheld:
        reason, open_ = withheld_reason(kb, item.because)
        lines.append(_held(kb, str(item.id), item_name(kb, item.id), reason, open_=open_))
    for veto in plan.vetoed:
        reason = veto_reason(kb, veto.codes, unknown=veto.unknown)
        lines.append(_held(kb, veto.item, item_name(kb, veto.item), reason, open_=veto.unknown))
    return lines


def _held(kb: KnowledgeBase, item: str, name: str, reason: str, *, open_: bool) -> Document:
    shape = "until" if open_ else "line"
    told = text(kb, f"plan.withheld.{shape}", item=lower(name), reason=sentence(reason) if open_ else lower(reason))
    return {"id": item, "name": name, "reason": sentence(reason), "open": open_, "line": sentence(told)}


def held_groups(items: Sequence[Document]) -> list[Document]:
    """What was left out, by reason: the certain reasons first."""
    groups: dict[str, list[Document]] = {}
    for item in sorted(items, key=lambda item: bool(item["open"])):
        groups.setdefault(str(item["reason"]), []).append(item)
    return [
        {"reason": reason, "open": bool(held[0]["open"]), "names": list(dict.fromkeys(str(x["name"]) for x in held))}
        for reason, held in groups.items()
    ]


def alternatives(plan: Plan, kb: KnowledgeBase) -> list[str]:
    """Names of the other causes for which this plan is kept safe too."""
    return [text(kb, f"family.{family}.name", family.replace("_", " ")) for family in plan.also_safe_for]


def measures(plan: Plan, kb: KnowledgeBase) -> list[Document]:
    """Tests that would decide the stage or open the running, most useful first."""
    lines: list[Document] = []
    for measure in plan.to_measure:
        known = kb.plans.measures.get(measure)
        lines.append(
            {
                "id": str(measure),
                "name": measure_name(kb, measure),
                "ask": text(kb, f"measure.{measure}.ask"),
                "how": text(kb, f"measure.{measure}.how"),
                "pain": text(kb, "plan.measure.pain") if known and known.needs_pain else "",
                "helper": text(kb, "plan.measure.helper") if known and not known.self_test else "",
            }
        )
    return lines


# --- safety net --------------------------------------------------------------------------------------------------
def safety_net(plan: Plan, kb: KnowledgeBase, *, emergency_only: bool = False) -> Document:
    """Call now if, get seen today if, and the stop signs of this plan, most urgent first."""
    blocks = [_net_block(kb, "emergency_if", "red")]
    if not emergency_only:
        blocks.append(_net_block(kb, "today_if", "amber"))
    signs = [] if emergency_only else _signs(plan)
    return {
        "title": text(kb, "plan.net.title"),
        "foot": text(kb, "plan.net.foot"),
        "blocks": blocks,
        "plan_title": text(kb, "plan.net.plan"),
        "signs": [stop_line(kb, rule) for rule in signs],
    }


def _signs(plan: Plan) -> list[StopRule]:
    phases = [plan.current] if plan.current else list(plan.phases)
    rules = {rule.id: rule for phase in phases for rule in phase.stop}
    return sorted(rules.values(), key=lambda rule: -(rule.disposition or Disposition.SELF_CARE))


def _net_block(kb: KnowledgeBase, name: str, level: str) -> Document:
    start = f"safety_net.{name}."
    items = [text(kb, text_id) for text_id in kb.text if text_id.startswith(f"{start}item.")]
    return {"level": level, "title": text(kb, f"{start}title"), "intro": text(kb, f"{start}intro"), "items": items}


def said(kb: KnowledgeBase, messages: Iterable[Message]) -> list[str]:
    """Messages as sentences; those without wording are left out."""
    return [sentence(words) for message in messages if (words := say(message, kb))]
