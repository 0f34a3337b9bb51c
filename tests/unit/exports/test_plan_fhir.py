"""The FHIR bundle of a plan: what it says, what it never says, and what our own check refuses."""

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from exported_plans import CASE, MADE_ON, PLAN, withheld
from hypothesis import given, settings
from hypothesis import strategies as st

from soleus.clinic import assess
from soleus.core.case import Case, Runner, Sex
from soleus.core.errors import BackendError
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.goals import Goals, Measured
from soleus.core.plan import PlanStatus
from soleus.exports.fhir import check_bundle, plan_bundle
from soleus.exports.fhir_check import loinc_valid, snomed_valid
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind

KB = load_knowledge()
NOW = datetime(2026, 10, 12, 9, 0, 30, tzinfo=UTC)
ASSESSMENT = assess(CASE, KB, MADE_ON)


def bundle(plan=PLAN, case=CASE, assessment=ASSESSMENT, **more):
    return plan_bundle(plan, case, assessment, KB, stamped_at=NOW, **more)


BUNDLE = bundle()


def of(found, kind):
    return [entry["resource"] for entry in found["entry"] if entry["resource"]["resourceType"] == kind]


def one(found, kind):
    (resource,) = of(found, kind)
    return resource


def texts(found, kind):
    return [resource["code"].get("text") for resource in of(found, kind)]


PLANS = {
    "draft": PLAN,
    "withheld": withheld(),
    "locked": replace(PLAN, status=PlanStatus.LOCKED),
    "no_self_plan": replace(withheld(), status=PlanStatus.NO_SELF_PLAN),
    "bare": replace(PLAN, causes=(), phases=(), weeks=(), see=(), care=(), vetoed=(), care_withheld=(), goals=Goals()),
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)


@every_plan
def test_our_own_check_finds_nothing(plan):
    assert check_bundle(bundle(plan)) == []


@every_plan
@pytest.mark.filterwarnings("ignore")
def test_the_models_of_fhir_resources_take_it_and_give_it_back(plan):
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    found = bundle(plan)
    assert json.loads(models.Bundle.model_validate(copy.deepcopy(found)).model_dump_json()) == found


@every_plan
def test_the_same_plan_gives_the_same_bundle_as_json(plan):
    assert json.dumps(bundle(plan), allow_nan=False) == json.dumps(bundle(plan), allow_nan=False)


def test_a_bare_case_is_enough():
    case = Case()
    assert check_bundle(bundle(PLANS["bare"], case, assess(case, KB, MADE_ON))) == []


def test_a_failed_differential_is_enough():
    assert check_bundle(bundle(PLANS["bare"], assessment=replace(ASSESSMENT, differential=None))) == []


def test_a_failed_assessment_is_enough():
    found = bundle(withheld(), assessment=None)
    assert check_bundle(found) == []
    assert "basis" not in one(found, "ClinicalImpression")["finding"][0]
    assert of(found, "ServiceRequest")


def _value(item):
    if item.kind is Kind.BOOLEAN:
        return st.booleans()
    if item.kind is Kind.CHOICE:
        options = st.sampled_from(item.options)
        return options | st.frozensets(options, min_size=1, max_size=3)
    return st.integers(0, 10) if item.kind is Kind.INTEGER else st.floats(12, 60)


findings = st.sampled_from(list(KB.findings.values())).flatmap(
    lambda item: st.builds(
        Finding,
        id=st.just(item.id),
        value=st.none() | _value(item),
        origin=st.sampled_from(Origin),
        observed_on=st.none() | st.dates(date(2026, 1, 1), MADE_ON),
    )
)
cases = st.builds(
    Case,
    runner=st.builds(
        Runner,
        age_years=st.none() | st.floats(18, 90),
        sex=st.sampled_from(Sex),
        height_cm=st.none() | st.floats(140, 210),
        weight_kg=st.none() | st.floats(40, 150),
    ),
    findings=st.lists(findings, max_size=25).map(FindingSet),
    facts=st.dictionaries(st.sampled_from(KB.medicine_facts), st.booleans(), max_size=6).map(
        lambda found: tuple(found.items())
    ),
    onset_on=st.none() | st.dates(date(2025, 1, 1), MADE_ON),
)


@settings(deadline=None, max_examples=40)
@given(case=cases, plan=st.sampled_from(list(PLANS.values())))
def test_any_case_gives_a_bundle_without_fault(case, plan):
    found = bundle(plan, case, assess(case, KB, MADE_ON))
    assert check_bundle(found) == []
    json.dumps(found, allow_nan=False)
    told = [item["linkId"] for item in one(found, "QuestionnaireResponse").get("item", [])]
    seen = {entry["fullUrl"] for entry in found["entry"] if entry["resource"]["resourceType"] == "Observation"}
    pain = "pain_score_now" in told
    runner = [case.runner.age_years, case.runner.height_cm, case.runner.weight_kg]
    known = sum(value is not None for value in runner) + len(plan.goals.measures)
    assert len(told) - len(case.facts) + len(seen) - known - pain == len(case.findings)


@pytest.mark.parametrize("name", ["", " ", "\x00\x07"])
def test_a_race_without_a_name_goes_by_its_day(name):
    goals = replace(PLAN.goals, event=replace(PLAN.goals.event, name=name))
    made = bundle(replace(PLAN, goals=goals))
    told = [e["resource"]["description"]["text"] for e in made["entry"] if e["resource"]["resourceType"] == "Goal"]
    assert any(text.startswith(goals.event.on.isoformat()) for text in told)


def test_control_characters_of_a_name_are_left_out():
    goals = replace(PLAN.goals, event=replace(PLAN.goals.event, name="Half\x00 \x0bmarathon <i>"))
    found = bundle(replace(PLAN, goals=goals), patient_name="A\x07sha")
    assert check_bundle(found) == []
    assert of(found, "Goal")[-1]["description"]["text"] == "Half marathon <i>, 21.1 km"
    assert one(found, "Patient")["name"] == [{"text": "Asha"}]


# --- who ------------------------------------------------------------------------------------------------------------
def test_the_patient_has_no_name_and_no_birth_date():
    patient = one(BUNDLE, "Patient")
    assert set(patient) == {"resourceType", "id", "text", "gender"}
    assert patient["gender"] == "female"
    assert "asha" not in json.dumps(BUNDLE)


def test_a_name_that_is_given_is_written():
    assert one(bundle(patient_name="Asha Rao <b>"), "Patient")["name"] == [{"text": "Asha Rao <b>"}]
    assert "Asha Rao &lt;b&gt;" in one(bundle(patient_name="Asha Rao <b>"), "Patient")["text"]["div"]


def test_a_sex_that_is_not_told_is_left_out():
    case = replace(CASE, runner=Runner())
    assert "gender" not in one(bundle(case=case), "Patient")


def test_age_and_body_are_observations():
    found = {resource["code"].get("coding", [{}])[0].get("code"): resource for resource in of(BUNDLE, "Observation")}
    assert found["30525-0"]["valueQuantity"] == {
        "value": 42, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a",
    }  # fmt: skip
    assert found["8302-2"]["valueQuantity"]["code"] == "cm"
    assert found["29463-7"]["category"][0]["coding"][0]["code"] == "vital-signs"
    assert found["72514-3"]["valueQuantity"]["value"] == 4


# --- what is thought ------------------------------------------------------------------------------------------------
def test_no_cause_is_confirmed_and_only_the_leading_one_is_provisional():
    states = [item["verificationStatus"]["coding"][0]["code"] for item in of(BUNDLE, "Condition")]
    assert states[0] == "provisional"
    assert set(states[1:]) == {"differential"}
    assert {item["verificationStatus"]["coding"][0]["code"] for item in of(bundle(withheld()), "Condition")} == {
        "differential"
    }


def test_codes_come_from_the_knowledge_without_open_ends():
    codings = [item for condition in of(BUNDLE, "Condition") for item in condition["code"]["coding"]]
    assert {"system": "http://hl7.org/fhir/sid/icd-10", "code": "S86.1"} in codings
    assert {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "S86.11"} in codings
    assert not [item for item in codings if item["code"].endswith("-")]


def test_every_snomed_code_of_the_knowledge_has_its_check_digit():
    codes = [condition.codes["snomed_ct"] for condition in KB.conditions.values() if "snomed_ct" in condition.codes]
    assert codes
    assert [code for code in codes if not snomed_valid(code)] == []


def test_the_onset_is_said_and_the_grade_is_coded():
    first = of(BUNDLE, "Condition")[0]
    assert first["onsetDateTime"] == "2026-10-04"
    assert first["severity"]["coding"][0]["code"] == "255604002"


def test_how_likely_each_cause_is_stands_with_its_interval():
    impression = one(BUNDLE, "ClinicalImpression")
    assert len(impression["finding"]) == len(of(BUNDLE, "Condition"))
    assert impression["finding"][0]["basis"].startswith("Probability ")
    told = impression["prognosisCodeableConcept"][0]["text"]
    assert "15 days from onset (median; 10 to 90 % range 8 to 31)" in told
    dated = replace(PLAN, forecasts=(replace(PLAN.forecasts[0], since=MADE_ON),))
    told = one(bundle(dated), "ClinicalImpression")["prognosisCodeableConcept"][0]["text"]
    assert "15 days from 2026-10-12 (median" in told


def test_warning_signs_that_are_present_are_told():
    case = replace(CASE, findings=CASE.findings.replaced(Finding(id="breathless_sudden", value=True)))
    impression = one(bundle(withheld(), case, assess(case, KB, MADE_ON)), "ClinicalImpression")
    assert [note for note in impression["note"] if note["text"].startswith("Warning sign present: ")]


# --- what was said --------------------------------------------------------------------------------------------------
def answers():
    return {item["linkId"]: item for item in one(BUNDLE, "QuestionnaireResponse")["item"]}


def test_answers_keep_their_kind():
    found = answers()
    assert found["onset_type"]["answer"][0]["valueCoding"]["code"] == "onset_type.sudden_pop"
    assert len(found["pain_location"]["answer"]) == 2
    assert found["pain_score_now"]["answer"] == [{"valueInteger": 4}]
    assert found["calf_warm"]["answer"] == [{"valueBoolean": False}]
    assert found["fact.asthma"]["answer"] == [{"valueBoolean": False}]


def test_i_do_not_know_is_not_no():
    item = answers()["bruising"]
    assert "answer" not in item
    assert item["extension"][0]["valueCode"] == "asked-unknown"


def test_examination_and_watch_are_observations_not_answers():
    assert not {"thompson_positive", "watch_single_run_spike", "lay_off_return"} & answers().keys()
    found = {item["code"]["text"]: item for item in of(BUNDLE, "Observation")}
    exam = found[KB.text["finding.thompson_positive.clinical"]]
    assert exam["valueBoolean"] is False
    assert exam["effectiveDateTime"] == "2026-10-11"
    assert exam["category"][0]["coding"][0]["code"] == "exam"
    assert "performer" not in exam
    spike = found[KB.text["finding.watch_single_run_spike.clinical"]]
    assert "valueString" in spike
    unknown = found[KB.text["finding.lay_off_return.clinical"]]
    assert unknown["dataAbsentReason"]["coding"][0]["code"] == "asked-unknown"


def test_self_tests_of_the_goals_carry_their_pain():
    with_pain = [item for item in of(BUNDLE, "Observation") if "component" in item]
    assert with_pain[0]["valueQuantity"]["value"] == 12
    assert with_pain[0]["component"][0]["valueQuantity"]["value"] == 3


def test_two_tests_of_one_day_are_two_observations():
    goals = replace(PLAN.goals, measures=2 * (Measured(measure="slhr_reps", value=9, on=MADE_ON),))
    found = bundle(replace(PLAN, goals=goals))
    assert check_bundle(found) == []


# --- what to do -----------------------------------------------------------------------------------------------------
def test_nothing_is_active_or_an_order():
    for plan in PLANS.values():
        for resource in of(bundle(plan), "CarePlan") + of(bundle(plan), "ServiceRequest"):
            assert resource["intent"] == "proposal"
            assert resource["status"] in ("draft", "on-hold")


def activities(plan=PLAN):
    return [item["detail"] for item in one(bundle(plan), "CarePlan")["activity"]]


def test_exercises_of_now_are_scheduled_with_their_dose():
    found = {detail["code"]["text"]: detail for detail in activities()}
    first = activities()[0]
    assert first["status"] == "scheduled"
    assert first["scheduledTiming"]["repeat"] == {"frequency": 3, "period": 1, "periodUnit": "wk"}
    assert "3 sets of 12 to 15" in first["description"]
    assert activities()[1]["scheduledTiming"]["repeat"] == {"frequency": 2, "period": 1, "periodUnit": "d"}
    runs = [detail for detail in found.values() if "event" in detail.get("scheduledTiming", {})]
    assert [len(detail["scheduledTiming"]["event"]) for detail in runs] == [2, 2, 2]


def test_exercises_of_a_phase_left_behind_are_not_handed_over():
    first, second = PLAN.phases
    done = replace(first, prescriptions=second.prescriptions[:1])
    assert len(activities(replace(PLAN, phases=(done, second)))) == len(activities())


def test_what_is_ruled_out_is_marked_not_to_be_done():
    out = [detail for detail in activities() if detail.get("doNotPerform")]
    assert len(out) == len(PLAN.vetoed) + len(PLAN.care_withheld)
    assert all("scheduledTiming" not in detail and "statusReason" in detail for detail in out)


def test_a_withheld_plan_hands_over_no_exercise_whatever_it_holds():
    for status in (PlanStatus.WITHHELD, PlanStatus.NO_SELF_PLAN):
        assert not [item for item in activities(replace(PLAN, status=status)) if "scheduledTiming" in item]


def test_a_locked_plan_is_on_hold_in_every_part():
    details = [item for item in activities(PLANS["locked"]) if "scheduledTiming" in item]
    assert details
    assert {item["status"] for item in details} == {"on-hold"}


def test_the_criteria_to_move_on_are_goals():
    goals = of(BUNDLE, "Goal")
    assert len(goals) == 3
    target = goals[1]["target"][0]
    assert target["detailQuantity"]["value"] == 20
    assert target["detailQuantity"]["comparator"] == ">="
    assert goals[0]["lifecycleStatus"] == "completed"
    assert goals[0]["target"][0]["detailBoolean"] is True
    assert goals[2]["target"][0]["dueDate"] == "2027-04-11"


@pytest.mark.parametrize(("plan", "priority"), [("draft", "routine"), ("withheld", "urgent")])
def test_the_referral_is_as_urgent_as_the_triage(plan, priority):
    request = one(bundle(PLANS[plan]), "ServiceRequest")
    assert request["priority"] == priority
    assert request["reasonReference"]


def test_no_referral_when_nobody_has_to_be_seen():
    assert of(bundle(PLANS["bare"]), "ServiceRequest") == []


def test_every_resource_is_told_in_words():
    for entry in BUNDLE["entry"]:
        assert entry["resource"]["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml"><p>')
        assert "{" not in entry["resource"]["text"]["div"]


def test_addresses_stay_over_revisions():
    later = bundle(replace(PLAN, revision=2))
    assert [entry["fullUrl"] for entry in later["entry"]] == [entry["fullUrl"] for entry in BUNDLE["entry"]]
    assert later["identifier"] != BUNDLE["identifier"]


def test_the_stamp_must_know_its_zone():
    with pytest.raises(ValueError, match="aware"):
        plan_bundle(PLAN, CASE, ASSESSMENT, KB, stamped_at=datetime(2026, 10, 12))  # noqa: DTZ001


# --- what our own check refuses -------------------------------------------------------------------------------------
def broken(change):
    found = copy.deepcopy(BUNDLE)
    change(found, lambda kind: of(found, kind)[0])
    return check_bundle(found)


def _set(place, name, value):
    place[name] = value


BREAKS = {
    "no bundle": (lambda b, r: _set(b, "resourceType", "Patient"), "not a bundle"),
    "bundle type": (lambda b, r: _set(b, "type", "heap"), "Bundle.type 'heap'"),
    "bundle time": (lambda b, r: _set(b, "timestamp", "2026-10-12T09:00"), "not an instant"),
    "gender": (lambda b, r: _set(r("Patient"), "gender", "f"), "Patient.gender 'f'"),
    "questionnaire status": (lambda b, r: _set(r("Questionnaire"), "status", "nonsense"), "Questionnaire.status"),
    "plan intent": (lambda b, r: _set(r("CarePlan"), "intent", "wish"), "CarePlan.intent"),
    "activity status": (
        lambda b, r: _set(r("CarePlan")["activity"][0]["detail"], "status", "soon"), "CarePlan.activity.detail.status",
    ),
    "activity twice": (
        lambda b, r: _set(r("CarePlan")["activity"][0], "reference", {"reference": "urn:x"}), "cpl-3",
    ),
    "activity bare": (lambda b, r: r("CarePlan")["activity"][0]["detail"].pop("status"), "detail.status is missing"),
    "period unit": (
        lambda b, r: _set(r("CarePlan")["activity"][0]["detail"]["scheduledTiming"]["repeat"], "periodUnit", "week"),
        "periodUnit 'week'",
    ),
    "forbidden and scheduled": (
        lambda b, r: _set(r("CarePlan")["activity"][0]["detail"], "doNotPerform", True), "forbidden and scheduled",
    ),
    "on hold": (lambda b, r: _set(r("CarePlan"), "status", "on-hold"), "on hold and schedules"),
    "comparator": (
        lambda b, r: _set(of(b, "Goal")[1]["target"][0]["detailQuantity"], "comparator", "=="), "comparator '=='",
    ),
    "goal measure": (lambda b, r: of(b, "Goal")[1]["target"][0].pop("measure"), "gol-1"),
    "goal silent": (lambda b, r: _set(of(b, "Goal")[2], "target", [{"x": 1}]), "Goal.target says nothing"),
    "priority": (lambda b, r: _set(r("ServiceRequest"), "priority", "high"), "ServiceRequest.priority"),
    "clinical status": (lambda b, r: _set(r("Condition"), "clinicalStatus", {"text": "active"}), "has no code of"),
    "confirmed": (
        lambda b, r: _set(r("Condition")["verificationStatus"]["coding"][0], "code", "confirmed"), "confirms no cause",
    ),
    "loinc": (lambda b, r: _set(r("Observation")["code"]["coding"][0], "code", "30525-1"), "LOINC"),
    "snomed": (lambda b, r: _set(r("Condition")["severity"]["coding"][0], "code", "255604003"), "SNOMED"),
    "two values": (lambda b, r: _set(r("Observation"), "valueBoolean", True), "several values"),
    "absent and there": (lambda b, r: _set(r("Observation"), "dataAbsentReason", {"text": "x"}), "obs-6"),
    "no value": (lambda b, r: r("Observation").pop("valueQuantity"), "says nothing"),
    "missing": (lambda b, r: r("Observation").pop("status"), "Observation.status is missing"),
    "unknown element": (lambda b, r: _set(r("Patient"), "birthDate", "1984-01-01"), "birthDate is not an element"),
    "unknown resource": (lambda b, r: _set(r("Device"), "resourceType", "Robot"), "Robot is no resource"),
    "empty": (lambda b, r: _set(r("Patient"), "gender", ""), "Patient.gender is empty"),
    "control": (lambda b, r: _set(r("CarePlan"), "title", "a\x00b"), "control character"),
    "not finite": (lambda b, r: _set(r("Observation")["valueQuantity"], "value", float("inf")), "finite"),
    "date": (lambda b, r: _set(r("Condition"), "recordedDate", "12.10.2026"), "not a date"),
    "day or instant": (lambda b, r: _set(r("Observation"), "effectiveDateTime", "today"), "neither a date"),
    "id": (lambda b, r: _set(r("Patient"), "id", "a b"), "id is not an id"),
    "address": (lambda b, r: _set(b["entry"][0], "fullUrl", "urn:uuid:x"), "does not name the id"),
    "twice": (lambda b, r: b["entry"].append(b["entry"][0]), "two resources have the address"),
    "dangling": (lambda b, r: _set(r("CarePlan")["subject"], "reference", "urn:uuid:0"), "not in the bundle"),
    "wrong target": (
        lambda b, r: _set(r("CarePlan")["subject"], "reference", r("CarePlan")["author"]["reference"]),
        "may not point to a Device",
    ),
    "link twice": (
        lambda b, r: r("Questionnaire")["item"].append(r("Questionnaire")["item"][0]), "not unique",
    ),
    "no options": (
        lambda b, r: next(i for i in r("Questionnaire")["item"] if i["type"] == "choice").pop("answerOption"), "que-5",
    ),
    "no question": (lambda b, r: _set(r("QuestionnaireResponse")["item"][0], "linkId", "mood"), "answers no question"),
    "other kind": (
        lambda b, r: _set(_item(r, "calf_warm"), "answer", [{"valueString": "no"}]), "needs valueBoolean",
    ),
    "no option": (
        lambda b, r: _set(_item(r, "onset_type")["answer"][0]["valueCoding"], "code", "x"), "no option",
    ),
    "several": (
        lambda b, r: _item(r, "calf_warm")["answer"].append({"valueBoolean": True}), "several answers",
    ),
    "no questionnaire": (
        lambda b, r: _set(r("QuestionnaireResponse"), "questionnaire", "urn:x"), "questionnaire is not in the bundle",
    ),
}  # fmt: skip


def _item(get, link):
    return next(item for item in get("QuestionnaireResponse")["item"] if item["linkId"] == link)


@pytest.mark.parametrize(("change", "said"), BREAKS.values(), ids=BREAKS)
def test_what_is_wrong_is_found_and_named(change, said):
    assert [fault for fault in broken(change) if said in fault]


def test_a_bundle_with_a_fault_does_not_leave_and_tells_no_value(monkeypatch):
    monkeypatch.setattr("soleus.exports.fhir.check_bundle", lambda found: ["Condition.code 'secret' is wrong"])
    with pytest.raises(BackendError) as caught:
        bundle()
    assert "faults: 1" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("code", ["8302-2", "29463-7", "39156-5", "30525-0", "72514-3", "76689-9"])
def test_check_digits_of_loinc(code):
    assert loinc_valid(code)
    number, digit = code.split("-")
    assert not any(loinc_valid(f"{number}-{other}") for other in range(10) if other != int(digit))
    assert not loinc_valid(number)


@pytest.mark.parametrize("code", ["255604002", "24484000", "6736007", "404223003", "22298006", "73211009"])
def test_check_digits_of_snomed_ct(code):
    assert snomed_valid(code)
    assert not any(snomed_valid(f"{code[:-1]}{other}") for other in range(10) if other != int(code[-1]))
    swapped = code[:2] + code[3] + code[2] + code[4:]
    assert swapped == code or not snomed_valid(swapped)
    assert not snomed_valid("12345")
