"""Chart 4: easy and fast minutes each week."""

from __future__ import annotations

from soleus.core.training import Week
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.frame import Frame, Window
from soleus.exports.charts.svg import FILL, SMALL_PX, hatch, mark, pct, words

ID, TITLE = "intensity", "Easy and fast minutes each week"
HEADER = ("Week from", "Easy (minutes)", "Fast (minutes)", "All (minutes)")
NOTE = (
    "Fast is measured against your own running in these files, with hills counted in. Striped: fast. A question mark: "
    "the files of that week do not tell."
)
Part = tuple[Week, float | None, float | None]


def intensity_chart(window: Window) -> Chart:
    """Stacked bars of minutes, y from 0."""
    parts: list[Part] = [(w, numbers.minutes(w.easy_s), numbers.minutes(w.fast_s)) for w in window.weeks]
    rows = tuple((numbers.full_day(w.first_day), easy, fast, _all(easy, fast)) for w, easy, fast in parts)
    table = Table(caption=TITLE, header=HEADER, rows=rows)
    if not any(_all(easy, fast) for _, easy, fast in parts):
        told = window.untold("Your files do not tell how fast you ran, so we cannot say how much of it was fast.")
        return Chart(id=ID, title=TITLE, sentence=told, svg="", table=table)
    sentence = _sentence(parts)
    return Chart(id=ID, title=TITLE, sentence=sentence, svg=_draw(window, parts, sentence), table=table, note=NOTE)


def _all(easy: float | None, fast: float | None) -> float | None:
    return None if easy is None and fast is None else (easy or 0) + (fast or 0)


def _sentence(parts: list[Part]) -> str:
    last = parts[-1][2]
    usual = numbers.median(fast for week, _, fast in parts[:-1] if fast is not None and week.complete)
    if last is None:
        return "We do not know how much fast running there was in the last week before the pain."
    told = f"In the last 7 days before the pain you ran fast for {numbers.plain(last)} minutes."
    if last == 0:
        told = "In the last 7 days before the pain there was no fast running."
    if usual is None or len(parts) < 4:
        return told
    if usual == last:
        return f"{told} That is as usual for you."
    return f"{told} In your usual week before that it was {numbers.plain(round(usual))}."


def _draw(window: Window, parts: list[Part], sentence: str) -> str:
    steps = numbers.nice_steps(max(_all(easy, fast) or 0 for _, easy, fast in parts))
    frame = Frame(id="chart-pace", window=window, top_value=steps[-1], note_rows=3)
    frame.patterns.append(hatch("chart-pace-b", "b"))
    frame.unknown_ground()
    frame.grid(steps, "minutes a week")
    for week, easy, fast in parts:
        total = _all(easy, fast)
        if total is None:
            if week.runs:
                frame.parts.append(words("?", pct(frame.middle(week)), frame.base - 4, anchor="middle"))
            continue
        key = week.first_day.isoformat()
        frame.bar(week, 0, easy or 0, fill=FILL["a"], kind="a", marked=mark(easy, f"easy {key}"))
        frame.bar(week, easy or 0, total, fill="url(#chart-pace-b)", kind="b", marked=mark(fast, f"fast {key}"))
    frame.dates()
    frame.onset()
    fastest = max(parts, key=lambda part: part[2] or 0)
    others = [part for part in parts if part is not fastest] or parts
    easiest = max(others, key=lambda part: (part[1] or 0) - 0.5 * (part[2] or 0))
    if easiest[1]:
        frame.pointer("easy", 1, frame.middle(easiest[0]), easiest[1] / 2)
    if fastest[2]:
        frame.pointer("fast", 2, frame.middle(fastest[0]), (fastest[1] or 0) + fastest[2] / 2)
    week, easy, fast = parts[-1]
    last = _all(easy, fast)
    if last is not None:
        x, y = pct(frame.middle(week)), frame.y(last) - 4
        frame.parts.append(words(numbers.plain(last), x, y, anchor="middle", size=SMALL_PX, bold=True))
    return frame.svg(TITLE, f"Bars, one for each week. {sentence} The numbers are in the table below the picture.")
