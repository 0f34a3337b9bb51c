"""One workout of Apple Health with the samples of its hours on one time axis."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Activity, Array, Device, Interval, Lap, Repair, Sport, Stream, Surface, Totals
from soleus.core.errors import ActivityFileError
from soleus.readers import trackpoints as tp
from soleus.readers.gpx import channels_of, read_gpx_points
from soleus.readers.sport_names import sport_of

Routes = Callable[[str], bytes | None]
Sorted = tuple[Array, npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.uint8]]
"""Start, length, value, source of samples in order of start, (n,) each."""
LONGEST_S = 2 * 86_400.0
"""A workout of more than two days is a watch forgotten, not a run: it gets no samples."""
SAMPLE_LEAD_S = 600.0
"""No sample of a running watch covers more than this, so none that matters starts earlier."""
GRID_S = 1.0
TYPE = "HKQuantityTypeIdentifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of sample: how its units convert, and over which gap neighbouring values are joined by a line."""

    channel: str
    factors: Mapping[str, float]
    bridge_s: float = 0.0
    """0: the sample is an amount over its interval (steps, metres)."""


SPEEDS = {"m/s": 1.0, "km/hr": 1 / 3.6, "km/h": 1 / 3.6, "mi/hr": 0.44704, "mi/h": 0.44704, "ft/s": 0.3048}
LENGTHS = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048, "cm": 0.01, "in": 0.0254, "yd": 0.9144, "mm": 0.001}
KINDS: Mapping[str, Kind] = {
    "HeartRate": Kind(channel="heart_rate_bpm", factors={"count/min": 1.0, "count/s": 60.0, "Hz": 60.0}, bridge_s=15),
    "StepCount": Kind(channel="cadence_spm", factors={"count": 1.0}),
    "DistanceWalkingRunning": Kind(channel="distance_m", factors=LENGTHS),
    "RunningSpeed": Kind(channel="speed_mps", factors=SPEEDS, bridge_s=15),
    "RunningPower": Kind(channel="power_w", factors={"W": 1.0, "kW": 1000.0}, bridge_s=15),
    "RunningStrideLength": Kind(channel="step_length_m", factors=LENGTHS, bridge_s=60),
    "RunningGroundContactTime": Kind(channel="contact_time_ms", factors={"ms": 1.0, "s": 1000.0}, bridge_s=60),
    "RunningVerticalOscillation": Kind(channel="vertical_oscillation_m", factors=LENGTHS, bridge_s=60),
}
MINUTES = {"min": 60.0, "s": 1.0, "hr": 3600.0, "h": 3600.0}


@dataclass(slots=True)
class Workout:
    kind: str
    start_s: float
    end_s: float
    source: int
    duration_s: float | None
    offset_s: int | None
    device: str
    distance_m: float | None = None
    statistics: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    """kind → (sum, average, maximum, unit) as text."""
    metadata: dict[str, str] = field(default_factory=dict)
    events: list[tuple[str, float, float]] = field(default_factory=list)
    """(type, start, duration in s)."""
    routes: list[str] = field(default_factory=list)
    locations: list[dict[str, str]] = field(default_factory=list)

    @property
    def sport(self) -> Sport:
        if "Wheelchair" in self.kind:
            return Sport.OTHER
        return Sport.MULTISPORT if "SwimBikeRun" in self.kind else sport_of(self.kind)


class Samples:
    """Samples of one kind: text first, then packed arrays."""

    def __init__(self) -> None:
        self.text: list[tuple[str, str, str, float, int]] = []
        self.start = array("d")
        self.length = array("f")
        self.value = array("f")
        self.source = array("B")

    def pack(self) -> int:
        """Convert the collected text; gives how many could not be read."""
        if not self.text:
            return 0
        starts, ends, values, factors, sources = zip(*self.text, strict=True)
        self.text.clear()
        begin, end = tp.parse_times(starts).epoch_s, tp.parse_times(ends).epoch_s
        number, _ = tp.parse_numbers(values)
        length = np.where(np.isfinite(end), end - begin, 0.0)
        good = np.isfinite(begin) & np.isfinite(number) & (length >= 0) & (length < LONGEST_S)
        self.start.frombytes(begin[good].tobytes())
        self.length.frombytes(length[good].astype(np.float32).tobytes())
        self.value.frombytes((number * np.array(factors))[good].astype(np.float32).tobytes())
        self.source.frombytes(np.array(sources, dtype=np.uint8)[good].tobytes())
        return int(np.count_nonzero(~good))

    def sort(self) -> Sorted:
        """Start, length, value, source in order of start; sorted once, kept as arrays."""
        start = np.frombuffer(self.start, dtype=np.float64)
        if len(start) > 1 and (np.diff(start) < 0).any():
            rank = np.argsort(start, kind="stable")
            self.start = array("d", start[rank].tobytes())
            self.length = array("f", np.frombuffer(self.length, dtype=np.float32)[rank].tobytes())
            self.value = array("f", np.frombuffer(self.value, dtype=np.float32)[rank].tobytes())
            self.source = array("B", np.frombuffer(self.source, dtype=np.uint8)[rank].tobytes())
        return (
            np.frombuffer(self.start, dtype=np.float64),
            np.frombuffer(self.length, dtype=np.float32),
            np.frombuffer(self.value, dtype=np.float32),
            np.frombuffer(self.source, dtype=np.uint8),
        )


def amount(text: str | None, unit: str, factors: Mapping[str, float]) -> float | None:
    """A number in the base unit; None when there is none or its unit is not known."""
    factor = factors.get(unit)
    if text is None or factor is None:
        return None
    values, _ = tp.parse_numbers([text[:40]])
    return float(values[0]) * factor if np.isfinite(values[0]) and values[0] >= 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTable:
    """All kept samples by kind, and per source 0 = a Watch, 1 = another device or app, 2 = a phone."""

    samples: Mapping[str, Sorted]
    ranks: list[int]

    def within(self, kind: str, workout: Workout) -> tuple[Array, Array, Array]:
        """Start, end, value of the samples of one source that touch the workout."""
        start, length, value, source = self.samples[kind]
        low = int(np.searchsorted(start, workout.start_s - SAMPLE_LEAD_S))
        high = int(np.searchsorted(start, workout.end_s))
        rows = np.arange(low, high)
        rows = rows[start[low:high] + length[low:high] >= workout.start_s]
        if not len(rows):
            return np.empty(0), np.empty(0), np.empty(0)
        present, counts = np.unique(source[rows], return_counts=True)
        best = min(zip(present.tolist(), counts.tolist(), strict=True), key=lambda each: self._order(each, workout))[0]
        rows = rows[source[rows] == best]
        return start[rows], start[rows] + length[rows], value[rows].astype(np.float64)

    def _order(self, each: tuple[int, int], workout: Workout) -> tuple[bool, int, int]:
        source, count = each
        return source != workout.source, self.ranks[source] if source < len(self.ranks) else 1, -count


def build_activity(workout: Workout, table: SampleTable, routes: Routes, repairs: list[Repair]) -> Activity:
    """The activity of one workout; only runs get a stream."""
    sport = workout.sport
    indoor = workout.metadata.get("HKIndoorWorkout") == "1"
    surface = Surface.TREADMILL if indoor and sport is Sport.RUNNING else Surface.UNKNOWN
    long = workout.end_s - workout.start_s > LONGEST_S
    if long:
        detail = "Workouts of more than two days: kept without samples."
        repairs.append(Repair(code="workout_too_long", detail=detail))
    stream = None if long or sport is not Sport.RUNNING else _stream(workout, table, routes, repairs)
    return Activity(
        start_utc=tp.utc(workout.start_s),
        sport=sport,
        format="apple_health",
        utc_offset_s=_offset_s(workout),
        surface=surface,
        stream=stream,
        laps=_laps(workout),
        pauses=_pauses(workout),
        totals=_totals(workout),
        device=_device(workout.device),
        sport_detail=workout.kind,
    )


def _stream(workout: Workout, table: SampleTable, routes: Routes, repairs: list[Repair]) -> Stream | None:
    """Samples on the times of the route and, where it is silent, on whole seconds of the workout.

    Readings at a moment are joined by a line over gaps up to the kind's `bridge_s`; steps are spread evenly over
    their interval; distance is summed and joined. Outside, values are NaN.
    """
    route = _route(workout, routes, repairs)
    samples = {kind: table.within(kind, workout) for kind in KINDS}
    if route is None and not any(len(each[0]) for each in samples.values()):
        return None
    axis = np.arange(0.0, workout.end_s - workout.start_s + GRID_S / 2, GRID_S) + workout.start_s
    on_route: dict[str, Array] = {}
    if route is not None:
        near = np.searchsorted(route.epoch_s, axis)
        before = np.abs(axis - route.epoch_s[np.maximum(near - 1, 0)])
        after = np.abs(axis - route.epoch_s[np.minimum(near, len(route) - 1)])
        axis = np.union1d(axis[np.minimum(before, after) >= GRID_S], route.epoch_s)
        at = np.searchsorted(axis, route.epoch_s)
        for name, values in channels_of(route, Sport.RUNNING).items():
            on_route[name] = np.full(len(axis), np.nan)
            on_route[name][at] = values
    channels = dict(on_route)
    for name, kind in KINDS.items():
        start, end, value = samples[name]
        if len(start):
            if kind.bridge_s:
                column = _readings(axis, (start + end) / 2, value, kind.bridge_s)
            elif kind.channel == "distance_m":
                column = _summed(axis, start, end, value)
            else:
                column = _per_minute(axis, start, end, value)
            channels[kind.channel] = column
    if "distance_m" not in channels and "latitude_deg" in channels:
        pauses = _pauses(workout)
        channels["distance_m"] = tp.distance_from_positions(
            axis - workout.start_s, channels["latitude_deg"], channels["longitude_deg"], pauses
        )
        repairs.append(tp.DISTANCE_COMPUTED)
    present = {name: values for name, values in channels.items() if np.isfinite(values).any()}
    return Stream(time_s=axis - workout.start_s, channels=present) if present else None


def _readings(axis: Array, time: Array, value: Array, bridge_s: float) -> Array:
    time, first = np.unique(time, return_index=True)
    value = value[first]
    column = np.interp(axis, time, value, left=np.nan, right=np.nan)
    after = np.searchsorted(time, axis)
    gap = time[np.minimum(after, len(time) - 1)] - time[np.maximum(after - 1, 0)]
    exact = time[np.minimum(after, len(time) - 1)] == axis
    # A lone reading still counts for the second it falls in.
    column[(gap > bridge_s) & ~exact] = np.nan
    nearest = np.clip(np.searchsorted(axis, time), 0, len(axis) - 1)
    close = (np.abs(axis[nearest] - time) <= GRID_S) & np.isnan(column[nearest])
    column[nearest[close]] = value[close]
    return column


def _per_minute(axis: Array, start: Array, end: Array, value: Array) -> Array:
    column = np.full(len(axis), np.nan)
    held = end > start
    start, end, value = start[held], end[held], value[held]
    if not len(start):
        return column
    row = np.searchsorted(start, axis, side="right") - 1
    inside = (row >= 0) & (axis < end[np.maximum(row, 0)])
    rate = value * 60.0 / (end - start)
    column[inside] = rate[row[inside]]
    return column


def _summed(axis: Array, start: Array, end: Array, value: Array) -> Array:
    total = np.cumsum(value)
    times = np.maximum.accumulate(np.column_stack((start, end)).ravel())
    amounts = np.column_stack((total - value, total)).ravel()
    # Amounts before the workout began belong to the way there.
    begin = np.interp(axis[0], times, amounts)
    column: Array = np.interp(axis, times, amounts) - begin
    return column


def _route(workout: Workout, routes: Routes, repairs: list[Repair]) -> tp.Track | None:
    times: list[Array] = []
    segments: list[npt.NDArray[np.int64]] = []
    tables: list[dict[str, Array]] = []
    for path in workout.routes:
        data = routes(path)
        if data is None:
            repairs.append(Repair(code="route_missing", detail="Routes the export names but does not hold."))
            continue
        try:
            points = read_gpx_points(data)
        except ActivityFileError:
            repairs.append(Repair(code="bad_route", detail="Routes that cannot be read: left out."))
            continue
        repairs += points.repairs
        times.append(points.epoch_s)
        segments.append(points.segment + 1_000_000 * len(segments))
        tables.append(points.columns)
    if workout.locations:
        columns = {
            key: tp.parse_numbers([each.get(name, "") or "nan" for each in workout.locations])[0]
            for key, name in (("lat", "latitude"), ("lon", "longitude"), ("ele", "altitude"), ("speed", "speed"))
        }
        times.append(tp.parse_times([each.get("date", "") for each in workout.locations]).epoch_s)
        segments.append(np.full(len(workout.locations), 1_000_000 * len(segments)))
        tables.append(columns)
    if not times:
        return None
    names = {name for table in tables for name in table}
    merged = {
        name: np.concatenate([table.get(name, np.full(len(t), np.nan)) for table, t in zip(tables, times, strict=True)])
        for name in names
    }
    track, told = tp.order(np.concatenate(times), np.concatenate(segments), merged)
    repairs += told
    inside = (track.epoch_s >= workout.start_s) & (track.epoch_s <= workout.end_s + GRID_S)
    if not inside.any():
        return None
    cut = {name: values[inside] for name, values in track.columns.items()}
    if "speed" in cut:
        # Apple writes -1 where the receiver gave no speed.
        cut["speed"] = np.where(cut["speed"] < 0, np.nan, cut["speed"])
    return tp.Track(epoch_s=track.epoch_s[inside], segment=track.segment[inside], columns=cut)


def _offset_s(workout: Workout) -> int | None:
    zone = workout.metadata.get("HKTimeZone", "")
    if zone:
        try:
            offset = tp.utc(workout.start_s).astimezone(ZoneInfo(zone)).utcoffset()
        except (ZoneInfoNotFoundError, ValueError, OSError):
            offset = None
        if offset is not None:
            return int(offset / timedelta(seconds=1))
    return workout.offset_s


def _pauses(workout: Workout) -> tuple[Interval, ...]:
    """From the pause and resume events, the runner's own and those of the watch."""
    length = workout.end_s - workout.start_s
    out: list[Interval] = []
    since: float | None = None
    for kind, at, _ in sorted(workout.events, key=lambda each: each[1]):
        time = min(max(at - workout.start_s, 0.0), length)
        if kind in {"Pause", "MotionPaused"} and since is None:
            since = time
        elif kind in {"Resume", "MotionResumed"} and since is not None:
            out.append(Interval(start_s=since, end_s=time))
            since = None
    if since is not None:
        out.append(Interval(start_s=since, end_s=length))
    return tuple(pause for pause in out if pause.end_s > pause.start_s)


def _laps(workout: Workout) -> tuple[Lap, ...]:
    laps = sorted((at - workout.start_s, length) for kind, at, length in workout.events if kind == "Lap" and length > 0)
    return tuple(Lap(start_s=at, end_s=at + length) for at, length in laps)


def _totals(workout: Workout) -> Totals:
    def stated(kind: str, which: int) -> float | None:
        entry = workout.statistics.get(kind)
        return None if entry is None else amount(entry[which], entry[3], KINDS[kind].factors)

    distance = stated("DistanceWalkingRunning", 0)
    return Totals(
        elapsed_s=workout.end_s - workout.start_s,
        timer_s=workout.duration_s,
        distance_m=workout.distance_m if distance is None else distance,
        ascent_m=_with_unit(workout.metadata.get("HKElevationAscended")),
        descent_m=_with_unit(workout.metadata.get("HKElevationDescended")),
        average_heart_rate_bpm=stated("HeartRate", 1),
        maximum_heart_rate_bpm=stated("HeartRate", 2),
        average_power_w=stated("RunningPower", 1),
        steps=stated("StepCount", 0),
    )


def _with_unit(text: str | None) -> float | None:
    """Metres of "1234 cm"."""
    number, _, unit = (text or "").strip().partition(" ")
    return amount(number, unit.strip(), LENGTHS) if number else None


def _device(text: str) -> Device:
    """Make and model of "<<HKDevice: …>, name:Apple Watch, manufacturer:Apple Inc., hardware:Watch6,1, …>"."""
    fields = {}
    for part in text.split(", "):
        key, _, value = part.partition(":")
        fields[key.strip()] = value.strip(" <>")
    maker = "apple" if "apple" in fields.get("manufacturer", "").lower() else ""
    hardware = fields.get("hardware", "")
    return Device(manufacturer=maker, product=hardware[:40] if maker else "")
