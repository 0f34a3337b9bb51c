"""A message is a text id with parameters: engines never emit prose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from soleus.core.ids import TextId


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Wording by id (looked up in `knowledge/data/text/<locale>`), filled with parameters."""

    text: TextId
    params: Mapping[str, str | int | float] = field(default_factory=dict)
