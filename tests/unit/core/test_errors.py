"""Errors say what, where, and what to do; and survive pickling."""

import pickle

import pytest

from soleus.core import errors


def all_errors(root=errors.SoleusError):
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from all_errors(child)


@pytest.mark.parametrize("kind", sorted(all_errors(), key=lambda k: k.__name__))
def test_every_error_carries_place_hint_exit_code_and_status(kind):
    error = kind("it broke", where="case.yaml:3", hint="Mend line 3")
    assert str(error) == "case.yaml:3: it broke. Mend line 3"
    assert 10 <= kind.exit_code <= 59
    assert kind.http_status in {403, 404, 409, 422, 500, 503}
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert kind.__name__ in errors.__doc__ or kind.__name__ in {"BackendError"}


def test_place_and_hint_are_optional():
    assert str(errors.InputError("it broke")) == "it broke"


def test_outside_failures_say_whether_to_try_again():
    assert errors.BackendError("busy", retryable=True).retryable
    assert not errors.BackendError("gone").retryable
