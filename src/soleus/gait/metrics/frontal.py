"""Pelvis, feet and trunk seen from behind: experimental, hip points are weak stand-ins for the pelvis."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from soleus.core.gait import Step
from soleus.core.measurement import Side
from soleus.gait import geometry as g
from soleus.gait.metrics.tracks import Fine, travel


def middle_s(step: Step) -> float | None:
    """Mid-stance."""
    return None if step.toe_off_s is None else (step.contact_s + step.toe_off_s) / 2


def of_step(step: Step, legs: Mapping[Side, Fine]) -> Mapping[str, float]:
    """`pelvic_drop` at mid-stance and `trunk_sway` over the stride, degrees."""
    values: dict[str, float] = {}
    stance, swing = legs.get(step.side), legs.get(step.side.other)
    middle = middle_s(step)
    if stance is not None and swing is not None and middle is not None:
        row = stance.row(middle)
        if row is not None:
            values["pelvic_drop"] = float(g.pelvic_drop_deg(stance.joint["hip"][row], swing.joint["hip"][row]))
    if stance is not None and step.next_contact_s is not None:
        rows = stance.between(step.contact_s, step.next_contact_s)
        values["trunk_sway"] = travel(g.trunk_lean_deg(stance.centre[rows], stance.shoulders[rows]))
    return {name: value for name, value in values.items() if np.isfinite(value)}


def step_width(step: Step, following: Step, legs: Mapping[Side, Fine]) -> float | None:
    """Between two mid-stances of different legs, leg lengths; ≤ 0 = the feet cross over (souza2016)."""
    places: dict[Side, float] = {}
    for each in (step, following):
        fine, middle = legs.get(each.side), middle_s(each)
        row = None if fine is None or middle is None else fine.row(middle)
        if fine is None or row is None:
            return None
        places[each.side] = float(fine.joint["ankle"][row, 0])
    if len(places) < 2 or not np.isfinite(list(places.values())).all():
        return None
    return g.step_width_ratio(places[Side.LEFT], places[Side.RIGHT])
