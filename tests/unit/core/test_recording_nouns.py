"""The nouns of films refuse what cannot be."""

import numpy as np
import pytest

from soleus.core.measurement import Grade, Measurement, Side
from soleus.core.recording import KEYPOINTS, PoseSequence, leg_indices


def poses(times, people=None, frames=None):
    points = np.zeros((len(times) if frames is None else frames, len(KEYPOINTS), 3))
    return PoseSequence(
        times_s=np.array(times, float), points=points, width_px=9, height_px=9, model="m", people=people
    )


def test_a_value_lies_within_its_interval():
    with pytest.raises(ValueError, match="not within"):
        Measurement(value=3, unit="ms", low=4, high=5, grade=Grade.BANDED)
    assert Side.LEFT.other is Side.RIGHT
    assert Side.RIGHT.other is Side.LEFT


def test_times_rise_and_shapes_fit():
    assert poses([0, 1]).frames == 2
    assert poses([0, 1]).point("nose").shape == (2, 2)
    assert len(leg_indices(Side.LEFT)) == 5
    for wrong in ({"times": [0, 0]}, {"times": [0, 1], "frames": 3}):
        with pytest.raises(ValueError, match=r"fit|increase"):
            poses(**wrong)
    with pytest.raises(ValueError, match="people"):
        poses([0, 1], people=np.zeros(3, np.int16))
