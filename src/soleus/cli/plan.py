"""`soleus plan CASE.yaml --out DIR`: the plan as PDF, JSON, calendar, watch workouts and FHIR bundle.

The folder remembers: its `plan.json` is the version before, so that the next run makes the next revision, moves and
cancels what is in the calendar, and removes workouts that no longer hold.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from soleus.cli.assess import running_of, write_bytes
from soleus.cli.common import knowledge_of, today_of, wrap
from soleus.cli.films import films_of
from soleus.cli.plan_summary import summary
from soleus.clinic.film_evidence import with_films
from soleus.clinic.training_evidence import with_training
from soleus.core.assessment import Assessment
from soleus.core.case import Case
from soleus.core.errors import AnswerError, BackendError, CaseFileError, Conflict, InputError, SoleusError
from soleus.core.goals import Goals
from soleus.core.plan import Plan
from soleus.exports.film_wording import plan_changes
from soleus.exports.plan_json import plan_from_json, plan_json
from soleus.knowledge.base import KnowledgeBase

PLAN_FILE, PDF_FILE, CALENDAR_FILE = "plan.json", "plan.pdf", "plan.ics"
FHIR_FILE, WORKOUTS = "plan-fhir.json", "workouts"
FILMED = "What your films and tests changed"
MAX_PLAN_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class _Files:
    """What is to be written into the folder, what no longer holds, and what could not be made."""

    content: dict[str, bytes] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    failed: dict[str, SoleusError] = field(default_factory=dict)

    def add(self, name: str, make: Callable[[], bytes]) -> None:
        """One file; a part that is not installed leaves the others alone."""
        try:
            self.content[name] = make()
        except SoleusError as error:
            self.failed[name] = error


def run(arguments: argparse.Namespace) -> int:
    """Plan for one case; write the files into `--out` and print a summary."""
    from soleus.clinic import assess
    from soleus.clinic.plan import build_plan
    from soleus.readers.case_file import read_case

    kb = knowledge_of(arguments)
    today = today_of(arguments)
    case = read_case(arguments.case, kb)
    goals = _goals(arguments, kb, today)
    previous = _previous(arguments, case, today)
    report = None
    if arguments.activities:
        running, _ = running_of(arguments, case, kb, today)
        case, report = with_training(case, running.report, kb), running.report
        assessment = running.effect.after
    else:
        assessment = assess(case, kb, today)
    films, unfilmed = films_of(arguments, kb), None
    if films is not None:
        unfilmed = build_plan(case, goals, kb, today, assessment=assessment, report=report, previous=previous)
        case = with_films(case, films.gait, films.heel_raise, kb, foot_checks=films.foot_checks)
        assessment = assess(case, kb, today)
    plan = build_plan(case, goals, kb, today, assessment=assessment, report=report, films=films, previous=previous)
    unchanged = previous is not None and _same(plan, previous)
    if unchanged and previous is not None:
        plan = previous
    files = _Files() if unchanged else _make(plan, previous, case, assessment, kb, today, _stamp(arguments))
    written = _write(arguments.out, files)
    if arguments.json:
        print(json.dumps(plan_json(plan), indent=2, ensure_ascii=False))
        for name, error in files.failed.items():
            print(f"soleus: not written: {name}: {error}", file=sys.stderr)
    else:
        print(summary(plan, kb, today=today, onset_on=case.onset_on))
        if unfilmed is not None:
            print("\n".join(["", FILMED, *(wrap(f"- {line}") for line in plan_changes(unfilmed, plan, kb))]))
        print("\n" + _told(arguments.out, written, files, plan, unchanged=unchanged))
    return next((error.exit_code for error in files.failed.values()), 0)


# --- what goes in ------------------------------------------------------------------------------------------------
def _goals(arguments: argparse.Namespace, kb: KnowledgeBase, today: date) -> Goals:
    """The goals file, with days that cannot be refused."""
    if not arguments.goals:
        return Goals()
    from soleus.readers.goals_file import read_goals

    goals = read_goals(arguments.goals, kb)
    wrong = []
    if goals.event is not None and goals.event.on <= today:
        wrong.append(f"event.on: {goals.event.on} is over")
    wrong += [f"measures.{m.measure}.on: {m.on} lies in the future" for m in goals.measures if m.on and m.on > today]
    if wrong:
        raise AnswerError("; ".join(wrong), where=str(arguments.goals), hint=f"Today is taken as {today}")
    return goals


def _previous(arguments: argparse.Namespace, case: Case, today: date) -> Plan | None:
    """The version before: `--previous`, else the plan in the folder when it belongs to this case.

    A folder with another plan, or with a newer one, is not written over unless `--force` is given.
    """
    from soleus.planning.compose import plan_id

    given = _read_plan(arguments.previous) if arguments.previous else None
    if given is not None and case.id and given.id != plan_id(case.id, ""):
        raise Conflict(
            "this plan was made for another case", where=str(arguments.previous), hint="Give the plan.json of this case"
        )
    kept = arguments.out / PLAN_FILE
    if arguments.force or not kept.exists():
        return given
    there = _read_plan(kept)
    hint = "Choose another folder with --out, or write over it with --force"
    if given is None and not (case.id and there.id == plan_id(case.id, "")):
        raise Conflict("the folder holds the plan of another case", where=str(arguments.out), hint=hint)
    if given is not None and (there.id != given.id or there.revision > given.revision):
        raise Conflict(
            f"the folder holds another or a newer plan (version {there.revision})", where=str(arguments.out), hint=hint
        )
    if there.made_on > today:
        raise Conflict(f"the folder holds a newer plan (made on {there.made_on})", where=str(arguments.out), hint=hint)
    return given or there


def _read_plan(path: Path) -> Plan:
    try:
        if path.stat().st_size > MAX_PLAN_BYTES:
            raise CaseFileError("the file is too large for a plan", where=str(path))
        return plan_from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise CaseFileError(f"cannot read the plan ({error.strerror})", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise CaseFileError("this is no plan.json", where=str(path), hint="Give the file that soleus wrote") from error
    except InputError as error:
        raise CaseFileError(error.problem, where=f"{path}: {error.where}", hint=error.hint) from error


def _same(plan: Plan, previous: Plan) -> bool:
    """Whether nothing a runner would notice has changed: revision, hash and the day it was made do not count."""
    return replace(plan, revision=previous.revision, input_hash="", made_on=previous.made_on) == replace(
        previous, input_hash=""
    )


def _stamp(arguments: argparse.Namespace) -> datetime:
    """The moment the files are made; with `--today` its first minute, so that a run can be repeated exactly."""
    if arguments.today:
        return datetime.combine(today_of(arguments), time(0), UTC)
    return datetime.now(UTC)


# --- what comes out ----------------------------------------------------------------------------------------------
def _make(
    plan: Plan,
    previous: Plan | None,
    case: Case,
    assessment: Assessment,
    kb: KnowledgeBase,
    today: date,
    stamped_at: datetime,
) -> _Files:
    """Every file in memory first, so that a part that fails leaves no half-written folder behind."""
    from soleus.exports.fhir import plan_bundle
    from soleus.exports.fit_workout import fit_workouts
    from soleus.exports.ics import plan_calendar
    from soleus.exports.plan_pdf import plan_pdf

    files = _Files()
    files.add(PDF_FILE, lambda: plan_pdf(plan, kb, today=today, onset_on=case.onset_on))
    files.add(PLAN_FILE, lambda: _json(plan_json(plan)))
    files.add(FHIR_FILE, lambda: _json(plan_bundle(plan, case, assessment, kb, stamped_at=stamped_at)))
    before = previous is not None and bool(previous.sessions)
    if plan.sessions or before:  # a withheld plan still takes its sessions out of the calendar
        files.add(CALENDAR_FILE, lambda: plan_calendar(plan, kb, previous=previous, stamped_at=stamped_at))
    else:
        files.stale.append(CALENDAR_FILE)
    for workout in fit_workouts(plan, kb):
        files.content[f"{WORKOUTS}/{workout.name}"] = workout.content
    old = () if previous is None else fit_workouts(previous, kb)
    files.stale += [name for w in old if (name := f"{WORKOUTS}/{w.name}") not in files.content]
    return files


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def _write(out: Path, files: _Files) -> list[str]:
    """Write the files; the plan itself last, so that what the folder remembers is what it holds."""
    try:
        for folder in {(out / name).parent for name in files.content}:
            folder.mkdir(parents=True, exist_ok=True)
        for name in files.stale:
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise BackendError(
            f"cannot write ({error.strerror})", where=str(out), hint="Choose another place with --out"
        ) from error
    names = sorted(files.content, key=lambda name: name == PLAN_FILE)
    for name in names:
        write_bytes(out / name, files.content[name])
    return names


def _told(out: Path, written: list[str], files: _Files, plan: Plan, *, unchanged: bool) -> str:
    if unchanged:
        return f"Nothing has changed since version {plan.revision}; the files in {out} still hold."
    lines = [f"Written to {out}: {', '.join(sorted(written))}"]
    lines += [f"Not written: {name}: {error}" for name, error in files.failed.items()]
    return "\n".join(lines)
