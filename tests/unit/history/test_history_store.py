"""The store: exact, atomic, sealed when asked, and gone when deleted."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import date, timedelta

import numpy as np
import pytest
from archive_writers import START, fit_run

from soleus.core.activity import (
    Activity,
    Device,
    Interval,
    Label,
    Lap,
    Shoe,
    Sport,
    Stream,
    Surface,
    Totals,
)
from soleus.core.errors import BackendError
from soleus.core.training import Edit, FormCell, LoadCell, RunSummary, WithinRun
from soleus.history import RunnerStore, import_history, records, summary_json
from soleus.history.store import StoredRun, _write_atomic, renew, stamp_of
from soleus.history.work import Settings, _with_hints
from soleus.knowledge import load_knowledge

FULL = RunSummary(
    key="20240501T0600Z-10min-18hm",
    start_utc=START,
    day=date(2024, 5, 1),
    sport=Sport.RUNNING,
    surface=Surface.TRAIL,
    labels=frozenset({Label.RACE, Label.LONG_RUN}),
    shoe="shoe-1",
    format="fit",
    device="x",
    elapsed_s=600.5,
    moving_s=590.25,
    distance_m=1800.1,
    uphill_s=0.0,
    heart_rate_s={120: 10.0, 121: 0.1 + 0.2},
    speed_s={30: 599.0},
    best_efforts_s={400: 100.0},
    form=(
        FormCell(
            speed_mps=3.125, seconds=60.0, cadence_spm=170.0, contact_time_ms=None, step_length_m=1.1,
            vertical_oscillation_m=None, contact_time_balance_pct=50.2,
        ),
    ),
    load_cells=(LoadCell(speed_mps=3.0, grade_ratio=-0.02, steps=500.0, step_length_m=1.1, contact_time_ms=None),),
    within=WithinRun(stops=1, stopped_s=30.0, pace_drop_ratio=None, pace_drop_at_s=None),
    edits=(Edit(fixer="gps_jumps", samples=3, detail="x"),),
)  # fmt: skip


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


def an_activity(count: int = 500) -> Activity:
    random = np.random.default_rng(1)
    time = np.cumsum(random.uniform(0.5, 2, count))
    heart = random.normal(140, 10, count)
    heart[::7] = np.nan
    stream = Stream(
        time_s=time,
        channels={
            "distance_m": time * 3.1,
            "heart_rate_bpm": heart,
            "latitude_deg": 50 + time * 2e-5,
            "longitude_deg": 8 + time * 1e-5,
        },
        extra={"Stryd Power [W]": random.normal(size=count)},
    )
    return Activity(
        start_utc=START,
        sport=Sport.RUNNING,
        format="fit",
        utc_offset_s=7200,
        surface=Surface.ROAD,
        stream=stream,
        laps=(Lap(start_s=0, end_s=100, distance_m=300.0, timer_s=None, intensity="active"),),
        pauses=(Interval(start_s=10, end_s=20),),
        totals=Totals(elapsed_s=600, distance_m=1800.5),
        device=Device(manufacturer="garmin", product="3113", digest="abc"),
        barometer=True,
        shoe="shoe-1",
        labels=frozenset({Label.WORKOUT}),
        sport_detail="road",
        source_id="secret",
    )


# Summaries ----------------------------------------------------------------------------------------------------------


def test_a_summary_comes_back_exactly():
    assert summary_json.loads(summary_json.dumps(FULL)) == FULL
    bare = RunSummary(key="k", start_utc=START, day=date(2024, 5, 1), sport=Sport.UNKNOWN)
    assert summary_json.loads(summary_json.dumps(bare)) == bare
    assert set(summary_json.encode(bare)) == {"v", "key", "start_utc", "day", "sport"}


def test_every_field_of_a_summary_is_written():
    default = RunSummary(key="k", start_utc=START, day=date(2024, 5, 1), sport=Sport.RUNNING)
    odd = {
        float: 1.5, int: 3, str: "s", bool: True,
    }  # fmt: skip
    for spec in fields(RunSummary):
        if spec.name in {"key", "start_utc", "day", "sport"}:
            continue
        kind = next(
            (t for name, t in (("bool", bool), ("int", int), ("str", str), ("float", float)) if name in str(spec.type)),
            float,
        )
        value = getattr(FULL, spec.name)
        if value == getattr(default, spec.name):
            value = odd[kind]
        changed = replace(default, **{spec.name: value})
        assert summary_json.loads(summary_json.dumps(changed)) == changed, spec.name


def test_fields_of_another_version_are_passed_over():
    data = {**summary_json.encode(FULL), "from_the_future": 1}
    assert summary_json.decode(data) == FULL


# Records ------------------------------------------------------------------------------------------------------------


def test_records_come_back_sample_for_sample():
    activity = an_activity()
    back = records.decode_activity(records.encode_activity(activity, keep_place=True))
    assert back.stream is not None
    assert activity.stream is not None
    for name, values in {**activity.stream.channels, "time_s": activity.stream.time_s}.items():
        there = back.stream.time_s if name == "time_s" else back.stream.channels[name]
        np.testing.assert_array_equal(there, values)
    np.testing.assert_array_equal(back.stream.extra["Stryd Power [W]"], activity.stream.extra["Stryd Power [W]"])
    for spec in fields(Activity):
        if spec.name not in {"stream", "source_id"}:
            assert getattr(back, spec.name) == getattr(activity, spec.name), spec.name
    assert back.source_id == ""


def test_records_hide_where_home_is_but_not_how_far():
    stream = an_activity().stream
    assert stream is not None
    moved = records.without_place(stream)
    latitude, longitude = moved.channels["latitude_deg"], moved.channels["longitude_deg"]
    assert latitude[0] == longitude[0] == 0.0
    assert max(abs(latitude).max(), abs(longitude).max()) < 0.05

    def steps(lat, lon):
        north = np.diff(lat) * 111_195
        east = np.diff(lon) * 111_195 * np.cos(np.radians(lat[:-1]))
        return np.hypot(north, east)

    before = steps(stream.channels["latitude_deg"], stream.channels["longitude_deg"])
    after = steps(latitude, longitude)
    assert after.sum() == pytest.approx(before.sum(), rel=1e-3)
    assert records.without_place(Stream(time_s=np.arange(3.0), channels={})).channels == {}
    nowhere = Stream(
        time_s=np.arange(3.0), channels={"latitude_deg": np.full(3, np.nan), "longitude_deg": np.full(3, np.nan)}
    )
    assert records.without_place(nowhere) is nowhere


def test_records_across_the_date_line_stay_close():
    longitude = np.array([179.9995, 179.9999, -179.9998])
    stream = Stream(time_s=np.arange(3.0), channels={"latitude_deg": np.zeros(3), "longitude_deg": longitude})
    assert abs(records.without_place(stream).channels["longitude_deg"]).max() < 0.001


def test_an_activity_without_samples_has_no_records():
    with pytest.raises(ValueError, match="without samples"):
        records.encode_activity(replace(an_activity(), stream=None))


def test_other_tools_can_read_the_records(tmp_path):
    import pyarrow.parquet as parquet

    path = tmp_path / "x.parquet"
    path.write_bytes(records.encode_activity(an_activity()))
    table = parquet.read_table(path)
    assert table.num_rows == 500
    assert {"time_s", "heart_rate_bpm"} < set(table.column_names)
    assert table["heart_rate_bpm"].null_count > 0


# The store ----------------------------------------------------------------------------------------------------------


def test_what_is_stored_comes_back(tmp_path):
    store = RunnerStore(tmp_path / "s")
    name = store.write_records("d1", 0, records.encode_activity(an_activity()))
    shoes = (Shoe(id="shoe-1", name="Road A", drop_mm=8.0, kind="conventional", first_used_on=date(2024, 1, 1)),
             Shoe(id="shoe-2", name="B"))  # fmt: skip
    run = StoredRun(summary=FULL, digest="d1", record_file=name, digests=("d1", "d2"))
    store.replace_all([run], shoes, {"d1": 1, "d2": 0}, aliases={"a": "b"})
    again = RunnerStore(tmp_path / "s")
    assert again.stored_runs() == (run,)
    assert again.runs() == (FULL,)
    assert again.shoes() == shoes
    assert again.known_files() == {"d1": 1, "d2": 0}
    assert again.shoe_aliases() == {"a": "b"}
    activity = again.activity(FULL.key)
    assert activity is not None
    assert activity.device.product == "3113"
    assert again.activity("nobody") is None


def test_records_nobody_needs_are_dropped_and_missing_ones_named(tmp_path):
    store = RunnerStore(tmp_path / "s")
    name = store.write_records("d1", 0, b"x")
    store.write_records("d2", 0, b"y")
    store.replace_all([StoredRun(summary=FULL, digest="d1", record_file=name)], (), {})
    RunnerStore(tmp_path / "s").sweep()
    assert len(list((tmp_path / "s" / "records").iterdir())) == 2, "an import beside this one may still need it"
    old = tmp_path / "s" / "records" / "d3-0.parquet"
    old.write_bytes(b"z")
    os.utime(old, (0, 0))
    store.sweep()
    assert [p.name for p in (tmp_path / "s" / "records").iterdir()] == [name]
    (tmp_path / "s" / "records" / name).unlink()
    with pytest.raises(BackendError, match="Import its file again"):
        store.activity(FULL.key)


def test_a_write_that_fails_leaves_everything_as_it_was(tmp_path, monkeypatch):
    store = RunnerStore(tmp_path / "s")
    store.replace_all([StoredRun(summary=FULL)], (), {"d1": 1})
    bad = {object(): 1}
    with pytest.raises(BackendError):
        store.replace_all([], (), bad)
    assert store.runs() == (FULL,)
    target = tmp_path / "s" / "records" / "x.parquet"
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        _write_atomic(target, b"data")
    assert not list((tmp_path / "s" / "records").iterdir())


def test_two_imports_at_once_lose_nothing(tmp_path, kb):
    def one(number: int) -> None:
        path = tmp_path / f"{number}.fit"
        path.write_bytes(fit_run(START + timedelta(days=number)))
        import_history([path], kb=kb, workers=1, store=RunnerStore(tmp_path / "s"))

    RunnerStore(tmp_path / "s")
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(one, range(6)))
    store = RunnerStore(tmp_path / "s")
    assert len(store.runs()) == 6
    assert all(store.activity(run.key) is not None for run in store.runs())


def test_sealing_covers_summaries_shoes_and_records(tmp_path):
    def flip(data: bytes) -> bytes:
        return bytes(b ^ 0x5A for b in data)

    store = RunnerStore(tmp_path / "s", flip, flip)
    name = store.write_records("d", 0, records.encode_activity(an_activity()))
    store.replace_all([StoredRun(summary=FULL, digest="d", record_file=name)], [Shoe(id="s", name="Road")], {})
    assert store.runs() == (FULL,)
    assert store.activity(FULL.key) is not None
    raw = b"".join(p.read_bytes() for p in (tmp_path / "s").rglob("*") if p.is_file())
    assert b"PAR1" not in raw
    with pytest.raises(ValueError, match="belong together"):
        RunnerStore(tmp_path / "s", seal=flip)


def test_delete_everything_leaves_nothing(tmp_path):
    store = RunnerStore(tmp_path / "s")
    store.replace_all([StoredRun(summary=FULL)], (), {})
    store.delete_everything()
    assert not (tmp_path / "s").exists()


def test_a_broken_database_is_a_fault_of_the_store_not_a_crash(tmp_path):
    (tmp_path / "s" / "records").mkdir(parents=True)
    (tmp_path / "s" / "history.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(BackendError):
        RunnerStore(tmp_path / "s")
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "s" / "history.sqlite").execute("SELECT 1 FROM runs")


def test_the_folder_is_for_its_owner_only(tmp_path):
    RunnerStore(tmp_path / "s")
    assert (tmp_path / "s" / "records").stat().st_mode & 0o077 == 0
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0


def test_without_the_extra_summaries_are_kept_alone(tmp_path, monkeypatch, kb):
    monkeypatch.setattr(records, "available", lambda: False)
    store = RunnerStore(tmp_path / "s")
    path = tmp_path / "1.fit"
    path.write_bytes(fit_run())
    history = import_history([path], kb=kb, workers=1, store=store)
    assert not history.report.records_kept
    assert store.runs() == history.runs
    assert store.activity(history.runs[0].key) is None
    assert not list((tmp_path / "s" / "records").iterdir())


def test_a_missing_parquet_library_says_what_to_install(monkeypatch):
    import builtins

    real = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(BackendError, match=r"soleus\[history\]"):
        records.encode_activity(an_activity())


def test_summaries_are_made_again_when_their_numbers_change(tmp_path, kb):
    store = RunnerStore(tmp_path / "s")
    path = tmp_path / "1.fit"
    path.write_bytes(fit_run())
    first = import_history([path], kb=kb, workers=1, store=store)
    stored = store.stored_runs()[0]
    wrong = replace(stored, summary=replace(stored.summary, moving_s=1.0, shoe="kept", session_rpe=3.0))
    store.replace_all([wrong], (), {}, stamp="older")
    assert renew(store, Settings(knowledge=kb.training)) == 1
    assert store.runs()[0] == replace(first.runs[0], shoe="kept", session_rpe=3.0)
    assert store.stamp() == stamp_of(kb.training)
    assert renew(store, Settings(knowledge=kb.training)) == 0


def test_hints_fill_what_the_file_does_not_say():
    from soleus.history.work import Hints

    activity = an_activity()
    assert _with_hints(activity, Hints()) is activity
    hinted = _with_hints(
        replace(activity, sport=Sport.UNKNOWN, surface=Surface.UNKNOWN),
        Hints(sport=Sport.RUNNING, surface=Surface.TRAIL, shoe="s2", labels=frozenset({Label.RACE}), session_rpe=5.0),
    )
    assert (hinted.sport, hinted.surface, hinted.shoe) == (Sport.RUNNING, Surface.TRAIL, "s2")
    assert hinted.labels == {Label.RACE, Label.WORKOUT}
    assert hinted.totals.session_rpe == 5.0
    assert _with_hints(hinted, Hints(session_rpe=9.0, sport=Sport.WALKING)).totals.session_rpe == 5.0
