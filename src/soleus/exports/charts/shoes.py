"""Chart 5: which shoes when, and how far in each."""

from __future__ import annotations

from datetime import timedelta

from soleus.core.training import ShoeUse, TrainingReport
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.frame import Frame, Window
from soleus.exports.charts.svg import FILL, SMALL_PX, el, line, mark, pct, words

ID, TITLE = "shoes", "Your shoes, and how far you ran in them"
HEADER = ("Shoe", "First run", "Last run", "Distance (km)", "Heel higher than toe (mm)")
SHOWN = 6
NAME_LETTERS = 24
ROW_PX, BAR_PX = 58, 26
NOTE = (
    "Higher bars: more kilometres in that week. A diamond marks the first run in a pair. The distance is all there is "
    "in your files up to the day before the pain."
)


def shoes_chart(report: TrainingReport, window: Window) -> Chart:
    """One row for each pair, the last used first."""
    used = sorted(report.shoes, key=lambda use: (-use.last_day.toordinal(), -use.distance_m, use.shoe.id))
    rows = tuple(
        (
            use.shoe.name,
            numbers.full_day(use.first_day),
            numbers.full_day(use.last_day),
            numbers.km(use.distance_m),
            numbers.known(use.shoe.drop_mm),
        )
        for use in used
    )
    table = Table(caption=TITLE, header=HEADER, rows=rows)
    shown = [use for use in used if use.last_day >= window.start and use.first_day < window.end][:SHOWN]
    if not shown:
        told = "Your files do not name your shoes, so we cannot say whether you changed them."
        if used:
            told = "None of the shoes in your files was used in these weeks."
        return Chart(id=ID, title=TITLE, sentence=told, svg="", table=table)
    sentence = _sentence(shown, window)
    return Chart(id=ID, title=TITLE, sentence=sentence, svg=_draw(window, shown, sentence), table=table, note=NOTE)


def _sentence(shown: list[ShoeUse], window: Window) -> str:
    new = [use for use in shown if _is_first_seen(use, window)]
    if not new:
        count = "one pair" if len(shown) == 1 else f"{len(shown)} pairs"
        early = any(window.start <= use.first_day and not _reaches(use, window) for use in shown)
        told = (
            "Your files do not reach back far enough to say whether one was new." if early else "None of them was new."
        )
        return f"You ran in {count} of shoes in these weeks. {told}"
    latest = max(new, key=lambda use: use.first_day)
    return (
        f"Your first run in {_name(latest)} was on {numbers.day(latest.first_day)}, "
        f"{(window.onset - latest.first_day).days} days before the pain."
    )


def _is_first_seen(use: ShoeUse, window: Window) -> bool:
    """First used inside the window, and the history reaches back far enough to know that."""
    return window.start <= use.first_day < window.onset and _reaches(use, window)


def _reaches(use: ShoeUse, window: Window) -> bool:
    """Whether the history begins at least a week before the first run in a pair."""
    return window.known_from is not None and use.first_day - window.known_from >= timedelta(days=7)


def _name(use: ShoeUse) -> str:
    name = " ".join(use.shoe.name.split()) or "a pair without a name"
    return name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 1].rstrip()}…"


def _draw(window: Window, shown: list[ShoeUse], sentence: str) -> str:
    frame = Frame(id="chart-shoes", window=window, top_value=1, plot_px=ROW_PX * len(shown), note_rows=0)
    frame.unknown_ground()
    weekly = [value for use in shown for value in use.weekly_distance_m.values()]
    most = max((v for v in weekly if numbers.known(v)), default=0.0)
    for at, use in enumerate(shown):
        _row(frame, use, frame.top + ROW_PX * at, most)
    frame.dates()
    frame.onset()
    described = f"One row for each pair of shoes. {sentence} The numbers are in the table below the picture."
    return frame.svg(TITLE, described)


def _row(frame: Frame, use: ShoeUse, top: float, most: float) -> None:
    window = frame.window
    base = top + 22 + BAR_PX
    frame.parts.append(words(_name(use), "0%", top + 16, bold=True, size=SMALL_PX))
    total = numbers.km(use.distance_m)
    said = "" if total is None else f"{numbers.plain(total)} km"
    frame.parts.append(words(said, pct(window.x(window.onset) - 1), top + 16, anchor="end", size=SMALL_PX))
    x0 = window.x(max(use.first_day, window.start))
    x1 = window.x(min(use.last_day, window.onset) + timedelta(days=1))
    frame.parts.append(line(pct(x0), base, pct(x1), base, kind="a", width=3))
    for week in window.weeks:
        distance = numbers.known(use.weekly_distance_m.get(week.last_day))
        if not distance or most <= 0:
            continue
        height = BAR_PX * distance / most
        left, right = window.x(week.first_day), window.x(week.last_day + timedelta(days=1))
        key = f"{use.shoe.id} {week.first_day.isoformat()}"
        frame.parts.append(
            el("rect", class_="ch-bar ch-a", x=pct(left + 0.6), y=base - height, width=pct(right - left - 1.2),
               height=height, fill=FILL["a"], **mark(numbers.km(distance), key))
        )  # fmt: skip
    if _is_first_seen(use, window):
        diamond = el("path", class_="ch-hi", d="M0 -7L7 0L0 7L-7 0Z", fill=FILL["hi"])
        x = window.x(use.first_day, half=True)
        frame.parts.append(el("svg", diamond, x=pct(x), y=base, width=1, height=1, overflow="visible"))
        side = "start" if x < 50 else "end"
        frame.parts.append(
            words(f"first run {numbers.day(use.first_day)}", pct(x + (2.5 if side == "start" else -2.5)), base - 4,
                  anchor=side, colour="hi", size=SMALL_PX)
        )  # fmt: skip
