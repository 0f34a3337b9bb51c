"""What the knowledge base holds, counted: `soleus kb stats` and the reference pages show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soleus.core.errors import KnowledgeError
from soleus.knowledge.compile import DATA, SOMETHING_ELSE, UNVERSIONED
from soleus.knowledge.files import Tree, read_tree
from soleus.knowledge.lint import iter_citations, iter_numbers, iter_training
from soleus.knowledge.lint_gait import iter_gait
from soleus.knowledge.lint_plans import iter_origins

if TYPE_CHECKING:
    from soleus.knowledge import schema


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStats:
    """What plans are made of, counted."""

    exercises: int
    exercises_by_kind: dict[str, int]
    families: int
    phases: int
    families_by_pathway: dict[str, int]
    diagnoses_with_plan: int
    diagnoses_without_self_plan: int
    """Causes that only say who to see; some have a plan too, once a clinician has cleared it."""
    programmes: int
    gates: int
    measures: int
    contraindications: int
    stop_signs: int
    priors: int
    published_times: int
    origins_by_basis: dict[str, int]
    """Doses, families, programmes, gates, times and limits of plans."""
    origins_by_status: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GaitStats:
    """What a film can be asked for, counted."""

    metrics: int
    norms: int
    refusals: int
    observations: int
    foot_checks: int
    parameters: int
    origins_by_basis: dict[str, int]
    """Errors, bands, observations, checks and parameters."""
    origins_by_status: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeStats:
    """Counts; every mapping is name → count, most frequent first."""

    version: str
    diagnoses: int
    contributing_factors: int
    findings: int
    findings_by_area: dict[str, int]
    must_ask: int
    red_flag_rules: int
    rules_by_disposition: dict[str, int]
    correlated_groups: int
    advice: int
    medicine_rules: int
    texts: int
    numbers: int
    """Probabilities: one per boolean finding and cause, one per table, the priors and the thresholds."""
    numbers_by_basis: dict[str, int]
    share_by_basis: dict[str, float]
    numbers_with_source: int
    backgrounds: int
    """Of the numbers: those of the cause "something else", which stand in wherever a cause says nothing."""
    moved_by_counts: int
    """Numbers moved by at least one counted observation."""
    observations: int
    people_counted: float
    """Sum of n over all observations (a study counted for two findings is counted twice)."""
    published_figures: dict[str, int]
    """Published figures by what became of them; docs/reference/published-evidence.md lists each, with the reason."""
    training_numbers: int
    """Parameters of the training analysis, not among `numbers`."""
    training_tables: int
    training_changes: int
    training_by_basis: dict[str, int]
    """Of these parameters, tables and changes."""
    training_by_status: dict[str, int]
    """How the figures were met: seen, secondary, memory, derived, assumption."""
    plans: PlanStats
    gait: GaitStats
    sources: int
    sources_by_reading: dict[str, int]
    unused_sources: int
    dangling_sources: tuple[str, ...]


def kb_stats(kb_root: Path | None = None, locale: str = "en") -> KnowledgeStats:
    """Count what is in the files; faulty files are left out, as `lint` tells."""
    root = DATA if kb_root is None else kb_root
    if not root.is_dir():
        raise KnowledgeError("no such folder", where=str(root), hint="Name the folder that holds manifest.yaml.")
    tree = read_tree(root, locale)
    numbers = list(iter_numbers(tree))
    entries = [entry for _, _, entry in numbers]
    observed: list[schema.ObservationEntry] = [seen for entry in entries for seen in entry.observed]
    cited = {key for _, _, key in iter_citations(tree)}
    bases = _ranked(entry.basis for entry in entries)
    kinds = Counter(condition.kind for condition in tree.conditions.values())
    return KnowledgeStats(
        version=tree.manifest.version if tree.manifest else UNVERSIONED,
        diagnoses=kinds["diagnosis"],
        contributing_factors=kinds["contributing_factor"],
        findings=len(tree.findings),
        findings_by_area=_ranked(tree.areas.values()),
        must_ask=sum(finding.critical_screen for finding in tree.findings.values()),
        red_flag_rules=len(tree.red_flags),
        rules_by_disposition=_ranked(rule.disposition for rule in tree.red_flags.values()),
        correlated_groups=len(tree.groups),
        advice=len(tree.adjuncts),
        medicine_rules=len(tree.medicines.rules) if tree.medicines else 0,
        texts=len(tree.text),
        numbers=len(numbers),
        numbers_by_basis=bases,
        share_by_basis={basis: count / len(entries) for basis, count in bases.items()},
        numbers_with_source=sum(bool(entry.sources or entry.observed) for entry in entries),
        backgrounds=_backgrounds(tree),
        moved_by_counts=sum(bool(entry.observed) for entry in entries),
        observations=len(observed),
        people_counted=sum(seen.n for seen in observed),
        published_figures=_ranked(entry.use for entry in tree.published_use.entries) if tree.published_use else {},
        training_numbers=len(tree.parameters),
        training_tables=len(tree.tables),
        training_changes=len(tree.changes),
        training_by_basis=_ranked(entry.basis for _, _, entry in iter_training(tree)),
        training_by_status=_ranked(entry.status for _, _, entry in iter_training(tree)),
        plans=_plan_counts(tree),
        gait=_gait_counts(tree),
        sources=len(tree.sources),
        sources_by_reading=_ranked(source.verified for source in tree.sources.values()),
        unused_sources=len(set(tree.sources) - cited),
        dangling_sources=tuple(sorted(cited - set(tree.sources))),
    )


def _plan_counts(tree: Tree) -> PlanStats:
    files = tree.planning
    origins = [entry for _, _, entry in iter_origins(tree)]
    return PlanStats(
        exercises=len(tree.exercises),
        exercises_by_kind=_ranked(entry.kind for entry in tree.exercises.values()),
        families=len(tree.plans),
        phases=sum(len(family.phases) for family in tree.plans.values()),
        families_by_pathway=_ranked(family.pathway for family in tree.plans.values()),
        diagnoses_with_plan=len({condition for family in tree.plans.values() for condition in family.conditions}),
        diagnoses_without_self_plan=len(files.no_self_plan.no_self_plan) if files.no_self_plan else 0,
        programmes=len(tree.programmes),
        gates=len(files.gates.gates) if files.gates else 0,
        measures=len(files.measures.measures) if files.measures else 0,
        contraindications=len(files.contraindications.contraindications) if files.contraindications else 0,
        stop_signs=len(files.stop_signs.stop_signs) if files.stop_signs else 0,
        priors=len(files.prognosis.priors) if files.prognosis else 0,
        published_times=len(files.prognosis.observed) if files.prognosis else 0,
        origins_by_basis=_ranked(entry.basis for entry in origins),
        origins_by_status=_ranked(entry.status for entry in origins),
    )


def _gait_counts(tree: Tree) -> GaitStats:
    files = tree.gait
    origins = [entry for _, _, entry in iter_gait(tree)]
    return GaitStats(
        metrics=len(files.metrics.metrics) if files.metrics else 0,
        norms=len(files.norms.norms) if files.norms else 0,
        refusals=len(files.refusals.refusals) if files.refusals else 0,
        observations=len(files.observations.observations) if files.observations else 0,
        foot_checks=len(files.foot_checks.foot_checks) if files.foot_checks else 0,
        parameters=len(files.parameters),
        origins_by_basis=_ranked(entry.basis for entry in origins),
        origins_by_status=_ranked(entry.status for entry in origins),
    )


def _backgrounds(tree: Tree) -> int:
    return len(tree.conditions[SOMETHING_ELSE].findings) if SOMETHING_ELSE in tree.conditions else 0


def _ranked(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0])))
