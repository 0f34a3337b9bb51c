"""Evidence in its one small shape: a finding with a value, an origin and, when unsure, a likelihood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from soleus.core.expression import Answer
from soleus.core.ids import FindingId


class Origin(IntEnum):
    """Where a finding comes from; a higher one overrules a lower one when they conflict."""

    SELF_REPORT = 1
    MEASURED = 2
    CLINICIAN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence.

    `value`: bool for boolean findings, an option or a frozenset of options for choices, a number for numeric
    ones; None = asked, but the answer is "I don't know" (never evidence of absence).
    `likelihood`: for soft evidence, P(what was observed | state) per state ("true"/"false" or option),
    used by the differential instead of `value`; triage then treats the finding as unknown unless `value` is set.
    """

    id: FindingId
    value: Answer
    origin: Origin = Origin.SELF_REPORT
    observed_on: date | None = None
    likelihood: Mapping[str, float] | None = None
    note: str = ""
    parts: tuple[Finding, ...] = ()
    """The single pieces of evidence this one combines, the person's own answer first; empty when it is one piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingConflict:
    """Two origins disagree; both are kept and shown."""

    kept: Finding
    overruled: Finding


class FindingSet:
    """An immutable set of findings, at most one in force per id; merging is idempotent.

    Clinician beats measured beats self-report; within an origin the newer wins, then the later given.
    """

    __slots__ = ("_conflicts", "_findings")

    def __init__(self, findings: Iterable[Finding] = (), *, conflicts: Iterable[FindingConflict] = ()) -> None:
        kept: dict[FindingId, Finding] = {}
        known = list(conflicts)
        for finding in findings:
            old = kept.get(finding.id)
            if old is None or old == finding:
                kept[finding.id] = finding
                continue
            winner, loser = (finding, old) if _rank(finding) >= _rank(old) else (old, finding)
            if winner.value is None and loser.value is not None:  # "don't know" never erases an answer
                winner, loser = loser, winner
            kept[finding.id] = winner
            if loser.value is not None and loser.value != winner.value:
                known.append(FindingConflict(kept=winner, overruled=loser))
        self._findings: Mapping[FindingId, Finding] = kept
        self._conflicts = tuple(known)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings.values())

    def __len__(self) -> int:
        return len(self._findings)

    def __contains__(self, finding_id: object) -> bool:
        return finding_id in self._findings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FindingSet) and dict(self._findings) == dict(other._findings)

    def __hash__(self) -> int:
        return hash(frozenset(self._findings))

    def get(self, finding_id: FindingId) -> Finding | None:
        return self._findings.get(finding_id)

    def answer(self, finding_id: FindingId) -> Answer:
        """The value in force, or None when unknown or never asked."""
        finding = self._findings.get(finding_id)
        return None if finding is None else finding.value

    def asked(self, finding_id: FindingId) -> bool:
        """Whether it was asked or measured, even if the answer was "I don't know"."""
        return finding_id in self._findings

    @property
    def conflicts(self) -> tuple[FindingConflict, ...]:
        return self._conflicts

    def merged(self, findings: Iterable[Finding]) -> FindingSet:
        """This set with more evidence, its conflicts kept; `a.merged(a)` equals `a`."""
        return FindingSet([*self, *findings], conflicts=self._conflicts)

    def replaced(self, finding: Finding) -> FindingSet:
        """This set with one finding set anew (the person changed their answer)."""
        return FindingSet([f for f in self if f.id != finding.id] + [finding])

    def without(self, *ids: FindingId) -> FindingSet:
        return FindingSet([f for f in self if f.id not in ids])


def _rank(finding: Finding) -> tuple[int, date]:
    return (int(finding.origin), finding.observed_on or date.min)
