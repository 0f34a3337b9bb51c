"""Small parts that every FHIR resource of ours is made of: identity, references, codes, narrative, instants."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from soleus.core.plan import Plan
from soleus.knowledge.base import KnowledgeBase

Resource = dict[str, object]
Json = dict[str, object]

NAMESPACE = uuid.UUID("2c1d7c3e-8f6b-5b52-9d53-0c6f1a9be1f0")
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
ICD10, ICD10_CM = "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
URI_SYSTEM = "urn:ietf:rfc:3986"

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def urn(*parts: str) -> str:
    """A name-based UUID as an address: the same parts always give the same."""
    return f"urn:uuid:{uuid.uuid5(NAMESPACE, '/'.join(parts))}"


ANSWER_SYSTEM = urn("answers")
"""Code system of the options of our questions: no published one has them."""


@dataclass(slots=True)
class Builder:
    """Collects the resources of one bundle; every address follows from plan id, kind and key."""

    plan: Plan
    kb: KnowledgeBase
    stamped_at: datetime
    entries: list[Json] = field(default_factory=list)
    used: dict[str, int] = field(default_factory=dict)

    def address(self, kind: str, key: str = "") -> str:
        """The address of a resource of this plan: the same in every revision, so that a newer bundle replaces it."""
        return urn(self.plan.id, kind, key)

    def reference(self, kind: str, key: str = "") -> Json:
        """A reference with the type it leads to, which an address by UUID does not tell."""
        return {"reference": self.address(kind, key), "type": kind}

    @property
    def subject(self) -> Json:
        return self.reference("Patient")

    def add(self, kind: str, key: str, title: str, body: Mapping[str, object]) -> Json:
        """Add a resource, empty parts left out, with its narrative; gives a reference to it.

        A key that comes up again (two tests of one day) is numbered, so that no two resources share an address.
        """
        count = self.used[f"{kind}/{key}"] = self.used.get(f"{kind}/{key}", 0) + 1
        key = key if count == 1 else f"{key}.{count}"
        address = self.address(kind, key)
        resource: Resource = {
            "resourceType": kind,
            "id": address.removeprefix("urn:uuid:"),
            "text": narrative(title),
            **{name: value for name, value in body.items() if value not in (None, "", [], {}, ())},
        }
        self.entries.append({"fullUrl": address, "resource": resource})
        return self.reference(kind, key)


def narrative(*paragraphs: str) -> Json:
    """The resource in words, as every reader may show it."""
    inner = "".join(f"<p>{html.escape(printable(words))}</p>" for words in paragraphs if words)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}


def printable(words: str) -> str:
    """Without the control characters that neither a FHIR string nor XML may hold."""
    return CONTROL.sub("", words)


def concept(text: str = "", *codings: Mapping[str, str]) -> Json:
    """A CodeableConcept: words always, codes where they are sure."""
    found: Json = {"coding": [dict(coding) for coding in codings]} if codings else {}
    return found | ({"text": printable(text)} if text else {})


def coding(system: str, code: str, display: str = "") -> dict[str, str]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def hl7(system: str, code: str, display: str = "") -> Json:
    """A concept of one of HL7's own code systems."""
    return {"coding": [coding(f"{TERMINOLOGY}/{system}", code, display)]}


def quantity(value: float, unit: str = "", code: str = "") -> Json:
    found: Json = {"value": whole(value)}
    if unit:
        found["unit"] = unit
    if code:
        found |= {"system": UCUM, "code": code}
    return found


def whole(value: float) -> int | float:
    """12.0 as 12."""
    return int(value) if float(value).is_integer() else round(float(value), 6)


def instant(at: datetime) -> str:
    """2026-11-23T09:00:00Z."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def notes(words: Iterable[str]) -> list[Json]:
    return [{"text": line} for line in words if line]
