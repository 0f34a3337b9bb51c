"""The made-up-runner study: how far off each number is, how often its interval holds the truth, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from soleus.core.gait import GaitReport
from soleus.core.measurement import Measurement
from soleus.core.recording import KEYPOINT_INDEX, Facing, View
from soleus.gait.engine import Analysis, analyse, analyse_gait
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.synthetic.body import Body
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.pattern import Gait, LegGait
from soleus.validation.synthetic.sensor import Sensor
from soleus.validation.synthetic.truth import Truth
from soleus.validation.synthetic_runner import Scene, SyntheticClip, synthesize

FRAME_RATES = (30.0, 60.0, 120.0, 240.0)
APART = 0.12
"""Ankles nearer than this share of the leg lie on each other in the picture: nobody could tell them apart."""
NOT_SCORED = frozenset({"foot_strike", "step_length", "trunk_sway", "contact_time_symmetry"})
"""Verdicts, what needs more than the film, and what the made-up runner does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One number of one film against the truth."""

    metric: str
    value: float
    low: float
    high: float
    film: float
    """True value in the plane of the film."""
    space: float
    """True value of the runner."""

    @property
    def error(self) -> float:
        return self.value - self.space

    @property
    def covered(self) -> bool:
        return self.low <= self.space <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapScore:
    """Frames, of those in which the legs lie apart and the network drew both."""

    exchanged: int
    missed: int
    """Exchanged, and left so."""
    invented: int
    """Right, and exchanged by the engine."""
    frames: int

    @property
    def found_share(self) -> float:
        return 1.0 - self.missed / self.exchanged if self.exchanged else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmScore:
    """One film."""

    refusals: tuple[str, ...]
    swaps: SwapScore
    scored: tuple[Scored, ...]


def draw_gait(rng: np.random.Generator) -> Gait:
    """An ordinary runner: 2.3-4.2 m/s, cadence and contact time as they go with speed (Karamanidis: 271-276 ms at
    2.6 m/s; about 38 ms less for each m/s more, our reading), two thirds heel strikers."""
    speed = float(rng.uniform(2.3, 4.2))
    cadence = float(np.clip(rng.normal(150 + 7 * speed, 7), 150, 195))
    longest = min(60.0 / cadence - 0.06, 0.92 / speed)
    contact = float(np.clip(0.275 - 0.038 * (speed - 2.6) + rng.normal(0, 0.012), 0.17, longest))
    strikes = (rng.normal(14, 4), rng.normal(3, 2), rng.normal(-6, 2.5))
    strike = float(rng.choice(strikes, p=(0.65, 0.2, 0.15)))
    left = LegGait(
        contact_s=contact,
        strike_deg=strike,
        overstride_ratio=float(rng.uniform(0.22, 0.30) * contact * speed / 0.75),
        knee_contact_deg=float(rng.uniform(11, 20)),
        knee_peak_deg=float(rng.uniform(38, 47)),
        dorsiflexion_peak_deg=float(rng.uniform(18, 26)),
        swing_knee_deg=float(85 + 12 * (speed - 2.3) + rng.normal(0, 6)),
    )
    right = replace(left, strike_deg=strike + float(rng.normal(0, 1.5)), contact_s=contact * float(rng.normal(1, 0.01)))
    return Gait(speed_mps=speed, cadence_spm=cadence, left=left, right=right, trunk_lean_deg=float(rng.uniform(2, 11)))


def draw_scene(seed: int, fps: float, *, noise: float = 1.0, view: View = View.SIDE) -> Scene:
    """A film as the filming guide asks for it, with the faults that films have: camera up to some degrees off square
    and level, legs of 260-420 px, sides exchanged up to every fourth second, legs drawn on one another at up to 15 % of
    the crossings. `noise` scales what the network gets wrong (1 = as measured on films). The same seed gives the same
    runner at every rate."""
    rng = np.random.default_rng([seed, 77])
    gait = draw_gait(rng)
    camera = Camera(
        width_px=1280,
        height_px=960,
        leg_px=float(rng.uniform(260, 420)),
        distance_m=float(rng.uniform(3, 6)),
        orbit_deg=float(rng.normal(0, 3)) + (90.0 if view is View.BACK else 0.0),
        roll_deg=float(rng.normal(0, 0.7)),
        facing=Facing.LEFT if rng.random() < 0.5 else Facing.RIGHT,
    )
    usual = Sensor()
    sensor = Sensor(
        fps=fps,
        white=usual.white * noise,
        slow=usual.slow * noise,
        bias=noise,
        swaps_per_s=float(rng.uniform(0, 0.25)),
        collapse_share=float(rng.uniform(0, 0.15)),
        lost_point_share=0.002,
        toe_share=float(rng.uniform(0.5, 1.0)),
    )
    body = Body(height_m=float(rng.uniform(1.58, 1.92)))
    return Scene(gait=gait, body=body, camera=camera, sensor=sensor, seed=seed, duration_s=12.0)


def score_film(clip: SyntheticClip, kb: KnowledgeBase, *, view: View = View.SIDE) -> FilmScore:
    """Runs the engine on a made-up film and holds it against the truth."""
    report = analyse_gait(clip.recording, kb, view=view)
    found = analyse(clip.recording, kb.gait, view=view)  # once more for the legs: the report does not carry them
    return FilmScore(
        refusals=tuple(refusal.code for refusal in report.refusals),
        swaps=score_swaps(clip, found),
        scored=score_metrics(report, clip.truth),
    )


def score_swaps(clip: SyntheticClip, found: Analysis) -> SwapScore:
    """Exchanged frames found, missed, invented, where legs can be told apart at all."""
    truth, poses = clip.truth, clip.recording.poses
    legs = found.legs
    swapped = legs.swapped if legs is not None else np.zeros(poses.frames, bool)
    apart = truth.clean_px[:, KEYPOINT_INDEX["left_ankle"]] - truth.clean_px[:, KEYPOINT_INDEX["right_ankle"]]
    clear = (np.abs(apart).max(axis=1) > APART * truth.leg_px) & ~truth.collapsed & ~truth.lost & ~truth.other_person
    return SwapScore(
        exchanged=int((truth.swapped_legs & clear).sum()),
        missed=int((truth.swapped_legs & ~swapped & clear).sum()),
        invented=int((~truth.swapped_legs & swapped & clear).sum()),
        frames=int(clear.sum()),
    )


def score_metrics(report: GaitReport, truth: Truth) -> tuple[Scored, ...]:
    """Every number of a report that has a truth."""
    out = []
    for result in report.metrics:
        measured = result.measured
        if not isinstance(measured, Measurement) or result.metric in NOT_SCORED:
            continue
        film, space = _true_values(result.metric, truth, result.side or truth.near)
        if np.isfinite(space):
            out.append(
                Scored(
                    metric=result.metric,
                    value=measured.value,
                    low=measured.low,
                    high=measured.high,
                    film=film,
                    space=space,
                )
            )
    return tuple(out)


def _true_values(metric: str, truth: Truth, side: object) -> tuple[float, float]:
    if metric == "cadence":
        return truth.cadence_spm, truth.cadence_spm
    steps = [step for step in truth.steps if step.side is side]
    if not steps or metric not in steps[0].space:
        return float("nan"), float("nan")
    film = float(np.median([step.film.get(metric, np.nan) for step in steps]))
    return film, float(np.median([step.space[metric] for step in steps]))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTable:
    """One metric over many films."""

    metric: str
    films: int
    bias: float
    spread: float
    """Standard deviation between films."""
    within: float
    """95 % of the errors are smaller (either way)."""
    half_width: float
    """Half of the stated interval, mean."""
    covered: float
    """Share of the intervals that hold the truth."""


def tabulate(films: Iterable[FilmScore]) -> Mapping[str, MetricTable]:
    """By metric, in the order in which they first come."""
    by_metric: dict[str, list[Scored]] = {}
    for film in films:
        for scored in film.scored:
            by_metric.setdefault(scored.metric, []).append(scored)
    return {name: _table(name, rows) for name, rows in by_metric.items()}


def _table(metric: str, rows: list[Scored]) -> MetricTable:
    errors = np.array([row.error for row in rows])
    return MetricTable(
        metric=metric,
        films=len(rows),
        bias=float(errors.mean()),
        spread=float(errors.std()),
        within=float(np.quantile(np.abs(errors), 0.95)),
        half_width=float(np.mean([(row.high - row.low) / 2 for row in rows])),
        covered=float(np.mean([row.covered for row in rows])),
    )


def total_swaps(films: Iterable[FilmScore]) -> SwapScore:
    """Sum over films."""
    all_swaps = [film.swaps for film in films]
    return SwapScore(
        exchanged=sum(swap.exchanged for swap in all_swaps),
        missed=sum(swap.missed for swap in all_swaps),
        invented=sum(swap.invented for swap in all_swaps),
        frames=sum(swap.frames for swap in all_swaps),
    )


def study_film(kb: KnowledgeBase, seed: int, fps: float, *, noise: float = 1.0, view: View = View.SIDE) -> FilmScore:
    """Draws, makes up and scores one film."""
    return score_film(synthesize(draw_scene(seed, fps, noise=noise, view=view)), kb, view=view)
