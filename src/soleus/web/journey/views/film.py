"""R12: film your run. The guide, the film, the job, what it shows."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from soleus.core.gait import GaitReport
from soleus.web.journey import adapter, adapter_film
from soleus.web.journey.film import jobs, page, store
from soleus.web.journey.film.forms import FIELD, KINDS, FilmWishes, read_run_wishes, typed, wanted
from soleus.web.journey.flow import agreed, may_see_result, show, tell, today
from soleus.web.journey.forms import Mistakes
from soleus.web.journey.models import FilmJob
from soleus.web.journey.state import Check
from soleus.web.journey.uploads import receive, size_words
from soleus.web.journey.views.training import keep_s

VIEWS = {"side": "run_side", "back": "run_back"}
CLIPS = VIEWS | {slot: slot for slot in store.HEEL_SLOTS}
"""Films for looking again, by the name in their address."""
SLOT_VIEWS = {slot: view for view, slot in VIEWS.items()}


def film_room() -> dict[str, Any]:
    """What every page with a film field needs."""
    return {
        "kinds": KINDS,
        "max_bytes": settings.FILM_MAX_BYTES,
        "max_words": size_words(settings.FILM_MAX_BYTES),
        "ready": adapter_film.is_ready(),
    }


def take_film(request: HttpRequest, check: Check, slot: str, wishes: FilmWishes) -> None:
    """Receive the film of a page and start to read it. Raises Mistakes."""
    _, paths = receive(request.FILES.getlist(FIELD)[:1], wanted(), busy=jobs.busy())
    jobs.start(check.id, slot, paths[0], wishes, check.runner(), on=today(), keep_s=keep_s(request, check))


@require_GET
@agreed
def guide(request: HttpRequest, check: Check) -> HttpResponse:
    """How to film, and what is there already."""
    if adapter.is_emergency(check):
        return render(request, "soleus/film_help_first.html", {"back": reverse("continue"), "what": "film"})
    context = {
        "back": reverse("result" if may_see_result(request, check) else "continue"),
        "rows": page.film_rows(check),
        "drawings": page.drawings("side", "back"),
        "running": page.running_advice(check, today(), finished=may_see_result(request, check)),
        "ready": adapter_film.is_ready(),
    }
    return show(request, "soleus/film_guide.html", context)


@require_http_methods(["GET", "POST"])
@agreed
def send(request: HttpRequest, check: Check, view: str) -> HttpResponse:
    """Choose or record a film of the run from one view."""
    if view not in VIEWS:
        raise Http404
    if adapter.is_emergency(check):
        return render(request, "soleus/film_help_first.html", {"back": reverse("continue"), "what": "film"})
    slot = VIEWS[view]
    context: dict[str, Any] = {
        "back": reverse("film"),
        "view": view,
        "kept": store.load(check.id, slot),
        "job": jobs.latest(check.id, slot),
        "form": {"slow": "", "speed": "", "ground": "", "keep": ""},
        "running": page.running_advice(check, today(), finished=may_see_result(request, check)),
        **film_room(),
    }
    if request.method == "GET":
        return show(request, "soleus/film_send.html", context)
    try:
        take_film(request, check, slot, read_run_wishes(request.POST))
    except Mistakes as mistakes:
        context["form"] = typed(request.POST)
        return show(request, "soleus/film_send.html", context, mistakes)
    return redirect("film_job")


@require_http_methods(["GET", "POST"])
@agreed
def job(request: HttpRequest, check: Check) -> HttpResponse:
    """How far the reading is; safe to leave. Posting stops it."""
    current = jobs.latest(check.id, *store.SLOTS)
    if current is None:
        return redirect("film")
    if request.method == "POST":
        jobs.cancel(check.id)
        tell(request, "We stop reading. The film you sent is being deleted.")
        return redirect("film_job")
    heel = current.slot in store.HEEL_SLOTS
    if current.state == FilmJob.State.DONE:
        if heel:
            return redirect("heel_result")
        return redirect("film_result", view=SLOT_VIEWS[current.slot])
    context = {
        "back": reverse("heel" if heel else "film"),
        "job": current,
        "heel": heel,
        "again": page.send_url(current.slot),
        "steps": page.job_steps(current),
        "percent": page.percent(current),
        "failure": page.failure(current, check),
        "refresh": current.active and not request.GET.get("still"),
    }
    return render(request, "soleus/film_job.html", context)


@require_GET
@agreed
def result(request: HttpRequest, check: Check, view: str) -> HttpResponse:
    """What the film shows, or why it shows nothing."""
    if view not in VIEWS:
        raise Http404
    kept = store.load(check.id, VIEWS[view])
    if kept is None or not isinstance(kept.result, GaitReport):
        return redirect("film_send", view=view)
    finished = may_see_result(request, check)
    context: dict[str, Any] = {
        "back": reverse("film"),
        "view": view,
        "kept": kept,
        "document": page.document(kept),
        "finished": finished,
        "emergency": adapter.is_emergency(check),
        "effect": page.effect(check, today()) if finished else [],
    }
    return show(request, "soleus/film_result.html", context)


@require_GET
@agreed
def clip(request: HttpRequest, check: Check, view: str) -> HttpResponse:
    """The small film with the drawing. Players ask for parts of it."""
    slot = CLIPS.get(view)
    content = store.clip_of(check.id, slot) if slot else None
    if content is None:
        raise Http404
    return page.partial(request, content)


@require_GET
@agreed
def download(request: HttpRequest, check: Check) -> HttpResponse:  # noqa: ARG001 - a view
    """All that is kept about the films, as plain data."""
    body = page.kept_data(check)
    if not body:
        return redirect("film")
    response = JsonResponse(body, json_dumps_params={"indent": 1, "ensure_ascii": False}, encoder=json.JSONEncoder)
    response.headers["Content-Disposition"] = 'attachment; filename="soleus-films.json"'
    return response


@require_POST
@agreed
def forget_clip(request: HttpRequest, check: Check, view: str) -> HttpResponse:
    """Delete the small film and keep the numbers."""
    if view not in CLIPS:
        raise Http404
    store.delete_clip(check.id, CLIPS[view])
    tell(request, "The film is deleted from this server. The numbers are kept.")
    return redirect("film_result", view=view) if view in VIEWS else redirect("heel_result")


@require_http_methods(["GET", "POST"])
@agreed
def forget(request: HttpRequest, check: Check) -> HttpResponse:
    """Delete all films, counts and their results, and keep the answers."""
    if request.method == "GET":
        return render(request, "soleus/film_forget.html", {"back": reverse("film"), "rows": page.film_rows(check)})
    jobs.cancel(check.id)
    store.delete(check.id)
    page.drop_measures(request, check)
    tell(request, "What your films and tests showed is deleted from this server. Your answers are kept.")
    return redirect("continue")
