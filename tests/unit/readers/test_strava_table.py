"""Strava's activities.csv: translated headers, repeated columns, dates in many languages."""

import csv
import io
from datetime import UTC, datetime

import pytest

from soleus.core.activity import Label, Sport, Surface
from soleus.readers.local_dates import is_day_first, parse_utc
from soleus.readers.shoe_names import shoe_named
from soleus.readers.strava_export import as_activity, find_columns, number, read_table, sport_of

_HEADER = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,"
    "Relative Effort,Commute,Activity Private Note,Activity Gear,Filename,Athlete Weight,Bike Weight,Elapsed Time,"
    "Moving Time,Distance,Max Speed,Average Speed,Elevation Gain,Elevation Loss,Elevation Low,Elevation High,"
    "Max Grade,Average Grade,Average Positive Grade,Average Negative Grade,Max Cadence,Average Cadence,"
    "Max Heart Rate,Average Heart Rate,Max Watts,Average Watts,Calories,Max Temperature,Average Temperature,"
    "Relative Effort,Total Work,Number of Runs,Uphill Time,Downhill Time,Other Time,Perceived Exertion,Type"
)
HEADER = _HEADER.split(",")
CELLS = {
    0: "1", 1: "May 15, 2017, 5:52:52 PM", 2: "Title", 3: "Run", 4: "Two\nlines", 5: "3600", 6: "12.36", 7: "180",
    11: "Road A", 12: "activities/1115181649.fit.gz", 15: "3600.0", 16: "3500.0", 17: "12360.4", 20: "88.5", 21: "90",
    29: "84.5", 30: "181", 31: "150.5", 33: "250", 43: "6", 44: "1",
}  # fmt: skip


def row(**changes: str) -> list[str]:
    cells = [CELLS.get(n, "") for n in range(len(HEADER))]
    for key, value in changes.items():
        cells[int(key[1:])] = value
    return cells


def table(rows, header=HEADER, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return io.BytesIO(("\ufeff" + out.getvalue()).encode())


def test_the_last_of_two_columns_counts():
    read = read_table(table([row()]))
    assert read.notes == ()
    (one,) = read.rows
    totals = one.totals
    assert (totals.distance_m, totals.elapsed_s, totals.moving_s) == (12360.4, 3600, 3500)
    assert (totals.maximum_heart_rate_bpm, totals.average_heart_rate_bpm) == (181, 150.5)
    assert (totals.ascent_m, totals.descent_m, totals.average_cadence_spm) == (88.5, 90, 169)
    assert (totals.session_rpe, totals.average_power_w) == (6, 250)
    assert one.labels == {Label.RACE}
    assert one.start_utc == datetime(2017, 5, 15, 17, 52, 52, tzinfo=UTC)
    assert one.shoe is not None
    assert one.shoe.name == "Road A"
    assert read.by_file["activities/1115181649.fit.gz"] is one
    assert "1115181649" not in repr(one)


def test_older_tables_lack_columns():
    keep = [n for n in range(len(HEADER)) if n not in (7, 10)]
    read = read_table(table([[row()[n] for n in keep]], header=[HEADER[n] for n in keep]))
    assert read.rows[0].totals.distance_m == 12360.4
    short = read_table(table([row()[:13]], header=HEADER[:13]))
    assert short.rows[0].file == "activities/1115181649.fit.gz"
    assert short.rows[0].totals.moving_s is None


def test_a_translated_table_gives_the_same():
    words = {name: f"§{name[::-1]}" for name in HEADER}
    there = read_table(table([row()], header=[words[name] for name in HEADER], delimiter=";"))
    assert there.rows == read_table(table([row()])).rows


def test_a_translated_table_of_manual_entries_only_is_read_by_its_width():
    wide = [*HEADER, *(f"x{n}" for n in range(60 - len(HEADER))), "y"]
    words = [f"§{name[::-1]}" for name in wide]
    cells = [*row(c12=""), *([""] * (len(wide) - len(HEADER)))]
    assert read_table(table([cells], header=words)).manual[0].totals.distance_m == 12360.4


def test_a_unit_that_is_not_understood_is_not_used():
    read = read_table(table([row(c6="12.36", c17="99.9")]))
    assert [note.code for note in read.notes] == ["unknown_unit"]
    assert read.rows[0].totals.distance_m is None
    miles = read_table(table([row(c6="7.68", c17="12360")]))
    assert miles.rows[0].totals.distance_m == 12360


def test_tables_that_are_not_understood_say_so():
    assert [n.code for n in read_table(io.BytesIO(b"a,b,c\n1,2,3\n")).notes] == ["unknown_table"]
    assert read_table(io.BytesIO(b"")).rows == ()
    undated = read_table(table([row(c1="whenever", c12="")]))
    assert [note.code for note in undated.notes] == ["unknown_date"]
    assert undated.manual == ()
    huge = b"Activity ID,Activity Date\n" + b'"' + b"x" * 200_000 + b'"\n1,2\n'
    assert "bad_row" in [note.code for note in read_table(io.BytesIO(huge)).notes]


def test_english_names_win_over_positions():
    columns = find_columns(["Filename", "Activity Date", "Distance"], [])
    assert columns == {"file": 0, "date": 1, "distance_m": 2}


def test_manual_entries_become_activities_of_totals_only():
    (entry,) = read_table(table([row(c12="", c44="2")])).manual
    activity = as_activity(entry)
    assert activity is not None
    assert (activity.format, activity.stream, activity.labels) == ("strava_csv", None, {Label.LONG_RUN})
    assert activity.shoe == shoe_named("road a").id
    (empty,) = read_table(table([row(c12="", c15="", c16="", c5="")])).manual
    assert as_activity(empty) is None


@pytest.mark.parametrize(
    ("word", "sport"),
    [("run", Sport.RUNNING), ("course à pied", Sport.RUNNING), ("běh", Sport.RUNNING), ("lauf", Sport.RUNNING),
     ("trail run", Sport.RUNNING), ("ride", Sport.CYCLING), ("ebike ride", Sport.CYCLING),
     ("spaziergang", Sport.WALKING),
     ("yoga", Sport.UNKNOWN), ("", Sport.UNKNOWN)],
)  # fmt: skip
def test_sports_in_several_languages(word, sport):
    assert sport_of(word) is sport


def test_surface_follows_from_the_type():
    read = read_table(table([row(c3="Trail Run"), row(c3="Virtual Run"), row()]))
    assert [one.surface for one in read.rows] == [Surface.TRAIL, Surface.TREADMILL, Surface.UNKNOWN]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("May 15, 2017, 5:52:52 PM", (2017, 5, 15, 17, 52, 52)),
        ("May 15, 2017, 12:05:00 AM", (2017, 5, 15, 0, 5, 0)),
        ("May 15, 2017, 12:05:00 PM", (2017, 5, 15, 12, 5, 0)),
        ("15 mar 2024, 6:45:12", (2024, 3, 15, 6, 45, 12)),
        ("6. 9. 2026 11:18:40", (2026, 9, 6, 11, 18, 40)),
        ("15. 3. 2024 v 6:45", (2024, 3, 15, 6, 45, 0)),
        ("12.05.2024, 18:01:02", (2024, 5, 12, 18, 1, 2)),
        ("2024-03-15 06:45:12", (2024, 3, 15, 6, 45, 12)),
        ("2024年3月15日 6:45:12", (2024, 3, 15, 6, 45, 12)),
        ("15 mars 2024 à 06:45:12", (2024, 3, 15, 6, 45, 12)),
        ("15 août 2024 à 06:45:12", (2024, 8, 15, 6, 45, 12)),
        ("1 juil. 2024, 06:45:12", (2024, 7, 1, 6, 45, 12)),
        ("15 de set. de 2023 06:45:12", (2023, 9, 15, 6, 45, 12)),
        ("24. června 2023 06:45:12", (2023, 6, 24, 6, 45, 12)),
        ("24. července 2023 06:45:12", (2023, 7, 24, 6, 45, 12)),
        ("24 paź 2023, 06:45:12", (2023, 10, 24, 6, 45, 12)),
        ("3 ottobre 2023 06.45.12", (2023, 10, 3, 6, 45, 12)),
        ("15 mar 2024, 6:45:12 p. m.", (2024, 3, 15, 18, 45, 12)),
        ("15 Mrz 2024, 06:45:12", (2024, 3, 15, 6, 45, 12)),
        ("5 мая 2024 г., 6:45:12", (2024, 5, 5, 6, 45, 12)),
    ],
)
def test_dates_of_many_languages(text, expected):
    assert parse_utc(text) == datetime(*expected, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "whenever", "31 feb 2024", "May 2024", "5/6", "x" * 100, "2024", "99 99 2024", "3 4 5 2024"]
)
def test_dates_that_are_none(text):
    assert parse_utc(text) is None


def test_the_order_of_numbers_is_read_from_the_whole_column():
    assert is_day_first(["01/02/2024", "13/02/2024"])
    assert not is_day_first(["01/02/2024", "02/13/2024"])
    assert is_day_first(["01/02/2024", "May 3, 2024"])
    assert parse_utc("02/13/2024 10:00", day_first=False) == datetime(2024, 2, 13, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [("12360.4", 12360.4), ("33,22", 33.22), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1\u202f234", 1234), ("", None),
     ("--", None), ("1e99", None)],
)  # fmt: skip
def test_numbers_with_points_and_commas(text, value):
    assert number(text) == value


def test_shoes_are_known_by_name_without_addresses():
    one, two = shoe_named("  Road   A jane@x.org"), shoe_named("road a")
    assert one is not None
    assert two is not None
    assert (one.id, one.name) == (two.id, "Road A")
    assert shoe_named(" jane@x.org ") is None
