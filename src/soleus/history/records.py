"""The samples of one activity as one Parquet file in memory, and back. Needs the extra `history`."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime
from importlib.util import find_spec
from typing import Any

import numpy as np

from soleus.core.activity import Activity, Device, Interval, Label, Lap, Sport, Stream, Surface, Totals
from soleus.core.errors import BackendError

VERSION = 1
_PLACE_STEPS = 2.0**24
"""Steps a degree, 7 mm each; a power of two, so that the numbers pack well."""
_EXTRA = "extra:"
_META = b"soleus"


def available() -> bool:
    """Whether records can be kept here: the extra `history` is installed."""
    return find_spec("pyarrow") is not None


def _parquet() -> tuple[Any, Any]:
    """`pyarrow` and its Parquet module, loaded when first needed: `import soleus` stays light."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise BackendError(
            "records cannot be stored without pyarrow", hint='Install it with: pip install "soleus[history]"'
        ) from error
    return pa, parquet


def encode_activity(activity: Activity, *, keep_place: bool = False) -> bytes:
    """One activity as Parquet (zstd), its laps, pauses and totals in the file's metadata.

    Positions are stored relative to the start unless `keep_place`: ways and speeds stay, home does not.
    """
    arrow, parquet = _parquet()
    stream = activity.stream
    if stream is None:
        raise ValueError("an activity without samples has no records")
    if not keep_place:
        stream = without_place(stream)
    columns = {"time_s": stream.time_s, **stream.channels, **{_EXTRA + k: v for k, v in stream.extra.items()}}
    arrays = {name: arrow.array(values, from_pandas=True) for name, values in columns.items()}
    table = arrow.table(arrays).replace_schema_metadata({_META: json.dumps(_header(activity)).encode()})
    out = io.BytesIO()
    # Plain doubles: smaller and quicker here than a dictionary, exact, and read by every tool.
    parquet.write_table(
        table,
        out,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        write_statistics=False,
        row_group_size=len(stream) or 1,
    )
    return out.getvalue()


def decode_activity(data: bytes) -> Activity:
    """The activity again, sample for sample."""
    _, parquet = _parquet()
    table = parquet.read_table(io.BytesIO(data), use_threads=False)
    header = json.loads(table.schema.metadata[_META])
    columns = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
    time_s = columns.pop("time_s")
    channels = {name: values for name, values in columns.items() if not name.startswith(_EXTRA)}
    extra = {name.removeprefix(_EXTRA): values for name, values in columns.items() if name.startswith(_EXTRA)}
    return _activity(header, Stream(time_s=time_s, channels=channels, extra=extra))


def without_place(stream: Stream) -> Stream:
    """Positions moved so that the run starts at 0° N 0° E, to the centimetre, distances as they were.

    Degrees east of the first fix are shortened by the cosine of the latitude there, as the equator needs them.
    """
    if not (stream.has("latitude_deg") and stream.has("longitude_deg")):
        return stream
    latitude, longitude = stream.channels["latitude_deg"], stream.channels["longitude_deg"]
    seen = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    if not len(seen):
        return stream
    first = seen[0]
    moved = dict(stream.channels)
    moved["latitude_deg"] = np.round((latitude - latitude[first]) * _PLACE_STEPS) / _PLACE_STEPS
    turned = (longitude - longitude[first] + 180.0) % 360.0 - 180.0
    moved["longitude_deg"] = np.round(turned * np.cos(np.radians(latitude)) * _PLACE_STEPS) / _PLACE_STEPS
    return replace(stream, channels=moved)


def _header(activity: Activity) -> dict[str, Any]:
    """Everything but the samples; the id inside its archive is not kept."""
    device = activity.device
    totals = {name: value for name in Totals.__slots__ if (value := getattr(activity.totals, name)) is not None}
    return {
        "v": VERSION,
        "start_utc": activity.start_utc.isoformat(),
        "sport": activity.sport.value,
        "format": activity.format,
        "utc_offset_s": activity.utc_offset_s,
        "surface": activity.surface.value,
        "laps": [[lap.start_s, lap.end_s, lap.distance_m, lap.timer_s, lap.intensity] for lap in activity.laps],
        "pauses": [[pause.start_s, pause.end_s] for pause in activity.pauses],
        "totals": totals,
        "device": [device.manufacturer, device.product, device.digest],
        "barometer": activity.barometer,
        "shoe": activity.shoe,
        "labels": sorted(label.value for label in activity.labels),
        "sport_detail": activity.sport_detail,
    }


def _activity(header: dict[str, Any], stream: Stream) -> Activity:
    manufacturer, product, digest = header["device"]
    return Activity(
        start_utc=datetime.fromisoformat(header["start_utc"]),
        sport=Sport(header["sport"]),
        format=header["format"],
        utc_offset_s=header["utc_offset_s"],
        surface=Surface(header["surface"]),
        stream=stream,
        laps=tuple(
            Lap(start_s=a, end_s=b, distance_m=d, timer_s=t, intensity=word) for a, b, d, t, word in header["laps"]
        ),
        pauses=tuple(Interval(start_s=a, end_s=b) for a, b in header["pauses"]),
        totals=Totals(**header["totals"]),
        device=Device(manufacturer=manufacturer, product=product, digest=digest),
        barometer=header["barometer"],
        shoe=header["shoe"],
        labels=frozenset(Label(label) for label in header["labels"]),
        sport_detail=header["sport_detail"],
    )
