"""Runs of the plan as structured workouts for watches (FIT, file type "workout").

Messages and fields (public FIT profile): file_id 0, file_creator 49, workout 26, workout_step 27. A block of several
rounds is a run step, a walk step and a step of type repeat_until_steps_cmplt (6) whose duration_value is the index of
the block's first step and whose target_value the number of rounds in all. Steps of running have no pace target: pain
and breath lead, not the watch.

Which runs: those that the plan schedules for now. A run of a phase not yet reached (provisional) is left out unless
asked for, and so is every stage of the running programme while its gate is closed: a watch does not ask whether the
tests are passed. Easy running that the present phase allows all the same may go on.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from soleus.core.errors import InputError
from soleus.core.plan import Plan, PlannedSession, PlanStatus, RunBlock, RunWorkout
from soleus.exports.fit_encoder import FitWriter, Value, fit_time
from soleus.exports.plan_wording import number, say
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

FILE_ID, WORKOUT, WORKOUT_STEP, FILE_CREATOR = 0, 26, 27, 49
TYPE_WORKOUT, SPORT_RUNNING, DEVELOPMENT = 5, 1, 255
"""file: workout; sport: running; manufacturer: development (we have no number of our own)."""
NO_PRODUCT = 0
BY_TIME, REPEAT_UNTIL_STEPS_DONE = 0, 6
OPEN_TARGET = 2
NAME_BYTES, STEP_NAME_BYTES, NOTES_BYTES, PRODUCT_BYTES = 32, 16, 200, 20
"""Room for texts, closing zero included: name and notes as Garmin's own workout files have them, step names as the
fields of its C library."""
STRIDE_S, STRIDE_WALK_S = 15, 60
LONGEST_S = 86_400
NO_RUNNING = ("none",)


class Intensity(IntEnum):
    """What a step is for; the watch colours and announces it so."""

    ACTIVE = 0
    REST = 1
    WARM_UP = 2
    COOL_DOWN = 3
    RECOVERY = 4
    INTERVAL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutStep:
    """One step, or (with `repeats`) "go back to `back_to` until that many rounds are done"."""

    name: str = ""
    seconds: int = 0
    intensity: Intensity = Intensity.ACTIVE
    notes: str = ""
    back_to: int = 0
    repeats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkoutFile:
    """One workout as a file. `days`: when the plan wants it; `provisional`: of a phase not yet reached."""

    name: str
    """File name: "soleus-03-run-walk-28-min.fit"."""
    title: str
    """As the watch shows it: "3. 6x 2:00 run, 1:00 walk"."""
    workouts: tuple[str, ...]
    """`RunWorkout.id` of every run of the plan that this file is good for."""
    content: bytes
    days: tuple[date, ...]
    total_s: int
    provisional: bool = False


def fit_workouts(plan: Plan, kb: KnowledgeBase, *, provisional: bool = False) -> tuple[WorkoutFile, ...]:
    """One file for each different run of the plan, in the order they come up; runs of equal steps share a file.

    `provisional` adds the runs of phases not yet reached, named "Later …" and saying so in their first step.
    Nothing at all unless the plan is usable as it stands and allows running.
    """
    groups: dict[tuple[WorkoutStep, ...], list[PlannedSession]] = {}
    for session in sorted(plan.sessions, key=lambda item: (item.on, item.order)):
        if session.workout is not None and _allowed(plan, session) and (provisional or not session.provisional):
            groups.setdefault(workout_steps(session.workout, kb), []).append(session)
    return tuple(_file(plan, found, position, kb) for position, found in enumerate(groups.values(), start=1))


def _allowed(plan: Plan, session: PlannedSession) -> bool:
    """Whether the plan as it stands lets this run be done, or prepared while the gate is open."""
    running = plan.running
    if plan.status is not PlanStatus.DRAFT or running is None or running.allowed_now in NO_RUNNING:
        return False
    staged = session.workout is not None and session.workout.id in {stage.workout.id for stage in running.stages}
    return running.open or not (staged or session.provisional)


def _file(plan: Plan, sessions: Sequence[PlannedSession], position: int, kb: KnowledgeBase) -> WorkoutFile:
    workouts = [session.workout for session in sessions if session.workout is not None]
    later = all(session.provisional for session in sessions)
    steps = workout_steps(workouts[0], kb, later=later)
    minutes = math.ceil(workouts[0].total_s / 60)
    return WorkoutFile(
        name=f"soleus-{position:02d}-{'later-' if later else ''}{minutes}-min.fit",
        title=(title := _title(workouts[0], position, kb, later=later)),
        workouts=tuple(dict.fromkeys(item.id for item in workouts)),
        content=_encode(plan, steps, title, position),
        days=tuple(session.on for session in sessions),
        total_s=workouts[0].total_s,
        provisional=later,
    )


def _title(run: RunWorkout, position: int, kb: KnowledgeBase, *, later: bool) -> str:
    """Its place in the plan and what is to be done, short: two runs may differ in their pace alone."""
    parts = [_block(block, kb) for block in run.blocks]
    if run.strides:
        parts.append(text(kb, "export.watch.title.strides", n=str(run.strides)))
    whole = " + ".join(parts)
    mixed = text(kb, "export.watch.title.mixed", time=_clock(run.total_s))
    name = "export.watch.title.later" if later else "export.watch.title.now"
    choices = [text(kb, name, n=str(position), what=words) for words in (whole, mixed)]
    return next((words for words in choices if len(words.encode()) < NAME_BYTES), _cut(choices[-1], NAME_BYTES - 1))


def _block(block: RunBlock, kb: KnowledgeBase) -> str:
    walks = block.walk_s > 0
    kind = "run" if not walks else "once" if block.repeats == 1 else "rounds"
    return text(
        kb,
        f"export.watch.title.{kind}",
        n=str(block.repeats),
        run=_clock(block.run_s if walks else block.repeats * block.run_s),
        walk=_clock(block.walk_s),
    )


def _clock(seconds: int) -> str:
    """1:30; 27:00."""
    return f"{seconds // 60}:{seconds % 60:02d}"


# --- the steps --------------------------------------------------------------------------------------------------
def workout_steps(workout: RunWorkout, kb: KnowledgeBase, *, later: bool = False) -> tuple[WorkoutStep, ...]:
    """Warm-up walk, blocks, strides, cool-down walk. Rounds of running without a walk between are one step."""
    _check(workout)
    steps: list[WorkoutStep] = []

    def add(name: str, seconds: int, intensity: Intensity, *notes: str) -> None:
        if seconds > 0:
            steps.append(
                WorkoutStep(
                    name=text(kb, f"export.watch.{name}"),
                    seconds=seconds,
                    intensity=intensity,
                    notes=_fitting(notes, NOTES_BYTES - 1),
                )
            )

    pain = text(
        kb,
        "export.watch.pain" if workout.pain_max_nrs > 0 else "export.watch.pain_zero",
        pain=number(workout.pain_max_nrs),
    )
    first = text(kb, "export.watch.provisional") if later else ""
    pace = [say(note, kb) for note in workout.notes] or [text(kb, "export.watch.effort")]
    danger, swelling = text(kb, "export.watch.danger"), text(kb, "export.watch.swelling")
    add("warm_up", workout.warm_up_s, Intensity.WARM_UP, first, pain, danger)
    for block in workout.blocks:
        start = len(steps)
        rounds = 1 if block.walk_s == 0 else block.repeats
        add("run", _run_s(block), Intensity.ACTIVE, "" if steps else first, pain, *pace)
        add("walk", block.walk_s, Intensity.RECOVERY, pain)
        _repeat(steps, start, rounds)
    if workout.strides > 0:
        start = len(steps)
        add("stride", STRIDE_S, Intensity.INTERVAL, pain)
        add("stride_rest", STRIDE_WALK_S, Intensity.RECOVERY, pain)
        _repeat(steps, start, workout.strides)
    add("cool_down", workout.cool_down_s, Intensity.COOL_DOWN, swelling, pain)
    return tuple(steps)


def _check(run: RunWorkout) -> None:
    """InputError for a run that no plan of ours holds: it came from a file that was edited or damaged."""
    lengths = (run.warm_up_s, run.cool_down_s, run.strides, *(b.walk_s for b in run.blocks))
    rounds = [min(block.repeats, block.run_s) for block in run.blocks]
    if min(lengths) < 0 or min(rounds, default=1) < 1 or run.total_s > LONGEST_S:
        raise InputError(f"the run {run.id!r} has impossible lengths", hint="Make the plan anew")


def _run_s(block: RunBlock) -> int:
    return block.run_s if block.walk_s else block.repeats * block.run_s


def _repeat(steps: list[WorkoutStep], start: int, rounds: int) -> None:
    if rounds > 1 and len(steps) > start:
        steps.append(WorkoutStep(back_to=start, repeats=rounds))


def played(steps: Sequence[WorkoutStep]) -> Iterator[WorkoutStep]:
    """The steps as the watch goes through them, every round written out."""
    for index, step in enumerate(steps):
        if step.repeats:
            yield from (step.repeats - 1) * list(steps[step.back_to : index])
        else:
            yield step


def _fitting(sentences: Sequence[str], limit: int) -> str:
    """As many whole sentences as fit, the first ones first: half a rule is no rule."""
    found = ""
    for words in filter(None, sentences):
        longer = f"{found} {words}" if found else words
        if len(longer.encode()) <= limit:
            found = longer
    return found


# --- the file ---------------------------------------------------------------------------------------------------
def _encode(plan: Plan, steps: Sequence[WorkoutStep], title: str, position: int) -> bytes:
    writer = FitWriter()
    # A watch takes two files of the same serial number and time for one and the same, and keeps the newer plan apart.
    made = datetime.combine(plan.made_on, time(0), UTC) + timedelta(minutes=plan.revision, seconds=position)
    writer.message(
        FILE_ID,
        {
            0: Value("enum", TYPE_WORKOUT),
            1: Value("uint16", DEVELOPMENT),
            2: Value("uint16", NO_PRODUCT),
            3: Value("uint32z", _serial(plan, steps)),
            4: Value("uint32", fit_time(made)),
        },
    )
    writer.message(FILE_CREATOR, {0: Value("uint16", 100)})
    writer.message(
        WORKOUT,
        {
            4: Value("enum", SPORT_RUNNING),
            6: Value("uint16", len(steps)),
            8: Value("string", title),
        },
    )
    for index, step in enumerate(steps):
        writer.message(WORKOUT_STEP, _step_fields(index, step))
    return writer.to_bytes()


def _step_fields(index: int, step: WorkoutStep) -> dict[int, Value]:
    """A step with a length in milliseconds, or a jump back with a number of rounds."""
    if step.repeats:
        return {
            254: Value("uint16", index),
            1: Value("enum", REPEAT_UNTIL_STEPS_DONE),
            2: Value("uint32", step.back_to),
            3: Value("enum", OPEN_TARGET),
            4: Value("uint32", step.repeats),
        }
    return {
        254: Value("uint16", index),
        0: Value("string", _cut(step.name, STEP_NAME_BYTES - 1)),
        1: Value("enum", BY_TIME),
        2: Value("uint32", 1000 * step.seconds),
        3: Value("enum", OPEN_TARGET),
        4: Value("uint32", 0),
        7: Value("enum", int(step.intensity)),
        8: Value("string", step.notes),
    }


def _serial(plan: Plan, steps: Sequence[WorkoutStep]) -> int:
    """A number of these steps in this plan, never 0 ("no value")."""
    digest = hashlib.sha256(f"{plan.id}/{steps!r}".encode()).digest()
    return int.from_bytes(digest[:4], "big") or 1


def _cut(words: str, limit: int) -> str:
    """At most so many bytes, ending with a whole character."""
    return words.encode()[:limit].decode("utf-8", "ignore").rstrip()
