"""The reference page of FIT names every repair, channel and limit there is."""

import re
from pathlib import Path

from soleus.readers import fit, fit_channels
from soleus.readers.fit_walk import DEFAULT_LIMITS

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "reference" / "fit.md").read_text(encoding="utf-8")


def test_every_repair_is_explained_and_none_is_invented():
    sources = (ROOT / "src" / "soleus" / "readers").glob("fit*.py")
    used = {code for path in sources for code in re.findall(r'code="([a-z_]+)"', path.read_text(encoding="utf-8"))}
    table = PAGE.partition("| Code |")[2].partition("## ")[0]
    explained = {
        code for line in table.splitlines() for code in re.findall(r"`([a-z_]+)`", "|".join(line.split("|")[:2]))
    }
    assert explained == used


def test_every_channel_is_named():
    native = {item.channel for item in fit_channels.NATIVE.values()}
    for channel in {*native, *fit_channels._BY_NAME.values(), *fit_channels._BY_NATIVE.values()}:
        assert f"`{channel}`" in PAGE, channel


def test_limits_are_the_true_ones():
    limits = DEFAULT_LIMITS
    assert limits.file_bytes == 64 << 20
    for number in (limits.messages, limits.definitions, limits.layouts, limits.parts, limits.developer_fields):
        assert f"{number:,}" in PAGE.partition("## Limits")[2]
    assert limits.damaged_stretches == 64
    assert fit.GAP_S == 60
