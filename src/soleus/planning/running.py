"""How running comes back: the gate, the stage to begin at, the stages, and the caps from the runner's own history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from soleus.core.expression import Truth
from soleus.core.goals import Goals
from soleus.core.ids import MeasureId, TextId
from soleus.core.message import Message
from soleus.core.plan import CriterionState, PlanPhase, RunningPlan, RunStage, RunWorkout
from soleus.knowledge.plan_base import PlanKnowledge, Programme, ProgrammeStage

RUN_MODES = ("programme", "full")
"""What waits for the gate."""
KEPT_MODES = ("within_pain", "half")
"""Easy running that no gate guards."""


def kept_mode(phases: Sequence[PlanPhase], current: int) -> str:
    """Easy running that the latest phase before the current one allowed: it may go on while the gate of the staged
    programme is closed, or whoever gets better would have to run less. "none" = there was none."""
    return next((phase.run for phase in reversed(phases[:current]) if phase.run in KEPT_MODES), "none")


def plan_running(
    programme: Programme,
    knowledge: PlanKnowledge,
    goals: Goals,
    *,
    gate_state: tuple[CriterionState, ...],
    cleared: bool,
    current: PlanPhase | None,
    measured: Mapping[MeasureId, float | bool] | None = None,
    pain_max_nrs: float | None = None,
    beside: tuple[Programme, ...] = (),
    kept: str = "none",
) -> RunningPlan:
    """The running part of a plan.

    1. The gate is open only when each of its criteria is certainly met and, where one must, a clinician has cleared
       running. 2. Begin after the last stage passed (`rtr_stage`), else at the first stage. 3. Rules of competing
    causes (`beside`) join: fewer runs, longer rests and the lower pain limit win. 4. Caps come from the runner's own
    history: the first week after the programme is no longer than the usual week, and no run is longer than the
    longest of the 30 days before the pain.

    `gate_state`: the gate's criteria beside what is known. `current`: the phase in force (None = nothing allowed).
    `kept`: easy running of the phases before (`kept_mode`), allowed on while the gate is closed.
    """
    everyone = (programme, *beside)
    pain = min([item.pain_limit_nrs for item in everyone] + ([] if pain_max_nrs is None else [pain_max_nrs]))
    must_clear = any(item.needs_clearance for item in everyone) or knowledge.gates[programme.gate].needs_clearance
    met = all(state.truth is Truth.TRUE for state in gate_state)
    history = goals.history
    passed = met and (cleared or not must_clear)
    allowed = "none" if current is None else current.run
    return RunningPlan(
        programme=programme.id,
        gate=programme.gate,
        gate_state=gate_state,
        open=passed,
        first_stage=_first_stage(programme, measured or {}),
        stages=tuple(_stage(programme, stage, pain) for stage in programme.stages),
        rules=tuple(
            Message(text=TextId(f"programme.{programme.id}.rule.{number}")) for number in range(1, programme.rules + 1)
        ),
        allowed_now=kept if allowed in RUN_MODES and not passed and kept != "none" else allowed,
        sessions_per_week=min(item.sessions_per_week for item in everyone),
        min_rest_h=max(item.min_rest_h for item in everyone),
        pain_max_nrs=pain,
        weekly_cap_km=None if history is None else history.weekly_km,
        single_run_cap_km=None if history is None else history.longest_run_km,
        sources=programme.sources,
    )


def _first_stage(programme: Programme, measured: Mapping[MeasureId, float | bool]) -> int:
    """Number of the stage after the last one passed; never beyond the last stage."""
    numbers = [stage.number for stage in programme.stages]
    passed = measured.get(MeasureId("rtr_stage"))
    if passed is None:
        return numbers[0]
    return next((number for number in numbers if number > passed), numbers[-1])


def _stage(programme: Programme, stage: ProgrammeStage, pain_max_nrs: float) -> RunStage:
    return RunStage(
        number=stage.number,
        sessions=programme.min_sessions_per_stage if stage.sessions is None else stage.sessions,
        workout=RunWorkout(
            id=f"{programme.id}.{stage.number}",
            name=Message(text=TextId("plan.run.stage"), params={"stage": stage.number}),
            warm_up_s=programme.warm_up_s,
            blocks=stage.blocks,
            cool_down_s=programme.cool_down_s,
            pain_max_nrs=pain_max_nrs,
            notes=(Message(text=TextId(stage.pace)),) + ((Message(text=TextId(stage.note)),) if stage.note else ()),
        ),
    )
