"""The vignettes notice every small damage to a rule: removed, milder, an answer dropped, any and all swapped.

A mutant is one rule changed in one place. It must be "killed" by the vignettes of that rule.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from vignette_files import Vignette, build_case, given, read

from soleus.core.assessment import Disposition, RuleOutcome, RuleState
from soleus.core.expression import Always, AtLeast, Count, Expression, OneOf
from soleus.core.finding import FindingSet, Origin
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase, RedFlagRule
from soleus.triage import triage

KB = load_knowledge()
VIGNETTES = {vignette.name: vignette for vignette in read("rules")}
CLINICAL = [rule for rule in KB.rules if not isinstance(rule.when, Always)]


def variants(expression: Expression) -> Iterator[tuple[str, Expression | None]]:
    """The expression with one change each; None = nothing is left of it."""
    if isinstance(expression, Count):
        everything = expression.minimum == len(expression.parts)
        for index, part in enumerate(expression.parts):
            for what, changed in variants(part):
                parts = [*expression.parts[:index], *([changed] if changed else []), *expression.parts[index + 1 :]]
                minimum = expression.minimum - (everything and changed is None)
                if not parts:
                    yield what, None
                else:
                    yield what, Count(minimum=min(max(minimum, 1), len(parts)), parts=tuple(parts))
        if len(expression.parts) > 1:
            swapped = 1 if expression.minimum > 1 else len(expression.parts)
            yield (
                f"{expression.minimum} of {len(expression.parts)} → {swapped}",
                Count(minimum=swapped, parts=expression.parts),
            )
    elif isinstance(expression, OneOf):
        yield f"without {expression.finding}", None
        if len(expression.options) > 1:
            for option in sorted(expression.options):
                kept = expression.options - {option}
                yield f"without {expression.finding}={option}", OneOf(finding=expression.finding, options=kept)
    elif not isinstance(expression, Always):
        yield f"without {expression.finding}", None
        if isinstance(expression, AtLeast):
            higher = AtLeast(finding=expression.finding, threshold=expression.threshold + 1)
            yield f"{expression.finding} a point higher", higher


def mutants(rule: RedFlagRule) -> Iterator[tuple[str, RedFlagRule | None]]:
    yield "removed", None
    milder = Disposition(rule.disposition - 1)
    yield "milder", dataclasses.replace(rule, disposition=milder)
    for what, when in variants(rule.when):
        yield f"when: {what}", None if when is None else dataclasses.replace(rule, when=when)
    if rule.suspect_when is not None and not isinstance(rule.suspect_when, Always):
        yield "never suspected", dataclasses.replace(rule, suspect_when=None, suspect_disposition=None)
        for what, when in variants(rule.suspect_when):
            yield f"suspect: {what}", dataclasses.replace(rule, suspect_when=when)


def survives(mutant: RedFlagRule | None, rule: RedFlagRule) -> bool:
    """No vignette of the rule notices the change."""
    kb = dataclasses.replace(KB, rules=(mutant,) if mutant else ())
    fires, near = VIGNETTES[f"{rule.id}_fires"], VIGNETTES[f"{rule.id}_near_miss"]
    return not (
        any(not fired(findings, rule, kb) for findings in lines(fires))
        or any(fired(findings, rule, kb, anyhow=True) for findings in lines(near))
        or any(
            suspected(FindingSet(given(x, Origin.CLINICIAN)), kb) is not rule.suspect_disposition
            for x in fires.suspected
        )
        or any(
            suspected(FindingSet(given(x, Origin.CLINICIAN)), kb) not in (None, Disposition.PHYSIO)
            for x in near.not_suspected
        )
    )


def lines(vignette: Vignette) -> Iterator[FindingSet]:
    yield build_case(vignette, KB).evidence()
    for line in vignette.also:
        yield FindingSet(given(line, Origin.CLINICIAN))


def only(findings: FindingSet, kb: KnowledgeBase) -> RuleOutcome | None:
    rules = triage(findings, kb).rules
    return rules[0] if rules else None


def fired(findings: FindingSet, rule: RedFlagRule, kb: KnowledgeBase, *, anyhow: bool = False) -> bool:
    found = only(findings, kb)
    if found is None or found.state is not RuleState.FIRED:
        return False
    return anyhow or found.contributes is rule.disposition


def suspected(findings: FindingSet, kb: KnowledgeBase) -> Disposition | None:
    found = only(findings, kb)
    return None if found is None or found.state is RuleState.FIRED else found.contributes


@pytest.mark.parametrize("rule", CLINICAL, ids=lambda rule: str(rule.id))
def test_the_vignettes_kill_every_mutant(rule: RedFlagRule) -> None:
    assert survives(rule, rule)
    alive = [what for what, mutant in mutants(rule) if survives(mutant, rule)]
    assert not alive
