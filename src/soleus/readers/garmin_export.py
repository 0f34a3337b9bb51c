"""Tables of a Garmin account archive: summaries of activities and the shoes worn, streamed.

Undocumented; units as three independent readers of such archives agree on them: time in ms, distance, height and
step length in cm, speed in m/s divided by ten, run cadence of one leg. Two checks guard the scale: the splits state
their own unit, and matched files state the same distance (`scale_is_right`). Titles and places are never kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from statistics import median
from typing import Any, BinaryIO

from soleus.core.activity import Activity, Label, Repair, Shoe, Sport, Surface, Totals
from soleus.readers.shoe_names import shoe_named

_CHUNK = 1 << 18
MAX_OBJECT_CHARS = 8 << 20
MAX_GEAR_BYTES = 64 << 20
_RACE_EVENT = 1
_PLAUSIBLE_YEARS = (1980, 2100)
_TO_METRES: Mapping[str, float] = {"CENTIMETER": 0.01, "METER": 1.0, "KILOMETER": 1000.0}
_SPORTS: Sequence[tuple[str, Sport]] = (
    ("multi_sport", Sport.MULTISPORT),
    ("multisport", Sport.MULTISPORT),
    ("transition", Sport.OTHER),
    ("wheelchair", Sport.OTHER),
    ("run", Sport.RUNNING),
    ("walking", Sport.WALKING),
    ("hiking", Sport.HIKING),
    ("mountaineering", Sport.HIKING),
    ("cycling", Sport.CYCLING),
    ("biking", Sport.CYCLING),
    ("swimming", Sport.SWIMMING),
    ("strength", Sport.STRENGTH),
)
_SURFACES: Sequence[tuple[str, Surface]] = (
    ("treadmill", Surface.TREADMILL),
    ("indoor", Surface.TREADMILL),
    ("virtual", Surface.TREADMILL),
    ("trail", Surface.TRAIL),
    ("ultra", Surface.TRAIL),
    ("track", Surface.TRACK),
    ("street", Surface.ROAD),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarminSummary:
    """One activity of the account. Ids join tables of the same archive and are never shown."""

    activity_id: str = field(repr=False)
    parent_id: str = field(repr=False)
    parent: bool
    """Frame of a triathlon; its legs are activities of their own."""
    start_utc: datetime
    utc_offset_s: int | None
    sport: Sport
    sport_detail: str
    surface: Surface
    labels: frozenset[Label]
    totals: Totals
    split_ratio: float | None = None
    """Distance / sum that the splits state with their own unit; about 1 when the scale is as believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GearList:
    """Shoes and which activity (by its id) each was worn on."""

    shoes: tuple[Shoe, ...] = ()
    worn: Mapping[str, str] = field(default_factory=dict, repr=False)
    notes: tuple[Repair, ...] = ()


def stream_objects(stream: BinaryIO, wrapper: str) -> Iterator[dict[str, Any]]:
    """Objects of a JSON array one by one, also inside `[{"wrapper": […]}]`; memory does not grow with the file.

    Stops without an error where the text is damaged or one object exceeds `MAX_OBJECT_CHARS`.
    """
    decoder = json.JSONDecoder()
    opening = re.compile(r'\{\s*"' + re.escape(wrapper) + r'"\s*:\s*\[')
    text, at, ended = "", 0, False
    import codecs

    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    while True:
        while at < len(text) and text[at] in " \t\r\n,[]}\ufeff":
            at += 1
        if at < len(text) and text[at] != "{":
            return
        if at < len(text):
            wrapped = opening.match(text, at)
            if wrapped:
                at = wrapped.end()
                continue
            if ended or len(text) - at > 2 * len(wrapper) + 16:
                try:
                    value, at = decoder.raw_decode(text, at)
                except (ValueError, RecursionError):
                    if ended or len(text) - at > MAX_OBJECT_CHARS:
                        return
                else:
                    if isinstance(value, dict):
                        yield value
                    continue
        if ended:
            return
        # The piece grows with what is waiting, so that a large object is not tried again too often.
        raw = stream.read(max(_CHUNK, len(text) - at))
        ended = not raw
        text, at = text[at:] + decode(raw, ended), 0


def read_summaries(stream: BinaryIO) -> Iterator[GarminSummary]:
    """Activities of a `summarizedActivities.json`; entries that make no sense are passed over."""
    for entry in stream_objects(stream, "summarizedActivitiesExport"):
        summary = _summary(entry)
        if summary is not None:
            yield summary


def _number(entry: Mapping[str, Any], *names: str) -> float | None:
    """First of the fields that holds a finite number."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
            return float(value)
    return None


def _scaled(entry: Mapping[str, Any], factor: float, *names: str) -> float | None:
    value = _number(entry, *names)
    return None if value is None else value * factor


def _summary(entry: Mapping[str, Any]) -> GarminSummary | None:
    start_ms = _number(entry, "beginTimestamp", "startTimeGmt")
    if start_ms is None:
        return None
    try:
        start = datetime.fromtimestamp(start_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not _PLAUSIBLE_YEARS[0] <= start.year <= _PLAUSIBLE_YEARS[1]:
        return None
    kind = entry.get("activityType")
    if isinstance(kind, dict):
        kind = kind.get("typeKey")
    word = str(kind or entry.get("sportType") or "").lower()[:40]
    sport = next((sport for part, sport in _SPORTS if part in word), Sport.OTHER if word else Sport.UNKNOWN)
    local_ms, gmt_ms = _number(entry, "startTimeLocal"), _number(entry, "startTimeGmt", "beginTimestamp")
    offset = round((local_ms - gmt_ms) / 1000) if local_ms is not None and gmt_ms is not None else None
    return GarminSummary(
        activity_id=str(entry.get("activityId", "")),
        parent_id=str(entry.get("parentId") or ""),
        parent=bool(entry.get("parent")),
        start_utc=start,
        utc_offset_s=offset if offset is not None and abs(offset) <= 15 * 3600 else None,
        sport=sport,
        sport_detail=re.sub(r"[^a-z_]", "", word),
        surface=next((surface for part, surface in _SURFACES if part in word), Surface.UNKNOWN)
        if sport is Sport.RUNNING
        else Surface.UNKNOWN,
        labels=frozenset({Label.RACE}) if _number(entry, "eventTypeId") == _RACE_EVENT else frozenset(),
        totals=_totals(entry, sport),
        split_ratio=_split_ratio(entry),
    )


def _totals(entry: Mapping[str, Any], sport: Sport) -> Totals:
    both_legs = _number(entry, "avgDoubleCadence")
    if both_legs is None and sport is Sport.RUNNING:
        both_legs = _scaled(entry, 2.0, "avgRunCadence")
    return Totals(
        elapsed_s=_scaled(entry, 0.001, "elapsedDuration", "duration"),
        timer_s=_scaled(entry, 0.001, "duration"),
        moving_s=_scaled(entry, 0.001, "movingDuration"),
        distance_m=_scaled(entry, 0.01, "distance"),
        ascent_m=_scaled(entry, 0.01, "elevationGain"),
        descent_m=_scaled(entry, 0.01, "elevationLoss"),
        average_heart_rate_bpm=_number(entry, "avgHr"),
        maximum_heart_rate_bpm=_number(entry, "maxHr"),
        average_cadence_spm=both_legs,
        average_power_w=_number(entry, "avgPower"),
        steps=_number(entry, "steps"),
    )


def _split_ratio(entry: Mapping[str, Any]) -> float | None:
    """What `distance` (taken as cm) is against the splits' own sum in the unit they state."""
    distance = _scaled(entry, 0.01, "distance")
    splits = entry.get("splits")
    if not distance or not isinstance(splits, list):
        return None
    by_type: dict[str, float] = {}
    for split in splits:
        if not isinstance(split, dict):
            continue
        for measure in split.get("measurements") or ():
            if isinstance(measure, dict) and measure.get("fieldEnum") == "SUM_DISTANCE":
                factor = _TO_METRES.get(str(measure.get("unitEnum", "")).upper())
                value = _number(measure, "value")
                if factor is not None and value:
                    kind = str(split.get("type", ""))
                    by_type[kind] = by_type.get(kind, 0.0) + value * factor
    # Splits come in several kinds (intervals, run/walk …); each covers the activity once at most.
    longest = max(by_type.values(), default=0.0)
    return distance / longest if longest > 0 else None


def scale_is_right(ratios: Sequence[float]) -> bool:
    """Whether stated / measured distances have a median within 5 % of 1; without any, nothing speaks against it."""
    return not ratios or abs(median(ratios) - 1.0) <= 0.05


def read_gear(stream: BinaryIO) -> GearList:
    """Shoes and the runs they were worn on from a `*_gear.json`."""
    try:
        data = json.loads(stream.read(MAX_GEAR_BYTES).decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        note = Repair(code="bad_json", detail="The list of shoes is damaged and was not used.")
        return GearList(notes=(note,))
    shoes: dict[str, Shoe] = {}
    worn: dict[str, str] = {}
    for holder in data if isinstance(data, list) else [data]:
        if isinstance(holder, dict):
            _gear_holder(holder, shoes, worn)
    return GearList(shoes=tuple({shoe.id: shoe for shoe in shoes.values()}.values()), worn=worn)


def _gear_holder(holder: Mapping[str, Any], shoes: dict[str, Shoe], worn: dict[str, str]) -> None:
    for gear in holder.get("gearDTOS") or ():
        if not isinstance(gear, dict) or "shoe" not in str(gear.get("gearTypeName", "Shoes")).lower():
            continue
        name = str(gear.get("displayName") or gear.get("customMakeModel") or "")
        shoe = shoe_named(name, first_used_on=_day(gear.get("dateBegin")), retired_on=_day(gear.get("dateEnd")))
        if shoe is None:
            digest = hashlib.blake2b(str(gear.get("gearPk", "")).encode(), digest_size=3).hexdigest()
            shoe = shoe_named(f"Shoe {digest}")
        if shoe is not None:
            shoes[str(gear.get("gearPk", ""))] = shoe
    links = holder.get("gearActivityDTOs")
    for pk, activities in links.items() if isinstance(links, dict) else ():
        owner = shoes.get(str(pk))
        for activity in activities if owner is not None and isinstance(activities, list) else ():
            if owner is not None and isinstance(activity, dict) and "activityId" in activity:
                worn[str(activity["activityId"])] = owner.id


def _day(value: object) -> date | None:
    """A day from ms since 1970 or ISO text."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC).date()
        return date.fromisoformat(str(value)[:10])
    except (ValueError, OverflowError, OSError):
        return None


def as_activity(summary: GarminSummary, *, shoe: str | None = None) -> Activity | None:
    """An activity that only the table knows; None for frames of triathlons and entries without length."""
    if summary.parent or not (summary.totals.elapsed_s or summary.totals.timer_s):
        return None
    return Activity(
        start_utc=summary.start_utc,
        sport=summary.sport,
        format="garmin_json",
        utc_offset_s=summary.utc_offset_s,
        surface=summary.surface,
        totals=summary.totals,
        shoe=shoe,
        labels=summary.labels,
        sport_detail=summary.sport_detail,
    )
