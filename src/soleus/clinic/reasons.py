"""Why a disposition is what it is: the rules that fired for it, and what is still open."""

from __future__ import annotations

from soleus.core.assessment import Assessment, RuleOutcome, RuleState, TriageResult
from soleus.core.ids import FindingId


def deciding_rules(triage: TriageResult) -> tuple[RuleOutcome, ...]:
    """The rules that are true and ask for the highest urgency among the true ones, most urgent first.

    A rule that is only undetermined is never given as a reason: its wording would state what nobody said.
    """
    fired = [rule for rule in triage.fired if rule.contributes is not None]
    highest = max((rule.contributes for rule in fired if rule.contributes is not None), default=None)
    return tuple(rule for rule in fired if rule.contributes == highest)


def unsettled_findings(assessment: Assessment) -> tuple[FindingId, ...]:
    """What is not known and keeps the urgency up: must-ask questions first, then those of suspicious open rules."""
    fired = max((r.contributes for r in assessment.triage.fired if r.contributes is not None), default=None)
    names = [finding for finding, floor in assessment.triage.unanswered if fired is None or floor > fired]
    for rule in assessment.triage.rules:
        raises = rule.contributes is not None and (fired is None or rule.contributes > fired)
        if rule.state is RuleState.UNDETERMINED and raises:
            names += rule.because
    return tuple(dict.fromkeys(names))
