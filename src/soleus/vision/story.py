"""What is told while an annotated film runs: landings, take-offs, how many steps so far, and the steady numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soleus.core.gait import GaitReport, HeelRaiseSet
from soleus.core.measurement import Measurement, Side
from soleus.knowledge.base import KnowledgeBase

LANDS, LEAVES, TOP = "lands", "leaves", "top"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something to look at in the film."""

    time_s: float
    kind: str
    """lands | leaves | top."""
    side: Side
    number: int
    """Of the step or raise, from 1; 0 for one that does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time with the foot on the ground, or one raise."""

    start_s: float
    end_s: float | None
    """None = seen too badly to say: only the landing is shown."""
    side: Side
    counts: bool


Cell = tuple[str, str]
"""A large value and the small words under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that is told, with all words filled in."""

    moments: tuple[Moment, ...]
    stretches: tuple[Stretch, ...]
    counter: str
    """Words under the running count."""
    steady: tuple[Cell, ...]
    words: Mapping[str, str]
    """Wording by its last part: "lands", "left" …"""
    around_s: float = 1.0
    """Real time shown on each side of now under the film."""

    def count_at(self, time_s: float) -> int:
        """Steps or raises that counted up to now."""
        kinds = (LANDS, TOP)
        return max((m.number for m in self.moments if m.kind in kinds and m.time_s <= time_s), default=0)

    def caption(self, moment: Moment) -> str:
        """One sentence for a still picture."""
        return self.words[f"still_{moment.kind}"].format(
            step=moment.number, side=self.words[moment.side.value], seconds=f"{moment.time_s:.2f}"
        )


def words_of(kb: KnowledgeBase) -> dict[str, str]:
    """Wording `gait.film.*` by its last part."""
    prefix = "gait.film."
    return {text_id.removeprefix(prefix): words for text_id, words in kb.text.items() if text_id.startswith(prefix)}


def story_of(report: GaitReport | HeelRaiseSet, kb: KnowledgeBase) -> Story:
    """The story of a run or of a heel-raise test."""
    return _of_raises(report, words_of(kb)) if isinstance(report, HeelRaiseSet) else _of_run(report, words_of(kb))


def _of_run(report: GaitReport, words: Mapping[str, str]) -> Story:
    """Of the far leg only the landings: its toe-off is hidden too often, and its contact time is not told either."""
    moments, stretches, number = [], [], 0
    for step in sorted(report.steps, key=lambda step: step.contact_s):
        counts = not step.dropped
        number += counts
        shown = number if counts else 0
        moments.append(Moment(time_s=step.contact_s, kind=LANDS, side=step.side, number=shown))
        end_s = step.toe_off_s if step.near else None
        stretches.append(Stretch(start_s=step.contact_s, end_s=end_s, side=step.side, counts=counts))
        if end_s is not None:
            moments.append(Moment(time_s=end_s, kind=LEAVES, side=step.side, number=shown))
    steady: list[Cell] = []
    cadence = report.metric("cadence")
    if cadence is not None and isinstance(cadence.measured, Measurement):
        steady.append((f"{cadence.measured.value:.0f}", words["cadence"]))
    contact = report.metric("contact_time", near=True)
    if contact is not None and contact.side is not None and isinstance(contact.measured, Measurement):
        seconds = contact.measured.value / (1000 if contact.measured.unit == "ms" else 1)
        on_ground = words["on_ground"].format(side=words[contact.side.value])
        steady.append((words["seconds"].format(seconds=f"{seconds:.2f}"), on_ground))
    return Story(
        moments=tuple(sorted(moments, key=lambda m: m.time_s)),
        stretches=tuple(stretches),
        counter=words["step_of"].format(count=number),
        steady=tuple(steady),
        words=words,
    )


def _of_raises(report: HeelRaiseSet, words: Mapping[str, str]) -> Story:
    moments, stretches, number = [], [], 0
    for one in report.raises:
        number += one.valid
        moments.append(Moment(time_s=one.peak_s, kind=TOP, side=report.side, number=number if one.valid else 0))
        stretches.append(Stretch(start_s=one.start_s, end_s=one.end_s, side=report.side, counts=one.valid))
    return Story(
        moments=tuple(moments),
        stretches=tuple(stretches),
        counter=words["raises"],
        steady=((str(report.attempted), words["tries"]),),
        words=words,
        around_s=4.0,
    )


def busiest_window(moments: Sequence[Moment], duration_s: float, length_s: float) -> tuple[float, float]:
    """The stretch of `length_s` with most counted moments, starting a little before one of them; (0, duration) when
    everything fits."""
    if duration_s <= length_s or not moments:
        return 0.0, min(duration_s, length_s)
    starts = [min(max(0.0, moment.time_s - 0.3), duration_s - length_s) for moment in moments]

    def counted(start: float) -> int:
        return sum(start <= m.time_s < start + length_s for m in moments if m.number)

    best = max(starts, key=counted)
    return best, best + length_s
