"""The day the pain began, and the table of six weeks: what was posted, or what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import QueryDict

from soleus.core.training import ManualWeek
from soleus.web.journey.forms import FormError, Mistakes, read_number

WEEKS = 6
MOST_KM, MOST_RUNS = 400.0, 30
FIRST_YEAR = 2000
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CHOICES = (("", "Don’t know"), ("yes", "Yes"), ("no", "No"))
ONSET = "onset-day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """The day the pain began; None = "I can't say"."""

    on: date | None
    unsure: bool = False


def read_onset(post: QueryDict, today: date) -> Onset:
    """The day from three fields. Raises Mistakes."""
    if post.get("action") == "skip":
        return Onset(on=None)
    typed = [post.get(f"onset-{part}", "").strip() for part in ("day", "month", "year")]
    if not any(typed):
        raise Mistakes(FormError(ONSET, "Write the day the pain began, or press “I can’t say”"))
    for part, value in zip(("day", "month", "year"), typed, strict=True):
        if not value:
            raise Mistakes(FormError(ONSET, f"The date needs a {part}", f"onset-{part}"))
    on = read_day(*typed)
    if on is None:
        raise Mistakes(FormError(ONSET, "There is no such day. Write it as numbers, such as 3 11 2026"))
    if on > today:
        raise Mistakes(FormError(ONSET, "The day the pain began must be today or earlier"))
    if on.year < FIRST_YEAR:
        raise Mistakes(FormError(ONSET, f"Write a day in {FIRST_YEAR} or later", "onset-year"))
    return Onset(on=on, unsure=post.get("unsure") == "yes")


def read_day(day: str, month: str, year: str) -> date | None:
    name = month[:3].lower()
    number = str(MONTHS.index(name) + 1) if name in MONTHS else month
    if not (day.isdecimal() and number.isdecimal() and year.isdecimal()) or len(year) not in (2, 4):
        return None
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(number), int(day))
    except ValueError:
        return None


# --- the table ---------------------------------------------------------------------------------------------------
def read_table(post: QueryDict) -> tuple[ManualWeek, ...]:
    """The weeks that hold anything. Raises Mistakes with every mistake of the table."""
    errors: list[FormError] = []
    weeks = []
    for number in range(1, WEEKS + 1):
        week = _read_week(post, number, errors)
        if week is not None:
            weeks.append(week)
    if errors:
        raise Mistakes(*errors)
    if not weeks:
        raise Mistakes(FormError("km-1", "Fill in at least one week"))
    return tuple(weeks)


def _read_week(post: QueryDict, number: int, errors: list[FormError]) -> ManualWeek | None:
    name = week_name(number)

    def amount(field: str, high: float, what: str) -> float | None:
        try:
            return read_number(post, f"{field}-{number}", low=0, high=high, what=f"{what} ({name})")
        except Mistakes as mistakes:
            errors.extend(mistakes.errors)
            return None

    def mark(field: str) -> bool | None:
        return {"yes": True, "no": False}.get(post.get(f"{field}-{number}", ""))

    distance = amount("km", MOST_KM, "the kilometres")
    runs = amount("runs", MOST_RUNS, "the number of runs")
    longest = amount("longest", MOST_KM, "the longest run")
    if runs is not None and runs != int(runs):
        errors.append(FormError(f"runs-{number}", f"Write a whole number of runs ({name})"))
    if longest is not None and distance is not None and longest > distance:
        errors.append(FormError(f"longest-{number}", f"The longest run cannot be longer than the whole week ({name})"))
    week = ManualWeek(
        weeks_before=number,
        distance_km=distance,
        runs=None if runs is None else int(runs),
        longest_run_km=longest,
        hilly=mark("hilly"),
        fast=mark("fast"),
        new_shoes=mark("shoes"),
    )
    told = (week.distance_km, week.runs, week.longest_run_km, week.hilly, week.fast, week.new_shoes)
    return week if any(part is not None for part in told) else None


def week_name(number: int) -> str:
    return "the last week" if number == 1 else f"{number} weeks before"


def table_rows(onset_on: date, weeks: Sequence[ManualWeek], post: QueryDict | None = None) -> list[dict[str, Any]]:
    """The six rows with what was typed, or what was kept."""
    known = {week.weeks_before: week for week in weeks}
    rows = []
    for number in range(1, WEEKS + 1):
        week = known.get(number)
        first = onset_on - timedelta(days=7 * number)
        typed = {
            "km": _shown(week.distance_km if week else None),
            "runs": _shown(week.runs if week else None),
            "longest": _shown(week.longest_run_km if week else None),
            "hilly": _mark(week.hilly if week else None),
            "fast": _mark(week.fast if week else None),
            "shoes": _mark(week.new_shoes if week else None),
        }
        if post is not None:
            typed = {field: post.get(f"{field}-{number}", "") for field in typed}
        marks = [
            {
                "id": f"{field}-{number}",
                "label": label,
                "options": [{"value": v, "label": w, "chosen": v == typed[field]} for v, w in CHOICES],
            }
            for field, label in (("hilly", "Hills"), ("fast", "Fast running"), ("shoes", "New shoes"))
        ]
        numbers = [
            {"id": f"{field}-{number}", "label": label, "unit": unit, "value": typed[field], "mode": mode}
            for field, label, unit, mode in (
                ("km", "All runs", "km", "decimal"),
                ("runs", "How many runs", "", "numeric"),
                ("longest", "Longest run", "km", "decimal"),
            )
        ]
        rows.append(
            {"number": number, "first": first, "last": first + timedelta(days=6), "numbers": numbers, "marks": marks}
        )
    return rows


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _mark(value: bool | None) -> str:
    return {True: "yes", False: "no"}.get(value, "")  # type: ignore[arg-type]
