"""A movement drawn with ruler and compass: contacts and toe-offs known exactly, no camera, no noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus import load_knowledge
from soleus.core.measurement import Side
from soleus.core.recording import LEG_PARTS, Facing, View
from soleus.gait.motion import FAR, NEAR, LegTrack, Motion, PictureFrame

GAIT = load_knowledge().gait
STRIDE_S, CONTACT_S, GROUND = 0.7, 0.25, 3.0
LEAD_M = 0.30
HIP_M = 0.93


def _blend(share: np.ndarray, start: float, end: float, out: float, into: float) -> np.ndarray:
    """Cubic from start to end with given slopes per unit of share."""
    s2, s3 = share**2, share**3
    return (2 * s3 - 3 * s2 + 1) * start + (s3 - 2 * s2 + share) * out + (3 * s2 - 2 * s3) * end + (s3 - s2) * into


def leg_points(times_s: np.ndarray, first_contact_s: float, strike_deg: float) -> dict[str, np.ndarray]:
    """hip, knee, ankle, heel, toe → (N, 2) of one leg whose contacts come every `STRIDE_S`."""
    into = np.mod(times_s - first_contact_s, STRIDE_S)
    down = into < CONTACT_S
    swing = STRIDE_S - CONTACT_S
    share = np.clip((into - CONTACT_S) / swing, 0, 1)
    front, back = LEAD_M + 0.18, LEAD_M + 0.18 - GROUND * CONTACT_S
    x = np.where(down, front - GROUND * into, _blend(share, back, front, -GROUND * swing, -0.45 * GROUND * swing))
    y = np.where(down, 0.0, 0.22 * np.sin(np.pi * share) ** 2 * (1 - 0.4 * share))
    late = np.clip((into / CONTACT_S - 0.55) / 0.45, 0, 1)
    landing = strike_deg * np.exp(-into / 0.02)
    lift = _blend(share, -55, strike_deg, -55, 0) - 30 * np.sin(np.pi * share) ** 2
    pitch = np.radians(np.where(down, landing - 55 * late**2, lift))
    toe = np.stack([x, y + np.where(pitch > 0, 0.27 * np.sin(np.abs(pitch)), 0.0)], axis=1)

    def from_toe(along: float, above: float) -> np.ndarray:
        turned = [along * np.cos(pitch) - above * np.sin(pitch), along * np.sin(pitch) + above * np.cos(pitch)]
        return toe + np.stack(turned, axis=1)

    ankle = from_toe(-0.18, 0.08)
    bob = 0.03 * np.cos(4 * np.pi * (times_s - first_contact_s - CONTACT_S / 2) / STRIDE_S)
    hip = np.stack([np.zeros_like(times_s), HIP_M - bob], axis=1)
    line = ankle - hip
    reach = np.minimum(np.hypot(*line.T), 0.999)
    bend = np.sqrt(0.25 - (reach / 2) ** 2)
    across = np.stack([-line[:, 1], line[:, 0]], axis=1) / np.hypot(*line.T)[:, None]
    return {"hip": hip, "knee": (hip + ankle) / 2 + bend[:, None] * across, "ankle": ankle,
            "heel": from_toe(-0.27, 0.0), "toe": toe}  # fmt: skip


def drawn(
    *,
    seconds: float = 5.0,
    fps: float = 120.0,
    strike_deg: float = 12.0,
    travel: float = 0.0,
    foot: bool = True,
    view: View = View.SIDE,
    metres_per_leg: float | None = None,
) -> Motion:
    """Near (left) leg contacts at 0.2 s + k · stride, far (right) leg half a stride later; `travel` leg lengths/s."""
    times = np.arange(int(seconds * fps)) / fps
    legs = {}
    keys = (NEAR, FAR) if view is View.SIDE else ("left", "right")
    for key, side, start in zip(keys, (Side.LEFT, Side.RIGHT), (0.2, 0.2 + STRIDE_S / 2), strict=True):
        points = leg_points(times, start, strike_deg)
        if view is View.BACK:
            lateral = -0.1 if side is Side.LEFT else 0.1
            points = {
                part: np.stack([np.full(len(times), lateral), track[:, 1]], axis=1) for part, track in points.items()
            }
        if not foot:
            points |= {part: np.full_like(points[part], np.nan) for part in ("heel", "toe")}
        legs[key] = LegTrack(
            side=side,
            near=key != FAR,
            **{part: track + np.stack([travel * times, 0 * times], axis=1) for part, track in points.items()},
            confidence=np.ones(len(times)),
            in_frame=np.ones(len(times), dtype=bool),
        )
    first = next(iter(legs.values())).hip if legs else np.zeros((len(times), 2))
    centre = first.copy()
    if view is View.BACK:
        centre[:, 0] = 0.02 * np.sin(2 * np.pi * times / STRIDE_S)
    return Motion(
        times_s=times,
        rate_hz=fps,
        capture_fps=fps,
        legs=legs,
        hip_centre=centre,
        shoulders=centre + np.array([0.06, 0.6]),
        frame=PictureFrame(origin_px=(0.0, 0.0), leg_length_px=300.0, forward=-1 if view is View.SIDE else 1),
        facing=Facing.LEFT if view is View.SIDE else None,
        view=view,
        metres_per_leg=metres_per_leg,
    )


def with_gap(motion: Motion, start_s: float, end_s: float) -> Motion:
    """The near leg not seen for a while."""
    away = (motion.times_s >= start_s) & (motion.times_s < end_s)
    leg = motion.legs[NEAR]
    tracks = {part: np.where(away[:, None], np.nan, getattr(leg, part)) for part in LEG_PARTS}
    gone = replace(leg, **tracks, confidence=np.where(away, 0.0, leg.confidence))
    return replace(motion, legs={**motion.legs, NEAR: gone})


def true_contacts(motion: Motion, first_s: float = 0.2) -> np.ndarray:
    """Contacts of the near leg whose whole stance lies in the film."""
    every = np.arange(first_s, motion.duration_s, STRIDE_S)
    return every[every + CONTACT_S + 0.1 < motion.duration_s]
