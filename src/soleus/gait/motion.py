"""The runner's movement on an even time grid, in leg lengths: what events and metrics are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import LEG_PARTS, Facing, Floats, View

Bools = NDArray[np.bool_]

NEAR, FAR = "near", "far"
_ON_GRID = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LegTrack:
    """One leg over time: x forward (running direction), y up, in leg lengths; NaN = not seen well enough.

    Origin: `PictureFrame.origin_px`, fixed in the picture (not carried along with the hip), so that a foot on a
    treadmill belt moves backward and a foot on the floor stands still.
    """

    side: Side
    near: bool
    """On the camera's side. In a back view both legs are near."""
    hip: Floats
    """(N, 2)"""
    knee: Floats
    """(N, 2)"""
    ankle: Floats
    """(N, 2)"""
    heel: Floats
    """(N, 2); all NaN when the network has no foot points."""
    toe: Floats
    """(N, 2); all NaN when the network has no foot points."""
    confidence: Floats
    """(N,) of the worst point of the leg, 0-1; 0 where the points were filled in or are missing."""
    in_frame: Bools
    """(N,) the whole foot is inside the picture, with a margin."""

    def __post_init__(self) -> None:
        frames = len(self.confidence)
        if any(getattr(self, part).shape != (frames, 2) for part in LEG_PARTS) or self.in_frame.shape != (frames,):
            raise ValueError(f"the points of the {self.side.value} leg do not fit {frames} frames")

    @property
    def seen(self) -> Bools:
        """(N,) hip, knee and ankle are known."""
        return np.asarray(np.isfinite(self.hip + self.knee + self.ankle).all(axis=1))

    @property
    def has_foot(self) -> bool:
        """The network knows heel and toe."""
        return bool(np.isfinite(self.heel).any() and np.isfinite(self.toe).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFrame:
    """How leg lengths and pixels belong together: p_px = origin + length · R(level) · (sign · x, −y).

    `level_deg` turns the ground line of the picture level; positive where the ground rises in running direction.
    """

    origin_px: tuple[float, float]
    leg_length_px: float
    forward: int
    """+1 when the runner faces right in the picture, −1 when left; +1 in a back view."""
    level_deg: float = 0.0

    def to_lengths(self, points_px: Floats) -> Floats:
        """(…, 2) pixels, y down → (…, 2) leg lengths, x forward, y up."""
        x = self.forward * (points_px[..., 0] - self.origin_px[0]) / self.leg_length_px
        y = -(points_px[..., 1] - self.origin_px[1]) / self.leg_length_px
        cos, sin = np.cos(np.radians(self.level_deg)), np.sin(np.radians(self.level_deg))
        return np.stack([cos * x + sin * y, -sin * x + cos * y], axis=-1)

    def to_pixels(self, points: Floats) -> Floats:
        """(…, 2) leg lengths → (…, 2) pixels: the way back of `to_lengths`."""
        cos, sin = np.cos(np.radians(self.level_deg)), np.sin(np.radians(self.level_deg))
        x = cos * points[..., 0] - sin * points[..., 1]
        y = sin * points[..., 0] + cos * points[..., 1]
        return np.stack(
            [
                self.origin_px[0] + self.forward * x * self.leg_length_px,
                self.origin_px[1] - y * self.leg_length_px,
            ],
            axis=-1,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """One runner, cleaned: sides sorted out, outliers and short gaps mended, resampled evenly, smoothed by use.

    `legs` is smoothed lightly, for what happens fast (ground contact, the foot's angle at contact); `joints` holds the
    same points smoothed for joint angles; `hip_centre` and `shoulders` are smoothed for the trunk.
    Cut-offs: `smoothing.*_hz` of the knowledge base.
    """

    times_s: Floats
    """(N,) evenly spaced real seconds since the first frame of the film."""
    rate_hz: float
    """1 / spacing of `times_s`: at least the capture rate."""
    capture_fps: float
    """Pictures per real second of the film: what the errors depend on."""
    legs: Mapping[str, LegTrack]
    """"near" and "far" in a side view (either may be missing); "left" and "right" in a back view."""
    joints: Mapping[str, LegTrack] = field(default_factory=dict)
    """Same keys as `legs`; read it with `for_angles`."""
    hip_centre: Floats
    """(N, 2) middle of the hips (of the near hip alone where the far one is not seen)."""
    shoulders: Floats
    """(N, 2) middle of the shoulders."""
    frame: PictureFrame
    facing: Facing | None
    """None in a back view."""
    view: View = View.SIDE
    metres_per_leg: float | None = None
    """Leg length (hip to knee to ankle) in metres, when the runner's height was told."""

    def __post_init__(self) -> None:
        frames = len(self.times_s)
        tracks = (*self.legs.values(), *self.joints.values())
        if any(len(track.confidence) != frames for track in tracks):
            raise ValueError(f"a leg does not fit {frames} frames")
        if self.hip_centre.shape != (frames, 2) or self.shoulders.shape != (frames, 2):
            raise ValueError(f"hips {self.hip_centre.shape} or shoulders {self.shoulders.shape} do not fit {frames}")

    @property
    def near(self) -> LegTrack | None:
        return self.legs.get(NEAR)

    @property
    def far(self) -> LegTrack | None:
        return self.legs.get(FAR)

    @property
    def leg_length_px(self) -> float:
        return self.frame.leg_length_px

    @property
    def duration_s(self) -> float:
        return float(self.times_s[-1] - self.times_s[0]) if len(self.times_s) else 0.0

    def for_angles(self, key: str) -> LegTrack:
        """The leg smoothed for joint angles; the lightly smoothed one where there is no other."""
        return self.joints.get(key, self.legs[key])

    def at(self, track: Floats, time_s: float) -> Floats:
        """(2,) or () value of an (N, 2) or (N,) track at any time, linearly between grid points; NaN outside.

        NaN beside the asked time gives NaN: nothing is made up across a gap.
        """
        place = (time_s - float(self.times_s[0])) * self.rate_hz if len(self.times_s) else -1.0
        if not 0 <= place <= len(self.times_s) - 1:
            return np.full(track.shape[1:], np.nan)
        before = int(place)
        part = place - before
        if part < _ON_GRID or before + 1 >= len(self.times_s):
            return np.asarray(track[before], dtype=np.float64)
        return np.asarray((1 - part) * track[before] + part * track[before + 1], dtype=np.float64)
