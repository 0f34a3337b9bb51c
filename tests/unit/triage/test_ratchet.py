"""An earlier urgency is held for 72 hours unless a clinician has looked."""

from __future__ import annotations

from datetime import date

from soleus.core.assessment import Disposition
from soleus.triage.ratchet import Earlier, held

TODAY = date(2026, 3, 10)


def test_no_history_changes_nothing() -> None:
    assert held(Disposition.PHYSIO, [], today=TODAY) is Disposition.PHYSIO


def test_the_highest_open_one_of_the_last_days_counts() -> None:
    earlier = [
        Earlier(disposition=Disposition.CALL_AMBULANCE, on=date(2026, 3, 6)),
        Earlier(disposition=Disposition.EMERGENCY_NOW, on=date(2026, 3, 9), seen=True),
        Earlier(disposition=Disposition.SAME_DAY, on=date(2026, 3, 7)),
    ]
    assert held(Disposition.SELF_CARE, earlier, today=TODAY) is Disposition.SAME_DAY
