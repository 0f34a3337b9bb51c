"""How much of an exercise: a place between the least and the most that the phase and the evidence both allow.

The place (0 = least, 1 = most) is the smallest of what pain, capacity, time and running history allow, so more pain
never gives more, and what is not known gives least.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from soleus.core.ids import FindingId, MeasureId
from soleus.core.message import Message
from soleus.core.plan import Prescription, Span
from soleus.knowledge.plan_base import Exercise, LoadRange, PhaseExercise
from soleus.planning.measures import heel_raise_median
from soleus.planning.select import message
from soleus.planning.situation import Situation

PAIN_MEASURES = ("pain_rest_nrs", "pain_walk_nrs", "slhr_pain_nrs", "hop10_pain_nrs")
PAIN_NOW = FindingId("pain_score_now")
HEEL_RAISES = MeasureId("slhr_reps")
SECONDS_PER_REPETITION = 4.0
"""One slow repetition where no tempo is given: about 2 s up and 2 s down, to estimate the time of a session."""
MINUTES_WITHOUT_DOSE = 5.0
DAILY, THRICE = 7, 3
"""Days a week where neither the phase nor the exercise says: what is done in bouts through the day is done daily."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a range a dose should lie, and what held it down."""

    share: float
    held_by: str
    """pain | capacity | time | history, each with `_unknown` when it is not known; none."""


def worst_pain(situation: Situation) -> float | None:
    """The worst pain known today, 0-10, over rest, walking and tests; None = nobody said."""
    known = [situation.value(measure) for measure in PAIN_MEASURES]
    said = situation.evidence.answer(PAIN_NOW)
    values = [float(value) for value in (*known, said) if isinstance(value, int | float)]
    return max(values, default=None)


def place_of(exercise: Exercise, limit_nrs: float, expected_days: float, today: Situation) -> Place:
    """The place for an exercise as the runner is today; `expected_days` = typical days from the onset to the end of the
    exercise's phase.

    pain      1 − pain / limit, for what loads the calf (limit 0: 1 only at pain 0)
    capacity  single-leg heel raises / median of age and sex, for what loads the calf
    time      days since the onset / expected days, for what loads the calf
    history   usual weekly distance / `dosage.usual_weekly_km`, for what has impact

    Each is cut to 0-1. What does not load the calf takes `dosage.unloaded_place`, and least when pain is above the
    limit. Later phases too are dosed for today, so a plan never promises more to who has more pain; the revision on
    entering a phase doses it anew. Choice of our own: no study says where in a range to begin.
    """
    value, pain, days = today.kb.plans.value, worst_pain(today), today.days_since_onset
    if not exercise.loads_calf:
        start = value("dosage.unloaded_place")
        return Place(share=start if pain is not None and pain <= limit_nrs else 0.0, held_by="none")
    parts = {
        "pain": None if pain is None else _room(pain, limit_nrs),
        "capacity": _capacity(today),
        "time": None if days is None else _cut(days / max(expected_days, 1.0)),
    }
    if exercise.impact not in {"none", "low"}:
        weekly = today.goals.history.weekly_km if today.goals.history else None
        parts["history"] = None if weekly is None else _cut(weekly / value("dosage.usual_weekly_km"))
    held = min(parts, key=lambda name: (parts[name] or 0.0, list(parts).index(name)))
    share = parts[held]
    return Place(share=share or 0.0, held_by=held if share is not None else f"{held}_unknown")


def _room(pain_nrs: float, limit_nrs: float) -> float:
    """Room below the pain limit as a share of it; a limit of 0 leaves room only without any pain."""
    return _cut(1 - pain_nrs / limit_nrs) if limit_nrs > 0 else float(pain_nrs == 0)


def _capacity(situation: Situation) -> float | None:
    norm, reps = situation.kb.plans.norm, situation.value(HEEL_RAISES)
    if norm is None or reps is None:
        return None
    return _cut(float(reps) / heel_raise_median(norm, situation.runner, situation.evidence))


def _cut(value: float) -> float:
    return min(1.0, max(0.0, value))


def prescribe(item: PhaseExercise, exercise: Exercise, place: Place, *, limit_nrs: float) -> Prescription:
    """The dose at a place: sets, days and bouts as one whole number, the rest as a span from the least up to the place.

    Every part lies inside the phase's range and the exercise's range together; where these do not meet, the value of
    the exercise's range next to the phase counts. Rest between sets shortens with the place.
    """
    dose = exercise.dose
    share = place.share
    rest, bouts = dose.rest_s, both(_fixed(item.bouts_per_day), dose.bouts_per_day)
    result = Prescription(
        exercise=item.exercise,
        sets=_whole(both(item.sets, dose.sets), share),
        reps=_up_to(both(item.reps, dose.reps), share),
        hold_s=_up_to(both(item.hold_s, dose.hold_s), share),
        duration_min=_up_to(both(item.duration_min, dose.duration_min), share),
        work_s=_up_to(both(item.work_s, dose.work_s), share),
        distance_m=_up_to(both(item.distance_m, dose.distance_m), share),
        contacts=None if item.reps or dose.reps else _up_to(both(item.contacts, dose.contacts), share),
        tempo_s=dose.tempo_s,
        rest_s=None if rest is None else math.ceil(rest[1] - share * (rest[1] - rest[0])),
        per_week=_whole(both(_fixed(item.per_week), dose.per_week), share) or (DAILY if bouts else THRICE),
        bouts_per_day=_whole(bouts, share) or 1,
        load=_load(item, dose.load, share),
        pain_max_nrs=limit_nrs if item.pain_max_nrs is None else min(limit_nrs, item.pain_max_nrs),
        start_day=item.start_day,
        optional=item.optional,
        sources=exercise.sources,
    )
    return replace(result, minutes=minutes_of(result, unilateral=exercise.unilateral))


def both(narrow: Span | None, wide: Span | None) -> Span | None:
    """The part that two ranges share; when they do not meet, the point of `wide` nearest to `narrow`."""
    if narrow is None or wide is None:
        return wide if narrow is None else narrow
    low, high = max(narrow[0], wide[0]), min(narrow[1], wide[1])
    if low <= high:
        return low, high
    point = wide[1] if narrow[0] > wide[1] else wide[0]
    return point, point


def minutes_of(item: Prescription, *, unilateral: bool) -> float:
    """Estimated minutes of one bout: work of every set on each leg at its longest, and the rests between."""
    if item.duration_min is not None:
        return item.duration_min[1] * (item.sets or 1)
    repetition = sum(item.tempo_s) if item.tempo_s else SECONDS_PER_REPETITION
    if item.work_s is not None:
        work = item.work_s[1]
    elif item.hold_s is not None:
        work = item.hold_s[1] * (item.reps[1] if item.reps else 1)
    elif item.reps is not None:
        work = item.reps[1] * repetition
    elif item.contacts is not None:
        return max(1.0, round(item.contacts[1] / 60 + (item.sets or 1), 1))
    else:
        return MINUTES_WITHOUT_DOSE
    sets, rest = item.sets or 1, item.rest_s or 0
    # One leg rests while the other works.
    seconds = 2 * sets * work + (sets - 1) * max(0, rest - work) if unilateral else sets * work + (sets - 1) * rest
    return max(1.0, round(seconds / 60, 1))


def _fixed(value: int | None) -> Span | None:
    return None if value is None else (value, value)


def _whole(span: Span | None, share: float) -> int | None:
    return None if span is None else math.floor(span[0] + share * (span[1] - span[0]) + 1e-9)


def _up_to(span: Span | None, share: float) -> Span | None:
    """From the least up to the place, in whole numbers where the range is in whole numbers."""
    if span is None:
        return None
    low, high = span
    top = low + share * (high - low)
    whole = float(low).is_integer() and float(high).is_integer()
    return low, (max(low, float(math.floor(top + 1e-9))) if whole else round(top, 2))


def _load(item: PhaseExercise, load: LoadRange | None, share: float) -> Message | None:
    """The phase's own note, else the range on its scale up to the place."""
    if item.load:
        return message(item.load)
    if load is None or load.basis == "none" or load.low is None or load.high is None:
        return None
    if load.basis == "rm":  # a higher repetition maximum is a lighter weight: the least load is the highest number
        return _range("rm", math.ceil(load.high - share * (load.high - load.low)), load.high)
    top = max(load.low, float(math.floor(load.low + share * (load.high - load.low) + 1e-9)))
    return (
        message("plan.load.own_weight")
        if load.basis == "bodyweight_pct" and top <= 0
        else _range(load.basis, load.low, top)
    )


def _range(basis: str, low: float, high: float) -> Message:
    return (
        message(f"plan.load.{basis}", low=low, high=high) if low < high else message(f"plan.load.{basis}_one", n=high)
    )
