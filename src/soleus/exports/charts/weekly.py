"""Chart 1: how far each week, on flat and on hilly runs."""

from __future__ import annotations

from soleus.core.training import Week
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.frame import Frame, Window
from soleus.exports.charts.svg import FILL, SMALL_PX, hatch, mark, pct, words

ID, TITLE = "weekly_distance", "How far you ran each week"
HEADER = ("Week from", "Runs", "Flat runs (km)", "Hilly runs (km)", "All (km)", "Whole week known")
NOTE = (
    "Striped: runs with a lot of climbing. A dashed edge: the files do not cover the whole week. "
    "The day the pain began, and what came after, is left out of the bars."
)


def weekly_chart(window: Window) -> Chart:
    """Bars of flat and hilly distance, y from 0."""
    parts = [(week, *_parts(week)) for week in window.weeks]
    rows = tuple(
        (numbers.full_day(w.first_day), w.runs, flat, hilly, total, "yes" if w.complete else "no")
        for w, flat, hilly, total in parts
    )
    table = Table(caption=TITLE, header=HEADER, rows=rows)
    known = [total for _, _, _, total in parts if total is not None]
    if not known or max(known) <= 0:
        told = window.untold("There is no distance in your files, so we cannot show how far you ran.")
        return Chart(id=ID, title=TITLE, sentence=told, svg="", table=table)
    sentence = _sentence(parts)
    return Chart(id=ID, title=TITLE, sentence=sentence, svg=_draw(window, parts, sentence), table=table, note=NOTE)


Part = tuple[Week, float | None, float | None, float | None]


def _parts(week: Week) -> tuple[float | None, float | None, float | None]:
    """Flat, hilly and all kilometres; flat is what is left, so that the parts add up as shown."""
    total, hilly = numbers.km(week.distance_m), numbers.km(week.hilly_m)
    if total is None:
        return None, None, None
    hilly = min(hilly or 0.0, total)
    return round(total - hilly, 1), hilly, total


def _sentence(parts: list[Part]) -> str:
    """The last week next to the usual one."""
    last = parts[-1][3]
    usual = numbers.median(total for week, _, _, total in parts[:-1] if total is not None and week.complete)
    if last is None:
        return "We do not know how far you ran in the last week before the pain."
    hilly = parts[-1][2] or 0.0
    share = "all" if hilly == last else f"{numbers.plain(hilly)} km"
    more = f", {share} of it on hilly runs" if hilly else ""
    told = f"In the last 7 days before the pain you ran {numbers.plain(last)} km{more}."
    if usual is None or usual <= 0 or len(parts) < 4:
        return f"{told} There are too few weeks before it to say what is usual for you."
    return f"{told} Your usual week before that was {numbers.plain(round(usual, 1))} km."


def _draw(window: Window, parts: list[Part], sentence: str) -> str:
    most = max(total for *_, total in parts if total is not None)
    steps = numbers.nice_steps(most)
    some_hills = any(hilly for _, _, hilly, _ in parts)
    frame = Frame(id="chart-weekly", window=window, top_value=steps[-1], note_rows=3 if some_hills else 2)
    frame.patterns.append(hatch("chart-weekly-b", "b"))
    frame.unknown_ground()
    frame.grid(steps, "km a week")
    for week, flat, hilly, total in parts:
        if total is None:
            frame.parts.append(words("?", pct(frame.middle(week)), frame.base - 4, anchor="middle"))
            continue
        key = week.first_day.isoformat()
        frame.bar(week, 0, flat or 0, fill=FILL["a"], kind="a", marked=mark(flat, f"flat {key}"))
        frame.bar(week, flat or 0, total, fill="url(#chart-weekly-b)", kind="b", marked=mark(hilly, f"hilly {key}"))
    frame.dates()
    frame.onset()
    _names(frame, parts)
    _values(frame, parts)
    return frame.svg(TITLE, f"Bars, one for each week. {sentence} The numbers are in the table below the picture.")


def _values(frame: Frame, parts: list[Part]) -> None:
    """The number on the highest bar, the last bar and every week of 0."""
    known = [(week, total) for week, *_, total in parts if total is not None]
    top = max(known, key=lambda pair: pair[1])
    for week, total in known:
        if total == 0 or week is top[0] or week is parts[-1][0]:
            said = numbers.plain(round(total))
            frame.parts.append(
                words(said, pct(frame.middle(week)), frame.y(total) - 4, anchor="middle", size=SMALL_PX, bold=total > 0)
            )


def _names(frame: Frame, parts: list[Part]) -> None:
    """Direct labels: each word points at the bar where its part is largest."""
    shown = [part for part in parts if part[3]]
    hilliest = max(shown, key=lambda part: part[2] or 0)
    others = [part for part in shown if part is not hilliest] or shown
    flattest = max(others, key=lambda part: (part[1] or 0) - 0.5 * (part[2] or 0))
    if flattest[1]:
        frame.pointer("flat runs", 1, frame.middle(flattest[0]), flattest[1] / 2)
    if hilliest[2]:
        x = frame.middle(hilliest[0])
        frame.pointer("hilly runs", 2, x, (hilliest[1] or 0) + hilliest[2] / 2)
