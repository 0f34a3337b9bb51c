"""What a file of care may say about plans."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from soleus.knowledge import load_knowledge
from soleus.knowledge.schema import AdjunctFile

KB = load_knowledge()
ENTRY = {"schema": "adjunct/1", "id": "x", "category": "care", "max_disposition": "physio", "evidence": "expert"}


def test_an_item_is_for_first_advice_and_plans_unless_it_says_otherwise() -> None:
    plain = AdjunctFile.model_validate(ENTRY)
    assert [plain.plan_only, plain.first_only, plain.throughout, plain.with_running] == [False] * 4
    assert [plain.wants, plain.contraindications] == [[], []]
    assert AdjunctFile.model_validate({**ENTRY, "plan_only": True}).plan_only
    assert AdjunctFile.model_validate({**ENTRY, "first_only": True}).first_only


def test_an_item_for_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="plans only and for the first advice only"):
        AdjunctFile.model_validate({**ENTRY, "plan_only": True, "first_only": True})


def test_what_the_files_say_reaches_the_planner() -> None:
    items = {item.id: item for item in KB.adjuncts}
    assert items["shoe_carbon"].wants == {"carbon_shoes"}
    assert items["shoe_carbon"].plan_only
    assert "run_gate_not_passed" in items["shoe_carbon"].contraindications
    assert items["stop_running"].first_only
    assert items["sleep"].throughout
    assert items["flex_before"].with_running
    assert len(items) == 46


def test_published_times_reach_the_planner_with_all_their_figures() -> None:
    observed = KB.plans.observed
    assert len(observed) == 26
    assert observed["soleus_green2020"].elite
    assert observed["hoenig_fibula"].ci95_days == (13, 100)
    assert observed["nielsen_all"].range_days == (9, 617)
    assert observed["mulvad_at"].iqr_width_days == 165
    assert KB.plans.priors["cecs"].counts_from == "start"
    assert all(name in observed for prior in KB.plans.priors.values() for name in prior.observed)
