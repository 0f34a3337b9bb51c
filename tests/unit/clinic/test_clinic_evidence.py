"""What follows from the date the pain began."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from soleus.clinic.evidence import TIME_SINCE_ONSET, case_evidence, onset_option, with_onset
from soleus.core.case import Case, Runner
from soleus.core.finding import Finding, FindingSet
from soleus.knowledge.base import KnowledgeBase


@pytest.mark.parametrize(
    ("days", "option"),
    [
        (0, "lt_24h"),
        (1, "1_3d"),
        (3, "1_3d"),
        (4, "4_14d"),
        (14, "4_14d"),
        (15, "2_6w"),
        (42, "2_6w"),
        (60, "6w_3m"),
        (92, "gt_3m"),
    ],
)
def test_days_become_options(days: int, option: str, kb: KnowledgeBase) -> None:
    assert onset_option(days) == option
    assert option in kb.findings[TIME_SINCE_ONSET].options


def test_the_date_answers_the_question_once(today: date) -> None:
    derived = with_onset(FindingSet(), today - timedelta(days=2), today)
    assert derived.answer(TIME_SINCE_ONSET) == "1_3d"
    said = FindingSet([Finding(id=TIME_SINCE_ONSET, value="gt_3m")])
    assert with_onset(said, today, today) is said


def test_no_date_or_a_date_ahead_says_nothing(today: date) -> None:
    assert TIME_SINCE_ONSET not in with_onset(FindingSet(), None, today)
    assert TIME_SINCE_ONSET not in with_onset(FindingSet(), today + timedelta(days=1), today)


def test_a_case_brings_runner_and_date(today: date) -> None:
    evidence = case_evidence(Case(runner=Runner(age_years=40), onset_on=today), today)
    assert {finding.id for finding in evidence} == {"age_band", TIME_SINCE_ONSET}
