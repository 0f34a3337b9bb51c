"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from enum import Enum

HEAD_BYTES = 4096
"""How much of a file `detect_format` needs to see."""


class FileFormat(Enum):
    """Values of activity formats are the keys of the readers' registry."""

    FIT = "fit"
    TCX = "tcx"
    GPX = "gpx"
    APPLE_HEALTH = "apple_health"
    STRAVA_CSV = "strava_csv"
    """The table of a Strava archive."""
    GARMIN_JSON = "garmin_json"
    """Summaries of a Garmin account archive."""
    GARMIN_GEAR = "garmin_gear"
    """Shoes of a Garmin account archive."""
    POLAR_JSON = "polar_json"
    """A training session of a Polar archive; not read."""
    ZIP = "zip"
    GZIP = "gzip"
    JSON = "json"
    XML = "xml"
    TEXT = "text"
    EMPTY = "empty"
    UNKNOWN = "unknown"


ACTIVITY_FORMATS = frozenset({FileFormat.FIT, FileFormat.TCX, FileFormat.GPX, FileFormat.APPLE_HEALTH})

_ROOTS = {
    "trainingcenterdatabase": FileFormat.TCX,
    "gpx": FileFormat.GPX,
    "healthdata": FileFormat.APPLE_HEALTH,
}
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# A declaration's internal subset may hold ">" inside "[...]"; its elements start with "<!", never with "<name".
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]")
_STRAVA_FILE = re.compile(r"(?:^|[,;\"])activities/[^,;\"\s/]+\.(?:fit|gpx|tcx)(?:\.gz)?(?:$|[,;\"\s])", re.IGNORECASE)
_GARMIN_KEYS = re.compile(r'"summarizedActivitiesExport"\s*:')
_GARMIN_PLAIN = re.compile(r'"activityId"\s*:(?s:.*)"(?:beginTimestamp|startTimeGmt)"\s*:')
_POLAR_KEYS = re.compile(r'"exercises"\s*:')
_GEAR_KEYS = re.compile(r'"(?:gearDTOS|gearActivityDTOs)"\s*:')


def detect_format(head: bytes) -> FileFormat:
    """Format of a file from its first bytes (`HEAD_BYTES` of them when there are as many).

    A FIT file is known by ".FIT" at byte 8, zip and gzip by their magic numbers, XML by its root element (white
    space before the declaration, byte order marks and a document type are allowed), JSON and Strava's table by what
    they hold.
    """
    if not head:
        return FileFormat.EMPTY
    if head[8:12] == b".FIT":
        return FileFormat.FIT
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return FileFormat.ZIP
    if head[:2] == b"\x1f\x8b":
        return FileFormat.GZIP
    text = None if head.startswith(b"%PDF-") else _as_text(head)
    if text is None:
        return FileFormat.UNKNOWN
    body = text.lstrip("\ufeff \t\r\n\x00")
    if not body:
        return FileFormat.EMPTY
    if body[0] == "<":
        return _xml_format(body)
    if body[0] in "[{":
        return _json_format(body)
    return FileFormat.STRAVA_CSV if _is_strava_table(body) else FileFormat.TEXT


def _as_text(head: bytes) -> str | None:
    """The head as text, or None when it is binary."""
    if head[:2] in _BOMS[1:]:
        return head.decode("utf-16", "replace")
    if head.startswith(b"<\x00"):
        return head.decode("utf-16-le", "replace")
    if head.startswith(b"\x00<"):
        return head.decode("utf-16-be", "replace")
    if b"\x00" in head.strip(b"\x00"):
        return None
    text = head.decode("utf-8", "replace")
    # A cut multi-byte character at the end is fine; many undecodable bytes are not text.
    return None if text.count("\ufffd") > max(3, len(text) // 20) else text


def _xml_format(body: str) -> FileFormat:
    without_comments = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    found = _ROOT.search(without_comments)
    if found is None:
        return FileFormat.APPLE_HEALTH if "<!DOCTYPE HealthData" in body else FileFormat.XML
    return _ROOTS.get(found.group(1).lower(), FileFormat.XML)


def _json_format(body: str) -> FileFormat:
    if _GEAR_KEYS.search(body):
        return FileFormat.GARMIN_GEAR
    if _GARMIN_KEYS.search(body) or _GARMIN_PLAIN.search(body):
        return FileFormat.GARMIN_JSON
    return FileFormat.POLAR_JSON if _POLAR_KEYS.search(body) else FileFormat.JSON


def _is_strava_table(body: str) -> bool:
    """At least ten columns, and "Activity ID" first or a cell that names a file of `activities/`.

    Translated tables have no English header; one made of manual entries only is then not recognised by its cells, so
    a table of more than sixty columns with Strava's repeated names counts too.
    """
    first = body.split("\n", 1)[0]
    columns = [cell.strip(' "\r') for cell in re.split(r"[,;]", first)]
    if len(columns) < 10:
        return False
    if columns[0] == "Activity ID" or _STRAVA_FILE.search(body):
        return True
    return len(columns) >= 60 and len(columns) - len(set(columns)) >= 3
