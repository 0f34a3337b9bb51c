"""What triage may believe of the evidence: typed answers, what they imply, and what does not apply."""

from __future__ import annotations

import math
from collections.abc import Mapping

from soleus.core.expression import Answer, Truth, evaluate
from soleus.core.finding import FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge.base import FindingDefinition, Kind

_ABSENT: Mapping[Kind, Answer] = {
    Kind.BOOLEAN: False,
    Kind.CHOICE: frozenset(),
    Kind.INTEGER: -math.inf,
    Kind.NUMBER: -math.inf,
}
"""Answers that make every atom over such a finding false."""


class Answers:
    """Look-up for triage; `answer` is what the rules see, `stated` only what was really said or measured.

    1. An answer of the wrong type, an option the vocabulary does not know, an empty set and NaN are unknown:
       a damaged answer must not pass for "no".
    2. A finding nobody asked about is absent when a present finding says so (`implies_absent`) or when its
       question certainly does not apply (`ask_if` false). The must-ask screen is exempt: only answers count.
    3. "I don't know" is an answer: it stays unknown whatever follows from other findings.
    """

    __slots__ = ("_definitions", "_findings", "_implied")

    def __init__(self, findings: FindingSet, definitions: Mapping[FindingId, FindingDefinition]) -> None:
        self._findings = findings
        self._definitions = definitions
        self._implied = frozenset(
            absent
            for finding in findings
            if finding.value is True and finding.id in definitions
            for absent in definitions[finding.id].implies_absent
        )

    def stated(self, finding_id: FindingId) -> Answer:
        """The recorded answer when it is usable, else None. KeyError for a finding outside the vocabulary."""
        return _usable(self._definitions[finding_id], self._findings.answer(finding_id))

    def answer(self, finding_id: FindingId) -> Answer:
        """The recorded answer, or absence where it follows, else None."""
        definition = self._definitions[finding_id]
        if self._findings.asked(finding_id) or definition.critical_screen:
            return self.stated(finding_id)
        if finding_id in self._implied or not self.applies(definition):
            return _ABSENT[definition.kind]
        return None

    def within_reach(self, finding_id: FindingId) -> Answer:
        """As `answer`, but what only an examination or a device can tell counts as absent while unknown.

        Nobody can answer it at this point, so it must not hold every runner above self-care for ever.
        """
        value = self.answer(finding_id)
        definition = self._definitions[finding_id]
        return _ABSENT[definition.kind] if value is None and "runner" not in definition.asked_of else value

    def applies(self, definition: FindingDefinition) -> bool:
        """False when the answers already given make the question pointless."""
        return definition.ask_if is None or evaluate(definition.ask_if, self.stated) is not Truth.FALSE

    def by_clinician(self, finding_id: FindingId) -> Answer:
        """The answer, if a clinician gave it."""
        finding = self._findings.get(finding_id)
        if finding is None or finding.origin is not Origin.CLINICIAN:
            return None
        return self.stated(finding_id)


def _usable(definition: FindingDefinition, value: Answer) -> Answer:
    if definition.kind is Kind.BOOLEAN:
        return value if isinstance(value, bool) else None
    if definition.kind is Kind.CHOICE:
        marks = value if isinstance(value, frozenset) else frozenset([str(value)])
        return marks if marks and marks <= frozenset(definition.options) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return value
