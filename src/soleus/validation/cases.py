"""Published cases: files in the vignette format, with optional overlays that hold newer findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from soleus.core.assessment import Disposition
from soleus.core.case import Case, Runner, Sex, age_band
from soleus.core.errors import CaseFileError, SoleusError
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import ConditionId, FindingId
from soleus.knowledge import load_yaml_strict
from soleus.knowledge.base import Kind, KnowledgeBase
from soleus.readers.case_file import read_findings

UMBRELLAS: Mapping[str, tuple[str, ...]] = {
    "calf_strain_unspecified": ("gastrocnemius_strain", "soleus_strain"),
    "cecs_unspecified": ("cecs_posterior", "cecs_anterolateral"),
}
"""Labels of sources that do not say which member: any member counts as a hit."""


class Convention(Enum):
    """What an unmentioned question counts as."""

    SCREEN_NO = "critical-screen questions count as no, the rest is unknown"
    ALL_UNKNOWN = "everything unmentioned is unknown"
    ALL_NO = "every unmentioned yes/no question counts as no"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCase:
    """One case with its truth. `history` are the runner's answers, `examination` what a clinician or device found."""

    id: str
    runner: Runner
    history: FindingSet
    examination: FindingSet
    truth: ConditionId
    accepted: frozenset[ConditionId]
    urgency: Disposition
    acceptable: frozenset[Disposition]
    richness: int
    stated_facts: int
    problems: tuple[str, ...] = field(default=())

    def case(self, kb: KnowledgeBase, *, history_only: bool, convention: Convention) -> Case:
        """The case as the product would see it."""
        findings = list(self.history) if history_only else [*self.history, *self.examination]
        case = Case(id=self.id, runner=self.runner, findings=FindingSet(findings))
        if convention is Convention.ALL_UNKNOWN:
            return case
        known = {f.id for f in case.evidence()}
        for definition in kb.findings.values():
            if definition.id in known or definition.kind is not Kind.BOOLEAN or "runner" not in definition.asked_of:
                continue
            if definition.critical_screen or convention is Convention.ALL_NO:
                findings.append(Finding(id=definition.id, value=False))
        return replace(case, findings=FindingSet(findings))


def load_cases(
    directory: Path, kb: KnowledgeBase, overlays: Path | None = None
) -> tuple[list[PublishedCase], list[str]]:
    """Every `*.yaml` below `directory`, in name order, and what could not be read (file and reason)."""
    if not directory.is_dir():
        raise CaseFileError("there is no such folder", where=str(directory), hint="Give a folder of case files")
    paths = sorted(directory.rglob("*.yaml"))
    if not paths:
        raise CaseFileError("the folder holds no .yaml files", where=str(directory))
    cases, failures = [], []
    for path in paths:
        try:
            cases.append(_load_case(path, kb, overlays))
        except SoleusError as error:
            failures.append(str(error))
    return cases, failures


def _load_case(path: Path, kb: KnowledgeBase, overlays: Path | None) -> PublishedCase:
    document = _mapping(path)
    overlay = _overlay(str(document.get("id", path.stem)), overlays)
    problems: list[str] = []
    history = read_findings("answers", _merged(document, overlay, "answers"), Origin.SELF_REPORT, kb, problems)
    exam = read_findings("exam", _merged(document, overlay, "exam"), Origin.CLINICIAN, kb, problems)
    measured = read_findings("measured", _merged(document, overlay, "measured"), Origin.MEASURED, kb, problems)
    try:
        truth = document["truth"]
        accepted = {str(truth["condition"]), *_names(truth.get("acceptable"))}
        urgency = Disposition.from_slug(str(document["correct_urgency"]))
        acceptable = {Disposition.from_slug(name) for name in _names(document.get("acceptable_urgency"))}
    except (KeyError, TypeError) as error:
        raise CaseFileError(f"the case lacks {error}", where=str(path)) from error
    for umbrella, members in UMBRELLAS.items():
        if umbrella in accepted:
            accepted |= set(members)
    runner = _runner(document.get("demographics"))
    given = {f.id: f.value for f in history}
    if runner.age_years is not None and given.get(FindingId("age_band")) not in (
        None,
        age_band(runner.age_years),
    ):
        runner = replace(runner, age_years=None)  # the coded answer is the source's own reading
    return PublishedCase(
        id=str(document.get("id", path.stem)),
        runner=runner,
        history=FindingSet(history),
        examination=FindingSet([*exam, *measured]),
        truth=ConditionId(str(truth["condition"])),
        accepted=frozenset(ConditionId(c) for c in accepted),
        urgency=urgency,
        acceptable=frozenset({urgency, *acceptable}),
        richness=int(str(document.get("richness", 0))),
        stated_facts=len(history) + len(exam) + len(measured),
        problems=tuple(problems),
    )


def _mapping(path: Path) -> dict[str, dict[str, object]]:
    text = path.read_text(encoding="utf-8", errors="strict")
    document = load_yaml_strict(text, where=str(path), error=CaseFileError)
    if not isinstance(document, dict):
        raise CaseFileError("the file holds no mapping", where=str(path))
    return document


def _overlay(case_id: str, overlays: Path | None) -> Mapping[str, Mapping[str, object]]:
    path = overlays / f"{case_id}.yaml" if overlays else None
    return _mapping(path) if path and path.is_file() else {}


def _merged(document: Mapping[str, object], overlay: Mapping[str, object], section: str) -> Mapping[str, object]:
    return {**_section(document, section), **_section(overlay, section)}


def _section(document: Mapping[str, object], section: str) -> Mapping[str, object]:
    content = document.get(section)
    return content if isinstance(content, dict) else {}


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _runner(demographics: object) -> Runner:
    if not isinstance(demographics, dict):
        return Runner()
    age = demographics.get("age_years")
    sex = demographics.get("sex")
    return Runner(
        age_years=float(age) if isinstance(age, int | float) else None,
        sex=Sex(sex) if sex in ("female", "male") else Sex.UNKNOWN,
    )
