"""The 26 worked examples of the evidence file in one place; each also stands with its function's own tests."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from calf_runs import run

from soleus.core.activity import Surface
from soleus.exports.fit_encoder import FieldLayout, FitWriter, Value, fit_time
from soleus.knowledge import load_knowledge
from soleus.readers.fit import read_fit
from soleus.training import critical_speed, grade, intensity, load_balance, load_model, spike

K = load_knowledge().training
EVIDENCE = Path(__file__).resolve().parents[3].parent / "shared" / "evidence" / "training.yaml"
STEP = np.array([10.0] * 28 + [20.0] * 7)
"""28 days at 10, then 7 at 20."""


def at(function: Callable[..., Any], value: float) -> float:
    return float(function(np.array([value]), K)[0])


def power(m: float, h: float, v: float, i: float) -> float:
    return float(intensity.running_power(np.array([v]), np.array([i]), K, mass_kg=m, height_m=h)[0])


def heart(**given: Any) -> dict[str, Any]:
    rates = {"resting_bpm": given["rest"], "maximum_bpm": given["max"], "female": given["sex"] == "f"}
    if "lthr" in given:
        rates["threshold_bpm"] = given["lthr"]
    return {"heart_rate_s": {given["hr"]: given["min"] * 60.0}, "knowledge": K, **rates}


def stress(hours: float, v: float = 1.0, vthr: float = 1.0, IF: float | None = None) -> float:  # noqa: N803 (theirs)
    return intensity.rtss(hours * 3600.0, v if IF is None else IF, vthr if IF is None else 1.0)


def monotony(week: list[float]) -> dict[str, float]:
    """The other kind of standard deviation differs by a constant of seven days."""
    days = np.array(week, dtype=float)
    value, sample = float(load_balance.monotony(days, K)[-1]), (6 / 7) ** 0.5
    strain = float(load_balance.strain(days, K)[-1])
    return {
        "monotony_pop": value,
        "strain_pop": strain,
        "monotony_sample": value * sample,
        "strain_sample": strain * sample,
    }


def ewma(series: str, x0: float) -> dict[str, float]:
    short, long = load_balance.ewma_averages(STEP, K, start=x0)
    ratio = load_balance.acwr_ewma(STEP, K, start=x0)
    return {"e7": float(short[-1]), "e28": float(long[-1]), "ratio": float(ratio[-1])}


def ctl_atl(series: str, x0: float, k: str) -> dict[str, float]:
    assert k == "1/tau"
    balance = load_balance.ctl_atl_tsb(STEP, K, convention="one_over_tau", start=x0)
    return {"ctl42": float(balance.ctl[-1]), "atl7": float(balance.atl[-1])}


def rolling(series: str) -> dict[str, float]:
    coupled, uncoupled = load_balance.acwr_coupled(STEP, K), load_balance.acwr_uncoupled(STEP, K)
    return {"coupled": float(coupled[-1]), "uncoupled": float(uncoupled[-1])}


def two_efforts(d: list[float], t: list[float]) -> dict[str, float]:
    found = critical_speed.two_point((d[0], t[0]), (d[1], t[1]))
    assert found is not None
    return {"CS": found.speed_mps, "Dprime": found.d_prime_m}


def session_spike(today: float, prior30max: float) -> dict[str, Any]:
    runs = [run("before", distance_m=1000 * prior30max), run("today", distance_m=1000 * today, day=9)]
    found = spike.session_spikes(runs, first_day=runs[0].day, last_day=runs[-1].day, knowledge=K)[-1]
    return {"R": found.ratio, "cat": found.category}


def both_feet(cadence: float, fractional: float) -> float:
    """Through a whole file: strides of one leg, with the fraction in a second field."""
    start = fit_time(datetime(2026, 1, 1, tzinfo=UTC))
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 4: Value("uint32", start)})
    layout = (FieldLayout(253, "uint32"), FieldLayout(4, "uint8"), FieldLayout(53, "uint8", scale=128))
    writer.define(1, 20, [*layout, FieldLayout(6, "uint16", scale=1000)])
    for second in range(3):
        writer.data(1, [start + second, cadence, fractional, 3.0])
    session = {253: Value("uint32", start + 3), 2: Value("uint32", start), 5: Value("enum", 1)}
    writer.message(18, session | {7: Value("uint32", 3000), 8: Value("uint32", 3000)})
    activity = read_fit(writer.to_bytes()).activity
    assert activity is not None
    assert activity.stream is not None
    return float(activity.stream.channel("cadence_spm")[-1])


def calf(v: float, strike: str = "RFS", surface: str = "") -> float:
    ground = Surface(surface) if surface else Surface.UNKNOWN
    return float(load_model.relative_force(v, knowledge=K, strike=strike.lower(), surface=ground))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "gap_minetti.factor": lambda i: at(grade.minetti_factor, i),
    "gap_minetti.C": lambda i: at(grade.minetti_cost, i),
    "gap_strava_table": lambda g: at(grade.strava_table_factor, g / 100.0),
    "gap_strava_quartic": lambda g: at(grade.strava_quartic_factor, g / 100.0),
    "govss.power": power,
    "trimp_banister": lambda **given: intensity.trimp_banister(**heart(**given)),
    "hrtss_trimp100": lambda **given: intensity.hrtss(**heart(**given)),
    "rtss": stress,
    "monotony_strain": monotony,
    "acwr_ewma": ewma,
    "ctl_atl": ctl_atl,
    "acwr_rolling": rolling,
    "critical_speed": two_efforts,
    "session_spike": session_spike,
    "steps.spm": both_feet,
    "calf.F_rel": calf,
    "sn.local_exponent": lambda S: load_model.local_exponent(S, K),  # noqa: N803 (theirs)
}
"""Name in the evidence file → our function."""

TRIMP = {"min": 60, "hr": 150, "rest": 50, "max": 190}
EXAMPLES: list[tuple[str, str, dict[str, Any], Any, float]] = [
    ("minetti", "gap_minetti.factor", {"i": 0.10}, 1.6578, 0.0001),
    ("minetti_down", "gap_minetti.factor", {"i": -0.10}, 0.5977, 0.0001),
    ("minetti_C5", "gap_minetti.C", {"i": 0.05}, 4.6852, 0.0001),
    ("strava_tab", "gap_strava_table", {"g": 5}, 1.1815, 0.0001),
    ("strava_q10", "gap_strava_quartic", {"g": 10}, 1.5226, 0.0001),
    ("strava_q-10", "gap_strava_quartic", {"g": -10}, 0.8775, 0.0001),
    ("govss_flat", "govss.power", {"m": 70, "h": 1.75, "v": 3.5, "i": 0}, 317.24, 0.01),
    ("govss_5", "govss.power", {"m": 70, "h": 1.75, "v": 3.5, "i": 0.05}, 409.43, 0.01),
    ("trimp_m", "trimp_banister", TRIMP | {"sex": "m"}, 108.095, 0.001),
    ("trimp_f", "trimp_banister", TRIMP | {"sex": "f"}, 90.418, 0.001),
    ("trimp_src", "trimp_banister", {"min": 30, "hr": 130, "rest": 40, "max": 200, "sex": "m"}, 31.803, 0.01),
    ("hrtss", "hrtss_trimp100", TRIMP | {"lthr": 170, "sex": "m"}, 63.343, 0.001),
    ("rtss1", "rtss", {"hours": 1, "v": 10, "vthr": 15}, 44.444, 0.001),
    ("rtss2", "rtss", {"hours": 0.5, "IF": 0.9}, 40.5, 0.001),
    (
        "monotony",
        "monotony_strain",
        {"week": [50, 0, 60, 0, 50, 0, 120]},
        {"monotony_pop": 0.9742, "strain_pop": 272.79, "monotony_sample": 0.9020, "strain_sample": 252.55},
        0.01,
    ),
    (
        "ewma_step",
        "acwr_ewma",
        {"series": "28x10 then 7x20", "x0": 10},
        {"e7": 18.6652, "e28": 13.9360, "ratio": 1.3394},
        0.0001,
    ),
    (
        "ctl_step",
        "ctl_atl",
        {"series": "28x10 then 7x20", "x0": 10, "k": "1/tau"},
        {"ctl42": 11.5522, "atl7": 16.6008},
        0.0001,
    ),
    ("ra_step", "acwr_rolling", {"series": "28x10 then 7x20"}, {"coupled": 1.6, "uncoupled": 2.0}, 1.0e-9),
    ("cs2", "critical_speed", {"d": [1200, 3600], "t": [217.955, 703.785]}, {"CS": 4.94, "Dprime": 123.3}, 0.05),
    ("spike", "session_spike", {"today": 13.0, "prior30max": 10.0}, {"R": 1.3, "cat": "small"}, 1e-9),
    ("spike_edge", "session_spike", {"today": 11.0, "prior30max": 10.0}, {"R": 1.1, "cat": "reference"}, 1e-9),
    ("fit_cad", "steps.spm", {"cadence": 79, "fractional": 0.5}, 159, 1e-9),
    ("calf_ref", "calf.F_rel", {"v": 3.0}, 1.0, 1e-9),
    ("calf_fast", "calf.F_rel", {"v": 4.5}, 1.1761, 0.0001),
    ("calf_ffs_treadmill", "calf.F_rel", {"v": 3.0, "strike": "FFS", "surface": "treadmill"}, 1.3466, 0.0001),
    ("sn_exp", "sn.local_exponent", {"S": 50}, 7.78, 0.01),
]
"""(id, function, arguments, result, tolerance), as in the evidence file."""


def holds(got: Any, wanted: Any, tolerance: float) -> bool:
    if isinstance(wanted, dict):
        return set(got) == set(wanted) and all(holds(got[key], wanted[key], tolerance) for key in wanted)
    return got == wanted if isinstance(wanted, str) else bool(abs(got - wanted) <= tolerance)


@pytest.mark.parametrize(("name", "function", "given", "wanted", "tolerance"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_worked_example(name, function, given, wanted, tolerance):
    got = FUNCTIONS[function](**given)
    assert holds(got, wanted, tolerance), f"{name}: {got} instead of {wanted}"


def test_there_are_26_and_no_function_is_idle():
    assert len({e[0] for e in EXAMPLES}) == 26
    assert {e[1] for e in EXAMPLES} == set(FUNCTIONS)


@pytest.mark.skipif(not EVIDENCE.is_file(), reason="the evidence file is not beside this checkout")
def test_they_are_those_of_the_evidence_file():
    examples = yaml.safe_load(EVIDENCE.read_text(encoding="utf-8"))["tests"]
    assert [e["id"] for e in examples] == [e[0] for e in EXAMPLES]
    for example, (name, function, given, wanted, tolerance) in zip(examples, EXAMPLES, strict=True):
        assert (example["fn"], example["in"], example["out"]) == (function, given, wanted), name
        assert tolerance <= example.get("tol", 1e-9), name
        assert holds(FUNCTIONS[example["fn"]](**example["in"]), example["out"], example.get("tol", 1e-9)), name
