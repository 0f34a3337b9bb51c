"""Running, walking or standing; enough of it; numbers that hold together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from stick_runner import GAIT, stick_body, stick_recording, with_points

from soleus.core.gait import Step
from soleus.core.measurement import Side
from soleus.core.recording import View
from soleus.gait.identity import named_legs
from soleus.gait.running import (
    Counts,
    Style,
    alternation,
    bounce_of,
    count,
    is_walking,
    movement_refusals,
    style_of,
    trust_refusals,
)

RUN = Style(step_hz=2.8, bounce=0.8, swing_knee_deg=95.0)
FINE = Counts(
    events_spm=168.0,
    spectral_spm=168.0,
    pixels_spm=float("nan"),
    alternation=1.0,
    duty=0.36,
    near_used=12,
    duration_s=10.0,
)


def codes(counts: Counts = FINE, style: Style = RUN, slow_motion: float = 1.0) -> list[str]:
    return [entry.code for entry in movement_refusals(style, counts, slow_motion, GAIT)]


def trust(counts: Counts = FINE, view: View = View.SIDE, **legs: object) -> list[str]:
    body = stick_body(stick_recording(seconds=1))
    sorted_legs = replace(named_legs(body), **legs)  # type: ignore[arg-type]
    return [entry.code for entry in trust_refusals(counts, sorted_legs, 300.0, view, GAIT)]


@pytest.mark.parametrize(("bounce", "cosine"), [(0.03, 1.0), (-0.03, -1.0)])
def test_runners_are_highest_with_the_legs_apart_and_walkers_with_the_legs_together(
    bounce: float, cosine: float
) -> None:
    body = stick_body(stick_recording(bounce=bounce, noise_leg=0.005))
    assert bounce_of(body, 170 / 60, 300.0, View.SIDE, GAIT) == pytest.approx(cosine, abs=0.1)
    assert bounce_of(body, 170 / 60, 300.0, View.BACK, GAIT) * cosine > 0.4


def test_no_bounce_says_nothing() -> None:
    assert math.isnan(bounce_of(stick_body(stick_recording(bounce=0.0)), 170 / 60, 300.0, View.SIDE, GAIT))
    assert math.isnan(bounce_of(stick_body(stick_recording()), float("nan"), 300.0, View.SIDE, GAIT))
    recording = stick_recording()
    unseen = with_points(recording, np.full_like(recording.poses.points, np.nan))
    assert math.isnan(bounce_of(stick_body(unseen), 170 / 60, 300.0, View.SIDE, GAIT))


def test_the_style_of_a_runner() -> None:
    body = stick_body(stick_recording())
    style = style_of(body, body.legs[0], 170 / 60, 300.0, View.SIDE, GAIT)
    assert style.spm == pytest.approx(170)
    assert style.swing_knee_deg == pytest.approx(85, abs=2)
    assert math.isnan(style_of(body, body.legs[0], 170 / 60, 300.0, View.BACK, GAIT).swing_knee_deg)


@pytest.mark.parametrize(
    ("spm", "bounce", "knee", "duty", "walking"),
    [
        (110, -0.9, 60, 0.62, True),
        (110, -0.9, 90, 0.40, True),  # a plain bounce decides
        (176, -0.95, 85, 0.50, True),  # race walking
        (110, 0.8, 60, 0.62, False),  # grounded running, or slow motion
        (110, math.nan, 60, 0.62, True),
        (110, math.nan, 60, 0.40, False),
        (110, -0.5, 60, 0.40, True),
        (110, math.nan, math.nan, math.nan, False),
        (160, math.nan, 60, 0.62, False),
        (400, -0.95, 60, 0.62, False),
    ],
)
def test_walking_is_told_by_bounce_knee_and_duty(
    spm: float, bounce: float, knee: float, duty: float, walking: bool
) -> None:
    assert is_walking(Style(step_hz=spm / 60, bounce=bounce, swing_knee_deg=knee), duty, GAIT) is walking


def test_the_kind_of_movement() -> None:
    assert codes() == []
    still = replace(RUN, step_hz=float("nan"))
    assert codes(style=still) == ["not_running"]
    assert codes(style=still, slow_motion=8.0) == ["not_running", "slow_motion_unclear"]
    assert codes(replace(FINE, duration_s=1.0), still) == ["too_short"]
    assert codes(style=replace(RUN, step_hz=1.9, bounce=-0.9)) == ["walking"]
    assert codes(style=replace(RUN, step_hz=0.35), counts=replace(FINE, duration_s=40.0)) == ["slow_motion_unclear"]
    assert codes(style=replace(RUN, step_hz=4.5)) == ["slow_motion_unclear"]
    assert codes(replace(FINE, duration_s=3.0)) == ["too_short"]


def test_numbers_that_hold_together_are_trusted() -> None:
    assert trust() == []
    assert trust(replace(FINE, pixels_spm=168.4)) == []


def test_each_doubt_has_its_reason() -> None:
    named = named_legs(stick_body(stick_recording(seconds=1)))
    assert trust(replace(FINE, near_used=5)) == ["few_steps"]
    assert trust(replace(FINE, alternation=0.9)) == ["sides_uncertain"]
    assert trust(replace(FINE, alternation=float("nan"))) == ["sides_uncertain"]
    assert trust(swapped=np.arange(30) < 6) == ["sides_uncertain"]
    assert trust(doubled=np.arange(30) < 15) == ["sides_uncertain"]
    assert trust(unsteady=0.2) == ["points_unsteady"]
    smaller = np.stack([named.legs[0] * 0.9, named.legs[1]])  # and so higher in the picture
    assert trust(legs=smaller) == ["sides_uncertain"]
    assert trust(view=View.BACK, legs=smaller) == []
    assert trust(replace(FINE, events_spm=160.0)) == ["cadence_disagrees"]
    assert trust(replace(FINE, pixels_spm=160.0)) == ["cadence_disagrees"]
    assert trust(replace(FINE, duty=0.6)) == ["duty_factor_odd"]
    assert trust(replace(FINE, duty=float("nan"))) == ["duty_factor_odd"]
    assert trust(replace(FINE, duty=float("nan")), View.BACK) == []


def steps(sides: str, times: list[float] | None = None) -> list[Step]:
    at = [0.35 * i for i in range(len(sides))] if times is None else times
    return [
        Step(
            side=Side.LEFT if side == "L" else Side.RIGHT,
            near=side == "L",
            contact_s=start,
            toe_off_s=start + 0.25,
            next_contact_s=start + 0.7,
        )
        for side, start in zip(sides, at, strict=True)
    ]


def test_alternation_counts_neighbours_only() -> None:
    assert alternation(steps("LRLRLRLR")) == 1
    assert alternation(steps("LRLLRLRL")) == pytest.approx(6 / 7)
    missing = [0.0, 0.35, 0.7, 1.4, 1.75, 2.1]
    assert alternation(steps("LRLLRL", missing)) == 1
    assert math.isnan(alternation(steps("L")))
    assert math.isnan(alternation([]))


def test_what_the_steps_come_to() -> None:
    found = steps("LRLRLRLRLRLRLR")
    found[2] = replace(found[2], dropped="foot_out_of_frame")
    found[4] = replace(found[4], toe_off_s=None, next_contact_s=None)
    counts = count(found, RUN, np.arange(100) / 20, None, GAIT)
    assert counts.near_used == 6
    assert counts.duty == pytest.approx(0.25 / 0.7)
    assert counts.events_spm == pytest.approx(60 / 0.35)
    assert counts.spectral_spm == pytest.approx(168)
    assert math.isnan(counts.pixels_spm)
    assert counts.duration_s == pytest.approx(4.95)
    assert count([], RUN, np.zeros(0), None, GAIT).duration_s == 0
