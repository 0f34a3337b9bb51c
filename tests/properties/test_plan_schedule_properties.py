"""Generated runners: whatever their days, sports, past and race, the weeks keep every rule or name what clashes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from plan_runners import request_of, runners
from plan_schedule_rules import broken_rules

from soleus import load_knowledge
from soleus.planning.schedule import make_schedule

PLANS = load_knowledge().plans
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def check(runner):
    request = request_of(runner, PLANS)
    made = make_schedule(request)
    assert broken_rules(request, made.weeks, made.conflicts) == []
    assert 1 <= len(made.weeks) <= request.most_weeks


@settings(QUIET, max_examples=300)
@given(runner=runners(PLANS))
def test_every_rule_holds_in_every_week_or_a_conflict_says_what_clashes(runner):
    check(runner)


@settings(QUIET, max_examples=800)
@given(runner=runners(PLANS, most_weeks=3))
def test_the_first_weeks_of_many_runners(runner):
    check(runner)


@pytest.mark.nightly
@settings(QUIET, max_examples=5000)
@given(runner=runners(PLANS))
def test_every_rule_holds_for_thousands_of_runners(runner):
    check(runner)


@settings(QUIET, max_examples=25)
@given(runner=runners(PLANS))
def test_the_same_wishes_give_the_same_weeks(runner):
    request = request_of(runner, PLANS)
    assert make_schedule(request) == make_schedule(request)
