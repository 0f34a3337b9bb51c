"""How the made-up person moves: the numbers of a gait, and the steps they draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from soleus.core.measurement import Side


class Bounce(Enum):
    """What carries the hips up and down."""

    FLIGHT = "flight"
    """Running: free fall between toe-off and contact, springs in between."""
    VAULT = "vault"
    """Walking: highest over the standing leg."""
    SINK = "sink"
    """Grounded ("Groucho") running: lowest over the standing leg, never in the air."""
    STILL = "still"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGait:
    """One leg. Angles in degrees; knee 0 = straight, dorsiflexion 0 = standing, strike positive = heel first."""

    contact_s: float = 0.25
    strike_deg: float = 12.0
    overstride_ratio: float = 0.27
    """Ankle ahead of the hip at contact / leg length (hip to ankle)."""
    knee_contact_deg: float = 15.0
    knee_peak_deg: float = 42.0
    knee_toe_off_deg: float = 18.0
    dorsiflexion_peak_deg: float = 21.0
    swing_knee_deg: float = 98.0
    pelvic_drop_deg: float = 4.0
    """The other side's hip below level in mid-stance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """Standard deviations from step to step."""

    step_time_share: float = 0.012
    contact_share: float = 0.02
    strike_deg: float = 1.5
    overstride_ratio: float = 0.008
    knee_deg: float = 1.2
    dorsiflexion_deg: float = 0.8
    drift_m: float = 0.02
    """Wandering to and fro on the belt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gait:
    """A way of moving. Defaults: an ordinary heel striker at 3 m/s."""

    speed_mps: float = 3.0
    cadence_spm: float = 168.0
    left: LegGait = field(default_factory=LegGait)
    right: LegGait = field(default_factory=LegGait)
    bounce: Bounce = Bounce.FLIGHT
    bounce_m: float = 0.02
    """Half of the hips' rise and fall, where it is not free fall."""
    step_time_asymmetry: float = 0.0
    """(left step time − right) / mean; a step time ends with that leg's contact."""
    landing_drop_m: float = 0.02
    """Hips at toe-off above hips at the next contact (running)."""
    landing_forward_ratio: float = 0.4
    """Foot's speed over the belt before contact / belt speed (FootNet strides: 0.4-0.5)."""
    landing_down_mps: float = 1.1
    trunk_lean_deg: float = 6.0
    trunk_swing_deg: float = 1.5
    step_width_m: float = 0.05
    pelvis_turn_deg: float = 5.0
    """Either way about the vertical."""
    thigh_swing_deg: float = 38.0
    """Most forward thigh angle in the air."""
    arm_swing_deg: float = 28.0
    elbow_deg: float = 95.0
    variation: Variation = field(default_factory=Variation)

    def leg(self, side: Side) -> LegGait:
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One ground contact as planned."""

    side: Side
    contact_s: float
    toe_off_s: float
    strike_deg: float
    overstride_ratio: float
    knee_contact_deg: float
    knee_peak_deg: float
    knee_toe_off_deg: float
    dorsiflexion_peak_deg: float
    swing_knee_deg: float

    @property
    def stance_s(self) -> float:
        return self.toe_off_s - self.contact_s

    @property
    def left(self) -> float:
        """1 for the left leg, −1 for the right."""
        return 1.0 if self.side is Side.LEFT else -1.0


WALKING_LEG = LegGait(
    contact_s=0.66,
    strike_deg=18.0,
    overstride_ratio=0.37,
    knee_contact_deg=5.0,
    knee_peak_deg=18.0,
    knee_toe_off_deg=36.0,
    dorsiflexion_peak_deg=11.0,
    swing_knee_deg=62.0,
)
WALKING = Gait(
    speed_mps=1.3,
    cadence_spm=112.0,
    left=WALKING_LEG,
    right=WALKING_LEG,
    bounce=Bounce.VAULT,
    bounce_m=0.02,
    landing_down_mps=0.4,
    trunk_lean_deg=2.0,
    step_width_m=0.10,
    thigh_swing_deg=27.0,
    arm_swing_deg=20.0,
    elbow_deg=25.0,
)
_RACE_LEG = LegGait(
    contact_s=0.36,
    strike_deg=20.0,
    overstride_ratio=0.42,
    knee_contact_deg=3.0,
    knee_peak_deg=6.0,
    knee_toe_off_deg=30.0,
    dorsiflexion_peak_deg=10.0,
    swing_knee_deg=80.0,
    pelvic_drop_deg=8.0,
)
RACE_WALKING = Gait(
    speed_mps=2.5,
    cadence_spm=176.0,
    left=_RACE_LEG,
    right=_RACE_LEG,
    bounce=Bounce.VAULT,
    bounce_m=0.015,
    landing_down_mps=0.5,
    trunk_lean_deg=3.0,
    step_width_m=0.02,
    pelvis_turn_deg=12.0,
    thigh_swing_deg=30.0,
    elbow_deg=85.0,
)
_GROUCHO_LEG = LegGait(
    contact_s=0.37,
    strike_deg=8.0,
    overstride_ratio=0.24,
    knee_contact_deg=30.0,
    knee_peak_deg=48.0,
    knee_toe_off_deg=28.0,
    dorsiflexion_peak_deg=24.0,
)
GROUCHO = Gait(
    speed_mps=1.9,
    cadence_spm=170.0,
    left=_GROUCHO_LEG,
    right=_GROUCHO_LEG,
    bounce=Bounce.SINK,
    bounce_m=0.02,
    landing_down_mps=0.6,
)
_SHUFFLE_LEG = LegGait(
    contact_s=0.78,
    strike_deg=3.0,
    overstride_ratio=0.15,
    knee_contact_deg=18.0,
    knee_peak_deg=28.0,
    knee_toe_off_deg=35.0,
    dorsiflexion_peak_deg=12.0,
    swing_knee_deg=46.0,
)
SHUFFLING = Gait(
    speed_mps=0.6,
    cadence_spm=96.0,
    left=_SHUFFLE_LEG,
    right=_SHUFFLE_LEG,
    bounce=Bounce.VAULT,
    bounce_m=0.008,
    landing_down_mps=0.2,
    trunk_lean_deg=12.0,
    step_width_m=0.12,
    thigh_swing_deg=26.0,
    arm_swing_deg=6.0,
    elbow_deg=30.0,
)
STANDING = Gait(
    speed_mps=0.0, cadence_spm=0.0, bounce=Bounce.STILL, trunk_lean_deg=1.0, arm_swing_deg=2.0, elbow_deg=10.0
)


def plan_steps(gait: Gait, duration_s: float, rng: np.random.Generator) -> tuple[PlannedStep, ...]:
    """Contacts from 2 strides before the film to 2 after, left and right in turn.

    Step time = 60 / cadence · (1 ± asymmetry / 2) · (1 + N(0, `step_time_share`)); the other numbers vary likewise.
    """
    if gait.cadence_spm <= 0:
        return ()
    mean = 60.0 / gait.cadence_spm
    vary = gait.variation
    steps: list[PlannedStep] = []
    time_s = -4.0 * mean - float(rng.uniform(0, 2 * mean))
    side = Side.LEFT
    while time_s < duration_s + 5.0 * mean:
        leg = gait.leg(side)
        stance = leg.contact_s * (1 + vary.contact_share * float(rng.normal()))
        steps.append(
            PlannedStep(
                side=side,
                contact_s=time_s,
                toe_off_s=time_s + stance,
                strike_deg=leg.strike_deg + vary.strike_deg * float(rng.normal()),
                overstride_ratio=leg.overstride_ratio + vary.overstride_ratio * float(rng.normal()),
                knee_contact_deg=max(1.0, leg.knee_contact_deg + vary.knee_deg * float(rng.normal())),
                knee_peak_deg=leg.knee_peak_deg + vary.knee_deg * float(rng.normal()),
                knee_toe_off_deg=leg.knee_toe_off_deg + vary.knee_deg * float(rng.normal()),
                dorsiflexion_peak_deg=leg.dorsiflexion_peak_deg + vary.dorsiflexion_deg * float(rng.normal()),
                swing_knee_deg=leg.swing_knee_deg + 2 * vary.knee_deg * float(rng.normal()),
            )
        )
        side = side.other
        sign = 0.5 if side is Side.LEFT else -0.5
        time_s += mean * (1 + sign * gait.step_time_asymmetry) * (1 + vary.step_time_share * float(rng.normal()))
    return tuple(steps)
