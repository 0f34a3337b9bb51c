"""The pictures of the exercises as data: joint angles, contacts and props. `soleus.exports.figures` draws them.

Frame: x forward (the figure faces +x), y up, z to the figure's right, in cm of a figure 172 cm tall; the floor is at
y = 0. Angles in degrees, 0 = standing upright with arms hanging and feet flat. "near" is the figure's right side, which
faces the viewer in side view. Wording (text alternative): `exercise.<id>.start`, `exercise.<id>.end`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from soleus.core.ids import ExerciseId


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPose:
    """One leg. With `ball_cm` or `heel_cm` that point of the sole is put there and hip, knee and ankle follow."""

    hip_deg: float = 0.0
    """Flexion, thigh forward."""
    abduct_deg: float = 0.0
    rotate_deg: float = 0.0
    """Outward."""
    knee_deg: float = 0.0
    """Flexion."""
    ankle_deg: float = 0.0
    """Dorsiflexion; negative = pointed."""
    invert_deg: float = 0.0
    """Sole turned inwards."""
    toes_deg: float | None = None
    """Extension; None = flat on the ground when the ball of the foot is planted, else 0."""
    big_toe_deg: float | None = None
    """Where it differs from the other toes (bare feet only)."""
    arch_cm: float = 0.0
    """How far the arch is drawn up (bare feet only)."""
    ball_cm: tuple[float, ...] | None = None
    heel_cm: tuple[float, ...] | None = None
    foot_deg: float = 0.0
    """Slope of a planted foot: positive = heel up, negative = toes up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPose:
    """One arm. With `hand_cm` the hand is put there and shoulder and elbow follow."""

    shoulder_deg: float = 0.0
    """Flexion, arm forward."""
    abduct_deg: float = 0.0
    rotate_deg: float = 0.0
    """Inward."""
    elbow_deg: float = 8.0
    wrist_deg: float = 0.0
    """Extension, back of the hand towards the forearm."""
    hand_cm: tuple[float, ...] | None = None
    palm_deg: float | None = None
    """Where the fingers of a planted hand point: 0 = forward, 90 = up, 180 = back; None = as the wrist says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePose:
    """The whole body. A missing far limb does what the near one does."""

    anchor: str
    """The point that is fixed: hip | near_ball | near_heel | near_toe | near_knee | near_elbow | near_hand, far_…"""
    anchor_cm: tuple[float, float]
    lean_deg: float = 0.0
    """Pelvis forward of upright: 90 = face down, -90 = on the back."""
    roll_deg: float = 0.0
    """Pelvis towards the near side: 90 = lying on it."""
    spine_deg: float = 0.0
    """Bend of the trunk above the pelvis, forward."""
    bend_deg: float = 0.0
    """The same towards the near side."""
    neck_deg: float = 0.0
    """Head forward."""
    near_leg: LegPose = field(default_factory=LegPose)
    far_leg: LegPose | None = None
    near_arm: ArmPose = field(default_factory=ArmPose)
    far_arm: ArmPose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureProp:
    """A thing in the picture. What `at_cm`, `size_cm` and `points` mean depends on the kind; see the how-to."""

    kind: str
    at_cm: tuple[float, ...] = ()
    size_cm: tuple[float, ...] = ()
    points: tuple[str, ...] = ()
    """Body points it is fixed to."""
    pose: str = "both"
    """start | end | both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureArrow:
    """Motion: the way of a body point from start to end, or from one place to another."""

    point: str = ""
    offset_cm: tuple[float, float] = (0.0, 0.0)
    from_cm: tuple[float, float] | None = None
    to_cm: tuple[float, float] | None = None
    bend_cm: float = 0.0
    """How far the middle bulges to the left of its way."""
    both_ways: bool = False
    pose: str = "end"
    """start | end | both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseFigure:
    """Start and end of one exercise."""

    id: ExerciseId
    start: FigurePose
    end: FigurePose
    turn_deg: float = -12.0
    """How the viewer stands: 0 = at the figure's right, 90 = in front of it, -90 = behind it."""
    working: str = "near"
    """Whose calf is highlighted: near | far | both | none."""
    props: tuple[FigureProp, ...] = ()
    arrows: tuple[FigureArrow, ...] = ()
    frame_cm: tuple[float, ...] = ()
    """left, bottom, right, top of a close-up, in the picture plane; empty = everything."""
    barefoot: bool = False
    moving: bool = False
    """A moment of a movement (running, hopping): nothing needs to be in balance, and feet may be in the air."""
