"""Which leg is which: exchanged, half exchanged and doubled legs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stick_runner import GAIT, stick_body, stick_recording, true_phase

from soleus.core.measurement import Side
from soleus.core.recording import Facing, Floats
from soleus.gait.identity import (
    SortedLegs,
    exchange,
    fine_bits,
    named_legs,
    rough_bits,
    sort_legs,
    stride_phase,
    viterbi,
)
from soleus.gait.paths import learn_paths, to_hip
from soleus.gait.skeleton import ANKLE, HEEL, KNEE, Body

STEP_HZ = 170 / 60
PARTS = {"thigh": slice(0, 2), "ankle": slice(2, 3), "foot": slice(3, 5), "leg": slice(0, 5)}


def clean_body(**options: object) -> Body:
    return stick_body(stick_recording(**({"noise_leg": 0.008, "seconds": 8.0} | options)))  # type: ignore[arg-type]


def sort(body: Body, facing: Facing = Facing.LEFT, step_hz: float = STEP_HZ) -> SortedLegs:
    return sort_legs(body, facing, 300.0, step_hz, GAIT)


def exchanged(body: Body, rows: np.ndarray, part: str) -> Body:
    legs, confidence = body.legs.copy(), body.confidence.copy()
    for values in (legs, confidence):
        values[:, rows, PARTS[part]] = values[::-1, rows, PARTS[part]]
    return replace(body, legs=legs, confidence=confidence)


@pytest.mark.parametrize("fps", [30.0, 60.0, 240.0])
@pytest.mark.parametrize("part", ["leg", "foot", "ankle", "thigh"])
def test_bursts_of_exchanged_parts_are_found_and_undone(part: str, fps: float) -> None:
    body = clean_body(fps=fps)
    rng = np.random.default_rng(7)
    rows = np.zeros(body.frames, dtype=bool)
    for start in np.arange(0.3, 7.5, 0.9):
        rows[int(start * fps) : int((start + rng.uniform(0.03, 0.4)) * fps) + 1] = True
    found = sort(exchanged(body, rows, part))
    # Where two knees (or, in stick runners, ankles) pass each other nobody can tell them apart, and it does not matter.
    same = {"leg": 1.0, "foot": 0.99, "ankle": 0.99, "thigh": 0.85}[part]
    assert (found.swapped == rows).mean() >= same
    assert np.nanmax(np.abs(found.legs - body.legs)) <= {"leg": 0.0, "thigh": 75.0}.get(part, 25.0)
    assert found.swap_share == pytest.approx(rows.mean(), abs=0.06)


def test_half_of_all_frames_exchanged_at_random_are_sorted_out() -> None:
    body = clean_body()
    rows = np.random.default_rng(2).random(body.frames) < 0.4
    found = sort(exchanged(body, rows, "leg"))
    np.testing.assert_array_equal(found.swapped, rows)
    np.testing.assert_array_equal(found.legs, body.legs)


def test_uneven_and_missing_frames_do_no_harm() -> None:
    rng = np.random.default_rng(4)
    times = np.sort(rng.choice(np.arange(480), 330, replace=False)) / 60 + rng.uniform(0, 0.003, 330)
    body = stick_body(stick_recording(times_s=times, noise_leg=0.008))
    legs = body.legs.copy()
    legs[:, 100:125] = np.nan
    body = replace(body, legs=legs)
    rows = (times > 3) & (times < 4.2)
    found = sort(exchanged(body, rows, "leg"))
    usable = np.isfinite(body.legs).all(axis=(0, 2, 3))
    np.testing.assert_array_equal(found.swapped[usable], rows[usable])


@pytest.mark.parametrize(("facing", "near"), [(Facing.LEFT, Side.LEFT), (Facing.RIGHT, Side.RIGHT)])
def test_the_near_leg_is_the_one_on_the_side_that_faces_the_camera(facing: Facing, near: Side) -> None:
    body = clean_body(facing_left=facing is Facing.LEFT)
    found = sort(body, facing)
    assert found.near is near
    np.testing.assert_array_equal(found.legs[0], body.legs[0 if near is Side.LEFT else 1])
    np.testing.assert_allclose(
        np.angle(np.exp(1j * (found.phase - true_phase(body.times_s) - 0.0))).std(), 0.0, atol=0.1
    )


@pytest.mark.parametrize("kept", [0, 1])
def test_both_legs_drawn_on_one_leave_the_other_unseen(kept: int) -> None:
    body = clean_body()
    legs = body.legs.copy()
    rows = np.zeros(body.frames, dtype=bool)
    for start in (20, 61, 110, 140, 199):
        rows[start : start + 6] = True
    legs[1 - kept, rows] = legs[kept, rows] + np.random.default_rng(0).normal(0, 3, legs[0, rows].shape)
    found = sort(replace(body, legs=legs))
    np.testing.assert_array_equal(found.doubled, rows)
    assert found.doubled_share == pytest.approx(rows.mean())
    assert np.isnan(found.legs[1 - kept, rows]).all()
    assert (found.confidence[1 - kept, rows] == 0).all()
    assert np.isfinite(found.legs[kept, rows]).all()
    assert not found.swapped.any()


def test_a_foot_drawn_on_the_other_foot_goes_alone() -> None:
    body = clean_body()
    legs = body.legs.copy()
    apart = np.abs(legs[0, :, HEEL, 0] - legs[1, :, HEEL, 0]) > 120
    rows = apart & (np.arange(body.frames) % 9 < 2)
    legs[1, rows, HEEL:] = legs[0, rows, HEEL:]
    found = sort(replace(body, legs=legs))
    np.testing.assert_array_equal(found.doubled, rows)
    assert np.isnan(found.legs[1, rows, HEEL:]).all()
    assert np.isfinite(found.legs[1, rows, : ANKLE + 1]).all()


def test_cut_off_feet_change_sides_with_the_legs() -> None:
    body = clean_body()
    outside = np.zeros((2, body.frames), dtype=bool)
    outside[0, 40:50] = True
    filmed = outside.copy()
    rows = np.zeros(body.frames, dtype=bool)
    rows[44:60] = True
    filmed[:, rows] = outside[::-1, rows]
    mixed = exchanged(replace(body, outside=filmed), rows, "leg")
    np.testing.assert_array_equal(sort(mixed).outside, outside)


def test_without_a_rhythm_the_names_of_the_network_stand() -> None:
    body = clean_body()
    found = sort(body, Facing.RIGHT, float("nan"))
    np.testing.assert_array_equal(found.legs, body.legs[::-1])
    assert found.swap_share == 0
    assert np.isnan(found.phase).all()
    named = named_legs(body)
    np.testing.assert_array_equal(named.legs, body.legs)
    assert named.doubled_share == 0


def test_an_empty_film_has_no_shares() -> None:
    named = named_legs(stick_body(stick_recording(seconds=0)))
    assert np.isnan(named.swap_share)
    assert np.isnan(named.doubled_share)


def test_two_openings_of_the_same_leg_are_believed_when_the_rhythm_breaks() -> None:
    """A film with half a stride missing in the middle: from then on the other leg is in front."""
    body = clean_body()
    times = np.concatenate([body.times_s[:120], body.times_s[120:] + 0.02])
    turned = replace(body, times_s=times, legs=np.concatenate([body.legs[:, :120], body.legs[::-1, 120:]], axis=1))
    unit = to_hip(turned.legs, turned.hip_centre, -1, 300.0)
    phase = stride_phase(times, unit[0, :, ANKLE, 0] - unit[1, :, ANKLE, 0], STEP_HZ, GAIT)
    bits, turns = rough_bits(unit, phase, GAIT)
    assert (bits.mean() < 0.05) or (bits.mean() > 0.4)
    assert len(np.unique(turns)) <= 2


def test_stride_phase_of_legs_that_were_hardly_seen_runs_on_evenly() -> None:
    times = np.arange(30) / 30
    apart = np.full(30, np.nan)
    np.testing.assert_allclose(stride_phase(times, apart, 2.8, GAIT), np.pi * 2.8 * times)


def test_legs_never_apart_cost_nothing_to_name() -> None:
    unit = np.full((2, 10, 5, 2), np.nan)
    bits, turns = rough_bits(unit, np.linspace(0, 6, 10), GAIT)
    assert not bits.any()
    assert not turns.any()
    paths = learn_paths(unit, np.linspace(0, 6, 10), GAIT)
    assert not fine_bits(unit, np.arange(10) / 30, np.linspace(0, 6, 10), np.arange(10), paths, GAIT).any()


def test_viterbi_finds_the_cheapest_way() -> None:
    rng = np.random.default_rng(1)
    emission, change = rng.random((5, 3)), rng.random((4, 3, 3))

    def cost(way: tuple[int, ...]) -> float:
        return float(
            sum(emission[i, s] for i, s in enumerate(way)) + sum(change[i, way[i], way[i + 1]] for i in range(4))
        )

    best = min(np.ndindex(3, 3, 3, 3, 3), key=cost)
    np.testing.assert_array_equal(viterbi(emission, change), best)
    assert len(viterbi(np.zeros((0, 3)), np.zeros((0, 3, 3)))) == 0


def test_exchange_hands_over_only_the_named_parts() -> None:
    legs: Floats = np.arange(2 * 2 * 5 * 2, dtype=np.float64).reshape(2, 2, 5, 2)
    out = exchange(legs, np.array([[False, True, False], [True, False, True]]))
    np.testing.assert_array_equal(out[0, 0, ANKLE], legs[1, 0, ANKLE])
    np.testing.assert_array_equal(out[0, 0, KNEE], legs[0, 0, KNEE])
    np.testing.assert_array_equal(out[1, 1, KNEE], legs[0, 1, KNEE])
    np.testing.assert_array_equal(out[1, 1, ANKLE], legs[1, 1, ANKLE])
