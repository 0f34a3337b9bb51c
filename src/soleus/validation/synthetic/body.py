"""The made-up runner's body: rigid segments in proportion to height, and the leg as a two-link chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.recording import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Segment lengths as shares of height (Drillis & Contini as printed by Winter; from memory): thigh 0.245,
    shank 0.246, ankle joint 0.039 above the sole, so hip height 0.530; foot 0.152."""

    height_m: float = 1.75

    @property
    def thigh_m(self) -> float:
        return 0.245 * self.height_m

    @property
    def shank_m(self) -> float:
        return 0.246 * self.height_m

    @property
    def leg_m(self) -> float:
        """Hip to ankle along the bones: what a side film can measure."""
        return self.thigh_m + self.shank_m

    @property
    def ankle_m(self) -> tuple[float, float]:
        """Ankle joint from the back corner of the sole: forward, up."""
        return 0.042 * self.height_m, 0.039 * self.height_m

    @property
    def foot_m(self) -> float:
        return 0.152 * self.height_m

    @property
    def ball_m(self) -> float:
        """Back of the sole to the joints of the toes."""
        return 0.72 * self.foot_m

    @property
    def hip_width_m(self) -> float:
        return 0.10 * self.height_m

    @property
    def shoulder_width_m(self) -> float:
        return 0.20 * self.height_m

    @property
    def trunk_m(self) -> float:
        return 0.288 * self.height_m

    @property
    def upper_arm_m(self) -> float:
        return 0.186 * self.height_m

    @property
    def forearm_m(self) -> float:
        return 0.146 * self.height_m


def knee_flexion_deg(body: Body, distance_m: Floats) -> Floats:
    """Knee flexion that puts the ankle at that distance from the hip (law of cosines); straight when out of reach."""
    a, b = body.thigh_m, body.shank_m
    cosine = (distance_m**2 - a**2 - b**2) / (2 * a * b)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


def reach_m(body: Body, knee_deg: float) -> float:
    """Distance hip to ankle at a knee flexion."""
    a, b = body.thigh_m, body.shank_m
    return float(np.sqrt(a * a + b * b + 2 * a * b * np.cos(np.radians(knee_deg))))


def leg_angles(body: Body, forward_m: Floats, down_m: Floats) -> tuple[Floats, Floats]:
    """Thigh and shank angle (degrees from straight down, positive = lower end ahead) of the leg whose ankle lies
    `forward_m` ahead of and `down_m` below the hip; the knee bends forward."""
    a, b = body.thigh_m, body.shank_m
    distance = np.hypot(forward_m, down_m)
    knee = np.radians(knee_flexion_deg(body, distance))
    line = np.arctan2(forward_m, down_m)
    lead = np.arctan2(b * np.sin(knee), a + b * np.cos(knee))
    return np.degrees(line + lead), np.degrees(line + lead - knee)


def ankle_from_angles(body: Body, thigh_deg: Floats, shank_deg: Floats) -> tuple[Floats, Floats]:
    """Ankle ahead of and below the hip (metres): the inverse of `leg_angles`."""
    thigh, shank = np.radians(thigh_deg), np.radians(shank_deg)
    forward = body.thigh_m * np.sin(thigh) + body.shank_m * np.sin(shank)
    down = body.thigh_m * np.cos(thigh) + body.shank_m * np.cos(shank)
    return forward, down
