"""How long it may take, as distributions, and how likely another episode is.

Estimates for a talk between runner and clinician: criteria decide about the next step, never days. Most published
times come from professional men in team sports, so each forecast says what it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import NormalDist

from soleus.core.expression import Truth, evaluate
from soleus.core.ids import ConditionId, SourceKey, TextId
from soleus.core.message import Message
from soleus.core.plan import Forecast, PlannedCause, Recurrence
from soleus.knowledge.beta import beta_interval
from soleus.knowledge.plan_base import PlanKnowledge, Prior, TimeModifier
from soleus.planning.situation import Situation

STEPS = ("walk_without_limp", "first_run", "run_30_min", "full_training")
"""Milestones in the order in which they are reached."""
MILESTONES = (*STEPS, "settled")
"""`settled` (pain or soreness gone) stands apart from the others."""
CONFIDENCE = ("very_low", "low", "moderate")
LEVELS = (0.1, 0.5, 0.9)
NEGLIGIBLE = 1e-9
"""Share still open below which a prior alone says nothing any more."""
SMALLEST = 1e-290
"""Share still open below which dividing by it fails."""
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One lognormal of a mixture of causes and sizes."""

    prior: Prior
    condition: ConditionId
    weight: float
    mu: float
    """Of the prior, with the modifiers that hold."""
    begins: float
    """Day from today on which its own count begins; negative = in the past."""
    modifiers: tuple[TimeModifier, ...] = ()

    def still_open(self, day: float) -> float:
        """P(milestone not reached by this day from today)."""
        own = day - self.begins
        return NORMAL.cdf((self.mu - math.log(own)) / self.prior.sigma) if own > 0 else 1.0

    def latest(self) -> float:
        """A day by which it is all but certain."""
        return self.begins + math.exp(self.mu + 8 * self.prior.sigma)


def forecast(situation: Situation, causes: Sequence[PlannedCause]) -> tuple[Forecast, ...]:
    """Days to each milestone that is not yet reached and that times are known for.

    1. Every cause brings the lognormal priors of its grade (median = exp(mu) days); an uncertain grade brings those of
       each grade by its probability. Priors from professional athletes are never used, only told beside.
    2. A modifier that certainly holds multiplies the median: mu + ln(multiplier).
    3. Each is taken given that the milestone is still open today: P(T > t) / P(T > today).
    4. p10, median and p90 by bisection; no milestone comes before an earlier one at the same level.
    5. Days count from the onset; from today when the onset is not known (caveat `onset_unknown`); from the first day of
       the plan when all studies behind them count from the start of a programme (caveat `from_start`).

    A milestone that almost nobody would still have open has no forecast. Far beyond the p90 the tail of a lognormal is
    hardly evidence: a caveat sends the runner to be seen. Derivation and sources: `planning/prognosis.yaml`.
    """
    made: list[Forecast] = []
    floor = (0.0, 0.0, 0.0)
    for milestone in MILESTONES:
        if _reached(milestone, situation):
            continue
        parts = _parts(situation, causes, milestone)
        ahead = _quantiles(parts)
        if ahead is None:
            continue
        if milestone in STEPS:
            floor = ahead = (max(ahead[0], floor[0]), max(ahead[1], floor[1]), max(ahead[2], floor[2]))
        since = _origin(situation, parts)
        made.append(_forecast(situation, milestone, parts, (ahead[0] - since, ahead[1] - since, ahead[2] - since)))
    return tuple(_with_told(made, situation, causes))


def _reached(milestone: str, situation: Situation) -> bool:
    """Whether the measures say that the milestone is behind the runner."""
    if milestone == "walk_without_limp":
        return situation.value("limp") is False
    minutes = situation.value("run_cont_min") or 0
    if milestone == "run_30_min":
        return minutes >= 30
    return milestone == "first_run" and (minutes > 0 or (situation.value("rtr_stage") or 0) >= 1)


def _elapsed(situation: Situation) -> float | None:
    """Days since the onset, at least; None = not known."""
    days = situation.days_since_onset
    return None if days is None else float(days)


def _parts(situation: Situation, causes: Sequence[PlannedCause], milestone: str) -> tuple[Part, ...]:
    """The mixture for a milestone; weights sum to 1. Empty when causes that together count for little have a time."""
    plans = situation.kb.plans
    found = []
    for cause in causes:
        grades = situation.grades.get(cause.condition) or ((cause.grade, 1.0),)
        for grade, chance in grades:
            priors = [p for p in _priors(cause, grade, plans) if p.milestone == milestone]
            for prior in priors:
                found.append(_part(prior, cause.condition, cause.probability * chance / len(priors), situation))
    total = sum(part.weight for part in found)
    whole = sum(cause.probability for cause in causes)
    if not found or total < plans.value("forecast.least_share") * whole:
        return ()
    return tuple(replace(part, weight=part.weight / total) for part in found if part.weight > 0)


def _priors(cause: PlannedCause, grade: str, plans: PlanKnowledge) -> list[Prior]:
    """Priors of the cause itself; for milestones without one, those its family borrows from a like injury."""
    usable = [prior for prior in plans.priors.values() if not prior.elite]
    own = [p for p in usable if p.condition == cause.condition and p.grade in ("", grade)]
    family = None if cause.family is None else plans.families.get(cause.family)
    if family is None:
        return own
    there = {prior.milestone for prior in own}
    borrowed = [p for p in usable if p.id in family.priors and p.condition != cause.condition]
    return [*own, *(p for p in borrowed if p.milestone not in there)]


def _part(prior: Prior, condition: ConditionId, weight: float, situation: Situation) -> Part:
    holds = tuple(
        modifier
        for modifier in situation.kb.plans.modifiers
        if prior.condition in modifier.conditions
        and modifier.multiplier is not None
        and modifier.when is not None
        and evaluate(modifier.when, situation.answer) is Truth.TRUE
    )
    return Part(
        prior=prior,
        condition=condition,
        weight=weight,
        mu=prior.mu + sum(math.log(modifier.multiplier or 1.0) for modifier in holds),
        begins=_programme_day(situation) if prior.counts_from == "start" else -(_elapsed(situation) or 0.0),
        modifiers=holds,
    )


def _programme_day(situation: Situation) -> float:
    """The day from today on which the programme begins, or began when the goals name an earlier day."""
    starts, today = situation.goals.starts_on, situation.today
    return 0.0 if starts is None or today is None else float((starts - today).days)


def _only_from_start(parts: tuple[Part, ...]) -> bool:
    return all(part.prior.counts_from == "start" for part in parts)


def _origin(situation: Situation, parts: tuple[Part, ...]) -> float:
    """The day from today on which the shown days begin: the plan's first day, the onset, or today."""
    if _only_from_start(parts):
        return max(0.0, _programme_day(situation))
    return -(_elapsed(situation) or 0.0)


def _since(situation: Situation, parts: tuple[Part, ...]) -> date | None:
    """The same as a date; None when the onset has none."""
    if _elapsed(situation) is not None and not _only_from_start(parts):
        return situation.onset_on
    return None if situation.today is None else situation.today + timedelta(days=_origin(situation, parts))


def _quantiles(parts: tuple[Part, ...]) -> tuple[float, float, float] | None:
    """p10, median and p90 of the mixture in days from today, given that the milestone is still open.

    The weights stay: how long it has lasted is already in the chances of the causes.
    """
    if not any(part.still_open(0.0) > NEGLIGIBLE for part in parts):
        return None
    kept = [part for part in parts if part.still_open(0.0) > SMALLEST]
    shares = [(part, part.weight / part.still_open(0.0)) for part in kept]
    total = sum(part.weight for part in kept)
    p10, median, p90 = (_quantile(shares, (1 - level) * total) for level in LEVELS)
    return p10, median, p90


def _quantile(shares: list[tuple[Part, float]], target: float) -> float:
    """The day from today on which what is still open falls to `target`: 60 halvings."""
    low, high = 0.0, max(0.0, *(part.latest() for part, _ in shares)) + 1.0
    for _ in range(60):
        middle = (low + high) / 2
        still = sum(share * part.still_open(middle) for part, share in shares)
        low, high = (middle, high) if still > target else (low, middle)
    return high


def _forecast(
    situation: Situation, milestone: str, parts: tuple[Part, ...], days: tuple[float, float, float]
) -> Forecast:
    plans = situation.kb.plans
    heaviest = max(parts, key=lambda part: part.weight)
    shown = [plans.observed[name] for name in heaviest.prior.observed if name in plans.observed]
    modifiers = dict.fromkeys(modifier.id for part in parts for modifier in part.modifiers)
    by_modifier = [modifier.sources for part in parts for modifier in part.modifiers]
    return Forecast(
        milestone=milestone,
        p10_days=days[0],
        median_days=days[1],
        p90_days=days[2],
        confidence=min((part.prior.confidence for part in parts), key=CONFIDENCE.index),
        basis=(
            *(_message(f"basis.{basis}") for basis in dict.fromkeys(part.prior.basis.value for part in parts)),
            *(
                _message(
                    f"observed.{time.id}",
                    **{
                        name: round(value)
                        for name in ("n", "mean_days", "sd_days", "median_days")
                        if (value := getattr(time, name)) is not None
                    },
                )
                for time in shown
            ),
        ),
        caveats=_caveats(situation, parts, elite=any(time.elite for time in shown)),
        modifiers=tuple(_message(f"modifier.{name}") for name in modifiers),
        sources=_unique([*(part.prior.sources for part in parts), *((time.source,) for time in shown), *by_modifier]),
        since=_since(situation, parts),
    )


def _caveats(situation: Situation, parts: tuple[Part, ...], *, elite: bool) -> tuple[Message, ...]:
    """What keeps the figure from being a promise; the most telling first."""
    told = []
    if sum(part.weight * part.still_open(0.0) for part in parts) < 1 - LEVELS[-1]:
        told.append("caveat.beyond")
    if len({part.condition for part in parts}) > 1:
        told.append("caveat.several_causes")
    if any(part.prior.condition != part.condition for part in parts):
        told.append("caveat.analogy")
    if len({part.prior.grade for part in parts if part.prior.grade}) > 1:
        told.append("caveat.grade_open")
    if _only_from_start(parts):
        told.append("caveat.from_start")
    elif _elapsed(situation) is None:
        told.append("caveat.onset_unknown")
    if elite:
        told.append("caveat.elite")
    endpoints = dict.fromkeys(text for part in parts for text in part.prior.caveats)
    own = tuple(Message(text=text) for text in endpoints)
    return (*(_message(name) for name in told), *own, _message("caveat.criteria"))


def _with_told(made: list[Forecast], situation: Situation, causes: Sequence[PlannedCause]) -> list[Forecast]:
    """The last step also names what lengthens the time by an unknown amount, or only a scan would show."""
    conditions = {cause.condition for cause in causes}
    told = [
        modifier
        for modifier in situation.kb.plans.modifiers
        if modifier.multiplier is None
        and modifier.conditions & conditions
        and (modifier.when is None or evaluate(modifier.when, situation.answer) is Truth.TRUE)
    ]
    if not made or not told:
        return made
    place = max((n for n, item in enumerate(made) if item.milestone in STEPS), default=len(made) - 1)
    last = made[place]
    extended = replace(
        last,
        modifiers=(*last.modifiers, *(_message(f"modifier.{modifier.id}") for modifier in told)),
        sources=_unique([last.sources, *(modifier.sources for modifier in told)]),
    )
    return [*made[:place], extended, *made[place + 1 :]]


def recurrence(situation: Situation, causes: Sequence[PlannedCause]) -> Recurrence | None:
    """The chance of another calf injury within a year; None when causes that it is known for count for little.

    Beta(alpha, beta) of the knowledge base: its mean and 90 % interval. What raises it is told, not counted: the ratios
    come from professional footballers and other spans of time (`orchard2020`, doi:10.1136/bjsports-2019-100755;
    `green2020rtp`, doi:10.1177/0363546520959327; `bramah2021`).
    """
    plans = situation.kb.plans
    known = plans.recurrence
    if known is None or not causes:
        return None
    strain = sum(cause.probability for cause in causes if cause.condition in known.conditions)
    if strain <= 0 or strain < plans.value("forecast.least_share") * sum(cause.probability for cause in causes):
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


def _unique(groups: Iterable[Iterable[SourceKey]]) -> tuple[SourceKey, ...]:
    return tuple(dict.fromkeys(key for group in groups for key in group))


def _message(name: str, **params: float) -> Message:
    return Message(text=TextId(f"prognosis.{name}"), params=params)
