"""What films, the heel-raise test and foot checks moved, in the runner's words: in the result and in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from soleus.clinic.film_evidence import Answers, chosen_option
from soleus.clinic.soft_evidence import Effect
from soleus.core.expression import Truth
from soleus.core.finding import FindingConflict
from soleus.core.ids import ExerciseId
from soleus.core.plan import CriterionState, Plan, PlanStatus
from soleus.exports.plan_wording import (
    criterion_words,
    exercise_name,
    family_name,
    known_words,
    lower,
    sentence,
    withheld_reason,
)
from soleus.exports.training_json import plain
from soleus.exports.training_wording import moved_sentence
from soleus.exports.wording import clinical_soft, in_hundred, measured_statement, statement, text
from soleus.knowledge.base import KnowledgeBase

DAYS_PER_WEEK = 7
LATER = "contraindication:run_gate_not_passed"


def effect_sentences(effect: Effect, kb: KnowledgeBase, *, most: int = 5, clinical: bool = False) -> list[str]:
    """What was seen, what it moved, where it disagrees with an answer, and that no urgency falls."""
    if not effect.added:
        return [text(kb, "film.evidence.nothing")]
    seen = [clinical_soft(kb, piece) if clinical else measured_statement(kb, piece) for piece in effect.added]
    told = [moved for moved in effect.moved if in_hundred(moved.before) != in_hundred(moved.after)]
    lines = [moved_sentence(kb, moved, clinical=clinical) for moved in told[:most]]
    lines = lines or [text(kb, "film.evidence.unmoved")]
    lines += [conflict_sentence(kb, conflict) for conflict in effect.conflicts]
    return [*seen, *lines, text(kb, "film.evidence.cause"), text(kb, "film.evidence.urgency")]


def conflict_sentence(kb: KnowledgeBase, conflict: FindingConflict) -> str:
    """You said …, but something else was measured."""
    said = statement(kb, conflict.kept.id, conflict.kept.value)
    return text(kb, "film.evidence.conflict", said=said, seen=measured_statement(kb, conflict.overruled))


def effect_json(effect: Effect, kb: KnowledgeBase) -> dict[str, Any]:
    """What films and tests moved, with the sentences shown to the runner."""
    return {
        "disposition": {"before": effect.before.disposition.slug, "after": effect.after.disposition.slug},
        "added": [plain(finding) for finding in effect.added],
        "moved": [
            {
                "condition": moved.condition,
                "kind": "contributor" if moved.contributor else "cause",
                "before": round(moved.before, 6),
                "after": round(moved.after, 6),
                "because": list(moved.because),
                "sentence": moved_sentence(kb, moved),
            }
            for moved in effect.moved
        ],
        "sentences": effect_sentences(effect, kb),
    }


# --- foot checks -------------------------------------------------------------------------------------------------


def foot_check_sentences(answers: Answers, kb: KnowledgeBase) -> list[str]:
    """Each check with what was answered and how far to trust it, then the advice it points to, each once."""
    lines: list[str] = []
    care: dict[str, None] = {}
    for name, check in kb.gait.foot_checks.items():
        option = chosen_option(check, answers[name]) if name in answers else None
        if option is None:
            continue
        said = text(kb, f"foot_check.{name}.{option.id}", option.id.replace("_", " "))
        line = text(kb, "film.foot_check", check=text(kb, f"foot_check.{name}", name), said=lower(said))
        lines.append(f"{line} {text(kb, f'foot_check.{name}.reliability')}")
        care |= dict.fromkeys(option.care)
    for item in care:
        title, how = (text(kb, f"advice.{item}.{part}") for part in ("title", "how"))
        lines.append(f"{sentence(title)} {how}")
    return lines


# --- the plan ----------------------------------------------------------------------------------------------------


def plan_changes(before: Plan, after: Plan, kb: KnowledgeBase) -> list[str]:
    """What differs between the plan without films and tests and the plan with them, weightiest first."""
    start = "film.plan"
    if before.status is not after.status:
        word = "opened" if after.status is PlanStatus.DRAFT else "locked"
        return [text(kb, f"{start}.{word}")]
    if after.status is not PlanStatus.DRAFT:
        return [text(kb, f"{start}.closed")]
    lines = []
    if after.family is not None and after.family != before.family:
        lines.append(text(kb, f"{start}.family", family=lower(family_name(kb, after.family))))
    lines += _place(before, after, kb)
    lines += _steps(before, after, kb)
    lines += _named(_exercises(before), _exercises(after), "exercise", kb)
    lines += _named(_care(before), _care(after), "care", kb)
    lines += _held(before, after, kb)
    lines += _times(before, after, kb)
    return lines or [text(kb, f"{start}.same")]


def _place(before: Plan, after: Plan, kb: KnowledgeBase) -> Iterator[str]:
    """The stage the runner is in, and whether running is open."""
    was, now = before.current, after.current
    if now is not None and (was is None or was.id != now.id):
        name = text(kb, f"phase.{now.text}.name", now.text)
        yield text(kb, "film.plan.stage", number=str(now.number), name=lower(name))
    if before.running is not None and after.running is not None and before.running.open != after.running.open:
        yield text(kb, f"film.plan.running_{'open' if after.running.open else 'closed'}")


def _steps(before: Plan, after: Plan, kb: KnowledgeBase) -> Iterator[str]:
    """Criteria that the test settled: of each measure the nearest that is met and the nearest that is not."""
    known = {words: state.truth for words, state in _criteria(before, kb)}
    told: set[tuple[str, Truth]] = set()
    for words, state in _criteria(after, kb):
        key = (state.criterion.measure, state.truth)
        if key in told or state.truth is Truth.UNKNOWN or state.truth is known.get(words, Truth.UNKNOWN):
            continue
        told.add(key)
        now = known_words(kb, state)
        said = f"{lower(words)} ({now})" if now else lower(words)
        yield text(kb, f"film.plan.{'met' if state.truth is Truth.TRUE else 'not_met'}", test=said)


def _criteria(plan: Plan, kb: KnowledgeBase) -> Iterator[tuple[str, CriterionState]]:
    states: list[CriterionState] = [] if plan.running is None else [*plan.running.gate_state]
    for phase in plan.phases:
        states += (*phase.advance, *phase.entry)
    for state in states:
        yield criterion_words(kb, state), state


def _exercises(plan: Plan) -> dict[str, None]:
    return dict.fromkeys(item.exercise for phase in plan.phases for item in phase.prescriptions)


def _care(plan: Plan) -> dict[str, None]:
    return dict.fromkeys(item.advice.id for item in (*plan.technique, *plan.care))


def _named(before: Iterable[str], after: Iterable[str], kind: str, kb: KnowledgeBase) -> Iterator[str]:
    was, now = list(before), list(after)
    for name in now:
        if name not in was:
            yield text(kb, f"film.plan.{kind}_in", item=_item(name, kind, kb))
    for name in was:
        if name not in now:
            drill = kb.plans.exercises.get(ExerciseId(name)) if kind == "exercise" else None
            word = f"{kind}_out" if drill is None or drill.film is None else "pointless"
            yield text(kb, f"film.plan.{word}", item=_item(name, kind, kb))


def _item(name: str, kind: str, kb: KnowledgeBase) -> str:
    named = exercise_name(kb, name) if kind == "exercise" else text(kb, f"advice.{name}.title", name)
    return lower(named.rstrip("."))


def _held(before: Plan, after: Plan, kb: KnowledgeBase) -> Iterator[str]:
    """What the film asks for and the plan holds back, with the reason."""
    was = {item.id for item in before.care_withheld}
    for item in after.care_withheld:
        if item.id in was:
            continue
        title = _item(item.id, "care", kb)
        if set(item.because) == {LATER}:
            yield text(kb, "film.plan.later", item=title)
        else:
            reason, _ = withheld_reason(kb, item.because)
            yield text(kb, "film.plan.held", item=title, reason=sentence(reason))


def _times(before: Plan, after: Plan, kb: KnowledgeBase) -> Iterator[str]:
    was = {item.milestone: round(item.median_days / DAYS_PER_WEEK) for item in before.forecasts}
    for item in after.forecasts:
        weeks = round(item.median_days / DAYS_PER_WEEK)
        if item.milestone in was and weeks != was[item.milestone]:
            name = text(kb, f"plan.forecast.{item.milestone}", item.milestone.replace("_", " ").capitalize())
            yield text(kb, "film.plan.time", milestone=name, before=str(was[item.milestone]), after=str(weeks))
