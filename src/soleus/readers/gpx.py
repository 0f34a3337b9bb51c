"""GPX 1.0 and 1.1 with the extensions of Garmin, Cluetrust (Suunto), Strava, Amazfit and Apple.

* A new `trkseg` is a pause (timer stopped or recording lost); the way across it does not count as distance.
* Tracks less than `JOIN_TRACKS_S` apart are one activity (some apps begin a new track after each pause); others, and
  segments more than `SPLIT_SEGMENTS_S` apart, are activities of their own.
* `cad` is one leg's steps per minute on foot and is doubled; files that hold both feet's already are found and mended
  by `training.clean`. Cadence of rides is left out.
* Without distance in the file, distance is summed from positions (haversine); speed is left to `training.clean`.
* Points without a time stay in the count but make no stream: nothing can be said of load without time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Activity, Array, Reading, Repair, Sport
from soleus.readers import trackpoints as tp
from soleus.readers.sport_names import (
    detail_of,
    device_named,
    has_barometer,
    in_steps,
    sport_in_title,
    sport_of,
    surface_of,
)
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

JOIN_TRACKS_S = 1800.0
SPLIT_SEGMENTS_S = 4 * 3600.0
_RESUME = Resume(
    markers=((b"<trk>", ("gpx",)), (b"<trkseg>", ("gpx", "trk")), (b"<trkpt", ("gpx", "trk", "trkseg"))),
)
_FIELDS = {
    "ele": "ele",
    "time": "time",
    "hr": "hr",
    "heartrate": "heartrate",
    "cad": "cad",
    "cadence": "cadence",
    "runcadence": "cad",
    "atemp": "atemp",
    "temp": "temp",
    "temperature": "temp",
    "speed": "speed",
    "power": "power",
    "powerinwatts": "power",
    "watts": "power",
    "distance": "distance",
}
_CHANNELS = {
    "altitude_m": ("ele",),
    "heart_rate_bpm": ("hr", "heartrate"),
    "temperature_degc": ("atemp", "temp"),
    "speed_mps": ("speed",),
    "power_w": ("power",),
    "distance_m": ("distance",),
}


def read_gpx(source: bytes | BinaryIO, *, limits: XmlLimits = DEFAULT_LIMITS) -> Reading:
    """The activities of a GPX file. Raises `ActivityFileError` when it is no GPX file or one not to be opened."""
    points = read_gpx_points(read_all(source, limits), limits=limits)
    repairs = list(points.repairs)
    if not len(points.epoch_s):
        repairs.append(Repair(code="no_track", detail="The file holds no track: there is no activity in it."))
        return Reading(repairs=tuple(repairs))
    if not np.isfinite(points.epoch_s).any():
        detail = "No point of the file bears a time: this is a drawn route or a stripped track, not a recorded run."
        repairs.append(Repair(code="no_times", detail=detail, count=len(points.epoch_s)))
        return Reading(repairs=tuple(repairs))
    activities = []
    for rows in _activities(points):
        track, told = tp.order(
            points.epoch_s[rows], points.segment[rows], {k: v[rows] for k, v in points.columns.items()}
        )
        repairs += told
        if len(track):
            activities.append(_activity(points, track, int(points.track[rows[0]]), repairs))
    return Reading(activities=tuple(activities), repairs=tuple(repairs))


@dataclass(frozen=True, slots=True, kw_only=True)
class GpxPoints:
    """All track points of a file. `epoch_s` (NaN = no time), `segment`, `track`, columns: (n,)."""

    epoch_s: Array
    segment: npt.NDArray[np.int64]
    track: npt.NDArray[np.int64]
    columns: dict[str, Array]
    kinds: tuple[str, ...]
    """`<type>` per track."""
    titled: tuple[Sport, ...]
    """Sport the title of each track names."""
    creator: str
    utc_offset_s: int | None
    repairs: tuple[Repair, ...]


def read_gpx_points(data: bytes, *, limits: XmlLimits = DEFAULT_LIMITS) -> GpxPoints:
    """The points as they stand in the file, in file order."""
    collector, repairs = parse_document(
        data, lambda: _GpxCollector(limits), format_name="GPX", resume=_RESUME, limits=limits
    )
    columns = collector.columns.take()
    n = collector.columns.points
    repairs += tp.reading_repairs(collector.columns)
    place = tp.positions(columns, "lat", "lon")
    if place is not None:
        columns["lat"], columns["lon"], bad = place
        if bad:
            detail = "Positions that cannot be (beyond a pole, half missing, or 0/0): treated as absent."
            repairs.append(Repair(code="bad_position", detail=detail, count=bad))
    rows = np.arange(n)
    starts = np.array([row for row, _ in collector.segments] or [0])
    tracks = np.array([track for _, track in collector.segments] or [0])
    segment = np.maximum(np.searchsorted(starts, rows, side="right") - 1, 0)
    return GpxPoints(
        epoch_s=columns.pop("time", np.full(n, np.nan)),
        segment=segment,
        track=tracks[segment],
        columns=columns,
        kinds=tuple(collector.kinds) or ("",),
        titled=tuple(collector.titled) or (Sport.UNKNOWN,),
        creator=collector.creator,
        utc_offset_s=collector.columns.first_offset_s,
        repairs=tuple(repairs),
    )


def _activities(points: GpxPoints) -> list[npt.NDArray[np.intp]]:
    """Rows of each activity: tracks close in time and of one kind together, segments hours apart not."""
    parts: list[tuple[float, float, str, npt.NDArray[np.intp]]] = []
    untimed: list[npt.NDArray[np.intp]] = []
    for rows in np.split(np.arange(len(points.epoch_s)), np.flatnonzero(np.diff(points.segment)) + 1):
        times = points.epoch_s[rows]
        if np.isfinite(times).any():
            kind = points.kinds[int(points.track[rows[0]])]
            parts.append((float(np.nanmin(times)), float(np.nanmax(times)), kind, rows))
        else:
            untimed.append(rows)
    parts.sort(key=lambda part: part[0])
    groups: list[list[tuple[float, float, str, npt.NDArray[np.intp]]]] = []
    for part in parts:
        if groups:
            before = groups[-1][-1]
            end = max(each[1] for each in groups[-1])
            same_track = points.track[before[3][0]] == points.track[part[3][0]]
            if part[2] == before[2] and part[0] - end <= (SPLIT_SEGMENTS_S if same_track else JOIN_TRACKS_S):
                groups[-1].append(part)
                continue
        groups.append([part])
    if untimed:
        # Counted, told and left out with the first activity.
        groups[0] += [(0.0, 0.0, "", rows) for rows in untimed]
    return [np.concatenate([part[3] for part in group]) for group in groups]


def _activity(points: GpxPoints, track: tp.Track, number: int, repairs: list[Repair]) -> Activity:
    """The activity of ordered points; its sport is that of `<type>`, else of the title of its first track."""
    kind = points.kinds[number]
    sport = sport_of(kind)
    if sport is Sport.UNKNOWN:
        sport = points.titled[number]
    if sport is Sport.UNKNOWN:
        detail = "The file does not say of what sport it is; it does not count as a run unless another source says so."
        repairs.append(Repair(code="unknown_sport", detail=detail))
    origin = float(track.epoch_s[0])
    pauses = tp.pauses_between_segments(track, origin_s=origin)
    channels = channels_of(track, sport)
    if "distance_m" not in channels and "latitude_deg" in channels:
        channels["distance_m"] = tp.distance_from_positions(
            track.epoch_s - origin, channels["latitude_deg"], channels["longitude_deg"], pauses
        )
        repairs.append(tp.DISTANCE_COMPUTED)
    return Activity(
        start_utc=tp.utc(origin),
        sport=sport,
        format="gpx",
        utc_offset_s=points.utc_offset_s,
        surface=surface_of(kind),
        stream=tp.stream_of(track, channels, origin_s=origin),
        pauses=pauses,
        device=device_named(points.creator),
        barometer=has_barometer(points.creator),
        sport_detail=detail_of(kind),
    )


def channels_of(track: tp.Track, sport: Sport) -> dict[str, Array]:
    """Canonical channels of ordered GPX points."""
    return tp.canonical(track.columns, _CHANNELS, ("cad", "cadence") if in_steps(sport) else ())


class _GpxCollector:
    def __init__(self, limits: XmlLimits) -> None:
        self.root_seen = False
        self.columns = tp.Columns("time")
        self.segments: list[tuple[int, int]] = []
        self.kinds: list[str] = []
        self.titled: list[Sport] = []
        self.creator = ""
        self.in_point = False
        self._texts: list[str] = []
        self._limits = limits
        self._depth = 0
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
        if "trk" in path and not self.kinds:
            self._begin_track()

    def _begin_track(self) -> None:
        self.kinds.append("")
        self.titled.append(Sport.UNKNOWN)
        self.segments.append((self.columns.points, len(self.kinds) - 1))

    def attach(self, parser: expat.XMLParserType) -> None:
        columns, texts, path = self.columns, self._texts, self._path
        add_lat, add_lon = columns.adders("lat"), columns.adders("lon")
        fields = tp.Fields(columns, _FIELDS, point="trkpt", fold=True)
        depth = self._limits.depth

        def start(name: str, attributes: dict[str, str]) -> None:
            local = local_name(name)
            texts.clear()
            if local == "trkpt" and self.segments:
                parser.StartElementHandler = None
                parser.EndElementHandler = end_of_point
                self.in_point = True
                latitude, longitude = attributes.get("lat"), attributes.get("lon")
                if latitude is not None:
                    add_lat[0](columns.points)
                    add_lat[1](latitude)
                if longitude is not None:
                    add_lon[0](columns.points)
                    add_lon[1](longitude)
                return
            path.append(local)
            if len(path) > depth:
                raise refuse("the file nests its elements without end")
            if len(path) == 1:
                if local != "gpx":
                    raise not_such_file("GPX")
                self.root_seen = True
                self.creator = attributes.get("creator", "")
            elif local == "trk":
                self._begin_track()
            elif local == "trkseg" and self.kinds:
                self.segments.append((columns.points, len(self.kinds) - 1))

        def end(_: str) -> None:
            if self.kinds and path[-2:-1] == ["trk"]:
                if path[-1] == "type":
                    self.kinds[-1] = "".join(texts).strip()[:40]
                elif path[-1] == "name":
                    self.titled[-1] = sport_in_title("".join(texts)[:200])
            texts.clear()
            if path:
                path.pop()

        def leave_point() -> None:
            self.in_point = False
            parser.EndElementHandler = end
            parser.StartElementHandler = start

        end_of_point = tp.point_end(columns, fields, texts, leave_point)
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = texts.append
