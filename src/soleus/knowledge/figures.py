"""Entries of figures/*.yaml → what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from soleus.core.ids import ExerciseId
from soleus.knowledge.figure_base import ArmPose, ExerciseFigure, FigureArrow, FigurePose, FigureProp, LegPose

if TYPE_CHECKING:
    from soleus.knowledge.schema_figure import ArmEntry, FigureFile, LegEntry, PoseEntry


def build_figure(_name: str, entry: FigureFile) -> ExerciseFigure:
    """The entry of one file as frozen data."""
    return ExerciseFigure(
        id=ExerciseId(entry.id),
        start=_pose(entry.start),
        end=_pose(entry.end),
        turn_deg=float(entry.turn_deg),
        working=entry.working,
        props=tuple(
            FigureProp(
                kind=prop.kind,
                at_cm=tuple(prop.at_cm or ()),
                size_cm=tuple(prop.size_cm or ()),
                points=tuple(prop.points),
                pose=prop.pose,
            )
            for prop in entry.props
        ),
        arrows=tuple(
            FigureArrow(
                point=arrow.point,
                offset_cm=_two(arrow.offset_cm),
                from_cm=_two(arrow.from_cm) if arrow.from_cm else None,
                to_cm=_two(arrow.to_cm) if arrow.to_cm else None,
                bend_cm=float(arrow.bend_cm),
                both_ways=arrow.both_ways,
                pose=arrow.pose,
            )
            for arrow in entry.arrows
        ),
        frame_cm=tuple(entry.frame_cm or ()),
        barefoot=entry.barefoot,
        moving=entry.moving,
    )


def _two(values: list[float]) -> tuple[float, float]:
    return (float(values[0]), float(values[1]))


def _pose(entry: PoseEntry) -> FigurePose:
    return FigurePose(
        anchor=entry.anchor,
        anchor_cm=_two(entry.anchor_cm),
        lean_deg=float(entry.lean_deg),
        roll_deg=float(entry.roll_deg),
        spine_deg=float(entry.spine_deg),
        bend_deg=float(entry.bend_deg),
        neck_deg=float(entry.neck_deg),
        near_leg=_leg(entry.near_leg),
        far_leg=_leg(entry.far_leg) if entry.far_leg else None,
        near_arm=_arm(entry.near_arm),
        far_arm=_arm(entry.far_arm) if entry.far_arm else None,
    )


def _leg(entry: LegEntry) -> LegPose:
    return LegPose(**_values(entry))


def _arm(entry: ArmEntry) -> ArmPose:
    return ArmPose(**_values(entry))


def _values(entry: LegEntry | ArmEntry) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.model_dump().items()}
