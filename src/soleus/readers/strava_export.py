"""The table of a Strava archive (`activities.csv`): shoes, labels, exertion, and activities without a file.

Layout as seen in several exports, undocumented: names occur twice (the first block is for people, the second holds
metres and seconds), headers and activity types are translated, columns were added over the years. So columns are
found by English name and LAST occurrence, else by the column whose cells name files (`activities/…`) and by the
repeated headers, whose order is the same in every language. Titles, descriptions and notes are never kept.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import BinaryIO

from soleus.core.activity import Activity, Label, Repair, Shoe, Sport, Surface, Totals
from soleus.readers.local_dates import is_day_first, parse_utc
from soleus.readers.shoe_names import shoe_named

MAX_TABLE_BYTES = 96 << 20
_FILE = re.compile(r"^activities/[^/\s]+\.(?:fit|gpx|tcx)(?:\.gz)?$", re.IGNORECASE)
_FIRST = {"date": 1, "type": 3}
_BLOCK = (
    "Distance,Max Speed,Average Speed,Elevation Gain,Elevation Loss,Elevation Low,Elevation High,Max Grade,"
    "Average Grade,Average Positive Grade,Average Negative Grade,Max Cadence,Average Cadence,Max Heart Rate,"
    "Average Heart Rate,Max Watts,Average Watts,Calories,Max Temperature,Average Temperature,Relative Effort,"
    "Total Work,Number of Runs,Uphill Time,Downhill Time,Other Time,Perceived Exertion,Type,Start Time,"
    "Weighted Average Power,Power Count,Prefer Perceived Exertion,Perceived Relative Effort,Commute,"
    "Total Weight Lifted,From Upload,Grade Adjusted Distance,Weather Observation Time,Weather Condition,"
    "Weather Temperature,Apparent Temperature,Dewpoint,Humidity,Weather Pressure,Wind Speed,Wind Gust,"
    "Wind Bearing,Precipitation Intensity,Sunrise Time,Sunset Time,Moon Phase,Bike,Gear,"
    "Precipitation Probability,Precipitation Type,Cloud Cover,Weather Visibility,UV Index,Weather Ozone,"
    "Jump Count,Total Grit,Average Flow,Flagged,Average Elapsed Speed,Dirt Distance,Newly Explored Distance,"
    "Newly Explored Dirt Distance,Activity Count,Total Steps,Carbon Saved,Pool Length,Training Load,Intensity,"
    "Average Grade Adjusted Pace,Timer Time,Total Cycles,Recovery,With Pet,Competition,Long Run"
)
_AFTER_DISTANCE = tuple(_BLOCK.split(","))
"""Headers from the second "Distance" on, in the order seen in every language."""
_NAMES: Mapping[str, str] = {
    "date": "Activity Date",
    "type": "Activity Type",
    "gear": "Activity Gear",
    "file": "Filename",
    "elapsed_s": "Elapsed Time",
    "moving_s": "Moving Time",
    "distance_m": "Distance",
    "ascent_m": "Elevation Gain",
    "descent_m": "Elevation Loss",
    "cadence": "Average Cadence",
    "max_heart": "Max Heart Rate",
    "mean_heart": "Average Heart Rate",
    "watts": "Average Watts",
    "rpe": "Perceived Exertion",
    "tag": "Type",
    "commute": "Commute",
    "steps": "Total Steps",
    "recovery": "Recovery",
    "competition": "Competition",
    "long_run": "Long Run",
}
_WORKOUT_TAGS = {1: Label.RACE, 2: Label.LONG_RUN, 3: Label.WORKOUT}
_WORDS_OF_SPORTS: Mapping[Sport, str] = {
    Sport.RUNNING: """run lauf laufen traillauf carrera course corsa corrida hardlopen hardloopsessie loop běh běhání
        beh bieg löpning løb løp løping juoksu futás koşu забег бег пробежка ラン ランニング 跑步 달리기""",
    Sport.WALKING: "walk spaziergang gehen caminata marche camminata caminhada wandeling chůze spacer promenad gåtur",
    Sport.HIKING: "hike wanderung wandern senderismo randonnée escursione túra turistika wędrówka vandring",
    Sport.CYCLING: "ride radfahrt fahrt bicicleta vélo giro pedalada fietsrit jízda rower cykling",
    Sport.SWIMMING: "swim schwimmen natación natation nuoto natação zwemmen plavání pływanie simning",
}
_SPORT_OF_WORD = {word: sport for sport, words in _WORDS_OF_SPORTS.items() for word in words.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StravaRow:
    """One activity of the table. `file` is empty for manual entries."""

    file: str = field(repr=False)
    start_utc: datetime | None
    type_word: str
    """The platform's own word in the account's language, lower case."""
    sport: Sport
    surface: Surface
    shoe: Shoe | None
    labels: frozenset[Label]
    totals: Totals
    source_id: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StravaTable:
    rows: tuple[StravaRow, ...]
    notes: tuple[Repair, ...]
    """What was not understood and what was done about it."""

    @property
    def by_file(self) -> Mapping[str, StravaRow]:
        return {row.file.lower(): row for row in self.rows if row.file}

    @property
    def manual(self) -> tuple[StravaRow, ...]:
        """Entries without a file that say when they were."""
        return tuple(row for row in self.rows if not row.file and row.start_utc is not None)


def read_table(stream: BinaryIO) -> StravaTable:
    """Read `activities.csv`. Never raises on a damaged table: what is not understood is noted."""
    data = stream.read(MAX_TABLE_BYTES + 1)
    notes: list[Repair] = []
    if len(data) > MAX_TABLE_BYTES:
        notes.append(Repair(code="table_too_large", detail="The table is larger than is read; its end was left out."))
    text = data[:MAX_TABLE_BYTES].decode("utf-8-sig", "replace").replace("\x00", "")
    rows = _cells(text, notes)
    if len(rows) < 2:
        return StravaTable(rows=(), notes=tuple(notes))
    header, body = rows[0], rows[1:]
    columns = find_columns(header, body)
    if "file" not in columns and "date" not in columns:
        notes.append(
            Repair(code="unknown_table", detail="The columns of the table were not recognised; it was not used.")
        )
        return StravaTable(rows=(), notes=tuple(notes))
    if not _distance_in_metres(header, body, columns):
        notes.append(
            Repair(code="unknown_unit", detail="The unit of the distances was not recognised; they were not used.")
        )
        columns = {name: at for name, at in columns.items() if name != "distance_m"}
    day_first = is_day_first(row[columns["date"]] for row in body if "date" in columns and len(row) > columns["date"])
    read = tuple(_row(row, columns, day_first) for row in body if any(cell.strip() for cell in row))
    undated = sum(1 for row in read if not row.file and row.start_utc is None)
    if undated:
        notes.append(
            Repair(
                code="unknown_date",
                detail="Entries without a file whose date was not understood were left out.",
                count=undated,
            )
        )
    return StravaTable(rows=read, notes=tuple(notes))


def _cells(text: str, notes: list[Repair]) -> list[list[str]]:
    first_line = text.split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            rows.append(next(reader))
        except StopIteration:
            return rows
        except csv.Error:
            notes.append(Repair(code="bad_row", detail="A row of the table could not be read and was left out."))


def find_columns(header: Sequence[str], body: Sequence[Sequence[str]]) -> dict[str, int]:
    """Position of each column that is there, by our name for it."""
    names = [cell.strip() for cell in header]
    if "Filename" in names or "Activity Date" in names:
        last = {name: at for at, name in enumerate(names)}
        found = {ours: last[theirs] for ours, theirs in _NAMES.items() if theirs in last}
        if last.get("Type", 0) < last.get("Distance", 0):
            found.pop("tag", None)
        return found
    return _translated_columns(names, body)


def _translated_columns(names: list[str], body: Sequence[Sequence[str]]) -> dict[str, int]:
    """Positions in a table of another language: the order is the same everywhere.

    1. The file column is the one whose cells read `activities/…`; the shoe's name stands before it. 2. The headers at
    5 and 6 (elapsed time, distance) come a second time in the block of machine values. 3. The rest of that block
    follows by its distance from there.
    """
    hits = Counter(at for row in body for at, cell in enumerate(row) if _FILE.match(cell.strip()))
    file_at = hits.most_common(1)[0][0] if hits else 12 if len(names) > 60 else None
    if file_at is None or len(names) < 10:
        return {}
    found = {**_FIRST, "file": file_at, "gear": file_at - 1}
    again = {name: at for at, name in enumerate(names)}
    elapsed, distance = again[names[5]], again[names[6]]
    if elapsed <= file_at or distance <= file_at:
        return found
    found["elapsed_s"], found["distance_m"] = elapsed, distance
    if distance == elapsed + 2:
        found["moving_s"] = elapsed + 1
    theirs = {name: ours for ours, name in _NAMES.items()}
    for step, name in enumerate(_AFTER_DISTANCE[1:], 1):
        at = distance + step
        if name in theirs and at < len(names):
            found[theirs[name]] = at
    return found


def _distance_in_metres(header: Sequence[str], body: Sequence[Sequence[str]], columns: Mapping[str, int]) -> bool:
    """The machine value must be 1,000 (or 1,609.344) times the one for people, which comes first."""
    at = columns.get("distance_m")
    if at is None:
        return True
    name = header[at].strip()
    first = next(i for i, cell in enumerate(header) if cell.strip() == name)
    if first == at:
        return True
    pairs = [(number(row[first]), number(row[at])) for row in body if len(row) > max(at, first)]
    ratios = [b / a for a, b in pairs if a and b and a > 0.5]
    if not ratios:
        return True
    middle = median(ratios)
    return any(abs(middle / unit - 1) < 0.03 for unit in (1000.0, 1609.344))


def number(text: str) -> float | None:
    """A number with a point or a comma; None when there is none."""
    text = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("'", "")
    if "," in text:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


def _row(row: Sequence[str], columns: Mapping[str, int], day_first: bool) -> StravaRow:
    def cell(name: str) -> str:
        at = columns.get(name, -1)
        return row[at].strip() if 0 <= at < len(row) else ""

    def positive(name: str) -> float | None:
        value = number(cell(name))
        return value if value is not None and value > 0 else None

    def ticked(name: str) -> bool:
        return cell(name).lower() in {"1", "1.0", "true", "yes"}

    labels = {
        label
        for name, label in (
            ("competition", Label.RACE),
            ("long_run", Label.LONG_RUN),
            ("recovery", Label.RECOVERY),
            ("commute", Label.COMMUTE),
        )
        if ticked(name)
    }
    tag = number(cell("tag"))
    if tag is not None and int(tag) in _WORKOUT_TAGS:
        labels.add(_WORKOUT_TAGS[int(tag)])
    rpe = positive("rpe")
    word = cell("type").lower()
    file = cell("file")
    sport = sport_of(word)
    cadence = positive("cadence")
    return StravaRow(
        file=file if _FILE.match(file) else "",
        start_utc=parse_utc(cell("date"), day_first=day_first),
        type_word=word,
        sport=sport,
        surface=_surface_of(word),
        shoe=shoe_named(cell("gear")) if sport is not Sport.CYCLING else None,
        labels=frozenset(labels),
        totals=Totals(
            elapsed_s=positive("elapsed_s"),
            moving_s=positive("moving_s"),
            distance_m=positive("distance_m"),
            ascent_m=number(cell("ascent_m")),
            descent_m=number(cell("descent_m")),
            average_heart_rate_bpm=positive("mean_heart"),
            maximum_heart_rate_bpm=positive("max_heart"),
            # One leg, as in the files: runs only.
            average_cadence_spm=2 * cadence
            if cadence is not None and sport is Sport.RUNNING and cadence < 120
            else None,
            average_power_w=positive("watts"),
            steps=positive("steps"),
            session_rpe=rpe if rpe is not None and rpe <= 10 else None,
        ),
        source_id=hashlib.blake2b((row[0] if row else "").encode(), digest_size=8).hexdigest(),
    )


def sport_of(word: str) -> Sport:
    """Sport of a translated activity type ("trail run", "course à pied"); unknown when no word of it is known."""
    known = (_SPORT_OF_WORD.get(token) for token in re.findall(r"[^\W\d_]+", word))
    return next((sport for sport in known if sport is not None), Sport.UNKNOWN)


def _surface_of(word: str) -> Surface:
    tokens = set(re.findall(r"[^\W\d_]+", word))
    if "trail" in tokens:
        return Surface.TRAIL
    return Surface.TREADMILL if "treadmill" in tokens or "virtual" in tokens else Surface.UNKNOWN


def as_activity(row: StravaRow, *, sport: Sport | None = None) -> Activity | None:
    """An entry without a file as an activity of totals only; None when it has no date or no length."""
    if row.start_utc is None or not (row.totals.elapsed_s or row.totals.moving_s):
        return None
    return Activity(
        start_utc=row.start_utc,
        sport=sport or row.sport,
        format="strava_csv",
        surface=row.surface,
        totals=row.totals,
        shoe=row.shoe.id if row.shoe else None,
        labels=row.labels,
        source_id=row.source_id,
    )
