"""Downloads, case files, resume codes, deletion."""

from __future__ import annotations

import importlib
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from soleus.core.case import Case
from soleus.core.errors import BackendError, InputError, NotFound
from soleus.web.errors import error_page
from soleus.web.journey import adapter
from soleus.web.journey.film import jobs as film_jobs
from soleus.web.journey.film import store as film_store
from soleus.web.journey.flow import agreed, go_on, may_see_result, next_url, show, tell, with_check
from soleus.web.journey.forms import FormError, Mistakes
from soleus.web.journey.planning import store as plan_store
from soleus.web.journey.saved import TooManyTries, forget_saved, resume_check, save_check
from soleus.web.journey.state import Check, check_from_case, load_check, start_check, store_check
from soleus.web.journey.training import jobs, store
from soleus.web.journey.views.before import SHORT_STAY_SECONDS
from soleus.web.journey.views.result import try_assess

MAX_CASE_BYTES = 256 * 1024


def _download(content: bytes | str, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@agreed
def runner_pdf(request: HttpRequest, check: Check) -> HttpResponse:
    return _pdf(request, check, "runner_pdf", "soleus-result.pdf")


@require_GET
@agreed
def letter_pdf(request: HttpRequest, check: Check) -> HttpResponse:
    return _pdf(request, check, "letter_pdf", "soleus-letter.pdf")


def _pdf(request: HttpRequest, check: Check, maker: str, name: str) -> HttpResponse:
    if not may_see_result(request, check):
        return redirect(next_url(request, check))
    try:
        make = getattr(importlib.import_module("soleus.exports.pdf"), maker)
    except (ImportError, AttributeError):
        raise BackendError("the PDF cannot be made on this server", hint="Print the result page instead") from None
    assessment = try_assess(check)
    if assessment is None:
        return error_page(
            request,
            status=503,
            title="We could not make the PDF",
            happened="Part of the check failed on our side.",
            do="Print the result page instead, and see a professional about your leg.",
            kept="Your answers are kept.",
        )
    return _download(make(assessment, adapter.case_of(check), adapter.kb()), "application/pdf", name)


@require_GET
@agreed
def case_file(request: HttpRequest, check: Check) -> HttpResponse:  # noqa: ARG001 - a view
    """All answers as a case file."""
    from soleus.readers.case_file import write_case

    return _download(write_case(check.case()), "text/yaml; charset=utf-8", "soleus-case.yaml")


def _uploaded_case(request: HttpRequest) -> Case:
    """The case of the posted file. Raises Mistakes."""
    from soleus.readers.case_file import parse_case

    upload = request.FILES.get("file")
    if upload is None:
        raise Mistakes(FormError("file", "Choose a file"))
    if (upload.size or 0) > MAX_CASE_BYTES:
        raise Mistakes(FormError("file", "Choose a smaller file: a case file is a short text"))
    try:
        return parse_case(upload.read(), adapter.kb(), where="the file")
    except InputError as error:
        raise Mistakes(FormError("file", f"This file cannot be used: {error.problem[:400]}")) from error


@require_http_methods(["GET", "POST"])
def open_case(request: HttpRequest) -> HttpResponse:
    """Read a case file into a new check; the agreement and the emergency check are asked first all the same."""
    context = {"back": reverse("start")}
    if request.method == "GET":
        return show(request, "soleus/open_case.html", context)
    try:
        case = _uploaded_case(request)
    except Mistakes as mistakes:
        return show(request, "soleus/open_case.html", context, mistakes)
    start_check(request)
    check = check_from_case(case)
    store_check(request, check)
    tell(request, "The file is open. Please look for an emergency first, then agree, and we go on from there.")
    return go_on(request, check)


@require_http_methods(["GET", "POST"])
@with_check
def save(request: HttpRequest, check: Check) -> HttpResponse:
    """Show, or make, the resume code."""
    kept = request.session.get("resume")
    code = kept["code"] if isinstance(kept, dict) else ""
    if request.method == "POST":
        if not check.agreed:
            return go_on(request, check)
        save_check(request, check)
        request.session.set_expiry(None)
        return redirect("save")
    until = timezone.localdate() + timedelta(days=settings.KEEP_DAYS)
    return render(request, "soleus/save.html", {"code": code, "until": until})


@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest) -> HttpResponse:
    """Open a saved check by its code."""
    context = {"back": reverse("start")}
    if request.method == "GET":
        return show(request, "soleus/resume.html", context)
    try:
        check = resume_check(request, request.POST.get("code", ""))
    except NotFound as error:
        mistakes = Mistakes(FormError("code", f"{error.problem[:1].upper()}{error.problem[1:]}. {error.hint}"))
        return show(request, "soleus/resume.html", context, mistakes)
    except TooManyTries as error:
        mistakes = Mistakes(FormError("code", f"{error.problem[:1].upper()}{error.problem[1:]}. {error.hint}"))
        response = show(request, "soleus/resume.html", context, mistakes)
        response.status_code = error.http_status
        return response
    return go_on(request, check)


@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest) -> HttpResponse:
    """Delete the check, the session and the saved copy."""
    if request.method == "POST":
        forget_saved(request)
        check = load_check(request)
        if check is not None:
            jobs.cancel(check.id)
            store.delete(check.id)
            plan_store.delete(check.id)
            film_jobs.cancel(check.id)
            film_store.delete(check.id)
        country = request.session.get("country")
        request.session.flush()
        if country:
            request.session["country"] = country
        return render(request, "soleus/finish.html", {"deleted": True, "bare": True})
    check = load_check(request)
    if check is None:
        return redirect("start")
    context = {"deleted": False, "short": SHORT_STAY_SECONDS, "running_kept": store.load(check.id) is not None}
    return render(request, "soleus/finish.html", context)
