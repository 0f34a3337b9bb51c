"""Angles and distances of one step, seen from the side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from soleus.core.gait import Step
from soleus.core.recording import LEG_PARTS
from soleus.gait import geometry as g
from soleus.gait.metrics.tracks import Fine, highest, travel
from soleus.knowledge.gait_base import GaitKnowledge


def flat_foot_deg(fine: Fine, steps: Sequence[Step], kb: GaitKnowledge) -> float:
    """The foot line of this runner's flat foot, degrees; NaN when it was never seen.

    Median over the steps of its median between `metrics.flat_from` and `metrics.flat_to` of the contact.

    Taken off foot and ankle angles, since the heel and toe of a pose network lie on the shoe, not on its sole: 4 to
    10 degrees were seen. Known failure: a forefoot striker whose heel never comes down.
    """
    begin, end = kb.value("metrics.flat_from"), kb.value("metrics.flat_to")
    angles = []
    for step in steps:
        if step.toe_off_s is None:
            continue
        length = step.toe_off_s - step.contact_s
        rows = fine.between(step.contact_s + begin * length, step.contact_s + end * length)
        flat = g.foot_angle_deg(fine.foot["heel"][rows], fine.foot["toe"][rows])
        angles.append(float(np.median(flat)) if len(flat) else float("nan"))
    known = [angle for angle in angles if np.isfinite(angle)]
    return float(np.median(known)) if known else float("nan")


def of_step(step: Step, fine: Fine, flat_deg: float) -> Mapping[str, float]:
    """Angles (degrees) and distances (leg lengths) of one step; what was not seen is left out.

    At contact: `foot_strike_angle`, `tibia_angle`, `overstride`, `knee_flexion_contact`, `ankle_dorsiflexion_contact`;
    largest on the ground: `knee_flexion_peak`, `ankle_dorsiflexion_peak`; at mid-stance `trunk_lean`; over the step
    `vertical_oscillation`. Signs: `geometry`.
    """
    values: dict[str, float] = {}
    row = fine.row(step.contact_s)
    if row is not None:
        # The filter for joint angles is too slow for this moment: it lets the knee's bend after contact leak into it.
        hip, knee, ankle, heel, toe = (fine.foot[part][row] for part in LEG_PARTS)
        values["foot_strike_angle"] = float(g.foot_strike_angle_deg(heel, toe, flat_deg))
        values["tibia_angle"] = float(g.tibia_angle_deg(knee, ankle))
        values["overstride"] = float(g.overstride_ratio(hip, ankle))
        values["knee_flexion_contact"] = float(g.knee_flexion_deg(hip, knee, ankle))
        values["ankle_dorsiflexion_contact"] = float(g.ankle_dorsiflexion_deg(knee, ankle, heel, toe, flat_deg))
    if step.toe_off_s is not None:
        rows = fine.between(step.contact_s, step.toe_off_s)
        on = {part: track[rows] for part, track in fine.joint.items()}
        values["knee_flexion_peak"] = highest(g.knee_flexion_deg(on["hip"], on["knee"], on["ankle"]))
        values["ankle_dorsiflexion_peak"] = highest(
            g.ankle_dorsiflexion_deg(on["knee"], on["ankle"], on["heel"], on["toe"], flat_deg)
        )
        middle = fine.row((step.contact_s + step.toe_off_s) / 2)
        if middle is not None:
            values["trunk_lean"] = float(g.trunk_lean_deg(fine.centre[middle], fine.shoulders[middle]))
    if step.next_contact_s is not None:
        half = step.contact_s + (step.next_contact_s - step.contact_s) / 2
        values["vertical_oscillation"] = travel(fine.centre[fine.between(step.contact_s, half), 1])
    return {name: value for name, value in values.items() if np.isfinite(value)}
