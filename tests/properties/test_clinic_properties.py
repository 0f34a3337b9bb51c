"""Safety of the whole composition over random cases: advice, assessment, interview."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.clinic import assess
from soleus.clinic.interview import MOST_PAGES, Ask, Emergency, InterviewState, Stop, answer, next_step, skip
from soleus.clinic.interview_state import decode_state, encode_state
from soleus.clinic.questions import self_tests_allowed
from soleus.clinic.referral import build_referral
from soleus.clinic.summary import summarise
from soleus.core.assessment import Disposition, RuleState
from soleus.core.case import Case, Runner, Sex
from soleus.core.expression import Answer, Truth, evaluate
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Kind
from soleus.planning.facts import is_suspected
from soleus.planning.relief import PRESSING_ITEMS, first_advice
from soleus.triage import triage

KB = load_knowledge()
TODAY = date(2026, 11, 22)
NSAIDS = {a.id for a in KB.adjuncts if a.medicine and KB.medicines[a.medicine]["nsaid"] is True}
MEDICINES = {a.id for a in KB.adjuncts if a.medicine}
LOADING = {a.id for a in KB.adjuncts if a.loads_calf}
MOST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(definition: FindingDefinition) -> st.SearchStrategy[Answer]:
    if definition.kind is Kind.BOOLEAN:
        return st.sampled_from([False, False, False, True, None])
    if definition.kind is Kind.CHOICE:
        return st.sampled_from([*definition.options, None])
    return st.integers(int(definition.low or 0), int(definition.high or 10))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with most must-ask questions denied, so that not every one is an emergency."""
    calm = draw(st.booleans())
    names = draw(st.sets(st.sampled_from(sorted(KB.findings)), max_size=60))
    given = {name: draw(values(KB.findings[name])) for name in sorted(names)}
    if calm:
        given |= {name: False for name, d in KB.findings.items() if d.critical_screen}
    facts = draw(st.dictionaries(st.sampled_from(KB.medicine_facts), st.booleans()))
    if draw(st.booleans()):
        facts = dict.fromkeys(KB.medicine_facts, False) | facts
    return Case(
        runner=Runner(age_years=draw(st.none() | st.floats(5, 95)), sex=draw(st.sampled_from(Sex))),
        findings=FindingSet(Finding(id=FindingId(name), value=value) for name, value in given.items()),
        facts=tuple(sorted(facts.items())),
        onset_on=draw(st.none() | st.integers(-5, 200).map(lambda days: TODAY - timedelta(days=days))),
    )


@MOST
@given(cases())
def test_an_assessment_never_raises_and_never_falls_below_its_rules(case: Case) -> None:
    result = assess(case, KB, TODAY)
    assert result.problems == ()
    assert result.disposition >= result.triage.disposition
    assert all(result.disposition >= floor.disposition for floor in result.floors)
    assert assess(case, KB, TODAY) == result
    summary = summarise(result, case, KB)
    assert summary.card.reasons
    assert len(summary.safety_net) == 5
    assert sum(line.n for line in summary.causes) + summary.something_else == 100
    assert build_referral(result, case, KB).urgency is result.disposition


@MOST
@given(
    st.dictionaries(
        st.sampled_from([*sorted(KB.findings), "unheard_of"]), st.sampled_from([True, "nonsense", -1, 1e9, None])
    )
)
def test_damaged_answers_still_give_a_cautious_assessment(given_answers: dict[str, Answer]) -> None:
    case = Case(findings=FindingSet(Finding(id=FindingId(name), value=value) for name, value in given_answers.items()))
    result = assess(case, KB, TODAY)
    assert result.disposition >= Disposition.SAME_DAY


@MOST
@given(cases())
def test_advice_holds_the_safety_invariants(case: Case) -> None:
    result = assess(case, KB, TODAY)
    offered = {item.id for item in result.advice}
    withheld = {item.id for item in result.withheld}
    rules = {rule.id: rule for rule in KB.rules}
    open_tags = {tag for o in result.triage.rules if is_suspected(o) for tag in rules[o.id].tags}
    supported = {tag for o in result.triage.rules if o.state is RuleState.FIRED for tag in rules[o.id].tags}
    assert not offered & withheld
    assert all(item.because for item in result.withheld)
    if result.disposition >= Disposition.EMERGENCY_NOW:  # I11
        assert offered <= {"stop_running"}
    if result.disposition >= Disposition.SAME_DAY:
        assert not offered & (MEDICINES | LOADING)
    if (open_tags | supported) & {"dvt", "svt", "ischaemia", "compartment"}:  # I14
        assert not offered & PRESSING_ITEMS
    if (open_tags | supported) & {"bleed", "rhabdo", "compartment"}:  # I13
        assert not offered & NSAIDS
    assert len(offered & NSAIDS) <= 1
    evidence = case.evidence()
    age = case.runner.age_years
    minor = (age is not None and age < 18) or evidence.answer(FindingId("age_band")) == "u18"
    if minor or (age is None and evidence.answer(FindingId("age_band")) is None):
        assert not offered & MEDICINES
    if evidence.answer(FindingId("pregnant_postpartum")) is True or dict(case.facts).get("pregnant"):
        assert not offered & MEDICINES
    if (
        evidence.answer(FindingId("anticoagulant")) is not False
        or evidence.answer(FindingId("dark_urine")) is not False
    ):
        assert not offered & NSAIDS
    for item in offered & MEDICINES:
        medicine = next(a.medicine for a in KB.adjuncts if a.id == item)
        for rule in KB.medicine_rules:
            if medicine in rule.medicines and rule.action == "block":
                assert not any(dict(case.facts).get(fact) for fact in rule.any_of)


@MOST
@given(cases(), st.sampled_from(KB.medicine_facts))
def test_a_contraindication_never_adds_advice(case: Case, fact: str) -> None:
    evidence = case.evidence()
    result = triage(evidence, KB)
    age = case.runner.age_years
    offered = {}
    for said in (True, False):
        facts = dict(case.facts) | {fact: said}
        advice, _ = first_advice(evidence, result, {}, facts, age, KB)
        offered[said] = {item.id for item in advice}
    # Only the anti-inflammatories stand in for one another: when one falls away, the next may be offered.
    assert offered[True] - NSAIDS <= offered[False] - NSAIDS


@MOST
@given(cases(), st.sampled_from(sorted(f for f, d in KB.findings.items() if d.critical_screen)))
def test_more_bad_news_never_lowers_the_rules_and_the_result_never_falls_below_them(case: Case, name: str) -> None:
    order = []
    for value in (False, None, True):
        changed = case.findings.replaced(Finding(id=FindingId(name), value=value))
        result = assess(Case(runner=case.runner, findings=changed, facts=case.facts), KB, TODAY)
        assert result.disposition >= result.triage.disposition
        order.append(result.triage.disposition)
    assert order == sorted(order)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_interview_ends_is_safe_and_can_be_saved(data: st.DataObject) -> None:
    state = InterviewState()
    seen: set[FindingId] = set()
    optional = 0
    while isinstance(step := next_step(state, KB, TODAY), Ask):
        allowed = self_tests_allowed(triage(state.findings, KB), KB)
        for name in step.findings:
            definition = KB.findings[name]
            assert name not in seen
            assert "runner" in definition.asked_of
            assert allowed or not definition.self_test  # I12
            if definition.unsafe_if is not None:
                assert evaluate(definition.unsafe_if, state.findings.answer) is Truth.FALSE
        seen |= set(step.findings)
        optional += step.stage != "critical"
        assert 1 <= step.remaining <= 40
        if data.draw(st.integers(0, 9)) == 0:
            state = skip(state, step.findings, KB)
        else:
            said = [Finding(id=name, value=data.draw(values(KB.findings[name]))) for name in step.findings]
            if data.draw(st.integers(0, 3)):
                said = [Finding(id=f.id, value=False) if KB.findings[f.id].critical_screen else f for f in said]
            state = answer(state, said, KB)
        assert decode_state(encode_state(state), KB) == state
    assert optional <= MOST_PAGES
    assert isinstance(step, Stop | Emergency)
    if isinstance(step, Emergency):
        assert triage(state.findings, KB).disposition is step.disposition
