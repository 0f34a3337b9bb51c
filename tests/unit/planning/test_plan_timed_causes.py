"""Times are told for the cause that the plan is built for."""

from __future__ import annotations

from plan_world import FAMILIES

from soleus.core.plan import PlannedCause, PlanStatus
from soleus.planning.compose import _timed_causes
from soleus.planning.select import Choice


def test_a_milder_cause_promises_nothing_that_the_plan_does_not() -> None:
    mild, strict = list(FAMILIES.values())[:2]
    likeliest = PlannedCause(condition="mild_cause", probability=0.6, family=mild.id)  # type: ignore[arg-type]
    other = PlannedCause(condition="strict_cause", probability=0.3, family=strict.id)  # type: ignore[arg-type]
    choice = Choice(status=PlanStatus.DRAFT, lead=strict, also=(mild,), causes=(likeliest, other))
    assert _timed_causes(choice, strict) == (other,)
    assert _timed_causes(choice, mild) == (likeliest, other)
    assert _timed_causes(Choice(status=PlanStatus.DRAFT, lead=strict, causes=(likeliest,)), strict) == (likeliest,)
