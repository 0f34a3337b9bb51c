"""The training report as one HTML file: no script, no font, no address outside itself; readable without styles.

Each chart stands as its sentence, the picture, and the same numbers as a table. Everything that comes from files (shoe
names, file labels) is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from soleus.clinic.training_evidence import TrainingEffect
from soleus.core.training import TrainingReport
from soleus.exports.charts import CHART_STYLE, Chart, training_charts
from soleus.exports.training_document import EFFECT_HEADER, Imported, training_document
from soleus.knowledge.base import KnowledgeBase

STYLE = """
:root{color-scheme:light dark;--ground:#f6f5f1;--paper:#fff;--ink:#17262b;--soft:#4a5a5f;--rule:#c9cfcc;--brand:#0d4f52;--tint:#e6efec}
@media (prefers-color-scheme:dark){:root{--ground:#10191c;--paper:#18252a;--ink:#e8efed;--soft:#b3c0c0;--rule:#3a4a4f;--brand:#8fd6c8;--tint:#1e3135}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:break-word}
main,footer{max-width:46rem;margin:0 auto;padding:1rem}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.3rem;line-height:1.3;margin:2.2rem 0 .6rem;padding-top:.5rem;border-top:1px solid var(--rule)}
h3{font-size:1.1rem;margin:1.2rem 0 .3rem}
p,ul,ol,table,figure{margin:0 0 1rem}
ul,ol{padding-left:1.35rem}
li{margin:.35rem 0}
.lead{font-size:1.25rem;line-height:1.45;background:var(--tint);border-left:6px solid var(--brand);padding:.9rem 1.1rem;border-radius:.3rem}
.doubt{background:var(--paper);border-left-color:#b35c00}
.changed>li{background:var(--paper);border:1px solid var(--rule);border-radius:.5rem;padding:.7rem 1rem;margin:0 0 .8rem}
.changed h3{margin-top:0}
.changed p{margin:0 0 .4rem}
.soft,footer{color:var(--soft);font-size:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:1rem}
caption{text-align:left;font-weight:650;padding:.3rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--rule)}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
figure{background:var(--paper);border:1px solid var(--rule);border-radius:.5rem;padding:.8rem 1rem}
figure svg{display:block}
summary{cursor:pointer;min-height:2.75rem;padding:.6rem 0}
:focus-visible{outline:3px solid #ffb000;outline-offset:2px}
@media print{body{background:#fff;font-size:10.5pt}main,footer{max-width:none;padding:0}.changed>li,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}details>*{display:block}details::details-content{content-visibility:visible}.lead{border-left-color:#000}}
"""  # noqa: E501 - a style sheet, one rule a line


def training_html(
    report: TrainingReport,
    kb: KnowledgeBase,
    *,
    imported: Imported | None = None,
    effect: TrainingEffect | None = None,
    clinical: bool = False,
) -> str:
    """The whole page."""
    document: dict[str, Any] = training_document(report, kb, imported=imported, effect=effect, clinical=clinical)
    words = document["words"]
    parts = [
        f"<h1>{escape(document['title'])}</h1>",
        f'<p class="lead">{escape(document["headline"])}</p>',
        *(f'<p class="lead doubt">{escape(line)}</p>' for line in document["warnings"]),
        _section(words["effect"], _list(document["effect"]) + _effect_table(document)),
        _section(words["changed"], _changes(document)),
        _section(words["onset_run"], _list(document["onset_run"])),
        _section(words["unclear"], _list(document["unclear"]) + _soft(document["unclear_note"])),
        _section(words["unchanged"], _list(document["unchanged"]) + _soft(document["unchanged_note"])),
        _section(words["too_little"], _list(document["too_little"])),
        _section(words["charts"], "".join(_figure(chart) for chart in training_charts(report, kb))),
        _section(words["shoes"], _list(document["shoes"])),
        _section(words["coverage"], _list(document["coverage"])),
        _section(words["balance"], _balance(document)),
        _section(words["files"], _files(document)),
        _section(words["limits"], _list(document["limits"])),
        _section(words["sources"], _list(document["sources"])),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n"""
        f"<title>{escape(document['title'])} – Soleus</title>\n<style>{STYLE}{CHART_STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(part for part in parts if part)}</main>\n"
        f"<footer>{escape(document['footer'])}</footer>\n</body>\n</html>\n"
    )


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}</section>\n" if body else ""


def _list(items: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(item)}</li>\n" for item in items)
    return f"<ul>\n{lines}</ul>\n" if lines else ""


def _soft(sentence: str) -> str:
    return f'<p class="soft">{escape(sentence)}</p>\n' if sentence else ""


def _effect_table(document: dict[str, Any]) -> str:
    return _table("", EFFECT_HEADER, document["effect_rows"]) if document["effect_rows"] else ""


def _changes(document: dict[str, Any]) -> str:
    items = "".join(
        f"<li><h3>{escape(change['name'])}</h3><p>{escape(change['sentence'])}</p>"
        f'<p class="soft">{escape(" ".join(change["support"]))}</p></li>\n'
        for change in document["changed"]
    )
    return f'<ol class="changed">\n{items}</ol>\n' if items else _soft(document["nothing_found"])


def _figure(chart: Chart) -> str:
    rows = [[("" if cell is None else str(cell)) for cell in row] for row in chart.table.rows]
    table = _table(chart.table.caption, chart.table.header, rows)
    note = _soft(chart.note) if chart.svg else ""
    shut = f"<details><summary>The same as a table</summary>{table}</details>" if rows else ""
    return (
        f'<figure id="{escape(chart.id)}"><figcaption><h3>{escape(chart.title)}</h3>'
        f"<p>{escape(chart.sentence)}</p></figcaption>\n{chart.svg}\n{note}"
        f"{shut}</figure>\n"
    )


def _balance(document: dict[str, Any]) -> str:
    if not document["balance"]:
        return ""
    return _soft(document["balance_note"]) + _table("", ("Number", "Value"), document["balance"])


def _files(document: dict[str, Any]) -> str:
    body = _list(document["files"])
    if document["problems"]:
        body += _table("Files with a problem", ("File", "What was wrong", "Still used"), document["problems"])
    return body


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    table = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{table}</div>\n'
