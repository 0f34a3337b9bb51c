"""The reference page of TCX, GPX and Apple Health names every repair and channel there is."""

import re
from pathlib import Path

from soleus.readers import apple_workout, gpx, tcx
from soleus.readers.trackpoints import DROPPED_POINTS
from soleus.readers.xml_stream import DEFAULT_LIMITS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "reference" / "tcx-gpx-apple-health.md").read_text(encoding="utf-8")
SOURCES = ("xml_stream", "trackpoints", "gpx", "tcx", "apple_health", "apple_workout")


def test_every_repair_is_explained_and_none_is_invented() -> None:
    used: set[str] = set()
    for name in SOURCES:
        text = (ROOT / "src" / "soleus" / "readers" / f"{name}.py").read_text(encoding="utf-8")
        used.update(re.findall(r'code="([a-z_]+)"', text))
        used.update(re.findall(r'_tell\(\s*repairs,\s*"([a-z_]+)"', text))
        used.update(re.findall(r'^ {12}\("([a-z_]+)", self\._', text, flags=re.MULTILINE))
    table = PAGE.partition("| Code |")[2].partition("## ")[0]
    explained = {
        code for line in table.splitlines() for code in re.findall(r"`([a-z_]+)`", "".join(line.split("|")[1:2]))
    }
    assert explained == used
    marked = {code for line in table.splitlines() if "•" in line for code in re.findall(r"^\| `([a-z_]+)`", line)}
    assert marked == DROPPED_POINTS


def test_every_channel_is_named() -> None:
    channels = {*gpx._CHANNELS, *tcx._CHANNELS, *(kind.channel for kind in apple_workout.KINDS.values())}
    for channel in channels:
        assert f"`{channel}`" in PAGE


def test_limits_are_the_true_ones() -> None:
    assert (DEFAULT_LIMITS.depth, DEFAULT_LIMITS.tag_bytes) == (64, 1 << 20)
    assert (DEFAULT_LIMITS.point_bytes, DEFAULT_LIMITS.file_bytes) == (256 << 10, 256 << 20)
    assert (gpx.JOIN_TRACKS_S, gpx.SPLIT_SEGMENTS_S, tcx.PAUSE_S) == (1800, 4 * 3600, 3)
