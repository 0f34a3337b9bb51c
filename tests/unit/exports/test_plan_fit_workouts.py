"""Watch workouts, read back by Garmin's SDK, by fitdecode and by our own decoder: steps, rounds, lengths, notes."""

from dataclasses import replace
from itertools import pairwise

import pytest
from exported_plans import PLAN, RUNNING, STAGES, weeks, withheld, workout
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.core.errors import InputError
from soleus.core.fit_protocol import checksum
from soleus.core.message import Message
from soleus.core.plan import PlanStatus, RunBlock, SessionKind
from soleus.exports.fit_workout import NAME_BYTES, NOTES_BYTES, STEP_NAME_BYTES, fit_workouts, played, workout_steps
from soleus.knowledge import load_knowledge

pytestmark = pytest.mark.filterwarnings("ignore")
KB = load_knowledge()


def plan_of(*workouts):
    """A plan whose first week holds just these runs."""
    first = PLAN.sessions[0]
    sessions = tuple(
        replace(first, id=f"w01.run.{i}", kind=SessionKind.RUN, order=i, workout=item)
        for i, item in enumerate(workouts, start=1)
    )
    return replace(PLAN, weeks=(replace(PLAN.weeks[0], sessions=sessions),))


# --- three readers --------------------------------------------------------------------------------------------------
def with_garmin(content):
    sdk = pytest.importorskip("garmin_fit_sdk")
    assert sdk.Decoder(sdk.Stream.from_byte_array(bytearray(content))).check_integrity()
    messages, errors = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(content))).read()
    assert errors == []
    (head,), (about,) = messages["file_id_mesgs"], messages["workout_mesgs"]
    assert head["type"] == "workout"
    assert about["sport"] == "running"
    steps = messages["workout_step_mesgs"]
    assert about["num_valid_steps"] == len(steps)
    assert [step["message_index"] for step in steps] == list(range(len(steps)))
    return [
        {"repeats": step["repeat_steps"], "back_to": step["duration_step"]}
        if step["duration_type"] == "repeat_until_steps_cmplt"
        else {"seconds": step["duration_time"], "kind": step["intensity"], "notes": step["notes"]}
        for step in steps
        if step["target_type"] == "open"
    ]


def with_fitdecode(content):
    fitdecode = pytest.importorskip("fitdecode")
    with fitdecode.FitReader(content) as reader:
        frames = [f for f in reader if f.frame_type == fitdecode.FIT_FRAME_DATA and f.name == "workout_step"]
    found = []
    for frame in frames:
        if frame.get_value("duration_type") == "repeat_until_steps_cmplt":
            found.append({"repeats": frame.get_value("repeat_steps"), "back_to": frame.get_value("duration_step")})
        else:
            notes = frame.get_value("notes", fallback="")
            found.append(
                {"seconds": frame.get_value("duration_time"), "kind": frame.get_value("intensity"), "notes": notes}
            )
    return found


def with_our_own(content):
    from soleus.readers.fit_decode import decode

    file = decode(content)
    assert file.repairs == ()
    kinds = {0: "active", 1: "rest", 2: "warmup", 3: "cooldown", 4: "recovery", 5: "interval"}
    return [
        {"repeats": step["target_value"], "back_to": step["duration_value"]}
        if step["duration_type"] == 6
        else {
            "seconds": step["duration_value"] / 1000,
            "kind": kinds[step["intensity"]],
            "notes": step["notes"],
        }
        for step in file.messages(27)
    ]


def expanded(steps):
    """(seconds, kind) as the watch plays them."""
    found = []
    for index, step in enumerate(steps):
        if "repeats" in step:
            found += (step["repeats"] - 1) * [(s["seconds"], s["kind"]) for s in steps[step["back_to"] : index]]
        else:
            found.append((step["seconds"], step["kind"]))
    return found


def asked(run):
    """What the plan asks for, round by round."""
    found = [(run.warm_up_s, "warmup")]
    for block in run.blocks:
        if block.walk_s:
            found += block.repeats * [(block.run_s, "active"), (block.walk_s, "recovery")]
        else:
            found.append((block.repeats * block.run_s, "active"))
    found += run.strides * [(15, "interval"), (60, "recovery")]
    return [(seconds, kind) for seconds, kind in [*found, (run.cool_down_s, "cooldown")] if seconds]


READERS = {"garmin": with_garmin, "fitdecode": with_fitdecode, "our_own": with_our_own}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


# --- the files ------------------------------------------------------------------------------------------------------
@every_reader
def test_steps_rounds_and_lengths_are_those_of_the_plan(read):
    files = fit_workouts(PLAN, KB, provisional=True)
    assert [item.workouts for item in files] == [(stage.id,) for stage in STAGES]
    for item, run in zip(files, STAGES, strict=True):
        steps = read(item.content)
        assert expanded(steps) == asked(run)
        assert sum(seconds for seconds, _ in expanded(steps)) == run.total_s == item.total_s


blocks = st.builds(
    RunBlock, repeats=st.integers(1, 12), run_s=st.integers(1, 3600), walk_s=st.sampled_from([0, 0, 30, 60, 240])
)
runs = st.builds(
    lambda found, **more: workout(9, blocks=tuple(found), **more),
    st.lists(blocks, min_size=1, max_size=4),
    warm_up_s=st.sampled_from([0, 300]),
    cool_down_s=st.sampled_from([0, 300]),
    strides=st.integers(0, 8),
)


@settings(deadline=None, max_examples=60)
@given(run=runs)
def test_any_run_comes_back_as_it_was(run):
    (item,) = fit_workouts(plan_of(run), KB)
    for read in READERS.values():
        assert expanded(read(item.content)) == asked(run)
    steps = list(played(workout_steps(run, KB)))
    assert [step.seconds for step in steps] == [seconds for seconds, _ in asked(run)]
    assert sum(step.seconds for step in steps) == run.total_s


@every_reader
def test_every_step_tells_when_to_stop(read):
    for item in fit_workouts(PLAN, KB):
        timed = [step for step in read(item.content) if "seconds" in step]
        assert all("Pain over 2 of 10: stop" in step["notes"] for step in timed)
        assert "get help" in timed[0]["notes"]
        assert "seen the same day" in timed[-1]["notes"]


def test_no_pain_at_all_is_said_so():
    (item,) = fit_workouts(plan_of(replace(STAGES[0], pain_max_nrs=0)), KB)
    assert "Any pain" in with_garmin(item.content)[1]["notes"]


def test_texts_fit_the_fields_of_watches():
    for item in fit_workouts(PLAN, KB, provisional=True):
        sdk = pytest.importorskip("garmin_fit_sdk")
        messages, _ = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(item.content))).read()
        assert len(messages["workout_mesgs"][0]["wkt_name"].encode()) < NAME_BYTES
        for step in messages["workout_step_mesgs"]:
            assert len(step.get("notes", "").encode()) < NOTES_BYTES
            assert len(step.get("wkt_step_name", "").encode()) < STEP_NAME_BYTES
            assert step.get("notes", "") == step.get("notes", "").strip()


def test_rules_are_never_cut_in_the_middle():
    """Every note is made of whole sentences of the knowledge base, however long these get."""
    long = dict(KB.text) | {"export.watch.danger": "Breathless " * 30 + "stop."}
    steps = workout_steps(STAGES[0], replace(KB, text=long))
    assert steps[0].notes == "Pain over 2 of 10: stop running and walk home."


def test_a_long_title_is_cut_at_a_character():
    kb = replace(KB, text={**KB.text, "export.watch.title.mixed": "é" * 40, "export.watch.title.rounds": "é" * 40})
    (item,) = fit_workouts(plan_of(STAGES[0]), kb)
    assert item.title == "1. " + "é" * 14


def test_no_two_titles_are_the_same():
    """Two runs may differ in their pace alone, which only the notes tell."""
    kb = replace(KB, text={**KB.text, "test.pace": "Steady, not hard."})
    paced = replace(STAGES[0], notes=(Message(text="test.pace"),))
    files = fit_workouts(plan_of(STAGES[0], paced), kb)
    assert [item.title for item in files] == ["1. 6x 1:00 run, 2:00 walk", "2. 6x 1:00 run, 2:00 walk"]


# --- which runs -----------------------------------------------------------------------------------------------------
def test_runs_of_a_phase_not_reached_are_left_out_unless_asked_for():
    plan = replace(PLAN, weeks=weeks(count=3, first_provisional=3))
    assert [item.workouts for item in fit_workouts(plan, KB)] == [("walk_run.1",), ("walk_run.2",)]
    last = fit_workouts(plan, KB, provisional=True)[-1]
    assert last.workouts == ("walk_run.3",)
    assert last.provisional
    assert last.title == "3. Later: Run and walk, 40:00"
    assert last.name == "soleus-03-later-40-min.fit"
    assert with_garmin(last.content)[0]["notes"].startswith("Only once you have met the goals")


def test_without_a_warm_up_the_first_run_says_that_it_is_for_later():
    run = replace(STAGES[0], warm_up_s=0)
    plan = replace(plan_of(run), weeks=(replace(PLAN.weeks[0], sessions=(replace(PLAN.sessions[0], workout=run),)),))
    late = replace(
        plan, weeks=(replace(plan.weeks[0], sessions=(replace(plan.weeks[0].sessions[0], provisional=True),)),)
    )
    (item,) = fit_workouts(late, KB, provisional=True)
    assert with_garmin(item.content)[0]["notes"].startswith("Only once")


@pytest.mark.parametrize(
    "plan",
    [
        withheld(),
        replace(PLAN, status=PlanStatus.LOCKED),
        replace(PLAN, status=PlanStatus.NO_SELF_PLAN),
        replace(PLAN, running=None),
        replace(PLAN, running=replace(RUNNING, open=False)),
        replace(PLAN, running=replace(RUNNING, allowed_now="none")),
    ],
    ids=["withheld", "locked", "no_self_plan", "no_running", "gate_closed", "not_now"],
)
def test_no_file_while_running_is_not_allowed(plan):
    assert fit_workouts(plan, KB) == ()
    assert fit_workouts(plan, KB, provisional=True) == ()


def test_easy_running_that_is_allowed_goes_on_while_the_gate_is_closed():
    easy = workout("easy")
    plan = replace(plan_of(STAGES[0], easy), running=replace(RUNNING, open=False, allowed_now="within_pain"))
    assert [item.workouts for item in fit_workouts(plan, KB, provisional=True)] == [(easy.id,)]
    late = tuple(replace(session, provisional=True) for session in plan.sessions)
    assert fit_workouts(replace(plan, weeks=(replace(plan.weeks[0], sessions=late),)), KB, provisional=True) == ()


def test_a_run_that_comes_up_often_is_one_file_with_its_days():
    first = fit_workouts(PLAN, KB)[0]
    assert [day.isoformat() for day in first.days] == ["2026-10-13", "2026-10-16"]
    assert first.name == "soleus-01-28-min.fit"


def test_runs_of_equal_steps_share_one_file():
    (item,) = fit_workouts(plan_of(STAGES[0], replace(STAGES[0], id="build.1.2"), STAGES[0]), KB)
    assert item.workouts == ("walk_run.1", "build.1.2")
    assert len(item.days) == 3


@pytest.mark.parametrize(
    ("run", "title"),
    [
        (STAGES[0], "6x 1:00 run, 2:00 walk"),
        (workout(9, repeats=1, run_s=1620, walk_s=0), "27:00 run"),
        (workout(9, repeats=3, run_s=90, walk_s=0, strides=4), "4:30 run + 4 fast"),
        (workout(9, repeats=1, run_s=600, walk_s=90), "10:00 run, 1:30 walk"),
        (STAGES[2], "Run and walk, 40:00"),
    ],
)
def test_the_title_tells_what_is_to_be_done(run, title):
    (item,) = fit_workouts(plan_of(run), KB)
    assert item.title == f"1. {title}"
    assert item.title.encode() in item.content


def test_the_pace_of_the_plan_goes_before_our_own_words():
    kb = replace(KB, text={**KB.text, "test.pace": "Steady, not hard."})
    (item,) = fit_workouts(plan_of(replace(STAGES[0], notes=(Message(text="test.pace"),))), kb)
    assert with_garmin(item.content)[1]["notes"].endswith("walk home. Steady, not hard.")


def test_two_runs_of_one_name_that_differ_are_two_files():
    files = fit_workouts(plan_of(STAGES[0], replace(STAGES[0], cool_down_s=60)), KB)
    assert len({item.name for item in files}) == 2
    assert files[0].content != files[1].content


@pytest.mark.parametrize(
    "change",
    [
        {"warm_up_s": -1},
        {"strides": -2},
        {"cool_down_s": 10**9},
        {"blocks": (RunBlock(repeats=0, run_s=60, walk_s=60),)},
        {"blocks": (RunBlock(repeats=1, run_s=0, walk_s=60),)},
        {"blocks": (RunBlock(repeats=1, run_s=60, walk_s=-5),)},
    ],
)
def test_impossible_lengths_are_refused(change):
    with pytest.raises(InputError, match="impossible"):
        fit_workouts(plan_of(replace(STAGES[0], **change)), KB)


# --- identity -------------------------------------------------------------------------------------------------------
def identity(content):
    sdk = pytest.importorskip("garmin_fit_sdk")
    messages, _ = sdk.Decoder(sdk.Stream.from_byte_array(bytearray(content))).read()
    head = messages["file_id_mesgs"][0]
    return head["serial_number"], head["time_created"]


def test_the_same_plan_gives_the_same_bytes_and_a_new_one_a_new_identity():
    assert fit_workouts(PLAN, KB) == fit_workouts(PLAN, KB)
    files = [*fit_workouts(PLAN, KB), *fit_workouts(replace(PLAN, revision=2), KB)]
    assert len({identity(item.content) for item in files}) == len(files)
    assert all(identity(a.content) != identity(b.content) for a, b in pairwise(files))


def test_the_checksums_are_right():
    for item in fit_workouts(PLAN, KB):
        assert checksum(item.content) == 0
        assert checksum(item.content[:14]) == 0
