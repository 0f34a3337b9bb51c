"""Where a count lies among people of the same age and sex."""

from __future__ import annotations

from soleus.core.case import Runner, Sex
from soleus.core.gait import Band, HeelRaiseSet
from soleus.core.ids import SourceKey
from soleus.core.measurement import Measurement
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge

NORM_SOURCE = SourceKey("hebertlosier2017")


def norm_reps(runner: Runner, kb: KnowledgeBase) -> float | None:
    """Median single-leg raises of this age and sex (`kb.plans.norm`); None while either is not known.

    Ages below the first band take the first, above the last the last.
    """
    norm = kb.plans.norm
    if norm is None or runner.age_years is None or runner.sex is Sex.UNKNOWN:
        return None
    row = sum(runner.age_years >= low for low, _ in norm.ages[1:])
    return float((norm.male if runner.sex is Sex.MALE else norm.female)[row])


def on_pace(pace_per_min: float | None, gait: GaitKnowledge) -> bool:
    """Whether a pace is that of the test, 30 raises a minute, within the tolerance of a single raise."""
    asked = gait.value("heel_raise.test.metronome_per_min")
    tolerance = gait.value("heel_raise.valid.period_tolerance")
    return pace_per_min is not None and abs(asked / pace_per_min - 1) <= tolerance


def pace_of(item: HeelRaiseSet) -> float | None:
    """Raises a minute as measured; of a single raise, or of a count by hand, as asked for."""
    rate = item.rate_per_min
    return rate.value if isinstance(rate, Measurement) else item.metronome_per_min


def band_of(count: Measurement, norm: float | None, kb: KnowledgeBase) -> tuple[Band, float | None]:
    """(where the count lies, lower edge): the norm ± `heel_raise.norm.day_to_day_reps`.

    A difference that two days of the same person can show is none: below the norm is below its lower edge. UNSURE when
    the count's interval crosses an edge.
    """
    if norm is None:
        return Band.NO_NORM, None
    scatter = kb.gait.value("heel_raise.norm.day_to_day_reps")
    low, high = max(norm - scatter, 0.0), norm + scatter
    places = {Band.BELOW if c < low else Band.ABOVE if c > high else Band.WITHIN for c in (count.low, count.high)}
    return places.pop() if len(places) == 1 else Band.UNSURE, low
