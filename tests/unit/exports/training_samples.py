"""Hand-built training reports: an ordinary one, and ones with little in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from soleus.core.activity import Shoe
from soleus.core.training import Coverage, Estimate, SessionSpike, ShoeUse, TrainingReport, Week

ONSET = date(2026, 11, 3)
FLAT_KM = (18, 22, 20, 24, 0, 19, 23, 25, 22, 26, 24, 20, 25, 27, 26, 31)
HILLY_KM = (0, 5, 0, 6, 0, 0, 0, 7, 0, 0, 6, 0, 0, 8, 12, 14)
FAST_MIN = (5, 0, 8, 6, 0, 4, 0, 10, 8, 6, 0, 9, 7, 12, 22, 30)
LOADS = (1.0, 1.2, 1.0, 1.3, 0.0, 0.9, 1.1, 1.4, 1.0, 1.1, 1.3, 0.9, 1.2, 1.5, 1.9, 2.2)


def sample_weeks(count: int = 16, onset: date = ONSET) -> tuple[Week, ...]:
    weeks = []
    for back in range(count, 0, -1):
        at = 16 - back
        flat, hilly = FLAT_KM[at] * 1000.0, HILLY_KM[at] * 1000.0
        first = onset - timedelta(days=7 * back)
        load = LOADS[at] * 21000
        weeks.append(
            Week(
                first_day=first,
                last_day=first + timedelta(days=6),
                runs=3 if flat else 0,
                distance_m=flat + hilly,
                hilly_m=hilly,
                longest_run_m=(flat + hilly) * 0.4,
                ascent_m=hilly * 0.02,
                moving_s=(flat + hilly) * 0.36,
                calf_load=Estimate(value=load, low=load * 0.75, high=load * 1.4) if load else None,
                fast_s=FAST_MIN[at] * 60.0,
                easy_s=(flat + hilly) * 0.36 - FAST_MIN[at] * 60.0 if flat else 0.0,
                complete=back != 16,
            )
        )
    return tuple(weeks)


def sample_spikes(onset: date = ONSET) -> tuple[SessionSpike, ...]:
    spikes = []
    longest: list[tuple[date, float]] = []
    for back in range(110, -1, -2):
        on = onset - timedelta(days=back)
        at = 15 - (max(back, 1) - 1) // 7
        if at == 4:
            continue
        distance = {0: 6000.0, 2: 14200.0, 16: 9900.0}.get(back, 5000 + 700.0 * (back % 5))
        past = [d for day, d in longest if on - timedelta(days=30) <= day < on]
        reference = max(past, default=None)
        ratio = None if reference is None else distance / reference
        spikes.append(
            SessionSpike(
                run_key=f"run-{back}",
                day=on,
                distance_m=distance,
                reference_m=reference,
                ratio=ratio,
                category="no_reference" if ratio is None else "reference",
                hazard_ratio=None,
            )
        )
        longest.append((on, distance))
    return tuple(spikes)


def sample_shoes(onset: date = ONSET) -> tuple[ShoeUse, ...]:
    weeks = sample_weeks(onset=onset)
    old = {w.last_day: w.distance_m for w in weeks[:14]}
    new = {w.last_day: w.distance_m for w in weeks[14:]}
    return (
        ShoeUse(
            shoe=Shoe(id="g1", name="Brooks Ghost 15", drop_mm=12.0),
            first_day=onset - timedelta(days=300),
            last_day=onset - timedelta(days=15),
            distance_m=812_300.0,
            weekly_distance_m=old,
        ),
        ShoeUse(
            shoe=Shoe(id="g2", name="Altra Escalante <Racer> & friends, size 44", drop_mm=0.0, kind="minimalist"),
            first_day=onset - timedelta(days=13),
            last_day=onset - timedelta(days=1),
            distance_m=83_000.0,
            weekly_distance_m=new,
        ),
    )


def sample_report(onset: date = ONSET) -> TrainingReport:
    weeks = sample_weeks(onset=onset)
    return TrainingReport(
        onset_on=onset,
        coverage=Coverage(
            first_day=onset - timedelta(days=320), last_day=onset, runs=130, days=320, weeks_with_runs=44
        ),
        changes=(),
        findings=(),
        weeks=weeks,
        spikes=sample_spikes(onset),
        shoes=sample_shoes(onset),
    )


def empty_report() -> TrainingReport:
    coverage = Coverage(first_day=None, last_day=None, runs=0, days=0, enough=False, reason="no_runs")
    return TrainingReport(onset_on=ONSET, coverage=coverage, changes=(), findings=())


def short_report() -> TrainingReport:
    """Three weeks of history."""
    full = sample_report()
    first = ONSET - timedelta(days=20)
    return replace(
        full,
        coverage=Coverage(first_day=first, last_day=ONSET, runs=8, days=20, enough=False, reason="too_short"),
        weeks=full.weeks[-3:],
        spikes=tuple(s for s in full.spikes if s.day >= first),
        shoes=(),
    )


def table_report() -> TrainingReport:
    """As from the hand-filled table: six weeks, no runs, no loads, no pace."""
    full = sample_report()
    weeks = tuple(replace(w, calf_load=None, fast_s=None, easy_s=None, ascent_m=None) for w in full.weeks[-6:])
    coverage = Coverage(
        first_day=ONSET - timedelta(days=42), last_day=ONSET, runs=18, days=42, weeks_with_runs=6, from_table=True
    )
    return replace(full, coverage=coverage, weeks=weeks, spikes=(), shoes=())


def broken_report() -> TrainingReport:
    """NaN and infinities where numbers should be."""
    full = sample_report()
    nan, inf = float("nan"), float("inf")
    weeks = list(full.weeks)
    weeks[3] = replace(weeks[3], distance_m=nan, hilly_m=nan, fast_s=nan, easy_s=nan)
    weeks[6] = replace(weeks[6], calf_load=Estimate(value=nan, low=nan, high=nan), fast_s=None)
    weeks[7] = replace(weeks[7], calf_load=Estimate(value=21000.0, low=nan, high=inf))
    spikes = [replace(s, ratio=nan) if i % 7 == 0 else s for i, s in enumerate(full.spikes)]
    spikes[9] = replace(spikes[9], ratio=9.7)
    shoe = replace(full.shoes[0], distance_m=nan, weekly_distance_m=dict.fromkeys(full.shoes[0].weekly_distance_m, nan))
    return replace(full, weeks=tuple(weeks), spikes=tuple(spikes), shoes=(shoe, full.shoes[1]))


def one_run_report() -> TrainingReport:
    full = sample_report()
    coverage = Coverage(first_day=ONSET, last_day=ONSET, runs=1, days=1, enough=False, reason="too_short")
    week = replace(full.weeks[-1], distance_m=5000.0, hilly_m=0.0, runs=1, complete=False, calf_load=None)
    return replace(full, coverage=coverage, weeks=(week,), spikes=full.spikes[:1], shoes=())


ALL = {
    "full": sample_report,
    "short": short_report,
    "table": table_report,
    "broken": broken_report,
    "one run": one_run_report,
    "empty": empty_report,
}
