"""GPX next to gpxpy and TCX next to tcxreader on the same files in one run; Apple Health by the megabyte.

    python benchmarks/bench_xml.py [--write] [--repeat 3]

Files are the real ones in ../shared/activity/files when they are there, else runs made here. Times are CPU
milliseconds per 1,000 points, best of the repeats, over the files the peer reads too. `expat alone` is the parser
without a single handler: the floor for anything built on it. With `--write` the rows go to
benchmarks/results/xml.json.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import math
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.parsers import expat

import numpy as np

from soleus.readers.apple_health import read_apple_health
from soleus.readers.gpx import read_gpx
from soleus.readers.tcx import read_tcx
from soleus.readers.trackpoints import points_read

warnings.simplefilter("ignore")
SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "activity" / "files"
RESULTS = Path(__file__).with_name("results") / "xml.json"
POINT = {"gpx": re.compile(rb"<trkpt[\s>]"), "tcx": re.compile(rb"<Trackpoint[\s>]")}
Row = dict[str, object]


def real_files(kind: str) -> list[bytes]:
    """Contents of the real files of one format."""
    out = []
    for path in sorted(SHARED.rglob("*")) if SHARED.exists() else []:
        if re.search(rf"\.{kind}(\.gz)?$", path.name, re.IGNORECASE):
            data = path.read_bytes()
            out.append(gzip.decompress(data) if path.suffix == ".gz" else data)
    return out


def made_files(kind: str, count: int = 5, points: int = 3600) -> list[bytes]:
    """Runs of an hour, one point a second."""
    start = datetime(2024, 5, 1, 6, tzinfo=UTC)
    parts = []
    for k in range(points):
        at = (start + timedelta(seconds=k)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        lat, lon, heart = 50 + k * 2.7e-5, 8 + math.sin(k / 300) / 100, 140 + k % 20
        if kind == "gpx":
            parts.append(
                f'<trkpt lat="{lat}" lon="{lon}">\n <ele>{100 + k / 50}</ele>\n <time>{at}</time>\n <extensions>\n  '
                f"<ns3:TrackPointExtension>\n   <ns3:hr>{heart}</ns3:hr>\n   <ns3:cad>84</ns3:cad>\n  "
                "</ns3:TrackPointExtension>\n </extensions>\n</trkpt>\n"
            )
        else:
            parts.append(
                f"<Trackpoint>\n <Time>{at}</Time>\n <Position>\n  <LatitudeDegrees>{lat}</LatitudeDegrees>\n  "
                f"<LongitudeDegrees>{lon}</LongitudeDegrees>\n </Position>\n <AltitudeMeters>{100 + k / 50}"
                f"</AltitudeMeters>\n <DistanceMeters>{k * 3}</DistanceMeters>\n <HeartRateBpm>\n  <Value>{heart}"
                "</Value>\n </HeartRateBpm>\n <Extensions>\n  <ns3:TPX>\n   <ns3:Speed>3.0</ns3:Speed>\n   "
                "<ns3:RunCadence>84</ns3:RunCadence>\n  </ns3:TPX>\n </Extensions>\n</Trackpoint>\n"
            )
    body = "".join(parts)
    ns3 = 'xmlns:ns3="http://www.garmin.com/xmlschemas/{}"'
    if kind == "gpx":
        head = '<gpx creator="made" version="1.1" xmlns="http://www.topografix.com/GPX/1/1" '
        text = head + ns3.format("TrackPointExtension/v1") + f"><trk><trkseg>{body}</trkseg></trk></gpx>"
    else:
        stamp = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        text = (
            '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
            + ns3.format("ActivityExtension/v2")
            + f'><Activities><Activity Sport="Running"><Id>{stamp}</Id><Lap StartTime="{stamp}"><TotalTimeSeconds>'
            f"{points}</TotalTimeSeconds><DistanceMeters>{points * 3}</DistanceMeters><Calories>9</Calories><Track>"
            f"{body}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
        )
    return [text.encode()] * count


def expat_alone(data: bytes) -> int:
    expat.ParserCreate().Parse(data.lstrip(b"\xef\xbb\xbf \r\n\t"), True)
    return -1


def gpxpy_reader() -> Callable[[bytes], int]:
    import gpxpy

    def read(data: bytes) -> int:
        parsed = gpxpy.parse(data.decode("utf-8-sig"))
        return sum(len(segment.points) for track in parsed.tracks for segment in track.segments)

    return read


def tcxreader_reader() -> Callable[[bytes], int]:
    from tcxreader.tcxreader import TCXReader

    def read(data: bytes) -> int:
        # It reads paths only; the file lies in memory-backed or at least cached storage.
        with tempfile.NamedTemporaryFile(suffix=".tcx") as file:
            file.write(data)
            file.flush()
            return len(TCXReader().read(file.name).trackpoints)

    return read


def measure(name: str, read: Callable[[bytes], int], files: list[bytes], counts: list[int], repeat: int) -> Row:
    """CPU per file (best of `repeat`), failures, and files whose point count differs."""
    seconds: list[float | None] = []
    wrong = 0
    for data, count in zip(files, counts, strict=True):
        best: float | None = math.inf
        found = -1
        for _ in range(repeat):
            begin = time.process_time()
            try:
                found = read(data)
            except Exception:
                best = None
                break
            best = min(best or math.inf, time.process_time() - begin)
        seconds.append(best)
        wrong += best is not None and found >= 0 and found != count
    return {"reader": name, "seconds": seconds, "failed": seconds.count(None), "counts_differ": wrong}


def per_thousand(row: Row, counts: list[int], like: Row | None = None) -> float:
    """CPU ms per 1,000 points over the files that this row, and `like` where given, could read."""
    mine = row["seconds"]
    theirs = mine if like is None else like["seconds"]
    assert isinstance(mine, list)
    assert isinstance(theirs, list)
    usable = [k for k, s in enumerate(mine) if s is not None and theirs[k] is not None]
    points = sum(counts[k] for k in usable)
    return sum(mine[k] for k in usable) * 1e6 / points if points else math.nan


def compare(kind: str, repeat: int) -> list[Row]:
    """All readers of one format on the same files."""
    real = real_files(kind)
    files = real or made_files(kind)
    counts = [len(POINT[kind].findall(data)) for data in files]
    ours_read = read_gpx if kind == "gpx" else read_tcx
    ours = measure("soleus", lambda data: points_read(ours_read(data)), files, counts, repeat)
    if ours["failed"] or ours["counts_differ"]:
        sys.exit(f"{kind}: we failed on {ours['failed']} files and miscounted {ours['counts_differ']}")
    rows = [measure("expat alone", expat_alone, files, counts, repeat), ours]
    peer_name, make = ("gpxpy", gpxpy_reader) if kind == "gpx" else ("tcxreader", tcxreader_reader)
    try:
        rows.append(measure(peer_name, make(), files, counts, repeat))
    except ImportError:
        print(f"{peer_name} is not installed: left out")
    what = "real" if real else "made"
    print(f"\n{kind.upper()}: {len(files)} {what} files, {sum(counts):,} points, CPU ms per 1,000 points")
    out: list[Row] = []
    for row in rows:
        value = per_thousand(row, counts)
        ratio = per_thousand(row, counts, ours) / per_thousand(ours, counts, row)
        print(
            f"  {row['reader']!s:12} {value:8.2f}   {ratio:6.2f} x ours   failed {row['failed']}, "
            f"other count {row['counts_differ']}"
        )
        out.append(
            {
                "format": kind, "files": len(files), "kind": what, "points": sum(counts), "reader": row["reader"],
                "ms_per_1000_points": round(value, 3), "times_ours": round(ratio, 3), "failed": row["failed"],
                "counts_differ": row["counts_differ"],
            }
        )  # fmt: skip
    return out


def health(megabytes: int) -> Row:
    """An Apple export of that size: mostly heart rate and steps of all days, one run a day."""
    day = []
    for k in range(0, 86_400, 60):
        clock = f"{k // 3600:02d}:{k // 60 % 60:02d}:{k % 60:02d} +0100"
        for kind, unit, value in (("HeartRate", "count/min", 60), ("StepCount", "count", 90), ("BodyMass", "kg", 70)):
            day.append(
                f' <Record type="HKQuantityTypeIdentifier{kind}" sourceName="Watch" sourceVersion="9.1" '
                f'device="&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch, manufacturer:Apple Inc.&gt;" unit="{unit}" '
                f'creationDate="DAY {clock}" startDate="DAY {clock}" endDate="DAY {clock}" value="{value}"/>\n'
            )
    text = "".join(day)
    days = max(1, megabytes * 1_000_000 // len(text))
    dates = [(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=k)).strftime("%Y-%m-%d") for k in range(days)]
    workouts = "".join(
        f'<Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30" durationUnit="min" '
        f'sourceName="Watch" startDate="{d} 07:00:00 +0100" endDate="{d} 07:30:00 +0100"/>\n'
        for d in dates[::2]
    )
    body = "".join(text.replace("DAY", d) for d in dates) + workouts
    data = f'<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="en">\n{body}</HealthData>'.encode()
    begin = time.process_time()
    reading = read_apple_health(io.BytesIO(data))
    seconds = time.process_time() - begin
    samples = sum(int(np.isfinite(a.stream.channel("heart_rate_bpm")).sum()) for a in reading.activities if a.stream)
    rate = len(data) / 1e6 / seconds
    print(f"\nApple Health: {len(data) / 1e6:.0f} MB, {len(reading.activities)} runs, {rate:.0f} MB per CPU second")
    return {"format": "apple_health", "megabytes": round(len(data) / 1e6), "runs": len(reading.activities),
            "seconds_with_heart_rate": samples, "megabytes_per_second": round(rate, 1)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=50, help="size of the Apple Health export made here")
    options = parser.parse_args()
    rows = compare("gpx", options.repeat) + compare("tcx", options.repeat) + [health(options.megabytes)]
    if options.write:
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
