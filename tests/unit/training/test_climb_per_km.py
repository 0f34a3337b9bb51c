"""Climb against the kilometres: what is seen through a training that varies a lot in distance."""

from dataclasses import replace

import numpy as np
import pytest
from made_runs import ONSET, definition, knowledge_base, numbers, run

from soleus.core.training import ChangeState
from soleus.training.daily import build_daily, runs_before
from soleus.training.levels import level_change
from soleus.training.per_km import per_km
from soleus.training.shoes import ShoeDays
from soleus.training.windows import Span

KB = knowledge_base()
CLIMB = definition("weekly_ascent")
SPAN = Span(near=31, far=112, least=28)


def uneven(days=600, *, climb=lambda back: 10.0, distance=lambda back: 8.0):
    """A run each day, far and short by turns of five weeks; metres of climb per km as given."""
    return [
        run(back, km, ascent_m=km * climb(back) * (1 + 0.05 * ((back * 7) % 5 - 2)))
        for back in range(days, 0, -1)
        for km in [distance(back) * (1 + 0.6 * np.sin(back / 12))]
    ]


def table_of(runs):
    return build_daily(runs_before(runs, ONSET), onset_on=ONSET, knowledge=KB.training, shoes=ShoeDays())


def doubled(back):
    return 20.0 if back <= 30 else 10.0


def test_a_doubled_climb_is_found_where_distance_varies_too_much_for_the_amount():
    change = level_change(CLIMB, table_of(uneven(climb=doubled)), numbers(changes__alarm_z__weekly_ascent=9.0))
    assert change.state is ChangeState.CHANGED
    assert change.params["per_km_ratio"] == pytest.approx(2, rel=0.1)
    assert change.probability > 0.9
    assert change.larger_than[0] == change.larger_than[1] > 0
    assert change.effect.value >= KB.training.value("changes.per_km_amount_ratio")


def test_the_amount_goes_first_when_it_stands_out():
    steady = [run(back, 8.0, ascent_m=(8 + back % 3) * doubled(back)) for back in range(600, 0, -1)]
    change = level_change(CLIMB, table_of(steady), KB.training)
    assert change.state is ChangeState.CHANGED
    assert "per_km_ratio" not in change.params


def test_hillier_but_shorter_running_is_not_more_climbing():
    runs = uneven(climb=doubled, distance=lambda back: 2.5 if back <= 30 else 8.0)
    assert level_change(CLIMB, table_of(runs), KB.training).state is ChangeState.UNCHANGED


def test_longer_running_is_not_hillier():
    table = table_of(uneven(distance=lambda back: 16.0 if back <= 30 else 8.0))
    assert per_km(CLIMB, table, 30, SPAN, KB.training).ratio == pytest.approx(1, abs=0.05)


def test_a_few_metres_say_nothing_however_large_their_share():
    runs = [replace(r, ascent_m=r.ascent_m / 1000) for r in uneven(climb=doubled)]
    assert level_change(CLIMB, table_of(runs), KB.training).state is ChangeState.UNCHANGED


def test_other_definitions_are_not_looked_at_per_km():
    assert per_km(definition("weekly_descent"), table_of(uneven()), 30, SPAN, KB.training) is None


def test_unknown_distance_of_late_gives_nothing():
    runs = [replace(r, distance_m=None) if (ONSET - r.day).days <= 20 else r for r in uneven()]
    assert per_km(CLIMB, table_of(runs), 14, SPAN, KB.training) is None


def test_a_history_without_earlier_windows_gives_nothing():
    assert per_km(CLIMB, table_of(uneven(70)), 30, Span(near=31, far=112, least=14), KB.training) is None


def test_from_flat_to_hilly_is_a_very_large_ratio_not_an_error():
    table = table_of(uneven(climb=lambda back: 20.0 if back <= 30 else 0.0))
    assert per_km(CLIMB, table, 30, SPAN, KB.training).ratio > 1e6
    assert level_change(CLIMB, table, KB.training).state is ChangeState.CHANGED
