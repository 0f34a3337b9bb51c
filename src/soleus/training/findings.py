"""Changes as soft evidence for the findings of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np

from soleus.core.activity import Sport
from soleus.core.finding import Finding, Origin
from soleus.core.ids import FindingId
from soleus.core.training import Change, ChangeState, OnsetRun, RunSummary
from soleus.knowledge.base import FindingDefinition, TrainingKnowledge

WATCH = "watch"
SAYS_NOTHING = 1e-9
"""A likelihood this close to one half is no evidence and is left out."""
PACE_COLLAPSE = FindingId("watch_pace_collapse")
REPEAT_STOPS = FindingId("watch_repeat_stops")


def soft_findings(
    changes: Iterable[Change],
    *,
    coverage: float,
    observed_on: date,
    definitions: Mapping[FindingId, FindingDefinition],
    knowledge: TrainingKnowledge,
    more: Mapping[FindingId, float] | None = None,
) -> tuple[Finding, ...]:
    """One finding per id that a change, or `more` (id → probability), can speak for, by id.

    Likelihood {"true": q, "false": 1 − q}, q = 0.5 + c·(p − 0.5), p = P(the change exceeds its threshold and is out of
    the ordinary for this runner | files), c = `coverage` in [0, 1] (1 for `more`, which needs no baseline), clipped
    to [`evidence.clip_low`, `evidence.clip_high`]; the largest q of several changes counts. `value` is True from
    `evidence.value_true` on, False up to `evidence.value_false` and only where nobody but the watch is asked, else
    None. A change of which too little is known gives nothing: unknown never reassures. Neither do the others then:
    hills found unchanged do not speak against "hills or speed" while the speeds are unknown.
    """
    strongest: dict[FindingId, float] = dict(more or {})
    in_the_dark: set[FindingId] = set()
    for change in changes:
        if change.state is ChangeState.TOO_LITTLE or change.probability is None:
            in_the_dark.update(change.findings)
            continue
        q = 0.5 + coverage * (change.probability - 0.5)
        for finding in change.findings:
            strongest[finding] = max(strongest.get(finding, 0.0), q)
    low, high = knowledge.value("evidence.clip_low"), knowledge.value("evidence.clip_high")
    found = []
    for finding, strength in sorted(strongest.items()):
        if finding not in definitions:
            continue
        q = min(max(strength, low), high)
        if abs(q - 0.5) < SAYS_NOTHING or (q < 0.5 and finding in in_the_dark):
            continue
        found.append(
            Finding(
                id=finding,
                value=_value(q, definitions[finding], knowledge),
                origin=Origin.MEASURED,
                observed_on=observed_on,
                likelihood={"true": q, "false": 1 - q},
            )
        )
    return tuple(found)


def _value(q: float, definition: FindingDefinition, knowledge: TrainingKnowledge) -> bool | None:
    if q >= knowledge.value("evidence.value_true"):
        return True
    watch_alone = set(definition.asked_of) == {WATCH}
    return False if watch_alone and q <= knowledge.value("evidence.value_false") else None


def of_onset_run(run: OnsetRun | None, knowledge: TrainingKnowledge) -> dict[FindingId, float]:
    """P(pace fell to a walk and the run ended), `evidence.pace_collapse`, when the run of the onset day shows it.

    Its absence tells nothing: a watch stopped at the moment of pain shows no walk.
    """
    if run is None or run.within is None or run.within.collapse_at_s is None:
        return {}
    return {PACE_COLLAPSE: knowledge.value("evidence.pace_collapse")}


def of_stops(runs: Iterable[RunSummary], *, onset_on: date, knowledge: TrainingKnowledge) -> dict[FindingId, float]:
    """P(stops after the same time in run after run), `evidence.repeat_stops`, when the files show that pattern.

    1. Runs from `stop.pattern_days` before the onset on, also those after it: this is how the pain behaves, not what
       came before it.
    2. At least `stop.repeat_count` of them, and half of all, have a long stop, and the times of the first one agree:
       standard deviation / mean up to `stop.pattern_spread`.
    No such pattern tells nothing: many run on through the pain, or stop the watch.
    """
    since = onset_on - timedelta(days=int(knowledge.value("stop.pattern_days")))
    looked_at = [
        run.within for run in runs if run.sport is Sport.RUNNING and run.day >= since and run.within is not None
    ]
    times = [within.first_stop_s for within in looked_at if within.first_stop_s is not None]
    if len(times) < max(knowledge.value("stop.repeat_count"), len(looked_at) / 2):
        return {}
    spread = float(np.std(times)) / max(float(np.mean(times)), 1.0)
    return (
        {REPEAT_STOPS: knowledge.value("evidence.repeat_stops")}
        if spread <= knowledge.value("stop.pattern_spread")
        else {}
    )
