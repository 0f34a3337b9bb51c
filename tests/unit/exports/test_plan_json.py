"""A plan goes to JSON and comes back the same; what is not understood is refused with its place."""

import json
from dataclasses import fields
from datetime import date, timedelta

import pytest
from exported_plans import PLAN, withheld
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.errors import InputError
from soleus.core.message import Message
from soleus.core.plan import Plan, Veto
from soleus.exports.plan_json import plan_from_json, plan_json


def again(plan):
    return plan_from_json(json.loads(json.dumps(plan_json(plan), allow_nan=False)))


@pytest.mark.parametrize("plan", [PLAN, withheld()], ids=["draft", "withheld"])
def test_a_plan_comes_back_the_same(plan):
    assert again(plan) == plan


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**12), 10**12)
finite = st.floats(allow_nan=False, allow_infinity=False)
dates = st.dates(date(1990, 1, 1), date(2100, 1, 1))
st.register_type_strategy(float, finite)
st.register_type_strategy(date, dates)
st.register_type_strategy(timedelta, st.timedeltas(timedelta(0), timedelta(days=100)))
messages = st.builds(
    Message,
    text=st.text(max_size=20),
    params=st.dictionaries(st.text(max_size=5), st.text(max_size=9) | numbers, max_size=3),
)
st.register_type_strategy(Message, messages)


@given(plan=st.from_type(Plan))
def test_any_plan_comes_back_the_same(plan):
    assert again(plan) == plan


@given(params=st.dictionaries(st.text(), st.text() | numbers))
def test_parameters_keep_their_kind(params):
    found = again(Plan(**{**values(PLAN), "why": (Message(text="x", params=params),)})).why[0].params
    assert {key: (type(item), item) for key, item in found.items()} == {
        key: (type(item), item) for key, item in params.items()
    }


def values(plan):
    return {field.name: getattr(plan, field.name) for field in fields(plan)}


def test_every_part_of_the_sample_is_filled_in():
    empty = [name for name, value in values(PLAN).items() if value in ((), None, "") and name not in EMPTY]
    assert empty == []


EMPTY = {"technique", "problems"}


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        ({"revision": "one"}, "plan.revision", "a whole number"),
        ({"revision": True}, "plan.revision", "a whole number"),
        ({"status": "fine"}, "plan.status", "one of withheld"),
        ({"disposition": None}, "plan.disposition", "one of self_care"),
        ({"made_on": "yesterday"}, "plan.made_on", "a date"),
        ({"made_on": "9999-12-31"}, "plan.made_on", "a date"),
        ({"made_on": "0001-01-01"}, "plan.made_on", "a date"),
        ({"pain_max_nrs": float("nan")}, "plan.pain_max_nrs", "finite"),
        ({"weeks": {}}, "plan.weeks", "a list"),
        ({"weeks": [3]}, "plan.weeks[0]", "a mapping"),
        ({"recurrence": {"mean": 1, "low": 0}}, "plan.recurrence.high", "a value"),
        ({"stop_now": True}, "plan", "stop_now"),
        ({"goals": {"event": {"name": "x", "on": 4}}}, "plan.goals.event.on", "a date"),
        (
            {"goals": {"measures": [{"measure": "m", "value": None}]}},
            "plan.goals.measures[0].value",
            "true or false or",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, place, said):
    with pytest.raises(InputError) as caught:
        plan_from_json({**plan_json(PLAN), **change})
    assert caught.value.where == place
    assert said in caught.value.problem


@pytest.mark.parametrize("data", [None, [], {}, {"schema": "soleus_plan/2"}, {"schema": "plan/1"}])
def test_other_files_are_no_plans(data):
    with pytest.raises(InputError, match="not a plan file"):
        plan_from_json(data)


def test_a_shorter_file_of_an_older_version_gets_the_defaults():
    data = plan_json(PLAN)
    del data["technique"]
    assert plan_from_json(data) == PLAN


def test_a_span_needs_its_two_ends():
    data = plan_json(PLAN)
    data["phases"][1]["prescriptions"][0]["reps"] = [12]
    with pytest.raises(InputError, match="a list of 2"):
        plan_from_json(data)


def test_numbers_without_end_are_never_written():
    with pytest.raises(ValueError, match="finite"):
        plan_json(Plan(**{**values(PLAN), "pain_max_nrs": float("inf")}))


def test_what_is_no_part_of_a_plan_is_never_written():
    with pytest.raises(TypeError):
        plan_json(Plan(**{**values(PLAN), "vetoed": (Veto(item="x", codes=(b"y",)),)}))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


WHOLE = plan_json(PLAN)
PLACES = [path for path in _places(WHOLE) if path]


@settings(deadline=None, max_examples=300)
@given(place=st.sampled_from(PLACES), value=junk)
def test_a_damaged_file_is_refused_or_read_but_nothing_else_happens(place, value):
    data = json.loads(json.dumps(WHOLE))
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    try:
        assert isinstance(plan_from_json(data), Plan)
    except InputError as error:
        assert str(error)
