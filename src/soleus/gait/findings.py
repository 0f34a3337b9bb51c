"""A film as soft evidence for the differential: likelihoods, never values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from soleus.core.finding import Finding, Origin
from soleus.core.gait import MetricResult
from soleus.core.ids import FindingId
from soleus.core.measurement import Measurement
from soleus.gait.metrics.strike import probability
from soleus.gait.observations import applies, line_for
from soleus.gait.uncertainty import share_above, share_below
from soleus.knowledge.gait_base import Clause, GaitKnowledge, ObservationDefinition

_NOTHING = 1e-3
"""A likelihood this close to one half is no evidence and is left out."""


def soft_findings(
    results: Sequence[MetricResult],
    kb: GaitKnowledge,
    *,
    observed_on: date | None = None,
    speed_mps: float | None = None,
) -> tuple[Finding, ...]:
    """One finding per id that an observation of the knowledge base speaks for, by id.

    Likelihood {"true": q, "false": 1 − q}, q = 0.5 + c · (p − 0.5), c = 2 · `lean`, clipped to `evidence.clip_low` …
    `evidence.clip_high`. p = P(every clause holds | film): each clause from the normal error of its metric (SD = half
    of the interval / 1.96), the clauses taken as independent. Below one half it counts only where the observation
    `speaks_against`. A withheld metric gives nothing, whatever the others say: unknown never reassures. `value` stays
    None: a film does not answer for the runner. Of several observations for one finding the largest q counts.
    """
    strongest: dict[FindingId, float] = {}
    for definition in kb.observations.values():
        share = _holds(definition, results, kb) if applies(definition, speed_mps) else None
        if definition.finding is None or share is None:
            continue
        q = 0.5 + 2 * definition.lean * (share - 0.5)
        if q < 0.5 and not definition.speaks_against:
            continue
        strongest[definition.finding] = max(strongest.get(definition.finding, 0.0), q)
    low, high = kb.value("evidence.clip_low"), kb.value("evidence.clip_high")
    found = []
    for finding, strength in sorted(strongest.items()):
        q = min(max(strength, low), high)
        if abs(q - 0.5) >= _NOTHING:
            found.append(
                Finding(
                    id=finding,
                    value=None,
                    origin=Origin.MEASURED,
                    observed_on=observed_on,
                    likelihood={"true": q, "false": 1 - q},
                )
            )
    return tuple(found)


def _holds(definition: ObservationDefinition, results: Sequence[MetricResult], kb: GaitKnowledge) -> float | None:
    """P(all clauses hold); None when one of its metrics was withheld."""
    shares = [_clause_holds(clause, results, kb) for clause in definition.when]
    known = [share for share in shares if share is not None]
    return math.prod(known) if len(known) == len(shares) else None


def _clause_holds(clause: Clause, results: Sequence[MetricResult], kb: GaitKnowledge) -> float | None:
    line = line_for(clause.metric, results)
    if line is None or not isinstance(line.measured, Measurement):
        return None
    if isinstance(clause.value, str):
        return probability(line.measured, clause.value, kb)
    if clause.op == ">=":
        return share_above(line.measured, clause.value)
    return share_below(line.measured, clause.value)
