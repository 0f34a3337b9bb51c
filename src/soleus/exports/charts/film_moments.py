"""Stick figures of the middle step: landing, weight over the foot, leaving the ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soleus.core.gait import Step
from soleus.core.recording import LEG_PARTS, Floats
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.figures.paint import PANEL
from soleus.exports.figures.shapes import circle, number
from soleus.exports.film_drawings.stage import box, fill, label, single, stroke
from soleus.exports.gait_wording import bare, side_name
from soleus.exports.wording import text
from soleus.gait.motion import NEAR, Motion
from soleus.knowledge.base import KnowledgeBase

TEXT = "gait.report.chart.moments"
MOMENTS = ("contact", "mid_stance", "toe_off")
CELL, HIGH, GROUND = PANEL / 3, 264.0, 220.0
SCALE = 106.0
"""Panel units for one leg length; less where a head would reach over the edge."""
HEAD, NECK = 0.12, 0.21
"""Radius of the head, and from the shoulders to its middle, leg lengths."""
LEAST_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One moment, the median of all steps: (2,) points in leg lengths from the middle of the hips; NaN = not seen."""

    near: Mapping[str, Floats]
    far: Mapping[str, Floats]
    shoulders: Floats
    after_s: float
    """Since landing."""


def moments_chart(motion: Motion, steps: Sequence[Step], kb: KnowledgeBase) -> Chart:
    """Three stick figures side by side; "" where too few steps were seen whole."""
    used = [step for step in steps if step.near and not step.dropped and step.toe_off_s is not None]
    title = text(kb, f"{TEXT}.title")
    poses = (
        [_pose(motion, used, share) for share in (0.0, 0.5, 1.0)] if len(used) >= LEAST_STEPS and motion.near else []
    )
    drawn = [pose for pose in poses if all(np.isfinite(pose.near[part]).all() for part in LEG_PARTS)]
    if len(drawn) < len(MOMENTS) or motion.near is None:
        empty = Table(caption=title, header=(), rows=())
        return Chart(id="film_moments", title=title, sentence=text(kb, f"{TEXT}.none"), svg="", table=empty)
    side = side_name(kb, motion.near.side)
    sentence = text(kb, f"{TEXT}.sentence", side=side, count=str(len(used)))
    names = [text(kb, f"{TEXT}.{moment}", moment) for moment in MOMENTS]
    scale = min(SCALE, *((GROUND - 8) / _tall(pose) for pose in drawn))
    cells = "".join(
        _figure(pose, motion.frame.forward, CELL * (k + 0.5), scale) + label(CELL * (k + 0.5), 253, name, size=19)
        for k, (pose, name) in enumerate(zip(drawn, names, strict=True))
    )
    ground = box(0, GROUND, PANEL, HIGH - GROUND, "ground")
    rows = tuple((name, *_cells(pose)) for name, pose in zip(names, drawn, strict=True))
    return Chart(
        id="film_moments",
        title=title,
        sentence=sentence,
        svg=single(ground + cells, HIGH, title, sentence),
        table=Table(caption=title, header=("Moment", "After landing (s)", "Ankle, from below the hip"), rows=rows),
        note=text(kb, f"{TEXT}.note", side=side),
    )


def _pose(motion: Motion, steps: Sequence[Step], share: float) -> Pose:
    """The median over the steps, each at `share` of its time on the ground."""
    times = [step.contact_s + share * ((step.toe_off_s or step.contact_s) - step.contact_s) for step in steps]
    hips = np.array([motion.at(motion.hip_centre, at) for at in times])

    def median(track: Floats) -> Floats:
        found = np.array([motion.at(track, at) for at in times]) - hips
        kept = found[np.isfinite(found).all(axis=1)]
        return np.median(kept, axis=0) if len(kept) * 2 > len(found) else np.full(2, np.nan)

    def leg(key: str) -> dict[str, Floats]:
        track = motion.legs.get(key)
        return {} if track is None else {part: median(getattr(track, part)) for part in LEG_PARTS}

    far = next((key for key in motion.legs if key != NEAR), "")
    after = float(np.median([at - step.contact_s for at, step in zip(times, steps, strict=True)]))
    return Pose(near=leg(NEAR), far=leg(far), shoulders=median(motion.shoulders), after_s=after)


def _low(pose: Pose) -> float:
    """What stands on the ground."""
    return float(min(pose.near["heel"][1], pose.near["toe"][1]))


def _tall(pose: Pose) -> float:
    """From the ground to the top of the head, leg lengths."""
    trunk = float(pose.shoulders[1]) if np.isfinite(pose.shoulders).all() else 0.0
    return trunk + NECK + HEAD - _low(pose)


def _figure(pose: Pose, forward: int, middle: float, scale: float) -> str:
    """One figure over `middle`, looking as it was filmed; the lower of heel and toe stands on the ground."""
    low = _low(pose)

    def at(point: Floats) -> tuple[float, float]:
        return middle + forward * scale * float(point[0]), GROUND - 2 - scale * (float(point[1]) - low)

    def joined(points: Sequence[Floats]) -> str:
        return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in map(at, points))

    def limb(leg: Mapping[str, Floats]) -> str:
        return (
            joined([leg[p] for p in ("hip", "knee", "ankle")])
            + joined([leg[p] for p in ("ankle", "heel", "toe")])
            + (joined([leg["ankle"], leg["toe"]]))
        )

    zero = np.zeros(2)
    x, y = at(zero)
    parts = stroke("edge", f"M{number(x)} {number(y)}V{number(GROUND)}", 2, dash="2 7")
    if pose.far and all(np.isfinite(pose.far[part]).all() for part in LEG_PARTS):
        parts += stroke("far-ink", limb(pose.far), 4)
    if np.isfinite(pose.shoulders).all():
        parts += stroke("edge", joined([zero, pose.shoulders]), 6)
        neck = pose.shoulders * (1 + NECK / float(np.hypot(*pose.shoulders)))
        hx, hy = at(neck)
        parts += fill("paper", circle(hx, hy, scale * HEAD), edge="edge", width=5)
    parts += stroke("paper", limb(pose.near), 13) + stroke("motion", limb(pose.near), 7)
    joints = "".join(circle(*at(pose.near[p]), 4) for p in ("hip", "knee", "ankle"))
    return parts + fill("paper", joints, edge="motion", width=2)


def _cells(pose: Pose) -> tuple[str, str]:
    """When, and where the ankle is against the hip."""
    ahead = float(pose.near["ankle"][0])
    shown = bare(abs(ahead), "ratio", 2)
    where = "in front" if ahead >= 0 else "behind"
    return f"{pose.after_s:.2f}", "straight below" if shown == "0" else f"{shown}% of your leg length {where}"
