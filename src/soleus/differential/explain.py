"""Why: the weight of evidence of each finding for a cause, against the mixture of all the others.

The whole is log P(e | c) − log P(e | not c) = posterior log-odds − prior log-odds (Good 1950, 1985). The mixture of
the other causes does not split by finding: what a finding says against "the others" depends on who of them the
other findings have left standing. Adding the findings one by one would make each part depend on the order. Instead
all findings are turned on together: with every likelihood raised to the power t, t from 0 to 1,

    weight of f = ∫₀¹ ( E_t[log P(f | …) given c] − E_t[log P(f | …) given not c] ) dt,

where E_t is the mean over causes and latents at power t. By the chain rule the parts add up to the whole; no order
enters. This is the attribution of Aumann and Shapley (1974, "Values of Non-Atomic Games"): equal roles get equal
parts, a finding equally likely under all causes gets 0, one likelier under c than under every other cause gets more
than 0 (when ungrouped), and members of a correlated group share what the group says.

Known limit: the integral is done by Gauss-Legendre quadrature; its small error is spread over the parts in
proportion to their size, so that the sum is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.assessment import Contribution
from soleus.core.ids import SourceKey
from soleus.differential.network import Array
from soleus.differential.tree import Belief, Likelihoods, Tree
from soleus.knowledge.base import Distribution, Number, Observation

DECIBANS = 10 / np.log(10)
"""Decibans in one natural-log unit."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
POWERS: Array = (NODES + 1) / 2
STEPS: Array = WEIGHTS / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """The way from prior (power 0) to posterior (power 1), for the co-factors and the latents with evidence.

    `cause`: P_t(cause), (powers, causes); `latent`: P_t(z | cause), (powers, latents in play, 2, causes), co-factors
    first; `place`: which of those latents each grouped finding hangs from.
    """

    cause: Array
    latent: Array
    place: NDArray[np.intp]


def trace_path(tree: Tree, likelihoods: Likelihoods) -> Path:
    """P(cause) and P(latent | cause) with every likelihood at the powers of the quadrature."""
    # A latent without evidence stays at its prior and moves nothing.
    used = np.union1d(np.arange(len(tree.model.factors)), likelihoods.latent).astype(np.intp)
    place = np.searchsorted(used, likelihoods.latent)
    grouped = np.zeros((len(used), *tree.latent_log_prior.shape[1:]))
    np.add.at(grouped, place, likelihoods.grouped)
    logs = tree.latent_log_prior[used] + POWERS[:, None, None, None] * grouped
    block = np.logaddexp(logs[:, :, 0], logs[:, :, 1])
    joint = tree.log_prior + POWERS[:, None] * likelihoods.plain.sum(axis=0) + block.sum(axis=1)
    cause = np.exp(joint - joint.max(axis=1, keepdims=True))
    latent = np.exp(logs - block[:, :, None])
    return Path(cause=cause / cause.sum(axis=1, keepdims=True), latent=latent, place=place)


def weigh_cause(path: Path, likelihoods: Likelihoods, belief: Belief, tree: Tree, cause: int) -> Array:
    """Weight of every finding for one cause, in decibans, in the order of `likelihoods.evidence`."""
    others = path.cause.copy()
    others[:, cause] = 0.0
    # A cause that is all but certain leaves the others a share near 0, but never 0: only ratios matter.
    contrast = -others / others.sum(axis=1, keepdims=True)
    contrast[:, cause] = 1.0
    plain, grouped = _integrate(path, likelihoods, contrast)
    total = _log_odds(belief.log_joint, cause) - _log_odds(tree.log_prior, cause)
    return _settle(np.concatenate([plain, grouped]), total)


def weigh_factor(path: Path, likelihoods: Likelihoods, belief: Belief, tree: Tree, factor: int) -> Array:
    """Weight of every finding for a co-factor being present, in decibans."""
    with_it = path.cause * path.latent[:, factor, 1]
    without = path.cause * path.latent[:, factor, 0]
    with_it /= with_it.sum(axis=1, keepdims=True)
    without /= without.sum(axis=1, keepdims=True)
    plain, grouped = _integrate(path, likelihoods, with_it - without)
    own = likelihoods.latent == factor
    # Below the co-factor itself its state is known on either side of the contrast.
    grouped[own] = likelihoods.grouped[own, 1] @ (STEPS @ with_it) - likelihoods.grouped[own, 0] @ (STEPS @ without)
    total = _factor_odds(belief.log_joint, belief.latent_log, factor)
    total -= _factor_odds(tree.log_prior, tree.latent_log_prior, factor)
    return _settle(np.concatenate([plain, grouped]), total)


def contributions(
    likelihoods: Likelihoods, weights: Array, sources: list[tuple[SourceKey, ...]]
) -> tuple[Contribution, ...]:
    """The weights as contributions, heaviest first, ties by name."""
    parts = [
        Contribution(finding=item.finding, value=item.value, weight_db=float(weight), sources=keys, soft=item.soft)
        for item, weight, keys in zip(likelihoods.evidence, weights, sources, strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: (-abs(part.weight_db), part.finding)))


def sources_of(entry: Number | Distribution) -> tuple[SourceKey, ...]:
    """Where a number comes from, counted observations included."""
    seen = entry.observed
    counted = [(item if isinstance(item, Observation) else item[1]).source for item in seen]
    return tuple(dict.fromkeys([*entry.sources, *counted]))


def _integrate(path: Path, likelihoods: Likelihoods, contrast: Array) -> tuple[Array, Array]:
    """∫ Σ_cause contrast_t · E_t[log-likelihood | cause] dt for the ungrouped and the grouped findings."""
    weighted = STEPS[:, None] * contrast
    plain = likelihoods.plain @ weighted.sum(axis=0)
    spread = np.einsum("tc,tlzc->lzc", weighted, path.latent)
    grouped = np.einsum("kzc,kzc->k", likelihoods.grouped, spread[path.place])
    return plain, grouped


def _log_odds(log_joint: Array, cause: int) -> float:
    others = np.delete(log_joint, cause)
    return float(log_joint[cause] - np.logaddexp.reduce(others))


def _factor_odds(log_joint: Array, latent_log: Array, factor: int) -> float:
    no, yes = latent_log[factor] - np.logaddexp(latent_log[factor, 0], latent_log[factor, 1]) + log_joint
    return float(np.logaddexp.reduce(yes) - np.logaddexp.reduce(no))


def _settle(parts: Array, total: float) -> Array:
    """The parts in decibans, with the error of the quadrature spread over them by size."""
    size = np.abs(parts).sum()
    if size == 0:
        return parts
    return np.asarray(DECIBANS * (parts + (total - parts.sum()) * np.abs(parts) / size))
