"""Single-session spikes as the cohort defined them."""

import math
from datetime import timedelta

import numpy as np
import pytest
from made_runs import ONSET, numbers, run

from soleus.core.training import Estimate
from soleus.training.daily import runs_before
from soleus.training.spike import categorise, running_ratio, session_spikes

KNOWLEDGE = numbers()


def spikes_of(*runs):
    ordered = runs_before(runs, ONSET + timedelta(days=1))
    return session_spikes(ordered, first_day=ONSET - timedelta(days=112), last_day=ONSET, knowledge=KNOWLEDGE)


@pytest.mark.parametrize(
    ("ratio", "label"),
    [
        (0.5, "reference"),
        (1.0, "reference"),
        (1.10, "reference"),
        (11.0 / 10.0, "reference"),
        (1.1001, "small"),
        (1.30, "small"),
        (1.3001, "moderate"),
        (2.0, "moderate"),
        (2.0001, "large"),
        (9.0, "large"),
        (None, "no_reference"),
        (math.inf, "no_reference"),
    ],
)
def test_categories_are_open_below_and_closed_above(ratio, label):
    assert categorise(ratio, KNOWLEDGE)[0] == label


def test_hazard_ratios_are_those_of_the_paper():
    assert categorise(1.2, KNOWLEDGE)[1] == Estimate(value=1.64, low=1.31, high=2.05)
    assert categorise(1.5, KNOWLEDGE)[1] == Estimate(value=1.52, low=1.16, high=2.00)
    assert categorise(3.0, KNOWLEDGE)[1] == Estimate(value=2.28, low=1.50, high=3.48)
    assert categorise(1.0, KNOWLEDGE)[1] == Estimate(value=1.0, low=1.0, high=1.0)


def test_a_table_with_a_hole_gives_no_category():
    table = KNOWLEDGE.tables["spike.categories"]
    from dataclasses import replace

    holed = replace(table, columns={**table.columns, "low": (1.0, 1.1, 1.3, 2.0)})
    assert categorise(0.5, replace(KNOWLEDGE, tables={"spike.categories": holed})) == ("no_reference", None)


def test_the_worked_example():
    *_, last = spikes_of(run(20, 10.0), run(1, 13.0))
    assert (last.ratio, last.category) == (pytest.approx(1.3), "small")


def test_today_is_excluded_and_runs_of_one_day_are_separate_sessions():
    _, morning, evening = spikes_of(run(20, 10.0), run(1, 12.0, hour=7), run(1, 15.0, hour=18))
    assert (morning.ratio, evening.ratio) == (pytest.approx(1.2), pytest.approx(1.5))


def test_thirty_days_back_counts_and_thirty_one_does_not():
    assert spikes_of(run(31, 10.0), run(1, 12.0))[-1].reference_m == 10_000
    alone = spikes_of(run(32, 10.0), run(1, 12.0))[-1]
    assert (alone.ratio, alone.reference_m, alone.category, alone.hazard_ratio) == (None, None, "no_reference", None)


def test_the_onset_day_is_listed_and_unknown_distances_are_not():
    spikes = spikes_of(run(20, 10.0), run(5, None), run(0, 11.0))
    assert [s.day for s in spikes] == [ONSET - timedelta(days=20), ONSET]
    assert spikes[-1].category == "reference"


def test_the_running_reference_reaches_over_a_long_gap():
    longest = np.array([10.0, 0, 0, 0, 0, 0, 12.0])
    gap = np.array([False, True, True, True, True, True, False])
    ratio = running_ratio(longest, gap, 3)
    assert ratio[-1] == pytest.approx(1.2)
    assert np.isnan(ratio[:-1]).all()
    assert np.isnan(running_ratio(np.array([5.0]), np.array([False]), 3)).all()
