"""Calf load of a whole history, with the uncertainty of every parameter carried through.

Unit: equivalent reference steps (ERS), the number of steps at 3.0 m/s on level firm ground, landing on the heel in a
10 mm-drop shoe, that load one calf as much. Only ratios to the same runner's own history mean anything: all draws use
the same parameters for all runs, so whatever is constant cancels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Shoe, Surface
from soleus.core.training import CalfLoad, Estimate, RunSummary
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.load_cells import Cells, Setting, Steps, collect_cells, run_settings
from soleus.training.load_model import CalfModel, clipped_cadence_spm, grade_excess_pct, run_factor, speed_log

Array = npt.NDArray[np.float64]
Floats = npt.NDArray[np.floating]
ROWS_AT_ONCE = 2048
"""Rows per block: small enough to stay in the processor's cache with a few hundred draws."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunLoads:
    """Load of every run, by damage exponent."""

    index: Mapping[str, int]
    """Key of the run → row."""
    exponents: tuple[int, ...]
    default: int
    central: Array
    """(R, M): with every parameter at its value."""
    draws: npt.NDArray[np.float32]
    """(R, M, K): one column per draw of the parameters."""
    whole: Array
    """(M, K): all runs together."""
    known: npt.NDArray[np.bool_]
    """(R,): False = the file tells too little; such a run adds nothing to a sum."""
    interval: float
    """Share of the draws inside a band."""

    def is_known(self, key: str) -> bool:
        """Whether the run has any load to tell."""
        return bool(self.known[self.index[key]])

    def run(self, key: str) -> Mapping[int, Estimate]:
        """ERS of one run by exponent; empty when its file tells too little."""
        row = self.index[key]
        if not self.known[row]:
            return {}
        return {m: self._band(self.central[row, i], self.draws[row, i]) for i, m in enumerate(self.exponents)}

    def total(self, keys: Sequence[str]) -> Estimate:
        """ERS of these runs together at the default exponent.

        The band spans parameters and exponents as far as they change the *share* of these runs in the whole history
        given: every draw is scaled so that the history weighs the same. How large the load is altogether nobody
        knows, and no comparison of the runner's own weeks depends on it.
        """
        rows = self._rows(keys)
        level = self.central.sum(axis=0)[self._default]
        share = np.divide(self._drawn(rows), self.whole, out=np.zeros_like(self.whole), where=self.whole > 0)
        return self._band(self._central(rows)[self._default], level * share)

    def ratio(
        self, recent_keys: Sequence[str], recent_days: float, baseline_keys: Sequence[str], baseline_days: float
    ) -> CalfLoad | None:
        """Load per day of a window over load per day of the baseline; None when the baseline has no load."""
        recent, baseline = self._rows(recent_keys), self._rows(baseline_keys)
        below = self._central(baseline)
        if not (below > 0).all():
            return None
        scale = baseline_days / recent_days
        central = scale * self._central(recent) / below
        drawn = scale * self._drawn(recent) / self._drawn(baseline)
        return CalfLoad(
            window_days=round(recent_days),
            ratio_by_exponent=MappingProxyType(
                {m: self._band(central[i], drawn[i]) for i, m in enumerate(self.exponents)}
            ),
            band=self._band(central[self._default], drawn),
        )

    @property
    def _default(self) -> int:
        return self.exponents.index(self.default)

    def _rows(self, keys: Sequence[str]) -> list[int]:
        return [self.index[key] for key in keys]

    def _central(self, rows: list[int]) -> Array:
        return np.asarray(self.central[rows].sum(axis=0))

    def _drawn(self, rows: list[int]) -> Array:
        return np.asarray(self.draws[rows].sum(axis=0, dtype=np.float64))

    def _band(self, value: float, drawn: npt.ArrayLike) -> Estimate:
        tail = (1.0 - self.interval) / 2.0
        low, high = np.quantile(np.asarray(drawn, dtype=float), [tail, 1.0 - tail])
        return Estimate(value=float(value), low=float(min(low, value)), high=float(max(high, value)))


def estimate_loads(
    runs: Sequence[RunSummary],
    *,
    knowledge: TrainingKnowledge,
    shoes: Mapping[str, Shoe],
    weight_kg: float | None = None,
    carried_kg: Mapping[str, float] = MappingProxyType({}),
    draws: int | None = None,
) -> RunLoads:
    """The calf load of every run, centrally and for each draw of the parameters.

    1. Rows of all runs: steps of one leg at a speed, grade and contact time (`load_cells.collect_cells`).
    2. Per row and exponent m, in logarithms: steps * (v/3)^(a m) * (SL/SL_preferred)^(eps m) * grade^m * t_c/t_ref.
    3. Summed by run, times the run's constant factor^m (strike, shoe, drop, ground, load carried).
    Same draws for every run (common random numbers). `carried_kg`: run key → kilograms carried, counted only with
    `weight_kg`. Sources: the parameters'; per-step damage edwards2018 (doi 10.1249/JES.0000000000000163), speed and
    damage against impulse firminger2020 (doi 10.1249/MSS.0000000000002287). Not validated against calf injury.
    """
    exponents = tuple(round(m) for m in knowledge.tables["calf.exponents"].numbers("exponent"))
    cells = collect_cells(runs, knowledge)
    settings = run_settings(runs, shoes, knowledge, weight_kg, carried_kg)
    central = CalfModel.central(knowledge)
    drawn = CalfModel.drawn(knowledge, draws or round(knowledge.value("calf.draws")))
    spread = _loads(cells, settings, drawn, exponents, np.float32).astype(np.float32, copy=False)
    return RunLoads(
        index=MappingProxyType({run.key: i for i, run in enumerate(runs)}),
        exponents=exponents,
        default=round(knowledge.value("calf.exponent")),
        central=_loads(cells, settings, central, exponents, np.float64)[:, :, 0].astype(np.float64),
        draws=spread,
        whole=spread.sum(axis=0, dtype=np.float64),
        known=cells.known,
        interval=knowledge.value("changes.interval"),
    )


def _loads(
    cells: Cells, settings: tuple[Setting, ...], model: CalfModel, exponents: tuple[int, ...], dtype: npt.DTypeLike
) -> Floats:
    """(R, M, K): ERS by run, exponent and draw."""
    columns = _columns(cells, model).astype(dtype)
    weights = [_weights(model, exponent).astype(dtype) for exponent in exponents]
    loads = np.zeros((len(settings), len(exponents), len(model["speed"])), dtype=dtype)
    for start, stop in _blocks(cells.run):
        run = cells.run[start:stop]
        first = np.flatnonzero(np.diff(run, prepend=-1))
        formula, drawn_steps = _formula_steps(cells, model, start, stop, dtype)
        steep, slope = _steep(cells, model, start, stop, dtype)
        for i, exponent in enumerate(exponents):
            powers = columns[start:stop] @ weights[i]
            if len(formula):
                powers[formula] += drawn_steps
            if len(steep):
                powers[steep] += exponent * slope
            np.exp(powers, out=powers)
            loads[run[first], i] = np.add.reduceat(powers, first, axis=0)
    for i, exponent in enumerate(exponents):
        loads[:, i] *= _constants(settings, model, exponent).astype(dtype)
    return loads


def _columns(cells: Cells, model: CalfModel) -> Array:
    """(N, 8): what is multiplied by the parameters of `_weights`, in the same order."""
    fixed = model.fixed
    raw = np.log(cells.speed_mps / fixed.value("calf.reference_speed_mps"))
    running, measured = ~cells.walking, np.isfinite(cells.contact_time_s)
    own = cells.own_contact_s
    contact = np.where(measured, cells.contact_time_s, 1.0 if own is None else own)
    timed = running & (measured | (own is not None))
    return np.stack(
        [
            np.log(cells.steps) + np.where(timed, np.log(contact), 0.0),
            np.where(running, speed_log(cells.speed_mps, fixed), 0.0),
            np.where(running, np.log(cells.step_length_ratio), 0.0),
            np.where(running & ~measured, raw, 0.0),
            -1.0 * timed,
            1.0 * (cells.source != Steps.COUNTED),
            1.0 * cells.walking,
            1.0 * (cells.totals & running),
        ],
        axis=1,
    )


def _weights(model: CalfModel, exponent: int) -> Array:
    """(8, K). A run of which only the mean speed is known gets the factor E[(v / mean)^p] = exp(s^2 p (p - 1) / 2)
    of a log-normal speed of spread s, with p the elasticity of load per second at equal cadence."""
    power = exponent * model["speed"] + model["contact_time"]
    one = np.ones_like(power)
    return np.stack(
        [
            one,
            exponent * model["speed"],
            exponent * model["step_length"],
            model["contact_time"],
            np.log(model["contact_time_s"]),
            np.log(model["missing_steps"]),
            exponent * np.log(model.fixed.value("calf.walking_relative_force")) * one,
            model["totals_cv"] ** 2 * power * (power - 1.0) / 2.0,
        ]
    )


def _formula_steps(
    cells: Cells, model: CalfModel, start: int, stop: int, dtype: npt.DTypeLike
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Rows of a block whose steps come from the cadence formula, and (n, K) the log of what each draw makes of it."""
    rows = np.flatnonzero(cells.source[start:stop] == Steps.FORMULA)
    speed = cells.speed_mps[start:stop][rows]
    middle = clipped_cadence_spm(speed, CalfModel.central(model.fixed))
    return rows, np.log(clipped_cadence_spm(speed, model) / middle).astype(dtype)


def _steep(
    cells: Cells, model: CalfModel, start: int, stop: int, dtype: npt.DTypeLike
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Rows of a block beyond the free grade, and (n, K) ln(1 + slope * percent beyond it), 1 + … at least 0.001."""
    excess = grade_excess_pct(cells.grade_ratio[start:stop], model.fixed)
    rows = np.flatnonzero(excess)
    change = model["grade"].astype(dtype) * excess[rows, None].astype(dtype)
    return rows, np.log1p(np.maximum(change, -1.0 + 1.0 / 1000.0))


def _blocks(run: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """[start, stop) of blocks of whole runs, about `ROWS_AT_ONCE` rows each."""
    ends = np.append(np.flatnonzero(np.diff(run)) + 1, len(run)) if len(run) else np.array([], dtype=np.intp)
    blocks: list[tuple[int, int]] = []
    start = before = 0
    for end in map(int, ends):
        if end - start > ROWS_AT_ONCE and before > start:
            blocks.append((start, before))
            start = before
        before = end
    if before > start:
        blocks.append((start, before))
    return blocks


def _constants(settings: tuple[Setting, ...], model: CalfModel, exponent: int) -> Array:
    """(R, K): the constant factor of each run to the power of the exponent."""
    made: dict[Setting, Array] = {}
    for setting in settings:
        if setting not in made:
            factor = run_factor(
                model,
                exponent=exponent,
                strike=setting.strike,
                shoe=setting.shoe,
                drop_mm=setting.drop_mm,
                surface=Surface.TREADMILL if setting.treadmill else Surface.UNKNOWN,
                carried_ratio=setting.carried_ratio,
            )
            made[setting] = factor**exponent
    return np.array([made[setting] for setting in settings]).reshape(len(settings), len(model["speed"]))
