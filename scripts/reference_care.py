"""The page of docs/reference about care beside exercise: every item with what forbids it, and the medicine rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reference_parts import cell, cited, page, text
from soleus.core.expression import Expression
from soleus.knowledge.base import Adjunct, KnowledgeBase

Logic = Callable[[Expression, KnowledgeBase], list[str]]


def care_pages(kb: KnowledgeBase, logic: Logic) -> dict[str, str]:
    """Path below docs/reference → content; `logic` renders an expression as list items."""
    if not kb.adjuncts:
        return {}
    lines = [
        "Care beside exercise. An item is offered only when nothing below forbids it, and what is not known forbids",
        "too. Vetoes come last, after everything that asks for an item.",
        "",
        *_index_lines(kb),
    ]
    for item in kb.adjuncts:
        lines += _item_lines(item, kb, logic)
    lines += _medicine_lines(kb)
    return {"care.md": page("Care and medicines", lines)}


def _index_lines(kb: KnowledgeBase) -> Iterator[str]:
    yield from ("| Item | Category | First advice | Plan | Evidence |", "|---|---|---|---|---|")
    for item in kb.adjuncts:
        first, plan = ("" if item.plan_only else "yes"), ("" if item.first_only else "yes")
        name = cell(text(kb, f"advice.{item.id}.title", item.id))
        yield f"| [{name}](#{item.id}) | {item.category} | {first} | {plan} | {cell(item.evidence)} |"


def _item_lines(item: Adjunct, kb: KnowledgeBase, logic: Logic) -> Iterator[str]:
    yield from ("", f"## {item.id}", "", f"**{text(kb, f'advice.{item.id}.title', item.id)}**", "")
    for part in ("how", "why", "caution"):
        yield f"- {part.capitalize()}: {text(kb, f'advice.{item.id}.{part}')}"
    yield f"- Evidence: {item.evidence}; {cited(item.sources, kb, '')}"
    causes = ", ".join(f"[{c}](conditions/{c}.md)" for c in sorted(item.for_conditions)) or "any cause"
    yield f"- For: {causes}" + (f"; for those who wish it: {', '.join(sorted(item.wants))}" if item.wants else "")
    if item.only_if is not None:
        yield "- Only if certainly true:"
        yield from (f"  {line}" for line in logic(item.only_if, kb))
    yield from _veto_lines(item, kb, logic)
    named = [
        family.id for family in kb.plans.families.values() if any(item.id in phase.care for phase in family.phases)
    ]
    if named:
        yield "- Named by phases of: " + ", ".join(f"[{family}](plans/{family}.md)" for family in named)
    if item.with_running:
        yield "- In a plan only in phases that allow running"


def _veto_lines(item: Adjunct, kb: KnowledgeBase, logic: Logic) -> Iterator[str]:
    yield f"- Never above urgency: {item.max_disposition.slug}"
    if item.never_if is not None:
        yield "- Never if true or unknown:"
        yield from (f"  {line}" for line in logic(item.never_if, kb))
    if item.needs_facts:
        yield "- Never unless known to be false: " + ", ".join(item.needs_facts)
    if item.never_with_tags:
        yield "- Never while a rule stands open about: " + ", ".join(sorted(item.never_with_tags))
    if item.never_with_conditions:
        limits = sorted(item.never_with_conditions.items())
        yield "- Never when a cause is at least this likely: " + ", ".join(f"{c} {100 * p:g} %" for c, p in limits)
    if item.contraindications:
        codes = ", ".join(f"[{code}](planning.md#{code})" for code in item.contraindications)
        yield f"- Never with: {codes}"
    if item.medicine is not None:
        yield f"- Never with a [rule](#medicine-rules) of {item.medicine}, in pregnancy, under 18, or at an unknown age"


def _medicine_lines(kb: KnowledgeBase) -> Iterator[str]:
    yield from ("", "## Medicines", "")
    yield "Adult doses of UK labels. `label_checked: False` = no pharmacist has yet checked them against the label."
    for name, data in kb.medicines.items():
        yield from ("", f"### {name}", "")
        for key, value in data.items():
            if key == "sources" and isinstance(value, list):
                yield f"- sources: {cited(map(str, value), kb, '')}"
            else:
                shown = " to ".join(map(str, value)) if isinstance(value, list) else value
                yield f"- {key}: {shown}"
    yield from ("", "## Medicine rules", "")
    yield "A rule that does more than warn keeps its medicines out while any of its facts is true or unknown."
    yield from ("", "| Rule | Medicines | Facts | Action | Said | Sources |", "|---|---|---|---|---|---|")
    for rule in kb.medicine_rules:
        softer = "".join(f"; {fact}: {action}" for fact, action in rule.overrides.items())
        yield (
            f"| {rule.id} | {', '.join(rule.medicines)} | {', '.join(rule.any_of)} | {rule.action}{softer} "
            f"| {cell(text(kb, f'medicine_rule.{rule.id}'))} | {cited(rule.sources, kb, '')} |"
        )
