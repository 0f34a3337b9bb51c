"""The charts of a heel-raise test: the height over time for each leg, and the height of each raise."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.core.gait import HeelRaise, HeelRaiseReport, HeelRaiseSet
from soleus.core.measurement import Measurement, Side
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Cell, Chart, Table
from soleus.exports.charts.curve import curve
from soleus.exports.charts.svg import FILL, SMALL_PX, el, line, mark, pct, picture, words
from soleus.exports.gait_wording import known, side_name
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

TEXT = "gait.report.chart"
LEFT, RIGHT = 11.0, 98.0
TRACE_PX, HEIGHTS_PX = 104.0, 180.0
TRACE_ROW_PX = TRACE_PX + 58.0
COLOUR = {Side.LEFT: "a", Side.RIGHT: "b"}


def heel_raise_charts(report: HeelRaiseReport, kb: KnowledgeBase) -> tuple[Chart, ...]:
    """What can be drawn of this report: nothing of a test counted by hand."""
    counted = [one for one in report.sets if isinstance(one.count, Measurement) and one.raises]
    if not counted:
        return ()
    return tuple(chart for chart in (_traces(counted, kb), _heights(counted, kb)) if chart.svg)


def _leg(kb: KnowledgeBase, side: Side) -> str:
    return text(kb, f"gait.report.side.{side.value}_leg", side.value)


def _traces(sets: Sequence[HeelRaiseSet], kb: KnowledgeBase) -> Chart:
    """One strip for each leg, on the same scales."""
    title = text(kb, f"{TEXT}.heel_trace.title")
    traced = [one for one in sets if len(one.trace_s) > 1]
    table = _table(sets, title, kb)
    if not traced:
        return Chart(id="heel_trace", title=title, sentence="", svg="", table=table)
    counted = " ".join(_counted(one, kb) for one in traced)
    sentence = text(kb, f"{TEXT}.heel_trace.sentence", counted=counted)
    highest = max(max(filter(lambda v: v == v, one.trace_ratio), default=0.0) for one in traced)
    ticks = numbers.nice_steps(100 * max(highest, 0.05), 3)
    longest = max(one.trace_s[-1] - one.trace_s[0] for one in traced)
    parts = [words(text(kb, f"{TEXT}.heel_trace.axis"), "0%", 14, colour="soft", size=SMALL_PX)]
    for place, one in enumerate(traced):
        parts += _strip(one, 24 + place * TRACE_ROW_PX, ticks, longest, kb, last=place == len(traced) - 1)
    described = f"One strip for each leg, a hump for each raise. {sentence} The raises are in the table below."
    height = 24 + len(traced) * TRACE_ROW_PX + 14
    svg = picture("heel-trace", title, described, parts, height=height)
    return Chart(
        id="heel_trace", title=title, sentence=sentence, svg=svg, table=table,
        note=text(kb, f"{TEXT}.heel_trace.note"),
    )  # fmt: skip


def _strip(
    one: HeelRaiseSet, top: float, ticks: Sequence[float], longest: float, kb: KnowledgeBase, *, last: bool
) -> list[str]:
    plot, start = top + 26, one.trace_s[0]

    def x(at_s: float) -> float:
        return LEFT + (RIGHT - LEFT) * (at_s - start) / longest

    def y(value: float) -> float:
        return plot + TRACE_PX * (1 - value / ticks[-1])

    parts = [words(f"{_leg(kb, one.side)}: {_counts(one)}", "0%", top + 14, bold=True)]
    for tick in ticks:
        parts.append(line(pct(LEFT), y(tick), pct(RIGHT), y(tick), kind="axis" if tick == 0 else "grid"))
        parts.append(
            words(numbers.plain(tick), pct(LEFT - 1.5), y(tick) + 5, anchor="end", colour="soft", size=SMALL_PX)
        )
    parts.append(
        curve([(at - start) / longest for at in one.trace_s], [100 * v for v in one.trace_ratio], left=LEFT,
              right=RIGHT, top=plot, height=TRACE_PX, top_value=ticks[-1], colour=COLOUR[one.side], width=2)
    )  # fmt: skip
    for number, rep in enumerate(one.raises, start=1):
        valid = rep.valid
        parts.append(
            el("circle", class_="ch-hi" if valid else "ch-open", cx=pct(x(rep.peak_s)), cy=y(100 * _at(one, rep)) - 7,
               r=3.4, fill=FILL["hi" if valid else "paper"], stroke=None if valid else FILL["a"],
               stroke_width=None if valid else 1.8, **mark(100 * rep.height_ratio, f"{one.side.value} {number}"))
        )  # fmt: skip
    for at in _seconds(longest):
        parts.append(words(f"{at}", pct(x(start + at)), plot + TRACE_PX + 17, anchor="middle", size=SMALL_PX))
    if last:
        parts.append(
            words("seconds", pct((LEFT + RIGHT) / 2), plot + TRACE_PX + 35, anchor="middle", colour="soft",
                  size=SMALL_PX)
        )  # fmt: skip
    return parts


def _at(one: HeelRaiseSet, rep: HeelRaise) -> float:
    """The height of the trace at a peak, so that the dot sits on the line."""
    nearest = min(range(len(one.trace_s)), key=lambda k: abs(one.trace_s[k] - rep.peak_s))
    value = known(one.trace_ratio[nearest])
    return rep.height_ratio if value is None else value


def _seconds(longest: float) -> list[int]:
    step = next((size for size in (5, 10, 20, 30, 60) if longest / size <= 6), 120)
    return list(range(0, int(longest) + 1, step))


def _counts(one: HeelRaiseSet) -> str:
    counted = one.count.value if isinstance(one.count, Measurement) else 0
    return f"{counted:.0f} of {one.attempted} count"


def _counted(one: HeelRaiseSet, kb: KnowledgeBase) -> str:
    return f"{_leg(kb, one.side)}: {_counts(one)}."


def _heights(sets: Sequence[HeelRaiseSet], kb: KnowledgeBase) -> Chart:
    """The height of every raise that counts, both legs on the same ground."""
    title = text(kb, f"{TEXT}.heel_heights.title")
    centimetres = all(known(rep.height_cm) is not None for one in sets for rep in one.raises)
    unit = "cm" if centimetres else "% of the foot’s length"

    def high(rep: HeelRaise) -> float:
        return float(rep.height_cm or 0) if centimetres else 100 * rep.height_ratio

    valid = {one.side: [(n, high(rep)) for n, rep in enumerate(one.raises, start=1) if rep.valid] for one in sets}
    valid = {side: heights for side, heights in valid.items() if len(heights) > 1}
    table = _by_number(valid, title, unit, kb)
    if not valid:
        return Chart(id="heel_heights", title=title, sentence="", svg="", table=table)
    sentence = " ".join(
        text(kb, f"{TEXT}.heel_heights.sentence", side=_leg(kb, side), best=f"{max(v for _, v in heights):.0f} {unit}",
             last=f"{heights[-1][1]:.0f} {unit}")
        for side, heights in valid.items()
    )  # fmt: skip
    top, most = 44.0, max(heights[-1][0] for heights in valid.values())
    ticks = numbers.nice_steps(max(v for heights in valid.values() for _, v in heights), 4)

    def x(number: int) -> float:
        return LEFT + 2 + (RIGHT - LEFT - 4) * (number - 1) / max(1, most - 1)

    def y(value: float) -> float:
        return top + HEIGHTS_PX * (1 - value / ticks[-1])

    parts = [words(f"{text(kb, f'{TEXT}.heel_heights.axis')}, {unit}", "0%", 14, colour="soft", size=SMALL_PX)]
    for tick in ticks:
        parts.append(line(pct(LEFT), y(tick), pct(RIGHT), y(tick), kind="axis" if tick == 0 else "grid"))
        parts.append(
            words(numbers.plain(tick), pct(LEFT - 1.5), y(tick) + 5, anchor="end", colour="soft", size=SMALL_PX)
        )
    for side, heights in valid.items():
        for number, value in heights:
            parts.append(_dot(side, pct(x(number)), y(value), mark(value, f"{side.value} {number}")))
    for number in range(1, most + 1):
        if number == 1 or number % 5 == 0:
            parts.append(words(str(number), pct(x(number)), top + HEIGHTS_PX + 18, anchor="middle", size=SMALL_PX))
    parts.append(
        words("number of the raise", pct((LEFT + RIGHT) / 2), top + HEIGHTS_PX + 36, anchor="middle", colour="soft",
              size=SMALL_PX)
    )  # fmt: skip
    parts += _names(valid, top, kb)
    described = f"One mark for each raise that counts. {sentence} The numbers are in the table below."
    svg = picture("heel-heights", title, described, parts, height=top + HEIGHTS_PX + 42)
    return Chart(id="heel_heights", title=title, sentence=sentence, svg=svg, table=table)


def _dot(side: Side, x: str, y: float, marked: dict[str, str]) -> str:
    """Left = filled disc, right = open square, so that they differ without colour."""
    if side is Side.LEFT:
        return el("circle", class_="ch-a", cx=x, cy=y, r=5, fill=FILL["a"], **marked)
    square = el("rect", class_="ch-paper ch-b", x=-4.5, y=-4.5, width=9, height=9, fill=FILL["paper"],
                stroke=FILL["b"], stroke_width=2.2, **marked)  # fmt: skip
    return el("svg", square, x=x, y=y, width=1, height=1, overflow="visible")


def _names(valid: dict[Side, list[tuple[int, float]]], top: float, kb: KnowledgeBase) -> list[str]:
    """The two marks with the name of the leg, above the plot."""
    parts = []
    for place, side in enumerate(valid):
        x = LEFT + 2 + place * 32
        parts.append(_dot(side, pct(x), top - 12, {}))
        parts.append(words(side_name(kb, side).capitalize(), pct(x + 4), top - 7, size=SMALL_PX))
    return parts


def _by_number(valid: dict[Side, list[tuple[int, float]]], title: str, unit: str, kb: KnowledgeBase) -> Table:
    """One row for each number, one column for each leg."""
    heights = {side: dict(found) for side, found in valid.items()}
    most = max((max(found) for found in heights.values()), default=0)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (number, *(f"{found[number]:.1f}" if number in found else "–" for found in heights.values()))
        for number in range(1, most + 1)
    )
    return Table(caption=title, header=("Raise", *(f"{_leg(kb, side)} ({unit})" for side in heights)), rows=rows)


def _table(sets: Sequence[HeelRaiseSet], title: str, kb: KnowledgeBase) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in sets:
        for number, rep in enumerate(one.raises, start=1):
            high = known(rep.height_cm)
            shown = f"{high:.1f} cm" if high is not None else f"{100 * rep.height_ratio:.0f}% of the foot’s length"
            why = "; ".join(text(kb, f"heel_raise.fault.{fault}", fault.replace("_", " ")) for fault in rep.faults)
            rows.append((_leg(kb, one.side), number, f"{rep.peak_s:.1f}", shown, "yes" if rep.valid else f"no: {why}"))
    return Table(caption=title, header=("Leg", "Raise", "Top at (s)", "Height", "Counts"), rows=tuple(rows))
