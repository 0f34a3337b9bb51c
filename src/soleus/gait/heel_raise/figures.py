"""The numbers of a set with their intervals: height, displacement, work index, fatigue, pace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.core.ids import TextId
from soleus.core.measurement import Grade, Measured, Measurement, Unavailable
from soleus.core.message import Message
from soleus.gait.heel_raise import score
from soleus.gait.heel_raise.judge import periods_s
from soleus.gait.heel_raise.parts import Seen, Told

METHOD = "ankle over toe, state machine"
NORMAL_95 = 1.96
MEDIAN_ERROR = 1.2533
"""Standard error of a median / that of a mean, for a normal distribution."""


def rate_of(found: Seen) -> Measured:
    """60 / median time between starts; the interval is that of the median's standard error."""
    reps = found.reps[: found.until] or found.reps
    periods = periods_s(reps)
    if not len(periods):
        return missing("one_raise")
    middle = float(np.median(periods))
    error = MEDIAN_ERROR * float(np.std(periods)) / np.sqrt(len(periods)) + 1 / found.curve.rate_hz
    half = float(min(NORMAL_95 * error, middle / 2))
    return Measurement(
        value=60 / middle,
        unit="raises/min",
        low=60 / (middle + half),
        high=60 / (middle - half),
        grade=Grade.RELIABLE,
        count=len(periods),
        spread=float(np.std(60 / periods)) if len(periods) > 1 else None,
        method=METHOD,
    )


def missing(why: str) -> Unavailable:
    return Unavailable(reason=Message(text=TextId(f"heel_raise.no_value.{why}")))


class Heights:
    """Figures of the repetitions that count. Half intervals: noise of one curve ⊕ error of method and scale.

    The hip is a second witness: with a straight knee it rises as far as the ankle. Where it rises less (or more) in the
    picture, the points of the foot do not sit where they should, and the interval of the heights reaches to what the
    hip says.
    """

    def __init__(self, found: Seen, base: Told) -> None:
        self._found, self._base = found, base
        self._heights = [rep.height for rep in found.counted]
        value = base.gait.value
        self._foot_cm = base.foot_for_limits_cm
        self._sem = NORMAL_95 * value("heel_raise.error.height_sem_cm") / self._foot_cm
        self._cv = NORMAL_95 * value("heel_raise.error.height_cv_pct") / 100
        oblique = found.curve.foot_per_shank < value("heel_raise.error.oblique_foot_per_shank")
        share = found.hip_share if np.isfinite(found.hip_share) else 1.0
        self._less, self._more = max(1 - share, 0.0), max(share - 1, 0.0)
        self._scale = value(f"heel_raise.error.{'oblique_' if oblique else ''}scale_pct") / 100

    def _measurement(self, value: float, half: float, unit: str, *, spread: float | None = None) -> Measurement:
        return Measurement(
            value=value,
            unit=unit,
            low=value - half,
            high=value + half,
            grade=Grade.BANDED,
            count=len(self._heights),
            spread=spread,
            method=METHOD,
        )

    def _height(self, value: float, below: float, above: float) -> Measurement:
        """A height or a sum of heights, its interval widened to the hip's word."""
        low = value - float(np.hypot(below, self._less * value))
        high = value + float(np.hypot(above, self._more * value))
        several = len(self._heights) > 1
        spread = float(np.std(self._heights, ddof=1)) if several else None
        return replace(self._measurement(value, 0.0, "foot lengths", spread=spread), low=max(low, 0.0), high=high)

    def peak(self) -> Measured:
        if not self._heights:
            return missing("none_count")
        half = float(np.hypot(self._found.height_error, self._sem))
        return self._height(max(self._heights), half, half)

    def mean(self) -> Measured:
        if not self._heights:
            return missing("none_count")
        half = float(np.hypot(self._found.height_error / np.sqrt(len(self._heights)), self._sem))
        return self._height(float(np.mean(self._heights)), half, half)

    def displacement(self) -> Measured:
        """Σ P_i; a count that is itself unsure widens the interval by the mean rise of the doubtful ones."""
        if not self._heights:
            return missing("none_count")
        total = score.total_displacement(self._heights)
        mean = total / len(self._heights)
        relative = self._cv * total
        below = float(np.hypot(relative, (len(self._heights) - self._found.low) * mean))
        above = float(np.hypot(relative, (self._found.high - len(self._heights)) * mean))
        return replace(self._height(total, below, above), spread=None)

    def in_cm(self, ratio: Measured) -> Measured:
        """The same in cm, the error of the scale added; needs the foot length."""
        foot = self._base.foot_cm
        if isinstance(ratio, Unavailable):
            return ratio
        if foot is None:
            return missing("no_foot_length")
        value = ratio.value * foot
        scale = self._scale * value
        return replace(
            ratio,
            value=value,
            unit="cm",
            low=max(value - float(np.hypot((ratio.value - ratio.low) * foot, scale)), 0.0),
            high=value + float(np.hypot((ratio.high - ratio.value) * foot, scale)),
            spread=None if ratio.spread is None else ratio.spread * foot,
        )

    def work(self) -> Measured:
        displacement = self.in_cm(self.displacement())
        if isinstance(displacement, Unavailable):
            return displacement
        if self._base.mass_kg is None:
            return missing("no_body_mass")
        work = score.work_index_j(self._base.mass_kg, displacement.value)
        extra = self._base.gait.value("heel_raise.error.mass_pct") / 100
        share = work / displacement.value
        return replace(
            displacement,
            value=work,
            unit="J",
            low=max(work - float(np.hypot((displacement.value - displacement.low) * share, extra * work)), 0.0),
            high=work + float(np.hypot((displacement.high - displacement.value) * share, extra * work)),
        )

    def fatigue(self) -> Measured:
        if len(self._heights) < self._base.gait.value("heel_raise.fatigue.min_raises"):
            return missing("too_few_for_fatigue")
        value = score.fatigue_index_pct(self._heights)
        best = float(np.mean(sorted(self._heights)[-score.BEST :]))
        half = 100 * float(np.sqrt(2 / score.BEST)) * self._found.height_error / best
        return self._measurement(value, half, "%")

    def slope(self) -> Measured:
        if len(self._heights) < self._base.gait.value("heel_raise.fatigue.min_raises"):
            return missing("too_few_for_fatigue")
        first = self._heights[0]
        index = np.arange(len(self._heights))
        error = self._found.height_error / float(np.sqrt(((index - index.mean()) ** 2).sum()))
        return self._measurement(100 * score.height_slope(self._heights) / first, 100 * error / first, "%/raise")

    def power(self) -> Measured:
        """Mean of m · g · P_i / time of the rise."""
        mean = self.in_cm(self.mean())
        if isinstance(mean, Unavailable):
            return mean
        if self._base.mass_kg is None:
            return missing("no_body_mass")
        rate = self._found.curve.rate_hz
        times = [max((rep.peak - rep.start) / rate, 1 / rate) for rep in self._found.counted]
        each = [
            score.work_index_j(self._base.mass_kg, rep.height * self._foot_cm) / t
            for rep, t in zip(self._found.counted, times, strict=True)
        ]
        value = float(np.mean(each))
        share = max(mean.value - mean.low, mean.high - mean.value) / mean.value
        spread = float(np.std(each, ddof=1)) if len(each) > 1 else None
        return self._measurement(value, value * share, "W", spread=spread)

    def velocity(self) -> Measured:
        """Fastest rise of a repetition that counts, foot lengths per second."""
        if not self._heights:
            return missing("none_count")
        curve = self._found.curve
        speed = np.gradient(curve.ankle) * curve.rate_hz
        value = float(max(np.nanmax(speed[rep.start : rep.peak + 1]) for rep in self._found.counted))
        return self._measurement(value, value * self._cv, "foot lengths/s")
