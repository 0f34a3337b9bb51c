"""Inference by adding up the full joint table: slow, obviously right, and the oracle of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product as cartesian

import numpy as np

from soleus.differential.elimination import Likelihoods
from soleus.differential.factor import Factor
from soleus.differential.network import Network


def enumerate_posterior(network: Network, targets: Sequence[str], evidence: Likelihoods) -> Factor:
    """P(targets | evidence) by visiting every state of every node; only for a handful of nodes."""
    nodes = list(network.nodes.values())
    table = np.zeros([len(network.nodes[name].states) for name in targets])
    for states in cartesian(*(range(len(node.states)) for node in nodes)):
        at = {node.name: state for node, state in zip(nodes, states, strict=True)}
        weight = 1.0
        for node in nodes:
            weight *= float(node.table[tuple(at[name] for name in (*node.parents, node.name))])
        for name, vector in evidence.items():
            weight *= float(vector[at[name]])
        table[tuple(at[name] for name in targets)] += weight
    return Factor(variables=tuple(targets), table=table).normalised()
