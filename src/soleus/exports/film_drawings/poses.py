"""The people in the drawings: running, walking, standing, on tiptoe. Joint angles of the posable figure."""

from __future__ import annotations

from dataclasses import replace

from soleus.knowledge.figure_base import ArmPose, FigurePose, LegPose

PUSH_OFF = FigurePose(
    anchor="near_ball",
    anchor_cm=(-22.0, 0.0),
    lean_deg=6.0,
    near_leg=LegPose(hip_deg=-18.0, knee_deg=12.0, ankle_deg=-14.0),
    far_leg=LegPose(hip_deg=58.0, knee_deg=94.0, ankle_deg=2.0),
    near_arm=ArmPose(shoulder_deg=34.0, elbow_deg=85.0),
    far_arm=ArmPose(shoulder_deg=-50.0, elbow_deg=85.0),
)
"""Running, the rear foot about to leave the ground."""
LANDING = FigurePose(
    anchor="near_heel",
    anchor_cm=(20.0, 0.0),
    lean_deg=4.0,
    near_leg=LegPose(hip_deg=32.0, knee_deg=14.0, ankle_deg=6.0),
    far_leg=LegPose(hip_deg=-22.0, knee_deg=86.0, ankle_deg=-10.0),
    near_arm=ArmPose(shoulder_deg=-46.0, elbow_deg=85.0),
    far_arm=ArmPose(shoulder_deg=28.0, elbow_deg=85.0),
)
"""Running, the front foot touching down."""
MID_STANCE = FigurePose(
    anchor="near_ball",
    anchor_cm=(6.0, 0.0),
    lean_deg=4.0,
    near_leg=LegPose(hip_deg=20.0, knee_deg=34.0, ankle_deg=18.0),
    far_leg=LegPose(hip_deg=8.0, knee_deg=98.0, ankle_deg=-8.0),
    near_arm=ArmPose(shoulder_deg=-14.0, elbow_deg=85.0),
    far_arm=ArmPose(shoulder_deg=4.0, elbow_deg=85.0),
)
"""Running, the weight over the foot: the legs cross."""
FLIGHT = FigurePose(
    anchor="hip",
    anchor_cm=(0.0, 98.0),
    lean_deg=6.0,
    near_leg=LegPose(hip_deg=40.0, knee_deg=36.0, ankle_deg=4.0),
    far_leg=LegPose(hip_deg=-24.0, knee_deg=58.0, ankle_deg=-22.0),
    near_arm=ArmPose(shoulder_deg=-48.0, elbow_deg=85.0),
    far_arm=ArmPose(shoulder_deg=34.0, elbow_deg=85.0),
)
"""Running, both feet off the ground."""
WALKING = FigurePose(
    anchor="near_heel",
    anchor_cm=(26.0, 0.0),
    lean_deg=1.0,
    near_leg=LegPose(hip_deg=25.0, knee_deg=3.0),
    far_leg=LegPose(ball_cm=(-34.0, 0.0), foot_deg=34.0),
    near_arm=ArmPose(shoulder_deg=-22.0, elbow_deg=16.0),
    far_arm=ArmPose(shoulder_deg=24.0, elbow_deg=16.0),
)
STANDING = FigurePose(
    anchor="near_heel",
    anchor_cm=(-6.0, 0.0),
    near_leg=LegPose(abduct_deg=4.0),
    near_arm=ArmPose(abduct_deg=8.0),
)
FLAT_AT_WALL = FigurePose(
    anchor="near_ball",
    anchor_cm=(0.0, 0.0),
    lean_deg=3.0,
    near_leg=LegPose(ankle_deg=3.0),
    near_arm=ArmPose(hand_cm=(36.0, 124.0), palm_deg=90.0),
)
"""Both feet flat, fingertips on the wall."""
TIPTOE_AT_WALL = FigurePose(
    anchor="near_ball",
    anchor_cm=(0.0, 0.0),
    lean_deg=3.0,
    near_leg=LegPose(ankle_deg=-38.0, hip_deg=3.0),
    far_leg=LegPose(hip_deg=4.0, knee_deg=72.0, ankle_deg=-12.0),
    near_arm=ArmPose(hand_cm=(36.0, 132.0), palm_deg=90.0),
)
"""One heel up, knee straight, fingertips on the wall."""
WALL_CM = 39.0


def moved(pose: FigurePose, x_cm: float, y_cm: float = 0.0) -> FigurePose:
    """The same pose elsewhere."""
    return replace(pose, anchor_cm=(pose.anchor_cm[0] + x_cm, pose.anchor_cm[1] + y_cm))
