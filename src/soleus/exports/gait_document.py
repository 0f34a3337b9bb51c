"""The result of a film as plain data in words: one source for the terminal, the HTML page and the web.

Everything in it is JSON: strings, numbers, lists, dicts. `charts` and `refusals[].picture` hold SVG that needs
`CHART_STYLE` and `FIGURE_STYLE` for dark mode.
"""

from __future__ import annotations

from collections.abc import Sequence

from soleus.core.gait import GaitReport, MetricChange, MetricResult, Observation
from soleus.core.ids import SourceKey
from soleus.core.measurement import Measurement, Side, Unavailable
from soleus.core.recording import Recording
from soleus.core.view import View
from soleus.exports.charts.chart import Chart
from soleus.exports.film_parts import (
    MEASURED,
    REFUSED,
    Document,
    chart_entry,
    citation,
    footer,
    refusal_entry,
    sources_of,
)
from soleus.exports.gait_method import method_of
from soleus.exports.gait_wording import (
    amount,
    band_text,
    band_word,
    bare,
    decimals_of,
    definition_of,
    grade_word,
    known,
    leg_text,
    metric_name,
    ordered,
    percent,
    range_text,
    say,
    side_name,
    strike_text,
    value_text,
)
from soleus.exports.heel_raise_document import heel_raise_document
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

__all__ = ["gait_document", "heel_raise_document"]

SECTIONS = (
    "refusals",
    "cautions",
    "observations",
    "table",
    "missing",
    "charts",
    "changes",
    "looked_at",
    "film_again",
    "limits",
    "method",
    "sources",
)
NAMED = 3
LIMITS = {
    View.SIDE: ("safe", "cause", "camera", "far", "sides", "rolling"),
    View.BACK: ("safe", "cause", "camera", "rough", "rolling_back"),
}
MAIN = ("cadence", "contact_time", "foot_strike", "overstride", "ankle_dorsiflexion_peak", "pelvic_drop", "step_width")
"""What a runner reads first; the other numbers stand behind them."""
HEADER = ("name", "value", "range", "band", "grade")


def gait_document(
    report: GaitReport, kb: KnowledgeBase, *, recording: Recording | None = None, clinical: bool = False
) -> Document:
    """Everything the film report says, in the order it is shown.

    With `recording` the pictures drawn from the body points come along; without it they are left out.
    """
    state = REFUSED if report.refusals else MEASURED
    rows = (
        [] if state == REFUSED else [_row(kb, result, report.view, clinical=clinical) for result in ordered(kb, report)]
    )
    observations = [_observation(kb, item, clinical=clinical) for item in report.observations]
    return {
        "kind": "gait",
        "state": state,
        "title": _title(kb, report, clinical=clinical),
        "headline": headline(kb, report),
        "emergency": text(kb, "gait.report.emergency"),
        "refusals": [refusal_entry(kb, refusal) for refusal in report.refusals],
        "cautions": [say(kb, message) for message in report.cautions],
        "observations": observations,
        "observations_none": _nothing_seen(kb, report),
        "observations_note": "" if state == REFUSED else text(kb, "gait.report.observations_note"),
        "table": rows,
        "missing": missing(kb, rows),
        "table_header": [text(kb, f"gait.report.header.{name}") for name in HEADER],
        "charts": [] if state == REFUSED else [chart_entry(chart) for chart in _charts(report, kb, recording)],
        "changes": [_change(kb, change) for change in sorted(report.changes, key=lambda change: not change.real)],
        "changes_summary": _change_summary(kb, report.changes),
        "changes_note": text(kb, "gait.report.change.note") if report.changes else "",
        "looked_at": looked_at(kb, report),
        "film_again": film_again(kb, report),
        "limits": [
            text(kb, f"gait.report.limit.{name}") for name in LIMITS[report.view][: 1 if report.refusals else None]
        ],
        "method": method_of(kb, report),
        "sources": sources_of(kb, _source_keys(report)),
        "words": {name: text(kb, f"gait.report.section.{name}") for name in SECTIONS},
        "footer": footer(kb, report.knowledge_version),
    }


def _nothing_seen(kb: KnowledgeBase, report: GaitReport) -> str:
    """What it means that there is no observation: never an all-clear."""
    if report.observations or report.refusals:
        return ""
    return text(kb, f"gait.report.observations_none{'_back' if report.view is View.BACK else ''}")


def _title(kb: KnowledgeBase, report: GaitReport, *, clinical: bool) -> str:
    if report.view is View.BACK:
        return text(kb, "gait.report.title_back")
    return text(kb, f"gait.report.title{'_clinical' if clinical else ''}")


def headline(kb: KnowledgeBase, report: GaitReport) -> str:
    """What a runner wants to know first, in two or three sentences."""
    start = "gait.report.headline"
    if report.refusals:
        return text(kb, f"{start}.refused", why=say(kb, report.refusals[0].reason))
    if report.view is View.BACK and not report.observations:
        seen = any(isinstance(result.measured, Measurement) for result in report.metrics)
        return text(kb, f"{start}.{'back' if seen else 'nothing'}")
    parts = []
    cadence = report.metric("cadence")
    if cadence is not None and isinstance(cadence.measured, Measurement):
        shown = value_text(kb, cadence.measured, decimals_of(kb, "cadence"))
        parts.append(text(kb, f"{start}.cadence", cadence=shown))
    parts += _landing(kb, report)
    if not parts:
        count = sum(isinstance(result.measured, Measurement) for result in report.metrics)
        if not count:
            return text(kb, f"{start}.nothing")
        parts.append(text(kb, f"{start}.measured{'_one' if count == 1 else ''}", count=str(count)))
    adding = sum(item.strength != "none" for item in report.observations)
    if adding:
        parts.append(text(kb, f"{start}.{'one' if adding == 1 else 'some'}", count=str(adding)))
    elif report.observations:
        parts.append(text(kb, f"{start}.noted"))
    else:
        parts.append(text(kb, f"{start}.none"))
    return " ".join(parts)


def _landing(kb: KnowledgeBase, report: GaitReport) -> list[str]:
    for result in report.metrics:
        if result.verdict and result.side is not None and isinstance(result.measured, Measurement):
            word = "strike_unsure" if "_or_" in result.verdict else "strike"
            strike, side = strike_text(kb, result.verdict), side_name(kb, result.side)
            return [text(kb, f"gait.report.headline.{word}", side=side, strike=strike)]
    return []


def _row(kb: KnowledgeBase, result: MetricResult, view: View, *, clinical: bool) -> Document:
    """One line of the table; without a value `why_not` says why."""
    measured, decimals = result.measured, decimals_of(kb, result.metric)
    row: Document = {
        "metric": result.metric,
        "name": metric_name(kb, result.metric, clinical=clinical),
        "what_it_is": text(kb, f"gait.metric_what.{result.metric}"),
        "side": "" if result.side is None else result.side.value,
        "side_text": leg_text(kb, result.side, result.near if view is View.SIDE else None),
        "near": result.near,
        "main": result.metric in MAIN and not isinstance(measured, Unavailable),
        "value_text": "",
        "range_text": "",
        "unit_text": "",
        "count_text": "",
        "spread_text": "",
        "band": result.band.value,
        "band_word": "",
        "band_text": "",
        "norm_source": "" if result.norm_source is None else str(result.norm_source),
        "norm_source_text": "" if result.norm_source is None else citation(kb, result.norm_source),
        "grade": "",
        "grade_word": "",
        "verdict_text": strike_text(kb, result.verdict),
        "why_not": "",
        "what_to_do": "",
    }
    if isinstance(measured, Unavailable):
        why, code = say(kb, measured.reason), measured.reason.text.rsplit(".", 1)[-1]
        remedy = text(kb, f"gait.remedy.{code}")
        return row | {"band": "", "why_not": why or text(kb, "gait.report.no_metric"), "what_to_do": remedy}
    told = row["verdict_text"][:1].upper() + row["verdict_text"][1:]
    return row | {
        "value_text": told or value_text(kb, measured, decimals),
        "range_text": "" if told else range_text(kb, measured, decimals),
        "unit_text": text(kb, f"gait.report.unit.{measured.unit}"),
        "count_text": text(kb, "gait.report.value.resting", count=str(measured.count)) if measured.count else "",
        "spread_text": "" if told else _spread(kb, measured, decimals),
        "band_word": band_word(kb, result.band),
        "band_text": band_text(kb, result, measured, decimals),
        "grade": measured.grade.value,
        "grade_word": grade_word(kb, measured.grade),
        "value": measured.value,
        "low": measured.low,
        "high": measured.high,
    }


def _spread(kb: KnowledgeBase, measured: Measurement, decimals: int) -> str:
    """How much the steps differed; "" for a single one, or where it reads as nothing."""
    spread = known(measured.spread)
    if spread is None or float(bare(spread, measured.unit, decimals)) == 0:
        return ""
    return text(kb, "gait.report.value.scatter", spread=amount(spread, measured.unit, decimals))


def _observation(kb: KnowledgeBase, item: Observation, *, clinical: bool) -> Document:
    said = say(kb, item.says)
    definition = kb.gait.observations.get(item.id)
    return {
        "id": item.id,
        "text": text(kb, f"gait.observation.{item.id}.clinical", said) if clinical else said,
        "clinical": text(kb, f"gait.observation.{item.id}.clinical", said),
        "strength": item.strength,
        "strength_word": text(kb, f"gait.report.strength.{item.strength}", item.strength),
        "source": "; ".join(citation(kb, key) for key in item.sources),
        "sources": [str(key) for key in item.sources],
        "status": "" if definition is None else definition.status,
    }


def _change(kb: KnowledgeBase, change: MetricChange) -> Document:
    definition = definition_of(kb, change.metric)
    unit, decimals = ("", 1) if definition is None else (definition.unit, definition.decimals)
    name = metric_name(kb, change.metric)
    if change.side is not None:
        name = f"{name} ({side_name(kb, change.side)})"
    before, after = bare(change.before, unit, decimals), amount(change.after, unit, decimals)
    kind = "real" if change.real else "small"
    return {
        "metric": change.metric,
        "name": name,
        "side": "" if change.side is None else change.side.value,
        "sentence": text(kb, f"gait.report.change.{kind}", name=name, before=before, after=after),
        "real": change.real,
        "before_text": before,
        "after_text": after,
    }


def _change_summary(kb: KnowledgeBase, changes: Sequence[MetricChange]) -> str:
    """How many numbers moved by no more than chance."""
    if not changes:
        return ""
    small = sum(not change.real for change in changes)
    word = "none" if small == len(changes) else "all" if not small else "rest" if small > 1 else "rest_one"
    return text(kb, f"gait.report.change.{word}", count=str(small))


def missing(kb: KnowledgeBase, rows: Sequence[Document]) -> list[Document]:
    """What there is no number for, by reason and leg; a long list of names is counted instead."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if row["why_not"]:
            groups.setdefault((row["why_not"], row["what_to_do"], row["side"]), []).append(row["name"])
    found = []
    for (why, todo, side), names in groups.items():
        leg = text(kb, f"gait.report.side.{side}_leg", side) if side else ""
        named = "; ".join(names)
        if len(names) > NAMED:
            named = text(kb, "gait.report.missing_count", count=str(len(names)))
        found.append({"what": f"{leg}: {named}" if leg else named, "names": names, "why_not": why, "what_to_do": todo})
    return found


def looked_at(kb: KnowledgeBase, report: GaitReport) -> list[str]:
    """What the numbers rest on, in sentences."""
    start, lines = "gait.report.looked_at", []
    if report.view is View.BACK:
        lines.append(text(kb, f"{start}.view_back"))
    elif report.facing is None:
        lines.append(text(kb, f"{start}.view_side_open"))
    else:
        lines.append(text(kb, f"{start}.view_side", side=side_name(kb, report.facing.near)))
    if (seconds := known(report.duration_s)) is not None and (fps := known(report.fps)) is not None:
        lines.append(text(kb, f"{start}.length", seconds=_seconds(seconds), fps=f"{fps:.0f}"))
    if report.slow_motion_from in ("stated", "metadata") and report.slow_motion != 1:
        said = f"{start}.slow_motion_{report.slow_motion_from}"
        lines.append(text(kb, said, factor=bare(report.slow_motion, "", int(report.slow_motion % 1 != 0))))
    quality = report.quality
    if quality is not None:
        lines.append(text(kb, f"{start}.seen", percent=percent(quality.seen_share)))
    if report.refusals:
        return [line for line in lines if line]
    if quality is not None:
        left, right = (quality.steps_used.get(side, 0) for side in (Side.LEFT, Side.RIGHT))
        word = "steps" if left + right else "no_steps"
        lines.append(text(kb, f"{start}.{word}", left=str(left), right=str(right)))
    if report.view is View.BACK:
        return [line for line in lines if line]
    if report.speed_mps is not None:
        lines.append(text(kb, f"{start}.speed", speed=f"{report.speed_mps:.1f} metres a second"))
    else:
        lines.append(text(kb, f"{start}.no_speed"))
    return [line for line in lines if line]


def _seconds(seconds: float) -> str:
    shown = f"{seconds:.0f}" if seconds >= 10 else f"{seconds:.1f}"
    return f"{shown} seconds"


def film_again(kb: KnowledgeBase, report: GaitReport) -> list[str]:
    """What would make the next film tell more; a refused film has its remedies instead."""
    tips: list[str] = []
    start = "gait.report.film_again"
    if report.refusals:
        return tips
    limits = {
        name: kb.gait.parameters[key].value
        for name in ("fps", "leg_px", "steps")
        if (key := f"film_again.{name}") in kb.gait.parameters
    }
    if report.fps < limits.get("fps", 0):
        tips.append(text(kb, f"{start}.fps"))
    quality = report.quality
    if quality is not None:
        if quality.leg_length_px < limits.get("leg_px", 0):
            tips.append(text(kb, f"{start}.closer"))
        near = report.facing.near if report.facing is not None else None
        steps = sum(quality.steps_used.values()) if near is None else quality.steps_used.get(near, 0)
        if steps < limits.get("steps", 0):
            tips.append(text(kb, f"{start}.longer", steps=str(steps), wanted=f"{limits['steps']:.0f}"))
    if report.view is View.SIDE:
        tips.append(text(kb, f"{start}.other_side"))
        tips += [text(kb, f"{start}.speed")] if report.speed_mps is None else []
    return [*tips, text(kb, f"{start}.same_way")]


def _charts(report: GaitReport, kb: KnowledgeBase, recording: Recording | None) -> Sequence[Chart]:
    from soleus.exports.charts.film import film_charts

    return film_charts(report, kb, recording)


def _source_keys(report: GaitReport) -> list[SourceKey]:
    norms = [result.norm_source for result in report.metrics if result.norm_source is not None]
    return [*norms, *(key for item in report.observations for key in item.sources)]
