"""The person detector's own arithmetic, without its network."""

import math

import numpy as np
import pytest

from soleus.vision.pose.detector import anchor_centres, decode, overlap, suppress


def test_there_is_an_anchor_for_every_row_of_the_network() -> None:
    anchors = anchor_centres(224)
    assert anchors.shape == (2254, 2)
    assert anchors[:4].tolist() == [[0.5 / 28, 0.5 / 28]] * 2 + [[1.5 / 28, 0.5 / 28]] * 2
    assert anchors[1568] == pytest.approx((0.5 / 14, 0.5 / 14))
    assert anchors[-6:] == pytest.approx(np.full((6, 2), 6.5 / 7))


def logit(share: float) -> float:
    return math.log(share / (1 - share))


def test_decoding_adds_the_anchor_and_keeps_the_sure_ones() -> None:
    boxes = np.zeros((3, 12), np.float32)
    boxes[1] = (10, -10, 40, 20, 0, 50, 5, 5, 0, 0, 1, 1)
    scores = np.array([logit(0.49), logit(0.8), -1e9], np.float32)
    anchors = np.array([[0.1, 0.1], [0.5, 0.5], [0.9, 0.9]])
    shapes, sure = decode(boxes, scores, anchors, 100)
    assert sure == pytest.approx([0.8], abs=1e-6)
    assert shapes[0] == pytest.approx(
        np.array([[0.4, 0.3], [0.8, 0.5], [0.5, 1.0], [0.55, 0.55], [0.5, 0.5], [0.51, 0.51]])
    )


def box(x: float, y: float, half: float = 0.05) -> np.ndarray:
    return np.array([[x - half, y - half], [x + half, y + half], [x, y], [x, y - 0.3], [x, y], [x, y]])


def test_two_people_stay_two_and_answers_about_one_are_averaged() -> None:
    shapes = np.stack([box(0.30, 0.5), box(0.32, 0.5), box(0.70, 0.5), box(0.31, 0.5)])
    scores = np.array([0.9, 0.6, 0.8, 0.3])
    people = suppress(shapes, scores)
    assert [score for _, score in people] == [0.9, 0.8]
    assert people[0][0][2, 0] == pytest.approx((0.30 * 0.9 + 0.32 * 0.6 + 0.31 * 0.3) / 1.8)
    assert people[1][0] == pytest.approx(box(0.70, 0.5))


def test_nobody_is_nobody() -> None:
    assert suppress(np.zeros((0, 6, 2)), np.zeros(0)) == []


def test_overlap_of_boxes() -> None:
    shapes = np.stack([box(0.5, 0.5), box(0.55, 0.5), box(0.9, 0.5), box(0.5, 0.5, half=0.0)])
    assert overlap(shapes, shapes[0]) == pytest.approx([1, 1 / 3, 0, 0])
    assert overlap(shapes[3:], shapes[3]) == pytest.approx([0])


def test_an_empty_box_does_not_go_round_for_ever() -> None:
    assert len(suppress(np.stack([box(0.5, 0.5, half=0.0)] * 2), np.array([0.9, 0.8]))) == 2
