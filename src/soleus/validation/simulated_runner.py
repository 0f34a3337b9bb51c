"""Made-up runners with ordinary variation, and planted changes of known size, to score what the analysis finds.

Everything here is invented: how much people vary is our choice (listed in validation/training.md), no data of anyone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from soleus.core.activity import Shoe, Sport, Surface
from soleus.core.training import FormCell, LoadCell, RunSummary

ONSET = date(2025, 6, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What one made-up runner usually does."""

    days: int
    weekdays: tuple[int, ...]
    easy_km: float
    long_ratio: float
    spread: float
    step_back: bool
    season: float
    drift: float
    speed_mps: float
    workout: bool
    routes: tuple[tuple[float, ...], tuple[float, ...]]
    """Metres of climb per km: the usual route of each weekday, and the others within reach."""
    faithful: float
    """Share of runs on the usual route."""
    treadmill: float
    cadence_spm: float
    sensor: bool
    strike: float
    pairs: int


def draw_habits(rng: np.random.Generator) -> Habits:
    """One runner: 3-6 runs a week, 10 months to 3 years of history."""
    count = int(rng.integers(3, 7))
    return Habits(
        days=int(rng.integers(300, 1100)),
        weekdays=tuple(sorted(int(d) for d in rng.choice(6, size=count - 1, replace=False))),
        easy_km=float(rng.lognormal(np.log(7.5), 0.3)),
        long_ratio=float(rng.uniform(1.5, 2.3)),
        spread=float(rng.uniform(0.08, 0.20)),
        step_back=bool(rng.random() < 0.5),
        season=float(rng.uniform(0.0, 0.15)),
        drift=float(rng.uniform(0.0, 0.03)),
        speed_mps=float(rng.uniform(2.4, 3.5)),
        workout=bool(rng.random() < 0.6),
        routes=_routes(rng),
        faithful=float(rng.uniform(0.6, 0.95)),
        treadmill=float(rng.choice([0.0, 0.0, 0.0, 0.25])),
        cadence_spm=float(rng.uniform(160, 178)),
        sensor=bool(rng.random() < 0.25),
        strike=float(rng.uniform(2.5, 6.0)),
        pairs=int(rng.integers(1, 4)),
    )


def _routes(rng: np.random.Generator) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A flat to hilly neighbourhood: a usual route for each weekday, a third of them hilly, and five others."""

    def route() -> float:
        return float(rng.uniform(12, 28) if rng.random() < 0.33 else rng.uniform(2, 8))

    return tuple(route() for _ in range(7)), tuple(route() for _ in range(5))


def simulate_runner(rng: np.random.Generator, habits: Habits) -> tuple[tuple[RunSummary, ...], tuple[Shoe, ...]]:
    """Runs of the whole history up to the day after the onset, and the shoes, without any planted change."""
    away = _away(rng, habits.days)
    wear: dict[int, float] = dict.fromkeys(range(habits.pairs), 0.0)
    worn: dict[int, int] = dict.fromkeys(range(habits.pairs), 1)
    shoes: dict[str, Shoe] = {}
    runs = []
    level = 0.0
    for back in range(habits.days, -2, -1):
        day = ONSET - timedelta(days=back)
        weekday = day.weekday()
        if weekday == 0:
            level = 0.9 * level + habits.drift * float(rng.normal())
        if away[back] or not _runs_today(rng, habits, weekday):
            continue
        kilometres = _kilometres(rng, habits, day, back, level, away)
        pair = int(rng.integers(habits.pairs))
        if wear[pair] > 700:
            wear[pair], worn[pair] = 0.0, worn[pair] + 1
        wear[pair] += kilometres
        shoe = Shoe(
            id=f"{pair}-{worn[pair]}", name=f"Model {'ABC'[pair]} {worn[pair]}", drop_mm=8.0, kind="conventional"
        )
        shoes[shoe.id] = shoe
        runs.append(_run(rng, habits, day, kilometres, shoe.id))
    return tuple(runs), tuple(shoes.values())


def _away(rng: np.random.Generator, days: int) -> Mapping[int, bool]:
    """Illness and holidays: about two a year, 4-24 days, none within 50 days of the onset."""
    away = dict.fromkeys(range(-1, days + 1), False)
    for _ in range(int(rng.poisson(2.2 * days / 365))):
        start = int(rng.integers(75, days + 30))
        for back in range(max(start - int(rng.integers(4, 25)), 50), start):
            away[back] = True
    return away


def _runs_today(rng: np.random.Generator, habits: Habits, weekday: int) -> bool:
    planned = weekday == 6 or weekday in habits.weekdays
    return bool(rng.random() < (0.9 if planned else 0.05))


def _kilometres(
    rng: np.random.Generator, habits: Habits, day: date, back: int, level: float, away: Mapping[int, bool]
) -> float:
    base = habits.easy_km * (habits.long_ratio if day.weekday() == 6 else 1.0)
    season = 1 + habits.season * np.sin(2 * np.pi * day.timetuple().tm_yday / 365)
    step_back = 0.75 if habits.step_back and (back // 7) % 4 == 0 else 1.0
    returning = 0.75 if any(away.get(b, False) for b in range(back, back + 12)) else 1.0
    return float(
        base * season * step_back * returning * np.exp(level + rng.normal(0, habits.spread)) * rng.normal(1, 0.01)
    )


def _run(rng: np.random.Generator, habits: Habits, day: date, kilometres: float, shoe: str) -> RunSummary:
    treadmill = rng.random() < (habits.treadmill if day.month in (11, 12, 1, 2) else 0.2 * habits.treadmill)
    usual, others = habits.routes
    route = usual[day.weekday()] if rng.random() < habits.faithful else others[int(rng.integers(len(others)))]
    hilly = not treadmill and route >= 12
    per_km = route * rng.lognormal(0, 0.1)
    ascent = None if treadmill else float(kilometres * per_km)
    speed = habits.speed_mps * rng.lognormal(0, 0.03)
    seconds = 1000 * kilometres / speed
    fast = (
        min(float(rng.uniform(600, 1200)), 0.5 * seconds)
        if habits.workout and day.weekday() == habits.weekdays[-1]
        else 0.0
    )
    steep = 0.25 * (ascent or 0.0) * 10 if hilly else 0.0
    easy_key, fast_key = int(speed * 10), int(habits.speed_mps * 12.5)
    cadence = habits.cadence_spm * rng.normal(1, 0.01)
    form = FormCell(
        speed_mps=round(speed * 4) / 4,
        seconds=seconds - fast,
        cadence_spm=float(cadence * (1 + 0.1 * (round(speed * 4) / 4 - 3))),
        contact_time_ms=float(250 * rng.normal(1, 0.015)),
        step_length_m=float(speed * 60 / cadence),
        vertical_oscillation_m=0.09,
        contact_time_balance_pct=float(rng.normal(50.2, 0.4)),
    )
    cells = [
        LoadCell(
            speed_mps=pace,
            grade_ratio=0.0,
            steps=float(cadence / 120 * spent),
            step_length_m=float(pace * 60 / cadence),
            contact_time_ms=None,
        )
        for pace, spent in ((speed, seconds - fast), (1.25 * speed, fast))
        if spent > 0
    ]
    return RunSummary(
        key=day.isoformat(),
        start_utc=datetime(day.year, day.month, day.day, 7, tzinfo=UTC),
        day=day,
        sport=Sport.RUNNING,
        surface=Surface.TREADMILL if treadmill else Surface.ROAD,
        shoe=shoe,
        device="watch",
        elapsed_s=seconds,
        moving_s=seconds,
        distance_m=1000 * kilometres,
        speed_mps=float(speed),
        ascent_m=ascent,
        descent_m=ascent,
        uphill_s=None if treadmill else 2.5 * steep,
        steep_uphill_s=None if treadmill else steep,
        speed_s={easy_key: seconds - fast, fast_key: fast} if fast else {easy_key: seconds},
        best_efforts_s={400: 400 / (1.35 * speed), 5000: 5000 / (1.12 * speed)} if kilometres > 5 else {},
        fastest_30s_mps=float(1.45 * habits.speed_mps * rng.normal(1, 0.05)),
        cadence_spm=float(cadence),
        foot_strike_class=float(habits.strike * rng.lognormal(0, 0.05)) if habits.sensor else None,
        form=(form,),
        load_cells=tuple(cells),
    )


History = tuple[tuple[RunSummary, ...], tuple[Shoe, ...]]
Plant = Callable[[History, float, np.random.Generator], History | None]
"""A history and a size → the history with the change in it; None when this runner cannot have it."""


def _days_before(run: RunSummary) -> int:
    return (ONSET - run.day).days


def plant_spike(history: History, size: float, rng: np.random.Generator) -> History | None:
    """One run of the last 12 days becomes 1 + size times the longest of the 30 days before it; same speed."""
    runs, shoes = history
    able = [run for run in runs if 1 <= _days_before(run) <= 12]
    if not able:
        return None
    chosen = able[int(rng.integers(len(able)))]
    longest = max((r.distance_m or 0 for r in runs if 1 <= (chosen.day - r.day).days <= 30), default=0.0)
    if not longest:
        return None
    measured = float(rng.normal(1, 0.01))
    grown = stretched(chosen, (1 + size) * measured * longest / (chosen.distance_m or 1.0))
    return tuple(grown if run is chosen else run for run in runs), shoes


def stretched(run: RunSummary, by: float) -> RunSummary:
    """The same run, `by` times as long."""
    return replace(
        run,
        distance_m=(run.distance_m or 0.0) * by,
        moving_s=run.moving_s * by,
        elapsed_s=run.elapsed_s * by,
        ascent_m=None if run.ascent_m is None else run.ascent_m * by,
        descent_m=None if run.descent_m is None else run.descent_m * by,
        speed_s={key: seconds * by for key, seconds in run.speed_s.items()},
        load_cells=tuple(replace(cell, steps=cell.steps * by) for cell in run.load_cells),
    )


def climbing(days: int) -> Plant:
    """Ascent, descent and steep minutes of the last `days` days times 1 + size."""

    def plant(history: History, size: float, _rng: np.random.Generator) -> History | None:
        by = 1 + size
        runs = tuple(
            replace(
                run,
                ascent_m=None if run.ascent_m is None else run.ascent_m * by,
                descent_m=None if run.descent_m is None else run.descent_m * by,
                uphill_s=None if run.uphill_s is None else run.uphill_s * by,
                steep_uphill_s=None if run.steep_uphill_s is None else run.steep_uphill_s * by,
            )
            if 1 <= _days_before(run) <= days
            else run
            for run in history[0]
        )
        return runs, history[1]

    return plant


def longer(days: int) -> Plant:
    """Every run of the last `days` days times 1 + size."""

    def plant(history: History, size: float, _rng: np.random.Generator) -> History | None:
        return tuple(stretched(r, 1 + size) if 1 <= _days_before(r) <= days else r for r in history[0]), history[1]

    return plant


def plant_shoe(drop_mm: float) -> Plant:
    """A share `size` of the runs of the last 14 days in a pair of another model with this drop."""

    def plant(history: History, size: float, rng: np.random.Generator) -> History | None:
        runs, shoes = history
        new = Shoe(id="new", name="Other model", drop_mm=drop_mm, kind="conventional")
        changed = tuple(
            replace(run, shoe="new") if 1 <= _days_before(run) <= 14 and rng.random() < size else run for run in runs
        )
        return (changed, (*shoes, new)) if any(run.shoe == "new" for run in changed) else None

    return plant


def plant_forefoot(history: History, size: float, _rng: np.random.Generator) -> History | None:
    """Foot strike of the last 14 days moves forward by `size` (relative); only runners with a foot sensor."""
    runs, shoes = history
    if all(run.foot_strike_class is None for run in runs):
        return None
    moved = tuple(
        replace(run, foot_strike_class=run.foot_strike_class * (1 + size))
        if run.foot_strike_class is not None and 1 <= _days_before(run) <= 14
        else run
        for run in runs
    )
    return moved, shoes


def plant_break(history: History, size: float, _rng: np.random.Generator) -> History | None:
    """No run for `size` days, then 10 days of running at the usual amount before the onset."""
    runs, shoes = history
    kept = tuple(run for run in runs if not 10 < _days_before(run) <= 10 + size)
    return kept, shoes
