"""The evidence of a case on a given day: what was said, what follows from the runner, what follows from the date."""

from __future__ import annotations

from datetime import date

from soleus.core.case import Case
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId

TIME_SINCE_ONSET = FindingId("time_since_onset")
ONSET_BANDS: tuple[tuple[int, str], ...] = (
    (1, "lt_24h"),
    (4, "1_3d"),
    (15, "4_14d"),
    (43, "2_6w"),
    (92, "6w_3m"),
)
"""Days since onset (upper limit exclusive) and the option of `time_since_onset`."""


def onset_option(days: int) -> str:
    """The option of `time_since_onset` for a whole number of days."""
    return next((option for limit, option in ONSET_BANDS if days < limit), "gt_3m")


def with_onset(findings: FindingSet, onset_on: date | None, today: date) -> FindingSet:
    """The findings with `time_since_onset` worked out from the date, unless it was answered or lies ahead."""
    if onset_on is None or onset_on > today or TIME_SINCE_ONSET in findings:
        return findings
    days = (today - onset_on).days
    return findings.merged([Finding(id=TIME_SINCE_ONSET, value=onset_option(days), observed_on=today)])


def case_evidence(case: Case, today: date) -> FindingSet:
    """Everything the engines may read of this case."""
    return with_onset(case.evidence(), case.onset_on, today)
