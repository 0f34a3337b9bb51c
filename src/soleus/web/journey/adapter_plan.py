"""Where the pages meet the planner: goals, plan, its words, and its files."""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from soleus.core.case import Case
from soleus.core.plan import Plan, PlanStatus
from soleus.web.journey import adapter_training
from soleus.web.journey.planning import store
from soleus.web.journey.planning.goals import goals_of
from soleus.web.sealing import fingerprint

if TYPE_CHECKING:
    from soleus.core.assessment import Assessment
    from soleus.web.journey.state import Check

KEEP_DAYS = 7
"""A plan made longer ago is made anew when it is looked at: its first week has gone by."""


def _kb() -> Any:
    from soleus.web.journey.adapter import kb

    return kb()


def make_plan(check: Check, today: date, assessment: Assessment | None, previous: Plan | None) -> Plan:
    """The plan of these answers and goals. The planner's own safety net turns a failure into "get seen"."""
    from soleus.clinic.plan import build_plan
    from soleus.web.journey.adapter import case_of
    from soleus.web.journey.adapter_film import films_of

    return build_plan(
        case_of(check),
        goals_of(check.goals),
        _kb(),
        today,
        assessment=assessment,
        report=adapter_training.report_of(check),
        previous=previous,
        films=films_of(check),
    )


def plan_now(
    check: Check, today: date, assessment: Assessment | None, *, keep_s: int, anew: bool = False
) -> store.Kept:
    """The plan in force. A new revision is made when answers, goals or knowledge changed, after a week, or `anew`."""
    kept = store.load(check.id)
    made_from = _made_from(check, assessment)
    if kept is not None and not anew and kept.made_from == made_from and _is_young(kept.plan, today):
        return kept
    previous = kept.plan if kept is not None else None
    made = make_plan(check, today, assessment, previous)
    before = previous
    if kept is not None and not has_sessions(made) and not has_sessions(kept.plan):
        before = kept.before  # so that the sessions last planned can still be taken out of the calendar
    fresh = store.Kept(plan=made, before=before, made_from=made_from)
    store.save(check.id, fresh, keep_s=keep_s)
    return fresh


def _made_from(check: Check, assessment: Assessment | None) -> str:
    """Without an assessment it never equals: a plan is then made, and withheld, anew each time.

    A heel-raise test counts from the moment it is read, also before anybody looked at its result.
    """
    from soleus.web.journey.adapter_film import heel_report

    if assessment is None or assessment.problems:
        return secrets.token_hex(16)
    goals = json.dumps(check.goals, sort_keys=True)
    onset = check.onset_on or ""
    heel = heel_report(check)
    tests = "" if heel is None else heel.measures
    return fingerprint(f"{assessment.input_hash} {assessment.disposition.slug} {onset} {goals} {tests}", "plan-inputs")


def _is_young(plan: Plan, today: date) -> bool:
    return 0 <= (today - plan.made_on).days <= KEEP_DAYS


def document(plan: Plan, check: Check, *, today: date) -> dict[str, Any]:
    from soleus.exports.plan_document import plan_document

    onset_on = date.fromisoformat(check.onset_on) if check.onset_on else None
    return plan_document(plan, _kb(), today=today, onset_on=onset_on, pictures=True)


# --- files ---------------------------------------------------------------------------------------------------------
def pdf(plan: Plan) -> bytes:
    from soleus.exports.plan_pdf import plan_pdf

    return plan_pdf(plan, _kb())


def calendar(plan: Plan, previous: Plan | None, stamped_at: datetime) -> bytes:
    from soleus.exports.ics import plan_calendar

    return plan_calendar(plan, _kb(), previous=previous, stamped_at=stamped_at)


def workouts_zip(plan: Plan) -> bytes:
    """All watch workouts in one zip, with the same bytes for the same plan."""
    from soleus.exports.fit_workout import fit_workouts

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for workout in fit_workouts(plan, _kb()):
            archive.writestr(zipfile.ZipInfo(workout.name, (1980, 1, 1, 0, 0, 0)), workout.content)
    return content.getvalue()


def bundle(plan: Plan, case: Case, assessment: Assessment | None, stamped_at: datetime) -> dict[str, Any]:
    from soleus.exports.fhir import plan_bundle

    return dict(plan_bundle(plan, case, assessment, _kb(), stamped_at=stamped_at))


def plain(plan: Plan) -> dict[str, Any]:
    from soleus.exports.plan_json import plan_json

    return dict(plan_json(plan))


def has_workouts(plan: Plan) -> bool:
    """Whether there is a run for the watch: none before running may begin."""
    from soleus.exports.fit_workout import fit_workouts

    return bool(fit_workouts(plan, _kb()))


def has_sessions(plan: Plan | None) -> bool:
    return plan is not None and plan.status is PlanStatus.DRAFT and bool(plan.sessions)
