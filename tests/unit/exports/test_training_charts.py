"""The training charts: well-formed, plain for every page policy, y from 0, and the same numbers as their tables."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from training_samples import ALL, sample_report

from soleus.core.training import Change, ChangeState
from soleus.exports.charts import CHART_STYLE, Chart, training_charts
from soleus.knowledge import load_knowledge

SVG = "{http://www.w3.org/2000/svg}"
IDS = ("weekly_distance", "longest_run", "calf_load", "intensity", "shoes")


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


def drawn(kb) -> Iterator[tuple[str, Chart]]:
    for name, make in ALL.items():
        for chart in training_charts(make(), kb):
            if chart.svg:
                yield name, chart


@pytest.mark.parametrize("name", ALL)
def test_every_report_gives_five_charts_with_a_sentence_and_a_table(kb, name):
    charts = training_charts(ALL[name](), kb)
    assert tuple(chart.id for chart in charts) == (("weekly_distance",) if name == "table" else IDS)
    for chart in charts:
        assert chart.sentence.endswith((".", "?"))
        assert chart.title
        assert chart.table.header
        for row in chart.table.rows:
            assert len(row) == len(chart.table.header)
        assert "nan" not in f"{chart.sentence}{chart.table.rows}".lower().replace("unknown", "")
        assert "inf" not in chart.svg.replace("information", "")


def test_pictures_are_well_formed_named_and_described(kb):
    count = 0
    for name, chart in drawn(kb):
        root = ET.fromstring(chart.svg)  # noqa: S314 - our own text
        count += 1
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        title, described = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None, name
        assert described is not None
        assert root.get("aria-labelledby") == title.get("id")
        assert root.get("aria-describedby") == described.get("id")
        assert chart.sentence in (described.text or "")
    assert count >= 12


def test_pictures_hold_no_style_script_link_or_foreign_address(kb):
    for _, chart in drawn(kb):
        assert not re.search(r"\sstyle=|<style|<script|\son[a-z]+=|href|<image|<foreignObject", chart.svg)
        assert set(re.findall(r"url\(([^)]*)\)", chart.svg)) <= {
            f"#{name}" for name in re.findall(r'<pattern id="([^"]+)"', chart.svg)
        }
        assert chart.svg.count("http") == 1, "the namespace only"


def test_ids_are_unique_over_all_charts_of_a_page(kb):
    ids = [i for chart in training_charts(sample_report(), kb) for i in re.findall(r'\sid="([^"]+)"', chart.svg)]
    assert len(ids) == len(set(ids))


def test_same_report_same_bytes(kb):
    assert training_charts(sample_report(), kb) == training_charts(sample_report(), kb)


def test_every_marked_number_of_a_picture_stands_in_its_table(kb):
    marked = 0
    for name, chart in drawn(kb):
        root = ET.fromstring(chart.svg)  # noqa: S314 - our own text
        in_table = {float(cell) for row in chart.table.rows for cell in row if isinstance(cell, int | float)}
        for part in root.iter():
            value = part.get("data-v")
            if value is None or chart.id == "shoes":
                continue
            marked += 1
            assert any(abs(float(value) - cell) < 0.006 for cell in in_table), (name, chart.id, value)
    assert marked > 100


def test_bars_of_a_week_add_up_to_the_table_and_stand_on_zero(kb):
    chart = training_charts(sample_report(), kb)[0]
    root = ET.fromstring(chart.svg)  # noqa: S314 - our own text
    bars = {part.get("data-k"): part for part in root.iter(f"{SVG}rect") if part.get("data-k")}
    flat = [part for key, part in bars.items() if key.startswith("flat")]
    bottoms = {round(float(p.get("y")) + float(p.get("height")), 1) for p in flat}
    assert len(bottoms) == 1, "every bar begins at the same base line"
    base = bottoms.pop()
    zero = [p for p in root.iter(f"{SVG}line") if p.get("class") == "ch-l-axis" and p.get("y1") == p.get("y2")]
    assert float(zero[0].get("y1")) == base, "and that line is 0"
    heights = {float(p.get("data-v")): float(p.get("height")) for p in flat if float(p.get("data-v"))}
    ratios = {round(height / value, 1) for value, height in heights.items()}
    assert len(ratios) == 1, "heights are in proportion"
    for row in chart.table.rows:
        assert row[2] + row[3] == pytest.approx(row[4])


def test_every_y_axis_begins_at_zero(kb):
    for _, chart in drawn(kb):
        if chart.id != "shoes":
            assert re.search(r">0</text>", chart.svg), chart.id


def test_text_is_never_smaller_than_12_px_and_never_scaled(kb):
    for _, chart in drawn(kb):
        assert "viewBox" not in chart.svg
        assert min(int(size) for size in re.findall(r'font-size="(\d+)"', chart.svg)) >= 12


def test_onset_is_named_in_every_picture(kb):
    for _, chart in drawn(kb):
        assert "Pain began 3 Nov" in chart.svg


def test_names_of_shoes_are_escaped_and_cut(kb):
    chart = training_charts(sample_report(), kb)[4]
    assert "&lt;Racer&gt;" in chart.svg
    assert "size 44" not in chart.svg
    assert chart.table.rows[0][0] == "Altra Escalante <Racer> & friends, size 44"


def test_a_run_far_above_the_rest_is_drawn_at_the_edge_and_told_in_the_table(kb):
    chart = training_charts(ALL["broken"](), kb)[1]
    assert any(row[4] == 9.7 for row in chart.table.rows)
    top = min(float(y) for y in re.findall(r'<svg x="[^"]+" y="([^"]+)" width="1"', chart.svg))
    assert top > 0


def test_sentences_tell_the_last_week_and_the_spike(kb):
    weekly, longest, calf, pace, shoes = training_charts(sample_report(), kb)
    assert "45 km, 14 km of it on hilly runs" in weekly.sentence
    assert longest.sentence.startswith("Your run on 1 Nov was 14.2 km: 43 % longer than your longest run")
    assert "can’t be surer" in calf.sentence
    assert "30 minutes" in pace.sentence
    assert "13 days before the pain" in shoes.sentence


def test_without_data_the_sentence_says_what_cannot_be_told(kb):
    for chart in training_charts(ALL["empty"](), kb):
        assert chart.svg == ""
        assert re.search(r"cannot|do not|no distance|nothing to", chart.sentence), chart.sentence


def test_style_sheet_touches_charts_only_and_knows_the_modes():
    for selector in re.findall(r"(?:^|[}{])\s*([^@{}]+)\{", CHART_STYLE):
        assert all(part.strip().startswith((".chart", ".ch-")) for part in selector.split(",")), selector
    for mode in ("prefers-color-scheme:dark", "forced-colors:active", "print", "max-width"):
        assert mode in CHART_STYLE
    assert "url(" not in CHART_STYLE
    assert "@import" not in CHART_STYLE


def test_a_run_that_looks_long_for_want_of_earlier_files_is_not_called_long(kb):
    """The files begin twelve days before it: neither "longer" nor "no run was longer" would be true."""
    full = sample_report()
    run = max((s for s in full.spikes if s.day < full.onset_on), key=lambda s: s.ratio or 0)
    begins = run.day - timedelta(days=12)
    kept = tuple(s for s in full.spikes if begins <= s.day < full.onset_on)
    short = replace(full, spikes=kept, coverage=replace(full.coverage, first_day=begins))
    chart = next(c for c in training_charts(short, kb) if c.id == "longest_run")
    assert "too little before it to compare" in chart.sentence
    assert "nothing to compare with" in next(
        row for row in chart.table.rows if row[1] == round(run.distance_m / 1000, 1)
    )


def test_a_long_run_after_a_break_is_shown_with_a_doubt(kb):
    full = sample_report()
    unsure = (Change(id="session_spike", state=ChangeState.TOO_LITTLE, reason="gap"),)
    chart = next(c for c in training_charts(replace(full, changes=unsure), kb) if c.id == "longest_run")
    assert chart.sentence.endswith("says little.")


def test_shoes_in_a_short_history_are_not_called_old(kb):
    full = sample_report()
    begins = full.onset_on - timedelta(days=12)
    use = replace(full.shoes[0], first_day=begins, last_day=full.onset_on - timedelta(days=2))
    short = replace(full, shoes=(use,), coverage=replace(full.coverage, first_day=begins))
    chart = next(c for c in training_charts(short, kb) if c.id == "shoes")
    assert "do not reach back far enough" in chart.sentence


def test_a_week_of_hills_only_says_all(kb):
    full = sample_report()
    last = replace(full.weeks[-1], hilly_m=full.weeks[-1].distance_m)
    chart = training_charts(replace(full, weeks=(*full.weeks[:-1], last)), kb)[0]
    assert ", all of it on hilly runs" in chart.sentence
