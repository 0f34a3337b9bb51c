"""The few SVG parts the charts need. Presentation attributes carry the light colours, classes let a page recolour them.

Horizontal positions are percentages of the picture's width and vertical ones are pixels, so a chart fills any width
while its text keeps its size: nothing is scaled, down to 288 px.
"""

from __future__ import annotations

from html import escape

TEXT_PX = 14
SMALL_PX = 13
WIDTH_PX = 640
"""Width where no style sheet says otherwise (a printed page, a picture file)."""

FILL = {"a": "#2d7f7a", "b": "#174f86", "hi": "#b03a08", "ink": "#17262b", "soft": "#4a5a5f", "paper": "#ffffff"}
LINE = {"grid": "#c9cfcc", "axis": "#5e6e72"}
BAND = "#e6efec"


def number(value: float) -> str:
    """At most two decimals, no trailing zeros, never "-0"."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def pct(value: float) -> str:
    return f"{number(value)}%"


def el(tag: str, content: str = "", /, **attributes: str | float | None) -> str:
    """One element; `class_` → class, `_` → `-`; None leaves the attribute out. `content` is already escaped."""
    parts = []
    for name, value in attributes.items():
        if value is None:
            continue
        key = name.rstrip("_").replace("_", "-")
        parts.append(f' {key}="{escape(value if isinstance(value, str) else number(value))}"')
    head = f"<{tag}{''.join(parts)}"
    return f"{head}>{content}</{tag}>" if content else f"{head}/>"


def words(
    said: str,
    x: str,
    y: float,
    *,
    anchor: str = "start",
    colour: str = "ink",
    size: int = TEXT_PX,
    bold: bool = False,
    extra: str = "",
) -> str:
    """A text with a thin halo in the colour of the paper, so that it can be read across lines."""
    return el(
        "text",
        escape(said, quote=False),
        class_=f"ch-t ch-{colour}{f' {extra}' if extra else ''}",
        x=x,
        y=y,
        text_anchor=anchor if anchor != "start" else None,
        font_size=size,
        font_weight="700" if bold else None,
        fill=FILL[colour],
        stroke=FILL["paper"],
        stroke_width="4",
        stroke_linejoin="round",
        paint_order="stroke",
    )


def line(x1: str, y1: float, x2: str, y2: float, *, kind: str = "grid", width: float = 1, dash: str = "") -> str:
    colour = LINE.get(kind) or FILL[kind]
    return el(
        "line", class_=f"ch-l-{kind}", x1=x1, y1=y1, x2=x2, y2=y2, stroke=colour, stroke_width=width,
        stroke_dasharray=dash or None,
    )  # fmt: skip


def hatch(name: str, colour: str, *, slope: str = "M-2 2L2 -2M0 8L8 0M6 10L10 6") -> str:
    """A pattern of slanted lines on the paper, so that two series differ in print too."""
    ground = el("rect", class_="ch-paper", width=8, height=8, fill=FILL["paper"])
    lines = el("path", class_=f"ch-l-{colour}", d=slope, stroke=FILL[colour], stroke_width=2.4, fill="none")
    return el("pattern", ground + lines, id=name, width=8, height=8, patternUnits="userSpaceOnUse")


def mark(value: float | None, key: str) -> dict[str, str]:
    """Attributes that name the number a mark stands for, as in the table."""
    return {} if value is None else {"data_k": key, "data_v": number(value)}


def picture(chart_id: str, title: str, described: str, parts: list[str], *, height: float, patterns: str = "") -> str:
    """The whole picture, with its name and description for people who do not see it."""
    body = el("title", escape(title, quote=False), id=f"{chart_id}-t")
    body += el("desc", escape(described, quote=False), id=f"{chart_id}-d")
    body += el("defs", patterns) if patterns else ""
    return el(
        "svg",
        body + "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        class_="chart",
        role="img",
        aria_labelledby=f"{chart_id}-t",
        aria_describedby=f"{chart_id}-d",
        focusable="false",
        width=WIDTH_PX,
        height=height,
        font_family="system-ui, 'Liberation Sans', sans-serif",
    )
