"""Running form: cadence, contact time and their like at matched speed and grade."""

from __future__ import annotations

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
    level &= np.isfinite(track.speed_mps)
    channels = {name: values for name, c in FORM_CHANNELS.items() if (values := track.mean(c)) is not None}
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
