"""The plan in the terminal: the first page of the PDF in plain lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from soleus.cli.common import wrap
from soleus.core.plan import Plan
from soleus.exports.plan_document import plan_document
from soleus.knowledge.base import KnowledgeBase

Part = Mapping[str, Any]


def summary(plan: Plan, kb: KnowledgeBase, *, today: date, onset_on: date | None = None) -> str:
    """Is it safe, who to see, today, this week, pain rule, moving on, when to stop, when running comes back."""
    d: dict[str, Any] = plan_document(plan, kb, today=today, onset_on=onset_on)
    w: Mapping[str, str] = d["words"]
    head = [d["title"].upper() + (f": {d['plan_name']}" if d["plan_name"] else ""), wrap(d["status"]["label"])]
    safe = ["", f"{w['safe']} {d['safe']['title']}", wrap(d["safe"]["body"])]
    if d["urgent"]:
        return "\n".join([*head, *_see(d, w), *safe, *_net(d), "", d["made"], d["footer"]])
    lines = [*head, *safe, *_see(d, w)]
    if d["safe"]["level"] != "go":
        lines += _bullets(w["why"], d["why"])
    lines += _today(d["today"], w) + _week(d["week"], w)
    if d["pain_rule"] is not None and d["exercises"]:
        lines += ["", w["rule"], wrap(d["pain_rule"]["intro"])]
        lines += [f"  {row['word']:6} {row['range']:8} {row['do']}" for row in d["pain_rule"]["rows"]]
    for phase in d["phases"]:
        if phase["state"] == "current" and d["safe"]["level"] == "go":
            goals = [
                f"{line['text']} ({', '.join(x for x in (line['word'], line['now']) if x)})"
                for line in phase["advance"]
            ]
            lines += _bullets(f"{phase['number']}. {phase['name']}: {w['phase_advance'].lower()}", goals)
            lines += _bullets(w["phase_step_back"], [sign["sign"] for sign in phase["step_back"]])
    lines += _bullets(
        w["stop"], [f"{sign['sign']}: {sign['do']}" if sign["do"] else sign["sign"] for sign in d["net"]["signs"]]
    )
    lines += ["", wrap(d["net_foot"])]
    lines += _bullets(w["again"], [f"{f['name']}: about {f['median']} ({f['range']})" for f in d["forecasts"]])
    if d["event"] is not None:
        lines += ["", f"{w['race']}: {d['event']['word']}", wrap(d["event"]["line"])]
    care = w["care"] if d["safe"]["level"] == "go" else w["meanwhile"]
    lines += _bullets(care, [item["title"] for item in d["care"]])
    lines += _bullets(w["withheld"], [_held(group) for group in d["withheld_groups"]])
    lines += _bullets(w["measure"], [f"{m['name']}. {m['how']}" for m in d["to_measure"]])
    lines += _bullets(w["conflicts"], [*(_clash(clash, w) for clash in d["conflicts"]), d["conflicts_later"]])
    if d["safe"]["level"] == "go":
        lines += _bullets(w["why"], d["why"])
    lines += _bullets(w["assumed"], d["assumed"])
    return "\n".join([*lines, "", d["made"], d["footer"]])


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    told = [wrap(f"- {item}") for item in items if item]
    return ["", title, *told] if told else []


def _clash(clash: Part, w: Mapping[str, str]) -> str:
    wishes, change = " ".join(clash["wishes"]), " ".join(clash["least_change"])
    return f"{clash['when']}. {w['clash_wishes']}: {wishes} {w['clash_change']}: {change} {clash['left_out']}".rstrip()


def _held(group: Part) -> str:
    """Everything left out for one reason in one line."""
    first, *rest = group["names"]
    names = [first[:1].upper() + first[1:], *(name[:1].lower() + name[1:] for name in rest)]
    return f"{', '.join(names)}: {group['reason']}"


def _see(d: Part, w: Mapping[str, str]) -> list[str]:
    see: Part = d["see"]
    if not see["show"]:
        return []
    lines = ["", f"{see['title']}. {see['how_soon']}"]
    if d["safe"]["level"] != "go" and see["body"]:
        lines.append(wrap(see["body"]))
    lines += [wrap(f"- {line}") for line in see["lines"]]
    return lines + [wrap(f"{w[part]} {see[part]}") for part in ("say", "dont", "bring") if see[part]]


def _today(today: Part, w: Mapping[str, str]) -> list[str]:
    if today["kind"] == "none":
        return []
    lines = ["", f"{w['today']}: {today['title']}. {today['body']}".rstrip(), wrap(today["check"])]
    for session in today["sessions"]:
        lines.append(wrap(_session(session)))
        lines += [wrap(f"- {e['name']}: {e['dose']}", "    ") for e in session["exercises"]]
    return lines + ([wrap(today["next"])] if today["next"] else [])


def _week(week: Part | None, w: Mapping[str, str]) -> list[str]:
    if week is None:
        return []
    lines = ["", f"{w['week']}. {week['label']}"]
    for day in week["days"]:
        held = "; ".join(_session(session) for session in day["sessions"]) or day["rest"]
        lines.append(wrap(f"{'>' if day['today'] else ' '} {day['short']} {day['day']:>6}  {held}"))
    return lines


def _session(session: Part) -> str:
    at = f" {session['at']}" if session["at"] else ""
    run = f": {session['run']}" if session["run"] else ""
    return f"{session['name']}{at} ({session['minutes_words']}){run}"


def _net(d: Part) -> list[str]:
    return [line for block in d["net"]["blocks"] for line in _bullets(block["title"], block["items"])]
