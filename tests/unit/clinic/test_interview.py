"""The interview: what is asked when, why, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from soleus.clinic.interview import (
    MOST_PAGES,
    Ask,
    Emergency,
    InterviewState,
    Stop,
    answer,
    next_step,
    note_emergency,
    skip,
    suggestions,
)
from soleus.clinic.questions import (
    Page,
    harm_weight,
    is_due,
    is_safe,
    open_questions,
    page_score,
    pages,
    reassuring,
    self_tests_allowed,
)
from soleus.core.assessment import Disposition, NextQuestion
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId
from soleus.knowledge.base import Kind, KnowledgeBase
from soleus.triage import triage

DRAWN = {
    "age_band": "35_49",
    "sex_at_birth": "female",
    "pain_location": "upper_inner_calf",
    "side": "one",
    "onset_type": "sudden_sharp",
    "time_since_onset": "1_3d",
    "walk_ability": "limp",
    "improving_trend": "better",
    "pain_score_now": 4,
}


def found(**given: Answer) -> list[Finding]:
    return [Finding(id=FindingId(name), value=value) for name, value in given.items()]


def reply(ask: Ask, kb: KnowledgeBase, **given: Answer) -> list[Finding]:
    """No to every yes/no question, the drawn options, and "don't know" to the rest, unless given."""
    said: dict[str, Answer] = {**DRAWN, **given}
    return [
        Finding(id=name, value=said.get(name, False if kb.findings[name].kind is Kind.BOOLEAN else None))
        for name in ask.findings
    ]


def run(
    kb: KnowledgeBase, today: date, start: InterviewState | None = None, **given: Answer
) -> tuple[InterviewState, list[Ask], Stop | Emergency]:
    state, asked = start or InterviewState(), []
    while isinstance(step := next_step(state, kb, today), Ask):
        asked.append(step)
        state = answer(state, reply(step, kb, **given), kb)
        assert len(asked) < 60
    return state, asked, step


def screened(kb: KnowledgeBase) -> FindingSet:
    return FindingSet(Finding(id=f, value=False) for f, d in kb.findings.items() if d.critical_screen)


def test_the_must_ask_screens_come_first_and_cover_all_18(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today)
    critical = [name for step in asked if step.stage == "critical" for name in step.findings]
    assert len(critical) == len(set(critical)) == 18
    assert all(kb.findings[name].critical_screen for name in critical)
    stages = [step.stage for step in asked]
    assert stages[: stages.count("critical")] == ["critical"] * stages.count("critical")


def test_the_first_page_asks_for_the_lungs(kb: KnowledgeBase, today: date) -> None:
    step = next_step(InterviewState(), kb, today)
    assert isinstance(step, Ask)
    assert step.finding == "breathless_sudden"
    assert (step.screen, step.stage) == ("chest", "critical")
    assert step.why.text in kb.text
    assert step.remaining > 10


def test_an_ordinary_interview_is_short_and_settles(kb: KnowledgeBase, today: date) -> None:
    _, asked, end = run(kb, today)
    assert isinstance(end, Stop)
    assert len(asked) <= 25
    assert len({name for step in asked for name in step.findings}) == sum(len(step.findings) for step in asked)
    assert asked[-1].remaining >= 1


def test_the_same_answers_give_the_same_interview(kb: KnowledgeBase, today: date) -> None:
    first, second = run(kb, today), run(kb, today)
    assert first == second


def test_an_opening_question_of_a_screen_brings_the_screen(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today)
    swelling = next(step for step in asked if "swelling_visible" in step.findings)
    assert (swelling.stage, swelling.screen) == ("opening", "swelling")
    assert len(swelling.findings) > 5


def test_every_page_says_why(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today)
    assert {step.stage for step in asked} >= {"critical", "opening", "settle"}
    for step in asked:
        assert step.why.text in kb.text
        if step.stage == "information":
            assert step.separates
            assert set(step.why.params) <= {"a", "b"}


@pytest.mark.parametrize(
    ("name", "disposition"),
    [("breathless_sudden", Disposition.CALL_AMBULANCE), ("saddle_numbness", Disposition.EMERGENCY_NOW)],
)
def test_an_emergency_stops_at_once(kb: KnowledgeBase, today: date, name: str, disposition: Disposition) -> None:
    _, asked, end = run(kb, today, **{name: True})
    assert isinstance(end, Emergency)
    assert end.disposition is disposition
    assert end.rules
    assert name in asked[-1].findings


def test_after_an_emergency_was_noted_the_interview_goes_on(kb: KnowledgeBase, today: date) -> None:
    state = InterviewState(findings=FindingSet(found(saddle_numbness=True)))
    assert isinstance(next_step(state, kb, today), Emergency)
    noted = note_emergency(state, Disposition.EMERGENCY_NOW)
    assert isinstance(next_step(noted, kb, today), Ask)
    worse = answer(noted, found(breathless_sudden=True), kb)
    assert isinstance(next_step(worse, kb, today), Emergency)
    assert note_emergency(noted, Disposition.PHYSIO).noted is Disposition.EMERGENCY_NOW


def test_no_self_test_while_a_dangerous_rule_is_open(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today, onset_type="rest_or_night", swelling_visible=True, calf_warm=True)
    after = [name for step in asked for name in step.findings if kb.findings[name].self_test]
    at_swelling = next(i for i, step in enumerate(asked) if "swelling_visible" in step.findings)
    late = [name for step in asked[at_swelling + 1 :] for name in step.findings if kb.findings[name].self_test]
    assert late == []
    assert len(after) <= 2


def test_no_heel_raise_after_a_pop(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today, onset_type="sudden_pop", pop_or_snap=True)
    seen = [name for step in asked for name in step.findings]
    assert "pop_or_snap" in seen
    assert "heel_raise_single" not in seen
    assert "hop_test" not in seen


def test_dependent_questions_wait_for_their_parent(kb: KnowledgeBase) -> None:
    child = kb.findings[FindingId("pregnant_postpartum")]
    assert not is_due(child, FindingSet(), frozenset())
    assert is_due(child, FindingSet(found(sex_at_birth="female")), frozenset())
    assert not is_due(child, FindingSet(found(sex_at_birth="male")), frozenset())
    assert is_due(child, FindingSet(found(sex_at_birth=None)), frozenset())
    assert is_due(child, FindingSet(), frozenset({FindingId("sex_at_birth")}))
    harmless = kb.findings[FindingId("bruise_at_ankle")]
    assert not is_due(harmless, FindingSet(found(bruising=None)), frozenset())


def test_answering_no_medical_problems_saves_the_questions_it_answers(kb: KnowledgeBase) -> None:
    findings = FindingSet(found(no_medical_problems=True))
    left = open_questions(findings, frozenset(), triage(findings, kb), kb)
    assert FindingId("diabetes_cvd") not in left


def test_self_tests_need_a_certain_all_clear(kb: KnowledgeBase) -> None:
    heel = kb.findings[FindingId("heel_raise_single")]
    assert not is_safe(heel, FindingSet(), tests_allowed=True)
    everything = FindingSet(
        Finding(id=f, value=False if d.kind is Kind.BOOLEAN else DRAWN.get(f)) for f, d in kb.findings.items()
    )
    assert is_safe(heel, everything, tests_allowed=True)
    assert not is_safe(heel, everything, tests_allowed=False)
    assert not self_tests_allowed(triage(FindingSet(), kb), kb)
    assert not self_tests_allowed(replace(triage(everything, kb), failed=True), kb)


def test_supported_rules_are_settled_before_curiosity(kb: KnowledgeBase, today: date) -> None:
    _, asked, _ = run(kb, today, onset_type="gradual_days_weeks")
    stages = [step.stage for step in asked]
    assert "clot_history" in {step.screen for step in asked if step.stage == "settle"}
    if "information" in stages:
        assert stages.index("settle") < stages.index("information")


def test_a_clear_no_is_asked_for_before_self_care(kb: KnowledgeBase) -> None:
    settled = screened(kb).merged(found(onset_type="after_run_1_3d"))
    result = triage(FindingSet([*screened(kb)]), kb)
    assert result.disposition is Disposition.GP_ROUTINE
    assert set(reassuring(result)) == {n for n, floor in result.unanswered if floor is Disposition.GP_ROUTINE}
    persistent = settled.merged(found(time_since_onset="gt_3m", improving_trend="worse"))
    assert reassuring(triage(persistent, kb)) == ()


def test_the_red_questions_are_asked_when_nothing_else_stands(kb: KnowledgeBase, today: date) -> None:
    unsure: dict[str, Answer] = dict.fromkeys(kb.interview.opening)
    state = InterviewState(findings=screened(kb).merged(found(**{**unsure, "walk_ability": "normal"})))
    step = next_step(state, kb, today)
    assert isinstance(step, Ask)
    assert step.stage == "reassure"


def test_a_skipped_page_is_not_asked_again(kb: KnowledgeBase, today: date) -> None:
    first = next_step(InterviewState(), kb, today)
    assert isinstance(first, Ask)
    state = skip(InterviewState(), first.findings, kb)
    second = next_step(state, kb, today)
    assert isinstance(second, Ask)
    assert not set(first.findings) & set(second.findings)
    assert state.skipped == set(first.findings)
    back = answer(state, [Finding(id=name, value=False) for name in first.findings], kb)
    assert back.skipped == frozenset()
    assert back.pages == state.pages


def test_skipping_everything_ends_without_an_answer(kb: KnowledgeBase, today: date) -> None:
    state = InterviewState()
    while isinstance(step := next_step(state, kb, today), Ask):
        state = skip(state, step.findings, kb)
    assert isinstance(step, Stop)
    assert triage(state.findings, kb).disposition >= Disposition.SAME_DAY


def test_changing_an_answer_forgets_what_depended_on_it(kb: KnowledgeBase) -> None:
    state = answer(InterviewState(), found(sex_at_birth="female"), kb)
    state = answer(state, found(pregnant_postpartum=True, oestrogen=False), kb)
    changed = answer(state, found(sex_at_birth="male"), kb)
    assert FindingId("pregnant_postpartum") not in changed.findings
    assert changed.findings.answer(FindingId("oestrogen")) is False
    assert changed.pages == state.pages


def test_a_page_may_be_answered_in_part(kb: KnowledgeBase) -> None:
    page = [FindingId("low_back_pain"), FindingId("radiates_from_buttock")]
    state = answer(InterviewState(), found(low_back_pain=True), kb, page=page)
    assert state.pages == (tuple(page),)
    assert state.skipped == {"radiates_from_buttock"}


def test_the_limit_holds(kb: KnowledgeBase, today: date) -> None:
    state = InterviewState(
        findings=screened(kb).merged(found(**DRAWN, swelling_visible=False)),
        pages=tuple((FindingId("side"),) for _ in range(MOST_PAGES)),
    )
    assert next_step(state, kb, today) == Stop(reason="limit")


def test_nothing_left(kb: KnowledgeBase, today: date) -> None:
    everything = FindingSet(
        Finding(id=f, value=False if d.kind is Kind.BOOLEAN else DRAWN.get(f)) for f, d in kb.findings.items()
    )
    assert next_step(InterviewState(findings=everything), kb, today) == Stop(reason="nothing_left")


def test_the_onset_date_answers_for_the_time(kb: KnowledgeBase, today: date) -> None:
    start = InterviewState(onset_on=today - timedelta(days=2))
    _, asked, _ = run(kb, today, start)
    assert FindingId("time_since_onset") not in [name for step in asked for name in step.findings]


def test_pages_group_by_screen_and_leave_the_rest_single(kb: KnowledgeBase) -> None:
    wanted = [FindingId(f) for f in ("low_back_pain", "radiates_from_buttock", "improving_trend", "visible_cramp")]
    grouped = pages(wanted, kb)
    assert Page(screen="back", findings=(wanted[0], wanted[1])) in grouped
    assert Page(screen="", findings=(FindingId("visible_cramp"),)) in grouped
    assert grouped[-1] == Page(screen="", findings=(FindingId("improving_trend"),))
    assert pages(wanted, replace(kb, interview=type(kb.interview)()))[0].screen == ""


def test_harm_weighs_a_question(kb: KnowledgeBase) -> None:
    grave, benign = ConditionId("dvt"), ConditionId("calf_overload")
    posterior = {grave: 0.5, benign: 0.5}
    assert harm_weight([grave], posterior, kb) > harm_weight([benign], posterior, kb) >= 1.0
    assert harm_weight([], posterior, kb) == 1.0
    assert harm_weight([ConditionId("unheard_of")], {}, kb) == 1.0


def test_a_page_is_worth_more_than_its_best_item_but_less_than_the_sum() -> None:
    a, b = FindingId("a"), FindingId("b")
    worth = {f: NextQuestion(finding=f, information_bits=0.5, score=0.5) for f in (a, b)}
    both = page_score(Page(screen="s", findings=(a, b)), worth)
    assert 0.5 < both < 1.0


def test_suggestions_put_safety_first_and_hold_no_useless_question(kb: KnowledgeBase) -> None:
    nothing = suggestions(FindingSet(), triage(FindingSet(), kb), kb)
    assert len(nothing) == 8
    assert all(kb.findings[question.finding].critical_screen for question in nothing)
    known = screened(kb).merged(found(**DRAWN))
    later = suggestions(known, triage(known, kb), kb, most=100)
    assert later
    assert not any(kb.findings[question.finding].critical_screen for question in later)


@pytest.mark.parametrize("stage", ["critical", "opening", "settle", "reassure", "information", "information_one"])
def test_every_why_has_wording(kb: KnowledgeBase, stage: str) -> None:
    assert kb.text[f"interview.why.{stage}"]


def test_every_screen_and_stop_has_wording(kb: KnowledgeBase) -> None:
    assert all(f"interview.screen.{screen.id}.title" in kb.text for screen in kb.interview.screens)
    assert all(f"interview.screen.{screen.id}.title" in kb.text for screen in kb.interview.fact_screens)
    assert all(f"interview.stop.{reason}" in kb.text for reason in ("settled", "limit", "nothing_left"))


def test_the_fact_screens_ask_every_fact_that_answers_cannot_settle(kb: KnowledgeBase) -> None:
    asked = {fact for screen in kb.interview.fact_screens for fact in screen.items}
    worked_out = {"red_flag_unresolved", "suspected_dvt", "acute_compartment_signs", "suspected_achilles_rupture"}
    worked_out |= {"bsi_suspected_or_confirmed", "rhabdo_suspected", "age_lt_16", "age_16_17", "age_ge_65"}
    worked_out |= {f for f in kb.medicine_facts if f.startswith(("muscle_tear_", "gastrocnemius_tear_"))}
    assert asked | worked_out == set(kb.medicine_facts)
