"""From knowledge to model: margins, noise, groups, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from differential_kb import condition, definition, distribution, knowledge, number, random_kb

from soleus.core.errors import KnowledgeError
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId
from soleus.differential.build import LATENT_RANGE, LEAST_NOISE, build_model, noise_matrix, split_by_latent
from soleus.differential.engine import KEPT_ENGINES, Engine, engine_for
from soleus.knowledge.base import Basis, CorrelatedGroup, Kind, KnowledgeBase


def group(
    name: str, members: dict[str, tuple[str, ...]], factor: str | None = None, strength: float = 0.6
) -> CorrelatedGroup:
    return CorrelatedGroup(
        id=name,
        factor=None if factor is None else ConditionId(factor),
        members={FindingId(f): states for f, states in members.items()},
        strength=strength,
        basis=Basis.EXPERT,
        sources=(),
    )


def small_kb(groups: list[CorrelatedGroup] | None = None) -> KnowledgeBase:
    return knowledge(
        [
            definition("swelling", background=number(0.1)),
            definition("pitting", background=number(0.05)),
            definition(
                "place", Kind.CHOICE, options=("high", "low"), background=distribution({"high": 0.7, "low": 0.3})
            ),
            definition("unasked"),
        ],
        [
            condition("clot", prior=number(0.1), findings={FindingId("swelling"): number(0.7)}),
            condition("strain", prior=number(0.3), factors={ConditionId("load"): number(0.8)}),
            condition("load", prior=number(0.4), kind="contributing_factor"),
        ],
        groups,
    )


def test_priors_are_shares_and_silence_means_background() -> None:
    model = build_model(small_kb())
    assert model.prior == pytest.approx([0.25, 0.75])
    swelling = next(item for item in model.findings if item.id == "swelling")
    assert swelling.truth[:, 1] == pytest.approx([0.7, 0.1])
    assert swelling.answer[:, 1] == pytest.approx([0.7 * 0.97 + 0.3 * 0.01, 0.1 * 0.97 + 0.9 * 0.01])
    assert "unasked" not in [item.id for item in model.findings]
    assert model.factors == ("load",)
    assert model.latents[0].present == pytest.approx([0.4, 0.8])


def test_noise_of_choices_is_spread_evenly_and_nothing_is_impossible() -> None:
    choice = definition("c", Kind.CHOICE, options=("a", "b", "c"), noise=(0.03, 0.5))
    assert noise_matrix(choice)[0] == pytest.approx([0.98, 0.01, 0.01])
    silent = definition("b", noise=(0.0, 0.0))
    assert noise_matrix(silent)[0, 1] == noise_matrix(silent)[1, 0] == LEAST_NOISE


def test_an_unnamed_latent_is_as_common_as_its_commonest_member() -> None:
    model = build_model(
        small_kb([group("oedema", {"swelling": ("true",), "pitting": ("true",), "unasked": ("true",)})])
    )
    assert model.latents[1].name == "group:oedema"
    assert model.latents[1].present == pytest.approx([0.7, 0.1])
    assert [item.id for item in model.findings] == ["place", "swelling", "pitting"]


def test_a_group_of_nothing_the_differential_uses_is_harmless() -> None:
    model = build_model(small_kb([group("empty", {"unasked": ("true",)})]))
    assert model.latents[1].present == pytest.approx([LATENT_RANGE[0]] * 2)


def test_full_strength_makes_the_rarer_member_need_the_latent() -> None:
    truth = np.array([[0.8, 0.2]])
    split = split_by_latent(truth, np.array([0.5]), np.array([False, True]), 1.0)
    assert split[0] == pytest.approx(np.array([[1.0, 0.0], [0.6, 0.4]]))
    none = split_by_latent(truth, np.array([0.5]), np.array([False, True]), 0.0)
    assert none[0] == pytest.approx(np.array([[0.8, 0.2], [0.8, 0.2]]))
    certain = split_by_latent(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0.5, 0.5]), np.array([False, True]), 1.0)
    assert certain.sum(axis=-1) == pytest.approx(np.ones((2, 2)))


def test_findings_of_a_co_factor_raise_it_and_leave_the_cause_alone() -> None:
    kb = small_kb([group("jump", {"swelling": ("true",), "pitting": ("true",)}, factor="load", strength=0.9)])
    engine = Engine(kb)
    yes = FindingSet([Finding(id=FindingId("pitting"), value=True)])
    assert engine.factors(yes)[ConditionId("load")] > engine.factors(FindingSet())[ConditionId("load")]
    assert engine.posterior(yes) == pytest.approx(engine.posterior(FindingSet()))


def test_correlated_findings_count_less_than_independent_ones() -> None:
    both = FindingSet([Finding(id=FindingId(f), value=True) for f in ("swelling", "pitting")])
    members = {"swelling": ("true",), "pitting": ("true",)}
    clot = {FindingId("swelling"): number(0.7), FindingId("pitting"): number(0.6)}

    def with_groups(groups: list[CorrelatedGroup]) -> KnowledgeBase:
        kb = small_kb(groups)
        return replace(
            kb, conditions={**kb.conditions, ConditionId("clot"): condition("clot", prior=number(0.1), findings=clot)}
        )

    apart = Engine(with_groups([])).posterior(both)[ConditionId("clot")]
    together = Engine(with_groups([group("oedema", members, strength=0.7)])).posterior(both)[ConditionId("clot")]
    assert 0.25 < together < apart


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ([group("a", {"pitting": ("true",)}), group("b", {"pitting": ("true",)})], "two groups"),
        ([group("a", {"pitting": ("true",)}, factor="luck")], "no such co-factor"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups: list[CorrelatedGroup], problem: str) -> None:
    with pytest.raises(KnowledgeError, match=problem):
        build_model(small_kb(groups))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"place": number(0.3)}, "needs a distribution"),
        ({"swelling": distribution({"true": 1.0})}, "needs a number"),
        ({"place": distribution({"middle": 1.0})}, "unknown option 'middle'"),
        ({"place": distribution({"high": 0.0})}, "no mass"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(entry: dict[FindingId, object], problem: str) -> None:
    kb = small_kb()
    odd = condition("odd", prior=number(0.1), findings=entry)  # type: ignore[arg-type]
    with pytest.raises(KnowledgeError, match=problem):
        build_model(replace(kb, conditions={**kb.conditions, odd.id: odd}))


def test_one_cause_is_no_differential() -> None:
    with pytest.raises(KnowledgeError, match="two diagnoses"):
        build_model(knowledge([], [condition("only", prior=number(0.5))]))


def test_a_model_without_findings_still_answers() -> None:
    engine = Engine(knowledge([], [condition("a", prior=number(0.5)), condition("b", prior=number(0.5))]))
    differential = engine.differential(FindingSet())
    assert [cause.probability for cause in differential.causes] == pytest.approx([0.5, 0.5])
    assert differential.contributors == ()
    assert engine.information(FindingSet(), [FindingId("anything")]) == ((FindingId("anything"), 0.0, ()),)
    assert engine.hinge(FindingSet(), ConditionId("a")).kind == "prior"


def test_engines_are_kept_and_let_go() -> None:
    bases = [random_kb(seed, findings=2) for seed in range(KEPT_ENGINES + 1)]
    first = engine_for(bases[0])
    assert engine_for(bases[0]) is first
    for kb in bases[1:]:
        engine_for(kb)
    assert engine_for(bases[0]) is not first
