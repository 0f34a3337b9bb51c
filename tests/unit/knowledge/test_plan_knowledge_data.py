"""The packaged plans: complete, cautious where it matters, and every limit that is read exists."""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

from soleus import load_knowledge
from soleus.core.assessment import Disposition
from soleus.core.ids import ConditionId, FamilyId, MeasureId, ProgrammeId

SOURCE = Path(__file__).resolve().parents[3] / "src" / "soleus"
FAMILY_IDS = """
gastrocnemius_strain_g1 gastrocnemius_strain_g2 gastrocnemius_strain_g3 soleus_strain_g1 soleus_strain_g2
soleus_strain_g3 plantaris_contusion calf_overload doms cramp achilles_mid achilles_ins mtss bsi_fibula bsi_tibia cecs
radicular tib_post_fhl dvt_return
"""
PROGRAMME_IDS = """
rtr_short rtr_strain rtr_strain_g3 rtr_at rtr_mtss_moen rtr_bsi rtr_cecs rtr_neuro rtr_medical rtr_army6
"""
PAIN_LIMITS = {
    "bsi_fibula": "bone",
    "bsi_tibia": "bone",
    "achilles_mid": "tendon",
    "achilles_ins": "tendon",
    "calf_overload": "overload",
    "mtss": "mtss",
    "cecs": "cecs_tightness",
    "radicular": "nerve",
    "soleus_strain_g1": "strain",
    "gastrocnemius_strain_g3": "strain",
}


@pytest.fixture(scope="module")
def plans():
    return load_knowledge().plans


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


def test_all_families_and_programmes_are_there(plans):
    assert set(plans.families) == set(FAMILY_IDS.split())
    assert set(plans.programmes) == set(PROGRAMME_IDS.split())
    assert sum(len(family.phases) for family in plans.families.values()) == 75
    assert len(plans.measures) == 28


def test_every_cause_has_a_plan_or_says_who_to_see(kb):
    planned = {condition for family in kb.plans.families.values() for condition, _ in family.conditions}
    for cause in kb.diagnoses:
        entry = kb.plans.no_self_plan.get(cause.id)
        assert cause.id in planned or entry is not None, cause.id
        if entry is not None:
            assert entry.disposition >= cause.urgency, cause.id
    unguarded = {c for f in kb.plans.families.values() for c, q in f.conditions if not q and not f.needs_clearance}
    assert not {cause.id for cause in kb.diagnoses if cause.urgency >= Disposition.SAME_DAY} & unguarded


@pytest.mark.parametrize(
    "family", ["bsi_fibula", "bsi_tibia", "dvt_return", "gastrocnemius_strain_g3", "soleus_strain_g3"]
)
def test_what_a_clinician_leads_is_locked(plans, family):
    entry = plans.families[FamilyId(family)]
    assert entry.needs_clearance
    assert entry.pathway in ("clinician_led", "clinician_only")


def test_grades_of_a_strain_cover_all_three_and_the_worse_is_more_cautious(plans):
    for muscle in ("gastrocnemius_strain", "soleus_strain"):
        grades = {q: f for f in plans.families.values() for c, q in f.conditions if c == muscle}
        assert list(grades) == ["mild", "moderate", "severe"]
        cautions = [grades[grade].caution for grade in grades]
        assert cautions == sorted(set(cautions))


@pytest.mark.parametrize(("family", "tissue"), PAIN_LIMITS.items())
def test_pain_limits_are_those_of_the_tissue(plans, family, tissue):
    entry = plans.families[FamilyId(family)]
    assert entry.pain_limit_nrs == plans.value(f"pain.{tissue}_nrs")
    assert plans.programmes[entry.programme].pain_limit_nrs <= entry.pain_limit_nrs


def test_caution_tells_every_two_families_apart(plans):
    cautions = [family.caution for family in plans.families.values()]
    assert len(set(cautions)) == len(cautions)


def test_no_family_runs_before_its_last_phases_without_a_programme(plans):
    for family in plans.families.values():
        allowed = [phase.run for phase in family.phases]
        assert set(allowed) <= {"none", "within_pain", "half", "programme", "full"}
        if "programme" in allowed:
            assert "full" not in allowed[: allowed.index("programme")], family.id


def test_full_running_begins_only_once_running_was_shown(plans):
    for family in plans.families.values():
        for before, phase in pairwise(family.phases):
            if phase.run == "full" and before.run == "programme":
                assert {"run_cont_min", "run_cecs_min"} & {c.measure for c in phase.entry}, phase.id


def test_fast_and_hard_work_waits_for_the_speed_gate(plans):
    hard = {"hill_reps", "strides", "bounding", "drop_jump_dl"}
    for family in plans.families.values():
        items = [item for phase in family.phases for item in phase.exercises if item.exercise in hard]
        late = [item for item in items if not (item.start_stage or item.start_day)]
        assert all(item.start_gate == "speed_gate" for item in late), family.id


def test_a_clinician_led_family_never_runs_within_pain_alone(plans):
    for family in plans.families.values():
        if family.needs_clearance:
            assert {phase.run for phase in family.phases} <= {"none", "programme", "full"}


def test_programmes_rise_in_small_steps_and_end_near_half_an_hour(plans):
    for programme in plans.programmes.values():
        running = [sum(b.repeats * b.run_s for b in stage.blocks) for stage in programme.stages]
        assert running == sorted(running), programme.id
        assert programme.min_rest_h == 48
        if programme.reference_only:
            continue
        assert running[0] <= 480, programme.id
        assert all(after - before <= 480 for before, after in pairwise(running)), programme.id
        assert 1000 <= running[-1] <= 2400, programme.id


def test_the_reference_programme_belongs_to_no_family(plans):
    assert plans.programmes[ProgrammeId("rtr_army6")].reference_only
    assert "rtr_army6" not in {family.programme for family in plans.families.values()}


def test_older_runners_are_not_locked_out_by_the_heel_raise(plans):
    tests = [c for f in plans.families.values() for phase in f.phases for c in (*phase.entry, *phase.exit)]
    tests += [c for gate in plans.gates.values() for c in gate.criteria]
    least = min(plans.norm.male + plans.norm.female)
    for test in tests:
        if test.measure == MeasureId("slhr_reps") and test.value > least:
            assert test.norm, test
    assert [row == tuple(sorted(row, reverse=True)) for row in (plans.norm.male, plans.norm.female)] == [True, True]


def test_signs_of_danger_are_as_urgent_as_their_rules(plans):
    urgent = {
        "breathless_or_chest_pain": Disposition.CALL_AMBULANCE,
        "saddle_or_bladder_bowel": Disposition.EMERGENCY_NOW,
        "weak_push_off": Disposition.EMERGENCY_NOW,
        "severe_swelling": Disposition.EMERGENCY_NOW,
        "new_swelling_or_constant_pain": Disposition.SAME_DAY,
        "calf_cord_or_colour_change": Disposition.SAME_DAY,
    }
    assert {name: plans.stop_signs[name].disposition for name in urgent} == urgent


def test_answers_settle_measures_on_the_careful_side_only(plans):
    for measure in plans.measures.values():
        for derived in measure.derived:
            if isinstance(derived.value, bool):
                kind = measure.id == "limp" or derived.value is (measure.better == "lower")
                assert kind, measure.id
            elif measure.id == "days_since_onset":
                assert derived.value <= 90, "the least of what the answer means"
            elif measure.better == "higher":
                assert derived.value <= 1, measure.id
            else:
                assert derived.value >= 3, measure.id


def test_the_clot_plan_opens_only_after_treatment(plans):
    assert plans.families[FamilyId("dvt_return")].conditions == ((ConditionId("dvt"), "post_treatment"),)
    assert plans.no_self_plan[ConditionId("dvt")].disposition is Disposition.SAME_DAY


def read_limits() -> set[str]:
    """Ids that planning and the layers above look up: `….value("area.name")` on plans."""
    found = set()
    for folder in ("planning", "clinic", "exports"):
        for path in (SOURCE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "value":
                    holder = ast.unparse(node.func.value)
                    if holder.endswith("plans"):
                        found |= {
                            part.value
                            for argument in node.args
                            for part in ast.walk(argument)
                            if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value
                        }
    return found


def test_every_limit_that_is_read_exists(plans):
    missing = read_limits() - set(plans.parameters)
    assert not missing
    with pytest.raises(KeyError, match="no_such"):
        plans.value("no_such")
