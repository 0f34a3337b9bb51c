"""Contact methods against a force plate: the example strides published with FootNet (Rivadulla 2021).

54 strides of one runner at about 4.7 m/s on an instrumented treadmill, both legs in runs of 27 strides that follow on
one another: positions at 200 Hz, vertical force at 2000 Hz (doi 10.1371/journal.pone.0248608). The data are other
people's and not part of Soleus: the study reads them where they lie. What they are not: a film, more than one runner,
heel and toe of a pose network (here: ends of the foot segment, the front one near the ball of the foot), or hips (built
from the knee angle, so what the hip-based methods score here is only a hint).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.io import loadmat
from scipy.signal import lfilter

from soleus.core.measurement import Side
from soleus.core.recording import Floats
from soleus.core.view import Facing
from soleus.gait.events.base import Contact
from soleus.gait.motion import NEAR, LegTrack, Motion, PictureFrame
from soleus.gait.smoothing import cutoff_hz, even_grid, smooth
from soleus.knowledge.gait_base import GaitKnowledge

POINTS_HZ = 200.0
FORCE_HZ = 2000.0
FORCE_ON_N = 50.0
"""Contact is where the vertical force exceeds this: the truth."""
MATCH_S = 0.12
THIGH_PER_SHANK = 1.0
"""Segment lengths 0.245 and 0.246 of the height (Winter's table, from memory)."""
_PARTS = {"heel": "foot_prox", "toe": "foot_dist", "ankle": "tib_dist", "knee": "tib_prox"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ForceLeg:
    """One leg of the data: an unbroken run of strides with their true contacts."""

    side: Side
    times_s: Floats
    """(N,) at 200 Hz."""
    points_m: Mapping[str, Floats]
    """hip, knee, ankle, heel, toe → (N, 2) x forward, y up, metres."""
    contacts: tuple[Contact, ...]
    """Where the vertical force crosses 50 N, between its samples."""

    @property
    def leg_length_m(self) -> float:
        thigh = np.hypot(*(self.points_m["hip"] - self.points_m["knee"]).T)
        shank = np.hypot(*(self.points_m["knee"] - self.points_m["ankle"]).T)
        return float(np.median(thigh + shank))


def read_footnet(path: Path) -> tuple[ForceLeg, ForceLeg]:
    """Right and left leg of `Data_example.mat`."""
    data = loadmat(path, squeeze_me=True)
    return _leg(data, "r", Side.RIGHT), _leg(data, "l", Side.LEFT)


def _leg(data: Mapping[str, Any], letter: str, side: Side) -> ForceLeg:
    """The strides of one leg joined: each begins one sample after the one before (checked on the positions: they
    continue within 1 mm of the run)."""
    strides = range(len(data[f"{letter}grf"]))
    # Columns of the file: sideways, forward, up.
    points = {
        part: np.concatenate([data[letter + name][k] for k in strides])[:, 1:].astype(np.float64)
        for part, name in _PARTS.items()
    }
    flexion = np.concatenate([data[f"{letter}knee"][k] for k in strides])[:, 0]
    points["hip"] = _hip(points["knee"], points["ankle"], flexion)
    contacts, start = [], 0.0
    for k in strides:
        contacts.append(_on_ground(data[f"{letter}grf"][k][:, 2], start))
        start += len(data[letter + _PARTS["toe"]][k]) / POINTS_HZ
    return ForceLeg(
        side=side,
        times_s=np.arange(len(flexion)) / POINTS_HZ,
        points_m=points,
        contacts=tuple(contacts),
    )


def _hip(knee: Floats, ankle: Floats, flexion_deg: Floats) -> Floats:
    """Thigh set on the knee at the measured angle: the data hold no hip."""
    down = ankle - knee
    lean = np.arctan2(down[:, 0], -down[:, 1]) + np.radians(flexion_deg)
    thigh = THIGH_PER_SHANK * float(np.median(np.hypot(*down.T)))
    return np.asarray(knee + thigh * np.stack([-np.sin(lean), np.cos(lean)], axis=1))


def _on_ground(force: Floats, start_s: float) -> Contact:
    """The longest stretch above the threshold (a ripple of the plate's zero after toe-off is none)."""
    on = np.concatenate(([False], force >= FORCE_ON_N, [False])).astype(np.int8)
    first, past = max(np.flatnonzero(np.diff(on)).reshape(-1, 2), key=lambda run: run[1] - run[0])
    rising = first - 1 + (FORCE_ON_N - force[first - 1]) / (force[first] - force[first - 1])
    falling = past - 1 + (FORCE_ON_N - force[past - 1]) / (force[past] - force[past - 1])
    return Contact(contact_s=start_s + float(rising) / FORCE_HZ, toe_off_s=start_s + float(falling) / FORCE_HZ)


def sampled(
    leg: ForceLeg, *, fps: float, noise_m: float, seed: int, lag_s: float = 0.0
) -> tuple[Floats, dict[str, Floats]]:
    """The leg as a camera would sample it: times (T,) and noisy points (T, 2) in metres.

    A random start between two pictures; normal noise of SD `noise_m` on x and y of every point: white or, with `lag_s`,
    correlated over that time (a network's error does not change at random from one picture to the next at 240 fps).
    """
    rng = np.random.default_rng(seed)
    times = np.arange(rng.uniform(0, 1 / fps), leg.times_s[-1], 1 / fps)
    keep = float(np.exp(-1 / (fps * lag_s))) if lag_s else 0.0
    points = {}
    for part, track in leg.points_m.items():
        fresh = rng.normal(0.0, noise_m, (len(times), 2))
        fresh[1:] *= np.sqrt(1 - keep * keep)
        points[part] = CubicSpline(leg.times_s, track)(times) + lfilter([1.0], [1.0, -keep], fresh, axis=0)
    return times, points


def film(leg: ForceLeg, kb: GaitKnowledge, *, fps: float, noise_m: float, seed: int, lag_s: float = 0.0) -> Motion:
    """What the pipeline would make of it: sampled, smoothed by use (`smoothing.smooth`), in leg lengths."""
    times, points = sampled(leg, fps=fps, noise_m=noise_m, seed=seed, lag_s=lag_s)
    grid, rate = even_grid(times, fps, kb)
    weights = np.ones(len(times))

    def smoothed(part: str, use: str) -> Floats:
        return smooth(times, points[part] / leg.leg_length_m, weights, grid, cutoff_hz(use, fps, kb), kb)

    legs = {
        use: LegTrack(
            side=leg.side,
            near=True,
            hip=smoothed("hip", use),
            knee=smoothed("knee", use),
            ankle=smoothed("ankle", use),
            heel=smoothed("heel", use),
            toe=smoothed("toe", use),
            confidence=np.ones(len(grid)),
            in_frame=np.ones(len(grid), dtype=bool),
        )
        for use in ("feet", "joints")
    }
    centre = smoothed("hip", "trunk")
    return Motion(
        times_s=grid,
        rate_hz=rate,
        capture_fps=fps,
        legs={NEAR: legs["feet"]},
        joints={NEAR: legs["joints"]},
        hip_centre=centre,
        shoulders=np.full_like(centre, np.nan),
        frame=PictureFrame(origin_px=(0.0, 0.0), leg_length_px=300.0, forward=1),
        facing=Facing.RIGHT,
        metres_per_leg=leg.leg_length_m,
    )


def errors_ms(leg: ForceLeg, found: Sequence[Contact]) -> Floats:
    """(strides, 3) error of contact, toe-off and contact time in ms, + late or long; NaN where it was not found.

    A found contact belongs to the true one it is nearest to, within 120 ms.
    """
    rows = np.full((len(leg.contacts), 3), np.nan)
    for i, true in enumerate(leg.contacts):
        nearest = min(found, key=lambda c: abs(c.contact_s - true.contact_s), default=None)
        if nearest is None or abs(nearest.contact_s - true.contact_s) > MATCH_S:
            continue
        rows[i, 0] = nearest.contact_s - true.contact_s
        if nearest.toe_off_s is not None and true.toe_off_s is not None:
            rows[i, 1] = nearest.toe_off_s - true.toe_off_s
            rows[i, 2] = rows[i, 1] - rows[i, 0]
    return 1000 * rows
