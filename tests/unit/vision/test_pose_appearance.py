"""Telling people apart by what they wear."""

import numpy as np
import pytest
from drawn_points import running_points

from soleus.core.recording import KEYPOINT_INDEX, Facing
from soleus.validation.drawn_runner import Look, draw_runner, empty_room
from soleus.vision.pose.appearance import LEARN_PICTURES, Appearance, colours_of

pytest.importorskip("cv2")

RED, BLUE = Look(), Look(shirt=(70, 110, 190))


def drawn(phase: float, look: Look, *, light: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    image = empty_room(360, 480)
    points = running_points(phase, facing=Facing.LEFT, x_px=180, y_px=250, leg_px=187)
    draw_runner(image, points, facing=Facing.LEFT, look=look)
    canonical = np.column_stack((points, np.ones(len(points))))
    return (image * light).astype(np.uint8), canonical


def test_colours_are_those_of_shirt_and_shorts_whatever_the_arms_do() -> None:
    for phase in np.linspace(0, 2 * np.pi, 9):
        colours = colours_of(*drawn(phase, BLUE))
        assert colours is not None
        assert colours[0] == pytest.approx(BLUE.shirt, abs=15)
        assert colours[1] == pytest.approx(BLUE.shorts, abs=15)


def learnt(count: int = LEARN_PICTURES) -> Appearance:
    seen = Appearance()
    for phase in np.linspace(0, 2 * np.pi, count):
        seen.learn(colours_of(*drawn(phase, RED)))
    return seen


def test_another_shirt_is_another_person_and_a_little_shade_is_not() -> None:
    seen = learnt()
    assert seen.differs(colours_of(*drawn(1.0, BLUE)))
    assert seen.differs(colours_of(*drawn(1.0, Look(shorts=(200, 200, 210)))))
    assert not seen.differs(colours_of(*drawn(1.0, RED)))
    assert not seen.differs(colours_of(*drawn(1.0, RED, light=0.92)))


def test_nothing_is_claimed_before_enough_was_seen() -> None:
    assert not learnt(LEARN_PICTURES - 1).differs(colours_of(*drawn(1.0, BLUE)))
    assert not Appearance().differs(colours_of(*drawn(1.0, BLUE)))
    assert not learnt().differs(None)


def test_clothes_that_flicker_allow_more() -> None:
    seen = Appearance()
    for index in range(40):
        seen.learn(np.full((2, 3), 100.0 + 40 * (index % 2)))
    assert not seen.differs(np.full((2, 3), 70.0))
    seen.learn(None)
    assert seen.differs(np.full((2, 3), 250.0))


def test_a_body_outside_the_picture_has_no_colours() -> None:
    image, points = drawn(1.0, RED)
    assert colours_of(image, points + np.array([400, 0, 0])) is None
    points[KEYPOINT_INDEX["left_knee"], :2] = np.nan
    assert colours_of(image, points) is None
