"""Refuses before it guesses: what is wrong with a film, what to mend first coming first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from soleus.core.gait import Refusal
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.recording import ClipFacts, Floats, PoseSequence, Recording, View
from soleus.gait.motion import Bools
from soleus.gait.scale import Stance, fits_view
from soleus.gait.skeleton import ANKLE, HIP, KNEE, Body, lengths, nan_median
from soleus.knowledge.gait_base import GaitKnowledge


def refusal(code: str, share: float | None = None, params: Mapping[str, str | int | float] | None = None) -> Refusal:
    """A refusal by its id in the knowledge base."""
    return Refusal(code=code, reason=Message(text=TextId(f"gait.refusal.{code}"), params=params or {}), share=share)


def in_order(refusals: Iterable[Refusal], kb: GaitKnowledge) -> tuple[Refusal, ...]:
    """What to mend first comes first; each once."""
    last = max((known.order for known in kb.refusals.values()), default=0) + 1
    first = {entry.code: entry for entry in reversed(list(refusals))}
    order = {code: kb.refusals[code].order if code in kb.refusals else last for code in first}
    return tuple(first[code] for code in sorted(first, key=lambda code: (order[code], code)))


def person_refusals(recording: Recording, body: Body, stance: Stance, kb: GaitKnowledge) -> list[Refusal]:
    """Is there one runner, the same all the time?

    `no_runner`: hips, knees and ankles in less than `quality.seen_share` of the frames, or points that do not make a
    person (`is_person`). `several_people`: in at least `quality.people_share` of the frames that were looked at, unless
    somebody pointed out whom to follow. `person_changes`: the body jumps or changes its size for good.
    """
    found = []
    seen = float(body.present.mean()) if body.frames else 0.0
    if seen < kb.value("quality.seen_share") or not is_person(body, stance, kb):
        return [refusal("no_runner", share=1 - seen)]
    share = several_share(recording.poses)
    if share >= kb.value("quality.people_share") and not recording.facts.chosen:
        found.append(refusal("several_people", share=share))
    if person_changes(body, stance.leg_length_px, kb):
        found.append(refusal("person_changes"))
    return found


def is_person(body: Body, stance: Stance, kb: GaitKnowledge) -> bool:
    """Whether the points have the build of an upright person.

    Shoulders above hips above ankles; thigh, shank and trunk in human proportion; segments that keep their length: a
    pose network finds "people" in trees and dogs too, but they wobble.
    """
    leg = stance.leg_length_px
    if not leg > 0:
        return False
    trunk = body.hip_centre - body.shoulder_centre
    legs_down = nan_median(body.legs[:, :, ANKLE, 1] - body.legs[:, :, HIP, 1]) / leg
    thigh = lengths(body.legs[:, :, HIP], body.legs[:, :, KNEE]).ravel()
    shank = lengths(body.legs[:, :, KNEE], body.legs[:, :, ANKLE]).ravel()
    ratio = nan_median(thigh) / max(nan_median(shank), 1e-9)
    trunk_up, trunk_length = nan_median(trunk[:, 1]) / leg, nan_median(np.hypot(trunk[:, 0], trunk[:, 1])) / leg
    wobble = max(_wobble(thigh), _wobble(shank))
    build = kb.value("quality.build_ratio")
    checks = (
        legs_down > kb.value("quality.legs_down"),
        1 / build < ratio < build,
        not np.isfinite(trunk_up) or trunk_up > kb.value("quality.trunk_up"),
        not np.isfinite(trunk_length) or trunk_length < build,
        wobble < kb.value("quality.wobble"),
    )
    return all(checks)


def _wobble(segment: Floats) -> float:
    """Scatter of a length that ought to stay the same: 1.4826 · MAD / median."""
    middle = nan_median(segment)
    return 1.4826 * nan_median(np.abs(segment - middle)) / max(middle, 1e-9)


def several_share(poses: PoseSequence) -> float:
    """Share of the frames that were looked at with more than one person; 0 when nobody looked."""
    if poses.people is None:
        return 0.0
    looked = poses.people[poses.people >= 0]
    return float((looked > 1).mean()) if len(looked) else 0.0


def person_changes(body: Body, leg_px: float, kb: GaitKnowledge) -> bool:
    """The hips jump further than anybody runs and stay there, or the legs turn longer or shorter at one blow."""
    rows = np.flatnonzero(np.isfinite(body.hip_centre).all(axis=1))
    if len(rows) < 2 * _AROUND:
        return False
    times, hip = body.times_s[rows], body.hip_centre[rows] / leg_px
    size = np.median(
        lengths(body.legs[:, rows, HIP], body.legs[:, rows, KNEE])
        + lengths(body.legs[:, rows, KNEE], body.legs[:, rows, ANKLE]),
        axis=0,
    )
    step = np.hypot(*np.diff(hip, axis=0).T)
    limit = np.maximum(kb.value("quality.jump_leg"), kb.value("quality.jump_leg_s") * np.diff(times))
    for i in np.flatnonzero(step > limit):
        before, after = slice(max(i + 1 - _AROUND, 0), i + 1), slice(i + 1, i + 1 + _AROUND)
        stays = np.hypot(*(np.median(hip[after], axis=0) - np.median(hip[before], axis=0)))
        if stays > limit[i]:
            return True
    seen = np.isfinite(size)
    sizes, at = size[seen], times[seen]
    half = kb.value("quality.size_window_s")
    for middle in np.arange(at[0] + half, at[-1] - half, half) if len(at) else ():
        before_size = nan_median(sizes[(at >= middle - half) & (at < middle)])
        after_size = nan_median(sizes[(at >= middle) & (at < middle + half)])
        if np.isfinite(before_size + after_size) and (
            max(before_size, after_size) > kb.value("quality.size_change") * min(before_size, after_size)
        ):
            return True
    return False


_AROUND = 5


def picture_refusals(recording: Recording, leg_px: float, kb: GaitKnowledge) -> list[Refusal]:
    """Are the pictures good enough: cuts, still pictures, moving camera, size, rate, light, blur."""
    facts, found = recording.facts, []
    if facts.cuts:
        found.append(refusal("cuts"))
    if facts.frozen_share is not None and facts.frozen_share > kb.value("quality.frozen_share"):
        found.append(refusal("frozen", share=facts.frozen_share))
    if camera_movement(recording, leg_px, kb) > kb.value("quality.camera_leg"):
        found.append(refusal("camera_moves"))
    if shown_leg_px(recording, leg_px) < kb.value("quality.leg_min_px"):
        found.append(refusal("too_small"))
    if not fps_of(facts, recording.poses.times_s) >= kb.value("quality.fps_min"):
        found.append(refusal("fps_too_low"))
    if facts.brightness is not None and facts.brightness < kb.value("quality.brightness_min"):
        found.append(refusal("dark"))
    if facts.sharpness is not None and nan_median(facts.sharpness) < kb.value("quality.sharpness_min"):
        found.append(refusal("blurred"))
    return found


def shown_leg_px(recording: Recording, leg_px: float) -> float:
    """Leg length in pixels that were really filmed: enlarging a small film adds none."""
    longest = max(recording.poses.width_px, recording.poses.height_px)
    filmed = max(recording.facts.width_px, recording.facts.height_px)
    return leg_px * min(1.0, filmed / longest) if longest > 0 else leg_px


def camera_movement(recording: Recording, leg_px: float, kb: GaitKnowledge) -> float:
    """How far the background moves within `quality.camera_s`, in leg lengths: 90th percentile over the film.

    0 when the pictures were not looked at, or too little background was seen.
    """
    shift, times = recording.facts.shift_px, recording.poses.times_s
    if shift is None or shift.shape != (len(times), 2) or len(times) < 2 or not leg_px > 0:
        return 0.0
    known = np.asarray(np.isfinite(shift).all(axis=1))
    if known[1:].mean() < 0.5:
        return 0.0
    path = np.cumsum(np.where(known[:, None], shift, 0.0), axis=0)
    later = np.minimum(np.searchsorted(times, times + kb.value("quality.camera_s")), len(times) - 1)
    away = np.hypot(*(path[later] - path).T)[later < len(times) - 1]
    return float(np.percentile(away, 90)) / leg_px if len(away) else float(np.hypot(*path[-1])) / leg_px


def view_refusals(stance: Stance, outside: Bools, view: View, kb: GaitKnowledge) -> list[Refusal]:
    """Was the camera where it was said to be, and are the feet in the picture?

    `outside`: share of the frames in which the near foot (from behind: any foot) is cut off.
    """
    found = []
    if not fits_view(stance, view, kb):
        found.append(refusal("not_side_view" if view is View.SIDE else "not_back_view"))
    share = float(np.mean(outside)) if len(outside) else 0.0
    if share > kb.value("quality.outside_share"):
        found.append(refusal("feet_out_of_frame", share=share))
    return found


def cautions(
    recording: Recording, body: Body, stance: Stance, doubled_share: float, view: View, kb: GaitKnowledge
) -> tuple[Message, ...]:
    """What the film has that is not bad enough to refuse it. `doubled_share`: frames with both legs drawn on one."""
    facts = recording.facts
    leg_px = shown_leg_px(recording, stance.leg_length_px)
    moved, fps = camera_movement(recording, stance.leg_length_px, kb), fps_of(facts, recording.poses.times_s)
    said = {
        "small": kb.value("quality.leg_min_px") <= leg_px < kb.value("quality.leg_good_px"),
        "few_pictures": kb.value("quality.fps_min") <= fps < kb.value("quality.fps_good"),
        "camera_shakes": kb.value("quality.camera_caution_leg") < moved <= kb.value("quality.camera_leg"),
        "not_square": view is View.SIDE and stance.yaw_deg > kb.value("quality.yaw_good_deg"),
        "parts_missing": body.frames > 0 and float(body.present.mean()) < kb.value("quality.seen_good"),
        "slow_motion_stated": facts.slow_motion != 1.0 and facts.slow_motion_from == "stated",
        "repaired": bool(facts.repairs),
        "far_leg": doubled_share > kb.value("quality.doubled_caution"),
    }
    return tuple(Message(text=TextId(f"gait.caution.{name}")) for name, holds in said.items() if holds)


def fps_of(facts: ClipFacts, times_s: Floats) -> float:
    """Captured pictures per second: as stated, else from the times; NaN for fewer than two frames."""
    if np.isfinite(facts.fps) and facts.fps > 0:
        return facts.fps
    return float(1 / np.median(np.diff(times_s))) if len(times_s) > 1 else float("nan")
