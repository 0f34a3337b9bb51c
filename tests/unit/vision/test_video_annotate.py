"""The film for looking again: right pictures, right times, marks at the feet, and nobody's picture when not wanted."""

from dataclasses import replace

import av
import numpy as np
import pytest
from film_maker import write_film

from soleus.core.errors import VideoError
from soleus.core.gait import GaitReport, HeelRaise, HeelRaiseSet, MetricResult, Step
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import KEYPOINT_INDEX, ClipFacts, Facing, PoseSequence, Recording, View
from soleus.knowledge import load_knowledge
from soleus.validation.synthetic_runner import Scene, synthesize
from soleus.vision import annotate
from soleus.vision.annotate import annotate_clip, event_frames
from soleus.vision.drawing import MAIN, OTHER, PAPER
from soleus.vision.figure import figure_of
from soleus.vision.story import busiest_window, story_of
from soleus.vision.video import Stopped, open_clip

cv2 = pytest.importorskip("cv2")

FPS = 30.0
NOWHERE = Unavailable(reason=Message(text="x"))


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


@pytest.fixture(scope="module")
def recording():
    return synthesize(Scene(duration_s=3.0, sensor=replace(Scene().sensor, fps=30.0))).recording


def report_of(recording, steps=((0.5, 0.75), (1.2, 1.45), (1.9, 2.15))):
    """A report made by hand: left steps at those times, right ones between."""
    all_steps = []
    for contact, off in steps:
        all_steps.append(Step(side=Side.LEFT, near=True, contact_s=contact, toe_off_s=off))
        all_steps.append(Step(side=Side.RIGHT, near=False, contact_s=contact + 0.35, toe_off_s=off + 0.35))
    all_steps.append(Step(side=Side.LEFT, near=True, contact_s=2.6, toe_off_s=None, dropped="not_seen"))

    def line(metric, value, unit, side=None, near=None):
        measured = Measurement(value=value, unit=unit, low=value, high=value, grade=Grade.RELIABLE)
        return MetricResult(metric=metric, side=side, near=near, measured=measured)

    return GaitReport(
        view=View.SIDE,
        facing=Facing.LEFT,
        fps=recording.facts.fps,
        duration_s=recording.facts.duration_s,
        slow_motion=1.0,
        slow_motion_from="none",
        model="m",
        quality=None,
        steps=tuple(all_steps),
        metrics=(line("cadence", 171.4, "spm"), line("contact_time", 250.0, "ms", Side.LEFT, True)),
    )


def raises_of(side=Side.LEFT):
    raises = [
        HeelRaise(
            start_s=0.2 + i,
            peak_s=0.6 + i,
            end_s=1.0 + i,
            height_ratio=0.3,
            height_cm=None,
            faults=("lean",) if i == 1 else (),
        )
        for i in range(3)
    ]
    return HeelRaiseSet(
        side=side,
        raises=tuple(raises),
        count=NOWHERE,
        attempted=3,
        stopped_by="end_of_clip",
        peak_height_cm=NOWHERE,
        peak_height_ratio=NOWHERE,
        total_displacement_cm=NOWHERE,
        total_displacement_ratio=NOWHERE,
        work_index_j=NOWHERE,
        fatigue_index_pct=NOWHERE,
        rate_per_min=NOWHERE,
    )


def watch(path):
    with open_clip(path) as clip:
        return clip.info, list(clip)


def near(picture, colour, within=40):
    return (np.abs(picture.astype(int) - colour).max(axis=2) < within).sum()


def coded_film(path, recording, *, slow=1.0, start_s=0.0):
    """A film whose n-th picture is as bright as n: it tells which of its pictures was used."""
    poses = recording.poses
    shape = poses.height_px // 2, poses.width_px // 2
    lead = round(start_s * FPS)
    times = [i / FPS for i in range(lead)] + (start_s + poses.times_s * slow).tolist()
    images = [np.zeros((*shape, 3), np.uint8)] * lead
    images += [np.full((*shape, 3), 20 + i, np.uint8) for i in range(poses.frames)]
    return write_film(path, images, times_s=times, options={"preset": "ultrafast"})


def thinned(recording, fps):
    """The recording with about that many pictures a second."""
    poses = recording.poses
    keep = np.arange(0, poses.frames, max(1, round(recording.facts.fps / fps)))
    times = poses.times_s[keep]
    return Recording(
        poses=replace(poses, times_s=times, points=poses.points[keep], people=None),
        facts=ClipFacts(duration_s=float(times[-1]), fps=float(1 / np.median(np.diff(times))), width_px=9, height_px=9),
    )


def test_a_figure_on_paper_needs_no_film(tmp_path, kb, recording):
    out = tmp_path / "out.mp4"
    annotate_clip(None, recording, report_of(recording), out, kb=kb, max_seconds=1.0)
    info, frames = watch(out)
    assert info.codec == "h264"
    assert frames[0].image.shape[0] % 2 == frames[0].image.shape[1] % 2 == 0
    assert max(frames[0].image.shape) <= 1100
    middle = frames[len(frames) // 2].image
    assert near(middle, MAIN) > 500
    assert near(middle, OTHER) > 200
    assert near(middle[: int(middle.shape[0] * 0.8)], PAPER, 12) > 0.7 * middle.size / 3 * 0.8
    assert out.stat().st_size < 600_000


def test_plain_never_opens_the_film(tmp_path, kb, recording):
    out = tmp_path / "out.mp4"
    missing = tmp_path / "never.mp4"
    annotate_clip(missing, recording, report_of(recording), out, background="plain", kb=kb, max_seconds=0.2)
    assert out.exists()
    assert event_frames(missing, recording, report_of(recording), kb, plain=True, most=1)


@pytest.mark.parametrize(("slow", "start_s"), [(1.0, 0.0), (4.0, 0.0), (1.0, 2.0)])
def test_each_drawing_lies_on_its_own_picture(tmp_path, kb, recording, slow, start_s):
    few = recording
    film = coded_film(tmp_path / "film.mp4", few, slow=slow, start_s=start_s)
    few = replace(few, facts=replace(few.facts, slow_motion=slow, window_start_s=start_s))
    report = report_of(few, steps=[(0.5, 0.75)])
    stills = event_frames(film, few, report, kb)
    assert [round(s.moment.time_s, 2) for s in stills] == [0.5, 0.75, 0.85]
    for still in stills:
        picture = cv2.imdecode(np.frombuffer(still.image, np.uint8), cv2.IMREAD_COLOR)
        expected = 20 + int(np.abs(few.poses.times_s - still.moment.time_s).argmin())
        assert np.median(picture[:40, :40]) == pytest.approx(expected, abs=2)


def test_times_of_the_film_are_those_of_the_run_slowed_down(tmp_path, kb, recording):
    out = tmp_path / "out.mp4"
    few = recording
    annotate_clip(None, few, report_of(few), out, kb=kb, slowdown=4, max_seconds=1)
    _, frames = watch(out)
    assert len(frames) > 20
    shown = few.poses.times_s[: len(frames)]
    assert [f.time_s for f in frames] == pytest.approx(4 * (shown - shown[0]), abs=2e-3)


def test_real_speed_of_a_fast_film_leaves_pictures_out(tmp_path, kb, recording):
    out = tmp_path / "out.mp4"
    fast = synthesize(Scene(duration_s=1.0, sensor=replace(Scene().sensor, fps=240.0))).recording
    annotate_clip(None, fast, report_of(fast), out, kb=kb, slowdown=1)
    info, _ = watch(out)
    assert info.playback_fps <= 61


def test_a_mark_stands_at_the_foot_when_it_lands(tmp_path, kb, recording):
    first, *_ = event_frames(None, recording, report_of(recording), kb, most=1)
    assert (first.mime, first.image[:4]) == ("image/png", b"\x89PNG")
    assert first.caption == "Step 1: your left foot lands (0.50 s)"
    picture = cv2.cvtColor(cv2.imdecode(np.frombuffer(first.image, np.uint8), 1), cv2.COLOR_BGR2RGB)
    lower = picture[int(0.8 * picture.shape[0]) :]
    assert near(lower, MAIN) > 150


def test_each_counted_landing_and_take_off_of_the_near_leg_has_its_picture(kb, recording):
    stills = event_frames(None, recording, report_of(recording), kb)
    assert len(stills) == 9
    assert {s.moment.side for s in stills if s.moment.kind == "leaves"} == {Side.LEFT}
    assert [s.moment.number for s in stills if s.moment.kind == "lands"] == [1, 2, 3, 4, 5, 6]
    assert len(event_frames(None, recording, report_of(recording), kb, most=5)) == 5


def test_stills_of_the_film_are_jpeg(tmp_path, kb, recording):
    few = recording
    film = coded_film(tmp_path / "film.mp4", few)
    still, *_ = event_frames(film, few, report_of(few), kb, most=1)
    assert (still.mime, still.image[:2]) == ("image/jpeg", b"\xff\xd8")


def test_the_story_counts_what_counts(kb, recording):
    story = story_of(report_of(recording), kb)
    assert [story.count_at(t) for t in (0.4, 0.5, 0.84, 0.86, 9)] == [0, 1, 1, 2, 6]
    assert story.steady == (("171", "steps a minute"), ("0.25 s", "left foot on the ground"))
    assert [m.number for m in story.moments][-1] == 0
    raises = story_of(raises_of(), kb)
    assert [raises.count_at(t) for t in (0.5, 0.7, 1.7, 3)] == [0, 1, 1, 2]
    assert raises.caption(raises.moments[0]) == "Raise 1: your left heel is highest (0.60 s)"


def test_the_window_with_most_steps_is_shown(kb, recording):
    story = story_of(report_of(recording), kb)
    begin, end = busiest_window(story.moments, 100.0, 2.0)
    assert end - begin == pytest.approx(2.0)
    inside = [m for m in story.moments if m.number and begin <= m.time_s < end]
    assert len(inside) >= 8
    assert busiest_window(story.moments, 1.5, 2.0) == (0.0, 1.5)
    assert busiest_window((), 9.0, 2.0) == (0.0, 2.0)


def test_heel_raises_play_in_real_speed(tmp_path, kb, recording):
    out = tmp_path / "out.mp4"
    few = thinned(recording, 10)
    annotate_clip(None, few, raises_of(Side.RIGHT), out, kb=kb)
    _, frames = watch(out)
    assert frames[-1].time_s == pytest.approx(few.poses.times_s[-1], abs=0.05)
    assert figure_of(recording, raises_of(Side.RIGHT), kb).main_side is Side.RIGHT
    stills = event_frames(None, recording, raises_of(), kb)
    assert [s.caption[:7] for s in stills] == ["Raise 1", "Raise 2"]


def test_a_refused_film_and_one_without_a_runner_can_still_be_drawn(tmp_path, kb, recording):
    refused = replace(report_of(recording), steps=(), metrics=(), facing=None)
    few = thinned(recording, 8)
    annotate_clip(None, few, refused, tmp_path / "a.mp4", kb=kb)
    empty = np.full_like(few.poses.points, np.nan)
    empty[:, :, 2] = 0
    nobody = replace(few, poses=replace(few.poses, points=empty))
    annotate_clip(None, nobody, refused, tmp_path / "b.mp4", kb=kb)
    assert (tmp_path / "a.mp4").stat().st_size > (tmp_path / "b.mp4").stat().st_size > 0


def test_the_leg_near_the_camera_is_the_bold_one(kb, recording):
    figure = figure_of(recording, report_of(recording), kb)
    raw = recording.poses.points[:, KEYPOINT_INDEX["left_knee"], :2]
    other = recording.poses.points[:, KEYPOINT_INDEX["right_knee"], :2]
    drawn = figure.main[:, 1]
    known = np.isfinite(drawn).all(axis=1)
    assert known.mean() > 0.8
    off = np.hypot(*(drawn - raw)[known].T), np.hypot(*(drawn - other)[known].T)
    assert np.median(off[0]) < np.median(off[1])


def test_it_stops_when_told_and_leaves_nothing_behind(tmp_path, kb, recording):
    out, seen = tmp_path / "out.mp4", []
    with pytest.raises(Stopped):
        annotate_clip(
            None,
            recording,
            report_of(recording),
            out,
            kb=kb,
            progress=lambda done, whole: seen.append((done, whole)),
            cancelled=lambda: len(seen) >= 3,
        )
    assert not out.exists()
    assert seen[0][0] == 1
    assert seen[0][1] > 20


def test_another_film_than_the_one_recorded_is_told(tmp_path, kb, recording):
    few = recording
    film = coded_film(tmp_path / "film.mp4", few)
    moved = replace(few, facts=replace(few.facts, window_start_s=500.0))
    out = tmp_path / "out.mp4"
    with pytest.raises(VideoError):
        annotate_clip(film, moved, report_of(few), out, kb=kb)
    assert not out.exists()


@pytest.mark.parametrize("codec", annotate.CODECS[1:], ids=lambda codec: codec[0])
def test_other_encoders_serve_where_the_first_is_missing(tmp_path, kb, recording, codec, monkeypatch):
    if codec[0] not in av.codecs_available:
        pytest.skip("this build of PyAV lacks it")
    monkeypatch.setattr(annotate, "CODECS", (("no-such-codec", {}), codec))
    out = tmp_path / "out.mp4"
    annotate_clip(None, thinned(recording, 8), report_of(recording), out, kb=kb, max_seconds=0.5)
    assert len(watch(out)[1]) > 3


def test_letters_without_the_fonts_of_opencv_5(tmp_path, kb, recording, monkeypatch):
    from soleus.vision import drawing

    monkeypatch.setattr(drawing, "_font", lambda: None)
    still, *_ = event_frames(None, recording, report_of(recording), kb, most=1)
    assert len(still.image) > 1000
    assert drawing.text_width("steps", 20) > 20


@pytest.mark.parametrize("size", [(480, 360), (1280, 720), (720, 1280), (200, 1000)])
def test_every_shape_of_picture_gets_a_readable_panel(tmp_path, kb, recording, size):
    poses = recording.poses
    share = np.array([size[0] / poses.width_px, size[1] / poses.height_px, 1.0])
    shaped = PoseSequence(
        times_s=poses.times_s, points=poses.points * share, width_px=size[0], height_px=size[1], model="m"
    )
    out = tmp_path / "out.mp4"
    annotate_clip(None, replace(recording, poses=shaped), report_of(recording), out, kb=kb, max_seconds=0.3)
    picture = watch(out)[1][2].image
    assert min(picture.shape[:2]) >= 180
    assert max(picture.shape[:2]) <= 1150
