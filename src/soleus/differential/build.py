"""From the knowledge base to the model: one main cause, its co-factors, group latents and findings.

    cause ──► factor:<co-factor>  (yes/no)         cause ──► finding:<ungrouped>
      │              │
      │              ▼
      └──────► finding:<member of the co-factor's group>
      │
      ├──────► group:<id> (a latent of its own) ──► finding:<member>  ◄── cause

See docs/adr/002-inference.md for why the net has this shape and what it cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.errors import KnowledgeError
from soleus.core.ids import ConditionId, FindingId
from soleus.differential.network import Array, Network, Node
from soleus.knowledge.base import (
    Condition,
    CorrelatedGroup,
    Distribution,
    FindingDefinition,
    Kind,
    KnowledgeBase,
    Number,
)

LEAST_NOISE = 1e-6
"""No answer is ever called impossible (Cromwell's rule): a misfiled examination must not end the inference."""

LATENT_RANGE = (0.02, 0.98)
"""Limits of P(latent = 1 | cause) of an unnamed group, so that both its states stay in play."""

CAUSE = "cause"
YES_NO = ("false", "true")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """A yes/no node below the cause: a co-factor, or the unnamed reason why findings of a group go together."""

    name: str
    factor: ConditionId | None
    present: Array
    """P(yes | cause), shape (causes,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindingTable:
    """One finding: margins of the truth per cause, answer noise, its place in a group, and the final table."""

    id: FindingId
    definition: FindingDefinition
    truth: Array
    """P(true state | cause), shape (causes, states)."""
    latent: int | None
    positive: NDArray[np.bool_]
    """Which states the group's latent makes likelier, shape (states,)."""
    strength: float
    answer: Array
    """P(answer | cause), shape (causes, states); with a latent P(answer | cause, latent), (causes, 2, states)."""

    @property
    def states(self) -> tuple[str, ...]:
        return self.definition.states


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """The whole model in arrays; findings without a latent first, then group by group."""

    causes: tuple[ConditionId, ...]
    prior: Array
    latents: tuple[Latent, ...]
    findings: tuple[FindingTable, ...]

    @property
    def factors(self) -> tuple[ConditionId, ...]:
        """The co-factors; they are the first latents, in this order."""
        return tuple(latent.factor for latent in self.latents if latent.factor is not None)

    def network(self) -> Network:
        """The same model as a general network, for the exact engines that know nothing of its shape."""
        nodes = [Node(name=CAUSE, states=tuple(self.causes), parents=(), table=self.prior)]
        for latent in self.latents:
            table = np.stack([1 - latent.present, latent.present], axis=-1)
            nodes.append(Node(name=latent.name, states=YES_NO, parents=(CAUSE,), table=table))
        for item in self.findings:
            parents = (CAUSE,) if item.latent is None else (CAUSE, self.latents[item.latent].name)
            nodes.append(Node(name=finding_node(item.id), states=item.states, parents=parents, table=item.answer))
        return Network(nodes)


def finding_node(finding: FindingId) -> str:
    """The network name of a finding."""
    return f"finding:{finding}"


def build_model(kb: KnowledgeBase) -> Model:
    """The model of a knowledge base.

    1. normalise the priors of the diagnoses;
    2. one latent per co-factor, then one per unnamed group;
    3. per finding the margins P(state | cause), the background where a cause is silent;
    4. split the margins of grouped findings by their latent, leaving the margins as they are;
    5. fold the answer noise in.
    """
    causes = kb.diagnoses
    if len(causes) < 2:
        raise KnowledgeError("the differential needs at least two diagnoses", where="conditions")
    used = {i: definition for i, definition in kb.findings.items() if definition.background is not None}
    truth = {
        i: np.stack([margin_of(definition, entry_of(cause, definition)) for cause in causes])
        for i, definition in used.items()
    }
    latents = [_factor_latent(factor, causes) for factor in kb.factors]
    place: dict[FindingId, tuple[int, CorrelatedGroup]] = {}
    for group in kb.groups:
        members = [member for member in group.members if member in used]
        if group.factor is None:
            masses = [truth[m][:, positive_states(used[m], group)].sum(axis=1) for m in members]
            present = np.clip(np.max(masses, axis=0, initial=0.0), *LATENT_RANGE)
            index = len(latents)
            latents.append(Latent(name=f"group:{group.id}", factor=None, present=np.broadcast_to(present, len(causes))))
        else:
            index = _index_of(group.factor, latents, where=f"groups.yaml:{group.id}")
        for member in members:
            if member in place:
                raise KnowledgeError(f"{member!r} is in two groups", where=f"groups.yaml:{group.id}")
            place[member] = (index, group)
    tables = [_finding_table(definition, truth[i], place.get(i), latents) for i, definition in used.items()]
    # Findings of one latent side by side, so that the compiled tree can work on contiguous rows.
    tables.sort(key=lambda item: -1 if item.latent is None else item.latent)
    prior = np.array([cause.prior.value for cause in causes])
    return Model(
        causes=tuple(cause.id for cause in causes),
        prior=prior / prior.sum(),
        latents=tuple(latents),
        findings=tuple(tables),
    )


def entry_of(cause: Condition, definition: FindingDefinition) -> Number | Distribution:
    """The number behind P(finding | cause): the cause's own, else the background."""
    entry = cause.findings.get(definition.id, definition.background)
    wanted = Number if definition.kind is Kind.BOOLEAN else Distribution
    if not isinstance(entry, wanted):
        raise KnowledgeError(
            f"{definition.id!r} needs a {wanted.__name__.lower()}", where=f"conditions/{cause.id}.yaml"
        )
    return entry


def factor_entry(cause: Condition, factor: Condition) -> Number:
    """The number behind P(co-factor | cause): the cause's own, else the co-factor's prevalence."""
    return cause.factors.get(factor.id, factor.prior)


def positive_states(definition: FindingDefinition, group: CorrelatedGroup) -> NDArray[np.bool_]:
    """Which states of a member count as positive in its group."""
    return np.array([state in group.members[definition.id] for state in definition.states])


def split_by_latent(truth: Array, present: Array, positive: NDArray[np.bool_], strength: float) -> Array:
    """P(state | cause, latent) such that the margin over the latent is exactly `truth`.

    With p the mass of the positive states and g = P(latent | cause):
    p₁ = p + strength·(min(1, p/g) − p) and p₀ = (p − g·p₁)/(1 − g); proportions inside and outside the
    positive states stay as they are. Shapes: truth (…, states), present (…,) → (…, 2, states).
    """
    mass = truth[..., positive].sum(axis=-1)
    yes, no = split_mass(mass, present, strength)
    split = np.stack([no, yes], axis=-1)[..., None]
    mass = mass[..., None, None]
    inside = np.divide(split, mass, out=np.zeros_like(split), where=mass > 0)
    outside = np.divide(1 - split, 1 - mass, out=np.zeros_like(split), where=mass < 1)
    return np.asarray(truth[..., None, :] * np.where(positive, inside, outside))


def split_mass(mass: Array, present: Array, strength: float) -> tuple[Array, Array]:
    """P(positive | latent yes) and P(positive | latent no), see `split_by_latent`."""
    yes = mass + strength * (np.minimum(1.0, mass / present) - mass)
    # Rounding may leave a hair below 0 or above 1.
    no = np.clip((mass - present * yes) / (1 - present), 0.0, 1.0)
    return yes, no


def noise_matrix(definition: FindingDefinition) -> Array:
    """P(answer | true state), shape (true states, answers)."""
    false_present = max(definition.false_present, LEAST_NOISE)
    if definition.kind is Kind.BOOLEAN:
        false_absent = max(definition.false_absent, LEAST_NOISE)
        return np.array([[1 - false_present, false_present], [false_absent, 1 - false_absent]])
    count = len(definition.states)
    return (1 - false_present) * np.eye(count) + false_present / count


def margin_of(definition: FindingDefinition, entry: Number | Distribution) -> Array:
    """One number or table as P(state), shape (states,)."""
    if isinstance(entry, Number):
        return np.array([1 - entry.value, entry.value])
    unknown = entry.options.keys() - set(definition.states)
    if unknown:
        raise KnowledgeError(f"unknown option {min(unknown)!r} of {definition.id!r}", where="conditions")
    margin = np.array([entry.options.get(state, 0.0) for state in definition.states])
    total = float(margin.sum())
    if total <= 0:
        raise KnowledgeError(f"the options of {definition.id!r} have no mass", where="conditions")
    return margin / total


def _factor_latent(factor: Condition, causes: tuple[Condition, ...]) -> Latent:
    present = np.array([factor_entry(cause, factor).value for cause in causes])
    return Latent(name=f"factor:{factor.id}", factor=factor.id, present=np.clip(present, LEAST_NOISE, 1 - LEAST_NOISE))


def _index_of(factor: ConditionId, latents: list[Latent], *, where: str) -> int:
    for index, latent in enumerate(latents):
        if latent.factor == factor:
            return index
    raise KnowledgeError(f"no such co-factor: {factor!r}", where=where)


def _finding_table(
    definition: FindingDefinition,
    truth: Array,
    place: tuple[int, CorrelatedGroup] | None,
    latents: list[Latent],
) -> FindingTable:
    noise = noise_matrix(definition)
    if place is None:
        nothing = np.zeros(len(definition.states), dtype=np.bool_)
        return FindingTable(
            id=definition.id, definition=definition, truth=truth, latent=None, positive=nothing, strength=0.0,
            answer=truth @ noise,
        )  # fmt: skip
    index, group = place
    positive = positive_states(definition, group)
    split = split_by_latent(truth, latents[index].present, positive, group.strength)
    return FindingTable(
        id=definition.id, definition=definition, truth=truth, latent=index, positive=positive,
        strength=group.strength, answer=split @ noise,
    )  # fmt: skip
