"""From a film to a `Recording`: decode, track the runner and watch the pictures in one streaming pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from soleus.core.recording import ClipFacts, Floats, PoseSequence, Recording
from soleus.vision.picture_quality import PictureWatch
from soleus.vision.pose.base import PoseBackend, TrackedPose, model_label
from soleus.vision.pose.registry import DEFAULT, open_pose_backend
from soleus.vision.pose.tracker import Choice, PoseTracker
from soleus.vision.video import Clip, ClipLimits, Frame, Stopped, open_clip

Progress = Callable[[int, int | None], None]
"""Pictures done, and how many there will be (None = not known)."""

UNEVEN_RATIO = 0.15
UNEVEN_SHARE = 0.02
"""A rate varies when more than this share of the steps differ from their median by more than that."""


def record_clip(
    path: str | Path,
    *,
    backend: str | PoseBackend = DEFAULT,
    slow_motion: float | None = None,
    choose: Choice | None = None,
    workers: int = 2,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: ClipLimits | None = None,
) -> Recording:
    """Body points and picture facts of a film; the same result for every number of workers.

    `slow_motion` states how many times slower than life the film plays; `choose` says whom to follow where several
    people are seen. Raises `VideoError` for a film that cannot be read, `PoseBackendError` without a pose network,
    `Stopped` when `cancelled` says so.
    """
    with open_clip(path, slow_motion=slow_motion, limits=limits) as clip:
        network = open_pose_backend(backend) if isinstance(backend, str) else backend
        tracker = PoseTracker(network, workers=workers, choose=choose or "main")
        watch = PictureWatch()
        tracked: list[TrackedPose] = []
        with closing(tracker.track(_watched(clip, watch, cancelled))) as poses:  # type: ignore[type-var]
            for pose in poses:
                tracked.append(pose)
                if progress is not None:
                    progress(len(tracked), clip.info.expected)
        return _recording(clip, watch, tracked, model_label(network), chosen=choose is not None)


def _watched(clip: Clip, watch: PictureWatch, cancelled: Callable[[], bool] | None) -> Iterator[Frame]:
    """The film's pictures on their way to the tracker; runs in the decoding thread."""
    for frame in clip:
        if cancelled is not None and cancelled():
            raise Stopped("stopped before the end of the film")
        watch.see(frame.image)
        yield frame


def _recording(clip: Clip, watch: PictureWatch, tracked: list[TrackedPose], model: str, *, chosen: bool) -> Recording:
    """Poses and facts of the pictures that show a new moment; repeated ones would falsify every time."""
    times_s = np.array([pose.time_s for pose in tracked])
    points = np.stack([pose.points for pose in tracked])
    quality = watch.quality(points, times_s)
    repairs = list(clip.repairs)
    keep = ~quality.repeated
    if not keep.all():
        repairs.append(f"Pictures that only repeat the one before and were left out: {(~keep).sum()}.")
    poses = PoseSequence(
        times_s=times_s[keep],
        points=points[keep],
        width_px=clip.size[0],
        height_px=clip.size[1],
        model=model,
        people=np.array([pose.people for pose in tracked], np.int16)[keep],
    )
    facts = ClipFacts(
        duration_s=duration_of(times_s),
        fps=rate_of(poses.times_s),
        width_px=clip.info.width_px,
        height_px=clip.info.height_px,
        variable_frame_rate=is_uneven(poses.times_s),
        slow_motion=clip.info.slow_motion,
        slow_motion_from=clip.info.slow_motion_from,
        window_start_s=clip.first_s,
        chosen=chosen,
        sharpness=quality.sharpness[keep],
        brightness=quality.brightness,
        shift_px=quality.shift_px[keep],
        cuts=quality.cuts,
        frozen_share=quality.frozen_share,
        motion_energy=quality.motion_energy[keep],
        repairs=tuple(repairs),
    )
    return Recording(poses=poses, facts=facts)


def rate_of(times_s: Floats) -> float:
    """Pictures per real second: 1 / median step of (T,) times."""
    return float(1 / np.median(np.diff(times_s)))


def duration_of(times_s: Floats) -> float:
    """Real seconds shown: each picture stays until the next, the last one for a median step."""
    return float(times_s[-1] - times_s[0] + np.median(np.diff(times_s)))


def is_uneven(times_s: Floats) -> bool:
    """Whether the frame rate varies."""
    steps = np.diff(times_s)
    return bool((np.abs(steps / np.median(steps) - 1) > UNEVEN_RATIO).mean() > UNEVEN_SHARE)
