"""Steps by speed and grade: what the calf-load model needs of a run."""

from __future__ import annotations

import numpy as np

from soleus.core.activity import Array
from soleus.core.training import LoadCell
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.clock import Index, Mask
from soleus.training.track import Track

SPEED_STEP_MPS = 0.1
"""Width of a cell: numerical resolution; within it the modelled force changes by about one per cent."""
GRADE_STEP = 0.01
"""Height of a cell outside the free grade: numerical resolution."""
SECONDS_PER_MINUTE = 60.0


def fallback_cadence(speed_mps: Array, knowledge: TrainingKnowledge) -> Array:
    """Steps of both feet per minute expected at a speed, (T,) → (T,), for runs without cadence.

    clip(`cadence.fallback_base` + `cadence.fallback_slope` · v, `cadence.fallback_min`, `cadence.fallback_max`): a
    line through three published points, low confidence (training.yaml, metrics.steps; basis expert).
    """
    line = knowledge.value("cadence.fallback_base") + knowledge.value("cadence.fallback_slope") * speed_mps
    return np.clip(line, knowledge.value("cadence.fallback_min"), knowledge.value("cadence.fallback_max"))


def step_rate(track: Track, knowledge: TrainingKnowledge) -> tuple[Array, Mask]:
    """((S,) steps per minute of segments in motion, (S,) whether measured).

    Where cadence is missing: the run's own mean when it was measured for at least half of the time in motion, else
    `fallback_cadence` at the segment's speed.
    """
    cadence = track.mean("cadence_spm")
    known = track.moving & np.isfinite(track.speed_mps) if cadence is None else track.moving & np.isfinite(cadence)
    seconds = track.moving_s
    if cadence is not None and known.all():
        return cadence, known
    measured = known if cadence is not None else np.zeros_like(known)
    covered = float(seconds[measured].sum())
    speed = np.where(np.isfinite(track.speed_mps), track.speed_mps, 0.0)
    if cadence is not None and covered > 0.0 and 2 * covered >= float(seconds.sum()):
        mean = float(np.dot(cadence[measured], seconds[measured])) / covered
        return np.where(measured, cadence, mean), measured
    expected = fallback_cadence(speed, knowledge)
    return (expected if cadence is None else np.where(measured, cadence, expected)), measured


def load_cells(track: Track, rate_spm: Array, knowledge: TrainingKnowledge) -> tuple[LoadCell, ...]:
    """Steps of one leg by 0.1 m/s of speed and, outside ±`calf.grade_free`, by 1 % of grade; inside, one cell.

    `rate_spm`: (S,) of `step_rate`. Speed, grade, step length (= speed · 60 / rate) and contact time of a cell are
    means over its steps. Segments standing still have no steps that load the calf.
    """
    steps = rate_spm * track.moving_s / (2 * SECONDS_PER_MINUTE)
    used = (steps > 0.0) & np.isfinite(track.speed_mps)
    if not used.any():
        return ()
    speed = np.minimum(track.speed_mps[used], knowledge.value("clean.max_speed_mps"))
    steps, grade = steps[used], track.grade_ratio[used]
    free = knowledge.value("calf.grade_free")
    clip = knowledge.value("elevation.grade_clip")
    middle = int(np.ceil(clip / GRADE_STEP)) + 1
    width = 2 * middle + 1
    row = np.where(np.abs(grade) <= free, 0, np.rint(grade / GRADE_STEP)).astype(np.intp) + middle
    index = np.floor(speed / SPEED_STEP_MPS + 1e-9).astype(np.intp) * width + row
    total = np.bincount(index, weights=steps)
    keys = np.flatnonzero(total)
    count = total[keys]
    mean_speed = np.bincount(index, weights=steps * speed)[keys] / count
    mean_grade = np.bincount(index, weights=steps * grade)[keys] / count
    length = np.bincount(index, weights=speed * track.active_s[used])[keys] / (2 * count)
    contact = _contact(track, used, index, steps, keys)
    rows = zip(mean_speed.tolist(), mean_grade.tolist(), count.tolist(), length.tolist(), contact, strict=True)
    return tuple(
        LoadCell(speed_mps=v, grade_ratio=g, steps=n, step_length_m=s, contact_time_ms=c) for v, g, n, s, c in rows
    )


def _contact(track: Track, used: Mask, index: Index, steps: Array, keys: Index) -> list[float | None]:
    values = track.mean("contact_time_ms", positive=True)
    if values is None:
        return [None] * len(keys)
    values = values[used]
    weight = np.where(values > 0.0, steps, 0.0)
    total = np.bincount(index, weights=weight)[keys]
    added = np.bincount(index, weights=weight * np.where(weight > 0.0, values, 0.0))[keys]
    return [a / t if t > 0.0 else None for a, t in zip(added.tolist(), total.tolist(), strict=True)]
