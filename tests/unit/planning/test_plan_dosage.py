"""Doses: inside both ranges, less with more pain, least when nothing is known."""

from __future__ import annotations

import pytest
from plan_world import EXERCISES, does, exercise, situate, with_plans

from soleus.core.goals import RunningHistory
from soleus.core.message import Message
from soleus.core.plan import Prescription
from soleus.knowledge.plan_base import Dose, LoadRange
from soleus.planning.dosage import Place, both, minutes_of, place_of, prescribe, worst_pain

FULL, NONE = Place(share=1.0, held_by="pain"), Place(share=0.0, held_by="pain")
FIT = {"pain_walk_nrs": 0, "slhr_reps": 40}


def place(name: str = "raise_two", limit: float = 2, **parts: object) -> Place:
    return place_of(EXERCISES[name], limit, 10, situate(**{"days": 10, **parts}))  # type: ignore[arg-type, index]


def test_the_worst_pain_that_is_known() -> None:
    assert worst_pain(situate()) is None
    assert worst_pain(situate(measured={"pain_walk_nrs": 1, "pain_rest_nrs": 3})) == 3
    assert worst_pain(situate(measured={"pain_walk_nrs": 1}, answers={"pain_score_now": 5})) == 5


def test_everything_good_gives_the_most() -> None:
    assert place(measured=FIT).share == 1.0


@pytest.mark.parametrize(
    ("parts", "share", "held_by"),
    [
        ({}, 0.0, "pain_unknown"),
        ({"measured": {**FIT, "pain_walk_nrs": 1}}, 0.5, "pain"),
        ({"measured": {**FIT, "pain_walk_nrs": 5}}, 0.0, "pain"),
        ({"measured": {**FIT, "slhr_reps": 16}}, 0.5, "capacity"),
        ({"measured": {"pain_walk_nrs": 0}}, 0.0, "capacity_unknown"),
        ({"measured": FIT, "days": 4}, 0.4, "time"),
        ({"measured": FIT, "days": None}, 0.0, "time_unknown"),
        ({"measured": FIT, "limit": 0}, 1.0, "pain"),
        ({"measured": {**FIT, "pain_walk_nrs": 1}, "limit": 0}, 0.0, "pain"),
        ({"measured": FIT, "name": "hops"}, 0.0, "history_unknown"),
        ({"measured": FIT, "name": "hops", "history": RunningHistory()}, 0.0, "history_unknown"),
        ({"measured": FIT, "name": "hops", "history": RunningHistory(weekly_km=10)}, 0.25, "history"),
        ({"measured": FIT, "kb": with_plans(norm=None)}, 0.0, "capacity_unknown"),
        ({"name": "bridge"}, 0.0, "none"),
        ({"name": "bridge", "measured": {"pain_walk_nrs": 2}}, 0.5, "none"),
        ({"name": "bridge", "measured": {"pain_walk_nrs": 3}}, 0.0, "none"),
    ],
)
def test_what_holds_a_dose_down(parts: dict[str, object], share: float, held_by: str) -> None:
    found = place(**parts)  # type: ignore[arg-type]
    assert (found.share, found.held_by) == (share, held_by)


@pytest.mark.parametrize(
    ("narrow", "wide", "shared"),
    [
        (None, None, None),
        ((1, 2), None, (1, 2)),
        (None, (1, 2), (1, 2)),
        ((1, 5), (3, 9), (3, 5)),
        ((1, 2), (3, 9), (3, 3)),
        ((12, 15), (3, 9), (9, 9)),
    ],
)
def test_the_part_two_ranges_share(narrow: object, wide: object, shared: object) -> None:
    assert both(narrow, wide) == shared  # type: ignore[arg-type]


def test_a_dose_runs_from_the_least_to_the_place() -> None:
    item = does("raise_two", reps=(8, 16), pain_max_nrs=1, start_day=3, optional=True)
    most = prescribe(item, EXERCISES["raise_two"], FULL, limit_nrs=2)  # type: ignore[index]
    assert (most.sets, most.reps, most.rest_s, most.per_week) == (4, (8, 16), 60, 7)
    assert (most.tempo_s, most.pain_max_nrs, most.start_day, most.optional) == ((2, 0, 3), 1, 3, True)
    assert most.load is None
    half = prescribe(item, EXERCISES["raise_two"], Place(share=0.5, held_by="pain"), limit_nrs=2)  # type: ignore[index]
    assert (half.sets, half.reps, half.rest_s, half.per_week) == (3, (8, 12), 90, 5)
    least = prescribe(does("raise_two"), EXERCISES["raise_two"], NONE, limit_nrs=0.5)  # type: ignore[index]
    assert (least.sets, least.reps, least.rest_s, least.per_week, least.pain_max_nrs) == (2, (8, 8), 120, 3, 0.5)


def test_ranges_in_fractions_stay_fractions() -> None:
    strides = prescribe(does("strides"), EXERCISES["strides"], Place(share=0.5, held_by="pain"), limit_nrs=2)  # type: ignore[index]
    assert strides.distance_m == (60.0, 80.25)


def test_what_is_done_in_bouts_is_done_daily() -> None:
    pumps = prescribe(does("pumps", bouts_per_day=4), EXERCISES["pumps"], NONE, limit_nrs=2)  # type: ignore[index]
    assert (pumps.per_week, pumps.bouts_per_day) == (7, 4)
    bridge = prescribe(does("bridge"), EXERCISES["bridge"], NONE, limit_nrs=2)  # type: ignore[index]
    assert (bridge.per_week, bridge.bouts_per_day) == (3, 1)
    often = prescribe(does("bridge", per_week=5), EXERCISES["bridge"], NONE, limit_nrs=2)  # type: ignore[index]
    assert often.per_week == 5


@pytest.mark.parametrize(
    ("item", "load", "share", "text", "params"),
    [
        (does("x", load="load.heavier"), LoadRange(basis="rm", low=6, high=12), 1.0, "load.heavier", {}),
        (does("x"), LoadRange(basis="rm", low=6, high=12), 0.5, "plan.load.rm", {"low": 9, "high": 12}),
        (does("x"), LoadRange(basis="rpe_0_10", low=3, high=7), 0.5, "plan.load.rpe_0_10", {"low": 3, "high": 5.0}),
        (does("x"), LoadRange(basis="rpe_0_10", low=3, high=7), 0.4, "plan.load.rpe_0_10", {"low": 3, "high": 4.0}),
        (does("x"), LoadRange(basis="rpe_0_10", low=3, high=7), 0.0, "plan.load.rpe_0_10_one", {"n": 3.0}),
        (does("x"), LoadRange(basis="rm", low=6, high=12), 0.0, "plan.load.rm_one", {"n": 12}),
        (does("x"), LoadRange(basis="bodyweight_pct", low=0, high=20), 0.0, "plan.load.own_weight", {}),
        (
            does("x"),
            LoadRange(basis="bodyweight_pct", low=0, high=20),
            0.5,
            "plan.load.bodyweight_pct",
            {"low": 0, "high": 10.0},
        ),
    ],
)
def test_how_heavy(item: object, load: LoadRange, share: float, text: str, params: dict[str, float]) -> None:
    known = exercise("x", dose=Dose(sets=(1, 2), load=load))
    found = prescribe(item, known, Place(share=share, held_by="pain"), limit_nrs=2).load  # type: ignore[arg-type]
    assert found == Message(text=text, params=params)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "load", [None, LoadRange(basis="none", low=1, high=2), LoadRange(basis="rm"), LoadRange(basis="rm", low=3)]
)
def test_no_word_on_the_load_without_a_range(load: LoadRange | None) -> None:
    known = exercise("x", dose=Dose(load=load))
    assert prescribe(does("x"), known, FULL, limit_nrs=2).load is None


@pytest.mark.parametrize(
    ("item", "unilateral", "minutes"),
    [
        (Prescription(exercise="x", sets=3, reps=(8, 15), tempo_s=(1, 0, 3), rest_s=60), False, 5.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=3, reps=(8, 15), rest_s=60), True, 6.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=3, reps=(5, 5), rest_s=60), True, 3.3),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=4, hold_s=(10, 45), rest_s=60), False, 6.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=3, reps=(10, 10), hold_s=(5, 5)), False, 2.5),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=2, work_s=(20, 60)), False, 2.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", duration_min=(10, 20)), False, 20),  # type: ignore[arg-type]
        (Prescription(exercise="x", sets=2, contacts=(10, 60)), False, 3.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", contacts=(5, 5)), False, 1.1),  # type: ignore[arg-type]
        (Prescription(exercise="x"), False, 5.0),  # type: ignore[arg-type]
        (Prescription(exercise="x", reps=(1, 1)), False, 1.0),  # type: ignore[arg-type]
    ],
)
def test_minutes_of_a_bout(item: Prescription, unilateral: bool, minutes: float) -> None:
    assert minutes_of(item, unilateral=unilateral) == minutes
