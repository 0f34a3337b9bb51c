"""Apple Health's `export.xml`: workouts, and for runs the samples recorded while they ran.

The file is hundreds of megabytes to several gigabytes and holds all records first, all workouts last. Memory stays
small all the same:

* when the bytes can be read twice (a seekable stream, or `again`), a quick look over the raw text finds the days with
  workouts and only samples of those days, then of those hours, are kept;
* otherwise the few kinds of samples a run needs are kept in 17 bytes each, up to `SAMPLES_KEPT`.

Of several sources that tell the same (iPhone and Watch both count steps) one is taken per run and kind: the one that
recorded the workout, else a Watch, else another device, the phone last. Units are those each record states. There is
no cadence for running: it is step count over the length of its interval. Apple's "stride length" is one step's.

Times carry the zone of the phone at the day of export, so the instant is right and the wall clock may not be; the
workout's own `HKTimeZone` is preferred for the runner's day. Names of sources and people are never kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import BinaryIO
from xml.parsers import expat

import numpy as np

from soleus.core.activity import Reading, Repair
from soleus.readers import trackpoints as tp
from soleus.readers.apple_workout import (
    KINDS,
    LENGTHS,
    LONGEST_S,
    MINUTES,
    TYPE,
    Routes,
    Samples,
    SampleTable,
    Workout,
    amount,
    build_activity,
)
from soleus.readers.xml_stream import (
    DEFAULT_LIMITS,
    Resume,
    XmlLimits,
    local_name,
    not_such_file,
    refuse,
    stream_document,
)

SAMPLES_KEPT = 6_000_000
"""About 100 MB; ten years of a daily runner's heart rate are 3 to 5 million samples."""
FLUSH_SAMPLES = 4000
WORKOUTS_KEPT = 100_000
_SCAN_BYTES = 1 << 20
_WORKOUT_BYTES = 4096
_SOURCES = 4096
_RESUME = Resume(markers=((b"<Record ", ("HealthData",)), (b"<Workout ", ("HealthData",))))
_LOCATION_KEYS = ("date", "latitude", "longitude", "altitude", "speed")


def read_apple_health(
    stream: BinaryIO,
    routes: Routes = lambda _: None,
    *,
    again: Callable[[], BinaryIO] | None = None,
    limits: XmlLimits = DEFAULT_LIMITS,
) -> Reading:
    """The workouts of an export, in order of time.

    `routes` gives a route file by the path the export names it by, or None. `again` opens the same bytes once more,
    for streams that cannot be wound back. Raises `ActivityFileError` when this is no such export.
    """
    days: frozenset[str] | None = None
    if again is not None:
        days = _workout_days(stream)
        stream = again()
    elif stream.seekable():
        start = stream.tell()
        days = _workout_days(stream)
        stream.seek(start)
    collector, repairs = stream_document(
        stream, lambda: _HealthCollector(limits, days), format_name="Apple Health", resume=_RESUME, limits=limits
    )
    collector.flush()
    repairs += collector.repairs()
    table = SampleTable(samples={name: each.sort() for name, each in collector.samples.items()}, ranks=collector.ranks)
    workouts = sorted(collector.workouts, key=lambda each: each.start_s)
    activities = [build_activity(workout, table, routes, repairs) for workout in workouts]
    return Reading(activities=tuple(activities), repairs=tuple(_merged(repairs)))


def _merged(repairs: list[Repair]) -> list[Repair]:
    """Repairs of the same code and words as one, counted (an export has thousands of workouts)."""
    out: dict[tuple[str, str], Repair] = {}
    for repair in repairs:
        key = (repair.code, repair.detail)
        before = out.get(key)
        count = repair.count + (before.count if before else 0)
        offset = before.offset if before else repair.offset
        out[key] = Repair(code=repair.code, detail=repair.detail, offset=offset, count=count)
    return list(out.values())


_DAY = re.compile(rb'\b(?:start|end)Date\s*=\s*["\'](\d{4}-\d{2}-\d{2})')


def _workout_days(stream: BinaryIO) -> frozenset[str]:
    """Days, as the records write them, on which a workout ran; one more to either side for changes of zone."""
    days: set[bytes] = set()
    held = b""
    while block := stream.read(_SCAN_BYTES):
        text = held + block
        at = text.find(b"<Workout ")
        while 0 <= at <= len(text) - _WORKOUT_BYTES:
            days.update(_DAY.findall(text, at, at + _WORKOUT_BYTES)[:2])
            at = text.find(b"<Workout ", at + 9)
        held = text[at:] if at >= 0 else text[-9:]
    for match in re.finditer(rb"<Workout ", held):
        days.update(_DAY.findall(held, match.start(), match.start() + _WORKOUT_BYTES)[:2])
    out: set[str] = set()
    for text_of_day in days:
        try:
            day = date.fromisoformat(text_of_day.decode("ascii"))
            out.update((day + timedelta(days=k)).isoformat() for k in (-1, 0, 1))
        except (ValueError, OverflowError):
            continue
    return frozenset(out)


class _HealthCollector:
    def __init__(self, limits: XmlLimits, days: frozenset[str] | None) -> None:
        self.root_seen = False
        self.workouts: list[Workout] = []
        self.samples = {name: Samples() for name in KINDS}
        self.kept = 0
        self._days = days
        self._limits = limits
        self._depth = 0
        self._open: Workout | None = None
        self._sources: dict[str, int] = {}
        self.ranks: list[int] = []
        """Per source: 0 a Watch, 1 another device or app, 2 a phone."""
        self._pending = 0
        self._unread = 0
        self._unknown_units = 0
        self._left_out = 0
        self._bad_workouts = 0

    def between_chunks(self) -> int:
        if self._pending >= FLUSH_SAMPLES:
            self.flush()
        return -1

    def reopen(self, path: tuple[str, ...]) -> None:
        self._open = None
        self._depth = len(path)

    def flush(self) -> None:
        self._pending = 0
        for samples in self.samples.values():
            self._unread += samples.pack()

    def repairs(self) -> list[Repair]:
        told = (
            ("bad_number", self._unread, "Samples whose time or value cannot be read: left out."),
            ("unknown_unit", self._unknown_units, "Samples in a unit not known here: left out."),
            ("too_many_samples", self._left_out, "More samples than memory allows: the later ones were left out."),
            ("bad_workout", self._bad_workouts, "Workouts without a readable start: left out."),
        )
        return [Repair(code=code, detail=detail, count=count) for code, count, detail in told if count]

    def source(self, name: str, device: str) -> int:
        """A number for a source; the name itself goes no further."""
        key = name[:200]
        number = self._sources.get(key)
        if number is None and len(self._sources) >= _SOURCES:
            return 255
        if number is None:
            number = min(len(self._sources), 255)
            self._sources[key] = number
            text = f"{name[:200]} {device[:400]}".lower()
            rank = 0 if "watch" in text else 2 if "phone" in text else 1
            if number == len(self.ranks):
                self.ranks.append(rank)
        return number

    def attach(self, parser: expat.XMLParserType) -> None:
        kinds = {TYPE + name: name for name in KINDS}
        days, depth_limit = self._days, self._limits.depth
        others = {
            "Workout": self._workout,
            "WorkoutStatistics": self._statistics,
            "MetadataEntry": self._metadata,
            "WorkoutEvent": self._event,
            "FileReference": self._file,
            "Location": self._location,
        }

        def start(name: str, pairs: list[str]) -> None:
            self._depth += 1
            if name == "Record":
                # Millions of records are of no interest; their attributes are not made into a dict.
                kind = kinds.get(pairs[1]) if pairs and pairs[0] == "type" else kinds.get(_attribute(pairs, "type"))
                if kind is not None and (days is None or _attribute(pairs, "startDate")[:10] in days):
                    self._record(kind, dict(zip(pairs[::2], pairs[1::2], strict=True)))
                return
            if self._depth > depth_limit:
                raise refuse("the file nests its elements without end")
            if not self.root_seen:
                if local_name(name) != "HealthData":
                    raise not_such_file("Apple Health")
                self.root_seen = True
            handler = others.get(name)
            if handler is not None:
                handler(dict(zip(pairs[::2], pairs[1::2], strict=True)))

        def end(name: str) -> None:
            self._depth -= 1
            if name == "Workout":
                self._open = None

        parser.ordered_attributes = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end

    def _record(self, kind: str, a: dict[str, str]) -> None:
        if self._depth > self._limits.depth:
            raise refuse("the file nests its elements without end")
        factor = KINDS[kind].factors.get(a.get("unit", ""))
        if factor is None:
            self._unknown_units += 1
            return
        if self.kept >= SAMPLES_KEPT:
            self._left_out += 1
            return
        self.kept += 1
        self._pending += 1
        begin = a.get("startDate", "")[:40]
        number = self.source(a.get("sourceName", ""), a.get("device", ""))
        self.samples[kind].text.append((begin, a.get("endDate", begin)[:40], a.get("value", "")[:40], factor, number))

    def _workout(self, a: dict[str, str]) -> None:
        times = tp.parse_times([a.get("startDate", "")[:40], a.get("endDate", "")[:40]])
        begin, end = (float(value) for value in times.epoch_s)
        if not np.isfinite(begin) or len(self.workouts) >= WORKOUTS_KEPT:
            self._bad_workouts += 1
            self._open = None
            return
        duration = amount(a.get("duration"), a.get("durationUnit", "min"), MINUTES)
        device = a.get("device", "")
        self._open = Workout(
            kind=a.get("workoutActivityType", "").removeprefix("HKWorkoutActivityType")[:60],
            start_s=begin,
            end_s=end if np.isfinite(end) and end >= begin else begin + (duration or 0.0),
            source=self.source(a.get("sourceName", ""), device),
            duration_s=duration,
            offset_s=times.offset_s,
            device=device[:400],
            distance_m=amount(a.get("totalDistance"), a.get("totalDistanceUnit", ""), LENGTHS),
        )
        self.workouts.append(self._open)

    def _statistics(self, a: dict[str, str]) -> None:
        kind = a.get("type", "").removeprefix(TYPE)
        if self._open is not None and kind in KINDS:
            values = tuple(a.get(key, "")[:40] for key in ("sum", "average", "maximum", "unit"))
            self._open.statistics[kind] = (values[0], values[1], values[2], values[3])

    def _metadata(self, a: dict[str, str]) -> None:
        if self._open is not None and len(self._open.metadata) < 100:
            self._open.metadata[a.get("key", "")[:60]] = a.get("value", "")[:60]

    def _event(self, a: dict[str, str]) -> None:
        if self._open is not None and len(self._open.events) < 10_000:
            at = float(tp.parse_times([a.get("date", "")[:40]]).epoch_s[0])
            duration = amount(a.get("duration"), a.get("durationUnit", "min"), MINUTES) or 0.0
            if np.isfinite(at):
                self._open.events.append((a.get("type", "").removeprefix("HKWorkoutEventType"), at, duration))

    def _file(self, a: dict[str, str]) -> None:
        if self._open is not None and len(self._open.routes) < 100:
            self._open.routes.append(a.get("path", "")[:500])

    def _location(self, a: dict[str, str]) -> None:
        if self._open is not None and len(self._open.locations) < LONGEST_S:
            self._open.locations.append({key: a[key][:40] for key in _LOCATION_KEYS if key in a})


def _attribute(pairs: list[str], name: str) -> str:
    """The value of an attribute in a flat list of names and values; "" when absent."""
    for k in range(0, len(pairs), 2):
        if pairs[k] == name:
            return pairs[k + 1]
    return ""
