"""The guided checks of arch, heel and shoe: what a film from the side cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.safestring import mark_safe

from soleus.knowledge.gait_base import FootCheck
from soleus.web.journey import adapter_film, wording
from soleus.web.journey.forms import FormError, Mistakes, read_number


def checks() -> tuple[FootCheck, ...]:
    from soleus.web.journey.adapter import kb

    return tuple(sorted(kb().gait.foot_checks.values(), key=lambda check: check.order))


def rows(kept: Mapping[str, Any], post: QueryDict | None = None) -> list[dict[str, Any]]:
    """The checks as form rows, with what was given before or has just been typed."""
    found = []
    for check in checks():
        given = post.get(check.id, "") if post is not None else kept.get(check.id, "")
        drawing = adapter_film.foot_picture(check.id)
        found.append(
            {
                "id": check.id,
                "title": wording.text(f"foot_check.{check.id}"),
                "how": wording.text(f"foot_check.{check.id}.how").split("\n"),
                "reliability": wording.text(f"foot_check.{check.id}.reliability"),
                "number": check.kind == "number",
                "unit": check.unit,
                "value": given,
                "options": [
                    {
                        "id": o.id,
                        "label": wording.text(f"foot_check.{check.id}.{o.id}"),
                        "checked": given == o.id,
                        "svg": _picture(check.id, o.id),
                    }
                    for o in check.options
                ],
                "svg": mark_safe(drawing.svg) if drawing is not None else "",  # noqa: S308 - drawn by us
                "alt": drawing.alt if drawing is not None else "",
            }
        )
    return found


def _picture(check: str, option: str) -> str:
    drawing = adapter_film.foot_picture(check, option)
    return mark_safe(drawing.svg) if drawing is not None else ""  # noqa: S308 - drawn by us


def read(post: QueryDict) -> dict[str, Any]:
    """{check: option or number} of what was given; a check left out stays unknown. Raises Mistakes."""
    errors: list[FormError] = []
    found: dict[str, Any] = {}
    for check in checks():
        typed = post.get(check.id, "").strip()
        if not typed:
            continue
        if check.kind == "number":
            low = 0.0 if check.low is None else check.low
            high = 1000.0 if check.high is None else check.high
            try:
                found[check.id] = read_number(post, check.id, low=low, high=high, what="what you measured")
            except Mistakes as mistakes:
                errors += mistakes.errors
        elif typed in {option.id for option in check.options}:
            found[check.id] = typed
        else:
            errors.append(FormError(check.id, "Choose one of the answers on this page"))
    if errors:
        raise Mistakes(*errors)
    return found
