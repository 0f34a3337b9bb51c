"""A phone on a tripod or in a hand: perspective, from any side, standing still, or panning with a runner who passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.recording import Facing, Floats
from soleus.validation.synthetic.body import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Where the camera stands and what it shows. `orbit_deg` goes round the runner: 0 = exactly from the side,
    30 = from behind at an angle, 90 = from the back, −90 = from the front."""

    width_px: int = 1280
    height_px: int = 720
    leg_px: float = 300.0
    """Size of a leg (hip to ankle) at the runner's distance: sets the lens."""
    distance_m: float = 4.0
    height_m: float = 0.9
    orbit_deg: float = 0.0
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    facing: Facing = Facing.LEFT
    overground: bool = False
    """The runner goes through the picture; else on a treadmill."""
    pan: bool = False
    """The camera turns with the runner (overground)."""
    feet_up_px: float = 0.0
    """Picture shifted down by so much: feet leave it at the bottom."""
    forward_m: float = 0.0
    """Runner out of the middle of the picture."""

    def focal_px(self, body: Body) -> float:
        return self.leg_px * self.distance_m / body.leg_m

    def project(self, body: Body, points_m: Floats, times_s: Floats, speed_mps: float) -> Floats:
        """(T, K, 3) metres → (T, K, 2) pixels, y down."""
        shifted, yaw = self._place(points_m, times_s, speed_mps)
        across, up, depth = self._axes(yaw)
        relative = shifted - self._position()
        x = np.einsum("tkc,tc->tk", relative, across)
        y = np.einsum("tkc,tc->tk", relative, up)
        z = np.maximum(np.einsum("tkc,tc->tk", relative, depth), 0.2)
        focal = self.focal_px(body)
        u, v = focal * x / z, -focal * y / z
        roll = np.radians(self.roll_deg)
        middle = focal * (self.height_m - 0.5 * body.height_m) / self.distance_m
        return np.stack(
            [
                self.width_px / 2 + u * np.cos(roll) - v * np.sin(roll),
                self.height_px / 2 - middle + self.feet_up_px + u * np.sin(roll) + v * np.cos(roll),
            ],
            axis=-1,
        )

    def background_shift_px(self, body: Body, times_s: Floats, speed_mps: float) -> Floats:
        """(T, 2) movement of the background since the frame before."""
        still = np.zeros((len(times_s), 1, 3))
        still[..., 1] = self.height_m
        world = self._fixed_world(body, still, times_s, speed_mps)[:, 0]
        return np.vstack([np.zeros((1, 2)), np.diff(world, axis=0)])

    def _fixed_world(self, body: Body, points_m: Floats, times_s: Floats, speed_mps: float) -> Floats:
        """Projects points of the room, which stand still."""
        if self.overground:
            points_m = points_m.copy()
            points_m[..., 0] -= self._passed(times_s, speed_mps)[:, None] + self.forward_m
        return self.project(body, points_m, times_s, speed_mps)

    def _passed(self, times_s: Floats, speed_mps: float) -> Floats:
        """(T,) metres ahead of the middle of the picture: the runner passes it half way through the film."""
        return np.asarray(speed_mps * (times_s - (times_s[0] + times_s[-1]) / 2))

    def _place(self, points_m: Floats, times_s: Floats, speed_mps: float) -> tuple[Floats, Floats]:
        points = points_m.copy()
        yaw = np.full(len(times_s), np.radians(self.yaw_deg))
        ahead = np.full(len(times_s), self.forward_m)
        if self.overground:
            ahead = ahead + self._passed(times_s, speed_mps)
            if self.pan:
                sign = 1.0 if self.facing is Facing.LEFT else -1.0
                yaw = yaw + sign * np.arctan2(ahead, self.distance_m)
        points[..., 0] += ahead[:, None]
        return points, yaw

    def _direction(self) -> Floats:
        """Unit vector from the runner to the camera."""
        orbit = np.radians(self.orbit_deg)
        near = -1.0 if self.facing is Facing.LEFT else 1.0
        return np.array([-np.sin(orbit), 0.0, near * np.cos(orbit)])

    def _position(self) -> Floats:
        return np.asarray(self._direction() * self.distance_m + np.array([0.0, self.height_m, 0.0]))

    def _axes(self, yaw_rad: Floats) -> tuple[Floats, Floats, Floats]:
        """(T, 3) each: to the right of the picture, up, into the scene. Yaw turns the camera to its left."""
        look, top = -self._direction(), np.array([0.0, 1.0, 0.0])
        right = np.cross(look, top)
        pitch = np.radians(self.pitch_deg)
        depth = np.cos(yaw_rad)[:, None] * look - np.sin(yaw_rad)[:, None] * right
        across = np.cos(yaw_rad)[:, None] * right + np.sin(yaw_rad)[:, None] * look
        tilted = np.cos(pitch) * depth + np.sin(pitch) * top
        return across, np.cos(pitch) * top - np.sin(pitch) * depth, tilted
