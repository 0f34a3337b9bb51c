"""What an assessment says. Every part carries ids and numbers only; wording is looked up by id when shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntEnum

from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingConflict
from soleus.core.ids import AdviceId, ConditionId, FindingId, RuleId, SourceKey


class Disposition(IntEnum):
    """Where to go, ordered by urgency; `slug` is the id used in files."""

    SELF_CARE = 0
    PHYSIO = 1
    GP_ROUTINE = 2
    SAME_DAY = 3
    EMERGENCY_NOW = 4
    CALL_AMBULANCE = 5

    @property
    def slug(self) -> str:
        return self.name.lower()

    @classmethod
    def from_slug(cls, slug: str) -> Disposition:
        return cls[slug.upper()]


class RuleState(Enum):
    FIRED = "fired"
    CLEAR = "clear"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """One red-flag rule: its state, what it adds to the disposition (None: nothing), and what decided it.

    `because`: fired → the findings that made it true; clear → those that ruled it out; undetermined → those
    still unknown, `support` then lists the ones already known true.
    """

    id: RuleId
    state: RuleState
    contributes: Disposition | None
    because: tuple[FindingId, ...]
    support: tuple[FindingId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WellsScore:
    """Two-level DVT Wells count for clinicians, without the -2 item, which software never subtracts."""

    points: int
    counted: tuple[FindingId, ...]
    unknown: tuple[FindingId, ...]
    clinician_alternative_as_likely: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriageResult:
    """All rules, the floors for unanswered must-ask questions, and the highest urgency of them all."""

    disposition: Disposition
    rules: tuple[RuleOutcome, ...]
    unanswered: tuple[tuple[FindingId, Disposition], ...]
    wells: WellsScore
    failed: bool = False
    """True when the engine itself failed: the disposition is then at least SAME_DAY ("get seen")."""

    @property
    def fired(self) -> tuple[RuleOutcome, ...]:
        return tuple(rule for rule in self.rules if rule.state is RuleState.FIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Weight of evidence of one finding for one cause, against the mixture of all other causes.

    `weight_db` = 10·log10 of the likelihood ratio: positive speaks for the cause (Good 1950, weight of evidence
    in decibans). Correlated findings share their weight; the parts add up to the whole.
    """

    finding: FindingId
    value: Answer
    weight_db: float
    sources: tuple[SourceKey, ...]
    soft: Finding | None = None
    """The finding itself when it is soft evidence: `value` alone does not tell what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """An answer not yet given that would change this cause's probability."""

    finding: FindingId
    value: str
    probability: float
    """P(cause | evidence so far and this answer)."""
    chance: float
    """P(this answer | evidence so far)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One cause with its probability and a 90% interval from the uncertainty of the numbers behind it."""

    condition: ConditionId
    probability: float
    low: float
    high: float
    contributions: tuple[Contribution, ...] = ()
    would_change: tuple[Flip, ...] = ()
    severity: tuple[tuple[str, float], ...] = ()
    """For strains: (mild|moderate|severe, probability), summing to 1; empty otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differential:
    """Main causes (they exclude each other and sum to 1, most likely first) and co-factors (they do not)."""

    causes: tuple[Cause, ...]
    contributors: tuple[Cause, ...]

    def probability(self, condition: ConditionId) -> float:
        return next((c.probability for c in (*self.causes, *self.contributors) if c.condition == condition), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PosteriorFloor:
    """A dangerous cause above its stated threshold raised the disposition (it can never lower it)."""

    conditions: tuple[ConditionId, ...]
    probability: float
    threshold: float
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class NextQuestion:
    """A question worth asking, with what it separates."""

    finding: FindingId
    information_bits: float
    score: float
    """Information weighted by harm, divided by burden; what the interview sorts by."""
    separates: tuple[ConditionId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One item of first advice, allowed by every rule that looked at it."""

    id: AdviceId
    because: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    sources: tuple[SourceKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """One item of advice held back, with the ids of the rules or facts that forbid it."""

    id: AdviceId
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The whole answer: replayable from the case, the knowledge version and `today`."""

    disposition: Disposition
    triage: TriageResult
    floors: tuple[PosteriorFloor, ...]
    differential: Differential | None
    """None only when the differential failed; the triage still stands and says "get seen"."""
    next_questions: tuple[NextQuestion, ...]
    advice: tuple[Advice, ...]
    withheld: tuple[Withheld, ...]
    conflicts: tuple[FindingConflict, ...]
    knowledge_version: str
    input_hash: str
    assessed_on: date
    kept_up: bool = False
    """True when the urgency of the answers alone stands although watch files point to less."""
    problems: tuple[str, ...] = field(default=())
    """Ids of the parts that failed and were replaced by caution ("differential", "advice")."""
