"""Where the pages meet the training engines: import, analysis, evidence, wording, charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from soleus.core.case import Case, Runner
from soleus.core.training import ManualWeek, RunSummary, TrainingReport
from soleus.exports.training_document import FileLine, Imported
from soleus.web.journey.training import store
from soleus.web.journey.training.store import Kept, Runs

if TYPE_CHECKING:
    from soleus.clinic.training_evidence import TrainingEffect
    from soleus.core.activity import Shoe
    from soleus.exports.charts import Chart
    from soleus.history.report import History, Progress
    from soleus.web.journey.state import Check


def _kb() -> Any:
    from soleus.web.journey.adapter import kb

    return kb()


# --- reading -----------------------------------------------------------------------------------------------------
def read_files(
    paths: Sequence[Path], *, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> History:
    """Every activity of the uploaded files; one bad file never stops it."""
    from soleus.history import import_history

    return import_history(
        list(paths), kb=_kb(), workers=settings.IMPORT_WORKERS, progress=progress, cancelled=cancelled
    )


def add_runs(old: Runs, runs: Sequence[RunSummary], shoes: Sequence[Shoe]) -> Runs:
    """An earlier upload and this one together, every activity once."""
    from soleus.history.duplicates import Tolerances, group_duplicates, merge_group

    both = [*old.runs, *runs]
    groups = (
        group_duplicates(both, Tolerances.of(_kb().training)) if old.runs else tuple((i,) for i in range(len(both)))
    )
    merged = [both[group[0]] if len(group) == 1 else merge_group([both[i] for i in group]) for group in groups]
    named = {shoe.id: shoe for shoe in (*old.shoes, *shoes)}
    return Runs(runs=tuple(sorted(merged, key=lambda run: run.start_utc)), shoes=tuple(named.values()))


# --- analysis ----------------------------------------------------------------------------------------------------
def analyse(runs: Runs, onset_on: date, runner: Runner) -> TrainingReport:
    from soleus.training.analysis import analyse_training

    return analyse_training(runs.runs, onset_on=onset_on, kb=_kb(), shoes=runs.shoes, runner=runner)


def analyse_table(weeks: Sequence[ManualWeek], onset_on: date) -> TrainingReport:
    from soleus.training.manual import analyse_weeks

    return analyse_weeks(weeks, onset_on=onset_on, kb=_kb())


# --- evidence ----------------------------------------------------------------------------------------------------
def report_of(check: Check) -> TrainingReport | None:
    """The report that belongs to the onset day of this check, if there is one."""
    if not check.onset_on:
        return None
    kept = store.load(check.id)
    report = kept.report if kept is not None else None
    return report if report is not None and report.onset_on.isoformat() == check.onset_on else None


def case_with_training(check: Check) -> Case:
    """The case with what the running adds to it."""
    case = check.case()
    report = report_of(check)
    if report is None:
        return case
    from soleus.clinic.training_evidence import with_training

    return with_training(case, report, _kb())


def effect_of(check: Check, report: TrainingReport, today: date) -> TrainingEffect:
    """The assessment before and after."""
    from soleus.clinic.training_evidence import compare

    return compare(check.case(), report, _kb(), today)


# --- words and pictures ------------------------------------------------------------------------------------------
def document(
    report: TrainingReport, *, imported: Imported | None, effect: TrainingEffect | None, clinical: bool = False
) -> dict[str, Any]:
    """The report in words, in the order it is shown."""
    from soleus.exports.training_document import training_document

    return training_document(report, _kb(), imported=imported, effect=effect, clinical=clinical)


def headline_of(report: TrainingReport) -> str:
    from soleus.exports.training_wording import headline

    return headline(_kb(), report)


def charts(report: TrainingReport) -> tuple[Chart, ...]:
    from soleus.exports.charts import training_charts

    return training_charts(report, _kb())


def download(kept: Kept, runs: Runs) -> dict[str, Any]:
    """All that is kept about the running, as plain data."""
    from soleus.exports.training_json import plain, training_json

    return {
        "source": kept.source,
        "report": training_json(kept.report, _kb()) if kept.report is not None else None,
        "weeks": plain(kept.weeks),
        "runs": plain(runs.runs),
        "shoes": plain(runs.shoes),
    }


def strip_lines(imported: Imported) -> Imported:
    """For keeping: files that were read without trouble lose their names."""
    quiet = {"read", "duplicate", "already_known"}
    return replace(
        imported, files=tuple(FileLine(label="", state=f.state) if f.state in quiet else f for f in imported.files)
    )
