"""Answers become likelihoods; "I don't know" becomes nothing; nonsense is refused by name."""

from dataclasses import replace

import pytest
from differential_kb import condition, definition, distribution, knowledge, number

from soleus.core.errors import AnswerError
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.differential import Engine, implied_absent
from soleus.differential.evidence import gather_evidence
from soleus.knowledge.base import Kind

ABC = {"a": 0.2, "b": 0.3, "c": 0.5}
BANDS = (("none", 1.0), ("low", 4.0), ("high", float("inf")))


def f(name: str, value: object, **more: object) -> Finding:
    return Finding(id=FindingId(name), value=value, **more)  # type: ignore[arg-type]


KB = knowledge(
    [
        definition("healthy", background=number(0.5), implies_absent=("cancer", "spare", "marks")),
        definition("cancer", background=number(0.05)),
        definition("spare"),
        definition("marks", Kind.CHOICE, options=("a", "b", "c"), background=distribution(ABC)),
        definition("pain", Kind.INTEGER, bands=BANDS, background=distribution({"none": 0.2, "low": 0.3, "high": 0.5})),
    ],
    [
        condition("x", prior=number(0.4), findings={FindingId("cancer"): number(0.6)}),
        condition("y", prior=number(0.4), findings={FindingId("marks"): distribution({"a": 1.0})}),
    ],
)


def states(*findings: Finding) -> dict[str, object]:
    return {
        i: e.state if e.state is not None else e.likelihood.tolist()
        for i, e in gather_evidence(FindingSet(findings), KB).items()
    }


@pytest.mark.parametrize(
    ("finding", "state"),
    [
        (f("cancer", True), 1),
        (f("cancer", False), 0),
        (f("marks", "b"), 1),
        (f("marks", frozenset({"b"})), 1),
        (f("marks", frozenset({"a", "c"})), [1, 0, 1]),
        (f("pain", 0), 0),
        (f("pain", 1), 1),
        (f("pain", 3.9), 1),
        (f("pain", 10), 2),
        (f("cancer", None, likelihood={"true": 0.8, "false": 0.4}), [0.5, 1.0]),
        (f("cancer", True, likelihood={"true": 0.2}), 1),
    ],
)
def test_an_answer_becomes_a_state_or_a_likelihood(finding: Finding, state: object) -> None:
    assert states(finding) == {finding.id: state}


def test_unknown_and_unused_findings_say_nothing() -> None:
    assert states(f("cancer", None), f("spare", True)) == {}


@pytest.mark.parametrize(
    "finding",
    [
        f("nowhere", True),
        f("cancer", "yes"),
        f("cancer", 1),
        f("marks", "z"),
        f("marks", True),
        f("marks", frozenset()),
        f("marks", frozenset({"z"})),
        f("cancer", frozenset({"true", "z"})),
        f("pain", True),
        f("pain", "much"),
        f("pain", float("nan")),
        f("pain", float("inf")),
        f("cancer", None, likelihood={"true": -0.1, "false": 1.0}),
        f("cancer", None, likelihood={"true": float("nan")}),
        f("cancer", None, likelihood={}),
    ],
)
def test_nonsense_is_refused_and_named(finding: Finding) -> None:
    with pytest.raises(AnswerError) as error:
        states(finding)
    assert error.value.where == finding.id


def test_no_medical_problems_answers_what_nobody_asked() -> None:
    assert states(f("healthy", True)) == {"healthy": 1, "cancer": 0}
    assert implied_absent(FindingSet([f("healthy", True)]), KB) == {"cancer", "spare"}
    assert states(f("healthy", False)) == {"healthy": 0}


@pytest.mark.parametrize(("own", "expected"), [(True, {"cancer": 1}), (None, {})])
def test_an_answer_of_its_own_wins_and_so_does_not_knowing(own: bool | None, expected: dict[str, int]) -> None:
    assert states(f("healthy", True), f("cancer", own)) == {"healthy": 1, **expected}


def test_an_implied_absence_is_shown_as_a_reason_and_not_asked_again() -> None:
    engine = Engine(KB)
    findings = FindingSet([f("healthy", True)])
    reasons = {part.finding: part.value for part in engine.differential(findings).causes[0].contributions}
    assert reasons == {"healthy": True, "cancer": False}
    assert engine.information(findings, [FindingId("cancer")])[0].bits == 0


def test_no_answer_is_impossible() -> None:
    sure = replace(KB.findings[FindingId("marks")], false_present=0.0)
    engine = Engine(replace(KB, findings={**KB.findings, sure.id: sure}))
    posterior = engine.posterior(FindingSet([f("marks", "c")]))  # y gives it no mass at all
    assert 0 < posterior["y"] < 1e-4
