"""From which side the camera looks, which way the runner faces, how long a leg is in the picture.

The picture is taken as level. A ground line laid through the places of the feet was tried and given up: on one clip two
networks made 0.4 to 1.5 degrees of it by one rule and 5 to 10 by another.
"""

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
    fro: yaw = atan2(shoulder width / `scale.shoulder_width`, ankle travel / `scale.reach`); of somebody who stands,
    from the shoulders alone. The median over the film takes out the turning of the trunk, which goes to both sides.
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
    if reach < kb.value("scale.reach_still"):
        along = max(along, float(np.sqrt(max(0.0, 1 - across**2))))
    return Stance(
        leg_length_px=leg_px,
        forward=forward_sign(body, leg_px),
        shoulder_width=shoulder,
        hip_width=hip,
        reach=reach,
        yaw_deg=float(np.degrees(np.arctan2(across, along))),
    )


def fits_view(stance: Stance, view: View, kb: GaitKnowledge) -> bool:
    """Whether the film shows the runner from the side that was asked for.

    From the side the way the runner looks must be plain, and the shoulders, where they were seen, must look narrow.
    From behind the shoulders must look wide, the left one on the left.
    """
    if view is View.BACK:
        return stance.yaw_deg >= kb.value("scale.back_yaw_min_deg") and stance.shoulder_width > 0
    return abs(stance.forward) >= kb.value("scale.forward_min") and not (
        stance.yaw_deg > kb.value("scale.side_yaw_max_deg")
    )
