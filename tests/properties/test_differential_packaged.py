"""The packaged knowledge base, whatever its numbers: exact, consistent, and quick enough to ask while talking."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from differential_kb import random_findings
from test_differential_inference import EXACT, evidence_on, pyagrum_engine, to_pyagrum

from soleus.core.finding import FindingSet
from soleus.core.ids import FindingId
from soleus.differential import Engine, engine_for
from soleus.differential.build import CAUSE, finding_node, noise_matrix
from soleus.differential.elimination import eliminate
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyagrum as gum


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return load_knowledge()


@pytest.fixture(scope="module")
def engine(kb: KnowledgeBase) -> Engine:
    return engine_for(kb)


@pytest.mark.parametrize(("seed", "share"), [(1, 0.0), (2, 0.05), (3, 0.15), (4, 0.4), (5, 1.0)])
def test_posterior_equals_elimination_and_pyagrum(kb: KnowledgeBase, engine: Engine, seed: int, share: float) -> None:
    findings = random_findings(kb, seed, share)
    evidence = evidence_on(findings, kb)
    mine = list(engine.posterior(findings).values())
    assert sum(mine) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(mine, eliminate(engine.model.network(), [CAUSE], evidence).table, atol=EXACT)
    lazy = pyagrum_engine(engine.model, evidence)
    np.testing.assert_allclose(mine, lazy.posterior(CAUSE).toarray(), atol=EXACT)
    for factor, probability in engine.factors(findings).items():
        assert probability == pytest.approx(float(lazy.posterior(f"factor:{factor}")[1]), abs=EXACT)


def test_gain_of_every_question_equals_pyagrum(kb: KnowledgeBase, engine: Engine) -> None:
    findings = random_findings(kb, 11, 0.1)
    evidence = evidence_on(findings, kb)
    open_ones = [item.id for item in engine.model.findings if finding_node(item.id) not in evidence]
    lazy = gum.LazyPropagation(to_pyagrum(engine.model.network()))
    lazy.setEvidence({name: vector.tolist() for name, vector in evidence.items()})
    for finding in open_ones:
        lazy.addJointTarget({CAUSE, finding_node(finding)})
    lazy.makeInference()
    for gain in engine.information(findings, open_ones):
        joint = lazy.jointPosterior({CAUSE, finding_node(gain.finding)}).toarray()
        apart = joint.sum(axis=0, keepdims=True) * joint.sum(axis=1, keepdims=True)
        seen = joint > 0
        bits = float(np.sum(joint[seen] * np.log2(joint[seen] / apart[seen])))
        assert gain.bits == pytest.approx(bits, abs=EXACT)


def test_groups_keep_every_margin(engine: Engine) -> None:
    grouped = [item for item in engine.model.findings if item.latent is not None]
    assert grouped
    for item in grouped:
        present = engine.model.latents[item.latent or 0].present[:, None]
        margin = item.answer[:, 0] * (1 - present) + item.answer[:, 1] * present
        np.testing.assert_allclose(margin, item.truth @ noise_matrix(item.definition), atol=1e-12)


def test_reasons_and_intervals(kb: KnowledgeBase, engine: Engine) -> None:
    findings = random_findings(kb, 21, 0.15)
    before = engine.posterior(FindingSet())
    differential = engine.differential(findings)
    assert len(differential.causes) == len(kb.diagnoses)
    assert len(differential.contributors) == len(kb.factors)
    for cause in differential.causes[:5]:
        odds = cause.probability / (1 - cause.probability)
        prior = before[cause.condition] / (1 - before[cause.condition])
        whole = sum(part.weight_db for part in cause.contributions)
        assert whole == pytest.approx(10 * np.log10(odds / prior), abs=1e-6)
        assert cause.low <= cause.probability <= cause.high
    assert all(not cause.contributions for cause in differential.causes[5:])


def test_severity_rises_with_every_worse_sign(kb: KnowledgeBase) -> None:
    """Within each finding the likelihood of the grades is ordered: no state speaks for the middle against both ends."""
    assert kb.severity is not None
    for finding, table in kb.severity.findings.items():
        states = kb.findings[finding].states
        if states == ("false", "true"):
            values = [table[grade].value for grade in kb.severity.grades]  # type: ignore[union-attr]
            assert values == sorted(values) or values == sorted(values, reverse=True), finding
            continue
        better, middle, worse = ([table[g].options[s] for s in states] for g in kb.severity.grades)  # type: ignore[union-attr]
        for left, right in ((better, middle), (middle, worse)):
            tail = np.cumsum(np.array(right)) - np.cumsum(np.array(left))
            assert np.all(tail <= 1e-9), FindingId(finding)
