"""Where the camera stood, which way the runner looks; apart from the arrays, so that a view loads no numpy."""

from __future__ import annotations

from enum import Enum

from soleus.core.measurement import Side


class View(Enum):
    """Where the camera stood."""

    SIDE = "side"
    BACK = "back"


class Facing(Enum):
    """Which way the runner looks in the picture. Facing left, the camera sees the left side: the near leg."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def near(self) -> Side:
        return Side.LEFT if self is Facing.LEFT else Side.RIGHT
