"""Both legs side by side: symmetry, gate, findings, measures and cautions."""

from dataclasses import replace
from datetime import date

import pytest
from heel_raise_films import LEFT, RIGHT, caution_names, counted, knowledge, script, value

from soleus.core.case import Sex
from soleus.core.gait import Band, HeelRaiseReport, HeelRaiseSet
from soleus.core.measurement import Measurement, Side, Unavailable
from soleus.gait.heel_raise import heel_raise_report, manual_set
from soleus.gait.heel_raise.cautions import caution

KB = knowledge()
DAY = date(2026, 11, 23)


def hand(side: Side, reps: int, **said: object) -> HeelRaiseSet:
    return manual_set(side, reps, KB, **said)  # type: ignore[arg-type]


def report(*sets: HeelRaiseSet, **said: object) -> HeelRaiseReport:
    return heel_raise_report(sets, KB, **({"affected": LEFT, "observed_on": DAY} | said))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def sore() -> HeelRaiseSet:
    return counted(script(reps=8, fade=0.4, height_cm=8.0))[0]


@pytest.fixture(scope="module")
def healthy() -> HeelRaiseSet:
    return counted(script(reps=16, side=RIGHT, height_cm=9.0, seed=2))[0]


def test_two_films(sore: HeelRaiseSet, healthy: HeelRaiseSet) -> None:
    both = report(sore, healthy, sex=Sex.FEMALE, age_years=41, pain_nrs=2.0, model="made up")
    index = {name: measured.value for name, measured in both.symmetry_pct.items()}
    assert list(index) == ["reps", "height", "displacement", "work"]
    assert index["reps"] == pytest.approx(50)
    assert index["displacement"] == pytest.approx(
        100 * value(sore.total_displacement_ratio) / value(healthy.total_displacement_ratio)
    )
    assert index["work"] == pytest.approx(index["displacement"])
    assert value(both.gate_pct) == min(index.values())
    for measured in both.symmetry_pct.values():
        assert measured.low < measured.value < measured.high
    (finding,) = both.findings
    assert (finding.id, finding.value) == ("video_heel_raise_ratio_low", None)
    assert finding.likelihood == {"true": 0.95, "false": pytest.approx(0.05)}
    assert {m.measure: (m.value, m.on, m.pain_nrs) for m in both.measures} == {
        "slhr_reps": (8, DAY, 2.0),
        "slhr_lsi_pct": (value(both.gate_pct), DAY, None),
    }
    assert [one.norm_reps for one in both.sets] == [25, 25]
    assert both.sets[0].norm_low == 19
    assert both.sets[0].band is Band.BELOW
    assert both.sets[0].norm_source == "hebertlosier2017"
    assert both.knowledge_version == KB.version
    assert {"other_leg_low", "norm_slope", "medians", "day_to_day"} <= set(caution_names(both.cautions))
    assert not both.manual


def test_repetitions_alone_mislead(healthy: HeelRaiseSet) -> None:
    low, _ = counted(script(reps=16, height_cm=5.0, fade=0.4))
    both = report(low, healthy)
    assert both.symmetry_pct["reps"].value == pytest.approx(100)
    assert value(both.gate_pct) < 60
    assert "reps_mislead" in caution_names(both.cautions)
    assert both.findings[0].likelihood["true"] > 0.8


def test_bad_form_from_the_start_is_no_weakness() -> None:
    bent, _ = counted(script(knee_bend_deg=dict.fromkeys(range(8), 32.0)))
    both = report(bent, hand(RIGHT, 25))
    assert (both.symmetry_pct, both.findings, both.measures) == ({}, (), ())
    assert caution_names(both.cautions)[0] == "badly_done"
    assert value(both.sets[0].count) == 0


def test_the_plan_reads_the_low_end_of_a_range(sore: HeelRaiseSet) -> None:
    assert isinstance(sore.count, Measurement)
    unsure = replace(sore, count=replace(sore.count, low=6.0))
    assert report(unsure).measures[0].value == 6.0


def test_equal_legs_speak_against() -> None:
    both = report(hand(LEFT, 25), hand(RIGHT, 25))
    assert both.manual
    assert both.symmetry_pct["reps"].value == 100
    assert both.findings[0].likelihood["true"] < 0.1
    assert "reps_mislead" not in caution_names(both.cautions)


def test_between_the_two_it_says_little() -> None:
    both = report(hand(LEFT, 16), hand(RIGHT, 20))
    assert both.findings[0].likelihood["true"] == pytest.approx(0.5)


def test_one_leg_only(sore: HeelRaiseSet) -> None:
    one = report(sore)
    assert one.symmetry_pct == {}
    assert isinstance(one.gate_pct, Unavailable)
    assert one.gate_pct.reason.text == "heel_raise.no_value.needs_both_legs"
    assert one.findings == ()
    assert [m.measure for m in one.measures] == ["slhr_reps"]
    assert "one_leg" in caution_names(one.cautions)
    other = report(sore, affected=RIGHT)
    assert isinstance(other.gate_pct, Unavailable)
    assert other.measures == ()


def test_nobody_said_which_leg_hurts(sore: HeelRaiseSet, healthy: HeelRaiseSet) -> None:
    both = report(sore, healthy, affected=None)
    assert (both.symmetry_pct, both.gate_pct, both.findings, both.measures) == ({}, None, (), ())
    assert "affected_unknown" in caution_names(both.cautions)


def test_a_leg_that_could_not_be_counted(sore: HeelRaiseSet) -> None:
    refused, _ = counted(script(side=RIGHT, movement="stand"))
    both = report(sore, refused, sex=Sex.MALE, age_years=30)
    assert both.symmetry_pct == {}
    assert len(both.sets) == 2
    assert both.sets[1].norm_reps is None
    assert "one_leg" in caution_names(both.cautions)
    assert report(refused).cautions == ()


def test_of_two_sets_of_one_leg_the_later_counts(sore: HeelRaiseSet) -> None:
    both = report(sore, hand(LEFT, 3), hand(RIGHT, 20))
    assert both.symmetry_pct["reps"].value == pytest.approx(15)
    assert len(both.sets) == 2


def test_another_pace_or_slope_compares_heights_only(sore: HeelRaiseSet) -> None:
    fast, _ = counted(script(reps=8, side=RIGHT, tempo_per_min=45.0))
    assert list(report(sore, fast).symmetry_pct) == ["height"]
    assert "not_alike" in caution_names(report(sore, fast).cautions)
    sloped = replace(hand(RIGHT, 20), incline=True)
    both = report(hand(LEFT, 10), sloped)
    assert both.symmetry_pct == {}
    assert both.gate_pct is not None
    assert "incline" in caution_names(both.cautions)


def test_the_plan_does_not_read_another_test() -> None:
    assert [m.measure for m in report(hand(LEFT, 10, incline=True)).measures] == []
    slow, _ = counted(script(tempo_per_min=15.0))
    assert report(slow).measures == ()
    other_beat, _ = counted(script(tempo_per_min=15.0), metronome_per_min=15.0)
    assert report(other_beat, sex=Sex.MALE, age_years=30).sets[0].norm_reps is None
    assert report(other_beat).measures == ()


def test_heights_alone_never_reach_the_plan(sore: HeelRaiseSet, healthy: HeelRaiseSet) -> None:
    fast, _ = counted(script(reps=8, side=RIGHT, tempo_per_min=45.0))
    both = report(sore, fast)
    assert isinstance(both.gate_pct, Unavailable)
    assert [m.measure for m in both.measures] == ["slhr_reps"]
    by_hand = report(hand(LEFT, 25), healthy)
    assert (by_hand.symmetry_pct, by_hand.findings) == ({}, ())
    assert [m.measure for m in by_hand.measures] == ["slhr_reps"]
    assert "not_alike" in caution_names(by_hand.cautions)


def test_a_better_leg_that_the_film_cut_off_is_no_yardstick(sore: HeelRaiseSet) -> None:
    cut, _ = counted(script(reps=8, side=RIGHT, height_cm=9.0, lead_out_s=0.6))
    both = report(sore, cut)
    assert list(both.symmetry_pct) == ["height"]
    assert isinstance(both.gate_pct, Unavailable)
    assert both.findings == ()
    assert "other_cut_off" in caution_names(both.cautions)
    assert "slhr_lsi_pct" in [m.measure for m in report(sore, cut, affected=RIGHT).measures]
    assert "other_cut_off" not in caution_names(report(cut, affected=LEFT).cautions)


def test_pain_is_known_even_where_nothing_could_be_counted(sore: HeelRaiseSet) -> None:
    refused, _ = counted(script(movement="stand"))
    (pain,) = report(refused, pain_nrs=6.0).measures
    assert (pain.measure, pain.value, pain.on, pain.pain_nrs) == ("slhr_pain_nrs", 6.0, DAY, None)
    assert report(sore, affected=RIGHT, pain_nrs=6.0).measures == ()
    assert report(sore, affected=None, pain_nrs=6.0).measures == ()
    assert [m.measure for m in report(sore, pain_nrs=6.0).measures] == ["slhr_reps"]


def test_a_film_that_looks_like_the_other_leg_never_reaches_the_plan(sore: HeelRaiseSet, healthy: HeelRaiseSet) -> None:
    doubtful = replace(sore, cautions=(*sore.cautions, caution("side_differs", side="left")))
    both = report(doubtful, healthy, pain_nrs=1.0)
    assert (both.symmetry_pct, both.findings) == ({}, ())
    assert [m.measure for m in both.measures] == ["slhr_pain_nrs"]
    assert "side_differs" in caution_names(both.cautions)


def test_nothing_in_the_other_leg_gives_no_index() -> None:
    both = report(hand(LEFT, 5), hand(RIGHT, 0))
    assert both.symmetry_pct == {}
    none = report(hand(LEFT, 0), hand(RIGHT, 20))
    assert none.symmetry_pct["reps"].value == 0
    assert none.findings[0].likelihood["true"] == 0.95


@pytest.mark.parametrize(("reps", "band"), [(5, Band.BELOW), (22, Band.WITHIN), (25, Band.WITHIN), (40, Band.ABOVE)])
def test_bands_of_a_count_by_hand(reps: int, band: Band) -> None:
    one = hand(LEFT, reps, sex=Sex.MALE, age_years=45)
    assert (one.norm_reps, one.norm_low, one.band) == (28, 22, band)
    assert one.stopped_by == "manual"
    assert isinstance(one.peak_height_cm, Unavailable)
    assert one.norm_reps_any_age == 25


@pytest.mark.parametrize(
    ("age", "sex", "norm"),
    [(15, Sex.MALE, 37), (29.9, Sex.MALE, 37), (30, Sex.MALE, 33), (95, Sex.FEMALE, 14), (None, Sex.MALE, None)],
)
def test_norms_by_age_and_sex(age: float | None, sex: Sex, norm: float | None) -> None:
    assert hand(LEFT, 20, sex=sex, age_years=age).norm_reps == norm
    assert hand(LEFT, 20, age_years=age).norm_reps is None


def test_a_count_across_an_edge_is_unsure(sore: HeelRaiseSet) -> None:
    assert isinstance(sore.count, Measurement)
    open_count = replace(sore, count=replace(sore.count, low=15.0, value=20.0, high=25.0), norm_reps=None)
    assert report(open_count, sex=Sex.MALE, age_years=45).sets[0].band is Band.UNSURE


def test_without_the_finding_in_the_knowledge_nothing_is_said() -> None:
    without = replace(KB, findings={k: v for k, v in KB.findings.items() if k != "video_heel_raise_ratio_low"})
    both = heel_raise_report([hand(LEFT, 5), hand(RIGHT, 20)], without, affected=LEFT)
    assert both.findings == ()


def test_without_norms_in_the_knowledge_there_is_none() -> None:
    without = replace(KB, plans=replace(KB.plans, norm=None))
    assert manual_set(LEFT, 5, without, sex=Sex.MALE, age_years=30).norm_reps is None
