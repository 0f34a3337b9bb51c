"""Synthetic knowledge bases of any size, for tests that must not depend on the real numbers."""

from __future__ import annotations

import numpy as np

from soleus.core.assessment import Disposition
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, SourceKey
from soleus.knowledge.base import (
    Basis,
    Condition,
    CorrelatedGroup,
    Distribution,
    FindingDefinition,
    Flag,
    Kind,
    KnowledgeBase,
    Number,
)

SOURCE = SourceKey("invented")


def number(value: float, size: float = 20.0) -> Number:
    return Number(
        value=value, low=value / 2, high=(1 + value) / 2, alpha=value * size, beta=(1 - value) * size,
        basis=Basis.EXPERT, sources=(SOURCE,),
    )  # fmt: skip


def distribution(options: dict[str, float], size: float = 12.0) -> Distribution:
    return Distribution(options=options, sample_size=size, basis=Basis.EXPERT)


def definition(
    name: str,
    kind: Kind = Kind.BOOLEAN,
    *,
    options: tuple[str, ...] = (),
    bands: tuple[tuple[str, float], ...] = (),
    background: Number | Distribution | None = None,
    noise: tuple[float, float] = (0.01, 0.03),
    asked_of: frozenset[str] = frozenset({"runner"}),
    **other: object,
) -> FindingDefinition:
    fields: dict[str, object] = {
        "area": "test", "flag": Flag.NONE, "burden": 1, "critical_screen": False, "order": 0, "self_test": False,
        "unsafe_if": None, "ask_if": None, "low": None, "high": None, "implies_absent": (), "sources": (),
    }  # fmt: skip
    return FindingDefinition(
        id=FindingId(name), kind=kind, options=options, bands=bands, background=background,
        false_present=noise[0], false_absent=noise[1], asked_of=asked_of, **{**fields, **other},  # type: ignore[arg-type]
    )  # fmt: skip


def condition(
    name: str,
    *,
    prior: Number,
    findings: dict[FindingId, Number | Distribution] | None = None,
    factors: dict[ConditionId, Number] | None = None,
    kind: str = "diagnosis",
    grading: bool = False,
) -> Condition:
    return Condition(
        id=ConditionId(name), kind=kind, prior=prior, urgency=Disposition.PHYSIO, category="test", members=(),
        findings=findings or {}, factors=factors or {}, codes={}, dangerous=False, subtypes=(), grading=grading,
        sources=(),
    )  # fmt: skip


def knowledge(
    findings: list[FindingDefinition], conditions: list[Condition], groups: list[CorrelatedGroup] | None = None
) -> KnowledgeBase:
    return KnowledgeBase(
        version="2026.01.0", content_hash="synthetic", findings={f.id: f for f in findings},
        conditions={c.id: c for c in conditions}, groups=tuple(groups or ()), rules=(), floors=(), wells=(),
        adjuncts=(), medicines={}, medicine_rules=(), medicine_facts=(), sources={}, text={},
    )  # fmt: skip


def random_kb(
    seed: int, *, causes: int = 5, findings: int = 8, factors: int = 2, groups: int = 2, sharpness: float = 1.0
) -> KnowledgeBase:
    """A random knowledge base: booleans, choices and bands, some in groups, some without background."""
    rng = np.random.default_rng(seed)

    def entry(item: FindingDefinition) -> Number | Distribution:
        if item.kind is Kind.BOOLEAN:
            return number(float(np.clip(rng.beta(0.5 * sharpness, sharpness), 0.001, 0.999)))
        shares = rng.dirichlet([sharpness] * len(item.states))
        if len(shares) > 2:
            shares[0] = 0.0  # an omitted option
        return distribution(dict(zip(item.states, (shares / shares.sum()).tolist(), strict=True)))

    definitions: list[FindingDefinition] = []
    for i in range(findings):
        kind = (Kind.BOOLEAN, Kind.CHOICE, Kind.BOOLEAN, Kind.INTEGER)[i % 4]
        options = tuple("abcdef"[: 2 + int(rng.integers(3))]) if kind is Kind.CHOICE else ()
        bands = (("low", 3.0), ("mid", 7.0), ("high", float("inf"))) if kind is Kind.INTEGER else ()
        noise = (0.0, 0.0) if i % 5 == 4 else (0.01, 0.03)
        bare = definition(f"f{i}", kind, options=options, bands=bands, noise=noise)
        definitions.append(definition(f"f{i}", kind, options=options, bands=bands, noise=noise, background=entry(bare)))
    definitions.append(definition("unused"))
    factor_ids = [ConditionId(f"k{i}") for i in range(factors)]
    conditions = [
        condition(
            f"c{i}",
            prior=number(float(rng.beta(1, 6))),
            findings={d.id: entry(d) for d in definitions[:-1] if rng.random() < 0.5},
            factors={k: number(float(rng.uniform(0.05, 0.95))) for k in factor_ids if rng.random() < 0.5},
        )
        for i in range(causes)
    ]
    conditions += [condition(k, prior=number(0.2), kind="contributing_factor") for k in factor_ids]
    free = [d for d in definitions[:-1] if rng.random() < 0.7]
    made: list[CorrelatedGroup] = []
    for i in range(groups):
        members = free[i::groups][:6]
        made.append(
            CorrelatedGroup(
                id=f"g{i}",
                factor=factor_ids[i // 2] if i % 2 and factors > i // 2 else None,
                members={d.id: (d.states[-1],) for d in members},
                strength=float(rng.choice([0.0, 0.5, 0.8, 1.0])),
                basis=Basis.EXPERT,
                sources=(SOURCE,),
            )
        )
    return knowledge(definitions, conditions, made)


def random_findings(kb: KnowledgeBase, seed: int, share: float = 0.5) -> FindingSet:
    """Random answers: plain, several marks, soft, and "I don't know"."""
    rng = np.random.default_rng(seed)
    given: list[Finding] = []
    for item in kb.findings.values():
        if rng.random() > share:
            continue
        state = int(rng.integers(len(item.states)))
        how = rng.random()
        if how < 0.1:
            given.append(Finding(id=item.id, value=None))
        elif how < 0.2:
            soft = rng.uniform(0, 1, len(item.states)) + 1e-3
            given.append(Finding(id=item.id, value=None, likelihood=dict(zip(item.states, soft.tolist(), strict=True))))
        elif item.kind is Kind.BOOLEAN:
            given.append(Finding(id=item.id, value=bool(state)))
        elif item.kind is Kind.CHOICE:
            several = frozenset(o for o in item.options if rng.random() < 0.5)
            given.append(Finding(id=item.id, value=several if several and how < 0.4 else item.options[state]))
        else:
            limit = item.bands[state][1]
            given.append(Finding(id=item.id, value=100 if np.isinf(limit) else limit - 1))
    return FindingSet(given)
