"""One activity from several sources: start ±60 s, duration ±5 %, distance ±3 %; the richest is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from archive_writers import START
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.activity import Label, Sport, Surface
from soleus.core.training import RunSummary
from soleus.history.duplicates import (
    Tolerances,
    group_duplicates,
    merge_group,
    richness,
    same_activity,
    unify_shoes,
)
from soleus.history.settle import _flat
from soleus.knowledge import load_knowledge

T = Tolerances(start_s=60, duration_ratio=0.05, distance_ratio=0.03)


def run(start_s: float = 0, **more) -> RunSummary:
    start = START + timedelta(seconds=start_s)
    plain = {"elapsed_s": 3600.0, "moving_s": 3500.0, "distance_m": 10_000.0, "format": "fit", "sport": Sport.RUNNING}
    return RunSummary(key=f"{start_s}", start_utc=start, day=start.date(), **{**plain, **more})


def test_the_tolerances_come_from_the_knowledge_base():
    assert Tolerances.of(load_knowledge().training) == T


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (run(60), True),
        (run(61), False),
        (run(elapsed_s=3780, moving_s=1.0), True),
        (run(elapsed_s=3800, moving_s=3700), False),
        (run(distance_m=10_300), True),
        (run(distance_m=10_320), False),
        (run(distance_m=None), True),
        (run(sport=Sport.WALKING), True),
        (run(elapsed_s=3500, moving_s=3500, from_totals=True), True),
        (run(elapsed_s=0, moving_s=0), False),
    ],
)
def test_when_two_records_are_one_activity(other, same):
    assert same_activity(run(), other, T) is same
    assert same_activity(other, run(), T) is same


def test_the_richest_comes_first():
    ordered = [
        run(format="fit", contact_time_ms=240.0), run(format="fit"), run(format="tcx", contact_time_ms=240.0),
        run(format="tcx"), run(format="apple_health"), run(format="gpx"), run(format="garmin_json", from_totals=True),
    ]  # fmt: skip
    assert sorted(ordered, key=richness, reverse=True) == ordered
    assert group_duplicates(list(reversed(ordered)), T) == ((6, 5, 4, 3, 2, 1, 0),)


def test_agreement_is_not_passed_on_along_a_chain():
    chain = [run(50 * n) for n in range(5)]
    groups = group_duplicates(chain, T)
    assert sorted(len(group) for group in groups) != [5]
    assert sorted(i for group in groups for i in group) == list(range(5))


def test_what_only_the_others_know_is_kept():
    best = run(sport=Sport.UNKNOWN, labels=frozenset({Label.RACE}), distance_m=None)
    second = run(shoe="a", surface=Surface.TRAIL, heart_rate_s={1: 2.0})
    third = run(shoe="b", session_rpe=4.0, labels=frozenset({Label.WORKOUT}), average_heart_rate_bpm=150.0)
    merged = merge_group([best, second, third])
    assert merged == replace(
        best, sport=Sport.RUNNING, labels=frozenset({Label.RACE, Label.WORKOUT}), shoe="a", surface=Surface.TRAIL,
        heart_rate_s={1: 2.0}, session_rpe=4.0, average_heart_rate_bpm=150.0, distance_m=10_000.0,
    )  # fmt: skip
    assert merge_group([best]) is best


TIMES, WAYS = st.sampled_from([600.0, 620.0, 3600.0]), st.sampled_from([2000.0, 2050.0, 9000.0])


@given(st.lists(st.tuples(st.integers(0, 400), TIMES, WAYS), max_size=12))
def test_every_run_is_in_one_group_and_agrees_with_its_first(drawn):
    runs = [run(start, elapsed_s=time, moving_s=time, distance_m=way) for start, time, way in drawn]
    groups = group_duplicates(runs, T)
    assert sorted(i for group in groups for i in group) == list(range(len(runs)))
    assert all(same_activity(runs[group[0]], runs[i], T) for group in groups for i in group[1:])
    firsts = [runs[group[0]].start_utc for group in groups]
    assert firsts == sorted(firsts)


def test_pairs_named_twice_are_found_only_when_they_always_meet():
    both = [[run(shoe="a"), run(shoe="b")]] * 3
    assert unify_shoes(both) == {"b": "a"}
    assert unify_shoes([[run(shoe="a"), run(shoe="b")]]) == {}
    assert unify_shoes([], [("a", "b"), ("b", "a")]) == {"b": "a"}
    mixed = [*both, *[[run(shoe="a"), run(shoe="c")]] * 3]
    assert unify_shoes(mixed) == {}
    assert unify_shoes([[run(shoe="a"), run()]]) == {}


def test_aliases_are_followed_to_the_end():
    assert _flat({"a": "b", "b": "c"}) == {"a": "c", "b": "c"}
    assert _flat({"a": "b", "b": "a"}) == {}
