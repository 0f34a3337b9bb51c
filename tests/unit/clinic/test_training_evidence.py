"""Watch files as soft evidence: nothing said is lost, nothing gets less urgent, twice is once."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from soleus.clinic import assess
from soleus.clinic.evidence import FROM_WATCH, answers_alone
from soleus.clinic.referral import build_referral
from soleus.clinic.summary import reasons, summarise
from soleus.clinic.training_evidence import (
    combined_likelihood,
    compare,
    lean_of,
    watch_findings,
    with_training,
)
from soleus.core.assessment import Disposition
from soleus.core.case import Case
from soleus.core.errors import AnswerError
from soleus.core.finding import Finding, FindingConflict, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.core.training import Coverage, TrainingReport
from soleus.differential import engine_for
from soleus.differential.build import noise_matrix
from soleus.knowledge.base import ProbabilityFloor

ONSET = date(2026, 11, 3)
LOAD = FindingId("recent_load_increase")
SPIKE = FindingId("watch_single_run_spike")
HILLS = FindingId("hills_speed_increase")


def seen(name, lean, value=None):
    return Finding(
        id=FindingId(name), value=value, origin=Origin.MEASURED, likelihood={"true": lean, "false": 1 - lean}
    )


def report(*findings):
    coverage = Coverage(first_day=date(2026, 6, 1), last_day=date(2026, 11, 1), runs=60, days=154)
    return TrainingReport(onset_on=ONSET, coverage=coverage, changes=(), findings=findings)


def case_of(*findings, onset_on=ONSET):
    return Case(findings=FindingSet(findings), onset_on=onset_on)


def said(name, value, origin=Origin.SELF_REPORT, **more):
    return Finding(id=FindingId(name), value=value, origin=origin, **more)


def test_a_report_without_findings_changes_nothing(kb, today):
    case = case_of(said(LOAD, False))
    assert with_training(case, report(), kb) is case
    effect = compare(case, report(), kb, today)
    assert effect.before == effect.after == assess(case, kb, today)
    assert (effect.moved, effect.added, effect.conflicts) == ((), (), ())


def test_what_nobody_was_asked_comes_from_the_watch_and_stays_unknown_for_triage(kb):
    merged = with_training(
        case_of(), report(seen(SPIKE, 0.95, True), seen(HILLS, 0.6), seen("watch_weekly_spike", 0.05, False)), kb
    )
    assert [finding.value for finding in merged.findings] == [None, None, None]
    assert merged.findings.get(HILLS).likelihood == {"true": 0.6, "false": 0.4}
    assert lean_of(merged.findings.get(SPIKE).likelihood) == pytest.approx(0.95)
    assert all(finding.note == FROM_WATCH for finding in merged.findings)


def test_an_answer_survives_even_a_store_that_forgot_the_pieces(kb):
    case = case_of(said(LOAD, True), said(HILLS, None))
    merged = with_training(case, report(seen(LOAD, 0.9), seen(HILLS, 0.9), seen(SPIKE, 0.9)), kb)
    forgot = replace(merged, findings=FindingSet(replace(finding, parts=()) for finding in merged.findings))
    assert answers_alone(forgot).findings == FindingSet([said(LOAD, True)])


@pytest.mark.parametrize("value", [True, False])
def test_the_runners_answer_stays_in_force_with_both_pieces_kept(kb, value):
    answer = said(LOAD, value)
    merged = with_training(case_of(answer), report(seen(LOAD, 0.7)), kb)
    finding = merged.findings.get(LOAD)
    assert (finding.value, finding.origin) == (value, Origin.SELF_REPORT)
    assert finding.parts[0] == answer
    assert finding.parts[1].note == FROM_WATCH
    assert not merged.findings.conflicts


@pytest.mark.parametrize(("value", "lean"), [(False, 0.9), (True, 0.1)])
def test_a_clear_disagreement_is_kept_and_shown(kb, value, lean):
    merged = with_training(case_of(said(LOAD, value)), report(seen(LOAD, lean)), kb)
    (conflict,) = merged.findings.conflicts
    assert conflict.kept == said(LOAD, value)
    assert conflict.overruled.value is not value
    assert assess(merged, kb, date(2026, 11, 22)).conflicts == (conflict,)


def test_a_watch_that_says_nothing_leaves_the_differential_as_it_was(kb):
    case = case_of(said(LOAD, True), said(HILLS, False))
    assert with_training(case, report(seen(LOAD, 0.5), seen(HILLS, 0.5), seen(SPIKE, 0.5)), kb) is case
    nearly = 0.5 + 1e-12
    merged = with_training(case, report(seen(LOAD, nearly), seen(HILLS, nearly), seen(SPIKE, nearly)), kb)
    before, after = (engine_for(kb).posterior(c.findings) for c in (case, merged))
    assert after == pytest.approx(before, abs=1e-9)


def test_agreement_strengthens_and_disagreement_weakens_an_answer(kb):
    definition = kb.findings[LOAD]
    assert combined_likelihood(False, {"true": 0.5, "false": 0.5}, definition) == pytest.approx(
        {"false": 1.0, "true": 0.0}, abs=1e-9
    )
    against = combined_likelihood(False, {"true": 0.9, "false": 0.1}, definition)
    assert against["true"] > 0.5
    # By hand: noise 0.05 / 0.10, L = (0.95·0.1, 0.10·0.9) = (0.095, 0.09); solving N v = L gives v below.
    assert against["true"] / against["false"] == pytest.approx(0.0760 / 0.0810, rel=1e-6)
    with_it = combined_likelihood(True, {"true": 0.9, "false": 0.1}, definition)
    assert with_it == pytest.approx({"false": 0.0, "true": 1.0}, abs=1e-9), "never surer than a plain answer"


@pytest.mark.parametrize("name", [LOAD, HILLS, "surface_change", "shoe_or_strike_change", "high_volume"])
@pytest.mark.parametrize(("value", "lean"), [(False, 0.6), (False, 0.9), (True, 0.4), (True, 0.1)])
def test_the_combination_is_the_posterior_of_two_independent_witnesses(kb, name, value, lean):
    """Against the model's own margins, by hand: P(cause) Σ_t P(t | cause) P(answer | t) P(files | t)."""
    engine = engine_for(kb)
    table = next(item for item in engine.model.findings if item.id == name)
    both = noise_matrix(table.definition)[:, int(value)] * np.array([1 - lean, lean])
    wanted = engine.model.prior * (table.truth @ both)
    merged = with_training(case_of(said(name, value)), report(seen(name, lean)), kb)
    assert min(merged.findings.get(FindingId(name)).likelihood.values()) > 0, "nothing was cut off"
    found = engine.posterior(merged.findings)
    for cause, share in zip(engine.model.causes, wanted / wanted.sum(), strict=True):
        assert found[cause] == pytest.approx(share, abs=1e-9)


def test_an_answer_that_says_nothing_leaves_the_files_to_speak(kb):
    noisy = replace(kb.findings[LOAD], false_present=0.5, false_absent=0.5)
    assert combined_likelihood(True, {"true": 0.9, "false": 0.3}, noisy) == pytest.approx({"true": 1.0, "false": 1 / 3})


def test_a_clinicians_finding_wins_outright_but_the_disagreement_is_shown(kb):
    finding = said(LOAD, False, Origin.CLINICIAN)
    merged = with_training(case_of(finding), report(seen(LOAD, 0.95, True)), kb)
    assert merged.findings.get(LOAD) == finding
    assert [c.kept for c in merged.findings.conflicts] == [finding]
    soft = said(LOAD, None, Origin.CLINICIAN, likelihood={"true": 0.3, "false": 0.7})
    assert with_training(case_of(soft), report(seen(LOAD, 0.95, True)), kb).findings.get(LOAD) == soft


def test_i_dont_know_leaves_the_watch_to_speak_and_comes_back_unchanged(kb):
    case = case_of(said(LOAD, None))
    merged = with_training(case, report(seen(LOAD, 0.9, True)), kb)
    assert merged.findings.answer(LOAD) is None
    assert merged.findings.get(LOAD).likelihood == {"true": 0.9, "false": pytest.approx(0.1)}
    assert answers_alone(merged) == case


def test_soft_answers_are_multiplied(kb):
    case = case_of(said(LOAD, None, likelihood={"true": 0.6, "false": 0.4}))
    merged = with_training(case, report(seen(LOAD, 0.9)), kb)
    assert merged.findings.get(LOAD).likelihood == pytest.approx({"true": 0.54, "false": 0.04})
    certain = case_of(said(LOAD, None, likelihood={"true": 0.0, "false": 1.0}))
    opposite = report(replace(seen(LOAD, 1.0), likelihood={"true": 1.0}))
    kept = with_training(certain, opposite, kb).findings.get(LOAD)
    assert kept.likelihood == {"true": 0.0, "false": 1.0}, "impossible together: what was said stays"


def test_a_stated_figure_of_the_same_watch_is_no_second_witness(kb):
    case = case_of(said(SPIKE, True, Origin.MEASURED))
    finding = with_training(case, report(seen(SPIKE, 0.3)), kb).findings.get(SPIKE)
    assert finding.value is True
    assert finding.likelihood == {"true": 0.3, "false": 0.7}


def test_a_damaged_answer_is_left_as_it_is(kb):
    case = case_of(said(LOAD, "nonsense"))
    assert with_training(case, report(seen(LOAD, 0.9)), kb).findings == case.findings


def test_merging_twice_is_once_and_a_new_report_replaces_the_old(kb):
    case = case_of(said(LOAD, False), said(HILLS, None), said("high_volume", True, Origin.CLINICIAN))
    first = report(seen(LOAD, 0.9), seen(HILLS, 0.7), seen(SPIKE, 0.9, True), seen("high_volume", 0.1))
    once = with_training(case, first, kb)
    twice = with_training(once, first, kb)
    assert twice == once
    assert twice.findings.conflicts == once.findings.conflicts
    assert len(once.findings.conflicts) == 2
    second = report(seen(LOAD, 0.3))
    assert with_training(once, second, kb) == with_training(case, second, kb)
    assert answers_alone(once) == case
    assert answers_alone(once).findings.conflicts == ()


def test_other_conflicts_are_kept(kb):
    older = FindingConflict(kept=said(HILLS, True, Origin.CLINICIAN), overruled=said(HILLS, False))
    case = replace(case_of(), findings=FindingSet([older.kept], conflicts=[older]))
    merged = with_training(case, report(seen(SPIKE, 0.9, True)), kb)
    assert merged.findings.conflicts == (older,)
    assert answers_alone(merged).findings.conflicts == (older,)


def test_another_onset_day_is_refused(kb):
    with pytest.raises(AnswerError, match="onset_on"):
        with_training(case_of(onset_on=date(2026, 11, 4)), report(), kb)
    assert SPIKE in with_training(case_of(onset_on=None), report(seen(SPIKE, 0.9, True)), kb).findings


@pytest.mark.parametrize(
    "damaged",
    [
        said("unheard_of", True, Origin.MEASURED, likelihood={"true": 1.0, "false": 0.0}),
        said("dark_urine", True, Origin.MEASURED, likelihood={"true": 1.0, "false": 0.0}),
        said("pain_quality", None, Origin.MEASURED, likelihood={"true": 1.0, "false": 0.0}),
        said(LOAD, True, Origin.MEASURED),
        said(LOAD, None, Origin.MEASURED, likelihood={"true": 0.0, "false": 0.0}),
        said(LOAD, None, Origin.MEASURED, likelihood={"true": float("nan"), "false": 0.5}),
        said(LOAD, None, Origin.MEASURED, likelihood={"true": float("inf"), "false": 0.5}),
        said(LOAD, None, Origin.MEASURED, likelihood={"true": -0.1, "false": 0.5}),
        said(LOAD, None, Origin.MEASURED, likelihood={"maybe": 1.0}),
    ],
)
def test_what_is_no_likelihood_says_nothing(kb, damaged):
    assert watch_findings(report(damaged), kb) == ()


def test_of_several_changes_for_one_finding_the_strongest_counts(kb):
    low, high = seen(LOAD, 0.4), seen(LOAD, 0.9, True)
    for order in ((low, high), (high, low)):
        (kept,) = watch_findings(report(*order), kb)
        assert lean_of(kept.likelihood) == pytest.approx(0.9)


def test_what_moved_is_named_with_the_evidence_that_moved_it(kb, today):
    case = case_of(said("pain_location", "upper_inner_calf"))
    effect = compare(case, report(seen(SPIKE, 0.97, True), seen(LOAD, 0.9, True)), kb, today)
    assert effect.after == assess(with_training(case, report(*effect.added), kb), kb, today)
    load = next(moved for moved in effect.moved if moved.condition == "training_load_error")
    assert load.contributor
    assert load.after > load.before
    assert set(load.because) == {SPIKE, LOAD}
    sizes = [abs(moved.after - moved.before) for moved in effect.moved]
    assert sizes == sorted(sizes, reverse=True)
    contribution = next(c for c in effect.after.differential.causes[0].contributions if c.finding == LOAD)
    assert contribution.soft.likelihood == {"true": 0.9, "false": pytest.approx(0.1)}


def test_a_failed_differential_moves_nothing(kb, today):
    broken = case_of(said("unheard_of", True))
    effect = compare(broken, report(seen(SPIKE, 0.97, True)), kb, today)
    assert effect.after.differential is None
    assert effect.moved == ()
    assert effect.after.disposition >= Disposition.SAME_DAY


def floored(kb, case, condition):
    """A knowledge base in which this cause asks for the same day exactly when it is as likely as in this case."""
    chance = engine_for(kb).posterior(case.findings)[condition]
    floor = ProbabilityFloor(conditions=(condition,), threshold=chance - 1e-9, disposition=Disposition.CALL_AMBULANCE)
    return replace(kb, floors=(floor,))


def test_watch_files_that_make_a_dangerous_cause_less_likely_do_not_make_it_less_urgent(kb, today):
    case = case_of(said("pain_location", "upper_inner_calf"))
    jump = report(seen(SPIKE, 0.98, True), seen(LOAD, 0.98, True), seen("watch_weekly_spike", 0.98, True))
    strict = floored(kb, case, "dvt")
    merged = with_training(case, jump, strict)
    before, after = assess(case, strict, today), assess(merged, strict, today)
    assert after.differential.probability("dvt") < before.differential.probability("dvt")
    assert not after.floors
    assert before.floors
    assert after.disposition is before.disposition is Disposition.CALL_AMBULANCE
    assert after.kept_up
    assert not before.kept_up
    assert "summary.reason.answers_alone" in {message.text for message in reasons(after, strict)}
    assert {item.id for item in after.advice} <= {item.id for item in before.advice}


def test_the_summary_lists_what_was_said_and_the_letter_what_was_measured(kb, today):
    case = case_of(said(LOAD, False), said(HILLS, None), said("pop_or_snap", False))
    merged = with_training(case, report(seen(LOAD, 0.9), seen(HILLS, 0.9, True), seen(SPIKE, 0.6)), kb)
    result = assess(merged, kb, today)
    summary = summarise(result, merged, kb)
    assert [(line.finding, line.value, line.soft) for line in summary.answers] == [
        (LOAD, False, None),
        (HILLS, None, None),
        ("pop_or_snap", False, None),
    ]
    letter = build_referral(result, merged, kb)
    assert {line.finding for line in letter.soft} == {LOAD, HILLS, SPIKE}
    assert not letter.unknown
