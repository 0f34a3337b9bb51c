"""What is not counted: films that are no heel raise of one leg, and curves too noisy to trust."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.core.recording import Recording
from soleus.gait.heel_raise.count import Rep, count_raises, reference_height
from soleus.gait.heel_raise.judge import periods_s
from soleus.gait.heel_raise.parts import Told
from soleus.gait.heel_raise.signal import Curve, NotMeasurable, other_foot_shares, robust_sd, what_moves
from soleus.knowledge.gait_base import GaitKnowledge

MIN_FRAMES = 2
MIN_FOR_SCATTER = 5
QUIET_S, SETTLED_S = 2.0, 0.3
"""The quiet time before the first raise, and how long before it to stop looking."""
SQUAT_FOOT_LENGTHS = 0.3


def need_pictures(recording: Recording, base: Told) -> None:
    if recording.poses.frames < MIN_FRAMES or not np.isfinite(recording.poses.points[:, :, 0]).any():
        raise NotMeasurable("no_runner", share=1.0)
    if base.fps < base.gait.value("heel_raise.gate.min_fps"):
        raise NotMeasurable("fps_too_low", fps=round(base.fps, 1))
    if recording.facts.cuts:
        raise NotMeasurable("cuts")
    if recording.facts.window_start_s > base.gait.value("heel_raise.gate.max_skipped_s"):
        raise NotMeasurable("part_of_test")
    frozen = recording.facts.frozen_share
    if frozen is not None and frozen > base.gait.value("heel_raise.gate.max_frozen_share"):
        raise NotMeasurable("frozen", share=frozen)


def need_heel_raise(curve: Curve, reference: float, base: Told) -> float:
    """Whether the curve is a heel raise of one leg at all; how far the hip rises when the ankle rises by 1."""
    gait = base.gait
    least = gait.value("heel_raise.valid.min_rise_cm") / base.foot_for_limits_cm
    hip = curve.toe[:, 1] + curve.points["hip"][:, 1]
    if not reference >= least:  # also NaN
        moved = np.isfinite(hip).any() and np.nanpercentile(hip, 95) - np.nanpercentile(hip, 5) > SQUAT_FOOT_LENGTHS
        raise NotMeasurable("not_a_heel_raise" if moved else "no_raises")
    ankle_share, _, hip_share = what_moves(curve)
    if ankle_share < gait.value("heel_raise.gate.min_ankle_share"):
        raise NotMeasurable("not_a_heel_raise")
    if hip_share < gait.value("heel_raise.gate.min_hip_share"):  # NaN: the hip was not seen
        raise NotMeasurable("not_a_heel_raise")
    other_heel, other_toe = other_foot_shares(curve)  # NaN: the other foot was not seen
    together = other_heel >= gait.value("heel_raise.gate.both_legs_share")
    if together or other_toe < gait.value("heel_raise.gate.min_other_foot_share"):
        raise NotMeasurable("both_legs")
    return hip_share


def need_whole_view(curve: Curve, reps: Sequence[Rep]) -> None:
    """No stretch between the first and the last raise in which the foot was not seen."""
    during = slice(reps[0].start, reps[-1].end + 1)
    unseen = ~np.isfinite(curve.ankle[during] + curve.heel[during])
    if unseen.any():
        raise NotMeasurable("heel_not_seen", share=float(unseen.mean()))


def need_human_pace(reps: Sequence[Rep], gait: GaitKnowledge) -> None:
    """A pace that nobody keeps on one leg is a film that plays slower or faster than it was taken."""
    periods = periods_s(reps)
    if len(periods):
        pace = 60 / float(np.median(periods))
        if not gait.value("heel_raise.gate.slowest_per_min") <= pace <= gait.value("heel_raise.gate.fastest_per_min"):
            raise NotMeasurable("slow_motion_unclear", per_min=round(pace, 1))


def own_raises(curve: Curve, reps: tuple[Rep, ...], gait: GaitKnowledge) -> tuple[Rep, ...]:
    """Without the rises of the heel in the steps that brought the foot here, or took it away, within the film.

    In a step the rise or the fall is not seen, or the hip moves over the ankle by `heel_raise.gate.step_hip_share`
    foot lengths.
    """
    hip = curve.points["hip"][:, 0] - curve.points["ankle"][:, 0]
    usual = float(np.median(hip[np.isfinite(hip)])) if np.isfinite(hip).any() else np.nan
    least = gait.value("heel_raise.gate.step_hip_share")
    kept = list(reps)

    def moves(rep: Rep) -> bool:
        around = hip[max(rep.start - 1, 0) : rep.end + 2]
        return bool((np.abs(around - usual) >= least).any())

    while kept and curve.stepped_away and (not kept[-1].finished or moves(kept[-1])):
        kept.pop()
    while kept and (kept[0].start <= 1 or (curve.stepped_in and moves(kept[0]))):
        kept.pop(0)
    return tuple(kept)


def need_quiet(curve: Curve, reps: Sequence[Rep], reference: float, gait: GaitKnowledge) -> tuple[float, float]:
    """(noise of the curve in foot lengths, first raises / noise), or a refusal when the count cannot be trusted.

    The largest of three looks at the noise counts: the band above the raises, the resting heel between them, and the
    quiet seconds before the first. The heel's own curve must hold as many raises as the ankle's.
    """
    up = gait.value("heel_raise.count.up_share") * reference
    noise = max(curve.noise, _scatter_at_rest(reps, up), _scatter_before(curve, reps))
    snr = reference / noise if noise > 0 else float("inf")
    if snr < gait.value("heel_raise.gate.min_snr") or not _agree(curve, reps, gait):
        raise NotMeasurable("noise_too_high", snr=round(snr, 1))
    return noise, snr


def _scatter_at_rest(reps: Sequence[Rep], up: float) -> float:
    """Noise as the floor shows it: the heel comes down to the same place each time, so what its resting height
    scatters by (against its neighbours, for a slow drift) is noise, slow noise too. A heel that stayed above `up` was
    not at rest."""
    levels = np.array([rep.start_level for rep in reps if rep.start_level < up])
    if len(levels) < MIN_FOR_SCATTER:
        return 0.0
    return robust_sd(levels[1:-1] - (levels[:-2] + levels[2:]) / 2) / float(np.sqrt(1.5))


def _scatter_before(curve: Curve, reps: Sequence[Rep]) -> float:
    """Noise as the quiet seconds before the first raise show it; 0 where there is no such second."""
    until = reps[0].start - round(SETTLED_S * curve.rate_hz)
    quiet = curve.ankle[max(until - round(QUIET_S * curve.rate_hz), 0) : max(until, 0)]
    quiet = quiet[np.isfinite(quiet)]
    return robust_sd(quiet) if len(quiet) >= curve.rate_hz else 0.0


def _agree(curve: Curve, reps: Sequence[Rep], gait: GaitKnowledge) -> bool:
    """Whether the heel's own curve holds as many raises as the ankle's: two witnesses."""
    reference = reference_height(curve.heel, curve.heel_slow, curve.rate_hz, gait)
    found = count_raises(curve.heel, curve.heel_slow, curve.rate_hz, reference, gait)
    return len(own_raises(curve, found, gait)) == len(reps)


def hand_helps(faults: Sequence[tuple[str, ...]], gait: GaitKnowledge) -> bool:
    helped = sum("hand_push" in found for found in faults)
    return helped >= max(gait.value("heel_raise.gate.max_hand_share") * len(faults), 1)
