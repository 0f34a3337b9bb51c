"""Apple Health's `export.xml`: running workouts with the samples recorded while they ran."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from soleus.core.activity import Reading
from soleus.readers.xml_stream import DEFAULT_LIMITS, XmlLimits, not_such_file

Routes = Callable[[str], bytes | None]


def read_apple_health(
    stream: BinaryIO, routes: Routes = lambda _: None, *, limits: XmlLimits = DEFAULT_LIMITS
) -> Reading:
    """The workouts of an export; `routes` gives a route file by the path the export names, or None."""
    raise not_such_file("Apple Health export")
