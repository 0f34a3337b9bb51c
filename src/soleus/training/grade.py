"""What a slope costs: interchangeable models of energy cost, as a factor on level running.

A factor says how much faster one would run on the level for the same cost. It is an *energy* equivalence and must
never be used as a multiplier of calf load (see `training.load`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from soleus.core.activity import Array
from soleus.knowledge.base import TrainingKnowledge

GradeModel = Callable[[Array, TrainingKnowledge], Array]
"""(T,) grade as rise / run → (T,) factor on speed (1 on the level)."""


def _polynomial(x: Array, knowledge: TrainingKnowledge, table_id: str) -> Array:
    """Σ coefficient · x^power over the rows of a table (columns `power`, `coefficient`), by Horner's rule."""
    table = knowledge.tables[table_id]
    terms = {int(p): c for p, c in zip(table.numbers("power"), table.numbers("coefficient"), strict=True)}
    total = np.zeros_like(x)
    for power in range(max(terms), -1, -1):
        total = total * x + terms.get(power, 0.0)
    return total


def minetti_cost(grade_ratio: Array, knowledge: TrainingKnowledge) -> Array:
    """Energy cost of running on a slope in J/kg/m; shapes (T,) → (T,).

    C(i) = 155.4 i⁵ − 30.4 i⁴ − 43.3 i³ + 46.3 i² + 19.5 i + 3.6, |i| clamped to `gap.minetti_limit`.
    Source: minetti2002, doi 10.1152/japplphysiol.01177.2001 (coefficients from the table `gap.minetti`).
    Known failure: it credits downhill running more than runners' heart rates do; the minimum lies at −18 %.
    """
    limit = knowledge.value("gap.minetti_limit")
    return _polynomial(np.clip(grade_ratio, -limit, limit), knowledge, "gap.minetti")


def minetti_factor(grade_ratio: Array, knowledge: TrainingKnowledge) -> Array:
    """C(i) / C(0) of `minetti_cost` (minetti2002, doi 10.1152/japplphysiol.01177.2001): for energy, not for pace."""
    level = float(minetti_cost(np.zeros(1), knowledge)[0])
    return minetti_cost(grade_ratio, knowledge) / level


def strava_table_factor(grade_ratio: Array, knowledge: TrainingKnowledge) -> Array:
    """Factor of Strava's grade-adjusted pace, read off synthetic activities: linear in between, clamped at the ends.

    Table `gap.strava` (grade in percent); independent of speed. Source: schroeder_gap, after strava2017 (web pages,
    no DOI). It is the default for pace because it was fitted to heart rate in real runs, downhill included.
    """
    table = knowledge.tables["gap.strava"]
    return np.interp(grade_ratio * 100.0, table.numbers("grade_pct"), table.numbers("factor"))


def strava_quartic_factor(grade_ratio: Array, knowledge: TrainingKnowledge) -> Array:
    """Quartic fitted to the curve Strava published, 1 + 0.0327 g + 0.00205 g² − 4.0e-6 g³ − 5.3e-7 g⁴, g in percent.

    Coefficients: table `gap.quartic`; |g| clamped to `gap.quartic_limit`. Source: hughac94_gap, after strava2017
    (web pages, no DOI).
    """
    limit = knowledge.value("gap.quartic_limit")
    return _polynomial(np.clip(grade_ratio, -limit, limit) * 100.0, knowledge, "gap.quartic")


GRADE_MODELS: Mapping[str, GradeModel] = {
    "strava_table": strava_table_factor,
    "strava_quartic": strava_quartic_factor,
    "minetti": minetti_factor,
}
"""Models by name; the first is the default for pace."""

DEFAULT_MODEL = "strava_table"
