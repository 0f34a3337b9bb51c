"""The cases of validation/plans.md, built from their files: what the text claims is what the plan says."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from soleus.clinic.plan import build_plan
from soleus.core.expression import Truth
from soleus.core.ids import SourceKey
from soleus.core.plan import Plan, PlanStatus, Prescription, SessionKind
from soleus.knowledge import load_knowledge
from soleus.readers.case_file import read_case
from soleus.readers.goals_file import read_goals

KB = load_knowledge()
TODAY = date(2026, 11, 23)
FOLDER = Path(__file__).parents[2] / "validation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the text says of one plan."""

    family: str
    phase: str
    pain: float
    programme: str
    open: bool
    allowed_now: str
    status: PlanStatus = PlanStatus.DRAFT
    also: tuple[str, ...] = ()
    doses: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Exercise of the current phase → sets, and the amount of one set."""
    waits: tuple[str, ...] = ()
    """Exercises of the current phase that wait for a test."""
    median_days: dict[str, int] = field(default_factory=dict)


CLAIMS = {
    "gastrocnemius_mild": Claim(
        family="gastrocnemius_strain_g1", phase="gas_g1_p4", pain=2, programme="rtr_short", open=True,
        allowed_now="programme",
        doses={"bent_knee_sl_raise_loaded": (3, "8"), "sl_heel_raise_loaded": (3, "8"), "pogo_sl": (3, "12"),
               "split_squat": (3, "8"), "side_plank": (2, "30 s")},
        waits=("strides",),
        median_days={"first_run": 14, "run_30_min": 23, "full_training": 45},
    ),
    "soleus_moderate": Claim(
        family="soleus_strain_g2", phase="sol_g2_p0", pain=2, programme="rtr_strain", open=False, allowed_now="none",
        doses={"ankle_pumps": (2, "20"), "iso_pf_seated_soleus": (4, "10 s")},
        median_days={"walk_without_limp": 14, "first_run": 31, "run_30_min": 63, "full_training": 95},
    ),
    "achilles_midportion": Claim(
        family="achilles_mid", phase="atm_p2", pain=5, programme="rtr_at", open=False, allowed_now="within_pain",
        doses={"dl_heel_raise_step": (3, "15"), "sl_heel_raise_step": (3, "10"), "seated_heel_raise_bw": (3, "15"),
               "quick_rebound_heel_raise": (3, "20")},
        median_days={"full_training": 84, "settled": 138},
    ),
    "mtss": Claim(
        family="mtss", phase="mts_p1", pain=2, programme="rtr_mtss_moen", open=True, allowed_now="programme",
        doses={"sl_heel_raise_floor": (3, "15"), "bent_knee_sl_raise": (3, "15"), "seated_heel_raise_loaded": (3, "10"),
               "lateral_band_walk": (3, "15")},
        median_days={"settled": 88},
    ),
    "bone_tibia": Claim(
        family="bsi_tibia", phase="bst_p0", pain=0, programme="", open=False, allowed_now="", also=("mtss",),
        status=PlanStatus.LOCKED,
        doses={"short_foot": (3, "10"), "glute_bridge": (3, "12"), "side_plank": (3, "30 s")},
        median_days={"full_training": 56},
    ),
    "bone_tibia.cleared": Claim(
        family="bsi_tibia", phase="bst_p2", pain=0, programme="rtr_bsi", open=True, allowed_now="programme",
        also=("mtss",),
        doses={"sl_heel_raise_loaded": (3, "8"), "seated_heel_raise_loaded": (3, "10"), "pogo_sl": (2, "10"),
               "split_squat": (3, "8"), "side_plank": (2, "30 s")},
        median_days={"full_training": 56},
    ),
    "overload_62": Claim(
        family="calf_overload", phase="ovl_p1", pain=3, programme="rtr_short", open=False, allowed_now="half",
        doses={"sl_heel_raise_floor": (3, "10 to 13"), "bent_knee_sl_raise": (3, "10 to 13"),
               "seated_heel_raise_loaded": (3, "10"), "tib_post_raise": (3, "12"), "pogo_dl": (2, "15")},
        waits=("cadence_drill",),
        median_days={"run_30_min": 15},
    ),
}  # fmt: skip


@cache
def plan_of(name: str) -> Plan:
    case = read_case(FOLDER / "plans" / f"{name.split('.')[0]}.yaml", KB)
    return build_plan(case, read_goals(FOLDER / "plans" / f"{name}.goals.yaml", KB), KB, TODAY)


def amount(item: Prescription) -> str:
    low, high = item.reps or item.hold_s or (0, 0)
    words = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return words if item.reps else f"{words} s"


@pytest.mark.parametrize("name", CLAIMS)
def test_the_plan_is_the_one_that_the_text_describes(name: str) -> None:
    plan, claim = plan_of(name), CLAIMS[name]
    assert plan.problems == ()
    assert plan.current is not None
    assert (plan.status, plan.family, plan.also_safe_for) == (claim.status, claim.family, claim.also)
    assert (plan.current.id, plan.pain_max_nrs) == (claim.phase, claim.pain)
    running = ("", False, "")
    if plan.running is not None:
        running = (str(plan.running.programme), plan.running.open, plan.running.allowed_now)
    assert running == (claim.programme, claim.open, claim.allowed_now)


@pytest.mark.parametrize("name", CLAIMS)
def test_key_exercises_have_the_doses_of_the_text(name: str) -> None:
    plan, claim = plan_of(name), CLAIMS[name]
    assert plan.current is not None
    given = {str(item.exercise): item for item in plan.current.prescriptions}
    assert {key: (given[key].sets, amount(given[key])) for key in claim.doses} == claim.doses
    assert all(item.pain_max_nrs <= claim.pain for item in given.values())
    for exercise in claim.waits:
        assert any(state.truth is not Truth.TRUE for state in given[exercise].start_when), exercise


@pytest.mark.parametrize("name", CLAIMS)
def test_times_are_those_of_the_text(name: str) -> None:
    plan, claim = plan_of(name), CLAIMS[name]
    found = {item.milestone: round(item.median_days) for item in plan.forecasts}
    assert {key: found[key] for key in claim.median_days} == claim.median_days


def test_the_locked_bone_plan_holds_nothing_that_loads_the_leg() -> None:
    plan = plan_of("bone_tibia")
    assert [phase.id for phase in plan.phases] == ["bst_p0"]
    assert not any(KB.plans.exercises[item.exercise].loads_calf for item in plan.phases[0].prescriptions)
    assert (plan.running, plan.weeks) == (None, ())
    assert not any(KB.plans.measures[measure].unsafe_codes for measure in plan.to_measure)
    assert {"energy_check", "nutrition_energy"} <= {str(item.advice.id) for item in plan.care}
    assert not {"paracetamol", "ibuprofen", "ibuprofen_gel"} & {str(item.advice.id) for item in plan.care}


def test_running_after_the_bone_takes_six_weeks_to_forty_minutes_and_never_two_days_in_a_row() -> None:
    plan = plan_of("bone_tibia.cleared")
    weeks = [round(week.run_min) for week in plan.weeks]
    assert weeks[:6] == [20, 40, 64, 84, 95, 115]
    days = sorted(session.on for session in plan.sessions if session.kind is SessionKind.RUN)
    assert all((after - before).days >= 2 for before, after in pairwise(days))


@pytest.mark.parametrize(
    ("name", "minutes"), [("gastrocnemius_mild", [32, 59, 79]), ("mtss", [16, 16, 24, 24, 32, 36])]
)
def test_the_first_weeks_of_running_are_those_of_the_text(name: str, minutes: list[int]) -> None:
    assert [round(week.run_min) for week in plan_of(name).weeks[: len(minutes)]] == minutes


def test_only_the_tendon_and_the_overload_run_before_their_gate_opens() -> None:
    early = {
        name: [s.workout.id for s in plan_of(name).weeks[0].sessions if s.workout is not None]
        for name in CLAIMS
        if plan_of(name).weeks and not CLAIMS[name].open
    }
    assert early["soleus_moderate"] == []
    for name in ("achilles_midportion", "overload_62"):
        assert early[name]
        assert all(run.startswith("keep.") for run in early[name])


def test_the_strain_phases_open_in_the_order_of_the_text() -> None:
    plan = plan_of("soleus_moderate")
    assert [phase.run for phase in plan.phases] == ["none", "none", "none", "none", "programme", "full"]
    springs = plan.phases[3]
    assert {"quick_rebound_heel_raise", "pogo_dl"} <= {str(item.exercise) for item in springs.prescriptions}
    waits = {str(s.criterion.measure): s.target for p in plan.phases[4:5] for s in p.entry}
    assert waits["pogo_contacts"] == 60


def test_an_older_runner_is_measured_against_his_age() -> None:
    plan = plan_of("overload_62")
    assert plan.current is not None
    target = next(s.target for s in plan.current.advance if s.criterion.measure == "slhr_reps")
    assert target == 13


def test_the_text_names_every_case_and_only_sources_that_exist() -> None:
    text = (FOLDER / "plans.md").read_text(encoding="utf-8")
    for name in CLAIMS:
        assert f"`{name}" in text, name
    cited = set(re.findall(r"`([a-z_]+[0-9]{4}[a-z]*)`", text))
    assert len(cited) > 15
    assert cited <= set(map(str, KB.sources))
    for key in cited:
        found = re.search(rf"`{key}`,\s+doi:([^\s,;)]+)", text)
        if found:
            assert found[1] in KB.sources[SourceKey(key)].locator, key
