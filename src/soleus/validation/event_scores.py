"""How far each contact method is off a force plate, with its thresholds set on half of the strides and scored on the
other half."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from soleus.core.recording import Floats
from soleus.gait.events import EVENT_METHODS
from soleus.gait.motion import NEAR, Motion
from soleus.knowledge.gait_base import GaitKnowledge
from soleus.validation.footnet import ForceLeg, errors_ms, film

Half = NDArray[np.bool_]
Values = Mapping[str, float]

THRESHOLDS: dict[str, dict[str, tuple[float, ...]]] = {
    "speed_height_soleus": {
        "events.soleus.speed_share": tuple(np.round(np.arange(0.45, 0.86, 0.025), 3).tolist()),
        "events.soleus.toe_rise": tuple(np.round(np.arange(0.02, 0.12, 0.005), 4).tolist()),
    },
    "belt_match": {
        "events.belt.speed_share": (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45),
        "events.belt.height_legs": (0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06),
    },
    "fellin": {"events.fellin.contact_lag_s": tuple(np.round(np.arange(0.0, 0.081, 0.004), 3).tolist())},
    "height_soleus": {"events.height.share": tuple(np.round(np.arange(0.02, 0.3, 0.02), 2).tolist())},
}
"""Method → the values of its thresholds that are tried. Methods that are not named have nothing to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Errors of a method in ms: bias and standard deviation over strides; + late, or too long."""

    contact: tuple[float, float]
    toe_off: tuple[float, float]
    contact_time: tuple[float, float]
    found: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filming:
    """How the strides are filmed: pictures a second, noise, and the seeds of noise and of the first picture."""

    fps: float
    noise_m: float = 0.006
    lag_s: float = 0.0
    seeds: tuple[int, ...] = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Films:
    """The films of both legs, made once and looked at by every method."""

    legs: tuple[ForceLeg, ...]
    motions: tuple[tuple[int, Motion], ...]
    """(number of the leg, what the pipeline made of it)."""

    def errors(self, method: str, kb: GaitKnowledge) -> Floats:
        """(films, strides of all legs, 3) errors in ms; the strides of the other leg are NaN in each film."""
        counts = [len(leg.contacts) for leg in self.legs]
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.full((len(self.motions), int(starts[-1]), 3), np.nan)
        for i, (number, motion) in enumerate(self.motions):
            found = EVENT_METHODS[method](motion, motion.legs[NEAR], kb)
            rows[i, starts[number] : starts[number + 1]] = errors_ms(self.legs[number], found)
        return rows


def make_films(legs: Sequence[ForceLeg], filming: Filming, kb: GaitKnowledge) -> Films:
    """Every leg filmed once per seed."""
    return Films(
        legs=tuple(legs),
        motions=tuple(
            (number, film(leg, kb, fps=filming.fps, noise_m=filming.noise_m, seed=seed, lag_s=filming.lag_s))
            for number, leg in enumerate(legs)
            for seed in filming.seeds
        ),
    )


def score(errors: Floats, half: Half, films_per_leg: int) -> Score:
    """Bias and SD over the strides of a half: (films, strides, 3) ms."""
    rows = errors[:, half].reshape(-1, 3)

    def pair(column: int) -> tuple[float, float]:
        known = rows[np.isfinite(rows[:, column]), column]
        return (float(np.mean(known)), float(np.std(known, ddof=1))) if len(known) > 1 else (float("nan"),) * 2

    return Score(
        contact=pair(0),
        toe_off=pair(1),
        contact_time=pair(2),
        found=int(np.isfinite(rows[:, 0]).sum()),
        of=int(half.sum()) * films_per_leg,
    )


def with_values(kb: GaitKnowledge, values: Values) -> GaitKnowledge:
    """The same knowledge with other thresholds."""
    changed = {name: replace(kb.parameters[name], value=value) for name, value in values.items()}
    return replace(kb, parameters={**kb.parameters, **changed})


def loss(errors: Floats, half: Half) -> float:
    """Mean square error of contact plus that of toe-off over the strides found, ms²; a missing toe-off costs 50 ms."""
    rows = errors[:, half].reshape(-1, 3)
    rows = rows[np.isfinite(rows[:, 0])]
    squares = np.where(np.isfinite(rows[:, :2]), rows[:, :2] ** 2, 2500.0)
    return float(squares.mean(axis=0).sum()) if len(rows) else float("inf")


def splits(legs: Sequence[ForceLeg], *, seed: int = 0) -> dict[str, Half]:
    """Ways to halve the strides; True = the half on which thresholds are set. Each is scored both ways."""
    sizes = [len(leg.contacts) for leg in legs]
    total = sum(sizes)
    order = np.random.default_rng(seed).permutation(total)
    at_random = np.zeros(total, dtype=bool)
    at_random[order[: total // 2]] = True
    number = np.concatenate([np.arange(size) for size in sizes])
    return {
        "at random": at_random,
        "every other stride": number % 2 == 0,
        "right and left leg": np.arange(total) < sizes[0],
    }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tuner:
    """Sets the thresholds of one method on a half of the strides; remembers what it has tried."""

    method: str
    films: tuple[Films, ...]
    kb: GaitKnowledge
    tried: dict[tuple[float, ...], list[Floats]] = field(default_factory=dict)

    def best(self, half: Half) -> Values:
        """One threshold after the other to the value of least loss over all films, the others held; two rounds.

        Starts from the middle of every grid, so that the product's values play no part.
        """
        grids = THRESHOLDS[self.method]
        values = {name: grid[len(grid) // 2] for name, grid in grids.items()}
        for name in [*grids, *grids]:
            values[name] = min(grids[name], key=partial(self._loss_with, half, values, name))
        return values

    def _loss_with(self, half: Half, values: Values, name: str, value: float) -> float:
        return self._loss({**values, name: value}, half)

    def _loss(self, values: Values, half: Half) -> float:
        key = tuple(values[name] for name in THRESHOLDS[self.method])
        if key not in self.tried:
            kb = with_values(self.kb, values)
            self.tried[key] = [films.errors(self.method, kb) for films in self.films]
        return sum(loss(errors, half) for errors in self.tried[key])
