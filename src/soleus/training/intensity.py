"""How hard a run was: heart-rate loads, zones, perceived exertion, graded-pace loads.

Heart-rate functions work on a histogram {whole bpm: seconds} (`RunSummary.heart_rate_s`), so that any resting,
maximum or threshold rate can be applied afterwards without the recording.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Array
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.grade import minetti_cost

SECONDS_PER_MINUTE = 60.0


def heart_rate_histogram(heart_rate_bpm: Array, weight_s: Array) -> dict[int, float]:
    """Seconds by whole bpm from (S,) rates, NaN = not seen, and (S,) seconds."""
    seen = np.isfinite(heart_rate_bpm) & (weight_s > 0.0)
    if not seen.any():
        return {}
    whole = np.rint(heart_rate_bpm[seen]).astype(np.intp)
    return _filled(np.bincount(whole, weights=weight_s[seen]))


def speed_histogram(speed_mps: Array, weight_s: Array) -> dict[int, float]:
    """Seconds by whole decimetres per second from (S,) speeds: key 30 = [3.0, 3.1) m/s."""
    seen = np.isfinite(speed_mps) & (weight_s > 0.0)
    if not seen.any():
        return {}
    whole = np.floor(speed_mps[seen] * 10.0 + 1e-6).astype(np.intp)
    return _filled(np.bincount(whole, weights=weight_s[seen]))


def _filled(seconds: npt.NDArray[np.number[Any]]) -> dict[int, float]:
    keys = np.flatnonzero(seconds)
    return dict(zip(keys.tolist(), seconds[keys].tolist(), strict=True))


def trimp_banister(
    heart_rate_s: Mapping[int, float],
    knowledge: TrainingKnowledge,
    *,
    resting_bpm: float,
    maximum_bpm: float,
    female: bool,
) -> float:
    """Training impulse in arbitrary units: Σ minutes · x · 0.64 · e^{k x}, x = (HR − rest) / (max − rest), not below 0.

    k = `trimp.k_male` or `trimp.k_female`; multiplier `trimp.multiplier` for both sexes. Source: gc_trimp (program
    source, no DOI). Deviation: some texts use 0.86 for women. Summed over the histogram, never taken at the mean rate,
    which would understate intervals.
    """
    bpm = np.fromiter(heart_rate_s.keys(), dtype=np.float64, count=len(heart_rate_s))
    seconds = np.fromiter(heart_rate_s.values(), dtype=np.float64, count=len(heart_rate_s))
    return trimp_stream(bpm, seconds, knowledge, resting_bpm=resting_bpm, maximum_bpm=maximum_bpm, female=female)


def trimp_stream(
    heart_rate_bpm: Array,
    weight_s: Array,
    knowledge: TrainingKnowledge,
    *,
    resting_bpm: float,
    maximum_bpm: float,
    female: bool,
) -> float:
    """`trimp_banister` over (S,) rates, NaN = not seen, each lasting (S,) seconds (gc_trimp, no DOI)."""
    if not maximum_bpm > resting_bpm:
        raise ValueError("the maximum heart rate must be above the resting heart rate")
    seen = np.isfinite(heart_rate_bpm)
    x = np.maximum((heart_rate_bpm[seen] - resting_bpm) / (maximum_bpm - resting_bpm), 0.0)
    k = knowledge.value("trimp.k_female" if female else "trimp.k_male")
    minutes = weight_s[seen] / SECONDS_PER_MINUTE
    return float(np.dot(minutes, x * knowledge.value("trimp.multiplier") * np.exp(k * x)))


def hrtss(
    heart_rate_s: Mapping[int, float],
    knowledge: TrainingKnowledge,
    *,
    resting_bpm: float,
    maximum_bpm: float,
    threshold_bpm: float,
    female: bool,
) -> float:
    """100 · TRIMP / TRIMP(60 min at the threshold rate); also known as TRIMP(100). Source: gc_trimp (no DOI)."""
    if not threshold_bpm > resting_bpm:
        raise ValueError("the threshold heart rate must be above the resting heart rate")
    rate, hour = np.array([threshold_bpm]), np.array([60 * SECONDS_PER_MINUTE])
    reference = trimp_stream(rate, hour, knowledge, resting_bpm=resting_bpm, maximum_bpm=maximum_bpm, female=female)
    session = trimp_banister(heart_rate_s, knowledge, resting_bpm=resting_bpm, maximum_bpm=maximum_bpm, female=female)
    return 100.0 * session / reference


def zone_seconds(
    heart_rate_s: Mapping[int, float], knowledge: TrainingKnowledge, *, maximum_bpm: float, table: str
) -> tuple[float, ...]:
    """Seconds in each zone of a table (`zones.goldencheetah`, `zones.edwards`): [bound, next bound) in % of the
    maximum rate, the last open above; below the first bound counts nowhere."""
    bounds = np.array(knowledge.tables[table].numbers("bound_pct"))
    seconds = np.zeros(len(bounds) + 1)
    for bpm, time in heart_rate_s.items():
        # The small allowance keeps 152 of 190 bpm, which is 80 %, out of the zone below by rounding.
        seconds[np.searchsorted(bounds, 100.0 * bpm / maximum_bpm + 1e-9, side="right")] += time
    return tuple(seconds[1:].tolist())


def trimp_zonal(
    heart_rate_s: Mapping[int, float], knowledge: TrainingKnowledge, *, maximum_bpm: float, table: str
) -> float:
    """Σ minutes in zone · weight. `zones.goldencheetah`: 0.9, 1.1, 1.2, 2, 5 from 0, 55, 66, 75, 84 % (gc_trimp);
    `zones.edwards`: 1-5 from 50, 60 … 90 % (from memory). No DOI for either."""
    seconds = zone_seconds(heart_rate_s, knowledge, maximum_bpm=maximum_bpm, table=table)
    weights = knowledge.tables[table].numbers("weight")
    return sum(s / SECONDS_PER_MINUTE * w for s, w in zip(seconds, weights, strict=True))


def session_rpe_load(session_rpe: float, duration_s: float) -> float:
    """Perceived exertion (0-10) × minutes (foster1998, as in gc_trimp; no DOI seen)."""
    return session_rpe * duration_s / SECONDS_PER_MINUTE


def rtss(duration_s: float, ngp_speed_mps: float, threshold_speed_mps: float) -> float:
    """Running stress score: 100 · hours · IF², IF = normalised graded speed / threshold speed. Speeds, never paces.
    Secondary sources only (no DOI): the score is a trade name's."""
    if not threshold_speed_mps > 0.0:
        raise ValueError("the threshold speed must be above zero")
    return 100.0 * duration_s / 3600.0 * (ngp_speed_mps / threshold_speed_mps) ** 2


def rolling_mean(values: Array, dt_s: Array, window_s: float) -> Array:
    """(S,) mean over the `window_s` seconds up to the end of each segment; over all so far while there is less.

    `values`, `dt_s`: (S,) per segment. Exact for values constant within a segment, at any sampling rate.
    """
    clock = np.concatenate(([0.0], np.cumsum(dt_s)))
    total = np.concatenate(([0.0], np.cumsum(values * dt_s)))
    since = np.maximum(clock[1:] - window_s, 0.0)
    span = clock[1:] - since
    rise = total[1:] - np.interp(since, clock, total)
    mean: Array = np.divide(rise, span, out=np.array(values, dtype=np.float64), where=span > 0.0)
    return mean


def fourth_power_mean(values: Array, dt_s: Array) -> float:
    """(Σ dt · x⁴ / Σ dt)^¼ over (S,); 0 without time. Scaled first, so that no power overflows."""
    total = float(dt_s.sum())
    scale = float(np.max(np.abs(values))) if len(values) else 0.0
    if not (total > 0.0 and scale > 0.0):
        return 0.0
    square = (values / scale) ** 2
    return scale * math.sqrt(math.sqrt(float(np.dot(dt_s / total, square * square))))


def ngp(gap_speed_mps: Array, dt_s: Array, knowledge: TrainingKnowledge) -> float:
    """Normalised graded pace as a speed in m/s: 30 s rolling mean of grade-adjusted speed, then the fourth-power mean.

    `gap_speed_mps`, `dt_s`: (S,). Window: `ngp.window_s`. The exact rule is proprietary: this is the published
    description, from memory, with no DOI. The first 30 s use what there is so far.
    """
    return fourth_power_mean(rolling_mean(gap_speed_mps, dt_s, knowledge.value("ngp.window_s")), dt_s)


# --- running power (GOVSS) ------------------------------------------------------------------------------------------


def _govss(knowledge: TrainingKnowledge) -> dict[str, float]:
    table = knowledge.tables["govss.constants"]
    return dict(zip(table.words("name"), table.numbers("value"), strict=True))


def running_power(
    speed_mps: Array,
    grade_ratio: Array,
    knowledge: TrainingKnowledge,
    *,
    mass_kg: float,
    height_m: float,
    kinetic_j_per_kg_m: Array | float = 0.0,
) -> Array:
    """Metabolic-equivalent running power in W: P = (c_aero + c_kin + C(i) · eff) · v · m, shapes (T,) → (T,).

    c_aero = ½ · ρ · c_d · A_f · v² / m, A_f = 0.2025 h^0.725 m^0.425 · 0.266; c_kin = ½ (v² − v₀²) / d, given by the
    caller (0 at steady speed); eff = (0.25 + 0.054 v) (1 − 0.5 v / 8.33); C = `minetti_cost`.
    Source: gc_govss (program source, no DOI; constants in the table `govss.constants`).
    """
    c = _govss(knowledge)
    area = c["area_factor"] * height_m ** c["height_power"] * mass_kg ** c["mass_power"] * c["frontal_share"]
    aero = 0.5 * c["air_density"] * c["drag"] * area * speed_mps**2 / mass_kg
    gain, slope = c["efficiency_base"], c["efficiency_slope"]
    efficiency = (gain + slope * speed_mps) * (1.0 - c["efficiency_loss"] * speed_mps / c["efficiency_speed"])
    power: Array = (aero + kinetic_j_per_kg_m + minetti_cost(grade_ratio, knowledge) * efficiency) * speed_mps * mass_kg
    return power


def lactate_normalised_power(
    speed_mps: Array,
    grade_ratio: Array,
    dt_s: Array,
    knowledge: TrainingKnowledge,
    *,
    mass_kg: float,
    height_m: float,
) -> float:
    """LNP in W: 120 s rolling mean of speed and slope → power → 30 s rolling mean → fourth-power mean; (S,) inputs.
    Source: gc_govss (no DOI). Windows `xpace.speed_window_s`, `ngp.window_s`. Kinetic cost from the smoothed speed."""
    window = knowledge.value("xpace.speed_window_s")
    speed = np.maximum(rolling_mean(speed_mps, dt_s, window), 0.0)
    slope = rolling_mean(grade_ratio, dt_s, window)
    gained = 0.5 * np.diff(speed**2, prepend=speed[:1] ** 2)
    length = speed * dt_s
    kinetic = np.divide(gained, length, out=np.zeros_like(speed), where=length > 0.0)
    power = running_power(speed, slope, knowledge, mass_kg=mass_kg, height_m=height_m, kinetic_j_per_kg_m=kinetic)
    smooth = np.maximum(rolling_mean(power, dt_s, knowledge.value("ngp.window_s")), 0.0)
    return fourth_power_mean(smooth, dt_s)


def govss(duration_s: float, lnp_w: float, threshold_power_w: float) -> float:
    """100 · LNP · T · (LNP / RTP) / (RTP · 3600), RTP = level power at critical speed. Source: gc_govss (no DOI)."""
    if not threshold_power_w > 0.0:
        raise ValueError("the threshold power must be above zero")
    return 100.0 * duration_s / 3600.0 * (lnp_w / threshold_power_w) ** 2


def xpace(lnp_w: float, knowledge: TrainingKnowledge, *, mass_kg: float, height_m: float) -> float:
    """Steady level speed in m/s whose running power equals LNP (GoldenCheetah's xPace as a speed; gc_govss, no DOI).

    By bisection on the rising branch of level power; power above the branch's peak gives the speed of the peak.
    """
    grid = np.linspace(0.0, _govss(knowledge)["efficiency_speed"], 1000)
    power = running_power(grid, np.zeros(len(grid)), knowledge, mass_kg=mass_kg, height_m=height_m)
    top = int(np.argmax(power)) + 1
    return float(np.interp(lnp_w, power[:top], grid[:top]))
