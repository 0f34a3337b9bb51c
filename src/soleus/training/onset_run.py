"""The run of the onset day, described on its own: it is not part of what changed before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from soleus.core.training import OnsetRun, RunSummary, SessionSpike
from soleus.training.daily import runs_on


def describe_onset_run(
    runs: Sequence[RunSummary], *, onset_on: date, spikes: Sequence[SessionSpike]
) -> OnsetRun | None:
    """The longest run of the onset day with its stops, its loss of pace and its own spike; None without a run that
    day.
    """
    today = runs_on(runs, onset_on)
    if not today:
        return None
    run = max(today, key=lambda r: (r.distance_m or 0.0, r.moving_s, r.key))
    return OnsetRun(
        run_key=run.key,
        distance_m=run.distance_m,
        within=run.within,
        spike=next((spike for spike in spikes if spike.run_key == run.key), None),
    )
