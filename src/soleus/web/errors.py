"""The only place where errors become pages. Every page keeps the emergency route in sight."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from soleus.core.errors import SoleusError

FORM_BYTES = 100_000
"""Room for the form around the files."""
TOO_MUCH = "Go back and choose fewer files: the last 6 months of running are enough. Or fill in the table by hand."
log = logging.getLogger("soleus.web")


def error_page(
    request: HttpRequest, *, status: int, title: str, happened: str, do: str, kept: str = ""
) -> HttpResponse:
    """What happened, what is kept, what to do, and an id to quote."""
    error_id = secrets.token_hex(4)
    log.warning("page error %s status %s", error_id, status)
    context = {"title": title, "happened": happened, "do": do, "kept": kept, "error_id": error_id, "bare": True}
    return render(request, "soleus/error.html", context, status=status)


class DomainErrorMiddleware:
    """Turns Soleus errors, and anything unforeseen, into a page instead of a blank."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, SoleusError):
            return None  # Django's handler500 takes it
        log.warning("domain error %s", type(exception).__name__)
        return error_page(
            request,
            status=exception.http_status,
            title="We could not do that",
            happened=f"{exception.problem[:1].upper()}{exception.problem[1:]}.",
            do=f"{exception.hint}." if exception.hint else "Go back and try again.",
            kept="Your answers so far are kept.",
        )


def _room(path: str) -> tuple[int, str]:
    """The most bytes a page takes, and what to do with more."""
    if path == settings.UPLOAD_PATH:
        return settings.UPLOAD_MAX_BYTES, TOO_MUCH
    if path.startswith(settings.FILM_PATHS):
        return settings.FILM_MAX_BYTES, "Go back and choose a shorter film: ten seconds are enough."
    return settings.OTHER_MAX_BYTES, "Go back and choose a smaller file."


class UploadLimitMiddleware:
    """Refuses what is too large before anything of it is read, and says what to do instead."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most, instead = _room(request.path)
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size = 0
        if size <= most + FORM_BYTES:
            return self.get_response(request)
        shown = f"{most / 1e9:.1f} GB" if most >= 1e9 else f"{most / 1e6:.0f} MB"
        return error_page(
            request,
            status=413,
            title="That is too much at once",
            happened=f"What you sent is larger than {shown.replace('.0 ', ' ')}, so we did not read it.",
            do=instead,
            kept="Your answers so far are kept. Nothing of the files was kept.",
        )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return error_page(
        request,
        status=404,
        title="Page not found",
        happened="There is no page at this address.",
        do="Check the address, or go back to the start.",
        kept="If you had started a check, your answers are kept.",
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, TooManyFilesSent):
        return error_page(
            request,
            status=400,
            title="Those are too many files at once",
            happened=f"You sent more than {settings.DATA_UPLOAD_MAX_NUMBER_FILES:,} files, so we did not read them.",
            do="Go back and choose fewer, or put them into one zip file.",
            kept="Your answers so far are kept.",
        )
    return error_page(
        request,
        status=400,
        title="We could not read that",
        happened="What your browser sent could not be read.",
        do="Go back and try again.",
        kept="Your answers so far are kept.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(
        request,
        status=500,
        title="Something went wrong on our side",
        happened="This page could not be made.",
        do="Try again. If it fails again, do not wait for us: see a physiotherapist or a doctor about your leg.",
        kept="Your answers so far are kept.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - as above
    return error_page(
        request,
        status=403,
        title="This page was open too long",
        happened="For your safety we could not accept an old page.",
        do="Go back, reload the page and answer again. Cookies must be on: we use only the ones the check needs.",
        kept="Your earlier answers are kept.",
    )
