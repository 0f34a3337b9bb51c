"""Films are read upright, scaled, with the times they were taken at; of bad ones what can be read, or a clear no."""

import itertools
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from film_maker import pictures, write_film, write_sound

from soleus.core.errors import VideoError
from soleus.vision.video import HEEL_RAISE_LIMITS, ClipLimits, open_clip, probe_clip


def read(path, **how):
    with open_clip(path, **how) as clip:
        frames = list(clip)
    return clip, frames


def times(frames):
    return [frame.time_s for frame in frames]


def test_every_picture_comes_with_its_real_time(tmp_path):
    clip, frames = read(write_film(tmp_path / "a.mp4", pictures(40), fps=50))
    assert times(frames) == pytest.approx([i / 50 for i in range(40)], abs=1e-4)
    assert clip.info.playback_fps == pytest.approx(50, rel=1e-3)
    assert (clip.info.expected, clip.used, clip.repairs) == (40, 40, [])
    assert frames[0].image.shape == (240, 320, 3)
    assert all(frame.image.flags.c_contiguous for frame in frames)


def test_uneven_times_are_kept(tmp_path):
    steps = [0.033, 0.05, 0.02, 0.033, 0.1] * 5
    at = [0.0, *itertools.accumulate(steps)]
    _, frames = read(write_film(tmp_path / "v.mp4", pictures(len(at)), times_s=at))
    assert times(frames) == pytest.approx(at, abs=1e-4)


def test_a_film_that_starts_late_starts_at_nought(tmp_path):
    at = [5 + i / 25 for i in range(20)]
    clip, frames = read(write_film(tmp_path / "late.mkv", pictures(20), times_s=at))
    assert times(frames)[:2] == pytest.approx([0, 0.04], abs=2e-3)
    assert clip.first_s == pytest.approx(5, abs=2e-3)
    assert len(frames) == 20


def test_widths_that_fill_no_whole_line_are_contiguous(tmp_path):
    _, frames = read(write_film(tmp_path / "odd.mp4", pictures(3, 1080, 64)))
    assert frames[0].image.strides == (1080 * 3, 3, 1)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_film_stands_as_another_reader_shows_it(tmp_path, degrees):
    cv2 = pytest.importorskip("cv2")
    path = write_film(tmp_path / "r.mp4", pictures(5), rotate_deg=degrees)
    _, frames = read(path)
    other = cv2.VideoCapture(str(path))
    shown = other.read()[1][:, :, ::-1]
    other.release()
    assert frames[0].image.shape == shown.shape
    assert np.abs(frames[0].image.astype(int) - shown).mean() < 6


def test_a_mirrored_film_is_mirrored_back(tmp_path):
    """The file's display matrix says so; read without it, left and right of the runner change places."""
    path = write_film(tmp_path / "f.mp4", pictures(5), rotate_deg=0, flip=True)
    corner = read(path)[1][0].image[5:30, -40:-5].mean(axis=(0, 1))
    assert corner[0] > 200
    assert corner[1:].max() < 60


def test_squeezed_pixels_are_stretched(tmp_path):
    clip, frames = read(write_film(tmp_path / "s.mp4", pictures(3), aspect=Fraction(4, 3)))
    assert (clip.info.width_px, clip.info.height_px) == (427, 240)
    assert frames[0].image.shape == (240, 427, 3)


def test_large_pictures_are_scaled_to_the_long_side(tmp_path):
    clip, frames = read(write_film(tmp_path / "hd.mp4", pictures(3, 1080, 1920), options={"preset": "ultrafast"}))
    assert frames[0].image.shape == (1280, 720, 3)
    assert (clip.info.width_px, clip.info.height_px) == (1080, 1920)


@pytest.mark.parametrize(("trc", "transfer"), [(16, "pq"), (18, "hlg"), (1, "sdr")])
def test_ten_bit_and_high_dynamic_range_become_common_pictures(tmp_path, trc, transfer):
    options = {"x265-params": f"log-level=none:transfer={trc}"}
    path = write_film(
        tmp_path / "hdr.mp4", pictures(4), codec="libx265", pix_fmt="yuv420p10le", options=options, colour_trc=trc
    )
    clip, frames = read(path)
    assert (clip.info.bits, clip.info.transfer) == (10, transfer)
    assert frames[0].image.dtype == np.uint8
    assert frames[0].image.std() > 20


def test_browser_recordings_without_a_length_are_read_whole(tmp_path):
    path = write_film(
        tmp_path / "b.webm", pictures(300, 64, 64), codec="libvpx", mux={"live": "1"}, options={"deadline": "realtime"}
    )
    clip, frames = read(path)
    assert len(frames) == 300
    assert clip.info.expected == 300
    assert clip.info.playback_s == pytest.approx(10, abs=0.05)


def test_slow_motion_is_taken_out(tmp_path):
    path = write_film(tmp_path / "slow.mp4", pictures(32), fps=30, metadata={"com.android.capture.fps": "240.0"})
    clip, frames = read(path)
    assert (clip.info.slow_motion, clip.info.slow_motion_from) == (8.0, "metadata")
    assert times(frames)[1] == pytest.approx(1 / 240, rel=1e-3)
    assert clip.info.fps == pytest.approx(240, rel=1e-3)
    clip, frames = read(path, slow_motion=4)
    assert (clip.info.slow_motion, clip.info.slow_motion_from) == (4, "stated")
    assert times(frames)[1] == pytest.approx(1 / 120, rel=1e-3)


def test_high_rates_played_in_real_time_are_no_slow_motion(tmp_path):
    clip, frames = read(write_film(tmp_path / "fast.mp4", pictures(24), fps=240))
    assert (clip.info.slow_motion, clip.info.slow_motion_from) == (1.0, "none")
    assert times(frames)[-1] == pytest.approx(23 / 240, rel=1e-3)


def test_more_pictures_than_help_are_thinned_evenly(tmp_path):
    clip, frames = read(write_film(tmp_path / "super.mp4", pictures(96), fps=960))
    assert len(frames) == 24
    assert np.diff(times(frames)) == pytest.approx(np.full(23, 1 / 240), rel=0.02)
    assert any("One picture in 4" in words for words in clip.repairs)
    assert clip.info.expected == 24


def test_of_a_long_film_the_middle_is_used_and_said(tmp_path):
    path = write_film(tmp_path / "long.mp4", pictures(200, 64, 64), fps=10)
    clip, frames = read(path, limits=ClipLimits(max_seconds=4))
    assert clip.first_s == pytest.approx(8, abs=0.11)
    assert len(frames) == pytest.approx(40, abs=1)
    assert clip.info.expected == 40
    assert any("middle" in words for words in clip.repairs)


def test_a_slow_film_is_measured_by_real_seconds(tmp_path):
    path = write_film(tmp_path / "long.mp4", pictures(120, 64, 64), fps=10)
    clip, frames = read(path, limits=ClipLimits(max_seconds=3), slow_motion=4)
    assert len(frames) == 120
    assert clip.repairs == []


def test_a_heel_raise_test_is_read_from_its_first_to_its_last_repetition(tmp_path):
    path = write_film(tmp_path / "h.mp4", pictures(1300, 64, 64), fps=10)
    clip, frames = read(path, limits=HEEL_RAISE_LIMITS)
    assert (len(frames), clip.repairs) == (1300, [])


def test_reading_from_a_given_time(tmp_path):
    path = write_film(tmp_path / "a.mp4", pictures(60), fps=30)
    with open_clip(path, start_s=1.0) as clip:
        frames = list(clip)
    assert len(frames) == 30
    assert frames[0].playback_s == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("seconds", [4, 8])
def test_one_picture_a_second_is_read_for_the_engine_to_judge(tmp_path, seconds):
    clip, frames = read(write_film(tmp_path / "one.mp4", pictures(seconds), fps=1))
    assert len(frames) == seconds
    assert clip.info.playback_fps == pytest.approx(1)


def test_a_moving_gif_is_read_with_a_word_about_its_times(tmp_path):
    clip, frames = read(write_film(tmp_path / "a.gif", pictures(12), fps=20, codec="gif", pix_fmt="rgb8"))
    assert len(frames) == 12
    assert times(frames)[1] == pytest.approx(0.05)
    assert any("hundredths" in words for words in clip.repairs)


def test_a_gif_that_stands_still_is_refused(tmp_path):
    path = write_film(tmp_path / "a.gif", pictures(1), fps=20, codec="gif", pix_fmt="rgb8")
    with pytest.raises(VideoError, match="single picture"):
        read(path)


def test_a_film_cut_off_in_copying_gives_what_is_there(tmp_path):
    path = write_film(tmp_path / "a.mp4", pictures(90), mux={"movflags": "use_metadata_tags+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    clip, frames = read(path)
    assert 20 < len(frames) < 80
    assert any("breaks off" in words for words in clip.repairs)


def test_a_film_cut_off_while_filming_says_what_happened(tmp_path):
    path = write_film(tmp_path / "a.mp4", pictures(90))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    with pytest.raises(VideoError, match=r"a\.mp4: the film is damaged: its table of contents is missing.*phone"):
        read(path)


def test_damage_in_the_middle_is_read_around(tmp_path):
    path = write_film(tmp_path / "a.mp4", pictures(90), mux={"movflags": "use_metadata_tags+faststart"})
    data = bytearray(path.read_bytes())
    at = len(data) * 55 // 100
    data[at : at + 3000] = bytes(3000)
    path.write_bytes(data)
    clip, frames = read(path)
    assert len(frames) > 30
    assert clip.repairs
    assert all(b > a for a, b in itertools.pairwise(times(frames)))


def test_random_damage_never_gives_anything_but_a_film_or_a_clear_no(tmp_path):
    whole = write_film(tmp_path / "a.mp4", pictures(30, 128, 96)).read_bytes()
    _survives(tmp_path / "b.mp4", whole, seed=1, rounds=60)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("ending", "how"),
    [
        ("mkv", {}),
        ("webm", {"codec": "libvpx", "options": {"deadline": "realtime"}}),
        ("avi", {"codec": "mpeg4"}),
        ("ts", {}),
        ("gif", {"codec": "gif", "pix_fmt": "rgb8"}),
        ("mov", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}),
    ],
)
def test_random_damage_of_every_container(tmp_path, ending, how):
    whole = write_film(tmp_path / f"a.{ending}", pictures(30, 128, 96), **how).read_bytes()
    _survives(tmp_path / f"b.{ending}", whole, seed=None, rounds=300)


def _survives(path, whole, *, seed, rounds):
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), rng.integers(1, 30)):
            data[at] = rng.integers(0, 256)
        path.write_bytes(data[: rng.integers(len(data) // 2, len(data) + 1)])
        try:
            _, frames = read(path)
        except VideoError as error:
            assert error.where == path.name
            assert error.hint
        else:
            assert len(frames) <= 60


def test_sound_without_pictures(tmp_path):
    with pytest.raises(VideoError, match="only sound"):
        read(write_sound(tmp_path / "a.mp4"))


def test_no_pictures_at_all(tmp_path):
    path = tmp_path / "none.mkv"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        film.start_encoding()
    with pytest.raises(VideoError) as told:
        read(path)
    assert told.value.hint


def test_a_single_picture(tmp_path):
    with pytest.raises(VideoError, match="single picture"):
        read(write_film(tmp_path / "one.mp4", pictures(1)))


def test_8k_is_refused_with_words(tmp_path):
    path = write_film(
        tmp_path / "8k.mp4", [np.zeros((4320, 7680, 3), np.uint8)] * 2, codec="mpeg4", options={"qscale": "31"}
    )
    with pytest.raises(VideoError, match=r"too large \(7680 × 4320; up to 4K is read\).*1080p"):
        probe_clip(path)


def test_tiny_pictures_are_refused(tmp_path):
    with pytest.raises(VideoError, match="32 × 32"):
        probe_clip(write_film(tmp_path / "t.mp4", pictures(3, 32, 32)))


OTHER_THINGS = {
    "a PDF document": b"%PDF-1.7\n" + b"1 0 obj " * 400,
    "a picture": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(2000),
    "a ZIP archive": b"PK\x03\x04" + bytes(2000),
    "a photo": b"\x00\x00\x00\x18ftypheic" + bytes(2000),
    "a sound recording": b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(2000),
    "a play list": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hosts\n",
    "a text file": b"ffconcat version 1.0\nfile '/etc/hosts'\n",
}


@pytest.mark.parametrize("thing", OTHER_THINGS)
def test_other_things_named_like_a_film_are_named(tmp_path, thing):
    path = tmp_path / "run.mp4"
    path.write_bytes(OTHER_THINGS[thing])
    with pytest.raises(VideoError, match=f"this is {thing}, not a film"):
        read(path)


def test_bytes_without_sense(tmp_path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(np.random.default_rng(3).integers(0, 256, 50_000, np.uint8).tobytes())
    with pytest.raises(VideoError, match="not a film that can be read"):
        read(path)


def test_files_that_are_not_there_empty_too_large_or_folders(tmp_path):
    empty = tmp_path / "e.mp4"
    empty.touch()
    for path, words in ((tmp_path / "no.mp4", "no such file"), (tmp_path, "folder"), (empty, "empty")):
        with pytest.raises(VideoError, match=words):
            read(path)
    film = write_film(tmp_path / "a.mp4", pictures(3))
    with pytest.raises(VideoError, match="too large"):
        read(film, limits=ClipLimits(max_bytes=100))


@pytest.mark.parametrize("name", ["http:x.mp4", "-", "a%03d.mp4", "concat:a|b.mp4", "pipe:0"])
def test_a_name_is_only_a_name(tmp_path, name):
    write_film(tmp_path / "plain.mp4", pictures(3)).rename(tmp_path / name)
    assert len(read(tmp_path / name)[1]) == 3


@pytest.mark.parametrize("factor", [0, -2, 0.5, 1000, float("nan")])
def test_a_slow_motion_factor_that_cannot_be(tmp_path, factor):
    with pytest.raises(VideoError, match="slow-motion"):
        read(write_film(tmp_path / "a.mp4", pictures(3)), slow_motion=factor)


def test_the_limits_are_documented():
    page = (Path(__file__).parents[3] / "docs" / "reference" / "films-read.md").read_text()
    run, raises = ClipLimits(), HEEL_RAISE_LIMITS
    for words in (
        f"{run.max_bytes / 1e6:.0f} MB",
        f"{run.max_pixels / 1e6:.0f} million pixels",
        f"{run.max_seconds:.0f} s (heel raise: {raises.max_seconds:.0f} s)",
        f"{run.max_frames} (heel raise: {raises.max_frames})",
        f"{run.max_fps:.0f} (heel raise: {raises.max_fps:.0f})",
        f"{run.long_side_px} pixels",
    ):
        assert words in page, words
