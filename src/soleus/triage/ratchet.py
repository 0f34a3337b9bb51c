"""The time ratchet: within one episode, new answers alone do not talk an earlier urgency down (invariant I18)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from soleus.core.assessment import Disposition

HOLD = timedelta(days=3)
"""72 hours, counted in days: a day too long at most, never an hour too short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier disposition of the same episode; `seen` once a clinician has examined the runner since."""

    disposition: Disposition
    on: date
    seen: bool = False


def held(current: Disposition, earlier: Iterable[Earlier], *, today: date) -> Disposition:
    """The current disposition, or a higher one of the last 72 hours that nobody has examined yet."""
    open_ones = [e.disposition for e in earlier if not e.seen and today - e.on <= HOLD]
    return max([current, *open_ones])
