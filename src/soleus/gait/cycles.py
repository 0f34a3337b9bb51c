"""Contacts of both legs → steps, with the reason why a step does not count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from soleus.core.gait import Step
from soleus.core.recording import Floats
from soleus.core.view import View
from soleus.gait.events import BACK_METHOD, DEFAULT_METHOD, EVENT_METHODS, Contact
from soleus.gait.events.base import find_windows, ground_speed, traces
from soleus.gait.motion import LegTrack, Motion
from soleus.knowledge.gait_base import GaitKnowledge

OUT_OF_FRAME = "foot_out_of_frame"
NOT_SEEN = "not_seen"
CONTACT_TIME = "contact_time"


def stance_speed(motion: Motion, kb: GaitKnowledge) -> float | None:
    """Speed of the ground past the runner, leg lengths/s: of the near leg, else of the leg that has one."""
    for leg in sorted(motion.legs.values(), key=lambda leg: not leg.near):
        fine = traces(motion, leg)
        speed = ground_speed(fine, find_windows(fine, kb), kb)
        if speed is not None:
            return speed
    return None


def find_steps(
    motion: Motion, kb: GaitKnowledge, *, method: str | None = None, belt_speed: float | None = None
) -> tuple[Step, ...]:
    """Every ground contact of both legs, by time.

    1. Contacts of each leg by `method` (default: `speed_height_soleus`; from behind `height_soleus`), both legs against
       the same speed of the ground, `belt_speed` in leg lengths/s or that of the near leg.
    2. `next_contact_s`: the next contact of the same leg, if it comes after two steps of `steps.step_min_s` to
       `steps.step_max_s` and within `steps.longest_of_usual` of the median stride; else a contact in between was
       missed and it stays open.
    3. `dropped` names why a step does not count: the foot left the picture, more than `steps.filled_share` of it was
       filled in, or its contact time lies outside `steps.contact_min_s` to `steps.contact_max_s`.
    """
    side_view = motion.view is View.SIDE
    detect = EVENT_METHODS[method or (DEFAULT_METHOD if side_view else BACK_METHOD)]
    ground = belt_speed or (stance_speed(motion, kb) if side_view else None)
    steps: list[Step] = []
    for leg in motion.legs.values():
        steps += _of_leg(detect(motion, leg, kb, belt_speed=ground), motion, leg, kb)
    return tuple(sorted(steps, key=lambda step: (step.contact_s, step.side.value)))


def _of_leg(contacts: Sequence[Contact], motion: Motion, leg: LegTrack, kb: GaitKnowledge) -> list[Step]:
    apart = np.diff([contact.contact_s for contact in contacts])
    usual = float(np.median(apart)) if len(apart) else 0.0
    shortest = 2 * kb.value("steps.step_min_s")
    longest = min(2 * kb.value("steps.step_max_s"), kb.value("steps.longest_of_usual") * usual)
    steps = []
    for contact, following in zip(contacts, [*contacts[1:], None], strict=False):
        stride = None if following is None else following.contact_s - contact.contact_s
        known = stride is not None and shortest <= stride <= longest
        steps.append(
            Step(
                side=leg.side,
                near=leg.near,
                contact_s=contact.contact_s,
                toe_off_s=contact.toe_off_s,
                next_contact_s=following.contact_s if known and following is not None else None,
                dropped=_why_dropped(contact, motion, leg, kb),
            )
        )
    return steps


def _why_dropped(contact: Contact, motion: Motion, leg: LegTrack, kb: GaitKnowledge) -> str:
    """Reason code, empty when the step counts."""
    usual = kb.value("steps.contact_max_s")
    end = contact.contact_s + usual if contact.toe_off_s is None else contact.toe_off_s
    rows = (motion.times_s >= contact.contact_s) & (motion.times_s <= end)
    if not leg.in_frame[rows].all():
        return OUT_OF_FRAME
    if rows.any() and float(np.mean(leg.confidence[rows] <= 0)) > kb.value("steps.filled_share"):
        return NOT_SEEN
    if contact.toe_off_s is not None:
        on_ground = contact.toe_off_s - contact.contact_s
        if not kb.value("steps.contact_min_s") <= on_ground <= usual:
            return CONTACT_TIME
    return ""


def counted(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that count."""
    return tuple(step for step in steps if not step.dropped)


def strides_s(steps: Sequence[Step]) -> Floats:
    """Seconds from each contact to the next of the same leg, where both were seen."""
    return np.array([step.next_contact_s - step.contact_s for step in steps if step.next_contact_s is not None])
