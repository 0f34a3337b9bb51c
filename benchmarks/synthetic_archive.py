"""A synthetic Strava archive: ten years of one runner's runs, written with our own FIT writer."""

import csv
import gzip
import io
import zipfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from soleus.exports.fit_encoder import FieldLayout, FitWriter, Value, fit_time

FIRST_DAY = datetime(2016, 11, 1, 6, 30, tzinfo=UTC)
GEAR = ("Road daily 3", "Trail 2", "Light racer")
_HEADER = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,"
    "Max Heart Rate,Relative Effort,Commute,Activity Private Note,Activity Gear,Filename,Athlete Weight,"
    "Bike Weight,Elapsed Time,Moving Time,Distance,Max Speed,Average Speed,Elevation Gain,Elevation Loss,"
    "Elevation Low,Elevation High,Max Grade,Average Grade,Average Positive Grade,Average Negative Grade,"
    "Max Cadence,Average Cadence,Max Heart Rate,Average Heart Rate,Max Watts,Average Watts,Calories,"
    "Max Temperature,Average Temperature,Relative Effort,Total Work,Number of Runs,Uphill Time,Downhill Time,"
    "Other Time,Perceived Exertion,Type"
)
HEADER = _HEADER.split(",")
# Number, base type, scale, offset: what a running watch with a chest strap records every second.
RECORD = (
    FieldLayout(253, "uint32"),
    FieldLayout(0, "sint32", scale=2**31 / 180),
    FieldLayout(1, "sint32", scale=2**31 / 180),
    FieldLayout(5, "uint32", scale=100),
    FieldLayout(73, "uint32", scale=1000),
    FieldLayout(78, "uint32", scale=5, offset=500),
    FieldLayout(3, "uint8"),
    FieldLayout(4, "uint8"),
    FieldLayout(53, "uint8", scale=128),
    FieldLayout(13, "sint8"),
    FieldLayout(7, "uint16"),
    FieldLayout(39, "uint16", scale=10),
    FieldLayout(41, "uint16", scale=10),
    FieldLayout(83, "uint16", scale=100),
    FieldLayout(84, "uint16", scale=100),
    FieldLayout(85, "uint16", scale=10),
)


def _wander(random: np.random.Generator, count: int, spread: float, smooth: int) -> np.ndarray:
    """Noise that changes slowly, as measured channels do."""
    kernel = np.ones(smooth) / np.sqrt(smooth)
    return np.convolve(random.normal(0.0, spread, count + smooth - 1), kernel, "valid")


def run_file(number: int, start: datetime) -> tuple[bytes, float, float]:
    """One run as FIT bytes, its seconds and its metres. The same number always gives the same bytes."""
    random = np.random.default_rng(number)
    count = int(random.integers(4_000, 4_501))
    base = 2.6 + 0.5 * random.random()
    speed = np.clip(base + _wander(random, count, 0.10, 20) + random.normal(0, 0.04, count), 1.2, 6.0)
    distance = np.cumsum(speed)
    heading = np.cumsum(random.normal(0, 0.03, count))
    latitude = 50.0 + np.cumsum(speed * np.cos(heading)) / 111_195
    longitude = 8.0 + np.cumsum(speed * np.sin(heading)) / (111_195 * np.cos(np.radians(50)))
    altitude = 150 + np.cumsum(_wander(random, count, 0.01, 60))
    cadence = np.clip(82 + 4 * (speed - base) + random.normal(0, 0.7, count), 60, 110)
    heart = np.clip(138 + 18 * (speed - base) + _wander(random, count, 0.6, 60), 80, 195)
    step = speed / (2 * cadence / 60)
    contact = 245 - 18 * (speed - base) + random.normal(0, 3, count)
    bounce = 85 + random.normal(0, 2, count)
    began = fit_time(start)
    columns = [
        began + np.arange(count), latitude, longitude, distance, speed, altitude, np.round(heart), np.floor(cadence),
        cadence - np.floor(cadence), np.full(count, 16.0), np.round(3.9 * speed * 22), bounce, contact,
        bounce / (step * 10), 50 + random.normal(0, 0.4, count), step * 1000,
    ]  # fmt: skip
    writer = FitWriter()
    writer.message(0, {0: Value("enum", 4), 1: Value("uint16", 1), 2: Value("uint16", 3113), 4: Value("uint32", began)})
    writer.message(23, {253: Value("uint32", began), 2: Value("uint16", 1), 4: Value("uint16", 3113)})
    writer.message(21, {253: Value("uint32", began), 0: Value("enum", 0), 1: Value("enum", 0)})
    writer.define(0, 20, RECORD)
    writer.rows(0, columns)
    end = began + count - 1
    writer.message(21, {253: Value("uint32", end), 0: Value("enum", 0), 1: Value("enum", 4)})
    length, time = float(distance[-1]), float(count - 1)
    per_lap = 1000.0
    for lap in range(int(length // per_lap)):
        first = int(np.searchsorted(distance, lap * per_lap))
        last = int(np.searchsorted(distance, (lap + 1) * per_lap))
        writer.message(
            19,
            {
                253: Value("uint32", began + last),
                2: Value("uint32", began + first),
                7: Value("uint32", (last - first) * 1000),
                8: Value("uint32", (last - first) * 1000),
                9: Value("uint32", 100_000),
            },
        )
    writer.message(
        18,
        {
            253: Value("uint32", end),
            2: Value("uint32", began),
            5: Value("enum", 1),
            7: Value("uint32", int(time * 1000)),
            8: Value("uint32", int(time * 1000)),
            9: Value("uint32", int(length * 100)),
        },
    )
    return writer.to_bytes(), time, length


def _packed(job: tuple[int, datetime]) -> tuple[bytes, int, float, float]:
    data, time, length = run_file(*job)
    return gzip.compress(data, 6, mtime=0), len(data), time, length


def build_archive(path: Path, runs: int, workers: int = 2) -> dict[str, float]:
    """Write the archive; its sizes in bytes. About 300 runs a year, one row of the table a run."""
    jobs = [(n, FIRST_DAY + timedelta(days=n * 3650 / 3000, hours=(n * 7) % 11)) for n in range(runs)]
    raw = packed = 0
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(HEADER)
    with (
        ProcessPoolExecutor(workers) as pool,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for (number, start), (data, size, time, length) in zip(
            jobs, pool.map(_packed, jobs, chunksize=16), strict=True
        ):
            name = f"activities/{1_000_000 + number}.fit.gz"
            archive.writestr(name, data)
            raw += size
            packed += len(data)
            gear = GEAR[0] if number % 5 else GEAR[1 + number // 700 % 2]
            when = f"{start:%b} {start.day}, {start:%Y, %I:%M:%S %p}"
            row = [str(2_000_000 + number), when, "Run", "Run", "", time, round(length / 1000, 2), "", "", "false", ""]
            row += [gear, name, "", "", time, time, round(length, 1)]
            rows.writerow(row + [""] * (len(HEADER) - len(row)))
        archive.writestr("activities.csv", table.getvalue())
    return {"raw": raw, "packed": packed, "archive": path.stat().st_size}
