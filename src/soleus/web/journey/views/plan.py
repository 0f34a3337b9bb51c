"""R14 to R16: goals and limits, tests, the plan, and its files."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from soleus.core.assessment import Assessment
from soleus.core.errors import SoleusError
from soleus.core.plan import Plan
from soleus.web.errors import error_page
from soleus.web.journey import adapter, adapter_plan
from soleus.web.journey.flow import agreed, may_see_result, next_url, show, tell, today
from soleus.web.journey.forms import Mistakes
from soleus.web.journey.planning import page
from soleus.web.journey.planning.sections import SECTIONS
from soleus.web.journey.planning.tests import of_other_days, offered, read_tests
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.views.result import try_assess
from soleus.web.journey.views.training import keep_s

log = logging.getLogger("soleus.web")


def _plan(request: HttpRequest, check: Check, *, anew: bool = False) -> tuple[Plan, Plan | None, Assessment | None]:
    """(the plan in force, the revision before it, the assessment of today)."""
    assessment = try_assess(check)
    kept = adapter_plan.plan_now(check, today(), assessment, keep_s=keep_s(request, check), anew=anew)
    return kept.plan, kept.before, assessment


def _too_early(request: HttpRequest, check: Check) -> HttpResponse | None:
    """A plan comes after the result: not while a warning sign is still to be asked about."""
    if may_see_result(request, check):
        return None
    tell(request, "A few questions first. The plan comes after your result.")
    return redirect(next_url(request, check))


# --- R14 ---------------------------------------------------------------------------------------------------------
@require_GET
@agreed
def goals(request: HttpRequest, check: Check) -> HttpResponse:
    """All pages of R14 with what was said, and the way to the plan."""
    early = _too_early(request, check)
    if early is not None:
        return early
    context = {"rows": page.goal_rows(check), "back": reverse("result"), "first": not check.goals}
    return show(request, "soleus/plan_goals.html", context)


@require_http_methods(["GET", "POST"])
@agreed
def section(request: HttpRequest, check: Check, section_id: str) -> HttpResponse:
    """One page of R14."""
    if section_id not in SECTIONS:
        raise Http404
    asked = SECTIONS[section_id]
    context: dict[str, Any] = {"back": reverse("plan_goals"), "section": asked}
    if request.method == "GET":
        context["form"] = page.section_form(section_id, check.goals.get(section_id))
        return show(request, f"soleus/plan_section_{section_id}.html", context)
    try:
        check.goals[section_id] = asked.read(request.POST, today())
    except Mistakes as mistakes:
        context["form"] = page.posted_form(section_id, request.POST)
        return show(request, f"soleus/plan_section_{section_id}.html", context, mistakes)
    store_check(request, check)
    following = page.next_section(check, section_id)
    return redirect(reverse("plan_section", args=[following]) if following else reverse("plan_goals"))


@require_http_methods(["GET", "POST"])
@agreed
def tests(request: HttpRequest, check: Check) -> HttpResponse:
    """The measurements that decide the stage: only those that are safe now."""
    early = _too_early(request, check)
    if early is not None:
        return early
    plan, *_ = _plan(request, check)
    measures = offered(plan, check.goals.get("measures") or {})
    context: dict[str, Any] = {"back": reverse("plan"), "status": plan.status.value}
    kept = check.goals.get("measures") or {}
    if request.method == "GET":
        context["rows"] = page.measure_rows(measures, kept, today())
        return show(request, "soleus/plan_tests.html", context)
    try:
        found = read_tests(request.POST, measures, today())
    except Mistakes as mistakes:
        context["rows"] = page.measure_rows(measures, kept, today(), request.POST)
        return show(request, "soleus/plan_tests.html", context, mistakes)
    check.goals["measures"] = of_other_days(kept, today()) | found
    store_check(request, check)
    tell(request, "Thank you. The plan uses these results.")
    return redirect("plan")


# --- R15 ---------------------------------------------------------------------------------------------------------
@require_GET
@agreed
def plan(request: HttpRequest, check: Check) -> HttpResponse:
    """The plan, or why there is none and who to see."""
    early = _too_early(request, check)
    if early is not None:
        return early
    made, before, _ = _plan(request, check)
    context: dict[str, Any] = {
        "back": reverse("result"),
        "plan": adapter_plan.document(made, check, today=today()),
        "changed": page.changed(before, made, adapter.kb()),
        "tests": bool(offered(made, {})),
        "sessions": adapter_plan.has_sessions(made),
        "take_out": adapter_plan.has_sessions(before) and not adapter_plan.has_sessions(made),
        "workouts": adapter_plan.has_workouts(made),
        "ask_medicines": page.asks_medicines(made) and not check.facts,
    }
    return render(request, "soleus/plan.html", context)


@require_POST
@agreed
def again(request: HttpRequest, check: Check) -> HttpResponse:
    """Make the plan anew from today."""
    _plan(request, check, anew=True)
    tell(request, "The plan now starts today.")
    return redirect("plan")


# --- R16 ---------------------------------------------------------------------------------------------------------
def _file(
    request: HttpRequest,
    check: Check,
    name: str,
    kind: str,
    make: Callable[[Plan, Plan | None, Assessment | None], bytes | str],
) -> HttpResponse:
    early = _too_early(request, check)
    if early is not None:
        return early
    made, before, assessment = _plan(request, check)
    try:
        content = make(made, before, assessment)
    except SoleusError as error:
        log.error("%s not made: %s", name, type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return error_page(
            request,
            status=503,
            title="We could not make this file",
            happened="Making the file failed on our side. The plan itself is fine.",
            do="Open the plan and print it, or try another kind of file.",
            kept="Your answers and your plan are kept.",
        )
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@agreed
def plan_pdf(request: HttpRequest, check: Check) -> HttpResponse:
    return _file(request, check, "soleus-plan.pdf", "application/pdf", lambda made, *_: adapter_plan.pdf(made))


@require_GET
@agreed
def plan_ics(request: HttpRequest, check: Check) -> HttpResponse:
    stamp = timezone.now()
    return _file(
        request,
        check,
        "soleus-plan.ics",
        "text/calendar; charset=utf-8",
        lambda made, before, _: adapter_plan.calendar(made, before, stamp),
    )


@require_GET
@agreed
def plan_workouts(request: HttpRequest, check: Check) -> HttpResponse:
    return _file(
        request, check, "soleus-workouts.zip", "application/zip", lambda made, *_: adapter_plan.workouts_zip(made)
    )


@require_GET
@agreed
def plan_fhir(request: HttpRequest, check: Check) -> HttpResponse:
    stamp = timezone.now()
    return _file(
        request,
        check,
        "soleus-plan-fhir.json",
        "application/fhir+json",
        lambda made, _before, assessment: json.dumps(
            adapter_plan.bundle(made, adapter.case_of(check), assessment, stamp), indent=1, ensure_ascii=False
        ),
    )


@require_GET
@agreed
def plan_json(request: HttpRequest, check: Check) -> HttpResponse:
    return _file(
        request,
        check,
        "soleus-plan.json",
        "application/json",
        lambda made, *_: json.dumps(adapter_plan.plain(made), indent=1, ensure_ascii=False),
    )
