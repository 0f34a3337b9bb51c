"""The safety invariants I01 to I20, over all combinations of answers where a solver can tell, else by structure.

The formulas come from the packaged knowledge base itself, and `test_the_encoding_is_the_engine` checks that they
say what the engine does.
"""

from __future__ import annotations

import dataclasses
import inspect
import random
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
import z3
from encoding import (
    LEVELS,
    REASSURING,
    Encoding,
    as_findings,
    both,
    counterexample,
    either,
    in_words,
    no_better,
    proves,
    solver,
    variables_of,
)

import soleus.triage.engine as engine_module
from soleus.core.assessment import Disposition
from soleus.core.expression import Expression, iter_atoms
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge.base import Adjunct, FindingDefinition, Flag, Kind, KnowledgeBase, RedFlagRule
from soleus.triage import triage
from soleus.triage.ratchet import Earlier, held

SAME_DAY, GP = Disposition.SAME_DAY, Disposition.GP_ROUTINE
COLOUR = {"skin_red", "redness_spreading", "foot_blue_mottled", "leg_colour_change", "skin_blister_purple"}
ALTERNATIVE = FindingId("alternative_dx_as_likely")


def flagged(kb: KnowledgeBase, *flags: Flag) -> list[FindingDefinition]:
    return [definition for definition in kb.findings.values() if definition.flag in flags]


def screen(kb: KnowledgeBase) -> list[FindingDefinition]:
    return [definition for definition in kb.findings.values() if definition.critical_screen]


def tagged(kb: KnowledgeBase, tags: Iterable[str]) -> list[RedFlagRule]:
    wanted = set(tags)
    return [rule for rule in kb.rules if rule.tags & wanted]


def findings_of(expression: Expression) -> set[str]:
    return {str(atom.finding) for atom in iter_atoms(expression)}


def explain(kb: KnowledgeBase, answers: Encoding, *violation: z3.BoolRef) -> str:
    found = counterexample(answers, *violation)
    return "" if found is None else in_words(kb, found)


def test_the_encoding_is_the_engine(kb: KnowledgeBase, answers: Encoding) -> None:
    """Random answers through the formulas and through the engine give the same urgency."""
    draw = random.Random(4)
    ge = {level: answers.at_least(level) for level in LEVELS}
    seen: set[Disposition] = set()
    for trial in range(60):
        lean = draw.choice([0.02, 0.1, 0.3])
        chosen: list[tuple[z3.BoolRef, z3.BoolRef]] = []
        for finding_id, state in answers.states.items():
            definition = kb.findings[finding_id]
            unknown = draw.random() < draw.choice([0.0, 0.1, 0.5]) * (trial % 3)
            marks = [False] * len(state.marks)
            if not unknown and definition.kind is Kind.CHOICE:
                marks[draw.randrange(len(marks))] = True
                marks = [mark or draw.random() < 0.03 for mark in marks]
            elif not unknown and marks:
                bad = draw.random() < lean and finding_id not in REASSURING
                height = draw.randint(1, len(marks)) if bad else 0
                marks = [index < height for index in range(len(marks))]
            chosen += [
                (state.unknown, z3.BoolVal(unknown)),
                (state.asked, z3.BoolVal(unknown and draw.random() < 0.3)),
                *zip(state.marks.values(), map(z3.BoolVal, marks), strict=True),
            ]
        made = z3.Solver()
        made.add(*[variable == value for variable, value in chosen])
        made.add(*answers.axioms)
        assert made.check() == z3.sat
        expected = triage(as_findings(answers, made.model()), kb).disposition
        got = {level for level, claim in ge.items() if z3.is_true(z3.simplify(z3.substitute(claim, *chosen)))}
        assert got == {level for level in LEVELS if level <= expected}
        seen.add(expected)
    assert len(seen) >= 4


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.slug)
def test_i01_monotone_flags(kb: KnowledgeBase, level: Disposition) -> None:
    """Making any number of ordered findings worse (no, unknown, yes) never lowers the urgency."""
    low, high = Encoding(kb, "/low"), Encoding(kb, "/high")
    axioms = [*low.axioms, *high.axioms, *no_better(low, high)]
    assert proves(axioms, z3.Implies(low.at_least(level), high.at_least(level)))


def test_i01_holds_the_other_way_round_for_good_news(kb: KnowledgeBase, answers: Encoding) -> None:
    """Findings whose "yes" reassures are used by no rule, and unknown is never safer than their "yes"."""
    used = {atom for rule in kb.rules for atom in findings_of(rule.when)}
    assert not used & {str(name) for name in REASSURING}
    for name in REASSURING:
        state = answers.states[name]
        for level in LEVELS:
            claim = answers.at_least(level)
            yes = z3.substitute(claim, (state.marks["yes"], z3.BoolVal(True)), (state.unknown, z3.BoolVal(False)))
            unknown = z3.substitute(claim, (state.marks["yes"], z3.BoolVal(False)), (state.unknown, z3.BoolVal(True)))
            assert proves([a for a in answers.axioms if str(name) not in str(a)], z3.Implies(yes, unknown))


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.slug)
def test_i02_unknown_not_reassuring(kb: KnowledgeBase, level: Disposition) -> None:
    """Taking back any number of "no" answers never lowers the urgency."""
    low, high = Encoding(kb, "/no"), Encoding(kb, "/unknown")
    axioms = [*low.axioms, *high.axioms]
    for finding_id, definition in kb.findings.items():
        a, b = low.states[finding_id], high.states[finding_id]
        same = z3.And(
            a.unknown == b.unknown,
            a.asked == b.asked,
            *[x == y for x, y in zip(a.marks.values(), b.marks.values(), strict=True)],
        )
        if definition.kind is Kind.BOOLEAN and finding_id not in REASSURING:
            axioms.append(z3.Or(same, z3.And(low.no(finding_id), b.unknown)))
        else:
            axioms.append(same)
    assert proves(axioms, z3.Implies(low.at_least(level), high.at_least(level)))


def test_i02_unknown_choice_is_never_safer_than_its_mildest_option(kb: KnowledgeBase, answers: Encoding) -> None:
    """For every choice, from SAME_DAY up: if all options lead there, so does not knowing."""
    for finding_id, definition in kb.findings.items():
        if definition.kind is not Kind.CHOICE:
            continue
        state = answers.states[finding_id]
        mine = {str(v) for v in (state.unknown, state.asked, *state.marks.values())}
        others = [a for a in answers.axioms if not mine & variables_of(a)]
        for level in (level for level in LEVELS if level >= SAME_DAY):
            claim = answers.at_least(level)

            def given(option: str | None, claim: z3.BoolRef = claim, state: object = state) -> z3.BoolRef:
                assert hasattr(state, "marks")
                pairs = [(m, z3.BoolVal(name == option)) for name, m in state.marks.items()]
                return z3.substitute(
                    claim, (state.unknown, z3.BoolVal(option is None)), (state.asked, z3.BoolVal(False)), *pairs
                )

            everywhere = both(*[given(option) for option in definition.options])
            assert proves(others, z3.Implies(everywhere, given(None))), (finding_id, level)


def test_i03_critical_yes_floor(kb: KnowledgeBase, answers: Encoding) -> None:
    """Any critical finding present: at least SAME_DAY, whatever else was said."""
    for definition in flagged(kb, Flag.CRITICAL):
        broken = [answers.yes(definition.id), z3.Not(answers.at_least(SAME_DAY))]
        assert not explain(kb, answers, *broken)


def test_i04_no_selfcare_with_red(kb: KnowledgeBase, answers: Encoding) -> None:
    """Any critical or red finding present: at least GP_ROUTINE, whatever else was said."""
    for definition in flagged(kb, Flag.CRITICAL, Flag.RED):
        broken = [answers.yes(definition.id), z3.Not(answers.at_least(GP))]
        assert not explain(kb, answers, *broken)


def test_i05_no_selfcare_with_unknown_critical(kb: KnowledgeBase, answers: Encoding) -> None:
    """A must-ask question without an answer: SAME_DAY if critical, else GP_ROUTINE, whatever else was said."""
    assert len(screen(kb)) == 18
    for definition in screen(kb):
        floor = SAME_DAY if definition.flag is Flag.CRITICAL else GP
        assert proves(answers.axioms, z3.Implies(answers.unknown(definition.id), answers.at_least(floor)))


def test_i05_selfcare_needs_every_critical_and_red_no(kb: KnowledgeBase, answers: Encoding) -> None:
    """SELF_CARE only when every critical or red finding a runner can report is absent."""
    for definition in flagged(kb, Flag.CRITICAL, Flag.RED):
        if "runner" in definition.asked_of:
            absent = z3.Not(z3.Or(answers.open(definition), answers.yes(definition.id)))
            assert proves(answers.axioms, z3.Or(absent, answers.at_least(Disposition.PHYSIO)))


def test_i05_selfcare_can_be_reached(kb: KnowledgeBase, answers: Encoding) -> None:
    """The proofs are not empty: a runner who may answer everything, and no clinician, can end in SELF_CARE."""
    made = solver(*answers.axioms, z3.Not(answers.at_least(Disposition.PHYSIO)))
    for definition in kb.findings.values():
        if "runner" not in definition.asked_of:
            made.add(answers.unknown(definition.id))
    assert made.check() == z3.sat


def test_i06_diagnosis_never_downgrades(kb: KnowledgeBase, answers: Encoding) -> None:
    """The final urgency is the higher of rules and posterior floors, so it is never below the rules'."""
    floors = [z3.Bool(f"floor{index}") for index, _ in enumerate(kb.floors)]
    for level in LEVELS:
        raised = either([f for f, floor in zip(floors, kb.floors, strict=True) if floor.disposition >= level])
        final = either([answers.at_least(level), raised])
        assert proves(answers.axioms, z3.Implies(answers.at_least(level), final))
    clinic = pytest.importorskip("soleus.clinic.assess")
    case_module = pytest.importorskip("soleus.core.case")
    draw = random.Random(6)
    for _ in range(12):
        findings = random_findings(kb, draw)
        case = case_module.Case(findings=findings)
        assessment = clinic.assess(case, kb, date(2026, 1, 5))
        assert assessment.disposition >= triage(findings, kb).disposition


def random_findings(kb: KnowledgeBase, draw: random.Random) -> FindingSet:
    found = []
    for definition in kb.findings.values():
        if "runner" in definition.asked_of and draw.random() < 0.6:
            if definition.kind is Kind.BOOLEAN:
                found.append(Finding(id=definition.id, value=draw.random() < 0.08))
            elif definition.kind is Kind.CHOICE:
                found.append(Finding(id=definition.id, value=draw.choice(definition.options)))
    return FindingSet(found)


NEEDED_FLOORS = [
    ({"dvt"}, 0.02, GP),
    ({"dvt"}, 0.05, SAME_DAY),
    (
        {
            "acute_compartment_syndrome",
            "acute_limb_ischaemia",
            "cauda_equina",
            "pulmonary_embolism",
            "exertional_rhabdomyolysis",
        },
        0.02,
        SAME_DAY,
    ),
    (
        {
            "acute_compartment_syndrome",
            "acute_limb_ischaemia",
            "cauda_equina",
            "pulmonary_embolism",
            "exertional_rhabdomyolysis",
        },
        0.10,
        Disposition.EMERGENCY_NOW,
    ),
    ({"achilles_rupture"}, 0.05, SAME_DAY),
    ({"achilles_rupture"}, 0.20, Disposition.EMERGENCY_NOW),
    ({"tibial_stress_fracture", "fibular_stress_fracture"}, 0.15, GP),
]


def test_i07_posterior_floor(kb: KnowledgeBase) -> None:
    """Every agreed threshold has a floor at least as strict: more causes, a lower bar or a higher urgency."""
    for conditions, threshold, disposition in NEEDED_FLOORS:
        assert any(
            conditions <= {str(c) for c in floor.conditions}
            and floor.threshold <= threshold
            and floor.disposition >= disposition
            for floor in kb.floors
        ), (conditions, disposition)


def test_i08_wells_no_minus2(kb: KnowledgeBase, answers: Encoding) -> None:
    """No rule reads the -2 item, no Wells item subtracts, and only a clinician's word on it is recorded."""
    for rule in kb.rules:
        assert ALTERNATIVE not in findings_of(rule.when)
        assert rule.suspect_when is None or ALTERNATIVE not in findings_of(rule.suspect_when)
    assert all(item.points > 0 and item.finding != ALTERNATIVE for item in kb.wells)
    state = answers.states[ALTERNATIVE]
    for level in LEVELS:
        variables = variables_of(answers.at_least(level))
        assert not variables & {str(state.unknown), *map(str, state.marks.values())}
    signs = [Finding(id=item.finding, value=True, origin=Origin.CLINICIAN) for item in kb.wells]
    for origin in Origin:
        result = triage(FindingSet([*signs, Finding(id=ALTERNATIVE, value=True, origin=origin)]), kb)
        assert result.wells.points == sum(item.points for item in kb.wells)
        assert result.wells.clinician_alternative_as_likely is (True if origin is Origin.CLINICIAN else None)


@pytest.mark.parametrize("name", ["d_dimer_raised", "thompson_positive", "pedal_pulse_reduced", "ck_over_5x"])
def test_i09_ddimer_context(answers: Encoding, name: str) -> None:
    """A negative D-dimer (and other single negative tests) changes nothing at all: it equals "not done"."""
    state = answers.states[FindingId(name)]
    for level in LEVELS:
        claim = z3.substitute(answers.at_least(level), (state.marks["yes"], z3.BoolVal(False)))
        negative = z3.substitute(claim, (state.unknown, z3.BoolVal(False)))
        not_done = z3.substitute(claim, (state.unknown, z3.BoolVal(True)))
        axioms = [a for a in answers.axioms if name not in str(a)]
        assert proves(axioms, z3.Implies(not_done, negative))


def test_i10_order_independence(kb: KnowledgeBase) -> None:
    """The order of the answers changes nothing, and stopping early equals leaving the rest unknown."""
    draw = random.Random(10)
    for _ in range(40):
        findings = list(random_findings(kb, draw))
        draw.shuffle(findings)
        cut = draw.randrange(len(findings) + 1)
        stopped = triage(FindingSet(findings[:cut]), kb)
        rest = [dataclasses.replace(finding, value=None) for finding in findings[cut:]]
        assert triage(FindingSet(reversed(findings)), kb).disposition == triage(FindingSet(findings), kb).disposition
        assert stopped.disposition <= triage(FindingSet([*findings[:cut], *rest]), kb).disposition
    parameters = list(inspect.signature(triage).parameters)
    assert parameters == ["findings", "kb"]  # no history, no clock, no memory


def test_i11_emergency_ends_interview(kb: KnowledgeBase, answers: Encoding) -> None:
    """From EMERGENCY_NOW up nothing that loads the calf and no medicine is offered, and no question is asked."""
    for adjunct in kb.adjuncts:
        if adjunct.loads_calf or adjunct.medicine is not None:
            assert adjunct.max_disposition < Disposition.EMERGENCY_NOW
            offered = may_be_offered(kb, answers, adjunct)
            assert proves(answers.axioms, z3.Implies(offered, z3.Not(answers.at_least(Disposition.EMERGENCY_NOW))))
    interview = pytest.importorskip("soleus.clinic.interview")
    for rule in kb.rules:
        if rule.disposition < Disposition.EMERGENCY_NOW:
            continue
        made = solver(*answers.axioms, answers.fired(rule))
        assert made.check() == z3.sat
        state = interview.InterviewState(findings=as_findings(answers, made.model()))
        step = interview.next_step(state, kb, date(2026, 1, 5))
        assert isinstance(step, interview.Emergency), rule.id
        assert step.disposition >= rule.disposition


LOADING_TESTS = ["heel_raise_single", "hop_test", "stretch_knee_straight_pain", "stretch_knee_bent_pain"]
UNSAFE = ["pop_or_snap", "felt_kicked", "achilles_gap_self", "focal_bone_tender"]


def test_i12_no_selftest_when_unsafe(kb: KnowledgeBase, answers: Encoding) -> None:
    """A loading self-test is offered only when every finding that forbids it is certainly absent."""
    for name in LOADING_TESTS:
        definition = kb.findings[FindingId(name)]
        assert definition.self_test
        assert definition.unsafe_if is not None
        safe = z3.Not(answers.possible(definition.unsafe_if))
        forbidden = [FindingId(f) for f in UNSAFE] + [d.id for d in screen(kb) if d.flag is Flag.CRITICAL]
        for finding in forbidden:
            assert proves([*answers.axioms, safe], answers.no(finding)), (name, finding)
        walking = answers.states[FindingId("walk_ability")]
        unable = z3.Or(walking.unknown, walking.marks["few_steps"], walking.marks["cannot"])
        assert proves([*answers.axioms, safe], z3.Not(unable))
    questions = pytest.importorskip("soleus.clinic.questions")
    if not hasattr(questions, "open_questions"):
        return
    dvt_rules = [rule for rule in kb.rules if rule.id.split("_")[0] in {"R30", "R31", "R32", "R33", "R34"}]
    assert len(dvt_rules) == 5
    for rule in dvt_rules:
        made = solver(*answers.axioms, answers.fired(rule))
        assert made.check() == z3.sat
        findings = as_findings(answers, made.model()).without(*map(FindingId, LOADING_TESTS))
        candidates = questions.open_questions(findings, frozenset(), triage(findings, kb), kb)
        assert not set(LOADING_TESTS) & set(candidates)


def may_be_offered(kb: KnowledgeBase, answers: Encoding, adjunct: Adjunct) -> z3.BoolRef:
    """Nothing in the knowledge base vetoes the item (facts and probabilities may only veto more)."""
    allowed = [z3.Not(answers.in_play(rule)) for rule in tagged(kb, adjunct.never_with_tags)]
    if adjunct.only_if is not None:
        allowed.append(answers.certain(adjunct.only_if))
    if adjunct.never_if is not None:
        allowed.append(z3.Not(answers.possible(adjunct.never_if)))
    above = [level for level in LEVELS if level > adjunct.max_disposition]
    allowed += [z3.Not(answers.at_least(above[0]))] if above else []
    return both(*allowed)


def test_i13_no_nsaid_guard(kb: KnowledgeBase, answers: Encoding) -> None:
    """No anti-inflammatory with blood thinners, pregnancy, or suspected rhabdomyolysis, compartment or bleed."""
    items = [a for a in kb.adjuncts if a.medicine and kb.medicines.get(a.medicine, {}).get("nsaid") is True]
    if not items:
        pytest.skip("no anti-inflammatory among the adjuncts")
    guards = tagged(kb, {"rhabdo", "compartment", "bleed"})
    assert {"R17_anticoagulated_bleed", "R39_anticoagulated_tear"} <= {str(rule.id) for rule in guards}
    for adjunct in items:
        offered = [*answers.axioms, may_be_offered(kb, answers, adjunct)]
        assert solver(*offered).check() == z3.sat, adjunct.id
        assert proves(offered, answers.no("anticoagulant")), adjunct.id
        assert proves(offered, z3.Not(answers.yes("pregnant_postpartum"))), adjunct.id
        assert proves(offered, z3.Not(answers.yes("dark_urine"))), adjunct.id
        for rule in guards:
            assert proves(offered, z3.Not(answers.in_play(rule))), (adjunct.id, rule.id)


CLOT_SIGNS = [
    "swelling_whole_leg",
    "calf_diff_3cm",
    "pitting_oedema",
    "dilated_superficial_veins",
    "deep_vein_tender",
    "previous_dvt_pe",
    "active_cancer",
    "recent_surgery_bedrest",
    "leg_immobilised",
    "recent_leg_fracture",
    "pregnant_postpartum",
    "thrombophilia_self",
    "tender_cord",
    "d_dimer_raised",
    "foot_cold_pale_rest",
    "foot_blue_mottled",
    "pedal_pulse_reduced",
    "pain_out_of_proportion",
    "calf_tense_hard_at_rest",
    "passive_stretch_severe",
    "compartment_tense_clin",
    "pain_escalating_despite_rest",
    "foot_drop_rest",
]
"""Any one of these alone puts a clot, artery or compartment rule in play."""


def test_i14_no_compression_massage_dvt(kb: KnowledgeBase, answers: Encoding) -> None:
    """No compression, massage or heat while a clot, artery or compartment rule is fired or possible with support."""
    guards = tagged(kb, {"dvt", "svt", "pe", "ischaemia", "compartment"})
    fired = either(answers.in_play(rule) for rule in guards)
    for name in CLOT_SIGNS:
        assert proves(answers.axioms, z3.Implies(answers.yes(name), fired)), name
    # Not the rule "no massage or heat", nor the stocking that only a clot team gives.
    own = [a for a in kb.adjuncts if a.category not in ("safety", "medical")]
    items = [a for a in own if any(word in a.id for word in ("compression", "massage", "heat"))]
    if not items:
        pytest.skip("no compression, massage or heat among the adjuncts")
    for adjunct in items:
        offered = [*answers.axioms, may_be_offered(kb, answers, adjunct)]
        assert solver(*offered).check() == z3.sat, adjunct.id
        for rule in guards:
            assert proves(offered, z3.Not(answers.in_play(rule))), (adjunct.id, rule.id)


def test_i15_totality(kb: KnowledgeBase, answers: Encoding) -> None:
    """Every set of answers has exactly one urgency, with at least one worded reason and a source behind it."""
    for high, low in zip(LEVELS[1:], LEVELS, strict=False):
        assert proves(answers.axioms, z3.Implies(answers.at_least(high), answers.at_least(low)))
    for rule in kb.rules:
        assert rule.sources, rule.id
        for part in ("reason", "advice", "clinical"):
            assert kb.text.get(f"rule.{rule.id}.{part}"), (rule.id, part)
    for level in Disposition:
        for part in ("title", "how_soon", "body", "say", "dont", "bring"):
            assert kb.text.get(f"disposition.{level.slug}.{part}"), (level, part)
    draw = random.Random(15)
    for findings in (FindingSet(), *(random_findings(kb, draw) for _ in range(40))):
        result = triage(findings, kb)
        reasons = [o.contributes for o in result.rules if o.contributes is not None]
        reasons += [floor for _, floor in result.unanswered]
        assert result.disposition == max(reasons)
        assert not result.failed


def test_i16_red_flag_coverage(kb: KnowledgeBase) -> None:
    """Every critical or red finding is read by a rule of GP_ROUTINE or above."""
    read = {name for rule in kb.rules if rule.disposition >= GP for name in findings_of(rule.when)}
    assert not [definition.id for definition in flagged(kb, Flag.CRITICAL, Flag.RED) if definition.id not in read]


SYMPTOM_WORDS = {
    "breathless_sudden": "breath",
    "chest_pain_pleuritic": "chest pain",
    "coughing_blood": "cough up blood",
    "collapse_faint": "faint",
    "foot_cold_pale_rest": "cold, pale",
    "foot_blue_mottled": "blue",
    "pain_out_of_proportion": "unbearable",
    "calf_tense_hard_at_rest": "rock-hard",
    "foot_drop_rest": "pull your foot",
    "saddle_numbness": "numb between the legs",
    "bladder_bowel_change": "bladder",
    "bilateral_leg_neuro": "both legs",
    "dark_urine": "urine turns dark",
    "sepsis_signs": "drowsy",
    "skin_blister_purple": "blisters",
}


def test_i17_safety_net(kb: KnowledgeBase) -> None:
    """The safety net names every critical symptom of the screen, when to seek help today, and when to look again."""
    now = " ".join(text for key, text in kb.text.items() if key.startswith("safety_net.emergency_if."))
    critical = {str(d.id) for d in screen(kb) if d.flag is Flag.CRITICAL}
    assert critical == set(SYMPTOM_WORDS)
    for finding, words in SYMPTOM_WORDS.items():
        assert words in now, finding
    assert "999" in now
    assert "112" in now
    assert "911" in now
    today = " ".join(text for key, text in kb.text.items() if key.startswith("safety_net.today_if."))
    for word in ("swell", "warm", "redder" if "redder" in today else "red", "fever" if "fever" in today else "temp"):
        assert word in today
    again = " ".join(text for key, text in kb.text.items() if key.startswith("safety_net.expect.check"))
    for when in ("24 to 48 hours", "5 to 7 days", "2 weeks"):
        assert when in again
    for block in ("uncertain", "emergency_if", "today_if", "expect", "ask_again"):
        assert kb.text[f"safety_net.{block}.title"]


def test_i18_time_ratchet() -> None:
    """Within 72 hours only a clinician's examination lowers the recorded urgency."""
    today = date(2026, 3, 10)
    for before in Disposition:
        for now in Disposition:
            for days in range(6):
                for seen in (False, True):
                    earlier = Earlier(disposition=before, on=today - timedelta(days=days), seen=seen)
                    kept = held(now, [earlier], today=today)
                    assert kept >= now
                    if days <= 3 and not seen:
                        assert kept == max(before, now)
                    else:
                        assert kept == now


def test_i19_language_and_skin(kb: KnowledgeBase, answers: Encoding) -> None:
    """Every infection and clot rule can fire although no colour change is seen (it is hard to see on dark skin)."""
    blind = [*answers.axioms]
    for name in COLOUR:
        state = answers.states[FindingId(name)]
        blind += [z3.Not(state.unknown)]
        blind += [z3.Not(mark) for option, mark in state.marks.items() if option != "none"]
    for rule in tagged(kb, {"infection", "dvt", "svt"}):
        made = solver(*blind, answers.fired(rule))
        assert made.check() == z3.sat, rule.id


def test_i20_determinism(kb: KnowledgeBase) -> None:
    """Same answers, same rules: the same result, again and in another order of rules; the rules have a hash."""
    draw = random.Random(20)
    turned = dataclasses.replace(kb, rules=tuple(reversed(kb.rules)))
    for _ in range(20):
        findings = random_findings(kb, draw)
        assert triage(findings, kb) == triage(findings, kb)
        assert triage(findings, turned).disposition == triage(findings, kb).disposition
    assert kb.content_hash
    assert kb.version
    source = inspect.getsource(engine_module)
    assert "random" not in source
    assert "datetime" not in source


EMERGENCY = Disposition.EMERGENCY_NOW


def test_what_the_narrowed_rules_still_guarantee(kb: KnowledgeBase, answers: Encoding) -> None:
    """docs/adr/003-narrowed-rules.md: what the evidence's rule sent to be seen the same day or at once never goes lower
    than written there, whatever else was said or left open."""

    def one_of(name: str, *options: str) -> z3.BoolRef:
        return either(answers.states[FindingId(name)].marks[option] for option in options)

    yes = answers.yes
    worse = one_of("improving_trend", "worse", "better_then_worse")
    pop = either([yes("pop_or_snap"), yes("felt_kicked"), one_of("onset_type", "sudden_pop")])
    weak = one_of("heel_raise_single", "cannot_weak")
    sign = either([yes("swelling_visible"), yes("calf_firmer"), yes("calf_warm"), yes("rest_pain")])
    two_risks = both(yes("long_travel"), yes("oestrogen"))
    gradual = one_of("onset_type", "gradual_one_run", "gradual_days_weeks", "after_run_1_3d", "rest_or_night")
    tendon = one_of("pain_location", "achilles_mid", "low_calf_above_heel", "heel_back", "lower_deep_calf")
    guarantees = [
        (both(pop, yes("push_off_weak")), SAME_DAY),
        (both(pop, yes("push_off_weak"), tendon), EMERGENCY),
        (both(pop, weak), EMERGENCY),
        (both(worse, either([yes("swelling_visible"), yes("calf_warm")])), SAME_DAY),
        (both(worse, either([yes("rest_pain"), yes("calf_injury_8wk")])), GP),
        (both(gradual, two_risks, sign), SAME_DAY),
        (two_risks, GP),
        (both(yes("pregnant_postpartum"), sign), SAME_DAY),
        (yes("pregnant_postpartum"), GP),
        (weak, GP),
        # And what was added: two of growing pain, a hard calf, a numb foot; fever; dark urine.
        (both(yes("pain_escalating_despite_rest"), yes("tingle_foot_rest")), EMERGENCY),
        (both(yes("pain_escalating_despite_rest"), yes("calf_tense_hard_at_rest")), EMERGENCY),
        (both(yes("calf_tense_hard_at_rest"), yes("tingle_foot_rest")), EMERGENCY),
        (both(yes("fever_unwell"), yes("pain_escalating_despite_rest")), EMERGENCY),
        (both(yes("dark_urine"), yes("pain_out_of_proportion")), EMERGENCY),
    ]
    for number, (said, level) in enumerate(guarantees):
        assert solver(*answers.axioms, said).check() == z3.sat, number
        assert proves(answers.axioms, z3.Implies(said, answers.at_least(level))), number


def without(kb: KnowledgeBase, *rules: str) -> KnowledgeBase:
    return dataclasses.replace(kb, rules=tuple(rule for rule in kb.rules if rule.id not in rules))


def test_a_broken_rule_set_gives_a_minimal_counterexample(kb: KnowledgeBase) -> None:
    """Without its rule, a rock-hard calf alone would be sent home; the message says so in plain words."""
    broken = without(kb, "R48_single_critical_sign", "R17_anticoagulated_bleed", "R10_acs_early")
    answers = Encoding(broken)
    hard = [answers.yes("calf_tense_hard_at_rest"), z3.Not(answers.at_least(SAME_DAY))]
    found = counterexample(answers, *hard)
    assert found is not None
    in_some_rule = {"onset_type", "pain_location", "time_since_onset"}  # all of their options are
    assert set(found) <= {"calf_tense_hard_at_rest", *in_some_rule}
    assert found["calf_tense_hard_at_rest"] == "yes"
    words = in_words(broken, found)
    assert "calf_tense_hard_at_rest" in words
    assert "yes" in words


def test_a_rule_set_that_is_safer_when_unsure_is_caught(kb: KnowledgeBase) -> None:
    """Had a rule added more while suspected than when fired, "yes" would be safer than "not sure": it is found."""
    answers = Encoding(kb)
    rule = next(rule for rule in kb.rules if rule.id == "R37_fever")
    backwards = both(z3.Not(answers.fired(rule)), answers.unknown("rest_pain"), answers.yes("fever_unwell"))
    low, high = Encoding(kb, "/low"), Encoding(kb, "/high")

    def urgent(side: Encoding) -> z3.BoolRef:
        return both(z3.Not(side.fired(rule)), side.unknown("rest_pain"), side.yes("fever_unwell"))

    axioms = [*low.axioms, *high.axioms, *no_better(low, high)]
    assert not proves(axioms, z3.Implies(urgent(low), urgent(high)))
    found = counterexample(answers, backwards)
    assert found == {"fever_unwell": "yes", "rest_pain": "unknown"}
    assert "rest_pain): unknown" in in_words(kb, found)
