"""Any pose within the ranges can be drawn, and whatever is planted within reach is where it was planted."""

import xml.etree.ElementTree as ET
from math import cos, dist, isfinite, radians, sin

from hypothesis import given
from hypothesis import strategies as st

from soleus.exports.figures import picture_of
from soleus.exports.figures.body import (
    ARM_LIMITS,
    FOREARM,
    HAND,
    LEG_LIMITS,
    SHANK,
    THIGH,
    TRUNK_LIMITS,
    UPPER_ARM,
    build_body,
)
from soleus.knowledge.figure_base import ArmPose, ExerciseFigure, FigurePose, LegPose


def within(limits):
    return {name: st.floats(low, high) for name, (low, high) in limits.items()}


LEGS = st.builds(LegPose, **within(LEG_LIMITS))
ARMS = st.builds(ArmPose, **within(ARM_LIMITS))
POSES = st.builds(
    FigurePose,
    anchor=st.sampled_from(["hip", "near_ball", "far_heel", "near_knee", "far_elbow", "near_hand"]),
    anchor_cm=st.tuples(st.floats(-50, 50), st.floats(0, 100)),
    lean_deg=st.floats(-100, 100),
    roll_deg=st.floats(-90, 90),
    near_leg=LEGS,
    far_leg=st.none() | LEGS,
    near_arm=ARMS,
    far_arm=st.none() | ARMS,
    **within(TRUNK_LIMITS),
)


@given(POSES, POSES, st.floats(-90, 90), st.sampled_from(["near", "far", "both", "none"]), st.booleans())
def test_any_pose_can_be_drawn(start, end, turn_deg, working, barefoot):
    data = ExerciseFigure(id="x", start=start, end=end, turn_deg=turn_deg, working=working, barefoot=barefoot)
    drawn = picture_of(data, "x", "x", "x").svg_pair
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert len(drawn) < 16_000


@given(POSES)
def test_bones_keep_their_length_and_the_anchor_holds(pose):
    body = build_body(pose)
    for limbs, upper, lower in ((body.legs(), THIGH, SHANK), (body.arms(), UPPER_ARM, FOREARM)):
        for _, limb in limbs:
            assert abs(dist(limb.joints[0], limb.joints[1]) - upper) < 1e-6
            assert abs(dist(limb.joints[1], limb.joints[2]) - lower) < 1e-6
    assert dist(body.point(pose.anchor)[:2], pose.anchor_cm) < 1e-6
    assert all(isfinite(c) for limb in (body.near_leg, body.far_arm) for joint in limb.joints for c in joint)


@given(st.floats(-60, 60), st.floats(5, 82), st.floats(-100, -20), st.floats(-30, 40))
def test_a_planted_foot_is_where_it_was_planted(lean_deg, far_cm, down_deg, foot_deg):
    spot = (far_cm * cos(radians(down_deg)), 90 + far_cm * sin(radians(down_deg)) - 8.0)
    pose = FigurePose(
        anchor="hip", anchor_cm=(0.0, 90.0), lean_deg=lean_deg, near_leg=LegPose(ball_cm=spot, foot_deg=foot_deg)
    )
    try:
        body = build_body(pose)
    except ValueError:
        return
    assert dist(body.point("near_ball")[:2], spot) < 1e-6
    assert dist(body.point("far_ball")[:2], spot) < 1e-6


@given(
    st.floats(-90, 90),
    st.floats(12, 54),
    st.floats(-180, 180),
    st.just(0.0) | st.floats(-15, 15),
    st.none() | st.floats(0, 180),
)
def test_a_planted_hand_is_where_it_was_planted(lean_deg, far_cm, about_deg, aside_cm, palm_deg):
    upright = FigurePose(anchor="hip", anchor_cm=(0.0, 90.0), lean_deg=lean_deg)
    x, y, z = build_body(upright).point("near_shoulder")
    spot = (x + far_cm * cos(radians(about_deg)), y + far_cm * sin(radians(about_deg)), z + aside_cm)
    arm = ArmPose(hand_cm=spot, palm_deg=palm_deg, wrist_deg=0.0)
    try:
        body = build_body(FigurePose(anchor="hip", anchor_cm=(0.0, 90.0), lean_deg=lean_deg, near_arm=arm))
    except ValueError:
        return
    # A palm laid in a direction of the room is right in the plane of the body, and off when the arm reaches aside.
    exact = palm_deg is None or aside_cm == 0.0
    assert dist(body.point("near_hand"), spot) < (1e-6 if exact else 2 * HAND)
