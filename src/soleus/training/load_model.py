"""The calf load of one step, relative to a reference step: neither a force in newtons nor a risk.

Methods disagree two- to fourfold on how large the force is and agree on what raises it, so only ratios within one
runner are used. Every number comes from the knowledge base and carries a range; `CalfModel.drawn` spreads the ranges.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Surface
from soleus.knowledge.base import TrainingKnowledge

Array = npt.NDArray[np.float64]
RANGED = {
    "speed": "calf.speed_exponent",
    "step_length": "calf.step_length_exponent",
    "grade": "calf.grade_slope_per_pct",
    "drop": "calf.drop_per_mm",
    "treadmill": "calf.surface.treadmill",
    "contact_time_s": "calf.contact_time_s",
    "contact_time": "calf.contact_time_exponent",
    "cadence_base": "cadence.fallback_base",
    "cadence_slope": "cadence.fallback_slope",
    "missing_steps": "calf.missing_steps_ratio",
    "totals_cv": "calf.totals_speed_cv",
    **{f"peak_{strike}": f"calf.strike_peak.{strike}" for strike in ("rfs", "mfs", "ffs")},
    **{f"impulse_{strike}": f"calf.strike_impulse.{strike}" for strike in ("rfs", "mfs", "ffs")},
    **{
        f"shoe_{kind}": f"calf.shoe.{kind}" for kind in ("conventional", "minimalist", "maximalist", "plated", "spikes")
    },
}
"""Name in the model → parameter of the knowledge base with a plausible range."""
IMPULSE = 1
"""The exponent at which damage is impulse; foot strike then acts by its impulse, not by its peak."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalfModel:
    """The parameters: each `ranged` value (K,), one per draw; K = 1 for the central model."""

    ranged: dict[str, Array]
    fixed: TrainingKnowledge

    @classmethod
    def central(cls, knowledge: TrainingKnowledge) -> CalfModel:
        """Every parameter at its value."""
        return cls(ranged={name: np.array([knowledge.value(p)]) for name, p in RANGED.items()}, fixed=knowledge)

    @classmethod
    def drawn(cls, knowledge: TrainingKnowledge, draws: int) -> CalfModel:
        """Every parameter spread over its range, the same draws every time.

        Half of the draws lie evenly between the lower limit and the value, half between the value and the upper
        limit, so the median is the value. Stratified, each parameter shuffled by a seed made of its id.
        """
        return cls(ranged={name: _spread(knowledge, p, draws) for name, p in RANGED.items()}, fixed=knowledge)

    def __getitem__(self, name: str) -> Array:
        return self.ranged[name]


def _spread(knowledge: TrainingKnowledge, parameter_id: str, draws: int) -> Array:
    parameter = knowledge.parameters[parameter_id]
    if parameter.low is None or parameter.high is None:
        return np.full(draws, parameter.value)
    share = (np.arange(draws) + 0.5) / draws
    np.random.default_rng(zlib.crc32(parameter_id.encode())).shuffle(share)
    return np.interp(share, [0.0, 0.5, 1.0], [parameter.low, parameter.value, parameter.high])


def run_factor(
    model: CalfModel,
    *,
    exponent: int,
    strike: str = "rfs",
    shoe: str = "conventional",
    drop_mm: float | None = None,
    heel_lift_mm: float = 0.0,
    surface: Surface = Surface.UNKNOWN,
    carried_ratio: float = 1.0,
) -> Array:
    """What multiplies the force of every step of a run: foot strike, shoe, drop, ground, load carried. (K,).

    k_strike * k_shoe is capped (part of the effect of minimal shoes is the changed foot strike); the drop counts
    1 + k * (reference - drop - lift), clipped. At exponent 1 the strike acts by its impulse and outside the cap.
    Sources: nishiguchi2025 (doi 10.52082/jssm.2025.747), sinclair2015 (doi 10.3920/CEP150024), farris2012, willy2016.
    """
    fixed = model.fixed
    if exponent == IMPULSE:
        factor = model[f"impulse_{strike}"] * model[f"shoe_{shoe}"]
    else:
        factor = np.minimum(model[f"peak_{strike}"] * model[f"shoe_{shoe}"], fixed.value("calf.strike_shoe_cap"))
    if drop_mm is not None or heel_lift_mm:
        reference = fixed.value("calf.reference_drop_mm")
        lower_mm = reference - (reference if drop_mm is None else drop_mm) - heel_lift_mm
        low, high = fixed.value("calf.drop_clip_low"), fixed.value("calf.drop_clip_high")
        factor = factor * np.clip(1.0 + model["drop"] * lower_mm, low, high)
    if surface is Surface.TREADMILL:
        factor = factor * model["treadmill"]
    return factor * carried_ratio


def speed_log(speed_mps: npt.ArrayLike, knowledge: TrainingKnowledge) -> Array:
    """ln(speed / reference speed) per step, held above the speed where the force of soleus is predicted to fall."""
    speed = np.minimum(np.asarray(speed_mps, dtype=float), knowledge.value("calf.speed_clamp_mps"))
    return np.asarray(np.log(speed / knowledge.value("calf.reference_speed_mps")))


def grade_excess_pct(grade_ratio: npt.ArrayLike, knowledge: TrainingKnowledge) -> Array:
    """Percent of grade beyond the range in which the force does not change; signed, 0 inside."""
    grade = np.asarray(grade_ratio, dtype=float)
    free = knowledge.value("calf.grade_free")
    return np.asarray(np.sign(grade) * np.maximum(np.abs(grade) - free, 0.0) * 100.0)


def relative_force(
    speed_mps: npt.ArrayLike,
    *,
    knowledge: TrainingKnowledge,
    step_length_ratio: npt.ArrayLike = 1.0,
    grade_ratio: npt.ArrayLike = 0.0,
    strike: str = "rfs",
    shoe: str = "conventional",
    drop_mm: float | None = None,
    heel_lift_mm: float = 0.0,
    surface: Surface = Surface.UNKNOWN,
    carried_ratio: float = 1.0,
) -> Array:
    """Peak calf force of a step relative to the reference step (3.0 m/s, level, rearfoot, 10 mm drop, firm ground).

    F = (v / 3.0)^a * (SL / SL_preferred)^eps * k_strike * k_shoe * k_drop * k_surface * k_grade * k_carried, with the
    central parameters; arguments broadcast, the result has their shape. a from tensiometry2024 (8.2 body weights at
    2.68 m/s, 10.1 at 4.47); k_grade is 1 within 7 % (telhan2010), beyond by direction only. Deviation: none from the
    evidence file; grade beyond 7 % and the step-length exponent are assumptions, so they carry wide ranges.
    """
    model = CalfModel.central(knowledge)
    factor = run_factor(
        model,
        exponent=0,
        strike=strike,
        shoe=shoe,
        drop_mm=drop_mm,
        heel_lift_mm=heel_lift_mm,
        surface=surface,
        carried_ratio=carried_ratio,
    )[0]
    power = model["speed"][0] * speed_log(speed_mps, knowledge)
    power = power + model["step_length"][0] * np.log(np.asarray(step_length_ratio, dtype=float))
    slope = 1.0 + model["grade"][0] * grade_excess_pct(grade_ratio, knowledge)
    return np.asarray(np.exp(power) * slope * factor)


def contact_time_ratio(
    speed_mps: npt.ArrayLike, knowledge: TrainingKnowledge, contact_time_ms: npt.ArrayLike | None = None
) -> Array:
    """Ground contact relative to the reference step: measured / t_ref, else (v / 3.0)^-0.6 (from memory)."""
    if contact_time_ms is not None:
        return np.asarray(contact_time_ms, dtype=float) / (1000.0 * knowledge.value("calf.contact_time_s"))
    ratio = np.asarray(speed_mps, dtype=float) / knowledge.value("calf.reference_speed_mps")
    return np.asarray(ratio ** knowledge.value("calf.contact_time_exponent"))


def step_damage(force_ratio: npt.ArrayLike, contact_ratio: npt.ArrayLike, exponent: float) -> Array:
    """D = F^m * t_c / t_ref of one step, in equivalent reference steps (edwards2018, doi 10.1249/JES.0000000000000163).

    m comes from tendon outside the body (schechtman1997); there is none for muscle, so m = 1 stands beside it.
    """
    return np.asarray(np.asarray(force_ratio, dtype=float) ** exponent * np.asarray(contact_ratio, dtype=float))


def fallback_cadence_spm(speed_mps: npt.ArrayLike, knowledge: TrainingKnowledge) -> Array:
    """Steps per minute when no file says: base + slope * speed, clipped; a line through three points, weak."""
    return clipped_cadence_spm(speed_mps, CalfModel.central(knowledge))[..., 0]


def clipped_cadence_spm(speed_mps: npt.ArrayLike, model: CalfModel) -> Array:
    """The same for every draw: shape of speed + (K,)."""
    speed = np.asarray(speed_mps, dtype=float)[..., None]
    low, high = model.fixed.value("cadence.fallback_min"), model.fixed.value("cadence.fallback_max")
    return np.asarray(np.clip(model["cadence_base"] + model["cadence_slope"] * speed, low, high))


def local_exponent(stress_pct: float, knowledge: TrainingKnowledge) -> float:
    """Slope of ln N over ln S on the fatigue line at a stress in percent of strength: S * ln 10 / slope.

    S = 101.3 - 14.8 log10 N (schechtman1997, doi 10.1016/s0021-9290(97)00033-x): 7.8 at half of the strength.
    """
    return stress_pct * math.log(10.0) / knowledge.value("sn.slope")


def cycles_to_failure(stress_pct: float, knowledge: TrainingKnowledge) -> float:
    """Cycles on the fatigue line, without healing: N = 10^((101.3 - S) / 14.8); 2,926 at half of the strength."""
    exponent = (knowledge.value("sn.intercept") - stress_pct) / knowledge.value("sn.slope")
    return float(10.0**exponent)


def capacity_ratio(age_years: float, sex: str, knowledge: TrainingKnowledge) -> float | None:
    """Heel-raise endurance by age relative to 35 years; None for a sex the norms do not cover.

    Straight line through a table read in a summary (hebertlosier2017, doi 10.1016/j.physio.2017.03.002): endurance,
    not strength. A constant of the runner, so it never changes a ratio to the own baseline.
    """
    table = knowledge.tables["capacity.heel_raise_age"]
    rows = zip(
        table.words("sex"), table.numbers("intercept"), table.numbers("slope"), table.numbers("at35"), strict=True
    )
    for name, intercept, slope, at35 in rows:
        if name == sex:
            return (intercept + slope * age_years) / at35
    return None


def decayed_load(daily_load: npt.ArrayLike, knowledge: TrainingKnowledge) -> Array:
    """Load that lingers: B_t = B_(t-1) * exp(-1 / tau) + D_t along the last axis; tau = 3 days is an assumption."""
    daily = np.asarray(daily_load, dtype=float)
    keep = math.exp(-1.0 / knowledge.value("calf.decay_days"))
    lingering = np.empty_like(daily)
    before = np.zeros(daily.shape[:-1])
    for day in range(daily.shape[-1]):
        before = before * keep + daily[..., day]
        lingering[..., day] = before
    return lingering
