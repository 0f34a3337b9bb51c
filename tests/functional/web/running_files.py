"""Small GPX runs written by ourselves, and a zip of several months of them."""

from __future__ import annotations

import io
import math
import zipfile
from datetime import UTC, date, datetime, timedelta

STEP_S = 20
METRES_PER_DEGREE = 111_195.0


def gpx_run(on: date, distance_m: float, *, speed_mps: float = 2.8, hills_m: float = 0.0) -> bytes:
    """One run north along a meridian, at even speed, up and down a wave of hills."""
    count = max(3, round(distance_m / speed_mps / STEP_S))
    start = datetime(on.year, on.month, on.day, 7, 0, tzinfo=UTC)
    points = []
    for i in range(count + 1):
        along = distance_m * i / count
        height = 50 + hills_m * (1 - math.cos(2 * math.pi * along / 1500)) / 2
        when = start + timedelta(seconds=STEP_S * i)
        points.append(
            f'<trkpt lat="{51 + along / METRES_PER_DEGREE:.7f}" lon="0.0"><ele>{height:.1f}</ele>'
            f"<time>{when:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        )
    head = '<?xml version="1.0"?><gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}<trk><type>running</type><trkseg>{''.join(points)}</trkseg></trk></gpx>".encode()


def spiked_history(onset: date, *, weeks: int = 20, spike_m: float = 14_000.0) -> dict[str, bytes]:
    """Three runs of 6 to 8 km a week; the last one before the onset is far longer."""
    files = {}
    for week in range(weeks, 0, -1):
        for number, back in enumerate((6, 4, 2)):
            on = onset - timedelta(days=7 * week - 7 + back)
            distance = 6000.0 + 1000 * number
            if week == 1 and back == 2:
                distance = spike_m
            files[f"run-{on.isoformat()}.gpx"] = gpx_run(on, distance)
    return files


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def posted(name: str, data: bytes) -> io.BytesIO:
    """A file as the test client posts it."""
    file = io.BytesIO(data)
    file.name = name
    return file
