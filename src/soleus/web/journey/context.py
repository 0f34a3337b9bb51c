"""What every page shows: versions, emergency numbers, the check under way."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.http import HttpRequest

from soleus.web.journey import adapter
from soleus.web.journey.state import Check

COUNTRIES: dict[str, dict[str, str]] = {
    "uk": {"label": "United Kingdom: 999, and 111 for urgent advice", "emergency": "999", "advice": "111"},
    "eu": {"label": "European Union: 112", "emergency": "112", "advice": ""},
    "us": {"label": "United States or Canada: 911", "emergency": "911", "advice": ""},
}


def country_id(request: HttpRequest) -> str:
    session = getattr(request, "session", None)
    chosen = session.get("country", "uk") if session is not None else "uk"
    return chosen if chosen in COUNTRIES else "uk"


def numbers(request: HttpRequest) -> dict[str, str]:
    """The numbers to call."""
    return COUNTRIES[country_id(request)]


@lru_cache(maxsize=1)
def _software_version() -> str:
    try:
        return version("soleus")
    except PackageNotFoundError:
        return "unreleased"


def page(request: HttpRequest) -> dict[str, Any]:
    """Template context; it must not fail, for the error pages use it too."""
    from soleus.web.journey.state import load_check

    check: Check | None = None
    if getattr(request, "session", None) is not None:
        try:
            check = load_check(request)
        except Exception:  # noqa: BLE001 - an error page must not fail over a broken session
            check = None
    return {
        "check": check,
        "numbers": numbers(request) if check is not None else _safe_numbers(request),
        "software_version": _software_version(),
        "knowledge_version": adapter.knowledge_version(),
        "condition_count": adapter.condition_count(),
        "flash": _flash(request),
    }


def _safe_numbers(request: HttpRequest) -> dict[str, str]:
    try:
        return numbers(request)
    except Exception:  # noqa: BLE001 - as above
        return COUNTRIES["uk"]


def _flash(request: HttpRequest) -> list[str]:
    """Lines left by the page before, shown once."""
    try:
        return list(request.session.pop("flash", []))
    except Exception:  # noqa: BLE001 - as above
        return []
