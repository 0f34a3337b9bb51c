"""R10 and R11: the day, the files or the table, the job, and what changed."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from soleus.exports.training_document import Imported
from soleus.web.journey import adapter, adapter_training
from soleus.web.journey.flow import agreed, may_see_result, show, tell, today
from soleus.web.journey.forms import Mistakes
from soleus.web.journey.models import TrainingJob
from soleus.web.journey.state import Check, store_check
from soleus.web.journey.training import jobs, store, uploads
from soleus.web.journey.training.forms import MONTHS, WEEKS, read_onset, read_table, table_rows
from soleus.web.journey.training.page import changes_page, file_row, job_page, problem_lines
from soleus.web.journey.uploads import receive, size_words
from soleus.web.journey.views.before import SHORT_STAY_SECONDS

DAY_S = 24 * 3600


def keep_s(request: HttpRequest, check: Check) -> int:
    """As long as the answers: 30 days when that was ticked or a code was made, else 12 hours."""
    saved = isinstance(request.session.get("resume"), dict)
    return settings.KEEP_DAYS * DAY_S if check.keep or saved else SHORT_STAY_SECONDS


# --- the day -----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@agreed
def onset(request: HttpRequest, check: Check) -> HttpResponse:
    """When the pain began: everything is "before" or "after" this day."""
    known = date.fromisoformat(check.onset_on) if check.onset_on else None
    form = {"day": "", "month": "", "year": "", "unsure": check.onset_unsure}
    if known is not None:
        form |= {"day": known.day, "month": known.month, "year": known.year}
    context = {"form": form, "back": reverse("running" if check.onset_asked else "continue"), "example": today()}
    if request.method == "GET":
        return show(request, "soleus/running_onset.html", context)
    try:
        given = read_onset(request.POST, today())
    except Mistakes as mistakes:
        typed = {part: request.POST.get(f"onset-{part}", "") for part in ("day", "month", "year")}
        context["form"] = {**typed, "unsure": request.POST.get("unsure") == "yes"}
        return show(request, "soleus/running_onset.html", context, mistakes)
    check.onset_on = given.on.isoformat() if given.on else None
    check.onset_unsure, check.onset_asked = given.unsure, True
    store_check(request, check)
    return _after_onset(request, check, changed=given.on != known)


def _after_onset(request: HttpRequest, check: Check, *, changed: bool) -> HttpResponse:
    """With running already there, look at it again for the new day."""
    kept = store.load(check.id)
    if kept is None or not (changed or adapter_training.report_of(check) is None):
        return redirect("running" if kept is None else "running_changes")
    if not check.onset_on:
        store.without_report(check.id)
        return redirect("running_changes")
    if kept.source == store.TABLE:
        store.without_report(check.id)
        tell(request, "The day has changed, so the weeks are different ones. Please look at the table again.")
        return redirect("running_table")
    store.without_report(check.id)
    _start(request, check)
    return redirect("running_job")


def _start(request: HttpRequest, check: Check, paths: tuple[Any, ...] = (), folder: str = "") -> None:
    jobs.start(
        check.id,
        onset_on=date.fromisoformat(check.onset_on) if check.onset_on else None,
        runner=check.runner(),
        keep_s=keep_s(request, check),
        paths=paths,
        folder=folder,
    )


# --- files -------------------------------------------------------------------------------------------------------
def _add_context(check: Check) -> dict[str, Any]:
    return {
        "back": reverse("continue"),
        "onset": date.fromisoformat(check.onset_on) if check.onset_on else None,
        "kept": store.load(check.id),
        "job": jobs.latest(check.id),
        "kinds": uploads.KINDS,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "max_words": size_words(settings.UPLOAD_MAX_BYTES),
        "max_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
    }


@require_GET
@agreed
def add(request: HttpRequest, check: Check) -> HttpResponse:
    """R10: choose files, or the table."""
    if adapter.is_emergency(check):
        return render(request, "soleus/running_help_first.html", {"back": reverse("continue")})
    if not check.onset_asked and not check.onset_on:
        return redirect("running_onset")
    return show(request, "soleus/running_add.html", _add_context(check))


@require_POST
@agreed
def upload(request: HttpRequest, check: Check) -> HttpResponse:
    """Take the files and start to read them."""
    try:
        folder, paths = receive(request.FILES.getlist(uploads.FIELD), uploads.wanted(), busy=jobs.busy())
    except Mistakes as mistakes:
        return show(request, "soleus/running_add.html", _add_context(check), mistakes)
    _start(request, check, paths, folder)
    return redirect("running_job")


@require_http_methods(["GET", "POST"])
@agreed
def job(request: HttpRequest, check: Check) -> HttpResponse:
    """How far the reading is; safe to leave. Posting stops it."""
    current = jobs.latest(check.id)
    if current is None:
        return redirect("running")
    if request.method == "POST":
        jobs.cancel(check.id)
        tell(request, "We stop reading. The files you sent are being deleted.")
        return redirect("running_job")
    if current.state == TrainingJob.State.DONE and not current.error and not request.GET.get("files"):
        return redirect("running_changes")
    context = {
        "back": reverse("running"),
        "job": current,
        "view": job_page(current, _imported(current, check)),
        "refresh": current.active and not request.GET.get("still"),
    }
    return render(request, "soleus/running_job.html", context)


def _imported(current: TrainingJob | None, check: Check) -> Imported | None:
    """What became of each file of the last upload."""
    if current is None or not current.sealed_files:
        return None
    found = store.unpack(Imported, current.sealed_files, check.id)
    return found if isinstance(found, Imported) else None


@require_GET
@agreed
def files_csv(request: HttpRequest, check: Check) -> HttpResponse:  # noqa: ARG001 - a view
    """The files with a problem, as a list to keep."""
    imported = _imported(jobs.latest(check.id), check)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["file", "what happened", "why", "activities read"])
    for line in problem_lines(imported):
        rows.writerow([*(_inert(cell) for cell in file_row(line)), line.salvaged])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="soleus-files.csv"'
    return response


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell


# --- table -------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@agreed
def table(request: HttpRequest, check: Check) -> HttpResponse:
    """Six weeks by hand."""
    if not check.onset_on:
        if check.onset_asked:
            tell(request, "The table needs the day the pain began: its weeks are counted back from it.")
        return redirect("running_onset")
    onset_on = date.fromisoformat(check.onset_on)
    kept = store.load(check.id)
    weeks = kept.weeks if kept is not None else ()
    context = {"back": reverse("running"), "onset": onset_on, "rows": table_rows(onset_on, weeks), "count": WEEKS}
    context["replaces"] = kept is not None and kept.source == store.FILES
    if request.method == "GET":
        return show(request, "soleus/running_table.html", context)
    try:
        typed = read_table(request.POST)
    except Mistakes as mistakes:
        context["rows"] = table_rows(onset_on, (), request.POST)
        return show(request, "soleus/running_table.html", context, mistakes)
    report = adapter_training.analyse_table(typed, onset_on)
    store.delete(check.id)
    kept = store.Kept(source=store.TABLE, report=report, weeks=typed)
    store.save(check.id, kept, store.Runs(), keep_s=keep_s(request, check))
    return redirect("running_changes")


# --- what changed ------------------------------------------------------------------------------------------------
@require_GET
@agreed
def changes(request: HttpRequest, check: Check) -> HttpResponse:
    """R11: text first, then pictures with their tables, then what it does to the result."""
    kept = store.load(check.id)
    current = jobs.latest(check.id)
    if kept is None:
        return redirect("running_job" if current is not None and (current.active or current.error) else "running")
    report = adapter_training.report_of(check)
    finished = may_see_result(request, check)
    context: dict[str, Any] = {
        "back": reverse("result" if finished else "running"),
        "kept": kept,
        "finished": finished,
        "emergency": adapter.is_emergency(check),
        "unsure": check.onset_unsure,
        "busy": current is not None and current.active,
        "months": MONTHS,
    }
    if report is not None:
        effect = adapter_training.effect_of(check, report, today()) if finished else None
        context["view"] = changes_page(report, imported=_imported(current, check), effect=effect)
    return render(request, "soleus/running_changes.html", context)


@require_GET
@agreed
def download(request: HttpRequest, check: Check) -> HttpResponse:  # noqa: ARG001 - a view
    """All that is kept about the running."""
    kept = store.load(check.id)
    if kept is None:
        return redirect("running")
    body = adapter_training.download(kept, store.load_runs(check.id))
    response = JsonResponse(body, json_dumps_params={"indent": 1, "ensure_ascii": False, "allow_nan": False})
    response.headers["Content-Disposition"] = 'attachment; filename="soleus-running.json"'
    return response


@require_http_methods(["GET", "POST"])
@agreed
def forget(request: HttpRequest, check: Check) -> HttpResponse:
    """Delete the running and keep the answers."""
    if request.method == "GET":
        return render(request, "soleus/running_forget.html", {"back": reverse("running")})
    jobs.cancel(check.id)
    store.delete(check.id)
    tell(request, "Your running is deleted from this server. Your answers are kept.")
    return redirect("continue")
