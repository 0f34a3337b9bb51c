"""How long it may take, as distributions, and how likely another episode is.

Estimates for a talk between runner and clinician: criteria decide about the next step, never days. Most published
times come from professional men in team sports, so each forecast says what it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from soleus.core.expression import Truth, evaluate
from soleus.core.ids import ConditionId, SourceKey, TextId
from soleus.core.message import Message
from soleus.core.plan import Forecast, PlannedCause, Recurrence
from soleus.knowledge.beta import beta_interval
from soleus.knowledge.plan_base import Prior, TimeModifier
from soleus.planning.situation import Situation

MILESTONES = ("walk_without_limp", "first_run", "run_30_min", "full_training", "settled")
"""In the order in which they can be reached; `settled` stands apart."""
CONFIDENCE = ("very_low", "low", "moderate")
_Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One lognormal of a mixture: the cause and grade it is for, its weight, and its origin in days from the onset."""

    prior: Prior
    weight: float
    mu: float
    since: float
    """Day from the onset on which its own count begins."""

    def survival(self, day: float) -> float:
        """P(T > day), day counted from the onset."""
        own = day - self.since
        return 1.0 if own <= 0 else NormalDist().cdf(-(math.log(own) - self.mu) / self.prior.sigma)


def forecast(situation: Situation, causes: Sequence[PlannedCause]) -> tuple[Forecast, ...]:
    """A forecast for every milestone not yet reached that the knowledge base has times for."""
    found: list[Forecast] = []
    for milestone in MILESTONES:
        parts = _parts(situation, causes, milestone)
        made = _forecast(situation, milestone, parts) if parts else None
        if made is not None:
            found.append(made)
    return tuple(found)


def recurrence(situation: Situation, causes: Sequence[PlannedCause]) -> Recurrence | None:
    """The chance of another calf injury within a year, for the causes that it is known for.

    The chance is Beta(alpha, beta) of the knowledge base with its 90 % interval; what raises it is told, not counted,
    because the ratios come from professional footballers over other spans of time (sources `orchard2020`,
    `green2020rtp`, `bramah2021`).
    """
    known = situation.kb.plans.recurrence
    if known is None or not any(cause.condition in known.conditions for cause in causes):
        return None
    low, high = beta_interval(known.alpha, known.beta)
    raises = [
        (Message(text=TextId(text)), sources)
        for text, when, sources in known.raises
        if when is None or evaluate(when, situation.answer) is Truth.TRUE
    ]
    return Recurrence(
        mean=known.alpha / (known.alpha + known.beta),
        low=low,
        high=high,
        raises=tuple(message for message, _ in raises),
        lowers=tuple(Message(text=TextId(text)) for text, _ in known.lowers),
        window_weeks=known.window_weeks,
        sources=_unique([known.sources, *(s for _, s in raises), *(s for _, s in known.lowers)]),
    )


def _unique(keys: Iterable[tuple[SourceKey, ...]]) -> tuple[SourceKey, ...]:
    return tuple(dict.fromkeys(key for group in keys for key in group))


def _parts(situation: Situation, causes: Sequence[PlannedCause], milestone: str) -> tuple[Part, ...]:
    return ()


def _forecast(situation: Situation, milestone: str, parts: tuple[Part, ...]) -> Forecast | None:
    return None
