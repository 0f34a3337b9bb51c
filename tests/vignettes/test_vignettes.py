"""Every vignette comes out as its author expects: rules (fires, near miss) and whole cases (causes, urgency)."""

from __future__ import annotations

from datetime import date

import pytest
from vignette_files import Vignette, build_case, given, read

from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.core.expression import Always
from soleus.core.finding import FindingSet, Origin
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase
from soleus.triage import triage

RULES = read("rules")
CONDITIONS = read("conditions")
TODAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load_knowledge()


def outcome(findings: FindingSet, rule: str, kb: KnowledgeBase) -> RuleOutcome:
    return next(o for o in triage(findings, kb).rules if o.id == rule)


@pytest.mark.parametrize("vignette", RULES, ids=lambda v: v.name)
def test_rule(vignette: Vignette, kb: KnowledgeBase) -> None:
    case = build_case(vignette, kb)
    result = triage(case.evidence(), kb)
    assert result.disposition.slug == vignette.expect["disposition"], vignette.why
    states = {str(o.id): o for o in result.rules}
    for rule in vignette.expect.get("red_flags", ()):
        assert states[rule].state is RuleState.FIRED, vignette.why
        assert states[rule].contributes is Disposition.from_slug(vignette.expect["adds"])
    for rule in vignette.expect.get("not_red_flags", ()):
        assert states[rule].state is not RuleState.FIRED, vignette.why


@pytest.mark.parametrize("vignette", RULES, ids=lambda v: v.name)
def test_each_further_line(vignette: Vignette, kb: KnowledgeBase) -> None:
    for line in vignette.also:
        findings = FindingSet(given(line, Origin.CLINICIAN))
        for rule in vignette.expect.get("red_flags", ()):
            assert outcome(findings, rule, kb).state is RuleState.FIRED, line
        for rule in vignette.expect.get("not_red_flags", ()):
            assert outcome(findings, rule, kb).state is not RuleState.FIRED, line
    urgency = {str(rule.id): rule.suspect_disposition for rule in kb.rules}
    for line in vignette.suspected:
        findings = FindingSet(given(line, Origin.CLINICIAN))
        for rule in vignette.expect["red_flags"]:
            assert outcome(findings, rule, kb).state is RuleState.UNDETERMINED, line
            assert outcome(findings, rule, kb).contributes is urgency[rule], line
    for line in vignette.not_suspected:
        findings = FindingSet(given(line, Origin.CLINICIAN))
        for rule in vignette.expect["not_red_flags"]:
            assert outcome(findings, rule, kb).contributes in (None, Disposition.PHYSIO), line


def test_every_rule_has_its_pair(kb: KnowledgeBase) -> None:
    names = {vignette.name for vignette in RULES}
    assert names == {f"{rule.id}_{kind}" for rule in kb.rules for kind in ("fires", "near_miss")}


def test_always_true_rules_are_the_default_only(kb: KnowledgeBase) -> None:
    assert [rule.id for rule in kb.rules if isinstance(rule.when, Always)] == ["R99_default"]


@pytest.mark.parametrize("vignette", CONDITIONS, ids=lambda v: v.name)
def test_condition(vignette: Vignette, kb: KnowledgeBase) -> None:
    clinic = pytest.importorskip("soleus.clinic.assess", reason="the clinic is not there yet")
    assessment = clinic.assess(build_case(vignette, kb), kb, TODAY)
    if "disposition_at_least" in vignette.expect:
        assert assessment.disposition >= Disposition.from_slug(vignette.expect["disposition_at_least"]), vignette.why
    if "disposition_at_most" in vignette.expect:
        assert assessment.disposition <= Disposition.from_slug(vignette.expect["disposition_at_most"]), vignette.why
    if "top" in vignette.expect:
        assert assessment.differential is not None
        top = vignette.expect["top"]
        leading = [str(cause.condition) for cause in assessment.differential.causes[: top["within"]]]
        assert set(leading) & set(top["conditions"]), (leading, vignette.why)
