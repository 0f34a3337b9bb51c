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


def level_deg(legs: Mapping[Side, Fine]) -> float:
    """Median tilt of the hip line over the film, degrees, + right hip higher; 0 where a hip was never seen.

    Hip points of a network lie off by some hundredths of the leg, the same way all the time, and the camera may be
    tilted: with the hips a fifth of the leg apart that is 10 degrees and more. So a drop counts from this line; what is
    lost is a difference between the sides, which a film cannot show.
    """
    left, right = legs.get(Side.LEFT), legs.get(Side.RIGHT)
    if left is None or right is None:
        return 0.0
    tilt = -g.pelvic_drop_deg(left.joint["hip"], right.joint["hip"])
    seen = tilt[np.isfinite(tilt)]
    return float(np.median(seen)) if len(seen) else 0.0


def of_step(step: Step, legs: Mapping[Side, Fine], level: float) -> Mapping[str, float]:
    """`pelvic_drop` at mid-stance, from the film's own `level_deg`, and `trunk_sway` over the stride, degrees."""
    values: dict[str, float] = {}
    stance, swing = legs.get(step.side), legs.get(step.side.other)
    middle = middle_s(step)
    if stance is not None and swing is not None and middle is not None:
        row = stance.row(middle)
        if row is not None:
            drop = float(g.pelvic_drop_deg(stance.joint["hip"][row], swing.joint["hip"][row]))
            values["pelvic_drop"] = drop + (level if step.side is Side.LEFT else -level)
    if stance is not None and step.next_contact_s is not None:
        rows = stance.between(step.contact_s, step.next_contact_s)
        values["trunk_sway"] = travel(g.trunk_lean_deg(stance.centre[rows], stance.shoulders[rows]))
    return {name: value for name, value in values.items() if np.isfinite(value)}


def step_width(step: Step, following: Step, legs: Mapping[Side, Fine], forward: int = 1) -> float | None:
    """Between two mid-stances of different legs, leg lengths; ≤ 0 = the feet cross over (souza2016).

    `forward`: +1 when x grows to the right in the picture (`PictureFrame.forward`).
    """
    places: dict[Side, float] = {}
    for each in (step, following):
        fine, middle = legs.get(each.side), middle_s(each)
        row = None if fine is None or middle is None else fine.row(middle)
        if fine is None or row is None:
            return None
        places[each.side] = float(fine.joint["ankle"][row, 0])
    if len(places) < 2 or not np.isfinite(list(places.values())).all():
        return None
    return forward * g.step_width_ratio(places[Side.LEFT], places[Side.RIGHT])
