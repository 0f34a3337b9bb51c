"""Whatever films, heel raises and foot checks say: no urgency falls, no advice is released, nothing said is lost."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.clinic import assess
from soleus.clinic.evidence import answers_alone, case_evidence
from soleus.clinic.film_evidence import Films, film_findings, with_films
from soleus.clinic.plan import build_plan
from soleus.clinic.training_evidence import with_training
from soleus.core.assessment import RuleState
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet, Observation, Refusal
from soleus.core.goals import Goals, Measured
from soleus.core.ids import FindingId, MeasureId, TextId
from soleus.core.measurement import Grade, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.plan import PlanStatus
from soleus.core.recording import Facing, View
from soleus.core.training import Coverage, TrainingReport
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.triage import triage

KB = load_knowledge()
TODAY = date(2026, 11, 22)
ONSET = TODAY - timedelta(days=9)
BOOLEAN = sorted(name for name, item in KB.findings.items() if item.kind is Kind.BOOLEAN)
VIDEO = sorted(name for name, item in KB.findings.items() if "video" in item.asked_of)
WATCH = sorted(name for name, item in KB.findings.items() if "watch" in item.asked_of and item.kind is Kind.BOOLEAN)
MOST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORIGINS = st.sampled_from([Origin.SELF_REPORT, Origin.SELF_REPORT, Origin.MEASURED, Origin.CLINICIAN])
NUMBERS = st.floats(0, 1) | st.sampled_from([0.0, 1.0, float("nan"), float("inf"), -0.5])
NONE = Unavailable(reason=Message(text=TextId("gait.refusal.no_scale")))


def values(definition: FindingDefinition) -> st.SearchStrategy[Answer]:
    if definition.kind is Kind.BOOLEAN:
        return st.sampled_from([False, False, True, None])
    if definition.kind is Kind.CHOICE:
        return st.sampled_from([*definition.options, None])
    return st.integers(int(definition.low or 0), int(definition.high or 10))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = draw(st.sets(st.sampled_from(sorted(KB.findings)), max_size=40))
    names |= draw(st.sets(st.sampled_from(VIDEO), max_size=3))
    findings = [
        Finding(id=FindingId(name), value=draw(values(KB.findings[name])), origin=draw(ORIGINS))
        for name in sorted(names)
    ]
    calm = [] if draw(st.booleans()) else [n for n, d in KB.findings.items() if d.critical_screen and n not in names]
    findings += [Finding(id=FindingId(name), value=False) for name in calm]
    return Case(
        runner=Runner(age_years=draw(st.none() | st.floats(18, 80)), sex=draw(st.sampled_from(Sex))),
        findings=FindingSet(findings),
        onset_on=draw(st.sampled_from([None, ONSET])),
    )


@st.composite
def soft_findings(draw: st.DrawFn, names: list[str]) -> tuple[Finding, ...]:
    """Sound or damaged evidence about any yes/no finding, allowed or not."""
    found = draw(st.lists(st.sampled_from([*names, "unheard_of"]), max_size=8))
    return tuple(
        Finding(
            id=FindingId(name),
            value=draw(st.sampled_from([True, False, None])),
            origin=Origin.MEASURED,
            likelihood=draw(st.none() | st.fixed_dictionaries({"true": NUMBERS, "false": NUMBERS})),
        )
        for name in found
    )


@st.composite
def gaits(draw: st.DrawFn, names: list[str] = VIDEO) -> GaitReport:
    refused = Refusal(code="blurred", reason=Message(text=TextId("gait.refusal.blurred")))
    shown = draw(st.sets(st.sampled_from([*KB.gait.observations, "unheard_of"]), max_size=3))
    return GaitReport(
        view=View.SIDE,
        facing=Facing.RIGHT,
        fps=60,
        duration_s=10,
        slow_motion=1,
        slow_motion_from="none",
        model="made-up",
        quality=None,
        refusals=draw(st.sampled_from([(), (), (refused,)])),
        observations=tuple(
            Observation(id=name, says=Message(text=TextId("gait.observation.forefoot")), strength="low")
            for name in sorted(shown)
        ),
        findings=draw(soft_findings(names)),
    )


@st.composite
def heel_raises(draw: st.DrawFn, names: list[str] = VIDEO) -> HeelRaiseReport:
    reps = draw(st.integers(0, 60))
    counted = Measurement(
        value=reps, unit="raises", low=reps, high=reps + draw(st.integers(0, 4)), grade=Grade.RELIABLE
    )
    done = HeelRaiseSet(
        side=draw(st.sampled_from(Side)),
        raises=(),
        count=draw(st.sampled_from([counted, NONE])),
        attempted=reps,
        stopped_by="end_of_clip",
        peak_height_cm=NONE,
        peak_height_ratio=NONE,
        total_displacement_cm=NONE,
        total_displacement_ratio=NONE,
        work_index_j=NONE,
        fatigue_index_pct=NONE,
        rate_per_min=NONE,
        norm_low=draw(st.none() | st.floats(4, 31)),
    )
    measures = (Measured(measure=MeasureId("slhr_reps"), value=float(reps), on=TODAY),)
    return HeelRaiseReport(
        sets=(done,),
        affected=draw(st.sampled_from([None, *Side])),
        findings=draw(soft_findings(names)),
        measures=draw(st.sampled_from([(), measures])),
    )


@st.composite
def checks(draw: st.DrawFn) -> dict[str, str | float]:
    answers: dict[str, str | float] = {}
    for name, check in KB.gait.foot_checks.items():
        options = st.sampled_from([option.id for option in check.options])
        given_: st.SearchStrategy[str | float] = options if check.kind == "choice" else st.floats(-20, 60)
        if draw(st.booleans()):
            answers[name] = draw(given_)
    return answers


def watch(findings: tuple[Finding, ...]) -> TrainingReport:
    coverage = Coverage(first_day=None, last_day=None, runs=0, days=0)
    return TrainingReport(onset_on=ONSET, coverage=coverage, changes=(), findings=findings)


@MOST
@given(cases(), gaits(BOOLEAN), heel_raises(BOOLEAN), checks())
def test_triage_never_reads_a_film(
    case: Case, gait: GaitReport, heel: HeelRaiseReport, feet: dict[str, str | float]
) -> None:
    merged = with_films(case, gait, heel, KB, foot_checks=feet)
    before, after = triage(case_evidence(case, TODAY), KB), triage(case_evidence(merged, TODAY), KB)
    assert after.disposition >= before.disposition
    always = {rule.id for rule in KB.rules if not hasattr(rule.when, "parts") and not hasattr(rule.when, "finding")}
    for was, now in zip(before.rules, after.rules, strict=True):
        if was.id not in always:
            assert (now.contributes or 0) >= (was.contributes or 0)
            assert not (was.state is RuleState.FIRED and now.state is not RuleState.FIRED)


@FEW
@given(cases(), gaits(), heel_raises(), checks(), soft_findings(WATCH))
def test_no_film_lowers_an_urgency_or_releases_advice(
    case: Case,
    gait: GaitReport,
    heel: HeelRaiseReport,
    feet: dict[str, str | float],
    ran: tuple[Finding, ...],
) -> None:
    """Neither beside the answers alone nor beside answers and watch files; nor watch files beside films."""
    filmed = with_films(case, gait, heel, KB, foot_checks=feet)
    both = with_training(filmed, watch(ran), KB)
    plain = assess(case, KB, TODAY)
    for less, more in ((case, filmed), (with_training(case, watch(ran), KB), both), (filmed, both)):
        before, after = assess(less, KB, TODAY), assess(more, KB, TODAY)
        assert after.disposition >= before.disposition >= plain.disposition
        assert after.triage.disposition >= before.triage.disposition
        assert set(after.problems) <= set(before.problems)
        assert not {item.id for item in after.advice} & {item.id for item in before.withheld}


@MOST
@given(cases(), gaits(BOOLEAN), heel_raises(BOOLEAN), checks())
def test_everything_said_is_still_there(
    case: Case, gait: GaitReport, heel: HeelRaiseReport, feet: dict[str, str | float]
) -> None:
    merged = with_films(case, gait, heel, KB, foot_checks=feet)
    assert answers_alone(merged) == case
    assert with_films(merged, None, None, KB) == case
    assert all(finding.value is None for finding in merged.findings if finding.id not in case.findings)
    for finding in case.findings:
        kept = merged.findings.get(finding.id)
        assert kept is not None
        assert kept.value == finding.value, "triage reads exactly what was said"
        if finding.origin is Origin.CLINICIAN and finding.value is not None:
            assert kept == finding


@MOST
@given(cases(), gaits(), gaits(), heel_raises(), soft_findings(WATCH))
def test_adding_twice_is_once_and_the_last_film_counts(
    case: Case, first: GaitReport, second: GaitReport, heel: HeelRaiseReport, ran: tuple[Finding, ...]
) -> None:
    once = with_films(case, first, heel, KB)
    assert with_films(once, first, heel, KB) == once
    assert with_films(once, first, heel, KB).findings.conflicts == once.findings.conflicts
    assert with_films(once, second, None, KB) == with_films(case, second, None, KB)
    either = with_training(once, watch(ran), KB)
    assert either == with_films(with_training(case, watch(ran), KB), first, heel, KB), "in any order"
    assert with_films(either, None, None, KB) == with_training(case, watch(ran), KB)


@MOST
@given(gaits(BOOLEAN), heel_raises(BOOLEAN), checks())
def test_what_comes_out_is_usable_evidence_of_a_film(
    gait: GaitReport, heel: HeelRaiseReport, feet: dict[str, str | float]
) -> None:
    for finding in film_findings(Films(gait=gait, heel_raise=heel, foot_checks=feet), KB):
        assert "video" in KB.findings[finding.id].asked_of
        assert finding.value is None
        assert set(finding.likelihood or {}) == {"true", "false"}


@FEW
@given(cases(), gaits(), heel_raises(), checks())
def test_no_film_opens_a_plan_that_was_not_open(
    case: Case, gait: GaitReport, heel: HeelRaiseReport, feet: dict[str, str | float]
) -> None:
    """Withheld stays withheld; advice on the way of running comes with running only."""
    films = Films(gait=gait, heel_raise=heel, foot_checks=feet)
    before = build_plan(case, Goals(), KB, TODAY)
    after = build_plan(with_films(case, gait, heel, KB, foot_checks=feet), Goals(), KB, TODAY, films=films)
    assert after.disposition >= before.disposition
    if before.status is PlanStatus.WITHHELD:
        assert after.status is PlanStatus.WITHHELD
    new = {item.advice.id for item in after.technique} - {item.advice.id for item in before.technique}
    running = {phase.id for phase in after.phases if phase.run != "none"}
    for item in after.technique:
        if item.advice.id in new and item.category == "technique":
            assert item.phases
            assert set(item.phases) <= running
