"""Every diagnosis has a typical, an atypical and a look-alike picture; the differential must tell them apart.

The pictures were written from clinical descriptions, not from published cases, and no number was fitted to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from soleus.core.assessment import Disposition
from soleus.core.case import Case
from soleus.core.ids import ConditionId
from soleus.differential import engine_for
from soleus.knowledge import load_knowledge, load_yaml_strict
from soleus.readers.case_file import build_case
from soleus.triage import triage

PICTURES = sorted(Path(__file__).parent.glob("*.yaml"))
KINDS = ("typical", "atypical", "lookalike")


def read(path: Path) -> dict[str, Any]:
    document = load_yaml_strict(path.read_text(encoding="utf-8"), where=path.name)
    assert isinstance(document, dict)
    return document


def case_of(document: dict[str, Any]) -> Case:
    told = document["case"]
    runner = {"age_years": told["age_years"], "sex": told["sex"]}
    return build_case({"runner": runner, "answers": told["answers"], "exam": told.get("exam", {})}, load_knowledge())


def test_every_diagnosis_has_its_three_pictures() -> None:
    expected = {f"{c.id}_{kind}" for c in load_knowledge().diagnoses for kind in KINDS}
    assert {path.stem for path in PICTURES} == expected


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_the_differential_ranks_the_expected_cause(path: Path) -> None:
    document = read(path)
    posterior = engine_for(load_knowledge()).posterior(case_of(document).evidence())
    ranked = sorted(posterior, key=lambda cause: -posterior[cause])
    top = document["expect"]["top"]
    leaders = ranked[: top["within"]]
    assert set(top["conditions"]) & set(leaders), [(c, round(posterior[c], 3)) for c in ranked[:5]]
    if path.stem.endswith("_lookalike"):
        assert ranked[0] not in document["conditions"]


@pytest.mark.parametrize(
    "path", [p for p in PICTURES if "disposition_at_least" in read(p)["expect"]], ids=lambda path: path.stem
)
def test_dangerous_pictures_are_urgent_without_help_from_unanswered_questions(path: Path) -> None:
    document = read(path)
    kb = load_knowledge()
    evidence = case_of(document).evidence()
    posterior = engine_for(kb).posterior(evidence)
    fired = [rule.contributes for rule in triage(evidence, kb).fired if rule.contributes is not None]
    raised = [
        floor.disposition
        for floor in kb.floors
        if sum(posterior[ConditionId(c)] for c in floor.conditions) >= floor.threshold
    ]
    reached = max([*fired, *raised], default=Disposition.SELF_CARE)
    assert reached >= Disposition.from_slug(document["expect"]["disposition_at_least"])
