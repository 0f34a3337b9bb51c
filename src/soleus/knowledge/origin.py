"""Where a number comes from: shared by everything the knowledge base holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from soleus.core.ids import SourceKey


class Basis(Enum):
    """How a number came about: counted in a study, derived from one, or judged by an expert."""

    MEASURED = "measured"
    DERIVED = "derived"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number with its plausible range (None = exact by definition), unit and origin."""

    id: str
    value: float
    low: float | None
    high: float | None
    unit: str
    basis: Basis
    sources: tuple[SourceKey, ...] = ()
    note: str = ""
    status: str = ""
    """How the figure was met: seen | secondary | memory | derived | assumption."""
