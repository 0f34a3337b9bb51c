"""Films, heel-raise tests and their jobs as plain parts for the templates."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import mark_safe

from soleus.core.gait import GaitReport, HeelRaiseReport, HeelRaiseSet
from soleus.core.ids import MeasureId
from soleus.core.measurement import Measurement
from soleus.web.journey import adapter_film
from soleus.web.journey.film import store
from soleus.web.journey.models import FilmJob
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.training.page import chart_rows
from soleus.web.journey.uploads import size_words

log = logging.getLogger("soleus.web")

STEPS = ("reading", "measuring", "drawing", "keeping", "done")
FAILURES = {
    "restart": ("The server was started again while it read your film", "Please send it again."),
    "no_model": (
        "This server cannot read films: the part that finds a runner in a picture is not installed",
        "Count the heel-raise test by hand. For the run, ask whoever looks after this server.",
    ),
    "crash": ("Something went wrong on our side", "Please try again."),
}
FROM_TEST = "heel_raise"
"""Marks a measure that a heel-raise test gave: it goes with the test. What was typed has no mark."""
NAMES = {
    "run_side": "Your run, from the side",
    "run_back": "Your run, from behind",
    "heel_left": "Left leg",
    "heel_right": "Right leg",
}
STOP_WORDS = {
    "tired": "I could not go on",
    "pain": "It hurt",
    "rhythm": "I lost the rhythm",
    "form": "My knee bent or I leaned too much",
}


# --- jobs --------------------------------------------------------------------------------------------------------
def send_url(slot: str) -> str:
    """The page where a film for this slot is chosen."""
    if slot in store.HEEL_SLOTS:
        return reverse("heel_send", args=[slot.removeprefix("heel_")])
    return reverse("film_send", args=[slot.removeprefix("run_")])


def job_steps(job: FilmJob) -> list[dict[str, str]]:
    """The steps with their counts."""
    at = STEPS.index(job.step) if job.step in STEPS else 0
    read = f"Picture {job.frames_done:,}" + (f" of {job.frames_total:,}" if job.frames_total else "")
    titles = [
        (f"Film received ({size_words(job.upload_bytes)})", ""),
        ("Look for you in every picture", f"{read}." if job.frames_done else ""),
        ("Measure", ""),
        ("Draw the figure", ""),
        ("Delete the film, keep what it showed", ""),
    ]
    steps = []
    for number, (title, more) in enumerate(titles):
        state = "done" if number <= at or job.state == FilmJob.State.DONE else "wait"
        if number == at + 1 and job.active:
            state = "now"
        steps.append({"title": title, "more": more, "state": state})
    return steps


def percent(job: FilmJob) -> int:
    return min(100, round(100 * job.frames_done / job.frames_total)) if job.frames_total else 0


def failure(job: FilmJob, check: Check) -> dict[str, str] | None:
    """What failed and what to do, or None."""
    if job.state != FilmJob.State.FAILED:
        return None
    told = store.unseal_text(bytes(job.sealed_problem), check.id)
    if job.error == "film" and told:
        return {"happened": told, "do": ""}
    happened, do = FAILURES.get(job.error, FAILURES["crash"])
    return {"happened": f"{happened}.", "do": do}


# --- what is there -----------------------------------------------------------------------------------------------
def film_rows(check: Check) -> list[dict[str, Any]]:
    """The two views of a run, and what is there of each."""
    rows = []
    for slot in store.RUN_SLOTS:
        kept = store.load(check.id, slot)
        view = slot.removeprefix("run_")
        told = ""
        if kept is not None and isinstance(kept.result, GaitReport):
            told = "We could not measure this film" if kept.result.refusals else "Measured"
        rows.append(
            {
                "name": NAMES[slot],
                "send": reverse("film_send", args=[view]),
                "see": reverse("film_result", args=[view]) if kept is not None else "",
                "told": told,
                "on": kept.on if kept is not None else None,
                "view": view,
            }
        )
    return rows


def heel_rows(check: Check) -> list[dict[str, Any]]:
    """Both legs, the sound one first (it shows what to do), and what is there of each."""
    found = store.heel_sets(check.id)
    slots = list(store.HEEL_SLOTS)
    if check.leg == "left":
        slots.reverse()
    rows = []
    for slot in slots:
        kept = found.get(slot)
        side = slot.removeprefix("heel_")
        rows.append(
            {
                "side": side,
                "name": NAMES[slot],
                "sore": check.leg == side,
                "count": reverse("heel_count", args=[side]),
                "send": reverse("heel_send", args=[side]),
                "told": _heel_words(kept) if kept is not None else "",
                "on": kept.on if kept is not None else None,
                "clip": slot if kept is not None and kept.has_clip else "",
                "shows_person": kept is not None and kept.shows_person,
            }
        )
    return rows


def _heel_words(kept: store.Kept) -> str:
    result = kept.result
    if not isinstance(result, HeelRaiseSet):
        return ""
    if not isinstance(result.count, Measurement):
        return "We could not count this film"
    how = "counted by you" if kept.manual else "on film"
    number = round(result.count.value)
    return f"{number} heel raise{'' if number == 1 else 's'}, {how}"


def drawings(*names: str) -> list[dict[str, Any]]:
    """The drawings of the filming guides, in their order."""
    return [
        {"svg": mark_safe(drawing.svg), "alt": drawing.alt}  # noqa: S308 - drawn by us
        for name in names
        for drawing in adapter_film.guide(name)
    ]


def stop_choices(slugs: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"id": slug, "label": STOP_WORDS[slug]} for slug in slugs]


# --- the reports -------------------------------------------------------------------------------------------------
def document(kept: store.Kept) -> dict[str, Any]:
    """What a film of a run shows, ready for the template."""
    if not isinstance(kept.result, GaitReport):
        raise TypeError("not a film of a run")
    return _ready(adapter_film.document(kept.result), kept.charts)


def heel_document(report: HeelRaiseReport) -> dict[str, Any]:
    shown = adapter_film.heel_document(report)
    return _ready(shown, shown.get("charts", ()))


def _ready(shown: dict[str, Any], charts: Any) -> dict[str, Any]:
    """With charts and pictures that the template may print as they are."""
    for refusal in shown.get("refusals", ()):
        refusal["picture"] = mark_safe(refusal["picture"])  # noqa: S308 - drawn by us
    return {**shown, "charts": [_chart(chart) for chart in charts]}


def _chart(chart: dict[str, Any]) -> dict[str, Any]:
    table = chart["table"]
    return {
        "id": str(chart["id"]).replace("_", "-"),
        "title": chart["title"],
        "sentence": chart["sentence"],
        "note": chart["note"],
        "svg": mark_safe(chart["svg"]),  # noqa: S308 - escaped where it is made
        "caption": table["caption"],
        **chart_rows(table["header"], table["rows"]),
    }


def partial(request: HttpRequest, content: bytes) -> HttpResponse:
    """A film, or the part of it that the player asked for (RFC 9110, one range)."""
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", "").strip())
    response = HttpResponse(content, content_type="video/mp4")
    if asked is not None and (asked[1] or asked[2]):
        size = len(content)
        first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        last = min(size - 1, int(asked[2])) if asked[1] and asked[2] else size - 1
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = HttpResponse(content[first : last + 1], content_type="video/mp4", status=206)
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = 'inline; filename="soleus-film.mp4"'
    return response


def kept_data(check: Check) -> dict[str, Any]:
    """All that is kept about films and tests, as plain data; empty when there is nothing."""
    found: dict[str, Any] = {}
    for slot in store.SLOTS:
        kept = store.load(check.id, slot)
        if kept is not None:
            found[slot] = {**store.plain(kept), "charts": len(kept.charts)}
    if feet := check.goals.get("feet"):
        found["feet"] = feet
    return found


# --- what it means -----------------------------------------------------------------------------------------------
def running_advice(check: Check, on: date, *, finished: bool) -> str:
    """Whether to run for the film at all: yes | no (the plan does not let the leg run now) | unknown."""
    if not finished:
        return "unknown"
    try:
        return adapter_film.running_allowed(check, on)
    except Exception as error:  # noqa: BLE001 - without an answer nobody is sent to run
        log.error("running advice failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return "no"


def heel_raise_barred(check: Check, on: date) -> list[str]:
    """Why the test waits, in words; empty = it may be done."""
    try:
        return adapter_film.self_test_reasons(check, MeasureId("slhr_reps"), on)
    except Exception as error:  # noqa: BLE001 - without an answer nobody is sent to load the leg
        log.error("self-test check failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return ["We could not check whether the test is safe for you now. Ask a physiotherapist first."]


def heel_raise_hurt(check: Check) -> bool:
    """Whether a heel-raise test, counted or not, hurt more than it may."""
    limit = adapter_film.test_pain_limit()
    return any((kept.pain_nrs or 0.0) > limit for kept in store.heel_sets(check.id).values())


def keep_measures(request: HttpRequest, check: Check, today: date) -> None:
    """What the plan's criteria read of the test as it stands: kept beside the small tests that were typed.

    What an earlier test gave goes when a new one cannot be counted; what was typed on the same day or later stays.
    """
    report = adapter_film.heel_report(check)
    if report is None:
        return
    kept = _typed_measures(check)
    for item in report.measures:
        on, typed = (item.on or today).isoformat(), kept.get(str(item.measure))
        if typed is None or typed["on"] < on:
            kept[str(item.measure)] = {"value": item.value, "pain": item.pain_nrs, "on": on, "by": FROM_TEST}
    if kept != (check.goals.get("measures") or {}):
        check.goals["measures"] = kept
        store_check(request, check)


def _typed_measures(check: Check) -> dict[str, Any]:
    """The small tests that the runner typed, without what a heel-raise test gave."""
    return {name: row for name, row in (check.goals.get("measures") or {}).items() if row.get("by") != FROM_TEST}


def drop_measures(request: HttpRequest, check: Check) -> None:
    """Take back what the deleted tests had given the plan."""
    check.goals["measures"] = _typed_measures(check)
    check.goals.pop("feet", None)
    store_check(request, check)


def effect(check: Check, on: date) -> list[str]:
    """What the films moved in result and plan, in sentences; a failure there takes nothing else away."""
    try:
        return adapter_film.effect_lines(check, on)
    except Exception as error:  # noqa: BLE001 - showing less is safer than showing nothing
        log.error("film effect not shown: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return []


def film_part(check: Check) -> dict[str, Any]:
    """What the result and the list of answers say about films and tests."""
    films, heel = film_rows(check), heel_rows(check)
    report = store.gait_of(check.id)
    measured = report is not None and not report.refusals
    told = {row["name"]: row["told"] for row in heel if row["told"]}
    rows = [{"name": row["name"], "told": row["told"], "url": row["see"] or row["send"]} for row in films]
    said = ", ".join(f"{name.lower()}: {words}" for name, words in told.items())
    rows.append({"name": "Heel-raise test", "told": said, "url": reverse("heel_result" if told else "heel")})
    feet = check.goals.get("feet")
    rows.append({"name": "Foot and shoe checks", "told": "Done" if feet else "", "url": reverse("feet")})
    return {
        "any": any(row["told"] for row in rows),
        "heel": [row for row in heel if row["told"]],
        "headline": adapter_film.document(report)["headline"] if measured and report is not None else "",
        "rows": rows,
    }


def clinical_parts(check: Check) -> list[dict[str, Any]]:
    """Every film and test in field terms, for the physiotherapist's page."""
    parts = []
    for slot in store.RUN_SLOTS:
        kept = store.load(check.id, slot)
        if kept is not None and isinstance(kept.result, GaitReport):
            shown = adapter_film.document(kept.result, clinical=True)
            parts.append({**shown, "see": reverse("film_result", args=[slot.removeprefix("run_")])})
    heel = adapter_film.heel_report(check)
    if heel is not None:
        parts.append({**adapter_film.heel_document(heel, clinical=True), "see": reverse("heel_result")})
    return parts
