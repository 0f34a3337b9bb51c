"""Content of a referral letter in the SBAR order: situation, background, assessment, recommendation.

Structured and without prose, like the summary. A letter is for professionals: wording comes from the `.clinical`
text ids, answers are given verbatim with their origin, and "I don't know" is kept apart from "no".
"""

from __future__ import annotations

from dataclasses import dataclass

from soleus.clinic.summary import AnswerLine, answer_line
from soleus.core.assessment import Assessment, Cause, Disposition, PosteriorFloor, RuleOutcome, RuleState, WellsScore
from soleus.core.case import Case, Runner
from soleus.core.expression import Answer
from soleus.core.finding import FindingConflict, FindingSet
from soleus.core.ids import FindingId, TextId
from soleus.core.message import Message
from soleus.knowledge.base import KnowledgeBase

SITUATION = tuple(
    FindingId(name)
    for name in (
        "pain_location",
        "side",
        "onset_type",
        "time_since_onset",
        "pain_score_now",
        "walk_ability",
        "improving_trend",
    )
)
"""What a reader needs to know first, in this order."""

BACKGROUND_AREAS = frozenset({"context", "risk_factor", "training", "medicine_history"})
LETTER_CAUSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """The parts of the letter; every list is complete, cutting is left to the layout."""

    # situation
    runner: Runner
    urgency: Disposition
    situation: tuple[AnswerLine, ...]
    # background
    background: tuple[AnswerLine, ...]
    facts: tuple[tuple[str, bool], ...]
    # assessment
    fired: tuple[RuleOutcome, ...]
    suspected: tuple[RuleOutcome, ...]
    floors: tuple[PosteriorFloor, ...]
    wells: WellsScore
    causes: tuple[Cause, ...]
    dangerous: tuple[Cause, ...]
    present: tuple[AnswerLine, ...]
    absent: tuple[FindingId, ...]
    unknown: tuple[FindingId, ...]
    """Asked, and answered "I don't know"."""
    soft: tuple[AnswerLine, ...]
    """Measured with a doubt (watch files), with what was said about the same thing."""
    unanswered: tuple[FindingId, ...]
    """Must-ask and red questions without an answer."""
    conflicts: tuple[FindingConflict, ...]
    # recommendation
    requests: tuple[Message, ...]
    knowledge_version: str
    input_hash: str
    problems: tuple[str, ...]


def build_referral(assessment: Assessment, case: Case, kb: KnowledgeBase) -> Referral:
    """The letter's content for this case."""
    evidence = case.evidence()
    causes = () if assessment.differential is None else assessment.differential.causes
    others = [finding for finding in evidence if finding.id not in SITUATION]
    background = [f for f in others if _area(f.id, kb) in BACKGROUND_AREAS and _is_positive(f.value)]
    rest = [f for f in others if _area(f.id, kb) not in BACKGROUND_AREAS and _is_positive(f.value)]
    return Referral(
        runner=case.runner,
        urgency=assessment.disposition,
        situation=_situation(evidence),
        background=tuple(map(answer_line, background)),
        facts=tuple(sorted(case.facts)),
        fired=assessment.triage.fired,
        suspected=tuple(
            outcome
            for outcome in assessment.triage.rules
            if outcome.state is RuleState.UNDETERMINED and outcome.contributes is not None
        ),
        floors=assessment.floors,
        wells=assessment.triage.wells,
        causes=causes[:LETTER_CAUSES],
        dangerous=tuple(
            c for c in causes[LETTER_CAUSES:] if c.condition in kb.conditions and kb.conditions[c.condition].dangerous
        ),
        present=tuple(map(answer_line, rest)),
        absent=tuple(finding.id for finding in others if finding.value is False),
        unknown=tuple(f.id for f in evidence if f.value is None and f.likelihood is None),
        soft=tuple(answer_line(finding) for finding in evidence if finding.likelihood is not None),
        unanswered=tuple(name for name, _ in assessment.triage.unanswered),
        conflicts=assessment.conflicts,
        requests=_requests(assessment, causes),
        knowledge_version=assessment.knowledge_version,
        input_hash=assessment.input_hash,
        problems=assessment.problems,
    )


def _situation(evidence: FindingSet) -> tuple[AnswerLine, ...]:
    found = (evidence.get(name) for name in SITUATION)
    return tuple(answer_line(finding) for finding in found if finding is not None and finding.value is not None)


def _requests(assessment: Assessment, causes: tuple[Cause, ...]) -> tuple[Message, ...]:
    """What is asked for: the fired rules' own clinical lines, then what one would do for the leading cause."""
    urgent = [
        o for o in assessment.triage.fired if o.contributes is not None and o.contributes >= Disposition.GP_ROUTINE
    ]
    rules = [Message(text=TextId(f"rule.{outcome.id}.clinical")) for outcome in urgent]
    return (*rules, *(Message(text=TextId(f"condition.{cause.condition}.next")) for cause in causes[:1]))


def _area(name: FindingId, kb: KnowledgeBase) -> str:
    definition = kb.findings.get(name)
    return "" if definition is None else definition.area


def _is_positive(value: Answer) -> bool:
    return value is not None and value is not False
