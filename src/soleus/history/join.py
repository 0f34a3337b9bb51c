"""Tables of Strava and Garmin archives joined with the activity files around them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median

from soleus.core.activity import Activity, Repair, Shoe, Sport, Surface
from soleus.core.training import RunSummary
from soleus.history.work import Hints, ReadRun, Settings, summarise
from soleus.readers import garmin_export, strava_export
from soleus.readers.containers import Member
from soleus.readers.detect import FileFormat

TABLE_FORMATS = frozenset({FileFormat.STRAVA_CSV, FileFormat.GARMIN_JSON, FileFormat.GARMIN_GEAR})
_START_S = 10.0
"""Garmin's summaries state the start of the file itself; edits and imports differ by seconds."""
_WRONG_DAY_S = 36 * 3600.0


FileRun = tuple[int, ReadRun]
"""Place of the file in the report, and one activity of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """`runs` in the order given; `added`: activities that only a table knows."""

    runs: tuple[ReadRun, ...]
    added: tuple[ReadRun, ...]
    notes: tuple[Repair, ...]


@dataclass(slots=True)
class Tables:
    """What the tables of all archives of one import say."""

    strava: list[strava_export.StravaTable] = field(default_factory=list)
    summaries: list[garmin_export.GarminSummary] = field(default_factory=list)
    worn: dict[str, str] = field(default_factory=dict)
    _shoes: dict[str, Shoe] = field(default_factory=dict)
    row_of_file: dict[int, strava_export.StravaRow] = field(default_factory=dict)
    """By the file's place in the report."""
    shoe_pairs: list[tuple[str, str]] = field(default_factory=list)
    """Shoes of two platforms said of the same activity."""
    _rows: dict[str, strava_export.StravaRow] = field(default_factory=dict)

    def enter_container(self) -> None:
        """Another archive begins: file names of the last one mean nothing there."""
        self._rows = {}

    def read(self, member: Member) -> tuple[Repair, ...]:
        """Take in one table; what was not understood is given back."""
        with member.open() as stream:
            if member.format is FileFormat.STRAVA_CSV:
                table = strava_export.read_table(stream)
                self.strava.append(table)
                self._rows.update(table.by_file)
                for row in table.rows:
                    if row.shoe is not None:
                        self._shoes.setdefault(row.shoe.id, row.shoe)
                return table.notes
            if member.format is FileFormat.GARMIN_JSON:
                self.summaries.extend(garmin_export.read_summaries(stream))
                return ()
            gear = garmin_export.read_gear(stream)
            self.worn.update(gear.worn)
            for shoe in gear.shoes:
                self._shoes.setdefault(shoe.id, shoe)
            return gear.notes

    def shoes(self) -> tuple[Shoe, ...]:
        return tuple(self._shoes.values())

    def hints(self, member: Member, index: int) -> Hints:
        """What Strava's table says of a file, found by the last two parts of its path (it may be packed again)."""
        row = self._rows.get("/".join(member.parts[-2:]).lower())
        if row is None:
            return Hints()
        self.row_of_file[index] = row
        return Hints(
            sport=row.sport, surface=row.surface, shoe=row.shoe.id if row.shoe else None, labels=row.labels,
            session_rpe=row.totals.session_rpe,
        )  # fmt: skip

    def finish(self, runs: Sequence[FileRun], settings: Settings) -> Joined:
        """Runs with Garmin's words on them, activities that only a table knows, and notes."""
        notes: list[Repair] = []
        joined, only_garmin = self._join_garmin([run for _, run in runs], notes)
        only_strava = self._manual(runs, notes)
        added = tuple(summarise(activity, settings) for activity in (*only_strava, *only_garmin))
        return Joined(runs=tuple(joined), added=added, notes=tuple(notes))

    def _join_garmin(self, runs: Sequence[ReadRun], notes: list[Repair]) -> tuple[list[ReadRun], list[Activity]]:
        """Match summaries and files by start; believe the summaries' scale only when the distances agree."""
        ordered = sorted(self.summaries, key=lambda summary: summary.start_utc)
        starts = [summary.start_utc for summary in ordered]
        joined = list(runs)
        used: set[int] = set()
        ratios: list[float] = []
        for index, run in enumerate(runs):
            at = _nearest(starts, ordered, run.summary.start_utc)
            if at is None:
                continue
            used.add(at)
            stated, measured = ordered[at].totals.distance_m, run.stated_distance_m
            if stated and measured:
                ratios.append(stated / measured)
            joined[index] = replace(run, summary=self._enriched(run.summary, ordered[at]))
        splits = [summary.split_ratio for summary in ordered if summary.split_ratio is not None]
        only = [summary for at, summary in enumerate(ordered) if at not in used]
        if not (garmin_export.scale_is_right(ratios) and garmin_export.scale_is_right(splits)):
            detail = (
                "Distances in the account's summaries do not fit the files; activities without a file were left out."
            )
            notes.append(Repair(code="unknown_scale", detail=detail, count=max(1, len(only))))
            return joined, []
        made = (garmin_export.as_activity(one, shoe=self.worn.get(one.activity_id)) for one in only)
        return joined, [activity for activity in made if activity is not None]

    def _enriched(self, old: RunSummary, summary: garmin_export.GarminSummary) -> RunSummary:
        day = old.day
        if summary.utc_offset_s is not None:
            day = (old.start_utc + timedelta(seconds=summary.utc_offset_s)).date()
        return replace(
            old,
            day=day,
            labels=old.labels | summary.labels,
            shoe=self._shoe(old.shoe, self.worn.get(summary.activity_id)),
            surface=summary.surface if old.surface is Surface.UNKNOWN else old.surface,
        )

    def _shoe(self, said: str | None, worn: str | None) -> str | None:
        """Another platform's shoe stays and the pair is noted; a shoe of the same account gives way to the new word."""
        if worn is None or said is None or said in self.worn.values():
            return worn or said
        if said != worn:
            self.shoe_pairs.append((said, worn))
        return said

    def _manual(self, runs: Sequence[FileRun], notes: list[Repair]) -> list[Activity]:
        """Entries of Strava's table without a file.

        What a translated activity type means is learnt from the files that carry the same word; the reading of the
        dates is checked against the files' own start and given up when they disagree by days.
        """
        sports: dict[str, Counter[Sport]] = defaultdict(Counter)
        off: list[float] = []
        for index, run in runs:
            row = self.row_of_file.get(index)
            if row is None:
                continue
            if run.summary.sport is not Sport.UNKNOWN:
                sports[row.type_word][run.summary.sport] += 1
            if row.start_utc is not None:
                off.append(abs((row.start_utc - run.summary.start_utc).total_seconds()))
        rows = [row for table in self.strava for row in table.manual]
        if rows and off and median(off) > _WRONG_DAY_S:
            detail = "The dates of the table do not fit the files; entries without a file were left out."
            notes.append(Repair(code="unknown_date", detail=detail, count=len(rows)))
            return []
        made = [strava_export.as_activity(row, sport=_sport(row, sports)) for row in rows]
        unknown = sum(1 for activity in made if activity is not None and activity.sport is Sport.UNKNOWN)
        if unknown:
            detail = "Entries without a file have an activity type that was not understood; they do not count as runs."
            notes.append(Repair(code="unknown_sport", detail=detail, count=unknown))
        return [activity for activity in made if activity is not None]


def _sport(row: strava_export.StravaRow, learnt: Mapping[str, Counter[Sport]]) -> Sport:
    if row.sport is not Sport.UNKNOWN or not learnt.get(row.type_word):
        return row.sport
    return learnt[row.type_word].most_common(1)[0][0]


def _nearest(starts: Sequence[datetime], ordered: Sequence[garmin_export.GarminSummary], start: datetime) -> int | None:
    """Index of the summary that starts with a run, frames of triathlons aside."""
    near: list[tuple[float, int]] = []
    at = bisect_left(starts, start - timedelta(seconds=_START_S))
    while at < len(starts) and (starts[at] - start).total_seconds() <= _START_S:
        if not ordered[at].parent:
            near.append((abs((starts[at] - start).total_seconds()), at))
        at += 1
    return min(near)[1] if near else None
