"""Follow one runner through a film: find, choose, hold, and smooth where the network looks.

The region for picture t is placed from the results of pictures up to t - lag, with a lag that does not depend on the
number of workers: several pictures are worked on at once, and the result is the same for one worker as for three.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from soleus.vision.pose.appearance import Appearance, colours_of
from soleus.vision.pose.base import Detection, Floats, Frame, Image, Pose, PoseBackend, Roi, TrackedPose, no_points
from soleus.vision.pose.prefetch import prefetch
from soleus.vision.pose.regions import AnchorFilter

Choice = str | tuple[float, float]
"""Whom to follow: "main" (large and central), "largest", "central", or a point as shares of width and height."""
CHOICES = ("main", "largest", "central")

LAG_FRAMES = 3
DETECT_EVERY_S = 0.5
MIN_PRESENCE = 0.5
COMPARABLE_SIZE = 0.4
"""People smaller than this share of the runner are not counted: nobody mixes them up."""
MAX_JUMP = 0.35
MAX_GROWTH = 1.5
"""A region that moves this share of its size, or grows by this factor, against its prediction is another body."""
HOLD_S = 1.0
"""Time after a loss in which only a person near the last place counts as the same one."""
FORGET_S = 3.0
"""Time after which somebody in other clothes may be followed instead."""
SEVERAL_S = 2.0
"""Time after which several people seen are forgotten; only while they are remembered is clothing compared."""
DRIFT_S = 0.8
"""Time constant of the steady movement across the picture: longer than a step, so its bounce is left out."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Job:
    """What is to be done with one picture."""

    image: Image
    time_s: float
    roi: Roi | None
    detect: bool
    near: Roi | None
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What came of it."""

    time_s: float
    roi: Roi | None
    pose: Pose | None
    detections: tuple[Detection, ...] | None
    colours: Floats | None


@dataclass(slots=True)
class _Runner:
    """Where the followed person is, from the results absorbed so far."""

    filter: AnchorFilter = field(default_factory=AnchorFilter)
    anchor: Floats | None = None
    time_s: float = 0.0
    drift: Floats = field(default_factory=lambda: np.zeros(2))
    """Steady movement, pixels per second."""
    last_roi: Roi | None = None
    wears: Appearance = field(default_factory=Appearance)
    several_s: float = -math.inf
    """When several people were last seen."""
    track: int = 0

    @property
    def held(self) -> bool:
        return self.anchor is not None


class PoseTracker:
    """Tracks one person. `workers` threads compute; `choose` says whom to follow where several people are seen."""

    def __init__(
        self,
        backend: PoseBackend,
        *,
        workers: int = 2,
        choose: Choice = "main",
        lag_frames: int | None = None,
        detect_every_s: float = DETECT_EVERY_S,
    ) -> None:
        if isinstance(choose, str) and choose not in CHOICES:
            raise ValueError(f"choose must be one of {', '.join(CHOICES)} or a point, not {choose!r}")
        self._backend = backend
        self._workers = max(1, workers)
        self._choose = choose
        # One batch is computed while the next is collected.
        self._lag = lag_frames if lag_frames is not None else max(LAG_FRAMES, 2 * backend.batch)
        self._every_s = detect_every_s

    def track(self, frames: Iterable[Frame]) -> Iterator[TrackedPose]:
        """One result for each frame, in order; at most lag + a few frames are in memory."""
        runner = _Runner()
        collected: list[_Job] = []
        pending: deque[tuple[Future[list[_Found]], int]] = deque()
        with (
            ThreadPoolExecutor(self._workers, thread_name_prefix="soleus-pose") as pool,
            closing(prefetch(frames)) as ahead,
        ):

            def start() -> None:
                if collected:
                    future = pool.submit(self._work, tuple(collected))
                    pending.extend((future, place) for place in range(len(collected)))
                    collected.clear()

            def finish() -> TrackedPose:
                future, place = pending.popleft()
                return self._absorb(runner, future.result()[place])

            next_look_s = -math.inf
            for frame in ahead:
                while len(pending) + len(collected) >= self._lag or (not runner.held and (pending or collected)):
                    if not pending:
                        start()
                    yield finish()
                look = frame.time_s >= next_look_s
                if look:
                    next_look_s = frame.time_s + self._every_s
                collected.append(self._plan(runner, frame, look=look))
                if len(collected) >= self._backend.batch or not runner.held:
                    start()
            start()
            while pending:
                yield finish()

    def _plan(self, runner: _Runner, frame: Frame, *, look: bool) -> _Job:
        if runner.anchor is not None:
            shift = runner.drift * (frame.time_s - runner.time_s)
            return _Job(
                image=frame.image,
                time_s=frame.time_s,
                roi=self._backend.place(runner.anchor + shift),
                detect=look,
                near=None,
                choice=self._choose,
            )
        held_place = runner.last_roi is not None and frame.time_s - runner.time_s <= HOLD_S
        return _Job(
            image=frame.image,
            time_s=frame.time_s,
            roi=None,
            detect=True,
            near=runner.last_roi if held_place else None,
            choice=self._choose,
        )

    def _work(self, jobs: tuple[_Job, ...]) -> list[_Found]:
        """Runs in a worker: detection where asked, then all regions of the batch in one run of the network."""
        seen = [self._backend.detect(job.image) if job.detect else None for job in jobs]
        rois = [
            job.roi if job.roi is not None else choose_person(found or (), job.image, job.choice, job.near)
            for job, found in zip(jobs, seen, strict=True)
        ]
        at = [i for i, roi in enumerate(rois) if roi is not None]
        asked = [roi for roi in rois if roi is not None]
        crops = [self._backend.crop(jobs[i].image, roi) for i, roi in zip(at, asked, strict=True)]
        poses = dict(zip(at, self._backend.infer(crops, asked) if crops else (), strict=True))
        return [
            _Found(
                time_s=job.time_s,
                roi=rois[i],
                pose=poses.get(i),
                detections=seen[i],
                colours=colours_of(job.image, poses[i].points) if i in poses else None,
            )
            for i, job in enumerate(jobs)
        ]

    def _absorb(self, runner: _Runner, found: _Found) -> TrackedPose:
        """Take one result into the runner's state, in the order of the film."""
        pose, roi, time_s = found.pose, found.roi, found.time_s
        people = -1 if found.detections is None else _count(found.detections, roi)
        if people > 1:
            runner.several_s = time_s
        present = pose is not None and pose.presence >= MIN_PRESENCE
        several = time_s - runner.several_s <= SEVERAL_S
        if present and several and self._somebody_else(runner, found):
            # Hidden behind somebody: look on where the runner must be, for a while.
            present = False
            if time_s - runner.time_s > HOLD_S:
                self._lose(runner)
        elif not present or not self._expected(runner, pose, time_s):
            present = False
            self._lose(runner)
        if not present or pose is None:
            presence = 0.0 if pose is None else pose.presence
            return TrackedPose(
                time_s=time_s, points=no_points(), presence=presence, people=people, roi=roi, track=runner.track
            )
        self._hold(runner, pose, time_s)
        runner.wears.learn(found.colours)
        return TrackedPose(
            time_s=time_s,
            points=pose.points,
            presence=pose.presence,
            people=max(people, 1) if people >= 0 else people,
            roi=roi,
            track=runner.track,
            raw=pose.raw,
        )

    @staticmethod
    def _somebody_else(runner: _Runner, found: _Found) -> bool:
        """Whether the body found wears something else; after a long absence anybody may become the runner."""
        return found.time_s - runner.time_s <= FORGET_S and runner.wears.differs(found.colours)

    def _expected(self, runner: _Runner, pose: Pose | None, time_s: float) -> bool:
        """Whether the body found lies where the followed one must be; nobody is expected while none is held."""
        if runner.anchor is None or pose is None:
            return pose is not None
        expected = self._backend.place(runner.anchor + runner.drift * (time_s - runner.time_s))
        return distance(self._backend.place(pose.anchor), expected) <= 1.0

    def _hold(self, runner: _Runner, pose: Pose, time_s: float) -> None:
        before, step_s = runner.anchor, time_s - runner.time_s
        smooth = runner.filter.update(pose.anchor, time_s)
        if before is None:
            if runner.last_roi is not None and (
                step_s > HOLD_S or distance(self._backend.place(pose.anchor), runner.last_roi) > 2.0
            ):
                runner.track += 1
                runner.wears = Appearance()
            runner.drift = np.zeros(2)
        elif step_s > 0:
            weight = 1 - math.exp(-step_s / DRIFT_S)
            runner.drift = runner.drift + weight * ((smooth[0] - before[0]) / step_s - runner.drift)
        runner.anchor, runner.time_s = smooth, time_s
        runner.last_roi = self._backend.place(smooth)

    @staticmethod
    def _lose(runner: _Runner) -> None:
        runner.anchor = None
        runner.filter.reset()


def distance(roi: Roi, other: Roi) -> float:
    """How far two regions are from being the same body's: 1 at the largest jump or growth that is believed."""
    size = min(roi.size_px, other.size_px)
    jump = math.hypot(roi.x_px - other.x_px, roi.y_px - other.y_px) / max(size, 1e-6)
    growth = abs(math.log(max(roi.size_px, 1e-6) / max(other.size_px, 1e-6)))
    return max(jump / MAX_JUMP, growth / math.log(MAX_GROWTH))


def choose_person(detections: tuple[Detection, ...], image: Image, choice: Choice, near: Roi | None) -> Roi | None:
    """Region of the person to follow; with `near`, only somebody who can be the one that was there."""
    if not detections:
        return None
    rois = [detection.roi for detection in detections]
    if near is not None:
        best = min(rois, key=lambda roi: distance(roi, near))
        return best if distance(best, near) <= 2.0 else None
    height, width = image.shape[:2]
    target = (0.5, 0.5) if isinstance(choice, str) else choice

    def away(roi: Roi) -> float:
        return math.hypot(roi.x_px - target[0] * width, roi.y_px - target[1] * height)

    if choice == "largest":
        return max(rois, key=lambda roi: roi.size_px)
    if choice == "main":
        return max(rois, key=lambda roi: roi.size_px / (1 + away(roi) / width))
    return min(rois, key=away)


def _count(detections: tuple[Detection, ...], roi: Roi | None) -> int:
    """People of a size with the runner's."""
    if roi is None:
        return len(detections)
    return sum(detection.roi.size_px >= COMPARABLE_SIZE * roi.size_px for detection in detections)
