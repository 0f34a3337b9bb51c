"""The training report as plain data in words: one source for the terminal, the HTML page, the PDF and the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soleus.clinic.training_evidence import TrainingEffect
from soleus.core.training import Change, LoadBalance, OnsetRun, ShoeUse, TrainingReport
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
    is_unclear,
    km,
    reason_words,
    support_sentences,
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
USUAL_CONVENTION = "one_over_tau"
CONVENTIONS = {
    "one_over_tau": "steps of 1/42 and 1/7",
    "exponential": "steps of 1 - exp(-1/42) and 1 - exp(-1/7)",
    "two_over_n_plus_one": "steps of 2/43 and 2/8",
}
"""The three ways in which platforms smooth these numbers."""

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
    found = [_changed(kb, change, report, clinical=clinical) for change in report.changed]
    return {
        "title": text(kb, f"training.report.title{'_clinical' if clinical else ''}"),
        "onset": long_date(report.onset_on),
        "headline": headline(kb, report),
        "warnings": warnings(kb, report),
        "enough": report.coverage.enough,
        "changed": found,
        "nothing_found": "" if found or not report.coverage.enough else text(kb, "training.report.none_that_stand_out"),
        "unclear": [change_sentence(kb, change) for change in unclear],
        "unclear_note": text(kb, "training.report.unclear_note") if unclear else "",
        "unchanged": [change_sentence(kb, change, clinical=clinical) for change in same],
        "unchanged_note": text(kb, "training.report.unchanged_note") if same else "",
        "too_little": _untold(kb, report.too_little),
        "effect": [] if effect is None else effect_sentences(kb, effect, clinical=clinical),
        "effect_rows": [] if effect is None else effect_rows(kb, effect, clinical=clinical),
        "onset_run": [] if report.onset_run is None else _onset_run(kb, report.onset_run),
        "shoes": [_shoe(kb, use) for use in report.shoes],
        "coverage": _coverage(kb, report),
        "balance": [] if report.balance is None else _balance(report.balance, clinical=clinical),
        "balance_note": text(kb, "training.report.balance_note"),
        "files": [] if imported is None else _files(kb, imported, report),
        "problems": [] if imported is None else _problems(imported)[:SHOWN_PROBLEMS],
        "limits": [text(kb, f"training.report.limit.{name}") for name in LIMITS],
        "sources": _sources(kb, report),
        "words": {name: text(kb, f"training.report.section.{name}") for name in SECTIONS},
        "footer": f"Soleus · knowledge {report.knowledge_version or kb.version} · for education and research, "
        "not clinically reviewed",
    }


def _changed(kb: KnowledgeBase, change: Change, report: TrainingReport, *, clinical: bool) -> dict[str, object]:
    support = support_sentences(kb, change, report, clinical=clinical)
    if clinical:
        support.append(f"{change.id}: {_figures(change)}")
    return {
        "id": change.id,
        "name": change_name(kb, change),
        "sentence": change_sentence(kb, change, clinical=clinical),
        "support": support,
        "strength": change.strength,
    }


def _figures(change: Change) -> str:
    """The numbers behind a change for a professional."""
    parts = [f"recent {amount(change.recent, change.unit)}, baseline {amount(change.baseline, change.unit)}"]
    if change.effect is not None:
        parts.append(f"effect {change.effect.value:.2f} (90% {change.effect.low:.2f} to {change.effect.high:.2f})")
    if change.robust_z is not None:
        parts.append(f"robust z {change.robust_z:.1f}")
    if change.probability is not None:
        parts.append(f"P(exceeds threshold) {change.probability:.2f}")
    return "; ".join(parts)


def _untold(kb: KnowledgeBase, changes: Sequence[Change]) -> list[str]:
    """What cannot be told, together by reason: the history's own reason, else what this change would need."""
    by_reason: dict[str, list[str]] = {}
    for change in changes:
        needed = change.reason == "no_channel" and text(kb, f"training.change.{change.id}.too_little")
        by_reason.setdefault(needed or _capital(f"{reason_words(kb, change)}."), []).append(change_name(kb, change))
    return [f"{'; '.join(names)}. {reason}" for reason, names in by_reason.items()]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _onset_run(kb: KnowledgeBase, run: OnsetRun) -> list[str]:
    start = "training.report.onset_run"
    lines = []
    if run.distance_m is not None:
        lines.append(text(kb, f"{start}.distance", distance=km(run.distance_m)))
    if run.spike is not None and run.spike.ratio is not None:
        more = compared(run.spike.ratio, LONGER)
        lines.append(text(kb, f"{start}.spike", more=more))
        lines.append(hazard_sentence(kb, run.spike))
    if run.within is not None and run.within.stops:
        minutes = amount(run.within.stopped_s / 60, "min")
        word = "stop" if run.within.stops == 1 else "stops"
        lines.append(text(kb, f"{start}.{word}", stops=str(run.within.stops), minutes=minutes))
    drop = None if run.within is None else run.within.pace_drop_ratio
    if drop is not None and drop >= kb.training.value("pace_collapse.drop_ratio"):
        lines.append(text(kb, f"{start}.collapse", percent=f"{100 * drop:.0f} %"))
    return [line for line in lines if line]


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
    little = "files_end" if coverage.reason == "files_end" else "little"
    lines.append(text(kb, f"{start}.{'enough' if coverage.enough else little}"))
    if report.edits:
        listed = ", ".join(f"{name.replace('_', ' ')} ({count})" for name, count in sorted(report.edits.items()))
        lines.append(text(kb, "training.report.fixed", list=listed))
    return lines


def _balance(balance: LoadBalance, *, clinical: bool) -> list[tuple[str, str]]:
    """Name and number of each; a professional sees every convention, because they give different numbers."""
    rows = []
    for label, values in (("CTL", balance.ctl), ("ATL", balance.atl), ("TSB", balance.tsb)):
        for name, value in values.items():
            if clinical or name == USUAL_CONVENTION or USUAL_CONVENTION not in values:
                rows.append((f"{label} ({CONVENTIONS.get(name, name)})", f"{value:.1f}"))
    named = (
        ("ACWR, coupled", balance.acwr_coupled),
        ("ACWR, uncoupled", balance.acwr_uncoupled),
        ("ACWR, exponentially weighted", balance.acwr_ewma),
        ("Monotony (Foster)", balance.monotony),
        ("Strain (Foster)", balance.strain),
        ("Last week / week before", balance.week_on_week),
    )
    rows += [(label, f"{value:.2f}") for label, value in named if value is not None]
    return [("Load counted", balance.load.replace("_", " ")), *rows]


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
        faults = dict.fromkeys(part.rstrip(".") for part in (line.reason, *line.repairs) if part)
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
