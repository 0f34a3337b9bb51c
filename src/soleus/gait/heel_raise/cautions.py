"""What limits a result: said beside the numbers, by text id `heel_raise.caution.<id>`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from soleus.core.gait import Band, HeelRaiseSet
from soleus.core.ids import TextId
from soleus.core.measurement import Measurement, Side
from soleus.core.message import Message
from soleus.core.recording import Recording
from soleus.gait.heel_raise.judge import PACE_LOST, TWO_FAULTS, hand_low
from soleus.gait.heel_raise.signal import Curve
from soleus.knowledge.gait_base import GaitKnowledge

MIN_SEEN = 0.5
REPS = "reps"
FILM_ENDED = "film_ended"
SIDE_DIFFERS = "side_differs"


def caution(name: str, **params: str | float) -> Message:
    return Message(text=TextId(f"heel_raise.caution.{name}"), params=params)


def of_film(recording: Recording, curve: Curve, stated: Side | None, gait: GaitKnowledge) -> list[Message]:
    """What the film itself leaves open."""
    side = stated or curve.side
    said = {"side": side.value}
    found = []
    if curve.other_bout:
        found.append(caution("moved_foot", **said))
    if stated is not None and stated is not curve.side:
        found.append(caution(SIDE_DIFFERS, **said))
    if curve.near is not side:
        found.append(caution("far_leg", **said))
    if curve.foot_per_shank < gait.value("heel_raise.error.oblique_foot_per_shank"):
        found.append(caution("oblique", **said))
    if not _seen(curve, "hip", "knee"):
        found.append(caution("knee_unseen", **said))
    elif not _seen(curve, "shoulder"):
        found.append(caution("lean_unseen", **said))
    if not _seen(curve, "shoulder", "wrist"):
        found.append(caution("hand_unseen", **said))
    elif hand_low(curve, gait):
        found.append(caution("hand_low", **said))
    people = recording.poses.people
    if people is not None and (people > 1).any():
        found.append(caution("several_people", **said))
    return found


def _seen(curve: Curve, *parts: str) -> bool:
    seen = np.all([np.isfinite(curve.points[part]).all(axis=1) for part in parts], axis=0)
    return bool(seen.mean() >= MIN_SEEN)


def was_cut_off(item: HeelRaiseSet) -> bool:
    """Whether the film may have ended before the test did: the true number can be higher."""
    return _says(item, FILM_ENDED)


def is_other_leg(item: HeelRaiseSet) -> bool:
    """Whether the film looks like the other leg than was told: a good count may be that of the better leg."""
    return _says(item, SIDE_DIFFERS)


def _says(item: HeelRaiseSet, name: str) -> bool:
    return any(message.text == f"heel_raise.caution.{name}" for message in item.cautions)


def badly_done(item: HeelRaiseSet, gait: GaitKnowledge) -> bool:
    """Whether the first raises already had faults of form: that tells how it was done, not what the calf can do."""
    count = item.count
    least = gait.value("heel_raise.evidence.min_counted")
    form = item.stopped_by in (TWO_FAULTS, PACE_LOST)
    return form and isinstance(count, Measurement) and count.value < least


def of_report(
    kept: Sequence[HeelRaiseSet],
    affected: Side | None,
    symmetry: Mapping[str, Measurement],
    *,
    same_test: bool,
    gait: GaitKnowledge,
) -> list[Message]:
    """The cautions of both legs together, the weightiest first."""
    counted = [item for item in kept if isinstance(item.count, Measurement)]
    found = [caution("badly_done", side=item.side.value) for item in counted if badly_done(item, gait)]
    if len(counted) == 1:
        found.append(caution("one_leg"))
    if affected is None and counted:
        found.append(caution("affected_unknown"))
    if len(counted) > 1 and not same_test:
        found.append(caution("not_alike"))
    found += _misleading(symmetry, gait)
    healthy = next((item for item in counted if affected is not None and item.side is affected.other), None)
    if healthy is not None and len(counted) > 1 and was_cut_off(healthy):
        found.append(caution("other_cut_off", side=healthy.side.value))
    if healthy is not None and healthy.band is Band.BELOW:
        found.append(caution("other_leg_low"))
    found += _once([message for item in kept for message in item.cautions])
    if any(item.norm_reps is not None and not item.incline for item in counted):
        found.append(caution("norm_slope"))
    if any(item.incline for item in counted):
        found.append(caution("incline"))
    if any(isinstance(item.peak_height_cm, Measurement) for item in counted):
        found.append(_medians(gait))
    if counted:
        found.append(caution("day_to_day", reps=gait.value("heel_raise.norm.day_to_day_reps")))
    return found


def _medians(gait: GaitKnowledge) -> Message:
    """The medians of svisser2025 (doi 10.1016/j.bjpt.2025.101188, n = 500), which found no link with age."""
    names = {"reps": "any_age", "height": "any_age_height_cm", "total": "any_age_displacement_cm"}
    return caution("medians", **{key: gait.value(f"heel_raise.norm.{name}") for key, name in names.items()})


def _misleading(symmetry: Mapping[str, Measurement], gait: GaitKnowledge) -> list[Message]:
    """Where the count looks clearly better than the leg is (silbernagel2010)."""
    if REPS not in symmetry:
        return []
    lowest = min(index.value for index in symmetry.values())
    reps = symmetry[REPS].value
    if reps - lowest < gait.value("heel_raise.symmetry.reps_mislead_pct"):
        return []
    return [caution("reps_mislead", reps=round(reps), lowest=round(lowest))]


def _once(messages: Sequence[Message]) -> list[Message]:
    return [message for i, message in enumerate(messages) if message not in messages[:i]]
