"""Whatever watch files say, no urgency falls, nothing said is lost, and merging is idempotent."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.clinic import assess
from soleus.clinic.evidence import answers_alone, case_evidence
from soleus.clinic.training_evidence import combined_likelihood, compare, lean_of, with_training
from soleus.core.assessment import RuleState
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.core.training import Coverage, TrainingReport
from soleus.differential import engine_for
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.triage import triage

KB = load_knowledge()
TODAY = date(2026, 11, 22)
ONSET = TODAY - timedelta(days=9)
BOOLEAN = sorted(name for name, item in KB.findings.items() if item.kind is Kind.BOOLEAN)
TRAINING = sorted(name for name, item in KB.findings.items() if "watch" in item.asked_of and item.kind is Kind.BOOLEAN)
MOST = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORIGINS = st.sampled_from([Origin.SELF_REPORT, Origin.SELF_REPORT, Origin.MEASURED, Origin.CLINICIAN])
NUMBERS = st.floats(0, 1) | st.sampled_from([0.0, 1.0, float("nan"), float("inf"), -0.5])


def values(definition: FindingDefinition) -> st.SearchStrategy[Answer]:
    if definition.kind is Kind.BOOLEAN:
        return st.sampled_from([False, False, True, None])
    if definition.kind is Kind.CHOICE:
        return st.sampled_from([*definition.options, None])
    return st.integers(int(definition.low or 0), int(definition.high or 10))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = draw(st.sets(st.sampled_from(sorted(KB.findings)), max_size=40))
    names |= draw(st.sets(st.sampled_from(TRAINING), max_size=6))
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
def reports(draw: st.DrawFn, names: list[str] = TRAINING) -> TrainingReport:
    """Any report, sound or damaged, about any yes/no finding it is allowed to name."""
    found = draw(st.lists(st.sampled_from([*names, "unheard_of"]), max_size=12))
    findings = tuple(
        Finding(
            id=FindingId(name),
            value=draw(st.sampled_from([True, False, None])),
            origin=Origin.MEASURED,
            likelihood=draw(st.none() | st.fixed_dictionaries({"true": NUMBERS, "false": NUMBERS})),
        )
        for name in found
    )
    coverage = Coverage(first_day=None, last_day=None, runs=0, days=0)
    return TrainingReport(onset_on=ONSET, coverage=coverage, changes=(), findings=findings)


@MOST
@given(cases(), reports(BOOLEAN))
def test_no_training_report_lowers_what_the_rules_say(case: Case, report: TrainingReport) -> None:
    """Not even a report about red flags: every rule contributes at least what it did, none that fired is cleared."""
    before = triage(case_evidence(case, TODAY), KB)
    after = triage(case_evidence(with_training(case, report, KB), TODAY), KB)
    assert after.disposition >= before.disposition
    always = {rule.id for rule in KB.rules if not hasattr(rule.when, "parts") and not hasattr(rule.when, "finding")}
    for was, now in zip(before.rules, after.rules, strict=True):
        if was.id not in always:
            assert (now.contributes or 0) >= (was.contributes or 0)
            assert not (was.state is RuleState.FIRED and now.state is not RuleState.FIRED)


@FEW
@given(cases(), reports())
def test_no_training_report_lowers_the_urgency_of_an_assessment(case: Case, report: TrainingReport) -> None:
    merged = with_training(case, report, KB)
    before, after = assess(case, KB, TODAY), assess(merged, KB, TODAY)
    assert after.disposition >= before.disposition
    assert after.triage.disposition >= before.triage.disposition
    assert set(after.problems) <= set(before.problems)
    if not report.findings:
        assert after == before


@MOST
@given(cases(), reports(BOOLEAN))
def test_everything_said_is_still_there(case: Case, report: TrainingReport) -> None:
    merged = with_training(case, report, KB)
    assert answers_alone(merged) == case
    assert all(finding.value is None for finding in merged.findings if finding.id not in case.findings)
    assert merged.findings.conflicts[: len(case.findings.conflicts)] == case.findings.conflicts
    for finding in case.findings:
        kept = merged.findings.get(finding.id)
        assert merged.findings.answer(finding.id) == finding.value, "triage reads exactly what was said"
        if finding.value is not None:
            assert kept.value == finding.value
            assert kept.origin is finding.origin
        if finding.origin is Origin.CLINICIAN and finding.value is not None:
            assert kept == finding


@MOST
@given(cases(), reports(), reports())
def test_merging_is_idempotent_and_the_last_report_counts(
    case: Case, first: TrainingReport, second: TrainingReport
) -> None:
    once = with_training(case, first, KB)
    assert with_training(once, first, KB) == once
    assert with_training(once, first, KB).findings.conflicts == once.findings.conflicts
    assert with_training(once, second, KB) == with_training(case, second, KB)


@FEW
@given(cases(), reports())
def test_the_differential_takes_whatever_comes_out(case: Case, report: TrainingReport) -> None:
    effect = compare(case, report, KB, TODAY)
    assert effect.after.problems == effect.before.problems
    assert all(0 <= moved.before <= 1 and 0 <= moved.after <= 1 for moved in effect.moved)


@given(st.booleans(), st.floats(0.02, 0.98), st.sampled_from(TRAINING))
def test_more_watch_evidence_never_speaks_less_for_presence(answer: bool, lean: float, name: str) -> None:
    definition = KB.findings[FindingId(name)]
    low = combined_likelihood(answer, {"true": lean, "false": 1 - lean}, definition)
    high = combined_likelihood(answer, {"true": min(1, lean + 0.01), "false": max(0, 0.99 - lean)}, definition)
    assert lean_of(high) >= lean_of(low) - 1e-12
    assert max(low.values()) == 1
    assert min(low.values()) >= 0


@FEW
@given(cases())
def test_a_report_that_leans_nowhere_moves_nothing(case: Case) -> None:
    """Next to no confidence in the files: the chances stay what they were."""
    coverage = Coverage(first_day=None, last_day=None, runs=0, days=0)
    findings = tuple(
        Finding(id=FindingId(n), value=None, origin=Origin.MEASURED, likelihood={"true": 0.5 + 1e-12, "false": 0.5})
        for n in TRAINING
    )
    report = TrainingReport(onset_on=ONSET, coverage=coverage, changes=(), findings=findings)
    measured = {f.id for f in case.findings if f.origin is Origin.MEASURED}
    plain = Case(
        runner=case.runner,
        findings=FindingSet(f for f in case.findings if f.id not in measured),
        onset_on=case.onset_on,
    )
    merged = with_training(plain, report, KB)
    before = engine_for(KB).posterior(case_evidence(plain, TODAY))
    after = engine_for(KB).posterior(case_evidence(merged, TODAY))
    assert all(abs(before[c] - after[c]) < 1e-6 for c in before)
