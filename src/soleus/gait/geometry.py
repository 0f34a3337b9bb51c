"""Angles between body points. x forward, y up, degrees; arrays (…, 2) in any one unit of length.

Signs and formulas: the evidence file of gait, restated at each function. All angles are of the picture plane.
"""

from __future__ import annotations

import numpy as np

from soleus.core.recording import Floats


def wrapped_deg(angle: Floats) -> Floats:
    """The same direction within (−180, 180]."""
    return np.asarray(-((-angle + 180.0) % 360.0 - 180.0))


def foot_angle_deg(heel: Floats, toe: Floats) -> Floats:
    """Line heel → toe against the horizontal: atan2(y_toe − y_heel, x_toe − x_heel); + toe higher."""
    line = toe - heel
    return np.asarray(np.degrees(np.arctan2(line[..., 1], line[..., 0])))


def foot_strike_angle_deg(heel: Floats, toe: Floats, flat_deg: float) -> Floats:
    """`foot_angle_deg` at contact minus the same angle of the runner's own flat foot; + heel lands first.

    altman2012, doi 10.1016/j.gaitpost.2011.09.104.
    """
    return wrapped_deg(foot_angle_deg(heel, toe) - flat_deg)


def tibia_angle_deg(knee: Floats, ankle: Floats) -> Floats:
    """Shank against the vertical: atan2(x_ankle − x_knee, y_knee − y_ankle); + ankle ahead of the knee."""
    return np.asarray(np.degrees(np.arctan2(ankle[..., 0] - knee[..., 0], knee[..., 1] - ankle[..., 1])))


def ankle_dorsiflexion_deg(knee: Floats, ankle: Floats, heel: Floats, toe: Floats, zero_deg: float = 0.0) -> Floats:
    """90° minus the angle between shank (ankle → knee) and foot (heel → toe), minus a zero; + toes drawn up.

    `zero_deg`: the foot line of the flat foot (`foot_angle_deg`), so that a network's heel and toe that do not lie on
    the sole cancel out. The angle is signed by the cross product, so that it does not fold over beyond 180°.
    """
    shank, foot = knee - ankle, toe - heel
    cross = foot[..., 0] * shank[..., 1] - foot[..., 1] * shank[..., 0]
    dot = foot[..., 0] * shank[..., 0] + foot[..., 1] * shank[..., 1]
    return wrapped_deg(90.0 - np.degrees(np.arctan2(cross, dot)) - zero_deg)


def knee_flexion_deg(hip: Floats, knee: Floats, ankle: Floats) -> Floats:
    """180° minus the angle between knee → hip and knee → ankle; 0 straight, + bent; negative when overstretched."""
    thigh, shank = hip - knee, ankle - knee
    cross = thigh[..., 0] * shank[..., 1] - thigh[..., 1] * shank[..., 0]
    dot = thigh[..., 0] * shank[..., 0] + thigh[..., 1] * shank[..., 1]
    # Bent, the ankle lies behind the thigh's line: counter-clockwise from thigh to shank is less than 180°.
    return wrapped_deg(180.0 - np.degrees(np.arctan2(cross, dot)))


def trunk_lean_deg(hip: Floats, shoulder: Floats) -> Floats:
    """Trunk against the vertical: atan2(x_shoulder − x_hip, y_shoulder − y_hip); + forward."""
    return np.asarray(np.degrees(np.arctan2(shoulder[..., 0] - hip[..., 0], shoulder[..., 1] - hip[..., 1])))


def overstride_ratio(hip: Floats, ankle: Floats, leg_length: float = 1.0) -> Floats:
    """Ankle ahead of the hip at contact, as a share of the leg: (x_ankle − x_hip) / leg length."""
    return np.asarray((ankle[..., 0] - hip[..., 0]) / leg_length)


def pelvic_drop_deg(stance_hip: Floats, swing_hip: Floats) -> Floats:
    """Hip line from stance to swing side below the horizontal, seen from behind; + swing side lower."""
    line = swing_hip - stance_hip
    return np.asarray(np.degrees(np.arctan2(-line[..., 1], np.abs(line[..., 0]))))


def step_width_ratio(left_x: float, right_x: float, leg_length: float = 1.0) -> float:
    """(x_right − x_left) / leg length with x to the runner's right in the picture from behind; ≤ 0 = crossing over."""
    return (right_x - left_x) / leg_length
