"""What every pose network offers, and the plain values that travel between a network and the tracker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from soleus.core.recording import KEYPOINTS

Floats = NDArray[np.float64]
Image = NDArray[np.uint8]
"""(H, W, 3) red, green, blue; contiguous."""


class Frame(Protocol):
    """One picture of a clip, upright, with its time."""

    @property
    def image(self) -> Image: ...

    @property
    def time_s(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Roi:
    """A square cut from the picture: where the network looks. `rotation_rad` turns clockwise on the screen."""

    x_px: float
    y_px: float
    size_px: float
    rotation_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A person found in the whole picture."""

    roi: Roi
    score: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """What a network saw in one region of interest."""

    points: Floats
    """(K, 3) canonical points: x_px, y_px in the picture, confidence 0-1; NaN where the network knows no such point."""
    presence: float
    """How sure the network is that a person is there, 0-1."""
    anchor: Floats
    """(2, 2) x_px, y_px of the body's middle and of a point half a region away from it: they place the next region."""
    raw: Floats | None = None
    """(P, 3) the network's own points, for measurements of the network itself."""


class PoseBackend(Protocol):
    """A pose network. Every method may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Backend and variant: "blazepose-heavy"."""

    @property
    def version(self) -> str:
        """Short hash of the weights."""

    @property
    def batch(self) -> int:
        """Regions the device likes to work on at once: 1 on a processor, more on a graphics card."""

    def detect(self, image: Image) -> tuple[Detection, ...]:
        """People in the picture, the surest first."""

    def crop(self, image: Image, roi: Roi) -> Image:
        """Cut the region out at the size the network wants."""

    def infer(self, crops: Sequence[Image], rois: Sequence[Roi]) -> list[Pose]:
        """Body points in each region, in the order given."""

    def place(self, anchor: Floats) -> Roi:
        """Region of interest for a (smoothed) anchor."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrackedPose:
    """The followed runner in one picture."""

    time_s: float
    points: Floats
    """(K, 3) canonical points x_px, y_px, confidence; all NaN with confidence 0 while no runner is seen."""
    presence: float
    people: int
    """People of comparable size seen in this picture; -1 where nobody looked."""
    roi: Roi | None
    track: int
    """Counts up whenever it is not certain that this is still the same person."""
    raw: Floats | None = None


def model_label(backend: PoseBackend) -> str:
    """Name and version as stored with a recording: "blazepose-heavy/1a2b3c4d"."""
    return f"{backend.name}/{backend.version}"


def no_points() -> Floats:
    """Canonical points of a picture without a runner."""
    points = np.full((len(KEYPOINTS), 3), np.nan)
    points[:, 2] = 0.0
    return points
