"""Times of a step."""

from __future__ import annotations

import math
from collections.abc import Mapping

from soleus.core.gait import Step

_GRAVITY_MPS2 = 9.81
_LEG_PER_HEIGHT = 0.53


def cadence_spm(contact_s: float, flight_s: float) -> float:
    """Steps a minute, both feet: 60 / (contact + flight)."""
    return 60 / (contact_s + flight_s)


def duty_factor(contact_s: float, flight_s: float) -> float:
    """Share of a stride with this foot on the ground: tc / (2 (tc + tf)); from 0.5 on it is walking."""
    return contact_s / (2 * (contact_s + flight_s))


def of_step(step: Step) -> Mapping[str, float]:
    """`step_time`, `contact_time`, `flight_time` (ms) and `duty_factor` of one step, as far as they were seen.

    A step lasts half of the stride of its own leg: the other leg, which a camera from the side sees badly, is not
    needed. flight = step − contact, which counts time in the air of both halves as equal.
    """
    values: dict[str, float] = {}
    if step.next_contact_s is not None:
        values["step_time"] = 1000 * (step.next_contact_s - step.contact_s) / 2
    if step.toe_off_s is not None:
        values["contact_time"] = 1000 * (step.toe_off_s - step.contact_s)
    if len(values) == 2:
        flight = values["step_time"] - values["contact_time"]
        values["flight_time"] = flight
        values["duty_factor"] = duty_factor(values["contact_time"], flight)
    return values


def leg_stiffness(
    *, mass_kg: float, height_m: float, speed_mps: float, contact_s: float, flight_s: float
) -> tuple[float, float, float, float]:
    """Peak force N, fall of the body m, vertical and leg stiffness kN/m, of a spring-mass model.

    Fmax = m·g·π/2·(tf/tc + 1); Δy = Fmax·tc²/(m·π²) − g·tc²/8; L = 0.53·height; ΔL = L − √(L² − (v·tc/2)²) + Δy;
    kvert = Fmax/Δy; kleg = Fmax/ΔL (morin2005, formula from memory). Not part of a report: it needs mass and height and
    was never tested on a film.
    """
    force = mass_kg * _GRAVITY_MPS2 * math.pi / 2 * (flight_s / contact_s + 1)
    fall = force * contact_s**2 / (mass_kg * math.pi**2) - _GRAVITY_MPS2 * contact_s**2 / 8
    leg = _LEG_PER_HEIGHT * height_m
    shortening = leg - math.sqrt(leg**2 - (speed_mps * contact_s / 2) ** 2) + fall
    return force, fall, force / fall / 1000, force / shortening / 1000
