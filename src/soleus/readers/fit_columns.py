"""Second pass over a FIT file: groups of messages → columns. Each group is gathered once, each field is one array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from soleus.core.activity import Repair
from soleus.core.fit_protocol import COMPRESSED, EPOCH_S, BaseType, base_type
from soleus.readers.fit_profile import COMPRESSED_SPEED_DISTANCE, PROFILE, RECORD, TIMESTAMP, Field
from soleus.readers.fit_rows import LAST_TIME, Message
from soleus.readers.fit_walk import FitLimits, Group, LayoutField

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.void]
_Key = TypeVar("_Key")

_COALESCED = (
    ("enhanced_altitude", "altitude"),
    ("enhanced_speed", "speed"),
    ("enhanced_respiration_rate", "respiration_rate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperField:
    """One developer field of the records, told apart by (developer index, number), as two apps may share a name."""

    developer_index: int
    number: int
    name: str
    units: str
    application: bytes
    """The application's id, empty when the file does not give it."""
    native_field: int | None
    """Number of the record field it stands in for."""
    values: Array = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records of one part: field name → (n,) float64 in the protocol's units, in file order."""

    columns: Mapping[str, Array]
    developer: tuple[DeveloperField, ...]
    count: int

    def __len__(self) -> int:
        return self.count


NO_RECORDS = Records(columns={}, developer=(), count=0)


@dataclass(frozen=True, slots=True)
class _Described:
    """What the file says of one developer field."""

    name: str
    units: str
    base: BaseType
    spec: Field
    native_field: int | None
    application: bytes


class RecordDecoder:
    """Joins the record groups of one part into columns in file order."""

    def __init__(self, data: bytes, groups: Sequence[Group], limits: FitLimits) -> None:
        self._data = data
        self._all = groups
        self._groups = [group for group in groups if group.message == RECORD and len(group)]
        self._limits = limits
        self.count = sum(len(group) for group in self._groups)
        self.repairs: list[Repair] = []
        self._places: list[npt.NDArray[np.int64] | None] = [None]
        if len(self._groups) > 1:
            order = np.argsort(np.concatenate([group.offsets() for group in self._groups]), kind="stable")
            places = np.empty_like(order)
            places[order] = np.arange(self.count)
            self._places = list(np.split(places, np.cumsum([len(group) for group in self._groups])[:-1]))

    def decode(self, descriptions: Sequence[Message], applications: Sequence[Message]) -> Records:
        """All known columns, and the developer fields the file describes."""
        if not self.count:
            return NO_RECORDS
        columns: dict[str, Array] = {}
        developer: dict[tuple[int, int], Array] = {}
        described = _describe(descriptions, applications)
        allowed = max(0, min(self._limits.developer_fields, self._limits.values // self.count - 40))
        profile = PROFILE[RECORD]
        unknown = left = 0
        for group, place in zip(self._groups, self._places, strict=True):
            rows = group.rows(self._data)
            for item in group.layout.fields:
                spec = profile.get(item.number)
                if spec is not None and (values := _numbers(rows, item, spec)) is not None:
                    self._put(columns, spec.name, values, place)
                elif item.number == COMPRESSED_SPEED_DISTANCE and item.size == 3:
                    _put_bytes(columns, rows[item.label], place, self.count)
            for item in group.layout.developer:
                key = (item.developer_index, item.number)
                known = described.get(key)
                if known is None:
                    unknown += 1
                elif key not in developer and len(developer) >= allowed:
                    left += 1
                elif (values := _developer_numbers(rows, item, known)) is not None:
                    self._put(developer, key, values, place)
        self._times(columns)
        _unpack_speed_distance(columns)
        _coalesce(columns)
        if unknown:
            detail = "Developer fields without a description; they are left."
            self.repairs.append(Repair(code="undescribed_developer_field", detail=detail, count=unknown))
        if left:
            detail = "More developer fields than allowed; the rest is left."
            self.repairs.append(Repair(code="too_many_developer_fields", detail=detail, count=left))
        fields = tuple(
            DeveloperField(developer_index=key[0], number=key[1], name=described[key].name,
                           units=described[key].units, application=described[key].application,
                           native_field=described[key].native_field, values=values)
            for key, values in developer.items()
        )  # fmt: skip
        return Records(columns=columns, developer=fields, count=self.count)

    def _put(self, columns: dict[_Key, Array], key: _Key, values: Array, place: npt.NDArray[np.int64] | None) -> None:
        if place is None:
            columns[key] = values
            return
        if key not in columns:
            columns[key] = np.full(self.count, np.nan)
        columns[key][place] = values

    def _times(self, columns: dict[str, Array]) -> None:
        """Time stamps of records that carry them in the header byte (5 bits, rolling over every 32 s)."""
        bare = [group for group in self._groups if all(item.number != TIMESTAMP for item in group.layout.fields)]
        heads = np.frombuffer(self._data, np.uint8)
        if not any((heads[group.offsets()] & COMPRESSED).any() for group in bare):
            return
        positions, times = _header_times(self._data, self._all)
        own = np.concatenate([group.offsets() for group in self._groups])
        own.sort()
        found = times[np.searchsorted(positions, own)]
        stated = columns.get("timestamp")
        columns["timestamp"] = found if stated is None else np.where(np.isnan(stated), found, stated)
        missing = int(np.isnan(found).sum())
        if missing:
            detail = "Records before the first whole time stamp; their time is not known."
            self.repairs.append(Repair(code="no_time_reference", detail=detail, count=missing))


def _header_times(data: bytes, groups: Sequence[Group]) -> tuple[npt.NDArray[np.int64], Array]:
    """(positions, Unix seconds) of every message that has or inherits a time, in file order.

    A compressed header holds the low five bits of the time; the whole is the last known time moved forward to the
    next second with those bits. So between two whole time stamps T = T_ref + sum((bits_i - bits_(i-1)) mod 32).
    """
    spec = PROFILE[RECORD][TIMESTAMP]
    heads = np.frombuffer(data, np.uint8)
    positions, stamps = [], []
    for group in groups:
        if not len(group):
            continue
        stated = next((item for item in group.layout.fields if item.number == TIMESTAMP), None)
        values = _numbers(group.rows(data), stated, spec) if stated is not None else None
        positions.append(group.offsets())
        stamps.append(np.full(len(group), np.nan) if values is None else values)
    place, stamp = np.concatenate(positions), np.concatenate(stamps)
    order = np.argsort(place, kind="stable")
    place, stamp = place[order], stamp[order]
    head = heads[place]
    whole = ~np.isnan(stamp)
    usable = whole | ((head & COMPRESSED) != 0)
    place, stamp, head, whole = place[usable], stamp[usable], head[usable], whole[usable]
    bits = (head & 31).astype(np.int64)
    bits[whole] = (stamp[whole].astype(np.int64) - EPOCH_S) & 31
    moved = np.zeros(len(bits), np.int64)
    moved[1:] = (bits[1:] - bits[:-1]) & 31
    moved[whole] = 0
    since = np.cumsum(moved)
    reference = np.maximum.accumulate(np.where(whole, np.arange(len(bits)), -1))
    known = reference >= 0
    times = np.full(len(bits), np.nan)
    times[known] = stamp[reference[known]] + (since[known] - since[reference[known]])
    return np.append(place, np.iinfo(np.int64).max), np.append(times, np.nan)


def _numbers(rows: Rows, item: LayoutField, spec: Field) -> Array | None:
    """(n,) scaled float64, NaN where the base type's "no value" stands; None when it is no number or always absent."""
    base = item.base
    if base is None or base.letter == "S":
        return None
    raw = rows[item.label]
    return _scaled(raw if raw.ndim == 1 else raw[:, 0], base, spec)


def _scaled(raw: npt.NDArray[np.generic], base: BaseType, spec: Field) -> Array | None:
    if base.invalid is None:
        with np.errstate(invalid="ignore", over="ignore"):  # a damaged float may be a signalling NaN
            values: Array = raw.astype(np.float64)  # first: float32 would stay float32 in the division
            values /= spec.scale
    elif spec.scale != 1.0:
        values = np.true_divide(raw, spec.scale)
    else:
        values = raw.astype(np.float64)
    if spec.offset:
        values -= spec.offset
    bad = ~np.isfinite(values) if base.invalid is None else raw == base.invalid
    if spec.date:
        bad |= ~((values >= 0.0) & (values <= LAST_TIME))
        values += EPOCH_S
    lost = int(np.count_nonzero(bad))
    if lost:
        if lost == len(values):
            return None
        values[bad] = np.nan
    return values


def _developer_numbers(rows: Rows, item: LayoutField, known: _Described) -> Array | None:
    base = known.base
    if base.letter == "S" or item.size % base.size:
        return None
    raw = np.ascontiguousarray(rows[item.label])
    order = ">" if rows.dtype.metadata and rows.dtype.metadata.get("order") == ">" else "<"
    typed = raw.view(f"{order}{base.letter}").reshape(len(raw), -1)
    return _scaled(typed[:, 0], base, known.spec)


def _describe(descriptions: Sequence[Message], applications: Sequence[Message]) -> dict[tuple[int, int], _Described]:
    """(developer index, field number) → what it is. A later description replaces an earlier one."""
    apps: dict[int, bytes] = {}
    for message in applications:
        index, application = message.get("developer_data_index"), message.get("application_id")
        if isinstance(index, int) and isinstance(application, bytes):
            apps[index] = application
    found: dict[tuple[int, int], _Described] = {}
    for message in descriptions:
        index, number = message.get("developer_data_index"), message.get("field_definition_number")
        kind = message.get("fit_base_type_id")
        base = base_type(kind) if isinstance(kind, int) else None
        if not isinstance(index, int) or not isinstance(number, int) or base is None:
            continue
        scale, offset = message.get("scale"), message.get("offset")
        native = message.get("native_field_num")
        same = message.get("native_mesg_num") in (None, RECORD)
        found[index, number] = _Described(
            name=str(message.get("field_name", "")).strip(),
            units=str(message.get("units", "")).strip(),
            base=base,
            spec=Field("", float(scale) if isinstance(scale, int) and scale > 0 else 1.0,
                       float(offset) if isinstance(offset, int) else 0.0),
            native_field=native if isinstance(native, int) and same else None,
            application=apps.get(index, b""),
        )  # fmt: skip
    return found


_PACKED = "compressed_speed_distance"


def _put_bytes(columns: dict[str, Array], raw: npt.NDArray[np.generic], place: npt.NDArray[np.int64] | None,
               count: int) -> None:  # fmt: skip
    """Keep the three bytes as one 24-bit number until all records are together."""
    three = np.ascontiguousarray(raw).view(np.uint8).reshape(len(raw), -1).astype(np.int64)
    packed = (three[:, 0] | three[:, 1] << 8 | three[:, 2] << 16).astype(np.float64)
    packed[packed == 0xFFFFFF] = np.nan
    if place is None:
        columns[_PACKED] = packed
        return
    columns.setdefault(_PACKED, np.full(count, np.nan))[place] = packed


def _unpack_speed_distance(columns: dict[str, Array]) -> None:
    """Speed and distance of the old packed field: 12 bits of cm/s, then 12 bits of 1/16 m rolling over."""
    packed = columns.pop(_PACKED, None)
    if packed is None:
        return
    seen = np.flatnonzero(~np.isnan(packed))
    raw = packed[seen].astype(np.int64)
    speed, distance = np.full(len(packed), np.nan), np.full(len(packed), np.nan)
    speed[seen] = (raw & 0xFFF) / 100.0
    ticks = raw >> 12
    if len(ticks):
        distance[seen] = (ticks[0] + np.cumsum(np.diff(ticks, prepend=ticks[:1]) & 0xFFF)) / 16.0
    for name, values in (("speed", speed), ("distance", distance)):
        stated = columns.get(name)
        if stated is not None:
            columns[name] = np.where(np.isnan(stated), values, stated)
        elif len(seen):
            columns[name] = values


def _coalesce(columns: dict[str, Array]) -> None:
    """One column where a watch writes a value in the old field, the enhanced one, or both."""
    for enhanced, plain in _COALESCED:
        second = columns.pop(plain, None)
        if second is None:
            continue
        first = columns.get(enhanced)
        if first is None:
            columns[enhanced] = second
        elif np.isnan(first).any():
            columns[enhanced] = np.where(np.isnan(first), second, first)
