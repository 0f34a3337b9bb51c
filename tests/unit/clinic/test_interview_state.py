"""The saved interview: what goes in comes out, and damage is refused in words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from soleus.clinic.interview import InterviewState
from soleus.clinic.interview_state import MOST_FINDINGS, decode_state, encode_state, input_hash
from soleus.core.assessment import Disposition
from soleus.core.case import Case, Runner, Sex
from soleus.core.errors import AnswerError
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase

F = FindingId


def full_state() -> InterviewState:
    return InterviewState(
        findings=FindingSet(
            [
                Finding(id=F("calf_warm"), value=True),
                Finding(id=F("skin_red"), value=None),
                Finding(id=F("onset_type"), value=frozenset({"sudden_pop", "sudden_sharp"})),
                Finding(id=F("pain_score_now"), value=7),
                Finding(id=F("height_weight_bmi"), value=22.5, origin=Origin.MEASURED, observed_on=date(2026, 11, 1)),
                Finding(id=F("video_forefoot_strike"), value=None, likelihood={"true": 0.7, "false": 0.2}, note="dim"),
            ]
        ),
        pages=((F("calf_warm"), F("skin_red")), (F("onset_type"),)),
        skipped=frozenset({F("low_back_pain")}),
        noted=Disposition.EMERGENCY_NOW,
        onset_on=date(2026, 11, 20),
    )


def test_a_state_survives_json(kb: KnowledgeBase) -> None:
    state = full_state()
    assert decode_state(json.loads(json.dumps(encode_state(state))), kb) == state


def test_an_empty_state_is_tiny(kb: KnowledgeBase) -> None:
    assert encode_state(InterviewState()) == {"v": 1, "a": {}}
    assert decode_state({"v": 1}, kb) == InterviewState()


def test_findings_no_longer_known_are_dropped(kb: KnowledgeBase) -> None:
    data = {
        "v": 1,
        "a": {"long_gone": True, "calf_warm": True},
        "p": [["long_gone"], ["calf_warm"]],
        "s": ["long_gone"],
    }
    state = decode_state(data, kb)
    assert [finding.id for finding in state.findings] == ["calf_warm"]
    assert state.pages == (("calf_warm",),)
    assert state.skipped == frozenset()


@pytest.mark.parametrize(
    "damage",
    [
        None,
        [],
        {},
        {"v": 2},
        {"v": 1, "a": []},
        {"v": 1, "a": {"calf_warm": {"x": 1}}},
        {"v": 1, "a": {"pain_score_now": float("inf")}},
        {"v": 1, "a": {"onset_type": ["sudden_pop", 3]}},
        {"v": 1, "p": "calf_warm"},
        {"v": 1, "p": ["calf_warm"]},
        {"v": 1, "s": {}},
        {"v": 1, "e": "tomorrow"},
        {"v": 1, "o": "tomorrow"},
        {"v": 1, "a": {"calf_warm": True}, "n": {"calf_warm": {"origin": "gossip"}}},
        {"v": 1, "a": {"calf_warm": True}, "n": {"calf_warm": {"on": "never"}}},
        {"v": 1, "a": {"calf_warm": True}, "n": {"calf_warm": {"likelihood": {"true": "much"}}}},
        {"v": 1, "a": {"calf_warm": True}, "n": {"calf_warm": {"likelihood": {"true": True}}}},
        {"v": 1, "a": {f"f{i}": True for i in range(MOST_FINDINGS + 1)}},
        {1: 2},
    ],
)
def test_damage_is_refused_in_words(damage: object, kb: KnowledgeBase) -> None:
    with pytest.raises(AnswerError) as refused:
        decode_state(damage, kb)
    assert str(refused.value)


def test_the_hash_follows_what_decides_and_nothing_else(kb: KnowledgeBase) -> None:
    case = Case(
        id="a",
        runner=Runner(age_years=40, sex=Sex.MALE),
        findings=FindingSet([Finding(id=F("calf_warm"), value=True), Finding(id=F("skin_red"), value=False)]),
        facts=(("asthma", False), ("pad", True)),
        onset_on=date(2026, 11, 20),
    )
    same = replace(
        case,
        id="b",
        findings=FindingSet([Finding(id=F("skin_red"), value=False), Finding(id=F("calf_warm"), value=True)]),
        facts=(("pad", True), ("asthma", False)),
    )
    assert len(input_hash(case, kb)) == 64
    assert input_hash(case, kb) == input_hash(same, kb)
    others = [
        replace(case, runner=Runner(age_years=41, sex=Sex.MALE)),
        replace(case, findings=case.findings.without(F("skin_red"))),
        replace(case, facts=()),
        replace(case, onset_on=None),
    ]
    hashes = {input_hash(case, kb), *(input_hash(other, kb) for other in others)}
    hashes.add(input_hash(case, replace(kb, content_hash="other")))
    assert len(hashes) == 6
