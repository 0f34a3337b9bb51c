"""The path of the hips: free fall in the air, springs on the ground, so that the mean force is body weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator, PPoly

from soleus.core.recording import Floats
from soleus.validation.synthetic.body import Body
from soleus.validation.synthetic.pattern import Bounce, Gait, PlannedStep

GRAVITY = 9.81
SURGE_M = 0.006
"""Hips run ahead of and behind the mean speed within a step by this much."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HipPath:
    """Everything of the pelvis. Forward positions are relative to the belt's middle (the mean runner)."""

    body: Body
    gait: Gait
    stride: PchipInterpolator | None
    """Stride phase over time: 2πn at left contacts, 2πn + π at right ones; None = standing."""
    drift: tuple[Floats, Floats, Floats]
    """Amplitude, frequency (Hz), phase of slow wandering."""
    height: PPoly | None = None
    level_m: float = 0.0

    def phase(self, times_s: Floats) -> Floats:
        return np.zeros_like(times_s) if self.stride is None else np.asarray(self.stride(times_s))

    def forward(self, times_s: Floats) -> Floats:
        """(N,) mid-hip ahead of the belt's middle."""
        amplitude, frequency, shift = self.drift
        wander = np.sum(amplitude * np.sin(2 * np.pi * frequency * times_s[..., None] + shift), axis=-1)
        return np.asarray(wander + SURGE_M * np.sin(2 * self.phase(times_s)) * (self.gait.bounce is not Bounce.STILL))

    def tilt(self, times_s: Floats) -> Floats:
        """(N,) radians, positive = left hip higher: the pelvis drops on the side in the air."""
        gait = self.gait
        if gait.bounce is Bounce.STILL:
            return np.zeros_like(times_s)
        step_s = 60.0 / gait.cadence_spm
        wave = np.cos(self.phase(times_s) - np.pi * min(gait.left.contact_s, step_s) / 2 / step_s)
        drop = np.where(wave > 0, gait.left.pelvic_drop_deg, gait.right.pelvic_drop_deg)
        return np.asarray(np.radians(drop) * wave)

    def turn(self, times_s: Floats) -> Floats:
        """(N,) radians about the vertical, positive = left hip ahead."""
        if self.gait.bounce is Bounce.STILL:
            return np.zeros_like(times_s)
        return np.asarray(np.radians(self.gait.pelvis_turn_deg) * np.cos(self.phase(times_s)))

    def up(self, times_s: Floats) -> Floats:
        """(N,) mid-hip above the ground."""
        if self.height is not None:
            return np.asarray(self.height(times_s))
        gait = self.gait
        if gait.bounce is Bounce.STILL:
            return np.full_like(times_s, self.level_m)
        step_s = 60.0 / gait.cadence_spm
        middle = np.pi * gait.left.contact_s / 2 / step_s
        sign = 1.0 if gait.bounce is Bounce.VAULT else -1.0
        return np.asarray(self.level_m + sign * gait.bounce_m * np.cos(2 * (self.phase(times_s) - middle)))

    def offset(self, left: Floats | float, times_s: Floats) -> Floats:
        """(…, 3) of a hip joint from mid-hip: forward, up, to the right. `left`: 1 left hip, −1 right hip."""
        half = self.body.hip_width_m / 2
        tilt, turn = self.tilt(times_s), self.turn(times_s)
        across = half * np.cos(tilt)
        return np.stack(
            [left * across * np.sin(turn), left * half * np.sin(tilt), -left * across * np.cos(turn)], axis=-1
        )

    def middle(self, times_s: Floats) -> Floats:
        """(…, 3) mid-hip."""
        return np.stack([self.forward(times_s), self.up(times_s), np.zeros_like(times_s)], axis=-1)

    def hip(self, left: Floats | float, times_s: Floats) -> Floats:
        """(…, 3) one hip joint."""
        return self.middle(times_s) + self.offset(left, times_s)


def build_stride(steps: tuple[PlannedStep, ...]) -> PchipInterpolator | None:
    """Stride phase in radians, smooth between the contacts."""
    if not steps:
        return None
    contacts = np.array([step.contact_s for step in steps])
    return PchipInterpolator(contacts, np.pi * np.arange(len(steps)), extrapolate=True)


def draw_drift(gait: Gait, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Three slow waves (0.05-0.3 Hz) that together wander by the gait's drift."""
    frequency = rng.uniform(0.05, 0.3, 3)
    amplitude = np.full(3, gait.variation.drift_m * np.sqrt(2.0 / 3.0))
    return amplitude, frequency, rng.uniform(0, 2 * np.pi, 3)


def spring_piece(start: tuple[float, float], end: tuple[float, float], length_s: float, deepen_m: float) -> Floats:
    """Stance as a polynomial in time since contact, highest power first (7,): height and speed given at both ends,
    acceleration −g there (no force yet, no force left), and `deepen_m` lower in the middle."""
    t = length_s
    rows, wants = [], []
    for at, (height, speed) in ((0.0, start), (t, end)):
        rows.append([at**n for n in range(6)])
        rows.append([n * at ** (n - 1) if n else 0.0 for n in range(6)])
        rows.append([n * (n - 1) * at ** (n - 2) if n > 1 else 0.0 for n in range(6)])
        wants += [height, speed, -GRAVITY]
    quintic = np.linalg.solve(np.array(rows), np.array(wants))
    bump = -deepen_m * 64.0 / t**6 * np.array([0, 0, 0, t**3, -3 * t**2, 3 * t, -1.0])
    rising = bump + np.append(quintic, 0.0)
    return np.asarray(rising[::-1])


def flight_speeds(toe_off_m: float, contact_m: float, flight_s: float) -> tuple[float, float]:
    """Upward speed at toe-off and at the next contact, in free fall between the two heights."""
    up = (contact_m - toe_off_m) / flight_s + GRAVITY * flight_s / 2
    return up, up - GRAVITY * flight_s


def join_pieces(breaks_s: list[float], pieces: list[Floats]) -> PPoly:
    """A path of polynomials, each in time since its own start."""
    order = max(len(piece) for piece in pieces)
    table = np.zeros((order, len(pieces)))
    for i, piece in enumerate(pieces):
        table[order - len(piece) :, i] = piece
    return PPoly(table, np.array(breaks_s), extrapolate=True)
