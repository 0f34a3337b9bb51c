"""Reading vignettes: one YAML file per case, `case` (what is known), `expect` (what must come of it), `why`.

`case.others: absent` answers every other yes/no question to the runner with "no"; without it they are unknown.
`also`, `suspected` and `not_suspected` are further sets of answers for the same rule, one a line, all else unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soleus.core.case import Case, Runner, Sex
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge import load_yaml_strict
from soleus.knowledge.base import Kind, KnowledgeBase

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Vignette:
    name: str
    case: Mapping[str, Any]
    expect: Mapping[str, Any]
    why: str
    conditions: tuple[str, ...] = ()
    also: tuple[Mapping[str, Any], ...] = ()
    suspected: tuple[Mapping[str, Any], ...] = ()
    not_suspected: tuple[Mapping[str, Any], ...] = ()


def read(folder: str) -> list[Vignette]:
    """The vignettes of a sub-folder, by name; none when it is not there yet."""
    found = []
    for path in sorted((FOLDER / folder).glob("*.yaml")):
        data = load_yaml_strict(path.read_bytes(), where=path.name)
        assert isinstance(data, dict), path.name
        known = {"case", "expect", "why", "conditions", "also", "suspected", "not_suspected", "near_miss_of", "sources"}
        assert set(data) <= known, (path.name, set(data) - known)
        found.append(
            Vignette(
                name=path.stem,
                case=data["case"],
                expect=data["expect"],
                why=data["why"],
                conditions=tuple(data.get("conditions", ())),
                also=tuple(data.get("also", ())),
                suspected=tuple(data.get("suspected", ())),
                not_suspected=tuple(data.get("not_suspected", ())),
            )
        )
    return found


def value(raw: object) -> Any:
    if isinstance(raw, list):
        return frozenset(raw)
    return None if raw == "unknown" else raw


def given(answers: Mapping[str, Any], origin: Origin = Origin.SELF_REPORT) -> list[Finding]:
    return [Finding(id=FindingId(name), value=value(raw), origin=origin) for name, raw in answers.items()]


def build_case(vignette: Vignette, kb: KnowledgeBase) -> Case:
    raw = vignette.case
    findings = [*given(raw.get("answers") or {}), *given(raw.get("exam") or {}, Origin.CLINICIAN)]
    named = {finding.id for finding in findings}
    unknown_names = named - set(kb.findings)
    assert not unknown_names, (vignette.name, unknown_names)
    if raw.get("others") == "absent":
        findings += [
            Finding(id=name, value=False)
            for name, definition in kb.findings.items()
            if definition.kind is Kind.BOOLEAN and "runner" in definition.asked_of and name not in named
        ]
    sex = Sex(raw["sex"]) if "sex" in raw else Sex.UNKNOWN
    return Case(id=vignette.name, runner=Runner(age_years=raw.get("age_years"), sex=sex), findings=FindingSet(findings))
