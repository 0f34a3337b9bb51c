"""What the result shows: numbers in 100, reasons, dangers, and five safety-net blocks with every result."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from soleus.clinic import assess
from soleus.clinic.referral import build_referral
from soleus.clinic.summary import SHOWN_CAUSES, Summary, how_sure, in_100, reasons, recheck_dates, summarise
from soleus.core.assessment import Cause, Differential, Disposition, PosteriorFloor, RuleOutcome, RuleState
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import ConditionId, FindingId, RuleId
from soleus.knowledge.base import Kind, KnowledgeBase

STRAIN: dict[str, Answer] = {
    "onset_type": "sudden_sharp",
    "time_since_onset": "1_3d",
    "pain_location": "upper_inner_calf",
    "walk_ability": "limp",
    "able_to_continue": False,
    "skin_red": None,
}


def case_of(kb: KnowledgeBase, *, facts: tuple[tuple[str, bool], ...] = (), **given: Answer) -> Case:
    no: dict[str, Answer] = {f: False for f, d in kb.findings.items() if d.critical_screen}
    return Case(
        runner=Runner(age_years=40, sex=Sex.MALE),
        findings=FindingSet(Finding(id=FindingId(f), value=v) for f, v in {**no, **given}.items()),
        facts=facts,
    )


def summary_of(kb: KnowledgeBase, today: date, **given: Answer) -> Summary:
    case = case_of(kb, **given)
    return summarise(assess(case, kb, today), case, kb)


def cause(name: str, probability: float, low: float = 0.0) -> Cause:
    return Cause(condition=ConditionId(name), probability=probability, low=low, high=1.0)


@pytest.mark.parametrize(
    ("shares", "whole"),
    [
        ([1.0], (100,)),
        ([1 / 3, 1 / 3, 1 / 3], (34, 33, 33)),
        ([0.005, 0.995], (1, 99)),
        ([0.285, 0.285, 0.43], (29, 28, 43)),
        ([2.0, 2.0], (50, 50)),
    ],
)
def test_natural_frequencies_make_100(shares: list[float], whole: tuple[int, ...]) -> None:
    assert in_100(shares) == whole
    assert sum(whole) == 100


@pytest.mark.parametrize(
    ("causes", "word"),
    [
        ([], "unknown"),
        ([cause("soleus_strain", 0.2)], "unknown"),
        ([cause("other_nonspecific", 0.9)], "unknown"),
        ([cause("soleus_strain", 0.3)], "open"),
        ([cause("soleus_strain", 0.5)], "leaning"),
        ([cause("soleus_strain", 0.8, low=0.1)], "leaning"),
        ([cause("soleus_strain", 0.8, low=0.5)], "fairly"),
    ],
)
def test_how_sure_in_words(causes: list[Cause], word: str, kb: KnowledgeBase) -> None:
    assert how_sure(causes) == f"summary.sure.{word}"
    assert how_sure(causes) in kb.text


def test_a_strain_in_full(kb: KnowledgeBase, today: date) -> None:
    summary = summary_of(kb, today, **STRAIN)
    assert 1 <= len(summary.causes) <= SHOWN_CAUSES
    assert sum(line.n for line in summary.causes) + summary.something_else == 100
    assert all(line.low <= line.n + 1 and line.n <= line.high + 1 for line in summary.causes)
    assert all(kb.conditions[line.condition].dangerous for line in summary.dangers)
    assert any(line.speaks_against for line in summary.dangers)
    assert not {line.condition for line in summary.causes} & {line.condition for line in summary.dangers}
    assert summary.changes
    assert len({change.finding for change in summary.changes}) == len(summary.changes)
    graded = [line for line in summary.causes if line.severity]
    assert graded
    assert all(sum(n for _, n in line.severity) == 100 for line in graded)
    assert {line.finding for line in summary.answers} >= {"age_band", "sex_at_birth", "onset_type"}


@pytest.mark.parametrize("given", [{}, STRAIN, {"breathless_sudden": True}, {"pain_escalating_despite_rest": True}])
def test_every_result_has_five_blocks_and_a_reason(given: dict[str, Answer], kb: KnowledgeBase, today: date) -> None:
    summary = summary_of(kb, today, **given)
    assert [block.title for block in summary.safety_net] == [
        f"safety_net.{name}.title" for name in ("uncertain", "emergency_if", "today_if", "expect", "ask_again")
    ]
    assert all(block.lines for block in summary.safety_net)
    assert summary.card.reasons
    card = summary.card
    for text in (card.title, card.how_soon, card.body, *(m.text for m in card.reasons)):
        assert text in kb.text


def test_all_wording_of_the_net_exists(kb: KnowledgeBase, today: date) -> None:
    summary = summary_of(kb, today)
    texts = [message.text for block in summary.safety_net for message in block.lines]
    assert all(text in kb.text for text in texts if not text.startswith("condition."))
    assert len([t for t in texts if t.startswith("safety_net.emergency_if.item.")]) >= 8


def test_recheck_dates(today: date) -> None:
    assert recheck_dates(today) == {
        "date_48h": "2026-11-24",
        "date_7d": "2026-11-29",
        "date_2w": "2026-12-06",
        "date": "2026-12-06",
    }


def test_without_a_differential_there_is_still_a_result(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, **STRAIN)
    broken = replace(
        assess(case, kb, today), differential=None, problems=("differential",), disposition=Disposition.SAME_DAY
    )
    summary = summarise(broken, case, kb)
    assert summary.causes == ()
    assert summary.something_else == 0
    assert len(summary.safety_net) == 5
    assert [m.text for m in summary.card.reasons] == ["summary.reason.problem"]
    assert "safety_net.uncertain.body_unknown" in [m.text for m in summary.safety_net[0].lines]
    assert build_referral(broken, case, kb).causes == ()


def test_reasons_name_every_layer(kb: KnowledgeBase, today: date) -> None:
    everything_no = {f: False for f, d in kb.findings.items() if d.kind is Kind.BOOLEAN and "runner" in d.asked_of}
    calm = assess(case_of(kb, **everything_no), kb, today)
    quiet = replace(
        calm, disposition=Disposition.SELF_CARE, triage=replace(calm.triage, rules=(), unanswered=()), floors=()
    )
    assert [m.text for m in reasons(quiet, kb)] == ["summary.reason.default"]
    assert len(summarise(quiet, case_of(kb), kb).safety_net[0].lines) == 1
    led = replace(quiet, disposition=Disposition.PHYSIO)
    assert [m.text for m in reasons(led, kb)] == ["summary.reason.leading"]
    floor = PosteriorFloor(
        conditions=(ConditionId("dvt"),), probability=0.031, threshold=0.02, disposition=Disposition.GP_ROUTINE
    )
    raised = replace(quiet, disposition=Disposition.GP_ROUTINE, floors=(floor,))
    assert reasons(raised, kb)[0].params == {"n": 3}
    unanswered = assess(Case(), kb, today)
    assert "summary.reason.unanswered" in [m.text for m in reasons(unanswered, kb)]


def test_a_suspicion_is_not_told_as_a_fact(kb: KnowledgeBase, today: date) -> None:
    calm = assess(case_of(kb), kb, today)
    suspected = RuleOutcome(
        id=RuleId("R31_dvt_unexplained"),
        state=RuleState.UNDETERMINED,
        contributes=Disposition.SAME_DAY,
        because=(FindingId("calf_warm"),),
    )
    raised = replace(
        calm, disposition=Disposition.SAME_DAY, triage=replace(calm.triage, rules=(suspected,), unanswered=())
    )
    assert [m.text for m in reasons(raised, kb)] == ["summary.reason.suspected"]
    assert "summary.reason.suspected" in kb.text


def test_an_overdose_is_named_as_the_reason(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, facts=(("staggered_overdose", True),), **STRAIN)
    assert "summary.reason.medicine" in [m.text for m in summarise(assess(case, kb, today), case, kb).card.reasons]


def test_a_cause_the_knowledge_has_lost_is_shown_without_sources(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, **STRAIN)
    lost = Differential(causes=(cause("long_gone", 0.9, low=0.8), cause("other_nonspecific", 0.1)), contributors=())
    summary = summarise(replace(assess(case, kb, today), differential=lost), case, kb)
    assert [line.sources for line in summary.causes] == [()]
    assert summary.something_else == 10
    referral = build_referral(replace(assess(case, kb, today), differential=lost), case, kb)
    assert referral.causes[0].condition == "long_gone"


def test_a_referral_keeps_no_and_dont_know_apart(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, facts=(("pad", True), ("asthma", False)), smoker=True, visible_cramp=True, **STRAIN)
    extra = [
        Finding(id=FindingId("not_in_vocabulary_of_letters"), value=False),
        Finding(id=FindingId("calf_warm"), value=True, origin=Origin.CLINICIAN),
    ]
    known = replace(case, findings=case.findings.merged(extra[1:]))
    assessment = assess(known, kb, today)
    letter = build_referral(assessment, replace(known, findings=known.findings.merged(extra[:1])), kb)
    assert [line.finding for line in letter.situation] == [
        "pain_location",
        "onset_type",
        "time_since_onset",
        "walk_ability",
    ]
    assert "smoker" in [line.finding for line in letter.background]
    assert {"visible_cramp", "calf_warm"} <= {line.finding for line in letter.present}
    assert next(line.origin for line in letter.present if line.finding == "calf_warm") == "clinician"
    assert "skin_red" in letter.unknown
    assert "skin_red" not in letter.absent
    assert "breathless_sudden" in letter.absent
    assert letter.facts == (("asthma", False), ("pad", True))
    assert letter.wells == assessment.triage.wells
    assert "pitting_oedema" in letter.unanswered
    assert len(letter.causes) == 5
    assert all(kb.conditions[c.condition].dangerous for c in letter.dangerous)
    assert letter.input_hash == assessment.input_hash


def test_a_referral_asks_for_what_the_rules_want(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, onset_type="rest_or_night", swelling_visible=True, calf_warm=True)
    letter = build_referral(assess(case, kb, today), case, kb)
    texts = [message.text for message in letter.requests]
    assert "rule.R31_dvt_unexplained.clinical" in texts
    assert texts[-1].startswith("condition.")
    assert letter.urgency >= Disposition.SAME_DAY
    assert {outcome.id for outcome in letter.fired} >= {"R31_dvt_unexplained"}
