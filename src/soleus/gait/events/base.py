"""What every method of finding ground contact shares: the coarse window of a stance, fine traces, crossings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_interp_spline
from scipy.signal import find_peaks

from soleus.core.recording import LEG_PARTS, Floats
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge

FINE_HZ = 500.0
"""Grid on which crossings are looked for, between the pictures; a crossing itself is set between two of its points."""
_DEGREE = 5
"""Of the interpolating spline: three derivatives without steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One ground contact of one leg."""

    contact_s: float
    toe_off_s: float | None
    """None where the method, or the film, cannot tell."""


class EventMethod(Protocol):
    """Finds the ground contacts of one leg.

    `belt_speed`: speed of the ground past the runner in leg lengths/s, where it is known; else each method that needs
    it takes the median backward speed of the foot in the middle of its stances.
    """

    def __call__(
        self, motion: Motion, leg: LegTrack, kb: GaitKnowledge, *, belt_speed: float | None = None
    ) -> tuple[Contact, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Rows of the fine grid that hold one stance: foot farthest forward, halfway back, farthest back."""

    front: int
    middle: int
    rear: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """One leg between the pictures: a spline through the smoothed points, on a grid of `FINE_HZ`.

    `at[part]`, `velocity[part]`, `acceleration[part]`: (M, 2) in leg lengths, /s, /s², x forward, y up; NaN in gaps.
    Parts: hip, knee, ankle, heel, toe, centre (middle of the hips), foot (middle of heel and toe, the ankle where the
    network has no foot points).
    """

    times_s: Floats
    at: dict[str, Floats]
    velocity: dict[str, Floats]
    acceleration: dict[str, Floats]
    has_foot: bool

    def time(self, row: float) -> float:
        """Seconds at a row of the grid, which may lie between two of them."""
        return float(self.times_s[0] + row / FINE_HZ)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """[start, end) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def spline(times_s: Floats, track: Floats, grid_s: Floats) -> tuple[Floats, Floats, Floats]:
    """(N, 2) at (N,) seconds → (M, 2) value, velocity and acceleration on a grid; NaN where there is no unbroken run.

    A quintic interpolating spline through every run of at least six seen points; nothing is made up across a gap.
    """
    out = [np.full((len(grid_s), 2), np.nan) for _ in range(3)]
    for start, end in runs(np.asarray(np.isfinite(track).all(axis=1))):
        if end - start <= _DEGREE:
            continue
        curve = make_interp_spline(times_s[start:end], track[start:end], k=_DEGREE)
        inside = (grid_s >= times_s[start]) & (grid_s <= times_s[end - 1])
        for order in range(3):
            out[order][inside] = curve(grid_s[inside], nu=order)
    return out[0], out[1], out[2]


def traces(motion: Motion, leg: LegTrack) -> Traces:
    """The leg on the fine grid, and how fast its points move."""
    duration = motion.duration_s
    grid = float(motion.times_s[0]) + np.arange(int(duration * FINE_HZ) + 1) / FINE_HZ if duration else np.zeros(0)
    tracks = {part: getattr(leg, part) for part in LEG_PARTS}
    tracks["centre"] = motion.hip_centre
    tracks["foot"] = (leg.heel + leg.toe) / 2 if leg.has_foot else leg.ankle
    fine = {part: spline(motion.times_s, track, grid) for part, track in tracks.items()}
    return Traces(
        times_s=grid,
        at={part: three[0] for part, three in fine.items()},
        velocity={part: three[1] for part, three in fine.items()},
        acceleration={part: three[2] for part, three in fine.items()},
        has_foot=leg.has_foot,
    )


def find_windows(fine: Traces, kb: GaitKnowledge) -> tuple[Window, ...]:
    """One window per stance, from the ankle's path relative to the hips; only windows without a gap.

    1. Peaks of x_ankle − x_hips (foot in front) and its troughs (foot behind), of a prominence of at least
       `events.window_prominence` of its range (5th to 95th percentile) and `events.window_min_s` apart. A range below
       `events.least_reach` is somebody who stands.
    2. Each peak with the first trough after it, if no other peak lies between and they are at most
       `events.window_max_s` apart.
    3. Middle: where it falls through the mean of the two: about mid-stance, whatever the pose network takes for hip.
    """
    reach = fine.at["ankle"][:, 0] - fine.at["centre"][:, 0]
    seen = np.isfinite(reach)
    if not seen.any():
        return ()
    low, high = np.percentile(reach[seen], [5, 95])
    if high - low < kb.value("events.least_reach"):
        return ()
    prominence = kb.value("events.window_prominence") * (high - low)
    spacing = max(1, int(kb.value("events.window_min_s") * FINE_HZ))
    filled = np.where(seen, reach, (low + high) / 2)
    fronts, _ = find_peaks(filled, prominence=prominence, distance=spacing)
    rears, _ = find_peaks(-filled, prominence=prominence, distance=spacing)
    longest = kb.value("events.window_max_s") * FINE_HZ
    windows = []
    for front, following in pairwise([*fronts.tolist(), len(reach)]):
        behind = rears[(rears > front) & (rears < following)]
        if not len(behind) or behind[0] - front > longest or not seen[front : behind[0] + 1].all():
            continue
        rear = int(behind[0])
        half = (reach[front] + reach[rear]) / 2
        middle = front + int(np.flatnonzero(reach[front : rear + 1] >= half)[-1])
        windows.append(Window(front=front, middle=middle, rear=rear))
    return tuple(windows)


def backward_speed(fine: Traces, part: str, kb: GaitKnowledge) -> Floats:
    """(M,) how fast a point goes backward relative to the runner's own travel through the picture, leg lengths/s.

    On a treadmill, or with a camera that goes along, the hips stay in place and this is the plain backward speed; when
    the runner crosses the picture the ground stands still and the hips move. Both are one: minus (velocity of the
    point − mean velocity of the hips over `events.travel_s`).
    """
    hips = fine.velocity["centre"][:, 0]
    seen = np.isfinite(hips)
    width = max(1, int(kb.value("events.travel_s") * FINE_HZ))
    kernel = np.ones(min(width, max(len(hips), 1)))
    total = np.convolve(np.where(seen, hips, 0.0), kernel, mode="same") if len(hips) else hips
    count = np.convolve(seen.astype(np.float64), kernel, mode="same") if len(hips) else hips
    travel = np.divide(total, count, out=np.full(len(hips), np.nan), where=count > 0)
    return np.asarray(travel - fine.velocity[part][:, 0])


def ground_speed(fine: Traces, windows: tuple[Window, ...], kb: GaitKnowledge) -> float | None:
    """Median backward speed of the foot around mid-stance (± `events.ground_window_s`), leg lengths/s."""
    speed = backward_speed(fine, "foot", kb)
    around = max(1, int(kb.value("events.ground_window_s") * FINE_HZ))
    each = [float(np.median(speed[max(0, w.middle - around) : w.middle + around])) for w in windows]
    known = [value for value in each if np.isfinite(value)]
    median = float(np.median(known)) if known else 0.0
    return median if median > 0 else None


def last_rise(signal: Floats, threshold: float, start: int, end: int) -> float | None:
    """Row (between grid points) where the signal last rises through the threshold in [start, end], by linear
    interpolation; None when it does not."""
    piece = signal[start : end + 1]
    rising = np.flatnonzero((piece[:-1] < threshold) & (piece[1:] >= threshold))
    if not len(rising):
        return None
    at = int(rising[-1])
    return start + at + float((threshold - piece[at]) / (piece[at + 1] - piece[at]))


def highest_peak(signal: Floats, start: int, end: int) -> int | None:
    """Row of the highest local maximum inside [start, end], ends excluded; None when there is none or a gap."""
    piece = signal[start : end + 1]
    if len(piece) < 3 or not np.isfinite(piece).all():
        return None
    peaks, _ = find_peaks(piece)
    return start + int(peaks[np.argmax(piece[peaks])]) if len(peaks) else None


def ordered(found: list[tuple[float | None, float | None]], fine: Traces) -> tuple[Contact, ...]:
    """Rows of contact and toe-off → contacts in seconds; a stance without a contact is left out."""
    contacts = []
    for contact, toe_off in found:
        if contact is None or not np.isfinite(contact):
            continue
        later = toe_off is not None and np.isfinite(toe_off) and toe_off > contact
        contacts.append(
            Contact(
                contact_s=fine.time(contact), toe_off_s=fine.time(toe_off) if later and toe_off is not None else None
            )
        )
    return tuple(contacts)
