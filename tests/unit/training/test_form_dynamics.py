import numpy as np
import pytest
from recordings import KNOWLEDGE, activity, steady

from soleus.core.training import FormCell
from soleus.training.clean import clean_activity
from soleus.training.dynamics import cadence_trend, form_cells, matched_difference
from soleus.training.track import build_track


def track_of(recording):
    return build_track(clean_activity(recording, KNOWLEDGE)[0], KNOWLEDGE)


def cell(speed, seconds, cadence, contact=None):
    return FormCell(
        speed_mps=speed, seconds=seconds, cadence_spm=cadence, contact_time_ms=contact, step_length_m=None,
        vertical_oscillation_m=None, contact_time_balance_pct=None,
    )  # fmt: skip


class TestFormCells:
    def test_two_speeds_make_two_cells(self):
        time = np.arange(801.0)
        speed = np.where(time < 400, 2.6, 3.4)
        way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
        cells = form_cells(
            track_of(activity(time, distance_m=way, speed_mps=speed, cadence_spm=np.where(time < 400, 160.0, 174.0))),
            KNOWLEDGE,
        )
        slow, fast = cells[0], cells[-1]
        assert (slow.speed_mps, slow.cadence_spm, slow.seconds) == (2.625, pytest.approx(160), 399)
        assert (fast.speed_mps, fast.cadence_spm, fast.seconds) == (3.375, pytest.approx(174), 400)

    def test_a_bin_without_a_reading_is_left_out(self):
        time = np.arange(801.0)
        speed = np.where(time < 400, 2.6, 3.4)
        way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
        contact = np.where(time < 400, np.nan, 240.0)
        cells = form_cells(
            track_of(activity(time, distance_m=way, speed_mps=speed, contact_time_ms=contact)), KNOWLEDGE
        )
        assert all(c.speed_mps > 2.75 and c.contact_time_ms == pytest.approx(240) for c in cells)
        assert all(c.step_length_m is None for c in cells)

    def test_without_form_channels_there_are_none(self):
        assert form_cells(track_of(steady(100)), KNOWLEDGE) == ()


class TestMatchedDifference:
    def test_compares_only_equal_speeds(self):
        recent = [cell(3.125, 100, 160.0), cell(4.125, 900, 190.0)]
        baseline = [cell(3.125, 300, 166.0), cell(3.125, 100, 162.0), cell(2.125, 500, 150.0)]
        assert matched_difference(recent, baseline, "cadence_spm") == (pytest.approx(160 - 165), 100)

    def test_weighs_bins_by_the_shorter_time(self):
        recent = [cell(3.125, 100, 160.0), cell(3.375, 50, 170.0)]
        baseline = [cell(3.125, 300, 166.0), cell(3.375, 300, 167.0)]
        difference, seconds = matched_difference(recent, baseline, "cadence_spm")
        assert difference == pytest.approx((100 * -6 + 50 * 3) / 150)
        assert seconds == 150

    def test_nothing_in_common(self):
        assert matched_difference([cell(3.125, 100, 160.0)], [cell(4.125, 100, 160.0)], "cadence_spm") is None
        assert matched_difference([cell(3.125, 100, 160.0)], [cell(3.125, 100, 160.0)], "contact_time_ms") is None
        assert matched_difference([cell(3.125, 0.0, 160.0)], [cell(3.125, 100, 160.0)], "cadence_spm") is None


class TestCadenceTrend:
    def trend(self, cadence, speed=3.0, seconds=3600, **more):
        time = np.arange(seconds + 1.0)
        speed = np.broadcast_to(speed, time.shape)
        way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
        return cadence_trend(
            track_of(activity(time, distance_m=way, speed_mps=speed, cadence_spm=cadence, **more)), KNOWLEDGE
        )

    def test_eight_steps_fewer_after_an_hour(self):
        assert self.trend(170 - 8 * np.arange(3601.0) / 3600) == pytest.approx(-8.0, rel=1e-3)

    def test_slowing_down_alone_is_no_trend(self):
        time = np.arange(3601.0)
        speed = 3.4 - 0.8 * time / 3600 + 0.3 * np.sin(time / 90)
        assert self.trend(100 + 22 * speed, speed) == pytest.approx(0.0, abs=0.05)
        assert self.trend(100 + 22 * speed - 5 * time / 3600, speed) == pytest.approx(-5.0, abs=0.05)

    def test_none_when_it_cannot_be_told(self):
        assert cadence_trend(track_of(steady(600)), KNOWLEDGE) is None
        assert self.trend(0.0) is None
        assert self.trend(166.0, seconds=1) is None
        drift = 3.0 + np.arange(601.0) / 600
        assert self.trend(166.0, drift, seconds=600) is None
        uphill = activity(
            np.arange(601.0), distance_m=np.arange(601.0) * 3, altitude_m=np.arange(601.0) * 0.15, cadence_spm=166.0
        )
        assert cadence_trend(track_of(uphill), KNOWLEDGE) is None
