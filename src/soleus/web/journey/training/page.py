"""The job and the report as plain parts for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.safestring import mark_safe

from soleus.exports.training_document import FileLine, Imported
from soleus.web.journey import adapter_training
from soleus.web.journey.models import TrainingJob
from soleus.web.journey.training import jobs, store
from soleus.web.journey.uploads import size_words

if TYPE_CHECKING:
    from soleus.clinic.training_evidence import TrainingEffect
    from soleus.core.training import TrainingReport
    from soleus.exports.charts import Chart
    from soleus.web.journey.state import Check

SHOWN_PROBLEMS = 100
MOST_WITHOUT_RUN = 20
STEPS = ("reading", "comparing", "keeping", "done")
FAILURES = {
    "restart": ("The server was started again while it read your files", "Please send them again."),
    "unreadable": ("We could not read these files", "Try another export, or fill in the table."),
    "crash": ("Something went wrong on our side", "Please try again, or fill in the table."),
    "no_runs": ("We found no runs in these files", "See the list below, try another export, or fill in the table."),
}
STATE_WORDS = {
    "refused": "Not read",
    "damaged-but-read": "Read in part",
    "nothing_in_it": "Nothing in it",
    "not_an_activity": "Not a running file",
}


def job_page(job: TrainingJob, imported: Imported | None) -> dict[str, Any]:
    """The steps with their counts, and what failed."""
    at = STEPS.index(job.step) if job.step in STEPS else 0
    read = f"Read {job.files_done:,} of {max(job.files_found, job.files_done):,} files"
    found = f"{job.runs:,} runs found so far" if job.active else f"{job.runs:,} activities found"
    received = f"{job.uploads:,} file{'' if job.uploads == 1 else 's'} received ({size_words(job.upload_bytes)})"
    titles = [
        (received if job.uploads else "Your earlier files are used again", ""),
        (read if job.uploads else "Nothing new to read", f"{found}." if job.uploads and job.files_done else ""),
        ("Look for what changed", ""),
        ("Delete the files, keep the summary" if job.uploads else "Keep the summary", ""),
    ]
    steps = []
    for number, (title, more) in enumerate(titles):
        state = "done" if number <= at or job.state == TrainingJob.State.DONE else "wait"
        if number == at + 1 and job.active:
            state = "now"
        steps.append({"title": title, "more": more, "state": state})
    happened, do = FAILURES.get(job.error, ("", ""))
    problems = problem_lines(imported)
    return {
        "steps": steps,
        "percent": round(100 * job.files_done / job.files_found) if job.files_found else 0,
        "happened": happened,
        "do": do,
        "problem_count": len(problems),
        "problems": [file_row(line) for line in problems[:SHOWN_PROBLEMS]],
    }


def problem_lines(imported: Imported | None) -> list[FileLine]:
    """Files that were refused or mended; those without a run too, unless they are many (an archive is full of them)."""
    if imported is None:
        return []
    problems = imported.problems
    told = {id(line) for line in problems}
    without = [line for line in imported.files if line.label and id(line) not in told]
    many = len(without) > MOST_WITHOUT_RUN and imported.activities
    return [*problems, *([] if many else without)]


def file_row(line: FileLine) -> tuple[str, str, str]:
    """File, what happened, why."""
    faults = (part.strip(" .") for told in (line.reason, *line.repairs[:3]) for part in told.split(";"))
    why = "; ".join(dict.fromkeys(part for part in faults if part))
    return line.label, STATE_WORDS.get(line.state, "Not read"), why[:1].upper() + why[1:]


def running_part(check: Check) -> dict[str, Any]:
    """What the result and the list of answers say about the running."""
    report = adapter_training.report_of(check)
    current = jobs.latest(check.id)
    busy = current is not None and current.active
    kept = store.load(check.id) if report is None else None
    told = "Not added"
    if report is not None:
        told = adapter_training.headline_of(report)
    elif busy:
        told = "We are reading your files"
    elif kept is not None:
        told = "Read, but not yet compared: the day the pain began is missing or has changed"
    url = "running_changes" if report is not None or kept is not None else "running"
    return {
        "headline": told if report is not None else "",
        "busy": busy,
        "told": told,
        "url": reverse("running_job" if busy else url),
        "verb": "Add" if url == "running" and not busy else "See",
    }


def changes_page(
    report: TrainingReport, *, imported: Imported | None, effect: TrainingEffect | None, clinical: bool = False
) -> dict[str, Any]:
    """The report in words, with the charts."""
    document = adapter_training.document(report, imported=imported, effect=effect, clinical=clinical)
    return {**document, "charts": [] if clinical else [chart_part(c) for c in adapter_training.charts(report)]}


def chart_part(chart: Chart) -> dict[str, Any]:
    """A chart for the template; its SVG is made by us, and everything in it is escaped there."""
    return {
        "id": chart.id.replace("_", "-"),
        "title": chart.title,
        "sentence": chart.sentence,
        "note": chart.note,
        "svg": mark_safe(chart.svg),  # noqa: S308 - escaped where it is made
        "caption": chart.table.caption,
        **chart_rows(chart.table.header, chart.table.rows),
    }


def chart_rows(header: Sequence[str], rows: Sequence[Sequence[str | float | None]]) -> dict[str, Any]:
    """Header and rows of a chart's table; a column of numbers is set flush right."""
    numeric = [
        all(isinstance(row[i], int | float) or row[i] is None for row in rows) and bool(rows)
        for i in range(len(header))
    ]
    words = [["not known" if cell is None else _cell(cell) for cell in row] for row in rows]
    return {
        "header": [{"title": title, "num": num} for title, num in zip(header, numeric, strict=True)],
        "rows": [[{"text": c, "num": n} for c, n in zip(row, numeric, strict=True)] for row in words],
    }


def _cell(cell: str | float) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
