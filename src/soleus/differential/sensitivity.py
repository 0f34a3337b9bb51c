"""How far a result hangs on unsure numbers: 90% intervals, and the one number it hangs on most.

Every prior and table entry is a Beta or a Dirichlet. Once per knowledge base and finding, 256 values of each are
drawn, with a seed from the content hash, so the same case always gets the same interval and more answers do not
reshuffle the draws. A number shared by several causes (the background) is drawn once for all of them.

Not in the interval: the strength of groups, the answer noise, P(latent) of unnamed groups and the shape of the net.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.ids import ConditionId, FindingId
from soleus.differential.build import (
    LEAST_NOISE,
    FindingTable,
    Model,
    entry_of,
    factor_entry,
    noise_matrix,
    split_mass,
)
from soleus.differential.evidence import Evidence
from soleus.differential.network import Array
from soleus.knowledge.base import Distribution, KnowledgeBase, Number

SAMPLES = 256
TAIL = 0.05
"""Mass outside a 90% interval, on each side."""
LOW = int(TAIL * SAMPLES)
HIGH = SAMPLES - 1 - LOW
TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hinge:
    """The number that moves P(cause) most when it alone goes from the low to the high end of its interval.

    `kind`: "prior" (of `condition`), "finding" (P(finding | condition); the background when `condition` is None) or
    "factor" (P(co-factor `other` | condition); its prevalence when `condition` is None).
    """

    kind: str
    condition: ConditionId | None
    finding: FindingId | None
    other: ConditionId | None
    at_low: float
    at_high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Samples of the numbers of one finding, factor or of the priors.

    `values`: (numbers, samples[, states]); `index`: which number each cause uses, (causes,); `owners`: whose own
    number it is, None = the shared background.
    """

    values: Array
    index: NDArray[np.intp]
    owners: tuple[ConditionId | None, ...]


class Sampler:
    """Draws of one knowledge base, made when first needed and kept."""

    __slots__ = ("_factors", "_findings", "_kb", "_model", "_priors", "_tables")

    def __init__(self, kb: KnowledgeBase, model: Model) -> None:
        self._kb = kb
        self._model = model
        self._tables = {item.id: item for item in model.findings}
        self._findings: dict[FindingId, Draws] = {}
        self._factors: dict[ConditionId, Draws] = {}
        rng = self._random("prior")
        values = np.stack([_draw(cause.prior, rng, ()) for cause in kb.diagnoses])[..., 1]
        self._priors = Draws(values=values, index=np.arange(len(values)), owners=model.causes)

    def samples(self, evidence: Sequence[Evidence]) -> tuple[Array, Array]:
        """P(cause | e), (causes, samples), and P(co-factor | e), (factors, samples), under the drawn numbers."""
        priors = self._priors.values / self._priors.values.sum(axis=0)
        joint = np.log(np.maximum(priors, TINY))
        plain, blocks = self._blocks(evidence)
        yes_share: dict[int, Array] = {}
        for item in plain:
            draws = self.finding(item.finding)
            joint = joint + np.log(self._observed(item, draws.values))[draws.index]
        for latent, members in blocks.items():
            present = self._present(latent)
            no, yes = self._branches(members, present, [self.finding(m.finding).values for m in members])
            joint = joint + np.log(no + yes)
            yes_share[latent] = yes / (no + yes)
        cause = np.exp(joint - joint.max(axis=0))
        cause /= cause.sum(axis=0)
        shares = [yes_share[i] if i in yes_share else self._present(i) for i in range(len(self._model.factors))]
        factors = np.array([(share * cause).sum(axis=0) for share in shares]).reshape(-1, SAMPLES)
        return cause, factors

    def hinge(self, evidence: Sequence[Evidence], log_joint: Array, cause: int) -> Hinge:
        """The single number the probability of a cause hangs on most.

        One at a time each number is set to the 5% and the 95% point of its draws, ordered by what they say of
        the observed answer, all others staying at their point values.
        """
        hinges: list[Hinge] = []
        plain, blocks = self._blocks(evidence)
        for item in plain:
            draws = self.finding(item.finding)
            change = np.log(self._observed(item, self._finding_ends(item, draws)))
            change -= np.log(self._observed(item, self._point(item.finding)))
            hinges += _hinges("finding", draws, change[draws.index], log_joint, cause, finding=item.finding)
        point_prior = np.array([item.prior.value for item in self._kb.diagnoses])
        change = np.log(np.maximum(_ends(self._priors.values, point_prior), TINY)) - np.log(point_prior)[:, None]
        hinges += _hinges("prior", self._priors, change, log_joint, cause)
        for latent, members in blocks.items():
            hinges += self._block_hinges(latent, members, log_joint, cause)
        point = float(np.exp(log_joint[cause] - np.logaddexp.reduce(log_joint)))
        # In a strong group the ends may both lie on one side: a member fits best when as common as its latent.
        return max(hinges, key=lambda h: max(h.at_low, h.at_high, point) - min(h.at_low, h.at_high, point))

    def finding(self, finding: FindingId) -> Draws:
        """Draws of P(true state | cause) of one finding, (numbers, samples, states)."""
        if finding not in self._findings:
            definition = self._tables[finding].definition
            entries = [entry_of(cause, definition) for cause in self._kb.diagnoses]
            own = [finding in cause.findings for cause in self._kb.diagnoses]
            self._findings[finding] = self._gather(f"finding:{finding}", entries, own, definition.states)
        return self._findings[finding]

    def factor(self, factor: ConditionId) -> Draws:
        """Draws of P(co-factor | cause), (numbers, samples)."""
        if factor not in self._factors:
            co_factor = self._kb.conditions[factor]
            entries = [factor_entry(cause, co_factor) for cause in self._kb.diagnoses]
            own = [factor in cause.factors for cause in self._kb.diagnoses]
            draws = self._gather(f"factor:{factor}", entries, own, ())
            self._factors[factor] = Draws(values=draws.values[..., 1], index=draws.index, owners=draws.owners)
        return self._factors[factor]

    def _gather(
        self, name: str, entries: Sequence[Number | Distribution], own: Sequence[bool], states: tuple[str, ...]
    ) -> Draws:
        rng = self._random(name)
        values: list[Array] = []
        owners: list[ConditionId | None] = []
        index: list[int] = []
        background: int | None = None
        for cause, entry, is_own in zip(self._kb.diagnoses, entries, own, strict=True):
            if not is_own and background is not None:
                index.append(background)
                continue
            if not is_own:
                background = len(values)
            index.append(len(values))
            values.append(_draw(entry, rng, states))
            owners.append(cause.id if is_own else None)
        return Draws(values=np.stack(values), index=np.array(index), owners=tuple(owners))

    def _random(self, name: str) -> np.random.Generator:
        digest = hashlib.sha256(f"{self._kb.content_hash}\0{name}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "big"))

    def _blocks(self, evidence: Sequence[Evidence]) -> tuple[list[Evidence], dict[int, list[Evidence]]]:
        """The ungrouped evidence, and the grouped by latent."""
        plain: list[Evidence] = []
        blocks: dict[int, list[Evidence]] = {}
        for item in evidence:
            latent = self._tables[item.finding].latent
            (plain if latent is None else blocks.setdefault(latent, [])).append(item)
        return plain, blocks

    def _present(self, latent: int) -> Array:
        """P(latent | cause): sampled for a co-factor, fixed for an unnamed latent; (causes, samples or 1)."""
        item = self._model.latents[latent]
        if item.factor is None:
            return item.present[:, None]
        draws = self.factor(item.factor)
        return np.clip(draws.values, LEAST_NOISE, 1 - LEAST_NOISE)[draws.index]

    def _observed(self, item: Evidence, values: Array) -> Array:
        """P(observed answer) from draws of the truth, answer noise folded in; drops the last axis."""
        return values @ (noise_matrix(self._tables[item.finding].definition) @ item.likelihood)

    def _branches(self, members: Sequence[Evidence], present: Array, values: Sequence[Array]) -> tuple[Array, Array]:
        """P(latent no, e of the group | cause) and the same for yes, (causes, samples)."""
        no, yes = 1 - present, present
        for item, drawn in zip(members, values, strict=True):
            table = self._tables[item.finding]
            index = self.finding(item.finding).index
            inside, outside, mass = self._parts(item, table, drawn)
            if_yes, if_no = split_mass(mass[index], present, table.strength)
            inside, outside = inside[index], outside[index]
            yes = yes * (outside + if_yes * (inside - outside))
            no = no * (outside + if_no * (inside - outside))
        return no, yes

    def _parts(self, item: Evidence, table: FindingTable, values: Array) -> tuple[Array, Array, Array]:
        """P(observed | a positive state), P(observed | another state), P(positive states)."""
        says = noise_matrix(table.definition) @ item.likelihood
        mass = values[..., table.positive].sum(axis=-1)
        rest = values[..., ~table.positive].sum(axis=-1)
        inside = values[..., table.positive] @ says[table.positive] / np.maximum(mass, TINY)
        outside = values[..., ~table.positive] @ says[~table.positive] / np.maximum(rest, TINY)
        return inside, outside, mass

    def _block_hinges(self, latent: int, members: Sequence[Evidence], log_joint: Array, cause: int) -> list[Hinge]:
        """The hinges of one group: the numbers of its findings, and of its co-factor."""
        present = self._model.latents[latent].present[:, None]
        point = [self._point(item.finding) for item in members]
        before = np.log(sum(self._branches(members, present, point)))
        hinges: list[Hinge] = []
        for place, item in enumerate(members):
            draws = self.finding(item.finding)
            values = [*point[:place], self._finding_ends(item, draws), *point[place + 1 :]]
            change = np.log(sum(self._branches(members, present, values))) - before
            hinges += _hinges("finding", draws, change, log_joint, cause, finding=item.finding)
        factor = self._model.latents[latent].factor
        if factor is not None:
            draws = self.factor(factor)
            ends = _ends(draws.values[draws.index], present[:, 0])
            ends = np.clip(ends, LEAST_NOISE, 1 - LEAST_NOISE)
            change = np.log(sum(self._branches(members, ends, point))) - before
            hinges += _hinges("factor", draws, change, log_joint, cause, other=factor)
        return hinges

    def _point(self, finding: FindingId) -> Array:
        """Point values of the numbers of a finding, shaped like draws with a single sample."""
        draws = self.finding(finding)
        first = [int(np.argmax(draws.index == number)) for number in range(len(draws.values))]
        return self._tables[finding].truth[first][:, None, :]

    def _finding_ends(self, item: Evidence, draws: Draws) -> Array:
        """The draws at the low and high end of what they say of the observed answer, (numbers, 2, states)."""
        order = np.argsort(self._observed(item, draws.values), axis=1)[:, [LOW, HIGH]]
        ends = np.take_along_axis(draws.values, order[..., None], axis=1)
        # A very skewed distribution may have its mean outside its own 90%; the point then is the end.
        point = self._point(item.finding)
        beyond = (self._observed(item, ends) - self._observed(item, point)) * [1, -1] > 0
        return np.where(beyond[..., None], point, ends)


def interval(samples: Array, point: Array) -> tuple[Array, Array]:
    """The 5% and 95% points of each row of samples, widened to contain the point."""
    ordered = np.sort(samples, axis=1)
    return np.minimum(ordered[:, LOW], point), np.maximum(ordered[:, HIGH], point)


def _ends(values: Array, point: Array) -> Array:
    """The 5% and 95% points of each row, widened to contain the point, (rows, 2)."""
    return np.stack(interval(values, point), axis=1)


def _draw(entry: Number | Distribution, rng: np.random.Generator, states: tuple[str, ...]) -> Array:
    """Samples of one number as P(state), (samples, states)."""
    if isinstance(entry, Number):
        yes = rng.beta(max(entry.alpha, TINY), max(entry.beta, TINY), SAMPLES)
        return np.stack([1 - yes, yes], axis=-1)
    shape = entry.sample_size * np.array([entry.options.get(state, 0.0) for state in states])
    weights = rng.standard_gamma(shape, size=(SAMPLES, len(shape)))
    # Several tiny shapes may all underflow to 0; the point value then stands in.
    empty = weights.sum(axis=1) <= 0
    weights[empty] = shape
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _hinges(
    kind: str,
    draws: Draws,
    change: Array,
    log_joint: Array,
    cause: int,
    *,
    finding: FindingId | None = None,
    other: ConditionId | None = None,
) -> list[Hinge]:
    """What each number of these draws does to P(cause); `change`: (causes, 2) of log P(e, cause)."""
    owned = draws.index == np.arange(len(draws.owners))[:, None]
    moved = log_joint + owned[:, None, :] * change.T
    weight = np.exp(moved - moved.max(axis=-1, keepdims=True))
    ends = weight[..., cause] / weight.sum(axis=-1)
    return [
        Hinge(kind=kind, condition=owner, finding=finding, other=other, at_low=float(low), at_high=float(high))
        for owner, (low, high) in zip(draws.owners, ends, strict=True)
    ]
