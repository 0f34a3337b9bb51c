"""Runs with known steps, for the tests of the calf-load model."""

from datetime import UTC, date, datetime, timedelta

from soleus.core.activity import Sport, Surface
from soleus.core.training import LoadCell, RunSummary

FIRST = date(2026, 1, 1)


def cell(
    speed_mps: float = 3.0,
    steps: float = 1000.0,
    *,
    cadence_spm: float | None = None,
    grade_ratio: float = 0.0,
    contact_time_ms: float | None = None,
) -> LoadCell:
    """One cell; the step length follows from cadence, by default the general 100 + 22 v."""
    cadence = 100.0 + 22.0 * speed_mps if cadence_spm is None else cadence_spm
    return LoadCell(
        speed_mps=speed_mps,
        grade_ratio=grade_ratio,
        steps=steps,
        step_length_m=speed_mps * 60.0 / cadence,
        contact_time_ms=contact_time_ms,
    )


def run(
    key: str,
    *cells: LoadCell,
    day: int = 0,
    sport: Sport = Sport.RUNNING,
    surface: Surface = Surface.UNKNOWN,
    shoe: str | None = None,
    foot_strike_class: float | None = None,
    steps: float | None = None,
    cadence_spm: float | None = None,
    distance_m: float | None = None,
    speed_mps: float | None = None,
    moving_s: float = 0.0,
    contact_time_ms: float | None = None,
    counted: bool = True,
    from_totals: bool = False,
) -> RunSummary:
    """A run of these cells (`counted`: the file has cadence), or of totals only."""
    if cells and counted and steps is None:
        steps = 2.0 * sum(c.steps for c in cells)
    return RunSummary(
        key=key,
        start_utc=datetime(2026, 1, 1, 7, tzinfo=UTC) + timedelta(days=day),
        day=FIRST + timedelta(days=day),
        sport=sport,
        surface=surface,
        shoe=shoe,
        foot_strike_class=foot_strike_class,
        load_cells=cells,
        steps=steps,
        cadence_spm=cadence_spm,
        distance_m=distance_m,
        speed_mps=speed_mps,
        moving_s=moving_s,
        contact_time_ms=contact_time_ms,
        from_totals=from_totals,
    )
