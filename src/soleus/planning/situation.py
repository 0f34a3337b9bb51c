"""All that is known about one runner when advice is chosen: what every veto, criterion and choice reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from soleus.core.assessment import Disposition, TriageResult
from soleus.core.case import Runner
from soleus.core.expression import Answer, Truth, evaluate
from soleus.core.finding import FindingSet
from soleus.core.goals import Goals
from soleus.core.ids import ConditionId, FindingId, MeasureId
from soleus.knowledge.base import Kind, KnowledgeBase
from soleus.planning.facts import age_bands, known_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The value in force of one measure."""

    value: float | bool
    on: date | None = None
    """Day it was measured; None = follows from the answers, or the day was not given."""
    pain_nrs: float | None = None
    """Worst pain during the test, 0-10."""
    source: str = "measured"
    """measured | answer | calendar."""
    stale: bool = False
    """Measured longer ago than `measure.fresh_days`: still used, but worth measuring again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One runner today: answers, triage, causes, medicine facts, goals and measures."""

    evidence: FindingSet
    triage: TriageResult
    posterior: Mapping[ConditionId, float] | None
    """Chance of each cause and contributing factor; None = the differential failed."""
    facts: Mapping[str, bool | None]
    ages: frozenset[str]
    disposition: Disposition
    """The final one: never below the triage's."""
    kb: KnowledgeBase
    goals: Goals = field(default_factory=Goals)
    runner: Runner = field(default_factory=Runner)
    onset_on: date | None = None
    today: date | None = None
    measures: Mapping[MeasureId, Known] = field(default_factory=dict)
    """What is known of each measure of `kb.plans.measures`; absent = not known."""
    grades: Mapping[ConditionId, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    """Of graded causes: (mild | moderate | severe, probability)."""
    filmed: frozenset[FindingId] = frozenset()
    """Findings that a film of the run shows for certain; read by advice on the way of running alone."""
    ruled_out: frozenset[FindingId] = frozenset()
    """Findings that a film shows for certain to be absent; they can only take running drills out."""

    @property
    def days_since_onset(self) -> int | None:
        """Whole days since the pain began, at least; None = not known."""
        known = self.value("days_since_onset")
        return None if known is None else int(known)

    def answer(self, finding: FindingId) -> Answer:
        """The answer; "no" to a question that nobody asked because it does not apply (pregnancy, to a man)."""
        definition = self.kb.findings.get(finding)
        ask_if = definition.ask_if if definition is not None and definition.kind is Kind.BOOLEAN else None
        if ask_if is not None and not self.evidence.asked(finding):
            return False if evaluate(ask_if, self.evidence.answer) is Truth.FALSE else None
        return self.evidence.answer(finding)

    def shown(self, finding: FindingId) -> Answer:
        """The answer; where there is none, what a film shows for certain."""
        said = self.answer(finding)
        return True if said is None and finding in self.filmed else said

    def probability(self, conditions: Iterable[ConditionId]) -> float:
        """Chance of any of these causes together."""
        return sum((self.posterior or {}).get(condition, 0.0) for condition in conditions)

    def value(self, measure: str) -> float | bool | None:
        """The value in force of a measure; None = not known."""
        known = self.measures.get(MeasureId(measure))
        return None if known is None else known.value


def first_situation(
    evidence: FindingSet,
    triage: TriageResult,
    posterior: Mapping[ConditionId, float] | None,
    facts: Mapping[str, bool],
    runner_age: float | None,
    kb: KnowledgeBase,
    *,
    disposition: Disposition | None = None,
) -> Situation:
    """The situation of a first visit: no goals, no measures. `disposition` counts when above the triage's."""
    return Situation(
        evidence=evidence,
        triage=triage,
        posterior=posterior,
        facts=known_facts(evidence, triage, facts, runner_age, kb),
        ages=age_bands(evidence, runner_age),
        disposition=max(triage.disposition, disposition or Disposition.SELF_CARE),
        kb=kb,
        runner=Runner(age_years=runner_age),
    )
