"""The training report as plain data in words: one source for the terminal, the HTML page, the PDF and the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soleus.clinic.training_evidence import TrainingEffect
from soleus.core.training import Change, OnsetRun, ShoeUse, TrainingReport
from soleus.exports.training_lists import SHOWN_SHOES, balance, balance_note, edits, not_found, untold
from soleus.exports.training_wording import (
    LONGER,
    amount,
    change_name,
    change_sentence,
    compared,
    effect_rows,
    effect_sentences,
    hazard_sentence,
    headline,
    is_ratio,
    is_unclear,
    km,
    support_sentences,
    told,
    warnings,
)
from soleus.exports.wording import long_date, text
from soleus.knowledge.base import KnowledgeBase

LIMITS = ("before", "own", "hazard", "load", "day", "files", "missing", "safe")
SECTIONS = (
    "changed",
    "unclear",
    "unchanged",
    "too_little",
    "effect",
    "onset_run",
    "charts",
    "shoes",
    "coverage",
    "balance",
    "files",
    "limits",
    "sources",
)
REFUSED, MENDED = "refused", "damaged-but-read"
SHOWN_PROBLEMS, SHOWN_FAULTS, SHOWN_LABELS, SHOWN_GAPS = 200, 3, 3, 3
EFFECT_HEADER = ("In 100 runners with these answers", "Without the files", "With them")

Document = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """What became of one file of an import. `label` names the file without naming a person."""

    label: str
    state: str
    reason: str = ""
    salvaged: int = 0
    """Activities that could still be read."""
    repairs: tuple[str, ...] = ()
    """What was mended, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """An import in numbers and lines."""

    files: tuple[FileLine, ...] = ()
    activities: int = 0
    duplicates: int = 0
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[FileLine, ...]:
        return tuple(line for line in self.files if line.state in (REFUSED, MENDED))


def training_document(
    report: TrainingReport,
    kb: KnowledgeBase,
    *,
    imported: Imported | None = None,
    effect: TrainingEffect | None = None,
    clinical: bool = False,
) -> Document:
    """Everything the training report says, in the order it is shown."""
    unclear = [change for change in report.unchanged if is_unclear(change)]
    same = [change for change in report.unchanged if not is_unclear(change)]
    described = [change for change in report.changed if change.strength == "descriptive"]
    found = [_changed(kb, change, report, clinical=clinical) for change in told(report)]
    return {
        "title": text(kb, f"training.report.title{'_clinical' if clinical else ''}"),
        "onset": long_date(report.onset_on),
        "headline": headline(kb, report),
        "warnings": warnings(kb, report),
        "enough": report.coverage.enough,
        "changed": found,
        "nothing_found": "" if found or not report.coverage.enough else text(kb, "training.report.none_that_stand_out"),
        "unclear": [change_sentence(kb, change) for change in (*unclear, *described)],
        "unclear_note": text(kb, "training.report.unclear_note") if unclear or described else "",
        "unchanged": not_found(kb, same),
        "unchanged_note": text(kb, "training.report.unchanged_note") if same else "",
        "too_little": untold(kb, report),
        "effect": [] if effect is None else effect_sentences(kb, effect, clinical=clinical),
        "effect_rows": [] if effect is None else effect_rows(kb, effect, clinical=clinical),
        "onset_run": [] if report.onset_run is None else _onset_run(kb, report.onset_run, report.coverage.days),
        "shoes": _shoes(kb, report.shoes),
        "coverage": _coverage(kb, report),
        "balance": balance(kb, report, clinical=clinical),
        "balance_note": balance_note(kb, report),
        "files": [] if imported is None else _files(kb, imported, report),
        "problems": [] if imported is None else _problems(imported)[:SHOWN_PROBLEMS],
        "limits": [text(kb, f"training.report.limit.{name}") for name in LIMITS],
        "sources": _sources(kb, report),
        "words": {name: _section(kb, name, clinical=clinical) for name in SECTIONS},
        "footer": f"Soleus · knowledge {report.knowledge_version or kb.version} · for education and research, "
        "not clinically reviewed",
    }


def _section(kb: KnowledgeBase, name: str, *, clinical: bool) -> str:
    lay = text(kb, f"training.report.section.{name}")
    return text(kb, f"training.report.section.{name}_clinical", lay) if clinical else lay


def _changed(kb: KnowledgeBase, change: Change, report: TrainingReport, *, clinical: bool) -> dict[str, object]:
    support = support_sentences(kb, change, report, clinical=clinical)
    if clinical:
        support.append(f"{change.id}: {figures(change)}")
    return {
        "id": change.id,
        "name": change_name(kb, change),
        "sentence": change_sentence(kb, change, clinical=clinical),
        "support": support,
        "strength": change.strength,
    }


def figures(change: Change) -> str:
    """The numbers behind a change for a professional, with the keys of its sources."""
    parts = []
    if change.recent is not None:
        parts.append(f"recent {amount(change.recent, change.unit)}, baseline {amount(change.baseline, change.unit)}")
    if change.effect is not None and is_ratio(change):
        parts.append(f"ratio {change.effect.value:.2f} (90% {change.effect.low:.2f} to {change.effect.high:.2f})")
    if change.robust_z is not None:
        parts.append(f"robust z {change.robust_z:.1f}")
    if change.probability is not None:
        parts.append(f"P(exceeds threshold) {change.probability:.2f}")
    parts.append(f"sources: {', '.join(change.sources)}" if change.sources else "no source")
    return "; ".join(parts)


def _onset_run(kb: KnowledgeBase, run: OnsetRun, known_days: int) -> list[str]:
    start = "training.report.onset_run"
    lines = []
    if run.distance_m is not None:
        lines.append(text(kb, f"{start}.distance", distance=km(run.distance_m)))
    if run.spike is not None and run.spike.ratio is not None:
        span = round(kb.training.value("spike.reference_days"))
        days = str(min(span, known_days))
        lines.append(text(kb, f"{start}.spike", more=compared(run.spike.ratio, LONGER), days=days))
        if known_days >= span:  # the study compared with a whole month
            lines.append(hazard_sentence(kb, run.spike))
    if run.within is not None and run.within.stops:
        minutes = amount(run.within.stopped_s / 60, "min")
        word = "stop" if run.within.stops == 1 else "stops"
        lines.append(text(kb, f"{start}.{word}", stops=str(run.within.stops), minutes=minutes))
    drop = None if run.within is None else run.within.pace_drop_ratio
    if drop is not None and drop >= kb.training.value("pace_collapse.drop_ratio"):
        lines.append(text(kb, f"{start}.collapse", percent=f"{100 * drop:.0f} %"))
    return [line for line in lines if line]


def _shoes(kb: KnowledgeBase, uses: Sequence[ShoeUse]) -> list[str]:
    """The pairs used last, and how many older ones there are."""
    latest = sorted(uses, key=lambda use: (use.last_day, use.first_day), reverse=True)
    older = len(latest) - SHOWN_SHOES
    more = [text(kb, "training.report.shoes.more", count=str(older))] if older > 0 else []
    return [*(_shoe(kb, use) for use in latest[:SHOWN_SHOES]), *more]


def _shoe(kb: KnowledgeBase, use: ShoeUse) -> str:
    first, last = long_date(use.first_day), long_date(use.last_day)
    name = use.shoe.name or text(kb, "training.report.shoes.unnamed")
    return text(kb, "training.report.shoes.line", name=name, distance=km(use.distance_m), first=first, last=last)


def _coverage(kb: KnowledgeBase, report: TrainingReport) -> list[str]:
    coverage, start = report.coverage, "training.report.coverage"
    lines = []
    if coverage.first_day is not None and coverage.last_day is not None:
        lines.append(
            text(
                kb,
                f"{start}.span",
                runs=str(coverage.runs),
                first=long_date(coverage.first_day),
                last=long_date(coverage.last_day),
                days=str(coverage.days),
            )
        )
    lines += [text(kb, f"{start}.table")] if coverage.from_table else []
    for first, last in reversed(coverage.gaps[-SHOWN_GAPS:]):
        lines.append(text(kb, f"{start}.gap", first=long_date(first), last=long_date(last)))
    if (older := len(coverage.gaps) - SHOWN_GAPS) > 0:
        lines.append(text(kb, f"{start}.gaps", count=str(older)))
    enough = "enough" if coverage.days >= kb.training.value("changes.baseline_last_day") else "short"
    little = "files_end" if coverage.reason == "files_end" else "little"
    lines.append(text(kb, f"{start}.{enough if coverage.enough else little}", days=str(coverage.days)))
    return lines + edits(kb, report)


def _files(kb: KnowledgeBase, imported: Imported, report: TrainingReport) -> list[str]:
    start = "training.report.files"
    if not imported.activities and not report.coverage.runs:
        return [text(kb, f"{start}.none"), *imported.notes]
    counts = {
        "activities": str(imported.activities),
        "files": str(len(imported.files)),
        "runs": str(report.coverage.runs),
    }
    lines = [text(kb, f"{start}.counts", **counts)]
    lines += [text(kb, f"{start}.duplicates", count=str(imported.duplicates))] if imported.duplicates else []
    for word, state in (("refused", REFUSED), ("mended", MENDED)):
        count = sum(line.state == state for line in imported.files)
        lines += [text(kb, f"{start}.{word}{'' if count == 1 else '_many'}", count=str(count))] if count else []
    return [*lines, *imported.notes]


def _problems(imported: Imported) -> list[tuple[str, str, str]]:
    """File, what was wrong, what could still be used; many files with one fault share a row."""
    rows: dict[tuple[str, str], list[FileLine]] = {}
    for line in sorted(imported.problems, key=lambda line: line.state != REFUSED):
        told_of = (part.strip(" .") for said in (line.reason, *line.repairs) for part in said.split(";"))
        faults = dict.fromkeys(part for part in told_of if part)
        reason = "; ".join(list(faults)[:SHOWN_FAULTS]) or line.state
        rows.setdefault((line.state, reason), []).append(line)
    return [(_labels(lines), reason, _kept(lines)) for (_, reason), lines in rows.items()]


def _labels(lines: Sequence[FileLine]) -> str:
    if len(lines) <= SHOWN_LABELS:
        return ", ".join(line.label for line in lines)
    return f"{len(lines)} files, such as {lines[0].label}"


def _kept(lines: Sequence[FileLine]) -> str:
    count = sum(line.salvaged for line in lines)
    return "nothing" if not count else f"{count} activit{'y' if count == 1 else 'ies'}"


def _sources(kb: KnowledgeBase, report: TrainingReport) -> list[str]:
    keys = dict.fromkeys(key for change in report.changed for key in change.sources)
    return [
        f"{source.citation.rstrip('.')}. {source.locator} (read: {source.verified})"
        for key in sorted(keys)
        if (source := kb.sources.get(key))
    ]
