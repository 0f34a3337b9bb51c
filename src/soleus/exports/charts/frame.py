"""The ground all charts share: the same weeks from left to right, y from 0, and the line where the pain began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from soleus.core.training import TrainingReport, Week
from soleus.exports.charts import numbers
from soleus.exports.charts.svg import BAND, SMALL_PX, el, hatch, line, pct, picture, words

SHOWN_WEEKS = 16
LEAST_WEEKS = 8
"""Fewer weeks than this keep their width: the empty ground shows how little is known."""
DAYS_AFTER = 4
"""Room for the run on which the pain began."""
LEFT, RIGHT = 11.0, 99.0
"""The plot, in percent of the width; the numbers of the y axis stand to its left."""
ROW_PX = 18
DATE_GAP_WEEKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days shown: [start, end), the onset inside."""

    start: date
    onset: date
    end: date
    weeks: tuple[Week, ...]
    known_from: date | None

    def x(self, on: date, half: bool = False) -> float:
        """Percent of the width for the start of a day, or its noon."""
        span = (self.end - self.start).days
        days = (on - self.start).days + (0.5 if half else 0)
        return LEFT + (RIGHT - LEFT) * min(max(days / span, 0.0), 1.0)

    def untold(self, otherwise: str) -> str:
        """Why a chart is empty: no runs at all in these weeks, else what the caller says."""
        if self.weeks and not any(week.runs for week in self.weeks):
            return f"There are no runs in the {len(self.weeks)} weeks before the pain, so there is nothing to show."
        return otherwise

    def covers(self, on: date) -> bool:
        return self.start <= on < self.end


def window_of(report: TrainingReport) -> Window:
    """The last weeks before the onset, the same for every chart."""
    first = report.onset_on - timedelta(days=7 * SHOWN_WEEKS)
    weeks = tuple(week for week in report.weeks if week.first_day >= first)
    shown = max(LEAST_WEEKS, len(weeks))
    start = report.onset_on - timedelta(days=7 * shown)
    return Window(
        start=start,
        onset=report.onset_on,
        end=report.onset_on + timedelta(days=DAYS_AFTER),
        weeks=weeks,
        known_from=report.coverage.first_day,
    )


@dataclass(slots=True, kw_only=True)
class Frame:
    """One picture being built. Above the plot: `note_rows` lines of words, and one with the unit."""

    id: str
    window: Window
    top_value: float
    plot_px: float = 190
    note_rows: int = 2
    parts: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)

    @property
    def top(self) -> float:
        return 8 + ROW_PX * (self.note_rows + 1)

    @property
    def base(self) -> float:
        return self.top + self.plot_px

    def y(self, value: float) -> float:
        return self.base - self.plot_px * value / self.top_value

    def row(self, number: int) -> float:
        """The base line of a row of words above the plot."""
        return 15 + ROW_PX * number

    def grid(self, steps: Sequence[float], unit: str, *, labels: Sequence[str] | None = None) -> None:
        """Horizontal lines with their values; the unit stands at the top left."""
        self.parts.append(words(unit, "0%", self.top - 9, colour="soft", size=SMALL_PX))
        shown = labels or [numbers.plain(step) for step in steps]
        for step, label in zip(steps, shown, strict=True):
            kind = "axis" if step == 0 else "grid"
            self.parts.append(line(pct(LEFT), self.y(step), pct(RIGHT), self.y(step), kind=kind))
            self.parts.append(
                words(label, pct(LEFT - 1.5), self.y(step) + 5, anchor="end", colour="soft", size=SMALL_PX)
            )

    def unknown_ground(self) -> None:
        """The days before the history begins, marked as not known rather than as rest."""
        begins = self.window.known_from
        if begins is None or begins <= self.window.start:
            return
        x0, x1 = LEFT, self.window.x(begins)
        self.patterns.append(hatch(f"{self.id}-none", "soft", slope="M-1 1L1 -1M0 8L8 0M7 9L9 7"))
        self.parts.append(
            el("rect", class_="ch-none", x=pct(x0), y=self.top, width=pct(x1 - x0), height=self.plot_px,
               fill=f"url(#{self.id}-none)", opacity="0.35")
        )  # fmt: skip
        # the bar of a week that is known in part reaches into this ground: the words keep clear of it
        clear = min(x1, self.window.x(self.window.weeks[0].first_day)) if self.window.weeks else x1
        if clear - x0 > 24:
            self.parts.append(
                words("not known", pct((x0 + clear) / 2), self.top + self.plot_px * 0.8, anchor="middle", size=SMALL_PX)
            )

    def dates(self) -> None:
        """First days of weeks under the plot, counted back from the onset; every second one more where it is wide."""
        onset = self.window.onset
        total = (onset - self.window.start).days // 7
        for back in range(1, total + 1):
            first = onset - timedelta(days=7 * back)
            middle = pct((self.window.x(first) + self.window.x(first + timedelta(days=7))) / 2)
            at = back - 1
            if at % DATE_GAP_WEEKS == 0:
                extra = ""
            elif at % (DATE_GAP_WEEKS // 2) == 0:
                extra = "ch-wide"
            else:
                continue
            side = "middle"
            if back == 1:  # the last one ends at the onset line: centred it would run over the edge
                middle, side = pct(self.window.x(onset)), "end"
            self.parts.append(
                words(numbers.day(first), middle, self.base + 18, anchor=side, size=SMALL_PX, extra=extra)
            )
        self.parts.append(
            words("first day of each week", pct((LEFT + RIGHT) / 2), self.base + 36, anchor="middle",
                  colour="soft", size=SMALL_PX)
        )  # fmt: skip

    def onset(self) -> None:
        """The line where the pain began, named."""
        x = pct(self.window.x(self.window.onset))
        self.parts.append(line(x, self.row(0) + 5, x, self.base, kind="hi", width=2.5))
        self.parts.append(
            words(f"Pain began {numbers.day(self.window.onset)}", "100%", self.row(0), anchor="end", colour="hi",
                  bold=True)
        )  # fmt: skip

    def band(self, low: float, high: float) -> None:
        """A tinted stripe across the plot."""
        self.parts.append(
            el("rect", class_="ch-band", x=pct(LEFT), y=self.y(high), width=pct(RIGHT - LEFT),
               height=self.y(low) - self.y(high), fill=BAND)
        )  # fmt: skip

    def bar(
        self, week: Week, low: float, high: float, *, fill: str, kind: str, marked: dict[str, str] | None = None
    ) -> None:
        """A bar of one week between two values; a dashed edge says that the week is not covered whole."""
        if high <= low:
            return
        x0, x1 = self.window.x(week.first_day), self.window.x(week.last_day + timedelta(days=1))
        gap = (x1 - x0) * 0.14
        self.parts.append(
            el("rect", class_=f"ch-bar ch-{kind}", x=pct(x0 + gap), y=self.y(high), width=pct(x1 - x0 - 2 * gap),
               height=self.y(low) - self.y(high), fill=fill, stroke=EDGE[kind], stroke_width=1.5,
               stroke_dasharray=None if week.complete else "3 2", **(marked or {}))
        )  # fmt: skip

    def middle(self, week: Week) -> float:
        return (self.window.x(week.first_day) + self.window.x(week.last_day + timedelta(days=1))) / 2

    def pointer(
        self, said: str, row: int, x: float, value: float, *, anchor: str | None = None, stop_px: float = 0
    ) -> None:
        """Words above the plot with a line down to what they name; with `stop_px` it ends short of a mark."""
        side = anchor or ("start" if x < 45 else "end")
        shift = {"start": 0.8, "end": -0.8, "middle": 0.0}[side]
        self.parts.append(line(pct(x), self.row(row) + 4, pct(x), self.y(value) - stop_px, kind="axis", width=1.2))
        if not stop_px:
            self.parts.append(el("circle", class_="ch-axis-dot", cx=pct(x), cy=self.y(value), r=2.6, fill="#5e6e72"))
        self.parts.append(words(said, pct(x + shift), self.row(row) + 2, anchor=side))

    def svg(self, title: str, described: str, *, below: float = 42) -> str:
        return picture(self.id, title, described, self.parts, height=self.base + below, patterns="".join(self.patterns))


EDGE = {"a": "#2d7f7a", "b": "#174f86", "hi": "#b03a08"}
