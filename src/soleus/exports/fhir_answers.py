"""What the runner said, measured and was examined for, as FHIR: Questionnaire, its response, Observations."""

from __future__ import annotations

from collections.abc import Iterator

from soleus.core.case import Case
from soleus.core.expression import Answer
from soleus.core.finding import Finding, Origin
from soleus.core.goals import Measured
from soleus.core.ids import MeasureId
from soleus.exports.fhir_base import (
    ANSWER_SYSTEM,
    LOINC,
    Builder,
    Json,
    coding,
    concept,
    day,
    hl7,
    instant,
    quantity,
    urn,
    whole,
)
from soleus.exports.plan_wording import measure_name
from soleus.exports.wording import clinical_value, statement, text
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase

AGE = coding(LOINC, "30525-0", "Age")
HEIGHT = coding(LOINC, "8302-2", "Body height")
WEIGHT = coding(LOINC, "29463-7", "Body weight")
BMI = coding(LOINC, "39156-5", "Body mass index (BMI) [Ratio]")
PAIN = coding(LOINC, "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported")
NUMERIC_CODES = {"pain_score_now": (PAIN, "{score}"), "height_weight_bmi": (BMI, "kg/m2")}
"""Only codes that are certain; everything else goes by its words."""
UNITS = {"min": "min", "s": "s", "cm": "cm", "deg": "deg", "%": "%", "d": "d", "wk": "wk", "0-10": "{score}"}
"""Our units that UCUM has a code for."""
DERIVED_ANSWERS = frozenset({"height_weight_bmi"})
"""Asked as two numbers and kept as one: an observation, no answer."""
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


# --- the questions ----------------------------------------------------------------------------------------------
def questionnaire_url(kb: KnowledgeBase) -> str:
    return urn("questionnaire", kb.version)


def add_questionnaire(builder: Builder) -> None:
    """Every question that a runner can be asked in this version of the knowledge, and the medicine-safety facts."""
    kb = builder.kb
    items = [_question(kb, item) for item in kb.findings.values() if _asked(item)]
    items += [_fact_question(kb, fact) for fact in kb.medicine_facts]
    title = text(kb, "export.fhir.questionnaire")
    body: Json = {
        "url": questionnaire_url(kb),
        "version": kb.version,
        "name": "SoleusCalfPain",
        "title": title,
        "status": "active",
        "subjectType": ["Patient"],
        "item": items,
    }
    builder.add("Questionnaire", kb.version, title, body)


def _asked(item: FindingDefinition) -> bool:
    return "runner" in item.asked_of and item.id not in DERIVED_ANSWERS


def _question(kb: KnowledgeBase, item: FindingDefinition) -> Json:
    kinds = {Kind.BOOLEAN: "boolean", Kind.CHOICE: "choice", Kind.INTEGER: "integer", Kind.NUMBER: "decimal"}
    found: Json = {
        "linkId": item.id,
        "text": text(kb, f"finding.{item.id}.question", item.id.replace("_", " ")),
        "type": kinds[item.kind],
    }
    if item.kind is Kind.CHOICE:
        # Several answers mean "one of these, I am not sure which".
        found["repeats"] = True
        found["answerOption"] = [{"valueCoding": _option(kb, item.id, option)} for option in item.options]
    return found


def _fact_question(kb: KnowledgeBase, fact: str) -> Json:
    words = text(kb, f"medicine_fact.{fact}.question", fact.replace("_", " "))
    return {"linkId": f"fact.{fact}", "text": words, "type": "boolean"}


def _option(kb: KnowledgeBase, finding: str, option: str) -> Json:
    words = text(kb, f"finding.{finding}.option.{option}", option.replace("_", " "))
    return dict(coding(ANSWER_SYSTEM, f"{finding}.{option}", words))


# --- the answers ------------------------------------------------------------------------------------------------
def add_response(builder: Builder, case: Case) -> Json:
    """The answers in the order given. "I don't know" is kept as such: it is never the same as "no"."""
    kb = builder.kb
    items = []
    for finding in _pieces(case):
        if _is_answer(kb, finding):
            items.append(_answer(kb, kb.findings[finding.id], finding.value))
    items += [_plain_answer(f"fact.{fact}", [{"valueBoolean": value}]) for fact, value in case.facts]
    items = list({str(item["linkId"]): item for item in items}.values())
    for item in items:
        item["text"] = _asked_words(kb, str(item["linkId"]))
    title = text(kb, "export.fhir.answers")
    body: Json = {
        "questionnaire": f"{questionnaire_url(kb)}|{kb.version}",
        "status": "completed",
        "subject": builder.subject,
        "authored": instant(builder.stamped_at),
        "source": builder.subject,
        "item": items,
    }
    return builder.add("QuestionnaireResponse", "", title, body)


def _is_answer(kb: KnowledgeBase, finding: Finding) -> bool:
    """Whether it is a plain answer of the runner; everything else is an observation, so that nothing is lost."""
    known = kb.findings.get(finding.id)
    plain = finding.origin is Origin.SELF_REPORT and finding.likelihood is None
    return plain and known is not None and _asked(known)


def _pieces(case: Case) -> Iterator[Finding]:
    for finding in case.findings:
        yield from finding.parts or (finding,)


def _asked_words(kb: KnowledgeBase, link: str) -> str:
    if link.startswith("fact."):
        return text(kb, f"medicine_fact.{link.removeprefix('fact.')}.question", link)
    return text(kb, f"finding.{link}.question", link)


def _plain_answer(link: str, answers: list[Json]) -> Json:
    return {"linkId": link, "answer": answers}


def _answer(kb: KnowledgeBase, known: FindingDefinition, value: Answer) -> Json:
    if value is None:
        return {"extension": [{"url": ABSENT, "valueCode": "asked-unknown"}], "linkId": known.id}
    if isinstance(value, bool):
        return _plain_answer(known.id, [{"valueBoolean": value}])
    if isinstance(value, frozenset | str):
        options = sorted(value) if isinstance(value, frozenset) else [value]
        return _plain_answer(known.id, [{"valueCoding": _option(kb, known.id, option)} for option in options])
    name = "valueInteger" if known.kind is Kind.INTEGER else "valueDecimal"
    return _plain_answer(known.id, [{name: whole(value)}])


# --- observations -----------------------------------------------------------------------------------------------
def add_observations(builder: Builder, case: Case, on: str) -> list[Json]:
    """Age and body, numbers the runner gave, what was examined or measured, and the self-tests of the goals."""
    found = list(_runner(builder, case, on))
    for finding in _pieces(case):
        if finding.id in NUMERIC_CODES or not _is_answer(builder.kb, finding):
            found.append(_finding(builder, finding, on))
    return found + [_measure(builder, item, on) for item in builder.plan.goals.measures]


def _runner(builder: Builder, case: Case, on: str) -> Iterator[Json]:
    runner = case.runner
    for value, code, unit, ucum in (
        (runner.age_years, AGE, "years", "a"),
        (runner.height_cm, HEIGHT, "cm", "cm"),
        (runner.weight_kg, WEIGHT, "kg", "kg"),
    ):
        if value is not None:
            vital = code is not AGE
            yield _observation(
                builder,
                code["code"],
                concept(code["display"], code),
                category="vital-signs" if vital else "social-history",
                on=on,
                by_runner=True,
                result={"valueQuantity": quantity(value, unit, ucum)},
            )


def _finding(builder: Builder, finding: Finding, on: str) -> Json:
    kb = builder.kb
    name = text(kb, f"finding.{finding.id}.clinical", finding.id.replace("_", " "))
    known = NUMERIC_CODES.get(finding.id)
    category = "exam" if finding.origin is Origin.CLINICIAN else "survey"
    if finding.origin is Origin.MEASURED:
        category = "activity"
    if known is not None and known[0] is BMI:
        category = "vital-signs"
    return _observation(
        builder,
        f"{finding.id}.{finding.origin.name.lower()}",
        concept(name, *([known[0]] if known else [])),
        category=category,
        on=day(finding.observed_on) or on,
        by_runner=finding.origin is Origin.SELF_REPORT,
        result=_result(kb, finding, known[1] if known else ""),
    )


def _result(kb: KnowledgeBase, finding: Finding, unit: str) -> Json:
    value = finding.value
    if finding.likelihood is not None:
        return {"valueString": clinical_value(kb, finding)}
    if value is None:
        return {"dataAbsentReason": hl7("data-absent-reason", "asked-unknown", "Asked But Unknown")}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if isinstance(value, int | float):
        return {"valueQuantity": quantity(value, unit, unit)}
    return {"valueString": statement(kb, finding.id, value)}


def _measure(builder: Builder, item: Measured, on: str) -> Json:
    """A self-test or clinic measurement of the goals; the pain during it is a component."""
    kb = builder.kb
    definition = kb.plans.measures.get(item.measure)
    name = measure_name(kb, item.measure)
    result: Json = (
        {"valueBoolean": item.value}
        if isinstance(item.value, bool)
        else {"valueQuantity": measure_quantity(kb, item.measure, item.value)}
    )
    if item.pain_nrs is not None:
        score = {"valueQuantity": quantity(item.pain_nrs, "{score}", "{score}")}
        result["component"] = [{"code": concept(text(kb, "export.fhir.pain_during"), PAIN), **score}]
    return _observation(
        builder,
        f"measure.{item.measure}.{day(item.on) or on}",
        concept(name),
        category="exam" if definition is not None and definition.clinician_only else "survey",
        on=day(item.on) or on,
        by_runner=definition is None or not definition.clinician_only,
        result=result,
    )


def measure_quantity(kb: KnowledgeBase, measure: MeasureId, value: float) -> Json:
    """The value with the unit of the measure, coded where UCUM has it."""
    definition = kb.plans.measures.get(measure)
    unit = definition.unit if definition is not None else ""
    return quantity(value, unit, UNITS.get(unit, ""))


def _observation(
    builder: Builder, key: str, code: Json, *, category: str, on: str, by_runner: bool, result: Json
) -> Json:
    body: Json = {
        "status": "final",
        "category": [hl7("observation-category", category)],
        "code": code,
        "subject": builder.subject,
        "effectiveDateTime": on,
        "performer": [builder.subject] if by_runner else [],
        **result,
    }
    return builder.add("Observation", key, str(code["text"]), body)
