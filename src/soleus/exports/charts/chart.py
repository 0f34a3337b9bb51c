"""A chart as data: the sentence first, then the picture, then the same numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of the picture. `rows` hold text, numbers as shown in the picture, or None for "not known"."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart. `svg` is "" when there is nothing to draw; `sentence` then says what cannot be told."""

    id: str
    """weekly_distance | longest_run | calf_load | intensity | shoes."""
    title: str
    sentence: str
    svg: str
    table: Table
    note: str = ""
    """How to read it, and what it leaves out."""
