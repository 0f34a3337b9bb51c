"""Triage on arbitrary answers: worse news never helps, unknown is never safer, order never matters."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.assessment import Disposition, RuleState
from soleus.core.expression import Always, Truth, evaluate
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Flag, Kind
from soleus.triage import triage
from soleus.triage.answers import Answers

KB = load_knowledge()
REASSURING = {"no_medical_problems"}
ORDERED = sorted(i for i, d in KB.findings.items() if d.kind is Kind.BOOLEAN and i not in REASSURING)


def values(definition: FindingDefinition) -> st.SearchStrategy[Any]:
    if definition.kind is Kind.BOOLEAN:
        return st.sampled_from([False, False, None, True])
    if definition.kind is Kind.CHOICE:
        one = st.sampled_from([*definition.options, None])
        return one | st.frozensets(st.sampled_from(definition.options), min_size=1, max_size=3)
    return st.sampled_from([None, 0, 3, 7, 8, 10])


@st.composite
def answers(draw: st.DrawFn) -> dict[FindingId, Any]:
    """Some background ("no" to most or nothing asked), with a handful of free answers on top."""
    base: dict[FindingId, Any] = {}
    if draw(st.booleans()):
        base = {i: False for i, d in KB.findings.items() if d.kind is Kind.BOOLEAN and "runner" in d.asked_of}
    for name in draw(st.lists(st.sampled_from(sorted(KB.findings)), max_size=12, unique=True)):
        base[name] = draw(values(KB.findings[name]))
    return base


def asked(base: dict[FindingId, Any]) -> FindingSet:
    return FindingSet([Finding(id=name, value=value) for name, value in base.items()])


def level(base: dict[FindingId, Any]) -> Disposition:
    return triage(asked(base), KB).disposition


@settings(max_examples=150, deadline=None)
@given(base=answers(), name=st.sampled_from(ORDERED))
def test_turning_a_finding_on_never_lowers_the_urgency(base: dict[FindingId, Any], name: FindingId) -> None:
    no, unknown, yes = (level({**base, name: value}) for value in (False, None, True))
    assert no <= unknown <= yes


@settings(max_examples=150, deadline=None)
@given(base=answers(), name=st.sampled_from(ORDERED))
def test_never_asked_is_between_no_and_do_not_know(base: dict[FindingId, Any], name: FindingId) -> None:
    silent = {key: value for key, value in base.items() if key != name}
    assert level({**base, name: False}) <= level(silent) <= level({**base, name: None})


@settings(max_examples=100, deadline=None)
@given(base=answers(), low=st.integers(0, 10), high=st.integers(0, 10))
def test_more_pain_is_never_less_urgent(base: dict[FindingId, Any], low: int, high: int) -> None:
    low, high = sorted((low, high))
    name = FindingId("pain_score_now")
    assert level({**base, name: low}) <= level({**base, name: high})


@settings(max_examples=100, deadline=None)
@given(base=answers(), data=st.data())
def test_a_further_mark_never_lowers_the_urgency(base: dict[FindingId, Any], data: st.DataObject) -> None:
    """Two spots or two words instead of one: every rule still sees each of them."""
    name = data.draw(st.sampled_from(sorted(i for i, d in KB.findings.items() if d.kind is Kind.CHOICE)))
    options = data.draw(st.lists(st.sampled_from(KB.findings[name].options), min_size=1, max_size=3, unique=True))
    follow_ups = [d.ask_if for d in KB.findings.values() if d.ask_if is not None]
    assert follow_ups
    assert level({**base, name: frozenset(options[:1])}) <= level({**base, name: frozenset(options)})


@settings(max_examples=100, deadline=None)
@given(base=answers(), data=st.data())
def test_the_order_of_answers_does_not_matter(base: dict[FindingId, Any], data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(base.items()))))
    assert triage(asked(shuffled), KB) == triage(asked(base), KB)


@settings(max_examples=100, deadline=None)
@given(base=answers())
def test_selfcare_only_when_every_red_question_is_answered_no(base: dict[FindingId, Any]) -> None:
    if level(base) is Disposition.SELF_CARE:
        known = Answers(asked(base), KB.findings)
        for name, definition in KB.findings.items():
            if definition.flag in (Flag.CRITICAL, Flag.RED) and "runner" in definition.asked_of:
                assert known.answer(name) is False


@settings(max_examples=60, deadline=None)
@given(base=answers())
def test_because_is_enough(base: dict[FindingId, Any]) -> None:
    """The deciding findings alone give a fired or clear rule its value."""
    known = Answers(asked(base), KB.findings)
    for rule, outcome in zip(KB.rules, triage(asked(base), KB).rules, strict=True):
        if outcome.state is RuleState.UNDETERMINED or isinstance(rule.when, Always):
            continue
        only = set(outcome.because)
        alone = evaluate(rule.when, lambda name, only=only: known.answer(name) if name in only else None)
        assert alone is (Truth.TRUE if outcome.state is RuleState.FIRED else Truth.FALSE)
