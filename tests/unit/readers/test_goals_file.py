"""Goals files: everything given is kept, and everything wrong is told with its place."""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import date, time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.errors import AnswerError, CaseFileError
from soleus.core.goals import DayWish, Goals, Measured, OtherSport, RunningHistory, TargetEvent
from soleus.core.ids import ExerciseId, KitId, MeasureId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.plan_base import Dose, Exercise, MeasureDefinition, PlanKnowledge
from soleus.readers.goals_file import (
    ARCHES,
    CLEARERS,
    IMPACTS,
    WANTS,
    build_goals,
    parse_goals,
    read_goals,
    write_goals,
)


def measure(name: str, kind: str, low: float, high: float) -> MeasureDefinition:
    return MeasureDefinition(
        id=MeasureId(name),
        kind=kind,
        unit="",
        low=low,
        high=high,
        better="higher",
        self_test=True,
        clinician_only=False,
        derived=(),
        unsafe_codes=(),
        order=1,
        sources=(),
    )


MEASURES = (
    measure("slhr_reps", "number", 0, 100),
    measure("walk_min", "number", 0, 300),
    measure("limp", "boolean", 0, 1),
)
EXERCISE = Exercise(
    id=ExerciseId("band_pf"),
    kind="strength",
    targets=("calf",),
    kit=(frozenset({KitId("band")}), frozenset({KitId("dumbbell")})),
    unilateral=True,
    load_tier=1,
    impact="none",
    dose=Dose(),
    progresses_to=(),
    regresses_to=(),
    contraindications=("x",),
    stop_signs=("x",),
    evidence="",
    sources=(),
)


@cache
def small_kb() -> KnowledgeBase:
    """The knowledge base with one exercise and three measures, so that new data changes nothing here."""
    plans = PlanKnowledge(exercises={EXERCISE.id: EXERCISE}, measures={m.id: m for m in MEASURES})
    return dataclasses.replace(load_knowledge(), plans=plans)


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return small_kb()


def mistakes(text: str, kb: KnowledgeBase) -> str:
    with pytest.raises(AnswerError) as caught:
        parse_goals(text, kb, where="goals.yaml")
    return str(caught.value)


WHOLE = """
starts_on: 2026-11-23
days:
  monday: {minutes: 40, at: '18:30'}
  sat: 75
event: {name: Spring 10 km, on: 2027-04-18, distance_km: 10}
kit: [band, dumbbell]
other_sports: [{sport: cycling, day: Sunday, minutes: 60, impact: low}]
history: {weekly_km: 35, runs_per_week: 4, longest_run_km: 16, easy_pace: '5:00'}
tried: [ice, band_pf]
wants: [keep_running]
arch: flat
measures:
  slhr_reps: {value: 12, on: 2026-11-22, pain: 1}
  walk_min: 30
  limp: false
cleared_by: physiotherapist
time_zone: America/New_York
"""


def test_everything_given_is_kept(kb: KnowledgeBase) -> None:
    assert parse_goals(WHOLE, kb) == Goals(
        starts_on=date(2026, 11, 23),
        days=(DayWish(weekday=0, minutes=40, at=time(18, 30)), DayWish(weekday=5, minutes=75)),
        event=TargetEvent(name="Spring 10 km", on=date(2027, 4, 18), distance_km=10),
        kit=frozenset({KitId("band"), KitId("dumbbell")}),
        other_sports=(OtherSport(sport="cycling", weekday=6, minutes=60, impact="low"),),
        history=RunningHistory(weekly_km=35, runs_per_week=4, longest_run_km=16, easy_speed_mps=1000 / 300),
        tried=frozenset({"ice", "band_pf"}),
        wants=frozenset({"keep_running"}),
        arch="flat",
        measures=(
            Measured(measure=MeasureId("slhr_reps"), value=12, on=date(2026, 11, 22), pain_nrs=1),
            Measured(measure=MeasureId("walk_min"), value=30),
            Measured(measure=MeasureId("limp"), value=False),
        ),
        cleared_by="physiotherapist",
        time_zone="America/New_York",
    )


def test_an_empty_file_holds_no_wishes(kb: KnowledgeBase) -> None:
    assert parse_goals("", kb) == Goals()
    assert parse_goals(b"days:\n", kb) == Goals()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("daysx: {monday: 40}", "line 1, column 1: daysx: there is no such entry (did you mean days?)"),
        (
            "days:\n  monday: 40\n  tuseday: 30",
            "line 3, column 3: days.tuseday: 'tuseday' is no weekday (did you mean tuesday",
        ),
        ("days: {monday: 40, mon: 30}", "this day is given twice"),
        ("days: {monday: 3}", "days.monday.minutes: 3 should be a whole number from 5 to 600"),
        ("days: {monday: {minutes: 40, at: 6pm}}", "days.monday.at: '6pm' is no time of day"),
        ("days: {monday: {minutes: 40, at: '18:30+01:00'}}", "a time of day has no zone"),
        ("days: {monday: {minute: 40}}", "days.monday.minute: there is no such entry (did you mean minutes?)"),
        ("days: [monday]", "days: should be a mapping such as"),
        ("starts_on: tomorrow", "starts_on: 'tomorrow' is no date"),
        ("event: {name: Race}", "event: needs the day"),
        ("event: {on: 2027-04-18}", "event.name: should be a name"),
        ("kit: [bnad]", "kit.0: 'bnad' is not known (did you mean band"),
        ("kit: band", "kit: should be a list such as"),
        ("other_sports: [cycling]", "other_sports.0: should be a mapping"),
        (
            "other_sports: [{sport: gym, day: monday, minutes: 60, impact: big}]",
            "'big' should be one of none, low, high",
        ),
        ("other_sports:\n  -\n", "other_sports.0: is empty"),
        ("history: {weekly_km: -3}", "history.weekly_km: -3 should be a number from 0 to 400"),
        ("history: {easy_pace: fast}", "history.easy_pace: 'fast' is no pace"),
        ("history: {easy_pace: '5:00', easy_speed_mps: 3}", "not both"),
        ("tried: [iec]", "tried.0: 'iec' is not known (did you mean ice"),
        ("wants: [forefeet]", "(did you mean forefoot?)"),
        ("arch: fallen", "arch: 'fallen' should be one of flat, high, usual, unknown"),
        ("measures: {slhr_rep: 12}", "there is no such measure (did you mean slhr_reps?)"),
        ("measures: {slhr_reps: 1200}", "should be a number from 0 to 100"),
        ("measures: {slhr_reps: true}", "should be a number"),
        ("measures: {limp: 1}", "1 should be true or false"),
        ("measures: {slhr_reps: {on: 2026-11-22}}", "measures.slhr_reps: needs a value"),
        ("measures: {slhr_reps: {value: 12, pain: 11}}", "measures.slhr_reps.pain: 11 should be a number from 0 to 10"),
        ("time_zone: London", "time_zone: 'London' is no time zone"),
        ("time_zone: ../../etc/passwd", "is no time zone"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(kb: KnowledgeBase, text: str, told: str) -> None:
    said = mistakes(text, kb)
    assert told in said
    assert said.startswith("goals.yaml: line ")


@pytest.mark.parametrize("by", ["nobody", "me", "false", "no", "''", "Bob"])
def test_nobody_is_never_read_as_a_clinician(kb: KnowledgeBase, by: str) -> None:
    assert "cleared_by" in mistakes(f"cleared_by: {by}", kb)


def test_all_mistakes_are_told_at_once(kb: KnowledgeBase) -> None:
    said = mistakes("arch: x\nwants: [y]\nkit: [z]", kb)
    assert all(part in said for part in ("arch", "wants.0", "kit.0"))
    assert "Nothing was used" in said


def test_very_many_mistakes_are_counted(kb: KnowledgeBase) -> None:
    assert "and 18 more" in mistakes("kit: [" + ", ".join(f"x{n}" for n in range(30)) + "]", kb)


def test_a_mapping_without_text_has_no_lines(kb: KnowledgeBase) -> None:
    with pytest.raises(AnswerError, match=r"^goals: arch: "):
        build_goals({"arch": "x"}, kb)


@pytest.mark.parametrize("text", ["[1, 2]", "days", "a: &x 1\nb: *x", "days: {a: 1, a: 2}"])
def test_what_is_no_goals_file_is_refused(kb: KnowledgeBase, text: str) -> None:
    with pytest.raises(CaseFileError):
        parse_goals(text, kb)


def test_files_that_cannot_be_read(kb: KnowledgeBase, tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match="No such file"):
        read_goals(tmp_path / "none.yaml", kb)
    with pytest.raises(CaseFileError, match="not a file"):
        read_goals(tmp_path, kb)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 70_000)
    with pytest.raises(CaseFileError, match="too large"):
        read_goals(large, kb)
    good = tmp_path / "goals.yaml"
    good.write_text(WHOLE)
    assert read_goals(str(good), kb).arch == "flat"


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1, max_size=40)
NAMES = NAMES.map(lambda name: " ".join(name.split())).filter(bool)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
GOALS = st.builds(
    Goals,
    starts_on=st.none() | DAYS,
    days=st.lists(
        st.builds(DayWish, weekday=st.integers(0, 6), minutes=st.integers(5, 600), at=st.none() | st.times()),
        unique_by=lambda wish: wish.weekday,
    ).map(lambda wishes: tuple(sorted(wishes, key=lambda wish: wish.weekday))),
    event=st.none()
    | st.builds(
        TargetEvent,
        name=NAMES,
        on=DAYS,
        distance_km=st.none() | st.floats(1, 300).map(lambda x: round(x, 2)),
    ),
    kit=st.frozensets(st.sampled_from(["band", "dumbbell", "wall"])),
    other_sports=st.lists(
        st.builds(
            OtherSport,
            sport=NAMES,
            weekday=st.integers(0, 6),
            minutes=st.integers(1, 600),
            impact=st.sampled_from(IMPACTS),
        ),
        max_size=3,
    ).map(tuple),
    history=st.none()
    | st.builds(
        RunningHistory, weekly_km=st.none() | st.integers(0, 400), longest_run_km=st.none() | st.integers(0, 300)
    ),
    tried=st.frozensets(st.sampled_from(["ice", "band_pf", "heat"])),
    wants=st.frozensets(st.sampled_from(sorted(WANTS))),
    arch=st.sampled_from(ARCHES),
    measures=st.lists(
        st.builds(
            Measured,
            measure=st.sampled_from(["slhr_reps", "walk_min"]),
            value=st.integers(0, 100),
            on=st.none() | DAYS,
            pain_nrs=st.none() | st.integers(0, 10),
        ),
        max_size=2,
        unique_by=lambda measured: measured.measure,
    ).map(tuple),
    cleared_by=st.sampled_from(["", *CLEARERS]),
    time_zone=st.sampled_from(["Europe/London", "Asia/Tokyo"]),
)


@given(GOALS)
def test_goals_written_and_read_again_are_equal(goals: Goals) -> None:
    assert parse_goals(write_goals(goals), small_kb()) == goals


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(AnswerError, CaseFileError):
        parse_goals(raw, small_kb())
