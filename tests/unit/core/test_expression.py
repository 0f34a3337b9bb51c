"""Three-valued, negation-free logic."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soleus.core.expression import (
    Always,
    AtLeast,
    Count,
    OneOf,
    Present,
    Truth,
    all_of,
    any_of,
    evaluate,
    iter_atoms,
)
from soleus.core.ids import FindingId

A, B, C = (Present(finding=FindingId(x)) for x in "abc")


def value(expression, **answers):
    return evaluate(expression, answers.get)


@pytest.mark.parametrize(
    ("first", "second", "both", "either"),
    [
        (True, True, Truth.TRUE, Truth.TRUE),
        (True, None, Truth.UNKNOWN, Truth.TRUE),
        (True, False, Truth.FALSE, Truth.TRUE),
        (None, None, Truth.UNKNOWN, Truth.UNKNOWN),
        (None, False, Truth.FALSE, Truth.UNKNOWN),
        (False, False, Truth.FALSE, Truth.FALSE),
    ],
)
def test_kleene_tables(first, second, both, either):
    assert value(all_of(A, B), a=first, b=second) is both
    assert value(any_of(A, B), a=first, b=second) is either


def test_count_is_true_when_enough_parts_are_and_false_when_too_few_can_be():
    two = Count(minimum=2, parts=(A, B, C))
    assert value(two, a=True, b=True) is Truth.TRUE
    assert value(two, a=True) is Truth.UNKNOWN
    assert value(two, a=True, b=False, c=False) is Truth.FALSE


def test_choices_numbers_and_always():
    early = OneOf(finding=FindingId("when"), options=frozenset({"now", "today"}))
    assert value(early, when="now") is Truth.TRUE
    assert value(early, when="later") is Truth.FALSE
    assert value(early) is Truth.UNKNOWN
    assert value(early, when=frozenset({"later", "today"})) is Truth.TRUE
    high = AtLeast(finding=FindingId("pain"), threshold=7)
    assert value(high, pain=7) is Truth.TRUE
    assert value(high, pain=6.5) is Truth.FALSE
    assert value(high) is Truth.UNKNOWN
    assert value(high, pain=True) is Truth.UNKNOWN, "a yes is no number"
    assert value(high, pain="8") is Truth.UNKNOWN
    assert value(Always()) is Truth.TRUE


def test_atoms_come_in_reading_order():
    assert [atom.finding for atom in iter_atoms(all_of(A, any_of(B, C), Always()))] == ["a", "b", "c"]


expressions = st.recursive(
    st.sampled_from([A, B, C]),
    lambda inner: st.builds(
        lambda parts, k: Count(minimum=min(k, len(parts)), parts=tuple(parts)),
        st.lists(inner, min_size=1, max_size=3),
        st.integers(1, 3),
    ),
    max_leaves=8,
)


@given(expressions)
def test_more_bad_news_never_makes_an_expression_less_true(expression):
    for state in product([False, None, True], repeat=3):
        answers = dict(zip("abc", state, strict=True))
        before = evaluate(expression, answers.get).value
        for name in "abc":
            for worse in {False: [None, True], None: [True], True: []}[answers[name]]:
                assert evaluate(expression, {**answers, name: worse}.get).value >= before
