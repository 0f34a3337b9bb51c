"""Which reader reads which format, and the two doors of the library: bytes and paths."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from soleus.core.activity import Reading, Repair
from soleus.core.errors import ActivityFileError
from soleus.readers.containers import Member, open_container
from soleus.readers.detect import ACTIVITY_FORMATS, HEAD_BYTES, FileFormat, detect_format
from soleus.readers.gzip_stream import gunzip
from soleus.readers.limits import DEFAULT_LIMITS, Limits, MemberRefused, Refused
from soleus.readers.lookup import Lookup

Reader = Callable[[bytes], Reading]


def _read_fit(data: bytes) -> Reading:
    from soleus.readers.fit import read_fit

    return read_fit(data)


def _read_tcx(data: bytes) -> Reading:
    from soleus.readers.tcx import read_tcx

    return read_tcx(data)


def _read_gpx(data: bytes) -> Reading:
    from soleus.readers.gpx import read_gpx

    return read_gpx(data)


def _read_apple(data: bytes) -> Reading:
    from soleus.readers.apple_health import read_apple_health

    return read_apple_health(io.BytesIO(data), lambda _path: None)


READERS: Mapping[str, Reader] = {
    "fit": _read_fit,
    "tcx": _read_tcx,
    "gpx": _read_gpx,
    "apple_health": _read_apple,
}
"""Readers of single files by format, most telling first; each is loaded when first used."""

_ACCEPTED = "FIT, TCX and GPX files, Apple's export.xml, and zip archives of Strava, Garmin and others are read"
_WHY_NOT: Mapping[FileFormat, str] = {
    FileFormat.EMPTY: "the file is empty",
    FileFormat.ZIP: "this is an archive, not a single activity",
    FileFormat.STRAVA_CSV: "this is the table of a Strava archive, not a single activity",
    FileFormat.GARMIN_JSON: "these are summaries of a Garmin archive, not a single activity",
    FileFormat.GARMIN_GEAR: "this is the shoe list of a Garmin archive, not an activity",
    FileFormat.POLAR_JSON: "Polar's own JSON is not read; please export the sessions as TCX from Polar Flow",
    FileFormat.JSON: "JSON files of this kind are not read",
    FileFormat.XML: "this XML file is neither TCX nor GPX nor Apple Health",
    FileFormat.TEXT: "this is a text file, not an activity",
    FileFormat.UNKNOWN: "this is no activity file that can be read",
}


_FIRST_RECORDED = datetime(2000, 1, 1, tzinfo=UTC)
"""No watch or telephone recorded runs before."""
_AHEAD = timedelta(days=2)


class NotAnActivity(ActivityFileError):
    """The bytes are of another kind altogether."""


def read_bytes(data: bytes, *, name: str = "", limits: Limits = DEFAULT_LIMITS, now: datetime | None = None) -> Reading:
    """Read one file in memory, its format told by its content; gzip is unpacked first.

    Raises `ActivityFileError` when the bytes are no activity file at all; damage is repaired and reported instead.
    `name` only names the place in the message. `now`: what "in the future" is measured from; None = the clock.
    """
    repairs: tuple[Repair, ...] = ()
    found = detect_format(data[:HEAD_BYTES])
    if found is FileFormat.GZIP:
        try:
            data, whole = gunzip(data, limits)
        except MemberRefused as refusal:
            raise ActivityFileError(refusal.reason, where=name) from None
        if not whole:
            repairs = (
                Repair(
                    code="cut_gzip", detail="The packed file is cut off or damaged; what could be unpacked was read."
                ),
            )
        found = detect_format(data[:HEAD_BYTES])
    reader = READERS.get(found.value)
    if reader is None:
        problem = _WHY_NOT.get(found, _WHY_NOT[FileFormat.UNKNOWN])
        raise NotAnActivity(problem, where=name, hint=_ACCEPTED)
    reading = reader(data)
    repairs = (*repairs, *reading.repairs, *_doubtful_dates(reading, now or datetime.now(UTC)))
    return replace(reading, repairs=repairs)


def _doubtful_dates(reading: Reading, now: datetime) -> tuple[Repair, ...]:
    """A word on dates that cannot be right: a watch that was never set, or was set wrong. They are left as they are."""
    unset = [one for one in reading.activities if one.start_utc < _FIRST_RECORDED]
    ahead = [one for one in reading.activities if one.start_utc > now + _AHEAD]
    said = []
    if unset and all(repair.code != "clock_not_set" for repair in reading.repairs):
        detail = f"It is dated {unset[0].start_utc.year}: the clock was not set, so it cannot be placed in the history."
        said.append(Repair(code="clock_not_set", detail=detail, count=len(unset)))
    if ahead:
        detail = f"It is dated {ahead[0].start_utc.date().isoformat()}, which is in the future: the clock was wrong."
        said.append(Repair(code="future_date", detail=detail, count=len(ahead)))
    return tuple(said)


def read_activity(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> Reading:
    """Read a file, a folder or an archive into one `Reading`; `reading.activity` is its longest run.

    Members that are no activities are passed over. Raises `ActivityFileError` only when nothing in it is one. For
    whole histories use `soleus.history.import_history`, which is parallel and joins duplicates.
    """
    readings: list[Reading] = []
    refusals: list[Refused] = []
    first_problem: ActivityFileError | None = None
    lookup = Lookup(path, limits)
    for member in open_container(path, limits, on_refused=refusals.append):
        if member.parts[-2:] in lookup.taken:
            continue
        try:
            readings.append(_read_member(member, lookup, limits))
        except MemberRefused as refusal:
            refusals.append(Refused(label=member.label, code=refusal.code, reason=refusal.reason, depth=member.depth))
        except ActivityFileError as problem:
            first_problem = first_problem or problem
    activities = tuple(activity for reading in readings for activity in reading.activities)
    repairs = tuple(repair for reading in readings for repair in reading.repairs)
    left_out = tuple(Repair(code=refused.code, detail=f"{refused.label}: {refused.reason}.") for refused in refusals)
    if activities:
        shoes = {shoe.id: shoe for reading in readings for shoe in reading.shoes}
        return Reading(activities=activities, repairs=repairs + left_out, shoes=tuple(shoes.values()))
    if refusals:
        raise ActivityFileError(f"{refusals[0].label} {refusals[0].reason}")
    if first_problem is not None:
        raise first_problem
    raise NotAnActivity("no activity was found", hint=_ACCEPTED)


def _read_member(member: Member, lookup: Lookup, limits: Limits) -> Reading:
    if member.format is FileFormat.APPLE_HEALTH:
        from soleus.readers.apple_health import read_apple_health

        return read_apple_health(member.open(), lookup.read, again=member.open)
    return read_bytes(member.read(), name=member.label, limits=limits)


def is_activity(found: FileFormat) -> bool:
    """Whether a reader of single files takes this format."""
    return found in ACTIVITY_FORMATS
