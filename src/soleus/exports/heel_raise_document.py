"""The result of a heel-raise test as plain data in words: for the terminal, the HTML page and the web."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from soleus.core.gait import Band, HeelRaiseReport, HeelRaiseSet
from soleus.core.ids import SourceKey
from soleus.core.measurement import Measured, Measurement, Side, Unavailable
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
from soleus.exports.gait_wording import amount, bare, figure, grade_word, known, say, side_name
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

NUMBERS = (
    "count",
    "peak_height_cm",
    "peak_height_ratio",
    "total_displacement_cm",
    "total_displacement_ratio",
    "work_index_j",
    "fatigue_index_pct",
    "rate_per_min",
)
"""Fields of a set, in the order they are shown."""
MAIN = ("count", "peak_height_cm", "peak_height_ratio")
"""What a runner reads first; the other numbers stand behind them."""
INSTEAD = {"peak_height_ratio": "peak_height_cm", "total_displacement_ratio": "total_displacement_cm"}
"""Shown only where the other one is not known."""
DECIMALS = {"peak_height_cm": 1, "peak_height_ratio": 2, "total_displacement_ratio": 1}
PLAN_UNITS = {"%": "%", "cm": " cm", "reps": ""}
SECTIONS = (
    "refusals",
    "cautions",
    "sets",
    "symmetry",
    "charts",
    "faults",
    "plan",
    "looked_at",
    "limits",
    "method",
    "sources",
)
LIMITS = ("pain", "other", "flat", "cause")


def heel_raise_document(report: HeelRaiseReport, kb: KnowledgeBase, *, clinical: bool = False) -> Document:
    """Everything the heel-raise report says, in the order it is shown."""
    counted = [one for one in report.sets if isinstance(one.count, Measurement)]
    return {
        "kind": "heel_raise",
        "state": MEASURED if counted else REFUSED,
        "title": text(kb, "heel_raise.report.title"),
        "headline": _headline(kb, report, counted),
        "emergency": text(kb, "gait.report.emergency"),
        "manual": report.manual,
        "manual_note": text(kb, "heel_raise.report.manual") if report.manual else "",
        "refusals": [
            refusal_entry(kb, refusal) | {"side": one.side.value} for one in report.sets for refusal in one.refusals
        ],
        "cautions": [say(kb, message) for message in report.cautions],
        "sets": [_set(kb, one, report, clinical=clinical) for one in report.sets],
        "symmetry": _symmetry(kb, report),
        "gate": _gate(kb, report),
        "charts": [chart_entry(chart) for chart in _charts(report, kb)] if counted else [],
        "limits": [
            text(kb, f"heel_raise.report.limit.{name}") for name in LIMITS if name != "flat" or not report.manual
        ],
        "plan": _plan(kb, report),
        "method": _method(kb, report),
        "sources": sources_of(kb, _source_keys(report)),
        "words": {name: text(kb, f"heel_raise.report.section.{name}") for name in SECTIONS},
        "footer": footer(kb, report.knowledge_version),
    }


def _headline(kb: KnowledgeBase, report: HeelRaiseReport, counted: Sequence[HeelRaiseSet]) -> str:
    start = "heel_raise.report.headline"
    if not counted:
        first = next((refusal for one in report.sets for refusal in one.refusals), None)
        return text(kb, f"{start}.refused", why="" if first is None else say(kb, first.reason))
    counts = {one.side: count_text(one.count) for one in counted}
    if len(counts) == 2:
        first_leg = _raises(kb, counts[Side.LEFT])
        said = text(kb, f"{start}.both", left=first_leg, right=counts[Side.RIGHT])
    else:
        side = counted[0].side
        said = text(kb, f"{start}.one", count=_raises(kb, counts[side]), side=side_name(kb, side))
        if len(report.sets) > 1:
            said = f"{said} {text(kb, f'{start}.mixed')}"
    if report.affected is not None and isinstance(report.gate_pct, Measurement):
        share = f"{report.gate_pct.value:.0f}%"
        word = "pair" if len(report.symmetry_pct) > 1 else "pair_reps"
        pair = text(kb, f"{start}.{word}", affected=side_name(kb, report.affected), percent=share)
        return f"{said} {pair}"
    return said


def _raises(kb: KnowledgeBase, count: str) -> str:
    """18 heel raises; 1 heel raise."""
    return text(kb, f"heel_raise.report.headline.{'raise' if count == '1' else 'raises'}", count=count)


def count_text(count: Measured) -> str:
    return f"{count.value:.0f}" if isinstance(count, Measurement) else "–"


def _set(kb: KnowledgeBase, one: HeelRaiseSet, report: HeelRaiseReport, *, clinical: bool) -> Document:
    """One leg: its numbers, why it stopped, which raises did not count."""
    counted = isinstance(one.count, Measurement)
    valid = sum(rep.valid for rep in one.raises)
    short = "attempted_all" if valid == one.attempted else "attempted"
    started = text(kb, f"heel_raise.report.{short}", attempted=str(one.attempted), valid=count_text(one.count))
    return {
        "side": one.side.value,
        "side_text": text(kb, f"gait.report.side.{one.side.value}_leg", one.side.value),
        "state": MEASURED if counted else REFUSED,
        "table": [
            _number(kb, one, name, clinical=clinical, manual=report.manual) for name in NUMBERS if _shown(one, name)
        ],
        "attempted_text": started if counted and not report.manual else "",
        "stopped_text": text(kb, f"heel_raise.stop.{one.stopped_by}") if counted else "",
        "faults": fault_lines(kb, one),
        "cautions": [say(kb, message) for message in one.cautions],
        "norm_text": _norm(kb, one),
        "band": one.band.value,
        "norm_source_text": "" if one.norm_source is None else citation(kb, one.norm_source),
        "raises": [
            {
                "number": number,
                "start_s": rep.start_s,
                "peak_s": rep.peak_s,
                "height_text": _height(rep.height_cm, rep.height_ratio),
                "valid": rep.valid,
                "faults": [text(kb, f"heel_raise.fault.{fault}", fault) for fault in rep.faults],
            }
            for number, rep in enumerate(one.raises, start=1)
        ],
    }


def _height(height_cm: float | None, ratio: float) -> str:
    """8.4 cm; without a scale, a part of the foot's length."""
    value = known(height_cm)
    return f"{value:.1f} cm" if value is not None else f"{100 * ratio:.0f}% of the foot’s length"


def _shown(one: HeelRaiseSet, name: str) -> bool:
    """A number without a value is left out where another says the same, or where nothing was counted."""
    better = INSTEAD.get(name)
    if better is not None and isinstance(getattr(one, better), Measurement):
        return False
    if isinstance(getattr(one, name), Measurement):
        return True
    twin = next((mine for mine, other in INSTEAD.items() if other == name), None)
    return twin is None or not isinstance(getattr(one, twin), Measurement)


def _number(kb: KnowledgeBase, one: HeelRaiseSet, name: str, *, clinical: bool, manual: bool) -> Document:
    measured: Measured = getattr(one, name)
    start = "heel_raise.report"
    row: Document = {
        "metric": name,
        "name": text(kb, f"{start}.{'clinical' if clinical else 'name'}.{name}", name),
        "main": name in MAIN,
        "what_it_is": text(kb, f"{start}.what.{name}"),
        "value_text": "",
        "range_text": "",
        "grade": "",
        "grade_word": "",
        "why_not": "",
    }
    if isinstance(measured, Unavailable):
        return row | {"why_not": say(kb, measured.reason)}
    decimals = DECIMALS.get(name, 0)
    shown = heel_amount(measured.value, name, decimals)
    low, high = (bare(end, _unit(name), decimals) for end in (measured.low, measured.high))
    trust = text(kb, "heel_raise.report.by_hand") if manual else grade_word(kb, measured.grade)
    row |= {"value_text": shown, "grade": measured.grade.value, "grade_word": trust}
    if low != high:
        ends = {"low": low, "high": heel_amount(measured.high, name, decimals)}
        row["range_text"] = text(kb, "gait.report.value.range", **ends)
    return row | {"value": measured.value, "low": measured.low, "high": measured.high}


def _unit(name: str) -> str:
    return {"peak_height_ratio": "ratio"}.get(name, "")


def heel_amount(value: float, name: str, decimals: int) -> str:
    """18 raises; 9.3 cm; 38% of the foot's length."""
    shown = bare(value, _unit(name), decimals)
    after = {
        "count": " raise" if shown == "1" else " raises",
        "peak_height_cm": " cm",
        "peak_height_ratio": "% of the foot’s length",
        "total_displacement_cm": " cm",
        "total_displacement_ratio": " foot lengths",
        "work_index_j": " joules",
        "fatigue_index_pct": "%",
        "rate_per_min": " a minute",
    }
    return f"{shown}{after[name]}"


def fault_lines(kb: KnowledgeBase, one: HeelRaiseSet) -> list[str]:
    """How many raises have each fault, the most frequent first."""
    counts = Counter(fault for rep in one.raises for fault in rep.faults)
    lines = []
    for fault, count in counts.most_common():
        named = text(kb, f"heel_raise.fault.{fault}", fault.replace("_", " "))
        word = "fault_count_one" if count == 1 else "fault_count"
        lines.append(text(kb, f"heel_raise.report.{word}", count=str(count), fault=named[:1].lower() + named[1:]))
    return lines


def _norm(kb: KnowledgeBase, one: HeelRaiseSet) -> str:
    if not isinstance(one.count, Measurement):
        return ""
    if one.norm_reps is None or one.band is Band.NO_NORM:
        return text(kb, "heel_raise.report.norm.no_norm")
    told = text(kb, f"heel_raise.report.norm.{one.band.value}", reps=f"{one.norm_reps:.0f}")
    if one.norm_reps_any_age is None:
        return told
    return f"{told} {text(kb, 'heel_raise.report.norm.any_age', reps=f'{one.norm_reps_any_age:.0f}')}"


def _symmetry(kb: KnowledgeBase, report: HeelRaiseReport) -> list[Document]:
    """The affected leg as a share of the other one, measure by measure."""
    if report.affected is None:
        return []
    affected, rows = side_name(kb, report.affected), []
    for name, share in report.symmetry_pct.items():
        named = text(kb, f"heel_raise.report.symmetry.{name}", name)
        shown = f"{share.value:.0f}%"
        rows.append(
            {
                "measure": name,
                "name": named,
                "value_text": shown,
                "range_text": text(
                    kb, "gait.report.value.range", low=f"{share.low:.0f}", high=amount(share.high, "pct", 0)
                ),
                "sentence": text(
                    kb, "heel_raise.report.symmetry.sentence", name=named, affected=affected, percent=shown
                ),
                "value": share.value,
            }
        )
    return rows


def _gate(kb: KnowledgeBase, report: HeelRaiseReport) -> str:
    if not isinstance(report.gate_pct, Measurement):
        return ""
    word = "gate" if len(report.symmetry_pct) > 1 else "gate_reps"
    return text(kb, f"heel_raise.report.symmetry.{word}", percent=f"{report.gate_pct.value:.0f}%")


def _plan(kb: KnowledgeBase, report: HeelRaiseReport) -> str:
    """What the plan's criteria read, by name."""
    if not report.measures:
        return ""
    said = []
    for measure in report.measures:
        name = text(kb, f"measure.{measure.measure}.name", measure.measure.replace("_", " "))
        value, known_measure = measure.value, kb.plans.measures.get(measure.measure)
        unit = "" if known_measure is None else known_measure.unit
        shown = ("yes" if value else "no") if isinstance(value, bool) else bare(value, "", int(value % 1 != 0))
        said.append(f"{name}: {shown}{PLAN_UNITS.get(unit, '')}")
    return text(kb, "heel_raise.report.plan_reads", measures="; ".join(said))


def _method(kb: KnowledgeBase, report: HeelRaiseReport) -> Document:
    """Field terms and figures for a professional."""
    rows: list[list[str]] = []
    for one in report.sets:
        for name in NUMBERS:
            measured: Measured = getattr(one, name)
            term = text(kb, f"heel_raise.report.clinical.{name}", name)
            if isinstance(measured, Measurement):
                ends = f"{figure(measured.low, 2)} to {figure(measured.high, 2)}"
                rows.append([term, one.side.value, f"{figure(measured.value, 2)} {measured.unit}", ends])
            else:
                code = measured.reason.text.rsplit(".", 1)[-1].replace("_", " ")
                rows.append([term, one.side.value, f"withheld: {code}", ""])
    facts: list[list[str]] = [
        ["Pose network", report.model or ("counted by hand" if report.manual else "–")],
        ["Stopped by", ", ".join(f"{one.side.value}: {one.stopped_by}" for one in report.sets) or "–"],
        ["Knowledge base", report.knowledge_version or kb.version],
    ]
    return {
        "facts": facts,
        "header": ["Measure", "Side", "Value", "95 % interval"],
        "figures": rows,
        "note": text(kb, "heel_raise.report.what.work_index_j"),
    }


def _source_keys(report: HeelRaiseReport) -> list[SourceKey]:
    return [one.norm_source for one in report.sets if one.norm_source is not None]


def _charts(report: HeelRaiseReport, kb: KnowledgeBase) -> Sequence[Chart]:
    from soleus.exports.charts.heel_raise import heel_raise_charts

    return heel_raise_charts(report, kb)
