"""Finding ground contact: the default is right where the truth is drawn, and every method keeps its promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn_motion import CONTACT_S, GAIT, GROUND, STRIDE_S, drawn, true_contacts, with_gap

from soleus.core.recording import LEG_PARTS
from soleus.gait.events import DEFAULT_METHOD, EVENT_METHODS, Contact
from soleus.gait.events import _height_soleus as height
from soleus.gait.events._effective_contact_patoz import lead_s
from soleus.gait.events._speed_height_soleus import _noise, median, tip_share
from soleus.gait.events.base import (
    Traces,
    find_windows,
    ground_speed,
    highest_peak,
    last_rise,
    ordered,
    runs,
    spline,
    traces,
)
from soleus.gait.motion import NEAR, LegTrack, Motion

METHODS = list(EVENT_METHODS)
NEEDS_FOOT = ("belt_match", "handsaker", "hreljac")


def near(motion: Motion) -> LegTrack:
    return motion.legs[NEAR]


def detect(method: str, motion: Motion, belt_speed: float | None = None) -> tuple[Contact, ...]:
    return EVENT_METHODS[method](motion, near(motion), GAIT, belt_speed=belt_speed)


def misses_ms(contacts: tuple[Contact, ...], motion: Motion) -> tuple[np.ndarray, np.ndarray]:
    """Error of each contact and toe-off against the drawing."""
    true = true_contacts(motion)
    belongs = np.array([true[np.argmin(np.abs(true - c.contact_s))] for c in contacts])
    ends = np.array([np.nan if c.toe_off_s is None else c.toe_off_s for c in contacts])
    return 1000 * (np.array([c.contact_s for c in contacts]) - belongs), 1000 * (ends - belongs - CONTACT_S)


@pytest.mark.parametrize("fps", [30.0, 60.0, 240.0])
@pytest.mark.parametrize("strike_deg", [18.0, -6.0])
def test_the_default_finds_contact_and_toe_off_of_every_strike(fps: float, strike_deg: float) -> None:
    motion = drawn(fps=fps, strike_deg=strike_deg)
    found = detect(DEFAULT_METHOD, motion)
    assert len(found) >= len(true_contacts(motion)) - 1
    contact, toe_off = misses_ms(found, motion)
    assert np.abs(contact).max() < 6
    assert np.abs(toe_off).max() < 20


def test_a_runner_who_crosses_the_picture_is_timed_as_one_who_stays_in_place() -> None:
    staying, crossing = drawn(), drawn(travel=GROUND)
    for one, other in zip(detect(DEFAULT_METHOD, staying), detect(DEFAULT_METHOD, crossing), strict=True):
        assert one.contact_s == pytest.approx(other.contact_s, abs=1e-3)
        assert one.toe_off_s == pytest.approx(other.toe_off_s, abs=3e-3)


def test_the_speed_of_the_ground_is_read_off_the_foot() -> None:
    for travel in (0.0, GROUND):
        motion = drawn(travel=travel)
        fine = traces(motion, near(motion))
        assert ground_speed(fine, find_windows(fine, GAIT), GAIT) == pytest.approx(GROUND, rel=0.01)


def test_the_told_speed_of_the_ground_is_used() -> None:
    motion = drawn()
    early, late = detect(DEFAULT_METHOD, motion, 0.8 * GROUND), detect(DEFAULT_METHOD, motion, 1.2 * GROUND)
    assert all(a.contact_s < b.contact_s for a, b in zip(early, late, strict=True))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_ordered_contacts_one_per_stride(method: str) -> None:
    motion = drawn()
    found = detect(method, motion)
    times = [contact.contact_s for contact in found]
    np.testing.assert_allclose(np.diff(times), STRIDE_S, atol=2e-3)
    assert all(contact.toe_off_s is None or contact.toe_off_s > contact.contact_s for contact in found)


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_made_up_across_a_gap(method: str) -> None:
    motion = with_gap(drawn(), 3.0, 3.9)
    found = detect(method, motion)
    assert found
    assert not [c for c in found if 3.0 < c.contact_s < 3.85]


@pytest.mark.parametrize("method", METHODS)
def test_without_foot_points_a_method_says_less_or_nothing(method: str) -> None:
    motion = drawn(foot=False)
    found = detect(method, motion)
    assert bool(found) is (method not in NEEDS_FOOT)
    if method == DEFAULT_METHOD:
        assert {contact.toe_off_s for contact in found} == {None}
        assert np.abs(misses_ms(found, motion)[0]).max() < 6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seconds", [0.0, 0.009, 0.6])
def test_a_film_without_a_stride_has_no_contacts(method: str, seconds: float) -> None:
    assert len(detect(method, drawn(seconds=seconds))) <= 1


@pytest.mark.parametrize("method", METHODS)
def test_a_leg_that_was_never_seen_has_no_contacts(method: str) -> None:
    assert detect(method, with_gap(drawn(seconds=3.0), 0.0, 9.0)) == ()


@pytest.mark.parametrize("method", METHODS)
def test_somebody_who_stands_has_no_contacts(method: str) -> None:
    motion = drawn(seconds=3.0)
    leg = near(motion)
    still = {part: np.tile(getattr(leg, part)[40], (len(motion.times_s), 1)) for part in LEG_PARTS}
    standing = replace(motion, legs={NEAR: replace(leg, **still)}, hip_centre=still["hip"])
    assert detect(method, standing) == ()


def test_a_toe_that_is_lost_gives_no_toe_off() -> None:
    motion = drawn()
    leg = near(motion)
    lost = np.where(np.arange(len(motion.times_s))[:, None] < 20, leg.toe, np.nan)
    found = detect(DEFAULT_METHOD, replace(motion, legs={NEAR: replace(leg, toe=lost)}), GROUND)
    assert {contact.toe_off_s for contact in found} <= {None}


def test_shaking_of_the_toe_delays_no_toe_off_by_much() -> None:
    rng = np.random.default_rng(1)
    motion = drawn(seconds=12.0)
    leg = near(motion)
    slow = np.repeat(rng.normal(0, 0.006, (len(motion.times_s) // 12 + 1, 2)), 12, axis=0)[: len(motion.times_s)]
    smooth = np.stack([np.convolve(column, np.ones(12) / 12, mode="same") for column in slow.T], axis=1)
    shaking = replace(motion, legs={NEAR: replace(leg, toe=leg.toe + smooth)})
    _, toe_off = misses_ms(detect(DEFAULT_METHOD, shaking), shaking)
    assert abs(np.median(toe_off)) < 20
    assert np.std(toe_off) < 15


@pytest.mark.parametrize("tilt_deg", [-3.0, 3.0])
def test_a_ground_line_that_is_not_level_changes_little(tilt_deg: float) -> None:
    level = drawn()
    cos, sin = np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))
    turn = np.array([[cos, sin], [-sin, cos]])
    turned = {key: replace(leg, **{p: getattr(leg, p) @ turn for p in LEG_PARTS}) for key, leg in level.legs.items()}
    tilted = replace(level, legs=turned, hip_centre=level.hip_centre @ turn)
    for one, other in zip(detect(DEFAULT_METHOD, level), detect(DEFAULT_METHOD, tilted), strict=True):
        assert one.contact_s == pytest.approx(other.contact_s, abs=3e-3)
        assert one.toe_off_s == pytest.approx(other.toe_off_s, abs=6e-3)


def test_the_ball_and_the_tip_of_the_foot_are_told_apart() -> None:
    assert tip_share(0.10, GAIT) == 0
    assert tip_share(0.25, GAIT) == 1
    assert 0 < tip_share(0.16, GAIT) < 1


def test_the_pelvis_lags_less_at_higher_speed() -> None:
    slow, fast = (detect("milner_paquette", drawn(metres_per_leg=length))[0].contact_s for length in (1.02, 1.38))
    assert fast - slow == pytest.approx((1.38 - 1.02) * GROUND * 3.6 * 1.375e-3, rel=0.05)


def test_effective_contact_is_never_longer_than_the_contact() -> None:
    assert 0 < 2 * lead_s(0.25, 0.11) < 0.25
    assert lead_s(0.3, -0.2) == pytest.approx(0.15)  # no flight at all: the force never leaves body weight's side


def test_low_foot_needs_a_lift_on_both_sides() -> None:
    motion = drawn()
    cut = with_gap(motion, 1.5, 1.55)  # while the foot is down
    assert len(height.detect(cut, near(cut), GAIT)) == len(height.detect(motion, near(motion), GAIT)) - 1


def test_small_parts() -> None:
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert last_rise(np.array([0.0, 1.0, 0.0, 2.0]), 1.5, 0, 3) == pytest.approx(2.75)
    assert last_rise(np.array([3.0, 2.0]), 1.0, 0, 1) is None
    assert highest_peak(np.array([0.0, 2.0, 0.0, 3.0, 0.0]), 0, 4) == 3
    assert highest_peak(np.array([0.0, 1.0, 2.0]), 0, 2) is None
    assert highest_peak(np.array([0.0, np.nan, 0.0]), 0, 2) is None
    assert highest_peak(np.array([0.0, 1.0]), 0, 1) is None
    assert np.isnan(median([float("nan")]))
    assert _noise(np.zeros(10), (), 3) == 0
    value, _, _ = spline(np.arange(5.0), np.zeros((5, 2)), np.arange(0, 4, 0.1))
    assert np.isnan(value).all()


def test_a_toe_off_before_its_contact_is_none() -> None:
    fine = Traces(times_s=np.zeros(1), at={}, velocity={}, acceleration={}, has_foot=True)
    found = ordered([(10.0, 5.0), (None, 7.0), (float("nan"), 7.0), (20.0, float("nan")), (30.0, 80.0)], fine)
    assert [c.toe_off_s is None for c in found] == [True, True, False]
