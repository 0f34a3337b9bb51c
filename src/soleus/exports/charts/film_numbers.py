"""A runner's numbers against reference bands: a dot with its range over the band, one row for each number."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from soleus.core.gait import Band, GaitReport, MetricResult
from soleus.core.measurement import Measurement
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.svg import BAND, FILL, SMALL_PX, el, line, mark, pct, picture, words
from soleus.exports.gait_wording import (
    amount,
    band_word,
    bare,
    decimals_of,
    leg_text,
    metric_name,
    ordered,
    range_text,
    value_text,
)
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

ID = "film-numbers"
ROW_PX, LINE_PX = 86.0, 18.0
NAME_CHARS = 32
"""A name longer than this takes two lines: more does not fit a phone."""
LEFT, RIGHT = 1.0, 99.0
TRACK_PX = 18.0
TEXT = "gait.report.chart.numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number with a band to set it beside."""

    result: MetricResult
    measured: Measurement
    low: float
    high: float
    decimals: int

    def x(self, value: float) -> float:
        """Percent of the width: the band takes the middle half unless the number lies far outside."""
        wide = self.high - self.low or 1.0
        least = min(self.measured.low, self.low - wide / 2)
        most = max(self.measured.high, self.high + wide / 2)
        return LEFT + (RIGHT - LEFT) * (value - least) / (most - least)


def numbers_chart(report: GaitReport, kb: KnowledgeBase) -> Chart:
    """Every number that has a band; "" where none has."""
    rows = [row for result in ordered(kb, report) if (row := _row(result, kb)) is not None]
    title = text(kb, f"{TEXT}.title", "Your numbers next to other runners")
    table = Table(
        caption=title,
        header=("What", "Leg", "You", "It lies", "Most runners", "Next to them"),
        rows=tuple(_cells(row, kb) for row in rows),
    )
    sentence = _sentence(rows, kb)
    svg = _draw(rows, kb, title, sentence) if rows else ""
    return Chart(
        id="film_numbers", title=title, sentence=sentence, svg=svg, table=table,
        note=text(kb, f"{TEXT}.note"),
    )  # fmt: skip


def _sentence(rows: list[Row], kb: KnowledgeBase) -> str:
    """How many lie within their band, which lie outside, and how many are too near an edge to say."""
    if not rows:
        return ""
    inside = sum(row.result.band is Band.WITHIN for row in rows)
    unsure = sum(row.result.band is Band.UNSURE for row in rows)
    outside = [metric_name(kb, row.result.metric) for row in rows if row.result.band in (Band.BELOW, Band.ABOVE)]
    parts = [text(kb, f"{TEXT}.sentence", inside=str(inside), count=str(len(rows)))]
    if len(rows) == 1:
        parts = [text(kb, f"{TEXT}.sentence_one")]
    if outside:
        parts.append(text(kb, f"{TEXT}.outside", names=", ".join(dict.fromkeys(outside))))
    if unsure:
        parts.append(text(kb, f"{TEXT}.{'unsure' if unsure > 1 else 'unsure_one'}", count=str(unsure)))
    return " ".join(parts)


def _row(result: MetricResult, kb: KnowledgeBase) -> Row | None:
    if not isinstance(result.measured, Measurement) or result.norm_low is None or result.norm_high is None:
        return None
    return Row(
        result=result,
        measured=result.measured,
        low=result.norm_low,
        high=result.norm_high,
        decimals=decimals_of(kb, result.metric),
    )


def _cells(row: Row, kb: KnowledgeBase) -> tuple[str, ...]:
    unit = row.measured.unit
    return (
        metric_name(kb, row.result.metric),
        leg_text(kb, row.result.side, row.result.near),
        value_text(kb, row.measured, row.decimals),
        range_text(kb, row.measured, row.decimals),
        f"{bare(row.low, unit, row.decimals)} to {amount(row.high, unit, row.decimals)}",
        band_word(kb, row.result.band),
    )


def _draw(rows: list[Row], kb: KnowledgeBase, title: str, sentence: str) -> str:
    parts: list[str] = []
    top = 8.0
    for number, row in enumerate(rows):
        name = wrap(metric_name(kb, row.result.metric), NAME_CHARS)
        parts += _one(row, name, top, kb, first=number == 0)
        top += ROW_PX + LINE_PX * len(name)
    described = f"One row for each number. {sentence} The numbers are in the table below the picture."
    return picture(ID, title, described, parts, height=top)


def _one(row: Row, name: list[str], top: float, kb: KnowledgeBase, *, first: bool) -> list[str]:
    """Name, value, the band as a tinted stretch, the dot with its range."""
    unit, y = row.measured.unit, top + 40 + LINE_PX * len(name)
    side = "" if row.result.side is None else f", {row.result.side.value}"
    shown = value_text(kb, row.measured, row.decimals)
    parts = [
        *(words(part, pct(LEFT), top + 14 + LINE_PX * place) for place, part in enumerate(name)),
        words(f"{shown}{side}", pct(LEFT), top + 17 + LINE_PX * len(name), bold=True),
        line(pct(LEFT), y, pct(RIGHT), y, kind="grid"),
        el("rect", class_="ch-band ch-l-grid", x=pct(row.x(row.low)), y=y - TRACK_PX / 2,
           width=pct(row.x(row.high) - row.x(row.low)), height=TRACK_PX, fill=BAND, stroke="#c9cfcc"),
        line(pct(row.x(row.measured.low)), y, pct(row.x(row.measured.high)), y, kind="ink", width=3),
    ]  # fmt: skip
    for end in (row.measured.low, row.measured.high):
        parts.append(line(pct(row.x(end)), y - 5, pct(row.x(end)), y + 5, kind="ink", width=3))
    dot = mark(row.measured.value, f"{row.result.metric} {row.result.side.value if row.result.side else 'both'}")
    parts.append(el("circle", class_="ch-hi", cx=pct(row.x(row.measured.value)), cy=y, r=6.5, fill=FILL["hi"], **dot))
    low, high = bare(row.low, unit, row.decimals), bare(row.high, unit, row.decimals)
    for value, shown, anchor in ((row.low, low, "middle"), (row.high, high, "middle")):
        parts.append(words(shown, pct(row.x(value)), y + 26, anchor=anchor, colour="soft", size=SMALL_PX))
    if first:
        middle = (row.x(row.low) + row.x(row.high)) / 2
        parts.append(
            words(text(kb, f"{TEXT}.most"), pct(middle), y + 26, anchor="middle", colour="soft", size=SMALL_PX)
        )
    return parts
