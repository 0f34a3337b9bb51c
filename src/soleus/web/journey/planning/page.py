"""What the templates of R14 and R15 show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from soleus.core.plan import Plan
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.plan_base import MeasureDefinition
from soleus.web.journey import wording
from soleus.web.journey.planning import sections
from soleus.web.journey.planning.sections import SECTIONS
from soleus.web.journey.planning.tests import is_compared
from soleus.web.journey.state import Check

EMPTY = {"days": "Any day, about 45 minutes", "event": "None", "usual": "Not given"}


def goal_rows(check: Check) -> list[dict[str, Any]]:
    """Each page of R14: its question, what was said, and where to change it."""
    rows = []
    for section in SECTIONS.values():
        kept = check.goals.get(section.id)
        said = section.tell(kept) if kept is not None else ""
        rows.append(
            {
                "id": section.id,
                "title": section.title,
                "said": said or EMPTY.get(section.id, "Not given"),
                "given": bool(said),
                "url": reverse("plan_section", args=[section.id]),
            }
        )
    return rows


def next_section(check: Check, after: str) -> str | None:
    """The next page not yet seen; None once all were."""
    order = list(SECTIONS)
    following = order[order.index(after) + 1 :]
    return next((name for name in following if name not in check.goals), None)


# --- forms ---------------------------------------------------------------------------------------------------------
def section_form(section_id: str, kept: Any) -> dict[str, Any]:
    """What the page shows at first: what was kept."""
    return _FORMS[section_id](_flat(section_id, kept))


def posted_form(section_id: str, post: QueryDict) -> dict[str, Any]:
    """What the page shows again after a mistake: exactly what was typed."""
    return _FORMS[section_id]({name: post.getlist(name) for name in post})


Values = Mapping[str, list[str]]


def _flat(section_id: str, kept: Any) -> Values:
    """The kept part as the fields that would post it."""
    if kept is None:
        return {}
    if section_id == "days":
        fields = {f"day-{day}": [str(minutes)] for day, minutes in kept["minutes"].items()}
        return {**fields, "at": [kept.get("at") or ""], "zone": [kept.get("zone") or ""]}
    if section_id == "event":
        on = date.fromisoformat(kept["on"])
        return {
            "name": [kept["name"]],
            "km": [f"{kept['km']:g}" if kept.get("km") else ""],
            "event-day": [str(on.day)],
            "event-month": [str(on.month)],
            "event-year": [str(on.year)],
        }
    if section_id in ("kit", "tried"):
        return {section_id: list(kept), "none": [] if kept else ["yes"]}
    if section_id == "sports":
        fields = {}
        for n, row in enumerate(kept):
            fields |= {
                f"sport-{n}": [row["sport"]],
                f"sport-day-{n}": [str(row["weekday"])],
                f"sport-min-{n}": [str(row["minutes"])],
            }
        return fields
    if section_id == "usual":
        return {name: [f"{value:g}"] for name, value in kept.items() if value is not None}
    return {"wants": kept["wants"], "arch": [kept["arch"]]}


def _one(values: Values, name: str) -> str:
    return (values.get(name) or [""])[-1]


def _ticks(values: Values, name: str, known: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    chosen = values.get(name) or []
    return [{"value": value, "label": label, "checked": value in chosen} for value, label in known]


def _days(values: Values) -> dict[str, Any]:
    def options(day: int) -> list[dict[str, Any]]:
        chosen = _one(values, f"day-{day}")
        words = [("", "Don’t mind"), *((str(m), f"{m} minutes" if m else "No time") for m in sections.MINUTES)]
        return [{"value": value, "label": label, "chosen": value == chosen} for value, label in words]

    zone = _one(values, "zone")
    zones = sections.ZONES if zone in sections.ZONES or not zone else (zone, *sections.ZONES)
    return {
        "days": [{"id": f"day-{n}", "name": name, "options": options(n)} for n, name in enumerate(sections.WEEKDAYS)],
        "at": _one(values, "at"),
        "zones": [{"value": z, "label": z.replace("_", " "), "chosen": z == zone} for z in zones],
    }


def _event(values: Values) -> dict[str, Any]:
    return {name: _one(values, f"event-{name}") for name in ("day", "month", "year")} | {
        "name": _one(values, "name"),
        "km": _one(values, "km"),
    }


def _sports(values: Values) -> dict[str, Any]:
    def row(n: int) -> dict[str, Any]:
        sport, day = _one(values, f"sport-{n}"), _one(values, f"sport-day-{n}")
        names = [("", "None"), *((value, label) for value, label, _ in sections.SPORTS)]
        days = [("", "Choose"), *((str(d), name) for d, name in enumerate(sections.WEEKDAYS))]
        return {
            "n": n,
            "key": str(n),
            "number": n + 1,
            "sports": [{"value": v, "label": label, "chosen": v == sport} for v, label in names],
            "days": [{"value": v, "label": label, "chosen": v == day} for v, label in days],
            "minutes": _one(values, f"sport-min-{n}"),
        }

    return {"rows": [row(n) for n in range(sections.SPORT_ROWS)]}


def _usual(values: Values) -> dict[str, Any]:
    return {name: _one(values, name) for name in ("km", "runs", "longest")}


def _shoes(values: Values) -> dict[str, Any]:
    arch = _one(values, "arch")
    return {
        "wants": _ticks(values, "wants", sections.WANTS),
        "arches": [{"value": v, "label": label, "checked": v == arch} for v, label in sections.ARCHES],
    }


def _kit(values: Values) -> dict[str, Any]:
    return {"kit": _ticks(values, "kit", sections.KIT), "none": _one(values, "none") == "yes"}


def _tried(values: Values) -> dict[str, Any]:
    return {"tried": _ticks(values, "tried", sections.TRIED), "none": _one(values, "none") == "yes"}


_FORMS = {
    "days": _days,
    "event": _event,
    "kit": _kit,
    "sports": _sports,
    "usual": _usual,
    "shoes": _shoes,
    "tried": _tried,
}


def measure_rows(
    measures: Sequence[MeasureDefinition], results: Mapping[str, Any], today: date, post: QueryDict | None = None
) -> list[dict[str, Any]]:
    """Each test with how to do it, what was typed today, and the day of the result before."""
    kept = {name: row for name, row in results.items() if row.get("on") == today.isoformat()}

    def typed(measure: MeasureDefinition, part: str) -> str:
        name = measure.id if part == "value" else f"{measure.id}-pain"
        if post is not None:
            return post.get(name, "")
        value = (kept.get(measure.id) or {}).get(part)
        if value is None:
            return ""
        return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"

    return [
        {
            "id": measure.id,
            "name": wording.text(f"measure.{measure.id}.name", wording.sentence(wording.plain(measure.id))),
            "ask": wording.text(f"measure.{measure.id}.ask", ""),
            "how": wording.text(f"measure.{measure.id}.how", ""),
            "boolean": measure.kind == "boolean",
            "legs": _legs(measure, kept, post) if is_compared(measure) else None,
            "unit": measure.unit,
            "value": typed(measure, "value"),
            "needs_pain": measure.needs_pain,
            "pain": typed(measure, "pain"),
            "last": "" if measure.id in kept else _last(results.get(measure.id)),
        }
        for measure in measures
    ]


def _last(row: Mapping[str, Any] | None) -> str:
    """ "24 on 3 May": the result of an earlier day, which counts until there is a newer one."""
    if not row or row.get("value") is None:
        return ""
    value, on = row["value"], date.fromisoformat(row["on"])
    told = ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"
    return f"{told} on {on.day} {on:%B}"


def _legs(measure: MeasureDefinition, kept: Mapping[str, Any], post: QueryDict | None) -> list[dict[str, str]]:
    """The two fields of a measure that compares the legs."""
    known = (kept.get(measure.id) or {}).get("legs") or {}

    def typed(leg: str) -> str:
        if post is not None:
            return post.get(f"{measure.id}-{leg}", "")
        return f"{known[leg]:g}" if known.get(leg) is not None else ""

    names = {"sore": "Sore leg", "other": "Other leg"}
    return [{"id": f"{measure.id}-{leg}", "label": label, "value": typed(leg)} for leg, label in names.items()]


# --- what changed --------------------------------------------------------------------------------------------------
def changed(before: Plan | None, now: Plan, kb: KnowledgeBase) -> list[str]:
    """The differences to the plan seen before, in words; empty when there is none or nothing changed."""
    if before is None:
        return []
    lines = []
    if before.status is not now.status:
        lines.append("Whether you can train by this plan has changed. Please read the first part again.")
    if before.family != now.family:
        lines.append("It is now a plan for another likely cause.")
    was, is_now = before.current, now.current
    if was is not None and is_now is not None and was.id != is_now.id:
        name = kb.text.get(f"phase.{is_now.text}.name", f"stage {is_now.number + 1}")
        lines.append(f"You are now in another stage: {name}.")
    lines += _exercise_changes(before, now, kb)
    old = {session.id: session.on for session in before.sessions}
    new = {session.id: session.on for session in now.sessions}
    moved = sum(1 for name, on in new.items() if name in old and old[name] != on)
    if moved:
        lines.append(f"{moved} session{'s are' if moved > 1 else ' is'} on another day.")
    return lines


def _exercise_changes(before: Plan, now: Plan, kb: KnowledgeBase) -> list[str]:
    old = {p.exercise for p in before.current.prescriptions} if before.current else set()
    new = {p.exercise for p in now.current.prescriptions} if now.current else set()

    def names(items: set[Any]) -> str:
        return ", ".join(sorted(kb.text.get(f"exercise.{item}.name", item) for item in items))

    lines = [f"New exercises: {names(new - old)}."] if new - old else []
    return [*lines, f"No longer in it: {names(old - new)}."] if old - new else lines


def asks_medicines(plan: Plan) -> bool:
    """Whether answers about medicines could release something held back."""
    return any(reason.startswith("unknown_fact:") for item in plan.care_withheld for reason in item.because)
