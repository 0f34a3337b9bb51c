"""What both film reports share: a refusal with its drawing, a chart as data, sources, the footer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from soleus.core.gait import Refusal
from soleus.core.ids import SourceKey
from soleus.exports.charts.chart import Chart
from soleus.exports.film_drawings import refusal_drawing
from soleus.exports.gait_wording import percent, say
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

Document = dict[str, Any]
MEASURED, REFUSED = "measured", "refused"


def refusal_entry(kb: KnowledgeBase, refusal: Refusal) -> Document:
    """What went wrong, what to do, and the drawing of it ("" where there is none)."""
    drawing = refusal_drawing(refusal.code, kb)
    named = refusal.code.replace("_", " ").capitalize()
    return {
        "code": refusal.code,
        "title": text(kb, f"gait.refusal_title.{refusal.code}", named),
        "what_went_wrong": say(kb, refusal.reason),
        "what_to_do": text(kb, f"gait.remedy.{refusal.code}"),
        "share": "" if refusal.share is None else percent(refusal.share),
        "picture": "" if drawing is None else drawing.svg,
        "picture_alt": "" if drawing is None else drawing.alt,
    }


def chart_entry(chart: Chart) -> Document:
    """A chart as plain data."""
    rows = [[("" if cell is None else str(cell)) for cell in row] for row in chart.table.rows]
    return {
        "id": chart.id,
        "title": chart.title,
        "sentence": chart.sentence,
        "svg": chart.svg,
        "note": chart.note if chart.svg else "",
        "table": {"caption": chart.table.caption, "header": list(chart.table.header), "rows": rows},
    }


def citation(kb: KnowledgeBase, key: SourceKey) -> str:
    """A source as it is cited; its key when the knowledge base does not list it."""
    source = kb.sources.get(key)
    return str(key) if source is None else f"{source.citation.rstrip('.')}. {source.locator}".strip()


def sources_of(kb: KnowledgeBase, keys: Iterable[SourceKey]) -> list[str]:
    """Every source once, with how it was read."""
    found = (kb.sources.get(key) for key in sorted(set(keys)))
    return [f"{s.citation.rstrip('.')}. {s.locator} (read: {s.verified})" for s in found if s is not None]


def footer(kb: KnowledgeBase, version: str) -> str:
    return f"Soleus · knowledge {version or kb.version} · for education and research, not clinically reviewed"
