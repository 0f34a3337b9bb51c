"""Whole archives to one history: joined, merged, incremental, robust, and silent about the person."""

import csv
import io
import json
import logging
import os
import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from archive_writers import (
    CANARIES,
    EMAIL,
    NAME,
    START,
    TITLE,
    Row,
    fit_run,
    fit_settings,
    garmin_gear,
    garmin_summary,
    garmin_zip,
    gpx_run,
    strava_csv,
    strava_zip,
    translated_date,
    translated_header,
    zip_of,
)

from soleus.core.activity import Label, Sport
from soleus.history import FileState, RunnerStore, import_history
from soleus.history import importer as importer_module
from soleus.history.pool import Pool, default_workers
from soleus.history.work import Settings, Task, read_task
from soleus.knowledge import load_knowledge

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


@pytest.fixture
def strava(tmp_path):
    """Three days: a FIT in shoe A, a GPX in shoe B and a manual entry."""
    rows = [
        Row(
            file="activities/11.fit.gz",
            gear="Road A",
            rpe="7",
            tag="2",
            description='Line one\nline "two", with a comma',
        ),
        Row(start=START + DAY, file="activities/12.gpx", gear="Trail B", extra={"Commute": "1"}),
        Row(start=START + 2 * DAY, gear="Road A", seconds=1200, metres=4000),
    ]
    files = {"11.fit.gz": fit_run(), "12.gpx": gpx_run(START + DAY)}
    return strava_zip(tmp_path / "export_123.zip", files, strava_csv(rows))


@pytest.fixture
def garmin(tmp_path):
    """The same first day with running dynamics, and a treadmill run that has no file."""
    summaries = [
        garmin_summary(501, eventTypeId=1),
        garmin_summary(502, START + 3 * DAY, activityType="treadmill_running", metres=5000),
    ]
    gear = garmin_gear({7: ("Brand Road A", [501]), 8: ("Belt shoe", [502])})
    return garmin_zip(tmp_path / "garmin.zip", {501: fit_run(dynamics=True)}, summaries, gear)


def outcomes(history):
    return {outcome.label: outcome.state for outcome in history.report.files}


def test_a_strava_archive_gives_runs_shoes_labels_and_exertion(kb, strava):
    history = import_history([strava], kb=kb, workers=1)
    names = {shoe.id: shoe.name for shoe in history.shoes}
    assert [(run.format, names[run.shoe]) for run in history.runs] == [
        ("fit", "Road A"), ("gpx", "Trail B"), ("strava_csv", "Road A"),
    ]  # fmt: skip
    first, second, manual = history.runs
    assert first.session_rpe == 7
    assert first.labels == {Label.LONG_RUN}
    assert second.labels == {Label.COMMUTE}
    assert second.sport is Sport.RUNNING, "the file does not say; the table does"
    assert (manual.distance_m, manual.elapsed_s, manual.from_totals) == (4000, 1200, True)
    assert manual.day == (START + 2 * DAY).date()
    assert outcomes(history)["activities/11.fit.gz"] is FileState.READ
    assert history.report.new_runs == 3


@pytest.mark.parametrize("language", ["cs", "de", "es"])
def test_translated_tables_are_read_by_what_repeats(kb, tmp_path, language):
    rows = [
        Row(file="activities/1.fit.gz", gear="Road A", type="Zzz", rpe="4", date_text=translated_date(language, START)),
        Row(start=START + DAY, type="Zzz", gear="Road A", date_text=translated_date(language, START + DAY)),
    ]
    table = strava_csv(rows, header=translated_header(language))
    path = strava_zip(tmp_path / "x.zip", {"1.fit.gz": fit_run()}, table)
    history = import_history([path], kb=kb, workers=1)
    assert [run.shoe for run in history.runs] == [history.shoes[0].id] * 2
    assert [run.start_utc for run in history.runs] == [START, START + DAY]
    assert [run.distance_m for run in history.runs] == pytest.approx([1800, 1800], rel=0.01)
    assert history.runs[0].session_rpe == 4
    assert history.runs[1].sport is Sport.RUNNING, "the word is learnt from the file that carries it"


def test_manual_entries_are_left_out_when_the_dates_cannot_be_trusted(kb, tmp_path):
    rows = [
        Row(start=START, file="activities/1.fit", date_text="1999-01-01 06:00:00"),
        Row(start=START + DAY),
    ]
    history = import_history([strava_zip(tmp_path / "x.zip", {"1.fit": fit_run()}, strava_csv(rows))], kb=kb, workers=1)
    assert len(history.runs) == 1
    assert [note.code for note in history.report.notes] == ["unknown_date"]


def test_a_garmin_archive_gives_shoes_races_and_runs_without_file(kb, garmin):
    history = import_history([garmin], kb=kb, workers=1)
    names = {shoe.id: shoe.name for shoe in history.shoes}
    first, belt = history.runs
    assert (first.format, names[first.shoe], first.labels) == ("fit", "Brand Road A", {Label.RACE})
    assert (belt.format, names[belt.shoe], belt.distance_m, belt.elapsed_s) == ("garmin_json", "Belt shoe", 5000, 600)
    assert belt.surface.value == "treadmill"
    assert FileState.NOTHING_IN_IT in outcomes(history).values(), "settings files hold no activity"
    assert not history.report.notes


@pytest.mark.parametrize("shape", ["unpacked", "zipped again", "sub-folder"])
def test_a_garmin_archive_may_be_unpacked_packed_again_or_picked_in_part(kb, tmp_path, garmin, shape):
    import zipfile

    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(garmin) as archive:
        archive.extractall(folder)
    if shape == "unpacked":
        history = import_history([folder], kb=kb, workers=1)
    elif shape == "sub-folder":
        history = import_history([folder / "DI_CONNECT" / "DI-Connect-Uploaded-Files"], kb=kb, workers=1)
        assert len(history.runs) == 1
        return
    else:
        again = tmp_path / "again.zip"
        again.write_bytes(zip_of({"my export/garmin.zip": garmin.read_bytes()}))
        history = import_history([again], kb=kb, workers=1)
    assert len(history.runs) == 2
    assert history.runs[0].shoe is not None


def test_wrong_scale_of_the_summaries_is_noticed(kb, tmp_path):
    summaries = [garmin_summary(1, metres=18.0), garmin_summary(2, START + DAY, metres=50.0)]
    history = import_history([garmin_zip(tmp_path / "g.zip", {1: fit_run()}, summaries)], kb=kb, workers=1)
    assert len(history.runs) == 1
    assert [note.code for note in history.report.notes] == ["unknown_scale"]


def test_triathlon_frames_are_not_counted_beside_their_legs(kb, tmp_path):
    summaries = [
        garmin_summary(1, seconds=1200, parent=True, activityType="multi_sport"),
        garmin_summary(2, parentId=1, activityType="running"),
    ]
    history = import_history([garmin_zip(tmp_path / "g.zip", {}, summaries)], kb=kb, workers=1)
    assert [run.elapsed_s for run in history.runs] == [600]


def test_the_same_run_from_strava_and_garmin_counts_once_with_everything_known(kb, strava, garmin):
    history = import_history([strava, garmin], kb=kb, workers=1)
    assert len(history.runs) == 4
    first = history.runs[0]
    assert first.contact_time_ms == pytest.approx(240), "the file with running dynamics is kept"
    assert first.labels == {Label.RACE, Label.LONG_RUN}
    assert first.session_rpe == 7
    assert outcomes(history)["activities/11.fit.gz"] is FileState.DUPLICATE
    assert history.report.merged_duplicates == 1


def test_one_pair_with_two_names_is_one_pair(kb, tmp_path):
    days = range(4)
    rows = [Row(start=START + n * DAY, file=f"activities/{n}.fit", gear="Pegasus") for n in days]
    rows.append(Row(start=START + 9 * DAY, file="activities/9.fit", gear="Pegasus"))
    files = {f"{n}.fit": fit_run(START + n * DAY) for n in (*days, 9)}
    one = strava_zip(tmp_path / "s.zip", files, strava_csv(rows))
    summaries = [garmin_summary(n, START + n * DAY) for n in days]
    gear = garmin_gear({1: ("Nike Pegasus 40", list(days))})
    two = garmin_zip(tmp_path / "g.zip", {n: fit_run(START + n * DAY, dynamics=True) for n in days}, summaries, gear)
    store = RunnerStore(tmp_path / "store")
    history = import_history([one, two], kb=kb, workers=1, store=store)
    assert len({run.shoe for run in history.runs}) == 1
    assert len(history.shoes) == 1
    later = strava_zip(
        tmp_path / "later.zip",
        {"20.fit": fit_run(START + 20 * DAY)},
        strava_csv([Row(start=START + 20 * DAY, file="activities/20.fit", gear="Pegasus")]),
    )
    again = import_history([later], kb=kb, workers=1, store=store)
    assert len({run.shoe for run in again.runs}) == 1, "the store remembers that both names are one pair"


APPLE = """<?xml version="1.0"?>
<!DOCTYPE HealthData [<!ELEMENT HealthData (Record*)>]>
<HealthData locale="en_GB"><Me HKCharacteristicTypeIdentifierDateOfBirth="1980-01-01"/>
<Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="10" durationUnit="min" sourceName="{who}"
 startDate="2024-05-01 08:00:00 +0200" endDate="2024-05-01 08:10:00 +0200">
<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="1.8" unit="km"/>
<WorkoutRoute><FileReference path="/workout-routes/route_2024-05-01_8.10am.gpx"/></WorkoutRoute>
</Workout></HealthData>"""


@pytest.mark.parametrize("shape", ["zip", "folder", "stream"])
def test_an_apple_export_and_its_routes_are_one_activity_each(kb, tmp_path, shape):
    members = {
        "apple_health_export/workout-routes/route_2024-05-01_8.10am.gpx": gpx_run(seconds=500),
        "apple_health_export/export.xml": APPLE.format(who=NAME).encode(),
        "apple_health_export/export_cda.xml": b"<ClinicalDocument/>",
    }
    source = io.BytesIO(zip_of(members))
    if shape == "zip":
        source = tmp_path / "export.zip"
        source.write_bytes(zip_of(members))
    if shape == "folder":
        source = tmp_path / "unpacked"
        for name, data in members.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(data)
    history = import_history([source], kb=kb, workers=1)
    assert [(run.format, run.start_utc) for run in history.runs] == [("apple_health", START)]
    assert history.runs[0].distance_m == pytest.approx(1800, rel=0.2)
    codes = {outcome.code for outcome in history.report.files}
    assert codes == {"", "route", "other_xml"}
    assert NAME not in repr(history)


# Incremental -------------------------------------------------------------------------------------------------------


def test_a_second_import_adds_nothing(kb, tmp_path, strava, garmin):
    store = RunnerStore(tmp_path / "store")
    first = import_history([strava, garmin], kb=kb, workers=1, store=store)
    second = import_history([strava, garmin], kb=kb, workers=1, store=store)
    assert second.runs == first.runs
    assert second.shoes == first.shoes
    assert second.report.new_runs == 0
    activity_states = {o.state for o in second.report.files if o.format in ("fit", "gpx", "gzip")}
    assert activity_states == {FileState.ALREADY_KNOWN}
    assert store.runs() == first.runs


def test_a_richer_file_takes_the_place_of_a_stored_one(kb, tmp_path, strava, garmin):
    folder = tmp_path / "store"
    first = import_history([strava], kb=kb, workers=1, store=RunnerStore(folder))
    both = import_history([garmin], kb=kb, workers=1, store=RunnerStore(folder))
    assert both.report.new_runs == 1, "only the treadmill run is new"
    assert len(both.runs) == len(first.runs) + 1
    assert both.runs[0].contact_time_ms == pytest.approx(240)
    assert both.runs[0].session_rpe == 7
    assert len(list((folder / "records").iterdir())) == 2, "the poorer records are gone"
    again = import_history([strava], kb=kb, workers=1, store=RunnerStore(folder))
    assert again.runs == both.runs


def test_new_shoes_of_a_later_archive_reach_runs_already_known(kb, tmp_path):
    store = RunnerStore(tmp_path / "store")
    files = {"1.fit": fit_run()}
    import_history([strava_zip(tmp_path / "a.zip", files, strava_csv([Row(file="activities/1.fit")]))],
                   kb=kb, workers=1, store=store)  # fmt: skip
    rows = [Row(file="activities/1.fit", gear="Late shoe", rpe="8")]
    history = import_history([strava_zip(tmp_path / "b.zip", files, strava_csv(rows))], kb=kb, workers=1, store=store)
    assert [shoe.name for shoe in history.shoes] == ["Late shoe"]
    assert history.runs[0].shoe == history.shoes[0].id
    assert history.runs[0].session_rpe == 8


def test_an_import_without_store_forgets(kb, strava):
    assert import_history([strava], kb=kb, workers=1).report.records_kept is False


# Robustness --------------------------------------------------------------------------------------------------------


def test_one_bad_file_never_stops_the_import_and_each_is_named(kb, tmp_path):
    good = fit_run()
    members = {
        "activities/1.fit": good[: len(good) // 2],
        "activities/2.fit": b"",
        "activities/3.gpx": b"<gpx><broken",
        "activities/4.fit": fit_run(START + DAY),
        "activities/5.fit.gz": b"\x1f\x8b\x08 nonsense",
        "readme.txt": b"hello there",
        "activities/6.fit": fit_settings(),
        "activities/7.fit": fit_run(START + DAY),
    }
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of(members))
    for workers in (1, 2):
        history = import_history([path], kb=kb, workers=workers)
        found = outcomes(history)
        assert len(history.runs) == 2
        assert found["activities/1.fit"] is FileState.READ_DAMAGED
        assert found["activities/2.fit"] is FileState.NOT_AN_ACTIVITY
        assert found["activities/3.gpx"] in (FileState.REFUSED, FileState.NOTHING_IN_IT, FileState.NOT_AN_ACTIVITY)
        assert found["activities/4.fit"] is FileState.READ
        assert found["activities/5.fit.gz"] is FileState.NOT_AN_ACTIVITY
        assert found["activities/6.fit"] is FileState.NOTHING_IN_IT
        assert found["activities/7.fit"] is FileState.DUPLICATE
        assert all(outcome.reason for outcome in history.report.problems if outcome.state is FileState.REFUSED)


def test_a_zip_cut_off_while_downloading_gives_what_is_there(kb, tmp_path, strava):
    data = strava.read_bytes()
    path = tmp_path / "cut.zip"
    path.write_bytes(data[: int(len(data) * 0.8)])
    history = import_history([path], kb=kb, workers=1)
    assert history.runs[0].format == "fit"
    assert "cut_archive" in {outcome.code for outcome in history.report.files}


def test_a_reader_that_fails_costs_one_file_and_its_words_stay_inside(kb, monkeypatch):
    from soleus.readers import registry

    def explode(_data):
        raise RuntimeError(f"died on {EMAIL}")

    monkeypatch.setattr(registry, "READERS", {**registry.READERS, "fit": explode})
    done = read_task(Task(index=0, label="x", data=fit_run()), Settings(knowledge=kb.training))
    assert done.refused == ("reader_failed", "could not be read (RuntimeError)")


def test_a_crashing_worker_costs_one_file(kb, monkeypatch):
    from soleus.readers import registry

    parent = os.getpid()
    real = registry.READERS["fit"]

    def crash(data):
        if os.getpid() != parent and b"CRASH" in data:
            os._exit(1)
        return real(data)

    monkeypatch.setattr(registry, "READERS", {**registry.READERS, "fit": crash})
    assert threading.active_count() == 1, "the workers are forked, so that they see the crashing reader"
    pool = Pool(Settings(knowledge=kb.training), 2)
    done = []
    for n in range(6):
        data = fit_run(START + n * DAY) + (b"CRASH" if n == 3 else b"")
        done += pool.submit(Task(index=n, label=str(n), data=data))
    done += pool.finish()
    pool.close()
    assert sorted(d.index for d in done) == list(range(6))
    assert {d.index: d.refused[0] for d in done if d.refused} == {3: "crashed"}
    assert sum(len(d.runs) for d in done) == 5


def test_several_processes_give_the_same_history(kb, strava, garmin):
    alone = import_history([strava, garmin], kb=kb, workers=1)
    together = import_history([strava, garmin], kb=kb, workers=2)
    assert together == alone
    assert 1 <= default_workers() <= 8


def test_workers_are_started_afresh_beside_other_threads(kb, strava):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert len(import_history([strava], kb=kb, workers=2).runs) == 3
    finally:
        stop.set()
        thread.join()


# Progress and cancelling -------------------------------------------------------------------------------------------


def test_progress_counts_real_files_and_bytes(kb, strava):
    seen = []
    import_history([strava], kb=kb, workers=1, progress=seen.append)
    assert [p.files_done for p in seen] == list(range(1, len(seen) + 1))
    assert all(a.share <= b.share for a, b in pairwise(seen))
    assert seen[-1].bytes_total == strava.stat().st_size
    assert seen[-1].files_done == seen[-1].files_found
    assert seen[-1].runs == 2


def test_a_cancelled_import_keeps_what_it_has_and_can_be_taken_up_again(kb, tmp_path):
    files = {f"{n}.fit": fit_run(START + n * DAY) for n in range(6)}
    path = strava_zip(tmp_path / "x.zip", files, strava_csv([]))
    store = RunnerStore(tmp_path / "store")
    seen = []
    cut = import_history(
        [path], kb=kb, workers=1, store=store, progress=seen.append, cancelled=lambda: len(seen) >= 4
    )  # fmt: skip
    assert cut.report.cancelled
    assert 0 < len(cut.runs) < 6
    whole = import_history([path], kb=kb, workers=1, store=store)
    assert len(whole.runs) == 6
    assert not whole.report.cancelled


def test_streams_and_single_files_are_taken_too(kb, tmp_path):
    path = tmp_path / "a run.fit"
    path.write_bytes(fit_run())
    assert len(import_history(path, kb=kb, workers=1).runs) == 1
    assert len(import_history([io.BytesIO(zip_of({"1.fit": fit_run()}))], kb=kb, workers=1).runs) == 1
    gone = import_history([tmp_path / "gone.zip"], kb=kb, workers=1)
    assert [(o.state, o.code) for o in gone.report.files] == [(FileState.REFUSED, "unreadable")]


# Privacy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sealed", [False, True])
def test_nothing_that_names_the_person_is_stored_logged_or_reported(
    kb, tmp_path, capfd, caplog, strava, garmin, sealed
):
    caplog.set_level(logging.DEBUG)
    bad = tmp_path / f"{EMAIL} {TITLE}.zip"
    bad.write_bytes(
        zip_of({f"{EMAIL}_12.fit": fit_run(START + 5 * DAY)[:80], f"{TITLE}.gpx": b"<gpx", f"../{EMAIL}.fit": b"x"})
    )
    key = bytes(range(1, 256))

    def flip(data: bytes) -> bytes:
        return bytes(b ^ key[i % 255] for i, b in enumerate(data))

    store = RunnerStore(tmp_path / "store", flip, flip) if sealed else RunnerStore(tmp_path / "store")
    history = import_history([strava, garmin, bad, tmp_path / f"{EMAIL}.gone"], kb=kb, workers=1, store=store)
    again = import_history([strava, garmin, bad], kb=kb, workers=2, store=store)
    assert len(history.runs) == len(again.runs) >= 4
    out, err = capfd.readouterr()
    stored = b"".join(p.read_bytes() for p in (tmp_path / "store").rglob("*") if p.is_file())
    told = "\n".join([out, err, caplog.text, repr(history), repr(again)])
    names = "\n".join(str(p.relative_to(tmp_path)) for p in (tmp_path / "store").rglob("*"))
    for canary in CANARIES:
        assert canary.lower() not in told.lower()
        assert canary.lower() not in names.lower()
        assert canary.lower().encode() not in stored.lower()
    if sealed:
        assert b"PAR1" not in stored


def test_reports_say_which_file_without_saying_whose(kb, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of({f"{EMAIL}_123456.fit": fit_run()[:300], f"{TITLE} 2024-05-01.gpx": b"<gpx"}))
    labels = [outcome.label for outcome in import_history([path], kb=kb, workers=1).report.files]
    assert labels == ["…123456.fit (file 1)", "…2024-05-01.gpx (file 2)"]


def test_the_csv_module_reads_what_our_table_writer_wrote():
    rows = list(csv.reader(io.StringIO(strava_csv([Row(description="a\nb")]))))
    assert len(rows) == 2
    assert json.dumps(rows)
    assert Path(importer_module.__file__).name == "importer.py"
