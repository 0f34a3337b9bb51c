"""Witnesses of which leg is the nearer one, whatever the network calls it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_runner import GAIT, stick_body, stick_recording

from soleus.gait.identity import named_legs
from soleus.gait.nearness import nearness

LEGS = named_legs(stick_body(stick_recording(seconds=2)))


def test_legs_alike_in_everything_tell_nothing() -> None:
    assert abs(nearness(LEGS, 300.0, GAIT)) < 0.3


@pytest.mark.parametrize("what", ["lower", "surer", "larger"])
def test_each_witness_speaks_for_the_nearer_leg_and_against_the_farther(what: str) -> None:
    legs, confidence = LEGS.legs.copy(), LEGS.confidence.copy()
    if what == "lower":
        legs[0, :, :, 1] += 12.0
    elif what == "surer":
        confidence[1] -= 0.3
    else:
        legs[0] = legs[0, :, :1] + 1.06 * (legs[0] - legs[0, :, :1])
    nearer = replace(LEGS, legs=legs, confidence=confidence)
    assert nearness(nearer, 300.0, GAIT) > 0.7
    farther = replace(nearer, legs=legs[::-1], confidence=confidence[::-1])
    assert nearness(farther, 300.0, GAIT) < -0.7


def test_a_leg_never_seen_tells_nothing_but_its_absence() -> None:
    legs = LEGS.legs.copy()
    legs[1] = np.nan
    assert nearness(replace(LEGS, legs=legs), 300.0, GAIT) == pytest.approx(0.0)
