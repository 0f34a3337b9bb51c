"""What an import gives back: the runs, the shoes, and one line for every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from soleus.core.activity import Repair, Shoe
from soleus.core.training import RunSummary


class FileState(Enum):
    READ = "read"
    READ_DAMAGED = "damaged-but-read"
    """Something was wrong in it and was mended or left out; `repairs` says what."""
    NOTHING_IN_IT = "nothing_in_it"
    """An activity file without an activity (settings, sleep, a workout plan)."""
    NOT_AN_ACTIVITY = "not_an_activity"
    DUPLICATE = "duplicate"
    """The same activity came from a richer file as well; shoes and labels were taken over from this one."""
    ALREADY_KNOWN = "already_known"
    """Imported before, byte for byte."""
    REFUSED = "refused"
    """Left unread on purpose, or unreadable; `reason` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file. `label` is cleaned of everything that could name a person."""

    label: str
    state: FileState
    code: str = ""
    """Stable slug of the reason; "" when there is nothing to say."""
    reason: str = ""
    """One plain sentence without a full stop; "" when there is nothing to say."""
    format: str = ""
    runs: int = 0
    """Activities it holds."""
    repairs: tuple[Repair, ...] = ()
    shown: str = field(default="", repr=False, compare=False)
    """Name of a loose file for the terminal of the person who gave it: never stored or written into a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Every file that was looked at, in the order met, with what was found about the archive as a whole."""

    files: tuple[FileOutcome, ...] = ()
    notes: tuple[Repair, ...] = ()
    """What was wrong with tables of an archive and what was done about it."""
    new_runs: int = 0
    """Activities this import added."""
    merged_duplicates: int = 0
    cancelled: bool = False
    records_kept: bool = False
    """Whether samples were stored, not only summaries."""

    @property
    def counts(self) -> Mapping[FileState, int]:
        """Files by state."""
        return Counter(outcome.state for outcome in self.files)

    @property
    def problems(self) -> tuple[FileOutcome, ...]:
        """What a person should look at: refused and damaged files."""
        wanted = {FileState.REFUSED, FileState.READ_DAMAGED}
        return tuple(outcome for outcome in self.files if outcome.state in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is. `files_found` and `bytes_total` may still grow while archives are opened."""

    files_done: int
    files_found: int
    bytes_done: int
    """Of the files and archives as they lie, before unpacking."""
    bytes_total: int
    runs: int
    problems: int

    @property
    def share(self) -> float:
        """0-1, never above 1."""
        return min(1.0, self.bytes_done / self.bytes_total) if self.bytes_total else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A runner's whole history, oldest first, every activity once."""

    runs: tuple[RunSummary, ...] = ()
    shoes: tuple[Shoe, ...] = ()
    report: ImportReport = ImportReport()
