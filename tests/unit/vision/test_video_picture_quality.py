"""What is measured of the pictures themselves, against pictures whose blur, shift, cuts and rhythm are known."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from film_maker import ground, pictures, write_film

from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS
from soleus.vision.picture_quality import PictureWatch
from soleus.vision.video import open_clip

cv2 = pytest.importorskip("cv2")

CLIPS = Path(__file__).parents[4] / "shared" / "gait" / "clips"
DUMPS = {"zzzhushi_male_side.mp4": 168.9, "mhuang24_slow.mp4": 17.6}


def nobody(count):
    points = np.full((count, len(KEYPOINTS), 3), np.nan)
    points[:, :, 2] = 0
    return points


def somebody(count, x=160.0, y=120.0, size=60.0):
    """A body whose hips stand at (x, y) and whose feet are `size` lower."""
    points = nobody(count)
    for side, way in (("left", -1), ("right", 1)):
        for part, down in (("shoulder", -0.8), ("hip", 0), ("knee", 0.5), ("ankle", 0.95), ("heel", 1), ("toe", 1)):
            points[:, KEYPOINT_INDEX[f"{side}_{part}"]] = (x + way * 0.3 * size, y + down * size, 0.9)
    return points


def quality(pictures, points=None, fps=30.0):
    watch = PictureWatch()
    for picture in pictures:
        watch.see(picture)
    count = len(pictures)
    return watch.quality(nobody(count) if points is None else points, np.arange(count) / fps)


def textured(width=640, height=480, seed=1):
    """Fine structure everywhere, as of grass or bricks."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    grey = cv2.GaussianBlur(noise, (0, 0), 1.2)
    return np.repeat(cv2.normalize(grey, None, 0, 255, cv2.NORM_MINMAX)[:, :, None], 3, axis=2)


def moved(picture, dx, dy):
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return cv2.warpAffine(picture, matrix, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT)


def test_blur_lowers_sharpness_step_by_step():
    still = textured()
    values = [quality([cv2.GaussianBlur(still, (0, 0), s) if s else still] * 2).sharpness[1] for s in (0, 1, 2, 4)]
    assert all(a > b + 0.03 for a, b in itertools.pairwise(values))
    assert 0 <= values[-1] < values[0] <= 1


def test_smear_in_one_direction_counts():
    still = textured()
    smeared = cv2.blur(still, (15, 1))
    assert quality([smeared] * 2).sharpness[0] < 0.75 * quality([still] * 2).sharpness[0]


def test_sharpness_is_that_of_the_legs():
    picture = cv2.normalize(cv2.GaussianBlur(textured(), (0, 0), 1.5), None, 0, 255, cv2.NORM_MINMAX)
    legs = picture.copy()
    legs[200:360, 200:440] = cv2.GaussianBlur(picture, (0, 0), 3)[200:360, 200:440]
    body = somebody(3, x=320, y=230, size=100)
    assert quality([legs] * 3, body).sharpness[0] < 0.6 * quality([picture] * 3, body).sharpness[0]


def test_sharpness_of_a_flat_picture_is_not_known():
    assert np.isnan(quality([np.full((240, 320, 3), 100, np.uint8)] * 2).sharpness).all()


@pytest.mark.parametrize("shift", [(0, 0), (3, 0), (0, -2), (12.5, 4)])
def test_the_cameras_movement_is_measured_in_pixels(shift):
    still = cv2.GaussianBlur(textured(1280, 720), (0, 0), 4)
    result = quality([still, moved(still, *shift)])
    assert result.shift_px[1] == pytest.approx(shift, abs=0.3)
    assert np.isnan(result.shift_px[0]).all()
    assert result.cuts == 0


def test_a_runner_who_crosses_a_still_picture_is_no_camera_movement():
    still = ground(640, 480)
    pictures = []
    for i in range(6):
        picture = still.copy()
        picture[140:340, 100 + 20 * i : 260 + 20 * i] = textured(160, 200)
        pictures.append(picture)
    points = np.concatenate([somebody(1, x=180 + 20 * i, y=230, size=90) for i in range(6)])
    assert np.abs(quality(pictures, points).shift_px[1:]).max() < 0.2


def test_a_camera_before_a_blank_wall_is_not_known_to_stand():
    assert np.isnan(quality([np.full((240, 320, 3), 100, np.uint8)] * 3).shift_px).all()


def test_cuts_are_counted():
    scenes = [cv2.GaussianBlur(textured(seed=s), (0, 0), 40) for s in (1, 2, 3)]
    scenes = [cv2.normalize(s, None, 0, 255, cv2.NORM_MINMAX) for s in scenes]
    film = [moved(s, i, 0) for s in scenes for i in range(5)]
    result = quality(film)
    assert result.cuts == 2
    assert np.isnan(result.motion_energy[[5, 10]]).all()
    assert np.isnan(result.shift_px[5]).all()


def test_a_flash_of_light_is_no_cut():
    still = textured() // 2
    assert quality([still, still + 60, still]).cuts == 0


def test_repeated_pictures_are_counted_and_their_movement_is_left_out():
    still = textured()
    film = [moved(still, (i - i // 5) * 2, 0) for i in range(20)]
    result = quality(film)
    assert result.frozen_share == pytest.approx(3 / 19)
    assert np.isnan(result.motion_energy[[5, 10, 15]]).all()
    assert not np.isnan(result.motion_energy[[4, 6, 11]]).any()


@pytest.mark.parametrize("every", [2, 3])
def test_repeated_pictures_are_found_through_compression(tmp_path, every):
    """A film of 15 or 10 pictures a second, blown up to 30 by repeating them."""
    moving = list(pictures(60, 320, 240, step_px=6))
    film = write_film(tmp_path / "r.mp4", [moving[i - i % every] for i in range(60)], options={"preset": "ultrafast"})
    with open_clip(film) as clip:
        seen = [frame.image for frame in clip]
    assert quality(seen).frozen_share == pytest.approx(1 - 1 / every, abs=0.12)


def test_a_pause_at_the_top_of_a_heel_raise_is_no_repeated_picture():
    rng, still = np.random.default_rng(5), textured(320, 240)
    heights = [*range(0, 40, 4), *[40] * 30, *range(40, 0, -4)]
    film = [moved(still, 0, -h) for h in heights]
    film = [np.clip(p + rng.normal(0, 2, p.shape), 0, 255).astype(np.uint8) for p in film]
    assert quality(film).frozen_share < 0.05


def test_brightness_is_the_middle_grey():
    assert quality([np.full((240, 320, 3), v, np.uint8) for v in (10, 80, 90)]).brightness == 80


def test_movement_energy_has_the_rhythm_of_the_legs_and_not_of_the_arms():
    """Legs swing at 3 Hz, arms at 5 Hz: energy has a peak twice in each swing, at 6 Hz."""
    fps, still = 60.0, ground(320, 240)
    film = []
    for i in range(240):
        picture = still.copy()
        legs, arms = (round(20 * np.sin(2 * np.pi * hz * i / fps)) for hz in (3, 5))
        picture[130:180, 150 + legs : 165 + legs] = 250
        picture[40:90, 150 + arms : 165 + arms] = 250
        film.append(picture)
    energy = quality(film, somebody(240, y=120, size=60), fps).motion_energy
    energy = np.nan_to_num(energy, nan=float(np.nanmedian(energy)))
    power = np.abs(np.fft.rfft(energy - energy.mean()))
    assert np.fft.rfftfreq(240, 1 / fps)[power.argmax()] == pytest.approx(6)


def test_a_longer_wait_between_pictures_is_no_stronger_movement():
    still = ground(320, 240)
    times = np.cumsum(np.where(np.arange(40) % 3, 1, 2)) / 30
    film = []
    for time_s in times:
        picture = still.copy()
        x = 60 + round(60 * (time_s - times[0]))
        picture[130:180, x : x + 20] = 250
        film.append(picture)
    watch = PictureWatch()
    for picture in film:
        watch.see(picture)
    energy = watch.quality(nobody(40), times).motion_energy[1:]
    assert energy.std() < 0.15 * energy.mean()


def test_noise_of_the_sensor_is_no_movement():
    rng = np.random.default_rng(2)
    still = textured(320, 240) // 2 + 60
    film = [np.clip(still + rng.normal(0, 1.5, still.shape), 0, 255).astype(np.uint8) for _ in range(10)]
    assert np.nanmax(quality(film).motion_energy) < 0.3


@pytest.mark.parametrize(
    "name", ["zzzhushi_male_side.mp4", pytest.param("mhuang24_slow.mp4", marks=pytest.mark.nightly)]
)
def test_cadence_shows_in_the_pixels_of_real_films(name):
    """Pixels alone, in the lower middle of the picture; truth from the films' sources."""
    signal = pytest.importorskip("scipy.signal")
    if not (CLIPS / name).exists():
        pytest.skip("the film is not here")
    watch, times = PictureWatch(), []
    with open_clip(CLIPS / name) as clip:
        for frame in clip:
            watch.see(frame.image)
            times.append(frame.time_s)
    width, height = clip.size
    centre = {"zzzhushi_male_side.mp4": (0.43, 0.69, 0.27), "mhuang24_slow.mp4": (0.5, 0.34, 0.31)}[name]
    body = somebody(len(times), x=centre[0] * width, y=centre[1] * height, size=centre[2] * height)
    energy = watch.quality(body, np.array(times)).motion_energy
    known = ~np.isnan(energy)
    even = np.arange(0, times[-1], np.median(np.diff(times)))
    even_energy = np.interp(even, np.array(times)[known], energy[known])
    hz, power = signal.periodogram(even_energy - np.median(even_energy), 1 / even[1], window="hann", nfft=2**17)
    power[hz < 0.15] = 0
    assert 60 * hz[power.argmax()] == pytest.approx(DUMPS[name], rel=0.012)
