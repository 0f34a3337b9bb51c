"""A run reduced to numbers: every figure by hand."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from recordings import KNOWLEDGE, activity, steady

from soleus.core.activity import Device, Interval, Lap, Sport, Surface, Totals
from soleus.training.summary import summarise_activity

NAN = np.nan


def summarise(recording):
    return summarise_activity(recording, KNOWLEDGE)


class TestLevelRun:
    run = summarise(steady(1800, 3.0, cadence_spm=166.0, altitude_m=100.0))

    def test_time_distance_speed(self):
        assert (self.run.elapsed_s, self.run.moving_s, self.run.distance_m) == (1800, 1800, 5400)
        assert self.run.speed_mps == self.run.gap_speed_mps == pytest.approx(3.0)
        assert self.run.ngp_speed_mps == pytest.approx(3.0)
        assert self.run.fastest_30s_mps == pytest.approx(3.0)

    def test_steps_and_cells(self):
        assert self.run.steps == pytest.approx(166 * 30)
        (cell,) = self.run.load_cells
        assert cell.steps == pytest.approx(166 * 15)
        assert (cell.speed_mps, cell.grade_ratio) == (pytest.approx(3.0), 0.0)
        assert cell.step_length_m == pytest.approx(3 * 60 / 166)
        assert cell.contact_time_ms is None
        assert self.run.step_length_m == pytest.approx(3 * 60 / 166)

    def test_histograms_and_efforts(self):
        assert self.run.speed_s == {30: 1800}
        assert self.run.heart_rate_s == {}
        assert self.run.best_efforts_s == {d: pytest.approx(d / 3) for d in (400, 800, 1000, 5000)}

    def test_ground(self):
        assert (self.run.ascent_m, self.run.descent_m, self.run.elevation_from) == (0, 0, "barometer")
        assert (self.run.hills, self.run.longest_climb_m) == (0, 0)
        assert (self.run.uphill_s, self.run.steep_uphill_s, self.run.steep_downhill_s) == (0, 0, 0)

    def test_form(self):
        (cell,) = self.run.form
        assert (cell.speed_mps, cell.seconds, cell.cadence_spm) == (3.125, 1800, pytest.approx(166))
        assert cell.step_length_m == pytest.approx(3.125 * 60 / 166)
        assert cell.contact_time_ms is None

    def test_within(self):
        assert (self.run.within.stops, self.run.within.stopped_s) == (0, 0)
        assert self.run.within.pace_drop_ratio == pytest.approx(0.0)
        assert self.run.within.pace_drop_at_s is None


def test_ten_kilometres_of_the_evidence_give_4611_steps_of_one_leg():
    run = summarise(steady(3333, 3.0, cadence_spm=166.0))
    assert sum(cell.steps for cell in run.load_cells) == pytest.approx(4611, abs=1)


class TestHillyRun:
    """4 km: 1 km level, 1 km up at 8 %, 1 km level, 1 km down at 8 %, at 2.5 m/s."""

    time = np.arange(1601.0)
    way = time * 2.5
    height = 100 + np.interp(way, [1000, 2000, 3000, 4000], [0, 80, 80, 0])
    run = summarise(
        activity(time, distance_m=way, speed_mps=2.5, altitude_m=height, cadence_spm=164.0, contact_time_ms=260.0)
    )

    def test_climb(self):
        assert (self.run.ascent_m, self.run.descent_m) == (pytest.approx(80, abs=1.5), pytest.approx(80, abs=3))
        assert self.run.hills == 1
        assert self.run.longest_climb_m == pytest.approx(1000, abs=60)

    def test_minutes_by_grade(self):
        assert self.run.uphill_s == pytest.approx(400, abs=16)
        assert self.run.steep_uphill_s == pytest.approx(400, abs=30)
        assert self.run.steep_downhill_s == pytest.approx(400, abs=30)

    def test_grade_adjusted_speed(self):
        # Strava's table at +8 and -8 %: 1.337 and 0.876; half of the way is level.
        assert self.run.gap_speed_mps == pytest.approx(2.5 * (2 + 1.337 + 0.876) / 4, rel=0.01)
        assert self.run.ngp_speed_mps > self.run.gap_speed_mps
        assert self.run.fastest_30s_mps == pytest.approx(2.5)

    def test_best_efforts_are_grade_adjusted_by_a_barometer_only(self):
        assert self.run.best_efforts_s[400] == pytest.approx(400 / (2.5 * 1.337), rel=0.01)
        by_gps = summarise(
            activity(self.time, distance_m=self.way, speed_mps=2.5, altitude_m=self.height, barometer=False)
        )
        assert by_gps.best_efforts_s[400] == pytest.approx(400 / 2.5)
        assert by_gps.elevation_from == "gps"

    def test_cells_outside_the_free_grade_are_kept_apart(self):
        by_grade = {round(cell.grade_ratio, 2): cell for cell in self.run.load_cells}
        assert by_grade[0.08].steps == pytest.approx(400 * 164 / 120, rel=0.08)
        assert by_grade[-0.08].steps == pytest.approx(400 * 164 / 120, rel=0.08)
        assert sum(cell.steps for cell in self.run.load_cells) == pytest.approx(1600 * 164 / 120)
        assert all(cell.contact_time_ms == pytest.approx(260) for cell in self.run.load_cells)

    def test_form_leaves_the_slopes_out(self):
        (cell,) = self.run.form
        assert cell.seconds == pytest.approx(800, abs=40)
        assert cell.contact_time_ms == pytest.approx(260)


def test_missing_cadence_falls_back_to_the_line_through_published_points():
    (cell,) = summarise(steady(600, 3.0)).load_cells
    assert cell.steps == pytest.approx(600 * (100 + 22 * 3.0) / 120)
    run = summarise(steady(600, 3.0))
    assert run.steps is None
    assert run.cadence_spm is None
    assert run.step_length_m is None


@pytest.mark.parametrize(("share", "expected"), [(0.8, 180.0), (0.3, 0.3 * 180 + 0.7 * 166)])
def test_holes_in_cadence_take_the_runs_own_mean_when_most_is_known(share, expected):
    cadence = np.where(np.arange(1001) <= 1000 * share, 180.0, NAN)
    run = summarise(steady(1000, 3.0, cadence_spm=cadence))
    assert sum(cell.steps for cell in run.load_cells) == pytest.approx(expected * 1000 / 120, rel=0.002)
    assert run.cadence_spm == pytest.approx(180.0)


def test_channels_of_form_are_weighted_by_time_and_zero_is_not_measured():
    time = np.concatenate((np.arange(0.0, 100.0), np.arange(100.0, 500.0, 5.0)))
    early = time < 100
    run = summarise(
        activity(
            time, distance_m=time * 3, speed_mps=3.0,
            contact_time_ms=np.where(early, 200.0, 300.0),
            vertical_oscillation_m=np.where(early, 0.0, 0.09),
            contact_time_balance_pct=49.0, foot_strike_class=5.0, step_length_m=1.1,
        )
    )  # fmt: skip
    assert run.contact_time_ms == pytest.approx((100 * 200 + 395 * 300) / 495, rel=0.005)
    assert run.vertical_oscillation_m == pytest.approx(0.09, rel=0.01)
    assert (run.contact_time_balance_pct, run.foot_strike_class) == (pytest.approx(49), pytest.approx(5))
    assert run.step_length_m == pytest.approx(1.1)
    (cell,) = run.form
    assert cell.cadence_spm is None
    assert cell.step_length_m == pytest.approx(1.1)
    assert cell.contact_time_balance_pct == pytest.approx(49)
    assert run.load_cells[0].contact_time_ms == pytest.approx(run.contact_time_ms)


def test_contact_time_of_a_cell_without_a_reading_is_none():
    time = np.arange(200.0)
    speed = np.where(time < 100, 2.55, 3.55)
    contact = np.where(time < 105, 0.0, 250.0)
    way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
    run = summarise(activity(time, distance_m=way, speed_mps=speed, cadence_spm=170.0, contact_time_ms=contact))
    slow = min(run.load_cells, key=lambda cell: cell.speed_mps)
    fast = max(run.load_cells, key=lambda cell: cell.speed_mps)
    assert slow.contact_time_ms is None
    assert fast.contact_time_ms == pytest.approx(250)


def test_heart_rate_is_weighted_by_time():
    time = np.concatenate((np.arange(0.0, 60.0), np.arange(60.0, 121.0, 10.0)))
    rate = np.where(time < 60, 120.0, 160.0)
    run = summarise(activity(time, distance_m=time * 3, speed_mps=3.0, heart_rate_bpm=rate))
    assert run.heart_rate_s == {120: 59.0, 140: 1.0, 160: 60.0}
    assert run.average_heart_rate_bpm == pytest.approx((59 * 120 + 140 + 60 * 160) / 120)


class TestStops:
    def test_standing_still_and_a_pause(self):
        """10 min, 30 s standing, 5 min, 60 s pause, 5 min; 10 s at a crossing do not count."""
        blocks = [(600, 3.0), (30, 0.0), (290, 3.0), (10, 0.0), (300, 3.0)]
        speed = np.concatenate([np.full(n, v) for n, v in blocks])
        way = np.concatenate(([0.0], np.cumsum(speed)))
        time = np.arange(len(way), dtype=float)
        time[950:] += 60
        run = summarise(
            activity(time, distance_m=way, pauses=[Interval(start_s=949.0, end_s=1009.0)], cadence_spm=166.0)
        )
        assert run.within.stops == 2
        assert run.within.stopped_s == pytest.approx(90, abs=6)
        assert run.moving_s == pytest.approx(1190, abs=8)
        assert run.distance_m == pytest.approx(1190 * 3)

    def test_before_the_first_and_after_the_last_step_is_no_stop(self):
        speed = np.concatenate((np.zeros(100), np.full(600, 3.0), np.zeros(100)))
        way = np.concatenate(([0.0], np.cumsum(speed)))
        run = summarise(activity(np.arange(801.0), distance_m=way))
        assert (run.within.stops, run.within.stopped_s) == (0, 0)

    def test_standing_all_the_time(self):
        run = summarise(
            activity(np.arange(100.0), distance_m=0.0, cadence_spm=0.0, heart_rate_bpm=60.0 + np.arange(100) % 2)
        )
        assert (run.moving_s, run.distance_m, run.speed_mps) == (0, 0, None)
        assert (run.within.stops, run.load_cells, run.form) == (0, (), ())
        assert run.ngp_speed_mps is None


class TestCollapse:
    def at(self, *blocks, laps=(), pauses=()):
        speeds = np.concatenate([np.full(n, v) for n, v in blocks])
        way = np.concatenate(([0.0], np.cumsum(speeds)))
        return summarise(
            activity(np.arange(len(way), dtype=float), distance_m=way, laps=laps, pauses=pauses)
        ).within.collapse_at_s

    def test_running_that_gives_way_to_walking_for_good(self):
        assert self.at((1200, 3.0), (300, 1.3)) == pytest.approx(1200, abs=20)

    def test_running_that_gives_way_to_standing(self):
        assert self.at((1200, 3.0), (20, 1.0), (200, 0.0)) == pytest.approx(1200, abs=20)

    def test_a_watch_stopped_at_once_shows_nothing(self):
        assert self.at((1200, 3.0)) is None
        assert self.at((1200, 3.0), (60, 1.3)) is None

    def test_a_slow_fade_is_no_collapse(self):
        assert self.at((1200, 3.0), (300, 2.4), (300, 1.3)) is None

    def test_running_again_is_no_collapse(self):
        assert self.at((1200, 3.0), (300, 1.3), (60, 3.0)) is None

    def test_a_marked_cool_down_is_no_collapse(self):
        laps = (Lap(start_s=0, end_s=1200), Lap(start_s=1200, end_s=1500, intensity="cooldown"))
        assert self.at((1200, 3.0), (300, 1.3), laps=laps) is None

    def test_a_walk_or_a_few_minutes_of_running_say_nothing(self):
        assert self.at((2000, 1.4)) is None
        assert self.at((200, 3.0), (600, 1.3)) is None

    def test_without_a_distance_nothing_is_said(self):
        assert summarise(activity(np.arange(900.0), heart_rate_bpm=140.0)).within.collapse_at_s is None

    def test_the_first_long_stop_is_kept(self):
        speeds = np.concatenate([np.full(n, v) for n, v in ((600, 3.0), (30, 0.0), (300, 3.0), (90, 0.0), (300, 3.0))])
        way = np.concatenate(([0.0], np.cumsum(speeds)))
        within = summarise(activity(np.arange(len(way), dtype=float), distance_m=way)).within
        assert within.first_stop_s == pytest.approx(930, abs=10)


class TestPaceDrop:
    def run(self, speeds, laps=(), **channels):
        way = np.concatenate(([0.0], np.cumsum(speeds)))
        return summarise(activity(np.arange(len(way), dtype=float), distance_m=way, laps=laps, **channels)).within

    def test_a_collapse_is_found_where_it_begins(self):
        within = self.run(np.concatenate((np.full(1800, 3.2), np.full(600, 2.4))))
        assert within.pace_drop_ratio == pytest.approx(0.25, abs=0.005)
        assert within.pace_drop_at_s == pytest.approx(1800, abs=60)

    def test_too_short_to_say(self):
        assert self.run(np.full(900, 3.0)).pace_drop_ratio is None

    def test_a_hill_explains_the_slower_pace(self):
        """8 % uphill at 3.0 / 1.337 is the same effort."""
        speeds = np.concatenate((np.full(1800, 3.0), np.full(900, 3.0 / 1.337)))
        way = np.concatenate(([0.0], np.cumsum(speeds)))
        height = np.where(way < 5400, 0.0, (way - 5400) * 0.08)
        assert self.run(speeds, altitude_m=height).pace_drop_ratio == pytest.approx(0.0, abs=0.02)
        assert self.run(speeds).pace_drop_ratio == pytest.approx(0.25, abs=0.01)

    def test_a_marked_cool_down_is_left_out(self):
        speeds = np.concatenate((np.full(1800, 3.2), np.full(600, 2.0)))
        laps = (Lap(start_s=0, end_s=1800), Lap(start_s=1800, end_s=2400, intensity="cooldown"))
        assert self.run(speeds, laps).pace_drop_ratio == pytest.approx(0.0, abs=1e-6)

    def test_getting_faster_is_a_negative_drop(self):
        within = self.run(np.concatenate((np.full(1200, 2.5), np.full(1200, 3.0))))
        assert within.pace_drop_ratio < 0.01
        assert within.pace_drop_at_s is None

    def test_a_counter_that_moves_in_bursts_says_nothing(self):
        time = np.arange(2401.0)
        bursts = activity(time, sport=Sport.CYCLING, distance_m=3000 * np.floor(time / 600), speed_mps=5.0)
        assert summarise(bursts).within.pace_drop_ratio is None

    def test_without_distance_nothing_is_said(self):
        only_heart = activity(np.arange(2000.0), heart_rate_bpm=140 + np.arange(2000) % 3)
        assert summarise(only_heart).within.pace_drop_ratio is None


class TestGapsAndPauses:
    def test_recording_lost_while_running_counts_at_the_usual_speed(self):
        time = np.concatenate((np.arange(0.0, 601.0), np.arange(720.0, 1200.0)))
        run = summarise(activity(time, distance_m=time * 3, speed_mps=3.0, cadence_spm=166.0))
        assert run.moving_s == pytest.approx(1199)
        assert run.distance_m == pytest.approx(1199 * 3)

    def test_recording_lost_while_hardly_moving_counts_the_time_the_distance_takes(self):
        time = np.concatenate((np.arange(0.0, 601.0), 4200 + np.arange(600.0)))
        way = np.concatenate((np.arange(0.0, 601.0) * 3, 1800 + 300 + np.arange(600.0) * 3))
        run = summarise(activity(time, distance_m=way))
        assert run.distance_m == pytest.approx(1800 + 300 + 599 * 3)
        assert run.moving_s == pytest.approx(600 + 100 + 599, abs=3)
        assert run.speed_mps == pytest.approx(3.0, rel=0.01)

    def test_a_gap_without_any_distance_known_is_clipped(self):
        time = np.concatenate((np.arange(0.0, 601.0), np.arange(4000.0, 4100.0)))
        run = summarise(activity(time, heart_rate_bpm=140 + time % 3))
        assert run.moving_s == 600 + 30 + 99
        assert sum(run.heart_rate_s.values()) == 600 + 30 + 99

    def test_a_pause_that_was_lost_recording(self):
        """The timer seemed to stop for two minutes, but the counter moved on at running speed."""
        time = np.concatenate((np.arange(0.0, 601.0), np.arange(720.0, 1200.0)))
        pauses = [Interval(start_s=600.0, end_s=720.0)]
        run = summarise(activity(time, distance_m=time * 3, speed_mps=3.0, pauses=pauses))
        assert run.distance_m == pytest.approx(1199 * 3)
        assert run.moving_s == pytest.approx(1199)

    def test_samples_inside_a_pause_do_not_count(self):
        time = np.arange(1201.0)
        still = (time > 500) & (time < 700)
        rate = np.where(still, 90.0, 150.0) + time % 2
        way = np.interp(time, [0, 500, 700, 1200], [0, 1500, 1500, 3000])
        pauses = [
            Interval(start_s=500.0, end_s=700.0),
            Interval(start_s=600.0, end_s=650.0),
            Interval(start_s=9.0, end_s=9.0),
        ]
        run = summarise(activity(time, distance_m=way, heart_rate_bpm=rate, pauses=pauses))
        assert run.moving_s == pytest.approx(1000, abs=5)
        assert min(run.heart_rate_s) >= 150
        assert run.within.stops == 1

    def test_one_pause_over_everything_leaves_only_the_totals(self):
        run = summarise(
            activity(
                np.arange(1.0, 5.0), distance_m=[0.0, 3.0, 6.0, 9.0], pauses=[Interval(start_s=0.0, end_s=99.0)],
                totals=Totals(distance_m=5000.0, timer_s=1500.0),
            )
        )  # fmt: skip
        assert run.from_totals
        assert run.distance_m == 5000.0

    def test_all_in_one_instant(self):
        run = summarise(activity([0.0, 10.0], distance_m=0.0, pauses=[Interval(start_s=0.0, end_s=10.0)]))
        assert (run.distance_m, run.moving_s, run.gap_speed_mps) == (0, 0, None)

    def test_a_ride_keeps_what_was_counted_during_a_pause(self):
        pauses = [Interval(start_s=1.0, end_s=11.0)]
        way = [0.0, 8.0, 400.0, 408.0]
        ride = activity([0.0, 1.0, 11.0, 12.0], sport=Sport.CYCLING, distance_m=way, pauses=pauses)
        assert summarise(ride).distance_m == pytest.approx(408)


class TestTotalsOnly:
    totals = Totals(
        elapsed_s=2000.0, timer_s=1900.0, moving_s=1800.0, distance_m=5400.0, ascent_m=60.0, descent_m=55.0,
        average_heart_rate_bpm=150.0, session_rpe=6.0,
    )  # fmt: skip
    run = summarise(activity(totals=totals))

    def test_stated_figures(self):
        assert self.run.from_totals
        assert (self.run.distance_m, self.run.moving_s, self.run.elapsed_s) == (5400, 1800, 2000)
        assert self.run.speed_mps == 3.0
        assert (self.run.ascent_m, self.run.descent_m, self.run.elevation_from) == (60, 55, "stated")
        assert (self.run.average_heart_rate_bpm, self.run.session_rpe) == (150, 6)
        assert self.run.heart_rate_s == {}
        assert self.run.within is None

    def test_one_cell_at_the_mean_speed(self):
        (cell,) = self.run.load_cells
        assert (cell.speed_mps, cell.grade_ratio) == (3.0, 0.0)
        assert cell.steps == pytest.approx(166 * 15)
        assert self.run.steps is None

    def test_stated_cadence_or_steps(self):
        run = summarise(activity(totals=replace(self.totals, average_cadence_spm=180.0)))
        assert (run.cadence_spm, run.steps) == (180, 180 * 30)
        assert run.step_length_m == pytest.approx(1.0)
        assert run.load_cells[0].steps == 2700
        assert summarise(activity(totals=replace(self.totals, steps=5000.0))).steps == 5000

    def test_almost_nothing_stated(self):
        run = summarise(activity(totals=Totals(distance_m=5000.0)))
        assert (run.distance_m, run.speed_mps, run.load_cells, run.moving_s) == (5000, None, (), 0)
        nothing = summarise(activity(totals=Totals(elapsed_s=100.0, distance_m=-5.0, ascent_m=NAN)))
        assert (nothing.distance_m, nothing.ascent_m, nothing.moving_s) == (None, None, 100)

    def test_a_ride_has_no_steps(self):
        ride = summarise(activity(sport=Sport.CYCLING, totals=self.totals))
        assert (ride.load_cells, ride.steps, ride.distance_m) == ((), None, 5400)


class TestOtherSources:
    def test_treadmill_height_says_nothing(self):
        time = np.arange(900.0)
        run = summarise(
            activity(
                time, surface=Surface.TREADMILL, distance_m=time * 3, speed_mps=3.0,
                altitude_m=100 + 10 * np.sin(time / 50), totals=Totals(ascent_m=30.0),
            )
        )  # fmt: skip
        assert (run.ascent_m, run.hills, run.elevation_from) == (None, None, "")
        assert [cell.grade_ratio for cell in run.load_cells] == [0.0]

    def test_treadmill_with_heart_rate_and_a_stated_distance(self):
        time = np.arange(1801.0)
        run = summarise(
            activity(
                time, surface=Surface.TREADMILL, heart_rate_bpm=140 + time % 4,
                cadence_spm=np.where(time < 1700, 170.0, 0.0), totals=Totals(distance_m=5100.0, moving_s=1.0),
            )
        )  # fmt: skip
        assert not run.from_totals
        assert (run.distance_m, run.moving_s) == (5100, 1700)
        assert run.speed_mps == 3.0
        assert run.load_cells[0].steps == pytest.approx(170 * 1700 / 120, rel=0.001)

    def test_stated_ascent_where_height_is_missing_or_mostly_missing(self):
        run = summarise(steady(600, totals=Totals(ascent_m=12.0)))
        assert (run.ascent_m, run.descent_m, run.elevation_from) == (12, None, "stated")
        height = np.where(np.arange(601) < 100, 100.0, NAN)
        assert summarise(steady(600, altitude_m=height, totals=Totals(ascent_m=12.0))).elevation_from in {
            "stated",
            "barometer",
        }

    def test_an_unknown_sport_counts_while_its_speed_is_a_runners(self):
        time = np.arange(600.0)
        assert summarise(activity(time, sport=Sport.UNKNOWN, distance_m=time * 3)).load_cells
        assert not summarise(activity(time, sport=Sport.UNKNOWN, distance_m=time * 8)).load_cells

    def test_a_ride_has_speed_and_climb_but_no_pace(self):
        time = np.arange(2000.0)
        ride = summarise(
            activity(time, sport=Sport.CYCLING, distance_m=time * 8, altitude_m=100 + time * 0.1, cadence_spm=90.0)
        )
        assert (ride.speed_mps, ride.gap_speed_mps, ride.cadence_spm) == (pytest.approx(8), None, None)
        assert ride.ascent_m == pytest.approx(200, abs=1)


class TestIdentity:
    def test_what_the_activity_says_of_itself(self):
        run = summarise(
            replace(
                steady(600), utc_offset_s=-9 * 3600, shoe="g1", surface=Surface.TRAIL,
                device=Device(manufacturer="maker", product="watch", digest="ab12"),
            )
        )  # fmt: skip
        assert (run.shoe, run.surface, run.format, run.device) == ("g1", Surface.TRAIL, "fit", "maker/watch/ab12")
        assert run.day.isoformat() == "2026-05-02"
        assert summarise(steady(600)).device == ""

    def test_the_key_is_the_same_for_copies_and_not_for_other_runs(self):
        run = steady(1800)
        key = summarise(run).key
        assert key == "20260503T0730Z-30min-54hm"
        assert summarise(replace(run, format="tcx", shoe="other", device=Device(product="x"))).key == key
        assert summarise(activity(totals=Totals(elapsed_s=1800.0, distance_m=5400.0))).key == key
        assert summarise(replace(run, start_utc=run.start_utc + timedelta(hours=1))).key != key
        assert summarise(steady(1800, 3.2)).key != key
        assert summarise(activity()).key == "20260503T0730Z-0min-0hm"
