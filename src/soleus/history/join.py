"""Tables of Strava and Garmin archives joined with the activity files around them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from soleus.core.activity import Repair, Shoe, Sport, Surface
from soleus.history.work import Hints, ReadRun, Settings, summarise
from soleus.readers import garmin_export, strava_export
from soleus.readers.containers import Limits, Member, MemberRefused, open_container
from soleus.readers.detect import FileFormat

TABLE_FORMATS = frozenset({FileFormat.STRAVA_CSV, FileFormat.GARMIN_JSON, FileFormat.GARMIN_GEAR})
_START_S = 10.0
"""Garmin's summaries state the start of the file itself; edits and imports differ by seconds."""
_WRONG_DAY_S = 36 * 3600.0


@dataclass(slots=True)
class Tables:
    """What the tables of all archives of one import say."""

    strava: list[strava_export.StravaTable] = field(default_factory=list)
    summaries: list[garmin_export.GarminSummary] = field(default_factory=list)
    worn: dict[str, str] = field(default_factory=dict)
    _shoes: dict[str, Shoe] = field(default_factory=dict)
    _rows: dict[str, strava_export.StravaRow] = field(default_factory=dict)
    _row_of_source: dict[int, strava_export.StravaRow] = field(default_factory=dict)

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

    def row_for(self, member: Member) -> strava_export.StravaRow | None:
        """Strava's row of a file, by the last two parts of its path: the archive may have been packed again."""
        return self._rows.get("/".join(member.parts[-2:]).lower())

    def hints(self, member: Member) -> Hints:
        row = self.row_for(member)
        if row is None:
            return Hints()
        return Hints(
            sport=row.sport, surface=row.surface, shoe=row.shoe.id if row.shoe else None, labels=row.labels,
            session_rpe=row.totals.session_rpe,
        )  # fmt: skip

    def finish(self, runs: Sequence[ReadRun], settings: Settings) -> tuple[list[ReadRun], list[ReadRun], list[Repair]]:
        """Runs with Garmin's words on them, activities that only a table knows, and notes."""
        notes: list[Repair] = []
        joined, unmatched = self._join_garmin(runs, notes)
        added = [summarise(activity, settings) for activity in self._manual(runs, notes)]
        added += [summarise(activity, settings) for activity in unmatched]
        return joined, added, notes

    def _join_garmin(
        self, runs: Sequence[ReadRun], notes: list[Repair]
    ) -> tuple[list[ReadRun], list[garmin_export.Activity]]:
        """Match summaries and files by start; believe the summaries' scale only when the distances agree."""
        ordered = sorted(self.summaries, key=lambda summary: summary.start_utc)
        starts = [summary.start_utc for summary in ordered]
        joined, used, ratios = list(runs), set[int](), list[float]()
        for index, run in enumerate(runs):
            at = _nearest(starts, ordered, run)
            if at is None:
                continue
            used.add(at)
            summary = ordered[at]
            stated, measured = summary.totals.distance_m, run.stated_distance_m
            if stated and measured:
                ratios.append(stated / measured)
            joined[index] = replace(run, summary=self._enriched(run, summary))
        splits = [summary.split_ratio for summary in ordered if summary.split_ratio is not None]
        if not (garmin_export.scale_is_right(ratios) and garmin_export.scale_is_right(splits)):
            notes.append(
                Repair(
                    code="unknown_scale",
                    detail="Distances in the account's summaries do not fit the files, so activities without a file were left out.",
                )
            )
            return joined, []
        only = (summary for at, summary in enumerate(ordered) if at not in used)
        activities = (garmin_export.as_activity(s, shoe=self.worn.get(s.activity_id)) for s in only)
        return joined, [activity for activity in activities if activity is not None]

    def _enriched(self, run: ReadRun, summary: garmin_export.GarminSummary) -> object:
        old = run.summary
        day = old.day
        if summary.utc_offset_s is not None and old.format != "fit":
            day = (old.start_utc + timedelta(seconds=summary.utc_offset_s)).date()
        return replace(
            old,
            day=day,
            labels=old.labels | summary.labels,
            shoe=self.worn.get(summary.activity_id) or old.shoe,
            surface=summary.surface if old.surface is Surface.UNKNOWN else old.surface,
        )

    def _manual(self, runs: Sequence[ReadRun], notes: list[Repair]) -> list[garmin_export.Activity]:
        activities = []
        for table in self.strava:
            for row in table.manual:
                activity = strava_export.as_activity(row)
                if activity is not None:
                    activities.append(activity)
        return activities


def _nearest(starts: Sequence[object], ordered: Sequence[garmin_export.GarminSummary], run: ReadRun) -> int | None:
    """Index of the summary that starts with the run, frames of triathlons aside."""
    start = run.summary.start_utc
    at = bisect_left(starts, start - timedelta(seconds=_START_S))  # type: ignore[type-var]
    best: tuple[float, int] | None = None
    while at < len(ordered) and (ordered[at].start_utc - start).total_seconds() <= _START_S:
        if not ordered[at].parent:
            off = abs((ordered[at].start_utc - start).total_seconds())
            best = min(best, (off, at)) if best else (off, at)
        at += 1
    return best[1] if best else None


def route_finder(path: Path | str | BinaryIO, limits: Limits) -> Callable[[str], bytes | None]:
    """Routes of an Apple Health export by the path its workouts name, from the same archive or folder."""

    def find(route: str) -> bytes | None:
        wanted = tuple(part for part in route.split("/") if part)[-2:]
        if not wanted or isinstance(path, (str, Path)) is False:
            return None
        for member in open_container(path, limits):
            if member.parts[-len(wanted) :] == wanted:
                try:
                    return member.read()
                except MemberRefused:
                    return None
        return None

    return find


__all__ = ["TABLE_FORMATS", "Hints", "Tables", "route_finder"]
