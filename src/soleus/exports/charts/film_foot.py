"""The height of heel and toe of the near foot over a few steps, with landing and leaving marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from soleus.core.gait import Step
from soleus.core.recording import Floats
from soleus.exports.charts import numbers
from soleus.exports.charts.chart import Chart, Table
from soleus.exports.charts.curve import curve
from soleus.exports.charts.svg import BAND, SMALL_PX, el, line, mark, pct, picture, words
from soleus.exports.gait_wording import side_name
from soleus.exports.wording import text
from soleus.gait.motion import Motion
from soleus.knowledge.base import KnowledgeBase

Place = Callable[[float], float]
TEXT = "gait.report.chart.foot"
ID = "film-foot"
LEFT, RIGHT = 11.0, 99.0
TOP, PLOT_PX = 62.0, 170.0
SHOWN_STEPS = 4
MARGIN_S = 0.12
LEAST_STEPS = 2


def foot_chart(motion: Motion, steps: Sequence[Step], kb: KnowledgeBase) -> Chart:
    """A few steps from the middle of the film; "" where too few were seen whole."""
    used = [step for step in steps if step.near and not step.dropped and step.toe_off_s is not None]
    title, near = text(kb, f"{TEXT}.title"), motion.near
    if len(used) < LEAST_STEPS or near is None:
        return Chart(id="film_foot", title=title, sentence="", svg="", table=Table(caption=title, header=(), rows=()))
    shown = _window(used)
    start, end = shown[0].contact_s - MARGIN_S, (shown[-1].toe_off_s or shown[-1].contact_s) + MARGIN_S
    inside = (motion.times_s >= start) & (motion.times_s <= end)
    xs = ((motion.times_s[inside] - start) / (end - start)).tolist()
    heel, toe = (100 * getattr(near, part)[inside, 1] for part in ("heel", "toe"))
    highest = float(np.nanmax(np.concatenate([heel, toe, [10.0]])))
    ticks = numbers.nice_steps(highest, 4)
    sentence = text(kb, f"{TEXT}.sentence", side=side_name(kb, near.side), seconds=f"{end - start:.1f} seconds")

    def x(at_s: float) -> float:
        return LEFT + (RIGHT - LEFT) * (at_s - start) / (end - start)

    def y(value: float) -> float:
        return TOP + PLOT_PX * (1 - value / ticks[-1])

    parts = [words(text(kb, f"{TEXT}.axis"), "0%", TOP - 42, colour="soft", size=SMALL_PX)]
    for step in shown:
        parts.append(
            el("rect", class_="ch-band", x=pct(x(step.contact_s)), y=TOP, fill=BAND,
               width=pct(x(step.toe_off_s or 0) - x(step.contact_s)), height=PLOT_PX,
               **mark(step.contact_s, "contact"))
        )  # fmt: skip
    for tick in ticks:
        parts.append(line(pct(LEFT), y(tick), pct(RIGHT), y(tick), kind="axis" if tick == 0 else "grid"))
        parts.append(
            words(numbers.plain(tick), pct(LEFT - 1.5), y(tick) + 5, anchor="end", colour="soft", size=SMALL_PX)
        )
    for track, colour, dash in ((heel, "hi", ""), (toe, "b", "5 4")):
        parts.append(
            curve(xs, track.tolist(), left=LEFT, right=RIGHT, top=TOP, height=PLOT_PX, top_value=ticks[-1],
                  colour=colour, dash=dash)
        )  # fmt: skip
    parts += _events(shown, x, kb)
    parts += _named(xs, heel, toe, y, kb)
    for at in _seconds(start, end):
        parts.append(words(f"{at:.1f}", pct(x(at)), TOP + PLOT_PX + 18, anchor="middle", size=SMALL_PX))
    parts.append(
        words("seconds", pct((LEFT + RIGHT) / 2), TOP + PLOT_PX + 36, anchor="middle", colour="soft", size=SMALL_PX)
    )
    described = f"Two lines go up and down with each step. {sentence} The times are in the table below the picture."
    return Chart(
        id="film_foot",
        title=title,
        sentence=sentence,
        svg=picture(ID, title, described, parts, height=TOP + PLOT_PX + 42),
        table=Table(
            caption=title,
            header=("Step", "Lands (s)", "Leaves (s)", "On the ground (s)"),
            rows=tuple(_row(number, step) for number, step in enumerate(shown, start=1)),
        ),
        note=text(kb, f"{TEXT}.note"),
    )


def _window(steps: Sequence[Step]) -> list[Step]:
    """The steps in the middle that follow each other without a gap."""
    runs: list[list[Step]] = []
    for step in steps:
        last = runs[-1][-1] if runs else None
        if last is not None and last.next_contact_s is not None and abs(last.next_contact_s - step.contact_s) < 0.02:
            runs[-1].append(step)
        else:
            runs.append([step])
    longest = max(runs, key=len)
    first = max(0, (len(longest) - SHOWN_STEPS) // 2)
    return longest[first : first + SHOWN_STEPS]


def _row(number: int, step: Step) -> tuple[str | int, ...]:
    off = step.toe_off_s or step.contact_s
    return (number, f"{step.contact_s:.2f}", f"{off:.2f}", f"{off - step.contact_s:.2f}")


def _events(steps: Sequence[Step], x: Place, kb: KnowledgeBase) -> list[str]:
    """A line at each landing and leaving; the first pair is named."""
    parts = []
    for number, step in enumerate(steps):
        for kind, at, dash in (("lands", step.contact_s, ""), ("leaves", step.toe_off_s, "3 3")):
            if at is None:
                continue
            parts.append(line(pct(x(at)), TOP - 16, pct(x(at)), TOP + PLOT_PX, kind="ink", width=1.4, dash=dash))
            if number == 0:
                anchor, shift = ("end", 0.6) if kind == "lands" else ("start", -0.6)
                place = pct(x(at) + shift)
                parts.append(words(text(kb, f"{TEXT}.{kind}", kind), place, TOP - 20, anchor=anchor, size=SMALL_PX))
    return parts


def _named(xs: Sequence[float], heel: Floats, toe: Floats, y: Place, kb: KnowledgeBase) -> list[str]:
    """Heel and toe by name, each at its highest place."""
    parts = []
    for name, track, colour, up in (("heel", heel, "hi", -8), ("toe", toe, "ink", -8)):
        if np.isfinite(track).any():
            top = int(np.nanargmax(track))
            place = LEFT + (RIGHT - LEFT) * xs[top]
            said = text(kb, f"{TEXT}.{name}", name)
            parts.append(words(said, pct(place), y(float(track[top])) + up, anchor="middle", colour=colour, bold=True))
    return parts


def _seconds(start: float, end: float) -> list[float]:
    """Round times inside the window."""
    step = 0.5 if end - start > 1.2 else 0.2
    first = np.ceil(start / step) * step
    return [float(at) for at in np.arange(first, end, step)]
