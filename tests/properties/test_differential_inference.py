"""Three exact engines of our own and one of others must agree on every posterior and every gain."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from differential_kb import random_findings, random_kb
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.finding import Finding, FindingSet
from soleus.differential.build import CAUSE, Model, finding_node
from soleus.differential.elimination import eliminate
from soleus.differential.engine import Engine
from soleus.differential.evidence import gather_evidence
from soleus.differential.network import Network, Node
from soleus.differential.reference import enumerate_posterior
from soleus.knowledge.base import KnowledgeBase

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyagrum as gum

EXACT = 1e-9
seeds = st.integers(0, 10**6)


def random_network(seed: int) -> Network:
    rng = np.random.default_rng(seed)
    nodes: list[Node] = []
    for i in range(int(rng.integers(2, 7))):
        parents = [node for node in nodes if rng.random() < 0.5][:3]
        states = int(rng.integers(1, 4))
        table = rng.dirichlet(np.ones(states), size=[len(p.states) for p in parents] or None)
        names = tuple(str(s) for s in range(states))
        nodes.append(Node(name=f"n{i}", states=names, parents=tuple(p.name for p in parents), table=table))
    rng.shuffle(nodes)  # type: ignore[arg-type]
    return Network(nodes)


def to_pyagrum(network: Network) -> gum.BayesNet:
    net = gum.BayesNet()
    for node in network.nodes.values():
        net.add(gum.LabelizedVariable(node.name, "", list(node.states)))
        for parent in node.parents:
            net.addArc(parent, node.name)
    for node in network.nodes.values():
        table = net.cpt(node.name)
        order = [(*node.parents, node.name).index(name) for name in reversed(table.names)]
        table[:] = np.ascontiguousarray(np.transpose(node.table, order))
    return net


def evidence_on(findings: FindingSet, kb: KnowledgeBase) -> dict[str, np.ndarray]:
    return {finding_node(i): item.likelihood for i, item in gather_evidence(findings, kb).items()}


def pyagrum_engine(model: Model, evidence: dict[str, np.ndarray]) -> gum.LazyPropagation:
    engine = gum.LazyPropagation(to_pyagrum(model.network()))
    engine.setEvidence({name: vector.tolist() for name, vector in evidence.items()})
    return engine


@given(seeds, st.data())
@settings(max_examples=60, deadline=None)
def test_elimination_equals_enumeration_on_random_networks(seed: int, data: st.DataObject) -> None:
    network = random_network(seed)
    names = sorted(network.nodes)
    targets = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=2))
    rng = np.random.default_rng(seed)
    observed = data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    evidence = {name: rng.uniform(0.01, 1, len(network.nodes[name].states)) for name in observed}
    mine = eliminate(network, targets, evidence)
    assert mine.variables == tuple(targets)
    np.testing.assert_allclose(mine.table, enumerate_posterior(network, targets, evidence).table, atol=1e-12)


@given(seeds, st.integers(2, 9), st.integers(1, 14), st.integers(0, 3), st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_tree_equals_elimination_and_pyagrum(seed: int, causes: int, findings: int, factors: int, groups: int) -> None:
    kb = random_kb(seed, causes=causes, findings=findings, factors=factors, groups=groups)
    answers = random_findings(kb, seed + 1)
    engine = Engine(kb)
    evidence = evidence_on(answers, kb)
    network = engine.model.network()
    lazy = pyagrum_engine(engine.model, evidence)
    mine = list(engine.posterior(answers).values())
    np.testing.assert_allclose(mine, eliminate(network, [CAUSE], evidence).table, atol=EXACT)
    np.testing.assert_allclose(mine, lazy.posterior(CAUSE).toarray(), atol=EXACT)
    for factor, probability in engine.factors(answers).items():
        assert probability == pytest.approx(float(lazy.posterior(f"factor:{factor}")[1]), abs=EXACT)


@given(seeds, st.integers(2, 6), st.integers(1, 10))
@settings(max_examples=25, deadline=None)
def test_gain_equals_elimination_and_pyagrum(seed: int, causes: int, findings: int) -> None:
    kb = random_kb(seed, causes=causes, findings=findings)
    answers = random_findings(kb, seed + 1, share=0.4)
    engine = Engine(kb)
    evidence = evidence_on(answers, kb)
    network = engine.model.network()
    open_ones = [i for i in kb.findings if finding_node(i) not in evidence and kb.findings[i].background is not None]
    gains = {gain.finding: gain.bits for gain in engine.information(answers, open_ones)}
    net = to_pyagrum(network)
    for finding in open_ones:
        joint = eliminate(network, [CAUSE, finding_node(finding)], evidence).table
        apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
        bits = float(np.sum(joint * np.log2(np.where(joint > 0, joint, 1.0) / np.where(apart > 0, apart, 1.0))))
        assert gains[finding] == pytest.approx(bits, abs=EXACT)
        lazy = gum.LazyPropagation(net)
        lazy.setEvidence({name: vector.tolist() for name, vector in evidence.items()})
        theirs = gum.InformationTheory(lazy, [CAUSE], [finding_node(finding)]).mutualInformationXY()
        assert gains[finding] == pytest.approx(theirs, abs=EXACT)


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_posterior_sums_to_one_whatever_the_order_of_answers(seed: int, random: object) -> None:
    kb = random_kb(seed, causes=7, findings=12)
    answers = list(random_findings(kb, seed, share=0.8))
    engine = Engine(kb)
    first = engine.posterior(FindingSet(answers))
    random.shuffle(answers)  # type: ignore[attr-defined]
    assert engine.posterior(FindingSet(answers)) == first  # to the last bit
    assert sum(first.values()) == pytest.approx(1, abs=1e-12)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_unknown_changes_nothing(seed: int) -> None:
    kb = random_kb(seed)
    answers = random_findings(kb, seed)
    engine = Engine(kb)
    unknown = [Finding(id=i, value=None) for i in kb.findings if i not in answers]
    assert engine.posterior(answers.merged(unknown)) == engine.posterior(answers)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_certain_soft_evidence_is_hard_evidence(seed: int) -> None:
    kb = random_kb(seed)
    hard = [f for f in random_findings(kb, seed, share=0.9) if f.likelihood is None and f.value is not None]
    evidence = gather_evidence(FindingSet(hard), kb)
    soft = [
        Finding(
            id=i, value=None, likelihood=dict(zip(kb.findings[i].states, (0.3 * e.likelihood).tolist(), strict=True))
        )
        for i, e in evidence.items()
    ]
    engine = Engine(kb)
    assert engine.posterior(FindingSet(soft)) == pytest.approx(engine.posterior(FindingSet(hard)), abs=1e-12)


@given(seeds, st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_groups_keep_the_margins(seed: int, groups: int) -> None:
    grouped = Engine(random_kb(seed, groups=groups, findings=12))
    network = grouped.model.network()
    for item in grouped.model.findings:
        joint = eliminate(network, [CAUSE, finding_node(item.id)], {}).table
        from soleus.differential.build import noise_matrix

        expected = item.truth @ noise_matrix(item.definition)
        np.testing.assert_allclose(joint / joint.sum(axis=1, keepdims=True), expected, atol=1e-12)
