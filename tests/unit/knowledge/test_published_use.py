"""Every published pair and ratio is accounted for, and what is said to be counted is counted."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from soleus.knowledge import load_knowledge, load_yaml_strict
from soleus.knowledge.base import Number
from soleus.knowledge.compile import DATA

USES = {"counted", "value", "checked", "not_used"}


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    path = DATA / "published_use.yaml"
    data = cast(dict[str, Any], load_yaml_strict(path.read_text(encoding="utf-8"), where=path.name))
    return cast(list[dict[str, Any]], data["entries"])


def test_every_published_figure_has_one_entry(entries: list[dict[str, Any]]) -> None:
    ids = [e["id"] for e in entries]
    assert len(set(ids)) == len(ids)
    assert Counter("lr" if "-lr-" in i else "pair" for i in ids) == {"pair": 233, "lr": 103}


def test_every_entry_says_where_or_why_not(entries: list[dict[str, Any]]) -> None:
    for e in entries:
        assert e["use"] in USES, e["id"]
        assert e.get("used_in") or (e["use"] == "not_used" and e["reason"]), e["id"]
        assert (e["use"] == "counted") == ("weight" in e), e["id"]
        assert 0 < e.get("weight", 0.1) <= 0.5, e["id"]


def test_every_place_and_source_exists(entries: list[dict[str, Any]]) -> None:
    kb = load_knowledge()
    conditions = {str(c): node for c, node in kb.conditions.items()}
    findings = {str(f) for f in kb.findings}
    for e in entries:
        assert e["source"] in kb.sources, e["id"]
        for place in e.get("used_in", []):
            condition, finding = place.split("/")
            assert condition in conditions, e["id"]
            assert finding == "prior" or finding in findings, e["id"]


def test_counted_entries_move_their_number(entries: list[dict[str, Any]]) -> None:
    conditions = {str(c): node for c, node in load_knowledge().conditions.items()}
    for e in entries:
        if e["use"] != "counted":
            continue
        for place in e["used_in"]:
            condition, finding = place.split("/")
            value = {str(f): v for f, v in conditions[condition].findings.items()}[finding]
            seen = value.observed if isinstance(value, Number) else tuple(o for _, o in value.observed)
            assert e["source"] in {o.source for o in seen}, (e["id"], place)
