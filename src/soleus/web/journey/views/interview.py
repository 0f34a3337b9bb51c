"""R5 to R8: where it hurts, safety questions, one question a page, simple tests, the list of answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from soleus.knowledge.base import FindingDefinition, Kind
from soleus.web.journey import adapter, wording
from soleus.web.journey.bodymap import LEGS, OTHER_ZONES, ZONES
from soleus.web.journey.film.page import film_part
from soleus.web.journey.flow import agreed, go_on, next_url, show, stale, tell, today, with_check
from soleus.web.journey.forms import MANY_MARKS, SCALES, UNKNOWN, FormError, Mistakes, read_answer, read_ticks
from soleus.web.journey.pictures import picture_of
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.training.page import running_part

LOCATION, SIDE = str(adapter.LOCATION), str(adapter.SIDE)


def settle(request: HttpRequest, check: Check) -> None:
    """After a change: take out answers that no longer fit, say so, and store."""
    gone = adapter.no_longer_fits(check)
    if gone:
        check.forget(gone)
        names = wording.listed([wording.short(f) for f in gone])
        tell(request, f"Because of this change we took out your answer about: {names}.")
    check.enough = False
    store_check(request, check)


@require_GET
@with_check
def go_on_view(request: HttpRequest, check: Check) -> HttpResponse:
    return go_on(request, check)


@require_http_methods(["GET", "POST"])
@agreed
def where(request: HttpRequest, check: Check) -> HttpResponse:
    """R5: which leg, and the worst spot on the body map."""
    location = check.answers.get(LOCATION)
    context: dict[str, Any] = {
        "back": reverse("body"),
        "zones": ZONES,
        "other_zones": OTHER_ZONES,
        "legs": [{"value": value, "label": label} for value, label, _ in LEGS],
        "form": {"leg": check.leg, "spot": location},
    }
    if request.method == "GET":
        return show(request, "soleus/where.html", context)
    leg, spot = request.POST.get("leg", ""), request.POST.get("spot", "")
    sides = {value: side for value, _, side in LEGS}
    errors = []
    if leg not in sides:
        errors.append(FormError("leg", "Choose which leg hurts"))
    if spot not in {zone.id for zone in (*ZONES, *OTHER_ZONES)}:
        errors.append(FormError("spot", "Choose the worst spot, or “I can’t point to it”", anchor="z1"))
    if errors:
        context |= {"form": {"leg": leg, "spot": spot}}
        return show(request, "soleus/where.html", context, Mistakes(*errors))
    check.leg, check.where_done = leg, True
    check.answer(LOCATION, spot)
    check.answer(SIDE, sides[leg])
    check.page_answered([LOCATION, SIDE])
    settle(request, check)
    return go_on(request, check)


@require_http_methods(["GET", "POST"])
@agreed
def screen(request: HttpRequest, check: Check, screen_id: str) -> HttpResponse:
    """R6, and later pages of several tick boxes: each line is yes, no or not sure."""
    page = adapter.screen_of(check, screen_id)
    if page is None:
        return go_on(request, check)
    changing = "yes" in (request.POST.get("changing"), "yes" if request.GET.get("change") == "1" else "")
    context = {
        "back": reverse("answers") if changing else _address(check.page_before(page.findings, screen_id)),
        "screen": _screen_context(check, page, request),
        "changing": changing,
    }
    if request.method == "GET":
        return show(request, "soleus/screen.html", context)
    if request.POST.get("screen", screen_id) != screen_id:
        return stale(request, "These answers were for another page.")
    if set(request.POST.getlist("item")) != set(page.findings):
        return stale(request, "The questions on this page have changed since you opened it.")
    if any(adapter.is_unsafe_test(check, finding) for finding in page.findings):
        return stale(request, "Your other answers say that a test on this page is not safe for you.")
    if request.POST.get("action") == "skip":
        for finding in page.findings:
            check.skip(finding)
    else:
        try:
            values = read_ticks(page.findings, request.POST)
        except Mistakes as mistakes:
            return show(request, "soleus/screen.html", context, mistakes)
        for finding, value in values.items():
            check.answer(finding, value)
    check.page_answered(page.findings, screen_id)
    return _answered(request, check, changing=changing)


def _answered(request: HttpRequest, check: Check, *, changing: bool) -> HttpResponse:
    """After an answer: help first when it asks for help, back to the list when it was a change, else go on."""
    settle(request, check)
    if changing and not adapter.emergency_open(check, today()):
        return redirect("answers")
    return go_on(request, check)


def _screen_context(check: Check, page: adapter.Screen, request: HttpRequest) -> dict[str, Any]:
    posted = request.POST if request.method == "POST" else None
    done = any(p["screen"] == page.id for p in check.pages)
    items = []
    for finding in page.findings:
        value = check.answers.get(finding)
        marks = posted.getlist(finding) if posted is not None else []
        unsure = finding in check.answers and value is None
        items.append(
            {
                "id": finding,
                "text": wording.sentence(wording.short(finding)),
                "question": wording.question(finding),
                "help": wording.text(f"finding.{finding}.help"),
                "yes": "yes" in marks if posted is not None else value is True,
                "unsure": "unsure" in marks if posted is not None else unsure,
                "picture": picture_of(finding),
            }
        )
    marked = any(item["yes"] or item["unsure"] for item in items)
    answered = done and all(finding in check.answers for finding in page.findings)
    return {
        "id": page.id,
        "title": page.title,
        "legend": page.legend,
        "critical": page.critical,
        "progress": adapter.remaining_words(check.remaining) if check.current_screen == page.id else "",
        "why": check.why if check.current_screen == page.id else "",
        "can_finish": check.stoppable and check.current_screen == page.id,
        "items": items,
        "none": posted.get("none") == "yes" if posted is not None else answered and not marked,
    }


@require_http_methods(["GET", "POST"])
@agreed
def question(request: HttpRequest, check: Check, finding: str) -> HttpResponse:
    """R7: one question. The post names the question it answers, so an old page cannot answer a new question."""
    entry = adapter.definition(finding)
    if entry is None or not adapter.askable(finding):
        raise Http404
    known = finding in check.order or [finding] == check.current
    if request.method == "GET":
        if not known:
            return go_on(request, check)
        changing = request.GET.get("change") == "1"
        return show(request, "soleus/question.html", _question_page(check, entry, request, changing=changing))
    if request.POST.get("question", finding) != finding or not known:
        return stale(request, "This question is not being asked any more.")
    if adapter.is_unsafe_test(check, finding):
        return stale(request, "Your other answers say that this test is not safe for you. Please do not try it.")
    changing = request.POST.get("changing") == "yes"
    if request.POST.get("action") == "skip":
        check.skip(finding)
    else:
        try:
            check.answer(finding, read_answer(entry, request.POST))
        except Mistakes as mistakes:
            page = _question_page(check, entry, request, changing=changing)
            return show(request, "soleus/question.html", page, mistakes)
    check.page_answered([finding])
    return _answered(request, check, changing=changing)


def _question_page(check: Check, entry: FindingDefinition, request: HttpRequest, *, changing: bool) -> dict[str, Any]:
    marks = _marks(check, entry, request)
    offered = check.current == [entry.id]
    return {
        "back": reverse("answers") if changing else _address(check.page_before([entry.id])),
        "q": {
            "id": entry.id,
            "text": wording.question(entry.id),
            "help": wording.text(f"finding.{entry.id}.help"),
            "why": wording.text(f"finding.{entry.id}.why"),
            "why_now": check.why if offered else "",
            "input": _input_of(entry),
            "options": _options(entry, marks),
            "value": next(iter(marks), ""),
            "unknown": UNKNOWN in marks,
            "picture": picture_of(entry.id),
            "changing": changing,
            "progress": adapter.remaining_words(check.remaining) if offered and not changing else "",
            "can_finish": offered and not changing and check.stoppable,
        },
    }


def _marks(check: Check, entry: FindingDefinition, request: HttpRequest) -> list[str]:
    """What is ticked when the page is shown: what was just posted, else the answer given before."""
    if request.method == "POST":
        return request.POST.getlist("value")
    if entry.id not in check.answers:
        return []
    value = check.answers[entry.id]
    if value is None:
        return [UNKNOWN]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def _input_of(entry: FindingDefinition) -> str:
    if entry.id in SCALES:
        return "scale"
    if entry.kind in (Kind.INTEGER, Kind.NUMBER):
        return "number"
    return "many" if entry.id in MANY_MARKS else "one"


def _options(entry: FindingDefinition, marks: list[str]) -> list[dict[str, Any]]:
    if entry.id in SCALES:
        choices = [(str(n), str(n)) for n in range(11)]
    elif entry.kind is Kind.BOOLEAN:
        choices = [("yes", "Yes"), ("no", "No")]
    else:
        choices = [(option, wording.sentence(wording.option(entry.id, option))) for option in entry.options]
    options = [
        {
            "value": value,
            "label": label,
            "dom": "value" if n == 0 else f"value-{value}".replace("_", "-"),
            "checked": value in marks,
        }
        for n, (value, label) in enumerate(choices)
    ]
    if entry.id not in SCALES and entry.kind in (Kind.BOOLEAN, Kind.CHOICE) and UNKNOWN not in entry.options:
        options.append(
            {
                "value": UNKNOWN,
                "label": "I don’t know",
                "dom": "value-unknown",
                "checked": UNKNOWN in marks,
                "apart": entry.kind is Kind.CHOICE,
            }
        )
    return options


def _address(page: dict[str, Any] | None) -> str:
    """Where an answered page is."""
    if page is None or LOCATION in page["items"]:
        return reverse("where")
    if page["screen"]:
        return reverse("screen", args=[page["screen"]])
    return reverse("question", args=[page["items"][0]])


def _address_of(check: Check, finding: str) -> str:
    """Where a finding is asked: its own page, its page of ticks, or the body map."""
    if finding in (LOCATION, SIDE):
        return reverse("where")
    screen_id = adapter.screen_with(check, finding)
    return reverse("screen", args=[screen_id]) if screen_id else reverse("question", args=[finding])


@require_http_methods(["GET", "POST"])
@agreed
def tests(request: HttpRequest, check: Check) -> HttpResponse:
    """R8: offer the simple tests."""
    if request.method == "POST":
        choice = request.POST.get("tests")
        if choice in {"yes", "no"}:
            check.tests = choice
            store_check(request, check)
            return go_on(request, check)
    return render(request, "soleus/tests_intro.html", {"back": _address(check.pages[-1] if check.pages else None)})


@require_POST
@agreed
def enough(request: HttpRequest, check: Check) -> HttpResponse:
    """Stop asking: the runner wants the result now."""
    check.enough = True
    store_check(request, check)
    return redirect(next_url(request, check))


@require_POST
@agreed
def more(request: HttpRequest, check: Check) -> HttpResponse:
    """From the result back to the questions that were skipped, stopped, or left out as tests."""
    check.enough, check.tests = False, "" if check.tests == "no" else check.tests
    check.forget(list(check.skipped))
    store_check(request, check)
    address = next_url(request, check)
    if address == reverse("result"):
        tell(request, "We have asked enough: more questions would hardly change the result.")
    return redirect(address)


@require_GET
@agreed
def answers(request: HttpRequest, check: Check) -> HttpResponse:
    """All that was said, each with a way to change it."""
    about = [_row("Age", f"{check.age_years} years", reverse("age"))] if check.age_done else []
    if check.sex_done:
        words = {"female": "Female", "male": "Male", "prefer_not": "Prefer not to say"}[check.sex]
        about.append(_row("Sex registered at birth", words, reverse("sex")))
    if check.body_done:
        size = f"{check.height_cm:g} cm, " if check.height_cm else ""
        size += f"{check.weight_kg:g} kg" if check.weight_kg else ""
        about.append(_row("Height and weight", size.strip(", ") or "Left out", reverse("body")))
    safety_rows, other_rows = [], []
    for finding in check.order:
        entry = adapter.definition(finding)
        if entry is None or finding == SIDE:
            continue
        said = "Skipped" if finding in check.skipped else wording.answer(entry, _frozen(check.answers.get(finding)))
        address = _address_of(check, finding)
        if finding == LOCATION:
            legs = {value: label for value, label, _ in LEGS}
            spots = {zone.id: zone.label for zone in (*ZONES, *OTHER_ZONES)}
            said = f"{legs.get(check.leg, '')}: {spots.get(str(check.answers.get(finding)), said)}"
            about.append(_row("Where it hurts most", said, address))
        elif entry.critical_screen:
            safety_rows.append(_row(wording.question(finding), said, f"{address}?change=1"))
        else:
            other_rows.append(_row(wording.question(finding), said, f"{address}?change=1"))
    groups = [("About you", about), ("Safety questions", safety_rows), ("Your leg and your running", other_rows)]
    finished = check.where_done and next_url(request, check) == reverse("result")
    return render(
        request,
        "soleus/answers.html",
        {
            "groups": [{"title": t, "rows": r} for t, r in groups if r],
            "finished": finished,
            "running": None if adapter.is_emergency(check) else running_part(check),
            "films": None if adapter.is_emergency(check) else film_part(check),
        },
    )


def _frozen(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _row(question_text: str, answer: str, url: str) -> dict[str, str]:
    return {"question": question_text, "answer": answer, "url": url}
