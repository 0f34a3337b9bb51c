"""Chart 2: every run against the longest of the 30 days before it (Frandsen 2025, doi 10.1136/bjsports-2024-109380)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta

from soleus.core.training import ChangeState, SessionSpike, TrainingReport
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.frame import Frame, Window
from soleus.exports.charts.svg import FILL, SMALL_PX, el, line, mark, pct, words
from soleus.knowledge.base import KnowledgeBase

ID, TITLE = "longest_run", "Each run next to your longest run of the 30 days before it"
HEADER = ("Day", "Distance (km)", "Longest of the 30 days before (km)", "Compared with it", "Times as long")
TOP_RATIO = 2.6
"""Runs above this are drawn at the top edge, with their number."""
LABELLED = 2
NOTE = (
    "Ring: no more than the first line. Dot: a little longer. Diamond: much longer. A cross on the bottom line: there "
    "was too little running in the 30 days before to compare it with. In one large study of runners, injuries "
    "of any kind were more common after runs above these lines. That does not show that such a run caused your pain."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where the bands begin, as ratios, and the days the sentence looks back."""

    bounds: tuple[float, ...]
    look_back_days: int
    reference_days: int


def _limits(kb: KnowledgeBase) -> Limits:
    bounds = tuple(b for b in kb.training.tables["spike.categories"].numbers("low") if math.isfinite(b) and b > 0)
    look_back, reference = (int(kb.training.value(f"spike.{name}_days")) for name in ("lookback", "reference"))
    return Limits(bounds=bounds, look_back_days=look_back, reference_days=reference)


def spikes_chart(report: TrainingReport, window: Window, kb: KnowledgeBase) -> Chart:
    """Dots of the ratio, y from 0, with the bands of the study."""
    limits = _limits(kb)
    shown = (_judged(s, window, limits) for s in report.spikes if window.covers(s.day))
    runs = sorted(shown, key=lambda s: (s.day, s.run_key))
    table = Table(caption=TITLE, header=HEADER, rows=tuple(_row(run) for run in runs))
    if not any(_ratio(run) is not None for run in runs):
        told = "No run has another in the 30 days before it, so there is nothing to compare."
        return Chart(id=ID, title=TITLE, sentence=told, svg="", table=table)
    sentence = _sentence(report, runs, limits)
    return Chart(
        id=ID, title=TITLE, sentence=sentence, svg=_draw(window, runs, limits, sentence), table=table, note=NOTE
    )


def _judged(run: SessionSpike, window: Window, limits: Limits) -> SessionSpike:
    """A run that looks long only because the files begin shortly before it has nothing to be compared with."""
    begins, ratio = window.known_from, _ratio(run)
    if begins is None or ratio is None or not limits.bounds or ratio <= limits.bounds[0]:
        return run
    known = (run.day - begins).days >= limits.reference_days
    return run if known else replace(run, ratio=None)


def _ratio(run: SessionSpike) -> float | None:
    value = numbers.known(run.ratio)
    return None if value is None else round(value, 2)


def _row(run: SessionSpike) -> tuple[str | float | None, ...]:
    ratio = _ratio(run)
    compared = "nothing to compare with" if ratio is None else numbers.percent_more(ratio)
    return (numbers.full_day(run.day), numbers.km(run.distance_m), numbers.km(run.reference_m), compared, ratio)


def _sentence(report: TrainingReport, runs: list[SessionSpike], limits: Limits) -> str:
    """The run that stood out most in the days before the pain, or that none did."""
    since = report.onset_on - timedelta(days=limits.look_back_days)
    late = [(run, ratio) for run in runs if run.day >= since and (ratio := _ratio(run)) is not None]
    if not late:
        return f"No run of the last {limits.look_back_days} days can be compared with the month before it."
    run, ratio = max(late, key=lambda pair: pair[1])
    open_ = [run for run in runs if run.day >= since and _ratio(run) is None and numbers.known(run.distance_m)]
    if open_ and ratio <= (limits.bounds or (1.1,))[0]:
        longest = max(open_, key=lambda run: run.distance_m)
        said = numbers.plain(numbers.km(longest.distance_m) or 0)
        return (
            f"Your run on {numbers.day(longest.day)} was {said} km. There is too little before it to compare it with."
        )
    if limits.bounds and ratio <= limits.bounds[0]:
        share = round((limits.bounds[0] - 1) * 100)
        return (
            f"In the {limits.look_back_days} days before the pain, no run was more than {share} % longer than your "
            "longest run of the 30 days before it."
        )
    own, before = numbers.km(run.distance_m), numbers.km(run.reference_m)
    change = next((change for change in report.changes if change.id == "session_spike"), None)
    few = change is not None and change.state is ChangeState.TOO_LITTLE
    doubt = " There was so little running before it that this says little." if few else ""
    joint = "as" if ratio >= 2 else "than"
    return (
        f"Your run on {numbers.day(run.day)} was {numbers.plain(own or 0)} km: {numbers.percent_more(ratio)} "
        f"{joint} your longest run of the 30 days before it ({numbers.plain(before or 0)} km).{doubt}"
    )


def _draw(window: Window, runs: list[SessionSpike], limits: Limits, sentence: str) -> str:
    loud = _labelled(runs, limits)
    frame = Frame(id="chart-longest", window=window, top_value=TOP_RATIO, plot_px=230, note_rows=1 + len(loud))
    bounds = [b for b in limits.bounds if b < TOP_RATIO]
    for number, low in enumerate(bounds):
        high = bounds[number + 1] if number + 1 < len(bounds) else TOP_RATIO
        if number % 2 == 0:
            frame.band(low, high)
    frame.unknown_ground()
    frame.grid([0, 1, 2], "times as long", labels=["0", "1×", "2×"])
    for run in runs:
        _dot(frame, run, limits)
    for low in bounds:
        frame.parts.append(line("11%", frame.y(low), "99%", frame.y(low), kind="axis", dash="2 3"))
    frame.dates()
    frame.onset()
    for row, (run, ratio) in enumerate(loud, start=1):
        said = f"{numbers.percent_more(ratio)}, {numbers.day(run.day)}"
        frame.pointer(said, row, window.x(run.day, half=True), min(ratio, TOP_RATIO), stop_px=8)
    for low, above in zip(bounds, [*bounds[1:], None], strict=True):
        y = frame.y((low + (above or low + 0.3)) / 2) + 5
        frame.parts.append(words(_band_words(low, above), "48%", y, anchor="middle", size=SMALL_PX))
    described = f"One mark for each run. {sentence} The numbers are in the table below the picture."
    return frame.svg(TITLE, described)


def _band_words(low: float, high: float | None) -> str:
    if high is None:
        return "more than double" if low == 2 else f"more than {round((low - 1) * 100)} % longer"
    return f"{round((low - 1) * 100)} to {round((high - 1) * 100)} % longer"


def _labelled(runs: list[SessionSpike], limits: Limits) -> list[tuple[SessionSpike, float]]:
    """The runs that stand out most, later ones first when equal; in order of time."""
    first = limits.bounds[0] if limits.bounds else 1.1
    loud = [(run, ratio) for run in runs if (ratio := _ratio(run)) is not None and ratio > first]
    return sorted(sorted(loud, key=lambda p: (-p[1], -p[0].day.toordinal()))[:LABELLED], key=lambda p: p[0].day)


def _dot(frame: Frame, run: SessionSpike, limits: Limits) -> None:
    ratio, x = _ratio(run), pct(frame.window.x(run.day, half=True))
    if ratio is None:
        for tilt in (-1, 1):
            shape = el(
                "line", class_="ch-l-soft", x1="-4", y1=-4 * tilt, x2="4", y2=4 * tilt, stroke=FILL["soft"],
                stroke_width=2,
            )  # fmt: skip
            frame.parts.append(_at(shape, x, frame.base - 1))
        return
    y = frame.y(min(ratio, TOP_RATIO))
    marked = mark(ratio, f"ratio {run.day.isoformat()} {run.run_key}")
    above = sum(ratio > bound for bound in limits.bounds)
    if above >= 2:
        diamond = el("path", class_="ch-hi", d="M0 -7L7 0L0 7L-7 0Z", fill=FILL["hi"], **marked)
        frame.parts.append(_at(diamond, x, y))
    elif above == 1:
        frame.parts.append(el("circle", class_="ch-a", cx=x, cy=y, r=5, fill=FILL["a"], **marked))
    else:
        frame.parts.append(
            el("circle", class_="ch-open", cx=x, cy=y, r=4, fill=FILL["paper"], stroke=FILL["a"], stroke_width=2,
               **marked)
        )  # fmt: skip


def _at(shape: str, x: str, y: float) -> str:
    """A shape in pixels at a place in percent: a nested picture of no size that shows what overflows it."""
    return el("svg", shape, x=x, y=y, width=1, height=1, overflow="visible")
