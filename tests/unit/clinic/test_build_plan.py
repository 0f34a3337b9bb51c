"""From a case to a plan: assessment, running history, the safety net."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import soleus
from soleus.clinic import plan as plan_module
from soleus.clinic.plan import build_plan, plan_hash, plan_situation, with_earlier_tests, with_history
from soleus.core.assessment import Disposition
from soleus.core.case import Case, Runner, Sex
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.goals import DayWish, Goals, Measured, RunningHistory
from soleus.core.ids import MeasureId
from soleus.core.plan import Plan, PlanStatus
from soleus.core.training import Coverage, SessionSpike, TrainingReport, Week
from soleus.readers.goals_file import read_goals

KB = soleus.load_knowledge()
TODAY = date(2026, 11, 23)
EXAMPLES = Path(__file__).parents[3] / "examples"
CASES = sorted(path.stem for path in EXAMPLES.glob("*.yaml") if path.stem != "goals")


def example(name: str) -> Case:
    return soleus.read_case(EXAMPLES / f"{name}.yaml", KB)


@pytest.mark.parametrize("name", CASES)
def test_every_example_gets_an_answer_without_a_fault(name: str) -> None:
    plan = build_plan(example(name), Goals(), KB, TODAY)
    assert plan.problems == ()
    assert plan.why
    assert plan.see or plan.status is PlanStatus.DRAFT
    assert bool(plan.phases) == (plan.status in {PlanStatus.DRAFT, PlanStatus.LOCKED})


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("dvt_after_flight", PlanStatus.WITHHELD),
        ("emergency_compartment", PlanStatus.WITHHELD),
        ("fibular_stress_fracture", PlanStatus.LOCKED),
        ("chronic_exertional_compartment", PlanStatus.NO_SELF_PLAN),
        ("slow_soleus_strain", PlanStatus.DRAFT),
    ],
)
def test_what_kind_of_answer(name: str, status: PlanStatus) -> None:
    assert build_plan(example(name), Goals(), KB, TODAY).status is status


def test_every_text_of_a_plan_is_worded() -> None:
    for name in CASES:
        plan = build_plan(example(name), Goals(), KB, TODAY)
        messages = [*plan.why, *plan.see, *plan.assumed]
        messages += [why for phase in plan.phases for item in phase.prescriptions for why in item.because]
        messages += [item.load for phase in plan.phases for item in phase.prescriptions if item.load]
        missing = {item.text for item in messages if item.text not in KB.text}
        missing |= {
            value
            for item in messages
            for value in item.params.values()
            if isinstance(value, str) and value not in KB.text
        }
        assert not missing, name


def test_an_assessment_at_hand_gives_the_same_plan() -> None:
    case = example("slow_soleus_strain")
    made = build_plan(case, Goals(), KB, TODAY, assessment=soleus.assess(case, KB, TODAY))
    assert made == build_plan(case, Goals(), KB, TODAY)


def test_a_revision_supersedes() -> None:
    case = example("slow_soleus_strain")
    first = build_plan(case, Goals(), KB, TODAY)
    second = build_plan(case, Goals(days=(DayWish(weekday=0, minutes=60),)), KB, TODAY, previous=first)
    assert (first.id, first.revision + 1) == (second.id, second.revision)
    assert first.input_hash != second.input_hash


def test_two_good_days_given_one_at_a_time_lead_on() -> None:
    plans = EXAMPLES / "plans"
    case, told = soleus.read_case(plans / "calf_overload.yaml", KB), read_goals(plans / "calf_overload.goals.yaml", KB)

    def day(number: int, previous: Plan | None, slhr: float = 30) -> Plan:
        on = TODAY + timedelta(days=number)
        given = {item.measure: replace(item, on=on, pain_nrs=None) for item in told.measures}
        given |= {MeasureId("slhr_reps"): Measured(measure=MeasureId("slhr_reps"), value=slhr, on=on)}
        goals = replace(told, starts_on=None, measures=tuple(given.values()))
        return build_plan(case, goals, KB, on, previous=previous)

    first = build_plan(case, replace(told, measures=()), KB, TODAY)
    one = day(0, first)
    assert (first.current.number, one.current.number) == (0, 0)  # type: ignore[union-attr]
    assert day(1, one).current.number == 0  # type: ignore[union-attr]
    two = day(2, one)
    assert two.current.number == 1  # type: ignore[union-attr]
    assert len(two.goals.measures) == 2 * len(one.goals.measures)
    # A result taken back, an old one and one of another case stay away.
    assert with_earlier_tests(Goals(), one, KB, TODAY) == Goals()
    assert with_earlier_tests(told, one, KB, TODAY) == told
    assert with_earlier_tests(two.goals, one, KB, TODAY + timedelta(days=2)) == two.goals
    assert day(15, one).goals.measures == day(15, None).goals.measures
    assert day(2, replace(one, id="plan-of-another")).goals.measures == day(2, None).goals.measures


def test_the_hash_does_not_hang_on_the_order_of_sets() -> None:
    assessment = soleus.assess(example("slow_soleus_strain"), KB, TODAY)
    kit = ("gym", "band", "bike")
    hashes = {
        plan_hash(assessment, Goals(kit=frozenset(order), starts_on=TODAY), None)  # type: ignore[arg-type]
        for order in (kit, kit[::-1])
    }
    assert len(hashes) == 1


def test_a_failure_ends_in_get_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(plan_module, "compose_plan", fail)
    case = example("slow_soleus_strain")
    plan = build_plan(case, Goals(), KB, TODAY)
    assert (plan.status, plan.disposition, plan.problems) == (PlanStatus.WITHHELD, Disposition.SAME_DAY, ("plan",))
    assert [item.text for item in plan.see] == ["plan.see.same_day"]
    again = build_plan(case, Goals(), KB, TODAY, previous=plan)
    assert (again.id, again.revision) == (plan.id, 2)
    urgent = example("emergency_compartment")
    worse = build_plan(urgent, Goals(), KB, TODAY, assessment=soleus.assess(urgent, KB, TODAY))
    assert worse.disposition is Disposition.EMERGENCY_NOW


def test_watch_files_do_not_make_a_danger_less_likely() -> None:
    case = example("slow_soleus_strain")
    watch = Finding(
        id="recent_load_increase",  # type: ignore[arg-type]
        value=None,
        origin=Origin.MEASURED,
        likelihood={"true": 1.0, "false": 0.05},
        note="watch",
    )
    merged = replace(case, findings=case.findings.without("recent_load_increase").merged([watch]))  # type: ignore[arg-type]
    assessment = soleus.assess(merged, KB, TODAY)
    situation = plan_situation(merged, Goals(), KB, TODAY, assessment)
    assert assessment.differential is not None
    for cause in assessment.differential.causes:
        assert situation.probability([cause.condition]) >= cause.probability


def test_an_onset_ahead_is_no_onset() -> None:
    case = replace(example("slow_soleus_strain"), onset_on=TODAY + timedelta(days=1))
    situation = plan_situation(case, Goals(), KB, TODAY, soleus.assess(case, KB, TODAY))
    assert situation.onset_on is None
    past = replace(case, onset_on=TODAY - timedelta(days=5))
    assert plan_situation(past, Goals(), KB, TODAY, soleus.assess(past, KB, TODAY)).days_since_onset == 5


def test_a_failed_differential_withholds() -> None:
    case = example("slow_soleus_strain")
    assessment = replace(soleus.assess(case, KB, TODAY), differential=None)
    assert build_plan(case, Goals(), KB, TODAY, assessment=assessment).status is PlanStatus.WITHHELD


# --- running before the pain -------------------------------------------------------------------------------------
def week(last: date, km: float, *, complete: bool = True) -> Week:
    return Week(
        first_day=last - timedelta(days=6),
        last_day=last,
        runs=3,
        distance_m=km * 1000,
        hilly_m=0,
        longest_run_m=0,
        ascent_m=None,
        moving_s=km * 400,
        calf_load=None,
        fast_s=None,
        easy_s=None,
        complete=complete,
    )


def spike(days_before: int, km: float) -> SessionSpike:
    return SessionSpike(
        run_key=str(days_before),
        day=TODAY - timedelta(days=days_before),
        distance_m=km * 1000,
        reference_m=None,
        ratio=None,
        category="reference",
        hazard_ratio=None,
    )


def report(enough: bool = True, weeks: tuple[Week, ...] = (), spikes: tuple[SessionSpike, ...] = ()) -> TrainingReport:
    coverage = Coverage(first_day=None, last_day=None, runs=10, days=90, enough=enough)
    return TrainingReport(onset_on=TODAY, coverage=coverage, changes=(), findings=(), weeks=weeks, spikes=spikes)


WEEKS = tuple(
    week(TODAY - timedelta(days=1 + 7 * ago), km) for ago, km in ((5, 90), (3, 20), (2, 30), (1, 30), (0, 40))
)


def test_the_usual_week_and_the_longest_run_come_from_the_files() -> None:
    found = with_history(
        Goals(), report(weeks=WEEKS, spikes=(spike(0, 30), spike(3, 12), spike(30, 18), spike(31, 25))), KB
    )
    assert found.history == RunningHistory(
        weekly_km=30, runs_per_week=3, longest_run_km=18, easy_speed_mps=2.5, from_watch=True
    )


def test_what_files_leave_open_the_runner_fills() -> None:
    said = Goals(history=RunningHistory(weekly_km=25, runs_per_week=4, longest_run_km=12, easy_speed_mps=3))
    assert with_history(said, report(enough=False, weeks=WEEKS), KB) == said
    assert with_history(said, report(), KB).history == said.history
    partial = with_history(said, report(weeks=(week(TODAY, 10, complete=False), week(TODAY, 0))), KB)
    assert partial.history == RunningHistory(
        weekly_km=0, runs_per_week=3, longest_run_km=12, easy_speed_mps=3, from_watch=True
    )


def test_a_report_reaches_the_plan() -> None:
    plan = build_plan(example("slow_soleus_strain"), Goals(), KB, TODAY, report=report(weeks=WEEKS))
    assert plan.goals.history is not None
    assert plan.goals.history.weekly_km == 30


def test_tests_of_the_runner_reach_the_plan() -> None:
    goals = Goals(
        measures=(Measured(measure="pain_walk_nrs", value=0, on=TODAY), Measured(measure="limp", value=False, on=TODAY))
    )  # type: ignore[arg-type]
    case = example("slow_soleus_strain")
    before, after = build_plan(case, Goals(), KB, TODAY), build_plan(case, goals, KB, TODAY)
    assert before.current is not None
    assert after.current is not None
    assert after.current.number > before.current.number


def test_an_empty_case_gets_no_plan() -> None:
    assert build_plan(Case(), Goals(), KB, TODAY).status is PlanStatus.WITHHELD
    known = Case(runner=Runner(age_years=30, sex=Sex.MALE), findings=FindingSet())
    assert build_plan(known, Goals(), KB, TODAY).status is PlanStatus.WITHHELD


def test_the_facade_has_it() -> None:
    assert soleus.build_plan is build_plan
    assert soleus.Goals is Goals
