"""Reasons are only what is true; what is open is listed apart."""

from datetime import date

from soleus.clinic.reasons import deciding_rules, unsettled_findings
from soleus.core.assessment import Assessment, Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.ids import FindingId, RuleId

D = Disposition


def rule(name, state, contributes, because=("x",)):
    return RuleOutcome(
        id=RuleId(name), state=state, contributes=contributes, because=tuple(FindingId(b) for b in because)
    )


def assessment(*rules, unanswered=()):
    triage = TriageResult(
        disposition=D.SAME_DAY,
        rules=rules,
        unanswered=tuple((FindingId(f), d) for f, d in unanswered),
        wells=WellsScore(points=0, counted=(), unknown=()),
    )
    return Assessment(
        disposition=D.SAME_DAY,
        triage=triage,
        floors=(),
        differential=None,
        next_questions=(),
        advice=(),
        withheld=(),
        conflicts=(),
        knowledge_version="1",
        input_hash="0",
        assessed_on=date(2026, 1, 1),
    )


def test_only_the_most_urgent_true_rules_are_reasons():
    result = assessment(
        rule("low", RuleState.FIRED, D.PHYSIO),
        rule("high", RuleState.FIRED, D.GP_ROUTINE),
        rule("silent", RuleState.FIRED, None),
        rule("open", RuleState.UNDETERMINED, D.SAME_DAY, ("a", "b")),
        rule("clear", RuleState.CLEAR, None),
        unanswered=[("c", D.SAME_DAY), ("d", D.PHYSIO)],
    )
    assert [r.id for r in deciding_rules(result.triage)] == ["high"]
    assert unsettled_findings(result) == ("c", "a", "b")


def test_without_a_true_rule_everything_open_counts():
    result = assessment(rule("open", RuleState.UNDETERMINED, D.PHYSIO, ("a",)), unanswered=[("d", D.PHYSIO)])
    assert deciding_rules(result.triage) == ()
    assert unsettled_findings(result) == ("d", "a")
