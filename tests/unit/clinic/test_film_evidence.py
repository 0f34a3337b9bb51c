"""Films, heel-raise tests and foot checks as soft evidence, and what a plan reads of them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from soleus.clinic import assess
from soleus.clinic.assess import weaker_assessments
from soleus.clinic.evidence import FROM_FILM, FROM_FOOT_CHECK, FROM_HEEL_RAISE, FROM_WATCH, added_pieces, answers_alone
from soleus.clinic.film_evidence import (
    FEW_RAISES,
    Films,
    arch_of,
    chosen_option,
    compare_films,
    film_findings,
    filmed,
    ruled_out,
    with_films,
    with_tests,
)
from soleus.clinic.plan import build_plan
from soleus.clinic.soft_evidence import lean_of
from soleus.clinic.training_evidence import compare, with_training
from soleus.core.case import Case, Runner, Sex
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet, Observation, Refusal
from soleus.core.goals import Goals, Measured
from soleus.core.ids import ExerciseId, FindingId, MeasureId, TextId
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import Facing, View
from soleus.core.training import Coverage, TrainingReport
from soleus.readers.case_file import read_case
from soleus.readers.goals_file import read_goals

ONSET = date(2026, 11, 3)
FOREFOOT = FindingId("video_forefoot_strike")
STEPS = FindingId("video_low_cadence_overstride")
PRONATION = FindingId("video_excess_pronation")
RATIO = FindingId("video_heel_raise_ratio_low")
LOAD = FindingId("recent_load_increase")
NONE = Unavailable(reason=Message(text=TextId("gait.refusal.no_scale")))


def soft(name, lean, **more):
    return Finding(
        id=FindingId(name), value=None, origin=Origin.MEASURED, likelihood={"true": lean, "false": 1 - lean}, **more
    )


def film(*findings, observations=(), refusals=()):
    return GaitReport(
        view=View.SIDE,
        facing=Facing.LEFT,
        fps=120,
        duration_s=12,
        slow_motion=1,
        slow_motion_from="none",
        model="made-up",
        quality=None,
        refusals=refusals,
        observations=observations,
        findings=findings,
    )


def seen(name):
    return Observation(id=name, says=Message(text=TextId(f"gait.observation.{name}")), strength="moderate")


def count(value, low=None, high=None):
    return Measurement(
        value=value,
        unit="raises",
        low=value if low is None else low,
        high=value if high is None else high,
        grade=Grade.RELIABLE,
        count=int(value),
    )


def raises(side, reps, norm_low=18.0, **more):
    return HeelRaiseSet(
        side=side,
        raises=(),
        count=count(reps) if isinstance(reps, int) else reps,
        attempted=0,
        stopped_by="end_of_clip",
        peak_height_cm=NONE,
        peak_height_ratio=NONE,
        total_displacement_cm=NONE,
        total_displacement_ratio=NONE,
        work_index_j=NONE,
        fatigue_index_pct=NONE,
        rate_per_min=NONE,
        norm_reps=24.0,
        norm_low=norm_low,
        **more,
    )


def heel(*sets, affected=Side.LEFT, **more):
    return HeelRaiseReport(sets=sets, affected=affected, **more)


def training(*findings):
    return TrainingReport(
        onset_on=ONSET,
        coverage=Coverage(first_day=date(2026, 6, 1), last_day=date(2026, 11, 1), runs=60, days=154),
        changes=(),
        findings=findings,
    )


def case_of(*findings, **more):
    return Case(findings=FindingSet(findings), onset_on=ONSET, **more)


def said(name, value, origin=Origin.SELF_REPORT):
    return Finding(id=FindingId(name), value=value, origin=origin)


def test_without_films_the_case_is_the_same(kb, today):
    case = case_of(said(LOAD, True))
    assert with_films(case, None, None, kb) is case
    effect = compare_films(case, film(), heel(), kb, today)
    assert effect.before == effect.after == assess(case, kb, today)
    assert (effect.moved, effect.added, effect.conflicts) == ((), (), ())


def test_what_a_film_shows_has_no_value_and_says_where_it_comes_from(kb):
    merged = with_films(case_of(), film(soft(FOREFOOT, 0.85)), heel(findings=(soft(RATIO, 0.9),)), kb)
    assert {finding.id: (finding.value, finding.note) for finding in merged.findings} == {
        FOREFOOT: (None, FROM_FILM),
        RATIO: (None, FROM_HEEL_RAISE),
    }
    assert answers_alone(merged) == case_of()


def test_a_refused_film_says_nothing(kb):
    refused = film(
        soft(FOREFOOT, 0.85),
        observations=(seen("forefoot"),),
        refusals=(Refusal(code="blurred", reason=Message(text=TextId("gait.refusal.blurred"))),),
    )
    assert film_findings(Films(gait=refused), kb) == ()
    assert filmed(refused, kb) == frozenset()


def test_only_findings_that_a_film_is_asked_for_are_taken(kb):
    assert film_findings(Films(gait=film(soft("calf_warm", 0.01), soft(LOAD, 0.9))), kb) == ()


def test_watch_and_films_stand_beside_each_other_in_any_order(kb, today):
    case = case_of(said(LOAD, False))
    watch, gait = training(soft(LOAD, 0.9)), film(soft(FOREFOOT, 0.85))
    one = with_films(with_training(case, watch, kb), gait, None, kb)
    two = with_training(with_films(case, gait, None, kb), watch, kb)
    assert one.findings == two.findings
    assert {piece.note for piece in added_pieces(one)} == {FROM_WATCH, FROM_FILM}
    assert answers_alone(one) == case
    assert with_films(one, None, None, kb) == with_training(case, watch, kb), "films out, watch stays"
    assert with_training(one, training(), kb) == with_films(case, gait, None, kb), "watch out, films stay"
    assert len(weaker_assessments(one, kb, today)) == 3
    assert len(weaker_assessments(with_films(case, gait, None, kb), kb, today)) == 1
    assert weaker_assessments(case, kb, today) == ()
    effect = compare_films(with_training(case, watch, kb), gait, None, kb, today)
    assert effect.before == assess(with_training(case, watch, kb), kb, today)
    assert effect.after == assess(one, kb, today)
    assert compare(one, watch, kb, today).after == effect.after


def test_two_kinds_of_evidence_for_one_finding_are_multiplied_and_come_apart_again(kb):
    films = Films(gait=film(soft(PRONATION, 0.6)), foot_checks={"heel_photo": "leans_in"})
    merged = with_films(case_of(), films.gait, None, kb, foot_checks=films.foot_checks)
    (finding,) = merged.findings
    assert [part.note for part in finding.parts] == [FROM_FILM, FROM_FOOT_CHECK]
    odds = 0.6 / 0.4 * 0.62 / 0.38
    assert lean_of(finding.likelihood) == pytest.approx(odds / (1 + odds))
    assert answers_alone(merged) == case_of()
    assert with_films(merged, films.gait, None, kb, foot_checks=films.foot_checks) == merged
    (alone,) = with_films(merged, films.gait, None, kb).findings
    assert (alone.parts, lean_of(alone.likelihood)) == ((), pytest.approx(0.6))


def test_an_answer_beside_two_kinds_of_evidence_stays_in_force(kb):
    case = case_of(said(PRONATION, True), said(FOREFOOT, None))
    gait = film(soft(PRONATION, 0.3), soft(FOREFOOT, 0.85))
    merged = with_films(case, gait, None, kb, foot_checks={"navicular_drop": 16})
    both = merged.findings.get(PRONATION)
    assert (both.value, [part.note for part in both.parts]) == (True, ["", FROM_FILM, FROM_FOOT_CHECK])
    unsure = merged.findings.get(FOREFOOT)
    assert (unsure.value, unsure.note, lean_of(unsure.likelihood)) == (None, FROM_FILM, pytest.approx(0.85))
    assert answers_alone(merged) == case


def test_a_piece_that_the_others_rule_out_is_left_out_of_the_product(kb):
    case = case_of()
    merged = with_films(case, film(soft(PRONATION, 0.0)), None, kb, foot_checks={"heel_photo": "leans_in"})
    assert lean_of(merged.findings.get(PRONATION).likelihood) == 0.0
    certain = replace(soft(PRONATION, 0.5), likelihood={"true": 0.0, "false": 1.0})
    other = case_of(replace(certain, likelihood={"true": 1.0, "false": 0.0}))
    kept = with_films(other, film(certain), None, kb).findings.get(PRONATION)
    assert lean_of(kept.likelihood) == 1.0


def test_a_clinician_wins_outright(kb, today):
    examined = said(RATIO, False, Origin.CLINICIAN)
    merged = with_films(case_of(examined), None, heel(findings=(soft(RATIO, 0.9),)), kb)
    assert merged.findings.get(RATIO) == examined
    effect = compare_films(case_of(examined), None, heel(findings=(soft(RATIO, 0.9),)), kb, today)
    assert [conflict.kept for conflict in effect.conflicts] == [examined]


def test_what_moved_names_the_film(kb, today):
    case = case_of(said("onset_type", "gradual_one_run"), said("pain_location", "lower_deep_calf"))
    effect = compare_films(case, None, heel(raises(Side.LEFT, 3), findings=(soft(RATIO, 0.95),)), kb, today)
    assert effect.moved
    assert {finding.id for finding in effect.added} == {RATIO}
    weakness = next(moved for moved in effect.moved if moved.condition == "calf_weakness")
    assert weakness.after > weakness.before
    assert any(RATIO in moved.because for moved in effect.moved)


def test_a_piece_about_a_finding_that_is_gone_is_dropped(kb):
    old = case_of(soft("gone_with_the_last_knowledge", 0.9, note=FROM_FILM), said(LOAD, True))
    assert with_films(old, None, heel(findings=(soft(RATIO, 0.9),)), kb).findings.get(LOAD).value is True
    watched = with_training(old, training(soft(LOAD, 0.9)), kb)
    assert {finding.id for finding in watched.findings} == {LOAD}


# --- heel raises and foot checks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("reps", "at_least", "at_most"), [(5, 0.9, 0.95), (18, 0.4, 0.6), (30, 0.05, 0.1)])
def test_few_raises_are_told_from_the_norm(kb, reps, at_least, at_most):
    (finding,) = film_findings(Films(heel_raise=heel(raises(Side.LEFT, reps))), kb) or (None,)
    lean = 0.5 if finding is None else lean_of(finding.likelihood)
    assert at_least <= lean <= at_most


@pytest.mark.parametrize(
    ("reps", "ratio", "told"),
    [(5, 0.9, {RATIO}), (5, 0.1, {RATIO, FEW_RAISES}), (30, 0.1, {RATIO}), (30, 0.5, {FEW_RAISES})],
)
def test_the_same_raises_are_one_witness_where_they_say_the_same(kb, reps, ratio, told):
    report = heel(raises(Side.LEFT, reps), findings=(soft(RATIO, ratio),))
    assert {finding.id for finding in film_findings(Films(heel_raise=report), kb)} == told


@pytest.mark.parametrize(
    "report",
    [
        heel(raises(Side.RIGHT, 3)),
        heel(raises(Side.LEFT, 3), affected=None),
        heel(raises(Side.LEFT, 3, norm_low=None)),
        heel(raises(Side.LEFT, NONE)),
        heel(
            raises(Side.LEFT, 3),
            cautions=(Message(text=TextId("heel_raise.caution.badly_done"), params={"side": "left"}),),
        ),
        heel(
            raises(Side.LEFT, 3),
            cautions=(Message(text=TextId("heel_raise.caution.side_differs"), params={"side": "left"}),),
        ),
        heel(
            raises(Side.LEFT, 3, refusals=(Refusal(code="heel_not_seen", reason=Message(text=TextId("x"))),)),
        ),
    ],
)
def test_without_the_sore_leg_a_norm_or_a_count_nothing_is_said(kb, report):
    assert film_findings(Films(heel_raise=report), kb) == ()


def test_foot_checks_lean_a_little_and_tell_the_arch(kb):
    assert film_findings(Films(foot_checks={"shoe_wear": "worn_through", "wet_print": "flat"}), kb) == ()
    answers = {"heel_photo": "leans_in", "navicular_drop": 17.0, "shoe_tilt": "leans_in", "unheard_of": "x"}
    (finding,) = film_findings(Films(foot_checks=answers), kb)
    assert (finding.id, finding.note, lean_of(finding.likelihood)) == (PRONATION, FROM_FOOT_CHECK, pytest.approx(0.62))
    assert arch_of({"wet_print": "high"}, kb) == "high"
    assert arch_of({"wet_print": "unsure"}, kb) == "unknown"
    assert arch_of({}, kb) == "unknown"


@pytest.mark.parametrize(
    ("check", "answer", "option"),
    [
        ("navicular_drop", 9.9, "small"),
        ("navicular_drop", 10, "between"),
        ("navicular_drop", 15, "large"),
        ("navicular_drop", 99, None),
        ("navicular_drop", float("nan"), None),
        ("wet_print", 3.0, None),
        ("wet_print", "flat", "flat"),
        ("wet_print", "gone", None),
    ],
)
def test_an_answer_finds_its_option(kb, check, answer, option):
    found = chosen_option(kb.gait.foot_checks[check], answer)
    assert (None if found is None else found.id) == option


# --- the plan ----------------------------------------------------------------------------------------------------


def test_a_film_shows_for_certain_only_what_its_observations_say(kb):
    gait = film(soft(FOREFOOT, 0.85), observations=(seen("forefoot"), seen("rearfoot"), seen("unheard_of")))
    assert filmed(gait, kb) == {FOREFOOT}
    assert filmed(film(soft(FOREFOOT, 0.85)), kb) == frozenset()
    assert filmed(None, kb) == frozenset()


@pytest.mark.parametrize(("lean", "out"), [(0.15, {FOREFOOT}), (0.19, set()), (0.5, set()), (0.85, set())])
def test_only_certain_absence_rules_out(kb, lean, out):
    assert ruled_out(film(soft(FOREFOOT, lean), soft(PRONATION, 0.01)), kb) == out


def test_a_refused_film_rules_nothing_out(kb):
    refused = Refusal(code="blurred", reason=Message(text=TextId("gait.refusal.blurred")))
    assert ruled_out(film(soft(FOREFOOT, 0.15), refusals=(refused,)), kb) == frozenset()
    assert ruled_out(None, kb) == frozenset()


def overloaded(kb, **more):
    path = Path(__file__).resolve().parents[3] / "examples" / "plans"
    case = read_case(path / "calf_overload.yaml", kb)
    extra = [said(name, value, Origin.CLINICIAN) for name, value in more.items()]
    return replace(case, findings=case.findings.merged(extra)), read_goals(path / "calf_overload.goals.yaml", kb)


def drills(plan):
    return {item.exercise for phase in plan.phases for item in phase.prescriptions}


def test_a_film_of_a_heel_first_landing_takes_out_the_drill_against_the_other(kb, today):
    case, goals = overloaded(kb)
    drill = ExerciseId("heel_strike_offload")
    assert drill in drills(build_plan(case, goals, kb, today))
    landing = film(soft(FOREFOOT, 0.15))
    merged = with_films(case, landing, None, kb)
    plan = build_plan(merged, goals, kb, today, films=Films(gait=landing))
    assert drill not in drills(plan)
    assert ExerciseId("cadence_drill") in drills(plan)
    unsure = film(soft(FOREFOOT, 0.4))
    assert drill in drills(build_plan(case, goals, kb, today, films=Films(gait=unsure)))
    examined, _ = overloaded(kb, video_forefoot_strike=True)
    assert drill in drills(build_plan(examined, goals, kb, today, films=Films(gait=landing)))


WAYS = {"forefoot": (FOREFOOT, "technique_flatter"), "long_slow_steps": (STEPS, "technique_cadence")}


def way_of_running(plan):
    return {item.advice.id for item in plan.technique if item.category == "technique"}


@pytest.mark.parametrize("name", WAYS)
def test_advice_on_the_way_of_running_needs_a_film_that_is_sure(kb, today, name):
    case, goals = overloaded(kb)
    finding, advice = WAYS[name]
    assert advice not in way_of_running(build_plan(case, goals, kb, today))
    for gait, given in (
        (film(soft(finding, 0.8), observations=(seen(name),)), True),
        (film(soft(finding, 0.8)), False),
    ):
        plan = build_plan(with_films(case, gait, None, kb), goals, kb, today, films=Films(gait=gait))
        assert plan.running.open
        assert (advice in way_of_running(plan)) is given


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("fresh", [{"onset_type": "sudden_sharp"}, {"walk_ability": "limp"}])
def test_never_in_a_fresh_injury_or_with_a_limp(kb, today, name, fresh):
    case, goals = overloaded(kb, **fresh)
    finding, advice = WAYS[name]
    gait = film(soft(finding, 0.8), observations=(seen(name),))
    plan = build_plan(with_films(case, gait, None, kb), goals, kb, today, films=Films(gait=gait))
    assert advice not in way_of_running(plan)


def test_the_goals_take_the_measures_and_the_arch(kb):
    done = Measured(measure=MeasureId("slhr_reps"), value=12.0, on=ONSET, pain_nrs=1.0)
    films = Films(heel_raise=heel(measures=(done,)), foot_checks={"wet_print": "flat"})
    goals = with_tests(Goals(), films, kb)
    assert (goals.measures, goals.arch) == ((done,), "flat")
    assert with_tests(goals, films, kb) is goals
    assert with_tests(Goals(arch="high"), films, kb).arch == "high", "what the runner states stays"
    assert with_tests(Goals(), Films(), kb) == Goals()


SAFE = {"sex": Sex.FEMALE, "age_years": 34.0}


def calm(kb, **answers):
    """A slow soleus strain six weeks ago, every must-ask question denied."""
    findings = [said(name, False) for name, item in kb.findings.items() if item.critical_screen]
    told = {
        "onset_type": "gradual_one_run",
        "pain_location": "lower_deep_calf",
        "time_since_onset": "2_6w",
        "walk_ability": "normal",
        **answers,
    }
    findings = [finding for finding in findings if finding.id not in told]
    return Case(
        runner=Runner(**SAFE),
        findings=FindingSet([*findings, *(said(name, value) for name, value in told.items())]),
        onset_on=date(2026, 10, 10),
    )


def test_a_plan_reads_the_test_and_the_hash_knows_the_film(kb, today):
    case = calm(kb)
    done = Measured(measure=MeasureId("slhr_reps"), value=12.0, on=today, pain_nrs=1.0)
    plain = build_plan(case, Goals(), kb, today)
    tested = build_plan(case, Goals(), kb, today, films=Films(heel_raise=heel(measures=(done,))))
    assert done in tested.goals.measures
    assert tested.input_hash != plain.input_hash
    showing = film(observations=(seen("forefoot"),))
    assert build_plan(case, Goals(), kb, today, films=Films(gait=showing)).input_hash != plain.input_hash
    assert build_plan(case, Goals(), kb, today, films=Films()).input_hash == plain.input_hash
