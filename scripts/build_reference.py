"""Write docs/reference from the knowledge base: every number with its interval, basis and citation.

python scripts/build_reference.py            write what changed, remove what is gone
python scripts/build_reference.py --check    write nothing; exit 1 and name the stale pages
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from reference_care import care_pages
from reference_gait import GENERATED_GAIT, gait_pages
from reference_parts import MET, cell, cited, page, text
from reference_plans import GENERATED_PLANS, plan_index, plan_pages
from soleus.core.assessment import Disposition
from soleus.core.expression import Always, AtLeast, Count, Expression, OneOf, Present
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import (
    ChangeDefinition,
    Condition,
    Distribution,
    FindingDefinition,
    KnowledgeBase,
    Number,
    Parameter,
    ParameterTable,
    RedFlagRule,
    SeverityModel,
)
from soleus.knowledge.compile import DATA, SOMETHING_ELSE
from soleus.knowledge.files import Tree, read_tree
from soleus.knowledge.jsonschema import schema_files
from soleus.knowledge.lint import RULES
from soleus.knowledge.numbers import number
from soleus.knowledge.stats import KnowledgeStats, kb_stats

OUT = Path(__file__).resolve().parents[1] / "docs" / "reference"
GENERATED = (
    "conditions/*.md",
    "findings/*.md",
    "severity.md",
    "training.md",
    "care.md",
    "schemas/*.json",
    *GENERATED_GAIT,
    *GENERATED_PLANS,
)
"""Where a page that is no longer wanted is removed; hand-written pages live beside the others."""
READ = {
    "seen": "abstract, table or excerpt read",
    "seen-abstract": "abstract read",
    "seen-abstract-part": "part of the abstract read",
    "seen-table": "table read",
    "seen-excerpt": "excerpt read",
    "seen-page": "page read",
    "seen-mirror": "read on a mirror",
    "seen-secondary": "read only in a page that cites it",
    "seen-weak-secondary": "read only in a doubtful page",
    "title-seen-only": "only the title seen",
    "memory": "from memory, not checked",
    "elicited": "judgement, not a study",
    "design": "our own choice",
}


def pages(root: Path | None = None) -> dict[str, str]:
    """Path below docs/reference → content."""
    kb, stats = load_knowledge(root), kb_stats(root)
    tree = read_tree(root or DATA, "en")
    result = {f"conditions/{c.id}.md": condition_page(c, kb) for c in kb.conditions.values()}
    for area in sorted({f.area for f in kb.findings.values()}):
        result[f"findings/{area}.md"] = findings_page(area, kb)
    result["red-flags.md"] = rules_page(kb, tree)
    if kb.severity is not None:
        result["severity.md"] = severity_page(kb, kb.severity)
    if kb.training.parameters or kb.training.tables or kb.training.changes:
        result["training.md"] = training_page(kb)
    result |= plan_pages(kb, tree, expression)
    result |= care_pages(kb, expression)
    result |= gait_pages(kb)
    result["sources.md"] = sources_page(kb)
    result["lint-rules.md"] = lint_page()
    result["index.md"] = index_page(kb, stats)
    result |= {f"schemas/{name}": content for name, content in schema_files().items()}
    return result


# --- small parts --------------------------------------------------------------------------------------------------


def probability(p: float) -> str:
    """A probability as people write it: two figures, more near 0 and 1."""
    return f"{p:.2f}" if 0.05 <= p <= 0.95 else f"{p:.3f}" if 0.0095 <= p <= 0.9905 else f"{p:.4f}"


def spread(number: Number) -> str:
    """Value and 90% interval as two cells."""
    return f"{probability(number.value)} | {probability(number.low)}-{probability(number.high)}"


def origin(number: Number | Distribution, kb: KnowledgeBase, up: str) -> str:
    """Basis, sources, counted data and note of a number."""
    parts = [number.basis.value]
    if number.sources:
        parts.append(cited(number.sources, kb, up))
    if isinstance(number, Number) and number.elicited:
        value, low, high = map(probability, number.elicited)
        parts.append(f"elicited {value} ({low}-{high}), moved by {counted(number)}")
    if isinstance(number, Distribution) and number.observed:
        seen = ", ".join(f"{o} {x.events:g}/{x.n:g} at weight {x.weight:g}" for o, x in number.observed)
        parts.append(f"moved by {seen}")
    if number.note:
        parts.append(number.note)
    return cell("; ".join(parts))


def shares_of(table: Distribution) -> str:
    return ", ".join(f"{option} {probability(p)}" for option, p in table.options.items() if p)


def counted(number: Number) -> str:
    return ", ".join(f"{o.events:g}/{o.n:g} at weight {o.weight:g} ({o.source})" for o in number.observed)


def finding_name(kb: KnowledgeBase, finding: str) -> str:
    return text(kb, f"finding.{finding}.clinical") or text(kb, f"finding.{finding}.short", finding)


def finding_link(kb: KnowledgeBase, finding: FindingDefinition, up: str) -> str:
    return f"[{cell(finding_name(kb, finding.id))}]({up}findings/{finding.area}.md#{finding.id})"


def option_name(kb: KnowledgeBase, finding: str, option: str) -> str:
    clinical = text(kb, f"finding.{finding}.option_clinical.{option}")
    return clinical or text(kb, f"finding.{finding}.option.{option}", option)


def expression(node: Expression, kb: KnowledgeBase, depth: int = 0) -> list[str]:
    """An expression as nested list items."""
    indent = "  " * depth
    if isinstance(node, Always):
        return [f"{indent}- always"]
    if isinstance(node, Count):
        total = len(node.parts)
        head = "any of" if node.minimum == 1 else "all of" if node.minimum == total else f"at least {node.minimum} of"
        return [f"{indent}- {head}", *(line for part in node.parts for line in expression(part, kb, depth + 1))]
    return [f"{indent}- {atom(node, kb)}"]


def atom(node: Present | OneOf | AtLeast, kb: KnowledgeBase) -> str:
    definition = kb.findings[node.finding]
    name = f"[{finding_name(kb, node.finding)}](findings/{definition.area}.md#{node.finding})"
    if isinstance(node, Present):
        return name
    if isinstance(node, AtLeast):
        return f"{name} ≥ {node.threshold:g}"
    chosen = [option_name(kb, node.finding, option) for option in definition.options if option in node.options]
    return f"{name}: {' or '.join(chosen)}"


# --- pages ---------------------------------------------------------------------------------------------------------


def condition_page(condition: Condition, kb: KnowledgeBase) -> str:
    name = text(kb, f"condition.{condition.id}.clinical") or text(kb, f"condition.{condition.id}.name", condition.id)
    return page(name, _condition_lines(condition, kb))


def _condition_lines(condition: Condition, kb: KnowledgeBase) -> Iterator[str]:
    for part in ("summary", "course", "next"):
        wording = text(kb, f"condition.{condition.id}.{part}")
        if wording:
            yield from (wording, "")
    prior = condition.prior
    kind = "Main cause" if condition.kind == "diagnosis" else "Contributing factor"
    share = "Share among runners with calf pain" if condition.kind == "diagnosis" else "How common"
    yield f"- Id `{condition.id}`; {kind.lower()}; category {condition.category}"
    yield f"- Urgency when true: {condition.urgency.slug}" + ("; dangerous" if condition.dangerous else "")
    yield f"- Weight of missing it, for choosing questions: {kb.harm[condition.id]:g}"
    yield (
        f"- {share}: {probability(prior.value)} ({probability(prior.low)}-{probability(prior.high)}); "
        f"{origin(prior, kb, '../')}" + (" (shares are scaled to sum to 1)" if share != "How common" else "")
    )
    codes = ", ".join(f"{key} {code}" for key, code in condition.codes.items())
    if codes:
        yield f"- Codes: {codes}"
    if condition.sources:
        yield f"- Sources: {cited(condition.sources, kb, '../')}"
    yield ""
    if condition.factors:
        yield from (
            "## Contributing factors",
            "",
            "| Factor | P(factor \\| this) | 90% | Origin |",
            "|---|---|---|---|",
        )
        for factor, number in condition.factors.items():
            yield (f"| [{factor}]({factor}.md) | {spread(number)} | {origin(number, kb, '../')} |")
        yield ""
    yield from _condition_numbers(condition, kb)


def _condition_numbers(condition: Condition, kb: KnowledgeBase) -> Iterator[str]:
    numbers = {f: n for f, n in condition.findings.items() if isinstance(n, Number)}
    tables = {f: n for f, n in condition.findings.items() if isinstance(n, Distribution)}
    if numbers:
        yield from ("## Findings, yes or no", "")
        yield from (
            "| Finding | P(finding \\| this) | 90% | P(finding \\| something else) | Origin |",
            "|---|---|---|---|---|",
        )
        for finding, number in numbers.items():
            definition = kb.findings[finding]
            ground = definition.background
            other = probability(ground.value) if isinstance(ground, Number) else "-"
            yield (
                f"| {finding_link(kb, definition, '../')} | {spread(number)} | {other} | {origin(number, kb, '../')} |"
            )
        yield ""
    if tables:
        yield from ("## Findings with several answers", "")
        yield from ("| Finding | P(answer \\| this) | Worth of | Origin |", "|---|---|---|---|")
        for finding, table in tables.items():
            shares = ", ".join(
                f"{cell(option_name(kb, finding, option))} {probability(p)}" for option, p in table.options.items() if p
            )
            link = finding_link(kb, kb.findings[finding], "../")
            yield f"| {link} | {shares} | {table.sample_size:.3g} | {origin(table, kb, '../')} |"
        yield ""
        yield "*Worth of*: the table is trusted like counts from this many people."


def findings_page(area: str, kb: KnowledgeBase) -> str:
    lines: list[str] = []
    for finding in (f for f in kb.findings.values() if f.area == area):
        lines += [f'<a id="{finding.id}"></a>', "", f"## {finding_name(kb, finding.id)}", ""]
        lines += _finding_lines(finding, kb)
    return page(f"Findings: {area.replace('_', ' ')}", lines)


def _finding_lines(finding: FindingDefinition, kb: KnowledgeBase) -> Iterator[str]:
    question = text(kb, f"finding.{finding.id}.question")
    if question:
        yield from (f"> {question}", "")
    flag = f"; flag {finding.flag.value}" if finding.flag.value != "none" else ""
    yield f"- Id `{finding.id}`; {finding.kind.value}; asked of {', '.join(sorted(finding.asked_of))}{flag}"
    if finding.critical_screen:
        yield "- Must-ask question: unanswered, it keeps the urgency up"
    why = text(kb, f"finding.{finding.id}.why")
    if why:
        yield f"- Why it is asked: {why}"
    if finding.options:
        yield "- Answers: " + ", ".join(f"{option_name(kb, finding.id, o)} (`{o}`)" for o in finding.options)
    if finding.bands:
        yield "- Bands: " + ", ".join(f"{name} (below {limit:g})" for name, limit in finding.bands)
    yield (
        f"- Answer noise: said present though absent {finding.false_present:g}, "
        f"said absent though present {finding.false_absent:g}"
    )
    if finding.self_test:
        yield "- Self-test: only offered when certainly safe"
    ground = finding.background
    if isinstance(ground, Number):
        yield (
            f"- Background: {probability(ground.value)} ({probability(ground.low)}-{probability(ground.high)}); "
            f"{origin(ground, kb, '../')}"
        )
    elif ground is not None:
        yield f"- Background: {shares_of(ground)}; {origin(ground, kb, '../')}"
    else:
        yield "- Not used by the differential"
    named = [c for c in kb.conditions.values() if finding.id in c.findings and c.id != SOMETHING_ELSE]
    if len(named) >= len(kb.diagnoses) - 1:
        yield "- Numbers of its own in every main cause"
    elif named:
        yield "- Numbers of its own in: " + ", ".join(f"[{c.id}](../conditions/{c.id}.md)" for c in named)
    if finding.sources:
        yield f"- Sources: {cited(finding.sources, kb, '../')}"
    yield ""


def rules_page(kb: KnowledgeBase, tree: Tree) -> str:
    lines = [
        "Every rule is checked against every case; the most urgent one wins. Rules hold no negation, so more bad news",
        "never lowers the urgency. An unanswered finding leaves a rule undetermined, never clear.",
        "",
    ]
    for disposition in sorted(Disposition, reverse=True):
        rules = [rule for rule in kb.rules if rule.disposition is disposition]
        if rules:
            title = text(kb, f"disposition.{disposition.slug}.title", disposition.slug)
            lines += [f"## {title} (`{disposition.slug}`)", ""]
            lines += [line for rule in rules for line in _rule_lines(rule, kb)]
    if tree.floors is not None and tree.floors.floors:
        lines += ["## Floors from probabilities", ""]
        lines += ["| Probability of | At or above | 90% | At least | Origin |", "|---|---|---|---|---|"]
        for floor in tree.floors.floors:
            causes = " + ".join(f"[{c}](conditions/{c}.md)" for c in floor.conditions)
            limit = number(floor.threshold)
            lines.append(f"| {causes} | {spread(limit)} | {floor.disposition} | {origin(limit, kb, '')} |")
    return page("Red-flag rules", lines)


def _rule_lines(rule: RedFlagRule, kb: KnowledgeBase) -> Iterator[str]:
    yield from (f'<a id="{rule.id}"></a>', "", f"### {rule.id}", "")
    reason = text(kb, f"rule.{rule.id}.reason")
    if reason:
        yield from (f"> {reason}", "")
    clinical = text(kb, f"rule.{rule.id}.clinical")
    if clinical:
        yield from (clinical, "")
    yield from ("Fires when:", "", *expression(rule.when, kb), "")
    if rule.suspect_when is not None and rule.suspect_disposition is not None:
        yield from (f"While undetermined, counts as {rule.suspect_disposition.slug} when:", "")
        yield from (*expression(rule.suspect_when, kb), "")
    tags = f"; stands for {', '.join(sorted(rule.tags))}" if rule.tags else ""
    yield f"Go to: {rule.go_to.replace('_', ' ')}{tags}. Sources: {cited(rule.sources, kb, '') or 'none'}."
    yield ""


def severity_page(kb: KnowledgeBase, model: SeverityModel) -> str:
    lines = [
        f"How severe a strain is ({', '.join(model.grades)}), from functional signs. The weights of overlapping signs",
        f"are scaled by {model.discount:g}.",
        "",
        "| Cause | Share of each grade before any sign | Origin |",
        "|---|---|---|",
    ]
    for name, table in (("other strains", model.prior), *model.priors.items()):
        link = f"[{name}](conditions/{name}.md)" if name in model.priors else name
        lines.append(f"| {link} | {shares_of(table)} | {origin(table, kb, '')} |")
    lines += ["", "| Sign | Grade | P(sign \\| grade) | Origin |", "|---|---|---|---|"]
    for finding, grades in model.findings.items():
        link = finding_link(kb, kb.findings[finding], "")
        for grade, value in grades.items():
            if isinstance(value, Number):
                shown = f"{probability(value.value)} ({probability(value.low)}-{probability(value.high)})"
            else:
                shown = shares_of(value)
            lines.append(f"| {link} | {grade} | {shown} | {origin(value, kb, '')} |")
    return page("Severity of strains", lines)


def training_origin(entry: Parameter | ParameterTable | ChangeDefinition, kb: KnowledgeBase) -> str:
    """Basis, how the figure was met, sources and note."""
    parts = [f"{entry.basis.value}, {MET.get(entry.status, entry.status)}"]
    if entry.sources:
        parts.append(cited(entry.sources, kb, ""))
    if entry.note:
        parts.append(entry.note)
    return cell("; ".join(parts))


def training_page(kb: KnowledgeBase) -> str:
    """Every number, table and change of the training analysis with its origin."""
    known = kb.training
    lines = [
        "What the training analysis knows. A figure from memory or of our own choice is expert, whatever is cited",
        "beside it for its direction; a range is what the estimates are spread over. No load number here is known to",
        "foretell a calf injury.",
        "",
        "## What is looked for before the pain",
        "",
        "| Change | Kind | Days before | Changed from | Least | Weight | Evidence | Findings | Origin |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for change in known.changes:
        name = cell(text(kb, f"training.change.{change.id}.name", change.id))
        days = ", ".join(map(str, change.windows_days))
        findings = ", ".join(finding_link(kb, kb.findings[f], "") for f in change.findings) or "none"
        lines.append(
            f'| <a id="{change.id}"></a>{name} ({change.id}) | {change.kind.replace("_", " ")} of {change.series} '
            f"| {days} | {change.threshold:g} | {change.minimum:g} | {change.weight:g} | {change.strength} "
            f"| {findings} | {training_origin(change, kb)} |"
        )
    area = ""
    for name, parameter in sorted(known.parameters.items(), key=lambda item: item[0].split(".")[0]):
        if name.split(".")[0] != area:
            area = name.split(".")[0]
            lines += ["", f"## {area}", "", "| Number | Value | Range | Unit | Origin |", "|---|---|---|---|---|"]
        between = "fixed" if parameter.low is None else f"{parameter.low:g} to {parameter.high:g}"
        unit = "" if parameter.unit == "1" else cell(parameter.unit)
        lines.append(f"| {name} | {parameter.value:g} | {between} | {unit} | {training_origin(parameter, kb)} |")
    for name, table in known.tables.items():
        lines += ["", f"## Table {name}", "", training_origin(table, kb), ""]
        lines += [f"| {' | '.join(table.columns)} |", f"|{'---|' * len(table.columns)}"]
        for row in zip(*table.columns.values(), strict=True):
            lines.append(f"| {' | '.join('' if c is None else cell(str(c)) for c in row)} |")
    return page("Training analysis", lines)


def sources_page(kb: KnowledgeBase) -> str:
    lines = ["How far each source was read is part of the record; nothing below was read further than it says.", ""]
    lines += ["| Key | Source | Read | Used for |", "|---|---|---|---|"]
    for key, source in sorted(kb.sources.items()):
        ids = []
        if source.doi:
            ids.append(f"[doi:{source.doi}](https://doi.org/{source.doi})")
        if source.pmid:
            ids.append(f"[PMID {source.pmid}](https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/)")
        where = "; ".join(ids) or source.locator
        read = READ.get(source.verified, source.verified) + (
            f" ({source.verified_note})" if source.verified_note else ""
        )
        design = f" ({source.design})" if source.design else ""
        lines.append(
            f'| <a id="{key}"></a>{key} | {cell(source.citation)}{cell(design)} {cell(where)} | {cell(read)} '
            f"| {cell(source.used_for)} |"
        )
    return page("Sources", lines)


def lint_page() -> str:
    lines = ["`soleus kb lint` checks that:", "", *(f"- **{rule}** {what}" for rule, what in RULES.items())]
    return page("Lint rules of the knowledge base", lines)


def gait_lines(stats: KnowledgeStats) -> list[str]:
    films = stats.gait
    if not films.metrics:
        return []
    figures, expert = sum(films.origins_by_basis.values()), films.origins_by_basis.get("expert", 0)
    return [
        f"Films of a run: {films.metrics} metrics, {films.norms} reference bands, {films.refusals} reasons not to",
        f"measure, {films.observations} observations, {films.foot_checks} foot and shoe checks,",
        f"{films.parameters} numbers; {expert} of {figures} figures are expert judgement or our choice.",
        "",
    ]


def index_page(kb: KnowledgeBase, stats: KnowledgeStats) -> str:
    expert, plans = stats.numbers_by_basis.get("expert", 0), stats.plans
    lines = [
        f"Knowledge version {stats.version}: {stats.diagnoses} main causes, {stats.contributing_factors} contributing",
        f"factors, {stats.findings} findings, {stats.red_flag_rules} red-flag rules, {stats.sources} sources.",
        "",
        f"{stats.numbers} probabilities, of which {expert} are expert judgement and {stats.moved_by_counts} are",
        f"moved by {stats.observations} counted observations. Every number carries its 90% interval and its basis.",
        "",
        f"The training analysis has {stats.training_numbers} numbers, {stats.training_tables} tables and",
        f"{stats.training_changes} changes to look for; {stats.training_by_basis.get('expert', 0)} of these are expert",
        "judgement or our own choice.",
        "",
        f"Plans: {plans.families} families with {plans.phases} phases, {plans.exercises} exercises and",
        f"{plans.programmes} running programmes; {plans.origins_by_basis.get('expert', 0)} of their",
        f"{sum(plans.origins_by_basis.values())} doses, gates, times and limits are expert judgement or our choice.",
        "",
        *gait_lines(stats),
        "- [Red-flag rules](red-flags.md)",
        *(["- [Severity of strains](severity.md)"] if kb.severity is not None else []),
        *(["- [Training analysis](training.md)"] if stats.training_numbers else []),
        *(["- [Films of a run, foot and shoe checks](gait.md)"] if stats.gait.metrics else []),
        *(["- [Tests, gates, warning signs and limits of plans](planning.md)"] if kb.plans.families else []),
        *(["- [Times to recovery, and recurrence](times.md)"] if kb.plans.families else []),
        *(["- [Care and medicines](care.md)"] if kb.adjuncts else []),
        "- [Sources](sources.md)",
        "- [Lint rules](lint-rules.md)",
        "- [Schemas for editors](schemas/)",
        "",
        "## Main causes",
        "",
        "| Cause | Share | Urgency when true |",
        "|---|---|---|",
    ]
    for condition in sorted(kb.diagnoses, key=lambda c: (-c.prior.value, c.id)):
        name = text(kb, f"condition.{condition.id}.name", condition.id)
        share = probability(condition.prior.value)
        lines.append(f"| [{cell(name)}](conditions/{condition.id}.md) | {share} | {condition.urgency.slug} |")
    lines += ["", "## Contributing factors", ""]
    for condition in kb.factors:
        name = text(kb, f"condition.{condition.id}.name", condition.id)
        lines.append(f"- [{name}](conditions/{condition.id}.md)")
    lines += ["", "## Findings by area", ""]
    for area, count in sorted(stats.findings_by_area.items()):
        lines.append(f"- [{area.replace('_', ' ')}](findings/{area}.md): {count}")
    lines += plan_index(kb)
    return page("Reference", lines)


# --- files ---------------------------------------------------------------------------------------------------------


def stale(out: Path, wanted: dict[str, str]) -> list[str]:
    """Pages that differ, are missing, or should be gone."""
    differing = [
        name
        for name, content in wanted.items()
        if not (out / name).is_file() or (out / name).read_text(encoding="utf-8") != content
    ]
    present = {path.relative_to(out).as_posix() for pattern in GENERATED for path in out.glob(pattern)}
    return sorted([*differing, *(present - set(wanted))])


def write(out: Path, wanted: dict[str, str]) -> list[str]:
    """Bring the folder in line; return what changed."""
    changed = stale(out, wanted)
    for name in changed:
        path = out / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write docs/reference from the knowledge base.")
    parser.add_argument("--check", action="store_true", help="only say whether the pages are fresh")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--knowledge", type=Path, default=None)
    options = parser.parse_args(arguments)
    wanted = pages(options.knowledge)
    if options.check:
        old = stale(options.out, wanted)
        for name in old:
            print(f"stale: {name}")
        if old:
            print(f"{len(old)} stale pages; run: python scripts/build_reference.py", file=sys.stderr)
        return 1 if old else 0
    changed = write(options.out, wanted)
    print(f"{len(wanted)} pages, {len(changed)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
