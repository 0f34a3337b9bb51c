"""What must hold for every history: order, hindsight, scale, and never an exception."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.activity import Shoe, Sport, Surface
from soleus.core.training import ChangeState, FormCell, LoadCell, ManualWeek, RunSummary, WithinRun
from soleus.knowledge import load_knowledge
from soleus.training.analysis import analyse_training
from soleus.training.manual import analyse_weeks

KB = load_knowledge()
ONSET = date(2025, 6, 15)
RELAXED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHOES = (Shoe(id="a", name="Road 1", drop_mm=10), Shoe(id="b", name="Flat", drop_mm=2, kind="minimalist"))

metres = st.one_of(
    st.none(), st.just(0.0), st.floats(1.0, 60_000.0), st.just(math.inf), st.just(math.nan), st.just(-5.0)
)
seconds = st.one_of(st.none(), st.floats(0.0, 20_000.0))
cells = st.builds(
    FormCell,
    speed_mps=st.sampled_from([2.5, 2.75, 3.0]),
    seconds=st.floats(0.0, 4000.0),
    cadence_spm=st.one_of(st.none(), st.floats(140, 200)),
    contact_time_ms=st.one_of(st.none(), st.floats(180, 320)),
    step_length_m=st.none(),
    vertical_oscillation_m=st.none(),
    contact_time_balance_pct=st.one_of(st.none(), st.floats(46, 54)),
)
steps = st.builds(
    LoadCell,
    speed_mps=st.floats(2.0, 5.0),
    grade_ratio=st.floats(-0.2, 0.2),
    steps=st.floats(0.0, 6000.0),
    step_length_m=st.floats(0.7, 1.6),
    contact_time_ms=st.one_of(st.none(), st.floats(180, 320)),
)


@st.composite
def summaries(draw: st.DrawFn) -> RunSummary:
    back, hour = draw(st.integers(-20, 900)), draw(st.integers(0, 23))
    day = ONSET - timedelta(days=back)
    return RunSummary(
        key=f"{back}-{hour}",
        start_utc=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
        day=day,
        sport=draw(st.sampled_from([Sport.RUNNING, Sport.RUNNING, Sport.RUNNING, Sport.CYCLING])),
        surface=draw(st.sampled_from(Surface)),
        shoe=draw(st.sampled_from([None, "a", "b", "unknown"])),
        device=draw(st.sampled_from(["w1", "w2"])),
        moving_s=draw(st.one_of(st.just(0.0), st.floats(1.0, 20_000.0))),
        distance_m=draw(metres),
        ascent_m=draw(metres),
        uphill_s=draw(seconds),
        steep_uphill_s=draw(seconds),
        speed_s=draw(st.dictionaries(st.integers(15, 60), st.floats(0.0, 3000.0), max_size=3)),
        best_efforts_s=draw(st.dictionaries(st.sampled_from([400, 800, 5000]), st.floats(0.0, 3000.0), max_size=3)),
        fastest_30s_mps=draw(st.one_of(st.none(), st.floats(0.0, 8.0))),
        foot_strike_class=draw(st.one_of(st.none(), st.floats(0.0, 16.0))),
        form=tuple(draw(st.lists(cells, max_size=2))),
        load_cells=tuple(draw(st.lists(steps, max_size=2))),
        within=draw(
            st.sampled_from([None, WithinRun(stops=5, stopped_s=9.0, pace_drop_ratio=None, pace_drop_at_s=None)])
        ),
    )


def regular(shape: list[float], *, by: float = 1.0) -> list[RunSummary]:
    """A run every other day with the given distances in km, newest last."""
    runs = []
    for back, km in zip(range(2 * len(shape), 0, -2), shape, strict=True):
        day = ONSET - timedelta(days=back)
        runs.append(
            RunSummary(
                key=str(back),
                start_utc=datetime(day.year, day.month, day.day, tzinfo=UTC),
                day=day,
                sport=Sport.RUNNING,
                distance_m=1000 * km * by,
                moving_s=300 * km,
                ascent_m=10 * km,
            )
        )
    return runs


@RELAXED
@given(st.lists(summaries(), max_size=30, unique_by=lambda r: r.key))
def test_no_history_raises_and_every_definition_is_answered(runs):
    report = analyse_training(runs, onset_on=ONSET, kb=KB, shoes=SHOES)
    assert {c.id for c in report.changes} == {d.id for d in KB.training.changes}
    for change in report.changes:
        assert (change.state is ChangeState.TOO_LITTLE) == bool(change.reason)
        assert change.probability is None or 0 <= change.probability <= 1
        assert math.isfinite(change.score)
        assert all(not isinstance(v, float) or math.isfinite(v) for v in change.params.values())
        if change.effect is not None:
            assert change.effect.low <= change.effect.value <= change.effect.high
        if change.larger_than is not None:
            assert 0 <= change.larger_than[0] <= change.larger_than[1]
    for finding in report.findings:
        assert finding.likelihood is not None
        assert sum(finding.likelihood.values()) == pytest.approx(1)
    for week in report.weeks:
        assert 0 <= week.hilly_m <= week.distance_m + 1e-6


@RELAXED
@given(st.lists(summaries(), max_size=30, unique_by=lambda r: r.key), st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(runs, random):
    shuffled = list(runs)
    random.shuffle(shuffled)
    assert repr(analyse_training(shuffled, onset_on=ONSET, kb=KB, shoes=SHOES)) == repr(
        analyse_training(runs, onset_on=ONSET, kb=KB, shoes=SHOES)
    )


@RELAXED
@given(
    st.lists(summaries(), max_size=30, unique_by=lambda r: r.key),
    st.lists(summaries(), max_size=10, unique_by=lambda r: r.key),
)
def test_running_after_the_onset_changes_nothing(runs, later):
    lately = regular([8.0])  # else the later runs would tell that the files do not simply end before the onset
    before = [*(r for r in runs if r.day < ONSET), *lately]
    after = [replace(r, key=f"later {r.key}", day=ONSET + timedelta(days=1 + abs((r.day - ONSET).days))) for r in later]
    one = analyse_training(before, onset_on=ONSET, kb=KB, shoes=SHOES)
    other = analyse_training([*before, *after], onset_on=ONSET, kb=KB, shoes=SHOES)
    assert repr(one) == repr(other)


@RELAXED
@given(st.lists(st.floats(2.0, 20.0), min_size=20, max_size=200), st.sampled_from([0.5, 2.0, 4.0]))
def test_ratios_do_not_depend_on_the_unit_of_distance(shape, by):
    one = analyse_training(regular(shape), onset_on=ONSET, kb=KB)
    other = analyse_training(regular(shape, by=by), onset_on=ONSET, kb=KB)
    assert [s.ratio for s in one.spikes] == pytest.approx([s.ratio for s in other.spikes])
    assert one.balance is not None
    assert other.balance is not None
    assert one.balance.acwr_uncoupled == pytest.approx(other.balance.acwr_uncoupled)
    assert one.balance.monotony == pytest.approx(other.balance.monotony)
    spike, scaled = (next(c for c in r.changes if c.id == "session_spike") for r in (one, other))
    assert (spike.effect is None) == (scaled.effect is None)
    if spike.effect is not None and scaled.effect is not None:
        assert spike.effect.value == pytest.approx(scaled.effect.value)


@RELAXED
@given(
    st.lists(
        st.builds(
            ManualWeek,
            weeks_before=st.integers(-1, 8),
            distance_km=st.one_of(st.none(), st.floats(0, 150), st.just(math.nan)),
            runs=st.one_of(st.none(), st.integers(-1, 14)),
            longest_run_km=st.one_of(st.none(), st.floats(0, 60), st.just(math.inf)),
            hilly=st.sampled_from([None, True, False]),
            fast=st.sampled_from([None, True, False]),
            new_shoes=st.sampled_from([None, True, False]),
        ),
        max_size=8,
    )
)
def test_no_table_raises(weeks):
    report = analyse_weeks(weeks, onset_on=ONSET, kb=KB)
    assert len(report.changes) == len(KB.training.changes)
    for change in report.changes:
        assert change.probability is None or 0 <= change.probability <= 1


def test_the_same_history_gives_the_same_report():
    runs = regular([8.0, 9.0, 7.0, 12.0] * 50)
    assert repr(analyse_training(runs, onset_on=ONSET, kb=KB)) == repr(analyse_training(runs, onset_on=ONSET, kb=KB))
