"""Made-up films with known truth: a runner, a camera and the errors of a pose network make a `Recording`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, ClipFacts, Floats, PoseSequence, Recording, leg_indices
from soleus.validation.synthetic.body import Body
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.pattern import Gait
from soleus.validation.synthetic.runner import SyntheticRunner, build_runner
from soleus.validation.synthetic.sensor import Mask, Sensed, Sensor, frame_times, hidden_share, sense
from soleus.validation.synthetic.truth import TrueStep, Truth, true_steps

FAR_ENERGY = 0.5
"""The far leg moves fewer pixels: it is half hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One film to make up. The same scene and seed give the same film."""

    gait: Gait = field(default_factory=Gait)
    body: Body = field(default_factory=Body)
    camera: Camera = field(default_factory=Camera)
    sensor: Sensor = field(default_factory=Sensor)
    duration_s: float = 10.0
    seed: int = 0
    other: Gait | None = None
    """A second person in the picture."""
    other_share: float = 0.0
    """Share of the film in which the network holds on to the second person."""
    slow_motion: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SyntheticClip:
    """A made-up film, and what is true of it."""

    scene: Scene
    runner: SyntheticRunner
    recording: Recording
    truth: Truth


def synthesize(scene: Scene) -> SyntheticClip:
    """Makes the film of a scene."""
    bodies, frames, network = (np.random.default_rng([scene.seed, i]) for i in range(3))
    runner = build_runner(scene.gait, scene.duration_s, bodies, body=scene.body, toe_share=scene.sensor.toe_share)
    camera, sensor = scene.camera, scene.sensor
    times = frame_times(sensor, scene.duration_s, frames)
    near = camera.facing.near
    clean = camera.project(scene.body, runner.points(times), times, scene.gait.speed_mps)
    sensed = sense(clean, times, near, camera.leg_px, sensor, network)
    points, strangers = _mix_other(scene, times, sensed)
    _leave_picture(points, camera, network)
    poses = PoseSequence(
        times_s=times,
        points=points,
        width_px=camera.width_px,
        height_px=camera.height_px,
        model="synthetic/1",
        people=_people(scene, times),
    )
    facts = _facts(scene, times, clean, network)
    truth = _truth(scene, runner, times, clean, sensed, strangers)
    return SyntheticClip(scene=scene, runner=runner, recording=Recording(poses=poses, facts=facts), truth=truth)


def _mix_other(scene: Scene, times_s: Floats, sensed: Sensed) -> tuple[Floats, Mask]:
    """The network jumps to a second person, half as far again to the side, for one stretch of the film."""
    points = sensed.points.copy()
    strangers: Mask = np.zeros(len(times_s), bool)
    if scene.other is None or scene.other_share <= 0:
        return points, strangers
    rng = np.random.default_rng([scene.seed, 9])
    other = build_runner(scene.other, scene.duration_s, rng, body=Body(height_m=scene.body.height_m * 0.94))
    space = other.points(times_s) + np.array([1.1, 0.0, 0.6])
    clean = scene.camera.project(scene.body, space, times_s, scene.other.speed_mps)
    theirs = sense(clean, times_s, scene.camera.facing.near, scene.camera.leg_px, scene.sensor, rng).points
    start = float(rng.uniform(0, 1 - scene.other_share)) * scene.duration_s
    strangers = np.asarray((times_s >= start) & (times_s < start + scene.other_share * scene.duration_s))
    points[strangers] = theirs[strangers]
    return points, strangers


def _people(scene: Scene, times_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The detector looks every half second."""
    out = np.full(len(times_s), -1, dtype=np.int16)
    every = max(1, round(scene.sensor.fps * 0.5))
    out[::every] = 1 if scene.other is None else 2
    return out


def _leave_picture(points: Floats, camera: Camera, rng: np.random.Generator) -> None:
    """Points outside the picture: the network guesses near its edge, unsure of it."""
    size = np.array([camera.width_px, camera.height_px], dtype=np.float64)
    with np.errstate(invalid="ignore"):
        outside = np.any((points[..., :2] < 0) | (points[..., :2] > size), axis=-1)
        held = np.clip(points[..., :2], -0.02 * size, 1.02 * size)
    points[..., :2] = np.where(outside[..., None], held, points[..., :2])
    points[..., 2] = np.where(outside, rng.uniform(0.05, 0.35, outside.shape), points[..., 2])


def _facts(scene: Scene, times_s: Floats, clean_px: Floats, rng: np.random.Generator) -> ClipFacts:
    camera, sensor = scene.camera, scene.sensor
    shift = camera.background_shift_px(scene.body, times_s, scene.gait.speed_mps)
    fps = 1.0 / float(np.median(np.diff(times_s))) if len(times_s) > 1 else sensor.fps
    return ClipFacts(
        duration_s=float(times_s[-1] - times_s[0]) + 1.0 / sensor.fps,
        fps=fps,
        width_px=camera.width_px,
        height_px=camera.height_px,
        variable_frame_rate=sensor.time_jitter > 0 or sensor.lost_frames_share > 0,
        slow_motion=scene.slow_motion,
        slow_motion_from="stated" if scene.slow_motion != 1.0 else "none",
        sharpness=np.clip(0.8 + 0.03 * rng.normal(size=len(times_s)), 0, 1),
        brightness=120.0,
        shift_px=shift + 0.05 * rng.normal(size=shift.shape),
        cuts=0,
        frozen_share=0.0,
        motion_energy=motion_energy(times_s, clean_px, camera.facing.near, rng),
    )


def motion_energy(times_s: Floats, clean_px: Floats, near: Side, rng: np.random.Generator) -> Floats:
    """(T,) how much the legs change the picture: path of knee, ankle, heel and toe since the frame before, the far leg
    less, and 5 % noise; NaN for the first frame."""
    out = np.full(len(times_s), np.nan)
    if len(times_s) < 2:
        return out
    total = np.zeros(len(times_s) - 1)
    for side, weight in ((near, 1.0), (near.other, FAR_ENERGY)):
        rows = list(leg_indices(side)[1:])
        total += weight * np.linalg.norm(np.diff(clean_px[:, rows], axis=0), axis=-1).mean(axis=1)
    out[1:] = total * (1 + 0.05 * rng.normal(size=total.shape)) + 0.02 * float(np.mean(total) + 1e-9)
    return out


def _truth(
    scene: Scene, runner: SyntheticRunner, times_s: Floats, clean_px: Floats, sensed: Sensed, strangers: Mask
) -> Truth:
    end = float(times_s[-1])
    camera = scene.camera
    steps = true_steps(runner, camera, end)
    inside = [s for s in runner.steps if 0 <= s.contact_s <= end]
    gaps = np.diff([s.contact_s for s in inside])
    size = np.array([camera.width_px, camera.height_px])
    seen = {
        side: np.all(
            [
                (clean_px[:, KEYPOINT_INDEX[f"{side.value}_{part}"]] >= 0).all(axis=1)
                & (clean_px[:, KEYPOINT_INDEX[f"{side.value}_{part}"]] <= size).all(axis=1)
                for part in ("heel", "toe")
            ],
            axis=0,
        )
        for side in Side
    }
    names = sorted({name for step in steps for name in step.film})
    return Truth(
        near=camera.facing.near,
        facing=camera.facing,
        speed_mps=scene.gait.speed_mps,
        leg_m=scene.body.leg_m,
        leg_px=camera.leg_px,
        clean_px=clean_px,
        swapped_legs=sensed.swapped_legs & ~strangers,
        swapped_body=sensed.swapped_body & ~strangers,
        collapsed=sensed.collapsed,
        lost=sensed.lost,
        other_person=strangers,
        in_picture=seen,
        contacts=tuple((s.side, s.contact_s) for s in inside),
        toe_offs=tuple((s.side, s.toe_off_s) for s in runner.steps if 0 <= s.toe_off_s <= end),
        steps=steps,
        cadence_spm=60.0 / float(np.mean(gaps)) if len(gaps) else float("nan"),
        values={
            (name, side): float(np.median([s.film[name] for s in steps if s.side is side]))
            for side in Side
            for name in names
            if any(s.side is side for s in steps)
        },
    )


__all__ = ["Scene", "SyntheticClip", "TrueStep", "Truth", "hidden_share", "synthesize"]
