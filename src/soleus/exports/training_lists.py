"""Short lists of the training report: what was told, what was looked for and not found, what cannot be told."""

from __future__ import annotations

from collections.abc import Sequence

from soleus.core.training import Change, LoadBalance, TrainingReport
from soleus.exports.training_wording import change_name, reason_words
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

GROUPS = {
    "amount": ("session_spike", "weekly_distance", "longest_run", "run_days", "consecutive_days", "return_after_break"),
    "hills": ("weekly_ascent", "steep_uphill_minutes", "first_hills", "weekly_descent"),
    "speed": ("fast_minutes", "first_fast"),
    "shoes": ("shoe_new", "shoe_lower_drop"),
    "ground": ("surface_treadmill", "surface_trail", "surface_track"),
    "form": ("forefoot_shift", "cadence_drop", "contact_time_rise", "balance_shift"),
    "load": ("calf_load_damage", "calf_load_impulse", "acwr", "monotony"),
}
"""What belongs together when many changes are listed; an unknown one stands with the load numbers."""

SHOWN_SHOES = 6
USUAL_CONVENTION = "one_over_tau"
CONVENTIONS = {
    "one_over_tau": "steps of 1/42 and 1/7",
    "exponential": "steps of 1 - exp(-1/42) and 1 - exp(-1/7)",
    "two_over_n_plus_one": "steps of 2/43 and 2/8",
}
"""The three ways in which platforms smooth these numbers."""

LOADS = {
    "distance_km": "kilometres a day",
    "trimp": "TRIMP (from heart rate) a day",
    "session_rpe": "effort times minutes, a day",
    "rtss": "rTSS (from pace) a day",
}


def not_found(kb: KnowledgeBase, changes: Sequence[Change]) -> list[str]:
    """One line for each kind of change that was looked for and not found."""
    lines = []
    for group, ids in GROUPS.items():
        last = group == "load"
        names = [change_name(kb, c) for c in changes if c.id in ids or (last and not _grouped(c))]
        if names:
            title = text(kb, f"training.report.group.{group}")
            lines.append(f"{title}: {', '.join(_small(name) for name in names)}.")
    return lines


def _grouped(change: Change) -> bool:
    return any(change.id in ids for ids in GROUPS.values())


def untold(kb: KnowledgeBase, report: TrainingReport) -> list[str]:
    """What cannot be told, together by reason: the history's own reason, else what this change would need."""
    changes, start = report.too_little, "training.report.untold"
    if not changes:
        return []
    if not report.coverage.enough:
        return [text(kb, f"{start}.all", count=str(len(changes)), reason=reason_words(kb, changes[0]))]
    if report.coverage.from_table:
        return [text(kb, f"{start}.table", list=_joined(kb, changes))]
    by_reason: dict[str, list[Change]] = {}
    for change in changes:
        needed = change.reason == "no_channel" and text(kb, f"training.change.{change.id}.too_little")
        by_reason.setdefault(needed or f"{capital(reason_words(kb, change))}.", []).append(change)
    return [f"{capital(_joined(kb, same))}. {reason}" for reason, same in by_reason.items()]


def _joined(kb: KnowledgeBase, changes: Sequence[Change]) -> str:
    return ", ".join(_small(change_name(kb, change)) for change in changes)


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def capital(sentence: str) -> str:
    """The first letter large."""
    return sentence[:1].upper() + sentence[1:]


def edits(kb: KnowledgeBase, report: TrainingReport) -> list[str]:
    """What was repaired, one line for all that needs no thought; a guess at the sport stands on its own."""
    start, lines, small = "training.report.edit", [], []
    for name, count in sorted(report.edits.items()):
        if name == "unknown_sport":
            lines.append(text(kb, f"{start}.unknown_sport_{'one' if count == 1 else 'many'}", count=str(count)))
            continue
        what = text(kb, f"{start}.{name}", name.replace("_", " "))
        small.append(f"{what} ({count} run{'' if count == 1 else 's'})")
    return [*lines, *([text(kb, "training.report.fixed", list="; ".join(small))] if small else [])]


def balance(kb: KnowledgeBase, report: TrainingReport, *, clinical: bool) -> list[tuple[str, str]]:
    """Name and number of each; a professional sees every convention, because they give different numbers.

    CTL and TSB are left out while the history is shorter than the days that CTL averages: they would still be rising
    from zero.
    """
    given: LoadBalance | None = report.balance
    if given is None:
        return []
    short = report.coverage.days < kb.training.value("balance.ctl_days")
    rows = []
    for label, values in (("CTL", given.ctl), ("ATL", given.atl), ("TSB", given.tsb)):
        if short and label != "ATL":
            continue
        for name, value in values.items():
            if clinical or name == USUAL_CONVENTION or USUAL_CONVENTION not in values:
                rows.append((f"{label} ({CONVENTIONS.get(name, name)})", f"{value:.1f}"))
    named = (
        ("ACWR, coupled", given.acwr_coupled),
        ("ACWR, uncoupled", given.acwr_uncoupled),
        ("ACWR, exponentially weighted", given.acwr_ewma),
        ("Monotony (Foster)", given.monotony),
        ("Strain (Foster)", given.strain),
        ("Last week / week before", given.week_on_week),
    )
    rows += [(label, f"{value:.2f}") for label, value in named if value is not None and value == value]
    return [("Load counted", LOADS.get(given.load, given.load.replace("_", " "))), *rows]


def balance_note(kb: KnowledgeBase, report: TrainingReport) -> str:
    """Description only, and what is left out of a short history."""
    days, note = report.coverage.days, text(kb, "training.report.balance_note")
    if report.balance is None or days >= kb.training.value("balance.ctl_days"):
        return note
    return f"{note} {text(kb, 'training.report.balance_short', days=str(days))}"
