"""R14 in seven short pages: what is asked, how a posted page is read, and how an answer is told back.

Every page may be left empty; the plan then says what it took for granted. What was typed is kept in `Check.goals`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

from django.http import QueryDict

from soleus.web.journey.forms import FormError, Mistakes, read_number
from soleus.web.journey.training.forms import read_day

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES = (0, 15, 20, 30, 45, 60, 75, 90, 120)
KIT: tuple[tuple[str, str], ...] = (
    ("band", "Resistance band"),
    ("loop_band", "Loop band"),
    ("dumbbell", "Dumbbells or kettlebells"),
    ("gym", "A gym (seated calf machine, leg press, barbell)"),
    ("foam_roller", "Foam roller or massage stick"),
    ("rope", "Skipping rope"),
    ("box", "A sturdy box or bench, 10 to 30 cm high"),
    ("ball", "A small ball"),
    ("bike", "A bike or exercise bike"),
    ("elliptical", "A cross-trainer"),
    ("pool", "A swimming pool"),
    ("hill", "A gentle hill nearby"),
    ("grass_or_track", "Flat grass or a running track nearby"),
)
SPORTS: tuple[tuple[str, str, str], ...] = (
    ("cycling", "Cycling", "none"),
    ("swimming", "Swimming", "none"),
    ("gym", "Strength training in a gym", "low"),
    ("walking", "Hiking or long walks", "low"),
    ("yoga", "Yoga or Pilates", "none"),
    ("racket", "Tennis, padel, badminton or squash", "high"),
    ("football", "Football, hockey or another team sport", "high"),
    ("dancing", "Dancing or aerobics", "high"),
    ("other", "Another sport, no jumping or running", "low"),
    ("other_impact", "Another sport with jumping or running", "high"),
)
SPORT_ROWS = 4
WANTS: tuple[tuple[str, str], ...] = (
    ("keep_running", "Keep some running going, if it is safe"),
    ("minimal_shoes", "Run in minimalist or very flat shoes"),
    ("carbon_shoes", "Run in shoes with a carbon plate"),
    ("orthoses", "Use insoles or arch supports"),
)
ARCHES = (("usual", "Neither, or I was never told"), ("flat", "Flat"), ("high", "High"), ("unknown", "I don’t know"))
TRIED: tuple[tuple[str, str], ...] = (
    ("ice", "Ice"),
    ("heat", "Heat"),
    ("massage", "Massage or foam rolling"),
    ("compression_sock", "Compression socks or sleeve"),
    ("heel_lift", "Heel lifts in the shoes"),
    ("taping_calf", "Tape"),
    ("wall_stretch_straight", "Calf stretches"),
    ("dl_heel_raise", "Heel raises"),
    ("paracetamol", "Paracetamol"),
    ("ibuprofen", "Ibuprofen or another anti-inflammatory"),
)
ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin", "Europe/Helsinki",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo",
    "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
    "Pacific/Auckland",
)  # fmt: skip
MOST_KM, MOST_RUNS, FURTHEST_YEARS = 400.0, 14, 3

Kept = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One page of R14."""

    id: str
    title: str
    lead: str
    read: Callable[[QueryDict, date], Any]
    """The part of `Check.goals` that was posted; None = left empty. Raises Mistakes."""
    tell: Callable[[Any], str]
    """The kept part in a few words."""


def _several(post: QueryDict, name: str, known: Mapping[str, str]) -> list[str]:
    return [value for value in post.getlist(name) if value in known]


# --- days ---------------------------------------------------------------------------------------------------------
def _read_days(post: QueryDict, today: date) -> Kept | None:  # noqa: ARG001 - same shape for all pages
    minutes = {str(day): int(post.get(f"day-{day}") or -1) for day in range(7) if _is_minutes(post.get(f"day-{day}"))}
    zone = post.get("zone", ZONES[0])
    if zone not in available_timezones():
        raise Mistakes(FormError("zone", "Choose the time zone you live in from the list"))
    at = _read_time(post.get("at", ""))
    if not minutes:
        return None
    if not any(minutes.values()):
        raise Mistakes(FormError("day-0", "Give at least one day with some time, or leave the whole page empty"))
    return {"minutes": minutes, "at": at, "zone": zone}


def _is_minutes(typed: str | None) -> bool:
    return typed in {str(minutes) for minutes in MINUTES}


def _read_time(typed: str) -> str:
    typed = typed.strip().replace(".", ":")
    if not typed:
        return ""
    hours, _, minutes = typed.partition(":")
    try:
        return time(int(hours), int(minutes or 0)).isoformat("minutes")
    except ValueError:
        raise Mistakes(FormError("at", "Write the time as hours and minutes, such as 18:30")) from None


def _tell_days(kept: Kept) -> str:
    days = [f"{WEEKDAYS[int(day)]} {minutes} min" for day, minutes in sorted(kept["minutes"].items()) if minutes]
    return ", ".join(days) + (f"; from {kept['at']}" if kept.get("at") else "")


# --- event --------------------------------------------------------------------------------------------------------
def _read_event(post: QueryDict, today: date) -> Kept | None:
    name = "".join(c for c in " ".join(post.get("name", "").split()) if c.isprintable())[:80]
    parts = [post.get(f"event-{part}", "").strip() for part in ("day", "month", "year")]
    km = read_number(post, "km", low=0.1, high=MOST_KM, what="the distance in km")
    if not any(parts):
        if name or km is not None:
            raise Mistakes(FormError("event-day", "Write the day of the event, or empty the page"))
        return None
    on = read_day(*parts)
    if on is None:
        raise Mistakes(FormError("event-day", "There is no such day. Write it as numbers, such as 3 5 2027"))
    if on <= today:
        raise Mistakes(FormError("event-day", "The day of the event must lie in the future"))
    if on.year - today.year > FURTHEST_YEARS:
        raise Mistakes(FormError("event-year", f"Write a day within {FURTHEST_YEARS} years"))
    return {"name": name or "Your event", "on": on.isoformat(), "km": km}


def _tell_event(kept: Kept) -> str:
    on = date.fromisoformat(kept["on"])
    return f"{kept['name']}, {on.day} {on:%B %Y}" + (f", {kept['km']:g} km" if kept.get("km") else "")


# --- kit, sports --------------------------------------------------------------------------------------------------
def _read_kit(post: QueryDict, today: date) -> list[str] | None:  # noqa: ARG001
    chosen = _several(post, "kit", dict(KIT))
    if post.get("none") == "yes" and chosen:
        raise Mistakes(FormError("none", "Take away the tick at “None of these”, or the other ticks"))
    return chosen if chosen or post.get("none") == "yes" else None


def _read_sports(post: QueryDict, today: date) -> list[Kept] | None:  # noqa: ARG001
    impact = {sport: level for sport, _, level in SPORTS}
    rows: list[Kept] = []
    for row in range(SPORT_ROWS):
        sport = post.get(f"sport-{row}", "")
        if sport not in impact:
            continue
        day = post.get(f"sport-day-{row}", "")
        if day not in {str(n) for n in range(7)}:
            raise Mistakes(FormError(f"sport-day-{row}", "Choose the day of the week for this sport"))
        minutes = read_number(post, f"sport-min-{row}", low=5, high=600, what="the minutes of this sport")
        if minutes is None:
            raise Mistakes(FormError(f"sport-min-{row}", "Write how many minutes this sport takes, such as 60"))
        rows.append({"sport": sport, "weekday": int(day), "minutes": round(minutes), "impact": impact[sport]})
    return rows or None


def _tell_sports(kept: list[Kept]) -> str:
    names = {sport: name for sport, name, _ in SPORTS}
    return "; ".join(f"{names[row['sport']]} on {WEEKDAYS[row['weekday']]}, {row['minutes']} min" for row in kept)


# --- usual running, shoes and feet, tried -------------------------------------------------------------------------
def _read_usual(post: QueryDict, today: date) -> Kept | None:  # noqa: ARG001
    kept: Kept = {
        "km": read_number(post, "km", low=0, high=MOST_KM, what="the kilometres a week"),
        "runs": read_number(post, "runs", low=0, high=MOST_RUNS, what="the runs a week"),
        "longest": read_number(post, "longest", low=0, high=MOST_KM, what="the longest run"),
    }
    if kept["km"] is not None and kept["longest"] is not None and kept["longest"] > 4 * max(kept["km"], 1):
        raise Mistakes(FormError("longest", "This longest run does not fit the kilometres a week. Check both"))
    return kept if any(value is not None for value in kept.values()) else None


def _tell_usual(kept: Kept) -> str:
    told = [
        f"{kept['km']:g} km a week" if kept["km"] is not None else "",
        f"{kept['runs']:g} runs a week" if kept["runs"] is not None else "",
        f"longest {kept['longest']:g} km" if kept["longest"] is not None else "",
    ]
    return ", ".join(part for part in told if part)


def _read_shoes(post: QueryDict, today: date) -> Kept | None:  # noqa: ARG001
    arch = post.get("arch", "")
    kept: Kept = {"wants": _several(post, "wants", dict(WANTS)), "arch": arch if arch in dict(ARCHES) else ""}
    return kept if kept["wants"] or kept["arch"] else None


def _tell_shoes(kept: Kept) -> str:
    wants = [dict(WANTS)[want].lower() for want in kept["wants"]]
    arch = f"arches: {dict(ARCHES)[kept['arch']].lower()}" if kept["arch"] else ""
    return "; ".join([*wants, *([arch] if arch else [])])


def _read_tried(post: QueryDict, today: date) -> list[str] | None:  # noqa: ARG001
    chosen = _several(post, "tried", dict(TRIED))
    if post.get("none") == "yes" and chosen:
        raise Mistakes(FormError("none", "Take away the tick at “Nothing yet”, or the other ticks"))
    return chosen if chosen or post.get("none") == "yes" else None


def _tell_list(names: Mapping[str, str], empty: str) -> Callable[[list[str]], str]:
    return lambda kept: ", ".join(names[item] for item in kept if item in names) or empty


SECTIONS: Mapping[str, Section] = {
    section.id: section
    for section in (
        Section(
            id="days",
            title="Which days have time for training?",
            lead="All training of a day together. The plan stays within this.",
            read=_read_days,
            tell=_tell_days,
        ),
        Section(
            id="event",
            title="Is there a race or a day you train for?",
            lead="We say honestly whether it is likely. The plan never hurries for a date.",
            read=_read_event,
            tell=_tell_event,
        ),
        Section(
            id="kit",
            title="What could you train with?",
            lead="A wall, a chair, stairs, a towel and a rucksack are enough to start. Choose what else you have.",
            read=_read_kit,
            tell=_tell_list(dict(KIT), "Nothing special"),
        ),
        Section(
            id="sports",
            title="Which other sports do you do each week?",
            lead="So that hard days do not fall together. Sports with jumping or running may have to wait at first.",
            read=_read_sports,
            tell=_tell_sports,
        ),
        Section(
            id="usual",
            title="How much did you run before the pain?",
            lead="In a usual week of the month before. It sets how far the plan leads, and how fast.",
            read=_read_usual,
            tell=_tell_usual,
        ),
        Section(
            id="shoes",
            title="Your shoes and feet",
            lead="Choose all that fit.",
            read=_read_shoes,
            tell=_tell_shoes,
        ),
        Section(
            id="tried",
            title="What have you tried that did not help?",
            lead="The plan tries something else first, where there is a choice.",
            read=_read_tried,
            tell=_tell_list(dict(TRIED), "Nothing yet"),
        ),
    )
}
