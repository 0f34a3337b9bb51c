"""R10 and R11 through the test client: the day, files, table, job, what changed, result, delete."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from journey_walker import CLOT, TENNIS_LEG, Walker
from running_files import gpx_run, posted, spiked_history, zipped

from soleus.web.journey import work
from soleus.web.journey.models import TrainingJob, TrainingRecord
from soleus.web.journey.training import jobs, store

ONSET = datetime.now(tz=UTC).date() - timedelta(days=2)
FIELDS = {"onset-day": str(ONSET.day), "onset-month": str(ONSET.month), "onset-year": str(ONSET.year)}
WEEK = {"km-1": "38", "runs-1": "3", "longest-1": "16", "hilly-1": "yes", "fast-1": "no"}
USUAL = {
    f"{f}-{n}": v for n in range(2, 7) for f, v in (("km", "20"), ("runs", "3"), ("longest", "8"), ("hilly", "no"))
}


@pytest.fixture(autouse=True)
def inline(settings: Any) -> None:
    settings.JOBS_INLINE = True
    settings.IMPORT_WORKERS = 1


@pytest.fixture(scope="module")
def archive() -> bytes:
    return zipped(spiked_history(ONSET))


@pytest.fixture
def runner(walker: Walker) -> Walker:
    """A runner who has finished the check and said on which day it began."""
    walker.to_result(TENNIS_LEG)
    return walker.post("/running/day/", FIELDS)


def send(walker: Walker, *files: tuple[str, bytes]) -> Walker:
    data = {"check": walker.client.session["check"]["id"], "files": [posted(*file) for file in files]}
    return walker.post("/running/upload/", data)


def left_on_disk() -> list[Path]:
    return list(Path(live.FILE_UPLOAD_TEMP_DIR).iterdir())


# --- the day -----------------------------------------------------------------------------------------------------
def test_adding_running_begins_with_the_day(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    assert "Add your running" in walker.text
    walker.get("/running/")
    assert walker.path == "/running/day/"
    walker.post("/running/day/", FIELDS)
    assert walker.path == "/running/"
    assert f"{ONSET.day} {ONSET:%B %Y}" in walker.text
    assert walker.client.session["check"]["onset_on"] == ONSET.isoformat()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Write the day"),
        ({"onset-day": "3", "onset-month": "", "onset-year": "2026"}, "needs a month"),
        ({"onset-day": "31", "onset-month": "2", "onset-year": "2026"}, "no such day"),
        ({"onset-day": "x", "onset-month": "2", "onset-year": "2026"}, "no such day"),
        ({"onset-day": "1", "onset-month": "1", "onset-year": "2999"}, "today or earlier"),
        ({"onset-day": "1", "onset-month": "1", "onset-year": "1931"}, "2000 or later"),
        ({"onset-day": "²", "onset-month": "1", "onset-year": "2026"}, "no such day"),
    ],
)
def test_a_day_that_cannot_be_is_refused(walker: Walker, fields: dict[str, str], said: str) -> None:
    walker.about().post("/running/day/", fields)
    assert walker.response.status_code == 422
    assert walker.title.startswith("Error: ")
    assert said in walker.text
    assert 'role="alert"' in walker.text


def test_month_may_be_a_word_and_year_short(walker: Walker) -> None:
    walker.about().post("/running/day/", {"onset-day": "3", "onset-month": "March", "onset-year": "26"})
    assert walker.client.session["check"]["onset_on"] == "2026-03-03"


def test_the_day_may_be_left_open_and_given_later(walker: Walker, archive: bytes) -> None:
    walker.to_result(TENNIS_LEG).post("/running/day/", {"action": "skip"})
    assert walker.path == "/running/"
    assert "cannot" in walker.text.replace("not say what changed", "cannot")
    send(walker, ("export.zip", archive))
    assert walker.path == "/running/changes/"
    assert "We do not know on which day" in walker.text
    assert "60 activities" in walker.text
    walker.post("/running/day/", FIELDS)
    assert walker.path == "/running/changes/"
    assert 'class="chart"' in walker.text


def test_an_unsure_day_is_said_on_the_report(walker: Walker, archive: bytes) -> None:
    walker.to_result(TENNIS_LEG).post("/running/day/", {**FIELDS, "unsure": "yes"})
    send(walker, ("export.zip", archive))
    assert "You were not sure of the day" in walker.text


def test_emergency_is_not_asked_for_files(walker: Walker) -> None:
    walker.to_result(CLOT).post("/get-help/", {"noted": "checked"})
    walker.get("/running/")
    assert "Get help first" in walker.text
    assert 'type="file"' not in walker.text
    walker.go_on(CLOT)
    assert walker.path == "/result/"
    assert "Add your running" not in walker.text


def test_running_can_be_added_before_the_result_and_holds_nothing_up(walker: Walker, archive: bytes) -> None:
    walker.about().post("/running/day/", FIELDS)
    send(walker, ("export.zip", archive))
    assert walker.path == "/running/changes/"
    assert "Go on with my check" in walker.text
    assert "in 100 runners" not in walker.text, "no causes before the questions are answered"
    walker.go_on(TENNIS_LEG)
    assert walker.path == "/result/"
    assert "This is counted in the result above" in walker.text


# --- files -------------------------------------------------------------------------------------------------------
def test_upload_to_what_changed(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    assert runner.path == "/running/changes/"
    text = runner.text
    assert "14.0 km" in text
    assert text.count("<figure") == 5
    assert text.count("The numbers as a table") >= 2
    assert "Looked for, and not found" in text
    assert "What cannot be told" in text
    assert not left_on_disk(), "the files are gone"
    job = TrainingJob.objects.get()
    assert (job.state, job.files_done, job.runs, job.folder) == ("done", 60, 60, "")
    assert "{" not in re.sub(r"<meta name=\"htmx-config\".*?>", "", text), "a wording parameter was left unfilled"


def test_result_counts_the_running_and_says_so(runner: Walker, archive: bytes) -> None:
    before = runner.get("/result/").text
    send(runner, ("export.zip", archive))
    effect = re.search(r'id="effect".*?</section>', runner.text, re.DOTALL)
    assert effect
    assert re.search(r"from \S+ to \S+ in 100", effect.group())
    after = runner.get("/result/").text
    assert "Your running before the pain" in after
    assert re.findall(r"About \d+ in 100", before) != re.findall(r"About \d+ in 100", after)
    physio = runner.get("/physio/case/").text
    assert "Training before onset" in physio
    assert "session_spike" in physio
    assert runner.client.get("/result/soleus-result.pdf").content.startswith(b"%PDF")


def test_pages_are_free_of_inline_code(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive), ("bad.fit", b"\x0e\x10nothing"))
    for path in ("/running/", "/running/day/", "/running/table/", "/running/changes/", "/running/reading/?files=1"):
        page = runner.client.get(path).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page), path
        assert "Call 999 now." in page
        assert page.count("<h1") == 1


def test_single_files_and_a_bad_one_among_them(runner: Walker) -> None:
    good = [(name, data) for name, data in spiked_history(ONSET, weeks=8).items()]
    send(runner, *good, ("broken.fit", b"\x0e\x10\x00\x00\xff\xff\xff\x7f.FIT garbage"), ("notes.txt", b"hello"))
    assert runner.path == "/running/changes/"
    runner.get("/running/reading/?files=1")
    assert "….fit (file 25)" in runner.text
    assert "The other files are not affected" in runner.text
    response = runner.client.get("/running/soleus-files.csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][0] == "file"
    assert any(row[0] == "….fit (file 25)" and row[2] for row in rows[1:])
    assert "attachment" in response.headers["Content-Disposition"]


def test_no_run_in_the_files_is_said_with_the_reason(runner: Walker) -> None:
    send(runner, ("holiday.zip", zipped({"photo.jpg": b"\xff\xd8\xff", "readme.txt": b"hi"})))
    assert runner.path == "/running/reading/"
    assert "We found no runs in these files" in runner.text
    assert "Try again" in runner.text
    assert TrainingRecord.objects.count() == 0
    assert not left_on_disk()


def test_nothing_chosen_and_an_empty_file_say_what_to_do(runner: Walker) -> None:
    send(runner)
    assert runner.response.status_code == 422
    assert "Choose at least one file" in runner.text
    assert 'href="#files"' in runner.text
    send(runner, ("empty.fit", b""))
    assert runner.response.status_code == 422


def test_too_large_is_refused_before_it_is_read(runner: Walker, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 200_000
    send(runner, ("big.zip", b"x" * 400_000))
    assert runner.response.status_code == 413
    assert "too much at once" in runner.text
    assert "Call 999 now." in runner.text
    send(runner, ("middling.zip", b"x" * 250_000))
    assert runner.response.status_code == 422
    assert "Choose less at once" in runner.text
    assert not left_on_disk()
    assert TrainingJob.objects.count() == 0


def test_too_many_files_are_refused_with_a_reason(runner: Walker, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    send(runner, *[(f"{i}.gpx", b"<gpx/>") for i in range(4)])
    assert runner.response.status_code == 400
    assert "too many files at once" in runner.text


def test_other_pages_take_no_large_posts(walker: Walker) -> None:
    walker.about()
    response = walker.client.post("/about-you/age/", {"age": "4" * 3_000_000})
    assert response.status_code == 413


def test_upload_without_the_token_is_refused(runner: Walker, archive: bytes) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = runner.client.cookies
    response = strict.post("/running/upload/", {"files": posted("a.zip", archive)})
    assert response.status_code == 403
    assert TrainingJob.objects.count() == 0


def test_a_full_queue_asks_to_come_back(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 0)
    send(runner, ("export.zip", archive))
    assert runner.response.status_code == 422
    assert "Try again in a few minutes" in runner.text


def test_a_full_disk_is_said(runner: Walker, archive: bytes, settings: Any) -> None:
    settings.UPLOAD_FREE_BYTES = 10**18
    send(runner, ("export.zip", archive))
    assert "no room on this server" in runner.text


def test_second_upload_adds_and_counts_each_run_once(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    send(runner, ("again.zip", archive), ("extra.gpx", gpx_run(ONSET - timedelta(days=8), 5000)))
    found = store.load(runner.client.session["check"]["id"])
    assert found is not None
    assert found.activities == 61


def test_names_of_files_lead_nowhere_else(runner: Walker, archive: bytes) -> None:
    send(runner, ("../../../../etc/x\\..\\evil.zip", archive))
    assert runner.path == "/running/changes/"
    assert not left_on_disk()


# --- the job -----------------------------------------------------------------------------------------------------
def held(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> jobs.Order:
    """An upload whose job has not begun yet."""
    orders: list[jobs.Order] = []
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "run", orders.append)
        send(runner, ("export.zip", archive))
    return orders[0]


def test_progress_shows_real_counts_and_looks_again_without_script(
    runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = held(runner, archive, monkeypatch)
    assert runner.path == "/running/reading/"
    TrainingJob.objects.update(state="running", step="reading", files_done=412, files_found=1203, runs=398)
    runner.get("/running/reading/")
    assert "Read 412 of 1,203 files" in runner.text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in runner.text
    assert 'data-poll="/running/reading/"' in runner.text
    assert "You can leave this page" in runner.text
    assert "http-equiv" not in runner.get("/running/reading/?still=1").text
    assert "We are reading your files" in runner.get("/result/").text
    jobs.run(order)
    assert runner.get("/running/reading/").path == "/running/changes/"


def test_counts_are_written_while_reading(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    write = jobs._Teller.write

    def spy(self: Any) -> None:
        write(self)
        seen.append(TrainingJob.objects.values_list("files_done", "runs").get())

    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.0)
    monkeypatch.setattr(jobs._Teller, "write", spy)
    send(runner, ("export.zip", archive))
    assert len({done for done, _ in seen}) > 30
    assert seen[-1] == (60, 60)


def test_cancel_stops_and_deletes(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    order = held(runner, archive, monkeypatch)
    assert left_on_disk()
    runner.post("/running/reading/", {"check": runner.client.session["check"]["id"]})
    assert "We stop reading" in runner.text
    jobs.run(order)
    runner.get("/running/reading/")
    assert "Stopped" in runner.text
    assert not left_on_disk()
    assert TrainingRecord.objects.count() == 0


def test_cancel_in_the_middle_keeps_nothing(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    write = jobs._Teller.write
    calls = []

    def stop_soon(self: Any) -> None:
        calls.append(1)
        if len(calls) == 5:
            jobs.cancel(self.order.check_id)
        write(self)

    monkeypatch.setattr(jobs, "WRITE_EVERY_S", 0.0)
    monkeypatch.setattr(jobs._Teller, "write", stop_soon)
    send(runner, ("export.zip", archive))
    job = TrainingJob.objects.get()
    assert job.state == "cancelled"
    assert job.files_done < 20
    assert TrainingRecord.objects.count() == 0
    assert not left_on_disk()


def test_a_crash_is_told_and_leaves_nothing(runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("canary-upload")

    monkeypatch.setattr("soleus.web.journey.adapter_training.read_files", crash)
    send(runner, ("export.zip", archive))
    assert runner.path == "/running/reading/"
    assert "Something went wrong on our side" in runner.text
    assert "Your answers are kept" in runner.text
    assert not left_on_disk()


def test_restart_fails_what_was_under_way_and_empties_the_folder(
    runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(runner, archive, monkeypatch)
    (Path(live.FILE_UPLOAD_TEMP_DIR) / "half.upload").write_bytes(b"x")
    jobs.recover()
    work.empty_uploads()
    assert not left_on_disk()
    runner.get("/running/reading/")
    assert "The server was started again" in runner.text
    assert "Please send them again" in runner.text


def test_the_end_of_the_server_stops_reading_and_leaves_nothing(
    runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = threading.Event()
    closing.set()
    monkeypatch.setattr(work, "_closing", closing)
    send(runner, ("export.zip", archive))
    assert runner.path == "/running/reading/"
    assert "The server was started again" in runner.text
    assert not left_on_disk()
    assert TrainingRecord.objects.count() == 0


# --- table -------------------------------------------------------------------------------------------------------
def test_table_to_what_changed_and_back(runner: Walker) -> None:
    runner.get("/running/table/")
    assert "6 weeks before" in runner.text
    runner.post("/running/table/", {**WEEK, **USUAL})
    assert runner.path == "/running/changes/"
    assert "From your own table of weeks" in runner.text
    assert "38" in runner.text
    runner.get("/running/table/")
    assert 'value="38"' in runner.text
    assert re.search(r'id="hilly-1".*?value="yes" selected', runner.text, re.DOTALL)
    assert "counted in the result" in runner.get("/result/").text


@pytest.mark.parametrize(
    ("fields", "anchor", "said"),
    [
        ({}, "km-1", "at least one week"),
        ({"km-2": "lots"}, "km-2", "as a number"),
        ({"km-2": "-4"}, "km-2", "between 0 and 400"),
        ({"km-2": "NaN"}, "km-2", "between 0 and 400"),
        ({"runs-3": "2.5"}, "runs-3", "whole number"),
        ({"km-1": "10", "longest-1": "12"}, "longest-1", "cannot be longer"),
    ],
)
def test_table_mistakes_are_said_at_the_field(runner: Walker, fields: dict[str, str], anchor: str, said: str) -> None:
    runner.post("/running/table/", fields)
    assert runner.response.status_code == 422
    assert said in runner.text
    assert f'href="#{anchor}"' in runner.text
    assert f'id="{anchor}"' in runner.text


def test_a_partly_empty_table_is_fine(runner: Walker) -> None:
    runner.post("/running/table/", {"km-1": "30,5", "km-3": "20"})
    assert runner.path == "/running/changes/"


def test_table_needs_the_day(walker: Walker) -> None:
    walker.about().get("/running/table/")
    assert walker.path == "/running/day/"


def test_another_day_makes_another_report(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    other = ONSET - timedelta(days=21)
    runner.post(
        "/running/day/", {"onset-day": str(other.day), "onset-month": str(other.month), "onset-year": str(other.year)}
    )
    assert runner.path == "/running/changes/"
    found = store.load(runner.client.session["check"]["id"])
    assert found is not None
    assert found.report is not None
    assert found.report.onset_on == other
    runner.post("/running/table/", {**WEEK, **USUAL}).post("/running/day/", FIELDS)
    assert runner.path == "/running/table/", "the weeks of the table are different ones now"


def test_too_little_history_says_what_cannot_be_told(runner: Walker) -> None:
    send(runner, *spiked_history(ONSET, weeks=2).items())
    assert runner.path == "/running/changes/"
    assert "too little" in runner.text.lower()
    assert "What cannot be told" in runner.text


# --- keeping and deleting ----------------------------------------------------------------------------------------
def test_rows_are_sealed_and_hold_no_clear_text(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive), ("jane.doe@example.org_77.fit", b"junk"))
    row, job = TrainingRecord.objects.get(), TrainingJob.objects.get()
    check_id = runner.client.session["check"]["id"]
    for blob in (bytes(row.sealed_report), bytes(row.sealed_runs), bytes(job.sealed_files)):
        assert blob.startswith(b"gAAAA")
    assert check_id not in (row.owner, job.owner)
    assert "jane.doe" not in runner.get("/running/reading/?files=1").text
    assert store.unpack(store.Kept, bytes(row.sealed_report), "another-check") is None


def test_download_holds_all_that_is_kept(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    response = runner.client.get("/running/soleus-running.json")
    body = json.loads(response.content)
    assert len(body["runs"]) == 60
    assert body["report"]["onset_on"] == ONSET.isoformat()
    assert "lat" not in {key for run in body["runs"] for key in run}


def test_delete_only_the_running(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    assert "Delete your running?" in runner.get("/running/delete/").text
    runner.post("/running/delete/", {})
    assert (TrainingRecord.objects.count(), TrainingJob.objects.count()) == (0, 0)
    assert "counted in the result" not in runner.get("/result/").text


def test_delete_and_a_new_check_take_the_running_along(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    runner.post("/delete/", {})
    assert TrainingRecord.objects.count() == 0
    runner.to_result(TENNIS_LEG).post("/running/day/", FIELDS)
    send(runner, ("export.zip", archive))
    runner.begin()
    assert TrainingRecord.objects.count() == 0


def test_running_follows_the_resume_code(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    runner.post("/save/", {})
    code = re.search(r'class="code">([^<]+)<', runner.text)
    assert code
    assert TrainingRecord.objects.get().expires_at.date() > datetime.now(tz=UTC).date() + timedelta(days=28)
    elsewhere = Walker(Client())
    elsewhere.post("/code/", {"code": code.group(1)})
    assert "counted in the result" in elsewhere.get("/result/").text
    runner.begin()
    assert TrainingRecord.objects.count() == 1, "the code still opens it"


def test_expired_running_is_purged(runner: Walker, archive: bytes) -> None:
    send(runner, ("export.zip", archive))
    past = datetime.now(tz=UTC) - timedelta(minutes=1)
    TrainingRecord.objects.update(expires_at=past)
    TrainingJob.objects.update(expires_at=past)
    assert store.load(runner.client.session["check"]["id"]) is None
    store.purge()
    assert (TrainingRecord.objects.count(), TrainingJob.objects.count()) == (0, 0)


def test_a_failure_in_the_running_leaves_the_result_of_the_answers(
    runner: Walker, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(runner, ("export.zip", archive))

    def crash(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("soleus.web.journey.adapter_training.report_of", crash)
    text = runner.get("/result/").text
    assert "Most likely causes" in text
    assert "Your running could not be counted" in text


def test_the_site_holds_the_style_sheet_of_the_charts() -> None:
    from soleus.exports.charts import CHART_STYLE

    css = (Path(jobs.__file__).parents[1] / "static/soleus/site.css").read_text(encoding="utf-8")
    for rule in CHART_STYLE.strip().splitlines():
        assert rule in css


def test_nothing_is_reachable_before_the_agreement(walker: Walker) -> None:
    walker.begin().post("/emergency-check/", {"emergency": "no"})
    for path in ("/running/", "/running/day/", "/running/table/", "/running/changes/", "/running/reading/"):
        assert walker.get(path).path == "/agreement/"


def test_report_survives_being_stored(runner: Walker, archive: bytes) -> None:
    from soleus.core.training import TrainingReport
    from soleus.web.journey.training.codec import decode, encode

    send(runner, ("export.zip", archive))
    found = store.load(runner.client.session["check"]["id"])
    assert found is not None
    report = found.report
    assert report is not None
    assert decode(TrainingReport, json.loads(json.dumps(encode(report)))) == report
    assert isinstance(report.weeks[0].first_day, date)
