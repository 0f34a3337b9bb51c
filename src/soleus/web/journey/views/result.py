"""R9: the result, the medicine questions, the teach-back, and check again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from soleus.core.assessment import Assessment
from soleus.web.journey import adapter, wording
from soleus.web.journey.context import numbers
from soleus.web.journey.film.page import film_part
from soleus.web.journey.flow import agreed, go_on, may_see_result, next_url, show, tell, today
from soleus.web.journey.forms import Mistakes, read_ticks
from soleus.web.journey.help import help_for
from soleus.web.journey.result import build_result, fallback_card, open_facts
from soleus.web.journey.result import teach_back as build_teach_back
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.training.page import running_part

log = logging.getLogger("soleus.web")


@require_GET
@agreed
def result(request: HttpRequest, check: Check) -> HttpResponse:
    """The care card first; without one there is never a page."""
    if not may_see_result(request, check):
        return redirect(next_url(request, check))
    context: dict[str, Any] = {
        "teach": build_teach_back(check.teach_back),
        "back": reverse("answers"),
        "can_ask_more": check.enough or check.tests == "no" or bool(check.skipped),
    }
    assessment = try_assess(check)
    if assessment is None:
        context["result"] = _without_engine(request, check)
        return render(request, "soleus/result.html", context)
    try:
        context["result"] = build_result(check, assessment, numbers(request), today())
        emergency = context["result"]["emergency"]
        context["running"] = None if emergency else _part(running_part, check)
        context["films"] = None if emergency else _part(film_part, check)
    except Exception as error:  # noqa: BLE001 - showing less is safer than showing nothing
        log.error("result page incomplete: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        context["result"] = _without_engine(request, check)
    return render(request, "soleus/result.html", context)


def _part(part: Callable[[Check], dict[str, Any]], check: Check) -> dict[str, Any]:
    """What is said about the running or the films; a failure there must not take the result away."""
    try:
        return part(check)
    except Exception as error:  # noqa: BLE001 - as said
        log.error("part not shown: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return {"failed": True}


def try_assess(check: Check) -> Assessment | None:
    """The assessment, or None when the engines failed in a way even their own safety net did not catch."""
    try:
        return adapter.assess(check, today())
    except Exception as error:  # noqa: BLE001 - entry point: the page must still say "get seen"
        log.error("assessment failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return None


def _without_engine(request: HttpRequest, check: Check) -> dict[str, Any]:
    """The rule result alone, raised to "see a professional"."""
    shown = numbers(request)
    card = fallback_card(shown)
    try:
        triage = adapter.triage_now(check)
        if card.disposition is not None and triage.disposition >= card.disposition:
            card = help_for(check, triage, shown)
    except Exception as error:  # noqa: BLE001 - as above
        log.error("triage failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
    return {"card": card, "failed": True, "no_causes": True}


@require_POST
@agreed
def teach_back(request: HttpRequest, check: Check) -> HttpResponse:
    check.teach_back = request.POST.get("teach", "")[:20]
    store_check(request, check)
    return redirect(f"{reverse('result')}#teach-back")


@require_http_methods(["GET", "POST"])
@agreed
def medicines(request: HttpRequest, check: Check) -> HttpResponse:
    """Medicine-safety questions, only those that could unlock an item of advice."""
    assessment = try_assess(check)
    if assessment is None:
        return redirect("result")
    asked = list(dict.fromkeys([*check.facts, *open_facts(assessment.withheld)]))
    if not asked:
        tell(request, "There is nothing more to ask about medicines.")
        return redirect("result")
    context = {
        "back": reverse("result"),
        "groups": _facts(check, asked, request),
        "none": request.POST.get("none") == "yes",
    }
    if request.method == "GET":
        return show(request, "soleus/medicines.html", context)
    try:
        values = read_ticks(asked, request.POST)
    except Mistakes as mistakes:
        return show(request, "soleus/medicines.html", context, mistakes)
    check.facts = dict(values)
    store_check(request, check)
    tell(request, "Thank you. The advice about painkillers is up to date.")
    return redirect(f"{reverse('result')}#advice")


def _facts(check: Check, asked: list[str], request: HttpRequest) -> list[dict[str, Any]]:
    """The open facts in the groups of the interview plan."""
    posted = request.POST if request.method == "POST" else None

    def row(fact: str) -> dict[str, Any]:
        marks = posted.getlist(fact) if posted is not None else []
        value = check.facts.get(fact)
        return {
            "id": fact,
            "question": wording.text(f"medicine_fact.{fact}.question", wording.sentence(wording.plain(fact)) + "?"),
            "yes": "yes" in marks if posted is not None else value is True,
            "unsure": "unsure" in marks if posted is not None else fact in check.facts and value is None,
        }

    left = list(asked)
    groups = []
    for page in adapter.kb().interview.fact_screens:
        rows = [row(fact) for fact in page.items if fact in left]
        left = [fact for fact in left if fact not in page.items]
        if rows:
            groups.append(
                {"title": wording.text(f"interview.screen.{page.id}.title", "Is any of this true?"), "rows": rows}
            )
    if left:
        groups.append({"title": "Is any of this true?", "rows": [row(fact) for fact in left]})
    return groups


@require_POST
@agreed
def check_again(request: HttpRequest, check: Check) -> HttpResponse:
    """Ask about warning signs anew; who the runner is stays, what changes from day to day is asked again."""
    check.forget(adapter.asked_daily(check))
    check.emergency_checked = False
    check.noted = -1
    check.enough = False
    check.teach_back = ""
    check.current, check.current_screen = [], ""
    store_check(request, check)
    tell(request, "Let us look for warning signs again. Your other answers are kept: change them under “Your answers”.")
    return go_on(request, check)
