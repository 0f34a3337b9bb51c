"""Drills that change how one runs are done inside the run."""

from __future__ import annotations

from plan_world import exercise

from soleus.core.plan import PlanPhase, Prescription, SessionKind
from soleus.knowledge import load_knowledge
from soleus.planning.limits import read_limits
from soleus.planning.session_demand import groups


def test_a_gait_drill_takes_no_time_beside_the_run_and_adds_no_running() -> None:
    drills = {
        name: exercise(name, kind="running_drill", targets=targets)
        for name, targets in (("quick_steps", ("running_gait",)), ("skipping", ("soleus",)))
    }
    phase = PlanPhase(
        id="p", text="p", number=0, entry=(), advance=(), step_back=(), stop=(), care=(), walk=None, run="programme",
        cross=(), expected_days=(7, 7, 7), current=True,
        prescriptions=tuple(Prescription(exercise=name, minutes=12) for name in drills),
    )  # fmt: skip
    found = groups(phase, drills, read_limits(load_knowledge().plans))[SessionKind.RUN]
    assert [(item.exercise, item.minutes) for item in found.items] == [("quick_steps", 0), ("skipping", 12)]
