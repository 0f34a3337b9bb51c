"""Contact when the foot has nearly caught up with the ground, toe-off when the toe leaves its lowest level."""

from __future__ import annotations

import numpy as np

from soleus.core.recording import Floats
from soleus.gait.events.base import (
    FINE_HZ,
    Contact,
    Traces,
    Window,
    backward_speed,
    find_windows,
    ground_speed,
    last_rise,
    ordered,
    traces,
)
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge

_MAD_TO_SD = 1.4826
_SWING_S = 0.1


def detect(motion: Motion, leg: LegTrack, kb: GaitKnowledge, *, belt_speed: float | None = None) -> tuple[Contact, ...]:
    """Contacts of one leg, first derivatives only.

    1. Windows of one stance each from the path of the ankle under the hips (`find_windows`).
    2. Contact: the backward speed of the middle of the foot last rises through `events.soleus.speed_share` of the
       speed of the ground, before mid-stance. The braking foot does so whichever part of it lands first.
    3. Toe-off: the toe point last rises through `events.soleus.toe_rise` of its usual range of height above its lowest
       level of this stance, after mid-stance and before it is half-way up. A point at the ball of the foot does so
       at toe-off. The tip of the foot lies still until toe-off, so there the beginning of its rise is meant: see
       `_toe_offs`. Without foot points there is none.

    Both shares were set on force-plate strides of a point at the ball and scored on others (`validation/gait.md`); what
    holds of the tip rests on made-up runners. The camera may go along or stand: see `backward_speed`. Known failures: a
    hip guessed badly for a second shifts the speed; errors of the toe's height that last for a tenth of a second.
    """
    fine = traces(motion, leg)
    windows = find_windows(fine, kb)
    ground = belt_speed or ground_speed(fine, windows, kb)
    if ground is None:
        return ()
    speed = backward_speed(fine, "foot", kb) / ground
    share = kb.value("events.soleus.speed_share")
    rises = _toe_offs(fine, windows, kb) if fine.has_foot else [None] * len(windows)
    found = [(last_rise(speed, share, w.front, w.middle), rise) for w, rise in zip(windows, rises, strict=True)]
    return ordered(found, fine)


def tip_share(reach: float, kb: GaitKnowledge) -> float:
    """0 for a toe point at the ball of the foot, 1 at the tip, between them in proportion.

    `reach`: the point ahead of the ankle in mid-stance, leg lengths; `events.toe.ball_reach` to `events.toe.tip_reach`.
    """
    ball, tip = kb.value("events.toe.ball_reach"), kb.value("events.toe.tip_reach")
    return float(np.clip((reach - ball) / (tip - ball), 0.0, 1.0))


def _toe_offs(fine: Traces, windows: tuple[Window, ...], kb: GaitKnowledge) -> list[float | None]:
    """Row of toe-off in each window; heights are over the ground as it lies in the picture (`ground_tilt`).

    1. Lowest level of a stance: lowest mean height of the toe over `events.toe.rest_s` after mid-stance (a single
       lowest value would follow the noise, the height at mid-stance a ground line that is not level). Usual climb:
       median over the stances from there to the top of early swing.
    2. Crossing: where the toe last rises through h = max(h0, `events.toe.noise_times` · noise), h0 =
       `events.soleus.toe_rise` · climb; noise: see `_noise`.
    3. Back from there by lead / v, v the median of its upward speeds there, lead = (1 − share) · (h − h0) + share · k ·
       h, k = `events.toe.onset`. At the ball of the foot (share 0) that is the passage through h0; at the tip (share 1)
       the start from rest: steady acceleration, h = a·t²/2 and v = a·t, would give t = 2·h/v.
    """
    share = tip_share(median([float(fine.at["toe"][w.middle, 0] - fine.at["ankle"][w.middle, 0]) for w in windows]), kb)
    if not np.isfinite(share):
        return [None] * len(windows)
    tilt = ground_tilt(fine, windows, share, kb)
    height = fine.at["toe"][:, 1] - tilt * fine.at["toe"][:, 0]
    speed = fine.velocity["toe"][:, 1] - tilt * fine.velocity["toe"][:, 0]
    rest = max(1, int(kb.value("events.toe.rest_s") * FINE_HZ))
    level = np.convolve(height, np.full(rest, 1 / rest), mode="same")
    floors = [float(np.min(level[w.middle : w.rear + 1])) for w in windows]
    # The toe is highest in early swing, within the time from mid-stance to the rearmost point after that point.
    ends = [min(len(height), 2 * w.rear - w.middle + int(_SWING_S * FINE_HZ)) for w in windows]
    tops = [float(np.max(height[w.rear : end])) for w, end in zip(windows, ends, strict=True)]
    climb = median([top - low for top, low in zip(tops, floors, strict=True)])
    base = kb.value("events.soleus.toe_rise") * climb
    rise = max(base, kb.value("events.toe.noise_times") * _noise(height, windows, rest))
    lead = (1 - share) * (rise - base) + share * kb.value("events.toe.onset") * rise
    rows = []
    for window, end, floor in zip(windows, ends, floors, strict=True):
        above = np.flatnonzero(height[window.middle : end] >= floor + max(climb / 2, rise))
        halfway = window.middle + int(above[0]) if len(above) else window.rear
        rows.append(last_rise(height, floor + rise, window.middle, halfway))
    usual_speed = median([float(speed[round(row)]) for row in rows if row is not None])
    back = FINE_HZ * min(lead / usual_speed, kb.value("events.toe.onset_most_s")) if usual_speed > 0 else 0.0
    return [None if row is None else row - back for row in rows]


def ground_tilt(fine: Traces, windows: tuple[Window, ...], share: float, kb: GaitKnowledge) -> float:
    """Rise of the ground per length forward in the picture: a camera that is not level or not square to the runner.

    Median over the stances of the slope of the toe's height on its place while it surely lies on the ground: from
    mid-stance part of the way (in time) to where the foot is rearmost. `events.toe.tilt_share_ball` of it for a point
    at the ball of the foot, which rises soon after that, `events.toe.tilt_share_tip` for the tip (`share` 1). One
    degree of tilt moves toe-off by 10 ms and more in made-up runners, since the foot travels nearly a leg length while
    the toe's rise is looked for in hundredths. 0 where the foot hardly moves in the picture (a runner who passes by):
    then a tilt does not matter.
    """
    ball, tip = kb.value("events.toe.tilt_share_ball"), kb.value("events.toe.tilt_share_tip")
    part, least = ball + share * (tip - ball), kb.value("events.toe.tilt_travel")
    slopes = []
    for window in windows:
        end = window.middle + int(part * (window.rear - window.middle))
        toe = fine.at["toe"][window.middle : end + 1]
        if len(toe) > 2 and np.isfinite(toe).all() and float(np.ptp(toe[:, 0])) > least:
            slopes.append(float(np.polyfit(toe[:, 0], toe[:, 1], 1)[0]))
    return median(slopes) if slopes else 0.0


def _noise(height: Floats, windows: tuple[Window, ...], rest: int) -> float:
    """How much the toe's height shakes while it rests: robust SD of its change over 2 · `rest` around mid-stance.

    The usual change is taken out; all moments and stances count together. Shaking and errors that last for some
    pictures are both in it, a slow drift of the picture is not.
    """
    reach = rest + rest // 2
    changes = [
        height[w.middle + rest // 2 : w.middle + reach] - height[w.middle - reach : w.middle - rest // 2]
        for w in windows
        if reach <= w.middle < len(height) - reach
    ]
    known = np.array([change for change in changes if np.isfinite(change).all()])
    if not len(known):
        return 0.0
    return _MAD_TO_SD * float(np.median(np.abs(known - np.median(known, axis=0))))


def median(values: list[float]) -> float:
    """Of what is known; NaN when nothing is."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")
