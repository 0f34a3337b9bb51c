"""Urgency is ordered, results can be looked into."""

from soleus.core.assessment import Cause, Differential, Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.ids import ConditionId, RuleId


def test_dispositions_are_ordered_by_urgency():
    slugs = ["self_care", "physio", "gp_routine", "same_day", "emergency_now", "call_ambulance"]
    assert [d.slug for d in sorted(Disposition)] == slugs
    assert [Disposition.from_slug(s) for s in slugs] == list(Disposition)


def test_fired_rules_and_probabilities_are_found():
    rules = [RuleOutcome(id=RuleId(state.value), state=state, contributes=None, because=()) for state in RuleState]
    wells = WellsScore(points=0, counted=(), unknown=())
    result = TriageResult(disposition=Disposition.PHYSIO, rules=tuple(rules), unanswered=(), wells=wells)
    assert [rule.id for rule in result.fired] == ["fired"]
    cause = Cause(condition=ConditionId("dvt"), probability=0.2, low=0.1, high=0.3)
    differential = Differential(causes=(cause,), contributors=())
    assert differential.probability(ConditionId("dvt")) == 0.2
    assert differential.probability(ConditionId("gout")) == 0.0
