"""The whole assessment: evidence → triage → differential → floors → next questions → first advice.

The urgency is the highest of four layers, so none can lower another (invariant I06):

1. the red-flag rules, which never see a probability;
2. the probability floors of dangerous causes (invariant I07);
3. the causes together: when those that would ask for a level or more add up to its share in `SHARES`, that level, at
   most SAME_DAY: anything more urgent must come from a rule or a floor, where its threshold is stated and tested;
4. a medicine taken in a harmful way (an overdose, a bleed): EMERGENCY_NOW.

Watch files and films never lower an urgency: with them in the case, the urgency of the answers alone is the least,
and that of the answers with either of the two; advice is held back when any of these would hold it back.

Safety net, the only place of its kind: a part that raises is replaced by caution. Triage that fails says SAME_DAY;
any other part that fails raises the urgency to at least SAME_DAY ("get seen") and is named in `problems`, and a
failed advice part advises nothing. An assessment never comes back silent and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import TypeVar

from soleus.clinic.evidence import FILMS, FROM_WATCH, added_pieces, answers_alone, case_evidence
from soleus.clinic.interview import suggestions
from soleus.clinic.interview_state import input_hash
from soleus.clinic.soft_evidence import with_pieces
from soleus.core.assessment import (
    Advice,
    Assessment,
    Differential,
    Disposition,
    NextQuestion,
    PosteriorFloor,
    TriageResult,
    WellsScore,
    Withheld,
)
from soleus.core.case import Case
from soleus.core.ids import ConditionId
from soleus.differential import engine_for
from soleus.knowledge.base import KnowledgeBase
from soleus.planning.facts import stated_facts
from soleus.planning.relief import first_advice, urgent_medicine_rules
from soleus.triage import triage

SHARES = ((Disposition.SAME_DAY, 0.2), (Disposition.GP_ROUTINE, 0.25), (Disposition.PHYSIO, 0.4))
"""Causes that ask for at least this urgency, together at least this likely, ask for it (expert choice). More urgent
levels come only from a rule or from a floor with its own stated threshold."""

_FAILED_TRIAGE = TriageResult(
    disposition=Disposition.SAME_DAY,
    rules=(),
    unanswered=(),
    wells=WellsScore(points=0, counted=(), unknown=()),
    failed=True,
)

T = TypeVar("T")


def assess(case: Case, kb: KnowledgeBase, today: date) -> Assessment:
    """The answer to a case under this knowledge; pure, and the same for the same arguments."""
    return assess_beside(case, kb, today, weaker_assessments(case, kb, today))


def weaker_assessments(case: Case, kb: KnowledgeBase, today: date) -> tuple[Assessment, ...]:
    """Of the answers alone and, with both watch files and films in the case, of the answers with either of them; none
    when nothing measured is in the case."""
    alone = answers_alone(case)
    if alone is case:
        return ()
    notes = {piece.note for piece in added_pieces(case)}
    cases = [alone]
    if FROM_WATCH in notes and notes & FILMS:
        cases += [with_pieces(case, (), kb, replacing=kind) for kind in (FILMS, frozenset({FROM_WATCH}))]
    return tuple(assess_beside(each, kb, today) for each in cases)


def assess_beside(case: Case, kb: KnowledgeBase, today: date, weaker: Collection[Assessment] = ()) -> Assessment:
    """`assess`, when the assessments of the same case with less measured evidence are known (`weaker_assessments`)."""
    problems: list[str] = []
    digest = _guarded("input_hash", problems, lambda: input_hash(case, kb), "")
    evidence = _guarded("evidence", problems, lambda: case_evidence(case, today), case.findings)
    urgency = _guarded("triage", problems, lambda: triage(evidence, kb), _FAILED_TRIAGE)
    # Every cause is explained: the summary shows why a dangerous one is unlikely, wherever it ranks.
    differential: Differential | None = _guarded(
        "differential", problems, lambda: engine_for(kb).differential(evidence, explain=len(kb.conditions)), None
    )
    floors = reached_floors(differential, kb)
    facts = stated_facts(dict(case.facts), case.runner)
    age = case.runner.age_years
    medicine_alarm: tuple[str, ...] = _guarded(
        "medicines", problems, lambda: urgent_medicine_rules(evidence, urgency, facts, age, kb), ()
    )
    questions: tuple[NextQuestion, ...] = _guarded(
        "questions", problems, lambda: suggestions(evidence, urgency, kb), ()
    )
    found = max(
        urgency.disposition,
        *(floor.disposition for floor in floors),
        shared_urgency(differential, kb),
        Disposition.EMERGENCY_NOW if medicine_alarm else Disposition.SELF_CARE,
        Disposition.SAME_DAY if problems or urgency.failed else Disposition.SELF_CARE,
    )
    disposition = max(found, *(each.disposition for each in weaker), Disposition.SELF_CARE)
    chances = cautious_posterior(differential, [each.differential for each in weaker])
    advice, withheld = _guarded(
        "advice",
        problems,
        lambda: first_advice(evidence, urgency, chances, facts, age, kb, disposition=disposition),
        _NO_ADVICE,
    )
    return Assessment(
        disposition=max(disposition, Disposition.SAME_DAY) if problems else disposition,
        triage=urgency,
        floors=floors,
        differential=differential,
        next_questions=questions,
        advice=advice,
        withheld=withheld,
        conflicts=case.findings.conflicts,
        knowledge_version=kb.version,
        input_hash=digest,
        assessed_on=today,
        kept_up=disposition > found,
        problems=tuple(problems),
    )


def assess_with(merged: Case, original: Case, before: Assessment, kb: KnowledgeBase, today: date) -> Assessment:
    """`assess(merged)`, when the assessment `before` of the case that it was made from is known."""
    if merged is original:
        return before
    return (
        assess_beside(merged, kb, today, (before,))
        if answers_alone(original) is original
        else assess(merged, kb, today)
    )


_NO_ADVICE: tuple[tuple[Advice, ...], tuple[Withheld, ...]] = ((), ())


def reached_floors(differential: Differential | None, kb: KnowledgeBase) -> tuple[PosteriorFloor, ...]:
    """Every floor whose causes together are likely enough, most urgent first."""
    if differential is None:
        return ()
    reached = []
    for floor in kb.floors:
        probability = sum(differential.probability(condition) for condition in floor.conditions)
        if probability >= floor.threshold:
            reached.append(
                PosteriorFloor(
                    conditions=floor.conditions,
                    probability=probability,
                    threshold=floor.threshold,
                    disposition=floor.disposition,
                )
            )
    return tuple(sorted(reached, key=lambda floor: -floor.disposition))


def shared_urgency(differential: Differential | None, kb: KnowledgeBase) -> Disposition:
    """The highest urgency that the causes asking for at least it reach together, by their share in `SHARES`."""
    if differential is None:
        return Disposition.SELF_CARE
    for level, share in SHARES:
        together = sum(
            cause.probability
            for cause in differential.causes
            if cause.condition in kb.conditions and kb.conditions[cause.condition].urgency >= level
        )
        if together >= share:
            return level
    return Disposition.SELF_CARE


def cautious_posterior(
    differential: Differential | None, weaker: Iterable[Differential | None] = ()
) -> Mapping[ConditionId, float] | None:
    """Chance of each cause; of a cause that measured evidence made less likely, its highest chance with less of it."""
    if differential is None:
        return None
    others = [other for other in weaker if other is not None]
    return {
        cause.condition: max(cause.probability, *(other.probability(cause.condition) for other in others), 0.0)
        for cause in (*differential.causes, *differential.contributors)
    }


def _guarded(part: str, problems: list[str], compute: Callable[[], T], fallback: T) -> T:
    """The documented safety net: a failing part is named and replaced by its cautious fallback."""
    try:
        return compute()
    except Exception:  # noqa: BLE001 - the one documented safety net
        problems.append(part)
        return fallback
