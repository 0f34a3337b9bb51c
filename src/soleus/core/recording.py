"""A film as the gait engine sees it: body points over time, and what was measured of the pictures themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.view import Facing as Facing
from soleus.core.view import View as View

Floats = NDArray[np.float64]

KEYPOINTS: tuple[str, ...] = (
    "nose",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_toe",
    "right_toe",
)
"""The canonical skeleton: every pose network is mapped to it; a point a network does not know is NaN throughout.
`toe` is the tip of the foot (BlazePose foot index, Halpe big toe)."""

KEYPOINT_INDEX: dict[str, int] = {name: i for i, name in enumerate(KEYPOINTS)}

LEG_PARTS: tuple[str, ...] = ("hip", "knee", "ankle", "heel", "toe")

MIRRORED: tuple[int, ...] = tuple(
    KEYPOINT_INDEX[name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")]
    for name in KEYPOINTS
)
"""Index of the same point of the other side."""


def leg_indices(side: Side) -> tuple[int, ...]:
    """Rows of hip, knee, ankle, heel and toe of one side in `KEYPOINTS`."""
    return tuple(KEYPOINT_INDEX[f"{side.value}_{part}"] for part in LEG_PARTS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PoseSequence:
    """Body points of one person, frame by frame, straight from the network (sides as the network named them)."""

    times_s: Floats
    """(T,) strictly increasing, REAL seconds since the first frame: presentation times divided by the slow-motion
    factor; uneven where the file is."""
    points: Floats
    """(T, K, 3): x_px, y_px (y down, pixels of `width_px` × `height_px`), confidence 0-1; x and y NaN = not seen."""
    width_px: int
    height_px: int
    model: str
    """Backend, variant and short hash of the weights: "blazepose-heavy/1a2b3c4d"."""
    people: NDArray[np.int16] | None = None
    """(T,) people seen in the frame, −1 where nobody looked (the detector runs now and then); None = not known."""

    def __post_init__(self) -> None:
        frames = len(self.times_s)
        if self.times_s.ndim != 1 or self.points.shape != (frames, len(KEYPOINTS), 3):
            raise ValueError(f"times {self.times_s.shape} and points {self.points.shape} do not fit")
        if frames > 1 and not bool(np.all(np.diff(self.times_s) > 0)):
            raise ValueError("times_s must increase strictly")
        if self.people is not None and self.people.shape != (frames,):
            raise ValueError(f"people {self.people.shape} does not fit {frames} frames")

    @property
    def frames(self) -> int:
        return len(self.times_s)

    def point(self, name: str) -> Floats:
        """(T, 2) x_px, y_px of a canonical point."""
        return self.points[:, KEYPOINT_INDEX[name], :2]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipFacts:
    """What the file and its pictures say, without any pose. None or NaN = not measured, never "fine"."""

    duration_s: float
    """Real time, slow motion taken out."""
    fps: float
    """Captured pictures per real second: median over the clip, slow motion taken out."""
    width_px: int
    height_px: int
    """After rotation, as decoded (not as scaled down for the network)."""
    variable_frame_rate: bool = False
    slow_motion: float = 1.0
    """Factor that was used: 8 = eight times slower on playback than in life."""
    slow_motion_from: str = "none"
    """stated | metadata | none: who says so."""
    window_start_s: float = 0.0
    """Playback time in the file of the first picture used: of a long film only the middle is read."""
    chosen: bool = False
    """Somebody pointed out whom to follow, so other people in the picture are no reason to refuse."""
    sharpness: Floats | None = None
    """(T,) sharpness of the pictures around the runner, in [0, 1]; low = blurred."""
    brightness: float | None = None
    """Median luma of the pictures, 0-255."""
    shift_px: Floats | None = None
    """(T, 2) movement of the background since the frame before, in pixels of the pose points: a moving camera."""
    cuts: int | None = None
    """Scene changes."""
    frozen_share: float | None = None
    """Share of pictures equal to the one before."""
    motion_energy: Floats | None = None
    """(T,) mean absolute change of brightness since the frame before around the runner's legs, any unit: an
    independent witness of cadence."""
    repairs: tuple[str, ...] = ()
    """What was wrong with the file and read around, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """One clip: what the gait engine works on."""

    poses: PoseSequence
    facts: ClipFacts
