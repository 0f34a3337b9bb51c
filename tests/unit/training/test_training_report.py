"""The whole report: coverage, weeks, findings, the onset day's run, calf load."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from made_runs import ONSET, knowledge_base, numbers, run, steady

from soleus.core.activity import Shoe, Sport
from soleus.core.case import Runner
from soleus.core.finding import Origin
from soleus.core.training import Change, ChangeState, Edit, LoadCell, WithinRun
from soleus.training.analysis import analyse_training
from soleus.training.calf_windows import recent_loads
from soleus.training.daily import runs_before
from soleus.training.findings import of_onset_run, of_stops, soft_findings
from soleus.training.weekly import build_weeks, is_hilly

KB = knowledge_base()


def report_of(runs, **more):
    return analyse_training(runs, onset_on=ONSET, kb=KB, **more)


class TestCoverage:
    def test_no_runs(self):
        report = report_of([])
        assert (report.coverage.enough, report.coverage.reason, report.coverage.first_day) == (False, "too_short", None)
        assert len(report.too_little) == len(report.changes)
        assert (report.findings, report.weeks, report.spikes, report.balance) == ((), (), (), None)

    def test_a_month_and_four_runs_are_the_least(self):
        assert not report_of(steady(27)).coverage.enough
        assert not report_of([run(40), run(20), run(1)]).coverage.enough
        assert report_of(steady(28)).coverage.enough

    def test_gaps_are_told_with_first_and_last_day(self):
        runs = [r for r in steady(200) if not 60 < (ONSET - r.day).days < 91]
        ((first, last),) = report_of(runs).coverage.gaps
        assert (last - first).days + 1 >= 28

    def test_future_runs_and_other_sports_are_left_out(self):
        ride = run(3, 50.0, sport=Sport.CYCLING, key="ride")
        report = report_of([*steady(100), run(-5), ride])
        assert report.coverage.last_day == ONSET - timedelta(days=1) or report.coverage.last_day < ONSET
        assert report.coverage.runs == len(steady(100))

    def test_a_day_is_the_runners_own(self):
        late = run(1, key="late", start_utc=datetime(2025, 6, 15, 3, tzinfo=UTC))
        assert report_of([*steady(100, since=2), late]).weeks[-1].runs >= 1


class TestWeeks:
    def test_they_end_the_day_before_the_onset_and_keep_empty_ones(self):
        weeks = build_weeks(
            runs_before([run(22, 5.0), run(7, 10.0), run(1, 6.0)], ONSET), onset_on=ONSET, knowledge=KB.training
        )
        assert [w.distance_m for w in weeks] == [5000, 0, 0, 16000]
        assert weeks[-1].last_day == ONSET - timedelta(days=1)
        assert [w.complete for w in weeks] == [False, True, True, True]
        assert weeks[-1].longest_run_m == 10_000
        assert build_weeks((), onset_on=ONSET, knowledge=KB.training) == ()

    def test_hilly_and_flat_add_up_and_unknown_climb_is_unknown(self):
        runs = runs_before([run(3, 10.0, ascent_m=200.0), run(2, 5.0, ascent_m=10.0)], ONSET)
        (week,) = build_weeks(runs, onset_on=ONSET, knowledge=KB.training)
        assert (week.hilly_m, week.distance_m, week.ascent_m) == (10_000, 15_000, 210)
        (week,) = build_weeks((*runs, run(1, None, ascent_m=None)), onset_on=ONSET, knowledge=KB.training, limit=1)
        assert week.ascent_m is None
        assert not is_hilly(run(1, ascent_m=None), 15)

    def test_fast_and_easy_time(self):
        runs = [run(b, speed_s={28: 1000.0, 50: 200.0}, fastest_30s_mps=5.0, moving_s=1200.0) for b in (6, 4, 2)]
        (week,) = build_weeks(runs_before(runs, ONSET), onset_on=ONSET, knowledge=KB.training)
        assert (week.fast_s, week.easy_s) == (600, 3000)


class TestCalfLoad:
    RUNS = tuple(
        replace(
            r,
            load_cells=(
                LoadCell(speed_mps=2.8, grade_ratio=0.0, steps=4000.0, step_length_m=1.0, contact_time_ms=None),
            ),
        )
        for r in steady(150)
    )

    def test_weeks_and_windows_have_bands(self):
        report = report_of(self.RUNS, runner=Runner(weight_kg=70.0))
        assert [c.window_days for c in report.calf_load] == [3, 7, 14, 30]
        month = report.calf_load[-1]
        assert set(month.ratio_by_exponent) == {1, 4, 7, 9}
        assert month.ratio_by_exponent[7].value == pytest.approx(1, abs=0.25)
        assert report.weeks[-1].calf_load.value > 0
        change = {c.id: c for c in report.changes}
        assert change["calf_load_damage"].state is ChangeState.UNCHANGED

    def test_a_young_history_has_no_ratio(self):
        assert report_of(self.RUNS[-20:]).calf_load == ()
        assert report_of(self.RUNS[-8:]).calf_load == ()

    def test_runs_that_tell_nothing_leave_it_out(self):
        blind = [
            replace(r, load_cells=(), distance_m=None, steps=None, speed_mps=None, moving_s=0.0, elapsed_s=0.0)
            for r in self.RUNS
        ]
        report = report_of(blind)
        assert report.calf_load == ()
        assert report.weeks[-1].calf_load is None

    def test_no_runs_of_late(self):
        loads = recent_loads((), onset_on=ONSET, shoes=(), weight_kg=None, knowledge=KB.training)
        assert (loads.weeks, loads.windows) == ({}, ())
        old = [r for r in self.RUNS if (ONSET - r.day).days > 120]
        loads = recent_loads(
            old, onset_on=ONSET, shoes=(Shoe(id="x", name="x"),), weight_kg=None, knowledge=KB.training
        )
        assert loads.windows == ()


def within(**given):
    return WithinRun(**{"stops": 0, "stopped_s": 0.0, "pace_drop_ratio": None, "pace_drop_at_s": None, **given})


class TestOnsetRun:
    def test_it_is_described_apart_and_changes_nothing(self):
        runs = steady(200)
        report = report_of([*runs, run(0, 25.0, within=within(collapse_at_s=1500.0)), run(0, 1.0, hour=18)])
        assert report.onset_run.distance_m == 25_000
        assert report.onset_run.spike.category == "moderate"
        assert report.changes == report_of(runs).changes
        told = {f.id: f for f in report.findings}["watch_pace_collapse"]
        assert told.value is None
        assert told.likelihood["true"] == KB.training.value("evidence.pace_collapse")

    def test_what_one_run_shows_needs_no_history(self):
        report = report_of([run(0, 8.0, within=within(collapse_at_s=1500.0))])
        assert [f.id for f in report.findings] == ["watch_pace_collapse"]

    def test_no_run_or_no_stream_tells_nothing(self):
        assert report_of(steady(100)).onset_run is None
        report = report_of([*steady(100), run(0, None)])
        assert (report.onset_run.spike, report.onset_run.within) == (None, None)
        assert of_onset_run(report.onset_run, KB.training) == {}

    def test_no_collapse_is_no_evidence_against_one(self):
        """A watch stopped at the moment of pain shows no walk home."""
        report = report_of([*steady(100), run(0, 3.0, within=within(pace_drop_ratio=0.0))])
        assert of_onset_run(report.onset_run, KB.training) == {}


class TestStopsAfterTheSameTime:
    def told(self, times, days=None):
        days = days or range(len(times))
        runs = [run(day, 5.0, within=within(first_stop_s=time)) for day, time in zip(days, times, strict=True)]
        return of_stops(runs, onset_on=ONSET, knowledge=KB.training)

    def test_three_runs_stopped_at_about_the_same_minute(self):
        assert self.told([900.0, 960.0, 840.0]) == {"watch_repeat_stops": KB.training.value("evidence.repeat_stops")}

    def test_runs_after_the_onset_count_and_old_ones_do_not(self):
        assert self.told([900.0, 960.0, 840.0], days=[-1, -2, -3])
        assert not self.told([900.0, 960.0, 840.0], days=[50, 60, 70])

    def test_times_that_differ_or_are_few_tell_nothing(self):
        assert self.told([300.0, 900.0, 2400.0]) == {}
        assert self.told([900.0, 900.0]) == {}
        assert self.told([900.0, 900.0, 900.0, None, None, None, None]) == {}


def change(probability, *findings, state=ChangeState.UNCHANGED):
    return Change(id="x", state=state, probability=probability, findings=findings)


def soft(*changes, coverage=1.0, **more):
    found = soft_findings(
        changes, coverage=coverage, observed_on=ONSET, definitions=KB.findings, knowledge=KB.training, **more
    )
    return {f.id: f for f in found}


class TestFindings:
    def test_likelihood_follows_probability_and_coverage(self):
        assert soft(change(0.9, "recent_load_increase"), coverage=0.5)["recent_load_increase"].likelihood == {
            "true": 0.7,
            "false": pytest.approx(0.3),
        }
        sure = soft(change(1.0, "recent_load_increase"))["recent_load_increase"]
        assert sure.likelihood == {"true": 0.98, "false": pytest.approx(0.02)}
        assert (sure.value, sure.origin, sure.observed_on) == (True, Origin.MEASURED, ONSET)

    def test_the_strongest_of_several_counts(self):
        found = soft(change(0.2, "recent_load_increase"), change(0.7, "recent_load_increase"))
        assert found["recent_load_increase"].likelihood["true"] == pytest.approx(0.7)

    def test_false_is_only_said_of_what_the_watch_alone_is_asked(self):
        found = soft(change(0.0, "recent_load_increase", "watch_weekly_spike"))
        assert found["recent_load_increase"].value is None
        assert found["watch_weekly_spike"].value is False
        assert soft(change(0.6, "watch_weekly_spike"))["watch_weekly_spike"].value is None

    def test_what_cannot_be_told_never_reassures(self):
        dark = change(None, "hills_speed_increase", state=ChangeState.TOO_LITTLE)
        assert soft(change(0.1, "hills_speed_increase"), dark) == {}
        assert soft(dark) == {}
        assert soft(change(0.9, "hills_speed_increase"), dark)["hills_speed_increase"].value is True

    def test_no_coverage_is_no_evidence(self):
        assert soft(change(0.9, "recent_load_increase"), coverage=0.0) == {}

    def test_a_finding_outside_the_vocabulary_is_left_out(self):
        assert soft(change(0.9, "moonlight")) == {}


class TestHabits:
    def test_a_lot_of_running_and_regular_hills(self):
        told = {f.id: f for f in report_of([run(b, 12.0, ascent_m=300.0) for b in range(200, 0, -1)]).findings}
        assert told["high_volume"].value is True
        assert told["regular_hills"].likelihood["true"] == 0.98

    def test_neither_is_not_a_no_to_the_runner(self):
        told = {f.id: f for f in report_of([run(b, 5.0, ascent_m=5.0) for b in range(200, 0, -2)]).findings}
        assert told["high_volume"].likelihood["true"] == 0.02
        assert told["high_volume"].value is None

    def test_unknown_climb_tells_nothing(self):
        told = {f.id for f in report_of([replace(r, ascent_m=None) for r in steady(100, every=1)]).findings}
        assert "regular_hills" not in told
        assert "high_volume" in told


class TestBalance:
    def test_the_usual_numbers_of_the_day_before(self):
        balance = report_of(steady(400)).balance
        assert balance.load == "distance_km"
        assert set(balance.ctl) == {"one_over_tau", "exponential", "two_over_n_plus_one"}
        assert all(math.isfinite(v) for v in (*balance.ctl.values(), *balance.tsb.values()))
        assert balance.acwr_uncoupled == pytest.approx(1, abs=0.4)
        assert balance.monotony > 0

    def test_unknown_days_take_the_mean_and_a_week_of_rest_has_no_monotony(self):
        runs = steady(200)
        runs[50] = replace(runs[50], distance_m=None)
        assert report_of(runs).balance.acwr_ewma is not None
        assert report_of([r for r in runs if (ONSET - r.day).days > 8]).balance.monotony is None
        assert report_of([replace(r, distance_m=None) for r in runs]).balance is None


def test_fixers_are_counted_and_the_knowledge_version_kept():
    runs = [replace(r, edits=(Edit(fixer="gps_spikes", samples=3),)) for r in steady(60)]
    report = report_of(runs)
    assert report.edits == {"gps_spikes": len(runs)}
    assert report.knowledge_version == KB.version


def test_spikes_cover_the_baseline_and_the_onset_day():
    report = report_of([*steady(300), run(0, 9.0)])
    assert min(s.day for s in report.spikes) >= ONSET - timedelta(days=112)
    assert report.spikes[-1].day == ONSET


def test_treadmill_only_and_distanceless_histories_are_answered():
    from soleus.core.activity import Surface

    report = report_of([replace(r, surface=Surface.TREADMILL, ascent_m=None) for r in steady()])
    assert {c.id: c.state for c in report.changes}["surface_treadmill"] is ChangeState.UNCHANGED
    blind = report_of([replace(r, distance_m=None) for r in steady()])
    assert {c.id: c.reason for c in blind.changes}["weekly_distance"] == "no_channel"
    assert {c.id: c.state for c in blind.changes}["run_days"] is ChangeState.UNCHANGED


def test_numbers_can_be_replaced_for_a_test():
    assert numbers(changes__alarm_z=9.0).value("changes.alarm_z") == 9
