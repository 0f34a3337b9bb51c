"""From the points of both legs to the height of the tested ankle over its toe, and how noisy that curve is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter
from scipy.signal import welch

from soleus.core.measurement import Side
from soleus.core.recording import Facing, Floats
from soleus.gait.heel_raise.track import FOOT, LEG, MAD_TO_SD, Bools, Tracks, low_pass
from soleus.knowledge.gait_base import GaitKnowledge

WELCH_S = 2.0
NOISE_BAND_HZ = (4.5, 7.5)
"""Just above what a heel raise contains; the noise found there is taken to go on below."""
NYQUIST_SHARE = 0.9
BASELINE_STEP_S = 0.5
BOUT_SHARE = 0.5
"""A stretch whose heel moves this much of the longest one's holds raises too."""
MIN_BOTH_SEEN = 0.5
TOP_PERCENTILE = 98.0


class NotMeasurable(Exception):
    """Why this clip gives no heel raises."""

    def __init__(self, code: str, share: float | None = None, **params: float | str) -> None:
        super().__init__(code)
        self.code = code
        self.share = share
        self.params = params


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """The tested leg while its toe stayed in one place; all lengths are foot lengths, y up, x forward."""

    side: Side
    """As the network names the leg that rises."""
    times_s: Floats
    """(N,)"""
    rate_hz: float
    foot_px: float
    ankle: Floats
    """(N,) height of the ankle over the toe, resting height taken off; NaN in gaps too long to bridge."""
    heel: Floats
    """(N,) the same of the heel."""
    ankle_slow: Floats
    """(N,) `ankle`, smoothed more: for finding the raises, not for their height."""
    heel_slow: Floats
    """(N,)"""
    ankle_raw: Floats
    """(N,) height of the ankle over the toe, not smoothed, resting height kept."""
    points: Mapping[str, Floats]
    """(N, 2) smoothed points of the leg, trunk and arm, relative to the toe."""
    toe: Floats
    """(N, 2) the toe in the picture."""
    other: Mapping[str, Floats]
    """(N, 2) of the other leg, relative to the tested toe."""
    noise: float
    """Standard deviation of the noise that is left in `ankle`, from the band just above it."""
    forward: float
    """+1 = the runner faces right in the picture."""
    stepped_in: bool
    """The toe came to its place within the film."""
    stepped_away: bool
    """The toe left its place before the film ended."""
    other_bout: bool
    """The heel also went up and down before or after a step: only the longest stretch is looked at."""
    foot_per_shank: float
    """Foot length / shank length in the picture: small when not filmed from the side."""

    @property
    def near(self) -> Side:
        """The leg on the camera's side."""
        return (Facing.RIGHT if self.forward > 0 else Facing.LEFT).near


def build_curve(tracks: Tracks, gait: GaitKnowledge) -> Curve:
    """The curve of the leg that rises. Raises `NotMeasurable` with the reason that comes first.

    1. A leg can be the tested one while its toe keeps its place (`standing`).
    2. Of two such legs the one whose heel moves more over its toe; when both move alike these were both legs.
    3. Height of the ankle over the toe / foot length, low-pass `heel_raise.signal.lowpass_hz` without lag; resting
       height = running `baseline_percentile` over `baseline_window_s`.
    """
    cut_off = gait.value("heel_raise.signal.lowpass_hz")
    smooth = {key: low_pass(xy, tracks.rate_hz, cut_off) for key, xy in tracks.points.items()}
    _need_feet(tracks, gait)
    stances = {side: _standing(smooth, side, tracks, gait) for side in Side}
    if not any(stances.values()):
        raise NotMeasurable("not_a_heel_raise")
    longest = {side: max(found, key=lambda s: s.stop - s.start) for side, found in stances.items() if found}
    moved = {side: _heel_range(smooth, side, stance) for side, stance in longest.items()}
    side = max(moved, key=lambda s: moved[s])
    bouts = [
        stance
        for stance in stances[side]
        if stance != longest[side] and _heel_range(smooth, side, stance) >= BOUT_SHARE * moved[side]
    ]
    _need_whole(bouts, longest[side], smooth[side, "toe"])
    curve = _curve(tracks, smooth, side, longest[side], gait, other_bout=bool(bouts))
    _need_side_view(curve, gait)
    return curve


def _need_whole(bouts: list[slice], longest: slice, toe: Floats) -> None:
    """Raises when the foot was lost from sight between raises: some may have been missed."""
    for bout in bouts:
        gap = slice(min(bout.stop, longest.stop), max(bout.start, longest.start))
        unseen = ~np.isfinite(toe[gap, 0])
        if unseen.mean() >= MIN_BOTH_SEEN:
            raise NotMeasurable("heel_not_seen", share=float(unseen.sum() / len(toe)))


def _need_feet(tracks: Tracks, gait: GaitKnowledge) -> None:
    """At least one leg with ankle, heel and toe for most of the film."""
    shares = [
        float(np.isfinite(np.hstack([tracks.of(side, part) for part in FOOT])).all(axis=1).mean()) for side in Side
    ]
    if max(shares) == 0:
        raise NotMeasurable("heel_not_seen" if _anybody(tracks) else "no_runner", share=1.0)
    if max(shares) < gait.value("heel_raise.gate.min_seen"):
        raise NotMeasurable("heel_not_seen", share=1 - max(shares))


def _anybody(tracks: Tracks) -> bool:
    return any(bool(np.isfinite(xy).any()) for xy in tracks.points.values())


def _foot_px(smooth: Mapping[tuple[Side, str], Floats], side: Side) -> Floats:
    return np.asarray(np.linalg.norm(smooth[side, "toe"] - smooth[side, "heel"], axis=1))


def _standing(
    smooth: Mapping[tuple[Side, str], Floats], side: Side, tracks: Tracks, gait: GaitKnowledge
) -> list[slice]:
    """The stretches in which the toe keeps its place, `heel_raise.gate.min_stance_s` at least.

    The toe moves when it is faster than `max_toe_speed` foot lengths a second. Moving for less than `max_break_s` (a
    bump of the camera) does not end the stretch, unless moving makes up `max_moving_share` of it: that is walking.
    """
    toe, foot = smooth[side, "toe"], _foot_px(smooth, side)
    if not np.isfinite(foot).any():
        return []
    speed = np.linalg.norm(np.gradient(toe, axis=0), axis=1) * tracks.rate_hz / float(np.nanmedian(foot))
    still = speed < gait.value("heel_raise.gate.max_toe_speed")  # NaN: not seen, not still
    longest_break = round(gait.value("heel_raise.gate.max_break_s") * tracks.rate_hz)
    least = gait.value("heel_raise.gate.min_stance_s") * tracks.rate_hz
    moving = gait.value("heel_raise.gate.max_moving_share")
    return [
        slice(start, stop)
        for start, stop in _stretches(still, longest_break)
        if stop - start >= least and 1 - float(still[start:stop].mean()) <= moving
    ]


def _stretches(mask: Bools, longest_break: int) -> list[tuple[int, int]]:
    """[start, stop) of the runs of True, joined across breaks up to `longest_break` samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    joined: list[tuple[int, int]] = []
    for start, stop in edges.reshape(-1, 2).tolist():
        if joined and start - joined[-1][1] <= longest_break:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return joined


def _heel_range(smooth: Mapping[tuple[Side, str], Floats], side: Side, stance: slice) -> float:
    """Range of the heel's height over the toe, 5th to 98th percentile, px."""
    height = (smooth[side, "heel"] - smooth[side, "toe"])[stance, 1]
    return float(np.nanpercentile(height, TOP_PERCENTILE) - np.nanpercentile(height, 5))


def _curve(
    tracks: Tracks,
    smooth: Mapping[tuple[Side, str], Floats],
    side: Side,
    stance: slice,
    gait: GaitKnowledge,
    *,
    other_bout: bool,
) -> Curve:
    toe = smooth[side, "toe"][stance]
    heel_height = (smooth[side, "heel"][stance] - toe)[:, 1]
    resting = heel_height <= np.nanpercentile(heel_height, 30)
    foot_px = float(np.nanmedian(_foot_px(smooth, side)[stance][resting]))
    if foot_px < gait.value("heel_raise.gate.min_foot_px"):
        raise NotMeasurable("heel_too_small", foot_px=round(foot_px))
    ahead = float(np.nanmedian((toe - smooth[side, "heel"][stance])[resting, 0]))
    forward = 1.0 if ahead >= 0 else -1.0
    turn = np.array([forward, 1.0]) / foot_px
    parts = (*LEG, "shoulder", "elbow", "wrist")
    points = {part: (smooth[side, part][stance] - toe) * turn for part in parts}
    raw = (tracks.of(side, "ankle") - tracks.of(side, "toe"))[stance, 1] / foot_px
    shank = np.linalg.norm(points["knee"] - points["ankle"], axis=1)
    seen_shank = shank[np.isfinite(shank)]
    times = tracks.times_s[stance]
    ankle, ankle_slow = _above_rest(points["ankle"][:, 1], tracks.rate_hz, gait)
    heel, heel_slow = _above_rest(points["heel"][:, 1], tracks.rate_hz, gait)
    return Curve(
        side=side,
        times_s=times,
        rate_hz=tracks.rate_hz,
        foot_px=foot_px,
        ankle=ankle,
        heel=heel,
        ankle_slow=ankle_slow,
        heel_slow=heel_slow,
        ankle_raw=raw,
        points=points,
        toe=toe * turn,
        other={part: (smooth[side.other, part][stance] - toe) * turn for part in LEG},
        noise=noise_of(raw, tracks.rate_hz, gait.value("heel_raise.signal.lowpass_hz")),
        forward=forward,
        other_bout=other_bout,
        stepped_in=stance.start > 1,
        stepped_away=bool(stance.stop < len(tracks.times_s) - 1),
        foot_per_shank=abs(ahead) / foot_px / float(np.median(seen_shank)) if len(seen_shank) else np.nan,
    )


def _above_rest(height: Floats, rate_hz: float, gait: GaitKnowledge) -> tuple[Floats, Floats]:
    """(height, height smoothed more) over the running low percentile, so that a slow drift of the points does not
    matter."""
    window = gait.value("heel_raise.baseline.window_s")
    share = gait.value("heel_raise.baseline.percentile")
    slow = low_pass(height, rate_hz, gait.value("heel_raise.count.lowpass_hz"))
    index = np.arange(len(height))
    step, half = max(round(BASELINE_STEP_S * rate_hz), 1), round(window * rate_hz / 2)
    centres = np.append(index[::step], index[-1])
    low = np.array([_low(slow[max(c - half, 0) : c + half + 1], share) for c in centres])
    known = np.isfinite(low)
    rest = np.interp(index, centres[known], low[known])
    return height - rest, slow - rest


def _low(values: Floats, share: float) -> float:
    seen = values[np.isfinite(values)]
    return float(np.percentile(seen, share)) if len(seen) else np.nan


def noise_of(raw: Floats, rate_hz: float, cut_off_hz: float) -> float:
    """Standard deviation of the noise below the cut-off, from the power between 4.5 and 7.5 Hz.

    A heel raise every two seconds has next to no power there. sd = √(mean density · cut-off). Up to 15 pictures a
    second the band ends at 0.9 of half the rate.
    """
    seen = np.isfinite(raw)
    if seen.sum() < 2:
        return np.inf
    index = np.arange(len(raw))
    filled = np.interp(index, index[seen], raw[seen])
    length = min(round(WELCH_S * rate_hz), len(raw))
    frequency, density = welch(filled, fs=rate_hz, nperseg=length)
    band = (frequency >= NOISE_BAND_HZ[0]) & (frequency <= min(NOISE_BAND_HZ[1], NYQUIST_SHARE * rate_hz / 2))
    return float(np.sqrt(np.mean(density[band]) * cut_off_hz)) if band.any() else np.inf


def _need_side_view(curve: Curve, gait: GaitKnowledge) -> None:
    if curve.foot_per_shank < gait.value("heel_raise.gate.min_foot_per_shank"):  # NaN: the knee was not seen
        raise NotMeasurable("heel_not_side")


def other_foot_shares(curve: Curve) -> tuple[float, float]:
    """(how far the other heel rises over its own toe, how far the other toe rises) when the tested ankle rises by 1.

    A lifted foot goes up as a whole: about (0, 1). In a raise on both legs the other heel rises over a toe that stays
    down; a foot that stands on the floor does neither. Where that foot is in the picture does not matter, so the height
    of the camera does not either. NaN when it was hardly seen.
    """
    own = curve.points["ankle"][:, 1]
    toe = curve.other["toe"][:, 1] + curve.toe[:, 1]
    heel = curve.other["heel"][:, 1] - curve.other["toe"][:, 1]
    if (np.isfinite(heel) & np.isfinite(own)).mean() < MIN_BOTH_SEEN:
        return float("nan"), float("nan")
    quick = _quick(own, curve.rate_hz)
    return _slope(quick, _quick(heel, curve.rate_hz)), _slope(quick, _quick(toe, curve.rate_hz))


def what_moves(curve: Curve) -> tuple[float, float, float]:
    """How much ankle, toe and hip rise in the picture when the ankle rises by 1 over the toe.

    Slopes of straight lines after the slow part (running median over 10 s) is taken off. In a heel raise the ankle
    and the hip go up by about 1 and the toe by 0; when the toes are lifted instead, the toe goes down by 1.
    """
    ankle = curve.toe[:, 1] + curve.points["ankle"][:, 1]
    hip = curve.toe[:, 1] + curve.points["hip"][:, 1]
    own = _quick(curve.points["ankle"][:, 1], curve.rate_hz)
    return (
        _slope(own, _quick(ankle, curve.rate_hz)),
        _slope(own, _quick(curve.toe[:, 1], curve.rate_hz)),
        _slope(own, _quick(hip, curve.rate_hz)),
    )


def _quick(values: Floats, rate_hz: float) -> Floats:
    """What changes faster than a few seconds: values less their running median over about 6 s (at 4 a second)."""
    step = max(round(rate_hz / 8), 1)
    few = values[::step]
    seen = np.isfinite(few)
    if seen.sum() < 8:
        return np.full_like(values, np.nan)
    filled = np.interp(np.arange(len(few)), np.flatnonzero(seen), few[seen])
    slow = median_filter(filled, size=49, mode="nearest")
    return np.asarray(values - np.interp(np.arange(len(values)), np.arange(len(few)) * step, slow))


def _slope(x: Floats, y: Floats) -> float:
    seen = np.isfinite(x) & np.isfinite(y)
    power = float(x[seen] @ x[seen])
    return float(x[seen] @ y[seen]) / power if power > 0 else np.nan


def robust_sd(values: Floats) -> float:
    """1.4826 · median absolute deviation."""
    return float(MAD_TO_SD * np.median(np.abs(values - np.median(values)))) if len(values) else np.nan


def knee_flexion_deg(curve: Curve) -> Floats:
    """(N,) 180° less the angle hip-knee-ankle; NaN where one is not seen."""
    thigh = curve.points["hip"] - curve.points["knee"]
    shank = curve.points["ankle"] - curve.points["knee"]
    cross = thigh[:, 0] * shank[:, 1] - thigh[:, 1] * shank[:, 0]
    dot = (thigh * shank).sum(axis=1)
    return np.asarray(180.0 - np.degrees(np.abs(np.arctan2(cross, dot))))


def trunk_deg(curve: Curve) -> Floats:
    """(N,) forward lean of the line hip-shoulder from straight up, degrees."""
    line = curve.points["shoulder"] - curve.points["hip"]
    return np.asarray(np.degrees(np.arctan2(line[:, 0], line[:, 1])))


def elbow_deg(curve: Curve) -> Floats:
    """(N,) angle shoulder-elbow-wrist: 180 = straight arm."""
    upper = curve.points["shoulder"] - curve.points["elbow"]
    fore = curve.points["wrist"] - curve.points["elbow"]
    cross = upper[:, 0] * fore[:, 1] - upper[:, 1] * fore[:, 0]
    return np.asarray(np.degrees(np.abs(np.arctan2(cross, (upper * fore).sum(axis=1)))))
