"""`soleus kb lint`: what a knowledge base must hold before it may be released, rule by rule.

A rule never changes its number. `error` fails a release; `warning` is worth a look. Some rules look at the vignettes
that belong to the knowledge base (`tests/vignettes`), when their folder is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soleus.core.assessment import Disposition
from soleus.core.errors import KnowledgeError
from soleus.core.expression import Expression, iter_atoms
from soleus.core.ids import FindingId
from soleus.knowledge.base import Flag, Kind, KnowledgeBase
from soleus.knowledge.compile import DATA, SOMETHING_ELSE, compile_tree
from soleus.knowledge.files import FOLDERS, PLANNING, TRAINING, Fault, Tree, read_tree
from soleus.knowledge.lint_gait import (
    GAIT_RULES,
    gait_findings,
    is_plain_gait,
    iter_gait,
    iter_gait_files,
    owned_gait_text,
    wanted_gait_text,
)
from soleus.knowledge.lint_plans import (
    PLAIN_PLAN,
    PLAN_RULES,
    iter_origins,
    owners_of_text,
    plan_expressions,
    plan_findings,
    wanted_plan_text,
)
from soleus.knowledge.loader import Path_, load_yaml_strict, locate
from soleus.knowledge.readability import MIN_WORDS, reading_grade, word_count

if TYPE_CHECKING:
    from soleus.knowledge import schema

MAX_GRADE = 8.0
MIN_VIGNETTES = 3
VIGNETTES = DATA.parents[3] / "tests" / "vignettes"
"""Where the packaged knowledge has its vignettes in a source checkout; an installed package has none."""
SELF = "(knowledge base)"

RULES: dict[str, str] = {
    "KB001": "every file has the shape of its kind: no unknown key, no wrong type, no stray file",
    "KB002": "every finding, option, condition, medicine and fact that is named exists",
    "KB003": "every source key that is named has a file in sources/",
    "KB004": "everything shown to a person has wording",
    "KB005": "wording belongs to something that exists",
    "KB006": "a measured or derived number names a source, and so does evidence from a study",
    "KB007": "every number states its basis: measured, derived or expert",
    "KB008": "the options of a table sum to 1",
    "KB009": "an interval contains its value, lower limit first",
    "KB010": "a probability is between 0 and 1",
    "KB011": "every red-flag rule has a vignette that fires it",
    "KB012": "every red-flag rule has a near-miss vignette",
    "KB013": f"every diagnosis has at least {MIN_VIGNETTES} vignettes (typical, atypical, look-alike)",
    "KB014": "every finding is asked of or measured by somebody",
    "KB015": "a finding asked of the runner has question, why, short, help, yes and no, and a label per option",
    "KB016": "every source is used",
    "KB017": "a self-test says when it is unsafe",
    "KB018": "a critical or red finding is in a rule of gp_routine or more urgent",
    "KB019": f"a finding that a condition uses has a background in conditions/{SOMETHING_ELSE}.yaml",
    "KB020": "an item of advice states what forbids it, even if nothing does",
    "KB021": f"text for runners reads at grade {MAX_GRADE:g} or below",
    "KB022": "a must-ask question is asked of the runner and has a place in the order of its own",
    "KB023": "the knowledge base has a version",
    "KB024": "a measured number does not rest on a source that nobody has opened",
    "KB025": "every finding is used by something",
    "KB026": "a number of the training analysis claims no more than how it was met: what is remembered is expert",
    "KB027": "the columns of a table of the training analysis are equally long",
}
RULES |= PLAN_RULES | GAIT_RULES


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend: where, which rule, what, and how."""

    severity: Severity
    rule: str
    file: str
    pointer: str
    message: str
    hint: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{place}: {self.severity.value} {self.rule} {self.pointer} {self.message}".replace("  ", " ")
        return f"{text}. {self.hint}" if self.hint else text


def lint(
    kb_root: Path | None = None, *, vignettes: Path | None = None, strict: bool = False, locale: str = "en"
) -> list[Problem]:
    """All problems, errors first, in file order; with `strict`, a thinly tested condition is an error too.

    `kb_root` None is the packaged knowledge, whose vignettes are looked for in the source checkout.
    """
    root = DATA if kb_root is None else kb_root
    if kb_root is None and vignettes is None and VIGNETTES.is_dir():
        vignettes = VIGNETTES
    if not root.is_dir():
        raise KnowledgeError("no such folder", where=str(root), hint="Name the folder that holds manifest.yaml.")
    tree = read_tree(root, locale)
    kb, faults = compile_tree(tree)
    linter = _Linter(tree=tree, kb=kb, cases=read_vignettes(vignettes) if vignettes else None, strict=strict)
    for fault in (*tree.faults, *faults):
        linter.add(fault)
    for check in CHECKS:
        check(linter)
    return sorted(linter.problems, key=lambda p: (p.severity.value, p.file, p.line, p.rule, p.pointer))


@dataclass(frozen=True, slots=True, kw_only=True)
class VignetteIndex:
    """What the vignettes exercise."""

    fired: frozenset[str]
    near_miss: frozenset[str]
    conditions: Counter[str]


def read_vignettes(folder: Path) -> VignetteIndex:
    """Index `expect.red_flags`, `expect.not_red_flags`, `near_miss_of` and the conditions of every case file."""
    fired: set[str] = set()
    near: set[str] = set()
    conditions: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.yaml")):
        data = load_yaml_strict(path.read_bytes(), where=path.as_posix())
        for case in data if isinstance(data, list) else [data]:
            if not isinstance(case, dict):
                continue
            expect = _mapping(case.get("expect"))
            fired.update(_names(expect.get("red_flags")))
            near.update([*_names(expect.get("not_red_flags")), *_names(case.get("near_miss_of"))])
            top = _mapping(expect.get("top"))
            conditions.update({*_names(top.get("conditions")), *_names(case.get("conditions"))})
    return VignetteIndex(fired=frozenset(fired), near_miss=frozenset(near), conditions=conditions)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [value] if isinstance(value, str) else []


@dataclass(slots=True, kw_only=True)
class _Linter:
    """What the checks look at, and where they put what they find."""

    tree: Tree
    kb: KnowledgeBase
    cases: VignetteIndex | None
    strict: bool
    problems: list[Problem] = field(default_factory=list)
    _bytes: dict[str, bytes] = field(default_factory=dict)

    def add(self, fault: Fault, severity: Severity = Severity.ERROR) -> None:
        line, column = self._place(fault)
        pointer = "/" + "/".join(map(str, fault.pointer)) if fault.pointer else ""
        self.problems.append(
            Problem(
                severity=severity,
                rule=fault.rule,
                file=fault.file,
                pointer=pointer,
                message=fault.problem,
                hint=fault.hint,
                line=line,
                column=column,
            )
        )

    def error(self, rule: str, file: str, pointer: Path_, message: str, hint: str = "") -> None:
        self.add(Fault(file=file, pointer=pointer, problem=message, rule=rule, hint=hint))

    def warning(self, rule: str, file: str, pointer: Path_, message: str, hint: str = "") -> None:
        fault = Fault(file=file, pointer=pointer, problem=message, rule=rule, hint=hint)
        self.add(fault, Severity.WARNING)

    def _place(self, fault: Fault) -> tuple[int, int]:
        if fault.place:
            line, _, column = fault.place.partition(":")
            return int(line), int(column)
        path = self.tree.root / fault.file
        if not fault.pointer or not path.is_file():
            return 0, 0
        content = self._bytes.setdefault(fault.file, path.read_bytes())
        return locate(content, fault.pointer) or (0, 0)


# --- walking ----------------------------------------------------------------------------------------------------


def iter_numbers(tree: Tree) -> Iterator[tuple[str, Path_, schema.NumberEntry | schema.TableEntry]]:
    """Every probability of the knowledge base with its place."""
    for name, condition in tree.conditions.items():
        file = tree.file_of("condition", name)
        yield file, ("prior",), condition.prior
        for finding, value in condition.findings.items():
            yield file, ("findings", finding), value
        for factor, share in condition.factors.items():
            yield file, ("factors", factor), share
    for i, floor in enumerate(tree.floors.floors if tree.floors else []):
        yield "floors.yaml", ("floors", i, "threshold"), floor.threshold
    if tree.severity is not None:
        yield "severity.yaml", ("discount",), tree.severity.discount
        yield "severity.yaml", ("prior",), tree.severity.prior
        for name, shares in tree.severity.priors.items():
            yield "severity.yaml", ("priors", name), shares
        for finding, grades in tree.severity.findings.items():
            for grade, value in grades.items():
                yield "severity.yaml", ("findings", finding, grade), value


def iter_training(tree: Tree) -> Iterator[tuple[str, Path_, schema.Origin]]:
    """Every number, table and change of the training analysis with its place."""
    for name in TRAINING:
        for key, entry in getattr(tree, name).items():
            yield f"training/{name}.yaml", (name, key), entry


def iter_citations(tree: Tree) -> Iterator[tuple[str, Path_, str]]:
    """Every source key that is named anywhere, with its place."""
    for kind, folder in ((kind, folder) for folder, kind in FOLDERS.items() if kind != "source"):
        for name, entry in getattr(tree, folder).items():
            prefix: Path_ = ("findings", name) if kind == "findings" else ()
            yield from _cited(entry.model_dump(), tree.file_of(kind, name), prefix)
    for name, group in tree.groups.items():
        yield from _cited(group.model_dump(), "groups.yaml", ("groups", name))
    for file, path, origin in iter_training(tree):
        yield from _cited(origin.model_dump(), file, path)
    for kind in ("floors", "wells", "medicines", "severity", "published_use"):
        single = getattr(tree, kind)
        if single is not None:
            yield from _cited(single.model_dump(), f"{kind}.yaml", ())
    for name in PLANNING:
        single = getattr(tree.planning, name)
        if single is not None:
            yield from _cited(single.model_dump(), f"planning/{name}.yaml", ())
    for file, data in iter_gait_files(tree):
        yield from _cited(data, file, ())


def _cited(value: Any, file: str, path: Path_) -> Iterator[tuple[str, Path_, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "sources" and isinstance(part, list):
                yield from ((file, (*path, key, i), str(name)) for i, name in enumerate(part))
            elif key == "source" and isinstance(part, str):
                yield file, (*path, key), part
            else:
                yield from _cited(part, file, (*path, key))
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _cited(part, file, (*path, i))


def _findings_of(*expressions: Expression | None) -> set[str]:
    return {atom.finding for expression in expressions if expression is not None for atom in iter_atoms(expression)}


# --- checks -----------------------------------------------------------------------------------------------------


def _check_sources(lint: _Linter) -> None:
    used: set[str] = set()
    for file, pointer, key in iter_citations(lint.tree):
        used.add(key)
        if key not in lint.tree.sources:
            hint = f"Write sources/{key}.yaml or name another."
            lint.error("KB003", file, pointer, f"no source {key!r}", hint)
    for key in sorted(set(lint.tree.sources) - used):
        lint.warning("KB016", f"sources/{key}.yaml", (), "nothing uses this source", "Use it or remove it.")


def _check_numbers(lint: _Linter) -> None:
    unopened = {"title-seen-only", "seen-weak-secondary", "memory"}
    stated = (*iter_numbers(lint.tree), *iter_training(lint.tree), *iter_origins(lint.tree), *iter_gait(lint.tree))
    for file, pointer, entry in stated:
        if entry.basis == "expert":
            continue
        if not entry.sources:
            hint = "Name the source, or say basis: expert."
            lint.error("KB006", file, pointer, f"a {entry.basis} number without a source", hint)
        known = [lint.tree.sources[key] for key in entry.sources if key in lint.tree.sources]
        if known and entry.basis == "measured" and all(source.verified in unopened for source in known):
            read = ", ".join(f"{source.key}: {source.verified}" for source in known)
            lint.warning("KB024", file, pointer, f"measured, but not read ({read})", "Read it, or say derived.")


def _check_changes(lint: _Linter) -> None:
    for name, change in lint.tree.changes.items():
        if change.strength in ("cohort", "trial", "laboratory") and not change.sources:
            problem = f"evidence from a {change.strength} without a source"
            lint.error("KB006", "training/changes.yaml", ("changes", name), problem, "Name it, or say expert.")


def _check_vignettes(lint: _Linter) -> None:
    if lint.cases is None:
        return
    for rule in lint.kb.rules:
        file = lint.tree.file_of("red_flag", rule.id)
        if rule.id not in lint.cases.fired:
            lint.error("KB011", file, (), "no vignette fires this rule", "Add a case that expects it.")
        if rule.id not in lint.cases.near_miss:
            lint.error("KB012", file, (), "no near-miss vignette", "Add a case that comes close and does not fire it.")
    report = lint.error if lint.strict else lint.warning
    for condition in lint.kb.diagnoses:
        count = lint.cases.conditions[condition.id]
        if count < MIN_VIGNETTES and condition.id != SOMETHING_ELSE:
            file = lint.tree.file_of("condition", condition.id)
            report("KB013", file, (), f"{count} of {MIN_VIGNETTES} vignettes")


def _check_findings(lint: _Linter) -> None:
    used = _used_findings(lint.kb)
    backed = {name for name, finding in lint.kb.findings.items() if finding.background is not None}
    urgent = {
        name for rule in lint.kb.rules if rule.disposition >= Disposition.GP_ROUTINE for name in _findings_of(rule.when)
    }
    orders = Counter(f.order for f in lint.kb.findings.values() if f.critical_screen)
    for name, finding in lint.kb.findings.items():
        file, here = lint.tree.file_of("findings", name), ("findings", name)
        if finding.self_test and finding.unsafe_if is None:
            lint.error("KB017", file, here, "a self-test without unsafe_if", "Say when nobody should try it.")
        if finding.flag in (Flag.CRITICAL, Flag.RED) and name not in urgent:
            lint.error("KB018", file, here, f"a {finding.flag.value} finding in no rule of gp_routine or above")
        if name in used and name not in backed and _in_a_condition(lint.kb, name):
            lint.error("KB019", file, here, "a condition uses it, but it has no background")
        if finding.critical_screen:
            if "runner" not in finding.asked_of:
                lint.error("KB022", file, here, "a must-ask question that is not asked of the runner")
            if lint.tree.findings[name].order is None or orders[finding.order] > 1:
                lint.error("KB022", file, here, "a must-ask question without an order of its own")
        if name not in used and name not in backed:
            lint.warning("KB025", file, here, "nothing uses this finding", "Use it or remove it.")


def _in_a_condition(kb: KnowledgeBase, name: str) -> bool:
    return any(name in condition.findings for condition in kb.conditions.values())


def _used_findings(kb: KnowledgeBase) -> set[str]:
    """Findings that a condition, a rule, a guard, the Wells count or an item of advice looks at."""
    used: set[str] = {item.finding for item in kb.wells}
    for condition in kb.conditions.values():
        used.update(condition.findings)
    for rule in kb.rules:
        used |= _findings_of(rule.when, rule.suspect_when)
    for finding in kb.findings.values():
        used |= {*finding.implies_absent} | _findings_of(finding.unsafe_if, finding.ask_if)
        if finding.implies_absent:
            used.add(finding.id)
    for adjunct in kb.adjuncts:
        used |= _findings_of(adjunct.only_if, adjunct.never_if)
    return used | _findings_of(*plan_expressions(kb))


def _check_advice(lint: _Linter) -> None:
    fields = ("never_if", "never_with_tags", "never_with_conditions", "needs_facts")
    for name, entry in lint.tree.adjuncts.items():
        if not entry.model_fields_set & set(fields):
            hint = f"Give at least one of {', '.join(fields)}; an empty one says that nothing forbids it."
            lint.error("KB020", lint.tree.file_of("adjunct", name), (), "states nothing that forbids it", hint)


def _check_version(lint: _Linter) -> None:
    if lint.tree.manifest is None:
        lint.error("KB023", "manifest.yaml", (), "the file is missing", "Write schema, version and locales.")


def _wanted_text(lint: _Linter) -> Iterator[tuple[str, str, str, Path_]]:
    """(rule, text id, file, pointer) of all wording there must be."""
    for name, finding in lint.kb.findings.items():
        parts = ["short"]
        if "runner" in finding.asked_of:
            parts += ["question", "why", "help"]
            parts += ["yes", "no"] if finding.kind is Kind.BOOLEAN else []
            parts += [f"option.{option}" for option in finding.options]
        elif finding.kind is Kind.CHOICE:
            parts += [f"option.{option}" for option in finding.options]
        rule = "KB015" if "runner" in finding.asked_of else "KB004"
        for part in parts:
            yield rule, f"finding.{name}.{part}", lint.tree.file_of("findings", name), ("findings", name)
    for kind, prefix, names, parts in (
        ("condition", "condition", lint.kb.conditions, ["name", "clinical", "summary"]),
        ("red_flag", "rule", [r.id for r in lint.kb.rules], ["reason", "advice", "clinical"]),
        ("adjunct", "advice", [a.id for a in lint.kb.adjuncts], ["title", "how", "why"]),
    ):
        for owner in names:
            for part in parts:
                yield "KB004", f"{prefix}.{owner}.{part}", lint.tree.file_of(kind, owner), ()
    for change in lint.kb.training.changes:
        for part in ("name", "changed", "unchanged", "too_little", "mechanism", "clinical"):
            yield "KB004", f"training.change.{change.id}.{part}", "training/changes.yaml", ("changes", change.id)
    for i, fact in enumerate(lint.kb.medicine_facts):
        yield "KB004", f"medicine_fact.{fact}.question", "medicines.yaml", ("facts", i)
    for i, screen in enumerate(lint.kb.interview.screens):
        yield "KB004", f"interview.screen.{screen.id}.title", "interview.yaml", ("screens", i)
    for i, screen in enumerate(lint.kb.interview.fact_screens):
        yield "KB004", f"interview.screen.{screen.id}.title", "interview.yaml", ("fact_screens", i)
    for text_id, file, pointer in (*wanted_plan_text(lint.kb), *wanted_gait_text(lint.kb)):
        yield "KB004", text_id, file, pointer
    if lint.kb.rules:
        for slug in (d.slug for d in Disposition):
            for part in ("title", "how_soon", "body"):
                yield "KB004", f"disposition.{slug}.{part}", SELF, ()


def _check_text(lint: _Linter) -> None:
    for rule, text_id, file, pointer in _wanted_text(lint):
        if text_id not in lint.kb.text:
            lint.error(rule, file, pointer, f"no text {text_id!r}", "Write it in text/<locale>/.")
    names: dict[str, Iterable[str]] = {
        "finding": lint.kb.findings,
        "condition": lint.kb.conditions,
        "rule": [rule.id for rule in lint.kb.rules],
        "advice": [item.id for item in lint.kb.adjuncts],
        "medicine_fact": lint.kb.medicine_facts,
        "disposition": [d.slug for d in Disposition],
        "foot_check": lint.kb.gait.foot_checks,
    }
    gait = owned_gait_text(lint.kb)
    known = {kind: set(listed) for kind, listed in names.items()} | owners_of_text(lint.kb)
    changes = {change.id for change in lint.kb.training.changes}
    for text_id, file in lint.tree.text_files.items():
        kind, _, rest = text_id.partition(".")
        name, _, part = rest.partition(".")
        pointer = tuple(text_id.split("."))
        if kind in known and name not in known[kind]:
            lint.warning("KB005", file, pointer, f"wording for {name!r}, which does not exist", "Remove it.")
        elif kind == "training" and name == "change" and part.split(".")[0] not in changes:
            lint.warning("KB005", file, pointer, f"wording for change {part!r}, which does not exist", "Remove it.")
        elif kind == "gait" and part.split(".")[0] not in gait.get(name, {part.split(".")[0]}):
            lint.warning("KB005", file, pointer, f"wording for {name} {part!r}, which does not exist", "Remove it.")
        elif kind == "finding" and part.startswith(("option.", "option_clinical.")):
            option = part.split(".", 1)[1]
            if option not in lint.kb.findings[FindingId(name)].states:
                lint.warning("KB005", file, pointer, f"wording for {option!r}, no option of {name!r}", "Remove it.")


PLAIN = {
    "finding": ("question", "help", "why", "yes", "no"),
    "condition": ("summary", "course", "next"),
    "rule": ("reason", "advice"),
    "advice": ("how", "why", "caution"),
    "disposition": ("body", "say", "dont", "bring"),
    "medicine_fact": ("question",),
    "training": ("changed", "unchanged", "too_little", "mechanism"),
} | PLAIN_PLAN


def _check_reading(lint: _Linter) -> None:
    for text_id, text in lint.kb.text.items():
        kind, _, rest = text_id.partition(".")
        name, _, part = rest.rpartition(".")
        if part.isdigit():
            name, _, part = name.rpartition(".")
        plain = part in PLAIN.get(kind, ()) or is_plain_gait(text_id)
        if not plain or word_count(text) < MIN_WORDS:
            continue
        finding = lint.kb.findings.get(FindingId(name)) if kind == "finding" else None
        if finding is not None and "runner" not in finding.asked_of:
            continue
        grade = reading_grade(text)
        if grade > MAX_GRADE:
            file = lint.tree.text_files[text_id]
            hint = "Shorter sentences, shorter words."
            lint.warning("KB021", file, tuple(text_id.split(".")), f"reads at grade {grade:.1f}", hint)


def _check_plans_and_films(lint: _Linter) -> None:
    for found in (*plan_findings(lint.tree, lint.kb), *gait_findings(lint.tree, lint.kb)):
        lint.add(found.fault, Severity.ERROR if found.error else Severity.WARNING)


CHECKS: tuple[Callable[[_Linter], None], ...] = (
    _check_version,
    _check_sources,
    _check_numbers,
    _check_changes,
    _check_findings,
    _check_advice,
    _check_vignettes,
    _check_plans_and_films,
    _check_text,
    _check_reading,
)
