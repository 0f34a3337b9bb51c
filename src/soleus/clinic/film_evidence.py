"""What a film of the run, the heel-raise test and the foot checks add to a case and a plan, and how much they move.

The rules are those of `soft_evidence`: nothing here has a value, so triage never reads a film; the pieces stay apart;
no urgency falls and no advice is released. Only a report without refusals speaks. What a film shows for certain is told
to the plan apart from the likelihoods (`filmed`): advice on the way of running asks for it and for nothing less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import erf, sqrt

from soleus.clinic.assess import assess, assess_with
from soleus.clinic.evidence import FILMS, FROM_FILM, FROM_FOOT_CHECK, FROM_HEEL_RAISE
from soleus.clinic.soft_evidence import NO_LEAN, Effect, conflicts_of, lean_of, moved_causes, usable_pieces, with_pieces
from soleus.core.case import Case
from soleus.core.finding import Finding, Origin
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet
from soleus.core.goals import Goals
from soleus.core.ids import FindingId, TextId
from soleus.core.measurement import Measurement
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import CheckOption, FootCheck

RATIO_LOW = FindingId("video_heel_raise_ratio_low")
FEW_RAISES = FindingId("video_heel_raise_below_norm")
DOUBTS = frozenset({TextId("heel_raise.caution.badly_done"), TextId("heel_raise.caution.side_differs")})
"""Cautions of a report that make a set no evidence: bad form from the start, or it looks like the other leg."""
USUAL = "usual"
UNKNOWN_ARCH = "unknown"

Answers = Mapping[str, str | float]
"""Foot check → the option chosen, or the number measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Films:
    """Everything of one runner that was filmed or self-tested; every part may be missing."""

    gait: GaitReport | None = None
    heel_raise: HeelRaiseReport | None = None
    foot_checks: Answers = field(default_factory=dict)


def with_films(
    case: Case,
    gait: GaitReport | None,
    heel_raise: HeelRaiseReport | None,
    kb: KnowledgeBase,
    *,
    foot_checks: Answers | None = None,
) -> Case:
    """The case with the soft findings of films and tests; adding the same twice equals once.

    They replace those added earlier (None takes them out again); what watch files added stays.
    """
    films = Films(gait=gait, heel_raise=heel_raise, foot_checks=foot_checks or {})
    return with_pieces(case, film_findings(films, kb), kb, replacing=FILMS)


def compare_films(
    case: Case,
    gait: GaitReport | None,
    heel_raise: HeelRaiseReport | None,
    kb: KnowledgeBase,
    today: date,
    *,
    foot_checks: Answers | None = None,
) -> Effect:
    """The assessment without and with films and tests, and what they moved; watch files are in both."""
    merged = with_films(case, gait, heel_raise, kb, foot_checks=foot_checks)
    original = with_films(merged, None, None, kb)
    before = assess(original, kb, today)
    after = assess_with(merged, original, before, kb, today)
    return Effect(
        before=before,
        after=after,
        moved=moved_causes(before, after, FILMS),
        added=film_findings(Films(gait=gait, heel_raise=heel_raise, foot_checks=foot_checks or {}), kb),
        conflicts=conflicts_of(merged, FILMS),
    )


def film_findings(films: Films, kb: KnowledgeBase) -> tuple[Finding, ...]:
    """The pieces of evidence of all films and tests, by kind; at most one per kind and finding."""
    gait = films.gait.findings if films.gait is not None and not films.gait.refusals else ()
    heel = films.heel_raise
    raises = () if heel is None else (*heel.findings, *_few_raises(heel, kb))
    return (
        *usable_pieces(gait, kb, measured_by="video", note=FROM_FILM),
        *usable_pieces(raises, kb, measured_by="video", note=FROM_HEEL_RAISE),
        *usable_pieces(_checked(films.foot_checks, kb), kb, measured_by="video", note=FROM_FOOT_CHECK),
    )


def filmed(gait: GaitReport | None, kb: KnowledgeBase) -> frozenset[FindingId]:
    """The findings that a film shows for certain: those of its observations. A refused film shows none."""
    if gait is None or gait.refusals:
        return frozenset()
    known = kb.gait.observations
    seen = (known[item.id].finding for item in gait.observations if item.id in known)
    return frozenset(finding for finding in seen if finding is not None)


def ruled_out(gait: GaitReport | None, kb: KnowledgeBase) -> frozenset[FindingId]:
    """The findings that a film shows for certain to be absent.

    From the likelihood q of a finding and the lean l of the observation that speaks against it, the share behind it is
    p = 0.5 + (q − 0.5) / 2l; absent = p at most `film.absent_share`. Of several observations for one finding the
    widest lean counts, so that the bar is the hardest.
    """
    if gait is None or gait.refusals:
        return frozenset()
    most = kb.gait.value("film.absent_share")
    leans: dict[FindingId, float] = {}
    for item in kb.gait.observations.values():
        if item.finding is not None and item.speaks_against:
            leans[item.finding] = max(item.lean, leans.get(item.finding, 0.0))
    return frozenset(
        piece.id
        for piece in usable_pieces(gait.findings, kb, measured_by="video", note=FROM_FILM)
        if piece.id in leans
        and NO_LEAN + ((lean_of(piece.likelihood or {}) or 0.0) - NO_LEAN) / (2 * leans[piece.id]) <= most
    )


def with_tests(goals: Goals, films: Films, kb: KnowledgeBase) -> Goals:
    """The goals with what the plan's criteria and shoe advice read of films and tests.

    The heel-raise measures stand beside what the runner gave (the newest counts, as ever); a stated arch stays, and a
    foot check tells it only where nothing was stated.
    """
    heel = films.heel_raise
    measures = goals.measures
    if heel is not None:
        measures += tuple(item for item in heel.measures if item not in measures)
    arch = arch_of(films.foot_checks, kb) if goals.arch == UNKNOWN_ARCH else goals.arch
    return goals if (measures, arch) == (goals.measures, goals.arch) else replace(goals, measures=measures, arch=arch)


# --- foot checks ---------------------------------------------------------------------------------------------------


def chosen_option(check: FootCheck, answer: str | float) -> CheckOption | None:
    """The option that an answer stands for: itself, or the band its number falls into; None = no such answer."""
    options = {option.id: option for option in check.options}
    if isinstance(answer, str):
        return options.get(answer)
    if check.low is None or check.high is None or not check.low <= answer <= check.high:
        return None
    return next((options.get(name) for limit, name in check.cuts if answer < limit), None)


def arch_of(answers: Answers, kb: KnowledgeBase) -> str:
    """flat | high | usual by the foot checks; "unknown" when none tells, or when two disagree."""
    told = {option.arch for option in _options(answers, kb) if option.arch}
    return told.pop() if len(told) == 1 else UNKNOWN_ARCH


def _options(answers: Answers, kb: KnowledgeBase) -> tuple[CheckOption, ...]:
    known = kb.gait.foot_checks
    chosen = (chosen_option(known[name], answer) for name, answer in sorted(answers.items()) if name in known)
    return tuple(option for option in chosen if option is not None)


def _checked(answers: Answers, kb: KnowledgeBase) -> tuple[Finding, ...]:
    """Soft findings of foot checks. Several checks of one foot are no independent witnesses: the strongest counts."""
    return tuple(
        _soft(option.finding, NO_LEAN + option.lean)
        for option in _options(answers, kb)
        if option.finding is not None and option.lean > 0
    )


# --- heel raises ---------------------------------------------------------------------------------------------------


def _few_raises(report: HeelRaiseReport, kb: KnowledgeBase) -> tuple[Finding, ...]:
    """Soft evidence that the sore leg does fewer raises than people of that age and sex.

    P(the true count lies below `norm_low`) with the day-to-day scatter `heel_raise.error.reps_sem` around what was
    counted, clipped; `norm_low` is already the median less what a good or bad day explains (hebertlosier2017). The same
    raises also make up the ratio of the legs, so where both say the same they are one witness, and the ratio, which
    needs no norm, speaks alone.
    """
    sore = _sore(report)
    if sore is None or sore.norm_low is None or not isinstance(sore.count, Measurement):
        return ()
    value = kb.gait.value
    spread = max(value("heel_raise.error.reps_sem"), (sore.count.high - sore.count.low) / 4)
    share = 0.5 * (1 + erf((sore.norm_low - sore.count.value) / (spread * sqrt(2))))
    ratio = next((lean_of(finding.likelihood or {}) for finding in report.findings if finding.id == RATIO_LOW), None)
    if ratio is not None and (ratio - NO_LEAN) * (share - NO_LEAN) > 0:
        return ()
    low, high = value("heel_raise.evidence.clip_low"), value("heel_raise.evidence.clip_high")
    return (_soft(FEW_RAISES, min(max(share, low), high)),)


def _sore(report: HeelRaiseReport) -> HeelRaiseSet | None:
    """The set of the sore leg; nothing where nobody said which that is, and where the report doubts the set itself."""
    doubted = {message.params.get("side") for message in report.cautions if message.text in DOUBTS}
    mine = (item for item in report.sets if item.side is report.affected and item.side.value not in doubted)
    return next((item for item in mine if not item.refusals), None)


def _soft(finding: FindingId, lean: float) -> Finding:
    return Finding(id=finding, value=None, origin=Origin.MEASURED, likelihood={"true": lean, "false": 1 - lean})
