"""Entries of files → distributions: Beta for yes/no, Dirichlet for several answers, moved by counted data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from soleus.core.ids import SourceKey
from soleus.knowledge.base import Basis, Distribution, Number, Observation
from soleus.knowledge.beta import beta_from_interval, beta_interval

if TYPE_CHECKING:
    from soleus.knowledge import schema


def observation(entry: schema.ObservationEntry) -> Observation:
    """A counted frequency as it stands in the file."""
    return Observation(
        events=entry.events, n=entry.n, weight=entry.weight, source=SourceKey(entry.source), note=entry.note
    )


def number(entry: schema.NumberEntry) -> Number:
    """The Beta of value and interval, then one conjugate update per counted frequency at its weight.

    alpha += weight * events, beta += weight * (n - events). Without counts the interval stays as written.
    """
    low, high = entry.interval
    alpha, beta = beta_from_interval(entry.value, low, high)
    value, elicited = entry.value, None
    if entry.observed:
        elicited = (value, low, high)
        alpha += sum(o.weight * o.events for o in entry.observed)
        beta += sum(o.weight * (o.n - o.events) for o in entry.observed)
        value = alpha / (alpha + beta)
        low, high = beta_interval(alpha, beta)
    return Number(
        value=value,
        low=low,
        high=high,
        alpha=alpha,
        beta=beta,
        basis=Basis(entry.basis),
        sources=sources_of([*entry.sources, *(o.source for o in entry.observed)]),
        observed=tuple(observation(o) for o in entry.observed),
        elicited=elicited,
        note=entry.note,
    )


def table(entry: schema.TableEntry, states: Iterable[str]) -> Distribution:
    """The Dirichlet over all states, moved by counted options.

    `events` of `n` had the option (or one of several): weight * events go to it, by the elicited shares when there
    are several, and weight * (n - events) to all the others by theirs.
    """
    total = sum(entry.options.values())
    shares = {state: entry.options.get(state, 0.0) / total for state in states}
    counts = {state: share * entry.sample_size for state, share in shares.items()}
    for seen in entry.observed:
        chosen = {seen.option} if isinstance(seen.option, str) else set(seen.option)
        for inside, events in ((True, seen.events), (False, seen.n - seen.events)):
            part = {state: share for state, share in shares.items() if (state in chosen) is inside}
            mass = sum(part.values())
            for state, share in part.items():
                counts[state] += seen.weight * events * (share / mass if mass else 1 / len(part))
    size = sum(counts.values())
    return Distribution(
        options={state: count / size for state, count in counts.items()},
        sample_size=size,
        basis=Basis(entry.basis),
        sources=sources_of([*entry.sources, *(o.source for o in entry.observed)]),
        observed=tuple(
            (o.option if isinstance(o.option, str) else "+".join(o.option), observation(o)) for o in entry.observed
        ),
        note=entry.note,
    )


def scaled(prior: Number, total: float) -> Number:
    """A prior divided by the sum of all; the size of its Beta stays."""
    value, size = prior.value / total, prior.alpha + prior.beta
    return replace(
        prior,
        value=value,
        low=min(prior.low / total, value),
        high=max(min(prior.high / total, 1.0), value),
        alpha=value * size,
        beta=(1 - value) * size,
    )


def sources_of(keys: Iterable[str]) -> tuple[SourceKey, ...]:
    """Each key once, in order."""
    return tuple(dict.fromkeys(SourceKey(key) for key in keys))
