"""One or both legs side by side: symmetry, what it says about the cause, what the plan may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import erf, hypot, sqrt

from soleus.core.case import Runner, Sex
from soleus.core.finding import Finding, Origin
from soleus.core.gait import HeelRaiseReport, HeelRaiseSet
from soleus.core.goals import Measured as PlanMeasure
from soleus.core.ids import FindingId, MeasureId, TextId
from soleus.core.measurement import Grade, Measured, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.gait.heel_raise.cautions import REPS, badly_done, is_other_leg, of_report, was_cut_off
from soleus.gait.heel_raise.norms import NORM_SOURCE, band_of, norm_reps, on_pace, pace_of
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge

RATIO_LOW = FindingId("video_heel_raise_ratio_low")
REPS_MEASURE, SYMMETRY_MEASURE = MeasureId("slhr_reps"), MeasureId("slhr_lsi_pct")
PAIN_MEASURE = MeasureId("slhr_pain_nrs")
NORMAL_95 = 1.96
HEIGHT, DISPLACEMENT, WORK = "height", "displacement", "work"
MANUAL = "manual"
SYMMETRIC_PCT = 100.0
MAX_PCT = 200.0
"""Largest value the plan's measure takes."""


def heel_raise_report(
    sets: Sequence[HeelRaiseSet],
    kb: KnowledgeBase,
    *,
    affected: Side | None = None,
    sex: Sex | None = None,
    age_years: float | None = None,
    observed_on: date | None = None,
    pain_nrs: float | None = None,
    model: str = "",
    manual: bool = False,
) -> HeelRaiseReport:
    """Put the sets together.

    1. Symmetry index = 100 · sore leg / other leg, of repetitions, peak height, displacement and work, each with the
       scatter that the same leg shows from one day to another (hebertlosier2017, byrne2017). Heights alone where the
       legs did not do the same test, and where the film cut the other leg off: its true number would be higher, and
       every other index lower.
    2. The gate value is the lowest of them: repetitions recover long before work does (silbernagel2010,
       doi 10.1007/s00167-009-0889-7). There is none where only the heights can be set side by side: they do
       not tell how long the calf lasts.
    3. Finding `video_heel_raise_ratio_low`: P(the true index is below 80 %), of repetitions or displacement, whichever
       is higher; a likelihood only.
    4. Measures for the plan: what was done as the plan's test asks, on the floor and with the metronome, of a count
       with a range its low end, so that no doubt moves a plan on; pain of the sore leg in any case, so that a test
       that hurt is known even where it could not be counted. A film that looks like the other leg than was told gives
       none.

    `pain_nrs`: worst pain of the sore leg in the test, 0-10. Of two sets of one leg the later one counts.
    """
    runner = Runner(age_years=age_years, sex=sex or Sex.UNKNOWN)
    kept = tuple({item.side: _with_norm(item, runner, kb) for item in sets}.values())
    by_side = {
        item.side: item for item in kept if not (item.refusals or badly_done(item, kb.gait) or is_other_leg(item))
    }
    sore = by_side.get(affected) if affected is not None else None
    other = by_side.get(affected.other) if affected is not None else None
    symmetry = {} if sore is None or other is None else _symmetry(sore, other, kb.gait)
    gate = _gate(symmetry, sore, other)
    alike = _alike(list(by_side.values()), kb.gait)
    return HeelRaiseReport(
        sets=kept,
        manual=manual or (bool(kept) and all(item.stopped_by == MANUAL for item in kept)),
        symmetry_pct=symmetry,
        affected=affected,
        gate_pct=gate,
        findings=_findings(symmetry, kb, observed_on),
        measures=_measures(sore, gate, observed_on, pain_nrs if _tested(kept, affected) else None, kb.gait),
        cautions=tuple(of_report(kept, affected, symmetry, same_test=alike, gait=kb.gait)),
        model=model,
        knowledge_version=kb.version,
    )


def _with_norm(item: HeelRaiseSet, runner: Runner, kb: KnowledgeBase) -> HeelRaiseSet:
    """The norm of the person, where the set does not carry one and was done at the pace of the test."""
    norm = norm_reps(runner, kb)
    if item.norm_reps is not None or norm is None or not isinstance(item.count, Measurement):
        return item
    if not on_pace(pace_of(item), kb.gait):
        return item
    band, low = band_of(item.count, norm, kb)
    return replace(item, norm_reps=norm, norm_low=low, norm_source=NORM_SOURCE, band=band)


def _symmetry(sore: HeelRaiseSet, other: HeelRaiseSet, gait: GaitKnowledge) -> dict[str, Measurement]:
    value = gait.value
    sem = value("heel_raise.error.reps_sem")
    height = value("heel_raise.error.height_cv_pct") / 100
    work = value("heel_raise.error.work_cv_pct") / 100
    pairs = {
        REPS: (sore.count, other.count, None, sem),
        HEIGHT: (sore.peak_height_ratio, other.peak_height_ratio, height, 0.0),
        DISPLACEMENT: (sore.total_displacement_ratio, other.total_displacement_ratio, work, 0.0),
        WORK: (sore.work_index_j, other.work_index_j, work, 0.0),
    }
    if not _alike((sore, other), gait) or was_cut_off(other):
        pairs = {HEIGHT: pairs[HEIGHT]}
    found = {}
    for name, (mine, theirs, relative, absolute) in pairs.items():
        index = _index(mine, theirs, relative, absolute)
        if index is not None:
            found[name] = index
    return found


def _index(mine: Measured, theirs: Measured, relative: float | None, absolute: float) -> Measurement | None:
    """100 · mine / theirs; sd from the scatter of both, as a share (`relative`) or in raises (`absolute`)."""
    if isinstance(mine, Unavailable) or isinstance(theirs, Unavailable) or theirs.value <= 0:
        return None
    index = SYMMETRIC_PCT * mine.value / theirs.value
    if relative is None:
        sd = SYMMETRIC_PCT / theirs.value * hypot(absolute, index / SYMMETRIC_PCT * absolute)
    else:
        sd = index * relative * sqrt(2)
    half = NORMAL_95 * sd
    return Measurement(
        value=index,
        unit="%",
        low=max(index - half, 0.0),
        high=index + half,
        grade=Grade.BANDED,
        count=mine.count + theirs.count,
        spread=sd,
        method=f"{mine.method}; {theirs.method}" if mine.method != theirs.method else mine.method,
    )


def _alike(sets: Sequence[HeelRaiseSet], gait: GaitKnowledge) -> bool:
    """Whether both legs did the same test: the same slope, a pace that differs by little, and counted in the same way.

    By hand nobody leaves out a low raise or one with a bent knee: beside a film such a leg looks better than it is.
    """
    paces = [item.rate_per_min.value for item in sets if isinstance(item.rate_per_min, Measurement)]
    near = not paces or max(paces) / min(paces) - 1 <= gait.value("heel_raise.evidence.same_pace_share")
    return near and len({(item.incline, item.stopped_by == MANUAL) for item in sets}) <= 1


def _tested(sets: Sequence[HeelRaiseSet], affected: Side | None) -> bool:
    """Whether the sore leg did the test, counted or not."""
    return any(item.side is affected for item in sets)


def _gate(
    symmetry: Mapping[str, Measurement], sore: HeelRaiseSet | None, other: HeelRaiseSet | None
) -> Measured | None:
    if REPS in symmetry:
        return min(symmetry.values(), key=lambda index: index.value)
    if sore is None and other is None:
        return None
    return Unavailable(reason=Message(text=TextId("heel_raise.no_value.needs_both_legs")))


def _findings(symmetry: Mapping[str, Measurement], kb: KnowledgeBase, observed_on: date | None) -> tuple[Finding, ...]:
    """Soft evidence that the sore leg does less than 80 % of the other leg's raises at the same height."""
    if RATIO_LOW not in kb.findings:
        return ()
    limit = kb.gait.value("heel_raise.symmetry.low_pct")
    chances = [
        0.5 * (1 + erf((limit - index.value) / (index.spread * sqrt(2))))
        for name, index in symmetry.items()
        if name in (REPS, DISPLACEMENT) and index.spread
    ]
    if not chances:
        return ()
    low, high = kb.gait.value("heel_raise.evidence.clip_low"), kb.gait.value("heel_raise.evidence.clip_high")
    q = min(max(*chances, low), high)
    likelihood = {"true": q, "false": 1 - q}
    return (Finding(id=RATIO_LOW, value=None, origin=Origin.MEASURED, observed_on=observed_on, likelihood=likelihood),)


def _measures(
    sore: HeelRaiseSet | None,
    gate: Measured | None,
    observed_on: date | None,
    pain_nrs: float | None,
    gait: GaitKnowledge,
) -> tuple[PlanMeasure, ...]:
    """`slhr_reps` (on the floor, at the pace of the test), else the pain alone, and `slhr_lsi_pct` (lowest index)."""
    found = []
    if sore is not None and isinstance(sore.count, Measurement) and not sore.incline and on_pace(pace_of(sore), gait):
        found.append(PlanMeasure(measure=REPS_MEASURE, value=sore.count.low, on=observed_on, pain_nrs=pain_nrs))
    elif pain_nrs is not None:
        found.append(PlanMeasure(measure=PAIN_MEASURE, value=pain_nrs, on=observed_on))
    if isinstance(gate, Measurement):
        found.append(PlanMeasure(measure=SYMMETRY_MEASURE, value=min(gate.value, MAX_PCT), on=observed_on))
    return tuple(found)
