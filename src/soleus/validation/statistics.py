"""Small-sample statistics for the scorecard."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`hits` of `n` with a 95% Wilson score interval (Wilson 1927; Newcombe 1998, PMID 9595616)."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.n:
            return None
        z = 1.959964
        p = self.hits / self.n
        centre = (p + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * math.sqrt(p * (1 - p) / self.n + z * z / (4 * self.n**2)) / (1 + z * z / self.n)
        return (max(0.0, centre - half), min(1.0, centre + half))

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "no cases"
        low, high = self.interval
        return f"{self.hits}/{self.n} = {100 * self.value:.0f}% ({100 * low:.0f}-{100 * high:.0f})"

    def as_dict(self) -> dict[str, object]:
        return {"hits": self.hits, "n": self.n, "value": self.value, "interval95": self.interval}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Cases whose top probability fell into [low, high): mean stated probability against the share that was right."""

    low: float
    high: float
    n: int
    stated: float
    right: float


def calibration(predictions: Sequence[tuple[float, bool]], edges: Sequence[float]) -> tuple[CalibrationBin, ...]:
    """Reliability table of (stated probability, was it right) pairs."""
    bins = []
    for low, high in itertools.pairwise(edges):
        inside = [(p, hit) for p, hit in predictions if low <= p < high or (high >= 1 and p >= low)]
        if inside:
            bins.append(
                CalibrationBin(
                    low=low,
                    high=high,
                    n=len(inside),
                    stated=sum(p for p, _ in inside) / len(inside),
                    right=sum(hit for _, hit in inside) / len(inside),
                )
            )
    return tuple(bins)


def expected_calibration_error(bins: Sequence[CalibrationBin]) -> float | None:
    """Mean |stated - right| weighted by bin size (Naeini 2015)."""
    n = sum(b.n for b in bins)
    return sum(b.n * abs(b.stated - b.right) for b in bins) / n if n else None


def median(values: Sequence[float]) -> float | None:
    """The middle value."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
