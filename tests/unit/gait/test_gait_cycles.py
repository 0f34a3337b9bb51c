"""Contacts become steps; a step that cannot be trusted says why it does not count."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from drawn_motion import GAIT, GROUND, STRIDE_S, drawn, with_gap

from soleus.core.measurement import Side
from soleus.core.recording import LEG_PARTS, View
from soleus.gait.cycles import CONTACT_TIME, NOT_SEEN, OUT_OF_FRAME, counted, find_steps, stance_speed, strides_s
from soleus.gait.motion import NEAR


def test_steps_of_both_legs_follow_one_another() -> None:
    steps = find_steps(drawn(), GAIT)
    assert [step.contact_s for step in steps] == sorted(step.contact_s for step in steps)
    assert all(a.side is not b.side for a, b in pairwise(steps))
    assert {step.near for step in steps if step.side is Side.LEFT} == {True}
    assert {step.near for step in steps if step.side is Side.RIGHT} == {False}
    np.testing.assert_allclose(strides_s(steps), STRIDE_S, atol=2e-3)
    assert len(counted(steps)) == len(steps)


def test_a_missed_contact_leaves_the_stride_open() -> None:
    steps = [s for s in find_steps(with_gap(drawn(), 2.4, 2.5), GAIT) if s.near]
    assert sum(step.next_contact_s is None for step in steps) == 2  # before the gap, and the last one
    assert strides_s(steps).max() < 1.1 * STRIDE_S


def test_a_foot_outside_the_picture_does_not_count() -> None:
    motion = drawn()
    leg = motion.legs[NEAR]
    outside = replace(leg, in_frame=motion.times_s > 2.0)
    steps = find_steps(replace(motion, legs={NEAR: outside}), GAIT)
    assert {step.dropped for step in steps if step.contact_s < 1.9} == {OUT_OF_FRAME}
    assert {step.dropped for step in steps if step.contact_s > 2.1} == {""}


def test_a_contact_that_was_filled_in_does_not_count() -> None:
    motion = drawn()
    leg = motion.legs[NEAR]
    filled = replace(leg, confidence=np.where((motion.times_s > 1.55) & (motion.times_s < 1.8), 0.0, 1.0))
    steps = find_steps(replace(motion, legs={NEAR: filled}), GAIT)
    assert [step.dropped for step in steps if abs(step.contact_s - 1.6) < 0.1] == [NOT_SEEN]


def test_an_impossible_contact_time_does_not_count() -> None:
    longer = replace(GAIT.parameters["steps.contact_min_s"], value=0.5)
    gait = replace(GAIT, parameters={**GAIT.parameters, "steps.contact_min_s": longer})
    assert {step.dropped for step in find_steps(drawn(), gait)} == {CONTACT_TIME}


def test_without_toe_off_a_step_still_counts() -> None:
    steps = find_steps(drawn(foot=False), GAIT)
    assert steps
    assert {(step.toe_off_s, step.dropped) for step in steps} == {(None, "")}


def test_from_behind_the_low_foot_counts() -> None:
    steps = find_steps(drawn(view=View.BACK), GAIT)
    assert {step.near for step in steps} == {True}
    np.testing.assert_allclose(strides_s(steps), STRIDE_S, atol=5e-3)


def test_another_method_can_be_asked_for() -> None:
    one, other = find_steps(drawn(), GAIT), find_steps(drawn(), GAIT, method="zeni", belt_speed=GROUND)
    assert other[0].contact_s < one[0].contact_s


def test_the_ground_speed_comes_from_the_near_leg_or_the_one_that_has_one() -> None:
    motion = drawn()
    assert stance_speed(motion, GAIT) == pytest.approx(GROUND, rel=0.01)
    blind = replace(motion.legs[NEAR], **{part: np.full((len(motion.times_s), 2), np.nan) for part in LEG_PARTS})
    assert stance_speed(replace(motion, legs={**motion.legs, NEAR: blind}), GAIT) == pytest.approx(GROUND, rel=0.01)
    assert stance_speed(replace(motion, legs={NEAR: blind}), GAIT) is None
    assert find_steps(replace(motion, legs={NEAR: blind}), GAIT) == ()


def test_mirrored_legs_swap_sides_and_nothing_else() -> None:
    motion = drawn()
    swapped = {key: replace(leg, side=leg.side.other) for key, leg in motion.legs.items()}
    steps, mirrored = find_steps(motion, GAIT), find_steps(replace(motion, legs=swapped), GAIT)
    assert [(s.contact_s, s.toe_off_s, s.near) for s in steps] == [(s.contact_s, s.toe_off_s, s.near) for s in mirrored]
    assert [s.side.other for s in steps] == [s.side for s in mirrored]
