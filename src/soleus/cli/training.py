"""`soleus training PATH... --onset DATE`: what changed in the running before the pain began."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.cli.common import day_of, knowledge_of, today_of, wrap
from soleus.core.errors import ActivityFileError, AnswerError, BackendError

if TYPE_CHECKING:
    from soleus.core.case import Case
    from soleus.core.training import TrainingReport
    from soleus.exports.training_document import Imported
    from soleus.history import History, Progress, RunnerStore
    from soleus.knowledge.base import KnowledgeBase

BAR_WIDTH = 24
REDRAW_S = 0.1
SHOWN_PROBLEMS = 20
LABEL_WIDTH = 34
NAME_WIDTH = 56


def run(arguments: argparse.Namespace) -> int:
    """Read the files, analyse them, and print or write the report."""
    from soleus.clinic.training_evidence import compare
    from soleus.exports.training_document import training_document
    from soleus.exports.training_json import effect_json, training_json

    kb = knowledge_of(arguments)
    today = today_of(arguments)
    case = _case(arguments, kb)
    onset_on = _onset(arguments, case, today)
    history, imported = read_history(arguments.paths, kb, store=arguments.store, workers=arguments.workers)
    report = analyse(history, onset_on, kb, case)
    effect = compare(case, report, kb, today) if case is not None else None
    if arguments.json:
        document = training_json(report, kb, imported=imported)
        if effect is not None:
            document["training_effect"] = effect_json(effect, kb)
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        seen = named_for_terminal(history, imported)
        print(text_report(training_document(report, kb, imported=seen, effect=effect, clinical=arguments.clinical)))
    if arguments.html:
        from soleus.exports.training_html import training_html

        page = training_html(report, kb, imported=imported, effect=effect, clinical=arguments.clinical)
        write_text(arguments.html, page)
    return 0


def analyse(history: History, onset_on: date, kb: KnowledgeBase, case: Case | None) -> TrainingReport:
    """The training analysis of an imported history."""
    from soleus.training.analysis import analyse_training

    runner = None if case is None else case.runner
    return analyse_training(history.runs, onset_on=onset_on, kb=kb, shoes=history.shoes, runner=runner)


def read_history(
    paths: Sequence[Path], kb: KnowledgeBase, *, store: Path | None = None, workers: int | None = None
) -> tuple[History, Imported]:
    """Import files, folders and archives with a progress bar; raises when none of them holds an activity."""
    from soleus.history import import_history
    from soleus.history.imported import imported_of

    for path in paths:
        _look_at(path)
    bar = ProgressBar()
    try:
        kept = _open_store(store) if store else None
        history = import_history(paths, kb=kb, store=kept, workers=workers, progress=bar.show)
    finally:
        bar.clear()
    imported = imported_of(history)
    if not history.runs:
        lines = named_for_terminal(history, imported).files
        reasons = [f"{line.label}: {line.reason}" for line in lines if line.reason][:3]
        raise ActivityFileError(
            "no activity could be read from these files" + (f" ({'; '.join(reasons)})" if reasons else ""),
            hint="Give FIT, GPX or TCX files, an Apple Health export, or the zip that Strava or Garmin sends you",
        )
    return history, imported


def _look_at(path: Path) -> None:
    """Say at once what is wrong with a path that was mistyped or is closed to this person."""
    try:
        path.stat()
    except FileNotFoundError as error:
        raise ActivityFileError("there is no such file or folder", where=str(path), hint="Check the path") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise ActivityFileError(f"cannot be opened ({why})", where=str(path), hint="Check the path") from error


def _open_store(folder: Path) -> RunnerStore:
    from soleus.history import RunnerStore

    try:
        return RunnerStore(folder)
    except OSError as error:
        raise BackendError(
            f"cannot keep the history there ({error.strerror})", where=str(folder), hint="Choose another place"
        ) from error


def named_for_terminal(history: History, imported: Imported) -> Imported:
    """The same import with loose files by their own names, so that they can be found: for the terminal only."""
    named = zip(imported.files, history.report.files, strict=True)
    return replace(
        imported,
        files=tuple(replace(line, label=outcome.shown) if outcome.shown else line for line, outcome in named),
    )


def text_report(document: Mapping[str, Any]) -> str:
    """The report for a terminal, the most important first."""
    words = document["words"]
    lines = [document["title"].upper(), wrap(document["headline"], "")]
    lines += [wrap(line, "") for line in document["warnings"]]
    lines += _bullets(words["effect"], document["effect"])
    lines += effect_table(document["effect_rows"])
    lines += ["", words["changed"]] if document["changed"] or document["nothing_found"] else []
    for place, change in enumerate(document["changed"], start=1):
        lines.append(wrap(f"{place}. {change['sentence']}"))
        lines += [wrap(line, "     ") for line in change["support"]]
    lines += [wrap(document["nothing_found"])] if document["nothing_found"] else []
    for part in ("onset_run", "unclear", "unchanged", "too_little", "shoes", "coverage"):
        lines += _bullets(words[part], document[part])
        lines += [wrap(document[f"{part}_note"])] if document.get(f"{part}_note") else []
    if document["balance"]:
        lines += ["", words["balance"], wrap(document["balance_note"])]
        lines += [f"  {name:<40} {value}" for name, value in document["balance"]]
    lines += _bullets(words["files"], document["files"])
    lines += _problem_table(document["problems"])
    lines += _bullets(words["limits"], document["limits"])
    lines += _bullets(words["sources"], document["sources"])
    return "\n".join([*lines, "", document["footer"]])


def effect_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Without the files and with them, in columns."""
    from soleus.exports.training_document import EFFECT_HEADER

    shown = [EFFECT_HEADER, *rows] if rows else []
    return [f"  {name[:NAME_WIDTH]:<{NAME_WIDTH}}  {before:>17}  {after:>12}" for name, before, after in shown]


def _problem_table(problems: Sequence[Sequence[str]]) -> list[str]:
    """File, what was wrong, what could still be used."""
    lines = []
    for label, reason, kept in problems[:SHOWN_PROBLEMS]:
        short = label if len(label) <= LABEL_WIDTH else f"…{label[1 - LABEL_WIDTH :]}"
        lines.append(wrap(f"{short:<{LABEL_WIDTH}}  {reason} (still used: {kept})", "  "))
    more = len(problems) - SHOWN_PROBLEMS
    return lines + ([f"  and {more} more (all of them are in --json and --html)"] if more > 0 else [])


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    return ["", title, *(wrap(f"- {item}") for item in items)] if items else []


def _case(arguments: argparse.Namespace, kb: KnowledgeBase) -> Case | None:
    from soleus.readers.case_file import read_case

    return read_case(arguments.case, kb) if arguments.case else None


def _onset(arguments: argparse.Namespace, case: Case | None, today: date) -> date:
    """`--onset`, else the case's own; never in the future."""
    stated = None if case is None else case.onset_on
    if arguments.onset:
        onset = day_of(arguments.onset, "--onset")
        if stated is not None and stated != onset:
            raise AnswerError(f"{onset} is not the case's onset_on {stated}", where="--onset", hint="Leave one out")
    elif stated is not None:
        onset = stated
    else:
        raise AnswerError(
            "the day the pain began is needed",
            where="--onset",
            hint="Write --onset YYYY-MM-DD, or onset_on: YYYY-MM-DD in the case file",
        )
    if onset > today:
        raise AnswerError(f"{onset} lies in the future", where="--onset", hint="Give the day the pain began")
    return onset


def write_text(path: Path, content: str) -> None:
    """Write a file, or say why not."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise BackendError(f"cannot write ({error.strerror})", where=str(path), hint="Choose another place") from error


class ProgressBar:
    """One line on stderr, only when somebody watches it."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._drawn_at = 0.0

    def show(self, progress: Progress) -> None:
        """Redraw, at most ten times a second."""
        now = time.monotonic()
        if not self._watched or (now - self._drawn_at < REDRAW_S and progress.share < 1):
            return
        self._drawn_at = now
        filled = round(BAR_WIDTH * progress.share)
        problems = f", {progress.problems} with a problem" if progress.problems else ""
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        line = f"{bar} {100 * progress.share:3.0f} %  {progress.files_done} files, {progress.runs} activities{problems}"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave the line empty."""
        if self._watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
