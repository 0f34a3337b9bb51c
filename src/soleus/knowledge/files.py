"""The tree of knowledge files, read and checked one by one against its schema; cross references come later.

Layout: manifest, groups, floors, wells, medicines as `<name>.yaml`; `sources/<key>.yaml`, `findings/<area>.yaml`,
`conditions/<id>.yaml`, `red_flags/<id>.yaml`, `adjuncts/<id>.yaml`; `training/{parameters,tables,changes}.yaml`;
`exercises/<id>.yaml`, `plans/<family>.yaml`, `programmes/<id>.yaml`, `planning/<name>.yaml`;
`gait/{metrics,norms,refusals,observations,foot_checks}.yaml` and `gait/parameters_<owner>.yaml`; wording in
`text/<locale>/*.yaml`.
A missing file or folder is empty; what is there must be right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.core.errors import KnowledgeError
from soleus.knowledge.loader import Path_, load_yaml_strict, locate

if TYPE_CHECKING:
    from soleus.knowledge import schema_gait, schema_plan
    from soleus.knowledge.schema import (
        AdjunctFile,
        ChangeEntry,
        ConditionFile,
        FindingEntry,
        FloorsFile,
        GroupEntry,
        InterviewFile,
        ManifestFile,
        MedicinesFile,
        ParameterEntry,
        ParameterTableEntry,
        PublishedUseFile,
        RedFlagFile,
        SeverityFile,
        SourceFile,
        WellsFile,
    )
    from soleus.knowledge.schema_figure import FigureFile

SINGLE = ("manifest", "groups", "floors", "wells", "medicines", "interview", "severity", "published_use")
FOLDERS = {
    "sources": "source",
    "findings": "findings",
    "conditions": "condition",
    "red_flags": "red_flag",
    "adjuncts": "adjunct",
    "exercises": "exercise",
    "plans": "plan",
    "programmes": "programme",
    "figures": "figure",
}
PLANNING = (
    "gates",
    "measures",
    "stop_signs",
    "contraindications",
    "modules",
    "no_self_plan",
    "prognosis",
    "parameters",
)
TRAINING = ("parameters", "tables", "changes")
GAIT = ("metrics", "norms", "refusals", "observations", "foot_checks")
GAIT_PARAMETERS = "parameters_"
READ_ELSEWHERE = ("story/en.yaml",)
"""Kept with the knowledge, read by others: the phrases of the story reader."""
_NAME_FIELD = {"source": "key", "findings": "area", "condition": "id", "red_flag": "id", "adjunct": "id"} | {
    "exercise": "id",
    "plan": "id",
    "programme": "id",
    "figure": "id",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong at one place of one file; `rule` is the KB rule that names it."""

    file: str
    pointer: Path_
    problem: str
    rule: str = "KB001"
    hint: str = ""
    place: str = ""
    """line:column, when known without looking."""

    def error(self, root: Path) -> KnowledgeError:
        """As an exception: `file:line:column /pointer: problem`."""
        place = self.place or self._place(root)
        where = f"{self.file}:{place}" if place else self.file
        pointer = "/" + "/".join(map(str, self.pointer)) if self.pointer else ""
        return KnowledgeError(f"{self.problem} [{self.rule}]", where=f"{where} {pointer}".strip(), hint=self.hint)

    def _place(self, root: Path) -> str:
        try:
            found = locate((root / self.file).read_bytes(), self.pointer)
        except (OSError, KnowledgeError):
            return ""
        return f"{found[0]}:{found[1]}" if found else ""


@dataclass(slots=True, kw_only=True)
class PlanningFiles:
    """The single files below planning/."""

    gates: schema_plan.GatesFile | None = None
    measures: schema_plan.MeasuresFile | None = None
    stop_signs: schema_plan.StopSignsFile | None = None
    contraindications: schema_plan.ContraindicationsFile | None = None
    modules: schema_plan.ModulesFile | None = None
    no_self_plan: schema_plan.NoSelfPlanFile | None = None
    prognosis: schema_plan.PrognosisFile | None = None
    parameters: schema_plan.PlanParametersFile | None = None


@dataclass(slots=True, kw_only=True)
class GaitFiles:
    """The files below gait/; the parameter files of all owners are one list."""

    metrics: schema_gait.GaitMetricsFile | None = None
    norms: schema_gait.NormsFile | None = None
    refusals: schema_gait.RefusalsFile | None = None
    observations: schema_gait.ObservationsFile | None = None
    foot_checks: schema_gait.FootChecksFile | None = None
    parameters: dict[str, ParameterEntry] = field(default_factory=dict)
    parameter_files: dict[str, str] = field(default_factory=dict)
    """Parameter → file."""


@dataclass(slots=True, kw_only=True)
class Tree:
    """Everything read, by kind and id, with the file each came from."""

    root: Path
    manifest: ManifestFile | None = None
    sources: dict[str, SourceFile] = field(default_factory=dict)
    findings: dict[str, FindingEntry] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    """Finding → area."""
    conditions: dict[str, ConditionFile] = field(default_factory=dict)
    groups: Mapping[str, GroupEntry] = field(default_factory=dict)
    red_flags: dict[str, RedFlagFile] = field(default_factory=dict)
    floors: FloorsFile | None = None
    wells: WellsFile | None = None
    severity: SeverityFile | None = None
    published_use: PublishedUseFile | None = None
    adjuncts: dict[str, AdjunctFile] = field(default_factory=dict)
    medicines: MedicinesFile | None = None
    interview: InterviewFile | None = None
    parameters: Mapping[str, ParameterEntry] = field(default_factory=dict)
    tables: Mapping[str, ParameterTableEntry] = field(default_factory=dict)
    changes: Mapping[str, ChangeEntry] = field(default_factory=dict)
    exercises: dict[str, schema_plan.ExerciseFile] = field(default_factory=dict)
    plans: dict[str, schema_plan.PlanFile] = field(default_factory=dict)
    programmes: dict[str, schema_plan.ProgrammeFile] = field(default_factory=dict)
    figures: dict[str, FigureFile] = field(default_factory=dict)
    planning: PlanningFiles = field(default_factory=PlanningFiles)
    gait: GaitFiles = field(default_factory=GaitFiles)
    text: dict[str, str] = field(default_factory=dict)
    text_files: dict[str, str] = field(default_factory=dict)
    """Text id → file."""
    faults: list[Fault] = field(default_factory=list)
    content_hash: str = ""

    def file_of(self, kind: str, name: str) -> str:
        """The file that holds an entry."""
        folder = next(f for f, k in FOLDERS.items() if k == kind)
        return f"{folder}/{self.areas[name] if kind == 'findings' else name}.yaml"


def read_tree(root: Path, locale: str) -> Tree:
    """Read every file below `root`; faults are collected, the faulty file left out."""
    tree = Tree(root=root)
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
        _read_one(tree, name, content, locale)
    tree.content_hash = digest.hexdigest()
    return tree


def _read_one(tree: Tree, name: str, content: bytes, locale: str) -> None:
    parts = name.removesuffix(".yaml").split("/")
    if name in READ_ELSEWHERE:
        return
    if parts[0] == "text" and len(parts) == 3 and parts[1] != locale:
        return
    try:
        data = load_yaml_strict(content, where=name, allow_non_finite=True)
    except KnowledgeError as exc:
        place = exc.where.removeprefix(name).lstrip(":")
        tree.faults.append(Fault(file=name, pointer=(), problem=exc.problem, hint=exc.hint, place=place))
        return
    if parts[0] == "text" and len(parts) == 3:
        _add_text(tree, name, data)
    elif len(parts) == 1 and parts[0] in SINGLE:
        _add_entry(tree, name, parts[0], parts[0], data)
    elif len(parts) == 2 and parts[0] in FOLDERS:
        _add_entry(tree, name, FOLDERS[parts[0]], parts[1], data)
    elif len(parts) == 2 and parts[0] == "training" and parts[1] in TRAINING:
        _add_entry(tree, name, f"training_{parts[1]}", parts[1], data)
    elif len(parts) == 2 and parts[0] == "planning" and parts[1] in PLANNING:
        _add_entry(tree, name, f"planning_{parts[1]}", parts[1], data)
    elif len(parts) == 2 and parts[0] == "gait" and parts[1].startswith(GAIT_PARAMETERS):
        _add_entry(tree, name, "gait_parameters", parts[1], data)
    elif len(parts) == 2 and parts[0] == "gait" and parts[1] in GAIT:
        _add_entry(tree, name, f"gait_{parts[1]}", parts[1], data)
    else:
        problem = "no kind of knowledge file lives here"
        tree.faults.append(Fault(file=name, pointer=(), problem=problem, hint="Move or remove it."))


def _add_entry(tree: Tree, file: str, kind: str, stem: str, data: object) -> None:
    from pydantic import ValidationError

    from soleus.knowledge.schema_plan import ALL_MODELS

    try:
        entry = ALL_MODELS[kind].model_validate({} if data is None else data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False, include_input=False, include_context=False):
            pointer = _pointer(kind, error["loc"])
            rule = _rule(error["type"], pointer)
            tree.faults.append(Fault(file=file, pointer=pointer, problem=_plain(error["msg"]), rule=rule))
        return
    name_field = _NAME_FIELD.get(kind)
    if name_field and getattr(entry, name_field) != stem:
        problem = f"{name_field} must be {stem!r}, like the file"
        tree.faults.append(Fault(file=file, pointer=(name_field,), problem=problem))
        return
    _keep(tree, file, kind, stem, entry)


def _keep(tree: Tree, file: str, kind: str, stem: str, entry: object) -> None:
    from soleus.knowledge import schema, schema_gait

    if isinstance(entry, schema.FindingsFile):
        for finding, definition in entry.findings.items():
            if finding in tree.findings:
                problem = f"the finding is already in findings/{tree.areas[finding]}.yaml"
                tree.faults.append(Fault(file=file, pointer=("findings", finding), problem=problem))
                continue
            tree.findings[finding] = definition
            tree.areas[finding] = stem
    elif isinstance(entry, schema.GroupsFile):
        tree.groups = entry.groups
    elif kind.startswith("training_"):
        setattr(tree, stem, getattr(entry, stem))
    elif kind.startswith("planning_"):
        setattr(tree.planning, stem, entry)
    elif isinstance(entry, schema_gait.GaitParametersFile):
        for name, parameter in entry.parameters.items():
            if name in tree.gait.parameters:
                problem = f"the parameter is already in {tree.gait.parameter_files[name]}"
                tree.faults.append(Fault(file=file, pointer=("parameters", name), problem=problem))
                continue
            tree.gait.parameters[name] = parameter
            tree.gait.parameter_files[name] = file
    elif kind.startswith("gait_"):
        setattr(tree.gait, stem, entry)
    elif kind in SINGLE:
        setattr(tree, kind, entry)
    else:
        folder = next(f for f, k in FOLDERS.items() if k == kind)
        getattr(tree, folder)[stem] = entry


def _pointer(kind: str, loc: tuple[int | str, ...]) -> Path_:
    """Pydantic's location without the tag of the number/table union, which is no key of the file."""
    tag = {"condition": 2, "severity": 3}.get(kind)
    tagged = tag is not None and len(loc) > tag and loc[0] == "findings"
    return loc[:tag] + loc[tag + 1 :] if tag is not None and tagged else loc


def _rule(error_type: str, pointer: Path_) -> str:
    """The KB rule that a fault of the schema falls under."""
    last = pointer[-1] if pointer else ""
    if error_type in ("missing", "literal_error") and last == "basis":
        return "KB007"
    if last == "asked_of" and error_type in ("missing", "too_short"):
        return "KB014"
    if error_type == "status":
        return "KB026"
    if error_type == "columns":
        return "KB027"
    if error_type in ("greater_than_equal", "less_than_equal", "finite_number"):
        return "KB010"
    return {"table_sum": "KB008", "interval": "KB009"}.get(error_type, "KB001")


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    if message == "Extra inputs are not permitted":
        return "unknown key"
    return message[:1].lower() + message[1:]


def _add_text(tree: Tree, file: str, data: object) -> None:
    if data is None:
        return
    if not isinstance(data, dict):
        tree.faults.append(Fault(file=file, pointer=(), problem="wording must be a mapping"))
        return
    if data.pop("schema", "text/1") != "text/1":
        tree.faults.append(Fault(file=file, pointer=("schema",), problem="schema must be text/1"))
    _flatten(tree, file, data, ())


def _flatten(tree: Tree, file: str, value: object, path: Path_) -> None:
    """Nested mappings become dotted ids; a list of sentences becomes lines."""
    if isinstance(value, dict):
        for key, part in value.items():
            _flatten(tree, file, part, (*path, key))
        return
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    text_id = ".".join(map(str, path))
    if not isinstance(value, str) or not value.strip():
        tree.faults.append(Fault(file=file, pointer=path, problem="wording must be text", hint="Quote it."))
    elif text_id in tree.text:
        problem = f"the text is already in {tree.text_files[text_id]}"
        tree.faults.append(Fault(file=file, pointer=path, problem=problem))
    else:
        tree.text[text_id] = value.strip()
        tree.text_files[text_id] = file
