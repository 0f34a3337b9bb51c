"""Running form: cadence, contact time and their like at matched speed and grade."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.core.activity import Array
from soleus.core.training import FormCell
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.clock import Index
from soleus.training.track import Track

FORM_CHANNELS = {
    "cadence_spm": "cadence_spm",
    "contact_time_ms": "contact_time_ms",
    "step_length_m": "step_length_m",
    "vertical_oscillation_m": "vertical_oscillation_m",
    "contact_time_balance_pct": "contact_time_balance_pct",
}
"""Field of `FormCell` → channel."""


def weighted_mean(values: Array | None, weight_s: Array) -> float | None:
    """Σ w·x / Σ w over the readings above zero (a form value of zero is a foot pod that was not running);
    None without any."""
    if values is None:
        return None
    weight = np.where(values > 0.0, weight_s, 0.0)
    total = float(weight.sum())
    if not total > 0.0:
        return None
    return float(np.dot(np.where(weight > 0.0, values, 0.0), weight)) / total


def form_cells(track: Track, knowledge: TrainingKnowledge) -> tuple[FormCell, ...]:
    """Mean form per speed bin (`form.speed_bin_mps`), on segments in motion at grades within ±`form.grade_limit`.

    Weighted by time, so the sampling rate does not matter. Compared between runs only within a bin: all of these
    change with speed and slope (training.md §6; the widths are ours, basis expert). Where height is unknown the
    ground is taken as level. Step length is the channel's, else speed / cadence.
    """
    width = knowledge.value("form.speed_bin_mps")
    level = track.moving & (np.abs(track.grade_ratio) <= knowledge.value("form.grade_limit")) & (track.weight_s > 0.0)
    level &= track.speed_mps <= knowledge.value("clean.max_speed_mps")
    channels = {
        name: values for name, c in FORM_CHANNELS.items() if (values := track.mean(c, positive=True)) is not None
    }
    if not channels or not level.any():
        return ()
    weight = track.weight_s[level]
    index = np.floor(track.speed_mps[level] / width + 1e-9).astype(np.intp)
    first = int(index.min())
    index -= first
    seconds = np.bincount(index, weights=weight)
    means = {name: _means(index, values[level], weight, len(seconds)) for name, values in channels.items()}
    return tuple(
        _cell((first + i + 0.5) * width, s, {name: m[i] for name, m in means.items()})
        for i, s in enumerate(seconds.tolist())
        if s > 0.0 and any(m[i] is not None for m in means.values())
    )


def _means(index: Index, values: Array, weight: Array, bins: int) -> list[float | None]:
    weight = np.where(values > 0.0, weight, 0.0)
    total = np.bincount(index, weights=weight, minlength=bins)
    added = np.bincount(index, weights=np.where(weight > 0.0, values, 0.0) * weight, minlength=bins)
    return [a / t if t > 0.0 else None for a, t in zip(added.tolist(), total.tolist(), strict=True)]


def _cell(speed: float, seconds: float, means: dict[str, float | None]) -> FormCell:
    cadence, step = means.get("cadence_spm"), means.get("step_length_m")
    if step is None and cadence is not None:
        step = speed * 60.0 / cadence
    return FormCell(
        speed_mps=speed,
        seconds=seconds,
        cadence_spm=cadence,
        contact_time_ms=means.get("contact_time_ms"),
        step_length_m=step,
        vertical_oscillation_m=means.get("vertical_oscillation_m"),
        contact_time_balance_pct=means.get("contact_time_balance_pct"),
    )


def matched_difference(
    recent: Sequence[FormCell], baseline: Sequence[FormCell], field: str
) -> tuple[float, float] | None:
    """(difference of a form value, seconds it rests on) between two sets of cells at matched speed; None without a
    shared speed bin.

    Per speed bin the time-weighted mean of either side; then Σ w (recent − baseline) / Σ w with w the smaller of the
    two times in that bin. `field`: a form field of `FormCell`. Weighting is ours (basis expert). Compare only runs of
    one device: a strap and a wrist measure differently (training.md §6).
    """
    ours, theirs = _by_speed(recent, field), _by_speed(baseline, field)
    shared = ours.keys() & theirs.keys()
    weight = {speed: min(ours[speed][1], theirs[speed][1]) for speed in shared}
    total = sum(weight.values())
    if not total > 0.0:
        return None
    return sum(weight[speed] * (ours[speed][0] - theirs[speed][0]) for speed in sorted(shared)) / total, total


def _by_speed(cells: Sequence[FormCell], field: str) -> dict[float, tuple[float, float]]:
    """{speed of the bin: (time-weighted mean, seconds)} over the cells that have the value."""
    sums: dict[float, tuple[float, float]] = {}
    for cell in cells:
        value = getattr(cell, field)
        if value is not None:
            added, seconds = sums.get(cell.speed_mps, (0.0, 0.0))
            sums[cell.speed_mps] = added + value * cell.seconds, seconds + cell.seconds
    return {speed: (added / seconds, seconds) for speed, (added, seconds) in sums.items() if seconds > 0.0}


def cadence_trend(track: Track, knowledge: TrainingKnowledge) -> float | None:
    """Change of cadence over a run in steps/min per hour in motion, at equal speed and on level ground; None when
    there is no cadence, or no time or speed range to tell it apart.

    Least squares of cadence on time and speed over segments within ±`form.grade_limit`, weighted by time. A falling
    cadence at the same speed means longer steps (training.md §6, direction as in lyght2016,
    doi 10.1123/jab.2015-0183).
    """
    cadence = track.mean("cadence_spm", positive=True)
    if cadence is None:
        return None
    clock = np.cumsum(track.moving_s) / 3600.0
    used = track.moving & np.isfinite(cadence) & np.isfinite(track.speed_mps) & (track.weight_s > 0.0)
    used &= np.abs(track.grade_ratio) <= knowledge.value("form.grade_limit")
    weight = track.weight_s[used]
    if not len(weight):
        return None
    total = weight.sum()
    time, speed, steps = (v[used] - np.dot(v[used], weight) / total for v in (clock, track.speed_mps, cadence))
    tt, ss, ts = np.dot(weight, time * time), np.dot(weight, speed * speed), np.dot(weight, time * speed)
    # At one even speed there is nothing to adjust for.
    share = ts / ss if ss > 1e-9 * total else 0.0
    spread = tt - share * ts
    if not spread > 1e-9 * total:
        return None
    return float((np.dot(weight, time * steps) - share * np.dot(weight, speed * steps)) / spread)
