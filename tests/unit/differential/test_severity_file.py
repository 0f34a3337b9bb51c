"""severity.yaml: what does not resolve is reported, and the rest still works."""

from __future__ import annotations

from dataclasses import replace

import pytest
from differential_kb import condition, definition, distribution, number

from soleus.core.ids import ConditionId, FindingId
from soleus.knowledge.base import Distribution, Number, SeverityModel
from soleus.knowledge.schema import NumberEntry, SeverityFile, TableEntry
from soleus.knowledge.severity import build_severity

YES = {"value": 0.5, "interval": [0.2, 0.8], "basis": "expert"}
EVEN = {"options": {"mild": 0.5, "severe": 0.5}, "basis": "expert"}
FILE = {
    "schema": "severity/1",
    "grades": ["mild", "severe"],
    "discount": {**YES, "value": 0.6},
    "prior": EVEN,
    "priors": {"strain": EVEN},
    "findings": {"pop": {"mild": YES, "severe": YES}},
}
FINDINGS = {FindingId("pop"): definition("pop"), FindingId("odd"): definition("odd")}
STRAIN = condition("strain", prior=number(0.5), grading=True)
CONDITIONS = {STRAIN.id: STRAIN, ConditionId("cramp"): replace(STRAIN, id=ConditionId("cramp"), grading=False)}


def build(**changes: object) -> tuple[SeverityModel, list[tuple[str | int, ...]]]:
    faults: list[tuple[str | int, ...]] = []

    def read(finding: str, entry: NumberEntry | TableEntry) -> Number | Distribution | None:
        return None if finding == "odd" or isinstance(entry, TableEntry) else number(entry.value)

    model = build_severity(
        SeverityFile.model_validate({**FILE, **changes}),
        FINDINGS,
        CONDITIONS,
        read_number=read,
        read_table=lambda entry, states: distribution({state: entry.options.get(state, 0.0) for state in states}),
        report=lambda path, problem: faults.append(path),
    )
    return model, faults


def test_a_sound_file() -> None:
    model, faults = build()
    assert faults == []
    assert model.grades == ("mild", "severe")
    assert model.discount == 0.6
    assert list(model.priors) == ["strain"]
    assert set(model.findings[FindingId("pop")]) == {"mild", "severe"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"prior": {"options": {"mild": 1.0}, "basis": "expert"}}, ("prior",)),
        ({"priors": {"cramp": EVEN}}, ("priors", "cramp")),
        ({"priors": {"unheard": EVEN}}, ("priors", "unheard")),
        ({"findings": {"unheard": {"mild": YES, "severe": YES}}}, ("findings", "unheard")),
        ({"findings": {"pop": {"mild": YES}}}, ("findings", "pop")),
    ],
)
def test_what_dangles_is_reported(changes: dict[str, object], fault: tuple[str, ...]) -> None:
    assert build(**changes)[1] == [fault]


def test_a_finding_that_cannot_be_read_is_left_out() -> None:
    model, _ = build(findings={"odd": {"mild": YES, "severe": YES}})
    assert model.findings == {}
