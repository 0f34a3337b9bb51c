"""What must never happen: third parties, inline code, answers in logs or in the clear, guessed codes."""

from __future__ import annotations

import json
import logging
import os
import re
import sqlite3
import stat
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from journey_walker import TENNIS_LEG, Walker

from soleus.web.journey.codes import ALPHABET, new_code, tidy_code
from soleus.web.journey.models import LookupAttempt, SavedCheck
from soleus.web.journey.saved import TRIES_PER_CLIENT
from soleus.web.security import NoHealthData

STATIC = Path(__file__).parents[3] / "src/soleus/web/journey/static/soleus"


def test_every_response_carries_the_strict_headers(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    for path in ("/", "/result/", "/no-such-page", "/sw.js", "/answers/", "/result/soleus-result.pdf"):
        headers = walker.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "camera=()" in headers["Permissions-Policy"]


def test_pages_hold_no_inline_code_and_nothing_foreign(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    for path in ("/", "/where/", "/result/", "/physio/case/", "/offline/"):
        page = walker.get(path).response.content.decode()
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page), path
        for tag in re.findall(r"<(?:script|link|img|iframe|source|object|embed)[^>]*>", page):
            assert "//" not in tag, f"{path}: {tag}"


def test_style_sheet_and_scripts_stay_small_and_load_nothing() -> None:
    css = (STATIC / "site.css").read_text(encoding="utf-8")
    assert len(css.encode()) <= 25 * 1024
    assert "url(" not in css
    assert "@import" not in css
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.js")}
    assert sizes.pop("film.js") <= 10 * 1024  # only on the pages that record or count
    assert sum(sizes.values()) <= 60 * 1024


def test_forged_post_is_refused_with_a_page() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/emergency-check/", {"emergency": "no"})
    assert response.status_code == 403
    assert b"Call 999 now." in response.content


def test_cookies_are_http_only_and_hold_no_answers(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    cookie = walker.client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert re.fullmatch(r"[a-z0-9]{32}", cookie.value)


def test_session_row_is_encrypted(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    row = Session.objects.get()
    assert row.session_data.startswith("gAAAA")
    for word in ("upper_inner_calf", "answers", "sudden_sharp"):
        assert word not in row.session_data


def test_broken_session_row_starts_afresh_instead_of_failing(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    Session.objects.update(session_data="gAAAAnot-a-seal")
    walker.get("/result/")
    assert walker.path == "/"
    assert "no check under way" in walker.text


def test_session_key_changes_when_health_answers_begin(walker: Walker) -> None:
    walker.begin().post("/emergency-check/", {"emergency": "no"})
    before = walker.client.cookies[settings.SESSION_COOKIE_NAME].value
    walker.post("/agreement/", {"who": "self", "use": "yes", "adult": "yes"})
    assert walker.client.cookies[settings.SESSION_COOKIE_NAME].value != before


def test_without_the_tick_answers_are_kept_for_12_hours_with_it_30_days(walker: Walker) -> None:
    walker.agree()
    assert walker.client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 12 * 3600
    walker.begin().post("/emergency-check/", {"emergency": "no"})
    walker.post("/agreement/", {"who": "self", "use": "yes", "adult": "yes", "keep": "yes"})
    assert walker.client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 30 * 24 * 3600


# --- resume codes ------------------------------------------------------------------------------------------------
def test_code_is_readable_and_tolerant_of_typing() -> None:
    code = new_code()
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert not set(ALPHABET) & set("01OILU")
    assert tidy_code(f" {code.lower().replace('-', ' ')} ") == code
    assert tidy_code("AAAA-BBBB") is None
    assert tidy_code("0000-1111-OOOO") is None


def test_saved_check_opens_elsewhere_and_is_unreadable_without_its_code(walker: Walker, client: Client) -> None:
    walker.about().post("/save/", {})
    found = re.search(r'class="code">([^<]+)<', walker.text)
    assert found
    code = found.group(1)
    row = SavedCheck.objects.get()
    assert code not in (row.code_hash, row.sealed)
    assert "upper_inner_calf" not in row.sealed
    walker.go_on(TENNIS_LEG)
    elsewhere = Walker(Client())
    elsewhere.post("/code/", {"code": code.lower()})
    assert elsewhere.path == "/result/", "later answers are in the saved copy too"


def test_wrong_codes_are_refused_and_then_slowed_down(walker: Walker) -> None:
    for _ in range(TRIES_PER_CLIENT):
        walker.post("/code/", {"code": new_code()})
        assert walker.response.status_code == 422
        assert "no check is saved" in walker.text.lower()
    walker.post("/code/", {"code": new_code()})
    assert walker.response.status_code == 429
    assert "wait 15 minutes" in walker.text
    assert LookupAttempt.objects.count() == TRIES_PER_CLIENT
    assert all(len(row.client_hash) == 64 for row in LookupAttempt.objects.all()), "no address is stored"


def test_delete_removes_session_and_saved_copy(walker: Walker) -> None:
    walker.about().post("/save/", {})
    assert SavedCheck.objects.count() == 1
    walker.post("/delete/", {})
    assert "Deleted" in walker.text
    assert SavedCheck.objects.count() == 0
    assert walker.get("/result/").path == "/"


def test_expired_copies_are_purged(walker: Walker) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from soleus.web.journey.saved import purge_expired

    walker.about().post("/save/", {})
    SavedCheck.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    purge_expired()
    assert SavedCheck.objects.count() == 0


# --- logs --------------------------------------------------------------------------------------------------------
CANARY = "canary-7731-swollen"


@pytest.fixture
def written_log():
    """What the server's own log handlers write."""
    text = StringIO()
    loggers = [logging.getLogger(), logging.getLogger("django"), logging.getLogger("soleus")]
    handlers = {h for log in loggers for h in log.handlers if any(isinstance(f, NoHealthData) for f in h.filters)}
    assert handlers
    before = {handler: handler.setStream(text) for handler in handlers}
    yield text
    for handler, stream in before.items():
        handler.setStream(stream)


def test_no_answer_reaches_the_log(walker: Walker, written_log: StringIO, monkeypatch) -> None:
    """Canary strings through every door that logs: bad input, 404, 409, CSRF, a crash with answers in its text."""
    walker.to_result(TENNIS_LEG)
    walker.post("/about-you/age/", {"age": CANARY})
    walker.post("/code/", {"code": CANARY})
    walker.get(f"/{CANARY}/")
    walker.get(f"/question/{CANARY}/")
    walker.post("/question/onset_type/", {"question": CANARY, "value": CANARY})
    Client(enforce_csrf_checks=True).post("/emergency-check/", {"emergency": CANARY})
    Client(SERVER_NAME=f"{CANARY}.example").get("/")

    def crash(*_: object, **__: object) -> None:
        raise RuntimeError(f"answer was {CANARY}")

    monkeypatch.setattr("soleus.web.journey.adapter.assess", crash)
    walker.get("/result/")
    monkeypatch.setattr("soleus.web.journey.views.pages.render", crash)
    client = Client(raise_request_exception=False)
    response = client.get("/about/")
    assert response.status_code == 500
    logging.getLogger("django.db.backends").warning("SELECT %s", CANARY)
    logging.getLogger("some.library").error("posted %s", CANARY, exc_info=ValueError(CANARY))
    assert "RuntimeError" in written_log.getvalue()
    assert CANARY not in written_log.getvalue()
    assert "upper_inner_calf" not in written_log.getvalue()


def test_no_address_on_the_way_to_a_result_carries_an_answer(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    options = {"sudden_sharp", "limp", "1_3d", "upper_inner_calf", "46"}
    assert not [path for path in walker.visited if any(option in path for option in options)]


# --- engine failure ----------------------------------------------------------------------------------------------
def test_engine_failure_still_shows_the_rules_and_says_get_seen(walker: Walker, monkeypatch) -> None:
    walker.to_result(TENNIS_LEG)

    def crash(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("soleus.web.journey.adapter.assess", crash)
    walker.get("/result/")
    assert walker.response.status_code == 200
    assert "Get seen by a professional" in walker.text
    assert "failed on our side" in walker.text
    monkeypatch.setattr("soleus.web.journey.adapter.triage_now", crash)
    assert "Get seen by a professional" in walker.get("/result/").text


def test_differential_failure_keeps_the_care_card(walker: Walker, monkeypatch) -> None:
    walker.to_result(TENNIS_LEG)

    def crash(*_: object, **__: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("soleus.web.journey.views.result.build_result", crash)
    assert "Get seen by a professional" in walker.get("/result/").text


# --- files -------------------------------------------------------------------------------------------------------
def test_case_file_goes_out_and_comes_back(walker: Walker) -> None:
    walker.to_result(TENNIS_LEG)
    response = walker.client.get("/case-file/soleus-case.yaml")
    assert response.headers["Content-Disposition"] == 'attachment; filename="soleus-case.yaml"'
    text = response.content.decode()
    assert "onset_type: sudden_sharp" in text
    other = Walker(Client())
    upload = BytesIO(response.content)
    upload.name = "soleus-case.yaml"
    other.response = other.client.post("/case-file/open/", {"file": upload}, follow=True)
    assert other.response.redirect_chain[-1][0] == "/emergency-check/"
    other.post("/emergency-check/", {"emergency": "no"})
    other.post("/agreement/", {"who": "self", "use": "yes", "adult": "yes"})
    for _ in range(40):
        if other.path == "/result/":
            break
        if other.path == "/about-you/body/":
            other.post(other.path, {"action": "skip"})
        elif other.path == "/where/":
            other.post(other.path, {"leg": "right", "spot": "upper_inner_calf"})
        else:
            other.answer_page(TENNIS_LEG)
    assert other.path == "/result/"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be used"),
        (b"\xff\xfe\x00", "cannot be used"),
        (b"runner: [", "cannot be used"),
        (b"answers: {no_such_finding: true}", "cannot be used"),
        (b"answers: {onset_type: sideways}", "cannot be used"),
        (b"a: &a [1]\nb: [*a, *a]", "cannot be used"),
        (b"x" * 300_000, "smaller file"),
    ],
)
def test_bad_case_file_is_refused_with_a_reason(walker: Walker, content: bytes, said: str) -> None:
    upload = BytesIO(content)
    upload.name = "case.yaml"
    response = walker.client.post("/case-file/open/", {"file": upload})
    if content:
        assert response.status_code == 422
        assert said in response.content.decode()
    else:
        assert response.status_code in (302, 422)


def test_no_file_is_refused(walker: Walker) -> None:
    assert walker.post("/case-file/open/", {}).response.status_code == 422


@pytest.mark.parametrize("path", ["/result/soleus-result.pdf", "/result/soleus-letter.pdf"])
def test_pdf_downloads(walker: Walker, path: str) -> None:
    walker.to_result(TENNIS_LEG)
    response = walker.client.get(path)
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF")
    assert response.headers["Content-Disposition"].startswith("attachment")


# --- settings and server -----------------------------------------------------------------------------------------
def test_secret_key_file_is_private_and_kept(tmp_path: Path, monkeypatch) -> None:
    from soleus.web.data_dir import data_dir, secret_key

    monkeypatch.delenv("SOLEUS_SECRET_KEY", raising=False)
    monkeypatch.setenv("SOLEUS_DATA_DIR", str(tmp_path / "data"))
    folder = data_dir()
    key = secret_key(folder)
    assert len(key) > 60
    assert secret_key(folder) == key
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (folder / "secret.key").write_text("", encoding="ascii")
    assert len(secret_key(folder)) > 60


def test_https_settings_follow_the_environment() -> None:
    code = (
        "from soleus.web import settings as s;"
        "print(s.DEBUG, s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SECURE_HSTS_SECONDS > 0)"
    )
    env = {**os.environ, "SOLEUS_HTTPS": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True", "True", "True"]
    env["SOLEUS_DEBUG"] = "1"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False", "False"]


def test_migrations_are_complete(db) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    assert connection.vendor == "sqlite"
    assert sqlite3.sqlite_version_info >= (3, 27)


def test_state_of_an_unreadable_version_is_dropped(walker: Walker) -> None:
    walker.about()
    session = walker.client.session
    session["check"] = {**session["check"], "version": 99}
    session.save()
    assert walker.get("/result/").path == "/"
    assert json.dumps(session["check"])


@override_settings(DEBUG=False)
def test_unknown_host_is_refused() -> None:
    assert Client(SERVER_NAME="evil.example").get("/").status_code == 400
