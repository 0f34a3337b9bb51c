"""The reasons add up, the intervals hold the point, and neither depends on the order of answering."""

from __future__ import annotations

import math

import numpy as np
import pytest
from differential_kb import random_findings, random_kb
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.assessment import Cause, Differential
from soleus.core.finding import Finding, FindingSet
from soleus.differential.engine import Engine
from soleus.differential.explain import DECIBANS, trace_path, weigh_cause
from soleus.differential.sensitivity import SAMPLES
from soleus.knowledge.base import KnowledgeBase

seeds = st.integers(0, 10**6)


def log_odds_db(probability: float) -> float:
    return 10 * math.log10(probability / (1 - probability))


def everything(engine: Engine, findings: FindingSet) -> Differential:
    return engine.differential(findings, explain=100)


def by_finding(cause: Cause) -> dict[str, float]:
    return {part.finding: part.weight_db for part in cause.contributions}


@given(seeds, st.integers(2, 8), st.integers(1, 14), st.sampled_from([0.3, 1.0]))
@settings(max_examples=60, deadline=None)
def test_contributions_add_up_to_the_change_of_the_odds(seed: int, causes: int, size: int, sharpness: float) -> None:
    kb = random_kb(seed, causes=causes, findings=size, sharpness=sharpness)
    engine = Engine(kb)
    findings = random_findings(kb, seed + 1, share=0.7)
    before = everything(engine, FindingSet())
    after = everything(engine, findings)
    for cause in (*after.causes, *after.contributors):
        if not 1e-6 < cause.probability < 1 - 1e-6:
            continue  # 1 − P loses its digits; the sum is checked against exact log-odds below
        change = log_odds_db(cause.probability) - log_odds_db(before.probability(cause.condition))
        assert sum(by_finding(cause).values()) == pytest.approx(change, abs=1e-7)


@given(seeds, st.integers(2, 8), st.integers(1, 14))
@settings(max_examples=40, deadline=None)
def test_the_quadrature_is_close_before_its_error_is_spread(seed: int, causes: int, size: int) -> None:
    kb = random_kb(seed, causes=causes, findings=size, sharpness=0.3)
    engine = Engine(kb)
    likelihoods, belief = engine._condition(random_findings(kb, seed + 1, share=0.9))
    path = trace_path(engine.tree, likelihoods)
    for cause in range(causes):
        settled = weigh_cause(path, likelihoods, belief, engine.tree, cause)
        again = np.linalg.norm(settled)
        others = np.delete(belief.log_joint, cause)
        exact = belief.log_joint[cause] - np.logaddexp.reduce(others)
        prior = engine.tree.log_prior[cause] - np.logaddexp.reduce(np.delete(engine.tree.log_prior, cause))
        assert settled.sum() == pytest.approx(DECIBANS * (exact - prior), abs=1e-8)
        import soleus.differential.explain as explain

        contrast = -np.delete(path.cause, cause, axis=1)
        contrast = np.insert(contrast / -contrast.sum(axis=1, keepdims=True), cause, 1.0, axis=1)
        raw = DECIBANS * np.concatenate(explain._integrate(path, likelihoods, contrast))
        assert np.abs(raw - settled).max(initial=0.0) <= 1e-3 * (1 + again)


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_whole_differential_ignores_the_order_of_answers(seed: int, random: object) -> None:
    kb = random_kb(seed, findings=10)
    findings = list(random_findings(kb, seed, share=0.8))
    engine = Engine(kb)
    first = everything(engine, FindingSet(findings))
    random.shuffle(findings)  # type: ignore[attr-defined]
    assert everything(engine, FindingSet(findings)) == first
    assert everything(Engine(kb), FindingSet(findings)) == first  # a fresh engine draws the same numbers


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_one_ungrouped_finding_weighs_its_own_likelihood_ratio(seed: int) -> None:
    kb = random_kb(seed, groups=0)
    engine = Engine(kb)
    prior = engine.posterior(FindingSet())
    for item in engine.model.findings:
        if item.definition.states != ("false", "true"):
            continue
        differential = everything(engine, FindingSet([Finding(id=item.id, value=True)]))
        for cause in differential.causes:
            at = engine.model.causes.index(cause.condition)
            others = [i for i in range(len(prior)) if i != at]
            rest = engine.model.prior[others]
            mixture = float(item.answer[others, 1] @ rest / rest.sum())
            ratio = float(item.answer[at, 1]) / mixture
            assert by_finding(cause)[item.id] == pytest.approx(10 * math.log10(ratio), abs=1e-9)


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_finding_likelier_than_under_any_other_cause_never_speaks_against(seed: int) -> None:
    kb = random_kb(seed, groups=0, findings=8)
    engine = Engine(kb)
    findings = random_findings(kb, seed, share=0.8)
    likelihoods, _ = engine._condition(findings)
    for cause in everything(engine, findings).causes:
        at = engine.model.causes.index(cause.condition)
        for item, row in zip(likelihoods.evidence, likelihoods.plain, strict=True):
            if row[at] > np.delete(row, at).max() + 1e-3:
                assert by_finding(cause)[item.finding] > 0


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_intervals_contain_the_point_and_samples_are_distributions(seed: int) -> None:
    kb = random_kb(seed, findings=10)
    engine = Engine(kb)
    findings = random_findings(kb, seed, share=0.8)
    differential = engine.differential(findings)
    for cause in (*differential.causes, *differential.contributors):
        assert 0 <= cause.low <= cause.probability <= cause.high <= 1
    samples, factors = engine._sampler.samples(engine._condition(findings)[0].evidence)
    np.testing.assert_allclose(samples.sum(axis=0), 1, atol=1e-12)
    assert samples.shape == (5, SAMPLES)
    assert factors.shape == (2, SAMPLES)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_sure_numbers_leave_no_interval(seed: int) -> None:
    kb = sharpened(random_kb(seed, findings=8))
    engine = Engine(kb)
    findings = random_findings(kb, seed, share=0.6)
    differential = engine.differential(findings)
    for cause in (*differential.causes, *differential.contributors):
        assert cause.high - cause.low < 1e-3
    hinge = engine.hinge(findings, differential.causes[0].condition)
    assert abs(hinge.at_high - hinge.at_low) < 1e-3


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_hinge_moves_the_point(seed: int) -> None:
    kb = random_kb(seed, findings=10, groups=0)
    engine = Engine(kb)
    findings = random_findings(kb, seed, share=0.8)
    for condition, probability in engine.posterior(findings).items():
        hinge = engine.hinge(findings, condition)
        low, high = sorted([hinge.at_low, hinge.at_high])
        assert low - 1e-9 <= probability <= high + 1e-9


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_hinge_of_a_group_is_a_real_number_of_the_knowledge_base(seed: int) -> None:
    kb = random_kb(seed, findings=10, groups=4)
    engine = Engine(kb)
    findings = random_findings(kb, seed, share=0.9)
    hinge = engine.hinge(findings, engine.model.causes[0])
    assert hinge.condition is None or hinge.condition in kb.conditions
    assert (hinge.finding is not None) == (hinge.kind == "finding")
    assert (hinge.other is not None) == (hinge.kind == "factor")
    assert 0 <= hinge.at_low <= 1
    assert 0 <= hinge.at_high <= 1


def sharpened(kb: KnowledgeBase) -> KnowledgeBase:
    """The same numbers, known all but exactly."""
    from dataclasses import replace

    from soleus.knowledge.base import Distribution, Number

    def sure(entry: Number | Distribution) -> Number | Distribution:
        if isinstance(entry, Number):
            return replace(entry, alpha=entry.alpha * 1e10, beta=entry.beta * 1e10)
        return replace(entry, sample_size=1e10)

    return replace(
        kb,
        findings={
            i: f if f.background is None else replace(f, background=sure(f.background)) for i, f in kb.findings.items()
        },
        conditions={
            i: replace(
                c,
                prior=sure(c.prior),
                findings={f: sure(n) for f, n in c.findings.items()},
                factors={k: sure(n) for k, n in c.factors.items()},
            )
            for i, c in kb.conditions.items()
        },
    )
