"""A measured value with its honest error, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from soleus.core.message import Message


class Grade(Enum):
    """How far a kind of measurement can be trusted from one phone camera."""

    RELIABLE = "reliable"
    """Agrees with a reference closely enough to state the number."""
    BANDED = "banded"
    """Usable with its interval, for the leg that the camera sees."""
    EXPERIMENTAL = "experimental"
    """Shown on request, never evidence."""


class Side(Enum):
    """The runner's own side."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A value and the 95 % interval for what was true of this runner in this clip.

    The interval holds the scatter between strides AND the error of the method that more strides do not remove.
    """

    value: float
    unit: str
    low: float
    high: float
    grade: Grade
    count: int = 0
    """Strides, steps or repetitions it rests on."""
    spread: float | None = None
    """Standard deviation between them; None for a single one."""
    method: str = ""

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:  # also catches NaN
            raise ValueError(f"{self.value} is not within [{self.low}, {self.high}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """No value, and why: a reason is shown where the number would stand."""

    reason: Message


Measured = Measurement | Unavailable
