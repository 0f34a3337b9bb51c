"""Points of a track as columns: collected as text, converted in bulk, put in order, cut into streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Array, Interval, Reading, Repair, Stream

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius R1 of the WGS 84 / GRS 80 ellipsoid (2a + b) / 3."""
FAR_OFF_S = 15 * 86_400.0
"""A point farther than this from the median time of its track bears a clock not yet set; no run lasts so long."""
BLOCK_POINTS = 1 << 13
FIELD_NAMES = 1000
"""So many names are remembered; a file with more is made up."""
LARGEST_NUMBER = 1e9
"""Nothing a watch measures is larger; what is, is damage, and would overflow further on."""
_EARLIEST_S, _LATEST_S = 315_532_800.0, 4_102_444_800.0
"""1980 (start of GPS time) and 2100: outside, a clock was not set."""
DROPPED_POINTS = frozenset(
    {"point_without_time", "time_far_off", "time_went_back", "repeated_time", "no_times", "course_points"}
)
"""Codes of repairs that tell of points which are in the file but not in a stream; `count` says how many."""

DISTANCE_COMPUTED = Repair(
    code="distance_computed", detail="The points state no distance: it was summed from the positions."
)

Bytes2 = npt.NDArray[np.uint8]


def points_read(reading: Reading) -> int:
    """How many points the file held: those in the streams and those left out with a repair."""
    kept = sum(len(activity.stream) for activity in reading.activities if activity.stream is not None)
    return kept + sum(repair.count for repair in reading.repairs if repair.code in DROPPED_POINTS)


class Columns:
    """Text of the fields of points by local name, converted to numbers block by block to hold memory down."""

    def __init__(self, time_name: str) -> None:
        self.points = 0
        self.bad_numbers = 0
        self.bad_times = 0
        self.naive_times = 0
        self.first_offset_s: int | None = None
        self._time_name = time_name
        self._texts: dict[str, tuple[list[int], list[str]]] = {}
        self._blocks: dict[str, list[tuple[npt.NDArray[np.int64], Array]]] = {}
        self._flushed = 0

    def adders(self, name: str) -> tuple[Callable[[int], None], Callable[[str], None]]:
        """Two appenders for one field: index of the point, its text."""
        rows, texts = self._texts.setdefault(name, ([], []))
        return rows.append, texts.append

    def flush(self, *, force: bool = False) -> None:
        """Convert what has been collected, when it is worth it."""
        if not force and self.points - self._flushed < BLOCK_POINTS:
            return
        self._flushed = self.points
        for name, (rows, texts) in self._texts.items():
            if not rows:
                continue
            if name == self._time_name:
                times = parse_times(texts)
                values = times.epoch_s
                self.bad_times += times.bad
                self.naive_times += times.naive
                if self.first_offset_s is None:
                    self.first_offset_s = _wall_clock(times)
            else:
                values, bad = parse_numbers(texts)
                self.bad_numbers += bad
            self._blocks.setdefault(name, []).append((np.array(rows, dtype=np.int64), values))
            rows.clear()
            texts.clear()

    def take(self) -> dict[str, Array]:
        """All columns, (points,) each, NaN where a point lacks the field. Call once at the end."""
        self.flush(force=True)
        out: dict[str, Array] = {}
        for name, blocks in self._blocks.items():
            column = np.full(self.points, np.nan)
            for rows, values in blocks:
                inside = rows < self.points
                column[rows[inside]] = values[inside]
            out[name] = column
        return out


Appenders = tuple[Callable[[int], None], Callable[[str], None]]


class Fields(dict[str, Appenders | tuple[()] | None]):
    """Name in the file → appenders of its column, () for names of no interest, None for the end of the point."""

    def __init__(self, columns: Columns, names: Mapping[str, str], *, point: str, fold: bool = False) -> None:
        super().__init__()
        self._columns = columns
        self._names = names
        self._point = point
        self._fold = fold

    def __missing__(self, name: str) -> Appenders | tuple[()] | None:
        local = name.rpartition(":")[2]
        found: Appenders | tuple[()] | None = ()
        if local == self._point:
            found = None
        else:
            field = self._names.get(local.lower() if self._fold else local)
            if field is not None:
                found = self._columns.adders(field)
        if len(self) < FIELD_NAMES:
            self[name] = found
        return found


def point_end(
    columns: Columns, fields: Fields, texts: list[str], leave_point: Callable[[], None]
) -> Callable[[str], None]:
    """What the end of an element inside a point does: its text joins its column, or the point is done."""

    def end_of_point(name: str) -> None:
        column = fields[name]
        if column:
            if texts:
                add_row, add_text = column
                add_row(columns.points)
                add_text(texts[0] if len(texts) == 1 else "".join(texts))
        elif column is None:
            columns.points += 1
            leave_point()
        texts.clear()

    return end_of_point


def parse_numbers(texts: Sequence[str]) -> tuple[Array, int]:
    """Numbers of texts, NaN where there is none; and how many non-empty texts were no usable number."""
    try:
        values = np.fromiter(map(float, texts), dtype=np.float64, count=len(texts))
    except ValueError:
        values = np.fromiter(map(_number, texts), dtype=np.float64, count=len(texts))
    finite = np.abs(values) <= LARGEST_NUMBER
    if finite.all():
        return values, 0
    bad = sum(1 for k in np.flatnonzero(~finite).tolist() if texts[k].strip())
    return np.where(finite, values, np.nan), bad


def _number(text: str) -> float:
    try:
        return float(text[:64].replace(",", "."))
    except ValueError:
        return float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """`epoch_s`: (n,) seconds since 1970 UTC, NaN when unreadable; `offset_s`: zone of the first with one."""

    epoch_s: Array
    bad: int
    naive: int
    offset_s: int | None


def _wall_clock(times: Times) -> int | None:
    """What the zone says of the runner's clock. "+00:00" is how many programs write UTC, as "Z" is; times without any
    zone are read as the clock on the wall: their day is the day as written."""
    return 0 if times.naive else times.offset_s or None


def parse_times(texts: Sequence[str]) -> Times:
    """ISO 8601 instants in bulk.

    "Z", "+01:00", "+0100" and Apple's " +0100" are understood; without a zone UTC is taken and counted as naive. "Z"
    states no wall-clock offset (`offset_s` None).
    """
    stripped = [text.strip() for text in texts]
    lengths = np.fromiter(map(len, stripped), dtype=np.int64, count=len(stripped))
    epoch = np.full(len(stripped), np.nan)
    naive = np.zeros(len(stripped), dtype=bool)
    offset = np.full(len(stripped), np.nan)
    kinds = np.unique(lengths)
    for length in kinds[(kinds >= 19) & (kinds <= 40)]:
        rows = np.flatnonzero(lengths == length)
        text = "".join(stripped) if len(rows) == len(stripped) else "".join([stripped[k] for k in rows])
        matrix = np.frombuffer(text.encode("latin-1", "replace"), np.uint8).reshape(len(rows), int(length))
        epoch[rows], offset[rows], naive[rows] = _same_length_times(matrix)
    with np.errstate(invalid="ignore"):
        epoch[(epoch < _EARLIEST_S) | (epoch > _LATEST_S)] = np.nan
    stated = offset[np.isfinite(offset) & np.isfinite(epoch)]
    good = np.isfinite(epoch)
    return Times(
        epoch_s=epoch,
        bad=int(np.count_nonzero(~good & (lengths > 0))),
        naive=int(np.count_nonzero(naive & good)),
        offset_s=int(stated[0]) if len(stated) else None,
    )


def _same_length_times(m: Bytes2) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    n, length = m.shape
    epoch = np.full(n, np.nan)
    offset = np.full(n, np.nan)
    zulu = (m[:, -1] == ord("Z")) | (m[:, -1] == ord("z"))
    colon = np.zeros(n, dtype=bool)
    plain = np.zeros(n, dtype=bool)
    if length >= 25:
        colon = ~zulu & _sign(m[:, -6]) & (m[:, -3] == ord(":"))
    if length >= 24:
        plain = ~zulu & ~colon & _sign(m[:, -5])
    naive = ~zulu & ~colon & ~plain
    for mask, width, tail in (
        (zulu, 1, ()),
        (colon, 6, (-5, -4, -2, -1)),
        (plain, 5, (-4, -3, -2, -1)),
        (naive, 0, ()),
    ):
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        part = m[rows] if len(rows) < n else m
        seconds, good = _clock(part[:, : length - width])
        if tail:
            zone, zone_good = _zone(part, tail, -width)
            seconds = seconds - zone
            good &= zone_good
            offset[rows[good]] = zone[good]
        epoch[rows[good]] = seconds[good]
    return epoch, offset, naive


def _sign(column: Bytes2) -> npt.NDArray[np.bool_]:
    signs: npt.NDArray[np.bool_] = np.logical_or(column == ord("+"), column == ord("-"))
    return signs


def _zone(m: Bytes2, tail: tuple[int, ...], sign_at: int) -> tuple[Array, npt.NDArray[np.bool_]]:
    digits, good = _digits(m[:, list(tail)])
    seconds = (digits[:, 0] * 10 + digits[:, 1]) * 3600.0 + (digits[:, 2] * 10 + digits[:, 3]) * 60.0
    good &= seconds <= 18 * 3600
    return np.where(m[:, sign_at] == ord("-"), -seconds, seconds), good


def _digits(m: Bytes2) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    digits = m.astype(np.int64) - ord("0")
    good: npt.NDArray[np.bool_] = np.all((digits >= 0) & (digits <= 9), axis=1)
    return digits, good


def _clock(m: Bytes2) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Seconds since 1970 of "YYYY-MM-DDTHH:MM:SS[.fff]" (or a space for T), and which rows are such."""
    if m.shape[1] < 19:
        return np.zeros(len(m)), np.zeros(len(m), dtype=bool)
    d, good = _digits(m[:, [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]])
    good &= (m[:, 4] == ord("-")) & (m[:, 7] == ord("-")) & (m[:, 13] == ord(":")) & (m[:, 16] == ord(":"))
    good &= (m[:, 10] == ord("T")) | (m[:, 10] == ord(" ")) | (m[:, 10] == ord("t"))
    year = d[:, 0] * 1000 + d[:, 1] * 100 + d[:, 2] * 10 + d[:, 3]
    month, day = d[:, 4] * 10 + d[:, 5], d[:, 6] * 10 + d[:, 7]
    hour, minute, second = d[:, 8] * 10 + d[:, 9], d[:, 10] * 10 + d[:, 11], d[:, 12] * 10 + d[:, 13]
    good &= (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second <= 60)
    good &= (year >= 1970) & (year <= 2200)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    good &= day <= following - first
    seconds = (first + day - 1) * 86400.0 + hour * 3600.0 + minute * 60.0 + second
    rest = m[:, 19:]
    if rest.shape[1] == 1:
        # Apple writes a space before the zone; a lone point is no fraction.
        good &= rest[:, 0] == ord(" ")
    elif rest.shape[1] > 1:
        fraction, digits_good = _digits(rest[:, 1:])
        good &= digits_good & ((rest[:, 0] == ord(".")) | (rest[:, 0] == ord(",")))
        seconds = seconds + fraction @ (10.0 ** -np.arange(1, rest.shape[1]))
    return seconds, good


def haversine_m(latitude_deg: Array, longitude_deg: Array) -> Array:
    """(n-1,) great-circle distances between neighbours on a sphere of the mean Earth radius.

    2 R asin √(sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2)); off by up to 0.5 % against the ellipsoid.
    """
    phi, lam = np.radians(latitude_deg), np.radians(longitude_deg)
    h = np.sin(np.diff(phi) / 2) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(np.diff(lam) / 2) ** 2
    distances: Array = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))
    return distances


def distance_from_positions(
    time_s: Array, latitude_deg: Array, longitude_deg: Array, pauses: Iterable[Interval] = ()
) -> Array:
    """(n,) cumulative distance over the points with a position; the way across a pause does not count."""
    out = np.full(len(latitude_deg), np.nan)
    rows = np.flatnonzero(np.isfinite(latitude_deg) & np.isfinite(longitude_deg))
    if len(rows) < 2:
        return out
    steps = haversine_m(latitude_deg[rows], longitude_deg[rows])
    part = np.searchsorted(np.array([pause.end_s for pause in pauses]), time_s[rows], side="right")
    steps[np.diff(part) != 0] = 0.0
    out[rows] = np.concatenate(([0.0], np.cumsum(steps)))
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Points in strictly increasing time. `epoch_s`, `segment`, columns: (n,)."""

    epoch_s: Array
    segment: npt.NDArray[np.int64]
    columns: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.epoch_s)

    @property
    def start_utc(self) -> datetime:
        return utc(float(self.epoch_s[0]))


def utc(epoch_s: float) -> datetime:
    """Instant of seconds since 1970."""
    return datetime.fromtimestamp(epoch_s, tz=UTC)


def order(epoch_s: Array, segment: npt.NDArray[np.int64], columns: Mapping[str, Array]) -> tuple[Track, list[Repair]]:
    """Points of one activity in strictly increasing time, each point left out told by a repair.

    1. points without a time are left out; 2. those whose clock was not set (`FAR_OFF_S` from the median) too;
    3. segments are put in order of their first time; 4. where time goes back, the smaller part is left out;
    5. points of the same time become one: the first, filled with what only the later ones have.
    """
    repairs: list[Repair] = []
    keep = np.flatnonzero(np.isfinite(epoch_s))
    _tell(repairs, "point_without_time", len(epoch_s) - len(keep), "Points without a time cannot be placed in the run.")
    if len(keep):
        near = np.abs(epoch_s[keep] - np.median(epoch_s[keep])) <= FAR_OFF_S
        _tell(repairs, "time_far_off", int(np.count_nonzero(~near)), "Points dated weeks away from the rest: left out.")
        keep = keep[near]
    keep = _segments_in_order(keep, epoch_s, segment)
    times = epoch_s[keep]
    forward = times >= np.maximum.accumulate(times) if len(times) else np.ones(0, dtype=bool)
    if not forward.all():
        backward = times <= np.minimum.accumulate(times[::-1])[::-1]
        chosen = forward if np.count_nonzero(forward) >= np.count_nonzero(backward) else backward
        _tell(repairs, "time_went_back", int(np.count_nonzero(~chosen)), "Points where the clock jumped: left out.")
        keep = keep[chosen]
    times = epoch_s[keep]
    first = np.concatenate((np.ones(min(len(times), 1), dtype=bool), np.diff(times) > 0))
    table = {name: column[keep] for name, column in columns.items()}
    if not first.all():
        repeats = np.flatnonzero(~first)
        _tell(repairs, "repeated_time", len(repeats), "Points with the time of the one before: merged into it.")
        owner = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))[repeats]
        for name, column in table.items():
            # Backwards, so that the earliest repeated value is the one that stays.
            empty = np.isnan(column[owner]) & np.isfinite(column[repeats])
            column[owner[empty][::-1]] = column[repeats[empty]][::-1]
            table[name] = column[first]
    kept_segment = segment[keep][first]
    return Track(epoch_s=times[first], segment=kept_segment, columns=table), repairs


def _segments_in_order(
    keep: npt.NDArray[np.intp], epoch_s: Array, segment: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    if not len(keep):
        return keep
    cuts = np.flatnonzero(np.diff(segment[keep])) + 1
    starts = np.concatenate(([0], cuts))
    firsts = epoch_s[keep[starts]]
    if (np.diff(firsts) >= 0).all():
        return keep
    parts = np.split(keep, cuts)
    return np.concatenate([parts[k] for k in np.argsort(firsts, kind="stable")])


def _tell(repairs: list[Repair], code: str, count: int, detail: str) -> None:
    if count:
        repairs.append(Repair(code=code, detail=detail, count=count))


def pauses_between_segments(track: Track, *, origin_s: float) -> tuple[Interval, ...]:
    """Gaps between segments that are longer than the usual step, in seconds since `origin_s`."""
    if len(track) < 2:
        return ()
    steps = np.diff(track.epoch_s)
    usual = float(np.median(steps))
    rows = np.flatnonzero((np.diff(track.segment) != 0) & (steps > max(2.0, 1.5 * usual)))
    return tuple(
        Interval(start_s=float(track.epoch_s[k] - origin_s), end_s=float(track.epoch_s[k + 1] - origin_s)) for k in rows
    )


def stream_of(track: Track, channels: Mapping[str, Array], *, origin_s: float) -> Stream:
    """The stream of a track, with time counted from `origin_s`."""
    return Stream(time_s=track.epoch_s - origin_s, channels=dict(channels))


def coalesce(columns: Mapping[str, Array], names: Iterable[str], *, scale: float = 1.0) -> Array | None:
    """The first value present per point among columns in order of preference; None when no column is there."""
    out: Array | None = None
    for name in names:
        column = columns.get(name)
        if column is not None:
            out = column.copy() if out is None else np.where(np.isnan(out), column, out)
    return None if out is None else out * scale


def canonical(
    columns: Mapping[str, Array], spec: Mapping[str, tuple[str, ...]], cadence_names: tuple[str, ...]
) -> dict[str, Array]:
    """Canonical channels: `spec` gives column names in order of preference; one leg's cadence is doubled."""
    channels: dict[str, Array] = {}
    for channel, names in spec.items():
        values = coalesce(columns, names)
        if values is not None:
            channels[channel] = values
    cadence = coalesce(columns, cadence_names, scale=2.0)
    if cadence is not None:
        channels["cadence_spm"] = cadence
    if "lat" in columns and "lon" in columns:
        channels["latitude_deg"], channels["longitude_deg"] = columns["lat"], columns["lon"]
    return {name: values for name, values in channels.items() if np.isfinite(values).any()}


def positions(columns: Mapping[str, Array], latitude: str, longitude: str) -> tuple[Array, Array, int] | None:
    """Latitude and longitude in degrees; NaN and counted where impossible or the 0/0 of a lost fix."""
    if latitude not in columns or longitude not in columns:
        return None
    lat, lon = columns[latitude], columns[longitude]
    with np.errstate(invalid="ignore"):
        bad = (np.abs(lat) > 90) | (np.abs(lon) > 180) | ((lat == 0) & (lon == 0)) | (np.isnan(lat) != np.isnan(lon))
    return np.where(bad, np.nan, lat), np.where(bad, np.nan, lon), int(np.count_nonzero(bad))


def reading_repairs(columns: Columns) -> list[Repair]:
    """What was wrong with single values."""
    repairs: list[Repair] = []
    _tell(repairs, "bad_number", columns.bad_numbers, "Values that are no numbers: treated as absent.")
    _tell(repairs, "bad_time", columns.bad_times, "Times that cannot be read or lie before 1980 or after 2100.")
    _tell(repairs, "no_time_zone", columns.naive_times, "Times without a zone: taken as UTC; the hour may be off.")
    return repairs
