"""Chart 3: calf load each week as a range, next to the runner's own usual week."""

from __future__ import annotations

from soleus.core.training import Estimate, Week
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.frame import Frame, Window
from soleus.exports.charts.svg import el, hatch, line, mark, pct, words

ID, TITLE = "calf_load", "How hard each week was for your calf"
HEADER = ("Week from", "Load, times a usual week", "Could be as low as", "Could be as high as")
LEAST_USUAL_WEEKS = 3
HEADROOM = 3.0
"""A range that goes beyond this many times the highest load is cut at the top edge."""
NOTE = (
    "Worked out from steps, speed, hills, shoes and how you land, with a model of the load on the calf. 1 is your own "
    "usual week (the middle one of the weeks shown). The striped box is how far our number could be out. It is a "
    "comparison with yourself, not a measured force, and it cannot be compared with other runners."
)


def calf_chart(window: Window) -> Chart:
    """Ranges and best guesses relative to the median week before the last one."""
    usual = _usual(window)
    scaled = [(week, _scaled(week.calf_load, usual)) for week in window.weeks]
    rows = tuple(
        (numbers.full_day(week.first_day), *((None, None, None) if e is None else (e.value, e.low, e.high)))
        for week, e in scaled
    )
    table = Table(caption=TITLE, header=HEADER, rows=rows)
    known = [(week, e) for week, e in scaled if e is not None]
    if not known:
        told = window.untold("Your files do not tell enough (steps, speed) to work out the load on your calf.")
        if any(week.calf_load is not None for week in window.weeks):
            told = "There are too few whole weeks to say what a usual week is for your calf."
        return Chart(id=ID, title=TITLE, sentence=told, svg="", table=table)
    sentence = _sentence(known[-1], window)
    return Chart(id=ID, title=TITLE, sentence=sentence, svg=_draw(window, scaled, sentence), table=table, note=NOTE)


def _usual(window: Window) -> float | None:
    """The middle load of the whole weeks before the last one that have any."""
    loads = [
        value
        for week in window.weeks[:-1]
        if week.complete and week.calf_load is not None and (value := numbers.known(week.calf_load.value))
    ]
    return numbers.median(loads) if len(loads) >= LEAST_USUAL_WEEKS else None


def _scaled(load: Estimate | None, usual: float | None) -> Estimate | None:
    """A load as a multiple of the usual week, to two decimals as shown."""
    if load is None or not usual:
        return None
    parts = [numbers.known(v) for v in (load.value, load.low, load.high)]
    value, low, high = (None if p is None else round(p / usual, 2) for p in parts)
    if value is None:
        return None
    return Estimate(value=value, low=value if low is None else low, high=value if high is None else high)


def _sentence(last: tuple[Week, Estimate], window: Window) -> str:
    week, e = last
    if week is not window.weeks[-1]:
        return "We cannot work out the load of the last week before the pain."
    told = f"In the last week before the pain the load on your calf was about {e.value:.1f} times a usual week."
    if f"{e.low:.1f}" == f"{e.high:.1f}":
        return told
    return f"{told} It could be {e.low:.1f} to {e.high:.1f}: we can’t be surer than this."


def _draw(window: Window, scaled: list[tuple[Week, Estimate | None]], sentence: str) -> str:
    known = [(week, e) for week, e in scaled if e is not None]
    cut = HEADROOM * max(1.0, *(e.value for _, e in known))
    steps = numbers.nice_steps(min(max(1.0, *(e.high for _, e in known)), cut))
    frame = Frame(id="chart-calf", window=window, top_value=steps[-1], note_rows=3)
    frame.patterns.append(hatch("chart-calf-b", "b"))
    frame.unknown_ground()
    frame.grid(steps, "1 = your usual week")
    for week, e in scaled:
        if e is None:
            frame.parts.append(
                words("?" if week.runs else "0", pct(frame.middle(week)), frame.base - 4, anchor="middle")
            )
        else:
            _range(frame, week, e)
    frame.parts.append(line("11%", frame.y(1), "99%", frame.y(1), kind="ink", width=1.5, dash="6 3"))
    frame.dates()
    frame.onset()
    week, e = known[-1]
    frame.pointer("we can’t be surer than this", 1, frame.middle(week), min(e.high, steps[-1]), anchor="end")
    week, e = known[max(0, len(known) - 4)]
    frame.pointer("best guess", 2, frame.middle(week), min(e.value, steps[-1]))
    described = f"A striped box for each week, a thick line at the best guess. {sentence} The table has the numbers."
    return frame.svg(TITLE, described)


def _range(frame: Frame, week: Week, e: Estimate) -> None:
    """The box from low to high, and the best guess as a thick line."""
    high = min(e.high, frame.top_value)
    if high > e.low:
        frame.bar(week, e.low, high, fill="url(#chart-calf-b)", kind="b")
    x0, x1 = frame.window.x(week.first_day), frame.window.x(week.last_day)
    frame.parts.append(
        el("line", class_="ch-l-ink", x1=pct(x0 + 0.2), x2=pct(x1 + (x1 - x0) / 6 - 0.2), y1=frame.y(e.value),
           y2=frame.y(e.value), stroke="#17262b", stroke_width=4, **mark(e.value, f"load {week.first_day.isoformat()}"))
    )  # fmt: skip
