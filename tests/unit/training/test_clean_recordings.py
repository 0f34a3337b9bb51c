import numpy as np
import pytest
from recordings import KNOWLEDGE, METRES_PER_DEGREE, activity, steady

from soleus.core.activity import Interval, Sport, Surface, Totals
from soleus.training.clean import FIXERS, clean_activity
from soleus.training.clock import recorded
from soleus.training.geodesy import hops_m, longest_hops_m

NAN = np.nan


def fixed(name, recording):
    """(channels, samples touched, slug) of one fixer alone."""
    after, samples, detail = FIXERS[name](recording, recording.stream, KNOWLEDGE)
    return after.stream, samples, detail


def edits(recording):
    return {e.fixer: (e.samples, e.detail) for e in clean_activity(recording, KNOWLEDGE)[1]}


def test_a_sound_recording_is_left_alone():
    time = np.arange(600.0)
    sound = activity(
        time, distance_m=time * 3, speed_mps=3.0, altitude_m=100 + 0.01 * time, heart_rate_bpm=140 + time % 5,
        cadence_spm=166.0, latitude_deg=47 + time * 3 / METRES_PER_DEGREE, longitude_deg=8.0,
    )  # fmt: skip
    after, found = clean_activity(sound, KNOWLEDGE)
    assert found == ()
    for name, values in sound.stream.channels.items():
        np.testing.assert_allclose(after.stream.channels[name], values, atol=0.02, err_msg=name)


def test_an_activity_without_samples_is_left_alone():
    assert clean_activity(activity(), KNOWLEDGE)[1] == ()
    assert clean_activity(activity([]), KNOWLEDGE)[1] == ()


def test_infinite_readings_are_not_seen():
    after, samples, detail = fixed(
        "infinite_values", activity([0, 1, 2], heart_rate_bpm=[120, np.inf, 121], power_w=np.inf)
    )
    assert np.isnan(after.channels["heart_rate_bpm"][1])
    assert not after.has("power_w")
    assert (samples, detail) == (4, "blanked")


def test_clocks_that_repeat_or_run_back():
    broken = activity(
        [0, 1, 1, 2, -5, NAN, 3], heart_rate_bpm=[100, 101, 102, 103, 104, 105, 106], power_w=[NAN] * 4 + [1, 1, NAN]
    )
    after, samples, detail = fixed("time_jumps", broken)
    assert after.time_s.tolist() == [0, 1, 2, 3]
    assert after.channels["heart_rate_bpm"].tolist() == [100, 101, 103, 106]
    assert not after.has("power_w")
    assert (samples, detail) == (3, "not_increasing")


class TestPositions:
    time = np.arange(100.0)
    north = 47 + time * 3 / METRES_PER_DEGREE

    def fix(self, lat, lon=None):
        lon = np.full(len(lat), 8.0) if lon is None else lon
        return fixed("gps_spikes", activity(self.time, latitude_deg=lat, longitude_deg=lon))

    def test_ordinary_running_stays(self):
        assert self.fix(self.north)[1] == 0

    def test_a_spike_of_one_and_one_of_three_samples(self):
        lat = self.north.copy()
        lat[20] += 0.01
        lat[50:53] += 0.02
        after, samples, _ = self.fix(lat)
        assert samples == 4
        assert np.flatnonzero(np.isnan(after.channels["latitude_deg"])).tolist() == [20, 50, 51, 52]
        assert np.isnan(after.channels["longitude_deg"][20])

    def test_a_spike_at_either_end(self):
        lat = self.north.copy()
        lat[0] += 0.01
        lat[-1] += 0.01
        assert np.flatnonzero(np.isnan(self.fix(lat)[0].channels["latitude_deg"])).tolist() == [0, 99]

    def test_off_the_globe_or_at_the_origin(self):
        lat = self.north.copy()
        lat[3], lat[4] = 91.0, 0.0
        lon = np.full(100, 8.0)
        lon[4], lon[5] = 0.0, 200.0
        assert self.fix(lat, lon)[1] == 3

    def test_moved_for_good_is_no_spike(self):
        lat = self.north.copy()
        lat[50:] += 1.0
        assert self.fix(lat)[1] == 0

    def test_slow_but_far_from_the_equator_of_the_bound(self):
        """Longitudes lie closer together near the pole: the cheap bound suspects, the exact distance acquits."""
        lat, lon = np.array([60.0, 80.0, 80.0]), np.array([0.0, 0.0, 10.0])
        assert fixed("gps_spikes", activity([0.0, 3e5, 3.3e5], latitude_deg=lat, longitude_deg=lon))[1] == 0

    def test_the_bound_is_never_below_the_distance(self):
        random = np.random.default_rng(4)
        for low, high in ((-80, 80), (10, 80), (-70, -5)):
            lat, lon = random.uniform(low, high, 500), random.uniform(-180, 180, 500)
            assert (longest_hops_m(lat, lon) >= hops_m(lat, lon) - 1e-6).all()
        assert len(longest_hops_m(np.zeros(0), np.zeros(0))) == 0

    def test_a_degree_of_latitude(self):
        assert hops_m(np.array([47.0, 48.0]), np.array([8.0, 8.0]))[0] == pytest.approx(METRES_PER_DEGREE, abs=1)
        assert hops_m(np.zeros(2), np.array([179.5, -179.5]))[0] == pytest.approx(METRES_PER_DEGREE, abs=1)


class TestDistance:
    def test_a_counter_that_starts_anew_goes_on(self):
        after, samples, detail = fixed("distance", activity([0, 1, 2, 3, 4], distance_m=[0, 3, 6, 0, 3]))
        assert after.channels["distance_m"].tolist() == [0, 3, 6, 6, 9]
        assert (samples, detail) == (1, "reset")

    def test_holes_are_bridged(self):
        after, samples, detail = fixed("distance", activity([0, 1, 2, 3], distance_m=[0, NAN, NAN, 9]))
        assert after.channels["distance_m"].tolist() == [0, 3, 6, 9]
        assert (samples, detail) == (2, "bridged")

    def test_a_jump_adds_nothing(self):
        after, samples, detail = fixed("distance", activity([0, 1, 2, 3], distance_m=[0, 3, 5003, 5006]))
        assert after.channels["distance_m"].tolist() == [0, 3, 3, 6]
        assert (samples, detail) == (1, "jump")

    def test_a_counter_that_was_only_late_is_spread(self):
        time = np.arange(12.0)
        after, _, detail = fixed("distance", activity(time, distance_m=[0, 3] + [3] * 8 + [30, 33]))
        np.testing.assert_allclose(after.channels["distance_m"], time * 3)
        assert detail == "caught_up"

    def test_rides_may_be_faster(self):
        ride = activity([0, 1, 2], sport=Sport.CYCLING, distance_m=[0, 20, 40])
        assert fixed("distance", ride)[1] == 0

    def test_from_positions(self):
        time = np.arange(10.0)
        lat = 47 + time * 3 / METRES_PER_DEGREE
        after, samples, detail = fixed("distance", activity(time, latitude_deg=lat, longitude_deg=8.0))
        np.testing.assert_allclose(after.channels["distance_m"], time * 3, rtol=1e-4)
        assert (samples, detail) == (10, "from_positions")

    def test_positions_across_a_pause_add_nothing(self):
        time = np.array([0.0, 1, 2, 300, 301, 302])
        lat = 47 + np.array([0, 3, 6, 406, 409, 412]) / METRES_PER_DEGREE
        walked = activity(time, latitude_deg=lat, longitude_deg=8.0, pauses=[Interval(start_s=2, end_s=300)])
        assert fixed("distance", walked)[0].channels["distance_m"][-1] == pytest.approx(12, rel=1e-3)

    def test_from_speed(self):
        after, _, detail = fixed("distance", activity([0, 1, 2, 3], speed_mps=[2, NAN, 4, 4]))
        np.testing.assert_allclose(after.channels["distance_m"], [0, 2.5, 6, 10])
        assert detail == "from_speed"

    def test_positions_say_nothing_on_a_treadmill(self):
        time = np.arange(4.0)
        indoors = activity(time, surface=Surface.TREADMILL, latitude_deg=47 + time, longitude_deg=8.0, speed_mps=3.0)
        after, _, detail = fixed("distance", indoors)
        assert detail == "from_speed"
        assert after.channels["distance_m"][-1] == pytest.approx(9)

    def test_one_reading_is_no_distance(self):
        after, samples, _ = fixed("distance", activity([0, 1], distance_m=[5, NAN], heart_rate_bpm=120))
        assert not after.has("distance_m")
        assert samples == 0


class TestSpeed:
    def test_absent(self):
        time = np.arange(60.0)
        after, samples, detail = fixed("speed_from_distance", activity(time, distance_m=time * 3))
        np.testing.assert_allclose(after.channels["speed_mps"], 3.0)
        assert (samples, detail) == (60, "absent")

    def test_filled_where_missing_or_impossible(self):
        time = np.arange(60.0)
        speed = np.full(60, 3.0)
        speed[10], speed[20], speed[30] = NAN, -1.0, 55.0
        after, samples, detail = fixed("speed_from_distance", activity(time, distance_m=time * 3, speed_mps=speed))
        np.testing.assert_allclose(after.channels["speed_mps"], 3.0)
        assert (samples, detail) == (3, "filled")

    def test_a_speed_that_disagrees_with_the_distance(self):
        time = np.arange(60.0)
        after, samples, detail = fixed("speed_from_distance", activity(time, distance_m=time * 3, speed_mps=9.0))
        np.testing.assert_allclose(after.channels["speed_mps"], 3.0)
        assert (samples, detail) == (60, "disagrees")

    def test_without_distance_the_impossible_is_blanked(self):
        after, samples, detail = fixed("speed_from_distance", activity([0, 1, 2], speed_mps=[3, 99, 3]))
        assert np.isnan(after.channels["speed_mps"][1])
        assert (samples, detail) == (1, "blanked")
        assert fixed("speed_from_distance", activity([0, 1, 2], speed_mps=[3, 3, 3]))[1] == 0

    def test_rides_may_be_faster(self):
        time = np.arange(10.0)
        ride = activity(time, sport=Sport.CYCLING, distance_m=time * 20)
        np.testing.assert_allclose(fixed("speed_from_distance", ride)[0].channels["speed_mps"], 20.0)

    def test_a_counter_that_went_on_through_a_pause(self):
        time = np.array([0.0, 1, 2, 3, 103, 104, 105, 106])
        counted = activity(time, distance_m=time * 3, pauses=[Interval(start_s=3, end_s=103)])
        assert fixed("speed_from_distance", counted)[0].channels["speed_mps"].max() == pytest.approx(3.0)

    def test_a_pause_does_not_dilute_it(self):
        time = np.array([0.0, 1, 2, 3, 103, 104, 105, 106])
        way = np.array([0.0, 3, 6, 9, 9, 12, 15, 18])
        paused = activity(time, distance_m=way, pauses=[Interval(start_s=3, end_s=103)])
        np.testing.assert_allclose(fixed("speed_from_distance", paused)[0].channels["speed_mps"], 3.0)


class TestRides:
    """Half an hour of running, then ten minutes in a car that climbs 100 m, then nothing."""

    time = np.arange(2401.0)
    speed = np.where((time > 1800) & (time <= 2400), 11.0, 3.0)

    def ridden(self, speed, **more):
        time = np.arange(float(len(speed)))
        way = np.concatenate(([0.0], np.cumsum(speed[1:])))
        return activity(time, distance_m=way, speed_mps=speed, **more)

    def test_the_way_home_does_not_count(self):
        height = np.interp(self.time, [0, 1800, 2400], [100, 100, 200])
        height[50] = NAN
        after, samples, detail = fixed("rides", self.ridden(self.speed, altitude_m=height))
        assert after.channels["distance_m"][-1] == pytest.approx(1800 * 3, rel=0.03)
        assert after.channels["altitude_m"][-1] == pytest.approx(100, abs=4)
        assert after.channels["speed_mps"][-1] == 0.0
        assert (samples, detail) == (pytest.approx(600, abs=30), "part")

    def test_without_height(self):
        for height in ({}, {"altitude_m": NAN}):
            after, _, detail = fixed("rides", self.ridden(self.speed, **height))
            assert detail == "part"
            assert not np.isfinite(after.channel("altitude_m")).any()

    def test_a_ride_saved_as_a_run_is_no_run(self):
        cleaned, found = clean_activity(self.ridden(np.full(1200, 9.0)), KNOWLEDGE)
        assert cleaned.sport is Sport.OTHER
        assert {e.fixer: e.detail for e in found}["rides"] == "whole"

    def test_sprints_are_run(self):
        sprints = np.where(np.arange(1200) % 120 < 20, 9.0, 3.0)
        assert fixed("rides", self.ridden(sprints))[1] == 0
        assert fixed("rides", self.ridden(np.full(1200, 4.0)))[1] == 0

    def test_rides_as_such_are_left_alone(self):
        assert fixed("rides", self.ridden(np.full(1200, 9.0), sport=Sport.CYCLING))[1] == 0
        assert fixed("rides", activity(np.arange(60.0), speed_mps=9.0))[1] == 0


class TestTreadmill:
    def run(self, stated, surface=Surface.TREADMILL, **channels):
        given = channels or {"distance_m": np.arange(60.0) * 3, "speed_mps": 3.0}
        return fixed(
            "treadmill_distance", activity(np.arange(60.0), surface=surface, totals=Totals(distance_m=stated), **given)
        )

    def test_the_corrected_total_scales_distance_and_speed(self):
        after, samples, detail = self.run(200.0)
        assert after.channels["distance_m"][-1] == pytest.approx(200.0)
        assert after.channels["speed_mps"][0] == pytest.approx(3.0 * 200 / 177)
        assert (samples, detail) == (60, "stated")

    def test_no_belt_runs_faster_than_a_runner(self):
        after, _, _ = self.run(5000.0)
        assert after.channels["speed_mps"].max() == 12.0

    def test_a_ride_on_rollers_may(self):
        time = np.arange(60.0)
        rollers = activity(
            time, sport=Sport.CYCLING, surface=Surface.TREADMILL, totals=Totals(distance_m=1180.0),
            distance_m=time * 10, speed_mps=10.0,
        )  # fmt: skip
        assert fixed("treadmill_distance", rollers)[0].channels["speed_mps"].max() == 20.0

    @pytest.mark.parametrize("stated", [None, 0.0, np.inf, 178.0])
    def test_nothing_to_correct(self, stated):
        assert self.run(stated)[1] == 0

    def test_outdoors_and_without_distance(self):
        assert self.run(200.0, surface=Surface.ROAD)[1] == 0
        assert self.run(200.0, heart_rate_bpm=140.0)[1] == 0
        assert self.run(200.0, distance_m=0.0, speed_mps=0.0)[1] == 0


class TestElevation:
    time = np.arange(400.0)

    def test_no_height_no_edit(self):
        plain = activity(self.time, distance_m=self.time * 3)
        assert fixed("elevation_outliers", plain)[1] == 0
        assert fixed("elevation_noise", plain)[1] == 0

    def test_single_samples_far_off_are_blanked(self):
        height = np.full(400, 200.0)
        height[100], height[200] = 500.0, -500.0
        after, samples, detail = fixed("elevation_outliers", activity(self.time, altitude_m=height))
        assert np.flatnonzero(np.isnan(after.channels["altitude_m"])).tolist() == [100, 200]
        assert (samples, detail) == (2, "blanked")

    def test_a_step_for_good_is_taken_out(self):
        height = np.where(self.time < 5, 0.0, 430.0 + self.time * 0.1)
        after, samples, detail = fixed("elevation_outliers", activity(self.time, altitude_m=height))
        assert np.ptp(after.channels["altitude_m"]) == pytest.approx(39.4)
        assert (samples, detail) == (1, "step")

    def test_big_but_gradual_climbs_stay(self):
        height = np.where(np.arange(400) % 2 == 0, 200.0, 230.0)
        assert fixed("elevation_outliers", activity(self.time, altitude_m=height))[1] == 0

    def test_a_climb_across_a_hole_stays(self):
        time = np.concatenate((np.arange(50.0), 1000 + np.arange(50.0)))
        height = np.where(time < 500, 100.0, 190.0)
        assert fixed("elevation_outliers", activity(time, altitude_m=height))[1] == 0

    def test_noise_is_smoothed_and_counted_beyond_the_hysteresis(self):
        random = np.random.default_rng(1)
        height = 200 + random.normal(0, 0.3, 400)
        height[150] += 9.0
        baro, samples, detail = fixed(
            "elevation_noise", activity(self.time, distance_m=self.time * 3, altitude_m=height)
        )
        assert np.ptp(baro.channels["altitude_m"]) < 1.5
        assert (samples, detail) == (1, "barometer")
        gps, samples, detail = fixed(
            "elevation_noise", activity(self.time, distance_m=self.time * 3, altitude_m=height, barometer=None)
        )
        assert np.ptp(gps.channels["altitude_m"]) < 1.0
        assert (samples, detail) == (0, "gps")

    def test_a_swing_no_runner_climbs_is_levelled(self):
        """120 m up and down again within a minute each, at an even pace: false GPS height."""
        height = 50 + 120 * np.clip(1 - np.abs(self.time - 200) / 60, 0, 1)
        after, samples, detail = fixed(
            "elevation_noise", activity(self.time, distance_m=self.time * 3.5, altitude_m=height, barometer=None)
        )
        assert np.ptp(after.channels["altitude_m"]) < 15
        assert samples > 60
        assert detail == "gps+levelled"

    def test_rides_and_treadmills_are_not_levelled(self):
        height = 50 + 120 * np.clip(1 - np.abs(self.time - 200) / 60, 0, 1)
        ride = activity(self.time, sport=Sport.CYCLING, distance_m=self.time * 9, altitude_m=height)
        assert fixed("elevation_noise", ride)[2] == "barometer"
        belt = activity(self.time, surface=Surface.TREADMILL, distance_m=self.time * 3, altitude_m=height)
        assert fixed("elevation_noise", belt)[1] == 0

    def test_no_way_no_profile(self):
        still = activity(self.time, distance_m=0.0, altitude_m=100.0)
        assert fixed("elevation_noise", still)[1:] == (0, "")


class TestCadence:
    time = np.arange(100.0)

    def fix(self, cadence, speed=3.0, sport=Sport.RUNNING):
        channels = {} if speed is None else {"speed_mps": speed}
        return fixed("cadence_unit", activity(self.time, sport=sport, cadence_spm=cadence, **channels))

    def test_steps_of_both_feet_stay(self):
        assert self.fix(166.0)[1] == 0

    def test_doubled_twice(self):
        after, samples, detail = self.fix(332.0)
        assert (after.channels["cadence_spm"][0], samples, detail) == (166.0, 100, "halved")

    @pytest.mark.parametrize("speed", [3.0, None])
    def test_one_leg_only(self, speed):
        after, samples, detail = self.fix(83.0, speed)
        assert (after.channels["cadence_spm"][0], samples, detail) == (166.0, 100, "doubled")

    def test_walking_pace_is_no_half_cadence(self):
        assert self.fix(108.0, speed=1.4)[1] == 0
        assert self.fix(83.0, speed=1.2, sport=Sport.WALKING)[1] == 0

    def test_a_ride_is_not_judged(self):
        assert self.fix(83.0, sport=Sport.CYCLING)[1] == 0
        assert fixed("cadence_unit", activity(self.time))[1] == 0

    def test_zero_while_running_and_nonsense_are_blanked(self):
        cadence = np.full(100, 166.0)
        cadence[5], cadence[6], cadence[7], cadence[8] = 0.0, 290.0, -1.0, 90.0
        after, samples, detail = self.fix(cadence)
        assert np.flatnonzero(np.isnan(after.channels["cadence_spm"])).tolist() == [5, 6, 7, 8]
        assert (samples, detail) == (4, "blanked")

    @pytest.mark.parametrize(
        ("speed", "slowest"), [(3.0, 166 / 2**0.5), (6.0, 190 / 2**0.5), (1.5, 133 / 2), (0.8, 1.0)]
    )
    def test_steps_longer_than_any_leg_takes(self, speed, slowest):
        """Half of the readings sound, so that the unit is not in doubt."""
        cadence = np.where(np.arange(100) % 2 == 0, 166.0, slowest * 1.01)
        assert self.fix(cadence, speed)[1] == 0
        cadence[1] = slowest * 0.99
        assert self.fix(cadence, speed)[1] == (1 if speed > 1.2 else 0)

    def test_a_sensor_that_never_turned(self):
        after, samples, _ = self.fix(0.0)
        assert not after.has("cadence_spm")
        assert samples == 100


class TestHeartRate:
    def test_implausible_and_zero(self):
        rate = 140.0 + np.arange(50) % 3
        rate[4], rate[5] = 0.0, 255.0
        after, samples, detail = fixed("heart_rate_dropouts", activity(np.arange(50.0), heart_rate_bpm=rate))
        assert np.flatnonzero(np.isnan(after.channels["heart_rate_bpm"])).tolist() == [4, 5]
        assert (samples, detail) == (2, "implausible")

    def test_a_flat_line(self):
        rate = 140.0 + np.arange(900) % 3
        rate[200:501] = 128.0
        after, samples, detail = fixed("heart_rate_dropouts", activity(np.arange(900.0), heart_rate_bpm=rate))
        assert (samples, detail) == (301, "flat")
        assert np.isnan(after.channels["heart_rate_bpm"][200:501]).all()

    def test_equal_for_less_than_that_or_across_a_pause_stays(self):
        rate = 140.0 + np.arange(900) % 3
        rate[200:490] = 128.0
        time = np.arange(900.0)
        assert fixed("heart_rate_dropouts", activity(time, heart_rate_bpm=rate))[1] == 0
        later = time + np.where(time > 300, 5000.0, 0.0)
        paused = activity(later, heart_rate_bpm=rate, pauses=[Interval(start_s=300, end_s=5300)])
        assert fixed("heart_rate_dropouts", paused)[1] == 0
        assert fixed("heart_rate_dropouts", activity(time))[1] == 0

    def test_both_at_once(self):
        rate = np.concatenate((np.full(400, 128.0), [0.0]))
        after, samples, detail = fixed("heart_rate_dropouts", activity(np.arange(401.0), heart_rate_bpm=rate))
        assert (samples, detail) == (401, "implausible+flat")
        assert not after.has("heart_rate_bpm")


def test_every_fixer_reports_under_its_own_name():
    time = np.arange(700.0)
    broken = steady(
        699, cadence_spm=83.0, heart_rate_bpm=np.where(time < 10, 0.0, 140 + time % 7),
        altitude_m=np.where(time == 300, 900.0, 100.0),
    )  # fmt: skip
    found = edits(broken)
    assert found == {
        "elevation_outliers": (1, "blanked"),
        "cadence_unit": (700, "doubled"),
        "heart_rate_dropouts": (10, "implausible"),
    }
    assert set(found) <= set(FIXERS)


def test_an_empty_pause_takes_no_sample_out():
    assert recorded(np.arange(3.0), [Interval(start_s=1.0, end_s=1.0)]).all()
