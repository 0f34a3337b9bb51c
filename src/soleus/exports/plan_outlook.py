"""When running comes back: the gate, the steps, the forecasts and the chance of another episode, in words."""

from __future__ import annotations

from datetime import date, timedelta

from soleus.core.plan import Forecast, Plan, RunningPlan
from soleus.exports.plan_parts import Sources, criterion, said
from soleus.exports.plan_week import short_date
from soleus.exports.plan_wording import (
    around_words,
    days_in_words,
    number,
    pain_words,
    say,
    sentence,
    whole_minutes,
    workout_words,
)
from soleus.exports.wording import long_date, text
from soleus.knowledge.base import KnowledgeBase

Document = dict[str, object]


def running(plan: Plan, kb: KnowledgeBase, sources: Sources) -> Document | None:
    """The gate with what is met, the table of steps, the rules and the caps."""
    way = plan.running
    if way is None:
        return None
    notes = [said(kb, stage.workout.notes) for stage in way.stages]
    shared = [line for line in (notes[0] if notes else []) if all(line in lines for lines in notes)]
    return {
        "name": text(kb, f"programme.{way.programme}.name", way.programme.replace("_", " ")),
        "open": way.open,
        "now": text(kb, f"plan.running.now.{_now(way)}"),
        "allowed": text(kb, f"plan.phase.run.{way.allowed_now}"),
        "gate": text(kb, f"gate.{way.gate}.name", way.gate.replace("_", " ")),
        "gate_lines": [criterion(kb, state) for state in way.gate_state],
        "stages": [
            {
                "number": stage.number,
                "here": stage.number == way.first_stage and not still_running(way),
                "what": sentence(workout_words(kb, stage.workout)),
                "around": around_words(kb, stage.workout),
                "name": say(stage.workout.name, kb),
                "minutes": whole_minutes(stage.workout.total_s),
                "run_minutes": whole_minutes(stage.workout.run_s),
                "times": text(kb, f"plan.running.session{'' if stage.sessions == 1 else 's'}", n=str(stage.sessions)),
                "notes": [line for line in lines if line not in shared],
            }
            for stage, lines in zip(way.stages, notes, strict=True)
        ],
        "notes": shared,
        "if_stopped": text(kb, "plan.running.if_stopped") if still_running(way) else "",
        "rules": _rules(kb, way),
        "sources": sources.number(way.sources),
    }


STILL_RUNNING = ("within_pain", "half", "full")
"""What a stage may allow without the steps of the programme."""


def still_running(way: RunningPlan) -> bool:
    """Whether the runner runs outside the steps of the programme; full running needs its tests."""
    return way.allowed_now in STILL_RUNNING and (way.open or way.allowed_now != "full")


def _now(way: RunningPlan) -> str:
    """Which word about running holds today: what the stage allows comes before the steps of the programme."""
    if still_running(way):
        return way.allowed_now
    return "open" if way.open and way.allowed_now != "none" else "closed"


def _rules(kb: KnowledgeBase, way: RunningPlan) -> list[str]:
    lines = [
        text(kb, "plan.running.per_week", n=str(way.sessions_per_week), rest=_hours(kb, way.min_rest_h)),
        pain_words(kb, way.pain_max_nrs, "plan.running"),
        *(say(rule, kb) for rule in way.rules),
    ]
    for name, cap in (("cap_week", way.weekly_cap_km), ("cap_run", way.single_run_cap_km)):
        if cap is not None:
            lines.append(text(kb, f"plan.running.{name}", km=number(round(cap, 1))))
    return [line for line in lines if line]


def _hours(kb: KnowledgeBase, hours: int) -> str:
    return (
        days_in_words(kb, hours / 24)
        if hours >= 48 and hours % 24 == 0
        else text(kb, "plan.running.hours", n=str(hours))
    )


def forecasts(plan: Plan, kb: KnowledgeBase, sources: Sources, *, today: date, onset_on: date | None) -> list[Document]:
    """Each milestone: half get there within …, 8 in 10 from … to …, with what it rests on."""
    return [_forecast(plan, kb, item, sources, today, onset_on) for item in plan.forecasts]


def rests_on(plan: Plan, kb: KnowledgeBase) -> list[str]:
    """What all the forecasts rest on and what limits them, each line once."""
    parts = [[*item.modifiers, *item.caveats, *item.basis] for item in plan.forecasts]
    return list(dict.fromkeys(line for messages in parts for line in said(kb, messages)))


FROM_START, FROM_TODAY = "prognosis.caveat.from_start", "prognosis.caveat.onset_unknown"
"""Caveats that say from which day a forecast counts when it is not the day the pain began."""


def _counted_from(plan: Plan, item: Forecast, onset_on: date | None) -> tuple[str, date | None]:
    """What a forecast counts from, as part of a text id, and the day itself when it is known."""
    caveats = {caveat.text for caveat in item.caveats}
    if FROM_START in caveats:
        return "_start", plan.starts_on
    return ("_today", plan.made_on) if FROM_TODAY in caveats else ("", onset_on)


def _forecast(
    plan: Plan, kb: KnowledgeBase, item: Forecast, sources: Sources, today: date, onset_on: date | None
) -> Document:
    days = {"median": item.median_days, "p10": item.p10_days, "p90": item.p90_days}
    words = {name: days_in_words(kb, count) for name, count in days.items()}
    dates, passed, between = "", "", ""
    since, first = _counted_from(plan, item, onset_on)
    if first is not None:
        on = {name: first + timedelta(days=round(count)) for name, count in days.items()}
        if on["p90"] < today:
            passed = text(kb, "plan.forecast.passed")
        elif on["median"] >= today:
            between = text(
                kb, "plan.forecast.to", low=short_date(on["p10"], today.year), high=short_date(on["p90"], today.year)
            )
            dates = text(kb, "plan.forecast.dates", **{name: long_date(day) for name, day in on.items()})
    return {
        "milestone": item.milestone,
        "name": text(kb, f"plan.forecast.milestone.{item.milestone}", item.milestone.replace("_", " ")),
        "line": text(kb, f"plan.forecast.line{since}", **words),
        "median": words["median"],
        "range": text(kb, "plan.forecast.to", low=words["p10"], high=words["p90"]),
        "days": {name: round(count, 1) for name, count in days.items()},
        "dates": dates,
        "between": between,
        "passed": passed,
        "confidence": text(kb, f"plan.forecast.confidence.{item.confidence}"),
        "basis": said(kb, item.basis),
        "caveats": said(kb, item.caveats),
        "modifiers": said(kb, item.modifiers),
        "sources": sources.number(item.sources),
    }


def event(plan: Plan, kb: KnowledgeBase) -> Document | None:
    """Whether the race can be run on its day, in one honest sentence."""
    item = plan.event
    if item is None:
        return None
    return {
        "name": item.name,
        "on": item.on.isoformat(),
        "date": long_date(item.on),
        "verdict": item.verdict,
        "word": text(kb, f"plan.race.{item.verdict}"),
        "line": say(item.because, kb),
    }


def recurrence(plan: Plan, kb: KnowledgeBase, sources: Sources) -> Document | None:
    """The chance of another episode, what raises it and what lowers it."""
    item = plan.recurrence
    if item is None:
        return None
    counts = {
        name: str(round(100 * share)) for name, share in (("mean", item.mean), ("low", item.low), ("high", item.high))
    }
    return {
        "line": text(kb, "plan.recurrence.line", **counts),
        "window": text(kb, "plan.recurrence.window", weeks=str(item.window_weeks)),
        "raises": said(kb, item.raises),
        "lowers": said(kb, item.lowers),
        "sources": sources.number(item.sources),
    }
