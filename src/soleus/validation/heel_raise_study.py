"""The heel-raise counter on made-up tests: how often the count is exact, how often it refuses, how far heights are off.

Every case is a random script (`random_script`). The gate for an exact count (`heel_raise.gate.exact_snr`) is chosen on
the odd cases and scored on the even ones, so no figure of the score was used to set it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soleus.core.measurement import Measurement, Side
from soleus.core.recording import Facing
from soleus.gait.heel_raise import analyse_heel_raise
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.synthetic_heel_raise import Script, film

CASES = 600
SEED = 20260
RATES_HZ = (15.0, 24.0, 30.0, 60.0, 120.0, 240.0)
NOISE_MM = (1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 12.0, 15.0)
TEMPOS_PER_MIN = (15.0, 20.0, 28.0, 30.0, 30.0, 32.0, 35.0, 45.0)
GATE_STEPS = (5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 18.0, 20.0, 25.0)
OPEN_SNR = 1.0
WANTED = 0.98
MASS_KG = 70.0
OTHER_FILMS = 12
OTHERS: Mapping[str, Mapping[str, str | float]] = {
    "raises on both legs": {"movement": "both_legs"},
    "the other foot on the floor": {"other_foot": "floor"},
    "a hand on a low rail": {"hand": "rail"},
    "standing still": {"movement": "stand"},
    "squats": {"movement": "squat"},
    "toes lifted, heels down": {"movement": "toe_raise"},
    "raises sitting down": {"movement": "seated"},
    "walking": {"movement": "walk"},
    "running": {"movement": "run"},
    "from the front (70°)": {"view_deg": 70.0},
    "foot under 40 px": {"px_per_m": 120.0},
    "10 pictures a second": {"fps": 10.0},
}
CHEATS = ("partial", "knee", "lean", "shift", "short_return", "pause", "skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case with the gate on noise open; `passes` closes it again."""

    number: int
    script: Script
    true_count: int
    true_attempted: int
    count: int | None
    low: int | None
    high: int | None
    attempted: int
    snr: float
    refusal: str
    peak_error_cm: float | None
    mean_error_cm: float | None
    """Mean of (measured − true) over the repetitions, when all were found."""
    covered: bool | None
    """The interval of the peak height holds the truth."""

    @property
    def exact(self) -> bool:
        return self.count == self.true_count

    @property
    def held(self) -> bool:
        """The stated interval holds the true count."""
        return self.low is not None and self.high is not None and self.low <= self.true_count <= self.high

    def passes(self, min_snr: float) -> bool:
        return not self.refusal and self.snr >= min_snr


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Films that are no heel raise of one leg: of how many something was counted, and why the others were refused."""

    name: str
    films: int
    counted: int
    refusals: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    outcomes: tuple[Outcome, ...]
    others: tuple[Other, ...]
    gate: float
    """The lowest step at which the odd cases reach `WANTED`."""
    exact_snr: float
    """The gate in force for an exact count (`heel_raise.gate.exact_snr`)."""
    min_snr: float
    """The gate in force for a count with a range (`heel_raise.gate.min_snr`)."""

    @property
    def odd(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.number % 2)

    @property
    def even(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if not o.number % 2)


def run_heel_raise_study(
    cases: int, kb: KnowledgeBase, *, seed: int = SEED, progress: Callable[[int, int], None] | None = None
) -> Study:
    """Run the cases; the same seed gives the same ones."""
    opened = with_gate(kb, OPEN_SNR)
    outcomes = []
    for number in range(cases):
        outcomes.append(run_case(number, random_script(seed + number), opened))
        if progress is not None:
            progress(number + 1, cases)
    return Study(
        outcomes=tuple(outcomes),
        others=tuple(_other(name, change, kb, seed) for name, change in OTHERS.items()),
        gate=choose_gate([o for o in outcomes if o.number % 2]),
        exact_snr=kb.gait.value("heel_raise.gate.exact_snr"),
        min_snr=kb.gait.value("heel_raise.gate.min_snr"),
    )


def _other(name: str, change: Mapping[str, str | float], kb: KnowledgeBase, seed: int) -> Other:
    results = []
    for i in range(OTHER_FILMS):
        script = replace(random_script(seed + i), noise_mm=float(NOISE_MM[i % 4]), noise_memory_s=0.0)
        recording, _ = film(replace(script, **change))  # type: ignore[arg-type]
        result = analyse_heel_raise(recording, kb, side=script.side)
        results.append(result.refusals[0].code if result.refusals else "")
    refused = Counter(code for code in results if code)
    return Other(name=name, films=len(results), counted=results.count(""), refusals=tuple(refused.most_common()))


def with_gate(kb: KnowledgeBase, min_snr: float) -> KnowledgeBase:
    """The same knowledge with another gate on noise."""
    name = "heel_raise.gate.min_snr"
    parameters = {**kb.gait.parameters, name: replace(kb.gait.parameters[name], value=min_snr)}
    return replace(kb, gait=replace(kb.gait, parameters=parameters))


def choose_gate(outcomes: Sequence[Outcome]) -> float:
    """The lowest step from which on at least `WANTED` of what is counted is exact; infinity when there is none."""
    for step in GATE_STEPS:
        counted = [o for o in outcomes if o.passes(step)]
        if counted and sum(o.exact for o in counted) >= WANTED * len(counted):
            return step
    return float("inf")


def run_case(number: int, script: Script, kb: KnowledgeBase) -> Outcome:
    recording, truth = film(script)
    result = analyse_heel_raise(
        recording, kb, side=script.side, foot_length_cm=100 * script.foot_m, body_mass_kg=MASS_KG
    )
    count, peak = result.count, result.peak_height_cm
    pairs = list(zip(result.raises, truth.raises, strict=False)) if len(result.raises) == len(truth.raises) else []
    errors = [found.height_cm - real.rise_cm for found, real in pairs if found.height_cm is not None]
    true_peak = max((t.rise_cm for t in truth.raises if not t.fault), default=None)
    known = isinstance(peak, Measurement) and true_peak is not None
    return Outcome(
        number=number,
        script=script,
        true_count=truth.count,
        true_attempted=truth.attempted,
        count=round(count.value) if isinstance(count, Measurement) else None,
        low=round(count.low) if isinstance(count, Measurement) else None,
        high=round(count.high) if isinstance(count, Measurement) else None,
        attempted=result.attempted,
        snr=result.snr if result.snr is not None else float("inf"),
        refusal=result.refusals[0].code if result.refusals else "",
        peak_error_cm=peak.value - true_peak if isinstance(peak, Measurement) and true_peak is not None else None,
        mean_error_cm=float(np.mean(errors)) if errors else None,
        covered=peak.low <= true_peak <= peak.high if known else None,  # type: ignore[union-attr, operator]
    )


def random_script(seed: int) -> Script:
    """A test as somebody might film it: any rate, noise, tempo, up to two cheats, one mishap in three."""
    rng = np.random.default_rng(seed)
    reps = int(rng.integers(4, 31))
    fps = float(rng.choice(RATES_HZ))
    if fps == 240:
        reps = min(reps, 15)
    script = Script(
        reps=reps,
        height_cm=float(rng.uniform(5.0, 10.0)),
        fade=float(rng.uniform(0.0, 0.4)),
        tempo_per_min=float(rng.choice(TEMPOS_PER_MIN)),
        side=Side.LEFT if rng.random() < 0.5 else Side.RIGHT,
        facing=Facing.LEFT if rng.random() < 0.5 else Facing.RIGHT,
        foot_m=float(rng.uniform(0.23, 0.29)),
        px_per_m=float(rng.uniform(220, 600)),
        fps=fps,
        uneven_ms=float(rng.choice([0.0, 0.0, 3.0])),
        noise_mm=float(rng.choice(NOISE_MM)),
        noise_memory_s=float(rng.choice([0.0, 0.0, 0.05, 0.15])),
        drift_cm=float(rng.choice([0.0, 0.5, 1.0])),
        shake_mm=float(rng.choice([0.0, 0.0, 2.0, 5.0])),
        view_deg=float(rng.uniform(0, 20)),
        swaps=float(rng.choice([0.0, 0.0, 0.02, 0.1])),
        spikes=float(rng.choice([0.0, 0.01, 0.02])),
        ending=str(rng.choice(["stand", "stand", "half", "cut", "step_away"])),
        walk_in_s=float(rng.choice([0.0, 0.0, 2.0])),
        seed=seed,
    )
    return _with_mishap(_with_cheats(script, rng), rng)


def _with_cheats(script: Script, rng: np.random.Generator) -> Script:
    inside = [int(i) for i in rng.permutation(np.arange(3, max(script.reps - 1, 3)))]
    for _ in range(int(rng.integers(0, 3))):
        if len(inside) < 1:
            break
        i, kind = inside.pop(), str(rng.choice(CHEATS))
        script = {
            "partial": lambda s: replace(s, partial={**s.partial, i: float(rng.uniform(0.32, 0.4))}),  # noqa: B023
            "knee": lambda s: replace(s, knee_bend_deg={**s.knee_bend_deg, i: float(rng.uniform(25, 45))}),  # noqa: B023
            "lean": lambda s: replace(s, lean_deg={**s.lean_deg, i: float(rng.uniform(22, 35))}),  # noqa: B023
            "shift": lambda s: replace(s, hip_shift_cm={**s.hip_shift_cm, i: float(rng.uniform(8, 12))}),  # noqa: B023
            "short_return": lambda s: replace(s, short_return={**s.short_return, i: float(rng.uniform(0.42, 0.6))}),  # noqa: B023
            "pause": lambda s: replace(s, pause_top_s={**s.pause_top_s, i: 30 / s.tempo_per_min * 1.5}),  # noqa: B023
            "skip": lambda s: replace(s, skipped_beats={**s.skipped_beats, i: 2}),  # noqa: B023
        }[kind](script)
    return script


def _with_mishap(script: Script, rng: np.random.Generator) -> Script:
    raises = float(rng.uniform(2, max(script.reps - 1, 3)))
    at = script.lead_in_s + script.walk_in_s + raises * 60 / script.tempo_per_min
    kind = str(rng.choice(["none", "none", "none", "none", "gap", "bump", "pan"]))
    if kind == "gap":
        return replace(script, gaps_s=((at, 0.3),))
    if kind == "bump":
        return replace(script, bump_at_s=at)
    return replace(script, pan_px_per_s=float(rng.uniform(2, 12))) if kind == "pan" else script
