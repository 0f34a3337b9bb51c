"""Files → KnowledgeBase: numbers become distributions, references are resolved, and nothing dangles.

What the engines compute with (findings, options, conditions, expressions) must resolve here. Citations and wording
are followed by nobody while assessing, so a missing one is left to `lint` and never takes an assessment down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from soleus.core.assessment import Disposition
from soleus.core.errors import KnowledgeError
from soleus.core.ids import AdviceId, ConditionId, FindingId, RuleId, SourceKey
from soleus.knowledge.base import (
    Adjunct,
    Basis,
    Condition,
    CorrelatedGroup,
    Distribution,
    FindingDefinition,
    Flag,
    InterviewPlan,
    Kind,
    KnowledgeBase,
    MedicineRule,
    Number,
    ProbabilityFloor,
    RedFlagRule,
    Screen,
    SeverityModel,
    Source,
    WellsItem,
)
from soleus.knowledge.expressions import ExpressionParser
from soleus.knowledge.files import Fault, Tree, read_tree
from soleus.knowledge.gait import build_gait
from soleus.knowledge.loader import Path_
from soleus.knowledge.numbers import number, scaled, sources_of, table
from soleus.knowledge.plans import build_plans
from soleus.knowledge.severity import build_severity
from soleus.knowledge.snapshot import load_or_build
from soleus.knowledge.training import build_training

if TYPE_CHECKING:
    from soleus.knowledge import schema

DATA = Path(__file__).with_name("data")
SOMETHING_ELSE = "other_nonspecific"
"""The cause that lists every finding the differential uses; its values are the background of all others."""
DANGLING = "KB002"
DANGLING_PLAN = "KB028"
UNVERSIONED = "0000.00.0"

K = TypeVar("K", bound=str)


def load_knowledge(root: Path | None = None, locale: str = "en") -> KnowledgeBase:
    """The compiled knowledge base; the packaged one is compiled once per process and locale.

    Raises KnowledgeError with file, line and pointer of the first fault.
    """
    return _packaged(locale) if root is None else _load(root, locale)


@lru_cache(maxsize=4)
def _packaged(locale: str) -> KnowledgeBase:
    return load_or_build(DATA, locale, lambda: _load(DATA, locale))


def _load(root: Path, locale: str) -> KnowledgeBase:
    if not root.is_dir():
        raise KnowledgeError("no such folder", where=str(root), hint="Name the folder that holds manifest.yaml.")
    tree = read_tree(root, locale)
    kb, faults = compile_tree(tree)
    for fault in (*tree.faults, *faults):
        raise fault.error(root)
    return kb


def compile_tree(tree: Tree) -> tuple[KnowledgeBase, tuple[Fault, ...]]:
    """Resolve a tree; what cannot be resolved is left out and reported."""
    compiler = _Compiler(tree)
    kb = compiler.knowledge_base()
    return kb, tuple(compiler.faults)


class _Compiler:
    """Holds the tree, the vocabulary and the faults found so far."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.faults: list[Fault] = []
        self.findings: dict[FindingId, FindingDefinition] = {}
        self.file = ""
        self.expressions = ExpressionParser(self.findings, self.fault)

    def fault(self, pointer: Path_, problem: str, hint: str = "") -> None:
        self.faults.append(Fault(file=self.file, pointer=pointer, problem=problem, rule=DANGLING, hint=hint))

    def _fault_in(self, file: str, pointer: Path_, problem: str) -> None:
        self.file = file
        self.fault(pointer, problem)

    def knowledge_base(self) -> KnowledgeBase:
        tree = self.tree
        self.findings.update({FindingId(name): self._vocabulary(name) for name in tree.findings})
        self._guards()
        conditions = self._conditions()
        backgrounds: Mapping[FindingId, Number | Distribution] = (
            conditions[ConditionId(SOMETHING_ELSE)].findings if SOMETHING_ELSE in conditions else {}
        )
        for name, background in backgrounds.items():
            self.findings[name] = replace(self.findings[name], background=background)
        medicines = tree.medicines
        return KnowledgeBase(
            version=tree.manifest.version if tree.manifest else UNVERSIONED,
            content_hash=tree.content_hash,
            findings=MappingProxyType(self.findings),
            conditions=MappingProxyType(conditions),
            groups=self._groups(),
            rules=self._rules(),
            floors=self._floors(),
            wells=self._wells(),
            adjuncts=self._adjuncts(),
            medicines=MappingProxyType(medicines.medicines if medicines else {}),
            medicine_rules=self._medicine_rules(),
            medicine_facts=tuple(medicines.facts if medicines else ()),
            sources=MappingProxyType({SourceKey(key): _source(entry) for key, entry in tree.sources.items()}),
            text=MappingProxyType(tree.text),
            harm=MappingProxyType({ConditionId(c.id): float(c.harm) for c in tree.conditions.values()}),
            interview=self._interview(),
            severity=self._severity(conditions),
            training=build_training(self.tree, self.findings, self._fault_in),
            plans=build_plans(tree, ExpressionParser(self.findings, self._plan_fault), self._enter, self._plan_fault),
            gait=build_gait(tree, self.findings, self._fault_in),
        )

    def _enter(self, file: str) -> None:
        self.file = file

    def _plan_fault(self, pointer: Path_, problem: str, hint: str = "") -> None:
        self.faults.append(Fault(file=self.file, pointer=pointer, problem=problem, rule=DANGLING_PLAN, hint=hint))

    # vocabulary

    def _vocabulary(self, name: str) -> FindingDefinition:
        entry = self.tree.findings[name]
        false_present, false_absent = _noise(entry)
        low, high = entry.range or (None, None)
        return FindingDefinition(
            id=FindingId(name),
            area=self.tree.areas[name],
            kind=Kind(entry.kind),
            options=tuple(entry.options),
            asked_of=frozenset(entry.asked_of),
            flag=Flag(entry.flag),
            burden=entry.burden,
            critical_screen=entry.critical_screen,
            order=entry.order if entry.order is not None else 1000,
            self_test=entry.self_test,
            unsafe_if=None,
            ask_if=None,
            bands=tuple(entry.bands),
            low=low,
            high=high,
            background=None,
            false_present=false_present,
            false_absent=false_absent,
            implies_absent=tuple(FindingId(other) for other in entry.implies_absent),
            sources=sources_of(entry.sources),
        )

    def _guards(self) -> None:
        """Expressions and references of the vocabulary, once all of it is known."""
        for name, definition in self.findings.items():
            entry = self.tree.findings[name]
            self.file = self.tree.file_of("findings", name)
            here = ("findings", name)
            for i, other in enumerate(entry.implies_absent):
                if not self._is_boolean(other):
                    self.fault((*here, "implies_absent", i), f"no boolean finding {other!r}")
            self.findings[name] = replace(
                definition,
                unsafe_if=self.expressions.parse(entry.unsafe_if, (*here, "unsafe_if")),
                ask_if=self.expressions.parse(entry.ask_if, (*here, "ask_if")),
                implies_absent=tuple(f for f in definition.implies_absent if self._is_boolean(f)),
            )

    def _is_boolean(self, name: str) -> bool:
        definition = self.findings.get(FindingId(name))
        return definition is not None and definition.kind is Kind.BOOLEAN

    # conditions

    def _conditions(self) -> dict[ConditionId, Condition]:
        conditions = {ConditionId(name): self._condition(name) for name in self.tree.conditions}
        total = sum(c.prior.value for c in conditions.values() if c.kind == "diagnosis")
        for name, condition in conditions.items():
            if condition.kind == "diagnosis" and total > 0:
                conditions[name] = replace(condition, prior=scaled(condition.prior, total))
        return conditions

    def _condition(self, name: str) -> Condition:
        entry = self.tree.conditions[name]
        self.file = self.tree.file_of("condition", name)
        for i, member in enumerate(entry.members):
            if member not in self.tree.conditions:
                self.fault(("members", i), f"no condition {member!r}")
        factors = {}
        for factor, share in entry.factors.items():
            other = self.tree.conditions.get(factor)
            if other is None or other.kind != "contributing_factor" or entry.kind != "diagnosis":
                self.fault(("factors", factor), "a diagnosis lists contributing factors here, and only those")
            else:
                factors[ConditionId(factor)] = number(share)
        findings: dict[FindingId, Number | Distribution] = {}
        for finding, value in entry.findings.items():
            resolved = self._probability(finding, value)
            if resolved is not None:
                findings[FindingId(finding)] = resolved
        codes = {key: code for key, code in entry.codes.model_dump().items() if code}
        return Condition(
            id=ConditionId(name),
            kind=entry.kind,
            prior=number(entry.prior),
            urgency=Disposition.from_slug(entry.urgency),
            category=entry.category,
            members=tuple(ConditionId(member) for member in entry.members),
            findings=MappingProxyType(findings),
            factors=MappingProxyType(factors),
            codes=MappingProxyType(codes),
            dangerous=entry.dangerous,
            subtypes=tuple(entry.subtypes),
            grading=entry.grading,
            sources=sources_of(entry.sources),
        )

    def _probability(self, finding: str, value: schema.NumberEntry | schema.TableEntry) -> Number | Distribution | None:
        from soleus.knowledge.schema import NumberEntry

        here = ("findings", finding)
        definition = self.findings.get(FindingId(finding))
        if definition is None:
            self.fault(here, f"no finding {finding!r}")
            return None
        if isinstance(value, NumberEntry):
            if definition.kind is Kind.BOOLEAN:
                return number(value)
            self.fault(here, "this finding needs a table of options")
            return None
        if definition.kind is Kind.BOOLEAN:
            self.fault(here, "a boolean finding needs value and interval")
            return None
        named = [
            *value.options,
            *(o for seen in value.observed for o in ([seen.option] if isinstance(seen.option, str) else seen.option)),
        ]
        stray = sorted(set(named) - set(definition.states))
        if stray:
            self.fault((*here, "options"), f"no option {', '.join(stray)} of {finding!r}")
            return None
        return table(value, definition.states)

    # the rest

    def _severity(self, conditions: Mapping[ConditionId, Condition]) -> SeverityModel | None:
        entry = self.tree.severity
        if entry is None:
            return None
        self.file = "severity.yaml"
        return build_severity(
            entry, self.findings, conditions, read_number=self._probability, read_table=table, report=self.fault
        )

    def _groups(self) -> tuple[CorrelatedGroup, ...]:
        self.file = "groups.yaml"
        seen: dict[str, str] = {}
        groups = []
        for name, entry in self.tree.groups.items():
            here = ("groups", name)
            factor = self.tree.conditions.get(entry.factor) if entry.factor else None
            if entry.factor and (factor is None or factor.kind != "contributing_factor"):
                self.fault((*here, "factor"), f"no contributing factor {entry.factor!r}")
            for finding, states in entry.members.items():
                definition = self.findings.get(FindingId(finding))
                if definition is None:
                    self.fault((*here, "members", finding), f"no finding {finding!r}")
                elif not set(states) < set(definition.states):
                    self.fault((*here, "members", finding), "must be some, not all, of the finding's states")
                elif finding in seen:
                    self.fault((*here, "members", finding), f"the finding is already in group {seen[finding]!r}")
                seen.setdefault(finding, name)
            groups.append(
                CorrelatedGroup(
                    id=name,
                    factor=ConditionId(entry.factor) if entry.factor else None,
                    members=MappingProxyType({FindingId(f): tuple(s) for f, s in entry.members.items()}),
                    strength=float(entry.strength),
                    basis=Basis(entry.basis),
                    sources=sources_of(entry.sources),
                    note=entry.note,
                )
            )
        return tuple(groups)

    def _rules(self) -> tuple[RedFlagRule, ...]:
        rules = []
        for name, entry in self.tree.red_flags.items():
            self.file = self.tree.file_of("red_flag", name)
            when = self.expressions.parse(entry.when, ("when",))
            if entry.when is None:
                self.fault(("when",), "a rule needs an expression")
            suspect = entry.suspect_disposition
            if (entry.suspect_when is None) != (suspect is None):
                self.fault(("suspect_when",), "suspect_when and suspect_disposition go together")
            disposition = Disposition.from_slug(entry.disposition)
            if suspect is not None and Disposition.from_slug(suspect) > disposition:
                self.fault(("suspect_disposition",), "must not be more urgent than the rule")
            if when is None:
                continue
            rules.append(
                RedFlagRule(
                    id=RuleId(name),
                    disposition=disposition,
                    when=when,
                    suspect_when=self.expressions.parse(entry.suspect_when, ("suspect_when",)),
                    suspect_disposition=Disposition.from_slug(suspect) if suspect else None,
                    go_to=entry.go_to,
                    tags=frozenset(entry.tags),
                    sources=sources_of(entry.sources),
                )
            )
        return tuple(rules)

    def _floors(self) -> tuple[ProbabilityFloor, ...]:
        self.file = "floors.yaml"
        entries = self.tree.floors.floors if self.tree.floors else []
        return tuple(
            ProbabilityFloor(
                conditions=self._known(
                    entry.conditions, self.tree.conditions, ("floors", i, "conditions"), ConditionId
                ),
                threshold=entry.threshold.value,
                disposition=Disposition.from_slug(entry.disposition),
            )
            for i, entry in enumerate(entries)
        )

    def _wells(self) -> tuple[WellsItem, ...]:
        self.file = "wells.yaml"
        items = self.tree.wells.items if self.tree.wells else []
        for i, item in enumerate(items):
            if not self._is_boolean(item.finding):
                self.fault(("items", i, "finding"), f"no boolean finding {item.finding!r}")
        return tuple(
            WellsItem(finding=FindingId(i.finding), points=i.points, clinician_only=i.clinician_only) for i in items
        )

    def _known(
        self, names: Iterable[str], known: Iterable[str], path: Path_, wrap: Callable[[str], K]
    ) -> tuple[K, ...]:
        """Names of conditions or facts, each checked."""
        known = set(known)
        listed = list(names)
        for i, name in enumerate(listed):
            if name not in known:
                self.fault((*path, i), f"no {path[-1]} {name!r}")
        return tuple(wrap(name) for name in listed)

    def _adjuncts(self) -> tuple[Adjunct, ...]:
        medicines = self.tree.medicines
        facts = medicines.facts if medicines else []
        tags = {tag for rule in self.tree.red_flags.values() for tag in rule.tags}
        adjuncts = []
        for name, entry in self.tree.adjuncts.items():
            self.file = self.tree.file_of("adjunct", name)
            if entry.medicine is not None and entry.medicine not in (medicines.medicines if medicines else {}):
                self.fault(("medicine",), f"no medicine {entry.medicine!r}")
            if tags:
                self._known(entry.never_with_tags, tags, ("never_with_tags",), str)
            self._known(entry.never_with_conditions, self.tree.conditions, ("never_with_conditions",), str)
            self._known(entry.needs_facts, facts, ("needs_facts",), str)
            adjuncts.append(
                Adjunct(
                    id=AdviceId(name),
                    category=entry.category,
                    order=entry.order,
                    loads_calf=entry.loads_calf,
                    for_conditions=frozenset(
                        self._known(entry.for_conditions, self.tree.conditions, ("for_conditions",), ConditionId)
                    ),
                    only_if=self.expressions.parse(entry.only_if, ("only_if",)),
                    never_if=self.expressions.parse(entry.never_if, ("never_if",)),
                    never_with_tags=frozenset(entry.never_with_tags),
                    never_with_conditions=MappingProxyType(
                        {ConditionId(c): float(p) for c, p in entry.never_with_conditions.items()}
                    ),
                    max_disposition=Disposition.from_slug(entry.max_disposition),
                    needs_facts=tuple(entry.needs_facts),
                    medicine=entry.medicine,
                    evidence=entry.evidence,
                    sources=sources_of(entry.sources),
                    plan_only=entry.plan_only,
                    first_only=entry.first_only,
                    throughout=entry.throughout,
                    with_running=entry.with_running,
                    wants=frozenset(entry.wants),
                    contraindications=tuple(entry.contraindications),
                )
            )
        return tuple(sorted(adjuncts, key=lambda a: (a.order, a.id)))

    def _medicine_rules(self) -> tuple[MedicineRule, ...]:
        medicines = self.tree.medicines
        if medicines is None:
            return ()
        self.file = "medicines.yaml"
        return tuple(
            MedicineRule(
                id=entry.id,
                medicines=self._known(entry.medicines, medicines.medicines, ("rules", i, "medicines"), str),
                any_of=self._known(entry.any_of, medicines.facts, ("rules", i, "any_of"), str),
                action=entry.action,
                overrides=MappingProxyType(dict(entry.overrides)),
                sources=sources_of(entry.sources),
            )
            for i, entry in enumerate(medicines.rules)
        )

    def _interview(self) -> InterviewPlan:
        entry = self.tree.interview
        if entry is None:
            return InterviewPlan()
        self.file = "interview.yaml"
        seen: set[str] = set()
        for i, screen in enumerate(entry.screens):
            for j, finding in enumerate(screen.findings):
                if not self._is_boolean(finding):
                    self.fault(("screens", i, "findings", j), f"no boolean finding {finding!r}")
                if finding in seen:
                    self.fault(("screens", i, "findings", j), f"{finding!r} is already in a screen")
                seen.add(finding)
        facts = self.tree.medicines.facts if self.tree.medicines else []
        return InterviewPlan(
            opening=self._known(entry.opening, self.findings, ("opening",), FindingId),
            screens=tuple(Screen(id=s.id, items=tuple(s.findings)) for s in entry.screens),
            fact_screens=tuple(
                Screen(id=s.id, items=self._known(s.facts, facts, ("fact_screens", i, "facts"), str))
                for i, s in enumerate(entry.fact_screens)
            ),
        )


def _noise(entry: schema.FindingEntry) -> tuple[float, float]:
    """P(said present | absent), P(said absent | present): as written, else by how the answer is obtained."""
    if entry.noise is not None:
        return entry.noise.false_present, entry.noise.false_absent
    if entry.critical_screen:
        return 0.002, 0.05
    if entry.self_test:
        return 0.05, 0.10
    if "runner" in entry.asked_of:
        return 0.01, 0.03
    if "clinician" in entry.asked_of:
        return 0.0, 0.0
    return 0.02, 0.05


def _source(entry: schema.SourceFile) -> Source:
    return Source(
        key=SourceKey(entry.key),
        citation=entry.citation,
        locator=entry.locator,
        verified=entry.verified,
        used_for=entry.used_for,
        doi=entry.doi,
        pmid=entry.pmid,
        verified_note=entry.verified_note,
        design=entry.design,
    )
