"""The planted-change study: how often a change of known size is found, and how often nothing is cried over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from soleus.core.training import Change, ChangeState
from soleus.knowledge.base import KnowledgeBase
from soleus.training.analysis import look_for_changes
from soleus.training.daily import runs_before
from soleus.training.spike import session_spikes
from soleus.validation.simulated_runner import (
    ONSET,
    History,
    Plant,
    climbing,
    draw_habits,
    longer,
    plant_break,
    plant_forefoot,
    plant_shoe,
    plant_spike,
    simulate_runner,
)
from soleus.validation.statistics import Share

SHORT_DAYS = 84


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One kind of planted change, its sizes, and the definitions that count as finding it."""

    id: str
    words: str
    plant: Plant
    sizes: tuple[float, ...]
    right: frozenset[str]


STUDY: tuple[Planted, ...] = (
    Planted(
        id="spike",
        words="one run longer than the longest of the 30 days before, by",
        plant=plant_spike,
        sizes=(0.1, 0.2, 0.3, 0.5, 1.0),
        right=frozenset({"session_spike"}),
    ),
    *(
        Planted(
            id=f"ascent_{days}",
            words=f"climb of the last {days} days higher by",
            plant=climbing(days),
            sizes=(0.5, 1.0, 2.0),
            right=frozenset({"weekly_ascent"}),
        )
        for days in (7, 14, 28)
    ),
    *(
        Planted(
            id=f"distance_{days}",
            words=f"every run of the last {days} days longer by",
            plant=longer(days),
            sizes=(0.2, 0.3, 0.5, 1.0),
            right=frozenset({"weekly_distance"}),
        )
        for days in (7, 14, 28)
    ),
    Planted(
        id="low_shoe",
        words="share of the last 14 days' runs in a new pair with 6 mm less drop",
        plant=plant_shoe(2.0),
        sizes=(0.3, 0.6, 1.0),
        right=frozenset({"shoe_lower_drop"}),
    ),
    Planted(
        id="new_shoe",
        words="share of the last 14 days' runs in a new model of the same drop",
        plant=plant_shoe(8.0),
        sizes=(0.3, 0.6, 1.0),
        right=frozenset({"shoe_new"}),
    ),
    Planted(
        id="forefoot",
        words="foot strike further forward by",
        plant=plant_forefoot,
        sizes=(0.25, 0.5, 1.0),
        right=frozenset({"forefoot_shift"}),
    ),
    Planted(
        id="break",
        words="days without a run, ended 10 days before the onset",
        plant=plant_break,
        sizes=(7.0, 14.0, 21.0, 28.0),
        right=frozenset({"return_after_break"}),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """One row: how often the right definition fired, and any at all."""

    planted: Planted
    size: float
    found: Share
    any_change: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedStudy:
    """Figures of one run of the study."""

    runners: int
    seed: int
    false_any: Share
    """Unchanged runners of whom anything at all was said to have changed."""
    false_any_short: Share
    """The same with only the last 12 weeks of history."""
    false_by_definition: Mapping[str, Share]
    spike_above_reference: Share
    """Unchanged runners with at least one run above 1.10 in the last 14 days: the plain rule without own variation."""
    detections: tuple[Detection, ...] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    """Definitions that had too little to go on in unchanged runners."""


def run_planted_study(runners: int, seed: int, kb: KnowledgeBase, *, only: Sequence[str] | None = None) -> PlantedStudy:
    """Simulate `runners` runners from `seed`, look at each unchanged and with every change planted, and count.

    `only`: ids of `STUDY` to plant (None = all). The same seed gives the same runners.
    """
    histories = [_history(seed, index) for index in range(runners)]
    looked = [_changes(history, kb) for history in histories]
    fired = [_ids(changes, ChangeState.CHANGED) for changes in looked]
    false = Counter(name for ids in fired for name in ids)
    unread = Counter(name for changes in looked for name in _ids(changes, ChangeState.TOO_LITTLE))
    short = [_ids(_changes(_shortened(history), kb), ChangeState.CHANGED) for history in histories]
    ids = [definition.id for definition in kb.training.changes]
    return PlantedStudy(
        runners=runners,
        seed=seed,
        false_any=Share(hits=sum(map(bool, fired)), n=runners),
        false_any_short=Share(hits=sum(map(bool, short)), n=runners),
        false_by_definition={name: Share(hits=false[name], n=runners) for name in ids},
        spike_above_reference=Share(hits=sum(_above_reference(history, kb) for history in histories), n=runners),
        detections=tuple(_detections(histories, seed, kb, only)),
        unread=dict(sorted(unread.items())),
    )


def _history(seed: int, index: int) -> History:
    rng = np.random.default_rng((seed, index))
    return simulate_runner(rng, draw_habits(rng))


def _shortened(history: History) -> History:
    return tuple(run for run in history[0] if (ONSET - run.day).days <= SHORT_DAYS), history[1]


def _changes(history: History, kb: KnowledgeBase) -> tuple[Change, ...]:
    """As in `analyse_training`, without the parts of the report that the study does not count."""
    return look_for_changes(runs_before(history[0], ONSET), onset_on=ONSET, kb=kb, shoes=history[1])[2]


def _ids(changes: Sequence[Change], state: ChangeState) -> frozenset[str]:
    return frozenset(change.id for change in changes if change.state is state)


def _above_reference(history: History, kb: KnowledgeBase) -> bool:
    """Whether the list of runs, taken literally, holds a spike in the last two weeks."""
    limit = kb.training.tables["spike.categories"].numbers("high")[0]
    spikes = session_spikes(
        runs_before(history[0], ONSET),
        first_day=ONSET - timedelta(days=int(kb.training.value("spike.lookback_days"))),
        last_day=ONSET - timedelta(days=1),
        knowledge=kb.training,
    )
    return any(spike.ratio is not None and spike.ratio > limit for spike in spikes)


def _detections(
    histories: Sequence[History], seed: int, kb: KnowledgeBase, only: Sequence[str] | None
) -> Iterator[Detection]:
    for planted in STUDY:
        if only is not None and planted.id not in only:
            continue
        for size in planted.sizes:
            fired = []
            for index, history in enumerate(histories):
                rng = np.random.default_rng((seed, index, round(1000 * size)))
                changed = planted.plant(history, size, rng)
                if changed is not None:
                    fired.append(_ids(_changes(changed, kb), ChangeState.CHANGED))
            yield Detection(
                planted=planted,
                size=size,
                found=Share(hits=sum(bool(ids & planted.right) for ids in fired), n=len(fired)),
                any_change=Share(hits=sum(bool(ids) for ids in fired), n=len(fired)),
            )
