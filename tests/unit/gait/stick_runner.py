"""A stick runner of a few cosines: fast, exactly known, for the tests of single stages.

The made-up films of `soleus.validation.synthetic_runner` are the realistic ones.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from soleus.core.recording import KEYPOINT_INDEX, KEYPOINTS, ClipFacts, Floats, PoseSequence, Recording
from soleus.gait.skeleton import Body, body_of
from soleus.knowledge import load_knowledge

KB = load_knowledge()
GAIT = KB.gait

LEFT_LEG = [KEYPOINT_INDEX[f"left_{part}"] for part in ("hip", "knee", "ankle", "heel", "toe")]
RIGHT_LEG = [KEYPOINT_INDEX[f"right_{part}"] for part in ("hip", "knee", "ankle", "heel", "toe")]


def leg_points(phase: Floats, hip: Floats) -> Floats:
    """(T, 5, 2) hip, knee, ankle, heel, toe in leg lengths, x forward, y up; phase 0 = foot foremost."""
    thigh = 0.12 + 0.48 * np.cos(phase + 0.4)
    flexion = 0.3 + 1.2 * (0.5 + 0.5 * np.cos(phase - 1.5 * np.pi)) ** 2
    shank = thigh - flexion
    foot = shank - 0.15
    knee = hip + 0.5 * np.stack([np.sin(thigh), -np.cos(thigh)], axis=-1)
    ankle = knee + 0.5 * np.stack([np.sin(shank), -np.cos(shank)], axis=-1)
    along = np.stack([np.cos(foot), np.sin(foot)], axis=-1)
    heel = ankle - 0.06 * along + (0.0, -0.08)
    toe = ankle + 0.22 * along + (0.0, -0.08)
    return np.stack([hip, knee, ankle, heel, toe], axis=1)


def true_phase(times_s: Floats, spm: float = 170.0) -> Floats:
    """Stride phase of the near leg."""
    return np.pi * spm / 60 * times_s


def stick_recording(
    *,
    seconds: float = 6.0,
    fps: float = 30.0,
    spm: float = 170.0,
    leg_px: float = 300.0,
    facing_left: bool = True,
    bounce: float = 0.03,
    noise_leg: float = 0.0,
    seed: int = 0,
    times_s: Floats | None = None,
    **facts: object,
) -> Recording:
    """Seen exactly from the side, on a treadmill; the near leg is the left one when the runner faces left."""
    times = np.arange(int(seconds * fps)) / fps if times_s is None else times_s
    phase = true_phase(times, spm)
    hip = np.stack([np.zeros_like(times), 1.05 + bounce * np.cos(2 * phase)], axis=-1)
    points = np.full((len(times), len(KEYPOINTS), 2), np.nan)
    near, far = (LEFT_LEG, RIGHT_LEG) if facing_left else (RIGHT_LEG, LEFT_LEG)
    points[:, near] = leg_points(phase, hip)
    points[:, far] = leg_points(phase + np.pi, hip + np.array([0.05, 0.0]))
    for name, place in (("nose", (0.2, 0.9)), ("left_shoulder", (0.06, 0.6)), ("right_shoulder", (0.06, 0.6))):
        points[:, KEYPOINT_INDEX[name]] = hip + place
    points = points + noise_leg * np.random.default_rng(seed).normal(size=points.shape)
    pixels = np.empty((*points.shape[:2], 3))
    pixels[..., 0] = 640 + (-1 if facing_left else 1) * leg_px * points[..., 0]
    pixels[..., 1] = 640 - leg_px * points[..., 1]
    pixels[..., 2] = np.where(np.isfinite(points[..., 0]), 0.9, 0.0)
    known: dict[str, object] = {"duration_s": seconds, "fps": fps, "width_px": 1280, "height_px": 720}
    return Recording(
        poses=PoseSequence(times_s=times, points=pixels, width_px=1280, height_px=720, model="stick"),
        facts=ClipFacts(**(known | facts)),  # type: ignore[arg-type]
    )


def with_points(recording: Recording, points: Floats) -> Recording:
    return replace(recording, poses=replace(recording.poses, points=points))


def stick_body(recording: Recording) -> Body:
    return body_of(recording.poses, GAIT)
