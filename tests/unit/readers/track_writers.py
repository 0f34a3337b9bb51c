"""Small writers of our own for TCX, GPX and Apple Health, so that tests need nobody's files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

SHARED_FILES = Path(__file__).resolve().parents[3].parent / "shared" / "activity" / "files"
START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
Point = dict[str, float | str | None]

_TCX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase '
    'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">\n <Activities>\n'
)
_GPX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gpx creator="{creator}" version="1.1" '
    'xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)


def iso(seconds: float, start: datetime = START) -> str:
    """An instant `seconds` after the start, in milliseconds, marked Z."""
    instant = start + timedelta(milliseconds=round(seconds * 1000))
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def run_points(n: int = 30, *, step_s: float = 1.0, first_s: float = 0.0) -> list[Point]:
    """A plain run north at 3 m/s with every field filled."""
    out: list[Point] = []
    for k in range(n):
        t = first_s + k * step_s
        out.append(
            {
                "time": iso(t),
                "lat": 50.0 + t * 3.0 / 111_195.0,
                "lon": 8.0,
                "altitude": 100.0 + k * 0.5,
                "distance": t * 3.0,
                "heart_rate": 120.0 + k % 30,
                "run_cadence": 84.0,
                "speed": 3.0,
                "watts": 250.0,
            }
        )
    return out


def tcx_point(p: Point) -> str:
    """One `<Trackpoint>`; keys that are absent or None are not written."""

    def tag(name: str, key: str) -> str:
        return "" if p.get(key) is None else f"<{name}>{p[key]}</{name}>"

    position = tag("LatitudeDegrees", "lat") + tag("LongitudeDegrees", "lon")
    extension = tag("Speed", "speed") + tag("ns3:RunCadence", "run_cadence") + tag("Watts", "watts")
    return (
        "<Trackpoint>"
        + tag("Time", "time")
        + (f"<Position>{position}</Position>" if position else "")
        + tag("AltitudeMeters", "altitude")
        + tag("DistanceMeters", "distance")
        + ("" if p.get("heart_rate") is None else f"<HeartRateBpm><Value>{p['heart_rate']}</Value></HeartRateBpm>")
        + tag("Cadence", "cadence")
        + (f"<Extensions><TPX>{extension}</TPX></Extensions>" if extension else "")
        + "</Trackpoint>\n"
    )


def tcx_lap(tracks: Sequence[Sequence[Point]], *, start: str | None = None, **fields: object) -> str:
    """One `<Lap>` of tracks; `fields` are its direct children."""
    start = start or (str(tracks[0][0]["time"]) if tracks and tracks[0] else iso(0))
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (
        f'<Lap StartTime="{start}">{inside}'
        + "".join("<Track>\n" + "".join(map(tcx_point, track)) + "</Track>" for track in tracks)
        + "</Lap>\n"
    )


def tcx_activity(laps: Sequence[str], *, sport: str = "Running", device: str = "", id_text: str | None = None) -> str:
    creator = f"<Creator><Name>{device}</Name><UnitId>3825396202</UnitId></Creator>" if device else ""
    return f'<Activity Sport="{sport}"><Id>{id_text or iso(0)}</Id>{"".join(laps)}{creator}</Activity>\n'


def tcx(activities: Sequence[str], *, author: str = "") -> bytes:
    tail = f"<Author><Name>{author}</Name></Author>" if author else ""
    return (_TCX + "".join(activities) + f"</Activities>{tail}</TrainingCenterDatabase>").encode()


def simple_tcx(points: Sequence[Point], **keywords: str) -> bytes:
    return tcx([tcx_activity([tcx_lap([points])], **keywords)])


def gpx_point(p: Point) -> str:
    def tag(name: str, key: str) -> str:
        return "" if p.get(key) is None else f"<{name}>{p[key]}</{name}>"

    garmin = tag("gpxtpx:atemp", "temperature") + tag("gpxtpx:hr", "heart_rate") + tag("gpxtpx:cad", "run_cadence")
    extension = (
        (f"<gpxtpx:TrackPointExtension>{garmin}</gpxtpx:TrackPointExtension>" if garmin else "")
        + tag("speed", "speed")
        + tag("power", "watts")
        + tag("gpxdata:distance", "distance")
    )
    place = "".join(f' {key}="{p[key]}"' for key in ("lat", "lon") if p.get(key) is not None)
    return (
        f"<trkpt{place}>"
        + tag("ele", "altitude")
        + tag("time", "time")
        + (f"<extensions>{extension}</extensions>" if extension else "")
        + "</trkpt>\n"
    )


def gpx_track(segments: Sequence[Sequence[Point]], *, kind: str = "running", name: str = "Morning") -> str:
    body = "".join("<trkseg>\n" + "".join(map(gpx_point, segment)) + "</trkseg>\n" for segment in segments)
    return f"<trk><name>{name}</name>" + (f"<type>{kind}</type>" if kind else "") + body + "</trk>\n"


def gpx(tracks: Sequence[str], *, creator: str = "Garmin Connect") -> bytes:
    return (_GPX.format(creator=creator) + "".join(tracks) + "</gpx>").encode()


def simple_gpx(points: Sequence[Point], **keywords: str) -> bytes:
    return gpx([gpx_track([points], **keywords)])


APPLE_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ATTLIST VisionPrescription
  type             CDATA #REQUIRED
<!ELEMENT Broken EMPTY>
]>
<HealthData locale="en_GB">
 <ExportDate value="2024-06-05 10:00:00 +0100"/>
"""
"""With the fault Apple's own document type has had since iOS 16 (an ATTLIST that is never closed)."""
WATCH = "Somebody’s Apple Watch"
PHONE = "Somebody’s iPhone"
WATCH_DEVICE = (
    "&lt;&lt;HKDevice: 0x28&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, "
    "software:8.3&gt;"
)


def apple_time(seconds: float) -> str:
    """`seconds` after START, written in the zone of a phone at +0100."""
    return (START + timedelta(hours=1, seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S +0100")


def apple_record(kind: str, start_s: float, end_s: float, value: object, unit: str, source: str = WATCH) -> str:
    return (
        f' <Record type="HKQuantityTypeIdentifier{kind}" sourceName="{source}" sourceVersion="8.3" unit="{unit}" '
        f'creationDate="{apple_time(end_s)}" startDate="{apple_time(start_s)}" endDate="{apple_time(end_s)}" '
        f'value="{value}"/>\n'
    )


def apple_workout(
    start_s: float = 0,
    end_s: float = 1800,
    *,
    inside: str = "",
    kind: str = "Running",
    source: str = WATCH,
    attributes: str = "",
) -> str:
    return (
        f' <Workout workoutActivityType="HKWorkoutActivityType{kind}" duration="{(end_s - start_s) / 60}" '
        f'durationUnit="min" {attributes} sourceName="{source}" device="{WATCH_DEVICE}" '
        f'creationDate="{apple_time(end_s)}" startDate="{apple_time(start_s)}" endDate="{apple_time(end_s)}">\n'
        f"{inside}</Workout>\n"
    )


def apple(parts: Sequence[str]) -> bytes:
    return (APPLE_HEAD + "".join(parts) + "</HealthData>\n").encode()


def apple_run(seconds: int = 600) -> list[str]:
    """Records of a run as Watch and phone write them: heart rate each 5 s, steps and metres in pieces of 5 s."""
    out = []
    for t in range(0, seconds, 5):
        out.append(apple_record("HeartRate", t, t, 140 + t / 100, "count/min"))
        out.append(apple_record("StepCount", t, t + 5, 14, "count"))
        out.append(apple_record("StepCount", t, t + 5, 20, "count", PHONE))
        out.append(apple_record("DistanceWalkingRunning", t, t + 5, 0.015, "km"))
    return out


_SPICE = (b"<", b">", b"&", b'"', b"\x00", b"\xff", b"</", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&#0;", b"-", b"9" * 40)


def damaged(data: bytes, generator: random.Random) -> bytes:
    """The bytes with one to six random faults: flips, cuts, doublings, foreign pieces, a missing end."""
    body = bytearray(data)
    for _ in range(generator.randint(1, 6)):
        if not body:
            break
        at = generator.randrange(len(body))
        length = generator.choice((1, 2, 8, 64, 512))
        fault = generator.randrange(6)
        if fault == 0:
            body[at] = generator.randrange(256)
        elif fault == 1:
            del body[at : at + length]
        elif fault == 2:
            body[at:at] = body[at : at + length]
        elif fault == 3:
            body[at:at] = generator.choice(_SPICE)
        elif fault == 4:
            other = generator.randrange(len(body))
            body[at : at + length] = body[other : other + length]
        else:
            del body[at:]
    return bytes(body)
