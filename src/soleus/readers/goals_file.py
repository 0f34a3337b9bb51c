"""Goals files: what the runner wants, can do and has, in YAML; everything absent stays unknown.

As strict as case files: an unknown key, id or weekday is refused with the nearest known one, and *all* mistakes are
told at once, each with its line and column. Nothing that was given is dropped in silence.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from soleus.core.errors import AnswerError, CaseFileError
from soleus.core.goals import HOME_KIT, DayWish, Goals, Measured, OtherSport, RunningHistory, TargetEvent
from soleus.core.ids import KitId, MeasureId
from soleus.knowledge import load_yaml_strict
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.loader import Path_, locate
from soleus.knowledge.plan_base import MeasureDefinition
from soleus.readers.small_file import read_small_file

MAX_GOALS_BYTES = 64 * 1024
MAX_TOLD = 12
TOP_LEVEL = (
    "starts_on",
    "days",
    "event",
    "kit",
    "other_sports",
    "history",
    "tried",
    "wants",
    "arch",
    "measures",
    "cleared_by",
    "time_zone",
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WANTS = frozenset({"minimal_shoes", "carbon_shoes", "orthoses", "keep_running", "forefoot"})
ARCHES = ("flat", "high", "usual", "unknown")
IMPACTS = ("none", "low", "high")
CLEARERS = (
    "physiotherapist",
    "gp",
    "doctor",
    "sports_physician",
    "orthopaedic_surgeon",
    "vascular_specialist",
    "treating_team",
)
"""Who may clear loading and running. A closed list: "nobody" must never be read as somebody."""
OTHER_KIT = frozenset({"foam_roller", "mirror"})
"""Kit that helps, though no exercise needs it."""
MAX_DAY_MINUTES, MIN_DAY_MINUTES = 600, 5
MAX_NAME = 80
HISTORY_RANGES: Mapping[str, tuple[float, float]] = {
    "weekly_km": (0, 400),
    "runs_per_week": (0, 21),
    "longest_run_km": (0, 300),
    "easy_speed_mps": (0.5, 8),
}
PACE = re.compile(r"([0-9]{1,2}):([0-5][0-9])\Z")
METRES_PER_KM, SECONDS_PER_MINUTE = 1000, 60

T = TypeVar("T")


def read_goals(path: Path | str, kb: KnowledgeBase) -> Goals:
    """Read a goals file. Raises `CaseFileError` (unreadable) or `AnswerError` (readable, but wrong)."""
    path = Path(path)
    raw = read_small_file(path, kind="goals", most_bytes=MAX_GOALS_BYTES)
    return parse_goals(raw, kb, where=str(path))


def parse_goals(raw: bytes | str, kb: KnowledgeBase, *, where: str = "goals") -> Goals:
    """Goals from the bytes or text of a goals file; an empty file holds no wishes."""
    document = load_yaml_strict(raw, where=where, max_bytes=MAX_GOALS_BYTES, error=CaseFileError)
    if document is None:
        return Goals()
    if not isinstance(document, dict):
        raise CaseFileError(
            "the file holds no mapping at the top",
            where=where,
            hint="It should hold lines such as 'days:' and 'event:'; see examples/plans/goals.yaml",
        )
    return _build(document, kb, where=where, raw=raw)


def build_goals(document: Mapping[object, object], kb: KnowledgeBase, *, where: str = "goals") -> Goals:
    """Goals from an already parsed mapping. Raises `AnswerError` listing every mistake."""
    return _build(document, kb, where=where, raw=None)


def _build(document: Mapping[object, object], kb: KnowledgeBase, *, where: str, raw: bytes | str | None) -> Goals:
    reader = _Reader(kb)
    goals = reader.goals({str(key): value for key, value in document.items()})
    if reader.mistakes:
        lines = [f"{_place(raw, path)}{told}" for path, told in reader.mistakes[:MAX_TOLD]]
        more = len(reader.mistakes) - MAX_TOLD
        lines += [f"and {more} more"] if more > 0 else []
        raise AnswerError("; ".join(lines), where=where, hint="Nothing was used; correct these and run it again")
    return goals


def _place(raw: bytes | str | None, path: Path_) -> str:
    found = None if raw is None else locate(raw, path)
    return "" if found is None else f"line {found[0]}, column {found[1]}: "


def known_kit(kb: KnowledgeBase) -> frozenset[str]:
    """Everything an exercise may ask for, and what nearly every home has."""
    asked = (item for exercise in kb.plans.exercises.values() for kit in exercise.kit for item in kit)
    return frozenset(map(str, HOME_KIT)) | OTHER_KIT | frozenset(map(str, asked))


@dataclass(slots=True)
class _Reader:
    """Reads part by part; what is wrong is kept with its path, and the part is left out."""

    kb: KnowledgeBase
    mistakes: list[tuple[Path_, str]] = field(default_factory=list)

    def wrong(self, path: Path_, told: str) -> None:
        self.mistakes.append((path, f"{'.'.join(map(str, path))}: {told}"))

    # --- the whole -----------------------------------------------------------------------------------------------
    def goals(self, document: Mapping[str, object]) -> Goals:
        self.known_keys(document, TOP_LEVEL, ())
        get = document.get
        return Goals(
            starts_on=self.day(get("starts_on"), ("starts_on",)),
            days=self.days(get("days")),
            event=self.event(get("event")),
            kit=frozenset(KitId(item) for item in self.ids("kit", get("kit"), known_kit(self.kb))),
            other_sports=self.sports(get("other_sports")),
            history=self.history(get("history")),
            tried=frozenset(self.ids("tried", get("tried"), self.tried_ids())),
            wants=frozenset(self.ids("wants", get("wants"), WANTS)),
            arch=self.one_of(get("arch"), ARCHES, ("arch",)) or "unknown",
            measures=self.measures(get("measures")),
            cleared_by=self.one_of(get("cleared_by"), CLEARERS, ("cleared_by",)),
            **self.zone(get("time_zone")),
        )

    def tried_ids(self) -> frozenset[str]:
        return frozenset(map(str, self.kb.plans.exercises)) | frozenset(str(item.id) for item in self.kb.adjuncts)

    # --- small parts ---------------------------------------------------------------------------------------------
    def known_keys(self, given: Iterable[str], known: Collection[str], path: Path_) -> None:
        for key in given:
            if key not in known:
                self.wrong((*path, key), f"there is no such entry{_suggest(key, known)}")

    def mapping(self, value: object, path: Path_, like: str) -> Mapping[str, object] | None:
        if value is None:
            return None
        if isinstance(value, dict):
            return value
        self.wrong(path, f"should be a mapping such as {like}")
        return None

    def rows(self, value: object, path: Path_, like: str) -> list[object]:
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.wrong(path, f"should be a list such as {like}")
        return []

    def ids(self, name: str, value: object, known: Collection[str]) -> list[str]:
        found = []
        for place, item in enumerate(self.rows(value, (name,), f"[{', '.join(sorted(known)[:2])}]")):
            if isinstance(item, str) and item in known:
                found.append(item)
            else:
                self.wrong((name, place), f"{item!r} is not known{_suggest(str(item), known)}")
        return found

    def one_of(self, value: object, known: Collection[str], path: Path_) -> str:
        if value is None:
            return ""
        if isinstance(value, str) and value in known:
            return value
        self.wrong(path, f"{value!r} should be one of {', '.join(known)}")
        return ""

    def number(self, value: object, low: float, high: float, path: Path_) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.wrong(path, f"{value!r} should be a number from {low:g} to {high:g}")
            return None
        return float(value)

    def whole(self, value: object, low: int, high: int, path: Path_) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(path, f"{value!r} should be a whole number from {low} to {high}")
            return None
        return value

    def day(self, value: object, path: Path_) -> date | None:
        return self.iso(value, path, date.fromisoformat, "date; write it as YYYY-MM-DD")

    def at(self, value: object, path: Path_) -> time | None:
        found = self.iso(value, path, time.fromisoformat, "time of day; write it as '18:30'")
        if found is not None and found.tzinfo is not None:
            self.wrong(path, "a time of day has no zone; give time_zone instead")
            return None
        return found

    def iso(self, value: object, path: Path_, read: Callable[[str], T], called: str) -> T | None:
        if value is None:
            return None
        if isinstance(value, str) and len(value) <= MAX_NAME:
            try:
                return read(value)
            except ValueError:
                pass
        self.wrong(path, f"{value!r} is no {called}")
        return None

    def name(self, value: object, path: Path_) -> str:
        told = " ".join(value.split()) if isinstance(value, str) else ""
        if told and len(told) <= MAX_NAME and told.isprintable():
            return told
        self.wrong(path, f"should be a name of at most {MAX_NAME} characters")
        return ""

    def weekday(self, value: object, path: Path_) -> int | None:
        key = value.lower() if isinstance(value, str) else ""
        found = [n for n, name in enumerate(WEEKDAYS) if key in (name, name[:3])]
        if found:
            return found[0]
        self.wrong(path, f"{value!r} is no weekday{_suggest(key, WEEKDAYS)}")
        return None

    def zone(self, value: object) -> dict[str, str]:
        if value is None:
            return {}
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{0,60}", value):
            try:
                return {"time_zone": ZoneInfo(value).key}
            except (ZoneInfoNotFoundError, ValueError, OSError):
                pass
        self.wrong(("time_zone",), f"{value!r} is no time zone; write it as Europe/London")
        return {}

    # --- the parts -----------------------------------------------------------------------------------------------
    def days(self, value: object) -> tuple[DayWish, ...]:
        wishes: dict[int, DayWish] = {}
        for key, given in (self.mapping(value, ("days",), "{monday: 40, saturday: 60}") or {}).items():
            path: Path_ = ("days", key)
            weekday = self.weekday(key, path)
            part = given if isinstance(given, dict) else {"minutes": given}
            self.known_keys(part, ("minutes", "at"), path)
            minutes = self.whole(part.get("minutes"), MIN_DAY_MINUTES, MAX_DAY_MINUTES, (*path, "minutes"))
            at = self.at(part.get("at"), (*path, "at"))
            if weekday is not None and weekday in wishes:
                self.wrong(path, "this day is given twice")
            if weekday is not None and minutes is not None:
                wishes[weekday] = DayWish(weekday=weekday, minutes=minutes, at=at)
        return tuple(wishes[weekday] for weekday in sorted(wishes))

    def event(self, value: object) -> TargetEvent | None:
        part = self.mapping(value, ("event",), "{name: City 10 km, on: 2027-03-14, distance_km: 10}")
        if part is None:
            return None
        self.known_keys(part, ("name", "on", "distance_km"), ("event",))
        name = self.name(part.get("name"), ("event", "name"))
        on = self.day(part.get("on"), ("event", "on"))
        if "on" not in part:
            self.wrong(("event",), "needs the day: on: YYYY-MM-DD")
        distance = self.number(part.get("distance_km"), 0.1, 500, ("event", "distance_km"))
        return None if on is None else TargetEvent(name=name, on=on, distance_km=distance)

    def sports(self, value: object) -> tuple[OtherSport, ...]:
        found = []
        like = "[{sport: cycling, day: wednesday, minutes: 60}]"
        for place, row in enumerate(self.rows(value, ("other_sports",), like)):
            path: Path_ = ("other_sports", place)
            part = self.mapping(row, path, like[1:-1])
            if part is None:
                self.mistakes += [] if row is not None else [(path, f"other_sports.{place}: is empty")]
                continue
            self.known_keys(part, ("sport", "day", "minutes", "impact"), path)
            sport = self.name(part.get("sport"), (*path, "sport"))
            weekday = self.weekday(part.get("day"), (*path, "day"))
            minutes = self.whole(part.get("minutes"), 1, MAX_DAY_MINUTES, (*path, "minutes"))
            impact = self.one_of(part.get("impact"), IMPACTS, (*path, "impact")) or "none"
            if weekday is not None and minutes is not None:
                found.append(OtherSport(sport=sport, weekday=weekday, minutes=minutes, impact=impact))
        return tuple(found)

    def history(self, value: object) -> RunningHistory | None:
        part = self.mapping(value, ("history",), "{weekly_km: 35, longest_run_km: 16}")
        if part is None:
            return None
        self.known_keys(part, (*HISTORY_RANGES, "easy_pace"), ("history",))
        read = {key: self.number(part.get(key), *limits, ("history", key)) for key, limits in HISTORY_RANGES.items()}
        if part.get("easy_pace") is not None:
            if read["easy_speed_mps"] is not None:
                self.wrong(("history", "easy_pace"), "give easy_pace or easy_speed_mps, not both")
            read["easy_speed_mps"] = self.pace(part["easy_pace"])
        return RunningHistory(
            weekly_km=read["weekly_km"],
            runs_per_week=read["runs_per_week"],
            longest_run_km=read["longest_run_km"],
            easy_speed_mps=read["easy_speed_mps"],
        )

    def pace(self, value: object) -> float | None:
        """Metres per second from minutes and seconds per kilometre."""
        match = PACE.match(value) if isinstance(value, str) else None
        per_km = 0 if match is None else int(match[1]) * SECONDS_PER_MINUTE + int(match[2])
        low, high = HISTORY_RANGES["easy_speed_mps"]
        if per_km and low <= METRES_PER_KM / per_km <= high:
            return METRES_PER_KM / per_km
        self.wrong(("history", "easy_pace"), f"{value!r} is no pace; write minutes and seconds per km as '5:40'")
        return None

    # --- measures ------------------------------------------------------------------------------------------------
    def measures(self, value: object) -> tuple[Measured, ...]:
        found = []
        known = {str(measure): definition for measure, definition in self.kb.plans.measures.items()}
        for key, given in (self.mapping(value, ("measures",), "{slhr_reps: 12}") or {}).items():
            path: Path_ = ("measures", key)
            if key not in known:
                self.wrong(path, f"there is no such measure{_suggest(key, known)}")
                continue
            part = given if isinstance(given, dict) else {"value": given}
            self.known_keys(part, ("value", "on", "pain"), path)
            value_ = self.measured(part.get("value"), known[key], path)
            on = self.day(part.get("on"), (*path, "on"))
            pain = self.number(part.get("pain"), 0, 10, (*path, "pain"))
            if value_ is not None:
                found.append(Measured(measure=MeasureId(key), value=value_, on=on, pain_nrs=pain))
        return tuple(found)

    def measured(self, value: object, definition: MeasureDefinition, path: Path_) -> float | bool | None:
        if definition.kind == "boolean":
            if isinstance(value, bool):
                return value
            self.wrong(path, f"{value!r} should be true or false")
            return None
        if value is None:
            self.wrong(path, "needs a value")
            return None
        return self.number(value, definition.low, definition.high, path)


def _suggest(word: str, choices: Iterable[str]) -> str:
    names = sorted(choices)
    close = difflib.get_close_matches(word, names, n=2) or [n for n in names if word and n.startswith(word)][:2]
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def write_goals(goals: Goals) -> str:
    """The goals as goals-file text; `parse_goals` reads it back to equal goals.

    `RunningHistory.from_watch` is left out: it comes from the watch files again.
    """
    import yaml

    document: dict[str, object] = {
        "starts_on": None if goals.starts_on is None else goals.starts_on.isoformat(),
        "days": {WEEKDAYS[wish.weekday]: _day(wish) for wish in goals.days},
        "event": None if goals.event is None else _event(goals.event),
        "kit": sorted(goals.kit),
        "other_sports": [
            {"sport": s.sport, "day": WEEKDAYS[s.weekday], "minutes": s.minutes, "impact": s.impact}
            for s in goals.other_sports
        ],
        "history": None if goals.history is None else {key: getattr(goals.history, key) for key in HISTORY_RANGES},
        "tried": sorted(goals.tried),
        "wants": sorted(goals.wants),
        "arch": goals.arch,
        "measures": {str(m.measure): _measured(m) for m in goals.measures},
        "cleared_by": goals.cleared_by,
        "time_zone": goals.time_zone,
    }
    return yaml.safe_dump({k: v for k, v in document.items() if v}, sort_keys=False, allow_unicode=True)


def _day(wish: DayWish) -> object:
    return wish.minutes if wish.at is None else {"minutes": wish.minutes, "at": wish.at.isoformat()}


def _event(event: TargetEvent) -> dict[str, object]:
    distance = {} if event.distance_km is None else {"distance_km": event.distance_km}
    return {"name": event.name, "on": event.on.isoformat(), **distance}


def _measured(measured: Measured) -> dict[str, object]:
    given = {"on": None if measured.on is None else measured.on.isoformat(), "pain": measured.pain_nrs}
    return {"value": measured.value, **{key: value for key, value in given.items() if value is not None}}
