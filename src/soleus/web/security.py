"""Headers that keep every page to its own origin, and logs free of health data."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""`blob:` is the film that the runner has just recorded in this very page."""
PERMISSIONS_POLICY = (
    "camera=({camera}), microphone=(), geolocation=(), payment=(), usb=(), accelerometer=(), gyroscope=(), "
    "browsing-topics=()"
)


class ContentSecurityMiddleware:
    """Adds the security headers; pages are never stored by a cache, for they show health data."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        camera = "self" if request.path.startswith(settings.FILM_PATHS) else ""
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY.format(camera=camera)
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class NoHealthData(logging.Filter):
    """Keeps the level, the logger and the error's class; drops whatever may carry an answer.

    Dropped: exception texts and tracebacks (they quote values and locals), the request object, and the arguments
    of messages that are not ours (Django puts paths and form data there).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            kind = record.exc_info[0]
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            place = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
            record.msg = f"{kind.__name__} at {place}"
            record.args = ()
        elif not record.name.startswith("soleus") and not record.name.startswith("waitress"):
            record.msg = f"{record.levelname.lower()} (detail left out: it may hold health data)"
            record.args = ()
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return True
