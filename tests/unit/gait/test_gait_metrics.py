"""Metrics: the drawn values come out, with an interval, or a reason stands where the number would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from drawn_motion import CONTACT_S, GAIT, STRIDE_S, drawn, leg_points, with_gap

from soleus.core.gait import Band, MetricResult, Step
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.recording import LEG_PARTS, View
from soleus.gait import geometry as g
from soleus.gait.cycles import find_steps
from soleus.gait.metrics import frontal, measure, with_values
from soleus.gait.metrics.sagittal import flat_foot_deg
from soleus.gait.metrics.strike import probability, verdict
from soleus.gait.metrics.temporal import of_step
from soleus.gait.metrics.tracks import fine_legs, highest, travel
from soleus.gait.motion import NEAR, Motion

Lines = dict[tuple[str, bool | None], MetricResult]


def results_of(motion: Motion, speed_mps: float | None = None) -> Lines:
    _, lines = measure(motion, find_steps(motion, GAIT), GAIT, speed_mps=speed_mps)
    return {(line.metric, line.near): line for line in lines}


def value(result: MetricResult) -> Measurement:
    assert isinstance(result.measured, Measurement), result.measured
    return result.measured


def reason(result: MetricResult) -> str:
    assert isinstance(result.measured, Unavailable), result.measured
    return str(result.measured.reason.text).removeprefix("gait.refusal.")


@pytest.fixture(scope="module")
def side_view() -> Lines:
    return results_of(drawn(seconds=7.0), speed_mps=2.6)


def drawn_at_contact() -> Mapping[str, np.ndarray]:
    return {part: track[0] for part, track in leg_points(np.array([0.2]), 0.2, 12.0).items()}


def test_times(side_view: Lines) -> None:
    assert value(side_view["cadence", None]).value == pytest.approx(120 / STRIDE_S, abs=0.3)
    assert value(side_view["step_time", None]).value == pytest.approx(500 * STRIDE_S, abs=1)
    assert value(side_view["contact_time", True]).value == pytest.approx(1000 * CONTACT_S, abs=20)
    flight = value(side_view["flight_time", True]).value
    assert flight == pytest.approx(500 * STRIDE_S - value(side_view["contact_time", True]).value, abs=1)
    assert value(side_view["duty_factor", True]).value == pytest.approx(CONTACT_S / STRIDE_S, abs=0.03)
    assert value(side_view["step_length", None]).value == pytest.approx(2.6 * STRIDE_S / 2, abs=0.01)


def test_angles_and_distances(side_view: Lines) -> None:
    at = drawn_at_contact()
    expected = {
        "foot_strike_angle": 12.0,
        "tibia_angle": float(g.tibia_angle_deg(at["knee"], at["ankle"])),
        "overstride": float(at["ankle"][0] - at["hip"][0]),
        "knee_flexion_contact": float(g.knee_flexion_deg(at["hip"], at["knee"], at["ankle"])),
        "trunk_lean": float(np.degrees(np.arctan2(0.06, 0.6))),
        "vertical_oscillation": 0.06,
    }
    tolerance = {"overstride": 0.01, "vertical_oscillation": 0.002}
    for metric, true in expected.items():
        near = None if metric in ("trunk_lean", "vertical_oscillation") else True
        assert value(side_view[metric, near]).value == pytest.approx(true, abs=tolerance.get(metric, 2.0)), metric


def test_intervals_hold_scatter_and_method(side_view: Lines) -> None:
    contact = value(side_view["contact_time", True])
    row = [entry.half_width for entry in GAIT.metrics["contact_time"].error if entry.from_fps <= 120][-1]
    assert contact.high - contact.value >= row
    assert contact.grade is Grade.BANDED
    assert contact.count >= 6
    assert contact.unit == "ms"


def test_the_far_leg_is_withheld(side_view: Lines) -> None:
    for metric in ("contact_time", "foot_strike", "tibia_angle", "ankle_dorsiflexion_peak"):
        assert reason(side_view[metric, False]) == "far_leg"


def test_one_side_view_never_compares_left_and_right(side_view: Lines) -> None:
    assert reason(side_view["contact_time_symmetry", None]) == "one_side_only"


def test_bands_only_with_a_speed_that_was_measured(side_view: Lines) -> None:
    assert side_view["cadence", None].band in (Band.WITHIN, Band.UNSURE, Band.BELOW, Band.ABOVE)
    assert side_view["cadence", None].norm_source == "karamanidis2005"
    assert results_of(drawn(seconds=7.0))["cadence", None].band is Band.NO_NORM


def test_without_foot_points_what_needs_them_is_withheld() -> None:
    lines = results_of(drawn(seconds=7.0, foot=False))
    for metric in (
        "contact_time",
        "flight_time",
        "duty_factor",
        "foot_strike",
        "foot_strike_angle",
        "ankle_dorsiflexion_peak",
    ):
        assert reason(lines[metric, True]) == "no_foot_points"
    assert value(lines["tibia_angle", True])
    assert value(lines["cadence", None])


def test_no_speed_no_step_length() -> None:
    assert reason(results_of(drawn())["step_length", None]) == "no_speed"


def test_too_few_pictures_too_few_steps_and_impossible_values() -> None:
    motion = drawn(seconds=7.0)
    assert reason(results_of(replace(motion, capture_fps=20.0))["cadence", None]) == "fps_for_metric"
    assert reason(results_of(drawn(seconds=2.0))["contact_time", True]) == "few_steps_for_metric"
    narrow = replace(GAIT.metrics["tibia_angle"], plausible=(80.0, 90.0))
    gait = replace(GAIT, metrics={"tibia_angle": narrow})
    _, lines = measure(motion, find_steps(motion, gait), gait)
    assert reason(lines[0]) == "not_plausible"


def test_a_point_that_is_not_seen_is_not_guessed() -> None:
    motion = drawn(seconds=7.0)
    leg = motion.legs[NEAR]
    blind = replace(motion, legs={**motion.legs, NEAR: replace(leg, knee=np.full_like(leg.knee, np.nan))})
    assert reason(results_of(blind)["knee_flexion_peak", True]) == "not_seen"


def test_steps_carry_their_own_values() -> None:
    motion = drawn(seconds=4.0)
    steps = with_values(motion, find_steps(motion, GAIT), GAIT, speed_mps=3.0)
    whole = next(step for step in steps if step.next_contact_s is not None and step.toe_off_s is not None)
    assert {"cadence", "contact_time", "flight_time", "foot_strike_angle", "step_length", "trunk_lean"} <= set(
        whole.values
    )
    last = [step for step in steps if step.next_contact_s is None][-1]
    assert "step_time" not in last.values


def test_from_behind() -> None:
    lines = results_of(drawn(seconds=7.0, view=View.BACK))
    assert {metric for metric, _ in lines} == {"pelvic_drop", "step_width", "trunk_sway"}
    assert value(lines["pelvic_drop", True]).value == pytest.approx(0, abs=1)
    assert value(lines["step_width", None]).value == pytest.approx(0.2, abs=0.02)
    assert value(lines["trunk_sway", None]).grade is Grade.EXPERIMENTAL


def test_a_tilted_camera_and_a_mirrored_axis_change_nothing_from_behind() -> None:
    motion = drawn(seconds=7.0, view=View.BACK)
    raised = replace(motion.legs["right"], hip=motion.legs["right"].hip + np.array([0.0, 0.05]))
    tilted = replace(motion, legs={**motion.legs, "right": raised})
    drops = [results_of(film)["pelvic_drop", True] for film in (motion, tilted)]
    assert value(drops[0]).value == pytest.approx(value(drops[1]).value, abs=0.5)
    flipped = {}
    for key, leg in motion.legs.items():
        flipped[key] = replace(leg, **{part: getattr(leg, part) * [-1, 1] for part in LEG_PARTS})
    mirrored = replace(motion, legs=flipped, frame=replace(motion.frame, forward=-motion.frame.forward))
    widths = [value(results_of(film)["step_width", None]).value for film in (motion, mirrored)]
    assert widths[0] == pytest.approx(widths[1])
    assert frontal.level_deg({}) == 0
    unseen = replace(motion.legs["left"], hip=np.full_like(raised.hip, np.nan))
    legs = fine_legs(replace(motion, legs={**motion.legs, "left": unseen}))
    assert frontal.level_deg({Side.LEFT: legs["left"], Side.RIGHT: legs["right"]}) == 0


def test_from_behind_with_one_leg_or_none_seen() -> None:
    motion = drawn(seconds=4.0, view=View.BACK)
    alone = replace(motion, legs={"left": motion.legs["left"]})
    steps = with_values(alone, find_steps(alone, GAIT), GAIT)
    assert all("pelvic_drop" not in step.values and "step_width" not in step.values for step in steps)
    legs = {leg.side: fine_legs(motion)[key] for key, leg in motion.legs.items()}
    outside = Step(side=Side.LEFT, near=True, contact_s=90.0, toe_off_s=90.2, next_contact_s=None)
    open_step = replace(outside, toe_off_s=None, next_contact_s=91.0)
    assert frontal.of_step(outside, legs, 0.0) == {}
    assert frontal.of_step(open_step, {}, 0.0) == {}
    assert frontal.of_step(open_step, legs, 0.0) == {}
    inside = Step(side=Side.LEFT, near=True, contact_s=1.0, toe_off_s=1.2)
    assert frontal.step_width(inside, replace(inside, side=Side.RIGHT, contact_s=1.35, toe_off_s=1.55), legs)
    assert frontal.step_width(inside, inside, legs) is None
    assert frontal.step_width(inside, open_step, legs) is None
    assert frontal.step_width(inside, outside, legs) is None


def test_flat_foot_needs_a_contact_that_was_seen() -> None:
    motion = drawn(seconds=3.0)
    fine = fine_legs(motion)[NEAR]
    mine = [step for step in find_steps(motion, GAIT) if step.near]
    assert flat_foot_deg(fine, mine, GAIT) == pytest.approx(0.0, abs=3)
    open_step = Step(side=Side.LEFT, near=True, contact_s=1.0, toe_off_s=None)
    assert np.isnan(flat_foot_deg(fine, [open_step], GAIT))
    beyond = Step(side=Side.LEFT, near=True, contact_s=90.0, toe_off_s=90.2)
    assert np.isnan(flat_foot_deg(fine, [beyond], GAIT))
    assert set(with_values(motion, [replace(beyond, next_contact_s=90.7)], GAIT)[0].values) == {
        "step_time", "contact_time", "flight_time", "duty_factor", "cadence",
    }  # fmt: skip


def test_a_film_without_pictures_has_reasons_only() -> None:
    motion = drawn(seconds=0.0)
    _, lines = measure(motion, (), GAIT)
    assert lines
    assert all(isinstance(line.measured, Unavailable) for line in lines)


def test_a_gap_costs_steps_not_truth() -> None:
    lines = results_of(with_gap(drawn(seconds=8.0), 3.0, 4.0))
    assert value(lines["contact_time", True]).count < value(results_of(drawn(seconds=8.0))["contact_time", True]).count
    assert value(lines["cadence", None]).value == pytest.approx(120 / STRIDE_S, abs=0.5)


def test_frame_rate_and_scale_leave_angles_alone() -> None:
    coarse, fine = (results_of(drawn(seconds=7.0, fps=fps)) for fps in (60.0, 240.0))
    for metric in (
        "foot_strike_angle",
        "tibia_angle",
        "knee_flexion_contact",
        "knee_flexion_peak",
        "ankle_dorsiflexion_peak",
    ):
        assert value(coarse[metric, True]).value == pytest.approx(value(fine[metric, True]).value, abs=1.0), metric


def test_swapped_sides_swap_nothing_else() -> None:
    motion = drawn(seconds=7.0)
    mirrored = replace(motion, legs={key: replace(leg, side=leg.side.other) for key, leg in motion.legs.items()})
    one, other = results_of(motion), results_of(mirrored)
    for key, line in one.items():
        assert other[key].measured == line.measured
        assert other[key].side is (None if line.side is None else line.side.other)


@pytest.mark.parametrize(
    ("angle", "half", "says"),
    [
        (20, 8, "rearfoot"),
        (12, 8, "rearfoot_or_midfoot"),
        (3, 8, ""),
        (3, 3, "midfoot"),
        (-3, 8, "midfoot_or_forefoot"),
        (-12, 8, "forefoot"),
        (3, 12, ""),
    ],
)
def test_the_strike_is_named_only_as_far_as_the_interval_allows(angle: float, half: float, says: str) -> None:
    measured = Measurement(value=angle, unit="deg", low=angle - half, high=angle + half, grade=Grade.BANDED)
    assert verdict(measured, GAIT) == says
    shares = [probability(measured, which, GAIT) for which in ("rearfoot", "midfoot", "forefoot")]
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0


def test_times_of_a_step_only_as_far_as_they_were_seen() -> None:
    bare = Step(side=Side.LEFT, near=True, contact_s=1.0, toe_off_s=None)
    assert of_step(bare) == {}
    assert set(of_step(replace(bare, toe_off_s=1.25))) == {"contact_time"}
    assert of_step(replace(bare, toe_off_s=1.25, next_contact_s=1.7))["flight_time"] == pytest.approx(100)


def test_nothing_has_no_height() -> None:
    assert np.isnan(highest(np.zeros(0)))
    assert np.isnan(travel(np.zeros(0)))
