"""How often each stage of a running programme is done before the next."""

from __future__ import annotations

import pytest

from soleus.core.goals import Goals
from soleus.core.ids import ProgrammeId
from soleus.knowledge import load_knowledge
from soleus.planning.running import plan_running

PLANS = load_knowledge().plans


@pytest.mark.parametrize(
    ("programme", "sessions"),
    [
        ("rtr_short", [1] * 9),
        ("rtr_strain_g3", [2] * 3 + [1] * 10),
        ("rtr_bsi", [2] * 9),
    ],
)
def test_a_stage_is_done_as_often_as_the_programme_says(programme: str, sessions: list[int]) -> None:
    made = plan_running(
        PLANS.programmes[ProgrammeId(programme)], PLANS, Goals(), gate_state=(), cleared=False, current=None
    )
    assert [stage.sessions for stage in made.stages] == sessions


def test_bone_takes_at_least_six_weeks_to_forty_minutes() -> None:
    programme = PLANS.programmes[ProgrammeId("rtr_bsi")]
    made = plan_running(programme, PLANS, Goals(), gate_state=(), cleared=False, current=None)
    assert not made.open
    assert sum(stage.sessions for stage in made.stages) / made.sessions_per_week >= 6
