"""Changes as soft evidence for the findings of the vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from soleus.core.finding import Finding, Origin
from soleus.core.ids import FindingId
from soleus.core.training import Change, ChangeState, OnsetRun
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
    """P(pace collapse) and P(repeated stops) of the run on the onset day, 0 or 1; empty when the file cannot tell."""
    if run is None or run.within is None:
        return {}
    told = {REPEAT_STOPS: float(run.within.stops >= knowledge.value("stop.repeat_count"))}
    if run.within.pace_drop_ratio is not None:
        told[PACE_COLLAPSE] = float(run.within.pace_drop_ratio >= knowledge.value("pace_collapse.drop_ratio"))
    return told
