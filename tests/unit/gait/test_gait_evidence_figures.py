"""The ten worked figures of the evidence file of gait, and the signs of every angle."""

from __future__ import annotations

import numpy as np
import pytest

from soleus import load_knowledge
from soleus.core.measurement import Grade, Measurement
from soleus.gait import geometry as g
from soleus.gait.events._effective_contact_patoz import lead_s
from soleus.gait.events._milner_paquette import lag_s
from soleus.gait.metrics.strike import verdict
from soleus.gait.metrics.temporal import cadence_spm, duty_factor, leg_stiffness
from soleus.gait.uncertainty import quantisation_s


def p(x: float, y: float) -> np.ndarray:
    return np.array([x, y])


def test_foot_strike_angle_and_its_class() -> None:
    angle = float(g.foot_strike_angle_deg(p(0, 0), p(0.25, 0.06), 2.0))
    assert angle == pytest.approx(11.496, abs=1e-3)
    exact = Measurement(value=angle, unit="deg", low=angle, high=angle, grade=Grade.BANDED)
    assert verdict(exact, load_knowledge().gait) == "rearfoot"


def test_tibia_angle() -> None:
    assert float(g.tibia_angle_deg(p(0, 0.45), p(0.08, 0.05))) == pytest.approx(11.310, abs=1e-3)


def test_ankle_dorsiflexion() -> None:
    angle = g.ankle_dorsiflexion_deg(p(0.10, 0.45), p(0, 0.08), p(-0.05, 0), p(0.20, 0))
    assert float(angle) == pytest.approx(15.124, abs=1e-3)


def test_knee_flexion() -> None:
    assert float(g.knee_flexion_deg(p(0, 0.9), p(0.08, 0.5), p(0.05, 0.1))) == pytest.approx(15.599, abs=1e-3)


def test_cadence_and_duty_factor() -> None:
    assert cadence_spm(0.25, 0.11) == pytest.approx(166.667, abs=1e-3)
    assert duty_factor(0.25, 0.11) == pytest.approx(0.34722, abs=1e-5)


def test_leg_stiffness() -> None:
    force, fall, vertical, leg = leg_stiffness(mass_kg=70, height_m=1.75, speed_mps=3.0, contact_s=0.25, flight_s=0.11)
    assert force == pytest.approx(1553.3, rel=1e-4)
    assert fall == pytest.approx(0.0639, rel=0.01)
    assert vertical == pytest.approx(24.317, rel=0.01)
    assert leg == pytest.approx(10.857, rel=0.01)


def test_lead_of_effective_contact() -> None:
    assert lead_s(0.25, 0.11) == pytest.approx(0.0364, abs=5e-4)


def test_quantisation() -> None:
    assert 1000 * quantisation_s(30) == pytest.approx(13.608, abs=1e-3)


def test_lag_of_the_pelvis() -> None:
    kb = load_knowledge().gait
    assert 1000 * lag_s(13, kb) == pytest.approx(24.45, abs=0.01)
    assert 1000 * lag_s(3, kb) == 30
    assert 1000 * lag_s(30, kb) == 20


def test_pelvic_drop() -> None:
    assert float(g.pelvic_drop_deg(p(0, 1.00), p(0.24, 0.98))) == pytest.approx(4.764, abs=1e-3)
    assert float(g.pelvic_drop_deg(p(0.24, 1.00), p(0, 0.98))) == pytest.approx(4.764, abs=1e-3)


def test_signs() -> None:
    assert float(g.foot_angle_deg(p(0, 0), p(0.2, 0.1))) > 0  # toe up
    assert float(g.tibia_angle_deg(p(0, 0.5), p(-0.1, 0))) < 0  # ankle behind the knee
    assert float(g.trunk_lean_deg(p(0, 1), p(0.1, 1.5))) > 0  # shoulders ahead
    assert float(g.overstride_ratio(p(0, 1), p(0.2, 0))) == pytest.approx(0.2)
    assert float(g.knee_flexion_deg(p(0, 1), p(-0.05, 0.5), p(0, 0))) < 0  # knee pushed back
    assert float(g.ankle_dorsiflexion_deg(p(0, 1), p(0, 0), p(-0.1, 0), p(0.1, -0.1))) < 0  # toes pointing down
    assert g.step_width_ratio(-0.05, 0.05) == pytest.approx(0.1)


def test_no_fold_of_angles() -> None:
    """A foot pointing straight down in swing (heel above toe, beyond −90°) keeps its sign."""
    assert float(g.foot_strike_angle_deg(p(0, 0.2), p(-0.01, 0), 5.0)) == pytest.approx(-97.86, abs=0.1)
