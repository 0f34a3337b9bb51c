"""Is it running, is it enough of it, and do the numbers hold together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from soleus.core.gait import Refusal, Step
from soleus.core.measurement import Side
from soleus.core.recording import Floats, View
from soleus.gait.cadence import apart_of, disagreement_pct, spm_of_contacts, spm_of_pixels, thinned
from soleus.gait.identity import SortedLegs
from soleus.gait.nearness import nearness
from soleus.gait.quality import refusal
from soleus.gait.skeleton import ANKLE, HIP, KNEE, Body, nan_median, nan_percentile
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the body moves: enough to tell running from walking and standing. NaN = cannot be told."""

    step_hz: float
    bounce: float
    """Cosine of the phase between the height of the body and the distance of the ankles: 1 = highest with the legs
    apart (running: in the air), −1 = highest with the legs passing (walking: over the straight leg)."""
    swing_knee_deg: float
    """How far the near knee bends, 95th percentile."""

    @property
    def spm(self) -> float:
        return 60 * self.step_hz


def style_of(body: Body, near_leg: Floats, step_hz: float, leg_px: float, view: View, kb: GaitKnowledge) -> Style:
    """Rhythm and manner of the movement. `near_leg`: (T, 5, 2) pixels.

    Walking is an inverted pendulum, running a spring: the body is highest over the straight leg in the one, in the air
    in the other. Both rhythms are taken at the step frequency; see `bounce_of`. From behind no bend of a knee is seen.
    """
    thigh = near_leg[:, HIP] - near_leg[:, KNEE]
    shank = near_leg[:, ANKLE] - near_leg[:, KNEE]
    cross = thigh[:, 0] * shank[:, 1] - thigh[:, 1] * shank[:, 0]
    bend = 180 - np.degrees(np.arctan2(np.abs(cross), (thigh * shank).sum(axis=1)))
    return Style(
        step_hz=step_hz,
        bounce=bounce_of(body, step_hz, leg_px, view, kb),
        swing_knee_deg=nan_percentile(bend, 95) if view is View.SIDE else float("nan"),
    )


def bounce_of(body: Body, step_hz: float, leg_px: float, view: View, kb: GaitKnowledge) -> float:
    """Cosine of the phase between body height and legs apart at the step frequency; NaN when there is no bounce.

    Height: mean of hips and shoulders. From behind the ankles differ most in height while the legs pass, so the sign
    is turned. Both signals are brought to one complex number per two steps (Hann windows half
    overlapping), whose products are added up: a slow change of cadence does no harm.
    """
    if not np.isfinite(step_hz):
        return float("nan")
    keep = thinned(body.times_s, kb.value("identity.time_scale_s"))
    times = body.times_s[keep]
    apart = apart_of(body, leg_px, view)[keep]
    height = -(body.hip_centre[keep, 1] + body.shoulder_centre[keep, 1]) / (2 * leg_px)
    both = np.isfinite(apart) & np.isfinite(height)
    width = 2 / step_hz
    product, size, windows = 0j, 0.0, 0
    for start in np.arange(times[0], times[-1] - width, width / 2):
        rows = both & (times >= start) & (times < start + width)
        if rows.sum() < _FEWEST:
            continue
        at = times[rows] - start
        turn = (0.5 - 0.5 * np.cos(2 * np.pi * at / width)) * np.exp(-2j * np.pi * step_hz * at)
        spread = 2 / np.abs(turn).sum()
        of_height = spread * (turn * _flat(at, height[rows])).sum()
        of_apart = spread * (turn * _flat(at, apart[rows])).sum()
        product, size, windows = product + of_height * np.conj(of_apart), size + abs(of_height), windows + 1
    if not windows or size / windows < kb.value("quality.bounce_min_leg"):
        return float("nan")
    return float(np.cos(np.angle(product))) * (1 if view is View.SIDE else -1)


_FEWEST = 6


def _flat(times_s: Floats, values: Floats) -> Floats:
    """Mean and trend taken out."""
    slope, level = np.polyfit(times_s, values, 1)
    return np.asarray(values - slope * times_s - level)


def is_walking(style: Style, duty: float, kb: GaitKnowledge) -> bool:
    """Whether the manner is that of walking.

    A plain bounce of walking (`quality.bounce_sure`) decides at any cadence, race walkers' too; a bounce that speaks
    for running (`quality.bounce_clear`) decides against. Else, below `quality.walking_spm`, most of: highest while the
    legs pass; one foot always on the ground; little bend of the swinging knee.
    """
    if not style.spm <= kb.value("quality.cadence_high_spm") or style.bounce > kb.value("quality.bounce_clear"):
        return False
    if style.bounce < -kb.value("quality.bounce_sure"):
        return True
    votes = (
        (style.bounce, style.bounce < -kb.value("quality.bounce_clear")),
        (duty, duty >= kb.value("quality.walking_duty")),
        (style.swing_knee_deg, style.swing_knee_deg < kb.value("quality.swing_knee_deg")),
    )
    told = [vote for value, vote in votes if np.isfinite(value)]
    return style.spm < kb.value("quality.walking_spm") and 2 * sum(told) > len(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cadence three ways, alternation, near-leg duty factor, strides. NaN = could not be worked out."""

    events_spm: float
    spectral_spm: float
    pixels_spm: float
    alternation: float
    duty: float
    near_used: int
    duration_s: float


def count(steps: Sequence[Step], style: Style, times_s: Floats, energy: Floats | None, kb: GaitKnowledge) -> Counts:
    """What the steps come to. Duty factor: median contact time of the near leg over twice the step time."""
    near = [step for step in steps if step.near and not step.dropped]
    on_ground = np.array([step.toe_off_s - step.contact_s for step in near if step.toe_off_s is not None])
    strides = np.array([step.next_contact_s - step.contact_s for step in near if step.next_contact_s is not None])
    return Counts(
        events_spm=spm_of_contacts([[s.contact_s for s in steps if s.side is side] for side in Side]),
        spectral_spm=style.spm,
        pixels_spm=spm_of_pixels(times_s, energy, style.step_hz, kb),
        alternation=alternation(steps),
        duty=nan_median(on_ground) / nan_median(strides),
        near_used=len(near),
        duration_s=float(times_s[-1] - times_s[0]) if len(times_s) else 0.0,
    )


def alternation(steps: Sequence[Step]) -> float:
    """Share of successive contacts that change the leg; NaN for fewer than two.

    Contacts with a hole of a whole step between them do not follow on one another: a step of the far leg that was
    hidden is missing, not exchanged.
    """
    ordered = sorted(steps, key=lambda step: step.contact_s)
    gaps = np.diff([step.contact_s for step in ordered])
    close = gaps < _HOLE * np.median(gaps) if len(gaps) else gaps
    changes = [a.side is not b.side for (a, b), near in zip(pairwise(ordered), close, strict=True) if near]
    return sum(changes) / len(changes) if changes else float("nan")


_HOLE = 1.5


def movement_refusals(style: Style, counts: Counts, slow_motion: float, kb: GaitKnowledge) -> list[Refusal]:
    """What kind of movement it is: `not_running`, `walking`, `slow_motion_unclear`, `too_short`.

    No rhythm at all in a film whose times were shortened by a slow-motion factor may be the fault of the factor.
    """
    if not np.isfinite(style.step_hz):
        enough = 60 * 2 * kb.value("quality.strides_min") / kb.value("quality.cadence_high_spm")
        why = [refusal("not_running" if counts.duration_s >= enough else "too_short")]
        return why if slow_motion == 1.0 else [*why, refusal("slow_motion_unclear")]
    found = []
    if is_walking(style, counts.duty, kb):
        found.append(refusal("walking"))
    elif not kb.value("quality.cadence_low_spm") <= style.spm <= kb.value("quality.cadence_high_spm"):
        found.append(refusal("slow_motion_unclear"))
    if counts.duration_s * style.step_hz < 2 * kb.value("quality.strides_min"):
        found.append(refusal("too_short"))
    return found


def trust_refusals(counts: Counts, legs: SortedLegs, leg_px: float, view: View, kb: GaitKnowledge) -> list[Refusal]:
    """Do the numbers hold together? Only asked of a film that is otherwise in order: else these follow from it."""
    found = []
    if counts.near_used < kb.value("quality.strides_min"):
        found.append(refusal("few_steps"))
    mixed_up = (
        not counts.alternation >= kb.value("quality.alternation_min")
        or legs.swap_share > kb.value("quality.swaps_max")
        or legs.doubled_share > kb.value("quality.doubled_max")
        or (view is View.SIDE and nearness(legs, leg_px, kb) < kb.value("quality.near_doubt"))
    )
    if mixed_up:
        found.append(refusal("sides_uncertain", share=legs.swap_share))
    if legs.unsteady > kb.value("quality.unsteady_leg"):
        found.append(refusal("points_unsteady"))
    limit = kb.value("quality.cadence_differ_pct")
    others = (counts.events_spm, counts.pixels_spm)
    if any(disagreement_pct(counts.spectral_spm, other) > limit for other in others):
        found.append(refusal("cadence_disagrees"))
    if view is View.SIDE and not kb.value("quality.duty_low") <= counts.duty <= kb.value("quality.duty_high"):
        found.append(refusal("duty_factor_odd"))
    return found
