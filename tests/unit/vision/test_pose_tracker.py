"""Following one runner, with a network that is made up: it sees whom the test puts into the picture."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from soleus.core.recording import KEYPOINTS
from soleus.vision.pose.base import Detection, Image, Pose, Roi, model_label
from soleus.vision.pose.prefetch import prefetch
from soleus.vision.pose.regions import roi_from_anchor
from soleus.vision.pose.tracker import Choice, PoseTracker, TrackedPose

WIDTH, HEIGHT, FPS = 640, 360, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    image: Image
    time_s: float


Person = tuple[float, float, float]
"""x_px, y_px, size_px of the region around a body."""


class Scene:
    """A pose network over a script of who is where; the number of the picture is hidden in its first pixels."""

    name = "made-up"
    version = "0"

    def __init__(self, script: list[list[Person]], *, batch: int = 1, hurry: bool = True) -> None:
        self.script = script
        self.batch = batch
        self.hurry = hurry
        self.looked: list[int] = []
        self.rng = np.random.default_rng(0)
        self.lock = threading.Lock()

    def frames(self) -> Iterator[Picture]:
        for index in range(len(self.script)):
            image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            image[0, 0, :2] = divmod(index, 256)
            yield Picture(image=image, time_s=index / FPS)

    def _people(self, image: Image) -> list[Person]:
        return self.script[int(image[0, 0, 0]) * 256 + int(image[0, 0, 1])]

    def detect(self, image: Image) -> tuple[Detection, ...]:
        with self.lock:
            self.looked.append(int(image[0, 0, 0]) * 256 + int(image[0, 0, 1]))
        return tuple(Detection(roi=Roi(x_px=x, y_px=y, size_px=s), score=0.9) for x, y, s in self._people(image))

    def crop(self, image: Image, roi: Roi) -> Image:
        return image

    def infer(self, crops: Sequence[Image], rois: Sequence[Roi]) -> list[Pose]:
        if not self.hurry:
            with self.lock:
                pause_s = float(self.rng.uniform(0, 0.004))
            time.sleep(pause_s)
        return [self._look(crop, roi) for crop, roi in zip(crops, rois, strict=True)]

    def _look(self, image: Image, roi: Roi) -> Pose:
        """The nearest body within the region; its points depend a little on where the network looked."""
        inside = [
            p for p in self._people(image) if abs(p[0] - roi.x_px) < roi.size_px / 2 and abs(p[1] - roi.y_px) < 90
        ]
        if not inside:
            return Pose(points=np.zeros((len(KEYPOINTS), 3)), presence=0.1, anchor=np.zeros((2, 2)))
        x, y, size = min(inside, key=lambda p: abs(p[0] - roi.x_px))
        x += 0.01 * (roi.x_px - x)
        points = np.tile((x, y, 0.9), (len(KEYPOINTS), 1))
        return Pose(points=points, presence=0.99, anchor=np.array([[x, y], [x, y - size / 2.5]]))

    def place(self, anchor: np.ndarray) -> Roi:
        return roi_from_anchor(anchor, scale=1.25)

    def track(self, **options: object) -> list[TrackedPose]:
        return list(PoseTracker(self, **options).track(self.frames()))  # type: ignore[arg-type]


def walk(start: float, step: float, count: int, size: float = 200.0, y: float = 180.0) -> list[Person]:
    return [(start + step * t, y, size) for t in range(count)]


def xs(tracked: list[TrackedPose]) -> np.ndarray:
    return np.array([pose.points[0, 0] for pose in tracked])


def bouncing(count: int) -> list[list[Person]]:
    rng = np.random.default_rng(3)
    return [[(300 + 2 * t + rng.normal(), 180 + 8 * np.sin(t), 200 + rng.normal())] for t in range(count)]


@pytest.mark.parametrize("batch", [1, 4])
def test_the_result_does_not_depend_on_the_number_of_workers(batch: int) -> None:
    script = bouncing(60)
    script[20:26] = [[] for _ in range(6)]
    runs = [Scene(script, batch=batch, hurry=False).track(workers=workers) for workers in (1, 2, 3)]
    for other in runs[1:]:
        for one, two in zip(runs[0], other, strict=True):
            assert np.array_equal(one.points, two.points, equal_nan=True)
            assert (one.roi, one.people, one.track) == (two.roi, two.people, two.track)


def test_each_picture_gets_one_answer_in_order_with_its_time() -> None:
    tracked = Scene(bouncing(40)).track()
    assert [pose.time_s for pose in tracked] == [t / FPS for t in range(40)]
    assert all(pose.presence > 0.9 for pose in tracked)
    assert not np.isnan(xs(tracked)).any()


def test_the_regions_come_from_pictures_before_the_lag_only() -> None:
    """A jump in picture 20 must not move the regions of 21 and 22."""
    still, jump = [[(300.0, 180.0, 200.0)] for _ in range(40)], [[(300.0, 180.0, 200.0)] for _ in range(40)]
    jump[20] = [(330.0, 180.0, 200.0)]
    first, second = Scene(still).track(lag_frames=3), Scene(jump).track(lag_frames=3)
    moved = [one.roi != two.roi for one, two in zip(first, second, strict=True)]
    assert moved.index(True) == 23


def test_nobody_there_is_said_and_not_guessed() -> None:
    tracked = Scene([[] for _ in range(10)]).track()
    assert np.isnan(xs(tracked)).all()
    assert {pose.people for pose in tracked} == {0}
    assert all(pose.roi is None and pose.presence == 0 and (pose.points[:, 2] == 0).all() for pose in tracked)


def test_an_empty_film_gives_nothing() -> None:
    assert Scene([]).track() == []


def test_a_lost_runner_is_found_again_and_is_the_same() -> None:
    script: list[list[Person]] = [[p] for p in walk(200, 1, 50)]
    script[15:25] = [[] for _ in range(10)]
    tracked = Scene(script).track()
    assert np.isnan(xs(tracked)[15:25]).all()
    assert not np.isnan(xs(tracked)[25:]).any()
    assert {pose.track for pose in tracked} == {0}


def test_somebody_elsewhere_after_a_long_gap_is_another_track() -> None:
    script: list[list[Person]] = [[p] for p in walk(150, 0, 20)]
    script += [[] for _ in range(40)]
    script += [[p] for p in walk(500, 0, 20)]
    tracked = Scene(script).track()
    assert tracked[0].track == 0
    assert tracked[-1].track == 1
    assert xs(tracked)[-1] == pytest.approx(500, abs=1)


def test_right_after_a_loss_a_stranger_is_not_taken_for_the_runner() -> None:
    """The runner is hidden for a third of a second while somebody stands at the other end of the picture."""
    stranger = (560.0, 180.0, 200.0)
    script: list[list[Person]] = [[p, stranger] for p in walk(150, 0, 60)]
    script[20:30] = [[stranger] for _ in range(10)]
    tracked = Scene(script).track(choose="largest")
    assert np.isnan(xs(tracked)[20:30]).all()
    assert xs(tracked)[30:] == pytest.approx(np.full(30, 150), abs=2)
    assert {pose.track for pose in tracked} == {0}


def test_two_people_passing_each_other_are_not_exchanged() -> None:
    count = 80
    runner, other = walk(100, 5, count), walk(500, -4, count, y=120.0, size=190.0)
    tracked = Scene([list(pair) for pair in zip(runner, other, strict=True)]).track(choose=(0.15, 0.5))
    assert xs(tracked) == pytest.approx([p[0] for p in runner], abs=6)
    assert {pose.track for pose in tracked} == {0}


def test_a_runner_who_crosses_the_picture_stays_in_the_region() -> None:
    tracked = Scene([[p] for p in walk(60, 8, 60)]).track()
    assert not np.isnan(xs(tracked)).any()
    late = [abs(pose.roi.x_px - x) for pose, x in zip(tracked, xs(tracked), strict=True) if pose.roi][30:]
    assert max(late) < 25, "the steady movement is foreseen"


@pytest.mark.parametrize(
    ("choice", "x_px"), [("largest", 80), ("central", 330), ("main", 330), ((0.95, 0.5), 600), ((0.1, 0.5), 80)]
)
def test_whom_to_follow(choice: Choice, x_px: float) -> None:
    people: list[Person] = [(80, 180, 220), (330, 180, 200), (600, 180, 60)]
    assert xs(Scene([people] * 5).track(choose=choice)) == pytest.approx(np.full(5, x_px), abs=1)


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="choose"):
        PoseTracker(Scene([]), choose="tallest")


def test_people_are_counted_now_and_then_and_tiny_ones_are_not() -> None:
    people: list[Person] = [(330, 180, 200), (600, 180, 150), (20, 180, 50)]
    scene = Scene([people] * 31)
    tracked = scene.track(detect_every_s=10 / FPS - 0.001)
    assert [t for t, pose in enumerate(tracked) if pose.people >= 0] == [0, 10, 20, 30]
    assert {tracked[t].people for t in (0, 10, 20, 30)} == {2}
    assert sorted(scene.looked) == [0, 10, 20, 30]


def test_few_pictures_are_held_at_once() -> None:
    """Pulled one by one, the tracker reads only a little ahead."""
    scene = Scene(bouncing(200))
    given = 0

    def counted() -> Iterator[Picture]:
        nonlocal given
        for frame in scene.frames():
            given += 1
            yield frame

    tracked = PoseTracker(scene, workers=2).track(counted())
    for taken in range(1, 50):
        next(tracked)
        assert given - taken < 16
    tracked.close()


def test_an_error_while_decoding_comes_out_and_ends_the_threads() -> None:
    scene = Scene(bouncing(10))

    def broken() -> Iterator[Picture]:
        yield from scene.frames()
        raise OSError("the film ends in the middle")

    before = threading.active_count()
    with pytest.raises(OSError, match="in the middle"):
        list(PoseTracker(scene).track(broken()))
    assert threading.active_count() <= before


def test_an_error_in_the_network_comes_out_and_ends_the_threads() -> None:
    scene = Scene(bouncing(30))
    before = threading.active_count()

    def fail(crops: Sequence[Image], rois: Sequence[Roi]) -> list[Pose]:
        raise RuntimeError("out of memory")

    scene.infer = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="out of memory"):
        list(PoseTracker(scene).track(scene.frames()))
    assert threading.active_count() <= before


def test_stopping_early_closes_the_film() -> None:
    closed = threading.Event()

    def film() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    ahead = prefetch(film(), depth=2)
    assert [next(ahead), next(ahead)] == [0, 1]
    ahead.close()
    assert closed.is_set()


def test_a_recording_names_network_and_weights() -> None:
    assert model_label(Scene([])) == "made-up/0"
