"""From which side the camera looks, which way the runner faces, how long a leg is in the picture, what is level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.recording import Facing, Floats, View
from soleus.gait.skeleton import ANKLE, HEEL, HIP, KNEE, TOE, Body, lengths, nan_median, nan_percentile
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Stance:
    """How the runner stands to the camera, in leg lengths of the picture. NaN = could not be worked out."""

    leg_length_px: float
    """Thigh and shank, median of both legs over the film."""
    forward: float
    """Which way the runner looks: +1 right, −1 left, near 0 from behind or in front."""
    shoulder_width: float
    """Signed: left shoulder to the left of the right one is positive (seen from behind)."""
    hip_width: float
    """Signed likewise."""
    reach: float
    """Fore-aft travel of the ankles against the hips."""
    yaw_deg: float
    """How far the camera stands from square to the runner: 0 = side, 90 = behind or in front."""

    @property
    def facing(self) -> Facing | None:
        if not np.isfinite(self.forward) or self.forward == 0:
            return None
        return Facing.RIGHT if self.forward > 0 else Facing.LEFT


def leg_length_px(legs: Floats) -> float:
    """(…, 5, 2) pixels → thigh + shank, each the median over the frames; NaN where no leg was ever seen."""
    thigh = nan_median(lengths(legs[..., HIP, :], legs[..., KNEE, :]))
    shank = nan_median(lengths(legs[..., KNEE, :], legs[..., ANKLE, :]))
    return thigh + shank


def forward_sign(body: Body, leg_px: float) -> float:
    """Which way the runner looks, −1 … 1: toes before heels, knees before the line from hip to ankle, nose before
    the shoulders; each the median over film and legs, so that exchanged sides do no harm. NaN when nothing is seen.

    A running knee is in front of the line from hip to ankle all the time, so it speaks even without foot points.
    """
    hip, knee, ankle = body.legs[:, :, HIP], body.legs[:, :, KNEE], body.legs[:, :, ANKLE]
    down, to_knee = ankle - hip, knee - hip
    bend = (down[..., 1] * to_knee[..., 0] - down[..., 0] * to_knee[..., 1]) / np.maximum(
        np.hypot(down[..., 0], down[..., 1]), 1.0
    )
    foot = body.legs[:, :, TOE, 0] - body.legs[:, :, HEEL, 0]
    face = body.nose[:, 0] - body.shoulder_centre[:, 0]
    votes = np.array([nan_median(foot), nan_median(bend), nan_median(face)]) / leg_px
    seen = np.isfinite(votes)
    if not seen.any():
        return float("nan")
    full = np.array([_FOOT, _BEND, _FACE])
    return float(np.clip((votes[seen] / full[seen]).mean(), -1.0, 1.0))


_FOOT, _BEND, _FACE = 0.25, 0.12, 0.15
"""What the three votes come to in a true side view, in leg lengths: weights only, the sign decides."""


def stance_of(body: Body, kb: GaitKnowledge) -> Stance:
    """How the runner stands to the camera.

    The turn of the camera is worked out from how wide the shoulders look against how far the ankles travel to and
    fro: yaw = atan2(shoulder width / `scale.shoulder_width`, ankle travel / `scale.reach`). The median over the film
    takes out the turning of the trunk, which goes to both sides.
    """
    leg_px = leg_length_px(body.legs)
    if not leg_px > 0:
        nan = float("nan")
        return Stance(leg_length_px=nan, forward=nan, shoulder_width=nan, hip_width=nan, reach=nan, yaw_deg=nan)
    shoulder = nan_median(body.shoulders[1, :, 0] - body.shoulders[0, :, 0]) / leg_px
    hip = nan_median(body.legs[1, :, HIP, 0] - body.legs[0, :, HIP, 0]) / leg_px
    centre = body.hip_centre[:, 0]
    fore_aft = (body.legs[:, :, ANKLE, 0] - centre) / leg_px
    reach = nan_percentile(fore_aft, 95) - nan_percentile(fore_aft, 5)
    across = abs(shoulder) / kb.value("scale.shoulder_width")
    along = reach / kb.value("scale.reach")
    return Stance(
        leg_length_px=leg_px,
        forward=forward_sign(body, leg_px),
        shoulder_width=shoulder,
        hip_width=hip,
        reach=reach,
        yaw_deg=float(np.degrees(np.arctan2(across, along))),
    )


def fits_view(stance: Stance, view: View, kb: GaitKnowledge) -> bool | None:
    """Whether the film shows the runner from the side that was asked for; None when it cannot be told."""
    if not np.isfinite(stance.yaw_deg):
        return None
    if view is View.SIDE:
        return stance.yaw_deg <= kb.value("scale.side_yaw_max_deg") and abs(stance.forward) >= kb.value(
            "scale.forward_min"
        )
    return stance.yaw_deg >= kb.value("scale.back_yaw_min_deg") and stance.shoulder_width > 0


def level_deg(foot: Floats, forward: int, kb: GaitKnowledge) -> float:
    """Tilt of the ground in the picture, degrees, positive where it rises in running direction.

    `foot`: (N, 2) pixels, y down, of the near foot's toe. The line is laid through the points where the foot moves
    backward near its lowest place (mid-stance and push-off); a steep or unsure line is not believed:
    |tilt| is capped at `scale.level_max_deg`, and a line whose standard error exceeds `scale.level_error_deg` counts
    as level. A line fitted to the whole path of the foot turned out unstable (0.6 to 5.6 degrees on one clip).
    """
    x, y = forward * foot[:, 0], -foot[:, 1]
    step = np.gradient(x) if len(x) > 1 else np.zeros_like(x)
    seen = np.isfinite(x) & np.isfinite(y) & np.isfinite(step)
    if seen.sum() < _LINE_POINTS:
        return 0.0
    low = y <= np.percentile(y[seen], kb.value("scale.level_low_pct"))
    points = seen & low & (step < 0)
    if points.sum() < _LINE_POINTS:
        return 0.0
    away = x[points] - x[points].mean()
    spread = float((away**2).sum())
    if spread <= 0:
        return 0.0
    slope = float((away * y[points]).sum()) / spread
    rest = y[points] - y[points].mean() - slope * away
    error = float(np.sqrt((rest**2).sum() / (len(away) - 2) / spread))
    if np.degrees(np.arctan(error)) > kb.value("scale.level_error_deg"):
        return 0.0
    cap = kb.value("scale.level_max_deg")
    return float(np.clip(np.degrees(np.arctan(slope)), -cap, cap))


_LINE_POINTS = 12
