import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import KNOWLEDGE

from soleus.training import elevation as el


def profile(height, length_m, **more):
    height = np.asarray(height, dtype=np.float64)
    way = np.linspace(0.0, length_m, len(height))
    return el.build_profile(way, height, smooth_m=more.get("smooth_m", 0.0), knowledge=KNOWLEDGE)


def hill(way, start, length, gain):
    return np.interp(way, [start, start + length], [0.0, gain])


WAY = np.arange(0.0, 3000.1, 3.0)


def make(height, smooth_m=0.0):
    return el.build_profile(WAY, height, smooth_m=smooth_m, knowledge=KNOWLEDGE)


def test_constants_by_source_of_height():
    assert el.smoothing_length_m(True, KNOWLEDGE) == 50
    assert el.smoothing_length_m(False, KNOWLEDGE) == el.smoothing_length_m(None, KNOWLEDGE) == 150
    assert el.hysteresis_m(True, KNOWLEDGE) == 2
    assert el.hysteresis_m(None, KNOWLEDGE) == 10


def test_no_profile_without_height_or_way():
    assert make(np.full(len(WAY), np.nan)) is None
    assert el.build_profile(np.zeros(5), np.ones(5), smooth_m=50, knowledge=KNOWLEDGE) is None


def test_holes_are_bridged_and_heights_read_back():
    height = 100 + 0.05 * WAY
    holed = np.where((WAY > 500) & (WAY < 900), np.nan, height)
    np.testing.assert_allclose(make(holed).at(WAY), height, atol=1e-9)


def test_smoothing_keeps_a_steady_slope_to_both_ends():
    height = 100 + 0.05 * WAY
    np.testing.assert_allclose(make(height, 150.0).at(WAY), height, atol=1e-6)


def test_smoothing_does_not_depend_on_the_sampling():
    way = np.arange(0.0, 3000.1, 17.0)
    wave = 20 * np.sin(way / 200)
    coarse = el.build_profile(way, wave, smooth_m=50.0, knowledge=KNOWLEDGE)
    fine = make(20 * np.sin(WAY / 200), 50.0)
    np.testing.assert_allclose(coarse.at(WAY[:900]), fine.at(WAY[:900]), atol=0.2)


def test_very_long_ways_get_a_coarser_step():
    long = el.build_profile(np.array([0.0, 5e6]), np.array([0.0, 100.0]), smooth_m=50.0, knowledge=KNOWLEDGE)
    assert len(long.altitude_m) <= el.LARGEST_PROFILE + 2
    assert long.at(np.array([2.5e6]))[0] == pytest.approx(50.0, abs=0.1)
    assert (el.grades(long, 50.0, KNOWLEDGE) >= 0).all()
    assert (
        el.level_impossible(long, np.array([0, 5e6]), np.array([0, 1e6]), barometer=True, knowledge=KNOWLEDGE) is long
    )


class TestGain:
    def test_up_and_down(self):
        assert el.gain_and_loss(np.array([0.0, 30, 10, 25]), 2.0) == (45.0, 20.0)
        assert el.gain_and_loss(np.array([30.0, 0, 20, 5]), 2.0) == (20.0, 45.0)

    def test_wiggles_below_the_threshold_add_nothing(self):
        assert el.gain_and_loss(np.array([0.0, 1.5, 0.5, 1.9, 0.0]), 2.0) == (0.0, 0.0)
        assert el.gain_and_loss(np.array([0.0, 20, 18.5, 40, 39]), 2.0) == (40.0, 0.0)
        assert el.gain_and_loss(np.array([40.0, 20, 21.5, 3, 4]), 2.0) == (0.0, 37.0)

    def test_flat_and_single(self):
        assert el.gain_and_loss(np.full(9, 7.0), 2.0) == (0.0, 0.0)
        assert el.gain_and_loss(np.array([7.0]), 2.0) == (0.0, 0.0)

    @given(st.lists(st.floats(-50, 50), min_size=1, max_size=60), st.floats(0.5, 10))
    def test_gain_less_loss_is_the_difference_in_height(self, heights, threshold):
        heights = np.array(heights)
        gain, loss = el.gain_and_loss(heights, threshold)
        assert gain - loss == pytest.approx(heights[-1] - heights[0], abs=2 * threshold + 1e-9)
        assert 0 <= gain <= np.maximum(np.diff(heights), 0).sum() + 1e-9

    @given(st.lists(st.floats(-50, 50), min_size=1, max_size=60), st.floats(0.5, 10))
    def test_the_way_back_swaps_gain_and_loss(self, heights, threshold):
        there, back = (
            el.gain_and_loss(np.array(heights), threshold),
            el.gain_and_loss(np.array(heights)[::-1], threshold),
        )
        assert there == (pytest.approx(back[1]), pytest.approx(back[0]))


class TestGrade:
    def test_of_a_steady_slope(self):
        np.testing.assert_allclose(el.grades(make(0.08 * WAY), 50.0, KNOWLEDGE), 0.08, atol=1e-9)

    def test_of_a_cliff_is_clamped(self):
        steep = np.where(WAY < 1500, 0.0, 300.0)
        assert el.grades(make(steep), 50.0, KNOWLEDGE).max() == 0.45
        assert el.grades(make(-steep), 50.0, KNOWLEDGE).min() == -0.45

    def test_of_less_than_the_least_length_is_not_told(self):
        short = el.build_profile(np.array([0.0, 40.0]), np.array([0.0, 9.0]), smooth_m=0.0, knowledge=KNOWLEDGE)
        assert (el.grades(short, 50.0, KNOWLEDGE) == 0).all()

    def test_a_kerb_is_no_hill(self):
        kerb = np.where(WAY < 1500, 0.0, 1.0)
        assert el.grades(make(kerb), 50.0, KNOWLEDGE).max() <= 0.021


class TestHills:
    def find(self, height):
        found = make(height)
        return el.find_hills(found, el.grades(found, 50.0, KNOWLEDGE), KNOWLEDGE)

    def test_none_on_the_flat(self):
        assert self.find(np.zeros(len(WAY))) == ()

    def test_one(self):
        (only,) = self.find(hill(WAY, 1000, 400, 24))
        assert only.start_m == pytest.approx(1000, abs=15)
        assert only.length_m == pytest.approx(400, abs=30)
        assert only.gain_m == pytest.approx(24, abs=1)

    def test_too_low_and_too_short(self):
        assert self.find(hill(WAY, 1000, 200, 8)) == ()
        assert self.find(hill(WAY, 1000, 60, 12)) == ()

    def test_a_short_flat_between_two_climbs_joins_them(self):
        joined = hill(WAY, 1000, 300, 18) + hill(WAY, 1340, 300, 18)
        apart = hill(WAY, 1000, 300, 18) + hill(WAY, 1450, 300, 18)
        assert [round(h.gain_m) for h in self.find(joined)] == [36]
        assert [round(h.gain_m) for h in self.find(apart)] == [18, 18]


class TestImpossible:
    def level(self, height, speed, barometer=True):
        found = make(height)
        return found, el.level_impossible(found, WAY, WAY / speed, barometer=barometer, knowledge=KNOWLEDGE)

    def test_what_can_be_run_stays(self):
        before, after = self.level(hill(WAY, 1000, 400, 80), 3.0)
        assert after is before

    def test_the_same_hill_at_twice_the_speed_cannot_be(self):
        before, after = self.level(hill(WAY, 1000, 400, 80), 6.0)
        assert np.ptp(after.altitude_m) == 0.0
        assert np.ptp(before.altitude_m) == 80.0

    def test_height_from_gps_is_trusted_less(self):
        climb = hill(WAY, 1000, 400, 100)
        assert np.ptp(self.level(climb, 3.2)[1].altitude_m) == 100.0
        assert np.ptp(self.level(climb, 3.2, barometer=None)[1].altitude_m) == 0.0

    def test_downhill_may_be_twice_as_fast(self):
        before, after = self.level(-hill(WAY, 1000, 400, 80), 6.0)
        assert after is before
        assert np.ptp(self.level(-hill(WAY, 1000, 400, 80), 12.0)[1].altitude_m) == 0.0

    def test_too_short_to_tell(self):
        short = el.build_profile(np.array([0.0, 40.0]), np.array([0.0, 39.0]), smooth_m=0.0, knowledge=KNOWLEDGE)
        levelled = el.level_impossible(
            short, np.array([0.0, 40.0]), np.array([0.0, 5.0]), barometer=True, knowledge=KNOWLEDGE
        )
        assert levelled is short


def test_a_grade_is_taken_over_the_length_on_which_height_is_known():
    assert el.grade_length_m(True, KNOWLEDGE) == 50
    assert el.grade_length_m(None, KNOWLEDGE) == 150
