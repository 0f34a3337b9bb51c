"""What an import says to a person: the lines of a report's "your files" part."""

from __future__ import annotations

from soleus.exports.training_document import FileLine, Imported
from soleus.history.report import History


def imported_of(history: History) -> Imported:
    """What became of each file, in the shape that reports take; names are the cleaned ones."""
    report = history.report
    return Imported(
        files=tuple(
            FileLine(
                label=outcome.label,
                state=outcome.state.value,
                reason=outcome.reason,
                salvaged=outcome.runs,
                repairs=tuple(repair.detail for repair in outcome.repairs),
            )
            for outcome in report.files
        ),
        activities=len(history.runs),
        duplicates=report.merged_duplicates,
        notes=tuple(note.detail for note in report.notes),
    )
