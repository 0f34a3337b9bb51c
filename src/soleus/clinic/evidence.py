"""The evidence of a case on a given day: what was said, what follows from the runner, what follows from the date."""

from __future__ import annotations

from dataclasses import replace
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

FROM_WATCH = "watch"
"""`Finding.note` of evidence that the training analysis added."""
FROM_FILM = "film"
"""… that a film of the run added."""
FROM_HEEL_RAISE = "heel_raise"
"""… that the heel-raise test added."""
FROM_FOOT_CHECK = "foot_check"
"""… that a check of the feet or shoes added."""
FILMS = frozenset({FROM_FILM, FROM_HEEL_RAISE, FROM_FOOT_CHECK})
ADDED = (FROM_WATCH, FROM_FILM, FROM_HEEL_RAISE, FROM_FOOT_CHECK)
"""Everything that adds soft evidence to what people say, in the order in which pieces are kept and shown."""


def answers_alone(case: Case) -> Case:
    """The case as people told it, before watch files, films and tests were added; the same object without them."""
    if not any(finding.note in ADDED for finding in case.findings) and not any(
        conflict.overruled.note in ADDED for conflict in case.findings.conflicts
    ):
        return case
    kept = [original for finding in case.findings if (original := _as_told(finding)) is not None]
    conflicts = [c for c in case.findings.conflicts if c.overruled.note not in ADDED]
    return replace(case, findings=FindingSet(kept, conflicts=conflicts))


def added_pieces(case: Case) -> tuple[Finding, ...]:
    """Every piece of evidence that watch files, films and tests added, one by one."""
    pieces = (piece for finding in case.findings if finding.note in ADDED for piece in finding.parts or (finding,))
    return tuple(piece for piece in pieces if piece.note in ADDED and piece.value is None)


def _as_told(finding: Finding) -> Finding | None:
    """What was there before: the person's own part, nothing when nobody had said anything, else itself."""
    if finding.note not in ADDED:
        return finding
    if finding.parts:
        return finding.parts[0] if finding.parts[0].note not in ADDED else None
    # A merged case that was stored without its parts: an answer must not get lost.
    return None if finding.value is None else replace(finding, likelihood=None, note="")


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
