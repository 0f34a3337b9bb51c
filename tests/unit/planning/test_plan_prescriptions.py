"""The exercises of a phase: wishes, kit, dose, and vetoes over everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from plan_world import (
    EXERCISES,
    FAMILIES,
    STRAIN_PHASES,
    TODAY,
    at_least,
    does,
    exercise,
    fired,
    phase,
    situate,
    with_plans,
)

from soleus.core.expression import Truth
from soleus.core.goals import Measured
from soleus.core.plan import Prescription, Veto
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.plan_base import FamilyPhase
from soleus.planning.phases import steps
from soleus.planning.prescriptions import Chosen, Rules, choose_exercises, has_kit
from soleus.planning.select import message

WALKS = {"limp": False, "pain_walk_nrs": 1}
STRONG = {**WALKS, "slhr_reps": 26, "slhr_pain_nrs": 1}


def chosen(
    wanted: FamilyPhase | str = "s0",
    *,
    families: tuple[str, ...] = ("strain_mild",),
    locked: bool = False,
    joined: bool = False,
    causes: frozenset[str] = frozenset({"soleus_strain"}),
    kb: KnowledgeBase | None = None,
    **parts: Any,
) -> Chosen:
    """The exercises of a phase; a phase given as an object is the only one of the first family."""
    world = {} if kb is None else {"kb": kb}
    situation = situate(**world, **parts)
    known = [situation.kb.plans.families[family] for family in families]  # type: ignore[index]
    if isinstance(wanted, FamilyPhase):
        known[0] = replace(known[0], phases=(wanted,))
    taken = steps(tuple(known), situation)
    step = next(s for s in taken if s.phase.id == (wanted if isinstance(wanted, str) else wanted.id))
    rules = Rules(
        situation=situation,
        families=families,  # type: ignore[arg-type]
        limit_nrs=2.0,
        limit_joined=joined,
        causes=causes,  # type: ignore[arg-type]
        locked=locked,
    )
    return choose_exercises(step, rules, expected_days=10)


def ids(found: Chosen) -> list[str]:
    return [item.exercise for item in found.prescriptions]


def one(found: Chosen, name: str) -> Prescription:
    return next(item for item in found.prescriptions if item.exercise == name)


def whys(item: Prescription) -> list[str]:
    return [part.text for part in item.because]


def test_the_exercises_of_the_phase_in_their_order_each_once() -> None:
    assert ids(chosen()) == ["pumps", "towel_hold", "bridge"]
    assert ids(chosen("s1")) == ["raise_two", "bridge"]


def test_each_says_why_and_on_what_source() -> None:
    item = one(chosen(measured=WALKS), "pumps")
    assert item.because[0] == message("plan.why.item.phase", phase="phase.s0.name")
    assert item.sources == ("green2022",)


def test_what_held_the_dose_down_is_told_only_where_it_did() -> None:
    assert "plan.why.dose.pain_unknown" in whys(one(chosen("s1"), "raise_two"))
    assert "plan.why.dose.pain" in whys(one(chosen("s1", measured={**WALKS, "slhr_reps": 40}, days=30), "raise_two"))
    fit = chosen("s1", measured={**WALKS, "pain_walk_nrs": 0, "slhr_reps": 40}, days=30)
    assert not [why for why in whys(one(fit, "raise_two")) if why.startswith("plan.why.dose")]
    assert not [why for why in whys(one(chosen(), "bridge")) if why.startswith("plan.why.dose")]


def test_further_reasons() -> None:
    assert "plan.why.item.limit" in whys(one(chosen(joined=True), "pumps"))
    assert "plan.why.item.tried" in whys(one(chosen(tried=frozenset({"pumps"})), "pumps"))
    assert "note.speed" in whys(one(chosen("s3"), "strides"))


def test_what_was_tried_in_vain_is_left_out_when_optional() -> None:
    assert ids(chosen(tried=frozenset({"towel_hold"}))) == ["pumps", "bridge"]


def test_only_for_certain_causes() -> None:
    only = phase("p", exercises=(does("pumps", only_for=frozenset({"paes"})), does("bridge")))
    assert ids(chosen(only)) == ["bridge"]
    assert ids(chosen(only, causes=frozenset({"paes"}))) == ["pumps", "bridge"]


@pytest.mark.parametrize(
    ("tried", "kit", "expected"),
    [
        (frozenset(), frozenset(), ["raise_two", "lunges"]),
        (frozenset({"raise_two"}), frozenset(), ["raise_two", "lunges"]),
        (frozenset({"raise_two", "lunges"}), frozenset(), ["raise_seated"]),
        (frozenset({"raise_two", "lunges", "raise_seated"}), frozenset(), ["raise_two", "lunges"]),
    ],
)
def test_a_choice_takes_the_place_when_all_of_the_ordinary_was_tried(
    tried: frozenset[str], kit: frozenset[str], expected: list[str]
) -> None:
    choice = phase(
        "p", exercises=(does("raise_two"), does("lunges"), does("raise_seated", instead_of=("raise_two", "lunges")))
    )
    assert ids(chosen(choice, tried=tried, kit=kit)) == expected


def test_a_choice_takes_the_place_when_the_ordinary_lacks_kit() -> None:
    choice = phase("p", exercises=(does("cable"), does("raise_seated", instead_of=("cable",))))
    assert ids(chosen(choice)) == ["raise_seated"]
    assert ids(chosen(choice, kit=frozenset({"gym"}))) == ["cable"]


def test_a_choice_takes_the_place_when_the_ordinary_is_vetoed() -> None:
    choice = phase("p", exercises=(does("clinic_only"), does("raise_two", instead_of=("clinic_only",))))
    assert ids(chosen(choice)) == ["raise_two"]
    assert ids(chosen(choice, cleared_by="gp")) == ["clinic_only"]


def test_contributing_factors_add_what_the_phase_lacks() -> None:
    weak = {"soleus_strain": 0.9, "calf_weakness": 0.5}
    found = chosen("s1", posterior=weak)
    assert ids(found) == ["raise_two", "bridge", "raise_seated"]
    assert one(found, "raise_seated").because[0] == message(
        "plan.why.item.factor", factor="condition.calf_weakness.name"
    )
    assert ids(chosen("s0", posterior=weak)) == ["pumps", "towel_hold", "bridge"]
    assert ids(chosen("s1", posterior={"soleus_strain": 0.9, "calf_weakness": 0.3})) == ["raise_two", "bridge"]


# --- kit ---------------------------------------------------------------------------------------------------------
def test_kit_alternatives() -> None:
    assert has_kit("pumps", situate())  # type: ignore[arg-type]
    assert has_kit("towel_hold", situate())  # type: ignore[arg-type]
    assert not has_kit("machine", situate())  # type: ignore[arg-type]
    assert has_kit("machine", situate(kit=frozenset({"dumbbell"})))  # type: ignore[arg-type]
    assert has_kit("machine", situate(kit=frozenset({"gym"})))  # type: ignore[arg-type]
    assert not has_kit("unheard_of", situate())  # type: ignore[arg-type]


def test_without_kit_an_easier_exercise_takes_the_place() -> None:
    only = phase("p", exercises=(does("machine", reps=(8, 12), sets=(3, 3)),))
    found = chosen(only, measured=STRONG)
    assert ids(found) == ["raise_one"]
    assert message("plan.why.item.kit", exercise="exercise.machine.name") in one(found, "raise_one").because
    assert (one(found, "raise_one").sets, one(found, "raise_one").reps) == (3, (8, 9))


def test_the_dose_goes_along_only_as_far_as_it_fits() -> None:
    world = with_plans(
        exercises={**EXERCISES, "gym_raise": replace(EXERCISES["raise_two"], id="gym_raise", kit=(frozenset({"gym"}),))}  # type: ignore[dict-item, index, arg-type]
    )
    full = does(
        "gym_raise",
        sets=(3, 3),
        reps=(8, 12),
        hold_s=(5, 5),
        duration_min=(1, 2),
        work_s=(5, 6),
        distance_m=(5, 6),
        contacts=(5, 6),
        load="load.heavier",
    )
    item = one(chosen(phase("p", exercises=(full,)), kb=world, days=5), "towel_hold")
    assert (item.sets, item.reps, item.hold_s) == (3, None, (10, 10))
    assert (item.duration_min, item.work_s, item.distance_m, item.contacts) == (None, None, None, None)
    assert item.load is not None
    assert item.load.text == "plan.load.rpe_0_10_one"


def test_a_vetoed_taken_or_tried_exercise_is_no_substitute() -> None:
    only = phase("p", exercises=(does("machine"),))
    assert ids(chosen(only)) == ["raise_two"]
    assert ids(chosen(only, tried=frozenset({"raise_two"}))) == ["towel_hold"]
    taken = phase("p", exercises=(does("machine"), does("raise_two"), does("towel_hold")))
    assert ids(chosen(taken)) == ["raise_seated", "raise_two", "towel_hold"]
    spent = frozenset({"raise_two", "towel_hold", "raise_seated"})
    found = chosen(only, tried=spent)
    assert ids(found) == []
    assert found.left_out == (message("plan.assumed.kit", exercise="exercise.machine.name"),)


def test_nothing_takes_the_place_of_what_the_phase_has_anyway() -> None:
    found = chosen(phase("p", exercises=(does("machine"), does("raise_seated"))))
    assert ids(found) == ["raise_seated"]
    assert found.left_out == (message("plan.assumed.kit_covered", exercise="exercise.machine.name"),)


def test_the_harder_side_helps_when_it_is_no_heavier() -> None:
    world = with_plans(exercises={**EXERCISES, "machine": replace(EXERCISES["machine"], regresses_to=("gone",))})  # type: ignore[dict-item, index, arg-type]
    assert ids(chosen(phase("p", exercises=(does("machine"),)), kb=world)) == ["raise_seated"]


def test_nothing_for_another_part_takes_the_place() -> None:
    found = chosen(phase("p", exercises=(does("cable"),)))
    assert ids(found) == []
    assert found.left_out == (message("plan.assumed.kit", exercise="exercise.cable.name"),)


# --- vetoes ------------------------------------------------------------------------------------------------------
def test_a_danger_takes_everything_out() -> None:
    found = chosen(rules=fired("clot"))
    assert ids(found) == []
    assert found.vetoed[0] == Veto(item="pumps", codes=("danger",))
    assert found.cross == ()


def test_what_time_or_a_test_lifts_waits_for_it() -> None:
    early = one(chosen(days=1), "towel_hold")
    assert (early.start_day, early.start_when) == (3, ())
    assert not early.is_ready(1)
    assert early.is_ready(3)
    undated = one(chosen(days=None), "towel_hold")
    assert [state.truth for state in undated.start_when] == [Truth.UNKNOWN]
    assert not undated.is_ready(None)
    assert one(chosen(), "pumps").is_ready(None)


def test_a_later_phase_takes_its_entry_for_granted() -> None:
    item = one(chosen("s2"), "raise_one")
    assert item.start_when == ()
    assert one(chosen("s2"), "hops").start_when[0].criterion == at_least("slhr_reps", 15)


def test_what_only_a_clinician_lifts_is_out() -> None:
    found = chosen(phase("p", exercises=(does("clinic_only"),)))
    assert found.vetoed == (Veto(item="clinic_only", codes=("not_cleared",)),)
    assert ids(chosen(phase("p", exercises=(does("clinic_only"),)), cleared_by="gp")) == ["clinic_only"]


def test_gates_and_stages_become_criteria() -> None:
    item = one(chosen("s3", measured=STRONG), "strides")
    assert item.start_gate == "speed_gate"
    assert {state.criterion.measure for state in item.start_when} == {"run_cont_min", "rtr_stage"}
    assert not item.is_ready(50)


def test_a_week_after_the_gate_counts_what_was_known_then() -> None:
    def ready(days_ago: int) -> bool:
        tests = [
            Measured(measure="run_cont_min", value=30, on=TODAY - timedelta(days=days_ago)),  # type: ignore[arg-type]
            Measured(measure="rtr_stage", value=4),  # type: ignore[arg-type]
        ]
        found = chosen("s3", days=50, measures=tuple(tests), measured=STRONG)
        return one(found, "strides").is_ready(50)

    assert not ready(6)
    assert ready(7)


def test_an_unknown_gate_is_never_passed() -> None:
    item = one(chosen(phase("p", exercises=(does("pumps", start_gate="nowhere"),))), "pumps")
    assert not item.is_ready(99)


def test_a_gate_for_clinicians_waits_for_one() -> None:
    gated = phase("p", exercises=(does("pumps", start_gate="bone_gate"),))
    assert not one(chosen(gated, measured={"bone_tender": False}), "pumps").is_ready(99)
    assert one(chosen(gated, measured={"bone_tender": False}, cleared_by="gp"), "pumps").is_ready(99)


def test_a_running_drill_waits_for_the_running_gate() -> None:
    world = with_plans(
        exercises={**EXERCISES, "drill": replace(EXERCISES["strides"], id="drill", contraindications=("danger",))}  # type: ignore[dict-item, index, arg-type]
    )
    item = one(chosen(phase("p", exercises=(does("drill"),)), kb=world), "drill")
    assert item.start_gate == "strain_gate"
    assert not item.is_ready(99)


def test_easier_and_harder_are_cleared_too() -> None:
    strained = one(chosen("s1", measured=WALKS), "raise_two")
    assert (strained.easier, strained.harder) == (("towel_hold",), ())
    free = one(chosen(phase("p", exercises=(does("raise_two"),)), families=("overload",)), "raise_two")
    assert free.harder == ("raise_one",)
    gym = chosen(phase("p", exercises=(does("raise_one"),)), families=("overload",), kit=frozenset({"gym"}))
    assert one(gym, "raise_one").harder == ("machine",)
    assert one(chosen(phase("p", exercises=(does("raise_one"),)), families=("overload",)), "raise_one").harder == ()


def test_a_harder_version_brings_no_impact_that_the_phase_does_not_ask_for() -> None:
    springy = replace(EXERCISES["bridge"], progresses_to=("lunges", "hops", "gone"))  # type: ignore[index, arg-type]
    free = replace(EXERCISES["hops"], contraindications=("danger",))  # type: ignore[index]
    world = with_plans(exercises={**EXERCISES, "bridge": springy, "hops": free})  # type: ignore[dict-item]
    alone = chosen(phase("p", exercises=(does("bridge"),)), kb=world)
    assert one(alone, "bridge").harder == ("lunges",)
    asked = chosen(phase("p", exercises=(does("bridge"), does("hops"))), kb=world)
    assert one(asked, "bridge").harder == ("lunges", "hops")


def test_a_harder_version_brings_no_jumps_that_the_phase_does_not_ask_for() -> None:
    springy = replace(EXERCISES["raise_one"], progresses_to=("machine", "hops", "gone"))  # type: ignore[index, arg-type]
    world = with_plans(exercises={**EXERCISES, "raise_one": springy, "hops": exercise("hops", impact="high")})  # type: ignore[dict-item]

    def harder(*names: str) -> tuple[str, ...]:
        asked = phase("p", exercises=tuple(does(name) for name in names))
        return one(chosen(asked, families=("overload",), kit=frozenset({"gym"}), kb=world), "raise_one").harder

    assert harder("raise_one") == ("machine",)
    assert harder("raise_one", "hops") == ("machine", "hops")


def test_the_other_family_forbids_too() -> None:
    both = chosen(phase("p", exercises=(does("raise_one"),)), families=("overload", "strain_mild"))
    assert one(both, "raise_one").start_when[0].criterion == at_least("slhr_reps", 10)


def test_locked_means_nothing_that_loads_the_calf() -> None:
    found = chosen(locked=True)
    assert ids(found) == ["pumps", "bridge"]
    assert found.cross == ("bike",)
    harder = replace(EXERCISES["pumps"], progresses_to=("raise_two", "bridge"))  # type: ignore[index, arg-type]
    world = with_plans(exercises={**EXERCISES, "pumps": harder})  # type: ignore[dict-item]
    assert one(chosen(locked=True, kb=world), "pumps").harder == ("bridge",)


def test_cross_training() -> None:
    assert chosen(answers={"walk_ability": "normal"}).cross == ("bike", "walk")
    assert chosen(days=2).cross == ()
    assert chosen(days=None).cross == ()
    limping = chosen(answers={"walk_ability": "limp"})
    assert limping.cross == ("bike",)
    assert limping.vetoed == (Veto(item="walk", codes=("limps",)),)
    assert chosen("s1", answers={"walk_ability": "normal"}).cross == ("bike", "walk")
    assert FAMILIES["strain_mild"].phases is STRAIN_PHASES  # type: ignore[index]
