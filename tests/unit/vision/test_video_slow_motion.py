"""Who says how much slower than life a film plays, and how it is reckoned."""

import pytest

from soleus.vision.slow_motion import slow_motion_of

CAPTURE = "com.android.capture.fps"
APPLE = "com.apple.quicktime.full-frame-rate-playback-intent"


@pytest.mark.parametrize(
    ("stated", "metadata", "fps", "expected"),
    [
        (4.0, {CAPTURE: "240"}, 30.0, (4.0, "stated")),
        (None, {CAPTURE: "240.000000"}, 29.97, (8.0, "metadata")),
        (None, {CAPTURE: "239.8"}, 30.0, (8.0, "metadata")),
        (None, {CAPTURE: "960"}, 30.0, (32.0, "metadata")),
        (None, {CAPTURE: "240"}, 239.5, (1.0, "metadata")),
        (None, {CAPTURE: "30"}, 29.9, (1.0, "metadata")),
        (None, {CAPTURE: "1"}, 30.0, (1 / 30, "metadata")),
        (None, {CAPTURE: "120"}, 50.0, (2.4, "metadata")),
        (None, {CAPTURE: "many"}, 30.0, (1.0, "none")),
        (None, {CAPTURE: "nan"}, 30.0, (1.0, "none")),
        (None, {CAPTURE: "1e9"}, 30.0, (1.0, "none")),
        (None, {CAPTURE: "240"}, 0.0, (1.0, "none")),
        (None, {APPLE: "1"}, 240.0, (1.0, "metadata")),
        (None, {}, 240.0, (1.0, "none")),
    ],
)
def test_factor_and_who_says_so(stated, metadata, fps, expected):
    factor, source = slow_motion_of(stated, metadata, fps)
    assert (factor, source) == (pytest.approx(expected[0]), expected[1])
