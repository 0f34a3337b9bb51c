"""The plan and what it rests on as one FHIR R4 bundle.

Type "collection": a set of resources handed over together. A "document" would need a Composition with an author who
stands for it, and a "transaction" a server that we know; neither is there. R4 (4.0.1) because national cores are on it.

* Patient: no name (unless given), no address, no birth date: an age is not one, so it goes as an Observation.
  `gender` is the sex registered at birth where it was told, as the nearest that receivers read; else left out.
* Condition: the leading cause of a usable plan is "provisional", every other "differential": none is confirmed.
* ClinicalImpression holds how likely each is, CarePlan the plan, ServiceRequest who should see the runner.
* Nothing is "active" or an "order": a Device (this software) proposes.
* Painkillers are care in words, never a MedicationRequest: nobody prescribes here.
* Codes only where they are certain: ICD-10 of the knowledge, SNOMED CT where its confidence there is high, LOINC for
  age, height, weight, BMI and pain. Everything has words.
"""

from __future__ import annotations

from datetime import datetime

from soleus.core.assessment import Assessment, Cause, RuleState
from soleus.core.case import Case, Sex
from soleus.core.errors import BackendError
from soleus.core.ids import ConditionId
from soleus.core.plan import Plan, PlanStatus
from soleus.exports.fhir_answers import add_observations, add_questionnaire, add_response
from soleus.exports.fhir_base import (
    ICD10,
    ICD10_CM,
    SNOMED,
    URI_SYSTEM,
    Builder,
    Json,
    coding,
    concept,
    day,
    hl7,
    instant,
    notes,
    printable,
    urn,
)
from soleus.exports.fhir_check import check_bundle as check_bundle
from soleus.exports.fhir_plan import add_care_plan, add_goals, add_referral
from soleus.exports.wording import clinical_name, text
from soleus.knowledge.base import KnowledgeBase

MOST_CAUSES = 5
LEAST_PROBABILITY = 0.05
"""Causes less likely than this are left out unless the plan names them: a list of everything informs nobody."""
SEVERITY = {
    "mild": coding(SNOMED, "255604002", "Mild"),
    "moderate": coding(SNOMED, "6736007", "Moderate"),
    "severe": coding(SNOMED, "24484000", "Severe"),
}
"""FHIR's own value set for the severity of a condition."""


def plan_bundle(
    plan: Plan,
    case: Case,
    assessment: Assessment | None,
    kb: KnowledgeBase,
    *,
    stamped_at: datetime,
    patient_name: str = "",
) -> Json:
    """The bundle as JSON data. `stamped_at`: now, aware. Same input, same bundle.

    It passes our own check before it leaves; BackendError (telling none of its values) if not. `assessment` None: it
    failed; the bundle then holds the answers and the plan, which says to be seen.
    """
    if stamped_at.tzinfo is None:
        raise ValueError("stamped_at must be aware")
    builder = Builder(plan=plan, kb=kb, stamped_at=stamped_at)
    on = (plan.made_on if assessment is None else assessment.assessed_on).isoformat()
    _add_patient(builder, case, patient_name)
    author = _add_device(builder)
    conditions = _add_conditions(builder, case, assessment, on)
    add_questionnaire(builder)
    basis = [add_response(builder, case), *add_observations(builder, case, on)]
    impression = _add_impression(builder, assessment, conditions, basis, on)
    goals = add_goals(builder, list(conditions.values()))
    add_care_plan(builder, author, list(conditions.values()), goals, [impression])
    add_referral(builder, author, list(conditions.values()), [impression])
    bundle: Json = {
        "resourceType": "Bundle",
        "id": urn(plan.id, "Bundle", str(plan.revision)).removeprefix("urn:uuid:"),
        "identifier": {"system": URI_SYSTEM, "value": urn(plan.id, "Bundle", str(plan.revision))},
        "type": "collection",
        "timestamp": instant(stamped_at),
        "entry": builder.entries,
    }
    faults = check_bundle(bundle)
    if faults:
        raise BackendError(
            f"the FHIR bundle did not pass our own check (faults: {len(faults)})", hint="The other files are fine"
        )
    return bundle


def _add_patient(builder: Builder, case: Case, name: str) -> None:
    gender = {Sex.FEMALE: "female", Sex.MALE: "male"}.get(case.runner.sex)
    title = text(builder.kb, "export.fhir.patient")
    builder.add("Patient", "", name or title, {"name": [{"text": printable(name)}] if name else None, "gender": gender})


def _add_device(builder: Builder) -> Json:
    """Who wrote it: software, with the version of its knowledge."""
    body: Json = {
        "status": "active",
        "deviceName": [{"name": "Soleus", "type": "user-friendly-name"}],
        "version": [{"value": builder.plan.knowledge_version}],
        "note": notes([text(builder.kb, "plan.footer")]),
    }
    return builder.add("Device", "", "Soleus", body)


def _add_conditions(builder: Builder, case: Case, assessment: Assessment | None, on: str) -> dict[ConditionId, Json]:
    """The causes thought of, most likely first, none of them confirmed."""
    plan, kb = builder.plan, builder.kb
    planned = {cause.condition: cause for cause in plan.causes}
    leading = plan.causes[0].condition if plan.causes and plan.status is PlanStatus.DRAFT else None
    found: dict[ConditionId, Json] = {}
    for name in _causes(plan, assessment):
        cause = planned.get(name)
        severity = SEVERITY.get(cause.grade) if cause is not None else None
        body: Json = {
            "clinicalStatus": hl7("condition-clinical", "active", "Active"),
            "verificationStatus": hl7("condition-ver-status", "provisional", "Provisional")
            if name == leading
            else hl7("condition-ver-status", "differential", "Differential"),
            "severity": None if severity is None else concept(severity["display"], severity),
            "code": concept(clinical_name(kb, name), *_codes(kb, name)),
            "subject": builder.subject,
            "onsetDateTime": day(case.onset_on),
            "recordedDate": on,
        }
        found[name] = builder.add("Condition", name, clinical_name(kb, name), body)
    return found


def _causes(plan: Plan, assessment: Assessment | None) -> list[ConditionId]:
    likely = [cause.condition for cause in _likely(assessment)]
    return list(dict.fromkeys([*(cause.condition for cause in plan.causes), *likely]))


def _all_causes(assessment: Assessment | None) -> tuple[Cause, ...]:
    return () if assessment is None or assessment.differential is None else assessment.differential.causes


def _likely(assessment: Assessment | None) -> list[Cause]:
    return [cause for cause in _all_causes(assessment) if cause.probability >= LEAST_PROBABILITY][:MOST_CAUSES]


def _codes(kb: KnowledgeBase, name: ConditionId) -> list[dict[str, str]]:
    known = kb.conditions.get(name)
    codes = known.codes if known is not None else {}
    found = []
    if "icd10_who" in codes:
        found.append(coding(ICD10, codes["icd10_who"]))
    if "icd10_cm" in codes:
        # A trailing dash stands for a character (side, encounter) that we do not know: the category is the code.
        found.append(coding(ICD10_CM, codes["icd10_cm"].rstrip("-")))
    if codes.get("snomed_confidence") == "high" and "snomed_ct" in codes:
        found.append(coding(SNOMED, codes["snomed_ct"]))
    return found


def _add_impression(
    builder: Builder, assessment: Assessment | None, conditions: dict[ConditionId, Json], basis: list[Json], on: str
) -> Json:
    """How likely each cause is, and the triage."""
    plan, kb = builder.plan, builder.kb
    known = {cause.condition: cause for cause in _all_causes(assessment)}
    findings = []
    for name, reference in conditions.items():
        cause = known.get(name)
        words = (
            text(
                kb,
                "export.fhir.probability",
                percent=f"{100 * cause.probability:.0f}",
                low=f"{100 * cause.low:.0f}",
                high=f"{100 * cause.high:.0f}",
            )
            if cause is not None
            else ""
        )
        findings.append({"itemReference": reference} | ({"basis": words} if words else {}))
    title = text(kb, "export.fhir.impression")
    body: Json = {
        "status": "completed",
        "description": title,
        "subject": builder.subject,
        "effectiveDateTime": on,
        "date": instant(builder.stamped_at),
        "problem": list(conditions.values()),
        "investigation": [{"code": concept(text(kb, "export.fhir.answers")), "item": basis}],
        "summary": text(kb, f"disposition.{plan.disposition.slug}.title", plan.disposition.slug.replace("_", " ")),
        "finding": findings,
        "prognosisCodeableConcept": [concept(words) for words in _prognosis(plan, kb)],
        "note": notes([*_warnings(assessment, kb), text(kb, "safety_net.uncertain.clinical")]),
    }
    return builder.add("ClinicalImpression", "", title, body)


def _prognosis(plan: Plan, kb: KnowledgeBase) -> list[str]:
    """Each milestone with its median and its 10 to 90 % range, in days from the day it counts from."""
    return [
        text(
            kb,
            "export.fhir.forecast",
            what=text(kb, f"plan.forecast.milestone.{item.milestone}", item.milestone.replace("_", " ")),
            p10=f"{item.p10_days:.0f}",
            median=f"{item.median_days:.0f}",
            since=day(item.since) or text(kb, "export.fhir.onset"),
            p90=f"{item.p90_days:.0f}",
            confidence=item.confidence.replace("_", " "),
        )
        for item in plan.forecasts
    ]


def _warnings(assessment: Assessment | None, kb: KnowledgeBase) -> list[str]:
    """The warning signs that are present, or still open with something for them: the reader must not miss these."""
    found = []
    for rule in () if assessment is None else assessment.triage.rules:
        words = text(kb, f"rule.{rule.id}.clinical", rule.id)
        if rule.state is RuleState.FIRED:
            found.append(text(kb, "export.fhir.warning", what=words))
        elif rule.state is RuleState.UNDETERMINED and rule.contributes is not None:
            found.append(text(kb, "export.fhir.open_warning", what=words))
    return found
