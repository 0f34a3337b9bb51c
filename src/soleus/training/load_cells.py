"""Runs → rows for the calf-load model: steps of one leg at a speed, a grade, a step length and a contact time.

Steps come from what there is, in this order: counted by the file; stated for the whole run; cadence times moving time;
distance over the runner's own preferred step length at that speed; the same by a general cadence formula when no run of
this runner counts steps. A run of which only totals are known is one row at its mean speed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Shoe, Sport
from soleus.core.training import LoadCell, RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.load_model import fallback_cadence_spm

Array = npt.NDArray[np.float64]
T = TypeVar("T")
ON_FOOT = (Sport.WALKING, Sport.HIKING)


class Steps(IntEnum):
    """Where the number of steps comes from."""

    COUNTED = 0
    OWN_STEP_LENGTH = 1
    FORMULA = 2


@dataclass(slots=True, kw_only=True)
class Rows:
    """Growing columns, one entry per row; NaN = not measured."""

    run: list[int] = field(default_factory=list)
    """Index of the run."""
    speed_mps: list[float] = field(default_factory=list)
    grade_ratio: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    """Of one leg."""
    step_length_m: list[float] = field(default_factory=list)
    contact_time_ms: list[float] = field(default_factory=list)
    totals: list[bool] = field(default_factory=list)
    """One row for a whole run."""
    source: list[int] = field(default_factory=list)
    walking: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """The same as arrays (N,), ordered by run, with `step_length_ratio` to the runner's preferred one."""

    run: npt.NDArray[np.intp]
    speed_mps: Array
    grade_ratio: Array
    steps: Array
    step_length_ratio: Array
    contact_time_s: Array
    """NaN = not measured, see `own_contact_s`."""
    own_contact_s: float | None
    """The runner's measured contact time brought to the reference speed; None = never measured."""
    totals: npt.NDArray[np.bool_]
    source: npt.NDArray[np.intp]
    walking: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    """(R,): False = the file tells nothing of steps, distance or time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreferredStepLength:
    """The runner's own step length by speed: weighted median per speed bin over the formula's, shrunk to the whole.

    `log_ratio` at `speed_mps` (B,); without any counted steps one bin of 0 (the formula itself).
    """

    speed_mps: Array
    log_ratio: Array
    own: bool
    knowledge: TrainingKnowledge

    def at(self, speed_mps: npt.ArrayLike) -> Array:
        """Metres per step."""
        speed = np.asarray(speed_mps, dtype=float)
        general = speed * 60.0 / fallback_cadence_spm(speed, self.knowledge)
        return np.asarray(general * np.exp(self.log_ratio_at(speed)))

    def log_ratio_at(self, speed_mps: Array) -> Array:
        """ln(own / general step length), linear between bins, held outside."""
        return np.asarray(np.interp(speed_mps, self.speed_mps, self.log_ratio))


def collect_cells(runs: Sequence[RunSummary], knowledge: TrainingKnowledge) -> Cells:
    """Rows of all runs; sports other than running, walking and hiking have none, and that is known."""
    rows = Rows()
    known = np.ones(len(runs), dtype=bool)
    missing: list[int] = []
    for index, run in enumerate(runs):
        cells = [cell for cell in run.load_cells if cell.speed_mps > 0 and cell.steps > 0]
        if run.sport is Sport.RUNNING and cells:
            _add_cells(rows, index, run, cells)
        elif run.sport is Sport.RUNNING or run.sport in ON_FOOT:
            steps = _counted_steps(run)
            if steps is None:
                missing.append(index)
            else:
                _add_totals(rows, index, run, _speed(run), steps, Steps.COUNTED)
    usual_mps = _usual_speed(rows, knowledge)
    for index in missing:
        run = runs[index]
        speed = _speed(run) or usual_mps
        distance = run.distance_m or speed * run.moving_s
        known[index] = distance > 0 and run.sport is Sport.RUNNING
        if known[index]:
            steps = distance * float(fallback_cadence_spm(speed, knowledge)) / (60.0 * speed) / 2.0
            _add_totals(rows, index, run, speed, steps, Steps.FORMULA)
    return _cells(rows, known, usual_mps, knowledge)


def _add_cells(rows: Rows, index: int, run: RunSummary, cells: Sequence[LoadCell]) -> None:
    """A run without cadence has cells too, with steps of the general formula: those say nothing of step length."""
    nan = float("nan")
    counted = run.steps is not None or run.cadence_spm is not None
    rows.run += [index] * len(cells)
    rows.speed_mps += [cell.speed_mps for cell in cells]
    rows.grade_ratio += [cell.grade_ratio for cell in cells]
    rows.steps += [cell.steps for cell in cells]
    rows.step_length_m += [cell.step_length_m if counted else nan for cell in cells]
    rows.contact_time_ms += [nan if cell.contact_time_ms is None else cell.contact_time_ms for cell in cells]
    rows.totals += [run.from_totals] * len(cells)
    rows.walking += [False] * len(cells)
    rows.source += [Steps.COUNTED if counted else Steps.FORMULA] * len(cells)


def _add_totals(rows: Rows, index: int, run: RunSummary, speed_mps: float | None, steps: float, source: Steps) -> None:
    nan = float("nan")
    rows.run.append(index)
    rows.speed_mps.append(speed_mps or nan)
    rows.grade_ratio.append(0.0)
    rows.steps.append(steps)
    rows.step_length_m.append(run.distance_m / (2.0 * steps) if source is Steps.COUNTED and run.distance_m else nan)
    rows.contact_time_ms.append(run.contact_time_ms or nan)
    rows.totals.append(True)
    rows.source.append(source)
    rows.walking.append(run.sport in ON_FOOT)


def _counted_steps(run: RunSummary) -> float | None:
    """Steps of one leg, stated or cadence times moving time; None = neither is known."""
    if run.steps:
        return run.steps / 2.0
    if run.cadence_spm and run.moving_s:
        return run.cadence_spm * run.moving_s / 60.0 / 2.0
    return None


def _speed(run: RunSummary) -> float | None:
    if run.speed_mps:
        return run.speed_mps
    return run.distance_m / run.moving_s if run.distance_m and run.moving_s else None


def _usual_speed(rows: Rows, knowledge: TrainingKnowledge) -> float:
    """The speed of the runner's middle step; the reference speed when no run tells."""
    speed, steps = np.array(rows.speed_mps), np.array(rows.steps)
    seen = np.isfinite(speed) & ~np.array(rows.walking, dtype=bool)
    if not seen.any():
        return knowledge.value("calf.reference_speed_mps")
    return weighted_median(speed[seen], steps[seen])


def _preferred(rows: Rows, knowledge: TrainingKnowledge) -> PreferredStepLength:
    speed, length = np.array(rows.speed_mps), np.array(rows.step_length_m)
    level = np.abs(np.nan_to_num(rows.grade_ratio)) <= knowledge.value("calf.grade_free")
    good = level & (speed > 0) & (length > 0) & ~np.array(rows.walking, dtype=bool)
    if not good.any():
        return PreferredStepLength(speed_mps=np.zeros(1), log_ratio=np.zeros(1), own=False, knowledge=knowledge)
    speed, length, steps = speed[good], length[good], np.array(rows.steps)[good]
    log_ratio = np.log(length * fallback_cadence_spm(speed, knowledge) / (60.0 * speed))
    overall = weighted_median(log_ratio, steps)
    width, shrink = knowledge.value("form.speed_bin_mps"), knowledge.value("calf.preferred_min_steps")
    bins = np.floor(speed / width)
    middles, ratios = [], []
    for number in np.unique(bins):
        here = bins == number
        weight = steps[here].sum() / (steps[here].sum() + shrink)
        middles.append((number + 0.5) * width)
        ratios.append(weight * weighted_median(log_ratio[here], steps[here]) + (1.0 - weight) * overall)
    return PreferredStepLength(speed_mps=np.array(middles), log_ratio=np.array(ratios), own=True, knowledge=knowledge)


def _cells(rows: Rows, known: npt.NDArray[np.bool_], usual_mps: float, knowledge: TrainingKnowledge) -> Cells:
    """Steps of the general formula become those of the runner's own step length when any run counts steps."""
    order = np.argsort(rows.run, kind="stable")
    preferred = _preferred(rows, knowledge)
    speed = np.array(rows.speed_mps)[order]
    speed = np.where(np.isfinite(speed), speed, usual_mps)
    length, contact = np.array(rows.step_length_m)[order], np.array(rows.contact_time_ms)[order] / 1000.0
    walking, steps = np.array(rows.walking, dtype=bool)[order], np.array(rows.steps)[order]
    source = np.array(rows.source, dtype=np.intp)[order]
    formula = source == Steps.FORMULA
    if preferred.own:
        steps = np.where(formula, steps * np.exp(-preferred.log_ratio_at(speed)), steps)
        source = np.where(formula, Steps.OWN_STEP_LENGTH, source)
    usable = (length > 0) & ~walking
    ratio = np.where(usable, np.where(usable, length, 1.0) / preferred.at(speed), 1.0)
    contact = np.where((contact > 0) & ~walking, contact, np.nan)
    return Cells(
        run=np.array(rows.run, dtype=np.intp)[order],
        speed_mps=speed,
        grade_ratio=np.nan_to_num(rows.grade_ratio)[order],
        steps=steps,
        step_length_ratio=ratio,
        contact_time_s=contact,
        own_contact_s=_own_contact(speed, contact, steps, knowledge),
        totals=np.array(rows.totals, dtype=bool)[order],
        source=source,
        walking=walking,
        known=known,
    )


def _own_contact(speed: Array, contact: Array, steps: Array, knowledge: TrainingKnowledge) -> float | None:
    """Weighted median of contact / (v / 3.0)^-0.6, so that steps without a measurement follow the runner's level."""
    seen = np.isfinite(contact)
    if not seen.any():
        return None
    relative = speed[seen] / knowledge.value("calf.reference_speed_mps")
    return weighted_median(contact[seen] / relative ** knowledge.value("calf.contact_time_exponent"), steps[seen])


def weighted_median(values: Array, weights: Array) -> float:
    """The value at which half of the weight is reached; (N,) each, N > 0."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2.0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is constant over a run: foot strike, shoe and drop, ground, load carried."""

    strike: str
    shoe: str
    drop_mm: float | None
    treadmill: bool
    carried_ratio: float


def run_settings(
    runs: Sequence[RunSummary],
    shoes: Mapping[str, Shoe],
    knowledge: TrainingKnowledge,
    weight_kg: float | None,
    carried_kg: Mapping[str, float],
) -> tuple[Setting, ...]:
    """The setting of each run; where a file is silent the runner's usual strike and shoe stand in, so that a sensor
    left at home or a run without gear does not look like a switch."""
    strikes = [strike_of(run.foot_strike_class, knowledge) for run in runs]
    pairs = [_pair(shoes.get(run.shoe) if run.shoe is not None else None, knowledge) for run in runs]
    usual_strike = _usual(strikes, runs) or "rfs"
    usual_pair = _usual(pairs, runs) or ("conventional", None)
    settings = []
    for run, strike, pair in zip(runs, strikes, pairs, strict=True):
        shoe, drop = pair or usual_pair
        carried = carried_kg.get(run.key, 0.0)
        settings.append(
            Setting(
                strike=strike or usual_strike,
                shoe=shoe,
                drop_mm=drop,
                treadmill=run.surface.value == "treadmill",
                carried_ratio=(weight_kg + carried) / weight_kg if weight_kg and carried else 1.0,
            )
        )
    return tuple(settings)


def strike_of(foot_strike_class: float | None, knowledge: TrainingKnowledge) -> str | None:
    """rfs, mfs or ffs from a sensor's class (1 = heel to 16 = toe); None = not measured."""
    if foot_strike_class is None:
        return None
    if foot_strike_class < knowledge.value("calf.strike_class.mfs_from"):
        return "rfs"
    return "mfs" if foot_strike_class < knowledge.value("calf.strike_class.ffs_from") else "ffs"


def _pair(shoe: Shoe | None, knowledge: TrainingKnowledge) -> tuple[str, float | None] | None:
    """(kind, drop) when anything of the shoe's build is known."""
    if shoe is None or (not shoe.kind and shoe.drop_mm is None):
        return None
    known = f"calf.shoe.{shoe.kind}" in knowledge.parameters
    return (shoe.kind if known else "conventional", shoe.drop_mm)


def _usual(values: Sequence[T | None], runs: Sequence[RunSummary]) -> T | None:
    """The value with most distance behind it."""
    totals: dict[T, float] = {}
    for value, run in zip(values, runs, strict=True):
        if value is not None:
            totals[value] = totals.get(value, 0.0) + (run.distance_m or 1.0)
    return max(totals, key=totals.__getitem__) if totals else None
