"""R13: the heel-raise test, on film or counted by hand with a metronome; and the checks of foot and shoe."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from soleus.core.measurement import Side
from soleus.web.journey import adapter, adapter_film
from soleus.web.journey.film import feet, jobs, page, store
from soleus.web.journey.film.forms import STOPS, read_count, read_heel_wishes, typed
from soleus.web.journey.flow import agreed, may_see_result, next_url, show, tell, today
from soleus.web.journey.forms import Mistakes
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.views.film import film_room, take_film
from soleus.web.journey.views.training import keep_s

SIDES = tuple(side.value for side in Side)


def _guard(request: HttpRequest, check: Check) -> HttpResponse | None:
    """The test loads the calf: only after the result, and only where nothing forbids it today."""
    if adapter.is_emergency(check):
        return render(request, "soleus/film_help_first.html", {"back": reverse("continue"), "what": "test"})
    if not may_see_result(request, check):
        tell(request, "A few questions first: some answers make this test unsafe.")
        return redirect(next_url(request, check))
    barred = page.heel_raise_barred(check, today())
    if barred:
        context = {"back": reverse("result"), "reasons": barred}
        return render(request, "soleus/heel_wait.html", context)
    return None


@require_GET
@agreed
def intro(request: HttpRequest, check: Check) -> HttpResponse:
    """What the test is, how to do it, and both legs."""
    stopped = _guard(request, check)
    if stopped is not None:
        return stopped
    context = {
        "back": reverse("result"),
        "rows": page.heel_rows(check),
        "drawings": page.drawings("heel_raise"),
        "ready": adapter_film.is_ready(),
    }
    return show(request, "soleus/heel_intro.html", context)


@require_http_methods(["GET", "POST"])
@agreed
def count(request: HttpRequest, check: Check, side: str) -> HttpResponse:
    """The count by hand, with the metronome."""
    if side not in SIDES:
        raise Http404
    stopped = _guard(request, check)
    if stopped is not None:
        return stopped
    context: dict[str, Any] = {"back": reverse("heel"), "side": side, "form": {}, "stops": page.stop_choices(STOPS)}
    if request.method == "GET":
        return show(request, "soleus/heel_count.html", context)
    try:
        counted = read_count(request.POST)
    except Mistakes as mistakes:
        context["form"] = typed(request.POST)
        return show(request, "soleus/heel_count.html", context, mistakes)
    slot = f"heel_{side}"
    store.save(
        check.id,
        slot,
        adapter_film.count_by_hand(slot, counted, check.runner(), today()),
        keep_s=keep_s(request, check),
    )
    page.keep_measures(request, check, today())
    return redirect("heel_result")


@require_http_methods(["GET", "POST"])
@agreed
def send(request: HttpRequest, check: Check, side: str) -> HttpResponse:
    """Choose or record a film of the test of one leg."""
    if side not in SIDES:
        raise Http404
    stopped = _guard(request, check)
    if stopped is not None:
        return stopped
    slot = f"heel_{side}"
    context: dict[str, Any] = {
        "back": reverse("heel"),
        "side": side,
        "form": {},
        "job": jobs.latest(check.id, slot),
        "drawings": page.drawings("heel_raise"),
        **film_room(),
    }
    if request.method == "GET":
        return show(request, "soleus/heel_send.html", context)
    try:
        take_film(request, check, slot, read_heel_wishes(request.POST))
    except Mistakes as mistakes:
        context["form"] = typed(request.POST)
        return show(request, "soleus/heel_send.html", context, mistakes)
    return redirect("film_job")


@require_GET
@agreed
def result(request: HttpRequest, check: Check) -> HttpResponse:
    """Both legs: counts, heights, the trace, the norm, what it means for the plan."""
    report = adapter_film.heel_report(check)
    if report is None:
        return redirect("heel")
    page.keep_measures(request, check, today())
    finished = may_see_result(request, check)
    context: dict[str, Any] = {
        "back": reverse("heel"),
        "document": page.heel_document(report),
        "rows": page.heel_rows(check),
        "finished": finished,
        "emergency": adapter.is_emergency(check),
        "hurt": page.heel_raise_hurt(check),
        "pain_limit": f"{adapter_film.test_pain_limit():.0f}",
        "effect": page.effect(check, today()) if finished else [],
    }
    return show(request, "soleus/heel_result.html", context)


@require_http_methods(["GET", "POST"])
@agreed
def feet_checks(request: HttpRequest, check: Check) -> HttpResponse:
    """Arch, heel and shoe: what a film from the side cannot show."""
    context: dict[str, Any] = {"back": reverse("film"), "rows": feet.rows(check.goals.get("feet") or {})}
    if request.method == "GET":
        return show(request, "soleus/feet.html", context)
    try:
        found = feet.read(request.POST)
    except Mistakes as mistakes:
        context["rows"] = feet.rows(check.goals.get("feet") or {}, request.POST)
        return show(request, "soleus/feet.html", context, mistakes)
    check.goals["feet"] = found
    store_check(request, check)
    tell(request, "Thank you. What your feet and shoes show is used for your plan.")
    return redirect("film" if not may_see_result(request, check) else "plan_goals")
