"""Care in a plan, over thousands of generated runners: nothing vetoed is ever in it.

The vetoes are checked here anew from the data of each item, not with the planner's own functions.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.case import Runner
from soleus.core.expression import Truth, evaluate
from soleus.core.finding import Finding, FindingSet
from soleus.core.goals import Goals, Measured
from soleus.core.ids import ConditionId, FamilyId, FindingId, MeasureId
from soleus.core.plan import CareItem
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Adjunct, Kind
from soleus.knowledge.plan_base import MeasureDefinition
from soleus.planning.care import TECHNIQUE, Course, plan_care, wishes
from soleus.planning.contraindications import vetoed_by
from soleus.planning.facts import age_bands, is_open
from soleus.planning.measures import known_measures
from soleus.planning.phases import steps
from soleus.planning.situation import Situation
from soleus.planning.technique import technique_advice

KB = load_knowledge()
TODAY = date(2026, 11, 23)
ITEMS = {item.id: item for item in KB.adjuncts}
NSAIDS = {a.id for a in KB.adjuncts if a.medicine and KB.medicines[a.medicine]["nsaid"] is True}
NO_TO_ALL = {f: False for f, d in KB.findings.items() if d.kind is Kind.BOOLEAN}
CAUSES = sorted(condition.id for condition in KB.diagnoses)
FAMILIES = sorted(KB.plans.families)
DANGERS = sorted(c.id for c in KB.diagnoses if c.dangerous)
POSTERIOR_TROUBLE = (
    "gastrocnemius_strain", "soleus_strain", "calf_overload", "achilles_tendinopathy_mid",
    "achilles_tendinopathy_insertional", "achilles_rupture", "cecs_posterior", "paes",
)  # fmt: skip
READ_BY_ITEMS = sorted(
    {"onset_type", "time_since_onset", "walk_ability", "video_forefoot_strike", "video_low_cadence_overstride"}
    | {"anticoagulant", "dark_urine", "calf_tense_hard_at_rest", "tingle_foot_rest", "skin_break", "pop_or_snap"}
    | {"low_energy_menstrual", "previous_bone_stress", "pregnant_postpartum", "fever_unwell", "foot_cold_pale_rest"}
)
MANY = settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def runners(draw: st.DrawFn) -> tuple[Situation, Course]:
    """Mostly calm runners, so that most items are offered, with a few things that are not calm at all."""
    family = KB.plans.families[draw(st.sampled_from(FAMILIES))]
    lead = family.conditions[0][0]
    answers: dict[str, object] = {
        **NO_TO_ALL,
        "onset_type": draw(st.sampled_from(["gradual_days_weeks", "after_run_1_3d", "sudden_sharp"])),
        "time_since_onset": draw(st.sampled_from(KB.findings[FindingId("time_since_onset")].options)),
        "walk_ability": draw(st.sampled_from(["normal", "normal", "limp"])),
        "pain_location": draw(st.sampled_from(["upper_inner_calf", "deep_lower_calf", "achilles_mid", None])),
        "video_forefoot_strike": draw(st.booleans()),
        "video_low_cadence_overstride": draw(st.booleans()),
    }
    for name in draw(st.lists(st.sampled_from(READ_BY_ITEMS), max_size=3)):
        definition = KB.findings[FindingId(name)]
        options = [True, False, None] if definition.kind is Kind.BOOLEAN else [*definition.options, None]
        answers[name] = draw(st.sampled_from(options))
    evidence = FindingSet(Finding(id=FindingId(f), value=v) for f, v in answers.items())  # type: ignore[arg-type]
    facts: dict[str, bool | None] = dict.fromkeys(KB.medicine_facts, False)
    calm = draw(st.booleans())
    for fact in draw(st.lists(st.sampled_from(KB.medicine_facts), max_size=0 if calm else 3)):
        facts[fact] = draw(st.sampled_from([True, None]))
    posterior = {ConditionId(lead): draw(st.sampled_from([0.35, 0.6, 0.9]))}
    for cause in draw(st.lists(st.sampled_from(CAUSES), max_size=2)):
        posterior[cause] = draw(st.sampled_from([0.01, 0.03, 0.1, 0.3]))
    rules = tuple(
        RuleOutcome(
            id=rule.id,
            state=draw(st.sampled_from([RuleState.FIRED, RuleState.UNDETERMINED])),
            contributes=rule.disposition,
            because=(),
        )
        for rule in draw(st.lists(st.sampled_from(KB.rules), max_size=0 if calm else 1))
    )
    said = draw(st.sampled_from([Disposition.PHYSIO] * 4 + list(Disposition)))
    age = draw(st.sampled_from([16.0, 40.0, 40.0, 70.0, None]))
    triage = TriageResult(
        disposition=said,
        rules=rules,
        unanswered=(),
        wells=WellsScore(points=0, counted=(), unknown=()),
        failed=draw(st.integers(0, 19)) == 0,
    )
    goals = Goals(
        wants=draw(st.frozensets(st.sampled_from(["minimal_shoes", "carbon_shoes", "orthoses", "forefoot"]))),
        arch=draw(st.sampled_from(["flat", "high", "usual", "unknown"])),
        measures=draw(st.sampled_from([(), STRONG])),
        cleared_by=draw(st.sampled_from(["", "physiotherapist"])),
    )
    onset = draw(st.none() | st.integers(0, 150).map(lambda days: TODAY - timedelta(days=days)))
    situation = Situation(
        evidence=evidence,
        triage=triage,
        posterior=posterior if draw(st.integers(0, 19)) else None,
        facts=facts,
        ages=age_bands(evidence, age),
        disposition=max(said, draw(st.sampled_from([Disposition.SELF_CARE] * 5 + [Disposition.SAME_DAY]))),
        kb=KB,
        goals=goals,
        runner=Runner(age_years=age),
        onset_on=onset,
        today=TODAY,
        measures=known_measures(evidence, goals, onset, TODAY, KB),
    )
    if draw(st.integers(0, 5)) == 0:
        return situation, Course(also=draw(st.sets(st.sampled_from(sorted(ITEMS)), max_size=3)))
    taken = steps((family,), situation)
    return situation, Course(
        families=(FamilyId(family.id),),
        phases=tuple(step.phase for step in taken),
        current=next(step.phase.id for step in taken if step.current),
        then={step.phase.id: step.then for step in taken},
        also=draw(st.sets(st.sampled_from(sorted(ITEMS)), max_size=2)),
    )


def best(measure: MeasureDefinition) -> float | bool:
    """The value that no criterion could ask more of."""
    if measure.kind == "boolean":
        return measure.better == "higher"
    return measure.high if measure.better == "higher" else measure.low


STRONG = tuple(
    Measured(measure=measure.id, value=best(measure), on=TODAY, pain_nrs=0)
    for measure in KB.plans.measures.values()
    if not measure.clinician_only and measure.id != MeasureId("days_since_onset")
)
"""Every test passed: gates open, so that the items behind them are reached too."""


def faults(item: Adjunct, situation: Situation) -> list[str]:
    """What speaks against an item by its own data."""
    found = [f"fact {fact}" for fact in item.needs_facts if situation.facts[fact] is not False]
    found += [f"cause {c}" for c, limit in item.never_with_conditions.items() if situation.probability([c]) >= limit]
    tags = {rule.id: rule.tags for rule in KB.rules}
    for outcome in situation.triage.rules:
        if tags[outcome.id] & item.never_with_tags and is_open(outcome, KB):
            found.append(f"rule {outcome.id}")
    if item.never_if is not None and evaluate(item.never_if, situation.answer) is not Truth.FALSE:
        found.append("answer")
    if situation.disposition > item.max_disposition:
        found.append("urgency")
    if item.medicine is not None:
        if not situation.ages or "u18" in situation.ages or situation.facts["pregnant"] is not False:
            found.append("age or pregnancy")
        for rule in KB.medicine_rules:
            if item.medicine in rule.medicines:
                strict = [f for f in rule.any_of if rule.overrides.get(f, rule.action) != "warn"]
                found += [f"{rule.id} {fact}" for fact in strict if situation.facts[fact] is not False]
    if situation.triage.failed and (item.loads_calf or item.medicine or item.never_with_tags):
        found.append("triage failed")
    if situation.posterior is None and (item.loads_calf or item.medicine or item.never_with_conditions):
        found.append("differential failed")
    return found


def in_plan(situation: Situation, course: Course) -> tuple[dict[str, CareItem], set[str]]:
    care, held = plan_care(situation, course)
    technique, held_technique = technique_advice(situation, course)
    assert all(item.category not in TECHNIQUE for item in care)
    assert all(item.category in TECHNIQUE for item in technique)
    withheld = [*held, *held_technique]
    assert all(item.because for item in withheld)
    kept = {item.advice.id: item for item in (*care, *technique)}
    assert len(kept) == len(care) + len(technique)
    return kept, {item.id for item in withheld}


@MANY
@given(runners())
def test_nothing_vetoed_is_in_the_plan(made: tuple[Situation, Course]) -> None:
    situation, course = made
    kept, withheld = in_plan(situation, course)
    assert not kept.keys() & withheld
    assert len(kept.keys() & NSAIDS) <= 1
    ids = [phase.id for phase in course.phases]
    for name, care in kept.items():
        item = ITEMS[name]
        assert faults(item, situation) == [], name
        assert list(care.phases) == [phase for phase in ids if phase in care.phases], name
        for phase in care.phases or ids or [""]:
            then = situation if phase == course.current else course.then.get(phase, situation)
            assert vetoed_by(item.contraindications, then, course.families) == (), (name, phase)


@MANY
@given(runners())
def test_technique_keeps_to_what_evidence_supports(made: tuple[Situation, Course]) -> None:
    situation, course = made
    kept, _ = in_plan(situation, course)
    running = {phase.id for phase in course.phases if phase.run != "none"}
    for name, care in kept.items():
        if ITEMS[name].with_running and course.phases:
            assert care.phases
            assert set(care.phases) <= running
        if ITEMS[name].wants and not ITEMS[name].for_conditions:
            assert ITEMS[name].wants & wishes(situation)
    if any(situation.probability([ConditionId(c)]) >= 0.3 for c in POSTERIOR_TROUBLE):
        assert "technique_forefoot" not in kept
    for name in ("technique_flatter", "technique_cadence", "technique_forefoot", "flex_after"):
        sudden = situation.answer(FindingId("onset_type")) in ("sudden_pop", "sudden_sharp", "direct_blow")
        fresh = situation.answer(FindingId("time_since_onset")) in ("lt_24h", "1_3d", "4_14d")
        assert name not in kept or not (sudden and fresh)


@MANY
@given(runners(), st.sampled_from(KB.medicine_facts), st.sampled_from([True, None]))
def test_bad_news_and_ignorance_never_add_care(made: tuple[Situation, Course], fact: str, value: bool | None) -> None:
    situation, course = made
    calm = replace(situation, facts={**situation.facts, fact: False})
    worse = replace(situation, facts={**situation.facts, fact: value})
    course = replace(course, then={})
    # Only the anti-inflammatories stand in for one another: when one falls away, the next may be offered.
    assert in_plan(worse, course)[0].keys() - NSAIDS <= in_plan(calm, course)[0].keys() - NSAIDS


@MANY
@given(runners(), st.sampled_from(DANGERS), st.sampled_from(list(Disposition)))
def test_more_danger_never_adds_care(made: tuple[Situation, Course], danger: ConditionId, urgency: Disposition) -> None:
    situation, course = made
    course = replace(course, then={})
    ill = {**(situation.posterior or {}), danger: 0.5}
    worse = replace(
        situation,
        posterior=None if situation.posterior is None else ill,
        disposition=max(situation.disposition, urgency),
    )
    own = {name for name, item in ITEMS.items() if danger in item.for_conditions}
    assert in_plan(worse, course)[0].keys() - NSAIDS - own <= in_plan(situation, course)[0].keys() - NSAIDS
