"""Exact inference by variable elimination, for any network; the compiled tree is the fast path for ours.

Sources: Zhang and Poole 1994 (elimination); Kjaerulff 1990 (the min-fill order).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from soleus.differential.factor import Factor, from_node, product
from soleus.differential.network import Array, Network

Likelihoods = Mapping[str, Array]
"""Evidence: node name → P(what was observed | state), one number per state (a hard answer is 0/1)."""


def eliminate(network: Network, targets: Sequence[str], evidence: Likelihoods) -> Factor:
    """P(targets | evidence) as a joint table with axes in the order of `targets`.

    1. drop nodes that are neither asked about, nor observed, nor above one of those (they sum to 1);
    2. take the conditional tables and the evidence vectors as factors;
    3. sum the other nodes out one by one, always the one adding the fewest new links;
    4. multiply what is left and normalise.
    """
    kept = network.ancestors([*targets, *evidence])
    factors = [from_node(node) for name, node in network.nodes.items() if name in kept]
    factors += [Factor(variables=(name,), table=vector) for name, vector in evidence.items()]
    for name in elimination_order([factor.variables for factor in factors], keep=targets):
        touched = [factor for factor in factors if name in factor.variables]
        factors = [factor for factor in factors if name not in factor.variables]
        factors.append(product(touched).summed_out([name]))
    joint = product(factors).normalised()
    return Factor(variables=tuple(targets), table=joint.aligned(targets))


def elimination_order(scopes: Iterable[Sequence[str]], *, keep: Sequence[str]) -> list[str]:
    """All variables but `keep`, by least fill-in, ties by name (so that the order is always the same)."""
    neighbours: dict[str, set[str]] = {}
    for scope in scopes:
        for name in scope:
            neighbours.setdefault(name, set()).update(scope)
    for name, others in neighbours.items():
        others.discard(name)
    waiting = sorted(neighbours.keys() - set(keep))
    order: list[str] = []
    while waiting:
        best = min(waiting, key=lambda name: _fill_in(neighbours, name))
        for first, second in combinations(neighbours[best], 2):
            neighbours[first].add(second)
            neighbours[second].add(first)
        for other in neighbours.pop(best):
            neighbours[other].discard(best)
        waiting.remove(best)
        order.append(best)
    return order


def _fill_in(neighbours: Mapping[str, set[str]], name: str) -> int:
    around = neighbours[name]
    # Each present link is seen from both ends.
    present = sum(len(neighbours[other] & around) for other in around)
    return (len(around) * (len(around) - 1) - present) // 2
