"""Numbers and dates as a runner reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date


def known(value: float | None) -> float | None:
    """The value, or None when it is absent, NaN or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def km(distance_m: float | None) -> float | None:
    """Kilometres to one decimal, as shown everywhere."""
    value = known(distance_m)
    return None if value is None else round(value / 1000, 1)


def minutes(seconds: float | None) -> float | None:
    """Whole minutes."""
    value = known(seconds)
    return None if value is None else float(round(value / 60))


def plain(value: float) -> str:
    """12.0 → "12", 12.34 → "12.3"; from 100 on without decimals."""
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.1f}"


def day(on: date) -> str:
    """3 Nov."""
    return f"{on.day} {on:%b}"


def full_day(on: date) -> str:
    """3 November 2026."""
    return f"{on.day} {on:%B %Y}"


def percent_more(ratio: float) -> str:
    """1.71 → "71 % longer"; 0.9 → "10 % shorter"; 3.2 → "3.2 times as long"."""
    if ratio >= 2:
        return f"{plain(round(ratio, 1))} times as long"
    change = round((ratio - 1) * 100)
    if change == 0:
        return "about as long"
    return f"{abs(change)} % {'longer' if change > 0 else 'shorter'}"


def median(values: Iterable[float]) -> float | None:
    """The middle value; None of none."""
    ranked = sorted(values)
    if not ranked:
        return None
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2


def nice_steps(top: float, most: int = 4) -> list[float]:
    """Round tick values from 0 up to at least `top`, at most `most` + 1 of them."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / most
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= raw - 1e-9)
    count = math.ceil(top / step - 1e-9)
    return [round(step * i, 10) for i in range(count + 1)]
