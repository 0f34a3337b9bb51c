"""Film reports made by hand: one measured, one refused, one with little, and two heel-raise tests."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from soleus.core.finding import Finding, Origin
from soleus.core.gait import (
    Band,
    GaitQuality,
    GaitReport,
    HeelRaise,
    HeelRaiseReport,
    HeelRaiseSet,
    MetricChange,
    MetricResult,
    Observation,
    Refusal,
    Step,
)
from soleus.core.goals import Measured as PlanMeasure
from soleus.core.ids import FindingId, MeasureId, SourceKey, TextId
from soleus.core.measurement import Grade, Measured, Measurement, Side, Unavailable
from soleus.core.message import Message
from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, ClipFacts, PoseSequence, Recording
from soleus.core.view import Facing, View

LEFT, RIGHT = Side.LEFT, Side.RIGHT


def message(text_id: str, **params: str | float) -> Message:
    return Message(text=TextId(text_id), params=params)


def measured(
    value: float, low: float, high: float, unit: str, grade: Grade = Grade.BANDED, count: int = 16
) -> Measurement:
    return Measurement(value=value, unit=unit, low=low, high=high, grade=grade, count=count, spread=(high - low) / 6)


def quality(**more: object) -> GaitQuality:
    numbers: dict[str, object] = {
        "frames": 600,
        "seen_share": 0.998,
        "leg_length_px": 412.0,
        "alternation": 1.0,
        "swap_share": 0.04,
        "steps_used": {LEFT: 16, RIGHT: 15},
        "cadence_events_spm": 168.8,
        "cadence_spectral_spm": 168.9,
        "cadence_pixels_spm": math.nan,
    }
    return GaitQuality(**(numbers | more))  # type: ignore[arg-type]


def metric(
    name: str, value: Measured, side: Side | None = LEFT, *, near: bool | None = True, **more: object
) -> MetricResult:
    return MetricResult(metric=name, side=side, near=near, measured=value, **more)  # type: ignore[arg-type]


def steps(count: int = 8, near: Side = LEFT, period_s: float = 0.71, contact_s: float = 0.26) -> tuple[Step, ...]:
    """Steps of both legs, half a stride apart."""
    made = []
    for number in range(count):
        for side, lag in ((near, 0.0), (near.other, period_s / 2)):
            start = 0.3 + number * period_s + lag
            made.append(
                Step(
                    side=side,
                    near=side is near,
                    contact_s=start,
                    toe_off_s=start + contact_s,
                    next_contact_s=start + period_s,
                    values={"contact_time": 1000 * contact_s},
                )
            )
    return tuple(made)


CADENCE_BAND = {
    "band": Band.WITHIN,
    "norm_low": 155.2,
    "norm_high": 186.8,
    "norm_source": SourceKey("males_pmc6044588"),
    "norm_who": message("gait.who.men_3mps"),
}


def gait_report(**more: object) -> GaitReport:
    """A film that went well: left side near, 60 pictures a second."""
    parts: dict[str, object] = {
        "view": View.SIDE,
        "facing": Facing.LEFT,
        "fps": 60.0,
        "duration_s": 10.0,
        "slow_motion": 1.0,
        "slow_motion_from": "none",
        "model": "blazepose-heavy/1a2b3c4d",
        "quality": quality(),
        "metrics": (
            metric(
                "cadence",
                measured(168.8, 167.9, 169.7, "spm", Grade.RELIABLE, 31),
                None,
                near=None,
                **CADENCE_BAND,
            ),
            metric(
                "contact_time",
                measured(262.0, 238.0, 286.0, "ms"),
                band=Band.UNSURE,
                norm_low=225.0,
                norm_high=317.0,
                norm_source=SourceKey("karamanidis2005"),
                norm_who=message("gait.who.young_slow"),
            ),
            metric("foot_strike_angle", measured(14.6, 8.4, 20.8, "deg"), verdict="rearfoot"),
            metric("overstride", measured(0.118, 0.07, 0.166, "ratio")),
            metric("ankle_dorsiflexion_peak", measured(18.4, 10.2, 26.6, "deg")),
            metric("ankle_dorsiflexion_peak", Unavailable(reason=message("gait.refusal.far_leg")), RIGHT, near=False),
            metric("vertical_oscillation", measured(8.2, 6.0, 10.4, "cm", Grade.EXPERIMENTAL), None, near=None),
            metric("flight_time", Unavailable(reason=message("gait.refusal.fps_too_low", fps=60.0, needed=120.0))),
        ),
        "steps": steps(),
        "observations": (
            Observation(
                id="low_cadence",
                says=message("gait.observation.low_cadence"),
                strength="low",
                sources=(SourceKey("lyght2016"),),
            ),
        ),
        "findings": (
            Finding(
                id=FindingId("video_forefoot_strike"),
                value=None,
                origin=Origin.MEASURED,
                observed_on=date(2026, 11, 3),
                likelihood={"true": 0.2, "false": 0.8},
                note="film",
            ),
        ),
        "speed_mps": 2.78,
        "knowledge_version": "2026.11.5",
    }
    return GaitReport(**(parts | more))  # type: ignore[arg-type]


def compared_report() -> GaitReport:
    """The same with a film before it."""
    return gait_report(
        changes=(
            MetricChange(metric="cadence", side=None, before=160.2, after=168.8, smallest_detectable=3.0, real=True),
            MetricChange(
                metric="contact_time", side=LEFT, before=270.0, after=262.0, smallest_detectable=20.0, real=False
            ),
        )
    )


def refused_report(*codes: str) -> GaitReport:
    """A film that is not measured."""
    named = codes or ("feet_out_of_frame", "too_short")
    return gait_report(
        refusals=tuple(
            Refusal(code=code, reason=message(f"gait.refusal.{code}", share=0.42), share=0.42 if i == 0 else None)
            for i, code in enumerate(named)
        ),
        metrics=(),
        steps=(),
        observations=(),
        findings=(),
    )


def bare_report() -> GaitReport:
    """Almost nothing: seen from the back, no number."""
    return gait_report(
        view=View.BACK,
        facing=None,
        quality=None,
        slow_motion=8.0,
        slow_motion_from="stated",
        fps=240.0,
        speed_mps=None,
        metrics=(metric("pelvic_drop", Unavailable(reason=message("gait.refusal.too_few_steps")), near=None),),
        steps=(),
        observations=(),
        findings=(),
        cautions=(message("gait.caution.small"),),
    )


def recording(near: Side = LEFT, fps: float = 60.0, seconds: float = 6.5, period_s: float = 0.71) -> Recording:
    """A running stick man of plausible shape in pixels (300 px legs), facing left; steps as in `steps`."""
    times = np.arange(0.0, seconds, 1.0 / fps)
    points = np.full((len(times), len(KEYPOINTS), 3), np.nan)
    points[:, :, 2] = 0.95
    forward = -1.0 if near is LEFT else 1.0

    def put(name: str, x: np.ndarray, y: np.ndarray) -> None:
        points[:, KEYPOINT_INDEX[name], 0] = 640 + forward * 300 * x
        points[:, KEYPOINT_INDEX[name], 1] = 400 - 300 * y

    bounce = 0.03 * np.cos(4 * np.pi * (times - 0.43) / period_s)
    zero = np.zeros_like(times)
    for side, lag in ((near, 0.0), (near.other, period_s / 2)):
        phase = 2 * np.pi * (times - 0.3 - lag) / period_s
        thigh = np.radians(18 + 27 * np.cos(phase - 0.2))
        knee = np.radians(35 + 30 * np.cos(phase - 4.2) + 12 * np.cos(2 * phase - 1.0))
        hip = np.stack([zero, bounce])
        joint = hip + 0.5 * np.stack([np.sin(thigh), -np.cos(thigh)])
        ankle = joint + 0.5 * np.stack([np.sin(thigh - knee), -np.cos(thigh - knee)])
        tilt = np.radians(-20 + 30 * np.cos(phase - 0.3))
        heel = ankle + np.stack([-0.06 * np.cos(tilt), -0.08 - 0.06 * np.sin(tilt)])
        toe = ankle + np.stack([0.2 * np.cos(tilt), -0.09 + 0.2 * np.sin(tilt)])
        named = {"hip": hip, "knee": joint, "ankle": ankle, "heel": heel, "toe": toe}
        for part, track in named.items():
            put(f"{side.value}_{part}", track[0], track[1])
        put(f"{side.value}_shoulder", zero + 0.06, bounce + 0.6)
    put("nose", zero + 0.16, bounce + 0.82)
    poses = PoseSequence(times_s=times, points=points, width_px=1280, height_px=900, model="made by hand")
    facts = ClipFacts(duration_s=seconds, fps=fps, width_px=1280, height_px=900)
    return Recording(poses=poses, facts=facts)


def heel_set(side: Side = LEFT, reps: int = 18, *, attempted: int = 20, **more: object) -> HeelRaiseSet:
    """One leg: `reps` raises that count, the last ones lower, then the ones that do not."""
    made = []
    for number in range(attempted):
        start = 1.0 + 2.0 * number
        good = number < reps
        height = (0.36 if side is LEFT else 0.42) - 0.005 * number if good else 0.16
        made.append(
            HeelRaise(
                start_s=start,
                peak_s=start + 0.9,
                end_s=start + 1.8,
                height_ratio=height,
                height_cm=height * 25,
                faults=() if good else ("low", "knee_bend")[: 1 + number % 2],
            )
        )
    grid = np.arange(0.0, 2.0 * attempted + 2.0, 0.1)
    trace = np.zeros_like(grid)
    for rep in made:
        inside = (grid >= rep.start_s) & (grid < rep.end_s)
        trace[inside] = rep.height_ratio * np.sin(np.pi * (grid[inside] - rep.start_s) / 1.8)
    total = sum(rep.height_ratio for rep in made if rep.valid)
    parts: dict[str, object] = {
        "side": side,
        "raises": tuple(made),
        "count": measured(reps, reps, reps, "count", Grade.RELIABLE, reps),
        "attempted": attempted,
        "stopped_by": "two_faults",
        "peak_height_cm": measured(10.5, 9.7, 11.3, "cm"),
        "peak_height_ratio": measured(0.42, 0.39, 0.45, "ratio"),
        "total_displacement_cm": measured(25 * total, 23 * total, 27 * total, "cm"),
        "total_displacement_ratio": measured(total, total * 0.95, total * 1.05, "foot_lengths"),
        "work_index_j": Unavailable(reason=message("heel_raise.why.no_mass")),
        "fatigue_index_pct": measured(22.0, 18.0, 26.0, "pct"),
        "rate_per_min": measured(29.6, 29.0, 30.2, "per_min", Grade.RELIABLE),
        "trace_s": tuple(map(float, grid)),
        "trace_ratio": tuple(map(float, trace)),
        "norm_reps": 26.0,
        "norm_low": 20.0,
        "norm_source": SourceKey("hebertlosier2017"),
        "band": Band.BELOW if reps < 20 else Band.WITHIN,
    }
    return HeelRaiseSet(**(parts | more))  # type: ignore[arg-type]


def heel_report(**more: object) -> HeelRaiseReport:
    """Both legs, the left one sore."""
    parts: dict[str, object] = {
        "sets": (heel_set(LEFT, 18), heel_set(RIGHT, 25, attempted=26, norm_reps=26.0)),
        "affected": LEFT,
        "symmetry_pct": {
            "reps": measured(72.0, 72.0, 72.0, "pct"),
            "height": measured(91.0, 84.0, 98.0, "pct"),
            "displacement": measured(66.0, 60.0, 72.0, "pct"),
        },
        "gate_pct": measured(66.0, 60.0, 72.0, "pct"),
        "measures": (
            PlanMeasure(measure=MeasureId("slhr_reps"), value=18.0, on=date(2026, 11, 3)),
            PlanMeasure(measure=MeasureId("slhr_lsi_pct"), value=66.0, on=date(2026, 11, 3)),
        ),
        "model": "blazepose-heavy/1a2b3c4d",
        "knowledge_version": "2026.11.5",
    }
    return HeelRaiseReport(**(parts | more))  # type: ignore[arg-type]


def refused_heel_report() -> HeelRaiseReport:
    """A film that cannot be counted."""
    none = Unavailable(reason=message("heel_raise.refusal.noisy"))
    names = (
        "count",
        "peak_height_cm",
        "peak_height_ratio",
        "total_displacement_cm",
        "total_displacement_ratio",
        "work_index_j",
        "fatigue_index_pct",
        "rate_per_min",
    )
    refused = heel_set(
        LEFT,
        0,
        attempted=0,
        refusals=(Refusal(code="feet_out_of_frame", reason=message("gait.refusal.feet_out_of_frame")),),
        stopped_by="end_of_clip",
        norm_reps=None,
        band=Band.NO_NORM,
        **dict.fromkeys(names, none),
    )
    return heel_report(sets=(refused,), affected=None, symmetry_pct={}, gate_pct=None, measures=())
