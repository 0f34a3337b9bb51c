"""The shape of figures/<exercise>.yaml (figure/1).

`end` holds only what differs from `start`, limb by limb.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, model_validator

from soleus.knowledge.schema import Closed, Id

Angle = Annotated[FiniteFloat, Field(ge=-190, le=190)]
Length = Annotated[FiniteFloat, Field(ge=-400, le=400)]
Point2 = Annotated[list[Length], Field(min_length=2, max_length=2)]
Point23 = Annotated[list[Length], Field(min_length=2, max_length=3)]
When = Literal["start", "end", "both"]
JOINTS = ("ankle", "ball", "bigtoe", "elbow", "hand", "heel", "hip", "knee", "shoulder", "thigh", "toe", "wrist")
BODY_POINTS = (
    "hip",
    "chest",
    "head",
    *(f"{side}_{joint}" for side in ("near", "far") for joint in JOINTS),
)
"""What an anchor, an arrow or a prop may name."""
KINDS = (
    "backpack", "ball", "band", "barbell", "belt", "bike", "box", "chair", "cushion", "dumbbell", "elliptical",
    "foam_roller", "handle", "leg_press", "letters", "line", "loop_band", "mat", "metronome", "mirror", "pedals",
    "rail", "rope", "seat_machine", "slope", "step", "support", "towel", "treadmill", "wall", "water",
)  # fmt: skip


class LegEntry(Closed):
    hip_deg: Angle = 0.0
    abduct_deg: Angle = 0.0
    rotate_deg: Angle = 0.0
    knee_deg: Angle = 0.0
    ankle_deg: Angle = 0.0
    invert_deg: Angle = 0.0
    toes_deg: Angle | None = None
    big_toe_deg: Angle | None = None
    arch_cm: Length = 0.0
    ball_cm: Point23 | None = None
    heel_cm: Point23 | None = None
    foot_deg: Angle = 0.0

    @model_validator(mode="after")
    def _one_plant(self) -> LegEntry:
        if self.ball_cm is not None and self.heel_cm is not None:
            raise ValueError("plant the ball or the heel, not both")
        return self


class ArmEntry(Closed):
    shoulder_deg: Angle = 0.0
    abduct_deg: Angle = 0.0
    rotate_deg: Angle = 0.0
    elbow_deg: Angle = 8.0
    wrist_deg: Angle = 0.0
    hand_cm: Point23 | None = None
    palm_deg: Angle | None = None


class PoseEntry(Closed):
    anchor: str
    anchor_cm: Point2
    lean_deg: Angle = 0.0
    roll_deg: Angle = 0.0
    spine_deg: Angle = 0.0
    bend_deg: Angle = 0.0
    neck_deg: Angle = 0.0
    near_leg: LegEntry = LegEntry()
    far_leg: LegEntry | None = None
    near_arm: ArmEntry = ArmEntry()
    far_arm: ArmEntry | None = None

    @model_validator(mode="after")
    def _known_anchor(self) -> PoseEntry:
        if self.anchor not in BODY_POINTS:
            raise ValueError(f"no body point {self.anchor!r}")
        return self


class PropEntry(Closed):
    kind: Literal[KINDS]  # type: ignore[valid-type]
    at_cm: Point23 | None = None
    size_cm: Annotated[list[Length], Field(min_length=1, max_length=4)] | None = None
    points: list[str] = Field(default_factory=list)
    pose: When = "both"

    @model_validator(mode="after")
    def _known_points(self) -> PropEntry:
        if unknown := [name for name in self.points if name not in BODY_POINTS]:
            raise ValueError(f"no body point {unknown[0]!r}")
        return self


class ArrowEntry(Closed):
    point: str = ""
    offset_cm: Point2 = Field(default_factory=lambda: [0.0, 0.0])
    from_cm: Point2 | None = None
    to_cm: Point2 | None = None
    bend_cm: Length = 0.0
    both_ways: bool = False
    pose: When = "end"

    @model_validator(mode="after")
    def _has_a_way(self) -> ArrowEntry:
        if (self.point in BODY_POINTS) == (self.from_cm is not None and self.to_cm is not None):
            raise ValueError("an arrow needs either a body point or both from_cm and to_cm")
        return self


class FigureFile(Closed):
    """figures/<exercise>.yaml."""

    schema_: Literal["figure/1"] = Field(alias="schema")
    id: Id
    turn_deg: Angle = -12.0
    working: Literal["near", "far", "both", "none"] = "near"
    props: list[PropEntry] = Field(default_factory=list)
    arrows: list[ArrowEntry] = Field(default_factory=list)
    frame_cm: Annotated[list[Length], Field(min_length=4, max_length=4)] | None = None
    barefoot: bool = False
    moving: bool = False
    start: PoseEntry
    end: PoseEntry

    @model_validator(mode="before")
    @classmethod
    def _end_follows_start(cls, data: Any) -> Any:
        """Whatever `end` leaves out is as at the start; so is each angle of a limb it names."""
        if isinstance(data, dict) and isinstance(data.get("start"), dict) and isinstance(data.get("end"), dict):
            return {**data, "end": _over(data["start"], data["end"])}
        return data


PLANTS = frozenset({"ball_cm", "heel_cm", "hand_cm", "foot_deg"})
PLACED_ANEW = frozenset({"ball_cm", "heel_cm", "hand_cm", "hip_deg", "shoulder_deg"})
"""An end that names one of these forgets where the limb was planted at the start."""


def _over(start: dict[str, Any], end: dict[str, Any]) -> dict[str, Any]:
    """`end` laid over `start`; a limb that is planted anew forgets where it was planted."""
    merged = {**start, **end}
    for key, value in end.items():
        before = start.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            dropped = PLANTS if PLACED_ANEW & set(value) else frozenset()
            merged[key] = {**{k: v for k, v in before.items() if k not in dropped}, **value}
    return merged
