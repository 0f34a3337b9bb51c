"""Compare smoothers and cut-offs on force-plate strides; write validation/gait_smoothing.md.

python scripts/study_smoothing.py PATH/Data_example.mat           write the page (some minutes)
python scripts/study_smoothing.py PATH/Data_example.mat --print   only show it

The data are the example file published with FootNet (Rivadulla 2021, doi 10.1371/journal.pone.0248608), not part of
Soleus. Films are made of them (`soleus.validation.footnet`): thinned out, with noise, and smoothed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from scipy.interpolate import CubicSpline

from soleus.core.recording import LEG_PARTS, Floats
from soleus.gait.events import DEFAULT_METHOD, EVENT_METHODS
from soleus.gait.motion import LegTrack
from soleus.gait.smoothing import Smoother, cutoff_hz, even_grid, smooth
from soleus.knowledge import load_knowledge
from soleus.knowledge.gait_base import GaitKnowledge
from soleus.validation.footnet import ForceLeg, errors_ms, film, read_footnet, sampled

PAGE = Path(__file__).resolve().parents[1] / "validation" / "gait_smoothing.md"
RATES = (30, 60, 240)
NOISES = (("6 mm, white", 0.006, 0.0), ("10 mm, lasting 0.1 s", 0.010, 0.1))
FEET_HZ, JOINTS_HZ = (10.0, 12.0, 15.0), (6.0, 8.0, 10.0, 12.0)
SEEDS = (0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """How the strides are filmed and smoothed."""

    fps: float
    noise_m: float
    lag_s: float
    smoother: Smoother
    cutoff: float


def main() -> int:
    """Write or show the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    parser.add_argument("--print", action="store_true", dest="show")
    options = parser.parse_args()
    page = "\n".join(study(read_footnet(options.data), load_knowledge().gait)) + "\n"
    if options.show:
        sys.stdout.write(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def study(legs: Sequence[ForceLeg], kb: GaitKnowledge) -> Iterator[str]:
    yield "# Smoothing of body points from a film"
    yield ""
    yield "Written by `scripts/study_smoothing.py`. 54 strides of one runner at 4.7 m/s with a force plate (FootNet),"
    yield "thinned out to the rate of a film, with noise. Butterworth: second order forward and backward. Spline: a"
    yield "smoothing spline of the same response, the steady state of a Kalman (RTS) smoother. All else is equal."
    yield ""
    yield "## Times of contact"
    yield ""
    yield "Error against the force plate in ms, mean ± standard deviation between strides, contact method"
    yield f"`{DEFAULT_METHOD}`."
    yield ""
    yield "| noise | fps | smoother | cut-off Hz | contact | toe-off | contact time |"
    yield "|---|---|---|---|---|---|---|"
    for name, noise_m, lag_s in NOISES:
        for fps in RATES:
            for smoother in Smoother:
                for cutoff in FEET_HZ:
                    how = Film(fps=fps, noise_m=noise_m, lag_s=lag_s, smoother=smoother, cutoff=cutoff)
                    errors = np.concatenate([contact_errors(leg, how, seed, kb) for leg in legs for seed in SEEDS])
                    cells = [f"{np.nanmean(e):+.1f} ± {np.nanstd(e):.1f}" for e in errors.T]
                    yield f"| {name} | {fps} | {smoother.value} | {used(how):.0f} | {' | '.join(cells)} |"
    yield ""
    yield "## Joint angles"
    yield ""
    yield "Root mean square error against the points without noise in degrees: over the whole contact, and at the"
    yield "moment of contact (with its mean)."
    yield ""
    yield "| noise | fps | smoother | cut-off Hz | knee | foot | ankle | knee landing | foot landing | ankle landing |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, noise_m, lag_s in NOISES:
        for fps in RATES:
            for smoother in Smoother:
                for cutoff in JOINTS_HZ:
                    how = Film(fps=fps, noise_m=noise_m, lag_s=lag_s, smoother=smoother, cutoff=cutoff)
                    cells = angle_cells(legs, how, kb)
                    yield f"| {name} | {fps} | {smoother.value} | {used(how):.0f} | {' | '.join(cells)} |"


def used(how: Film) -> float:
    """The cut-off after its cap."""
    return min(how.cutoff, 0.4 * how.fps)


def contact_errors(leg: ForceLeg, how: Film, seed: int, kb: GaitKnowledge) -> Floats:
    """(strides, 3) ms."""
    tuned = with_values(kb, {"smoothing.feet_hz": how.cutoff, "smoothing.cap_of_fps": 0.4})
    motion = film(leg, tuned, fps=how.fps, noise_m=how.noise_m, seed=seed, lag_s=how.lag_s)
    if how.smoother is Smoother.SPLINE:
        near = replace(motion.legs["near"], **smoothed(leg, how, seed, tuned))
        motion = replace(motion, legs={"near": near})
    near_leg: LegTrack = motion.legs["near"]
    return errors_ms(leg, EVENT_METHODS[DEFAULT_METHOD](motion, near_leg, tuned))


def smoothed(leg: ForceLeg, how: Film, seed: int, kb: GaitKnowledge) -> dict[str, Floats]:
    """Every part on the even grid, leg lengths."""
    times, points = sampled(leg, fps=how.fps, noise_m=how.noise_m, seed=seed, lag_s=how.lag_s)
    grid, _ = even_grid(times, how.fps, kb)
    cutoff = cutoff_hz("feet", how.fps, kb)
    weights = np.ones(len(times))
    return {
        part: smooth(times, points[part] / leg.leg_length_m, weights, grid, cutoff, kb, how.smoother)
        for part in LEG_PARTS
    }


def angle_cells(legs: Sequence[ForceLeg], how: Film, kb: GaitKnowledge) -> list[str]:
    """Six cells of the table."""
    tuned = with_values(kb, {"smoothing.feet_hz": how.cutoff, "smoothing.cap_of_fps": 0.4})
    stance, contact = [], []
    for leg in legs:
        times, _ = sampled(leg, fps=how.fps, noise_m=how.noise_m, seed=0, lag_s=how.lag_s)
        grid, rate = even_grid(times, how.fps, tuned)
        truth = {part: CubicSpline(leg.times_s, leg.points_m[part])(grid) / leg.leg_length_m for part in LEG_PARTS}
        error = angles_deg(smoothed(leg, how, 0, tuned)) - angles_deg(truth)
        for each in leg.contacts:
            if each.toe_off_s is not None:
                stance.append(error[(grid >= each.contact_s) & (grid <= each.toe_off_s)])
            row = round((each.contact_s - grid[0]) * rate)
            if 0 <= row < len(grid):
                contact.append(error[row])
    over, at = np.concatenate(stance), np.stack(contact)
    return [f"{np.sqrt(np.nanmean(e**2)):.1f}" for e in over.T] + [
        f"{np.sqrt(np.nanmean(e**2)):.1f} ({np.nanmean(e):+.1f})" for e in at.T
    ]


def angles_deg(points: Mapping[str, Floats]) -> Floats:
    """(N, 3) knee, foot against the ground, ankle; only differences of these are used."""
    thigh, shank, foot = (
        np.degrees(np.arctan2(*(points[start] - points[end]).T[::-1]))
        for start, end in (("hip", "knee"), ("knee", "ankle"), ("toe", "heel"))
    )
    return np.stack([thigh - shank, foot, shank - foot], axis=1)


def with_values(kb: GaitKnowledge, values: Mapping[str, float]) -> GaitKnowledge:
    changed = {name: replace(kb.parameters[name], value=value) for name, value in values.items()}
    return replace(kb, parameters=MappingProxyType({**kb.parameters, **changed}))


if __name__ == "__main__":
    raise SystemExit(main())
