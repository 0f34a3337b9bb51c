"""Gains, what questions separate, flips, severity and the hinge."""

from dataclasses import replace

import numpy as np
import pytest
from differential_kb import (
    SOURCE,
    condition,
    definition,
    distribution,
    knowledge,
    number,
    random_findings,
    random_kb,
)

from soleus.core.assessment import Cause
from soleus.core.expression import OneOf, Present
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, SourceKey
from soleus.differential import Engine
from soleus.differential.explain import sources_of
from soleus.differential.sensitivity import SAMPLES, _draw
from soleus.knowledge.base import Basis, Distribution, KnowledgeBase, Observation, SeverityModel

PEOPLE = frozenset({"runner"})
NOTHING = FindingSet()


def f(name: str, value: object) -> Finding:
    return Finding(id=FindingId(name), value=value)  # type: ignore[arg-type]


def kb_of(**more: object) -> KnowledgeBase:
    gap = definition("gap", background=number(0.05), **more)
    return knowledge(
        [
            gap,
            definition("pop", background=number(0.1)),
            definition("age", background=number(0.5)),
            definition("watch", background=number(0.1), asked_of=frozenset({"watch"})),
        ],
        [
            condition("rupture", prior=number(0.2), findings={gap.id: number(0.8), FindingId("watch"): number(0.9)}),
            condition("strain", prior=number(0.3), findings={FindingId("pop"): number(0.6)}, grading=True),
            condition("cramp", prior=number(0.3)),
            condition("other", prior=number(0.2)),
        ],
    )


def cause(engine: Engine, name: str, findings: FindingSet = NOTHING) -> Cause:
    return next(c for c in engine.differential(findings).causes if c.condition == name)


def flipped(engine: Engine, findings: FindingSet = NOTHING) -> set[str]:
    return {flip.finding for flip in cause(engine, "rupture", findings).would_change}


def test_gains_are_ranked_and_say_what_they_separate() -> None:
    engine = Engine(kb_of())
    ids = [FindingId(i) for i in ("age", "pop", "gap", "unheard")]
    gains = engine.information(NOTHING, ids)
    assert [gain.finding for gain in gains] == ["gap", "pop", "age", "unheard"]
    assert gains[0].separates[0] == "rupture"
    assert 2 <= len(gains[0].separates) <= 3
    assert gains[1].separates[0] == "strain"
    assert (gains[2].bits, gains[2].separates) == (0.0, ())  # equally likely everywhere: not worth asking
    assert engine.information(FindingSet([f("gap", True)]), ids[2:3]) == (("gap", 0.0, ()),)


def test_flips_are_answers_a_person_can_give() -> None:
    engine = Engine(kb_of())
    flips = cause(engine, "rupture").would_change
    assert {flip.finding for flip in flips} == {"gap", "pop"}
    best = flips[0]
    assert (best.finding, best.value) == ("gap", "true")
    assert best.probability == pytest.approx(engine.posterior(FindingSet([f("gap", True)]))[ConditionId("rupture")])
    assert flipped(engine, FindingSet([f("gap", True)])) == {"pop"}
    total = best.chance * best.probability
    no = engine.posterior(FindingSet([f("gap", False)]))[ConditionId("rupture")]
    assert total + (1 - best.chance) * no == pytest.approx(0.2)  # the answers average to what is believed now


def test_flips_leave_out_what_may_harm_or_does_not_apply() -> None:
    pop = Present(finding=FindingId("pop"))
    unsafe = Engine(kb_of(unsafe_if=pop))
    assert "gap" not in flipped(unsafe)  # not known to be safe
    assert "gap" not in flipped(unsafe, FindingSet([f("pop", True)]))
    assert "gap" in flipped(unsafe, FindingSet([f("pop", False)]))
    dependent = Engine(kb_of(ask_if=OneOf(finding=FindingId("pop"), options=frozenset({"True"}))))
    assert "gap" in flipped(dependent)  # may apply
    assert "gap" not in flipped(dependent, FindingSet([f("pop", False)]))


def test_at_most_five_flips() -> None:
    many = [definition(f"s{i}", background=number(0.1)) for i in range(9)]
    strong = {item.id: number(0.7) for item in many}
    kb = knowledge(many, [condition("a", prior=number(0.5), findings=strong), condition("b", prior=number(0.5))])
    assert len(Engine(kb).differential(NOTHING).causes[0].would_change) == 5


def test_only_the_first_causes_are_explained() -> None:
    differential = Engine(kb_of()).differential(FindingSet([f("pop", True)]), explain=1)
    assert differential.causes[0].condition == "strain"
    assert differential.causes[0].contributions
    assert not any(c.contributions or c.would_change for c in differential.causes[1:])


def test_sources_name_the_studies_counted_in() -> None:
    seen = Observation(events=3, n=9, weight=0.5, source=SourceKey("counted"))
    assert sources_of(replace(number(0.3), observed=(seen,))) == (SOURCE, "counted")
    assert sources_of(replace(distribution({"a": 1.0}), observed=(("a", seen),))) == ("counted",)
    assert Engine(kb_of()).differential(FindingSet([f("pop", True)])).causes[0].contributions[0].sources == (SOURCE,)


def severity(discount: float = 1.0) -> SeverityModel:
    return SeverityModel(
        grades=("mild", "severe"),
        prior=distribution({"mild": 0.5, "severe": 0.5}),
        priors={ConditionId("other"): distribution({"mild": 0.9, "severe": 0.1})},
        discount=discount,
        findings={
            FindingId("pop"): {"mild": number(0.1), "severe": number(0.6)},
            FindingId("gap"): {"mild": number(0.1), "severe": number(0.6)},
        },
    )


def test_severity_follows_the_signs_and_only_where_graded() -> None:
    engine = Engine(replace(kb_of(), severity=severity()))
    findings = FindingSet([f("pop", True)])
    assert cause(engine, "strain").severity == (("mild", pytest.approx(0.5)), ("severe", pytest.approx(0.5)))
    grades = dict(cause(engine, "strain", findings).severity)
    says = (0.1 * 0.97 + 0.9 * 0.01, 0.6 * 0.97 + 0.4 * 0.01)
    assert grades["severe"] == pytest.approx(says[1] / sum(says))
    assert cause(engine, "cramp", findings).severity == ()
    assert cause(Engine(kb_of()), "strain", findings).severity == ()


def test_overlapping_signs_are_discounted() -> None:
    findings = FindingSet([f("pop", True), f("gap", True)])
    full = dict(cause(Engine(replace(kb_of(), severity=severity())), "strain", findings).severity)
    half = dict(cause(Engine(replace(kb_of(), severity=severity(0.5))), "strain", findings).severity)
    assert 0.5 < half["severe"] < full["severe"]


def test_the_hinge_names_the_number() -> None:
    kb = kb_of()
    vague = replace(kb.conditions[ConditionId("rupture")], findings={FindingId("gap"): number(0.5, size=1.0)})
    engine = Engine(replace(kb, conditions={**kb.conditions, vague.id: vague}))
    hinge = engine.hinge(FindingSet([f("gap", True)]), vague.id)
    assert (hinge.kind, hinge.condition, hinge.finding, hinge.other) == ("finding", "rupture", "gap", None)
    assert hinge.at_low < hinge.at_high


def test_draws_of_a_table_that_underflow_fall_back_to_the_point() -> None:
    entry = Distribution(options={"a": 0.5, "b": 0.5}, sample_size=1e-9, basis=Basis.EXPERT)
    drawn = _draw(entry, np.random.default_rng(0), ("a", "b"))
    assert drawn.shape == (SAMPLES, 2)
    assert np.all(np.isfinite(drawn))
    assert drawn.sum(axis=1) == pytest.approx(np.ones(SAMPLES))


def test_every_kind_of_number_is_weighed_for_the_hinge() -> None:
    """With plain and grouped findings and a co-factor's group answered, some number is found for every cause."""
    kb = random_kb(5, findings=16, groups=4, factors=2)
    engine = Engine(kb)
    findings = random_findings(kb, 6, share=1.0)
    assert {item.latent is None for item in engine.model.findings} == {True, False}
    assert any(g.factor is not None and g.members for g in kb.groups)
    for name, probability in engine.posterior(findings).items():
        hinge = engine.hinge(findings, name)
        assert max(hinge.at_low, hinge.at_high) >= min(probability, 1e-9)
