"""Steps → one result per metric of the knowledge base: a number with its error, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from soleus.core.gait import MetricResult, Step
from soleus.core.ids import TextId
from soleus.core.measurement import Measured, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.view import View
from soleus.gait.cycles import counted
from soleus.gait.metrics import frontal, sagittal, temporal
from soleus.gait.metrics.strike import verdict
from soleus.gait.metrics.tracks import Fine, fine_legs
from soleus.gait.motion import LegTrack, Motion
from soleus.gait.norms import with_norm
from soleus.gait.uncertainty import error_half_width, measured
from soleus.knowledge.gait_base import GaitKnowledge, MetricDefinition

FOOT_STRIKE, STRIKE_ANGLE = "foot_strike", "foot_strike_angle"
CADENCE, STEP_TIME, STEP_LENGTH = "cadence", "step_time", "step_length"
SYMMETRY = "contact_time_symmetry"
_NEEDS_FOOT = (FOOT_STRIKE, STRIKE_ANGLE, "ankle_dorsiflexion_contact", "ankle_dorsiflexion_peak")
_NEEDS_TOE_OFF = ("contact_time", "flight_time", "duty_factor")


def measure(
    motion: Motion,
    steps: Sequence[Step],
    kb: GaitKnowledge,
    *,
    sex: str | None = None,
    speed_mps: float | None = None,
) -> tuple[tuple[Step, ...], tuple[MetricResult, ...]]:
    """The steps with their values, and one line per metric of this view (and leg), in the order of the knowledge base.

    Value: median over the steps that count; interval: `uncertainty.measured`; band by `sex` and stated speed.
    """
    filled = with_values(motion, steps, kb, speed_mps=speed_mps)
    lines: list[MetricResult] = []
    for definition in kb.metrics.values():
        if definition.view is not motion.view:
            continue
        by_nearness = sorted(motion.legs.values(), key=lambda leg: not leg.near)
        legs: list[LegTrack | None] = [*by_nearness] if definition.per_leg else [None]
        lines += [_line(definition, leg, motion, filled, kb, speed_mps) for leg in legs]
    return filled, tuple(with_norm(line, kb, sex=sex, speed_mps=speed_mps) for line in lines)


def with_values(
    motion: Motion, steps: Sequence[Step], kb: GaitKnowledge, *, speed_mps: float | None = None
) -> tuple[Step, ...]:
    """Each step with its own values by metric id (`foot_strike` has those of `foot_strike_angle`)."""
    fine = fine_legs(motion)
    by_side = {leg.side: fine[key] for key, leg in motion.legs.items()}
    if motion.view is View.BACK:
        widths = _widths(steps, by_side, motion.frame.forward)
        level = frontal.level_deg(by_side)
        return tuple(
            replace(step, values={**temporal.of_step(step), **frontal.of_step(step, by_side, level), **width})
            for step, width in zip(steps, widths, strict=True)
        )
    flat = {
        side: sagittal.flat_foot_deg(track, [s for s in counted(steps) if s.side is side], kb)
        for side, track in by_side.items()
    }
    filled = []
    for step in steps:
        values = {**temporal.of_step(step), **sagittal.of_step(step, by_side[step.side], flat[step.side])}
        if speed_mps is not None and STEP_TIME in values:
            values[STEP_LENGTH] = speed_mps * values[STEP_TIME] / 1000
        if STEP_TIME in values:
            values[CADENCE] = 60000 / values[STEP_TIME]
        filled.append(replace(step, values=values))
    return tuple(filled)


def _widths(steps: Sequence[Step], by_side: Mapping[Side, Fine], forward: int) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    for step, following in pairwise([*steps, *steps[-1:]]):
        width = frontal.step_width(step, following, by_side, forward)
        found.append({} if width is None else {"step_width": width})
    return found


def _line(
    definition: MetricDefinition,
    leg: LegTrack | None,
    motion: Motion,
    steps: Sequence[Step],
    kb: GaitKnowledge,
    speed_mps: float | None,
) -> MetricResult:
    value = _measured(definition, leg, motion, steps, speed_mps)
    says = verdict(value, kb) if definition.id == FOOT_STRIKE and isinstance(value, Measurement) else ""
    return MetricResult(
        metric=definition.id,
        side=None if leg is None else leg.side,
        near=None if leg is None else leg.near,
        measured=value,
        verdict=says,
    )


def _measured(
    definition: MetricDefinition,
    leg: LegTrack | None,
    motion: Motion,
    steps: Sequence[Step],
    speed_mps: float | None,
) -> Measured:
    """The number, or the first reason against it: one side, far leg, no foot points, frame rate, speed, too few steps,
    not plausible."""
    systematic = error_half_width(definition, motion.capture_fps)
    if definition.id == SYMMETRY:
        return _none("one_side_only")
    if leg is not None and definition.near_only and not leg.near:
        return _none("far_leg")
    if leg is not None and definition.id in (*_NEEDS_FOOT, *_NEEDS_TOE_OFF) and not leg.has_foot:
        return _none("no_foot_points")
    if motion.capture_fps < definition.min_fps or systematic is None:
        return _none("fps_for_metric")
    if definition.id == STEP_LENGTH and speed_mps is None:
        return _none("no_speed")
    name = STRIKE_ANGLE if definition.id == FOOT_STRIKE else definition.id
    mine = [step for step in counted(steps) if leg is None or step.side is leg.side]
    values = [step.values[name] for step in mine if name in step.values]
    if len(values) < definition.min_steps:
        return _none("few_steps_for_metric" if len(mine) < definition.min_steps else "not_seen")
    result = measured(values, definition, systematic, method="median")
    if definition.plausible is not None:
        low, high = definition.plausible
        if not low <= result.value <= high:
            return _none("not_plausible")
    return result


def _none(reason: str) -> Unavailable:
    return Unavailable(reason=Message(text=TextId(f"gait.refusal.{reason}")))
