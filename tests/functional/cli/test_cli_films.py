"""`--gait`, `--heel-raise` and `--feet` of `soleus assess` and `soleus plan`: the same case with and without."""

import json
from datetime import date
from pathlib import Path

import pytest

from soleus.cli.main import main
from soleus.core.finding import Finding, Origin
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet, Observation
from soleus.core.goals import Measured
from soleus.core.ids import FindingId, MeasureId, TextId
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import Facing, View
from soleus.exports.gait_json import gait_json, heel_raise_json

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
CASE = EXAMPLES / "plans" / "calf_overload.yaml"
GOALS = EXAMPLES / "plans" / "calf_overload.goals.yaml"
TODAY = ["--today", "2026-11-23"]
NONE = Unavailable(reason=Message(text=TextId("gait.refusal.no_scale")))


def soft(name, lean):
    likelihood = {"true": lean, "false": 1 - lean}
    return Finding(id=FindingId(name), value=None, origin=Origin.MEASURED, likelihood=likelihood)


def raises(side, reps):
    return HeelRaiseSet(
        side=side,
        raises=(),
        count=Measurement(value=reps, unit="raises", low=reps, high=reps, grade=Grade.RELIABLE, count=reps),
        attempted=reps,
        stopped_by="end_of_clip",
        peak_height_cm=NONE,
        peak_height_ratio=NONE,
        total_displacement_cm=NONE,
        total_displacement_ratio=NONE,
        work_index_j=NONE,
        fatigue_index_pct=NONE,
        rate_per_min=NONE,
    )


@pytest.fixture
def reports(tmp_path):
    gait = GaitReport(
        view=View.SIDE,
        facing=Facing.LEFT,
        fps=120,
        duration_s=12,
        slow_motion=1,
        slow_motion_from="none",
        model="made-up",
        quality=None,
        observations=(
            Observation(id="forefoot", says=Message(text=TextId("gait.observation.forefoot")), strength="moderate"),
        ),
        findings=(soft("video_forefoot_strike", 0.83),),
    )
    on = date(2026, 11, 23)
    heel = HeelRaiseReport(
        sets=(raises(Side.LEFT, 14), raises(Side.RIGHT, 24)),
        affected=Side.LEFT,
        findings=(soft("video_heel_raise_ratio_low", 0.93),),
        measures=(
            Measured(measure=MeasureId("slhr_reps"), value=14.0, on=on, pain_nrs=1.0),
            Measured(measure=MeasureId("slhr_lsi_pct"), value=58.0, on=on),
        ),
    )
    (tmp_path / "gait.json").write_text(json.dumps(gait_json(gait)))
    (tmp_path / "heel.json").write_text(json.dumps(heel_raise_json(heel)))
    return ["--gait", str(tmp_path / "gait.json"), "--heel-raise", str(tmp_path / "heel.json")]


def test_the_runner_reads_what_moved(reports, capsys):
    assert main(["assess", str(CASE), *TODAY, *reports, "--feet", "navicular_drop=16"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Your films and tests" in said
    assert "The film shows you landing on the front of the foot." in said
    assert "Your heel-raise test shows fewer heel raises on the sore side." in said
    assert "Your foot checks hint at a foot that rolls in." in said
    assert "Drop of the arch: 15 mm or more." in said
    assert "This raised “Calf not strong enough yet”" in said
    assert "never less" in said


def test_foot_checks_lead_to_advice_on_shoes_that_claims_no_more_than_the_trials(capsys):
    assert main(["assess", str(CASE), *TODAY, "--feet", "wet_print=flat", "shoe_wear=worn_through"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Flat feet need no special shoe. Pick a shoe by comfort." in said
    assert "Shoes chosen by a print did not lead to fewer injuries in large trials." in said
    assert "Look at your shoes before you run again." in said
    assert "add nothing to your answers" in said


def test_without_films_nothing_is_said_of_them(capsys):
    assert main(["assess", str(CASE), *TODAY]) == 0
    assert "films" not in capsys.readouterr().out


def test_the_json_holds_the_effect_and_the_same_urgency(reports, capsys):
    assert main(["assess", str(CASE), *TODAY, *reports, "--json"]) == 0
    effect = json.loads(capsys.readouterr().out)["film_effect"]
    assert effect["disposition"]["before"] == effect["disposition"]["after"]
    assert effect["moved"][0]["condition"] == "calf_weakness"
    assert effect["sentences"]


def test_the_clinician_reads_percentages(reports, capsys):
    assert main(["assess", str(CASE), *TODAY, *reports, "--clinical"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Film, heel-raise test and foot checks" in said
    assert "Forefoot strike on video: film, 83% towards present" in said


def test_the_plan_says_what_changed(reports, tmp_path, capsys):
    asked = ["plan", str(CASE), "--goals", str(GOALS), *TODAY, "--out", str(tmp_path / "plan")]
    assert main([*asked, *reports]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "What your films and tests changed" in said
    assert "15 heel raises on the sore leg alone, with pain of 2 out of 10 at most (now: 14)" in said
    assert "For later, once you pass the tests for running: let the foot land a little flatter." in said
    held = json.loads((tmp_path / "plan" / "plan.json").read_text())
    assert {item["measure"] for item in held["goals"]["measures"]} >= {"slhr_reps", "slhr_lsi_pct"}


def test_no_film_opens_a_plan_that_a_danger_closed(reports, tmp_path, capsys):
    plans = EXAMPLES / "plans"
    asked = ["plan", str(plans / "dvt_return.yaml"), "--goals", str(plans / "dvt_return.goals.yaml"), *TODAY]
    assert main([*asked, "--out", str(tmp_path / "plan"), *reports]) == 0
    assert "No film and no test opens this plan." in capsys.readouterr().out


def test_the_examples_can_be_tried(capsys):
    films = EXAMPLES / "films"
    case = EXAMPLES / "plans" / "achilles_mid.yaml"
    flags = ["--gait", str(films / "forefoot_run.json"), "--heel-raise", str(films / "heel_raise_weak_left.json")]
    assert main(["assess", str(case), *TODAY, *flags]) == 0
    assert "This raised “Calf not strong enough yet”" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--feet", "gone=1"], "no foot check 'gone'"),
        (["--feet", "wet_print=flt"], "One of flat, usual, high, unsure"),
        (["--feet", "navicular_drop=much"], "is no number"),
        (["--feet", "navicular_drop=90"], "Between -5 and 40 mm"),
        (["--gait", "missing.json"], "cannot read the report"),
        (["--heel-raise", str(CASE)], "no JSON"),
        (["--gait", str(GOALS)], "no JSON"),
    ],
)
def test_a_wrong_flag_says_what_to_do(flags, said, capsys):
    assert 10 <= main(["assess", str(CASE), *TODAY, *flags]) < 20
    assert said in capsys.readouterr().err
