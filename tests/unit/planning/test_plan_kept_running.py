"""Who gets better never has to run less: easy running goes on while the gate is closed, and steps always lead on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from soleus.core.goals import DayWish, Goals, RunningHistory
from soleus.core.ids import FamilyId
from soleus.core.plan import PlanPhase, RunningPlan
from soleus.knowledge import load_knowledge
from soleus.planning.compose import _rested
from soleus.planning.running import KEPT_MODES, kept_mode, plan_running
from soleus.planning.schedule import ScheduleRequest, make_schedule

PLANS = load_knowledge().plans
START = date(2026, 11, 23)
USUAL = RunningHistory(weekly_km=30, runs_per_week=3, longest_run_km=12, easy_speed_mps=2.7)


def modes(family: str) -> list[str]:
    return [phase.run for phase in PLANS.families[FamilyId(family)].phases]


def phases_of(family: str, current: int) -> tuple[PlanPhase, ...]:
    return tuple(
        PlanPhase(
            id=item.id, text=item.text, number=number, entry=(), advance=(), step_back=(), stop=(), prescriptions=(),
            care=(), walk=None, run=item.run, cross=(), expected_days=item.expected_days, current=number == current,
        )
        for number, item in enumerate(PLANS.families[FamilyId(family)].phases)
    )  # fmt: skip


def running_of(family: str, phases: tuple[PlanPhase, ...], *, gate: bool) -> RunningPlan:
    current = next(phase for phase in phases if phase.current)
    made = plan_running(
        PLANS.programmes[PLANS.families[FamilyId(family)].programme], PLANS, Goals(), gate_state=(), cleared=gate,
        current=current, kept=kept_mode(phases, current.number),
    )  # fmt: skip
    return replace(made, open=gate)


def weeks_of(family: str, current: int, *, gate: bool, wants: tuple[str, ...] = (), **parts: Any) -> list[list[str]]:
    """Ids of the runs of each week."""
    phases = phases_of(family, current)
    goals = Goals(history=USUAL, wants=frozenset(wants), **parts)
    made = make_schedule(
        ScheduleRequest(
            starts_on=START, goals=goals, phases=phases, running=running_of(family, phases, gate=gate), knowledge=PLANS
        )
    )
    return [[item.workout.id for item in week.sessions if item.workout is not None] for week in made.weeks]


@pytest.mark.parametrize(
    ("family", "current", "kept"),
    [
        ("calf_overload", 1, "half"),
        ("achilles_mid", 2, "within_pain"),
        ("soleus_strain_g1", 3, "none"),
        ("mtss", 1, "none"),
    ],
)
def test_easy_running_of_the_phase_before_is_allowed_on_while_the_gate_is_closed(
    family: str, current: int, kept: str
) -> None:
    phases = phases_of(family, current)
    assert kept_mode(phases, current) == kept
    programme = PLANS.programmes[PLANS.families[FamilyId(family)].programme]
    closed = replace(programme, needs_clearance=True)
    made = plan_running(closed, PLANS, Goals(), gate_state=(), cleared=False, current=phases[current], kept=kept)
    assert not made.open
    assert made.allowed_now == ("programme" if kept == "none" else kept)
    opened = plan_running(programme, PLANS, Goals(), gate_state=(), cleared=True, current=phases[current], kept=kept)
    assert opened.allowed_now == "programme"


def test_who_wants_to_keep_running_does() -> None:
    weeks = weeks_of("calf_overload", 1, gate=False, wants=("keep_running",))
    assert [run.split(".")[0] for run in weeks[0]] == ["keep"] * 3
    assert all(run.startswith("build.") for run in weeks[1])


def test_who_does_not_wish_it_waits_for_the_gate() -> None:
    weeks = weeks_of("calf_overload", 1, gate=False)
    assert weeks[0] == []
    assert weeks[1][0] == "rtr_short.1"


def test_a_strain_never_keeps_running() -> None:
    assert weeks_of("soleus_strain_g1", 3, gate=False, wants=("keep_running",))[0] == []


@pytest.mark.parametrize("family", [name for name in PLANS.families if "programme" in modes(name)])
def test_an_open_gate_leads_to_the_steps_unless_easy_running_was_allowed_all_along(family: str) -> None:
    runs = modes(family)
    current = runs.index("programme")
    first = weeks_of(family, current, gate=True, wants=("keep_running",))[0][0]
    kept = any(run in KEPT_MODES for run in runs[:current])
    assert first.startswith("build." if kept else f"{PLANS.families[FamilyId(family)].programme}.1")


def test_after_a_cramp_running_goes_on_without_steps() -> None:
    assert all(run.startswith("build.") for run in weeks_of("cramp", 1, gate=True)[0])


def test_two_runs_a_week_leave_the_first_step_of_the_tendon_programme() -> None:
    days = tuple(DayWish(weekday=day, minutes=45) for day in (1, 3))
    weeks = weeks_of("achilles_ins", 2, gate=True, days=days)
    staged = [int(run.rsplit(".", 1)[1]) for week in weeks for run in week if run.startswith("rtr_at.")]
    assert staged == sorted(staged)
    assert staged[-1] == 9


def test_a_leg_that_rests_is_not_told_of_the_programme_while_the_gate_is_closed() -> None:
    family = PLANS.families[FamilyId("achilles_mid")]
    phases = phases_of("achilles_mid", 2)
    rested = tuple(replace(phase, run="none") if phase.run in KEPT_MODES else phase for phase in phases)
    for told, expected in ((phases, False), (rested, True)):
        assert _rested(SimpleNamespace(phases=told, current=told[2]), family) is expected  # type: ignore[arg-type]
    first = SimpleNamespace(phases=rested, current=None)
    assert not _rested(first, family)  # type: ignore[arg-type]
