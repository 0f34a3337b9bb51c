"""Which page comes next, and the guards that keep pages in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from soleus.clinic.interview import Emergency, Stop
from soleus.core.assessment import Disposition
from soleus.web.journey import adapter
from soleus.web.journey.forms import Mistakes
from soleus.web.journey.state import Check, load_check, store_check

View = Callable[..., HttpResponse]


def today() -> date:
    """The entry point reads the clock; the engines never do."""
    return timezone.localdate()


def next_url(request: HttpRequest, check: Check) -> str:
    """The address of the first thing still to do."""
    for done, name in (
        (check.emergency_checked, "emergency_check"),
        (check.agreed, "agreement"),
        (check.age_done, "age"),
        (check.sex_done, "sex"),
        (check.body_done, "body"),
        (check.where_done, "where"),
    ):
        if not done:
            return reverse(name)
    step = adapter.next_step(check, today())
    if isinstance(step, Emergency):
        return reverse("get_help")
    if isinstance(step, Stop) or (check.enough and adapter.may_stop(step)):
        return reverse("result")
    if adapter.needs_hands(step.findings) and not check.tests:
        return reverse("tests")
    check.current, check.current_screen = [str(f) for f in step.findings], step.screen
    check.why, check.remaining = adapter.why_words(step), step.remaining
    check.stoppable = adapter.may_stop(step)
    store_check(request, check)
    if step.screen:
        return reverse("screen", args=[step.screen])
    return reverse("question", args=[step.finding])


def go_on(request: HttpRequest, check: Check) -> HttpResponseRedirect:
    return redirect(next_url(request, check))


def with_check(view: View) -> View:
    """Give the view the check of this session; without one, begin at the start page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check = load_check(request)
        if check is None:
            request.session["flash"] = ["There is no check under way here. It may have been deleted, or be too old."]
            return redirect("start")
        if request.method == "POST" and request.POST.get("check", check.id) != check.id:
            return stale(request, "This page belongs to an earlier check, which has ended.")
        return view(request, check, *args, **kwargs)

    return guarded


def agreed(view: View) -> View:
    """As `with_check`, and only after the agreement: no health answer is stored before it."""

    @wraps(view)
    def guarded(request: HttpRequest, check: Check, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (check.emergency_checked and check.agreed):
            return go_on(request, check)
        return view(request, check, *args, **kwargs)

    return with_check(guarded)


def may_see_result(request: HttpRequest, check: Check) -> bool:
    """When nothing more has to be asked, or when an emergency page was seen: a card is never held back then."""
    return next_url(request, check) == reverse("result") or check.noted >= Disposition.EMERGENCY_NOW


def stale(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "soleus/stale.html", {"reason": reason, "bare": True}, status=409)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], mistakes: Mistakes | None = None
) -> HttpResponse:
    """Render a page; with mistakes, as an error page of the same form (422)."""
    if mistakes is not None:
        context = {**context, "errors": mistakes.errors, "field_errors": mistakes.by_field()}
    return render(request, template, context, status=422 if mistakes else 200)


def tell(request: HttpRequest, *lines: str) -> None:
    """Say something on the next page, once."""
    request.session["flash"] = [*request.session.get("flash", []), *lines]
