"""The charts of a film: each with its sentence, its picture and its table, and the same numbers in both."""

import re
from dataclasses import replace

import numpy as np
import pytest
from gait_samples import (
    LEFT,
    RIGHT,
    bare_report,
    gait_report,
    heel_report,
    heel_set,
    measured,
    metric,
    refused_heel_report,
    steps,
)

from soleus.core.gait import Band, GaitReport
from soleus.core.recording import Recording
from soleus.core.view import View
from soleus.exports.charts import Chart
from soleus.exports.charts.curve import curve
from soleus.exports.charts.film import film_charts
from soleus.exports.charts.film_foot import foot_chart
from soleus.exports.charts.film_moments import moments_chart
from soleus.exports.charts.film_numbers import numbers_chart
from soleus.exports.charts.heel_raise import heel_raise_charts
from soleus.gait.engine import analyse, analyse_gait
from soleus.gait.motion import Motion
from soleus.knowledge import load_knowledge
from soleus.validation.synthetic_runner import Scene, synthesize

KB = load_knowledge()


@pytest.fixture(scope="module")
def recording() -> Recording:
    return synthesize(Scene(duration_s=7.0, seed=3)).recording


@pytest.fixture(scope="module")
def report(recording: Recording) -> GaitReport:
    found = analyse_gait(recording, KB, speed_mps=2.6)
    assert not found.refusals
    return found


@pytest.fixture(scope="module")
def motion(recording: Recording) -> Motion:
    found = analyse(recording, KB.gait).motion
    assert found is not None
    return found


def test_a_film_with_its_body_points_has_three_charts(report: GaitReport, recording: Recording) -> None:
    charts = film_charts(report, KB, recording)
    assert [chart.id for chart in charts] == ["film_moments", "film_foot", "film_numbers"]
    for chart in charts:
        assert chart.sentence.endswith(".")
        assert chart.note
        assert chart.table.rows
        assert all(len(row) == len(chart.table.header) for row in chart.table.rows)
        assert "<title" in chart.svg
        assert "nan" not in chart.svg
    assert film_charts(report, KB, recording) == charts


def test_without_body_points_only_the_numbers_are_drawn(report: GaitReport) -> None:
    assert [chart.id for chart in film_charts(report, KB, None)] == ["film_numbers"]
    assert film_charts(bare_report(), KB, None) == ()


def test_a_back_view_has_no_side_pictures(report: GaitReport, recording: Recording) -> None:
    behind = replace(report, view=View.BACK)
    assert [chart.id for chart in film_charts(behind, KB, recording)] == ["film_numbers"]


def test_stick_figures_land_ahead_and_leave_behind(report: GaitReport, motion: Motion) -> None:
    chart = moments_chart(motion, report.steps, KB)
    (_, zero, lands), (_, middle, _), (_, last, leaves) = chart.table.rows
    assert zero == "0.00"
    assert 0 < float(str(middle)) < float(str(last)) < 0.4
    assert str(lands).endswith("in front")
    assert str(leaves).endswith("behind")
    assert f"{chart.svg.count('stroke-width=')}" > "20"


def test_too_few_steps_draw_nothing(motion: Motion, report: GaitReport) -> None:
    few = [step for step in report.steps if step.near][:1]
    assert moments_chart(motion, few, KB).svg == ""
    assert "not seen well enough" in moments_chart(motion, few, KB).sentence
    assert foot_chart(motion, few, KB).svg == ""
    unseen = replace(motion, legs={k: replace(v, ankle=np.full_like(v.ankle, np.nan)) for k, v in motion.legs.items()})
    assert moments_chart(unseen, report.steps, KB).svg == ""


def test_the_far_leg_may_be_missing(motion: Motion, report: GaitReport) -> None:
    alone = replace(motion, legs={"near": motion.legs["near"]}, shoulders=np.full_like(motion.shoulders, np.nan))
    assert moments_chart(alone, report.steps, KB).svg
    assert moments_chart(replace(motion, legs={"far": motion.legs["far"]}), report.steps, KB).svg == ""


def test_the_foot_is_down_where_the_steps_say(motion: Motion, report: GaitReport) -> None:
    chart = foot_chart(motion, report.steps, KB)
    shown = [float(value) for value in re.findall(r'data-v="([\d.]+)"', chart.svg)]
    rows = chart.table.rows
    assert [f"{value:.2f}" for value in shown] == [row[1] for row in rows]
    assert all(float(str(row[2])) > float(str(row[1])) for row in rows)
    assert ">heel<" in chart.svg
    assert ">lands<" in chart.svg


def test_only_steps_in_a_row_share_a_picture(motion: Motion, report: GaitReport) -> None:
    used = [step for step in report.steps if step.near and not step.dropped]
    torn = [replace(step, next_contact_s=None) for step in used[:2]] + used[3:]
    assert len(foot_chart(motion, torn, KB).table.rows) >= 2


def test_numbers_against_their_bands() -> None:
    chart = numbers_chart(gait_report(), KB)
    assert [row[0] for row in chart.table.rows] == ["Steps per minute", "Time the foot is on the ground"]
    assert "One is too near an edge to say." in chart.sentence
    shown = dict(re.findall(r'data-k="([^"]+)" data-v="([^"]+)"', chart.svg))
    assert shown == {"cadence both": "168.8", "contact_time left": "262"}
    band = {"norm_low": 10.0, "norm_high": 12.0}
    above = gait_report(metrics=(metric("overstride", measured(20, 19, 21, "deg"), band=Band.ABOVE, **band),))
    assert "Outside of that: " in numbers_chart(above, KB).sentence
    assert numbers_chart(above, KB).sentence.startswith("The one number")
    two = gait_report(metrics=gait_report().metrics[1:2] * 2)
    assert "2 are too near an edge" in numbers_chart(two, KB).sentence
    odd = gait_report(metrics=(metric("new", measured(1, 1, 1, ""), norm_low=1.0, norm_high=1.0),))
    assert "new" in numbers_chart(odd, KB).svg
    assert numbers_chart(gait_report(metrics=()), KB).svg == ""
    long = gait_report(metrics=(metric("knee_flexion_peak", measured(40, 30, 50, "deg"), **band),))
    assert ">Most bend of the knee with the<" in numbers_chart(long, KB).svg  # two lines, or a phone cuts it off


def _by_id(charts: tuple[Chart, ...]) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts}


def test_heel_raises_are_drawn_leg_by_leg() -> None:
    charts = _by_id(heel_raise_charts(heel_report(), KB))
    trace, heights = charts["heel_trace"], charts["heel_heights"]
    assert "Left leg: 18 of 20 count." in trace.sentence
    assert trace.svg.count("ch-open") == 3  # two on the left, one on the right
    assert len(trace.table.rows) == 46
    assert trace.table.rows[-1][-1].startswith("no: ")
    assert heights.table.header == ("Raise", "Left leg (cm)", "Right leg (cm)")
    assert len(heights.table.rows) == 25
    assert heights.table.rows[-1][1] == "–"
    assert heights.svg.count("data-v") == 18 + 25


def test_heel_raises_without_a_scale_or_a_trace() -> None:
    bare = heel_set(RIGHT, 5, attempted=5, trace_s=(), trace_ratio=())
    bare = replace(bare, raises=tuple(replace(rep, height_cm=None) for rep in bare.raises))
    charts = _by_id(heel_raise_charts(heel_report(sets=(bare,)), KB))
    assert set(charts) == {"heel_heights"}
    assert "% of the foot’s length" in charts["heel_heights"].sentence
    gaps = heel_set(LEFT, 3, attempted=3)
    holed = replace(gaps, trace_ratio=tuple(np.where(np.array(gaps.trace_s) < 2.0, np.nan, gaps.trace_ratio)))
    assert "nan" not in heel_raise_charts(heel_report(sets=(holed,)), KB)[0].svg
    assert heel_raise_charts(refused_heel_report(), KB) == ()
    by_hand = heel_set(LEFT, 20, raises=(), attempted=20, trace_s=(), trace_ratio=())
    assert heel_raise_charts(heel_report(sets=(by_hand,), manual=True), KB) == ()
    none = heel_set(LEFT, 1, attempted=3, trace_s=(), trace_ratio=())
    assert heel_raise_charts(heel_report(sets=(none,)), KB) == ()


def test_a_curve_breaks_where_nothing_was_seen() -> None:
    drawn = curve(
        [0.0, 0.25, 0.5, 0.75, 1.0],
        [1.0, 2.0, float("nan"), 2.0, 1.0],
        left=10,
        right=90,
        top=0,
        height=100,
        top_value=2.0,
        colour="a",
    )
    assert re.search(r'd="M0 50L250 0M750 0L1000 50"', drawn)


def test_steps_of_the_sample_alternate() -> None:
    assert [step.side for step in steps(2)] == [LEFT, RIGHT, LEFT, RIGHT]
