"""A film of a run → numbers with their honest error, or the reasons why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from soleus.core.gait import GaitQuality, GaitReport, MetricResult, Refusal, Step
from soleus.core.measurement import Side
from soleus.core.message import Message
from soleus.core.recording import Facing, Recording, View
from soleus.gait.cadence import step_rate_hz
from soleus.gait.cleaning import motion_of
from soleus.gait.compare import changes
from soleus.gait.cycles import counted, find_steps, stance_speed
from soleus.gait.findings import soft_findings
from soleus.gait.identity import SortedLegs, named_legs, sort_legs
from soleus.gait.metrics import measure
from soleus.gait.motion import Motion
from soleus.gait.observations import observe
from soleus.gait.quality import (
    cautions,
    fps_of,
    in_order,
    person_refusals,
    picture_refusals,
    refusal,
    view_refusals,
)
from soleus.gait.running import Counts, Style, count, movement_refusals, style_of, trust_refusals
from soleus.gait.scale import Stance, stance_of
from soleus.gait.skeleton import Body, body_of
from soleus.gait.trim import cut, inner
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysis:
    """Everything between the body points and the report, for pictures and for studies."""

    recording: Recording
    """Without the beginning and the end in which the runner is not wholly in the picture."""
    body: Body
    stance: Stance
    legs: SortedLegs | None = None
    motion: Motion | None = None
    style: Style | None = None
    steps: tuple[Step, ...] = ()
    counts: Counts | None = None
    metrics: tuple[MetricResult, ...] = ()
    refusals: tuple[Refusal, ...] = ()


def analyse_gait(
    recording: Recording,
    kb: KnowledgeBase,
    *,
    view: View = View.SIDE,
    sex: str | None = None,
    speed_mps: float | None = None,
    treadmill: bool | None = None,
    height_m: float | None = None,
    previous: GaitReport | None = None,
    observed_on: date | None = None,
) -> GaitReport:
    """What a film of a run shows: refusals, or metrics, steps, observations, soft findings and changes.

    Never raises on what a film holds: no frame, no person, points that are all missing give refusals.
    `previous`: the last report of this runner; `treadmill` False: the stated speed is not held against the film.
    """
    known = None if treadmill is False else speed_mps
    found = analyse(recording, kb.gait, view=view, sex=sex, speed_mps=speed_mps, belt_mps=known, height_m=height_m)
    facing = found.motion.facing if found.motion is not None else None
    shown = () if found.refusals else found.metrics
    return GaitReport(
        view=view,
        facing=facing,
        fps=fps_of(recording.facts, recording.poses.times_s),
        duration_s=recording.facts.duration_s,
        slow_motion=recording.facts.slow_motion,
        slow_motion_from=recording.facts.slow_motion_from,
        model=recording.poses.model,
        quality=_quality(found),
        refusals=found.refusals,
        cautions=_cautions(found, view, kb.gait),
        metrics=shown,
        steps=() if found.refusals else found.steps,
        observations=observe(shown, kb.gait, speed_mps=speed_mps),
        changes=changes(
            previous, shown, kb.gait, view=view, facing=facing, model=recording.poses.model, speed_mps=speed_mps
        ),
        findings=soft_findings(shown, kb.gait, observed_on=observed_on, speed_mps=speed_mps),
        speed_mps=speed_mps,
        knowledge_version=kb.version,
    )


def analyse(
    recording: Recording,
    kb: GaitKnowledge,
    *,
    view: View = View.SIDE,
    sex: str | None = None,
    speed_mps: float | None = None,
    belt_mps: float | None = None,
    height_m: float | None = None,
) -> Analysis:
    """The stages of `analyse_gait` with all that lies between them.

    1. Person, pictures and view. Without a person nothing more is asked.
    2. Rhythm, left and right, cleaning, steps, metrics: worked out even of a refused film where that is possible, so
       that every reason can be told at once.
    3. The manner of moving. Whether the numbers hold together is asked only of a film that is otherwise in order.
    """
    recording, body = _inside(recording, kb)
    stance = stance_of(body, kb)
    fps = fps_of(recording.facts, recording.poses.times_s)
    person = person_refusals(recording, body, stance, kb)
    facing = stance.facing or (Facing.RIGHT if view is View.BACK else None)
    pictures = picture_refusals(recording, stance.leg_length_px, kb)
    if any(entry.code == "no_runner" for entry in person) or facing is None or not np.isfinite(fps):
        why = [*person, *(entry for entry in pictures if entry.code in _UNSEEN)] or [refusal("no_runner")]
        return Analysis(recording=recording, body=body, stance=stance, refusals=in_order(why, kb))
    film = [*person, *pictures]
    step_hz = step_rate_hz(body, stance.leg_length_px, view, kb)
    side_view = view is View.SIDE
    legs = sort_legs(body, facing, stance.leg_length_px, step_hz, kb) if side_view else named_legs(body)
    film += view_refusals(stance, np.asarray(legs.outside[0] if side_view else legs.outside.any(axis=0)), view, kb)
    style = style_of(body, legs.legs[0], step_hz, stance.leg_length_px, view, kb)
    motion = motion_of(body, legs, fps, facing, kb, view=view, height_m=height_m)
    steps = find_steps(motion, kb)
    counts = count(steps, style, body.times_s, recording.facts.motion_energy, kb)
    film += _of_movement(movement_refusals(style, counts, recording.facts.slow_motion, kb), film)
    if not film:
        film += trust_refusals(counts, legs, stance.leg_length_px, view, kb)
        film += _against_speed(motion, belt_mps, kb)
    steps, metrics = measure(motion, steps, kb, sex=sex, speed_mps=speed_mps)
    return Analysis(
        recording=recording,
        body=body,
        stance=stance,
        legs=legs,
        motion=motion,
        style=style,
        steps=steps,
        counts=counts,
        metrics=metrics,
        refusals=in_order(film, kb),
    )


_UNSEEN = frozenset({"dark", "blurred"})
"""Why a network may find nobody."""


def _cautions(found: Analysis, view: View, kb: GaitKnowledge) -> tuple[Message, ...]:
    """None with a refused film."""
    if found.refusals or found.legs is None:
        return ()
    return cautions(found.recording, found.body, found.stance, found.legs.doubled_share, view, kb)


def _inside(recording: Recording, kb: GaitKnowledge) -> tuple[Recording, Body]:
    """The film without its beginning and end in which the runner is not wholly inside the picture; the whole film when
    less than `quality.pass_min_s` would be left."""
    body = body_of(recording.poses, kb)
    start, end = inner(body.present, body.outside)
    if end <= start or body.times_s[end - 1] - body.times_s[start] < kb.value("quality.pass_min_s"):
        return recording, body
    shorter = cut(recording, start, end)
    return shorter, body if shorter is recording else body_of(shorter.poses, kb)


def _of_movement(reasons: list[Refusal], film: list[Refusal]) -> list[Refusal]:
    """The reasons of the movement that do not merely follow from those of the film: across a cut, a still picture or
    two people nothing can be said of the movement, from the wrong side a run may show no rhythm, and where the feet
    are cut off a film gets short."""
    already = {entry.code for entry in film}
    if already & _BROKEN:
        return []
    hidden = {"not_running"} if already & _MISPLACED else set()
    if "feet_out_of_frame" in already:
        hidden.add("too_short")
    return [entry for entry in reasons if entry.code not in hidden]


_BROKEN = frozenset({"cuts", "frozen", "several_people", "person_changes"})
_MISPLACED = frozenset({"not_side_view", "not_back_view"})


def _against_speed(motion: Motion, belt_mps: float | None, kb: GaitKnowledge) -> list[Refusal]:
    """`slow_motion_unclear` when the ground passes much faster or slower than the treadmill was said to run.

    The ground speed is read off the near foot in leg lengths a second; the runner's height makes metres of it.
    """
    ground = stance_speed(motion, kb) if belt_mps is not None else None
    if belt_mps is None or ground is None or motion.metres_per_leg is None:
        return []
    ratio = ground * motion.metres_per_leg / belt_mps if belt_mps > 0 else float("inf")
    most = kb.value("quality.speed_ratio")
    return [] if 1 / most <= ratio <= most else [refusal("slow_motion_unclear")]


def _quality(found: Analysis) -> GaitQuality | None:
    """What the metrics rest on; None when there was nothing to look at."""
    if not found.body.frames:
        return None
    nan, counts = float("nan"), found.counts
    used = {side: sum(step.side is side for step in counted(found.steps)) for side in Side}
    return GaitQuality(
        frames=found.body.frames,
        seen_share=float(found.body.present.mean()),
        leg_length_px=found.stance.leg_length_px,
        alternation=nan if counts is None else counts.alternation,
        swap_share=nan if found.legs is None else found.legs.swap_share,
        steps_used=used,
        cadence_events_spm=nan if counts is None else counts.events_spm,
        cadence_spectral_spm=nan if counts is None else counts.spectral_spm,
        cadence_pixels_spm=nan if counts is None else counts.pixels_spm,
    )
