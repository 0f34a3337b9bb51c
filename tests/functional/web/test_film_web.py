"""R12 and R13 through the test client: guide, film, job, result, heel raise, feet, plan, delete."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.test import Client
from film_files import film_of, heel_recording, run_recording
from journey_walker import CLOT, TENNIS_LEG, Walker
from running_files import posted

from soleus.core.case import Runner
from soleus.core.errors import PoseBackendError
from soleus.core.measurement import Side
from soleus.web.journey import adapter_film, work
from soleus.web.journey.film import jobs, page, store
from soleus.web.journey.film.forms import HandCount
from soleus.web.journey.models import FilmJob, FilmRecord
from soleus.web.journey.planning import store as plans

AGREE = {"consent": "yes"}


@pytest.fixture(autouse=True)
def inline(settings: Any) -> None:
    settings.JOBS_INLINE = True


@pytest.fixture
def runner(walker: Walker) -> Walker:
    """Somebody who has finished the check."""
    return walker.to_result(TENNIS_LEG)


@pytest.fixture
def tested(runner: Walker, monkeypatch: pytest.MonkeyPatch) -> Walker:
    """… and whom nothing bars from the heel-raise test."""
    monkeypatch.setattr(adapter_film, "self_test_reasons", lambda *_: [])
    return runner


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pose network that sees a made-up runner in every film; the drawing of the clip is left out."""
    monkeypatch.setattr(adapter_film, "is_ready", lambda: True)
    monkeypatch.setattr(adapter_film, "record", lambda *_, **__: run_recording())
    monkeypatch.setattr(adapter_film, "draw", lambda *_: b"0123456789")


def check_id(walker: Walker) -> str:
    return str(walker.client.session["check"]["id"])


def send(walker: Walker, path: str, data: bytes = b"film", name: str = "run.mp4", **fields: str) -> Walker:
    return walker.post(path, {"check": check_id(walker), "film": posted(name, data), **AGREE, **fields})


def left_on_disk() -> list[Path]:
    return list(Path(live.FILE_UPLOAD_TEMP_DIR).iterdir())


# --- R12 ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/film/", "/film/send/side/", "/film/send/back/", "/film/delete/", "/feet/"])
def test_pages_before_any_film(runner: Walker, path: str) -> None:
    runner.get(path)
    assert runner.response.status_code == 200
    assert runner.path == path


def test_the_guide_never_sends_an_injured_leg_to_run(runner: Walker) -> None:
    runner.get("/film/")
    assert "Do not run for the film now" in runner.text


def test_without_a_finished_check_nobody_is_told_to_run(walker: Walker) -> None:
    walker.about().get("/film/")
    assert "Do not run for the film if running hurts" in walker.text


def test_an_emergency_comes_before_any_film_or_test(walker: Walker) -> None:
    walker.to_result(CLOT)
    for path in ("/film/", "/film/send/side/", "/heel-raise/", "/heel-raise/count/left/", "/heel-raise/film/left/"):
        walker.get(path)
        assert "Get help first" in walker.text, path
        assert "<video" not in walker.text


def test_a_film_becomes_metrics_and_is_deleted(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/", speed="10,8", ground="treadmill")
    assert runner.path == "/film/shows/side/"
    assert "steps a minute" in runner.text
    assert "<video" in runner.text
    assert "Your own picture is not in it" in runner.text
    assert not left_on_disk()
    kept = store.load(check_id(runner), "run_side")
    assert kept is not None
    assert not kept.shows_person
    report = store.gait_of(check_id(runner))
    assert report is not None
    assert report.speed_mps == pytest.approx(3.0)


def test_the_film_itself_is_kept_only_by_choice(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/", keep="yes")
    assert "Your film with what we found drawn on it" in runner.text
    runner.post("/film/clip/side/delete/", {"check": check_id(runner)})
    assert runner.path == "/film/shows/side/"
    assert "<video" not in runner.text
    assert "steps a minute" in runner.text
    assert runner.client.get("/film/clip/side.mp4").status_code == 404


def test_without_agreement_nothing_is_read(runner: Walker, seen: None) -> None:
    runner.post("/film/send/side/", {"check": check_id(runner), "film": posted("run.mp4", b"film"), "speed": "fast"})
    assert runner.response.status_code == 422
    assert "Tick the box when you agree" in runner.text
    assert "Write the speed in km/h as a number" in runner.text
    assert FilmJob.objects.count() == 0
    assert not left_on_disk()


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"slow": "7"}, "slow motion"), ({"speed": "99"}, "between 4 and 30"), ({"speed": "1"}, "between 4 and 30")],
)
def test_odd_answers_about_the_film_are_refused(runner: Walker, seen: None, fields: dict[str, str], said: str) -> None:
    send(runner, "/film/send/side/", **fields)
    assert runner.response.status_code == 422
    assert said in runner.text


def test_no_film_at_all_and_an_empty_one(runner: Walker, seen: None) -> None:
    runner.post("/film/send/side/", {"check": check_id(runner), **AGREE})
    assert "Choose a film, or record one" in runner.text
    send(runner, "/film/send/side/", data=b"")
    assert runner.response.status_code == 422
    assert not left_on_disk()


def test_a_film_that_is_too_large_is_refused_in_words(runner: Walker, seen: None, settings: Any) -> None:
    settings.FILM_MAX_BYTES = 1000
    send(runner, "/film/send/side/", data=b"x" * 5000)
    assert "Choose a shorter film" in runner.text
    send(runner, "/film/send/side/", data=b"x" * 200_000)
    assert runner.response.status_code == 413
    assert "ten seconds are enough" in runner.text


@pytest.mark.parametrize("data", [b"%PDF-1.7 not a film", b"\x00" * 5000], ids=["pdf", "zeros"])
def test_what_is_no_film_is_told_with_what_to_do(runner: Walker, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")
    monkeypatch.setattr(adapter_film, "is_ready", lambda: True)
    send(runner, "/film/send/side/", data=data)
    assert runner.path == "/film/reading/"
    assert "We could not read this film" in runner.text
    assert "Your answers are kept" in runner.text
    assert not left_on_disk()


@pytest.mark.skipif(not adapter_film.is_ready(), reason="the weights of the pose network are not installed")
def test_a_film_without_a_runner_is_refused_with_a_picture(runner: Walker) -> None:
    send(runner, "/film/send/side/", data=film_of())
    assert runner.path == "/film/shows/side/"
    assert "What to do:" in runner.text
    assert "<svg" in runner.text
    assert not left_on_disk()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (PoseBackendError("no weights"), "This server cannot read films"),
        (RuntimeError("secret 4711"), "Something went wrong on our side"),
    ],
)
def test_failures_are_told_and_leave_nothing(
    runner: Walker, seen: None, failure: Exception, said: str, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(adapter_film, "record", fail)
    with caplog.at_level(logging.INFO):
        send(runner, "/film/send/side/", name="Anna Canary.mp4")
    assert said in runner.text
    assert not left_on_disk()
    assert "4711" not in caplog.text
    assert "Canary" not in caplog.text


def test_stopping_deletes_the_film(runner: Walker, seen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(path: Path, slot: str, wishes: object, *, progress: Any, cancelled: Any) -> None:
        progress(1, 100)
        jobs.cancel(check_id(runner))
        assert cancelled() or True
        raise work.Cancelled

    monkeypatch.setattr(adapter_film, "record", stopped)
    send(runner, "/film/send/side/")
    assert runner.path == "/film/reading/"
    assert "Stopped" in runner.text
    assert not left_on_disk()
    assert store.load(check_id(runner), "run_side") is None


def test_a_film_that_cannot_be_queued_is_deleted_at_once(
    runner: Walker, seen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("no more threads")

    monkeypatch.setattr(work, "submit", full)
    with pytest.raises(RuntimeError, match="no more threads"):
        send(runner, "/film/send/side/")
    assert not left_on_disk()


def test_what_is_deleted_while_it_is_written_does_not_come_back(
    runner: Walker, seen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = store.save

    def deleted_meanwhile(owner: str, *given: Any, **more: Any) -> None:
        store.delete(owner)
        save(owner, *given, **more)

    monkeypatch.setattr(store, "save", deleted_meanwhile)
    send(runner, "/film/send/side/")
    assert FilmRecord.objects.count() == 0
    assert not left_on_disk()


def test_a_restart_fails_what_was_under_way(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    FilmJob.objects.update(state=FilmJob.State.RUNNING)
    jobs.recover()
    runner.get("/film/reading/")
    assert "The server was started again" in runner.text


def test_progress_is_shown_by_picture(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    FilmJob.objects.update(state=FilmJob.State.RUNNING, step="reading", frames_done=120, frames_total=360)
    runner.get("/film/reading/")
    assert "Picture 120 of 360" in runner.text
    assert 'value="33"' in runner.text
    runner.post("/film/reading/", {"check": check_id(runner)})
    assert FilmJob.objects.get().cancel_asked


def test_a_second_film_tells_what_changed(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    send(runner, "/film/send/side/")
    kept = store.load(check_id(runner), "run_side")
    assert kept is not None
    assert kept.before is not None
    assert FilmRecord.objects.count() == 1


# --- whose film it is --------------------------------------------------------------------------------------------
def test_nobody_else_sees_the_film(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    stranger = Walker(Client())
    assert stranger.client.get("/film/clip/side.mp4").status_code == 302
    stranger.to_result(TENNIS_LEG)
    assert stranger.client.get("/film/clip/side.mp4").status_code == 404
    stranger.get("/film/shows/side/")
    assert stranger.path == "/film/send/side/"
    row = FilmRecord.objects.get()
    assert b"cadence" not in bytes(row.sealed_result)
    assert check_id(runner) not in row.owner


def test_the_player_gets_the_part_it_asks_for(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    for asked, got, where in (("bytes=2-4", b"234", "2-4"), ("bytes=7-", b"789", "7-9"), ("bytes=-2", b"89", "8-9")):
        answer = runner.client.get("/film/clip/side.mp4", headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, got)
        assert answer.headers["Content-Range"] == f"bytes {where}/10"
    assert runner.client.get("/film/clip/side.mp4", headers={"Range": "bytes=50-60"}).status_code == 416
    whole = runner.client.get("/film/clip/side.mp4", headers={"Range": "nonsense"})
    assert (whole.status_code, whole.content) == (200, b"0123456789")


def test_only_film_pages_may_ask_for_the_camera(runner: Walker) -> None:
    assert "camera=(self)" in runner.client.get("/film/send/side/").headers["Permissions-Policy"]
    for path in ("/result/", "/running/", "/"):
        policy = runner.client.get(path).headers["Permissions-Policy"]
        assert "camera=()" in policy
        assert "microphone=()" in policy


def test_download_and_delete(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    body = runner.client.get("/film/soleus-films.json").json()
    assert body["run_side"]["kind"] == "gait"
    runner.post("/film/delete/", {"check": check_id(runner)})
    assert FilmRecord.objects.count() == 0
    assert FilmJob.objects.count() == 0
    assert runner.client.get("/film/soleus-films.json").status_code == 302


def test_ending_the_check_deletes_the_films(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    runner.post("/delete/", {})
    assert FilmRecord.objects.count() == 0


def test_what_cannot_be_read_again_is_as_if_it_were_not_there(runner: Walker, seen: None) -> None:
    send(runner, "/film/send/side/")
    FilmRecord.objects.update(sealed_result=b"damaged", sealed_clip=b"damaged")
    assert store.load(check_id(runner), "run_side") is None
    assert store.clip_of(check_id(runner), "run_side") is None
    runner.get("/result/")
    assert runner.response.status_code == 200


# --- R13 ---------------------------------------------------------------------------------------------------------
def test_the_test_waits_for_the_answers(walker: Walker) -> None:
    walker.about().get("/heel-raise/")
    assert walker.path != "/heel-raise/"
    assert "A few questions first" in walker.text


def test_a_fresh_strain_is_not_tested(runner: Walker) -> None:
    for path in ("/heel-raise/", "/heel-raise/count/left/", "/heel-raise/film/right/"):
        runner.get(path)
        assert "The heel-raise test waits" in runner.text
        assert "<form" not in runner.text.split("<main")[1]
    runner.post("/heel-raise/count/left/", {"reps": "20", "pain": "0", "stopped": "tired"})
    assert store.heel_sets(check_id(runner)) == {}


def test_a_failing_safety_check_bars_the_test(runner: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise RuntimeError

    monkeypatch.setattr(adapter_film, "self_test_reasons", fail)
    runner.get("/heel-raise/")
    assert "The heel-raise test waits" in runner.text


def count(walker: Walker, side: str, reps: str, pain: str = "0") -> Walker:
    fields = {"check": check_id(walker), "reps": reps, "pain": pain, "stopped": "tired"}
    return walker.post(f"/heel-raise/count/{side}/", fields)


def test_both_legs_by_hand_reach_the_plan(tested: Walker) -> None:
    leg = tested.client.session["check"]["leg"]
    other = "left" if leg == "right" else "right"
    count(tested, other, "24")
    count(tested, leg, "12", pain="1")
    assert tested.path == "/heel-raise/result/"
    assert "12" in tested.text
    measures = tested.client.session["check"]["goals"]["measures"]
    assert measures["slhr_reps"]["value"] == 12
    assert measures["slhr_reps"]["pain"] == 1
    assert measures["slhr_lsi_pct"]["value"] == pytest.approx(50, abs=0.5)
    tested.post("/film/delete/", {"check": check_id(tested)})
    assert "slhr_reps" not in tested.client.session["check"]["goals"]["measures"]


def test_a_test_that_hurt_and_could_not_be_counted_closes_what_an_earlier_one_opened(
    tested: Walker, seen: None
) -> None:
    leg = tested.client.session["check"]["leg"]
    count(tested, leg, "30")
    assert tested.client.session["check"]["goals"]["measures"]["slhr_reps"]["value"] == 30
    send(tested, f"/heel-raise/film/{leg}/", pain="6")  # a run: not counted
    measures = tested.client.session["check"]["goals"]["measures"]
    assert "slhr_reps" not in measures
    assert measures["slhr_pain_nrs"]["value"] == 6


def test_a_test_counts_before_anybody_looked_at_its_result(tested: Walker) -> None:
    check, leg = check_id(tested), tested.client.session["check"]["leg"]
    tested.get("/plan/")
    before = plans.load(check)
    hurt = HandCount(reps=20, pain_nrs=8, stopped="pain")
    counted = adapter_film.count_by_hand(f"heel_{leg}", hurt, Runner(), date.today())  # noqa: DTZ011
    store.save(check, f"heel_{leg}", counted, keep_s=3600)
    tested.get("/plan/")
    after = plans.load(check)
    assert before is not None
    assert after is not None
    assert after.plan.revision == before.plan.revision + 1
    assert ("slhr_reps", 8) in [(item.measure, item.pain_nrs) for item in after.plan.goals.measures]


def test_legs_tested_weeks_apart_are_not_set_side_by_side(tested: Walker) -> None:
    leg = tested.client.session["check"]["leg"]
    other = "left" if leg == "right" else "right"
    count(tested, other, "24")
    slot = f"heel_{other}"
    kept = store.load(check_id(tested), slot)
    assert kept is not None
    store.save(check_id(tested), slot, replace(kept, on=kept.on - timedelta(days=30)), keep_s=3600)
    count(tested, leg, "12")
    measures = tested.client.session["check"]["goals"]["measures"]
    assert measures["slhr_reps"]["value"] == 12
    assert "slhr_lsi_pct" not in measures


@pytest.mark.parametrize(("pain", "warned"), [("2", False), ("3", True)])
def test_a_test_that_hurt_is_not_to_be_done_again(tested: Walker, pain: str, warned: bool) -> None:
    count(tested, "left", "9", pain=pain)
    assert ("leave this test out for now" in tested.text) is warned
    assert ("see a doctor or a physiotherapist today" in tested.text) is warned


def test_looking_at_a_test_again_does_not_bring_old_strength_back(tested: Walker) -> None:
    leg = tested.client.session["check"]["leg"]
    count(tested, leg, "30")
    later = {"value": 4.0, "pain": 6.0, "on": "2999-01-01"}
    session = tested.client.session
    session["check"] = {**session["check"], "goals": {"measures": {"slhr_reps": later}}}
    session.save()
    tested.get("/heel-raise/result/")
    assert tested.client.session["check"]["goals"]["measures"]["slhr_reps"] == later
    tested.post("/film/delete/", {"check": check_id(tested)})
    assert tested.client.session["check"]["goals"]["measures"] == {"slhr_reps": later}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Write how many heel raises you did"),
        ({"reps": "many", "pain": "0", "stopped": "tired"}, "as a number"),
        ({"reps": "3.5", "pain": "0", "stopped": "tired"}, "Write a whole number"),
        ({"reps": "900", "pain": "0", "stopped": "tired"}, "between 0 and 100"),
        ({"reps": "9", "pain": "", "stopped": "tired"}, "Write the worst pain"),
        ({"reps": "9", "pain": "0", "stopped": "bored"}, "Choose why you stopped"),
    ],
)
def test_odd_counts_are_refused(tested: Walker, fields: dict[str, str], said: str) -> None:
    tested.post("/heel-raise/count/left/", {"check": check_id(tested), **fields})
    assert tested.response.status_code == 422
    assert said in tested.text
    assert store.heel_sets(check_id(tested)) == {}


def test_a_filmed_test_is_counted(tested: Walker, seen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter_film, "record", lambda *_, **__: heel_recording(Side.LEFT, 14))
    send(tested, "/heel-raise/film/left/", pain="0", foot="27")
    assert tested.path == "/heel-raise/result/"
    assert "14" in tested.text
    assert "cm" in tested.text
    assert tested.client.get("/film/clip/heel_left.mp4").content == b"0123456789"
    tested.post("/film/clip/heel_left/delete/", {"check": check_id(tested)})
    assert tested.path == "/heel-raise/result/"
    assert tested.client.get("/film/clip/heel_left.mp4").status_code == 404
    assert 'class="chart"' in tested.text or "<svg" in tested.text
    assert not left_on_disk()


def test_a_run_is_no_heel_raise(tested: Walker, seen: None) -> None:
    send(tested, "/heel-raise/film/left/", pain="0")
    assert tested.path == "/heel-raise/result/"
    assert "What to do:" in tested.text
    assert "slhr_reps" not in (tested.client.session["check"]["goals"].get("measures") or {})


# --- feet --------------------------------------------------------------------------------------------------------
def test_foot_checks_are_kept_and_odd_ones_refused(runner: Walker) -> None:
    runner.post("/feet/", {"check": check_id(runner), "wet_print": "flat", "navicular_drop": "12"})
    assert runner.client.session["check"]["goals"]["feet"] == {"wet_print": "flat", "navicular_drop": 12.0}
    runner.post("/feet/", {"check": check_id(runner), "wet_print": "square", "navicular_drop": "900"})
    assert runner.response.status_code == 422
    assert "Choose one of the answers" in runner.text
    assert runner.client.session["check"]["goals"]["feet"]["wet_print"] == "flat"


# --- result ------------------------------------------------------------------------------------------------------
def test_the_result_offers_and_then_tells_films_and_tests(runner: Walker, seen: None) -> None:
    runner.get("/result/")
    assert "Film your run" in runner.text
    send(runner, "/film/send/side/")
    runner.get("/result/")
    assert re.search(r"Films and tests.*steps a minute", runner.text, re.DOTALL)


def test_the_physiotherapist_reads_the_film_in_field_terms(tested: Walker, seen: None) -> None:
    send(tested, "/film/send/side/", speed="10,8")
    count(tested, "left", "11", pain="1")
    tested.get("/physio/case/")
    assert "blazepose" not in tested.text  # a made-up network saw this film
    assert "95 % interval" in tested.text
    assert "steps/min" in tested.text
    assert "Heel" in tested.text
    tested.get("/answers/")
    assert "Films and tests" in tested.text
    assert "11 heel raises, counted by you" in tested.text


def test_films_that_fail_take_no_result_away(runner: Walker, seen: None, monkeypatch: pytest.MonkeyPatch) -> None:
    send(runner, "/film/send/side/")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(adapter_film, "document", fail)
    runner.get("/result/")
    assert runner.response.status_code == 200
    assert "Your films could not be counted" in runner.text
    monkeypatch.setattr("soleus.web.journey.adapter.case_with_films", fail)
    runner.get("/result/")
    assert "Most likely causes" in runner.text


def test_an_effect_that_fails_is_left_out(runner: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise RuntimeError

    monkeypatch.setattr(adapter_film, "effect_lines", fail)
    assert page.effect(None, None) == []  # type: ignore[arg-type]
