"""Old and new activities settled into one history: tables joined, duplicates merged, shoes named once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from soleus.core.activity import Repair
from soleus.core.training import RunSummary
from soleus.history.duplicates import Tolerances, group_duplicates, merge_group, unify_shoes
from soleus.history.join import Tables
from soleus.history.store import StoredRun
from soleus.history.work import Hints, ReadRun, Settings

_NEW_TABLE = -2
_OLD = -1


@dataclass(slots=True)
class Found:
    """One activity met in this import. `index`: place of its file in the report."""

    run: ReadRun
    index: int
    digest: str = field(default="", repr=False)
    record_file: str = ""
    digests: tuple[str, ...] = field(default=(), repr=False)
    """Of every file it is known to have come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    runs: tuple[StoredRun, ...]
    """Every activity once, oldest first."""
    added: int
    joined: int
    """Records of an activity that another one stands for."""
    outdone: tuple[int, ...]
    """Places of files whose activity came from a richer one as well."""
    aliases: Mapping[str, str]
    """Ids of shoes that stand for another id."""
    notes: tuple[Repair, ...]


def settle(
    *,
    old: Sequence[StoredRun],
    new: Sequence[Found],
    tables: Tables,
    hints: Mapping[str, tuple[int, Hints]],
    aliases: Mapping[str, str],
    settings: Settings,
    complete: bool,
) -> Settled:
    """One history of what was stored and what was found.

    1. Strava's words reach stored activities whose file is met again. 2. Garmin's summaries are matched with stored and
    new activities; what only a table knows is added (not when the import was broken off: the files may yet come).
    3. Duplicates are grouped, the richest kept. 4. Shoes that two platforms name differently get one id.
    """
    entries = [*(_recalled(stored, hints) for stored in old), *new]
    notes: tuple[Repair, ...] = ()
    if complete:
        joined = tables.finish([(entry.index, entry.run) for entry in entries], settings)
        notes = joined.notes
        for entry, run in zip(entries, joined.runs, strict=True):
            entry.run = run
        entries.extend(Found(run, _NEW_TABLE) for run in joined.added)
    summaries = [entry.run.summary for entry in entries]
    groups = group_duplicates(summaries, Tolerances.of(settings.knowledge))
    all_aliases = _flat(
        {**aliases, **unify_shoes([[summaries[i] for i in group] for group in groups], tables.shoe_pairs)}
    )
    runs: list[StoredRun] = []
    outdone: list[int] = []
    added = 0
    for group in groups:
        first = entries[group[0]]
        digests = {digest: None for i in group for digest in (entries[i].digest, *entries[i].digests) if digest}
        summary = _renamed(merge_group([summaries[i] for i in group]), all_aliases)
        runs.append(
            StoredRun(summary=summary, digest=first.digest, record_file=first.record_file, digests=tuple(digests))
        )
        outdone.extend(entries[i].index for i in group[1:] if i >= len(old) and entries[i].index >= 0)
        added += all(i >= len(old) for i in group)
    return Settled(
        runs=tuple(runs),
        added=added,
        joined=len(entries) - len(groups),
        outdone=tuple(outdone),
        aliases=all_aliases,
        notes=notes,
    )


def _recalled(stored: StoredRun, hints: Mapping[str, tuple[int, Hints]]) -> Found:
    """A stored activity with what the tables of this import say of its files."""
    summary, index = stored.summary, _OLD
    for digest in stored.digests:
        if digest not in hints:
            continue
        place, hint = hints[digest]
        own = digest == stored.digest
        index = place if own else index
        summary = replace(
            summary,
            labels=summary.labels | hint.labels,
            shoe=(hint.shoe or summary.shoe) if own else (summary.shoe or hint.shoe),
            session_rpe=summary.session_rpe if summary.session_rpe is not None else hint.session_rpe,
        )
    run = ReadRun(summary=summary, stated_distance_m=None if summary.from_totals else summary.distance_m)
    return Found(run, index, stored.digest, stored.record_file, stored.digests)


def _renamed(run: RunSummary, aliases: Mapping[str, str]) -> RunSummary:
    return replace(run, shoe=aliases[run.shoe]) if run.shoe is not None and run.shoe in aliases else run


def _flat(aliases: Mapping[str, str]) -> dict[str, str]:
    """Aliases of aliases followed to the end; a circle ends where it began and is left out."""
    flat: dict[str, str] = {}
    for name in aliases:
        target, seen = aliases[name], {name}
        while target in aliases and target not in seen:
            seen.add(target)
            target = aliases[target]
        if target not in seen:
            flat[name] = target
    return flat
