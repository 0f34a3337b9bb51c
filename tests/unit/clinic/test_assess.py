"""The assessment: the highest layer wins, and a failing part becomes caution."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date

import pytest

from soleus.clinic import assess
from soleus.clinic.assess import reached_floors, shared_urgency
from soleus.core.assessment import Cause, Differential, Disposition
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import ConditionId, FindingId
from soleus.knowledge.base import Kind, KnowledgeBase

assess_module = importlib.import_module("soleus.clinic.assess")
"""The module; the package shows the function under the same name."""


def case_of(kb: KnowledgeBase, *, facts: tuple[tuple[str, bool], ...] = (), **given: Answer) -> Case:
    no: dict[str, Answer] = {
        f: False for f, d in kb.findings.items() if d.kind is Kind.BOOLEAN and "runner" in d.asked_of
    }
    return Case(
        runner=Runner(age_years=40, sex=Sex.MALE),
        findings=FindingSet(Finding(id=FindingId(f), value=v) for f, v in {**no, **given}.items()),
        facts=facts,
    )


def differential(**probabilities: float) -> Differential:
    causes = sorted(probabilities.items(), key=lambda item: -item[1])
    return Differential(
        causes=tuple(Cause(condition=ConditionId(c), probability=p, low=p, high=p) for c, p in causes), contributors=()
    )


def test_an_empty_case_is_seen_today(kb: KnowledgeBase, today: date) -> None:
    result = assess(Case(), kb, today)
    assert result.disposition is Disposition.SAME_DAY
    assert result.problems == ()
    assert result.differential is not None
    assert result.next_questions
    assert result.assessed_on == today
    assert result.knowledge_version == kb.version
    assert len(result.input_hash) == 64


def test_the_same_case_gives_the_same_answer(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, onset_type="sudden_sharp")
    assert assess(case, kb, today) == assess(case, kb, today)


def test_an_emergency_rule_wins_over_every_probability(kb: KnowledgeBase, today: date) -> None:
    result = assess(case_of(kb, breathless_sudden=True), kb, today)
    assert result.disposition is Disposition.CALL_AMBULANCE
    assert {item.id for item in result.advice} == {"stop_running"}


def test_an_overdose_is_an_emergency(kb: KnowledgeBase, today: date) -> None:
    result = assess(case_of(kb, facts=(("staggered_overdose", True),)), kb, today)
    assert result.disposition is Disposition.EMERGENCY_NOW


def test_conflicts_are_shown(kb: KnowledgeBase, today: date) -> None:
    case = case_of(kb, calf_warm=False)
    seen = Finding(id=FindingId("calf_warm"), value=True, origin=Origin.CLINICIAN)
    result = assess(replace(case, findings=case.findings.merged([seen])), kb, today)
    assert [conflict.kept for conflict in result.conflicts] == [seen]


def test_floors_are_reached_at_their_threshold(kb: KnowledgeBase) -> None:
    assert reached_floors(None, kb) == ()
    assert reached_floors(differential(dvt=0.001, calf_overload=0.999), kb) == ()
    reached = reached_floors(differential(dvt=0.3, calf_overload=0.7), kb)
    assert [floor.disposition for floor in reached] == sorted((f.disposition for f in reached), reverse=True)
    assert reached[0].conditions == ("dvt",)
    assert reached[0].probability == pytest.approx(0.3)


def test_causes_speak_together_for_the_urgency_they_ask_for(kb: KnowledgeBase) -> None:
    assert shared_urgency(None, kb) is Disposition.SELF_CARE
    assert shared_urgency(Differential(causes=(), contributors=()), kb) is Disposition.SELF_CARE
    assert shared_urgency(differential(soleus_strain=0.4), kb) is Disposition.PHYSIO
    assert shared_urgency(differential(soleus_strain=0.39), kb) is Disposition.SELF_CARE
    assert shared_urgency(differential(paes=0.13, pad_claudication=0.12), kb) is Disposition.GP_ROUTINE
    assert shared_urgency(differential(cellulitis=0.12, bakers_cyst_ruptured=0.08), kb) is Disposition.SAME_DAY
    assert shared_urgency(differential(cauda_equina=0.9), kb) is Disposition.SAME_DAY
    assert shared_urgency(differential(unheard_of=0.9), kb) is Disposition.SELF_CARE


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("evidence", "case_evidence"),
        ("triage", "triage"),
        ("differential", "engine_for"),
        ("medicines", "urgent_medicine_rules"),
        ("questions", "suggestions"),
        ("advice", "first_advice"),
        ("input_hash", "input_hash"),
    ],
)
def test_a_failing_part_becomes_caution(
    part: str, name: str, kb: KnowledgeBase, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(assess_module, name, broken)
    result = assess(case_of(kb, onset_type="after_run_1_3d"), kb, today)
    assert part in result.problems
    assert result.disposition >= Disposition.SAME_DAY
    offered = {item.id for item in result.advice}
    assert not offered & {"paracetamol", "ibuprofen", "ibuprofen_gel", "diclofenac_gel", "massage", "keep_moving"}
    if part == "triage":
        assert result.triage.failed
    if part == "differential":
        assert result.differential is None


def test_a_part_that_fails_never_lowers_an_emergency(
    kb: KnowledgeBase, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assess_module, "engine_for", None)
    result = assess(case_of(kb, coughing_blood=True), kb, today)
    assert result.disposition is Disposition.CALL_AMBULANCE
    assert "differential" in result.problems


def test_a_damaged_answer_is_caution_not_silence(kb: KnowledgeBase, today: date) -> None:
    result = assess(case_of(kb, onset_type="yesterday"), kb, today)
    assert "differential" in result.problems
    assert result.disposition >= Disposition.SAME_DAY
