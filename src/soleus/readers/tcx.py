"""Garmin's Training Center XML, as watches, phones and platforms write it.

* Several activities, laps, and tracks per lap; a point may lack time, position or distance.
* A pause is a gap between tracks of one lap, and the gap that explains a lap whose timer ran shorter than the clock.
* `RunCadence` and `Cadence` are one leg's steps per minute on foot and are doubled; treadmill files that hold both
  feet's already are found and mended by `training.clean`. Cadence of rides is left out.
* Some Polar software writes local time marked "Z" (UTC). The file alone cannot show it, so times are taken as they
  stand and a repair says that the hour may be off.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import BinaryIO
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Activity, Array, Device, Interval, Lap, Reading, Repair, Totals
from soleus.readers import trackpoints as tp
from soleus.readers.sport_names import detail_of, device_named, has_barometer, in_steps, sport_of
from soleus.readers.xml_stream import (
    DEFAULT_LIMITS,
    Resume,
    XmlLimits,
    local_name,
    not_such_file,
    parse_document,
    read_all,
    refuse,
)

_INSIDE = ("TrainingCenterDatabase", "Activities", "Activity", "Lap", "Track")
_RESUME = Resume(markers=((b"<Activity ", _INSIDE[:2]), (b"<Lap ", _INSIDE[:3]), (b"<Trackpoint>", _INSIDE)))
_POINT_FIELDS = {
    "Time": "time",
    "LatitudeDegrees": "lat",
    "LongitudeDegrees": "lon",
    "AltitudeMeters": "altitude",
    "DistanceMeters": "distance",
    "Value": "heart_rate",
    "Cadence": "cadence",
    "Speed": "speed",
    "RunCadence": "run_cadence",
    "Watts": "watts",
}
_CHANNELS = {
    "altitude_m": ("altitude",),
    "distance_m": ("distance",),
    "heart_rate_bpm": ("heart_rate",),
    "speed_mps": ("speed",),
    "power_w": ("watts",),
}
_LAP_FIELDS = frozenset({
    "TotalTimeSeconds", "DistanceMeters", "Intensity", "AverageHeartRateBpm/Value", "MaximumHeartRateBpm/Value",
})  # fmt: skip
_INTENSITIES = {"active": "active", "resting": "rest"}
_GARMIN_IN_FIT = 1
PAUSE_S = 3.0
"""A lap whose timer ran this much shorter than the clock holds a pause."""
LAP_START_LEAD_S = 600.0
"""A lap may begin this long before its first point (no position yet); more is another clock."""


@dataclass(slots=True)
class _Lap:
    start_text: str
    first_point: int
    fields: dict[str, str] = field(default_factory=dict)
    tracks: list[int] = field(default_factory=list)
    """First point of each track."""


@dataclass(slots=True)
class _Activity:
    sport: str
    first_point: int
    id_text: str = ""
    creator: dict[str, str] = field(default_factory=dict)
    laps: list[_Lap] = field(default_factory=list)


def read_tcx(source: bytes | BinaryIO, *, limits: XmlLimits = DEFAULT_LIMITS, salt: bytes = b"soleus") -> Reading:
    """The activities of a TCX file. Raises `ActivityFileError` when it is no TCX file or one not to be opened.

    `salt` goes into the digest of the device's serial number, which itself is not kept.
    """
    collector, repairs = parse_document(
        read_all(source, limits), lambda: _TcxCollector(limits), format_name="TCX", resume=_RESUME, limits=limits
    )
    columns = collector.columns.take()
    repairs += tp.reading_repairs(collector.columns)
    n = collector.columns.points
    place = tp.positions(columns, "lat", "lon")
    if place is not None:
        columns["lat"], columns["lon"], bad = place
        if bad:
            detail = "Positions that cannot be (beyond a pole, half missing, or 0/0): treated as absent."
            repairs.append(Repair(code="bad_position", detail=detail, count=bad))
    times = columns.pop("time", np.full(n, np.nan))
    if not collector.activities:
        detail = "The file holds a planned course or nothing, no activity."
        repairs.append(Repair(code="no_activity", detail=detail))
    activities = []
    starts = [each.first_point for each in collector.activities]
    for raw, end in zip(collector.activities, [*starts[1:], n], strict=False):
        rows = np.arange(raw.first_point, end)
        activity = _build(raw, rows, times, columns, collector.columns.first_offset_s, salt, repairs)
        if activity is not None:
            activities.append(activity)
    if collector.course_points:
        detail = "Points of a planned course, not of an activity: left out."
        repairs.append(Repair(code="course_points", detail=detail, count=collector.course_points))
    if "polar" in (collector.author.lower(), *(a.device.manufacturer for a in activities)):
        detail = "Some Polar files give the local time as if it were UTC: the hour may be off by the time zone."
        repairs.append(Repair(code="time_zone_doubt", detail=detail))
    return Reading(activities=tuple(activities), repairs=tuple(repairs))


def _build(
    raw: _Activity,
    rows: npt.NDArray[np.int64],
    times: Array,
    columns: dict[str, Array],
    utc_offset_s: int | None,
    salt: bytes,
    repairs: list[Repair],
) -> Activity | None:
    sport = sport_of(raw.sport)
    tracks = np.array([start for lap in raw.laps for start in lap.tracks] or [raw.first_point])
    segment = np.maximum(np.searchsorted(tracks, rows, side="right") - 1, 0)
    track, told = tp.order(times[rows], segment, {name: values[rows] for name, values in columns.items()})
    repairs += told
    stated = tp.parse_times([lap.start_text for lap in raw.laps]).epoch_s
    begin = stated[0] if len(stated) else np.nan
    if not np.isfinite(begin):
        begin = tp.parse_times([raw.id_text]).epoch_s[0]
    if len(track):
        first = float(track.epoch_s[0])
        origin = float(begin) if np.isfinite(begin) and 0 <= first - begin <= LAP_START_LEAD_S else first
    elif np.isfinite(begin):
        origin = float(begin)
    else:
        return None
    laps = _laps(raw.laps, stated, track, origin)
    pauses = _pauses(laps, track, origin)
    channels = tp.canonical(track.columns, _CHANNELS, ("run_cadence", "cadence") if in_steps(sport) else ())
    if "distance_m" not in channels and "latitude_deg" in channels:
        channels["distance_m"] = tp.distance_from_positions(
            track.epoch_s - origin, channels["latitude_deg"], channels["longitude_deg"], pauses
        )
        repairs.append(tp.DISTANCE_COMPUTED)
    return Activity(
        start_utc=tp.utc(origin),
        sport=sport,
        format="tcx",
        utc_offset_s=utc_offset_s,
        stream=tp.stream_of(track, channels, origin_s=origin) if len(track) else None,
        laps=tuple(laps),
        pauses=pauses,
        totals=_totals(raw.laps, track, pauses, repairs),
        device=_device(raw.creator, salt),
        barometer=has_barometer(raw.creator.get("Name", "")),
        sport_detail=detail_of(raw.sport),
    )


def _device(creator: dict[str, str], salt: bytes) -> Device:
    """Make and model; for Garmin the digest is the one the FIT file of the same watch gives."""
    device = device_named(creator.get("Name", ""))
    product, serial = creator.get("ProductID", ""), creator.get("UnitId", "")
    if device.manufacturer != "garmin" or not (product.isdecimal() and serial.isdecimal()) or not int(serial[:20]):
        return device
    key = f"{_GARMIN_IN_FIT} {int(product[:20])} {int(serial[:20])}"
    return replace(device, digest=hashlib.blake2b(key.encode(), key=salt[:64], digest_size=8).hexdigest())


def _number(lap: _Lap, name: str) -> float | None:
    text = lap.fields.get(name)
    if text is None:
        return None
    values, _ = tp.parse_numbers([text])
    return float(values[0]) if np.isfinite(values[0]) and values[0] >= 0 else None


def _laps(raw: list[_Lap], stated: Array, track: tp.Track, origin: float) -> list[Lap]:
    """Laps with [start, end): to the next lap's start, the last to its timer's or the last point's end."""
    last = float(track.epoch_s[-1]) - origin if len(track) else 0.0
    known = [(float(start) - origin, lap) for start, lap in zip(stated, raw, strict=True) if np.isfinite(start)]
    known = [(start, lap) for start, lap in sorted(known, key=lambda each: each[0]) if abs(start) < tp.FAR_OFF_S]
    laps = []
    for k, (start, lap) in enumerate(known):
        timer = _number(lap, "TotalTimeSeconds")
        end = known[k + 1][0] if k + 1 < len(known) else max(start + (timer or 0.0), last)
        laps.append(
            Lap(
                start_s=start,
                end_s=max(end, start),
                distance_m=_number(lap, "DistanceMeters"),
                timer_s=timer,
                intensity=_INTENSITIES.get(lap.fields.get("Intensity", "").strip().lower(), ""),
            )
        )
    if all(lap.intensity == "rest" for lap in laps):
        # Some watches call every lap of a run resting.
        return [replace(lap, intensity="") for lap in laps]
    return laps


def _pauses(laps: list[Lap], track: tp.Track, origin: float) -> tuple[Interval, ...]:
    """Gaps between points that the laps' own timers explain as pauses.

    For each lap the clock time that its timer did not count is laid upon its largest gaps, those between two tracks
    first; a gap that reaches over the end of a lap counts for each with its own part. Gaps between tracks inside one
    lap are pauses even when no timer is stated.
    """
    if len(track) < 2:
        return ()
    time = track.epoch_s - origin
    usual = float(np.median(np.diff(time)))
    rows = np.flatnonzero(np.diff(time) > max(PAUSE_S, 1.5 * usual))
    starts, ends = time[rows], time[rows + 1]
    broken = track.segment[rows] != track.segment[rows + 1]
    if not laps:
        return _joined(starts[broken], ends[broken])
    chosen: list[tuple[float, float]] = []
    for lap in laps:
        lows, highs = np.maximum(starts, lap.start_s), np.minimum(ends, lap.end_s)
        inside = np.flatnonzero(highs > lows)
        sure = [k for k in inside if broken[k] and starts[k] >= lap.start_s and ends[k] < lap.end_s]
        chosen += [(float(lows[k]), float(highs[k])) for k in sure]
        if lap.timer_s is None:
            continue
        missing = lap.end_s - lap.start_s - lap.timer_s - sum(float(highs[k] - lows[k]) for k in sure)
        for k in sorted(set(inside) - set(sure), key=lambda k: (not broken[k], lows[k] - highs[k])):
            length = float(highs[k] - lows[k])
            if missing >= PAUSE_S and PAUSE_S <= length <= missing + PAUSE_S + usual:
                chosen.append((float(lows[k]), float(highs[k])))
                missing -= length
    chosen.sort()
    return _joined(np.array([low for low, _ in chosen]), np.array([high for _, high in chosen]))


def _joined(starts: Array, ends: Array) -> tuple[Interval, ...]:
    """Intervals in order of time, those that touch made one."""
    out: list[Interval] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if out and start <= out[-1].end_s:
            out[-1] = Interval(start_s=out[-1].start_s, end_s=max(end, out[-1].end_s))
        else:
            out.append(Interval(start_s=start, end_s=end))
    return tuple(out)


def _totals(laps: list[_Lap], track: tp.Track, pauses: tuple[Interval, ...], repairs: list[Repair]) -> Totals:
    """Sums of the laps; none of them when the laps leave out a tenth of the recorded time or more."""

    def total(name: str) -> float | None:
        values = [value for lap in laps if (value := _number(lap, name)) is not None]
        return sum(values) if values else None

    timer = total("TotalTimeSeconds")
    if timer is not None and len(track):
        recorded = float(track.epoch_s[-1] - track.epoch_s[0]) - sum(p.end_s - p.start_s for p in pauses)
        if timer < 0.9 * recorded:
            detail = "The laps' times do not cover the recorded points: their sums were not taken as totals."
            repairs.append(Repair(code="laps_incomplete", detail=detail))
            return Totals()
    rates = [
        (rate, seconds)
        for lap in laps
        if (rate := _number(lap, "AverageHeartRateBpm/Value")) and (seconds := _number(lap, "TotalTimeSeconds"))
    ]
    highest = [rate for lap in laps if (rate := _number(lap, "MaximumHeartRateBpm/Value"))]
    return Totals(
        timer_s=timer,
        distance_m=total("DistanceMeters"),
        average_heart_rate_bpm=sum(r * s for r, s in rates) / sum(s for _, s in rates) if rates else None,
        maximum_heart_rate_bpm=max(highest) if highest else None,
    )


class _TcxCollector:
    def __init__(self, limits: XmlLimits) -> None:
        self.root_seen = False
        self.columns = tp.Columns("time")
        self.activities: list[_Activity] = []
        self.author = ""
        self.course_points = 0
        self.in_point = False
        self._limits = limits
        self._texts: list[str] = []
        self._path: list[str] = []

    def between_chunks(self) -> int:
        self.columns.flush()
        if self.in_point:
            return self.columns.points
        del self._texts[:-1]
        return -1

    def reopen(self, path: tuple[str, ...]) -> None:
        if self.in_point:
            self.columns.points += 1
            self.in_point = False
        self._texts.clear()
        self._path[:] = path
        if "Activity" in path and not self.activities:
            self.activities.append(_Activity(sport="", first_point=0))

    def _open(self, local: str, attributes: dict[str, str]) -> None:
        """What the start of an element outside points means."""
        points = self.columns.points
        if local in {"Activity", "MultiSportSession"}:
            if local == "Activity":
                self.activities.append(_Activity(sport=attributes.get("Sport", ""), first_point=points))
        elif not self.activities:
            return
        elif local == "Lap":
            self.activities[-1].laps.append(_Lap(start_text=attributes.get("StartTime", ""), first_point=points))
        elif local == "Track" and self.activities[-1].laps:
            self.activities[-1].laps[-1].tracks.append(points)

    def _close(self, text: str) -> None:
        """What the text of an element outside points means, by the end of its path."""
        path = self._path
        local, parent = path[-1], path[-2] if len(path) > 1 else ""
        if parent == "Author" and local == "Name":
            self.author = "polar" if "polar" in text.lower() else ""
        if not self.activities:
            return
        activity = self.activities[-1]
        if parent == "Activity" and local == "Id":
            activity.id_text = text[:64].strip()
        elif parent == "Creator" and local in {"Name", "UnitId", "ProductID"}:
            activity.creator[local] = text[:200].strip()
        elif activity.laps and "Lap" in path:
            key = f"{parent}/{local}" if local == "Value" else local
            if key in _LAP_FIELDS and (local == "Value" or parent in {"Lap", "LX"}):
                activity.laps[-1].fields.setdefault(key, text[:64])

    def attach(self, parser: expat.XMLParserType) -> None:
        columns, texts = self.columns, self._texts
        fields = tp.Fields(columns, _POINT_FIELDS, point="Trackpoint")
        depth = self._limits.depth

        def start(name: str, attributes: dict[str, str]) -> None:
            local = local_name(name)
            texts.clear()
            path = self._path
            if local == "Trackpoint":
                if "Course" in path:
                    self.course_points += 1
                elif self.activities:
                    parser.StartElementHandler = None
                    parser.EndElementHandler = end_of_point
                    self.in_point = True
                    return
            path.append(local)
            if len(path) > depth:
                raise refuse("the file nests its elements without end")
            if len(path) == 1:
                if local != "TrainingCenterDatabase":
                    raise not_such_file("TCX")
                self.root_seen = True
            else:
                self._open(local, attributes)

        def end(_: str) -> None:
            if self._path:
                if texts:
                    self._close("".join(texts))
                self._path.pop()
            texts.clear()

        def leave_point() -> None:
            self.in_point = False
            parser.EndElementHandler = end
            parser.StartElementHandler = start

        end_of_point = tp.point_end(columns, fields, texts, leave_point)
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = texts.append
