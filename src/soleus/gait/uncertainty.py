"""From values of single steps to a number with its honest error."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import t as student

from soleus.core.measurement import Measurement
from soleus.knowledge.gait_base import MetricDefinition

_MAD_TO_SD = 1.4826
"""Of a normal distribution."""
_MEDIAN_PER_MEAN = 1.2533
"""Standard error of a median over that of a mean, normal distribution: √(π/2)."""
NORMAL_95 = 1.959964


def quantisation_s(fps: float) -> float:
    """Standard deviation of one contact time read off whole pictures: (1/fps)/√6 (two uniform errors)."""
    return 1 / fps / math.sqrt(6)


def robust_sd(values: Sequence[float]) -> float:
    """1.4826 · median absolute deviation."""
    array = np.asarray(values, dtype=np.float64)
    return float(_MAD_TO_SD * np.median(np.abs(array - np.median(array))))


def error_half_width(definition: MetricDefinition, fps: float) -> float | None:
    """Half of the 95 % interval of the method at this capture rate; None below the first row (not to be measured)."""
    reached = [row.half_width for row in definition.error if row.from_fps <= fps]
    return reached[-1] if reached else None


def scatter_half_width(values: Sequence[float]) -> float:
    """Half of the 95 % interval of the median for the scatter between steps: t(n − 1) · 1.2533 · SD / √n."""
    n = len(values)
    if n < 2:
        return 0.0
    return float(student.ppf(0.975, n - 1)) * _MEDIAN_PER_MEAN * robust_sd(values) / math.sqrt(n)


def measured(
    values: Sequence[float], definition: MetricDefinition, systematic: float, *, method: str = ""
) -> Measurement:
    """Median of the steps; interval: median ± √(scatter² + systematic²).

    scatter: `scatter_half_width`; systematic: half of the 95 % interval of what more steps do not remove
    (`error_half_width`). The two are independent, so their squares add. `spread`: 1.4826 · MAD between steps.
    """
    middle = float(np.median(values))
    half = math.hypot(scatter_half_width(values), systematic)
    return Measurement(
        value=middle,
        unit=definition.unit,
        low=middle - half,
        high=middle + half,
        grade=definition.grade,
        count=len(values),
        spread=robust_sd(values) if len(values) > 1 else None,
        method=method,
    )


def share_above(measurement: Measurement, limit: float) -> float:
    """P(true value > limit), normal error, SD = half of the interval / 1.96."""
    sd = max((measurement.high - measurement.low) / 2 / NORMAL_95, 1e-12)
    return 0.5 * math.erfc((limit - measurement.value) / sd / math.sqrt(2))


def share_below(measurement: Measurement, limit: float) -> float:
    """P(true value < limit)."""
    return 1 - share_above(measurement, limit)
