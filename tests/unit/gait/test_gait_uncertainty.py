"""The error of a number, its band, and what may be said of it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from drawn_motion import GAIT

from soleus.core.gait import Band, GaitReport, MetricResult
from soleus.core.ids import FindingId, SourceKey
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.view import Facing, View
from soleus.gait.compare import changes
from soleus.gait.findings import soft_findings
from soleus.gait.norms import choose_norm, place, with_norm
from soleus.gait.observations import observe
from soleus.gait.uncertainty import error_half_width, measured, robust_sd, scatter_half_width, share_above, share_below
from soleus.knowledge.gait_base import Norm

FOREFOOT, LOW = FindingId("video_forefoot_strike"), FindingId("video_low_cadence_overstride")


def number(value: float, half: float, *, spread: float | None = None, count: int = 10) -> Measurement:
    return Measurement(
        value=value, unit="x", low=value - half, high=value + half, grade=Grade.BANDED, spread=spread, count=count
    )


def line(metric: str, value: float, half: float, *, near: bool | None = True, verdict: str = "") -> MetricResult:
    side = None if near is None else Side.LEFT
    return MetricResult(metric=metric, side=side, near=near, measured=number(value, half), verdict=verdict)


def withheld(metric: str) -> MetricResult:
    reason = Unavailable(reason=Message(text="gait.refusal.few_steps_for_metric"))
    return MetricResult(metric=metric, side=Side.LEFT, near=True, measured=reason)


# --- error ---


def test_scatter_shrinks_with_steps_and_one_value_has_none() -> None:
    rng = np.random.default_rng(0)
    few, many = (scatter_half_width(rng.normal(0, 1, n).tolist()) for n in (10, 1000))
    assert many < few
    assert scatter_half_width([3.0]) == 0
    assert robust_sd(rng.normal(0, 2, 4000).tolist()) == pytest.approx(2, rel=0.05)


def test_the_interval_of_a_median_covers_it() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(400):
        values = rng.normal(0, 1, 15)
        held.append(abs(np.median(values)) <= scatter_half_width(values.tolist()))
    assert np.mean(held) >= 0.92


def test_scatter_and_method_add_as_squares() -> None:
    definition = GAIT.metrics["contact_time"]
    values = [240.0, 250.0, 260.0, 245.0, 255.0]
    result = measured(values, definition, 12.0, method="median")
    assert result.high - result.value == pytest.approx(math.hypot(scatter_half_width(values), 12.0))
    assert result.spread == pytest.approx(robust_sd(values))
    assert measured([250.0], definition, 12.0).spread is None
    assert measured([250.0], definition, 12.0).high == 262.0


def test_the_error_row_of_the_frame_rate_applies() -> None:
    definition = GAIT.metrics["contact_time"]
    assert error_half_width(definition, 24.0) is None
    rows = [error_half_width(definition, fps) for fps in (30.0, 60.0, 240.0)]
    assert rows == sorted(rows, key=lambda row: -(row or 0))


def test_share_of_a_normal_error() -> None:
    assert share_above(number(10, 1.96), 10) == pytest.approx(0.5)
    assert share_above(number(10, 1.959964), 9) == pytest.approx(0.8413, abs=1e-3)
    assert share_below(number(10, 1.959964), 9) == pytest.approx(0.1587, abs=1e-3)
    assert share_above(number(10, 0.0), 9) == 1


# --- bands ---


def norm(
    sex: str = "", low: float | None = None, high: float | None = None, mean: float = 170.0, order: int = 0
) -> Norm:
    return Norm(
        metric="cadence", mean=mean, sd=5.0, source=SourceKey("s"), status="seen", sex=sex, from_mps=low, to_mps=high,
        who="gait.who.men_322",
    )  # fmt: skip


def chosen(norms: tuple[Norm, ...], sex: str | None, speed: float | None) -> float | None:
    found = choose_norm(replace(GAIT, norms=norms), "cadence", sex=sex, speed_mps=speed)
    return None if found is None else found.mean


def test_the_nearest_speed_and_the_own_sex_come_first() -> None:
    norms = (
        norm("", 2.0, 4.0, mean=1), norm("male", 2.0, 4.0, mean=2), norm("male", 2.8, 3.4, mean=3),
        norm("female", mean=4), norm("", 5.0, None, mean=5), norm("", None, 1.5, mean=6),
    )  # fmt: skip
    assert chosen(norms, "male", 3.1) == 3
    assert chosen(norms, "male", 2.2) == 2
    assert chosen(norms, None, 3.1) == 1
    assert chosen(norms, "female", 3.1) == 4
    assert chosen(norms, None, 9.0) == 5
    assert chosen(norms, None, 1.0) == 6
    assert chosen(norms, "male", 4.5) is None
    assert chosen(norms, "male", None) is None
    assert choose_norm(GAIT, "trunk_lean", sex=None, speed_mps=3.0) is None


def test_the_band_waits_until_the_whole_interval_is_on_one_side() -> None:
    assert place(number(150, 5), 160, 180) is Band.BELOW
    assert place(number(190, 5), 160, 180) is Band.ABOVE
    assert place(number(170, 5), 160, 180) is Band.WITHIN
    assert place(number(162, 5), 160, 180) is Band.UNSURE


def test_a_band_names_its_people() -> None:
    gait = replace(GAIT, norms=(norm(mean=170),))
    result = with_norm(line("cadence", 170, 1, near=None), gait, sex=None, speed_mps=None)
    assert (result.norm_low, result.norm_high, result.band) == (160, 180, Band.WITHIN)
    assert result.norm_who == Message(text="gait.who.men_322")
    assert with_norm(withheld("cadence"), gait, sex=None, speed_mps=None).band is Band.NO_NORM
    nameless = replace(gait, norms=(replace(norm(), who=""),))
    assert with_norm(line("cadence", 170, 1, near=None), nameless, sex=None, speed_mps=None).norm_who is None


# --- observations ---


def ids(*lines: MetricResult, speed: float | None = None) -> set[str]:
    return {seen.id for seen in observe(lines, GAIT, speed_mps=speed)}


def test_only_what_is_surely_there_is_said() -> None:
    assert ids(line("foot_strike", -12, 8, verdict="forefoot")) == {"forefoot"}
    assert ids(line("foot_strike", -4, 8, verdict="midfoot_or_forefoot")) == set()
    assert ids(line("foot_strike", -12, 8, near=False, verdict="forefoot")) == set()
    assert ids(withheld("foot_strike")) == set()
    assert ids() == set()


def test_every_clause_must_hold() -> None:
    slow, leaning = line("cadence", 150, 2, near=None), line("tibia_angle", 15, 8)
    assert ids(slow, leaning) == {"long_slow_steps"}
    assert ids(slow, line("tibia_angle", 8, 8)) == set()
    assert ids(line("cadence", 156, 2, near=None), leaning) == set()


def test_low_cadence_is_said_only_at_a_stated_speed() -> None:
    slow = line("cadence", 145, 2, near=None)
    assert ids(slow) == set()
    assert ids(slow, speed=2.0) == set()
    assert ids(slow, speed=3.0) == {"low_cadence"}


def test_an_observation_carries_its_values_and_sources() -> None:
    (seen,) = observe([line("foot_strike", -12, 8, verdict="forefoot")], GAIT)
    assert seen.says == Message(text="gait.observation.forefoot", params={"foot_strike": -12})
    assert "nishiguchi2025" in seen.sources
    assert seen.strength == "moderate"


# --- soft evidence ---


def shares(*lines: MetricResult, speed: float | None = None) -> dict[FindingId, float]:
    found = soft_findings(lines, GAIT, observed_on=date(2026, 11, 1), speed_mps=speed)
    assert all(finding.value is None for finding in found)
    return {finding.id: (finding.likelihood or {})["true"] for finding in found}


def test_a_sure_forefoot_strike_speaks_for_it_and_a_sure_rearfoot_strike_against() -> None:
    lean = GAIT.observations["forefoot"].lean
    assert shares(line("foot_strike", -40, 8))[FOREFOOT] == pytest.approx(0.5 + lean, abs=0.01)
    assert shares(line("foot_strike", 40, 8))[FOREFOOT] == pytest.approx(0.5 - lean, abs=0.01)


def test_a_strike_at_the_cut_off_is_no_evidence() -> None:
    assert shares(line("foot_strike", GAIT.value("foot_strike.fore_below_deg"), 8)) == {}


def test_more_error_means_less_evidence() -> None:
    sharp, dull = (shares(line("foot_strike", -8, half))[FOREFOOT] for half in (3.0, 12.0))
    assert 0.5 < dull < sharp


def test_a_withheld_metric_gives_nothing() -> None:
    assert shares(withheld("foot_strike")) == {}
    assert shares(line("cadence", 130, 2, near=None), withheld("tibia_angle")) == {}
    assert shares() == {}


def test_both_clauses_count() -> None:
    both = shares(line("cadence", 145, 2, near=None), line("tibia_angle", 25, 8))[LOW]
    one = shares(line("cadence", 145, 2, near=None), line("tibia_angle", 5, 8)).get(LOW, 0.5)
    assert both > one
    assert shares(line("cadence", 175, 2, near=None), line("tibia_angle", 25, 8))[LOW] < 0.5


def test_what_only_speaks_for_is_silent_when_absent() -> None:
    changed = {name: replace(entry, speaks_against=False) for name, entry in GAIT.observations.items()}
    assert soft_findings([line("foot_strike", 40, 8)], replace(GAIT, observations=changed)) == ()


def test_no_film_makes_anything_certain() -> None:
    strong = {"forefoot": replace(GAIT.observations["forefoot"], lean=0.49)}
    (finding,) = soft_findings([line("foot_strike", -90, 1)], replace(GAIT, observations=strong))
    assert finding.likelihood == {"true": 0.98, "false": pytest.approx(0.02)}


# --- changes ---


def report(*lines: MetricResult, **fields: object) -> GaitReport:
    base = GaitReport(
        view=View.SIDE, facing=Facing.LEFT, fps=60.0, duration_s=10.0, slow_motion=1.0, slow_motion_from="none",
        model="blazepose-heavy/1a2b", quality=None, metrics=lines,
    )  # fmt: skip
    return replace(base, **fields)  # type: ignore[arg-type]


def compared(
    previous: GaitReport | None, *lines: MetricResult, model: str = "blazepose-heavy/9f", speed: float | None = None
) -> list[tuple[str, bool]]:
    found = changes(previous, lines, GAIT, view=View.SIDE, facing=Facing.LEFT, model=model, speed_mps=speed)
    return [(change.metric, change.real) for change in found]


def test_a_change_is_real_beyond_the_smallest_detectable() -> None:
    before = report(line("contact_time", 250, 20), line("cadence", 160, 1, near=None))
    now = (line("contact_time", 320, 20), line("cadence", 161, 1, near=None))
    assert compared(before, *now) == [("contact_time", True), ("cadence", False)]


def test_scatter_between_steps_can_hide_a_change() -> None:
    shaky = MetricResult(
        metric="contact_time", side=Side.LEFT, near=True, measured=number(320, 60, spread=120, count=6)
    )
    (change,) = changes(
        report(line("contact_time", 250, 20)),
        [shaky],
        GAIT,
        view=View.SIDE,
        facing=Facing.LEFT,
        model="blazepose-heavy/1",
    )
    assert change.smallest_detectable > 30
    assert not change.real


def test_only_films_of_the_same_kind_are_compared() -> None:
    old, now = line("contact_time", 250, 20), line("contact_time", 320, 20)
    assert compared(None, now) == []
    assert compared(report(old, view=View.BACK), now) == []
    assert compared(report(old, facing=Facing.RIGHT), now) == []
    assert compared(report(old), now, model="rtmpose/1") == []
    assert compared(report(old, speed_mps=3.0), now) == []
    assert compared(report(old), now, speed=3.0) == []
    assert compared(report(old, speed_mps=2.5), now, speed=3.0) == []
    assert compared(report(old, speed_mps=2.9), now, speed=3.0) == [("contact_time", True)]


def test_what_was_withheld_or_cannot_be_compared_is_left_out() -> None:
    assert compared(report(line("contact_time", 250, 20)), withheld("contact_time")) == []
    assert compared(report(withheld("contact_time")), line("contact_time", 250, 20)) == []
    assert compared(report(), line("contact_time", 250, 20)) == []
    strike = line("foot_strike", 12, 8)
    assert compared(report(strike), strike) == []
    unknown = line("unheard_of", 12, 8)
    assert compared(report(unknown), unknown) == []
