"""The film report as one HTML file: no script, no font, no address outside itself; readable without styles.

Words first, then the table, then each picture with its sentence and the same as a table. The same page is made of a
run and of a heel-raise test.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from soleus.core.gait import GaitReport, HeelRaiseReport
from soleus.core.recording import Recording
from soleus.exports.charts import CHART_STYLE
from soleus.exports.figures import FIGURE_STYLE
from soleus.exports.gait_document import gait_document, heel_raise_document
from soleus.exports.training_html import STYLE
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

MORE_STYLE = """
.values{list-style:none;padding:0}
.values>li{background:var(--paper);border:1px solid var(--rule);border-radius:.5rem;padding:.7rem 1rem;margin:0 0 .8rem}
.values h3{margin:0 0 .1rem;font-weight:600}
.values .value{font-size:1.45rem;line-height:1.25;font-weight:650;margin:.1rem 0}
.values p{margin:0 0 .35rem}
.refusal{background:var(--paper);border:1px solid var(--rule);border-left:6px solid #b35c00;border-radius:.5rem;padding:.8rem 1rem;margin:0 0 1.2rem}
.refusal h3{margin-top:0}.refusal svg{margin:.6rem 0}
.refusal p:last-child{margin-bottom:0}
.tag{display:inline-block;border:1px solid var(--rule);border-radius:1rem;padding:.05rem .7rem;font-size:.95rem;background:var(--tint)}
.call{border:2px solid currentColor;border-radius:.4rem;padding:.5rem .9rem;font-size:1rem}
@media print{.values>li,.refusal{break-inside:avoid}}
"""  # noqa: E501 - a style sheet, one rule a line
Document = dict[str, Any]


def gait_html(
    report: GaitReport, kb: KnowledgeBase, *, recording: Recording | None = None, clinical: bool = False
) -> str:
    """The whole page of a film of a run."""
    document = gait_document(report, kb, recording=recording, clinical=clinical)
    words = document["words"]
    parts = [
        _section(words["refusals"], _refusals(document["refusals"], kb)),
        _section(words["cautions"], _list(document["cautions"])),
        _section(words["observations"], _observations(document)) if document["state"] == "measured" else "",
        _section(words["table"], _values(document["table"]) + _more(document["table"], kb)),
        _section(words["changes"], _changes(document)),
        _section(words["charts"], _figures(document["charts"])),
        _section(words["missing"], _missing(document["missing"])),
        _section(words["film_again"], _list(document["film_again"])),
        _section(words["looked_at"], _list(document["looked_at"])),
        _section(words["limits"], _list(document["limits"])),
        _section(words["method"], _method(document["method"])),
        _section(words["sources"], _list(document["sources"])),
    ]  # fmt: skip
    return _page(document, parts)


def heel_raise_html(report: HeelRaiseReport, kb: KnowledgeBase, *, clinical: bool = False) -> str:
    """The whole page of a heel-raise test."""
    document = heel_raise_document(report, kb, clinical=clinical)
    words = document["words"]
    sets = "".join(_set(one, kb) for one in document["sets"] if one["state"] == "measured")
    share = _list(row["sentence"] for row in document["symmetry"]) + _soft(document["gate"])
    parts = [
        _section(words["refusals"], _refusals(document["refusals"], kb)),
        _section(words["cautions"], _list(document["cautions"])),
        _section(words["sets"], sets + _soft(document["manual_note"]) if sets else ""),
        _section(words["symmetry"], share),
        _section(words["plan"], _soft(document["plan"])),
        _section(words["charts"], _figures(document["charts"])),
        _section(words["limits"], _list(document["limits"])),
        _section(words["method"], _method(document["method"])),
        _section(words["sources"], _list(document["sources"])),
    ]
    return _page(document, parts)


def _page(document: Document, parts: Iterable[str]) -> str:
    title, headline = escape(document["title"]), escape(document["headline"])
    doubt = " doubt" if document["state"] == "refused" else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n"""
        f"<title>{title} – Soleus</title>\n<style>{STYLE}{CHART_STYLE}{FIGURE_STYLE}{MORE_STYLE}</style>\n</head>\n"
        f'<body>\n<main>\n<h1>{title}</h1>\n<p class="lead{doubt}">{headline}</p>\n'
        f'<p class="call">{escape(document["emergency"])}</p>\n'
        f"{''.join(part for part in parts if part)}"
        f"</main>\n<footer>{escape(document['footer'])}</footer>\n</body>\n</html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}</section>\n" if body else ""


def _list(items: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(item)}</li>\n" for item in items if item)
    return f"<ul>\n{lines}</ul>\n" if lines else ""


def _soft(sentence: str) -> str:
    return f'<p class="soft">{escape(sentence)}</p>\n' if sentence else ""


def _refusals(refusals: Sequence[Document], kb: KnowledgeBase) -> str:
    """What went wrong, what to do, and the drawing of it."""
    todo = escape(text(kb, "gait.report.what_to_do", "What to do:"))
    return "".join(
        f'<div class="refusal"><h3>{escape(one["title"])}</h3><p>{escape(one["what_went_wrong"])}</p>\n'
        f"{one['picture']}\n<p><strong>{todo}</strong> {escape(one['what_to_do'])}</p></div>\n"
        for one in refusals
    )


def _observations(document: Document) -> str:
    items = "".join(
        f'<li><p>{escape(one["text"])}</p><p class="soft">{escape(one["strength_word"])}</p></li>\n'
        for one in document["observations"]
    )
    told = f'<ol class="changed">\n{items}</ol>\n' if items else f"<p>{escape(document['observations_none'])}</p>\n"
    return told + _soft(document["observations_note"])


def _values(rows: Sequence[Document]) -> str:
    """One card for each number: the number large, then its range, what it is, and where others lie."""
    items = "".join(_value(row) for row in rows if row["value_text"] and row.get("main", True))
    return f'<ul class="values">\n{items}</ul>\n' if items else ""


def _value(row: Document) -> str:
    ranged = f" {escape(row['range_text'])}" if row["range_text"] else ""
    side = f'<p class="soft">{escape(row["side_text"])}</p>' if row.get("side") else ""
    beside = ""
    if row.get("band") and row["band"] != "no_norm":
        beside = f'<p><span class="tag">{escape(row["band_word"])}</span> {escape(row["band_text"])}</p>'
    trust = "".join(f" {escape(row[part])}" for part in ("count_text", "spread_text") if row.get(part))
    return (
        f'<li><h3>{escape(row["name"])}</h3>{side}<p class="value">{escape(row["value_text"])}</p>'
        + (f'<p class="soft">We are fairly sure that it lies{ranged}.</p>' if ranged else "")
        + (f"<p>{escape(row['what_it_is'])}</p>" if row["what_it_is"] else "")
        + beside
        + f'<p class="soft">How far to trust it: {escape(row["grade_word"].rstrip("."))}.{trust}</p></li>\n'
    )


def _more(rows: Sequence[Document], kb: KnowledgeBase) -> str:
    """The other numbers, folded away on the screen."""
    cells = []
    for row in rows:
        if row["value_text"] and not row["main"]:
            side = f" ({row['side']})" if row.get("side") else ""
            trust = row["grade_word"].split(".")[0].split(",")[0]
            cells.append(
                [f"{row['name']}{side}", row["value_text"], row["range_text"], row.get("band_word", ""), trust]
            )
    if not cells:
        return ""
    header = [text(kb, f"gait.report.header.{name}") for name in ("name", "value", "range", "band", "grade")]
    title = escape(text(kb, "gait.report.more_numbers", "More numbers"))
    return f"<details><summary>{title}</summary>{_table('', header, cells)}</details>\n"


def _changes(document: Document) -> str:
    """Changes beyond chance; the others are counted."""
    told = _list(change["sentence"] for change in document["changes"] if change["real"])
    summary = f"<p>{escape(document['changes_summary'])}</p>\n" if document["changes_summary"] else ""
    return told + summary + _soft(document["changes_note"])


def _missing(groups: Sequence[Document]) -> str:
    """What there is no number for, why, and what to do."""
    return _list(f"{one['what']}. {one['why_not']} {one['what_to_do']}".rstrip() for one in groups)


def _set(one: Document, kb: KnowledgeBase) -> str:
    """One leg of a heel-raise test."""
    lines = [one["attempted_text"], one["stopped_text"], one["norm_text"], *one["cautions"]]
    faults = f"<p>Raises that do not count:</p>{_list(one['faults'])}" if one["faults"] else ""
    told = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return f"<h3>{escape(one['side_text'])}</h3>\n{told}\n{_values(one['table'])}{faults}{_more(one['table'], kb)}"


def _figures(charts: Sequence[Document]) -> str:
    return "".join(_figure(chart) for chart in charts)


def _figure(chart: Document) -> str:
    table = chart["table"]
    shut = ""
    if table["rows"]:
        shut = (
            "<details><summary>The same as a table</summary>"
            f"{_table(table['caption'], table['header'], table['rows'])}</details>"
        )
    return (
        f'<figure id="{escape(chart["id"])}"><figcaption><h3>{escape(chart["title"])}</h3>'
        f"<p>{escape(chart['sentence'])}</p></figcaption>\n{chart['svg']}\n{_soft(chart['note'])}{shut}</figure>\n"
    )


def _method(method: Document) -> str:
    """For a professional: folded away on the screen, open in print."""
    facts = _table("", ("", ""), method["facts"], headed=False)
    figures = _table("", method["header"], method["figures"]) if method["figures"] else ""
    return f"<details><summary>Field terms and figures</summary>{facts}{figures}{_soft(method['note'])}</details>\n"


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, headed: bool = True) -> str:
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    head = f"<thead><tr>{cells}</tr></thead>" if headed else ""
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>\n"
        for row in rows
    )
    return f'<div class="scroll" tabindex="0"><table>{title}{head}<tbody>\n{body}</tbody></table></div>\n'
