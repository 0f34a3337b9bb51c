"""The measurements that decide the stage of the plan: which are offered, and reading what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import QueryDict

from soleus.core.ids import MeasureId
from soleus.core.plan import Plan, PlanStatus
from soleus.knowledge.plan_base import MeasureDefinition
from soleus.web.journey import wording
from soleus.web.journey.forms import FormError, Mistakes, read_number

MOST_TESTS = 8
COMPARED = {"slhr_lsi_pct": "slhr_reps", "bent_slhr_lsi_pct": "", "rm_lsi_pct": "", "hop_lsi_pct": ""}
"""Sore leg as a percentage of the other: both legs are asked for; the sore leg's count is a measure of its own."""
DIFFERENCE = "knee_wall_asym_pct"
"""How much less the sore leg reaches, in percent of the other."""
MOST_OF_A_LEG = 500.0


def offered(plan: Plan, kept: Mapping[str, Any]) -> tuple[MeasureDefinition, ...]:
    """What the planner still wants to know (it leaves out what is not safe now), and what was typed before."""
    from soleus.web.journey.adapter import kb

    if plan.status is not PlanStatus.DRAFT:
        return ()
    measures = kb().plans.measures
    wanted = [MeasureId(name) for name in (*kept, *plan.to_measure[:MOST_TESTS])]
    found = [measures[name] for name in dict.fromkeys(wanted) if name in measures]
    return tuple(sorted((m for m in found if m.self_test), key=lambda m: m.order))


def of_other_days(kept: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Results of earlier days: they keep their day, as sending the page again measures nothing."""
    return {measure: row for measure, row in kept.items() if row.get("on") != today.isoformat()}


def read_tests(post: QueryDict, measures: Sequence[MeasureDefinition], today: date) -> dict[str, Any]:
    """{measure: {value, pain, on}} of the fields that hold something. Raises Mistakes with every mistake."""
    errors: list[FormError] = []
    found: dict[str, Any] = {}
    for measure in measures:
        try:
            value = _compared(post, measure, found, today) if is_compared(measure) else _value(post, measure)
            if value is None:
                continue
            pain = (
                read_number(post, f"{measure.id}-pain", low=0, high=10, what="the pain") if measure.needs_pain else None
            )
        except Mistakes as mistakes:
            errors += mistakes.errors
            continue
        found.setdefault(measure.id, {}).update({"value": value, "pain": pain, "on": today.isoformat()})
    if errors:
        raise Mistakes(*errors)
    return found


def _value(post: QueryDict, measure: MeasureDefinition) -> float | bool | None:
    if measure.kind == "boolean":
        return {"yes": True, "no": False}.get(post.get(measure.id, ""))
    name = wording.text(f"measure.{measure.id}.name", wording.plain(measure.id))
    return read_number(post, measure.id, low=measure.low, high=measure.high, what=name[:1].lower() + name[1:])


def is_compared(measure: MeasureDefinition) -> bool:
    """Asked for both legs, so that nobody has to work out a percentage."""
    return measure.id in COMPARED or measure.id == DIFFERENCE


def _compared(post: QueryDict, measure: MeasureDefinition, found: dict[str, Any], today: date) -> float | None:
    """The percentage, from what was typed for each leg; None when a leg is missing."""
    legs = {
        leg: read_number(post, f"{measure.id}-{leg}", low=0, high=MOST_OF_A_LEG, what=f"the {leg} leg")
        for leg in ("sore", "other")
    }
    sore, other = legs["sore"], legs["other"]
    if sore is None or other is None:
        return None
    if not other:
        raise Mistakes(FormError(f"{measure.id}-other", "If the other leg cannot do it either, leave both empty"))
    found[measure.id] = {"legs": legs}
    counted = COMPARED.get(measure.id)
    if counted and counted not in found:
        found[counted] = {"value": sore, "pain": None, "on": today.isoformat()}
    if measure.id == DIFFERENCE:
        return round(max(0.0, 100 * (other - sore) / other), 1)
    return round(100 * sore / other, 1)
