"""BlazePose as converted at set-up: against the original network, against MediaPipe, and on drawn people."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from drawn_points import running_points

from soleus.core.errors import PoseBackendError
from soleus.core.recording import KEYPOINTS, Facing, leg_indices
from soleus.validation.drawn_runner import Look, draw_runner, empty_room
from soleus.vision.pose import runtime
from soleus.vision.pose.base import Image, PoseBackend, model_label
from soleus.vision.pose.blazepose import BLAZEPOSE_POINTS, BlazePose
from soleus.vision.pose.registry import POSE_BACKENDS, open_pose_backend, pose_backend_names
from soleus.vision.pose.tracker import PoseTracker

pytest.importorskip("onnxruntime")
pytest.importorskip("cv2")
weights = pytest.mark.skipif(not runtime.MANIFEST.is_file(), reason="the pose network is not installed (make setup)")

LEG_PX = 187.0
CLIP = Path(__file__).parents[4] / "shared" / "gait" / "clips" / "zzzhushi_male_side.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    image: Image
    time_s: float


def drawn_film(count: int) -> Iterator[Picture]:
    """A drawn runner facing left, 22 pictures a stride."""
    for index in range(count):
        points = running_points(2 * np.pi * index / 22, facing=Facing.LEFT, x_px=180, y_px=250, leg_px=LEG_PX)
        image = empty_room(360, 480)
        draw_runner(image, points, facing=Facing.LEFT)
        yield Picture(image=image, time_s=index / 30)


@pytest.fixture(scope="module")
def heavy() -> BlazePose:
    return BlazePose("heavy", device="cpu")


@pytest.fixture(scope="module")
def full() -> BlazePose:
    return BlazePose("full", device="cpu")


@weights
@pytest.mark.parametrize("name", ["heavy", "full", "detector"])
def test_the_converted_network_computes_what_the_original_computes(name: str) -> None:
    """The stored values come from the published file in Google's own runtime, on a made-up picture."""
    network = runtime.Network(name, device="cpu")
    assert runtime.probe_error(network._session, network.entry["probe"]) < 2e-4


@weights
def test_a_wrong_network_would_be_noticed() -> None:
    network = runtime.Network("full", device="cpu")
    probe = json.loads(json.dumps(network.entry["probe"]))
    probe["values"]["landmarks"]["is"][0] += 1.0
    assert runtime.probe_error(network._session, probe) == pytest.approx(1 / 256, abs=2e-4)


# MediaPipe 0.10.21 (solutions.pose, heavy, smooth_landmarks=False) on `drawn_film`: picture -> rows 23 to 32 of its
# landmarks (hip, knee, ankle, heel, toe; left and right in turn), x_px and y_px.
MEDIAPIPE = {
    0: "179.6 238.0 177.3 238.7 177.1 337.3 180.1 336.1 263.7 368.0 192.7 430.8 279.6 363.3 206.3 445.4 263.8 417.3 "
    "155.6 446.3",
    5: "179.7 235.0 185.4 233.4 132.5 323.8 221.4 317.4 158.3 416.0 281.4 396.6 169.3 430.1 297.6 405.6 119.2 437.0 "
    "257.1 430.1",
    9: "179.6 229.7 181.2 230.8 155.0 324.4 202.8 332.2 140.2 422.0 289.9 356.6 149.5 440.2 307.4 354.6 97.9 424.8 "
    "288.4 402.0",
    14: "180.9 245.0 173.4 251.4 211.5 334.7 140.3 339.6 265.8 413.5 203.0 399.9 278.8 424.0 217.4 406.0 236.9 447.3 "
    "181.7 439.6",
    18: "181.6 229.9 172.8 236.3 220.4 324.1 135.5 322.9 300.3 370.2 120.9 413.8 317.1 372.7 127.4 433.9 287.4 414.8 "
    "77.7 416.8",
    22: "180.1 234.9 176.4 236.2 176.9 334.1 179.7 335.3 263.3 367.2 195.4 428.5 278.6 363.2 209.3 442.9 261.7 418.2 "
    "155.8 447.3",
}


@weights
@pytest.mark.parametrize(("lag_frames", "median_pct", "ninth_decile_pct"), [(1, 0.2, 0.6), (None, 1.5, 3.0)])
def test_parity_with_mediapipe(
    heavy: BlazePose, lag_frames: int | None, median_pct: float, ninth_decile_pct: float
) -> None:
    """Looking one picture back as MediaPipe does, the points are its points; with our lag they are near them."""
    tracked = list(PoseTracker(heavy, lag_frames=lag_frames).track(drawn_film(max(MEDIAPIPE) + 1)))
    away: list[np.ndarray] = []
    for index, numbers in MEDIAPIPE.items():
        raw = tracked[index].raw
        assert raw is not None
        expected = np.array(numbers.split(), float).reshape(10, 2)
        away.append(np.hypot(*(raw[23:33, :2] - expected).T) / LEG_PX * 100)
    assert np.median(away) <= median_pct
    assert np.percentile(away, 90) <= ninth_decile_pct


@weights
def test_legs_of_a_drawn_runner_are_found_on_the_right_side(heavy: BlazePose) -> None:
    for index, pose in enumerate(PoseTracker(heavy).track(drawn_film(8))):
        truth = running_points(2 * np.pi * index / 22, facing=Facing.LEFT, x_px=180, y_px=250, leg_px=LEG_PX)
        away = np.hypot(*(pose.points[:, :2] - truth).T)
        for side in (Facing.LEFT.near, Facing.RIGHT.near):
            rows = list(leg_indices(side))
            assert np.median(away[rows]) < 0.09 * LEG_PX
        assert pose.presence > 0.9
        assert ((pose.points[:, 2] >= 0) & (pose.points[:, 2] <= 1)).all()


@weights
def test_two_people_are_two_and_either_can_be_followed(full: BlazePose) -> None:
    image = empty_room(760, 480)
    places = (200, 540)
    for x_px, shirt in zip(places, ((200, 80, 80), (70, 110, 190)), strict=True):
        points = running_points(0.8, facing=Facing.LEFT, x_px=x_px, y_px=250, leg_px=LEG_PX)
        draw_runner(image, points, facing=Facing.LEFT, look=Look(shirt=shirt))
    assert len(full.detect(image)) == 2
    film = [Picture(image=image, time_s=t / 30) for t in range(3)]
    for x_px in places:
        followed = list(PoseTracker(full, choose=(x_px / 760, 0.5)).track(film))
        hips = followed[-1].points[[KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")], 0]
        assert hips.mean() == pytest.approx(x_px, abs=15)
        assert followed[0].people == 2


@weights
def test_a_runner_who_is_hidden_by_a_passer_by_is_not_exchanged(full: BlazePose) -> None:
    """Two people run towards each other; the one behind is followed, lost for a moment, and found again."""
    film, behind, before = [], [], []
    for t in range(0, 70, 2):
        image = empty_room(960, 480)
        behind.append(680.0 - 6 * t)
        before.append(220.0 + 6 * t)
        for x_px, facing, shirt in (
            (behind[-1], Facing.LEFT, (70, 110, 190)),
            (before[-1], Facing.RIGHT, (200, 80, 80)),
        ):
            points = running_points(0.28 * t, facing=facing, x_px=x_px, y_px=250, leg_px=LEG_PX)
            draw_runner(image, points, facing=facing, look=Look(shirt=shirt))
        film.append(Picture(image=image, time_s=t / 30))
    followed = list(PoseTracker(full, choose=(0.7, 0.5)).track(film))
    hips = np.array([pose.points[[KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")], 0] for pose in followed])
    away, from_other = abs(hips.mean(axis=1) - behind), abs(hips.mean(axis=1) - before)
    assert not ((from_other < 40) & (away > 60)).any(), "never the other one"
    assert (away < 40).mean() > 0.7
    assert away[-5:].max() < 40
    assert {pose.track for pose in followed} == {0}


@weights
def test_an_empty_room_holds_nobody(full: BlazePose) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    for image in (empty_room(320, 240), noise, np.zeros((64, 64, 3), np.uint8)):
        (pose,) = PoseTracker(full).track([Picture(image=image, time_s=0.0)])
        assert (pose.people, pose.presence) == (0, 0.0)
        assert np.isnan(pose.points[:, :2]).all()


@weights
def test_several_regions_at_once_give_what_each_gives_alone(full: BlazePose) -> None:
    image = next(drawn_film(1)).image
    (found, *_) = full.detect(image)
    crops, rois = [full.crop(image, found.roi), full.crop(image[:, ::-1].copy(), found.roi)], [found.roi, found.roi]
    together = full.infer(crops, rois)
    for crop, roi, pose in zip(crops, rois, together, strict=True):
        (alone,) = full.infer([crop], [roi])
        assert pose.points == pytest.approx(alone.points, abs=0.05)
        assert pose.presence == pytest.approx(alone.presence, abs=1e-4)


@weights
def test_a_backend_names_itself_by_the_published_weights(heavy: BlazePose, full: BlazePose) -> None:
    backend: PoseBackend = heavy
    assert model_label(backend) == "blazepose-heavy/59e42d71"
    assert model_label(full) == "blazepose-full/e9a5c5cb"
    assert (heavy.device, heavy.batch) == ("cpu", 1)


def test_the_points_of_the_network_have_canonical_names() -> None:
    assert len(BLAZEPOSE_POINTS) == 33
    assert set(KEYPOINTS) <= set(BLAZEPOSE_POINTS)


def test_missing_weights_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "MANIFEST", tmp_path / "manifest.json")
    with pytest.raises(PoseBackendError, match=r"install_pose_model\.sh"):
        BlazePose("heavy")


@weights
def test_half_installed_weights_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "WEIGHTS", tmp_path)
    with pytest.raises(PoseBackendError, match=r"blazepose_heavy\.onnx: the weights of heavy are missing"):
        BlazePose("heavy")


@weights
def test_damaged_weights_say_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = (runtime.WEIGHTS / "blazepose_full.onnx").read_bytes()
    (tmp_path / "blazepose_full.onnx").write_bytes(whole[: len(whole) // 2])
    monkeypatch.setattr(runtime, "WEIGHTS", tmp_path)
    with pytest.raises(PoseBackendError, match="--force"):
        BlazePose("full", device="cpu")


@weights
def test_a_failure_while_computing_is_named() -> None:
    with pytest.raises(PoseBackendError, match="full failed on cpu") as caught:
        runtime.Network("full", device="cpu").run(np.zeros((1, 8, 8, 3), np.uint8))
    assert caught.value.retryable


@weights
def test_a_device_that_is_not_there_is_refused() -> None:
    absent = next(device for device in runtime.DEVICES if device not in runtime.available_devices())
    with pytest.raises(PoseBackendError, match=f"'{absent}' is not available.*offers: .*cpu"):
        BlazePose("full", device=absent)


@weights
@pytest.mark.parametrize("provider", ["CUDAExecutionProvider", "CPUExecutionProvider"])
def test_a_device_that_computes_something_else_is_passed_over(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """Pretend that a graphics card is there whose driver returns wrong numbers, or falls back without a word."""
    monkeypatch.setattr(runtime, "available_devices", lambda: ("cuda", "cpu"))
    plain = runtime._session

    class Wrong:
        def __init__(self, session: object) -> None:
            self.session = session

        def get_providers(self) -> list[str]:
            return [provider]

        def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
            return [output * 1.1 for output in self.session.run(names, feed)]  # type: ignore[attr-defined]

    def session(path: str, device: str, threads: int) -> object:
        real = plain(path, "cpu", threads)
        return Wrong(real) if device == "cuda" else real

    monkeypatch.setattr(runtime, "_session", session)
    assert runtime.Network("full").device == "cpu"
    with pytest.raises(PoseBackendError, match="computes other values"):
        runtime.Network("full", device="cuda")


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(PoseBackendError, match="blazepose-heavy, blazepose-full, rtmpose-halpe26"):
        open_pose_backend("openpose")
    with pytest.raises(PoseBackendError, match="heavy, full"):
        BlazePose("lite")
    assert set(POSE_BACKENDS) <= set(pose_backend_names())


@weights
@pytest.mark.skipif(not CLIP.is_file(), reason="the shared clip is not here")
def test_a_real_runner_is_followed(heavy: BlazePose) -> None:
    import av

    with av.open(str(CLIP)) as container:
        pictures = [
            Picture(image=np.ascontiguousarray(frame.to_ndarray(format="rgb24")), time_s=index / 30)
            for index, frame in zip(range(12), container.decode(video=0), strict=False)
        ]
    tracked = list(PoseTracker(heavy).track(pictures))
    assert all(pose.presence > 0.9 and pose.track == 0 for pose in tracked)
    assert tracked[0].people == 1
    near = np.array([pose.points[list(leg_indices(Facing.LEFT.near))] for pose in tracked])
    hip, knee, ankle, heel, toe = near[:, :, :2].transpose(1, 0, 2)
    assert (hip[:, 1] < knee[:, 1]).all()
    assert (knee[:, 1] < heel[:, 1]).all()
    assert (toe[:, 0] < heel[:, 0]).mean() > 0.8, "the runner faces left"
    shank = np.hypot(*(knee - ankle).T)
    assert np.std(shank) < 0.1 * np.mean(shank)


def test_entry_points_of_others_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    from soleus.vision.pose import registry

    class Point:
        name = "their-network"

        def load(self) -> object:
            return lambda: "their backend"

    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()])
    assert pose_backend_names()[-1] == "their-network"
    assert open_pose_backend("their-network") == "their backend"
