"""The scorecard: triage per level, safety, differential, calibration; each figure with its 95% interval.

Under-triage and over-triage are never averaged away against each other: an emergency sent home is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from soleus.clinic import assess
from soleus.core.assessment import Assessment, Disposition
from soleus.core.ids import ConditionId
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.cases import Convention, PublishedCase
from soleus.validation.interviewee import simulate_interview
from soleus.validation.statistics import (
    CalibrationBin,
    Share,
    calibration,
    expected_calibration_error,
    median,
)

RICH = 3
"""Cases from this richness on tell enough to be judged on the differential."""
_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the product said for one case."""

    case: PublishedCase
    disposition: Disposition
    ranking: tuple[tuple[ConditionId, float], ...]
    fired: tuple[str, ...]
    questions: int | None
    failed: bool

    @property
    def rank(self) -> int | None:
        """1-based rank of the truth (or an acceptable answer)."""
        for place, (condition, _) in enumerate(self.ranking, start=1):
            if condition in self.case.accepted:
                return place
        return None

    @property
    def safe(self) -> bool:
        return self.disposition >= min(self.case.acceptable)

    @property
    def over(self) -> bool:
        return self.disposition > max(self.case.acceptable)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """Triage of the cases of one correct urgency."""

    urgency: Disposition
    n: int
    exact: Share
    under_strict: Share
    over_strict: Share
    under_accepted: Share
    over_accepted: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """All figures of one run."""

    outcomes: tuple[Outcome, ...]
    levels: tuple[LevelRow, ...]
    safe: Share
    emergencies_missed: tuple[Outcome, ...]
    benign_over: Share
    exact: Share
    top1: Share
    top3: Share
    top1_rich: Share
    top3_rich: Share
    brier_top: float | None
    brier_all: float | None
    bins: tuple[CalibrationBin, ...]
    calibration_error: float | None
    coverage: Share
    median_questions: float | None
    max_questions: int | None


def run(
    cases: Sequence[PublishedCase],
    kb: KnowledgeBase,
    today: date,
    *,
    history_only: bool = False,
    interview: bool = False,
    convention: Convention = Convention.SCREEN_NO,
) -> Scorecard:
    """Assess every case and score the answers."""
    outcomes = []
    for published in cases:
        questions = None
        case = published.case(kb, history_only=history_only, convention=convention)
        if interview:
            case, questions = simulate_interview(published, kb, today, history_only=history_only)
        outcomes.append(_outcome(published, assess(case, kb, today), questions))
    return score(outcomes)


def _outcome(published: PublishedCase, assessment: Assessment, questions: int | None) -> Outcome:
    causes = assessment.differential.causes if assessment.differential else ()
    return Outcome(
        case=published,
        disposition=assessment.disposition,
        ranking=tuple((cause.condition, cause.probability) for cause in causes),
        fired=tuple(rule.id for rule in assessment.triage.fired),
        questions=questions,
        failed=bool(assessment.problems),
    )


def score(outcomes: Sequence[Outcome]) -> Scorecard:
    """Figures from outcomes."""
    levels = []
    for urgency in Disposition:
        group = [o for o in outcomes if o.case.urgency is urgency]
        if group:
            levels.append(_level(urgency, group))
    emergencies = [o for o in outcomes if o.case.urgency >= Disposition.EMERGENCY_NOW]
    benign = [o for o in outcomes if o.case.urgency <= Disposition.PHYSIO]
    ranked = [o for o in outcomes if o.ranking]
    rich = [o for o in ranked if o.case.richness >= RICH]
    top = [(o.ranking[0][1], o.rank == 1) for o in ranked]
    bins = calibration(top, _EDGES)
    asked = [o.questions for o in outcomes if o.questions is not None]
    return Scorecard(
        outcomes=tuple(outcomes),
        levels=tuple(levels),
        safe=_share(outcomes, lambda o: o.safe),
        emergencies_missed=tuple(o for o in emergencies if not o.safe),
        benign_over=_share(benign, lambda o: o.disposition >= Disposition.SAME_DAY),
        exact=_share(outcomes, lambda o: o.disposition is o.case.urgency),
        top1=_share(ranked, lambda o: o.rank == 1),
        top3=_share(ranked, lambda o: (o.rank or 99) <= 3),
        top1_rich=_share(rich, lambda o: o.rank == 1),
        top3_rich=_share(rich, lambda o: (o.rank or 99) <= 3),
        brier_top=sum((p - hit) ** 2 for p, hit in top) / len(top) if top else None,
        brier_all=sum(_brier(o) for o in ranked) / len(ranked) if ranked else None,
        bins=bins,
        calibration_error=expected_calibration_error(bins),
        coverage=_share(outcomes, lambda o: bool(o.ranking) and not o.failed),
        median_questions=median(asked),
        max_questions=max(asked, default=None),
    )


def _level(urgency: Disposition, group: Sequence[Outcome]) -> LevelRow:
    return LevelRow(
        urgency=urgency,
        n=len(group),
        exact=_share(group, lambda o: o.disposition is urgency),
        under_strict=_share(group, lambda o: o.disposition < urgency),
        over_strict=_share(group, lambda o: o.disposition > urgency),
        under_accepted=_share(group, lambda o: not o.safe),
        over_accepted=_share(group, lambda o: o.over),
    )


def _brier(outcome: Outcome) -> float:
    """Multi-class Brier score (0 best, 2 worst), all acceptable answers pooled into one class."""
    accepted = sum(p for c, p in outcome.ranking if c in outcome.case.accepted)
    rest = sum(p * p for c, p in outcome.ranking if c not in outcome.case.accepted)
    return (1 - accepted) ** 2 + rest


def _share(group: Sequence[Outcome], test: Callable[[Outcome], bool]) -> Share:
    return Share(hits=sum(map(test, group)), n=len(group))
