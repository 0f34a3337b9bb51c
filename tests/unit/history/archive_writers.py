"""Synthetic archives of Strava and Garmin, made with our own writers; every name in them is a canary."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from soleus.exports.fit_encoder import FieldLayout, FitWriter, Value, fit_time

START = datetime(2024, 5, 1, 6, 0, tzinfo=UTC)
EMAIL = "canary.person@secret-mail.example"
NAME = "Canaria Personsdottir"
TITLE = "Canary loop round my house"
PLACE = "Canaryville"
CANARIES = (EMAIL, "canary", "Canaria", "Personsdottir", "secret-mail", TITLE, PLACE)

ENGLISH = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,"
    "Relative Effort,Commute,Activity Private Note,Activity Gear,Filename,Athlete Weight,Bike Weight,Elapsed Time,"
    "Moving Time,Distance,Max Speed,Average Speed,Elevation Gain,Elevation Loss,Elevation Low,Elevation High,"
    "Max Grade,Average Grade,Average Positive Grade,Average Negative Grade,Max Cadence,Average Cadence,"
    "Max Heart Rate,Average Heart Rate,Max Watts,Average Watts,Calories,Max Temperature,Average Temperature,"
    "Relative Effort,Total Work,Number of Runs,Uphill Time,Downhill Time,Other Time,Perceived Exertion,Type"
)
# Invented but plausible: the reader must not depend on the words, only on what repeats and on the file column.
TRANSLATED = {
    "cs": ("ID aktivity", "Datum aktivity", "Uplynulý čas", "Vzdálenost", "Název souboru"),
    "de": ("Aktivitäts-ID", "Aktivitätsdatum", "Verstrichene Zeit", "Distanz", "Dateiname"),
    "es": ("ID de actividad", "Fecha de la actividad", "Tiempo transcurrido", "Distancia", "Nombre de archivo"),
}
DATES = {"cs": "{d}. {m}. {Y} {H}:{M}:{S}", "de": "{d}.{m}.{Y}, {H}:{M}:{S}", "es": "{d} may {Y}, {H}:{M}:{S}"}


def fit_run(start: datetime = START, *, seconds: int = 600, speed: float = 3.0, dynamics: bool = False) -> bytes:
    """A run at an even speed, one record a second."""
    began = fit_time(start)
    time = np.arange(seconds + 1)
    layout = [
        FieldLayout(253, "uint32"),
        FieldLayout(5, "uint32", scale=100),
        FieldLayout(3, "uint8"),
        FieldLayout(4, "uint8"),
    ]
    columns = [began + time, time * speed, 120 + time % 30, np.full(len(time), 84)]
    if dynamics:
        layout.append(FieldLayout(41, "uint16", scale=10))
        columns.append(np.full(len(time), 240.0))
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 4: Value("uint32", began)})
    writer.define(0, 20, layout)
    writer.rows(0, columns)
    session = {
        253: Value("uint32", began + seconds), 2: Value("uint32", began), 5: Value("enum", 1),
        7: Value("uint32", seconds * 1000), 8: Value("uint32", seconds * 1000),
        9: Value("uint32", int(seconds * speed * 100)),
    }  # fmt: skip
    writer.message(18, session)
    return writer.to_bytes()


def fit_settings() -> bytes:
    """A FIT file without an activity, as watches send them every day."""
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 2), 4: Value("uint32", fit_time(START))})
    return writer.to_bytes()


def gpx_run(start: datetime = START, *, seconds: int = 600, speed: float = 3.0) -> bytes:
    points = "".join(
        f'<trkpt lat="{50 + t * speed / 111_195:.7f}" lon="8.5"><ele>100</ele>'
        f"<time>{(start + timedelta(seconds=t)):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        for t in range(0, seconds + 1, 5)
    )
    return (
        '<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        f"<metadata><name>{TITLE}</name><author><name>{NAME}</name></author></metadata>"
        f"<trk><name>{TITLE}</name><trkseg>{points}</trkseg></trk></gpx>"
    ).encode()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of Strava's table."""

    start: datetime = START
    file: str = ""
    gear: str = ""
    type: str = "Run"
    seconds: int = 600
    metres: float = 1800.0
    rpe: str = ""
    tag: str = ""
    description: str = ""
    date_text: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


def english_date(start: datetime) -> str:
    return f"{start:%b} {start.day}, {start:%Y}, {start.hour % 12 or 12}:{start:%M:%S %p}"


def strava_csv(rows: Sequence[Row], *, header: Sequence[str] | None = None, english: Sequence[str] = ()) -> str:
    """Strava's table: display values first, machine values in the second block."""
    names = list(english or ENGLISH.split(","))
    last = {name: at for at, name in enumerate(names)}
    first = {name: names.index(name) for name in set(names)}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header or names)
    for number, row in enumerate(rows):
        cells = [""] * len(names)
        cells[0], cells[1] = str(9_000_000 + number), row.date_text or english_date(row.start)
        cells[2], cells[3], cells[4] = TITLE, row.type, row.description
        cells[first["Elapsed Time"]] = cells[last["Elapsed Time"]] = str(row.seconds)
        cells[first["Distance"]], cells[last["Distance"]] = f"{row.metres / 1000:.2f}", f"{row.metres:.1f}"
        cells[last["Moving Time"]] = str(row.seconds)
        cells[last["Activity Gear"]], cells[last["Filename"]] = row.gear, row.file
        for name, value in {"Perceived Exertion": row.rpe, "Type": row.tag, **row.extra}.items():
            if name in last:
                cells[last[name]] = value
        writer.writerow(cells)
    return out.getvalue()


def translated_header(language: str) -> list[str]:
    """The English order with other words; equal English names stay equal."""
    activity_id, date, elapsed, distance, file = TRANSLATED[language]
    known = {"Activity ID": activity_id, "Activity Date": date, "Elapsed Time": elapsed}
    known |= {"Distance": distance, "Filename": file}
    return [known.get(name, f"{language}-{name[::-1]}") for name in ENGLISH.split(",")]


def translated_date(language: str, start: datetime) -> str:
    return DATES[language].format(
        d=start.day, m=start.month, Y=start.year, H=start.hour, M=f"{start:%M}", S=f"{start:%S}"
    )


def zip_of(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def strava_zip(path: Path, files: Mapping[str, bytes], table: str) -> Path:
    """The archive; files are packed with gzip as Strava does when their name says so."""
    members: dict[str, bytes | str] = {"media/x.jpg": b"\xff\xd8\xff\xe0" + bytes(50)}
    for name, data in files.items():
        members[f"activities/{name}"] = gzip.compress(data, mtime=0) if name.endswith(".gz") else data
    # The table comes last on purpose: it must be read first all the same.
    members["activities.csv"] = table
    members["profile.csv"] = f"Athlete ID,Email Address,First Name\n1,{EMAIL},{NAME}\n"
    path.write_bytes(zip_of(members))
    return path


def garmin_summary(
    number: int, start: datetime = START, *, seconds: float = 600, metres: float = 1800.0, **more: object
) -> dict[str, object]:
    """One entry of `summarizedActivities.json` in the vendor's units."""
    ms = int(start.timestamp() * 1000)
    return {
        "activityId": number, "name": TITLE, "locationName": PLACE, "activityType": "running", "sportType": "RUNNING",
        "beginTimestamp": ms, "startTimeGmt": ms, "startTimeLocal": ms + 7_200_000, "duration": seconds * 1000,
        "elapsedDuration": seconds * 1000, "movingDuration": seconds * 1000, "distance": metres * 100,
        "avgHr": 140, "avgRunCadence": 84, "elevationGain": 1234,
        "splits": [{"type": 17, "measurements": [
            {"fieldEnum": "SUM_DISTANCE", "value": metres * 100, "unitEnum": "CENTIMETER"}]}],
        **more,
    }  # fmt: skip


def garmin_gear(shoes: Mapping[int, tuple[str, Sequence[int]]]) -> str:
    """`*_gear.json`: shoe number → (name, activity numbers)."""
    gear = [
        {"gearPk": pk, "displayName": name, "gearTypeName": "Shoes", "dateBegin": "2024-01-01T00:00:00.0"}
        for pk, (name, _) in shoes.items()
    ]
    worn = {str(pk): [{"activityId": one} for one in ones] for pk, (_, ones) in shoes.items()}
    return json.dumps([{"gearDTOS": gear, "gearActivityDTOs": worn}])


def garmin_zip(
    path: Path,
    files: Mapping[int, bytes],
    summaries: Sequence[Mapping[str, object]],
    gear: str = "[]",
    *,
    nested: bool = True,
) -> Path:
    uploads = {f"{EMAIL}_{number}.fit": data for number, data in files.items()}
    uploads[f"{EMAIL}_777.fit"] = fit_settings()
    base = "DI_CONNECT/"
    members: dict[str, bytes | str] = {
        f"{base}DI-Connect-Fitness/{EMAIL}_0_summarizedActivities.json": json.dumps(
            [{"summarizedActivitiesExport": list(summaries)}]
        ),
        f"{base}DI-Connect-Fitness/{EMAIL}_gear.json": gear,
        f"{base}DI-Connect-User/user_profile.json": json.dumps({"emailAddress": EMAIL, "firstName": NAME}),
    }
    inner = {f"{base}DI-Connect-Uploaded-Files/UploadedFiles_0-_Part1.zip": zip_of(uploads)} if nested else uploads
    path.write_bytes(zip_of({**inner, **members}))
    return path
