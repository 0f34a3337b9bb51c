"""FIT files → activities: sessions, laps, pauses, device, sport, channels. Never raises on damage."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from soleus.core.activity import (
    Activity,
    Array,
    Device,
    Interval,
    Label,
    Lap,
    Reading,
    Repair,
    Sport,
    Stream,
    Surface,
    Totals,
)
from soleus.core.fit_protocol import EPOCH_S, FIRST_ABSOLUTE_S
from soleus.readers.fit_channels import build_channels
from soleus.readers.fit_decode import FitPart, decode
from soleus.readers.fit_profile import (
    ACTIVITY,
    DEVICE_INFO,
    EVENT,
    FILE_ID,
    FILE_TYPES,
    GARMIN_PRODUCTS,
    INTENSITIES,
    LAP,
    MANUFACTURERS,
    SESSION,
    SPORT,
    SPORT_OF,
    SPORTS,
    SUB_SPORTS,
    SURFACE_OF,
    WORKOUT_STEP,
)
from soleus.readers.fit_rows import Message
from soleus.readers.fit_time import build_time_axis, shift_of_clock
from soleus.readers.fit_walk import DEFAULT_LIMITS, FitLimits

GAP_S = 60.0
"""Recording that stops longer than this while the timer runs counts as a pause: smart recording stays well below."""
_ACTIVITY_FILE = 4
_TIMER, _START, _STOPS = 0, 0, {1, 4, 8, 9}
"""Event "timer"; event types start, and stop / stop_all / stop_disable / stop_disable_all."""
_BAROMETER, _LOCAL = 4, 5
"""Local device type and source type in device_info."""
_WRITE_UTC_AS_LOCAL = {"coros", "strava", "development", ""}
"""Seen in their files: the "local" time is UTC wherever the run was, so a zero says nothing."""
_FAR_S = 86_400.0
_LONGEST_WAIT_S = 1_800.0
"""From the start of a session to its first record; beyond, the stated start is wrong (a local time, for one)."""
_FARTHEST_ZONE_S = 15 * 3_600
_QUARTER_S = 900


def read_fit(data: bytes, *, limits: FitLimits = DEFAULT_LIMITS, salt: bytes = b"soleus") -> Reading:
    """Read FIT bytes. `salt` goes into the digest of the device's serial number, which itself is not kept."""
    file = decode(data, limits=limits)
    repairs = list(file.repairs)
    activities: list[Activity] = []
    for part in file.parts:
        kind = part.messages(FILE_ID)[0].get("type") if part.messages(FILE_ID) else None
        if isinstance(kind, int) and kind != _ACTIVITY_FILE:
            detail = f"A FIT file of kind {FILE_TYPES.get(kind, kind)!s}, not an activity."
            repairs.append(Repair(code="not_an_activity", detail=detail, offset=part.start))
            continue
        activities.extend(_PartReader(part, repairs, salt).activities())
    if not activities and all(repair.code != "not_an_activity" for repair in repairs):
        repairs.append(
            Repair(code="not_an_activity", detail="There is no activity in it: settings, sleep or a workout plan.")
        )
    return Reading(activities=tuple(activities), repairs=tuple(repairs))


@dataclass(frozen=True, slots=True)
class _Session:
    """One session message, or what stands in for it; times in Unix seconds."""

    message: Message
    start: float
    end: float


class _PartReader:
    """Reads one part of a chained FIT file."""

    def __init__(self, part: FitPart, repairs: list[Repair], salt: bytes) -> None:
        self.part = part
        self.repairs = repairs
        summaries = part.messages(ACTIVITY)
        self.summary: Message = summaries[-1] if summaries else {}
        self.shift = self._clock_shift()
        stamps = part.records.columns.get("timestamp")
        self.axis = build_time_axis(np.full(len(part.records), np.nan) if stamps is None else stamps)
        repairs.extend(self.axis.repairs)
        self.device, self.barometer = self._device(salt)
        self.labels = frozenset({Label.WORKOUT} if part.count(WORKOUT_STEP) > 1 else ())

    def activities(self) -> list[Activity]:
        """One activity a session (a triathlon has five); all records in one when there is no session."""
        sessions = self._sessions()
        if not sessions:
            return []
        times = self.axis.times
        starts = np.array([session.start for session in sessions])
        bounds = [0, *np.searchsorted(times, starts[1:]).tolist(), len(times)]
        whole: dict[Sport, tuple[dict[str, Array], dict[str, Array]]] = {}
        found = []
        for session, first, last in zip(sessions, bounds[:-1], bounds[1:], strict=True):
            sport, surface, detail = self._sport(session.message)
            if sport not in whole:
                whole[sport] = build_channels(self.part.records, sport, self.axis.lay_out)
            found.append(self._activity(session, slice(first, last), whole[sport], (sport, surface, detail)))
        return found

    def _activity(
        self,
        session: _Session,
        span: slice,
        columns: tuple[Mapping[str, Array], Mapping[str, Array]],
        kind: tuple[Sport, Surface, str],
    ) -> Activity:
        times = self.axis.times[span]
        start = session.start
        if len(times) and not 0.0 <= times[0] - start <= _LONGEST_WAIT_S:
            start = float(times[0])
        stream = None
        if len(times):
            stream = Stream(time_s=times - start, channels=_part_of(columns[0], span), extra=_part_of(columns[1], span))
        end = max(session.end, float(times[-1]) if len(times) else session.start)
        return Activity(
            start_utc=_instant(start + self.shift),
            sport=kind[0],
            surface=kind[1],
            sport_detail=kind[2],
            format="fit",
            utc_offset_s=self._utc_offset(),
            stream=stream,
            laps=self._laps(start, session.end),
            pauses=self._pauses(times, start, end),
            totals=_totals(session.message, kind[0]),
            device=self.device,
            barometer=self.barometer,
            labels=self.labels | ({Label.COMMUTE} if kind[2] == "commuting" else set()),
        )

    def _clock_shift(self) -> float:
        """Seconds to add to all times: other than 0 only when the watch's clock was never set."""
        stamps = self.part.records.columns.get("timestamp")
        seen = float(np.nanmin(stamps)) if stamps is not None and not np.isnan(stamps).all() else None
        if seen is None:
            stated = [_number(message, "start_time") for message in self.part.messages(SESSION)]
            seen = min((value for value in stated if value is not None), default=None)
        if seen is None or seen >= EPOCH_S + FIRST_ABSOLUTE_S:
            return 0.0
        shift = shift_of_clock(self.summary)
        if shift is None or seen + shift < EPOCH_S + FIRST_ABSOLUTE_S:
            detail = "The watch's clock was not set: the date is not known."
            self.repairs.append(Repair(code="clock_not_set", detail=detail))
            return 0.0
        detail = "The watch counted from switching on; the date is its local time at the end."
        self.repairs.append(Repair(code="clock_from_local_time", detail=detail))
        return shift

    def _sessions(self) -> list[_Session]:
        times = self.axis.times
        found = []
        for message in self.part.messages(SESSION):
            elapsed = _number(message, "total_elapsed_time") or _number(message, "total_timer_time") or 0.0
            elapsed = max(elapsed, 0.0)
            start, stamp = _number(message, "start_time"), _number(message, "timestamp")
            if start is None and stamp is not None:
                start = stamp - elapsed
            if start is not None:
                found.append(_Session(message, start, start + elapsed))
        found.sort(key=lambda session: session.start)
        if not len(times):
            return found
        first, last = float(times[0]), float(times[-1])
        near = [session for session in found if first - _FAR_S <= session.start <= last + _FAR_S]
        if len(near) < len(found):
            detail = "A session that does not fit the records' times; it is laid over them."
            self.repairs.append(Repair(code="bad_session_time", detail=detail, count=len(found) - len(near)))
        if not near:
            message = found[0].message if found else {}
            if not found:
                detail = "No session summary (recording broke off?); the records alone are read."
                self.repairs.append(Repair(code="no_session", detail=detail))
            near = [_Session(message, first, last)]
        return near

    def _sport(self, session: Message) -> tuple[Sport, Surface, str]:
        stated = self.part.messages(SPORT)
        source = session if "sport" in session else (stated[-1] if stated else {})
        number, sub = source.get("sport"), source.get("sub_sport")
        if not isinstance(number, int):
            return self._guessed_sport(), Surface.UNKNOWN, ""
        word = SPORTS.get(number, f"sport {number}")
        detail = SUB_SPORTS.get(sub, f"sub_sport {sub}") if isinstance(sub, int) else "generic"
        sport = SPORT_OF.get(word, Sport.OTHER)
        if word == "fitness_equipment" and detail in ("treadmill", "indoor_running"):
            sport = Sport.RUNNING
        elif detail == "strength_training":
            sport = Sport.STRENGTH
        elif word in ("generic", "all") and detail in ("generic", ""):
            sport = Sport.UNKNOWN
        surface = SURFACE_OF.get(detail, Surface.UNKNOWN)
        if detail == "virtual_activity" and sport is Sport.RUNNING:
            surface = Surface.TREADMILL
        return sport, surface, detail if detail != "generic" else word if sport is Sport.OTHER else ""

    def _guessed_sport(self) -> Sport:
        """Of a recording that broke off before its summary: only running and walking have ground contact times."""
        columns = self.part.records.columns
        kinds = columns.get("activity_type")
        seen = kinds[~np.isnan(kinds)] if kinds is not None else np.empty(0)
        if len(seen):
            sport = {1: Sport.RUNNING, 2: Sport.CYCLING, 5: Sport.SWIMMING, 6: Sport.WALKING}.get(int(np.median(seen)))
        else:
            sport = Sport.RUNNING if "stance_time" in columns else None
        if sport is None:
            return Sport.UNKNOWN
        detail = f"The sport is not stated; by what was recorded it is {sport.value}."
        self.repairs.append(Repair(code="guessed_sport", detail=detail))
        return sport

    def _utc_offset(self) -> int | None:
        """Wall clock minus UTC in seconds, to the quarter hour; None when the file does not (sensibly) say."""
        if self.shift:
            return 0  # the times have become those of the clock on the wall
        shift = shift_of_clock(self.summary)
        if shift is None or abs(shift) > _FARTHEST_ZONE_S:
            return None
        if shift == 0.0 and self.device.manufacturer in _WRITE_UTC_AS_LOCAL:
            return None
        return round(shift / _QUARTER_S) * _QUARTER_S

    def _laps(self, start: float, end: float) -> tuple[Lap, ...]:
        found = []
        for message in self.part.messages(LAP):
            begun, stamp = _number(message, "start_time"), _number(message, "timestamp")
            elapsed = _number(message, "total_elapsed_time")
            if begun is None and stamp is not None and elapsed is not None:
                begun = stamp - elapsed
            if begun is None or not start - 1.0 <= begun < max(end, start + 1.0):
                continue
            if elapsed is None:
                elapsed = (stamp or begun) - begun
            intensity = message.get("intensity")
            found.append(
                Lap(
                    start_s=max(begun - start, 0.0),
                    end_s=max(begun - start, 0.0) + max(elapsed, 0.0),
                    distance_m=_number(message, "total_distance"),
                    timer_s=_number(message, "total_timer_time"),
                    intensity=INTENSITIES.get(intensity, "") if isinstance(intensity, int) else "",
                )
            )
        return tuple(sorted(found, key=lambda lap: lap.start_s))

    def _pauses(self, times: Array, start: float, end: float) -> tuple[Interval, ...]:
        """Timer stopped (events), or nothing recorded for long; merged, within the activity."""
        found: list[tuple[float, float]] = []
        stopped: float | None = None
        for message in sorted(self.part.messages(EVENT), key=lambda item: _number(item, "timestamp") or 0.0):
            stamp, what = _number(message, "timestamp"), message.get("event_type")
            if message.get("event") != _TIMER or stamp is None:
                continue
            if what in _STOPS and stopped is None:
                stopped = stamp
            elif what == _START and stopped is not None:
                found.append((stopped, stamp))
                stopped = None
        steps = np.diff(times)
        for i in np.flatnonzero(steps > GAP_S).tolist():
            found.append((float(times[i]), float(times[i + 1])))
        merged: list[tuple[float, float]] = []
        for a, b in sorted((max(a, start), min(b, end)) for a, b in found):
            if b <= a:
                continue
            if merged and a <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], b))
            else:
                merged.append((a, b))
        return tuple(Interval(start_s=a - start, end_s=b - start) for a, b in merged)

    def _device(self, salt: bytes) -> tuple[Device, bool | None]:
        """Make, model and digest of the recording device, and whether it has a barometer."""
        infos = self.part.messages(DEVICE_INFO)
        ids = self.part.messages(FILE_ID)
        creator = next((message for message in infos if message.get("device_index") == 0), {})
        source: Message = {**creator, **(ids[0] if ids else {})}
        maker, number, serial = source.get("manufacturer"), source.get("product"), source.get("serial_number")
        name = source.get("product_name")
        manufacturer = MANUFACTURERS.get(maker, f"manufacturer {maker}") if isinstance(maker, int) else ""
        product, barometer = (str(number) if isinstance(number, int) else ""), None
        if manufacturer == "garmin" and isinstance(number, int):
            product, barometer = GARMIN_PRODUCTS.get(number, (product, None))
        if isinstance(name, str) and name:
            product = name
        digest = ""
        if isinstance(serial, int) and serial:
            digest = hashlib.blake2b(
                f"{maker!r} {number!r} {serial!r}".encode(), key=salt[:64], digest_size=8
            ).hexdigest()
        local = [message for message in infos if message.get("source_type") == _LOCAL]
        has_pressure = "absolute_pressure" in self.part.records.columns or "baro" in product.lower()
        if has_pressure or any(message.get("device_type") == _BAROMETER for message in local):
            barometer = True
        return Device(manufacturer=manufacturer, product=product, digest=digest), barometer


def _instant(unix_s: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=unix_s)


def _number(message: Message, name: str) -> float | None:
    value = message.get(name)
    if isinstance(value, tuple) and value:
        value = value[0]
    return float(value) if isinstance(value, int | float) else None


def _part_of(columns: Mapping[str, Array], span: slice) -> dict[str, Array]:
    """The stretch of every channel, without those that have no value there."""
    found = {name: values[span] for name, values in columns.items()}
    return {name: values for name, values in found.items() if not np.isnan(values).all()}


def _totals(message: Message, sport: Sport) -> Totals:
    def both_feet(whole: str, fraction: str) -> float | None:
        value = _number(message, whole)
        return None if value is None else 2.0 * (value + (_number(message, fraction) or 0.0))

    on_foot = sport in (Sport.RUNNING, Sport.WALKING, Sport.HIKING)
    strides, effort = _number(message, "total_cycles"), _number(message, "workout_rpe")
    return Totals(
        elapsed_s=_number(message, "total_elapsed_time"),
        timer_s=_number(message, "total_timer_time"),
        moving_s=_number(message, "total_moving_time"),
        distance_m=_number(message, "total_distance"),
        ascent_m=_number(message, "total_ascent"),
        descent_m=_number(message, "total_descent"),
        average_heart_rate_bpm=_number(message, "avg_heart_rate"),
        maximum_heart_rate_bpm=_number(message, "max_heart_rate"),
        average_cadence_spm=both_feet("avg_cadence", "avg_fractional_cadence") if on_foot else None,
        average_power_w=_number(message, "avg_power"),
        steps=strides * 2.0 if on_foot and strides is not None else None,
        session_rpe=effort / 10.0 if effort is not None else None,
    )
