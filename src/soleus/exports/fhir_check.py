"""Our own check of a bundle before it leaves: required codes, needed and known elements, references, check digits.

The models that Python has do not look at required codes ("status": "nonsense" passes), so the value sets that FHIR R4
(4.0.1) binds as *required* are written out here for the elements we use. An element that is not in the table is
refused: what we never meant to send should not go out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

from soleus.exports.fhir_base import CONTROL, LOINC, SNOMED, TERMINOLOGY, Json


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


COMMON = frozenset({"resourceType", "id", "text"})
ELEMENTS: Mapping[str, tuple[str, str]] = {
    "Patient": ("", "name gender"),
    "Device": ("", "status deviceName version note"),
    "Condition": (
        "subject code clinicalStatus verificationStatus",
        "severity onsetDateTime recordedDate",
    ),
    "ClinicalImpression": (
        "status subject",
        "description effectiveDateTime date problem investigation summary finding prognosisCodeableConcept note",
    ),
    "Questionnaire": ("status url item", "version name title subjectType"),
    "QuestionnaireResponse": ("status questionnaire", "subject authored source item"),
    "Observation": (
        "status code subject",
        "category effectiveDateTime performer valueQuantity valueBoolean valueString valueInteger dataAbsentReason "
        "component",
    ),
    "Goal": (
        "lifecycleStatus description subject",
        "achievementStatus startDate target addresses note",
    ),
    "CarePlan": (
        "status intent subject",
        "identifier title description period created author addresses supportingInfo goal activity note",
    ),
    "ServiceRequest": (
        "status intent subject code",
        "priority authoredOn requester reasonReference supportingInfo note",
    ),
}
"""By resource: elements that must be there (some by FHIR, some by us), and those that may."""

_REQUEST_STATUS = _codes("draft active on-hold revoked completed entered-in-error unknown")
_EVENT_UNIT = _codes("s min h d wk mo a")
REQUIRED_CODES: Mapping[str, frozenset[str]] = {
    "Bundle.type": _codes(
        "document message transaction transaction-response batch batch-response history searchset collection"
    ),
    "Patient.gender": _codes("male female other unknown"),
    "Device.status": _codes("active inactive entered-in-error unknown"),
    "Device.deviceName.type": _codes(
        "udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name other"
    ),
    "ClinicalImpression.status": _codes("in-progress completed entered-in-error"),
    "Questionnaire.status": _codes("draft active retired unknown"),
    "Questionnaire.subjectType": frozenset({"Patient"}),
    "Questionnaire.item.type": _codes(
        "group display boolean decimal integer date dateTime time string text url choice "
        "open-choice attachment reference quantity"
    ),
    "QuestionnaireResponse.status": _codes("in-progress completed amended entered-in-error stopped"),
    "Observation.status": _codes("registered preliminary final amended corrected cancelled entered-in-error unknown"),
    "Goal.lifecycleStatus": _codes(
        "proposed planned accepted active on-hold completed cancelled entered-in-error rejected"
    ),
    "CarePlan.status": _REQUEST_STATUS,
    "CarePlan.intent": _codes("proposal plan order option"),
    "CarePlan.activity.detail.status": _codes(
        "not-started scheduled in-progress on-hold completed cancelled stopped unknown entered-in-error"
    ),
    "ServiceRequest.status": _REQUEST_STATUS,
    "ServiceRequest.intent": _codes(
        "proposal plan directive order original-order reflex-order filler-order instance-order option"
    ),
    "ServiceRequest.priority": _codes("routine urgent asap stat"),
    "*.text.status": _codes("generated extensions additional empty"),
    "*.comparator": _codes("< <= >= >"),
    "*.repeat.periodUnit": _EVENT_UNIT,
}
"""Elements of type code with a required binding; "*" stands for any path before."""
REQUIRED_CONCEPTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "Condition.clinicalStatus": (
        f"{TERMINOLOGY}/condition-clinical",
        _codes("active recurrence relapse inactive remission resolved"),
    ),
    "Condition.verificationStatus": (
        f"{TERMINOLOGY}/condition-ver-status",
        _codes("unconfirmed provisional differential confirmed refuted entered-in-error"),
    ),
}
"""CodeableConcepts with a required binding: their system and codes."""
REFERENCES: Mapping[str, frozenset[str]] = {
    "subject": frozenset({"Patient"}),
    "source": frozenset({"Patient"}),
    "performer": frozenset({"Patient"}),
    "author": frozenset({"Device"}),
    "requester": frozenset({"Device"}),
    "addresses": frozenset({"Condition"}),
    "problem": frozenset({"Condition"}),
    "reasonReference": frozenset({"Condition"}),
    "itemReference": frozenset({"Condition"}),
    "goal": frozenset({"Goal"}),
    "supportingInfo": frozenset({"ClinicalImpression"}),
    "item": frozenset({"Observation", "QuestionnaireResponse"}),
}
"""What each referring element may point to here."""
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_INSTANT = re.compile(_DATE.pattern + r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
DATES = frozenset({"recordedDate", "startDate", "dueDate", "start", "end", "created", "onsetDateTime"})
DATES_OR_INSTANTS = frozenset({"effectiveDateTime", "event"})
INSTANTS = frozenset({"timestamp", "authored", "authoredOn", "date"})
_ANSWER_TYPES = {
    "boolean": "valueBoolean",
    "choice": "valueCoding",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
}


def check_bundle(bundle: Json) -> list[str]:
    """Every fault found, each with its place; empty = fit to send."""
    if bundle.get("resourceType") != "Bundle":
        return ["Bundle: this is not a bundle"]
    found = list(_leaves("Bundle", {key: value for key, value in bundle.items() if key != "entry"}))
    kinds: dict[str, str] = {}
    resources: list[tuple[str, Mapping[str, object]]] = []
    for index, entry in enumerate(_list(bundle.get("entry"))):
        resource = _mapping(_mapping(entry).get("resource"))
        address, kind = str(_mapping(entry).get("fullUrl", "")), str(resource.get("resourceType"))
        place = f"entry[{index}] {kind}"
        if address in kinds:
            found.append(f"{place}: two resources have the address {address}")
        if address != f"urn:uuid:{resource.get('id')}":
            found.append(f"{place}: the address {address!r} does not name the id {resource.get('id')!r}")
        kinds[address] = kind
        resources.append((place, resource))
    for place, resource in resources:
        found += [f"{place}: {fault}" for fault in _resource(resource, kinds)]
    found += _answers_fit([resource for _, resource in resources])
    return found


# --- one resource -----------------------------------------------------------------------------------------------
def _resource(resource: Mapping[str, object], kinds: Mapping[str, str]) -> Iterator[str]:
    kind = str(resource.get("resourceType"))
    if kind not in ELEMENTS:
        yield f"{kind} is no resource that we send"
        return
    needed, optional = (frozenset(words.split()) for words in ELEMENTS[kind])
    for name in sorted(needed - resource.keys()):
        yield f"{kind}.{name} is missing"
    for name in sorted(resource.keys() - needed - optional - COMMON):
        yield f"{kind}.{name} is not an element that we send"
    if not _ID.fullmatch(str(resource.get("id"))):
        yield f"{kind}.id is not an id"
    yield from _leaves(kind, resource)
    yield from _pointers(kind, resource, kinds)
    yield from INVARIANTS.get(kind, _none)(resource)


def _leaves(path: str, value: object) -> Iterator[str]:
    """Empty parts, odd numbers, codes, dates and check digits, at any depth."""
    if value in (None, "", [], {}):
        yield f"{path} is empty"
    elif isinstance(value, Mapping):
        yield from _concept(path, value)
        yield from _coding(path, value)
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}", item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(path, item)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is not a finite number"
    else:
        if isinstance(value, str) and CONTROL.search(value):
            yield f"{path} holds a control character"
        yield from _code(path, value)
        yield from _time(path, value)


def _code(path: str, value: object) -> Iterator[str]:
    allowed = REQUIRED_CODES.get(path)
    if allowed is None:
        allowed = next(
            (codes for name, codes in REQUIRED_CODES.items() if name[0] == "*" and path.endswith(name[1:])), None
        )
    if allowed is not None and value not in allowed:
        yield f"{path} {value!r} is not one of {', '.join(sorted(allowed))}"


def _time(path: str, value: object) -> Iterator[str]:
    name, words = path.rpartition(".")[2], str(value)
    if name in DATES and not _DATE.fullmatch(words):
        yield f"{path} {words!r} is not a date"
    if name in INSTANTS and not _INSTANT.fullmatch(words):
        yield f"{path} {words!r} is not an instant with its zone"
    if name in DATES_OR_INSTANTS and not (_DATE.fullmatch(words) or _INSTANT.fullmatch(words)):
        yield f"{path} {words!r} is neither a date nor an instant"


def _concept(path: str, value: Mapping[str, object]) -> Iterator[str]:
    bound = REQUIRED_CONCEPTS.get(path)
    if bound is None:
        return
    system, codes = bound
    given = [_mapping(item) for item in _list(value.get("coding"))]
    if not any(item.get("system") == system and item.get("code") in codes for item in given):
        yield f"{path} has no code of {system}"


def _coding(path: str, value: Mapping[str, object]) -> Iterator[str]:
    system, code = value.get("system"), str(value.get("code", ""))
    if system == LOINC and not loinc_valid(code):
        yield f"{path} {code!r} is no LOINC code: its check digit is wrong"
    if system == SNOMED and not snomed_valid(code):
        yield f"{path} {code!r} is no SNOMED CT id: its check digit is wrong"


def _pointers(path: str, value: object, kinds: Mapping[str, str]) -> Iterator[str]:
    """Every reference must lead to a resource of the bundle, of a kind that fits."""
    if isinstance(value, Mapping):
        target = value.get("reference")
        name = path.rpartition(".")[2]
        if isinstance(target, str):
            if target not in kinds:
                yield f"{path} points to {target}, which is not in the bundle"
            elif kinds[target] not in REFERENCES.get(name, frozenset()):
                yield f"{path} may not point to a {kinds[target]}"
        for key, item in value.items():
            yield from _pointers(f"{path}.{key}", item, kinds)
    elif isinstance(value, list):
        for item in value:
            yield from _pointers(path, item, kinds)


# --- rules between elements -------------------------------------------------------------------------------------
def _none(_: Mapping[str, object]) -> Iterator[str]:
    yield from ()


def _observation(resource: Mapping[str, object]) -> Iterator[str]:
    values = [name for name in resource if name.startswith("value")]
    if len(values) > 1:
        yield f"Observation has several values: {', '.join(values)}"
    if values and "dataAbsentReason" in resource:
        yield "Observation says that there is no value, and has one (obs-6)"
    if not values and "dataAbsentReason" not in resource and "component" not in resource:
        yield "Observation says nothing"


def _goal(resource: Mapping[str, object]) -> Iterator[str]:
    for target in map(_mapping, _list(resource.get("target"))):
        if any(name.startswith("detail") for name in target) and "measure" not in target:
            yield "Goal.target has a detail without a measure (gol-1)"
        if not target.keys() & {"measure", "dueDate"}:
            yield "Goal.target says nothing"


def _care_plan(resource: Mapping[str, object]) -> Iterator[str]:
    for activity in map(_mapping, _list(resource.get("activity"))):
        detail = _mapping(activity.get("detail"))
        if ("detail" in activity) == ("reference" in activity):
            yield "CarePlan.activity needs a detail or a reference, not both (cpl-3)"
        if "detail" in activity and "status" not in detail:
            yield "CarePlan.activity.detail.status is missing"
        if detail.get("doNotPerform") is True and "scheduledTiming" in detail:
            yield "CarePlan.activity.detail is forbidden and scheduled at once"
        if resource.get("status") == "on-hold" and detail.get("status") in ("scheduled", "in-progress"):
            yield "CarePlan is on hold and schedules something"


def _condition(resource: Mapping[str, object]) -> Iterator[str]:
    codes = str(resource.get("verificationStatus"))
    if "'confirmed'" in codes:
        yield "Condition.verificationStatus: software confirms no cause"


def _questionnaire(resource: Mapping[str, object]) -> Iterator[str]:
    links = [_mapping(item).get("linkId") for item in _list(resource.get("item"))]
    if len(set(links)) != len(links) or None in links:
        yield "Questionnaire.item.linkId is missing or not unique (que-2)"
    for item in map(_mapping, _list(resource.get("item"))):
        if ("answerOption" in item) != (item.get("type") == "choice"):
            yield f"Questionnaire.item {item.get('linkId')}: choices need options, nothing else has them (que-5)"


INVARIANTS: Mapping[str, Callable[[Mapping[str, object]], Iterator[str]]] = {
    "Observation": _observation,
    "Goal": _goal,
    "CarePlan": _care_plan,
    "Condition": _condition,
    "Questionnaire": _questionnaire,
}


def _answers_fit(resources: list[Mapping[str, object]]) -> Iterator[str]:
    """Each answer belongs to a question of the questionnaire in the bundle, and is of its kind."""
    asked = {
        f"{item.get('url')}|{item.get('version')}": {
            _mapping(part).get("linkId"): _mapping(part) for part in _list(item.get("item"))
        }
        for item in resources
        if item.get("resourceType") == "Questionnaire"
    }
    for response in resources:
        if response.get("resourceType") != "QuestionnaireResponse":
            continue
        questions = asked.get(str(response.get("questionnaire")))
        if questions is None:
            yield "QuestionnaireResponse.questionnaire is not in the bundle"
            continue
        for item in map(_mapping, _list(response.get("item"))):
            yield from _answer_fits(item, questions.get(item.get("linkId")))


def _answer_fits(item: Mapping[str, object], question: Mapping[str, object] | None) -> Iterator[str]:
    link = item.get("linkId")
    if question is None:
        yield f"QuestionnaireResponse.item {link!r} answers no question"
        return
    answers = [_mapping(answer) for answer in _list(item.get("answer"))]
    if len(answers) > 1 and not question.get("repeats"):
        yield f"QuestionnaireResponse.item {link!r} has several answers to a question with one"
    wanted = _ANSWER_TYPES[str(question["type"])]
    options = [_mapping(option).get("valueCoding") for option in _list(question.get("answerOption"))]
    for answer in answers:
        if list(answer) != [wanted]:
            yield f"QuestionnaireResponse.item {link!r} needs {wanted}"
        elif options and answer[wanted] not in options:
            yield f"QuestionnaireResponse.item {link!r} gives an answer that is no option"


# --- check digits -----------------------------------------------------------------------------------------------
_VERHOEFF_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_TURN = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def snomed_valid(code: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of a SNOMED CT identifier (6 to 18 digits)."""
    if not re.fullmatch(r"[1-9]\d{5,17}", code):
        return False
    state = 0
    for position, digit in enumerate(reversed(code)):
        turned = _VERHOEFF_TURN[position % 8][int(digit)]
        state = int(_VERHOEFF_TIMES[state][int(turned)])
    return state == 0


def loinc_valid(code: str) -> bool:
    """Whether the digit after the dash is the mod-10 (Luhn) check digit of a LOINC code."""
    if not re.fullmatch(r"\d{1,7}-\d", code):
        return False
    number, digit = code.split("-")
    total = 0
    for position, character in enumerate(reversed(number)):
        value = int(character) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return (-total) % 10 == int(digit)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
