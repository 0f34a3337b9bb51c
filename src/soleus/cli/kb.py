"""`soleus kb lint|show|stats`."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass

from soleus.cli.common import knowledge_of, wrap
from soleus.cli.kb_gait import gait_parts, show_gait_part
from soleus.cli.kb_plans import condition_plan, plan_parts, show_plan_part
from soleus.core.errors import KnowledgeError, NotFound
from soleus.core.ids import ConditionId, FindingId, RuleId, SourceKey
from soleus.knowledge.base import (
    ChangeDefinition,
    Distribution,
    KnowledgeBase,
    Number,
    Parameter,
    ParameterTable,
)


def run(arguments: argparse.Namespace) -> int:
    """Dispatch to the part asked for."""
    return {"lint": _lint, "show": _show, "stats": _stats}[arguments.part](arguments)


def _lint(arguments: argparse.Namespace) -> int:
    from soleus.knowledge.lint import lint

    problems = lint(arguments.knowledge)
    errors = [p for p in problems if p.severity == "error" or arguments.strict]
    if arguments.json:
        print(json.dumps([asdict(p) for p in problems], indent=2, ensure_ascii=False, default=str))
    else:
        for problem in problems:
            print(problem)
        print(f"{len(errors)} errors, {len(problems) - len(errors)} warnings")
    return KnowledgeError.exit_code if errors else 0


def _stats(arguments: argparse.Namespace) -> int:
    from soleus.knowledge.stats import kb_stats

    stats = kb_stats(arguments.knowledge)
    document = asdict(stats) if is_dataclass(stats) and not isinstance(stats, type) else stats
    if arguments.json:
        print(json.dumps(document, indent=2, ensure_ascii=False, default=str))
    else:
        _print_tree(document)
    return 0


def _print_tree(value: object, indent: str = "") -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            label = str(key).replace("_", " ")
            if isinstance(item, Mapping) and item:
                print(f"{indent}{label}")
                _print_tree(item, indent + "  ")
            elif isinstance(item, list | tuple):
                print(f"{indent}{label}: {', '.join(map(str, item)) or 'none'}")
            else:
                shown = f"{item:.1%}" if isinstance(item, float) and 0 <= item <= 1 else item
                print(f"{indent}{label}: {shown if item != {} else 'none'}")
    else:
        print(f"{indent}{value}")


def _show(arguments: argparse.Namespace) -> int:
    kb = knowledge_of(arguments)
    name = arguments.id
    for show in (
        _show_condition,
        _show_finding,
        _show_rule,
        _show_source,
        _show_parameter,
        _show_table,
        _show_change,
        show_plan_part,
        show_gait_part,
    ):
        text = show(name, kb)
        if text:
            print(text)
            return 0
    training = [*kb.training.parameters, *kb.training.tables, *(c.id for c in kb.training.changes)]
    rules = (r.id for r in kb.rules)
    everything = [*kb.conditions, *kb.findings, *rules, *kb.sources, *training, *plan_parts(kb), *gait_parts(kb)]
    close = difflib.get_close_matches(name, [str(x) for x in everything], n=3)
    raise NotFound(f"nothing is called {name!r}", hint=f"Did you mean {', '.join(close)}?" if close else "")


def _show_condition(name: str, kb: KnowledgeBase) -> str:
    condition = kb.conditions.get(ConditionId(name))
    if condition is None:
        return ""
    lines = [
        f"{name} ({condition.kind}): {kb.text.get(f'condition.{name}.name', '')}",
        wrap(kb.text.get(f"condition.{name}.summary", "")),
        f"  prior {_number(condition.prior)}",
        f"  urgency if true: {condition.urgency.slug}{' · dangerous' if condition.dangerous else ''}",
    ]
    plan = condition_plan(name, kb)
    if plan:
        lines.append(f"  {plan}")
    for finding, number in condition.findings.items():
        lines.append(f"  {finding}: {_number(number)}")
    return "\n".join(lines)


def _number(number: Number | Distribution) -> str:
    cited = ", ".join(dict.fromkeys(number.sources)) or "no source"
    if isinstance(number, Distribution):
        table = ", ".join(f"{o} {p:.3g}" for o, p in number.options.items() if p)
        return f"{table} [{number.basis.value}; {cited}]"
    moved = ""
    if number.elicited:
        counts = "; ".join(f"{o.events:g}/{o.n:g} × {o.weight:g} {o.source}" for o in number.observed)
        moved = f", elicited {number.elicited[0]:.3g} moved by {counts}"
    return f"{number.value:.4g} ({number.low:.3g}-{number.high:.3g}) [{number.basis.value}; {cited}{moved}]"


def _show_finding(name: str, kb: KnowledgeBase) -> str:
    finding = kb.findings.get(FindingId(name))
    if finding is None:
        return ""
    lines = [
        f"{name} ({finding.kind.value}, {finding.area}, flag {finding.flag.value}): "
        f"{kb.text.get(f'finding.{name}.clinical', '')}",
        wrap(kb.text.get(f"finding.{name}.question", "")),
        f"  states: {', '.join(finding.states)} · asked of: {', '.join(sorted(finding.asked_of))}",
    ]
    if finding.background:
        lines.append(f"  background: {_number(finding.background)}")
    for condition in kb.conditions.values():
        number = condition.findings.get(FindingId(name))
        if number and condition.id != "other_nonspecific":
            lines.append(f"  {condition.id}: {_number(number)}")
    return "\n".join(lines)


def _show_rule(name: str, kb: KnowledgeBase) -> str:
    rule = next((r for r in kb.rules if r.id == RuleId(name)), None)
    if rule is None:
        return ""
    cited = "; ".join(kb.sources[s].citation for s in rule.sources if s in kb.sources)
    return "\n".join(
        [
            f"{name}: {rule.disposition.slug} → {rule.go_to}",
            wrap(kb.text.get(f"rule.{name}.reason", "")),
            f"  when: {rule.when}",
            wrap(f"sources: {cited}"),
        ]
    )


def _show_source(name: str, kb: KnowledgeBase) -> str:
    source = kb.sources.get(SourceKey(name))
    if source is None:
        return ""
    return f"{name}: {source.citation}\n  {source.locator}\n  how far read: {source.verified}\n{wrap(source.used_for)}"


def _show_parameter(name: str, kb: KnowledgeBase) -> str:
    entry = next(
        (known[name] for known in (kb.training.parameters, kb.plans.parameters, kb.gait.parameters) if name in known),
        None,
    )
    if entry is None:
        return ""
    between = "fixed" if entry.low is None else f"{entry.low:g} to {entry.high:g}"
    unit = "" if entry.unit == "1" else f" {entry.unit}"
    return f"{name} = {entry.value:g}{unit} ({between})\n{_origin(entry)}"


def _show_table(name: str, kb: KnowledgeBase) -> str:
    entry = kb.training.tables.get(name)
    if entry is None:
        return ""
    columns = (f"  {column}: {', '.join(map(str, cells))}" for column, cells in entry.columns.items())
    return "\n".join([name, *columns, _origin(entry)])


def _show_change(name: str, kb: KnowledgeBase) -> str:
    entry = next((c for c in kb.training.changes if c.id == name), None)
    if entry is None:
        return ""
    days = ", ".join(map(str, entry.windows_days))
    lines = [
        f"{name}: {kb.text.get(f'training.change.{name}.name', '')}",
        f"  {entry.kind} of {entry.series} in the last {days} days",
        f"  from {entry.threshold:g}, at least {entry.minimum:g}",
        f"  weight {entry.weight:g} · evidence {entry.strength} · findings: {', '.join(entry.findings) or 'none'}",
        _origin(entry),
    ]
    return "\n".join(lines)


def _origin(entry: Parameter | ParameterTable | ChangeDefinition) -> str:
    cited = ", ".join(entry.sources) or "no source"
    note = f"\n{wrap(entry.note)}" if entry.note else ""
    return f"  [{entry.basis.value}; {entry.status}; {cited}]{note}"
