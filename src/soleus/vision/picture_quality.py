"""What the pictures of a film are worth, measured while they stream by: sharpness, light, camera, cuts, movement.

Each picture is reduced at once to small grids of cells; where the runner is becomes known later, from the poses, so
the result does not depend on how far the pose network runs behind. Memory: about 25 kB for each picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import leg_indices

Floats = NDArray[np.float64]
Image = NDArray[Any]
"""Bytes: (H, W, 3) red, green, blue, or (H, W) grey."""

CELL_PX = 32
"""Side of a cell, in pixels of the pictures as given."""
MOTION_SIDE_PX = 640
SHIFT_SIDE_PX = 320
"""Long sides at which edges and movement, and the camera's shift, are measured."""
EDGE_GREY = 4
"""Differences between neighbouring pixels below this are noise, not edges."""
CHANGE_GREY = 6
"""Changes of a pixel below this are noise of sensor and compression, not movement."""
BLUR_PX = 9
"""Length of the second blur (Crété-Roffet 2007)."""
FROZEN_GREY = 2
FROZEN_SHARE = 1e-4
"""A picture of which less than this share of pixels changes by more than that is the one before again."""
DIP_RATIO = 0.08
DIP_PICTURES = 3
"""So is one that moves less than this part of what the three pictures before and after it do: films made from fewer
pictures a second repeat some, and compression hides it. Real films stay above 0.16, repeated pictures below 0.01."""
CUT_LIKENESS = 0.6
"""Correlation of two thumbnails below which the scene is another one."""
MIN_CORNERS = 8
"""Points of the background below which the camera's movement cannot be told."""
MIN_CONFIDENCE = 0.3

_LEGS = (*leg_indices(Side.LEFT), *leg_indices(Side.RIGHT))
_HIPS = (leg_indices(Side.LEFT)[0], leg_indices(Side.RIGHT)[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """One picture, reduced."""

    brightness: float
    edges: NDArray[np.float16]
    """(2, gh, gw) strength of edges along x and y."""
    lost: NDArray[np.float16]
    """(2, gh, gw) strength a further blur takes from them."""
    change: NDArray[np.float16] | None
    """(gh, gw) mean absolute change since the picture before."""
    moving: float
    """Share of pixels that changed at all; NaN for the first picture."""
    corners: NDArray[np.float32]
    """(n, 4) x_px, y_px in the picture before, and where each point went."""
    likeness: float
    """Correlation with the picture before, −1 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureQuality:
    """Result for a whole film; arrays have one entry per picture, NaN where it could not be measured."""

    sharpness: Floats
    brightness: float
    shift_px: Floats
    cuts: int
    frozen_share: float
    motion_energy: Floats
    repeated: NDArray[np.bool_]
    """(T,) single pictures that only repeat the one before while the runner moves: no new moment was filmed."""


@dataclass(slots=True)
class PictureWatch:
    """Feed it every picture in order with `see`, then ask for `quality` with the poses."""

    _pictures: list[_Seen] = field(default_factory=list)
    _motion: Image | None = None
    _small: Image | None = None

    def see(self, image: Image) -> None:
        """Take one (H, W, 3) picture in."""
        import cv2

        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        rows, columns = grid_of(grey.shape)
        motion = shrink(grey, MOTION_SIDE_PX)
        small = shrink(motion, SHIFT_SIDE_PX)
        edges, lost = edge_strengths(motion, (columns, rows))
        change, corners, likeness, moving = None, np.zeros((0, 4), np.float32), math.nan, math.nan
        if self._motion is not None and self._small is not None and self._motion.shape == motion.shape:
            difference = cv2.absdiff(motion, self._motion)
            moving = float((difference > FROZEN_GREY).mean())
            _, difference = cv2.threshold(difference, CHANGE_GREY - 1, 255, cv2.THRESH_TOZERO)
            change = _cells(difference, (columns, rows))
            likeness = alike(self._small, small)
            corners = follow_corners(self._small, small) * (max(grey.shape) / max(small.shape))
        self._pictures.append(
            _Seen(
                brightness=float(np.median(small)),
                edges=edges,
                lost=lost,
                change=change,
                moving=moving,
                corners=corners.astype(np.float32),
                likeness=likeness,
            )
        )
        self._motion, self._small = motion, small

    def quality(self, points: Floats, times_s: Floats) -> PictureQuality:
        """Join what was seen with the body points.

        1. Legs: a box of fixed size that follows the runner's slow movement only: its own jitter makes no rhythm.
        2. Sharpness there: 1 − (share of the edges that survive a second blur, the worse of x and y).
        3. Movement energy there: mean absolute change, per median step of time: a longer wait shows more movement.
        4. Shift: median movement of corners outside the runner's box.

        `points` (T, K, 3) x_px, y_px, confidence; `times_s` (T,).
        """
        seen = self._pictures[: len(times_s)]
        legs = leg_boxes(points, times_s)
        people = body_boxes(points)
        cut = np.array([s.likeness < CUT_LIKENESS for s in seen])
        energy = np.array([_mean_in(s.change, box) for s, box in zip(seen, legs, strict=True)])
        energy *= per_step(times_s[: len(seen)])
        repeated = dips(np.array([_mean_in(s.change, None) for s in seen]))
        frozen = np.array([s.moving < FROZEN_SHARE for s in seen]) | repeated
        shift = np.array([_shift(s.corners, box) for s, box in zip(seen, people, strict=True)]).reshape(-1, 2)
        energy[cut | frozen] = np.nan
        shift[cut] = np.nan
        return PictureQuality(
            sharpness=np.array([_sharpness(s, box) for s, box in zip(seen, legs, strict=True)]),
            brightness=float(np.median([s.brightness for s in seen])) if seen else math.nan,
            shift_px=shift,
            cuts=int(cut.sum()),
            frozen_share=float(frozen[1:].mean()) if len(seen) > 1 else 0.0,
            motion_energy=energy,
            repeated=repeated,
        )


def per_step(times_s: Floats) -> Floats:
    """(T,) median step / step since the picture before; 1 where pictures come evenly, NaN for the first."""
    steps = np.diff(times_s, prepend=np.nan)
    return np.asarray(np.nanmedian(steps) / steps) if len(steps) > 1 else steps


def dips(energy: Floats) -> NDArray[np.bool_]:
    """(T,) pictures with almost no movement between pictures with much; a pause is longer than a dip and is none."""
    low = np.zeros(len(energy), bool)
    for t in range(1, len(energy) - 1):
        before = energy[max(0, t - DIP_PICTURES) : t]
        after = energy[t + 1 : t + 1 + DIP_PICTURES]
        if np.isfinite(before).any() and np.isfinite(energy[t]):
            low[t] = energy[t] < DIP_RATIO * min(np.nanmax(before), np.nanmax(after))
    return low


def grid_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Rows and columns of cells for a picture of this (height, width)."""
    return max(1, round(shape[0] / CELL_PX)), max(1, round(shape[1] / CELL_PX))


def shrink(grey: Image, side_px: int) -> Image:
    """A grey picture with its long side at most `side_px`."""
    import cv2

    share = side_px / max(grey.shape)
    if share >= 1:
        return grey
    size = max(1, round(grey.shape[1] * share)), max(1, round(grey.shape[0] * share))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def edge_strengths(grey: Image, grid: tuple[int, int]) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """(2, rows, columns) edges along x and y in each cell, and how much of them a further blur takes away.

    D = |difference of neighbours|, D' = the same after a box blur of 9 pixels along that axis, lost = max(0, D − D').
    Source: Crété-Roffet et al. 2007, The Blur Effect, doi 10.1117/12.702790.
    """
    import cv2

    edges, lost = [], []
    for axis, kernel in ((1, (BLUR_PX, 1)), (0, (1, BLUR_PX))):
        blurred = cv2.blur(grey, kernel)
        if axis:
            sharp, soft = cv2.absdiff(grey[:, 1:], grey[:, :-1]), cv2.absdiff(blurred[:, 1:], blurred[:, :-1])
        else:
            sharp, soft = cv2.absdiff(grey[1:], grey[:-1]), cv2.absdiff(blurred[1:], blurred[:-1])
        _, sharp = cv2.threshold(sharp, EDGE_GREY - 1, 255, cv2.THRESH_TOZERO)
        gone = cv2.subtract(sharp, soft)
        edges.append(_cells(sharp, grid))
        lost.append(_cells(gone, grid))
    return np.stack(edges), np.stack(lost)


def _cells(values: Image, grid: tuple[int, int]) -> NDArray[np.float16]:
    import cv2

    means = cv2.resize(values.astype(np.float32), grid, interpolation=cv2.INTER_AREA)
    return means.astype(np.float16)


def alike(before: Image, after: Image) -> float:
    """Correlation of two thumbnails (16 × 16), 1 for two flat ones."""
    a, b = (shrink_to_thumbnail(picture) for picture in (before, after))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / norm) if norm > 256.0 else 1.0


def shrink_to_thumbnail(grey: Image) -> NDArray[np.float32]:
    """(16, 16) means."""
    import cv2

    return cv2.resize(grey, (16, 16), interpolation=cv2.INTER_AREA).astype(np.float32)


def follow_corners(before: Image, after: Image) -> NDArray[np.float32]:
    """(n, 4) corners of `before` and their places in `after` (Lucas-Kanade, pyramid of 3)."""
    import cv2

    corners = cv2.goodFeaturesToTrack(before, maxCorners=80, qualityLevel=0.02, minDistance=10, blockSize=5)
    if corners is None:
        return np.zeros((0, 4), np.float32)
    no_guess: Any = None
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, corners, no_guess, winSize=(15, 15), maxLevel=3)
    good = found.reshape(-1) == 1
    both = np.concatenate((corners.reshape(-1, 2), there.reshape(-1, 2)), axis=1)[good]
    return np.asarray(both, np.float32)


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


def leg_boxes(points: Floats, times_s: Floats) -> list[Box | None]:
    """Where the legs are in each picture: hips to feet, of one size for the film, around the hips' slow path (1 s)."""
    known = np.where(points[:, :, 2:] >= MIN_CONFIDENCE, points[:, :, :2], np.nan)
    hips, legs = _mean_point(known[:, _HIPS]), known[:, _LEGS]
    seen = ~np.isnan(hips[:, 0])
    if not seen.any():
        return [None] * len(times_s)
    around = (legs - hips[:, None]).reshape(-1, 2)
    around = around[~np.isnan(around).any(axis=1)]
    left, right = np.percentile(around[:, 0], (2, 98))
    bottom = float(np.percentile(around[:, 1], 98))
    path = slow_path(hips, times_s)
    margin = 0.05 * max(bottom, 1.0)
    return [
        (float(x + left - margin), float(y), float(x + right + margin), float(y + bottom + margin)) for x, y in path
    ]


def slow_path(hips: Floats, times_s: Floats) -> Floats:
    """(T, 2) running median over one second, gaps filled between neighbours.

    Near both ends the second shrinks to what is there on either side: a runner who crosses is not left behind.
    """
    path = np.full_like(hips, np.nan)
    reach = np.clip(np.minimum(times_s - times_s[0], times_s[-1] - times_s), 0.1, 0.5)
    begins = np.searchsorted(times_s, times_s - reach)
    ends = np.searchsorted(times_s, times_s + reach, side="right")
    for t, (i, j) in enumerate(zip(begins, ends, strict=True)):
        part = hips[i:j]
        part = part[~np.isnan(part[:, 0])]
        if len(part):
            path[t] = np.median(part, axis=0)
    known = ~np.isnan(path[:, 0])
    for axis in range(2):
        path[:, axis] = np.interp(times_s, times_s[known], path[known, axis])
    return path


def body_boxes(points: Floats) -> list[Box | None]:
    """Where the runner is, with a margin for arms, clothes and shadow; None while nobody is seen."""
    boxes: list[Box | None] = []
    for frame in points:
        body = frame[frame[:, 2] >= MIN_CONFIDENCE, :2]
        body = body[~np.isnan(body).any(axis=1)]
        if not len(body):
            boxes.append(None)
            continue
        (x0, y0), (x1, y1) = body.min(axis=0), body.max(axis=0)
        margin = 0.12 * max(float(y1 - y0), float(x1 - x0))
        boxes.append((float(x0) - margin, float(y0) - margin, float(x1) + margin, float(y1) + margin))
    return boxes


def _mean_point(points: Floats) -> Floats:
    """(T, n, 2) → (T, 2) mean of those seen; NaN where none is."""
    count = (~np.isnan(points[..., 0])).sum(axis=1)
    total = np.nansum(points, axis=1)
    return np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan)


def _slice(shape: tuple[int, ...], box: Box | None) -> tuple[slice, slice]:
    if box is None:
        return slice(0, shape[0]), slice(0, shape[1])
    x0, y0, x1, y1 = (v / CELL_PX for v in box)
    left, top = min(max(0, math.floor(x0)), shape[1] - 1), min(max(0, math.floor(y0)), shape[0] - 1)
    return slice(top, max(top + 1, math.ceil(y1))), slice(left, max(left + 1, math.ceil(x1)))


def _mean_in(grid: NDArray[np.float16] | None, box: Box | None) -> float:
    return math.nan if grid is None else float(grid[_slice(grid.shape, box)].astype(float).mean())


def _sharpness(seen: _Seen, box: Box | None) -> float:
    where = (slice(None), *_slice(seen.edges.shape[1:], box))
    edges = seen.edges[where].astype(float).sum(axis=(1, 2))
    if edges.min() <= 0:
        return math.nan
    return float((seen.lost[where].astype(float).sum(axis=(1, 2)) / edges).min())


def _shift(corners: NDArray[np.float32], body: Box | None) -> tuple[float, float]:
    if body is not None and len(corners):
        x, y = corners[:, 0], corners[:, 1]
        corners = corners[(x < body[0]) | (x > body[2]) | (y < body[1]) | (y > body[3])]
    if len(corners) < MIN_CORNERS:
        return math.nan, math.nan
    dx, dy = np.median(corners[:, 2:] - corners[:, :2], axis=0)
    return float(dx), float(dy)
