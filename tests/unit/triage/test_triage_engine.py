"""The triage engine on small rule sets: what each rule adds, what is open, and what happens when a rule breaks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import pytest

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult
from soleus.core.expression import Always, AtLeast, Expression, OneOf, Present, Truth, all_of, any_of, iter_atoms
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId, RuleId, SourceKey
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, Flag, Kind, KnowledgeBase, RedFlagRule, WellsItem
from soleus.triage import triage
from soleus.triage.answers import Answers
from soleus.triage.engine import contribution, screen_floor
from soleus.triage.explain import deciding, support

SAME_DAY, GP, PHYSIO, SELF = Disposition.SAME_DAY, Disposition.GP_ROUTINE, Disposition.PHYSIO, Disposition.SELF_CARE
EMERGENCY = Disposition.EMERGENCY_NOW


def definition(name: str, **changes: Any) -> FindingDefinition:
    plain = FindingDefinition(
        id=FindingId(name),
        area="test",
        kind=Kind.BOOLEAN,
        options=(),
        asked_of=frozenset({"runner"}),
        flag=Flag.NONE,
        burden=1,
        critical_screen=False,
        order=0,
        self_test=False,
        unsafe_if=None,
        ask_if=None,
        bands=(),
        low=None,
        high=None,
        background=None,
        false_present=0.0,
        false_absent=0.0,
        implies_absent=(),
        sources=(),
    )
    return dataclasses.replace(plain, **changes)


def present(name: str) -> Present:
    return Present(finding=FindingId(name))


def one_of(name: str, *options: str) -> OneOf:
    return OneOf(finding=FindingId(name), options=frozenset(options))


def rule(
    name: str,
    when: Expression,
    disposition: Disposition = EMERGENCY,
    suspect_when: Expression | None = None,
    suspect: Disposition | None = None,
) -> RedFlagRule:
    return RedFlagRule(
        id=RuleId(name),
        disposition=disposition,
        when=when,
        suspect_when=suspect_when,
        suspect_disposition=suspect,
        go_to="gp",
        tags=frozenset({"test"}),
        sources=(SourceKey("elicited"),),
    )


DEFAULT = rule("default", Always(), SELF)
DEFINITIONS = (
    definition("a"),
    definition("b"),
    definition("c"),
    definition("exam", asked_of=frozenset({"clinician"})),
    definition("onset", kind=Kind.CHOICE, options=("sudden", "gradual")),
    definition("score", kind=Kind.INTEGER),
)


@pytest.fixture(scope="module")
def packaged() -> KnowledgeBase:
    return load_knowledge()


def knowledge(
    packaged: KnowledgeBase,
    *rules: RedFlagRule,
    extra: tuple[FindingDefinition, ...] = (),
    wells: tuple[WellsItem, ...] = (),
) -> KnowledgeBase:
    vocabulary = {d.id: d for d in (*DEFINITIONS, *extra)}
    return dataclasses.replace(packaged, findings=vocabulary, rules=(*rules, DEFAULT), wells=wells)


def findings(answers: Mapping[str, Any], origin: Origin = Origin.SELF_REPORT) -> FindingSet:
    return FindingSet([Finding(id=FindingId(name), value=value, origin=origin) for name, value in answers.items()])


def first(result: TriageResult) -> RuleOutcome:
    return result.rules[0]


BOTH = all_of(present("a"), present("b"))


@pytest.mark.parametrize(
    ("answers", "state", "adds", "because", "known"),
    [
        ({"a": True, "b": True}, RuleState.FIRED, EMERGENCY, ("a", "b"), ()),
        ({"a": True, "b": False}, RuleState.CLEAR, None, ("b",), ()),
        ({"a": True}, RuleState.UNDETERMINED, PHYSIO, ("b",), ("a",)),
        ({}, RuleState.UNDETERMINED, None, ("a", "b"), ()),
    ],
)
def test_states_of_a_rule(
    packaged: KnowledgeBase,
    answers: Mapping[str, bool],
    state: RuleState,
    adds: Disposition | None,
    because: tuple[str, ...],
    known: tuple[str, ...],
) -> None:
    outcome = first(triage(findings(answers), knowledge(packaged, rule("r", BOTH))))
    assert (outcome.state, outcome.contributes) == (state, adds)
    assert (outcome.because, outcome.support) == (because, known)


def test_a_suspected_rule_adds_its_suspicion_but_never_more_than_its_own_level(packaged: KnowledgeBase) -> None:
    kb = knowledge(packaged, rule("r", BOTH, GP, present("a"), SAME_DAY))
    assert triage(findings({"a": True}), kb).disposition is GP
    assert triage(findings({"b": True}), kb).disposition is PHYSIO
    assert (
        triage(findings({}), knowledge(packaged, rule("r", BOTH, EMERGENCY, Always(), SAME_DAY))).disposition
        is SAME_DAY
    )


def test_an_undetermined_physio_rule_adds_nothing(packaged: KnowledgeBase) -> None:
    result = triage(findings({"a": True}), knowledge(packaged, rule("r", BOTH, PHYSIO)))
    assert first(result).contributes is None
    assert result.disposition is SELF


def test_what_only_an_examination_can_tell_does_not_hold_the_runner(packaged: KnowledgeBase) -> None:
    kb = knowledge(packaged, rule("r", all_of(present("a"), present("exam"))))
    runner = first(triage(findings({"a": True}), kb))
    assert (runner.state, runner.contributes, runner.support) == (RuleState.UNDETERMINED, None, ())
    seen = triage(findings({"a": True, "exam": True}), kb)
    assert seen.disposition is EMERGENCY


def test_the_default_fires_only_when_nothing_else_adds_anything(packaged: KnowledgeBase) -> None:
    kb = knowledge(packaged, rule("r", BOTH))
    quiet = triage(findings({"a": False}), kb)
    assert (quiet.disposition, quiet.fired[0].id) == (SELF, "default")
    raised = triage(findings({"a": True, "b": True}), kb)
    assert [outcome.id for outcome in raised.fired] == ["r"]
    assert raised.rules[-1].state is RuleState.CLEAR


@pytest.mark.parametrize(
    ("changes", "floor"),
    [
        ({"critical_screen": True, "flag": Flag.CRITICAL}, SAME_DAY),
        ({"critical_screen": True, "flag": Flag.RED}, GP),
        ({"flag": Flag.CRITICAL}, GP),
        ({"flag": Flag.RED}, GP),
        ({"flag": Flag.CRITICAL, "burden": 2}, PHYSIO),
        ({"flag": Flag.RED, "burden": 3}, PHYSIO),
        ({"flag": Flag.RED, "asked_of": frozenset({"clinician"})}, None),
        ({"flag": Flag.AMBER}, None),
    ],
)
def test_floor_of_an_unanswered_question(
    packaged: KnowledgeBase, changes: Mapping[str, Any], floor: Disposition | None
) -> None:
    asked = definition("q", **changes)
    assert screen_floor(asked) is floor
    kb = knowledge(packaged, extra=(asked,))
    assert triage(findings({}), kb).disposition is (floor or SELF)
    assert triage(findings({"q": False}), kb).unanswered == ()


def test_open_questions_are_listed_most_urgent_first(packaged: KnowledgeBase) -> None:
    extra = (definition("late", flag=Flag.RED), definition("now", flag=Flag.CRITICAL, critical_screen=True))
    result = triage(findings({"now": None}), knowledge(packaged, extra=extra))
    assert result.unanswered == (("now", SAME_DAY), ("late", GP))


class TestAnswers:
    def answers(
        self, given: Mapping[str, Any], *extra: FindingDefinition, origin: Origin = Origin.SELF_REPORT
    ) -> Answers:
        return Answers(findings(given, origin), {d.id: d for d in (*DEFINITIONS, *extra)})

    @pytest.mark.parametrize(
        ("name", "value", "seen"),
        [
            ("a", True, True),
            ("a", "yes", None),
            ("a", 1, None),
            ("onset", "sudden", frozenset({"sudden"})),
            ("onset", frozenset({"sudden", "gradual"}), frozenset({"sudden", "gradual"})),
            ("onset", frozenset(), None),
            ("onset", "suden", None),
            ("onset", True, None),
            ("score", 7, 7),
            ("score", 7.5, 7.5),
            ("score", True, None),
            ("score", math.nan, None),
            ("score", "7", None),
            ("score", None, None),
        ],
    )
    def test_damaged_answers_are_unknown(self, name: str, value: Any, seen: Any) -> None:
        assert self.answers({name: value}).answer(FindingId(name)) == seen

    def test_a_finding_outside_the_vocabulary_is_an_error_when_a_rule_reads_it(self) -> None:
        with pytest.raises(KeyError):
            self.answers({}).answer(FindingId("nowhere"))

    def test_what_the_vocabulary_does_not_know_is_ignored(self) -> None:
        assert self.answers({"nowhere": True}).answer(FindingId("a")) is None

    def test_implied_absence_gives_way_to_an_answer(self) -> None:
        healthy = definition("healthy", implies_absent=(FindingId("a"), FindingId("onset"), FindingId("score")))
        plain = self.answers({"healthy": True}, healthy)
        assert plain.answer(FindingId("a")) is False
        assert plain.answer(FindingId("onset")) == frozenset()
        assert plain.answer(FindingId("score")) == -math.inf
        assert self.answers({"healthy": True, "a": True}, healthy).answer(FindingId("a")) is True
        assert self.answers({"healthy": True, "a": None}, healthy).answer(FindingId("a")) is None
        assert self.answers({"healthy": False}, healthy).answer(FindingId("a")) is None

    def test_nothing_is_concluded_about_the_must_ask_screen(self) -> None:
        must = definition("must", critical_screen=True, ask_if=present("a"))
        healthy = definition("healthy", implies_absent=(FindingId("must"),))
        answers = self.answers({"healthy": True, "a": False}, must, healthy)
        assert answers.answer(FindingId("must")) is None

    def test_a_question_that_does_not_apply_counts_as_no(self) -> None:
        follow_up = definition("follow_up", ask_if=present("a"))
        assert self.answers({"a": False}, follow_up).answer(FindingId("follow_up")) is False
        assert self.answers({}, follow_up).answer(FindingId("follow_up")) is None
        assert self.answers({"a": True}, follow_up).answer(FindingId("follow_up")) is None
        assert self.answers({"a": False, "follow_up": True}, follow_up).answer(FindingId("follow_up")) is True

    def test_by_clinician(self) -> None:
        assert self.answers({"exam": True}, origin=Origin.CLINICIAN).by_clinician(FindingId("exam")) is True
        assert self.answers({"exam": True}).by_clinician(FindingId("exam")) is None
        assert self.answers({}).by_clinician(FindingId("exam")) is None


class TestFailure:
    def test_a_broken_rule_means_get_seen(self, packaged: KnowledgeBase) -> None:
        result = triage(findings({"a": False}), knowledge(packaged, rule("r", present("nowhere"), PHYSIO)))
        assert result.failed
        assert result.disposition is SAME_DAY
        assert first(result) == RuleOutcome(
            id=RuleId("r"), state=RuleState.UNDETERMINED, contributes=SAME_DAY, because=()
        )

    def test_the_other_rules_still_count(self, packaged: KnowledgeBase) -> None:
        kb = knowledge(packaged, rule("broken", present("nowhere")), rule("r", present("a")))
        result = triage(findings({"a": True}), kb)
        assert (result.failed, result.disposition) == (True, EMERGENCY)

    def test_a_broken_wells_item_means_get_seen(self, packaged: KnowledgeBase) -> None:
        item = WellsItem(finding=FindingId("nowhere"), points=1, clinician_only=False)
        result = triage(findings({}), knowledge(packaged, wells=(item,)))
        assert (result.failed, result.disposition, result.wells.points) == (True, SAME_DAY, 0)


class TestWells:
    ITEMS = (
        WellsItem(finding=FindingId("a"), points=1, clinician_only=False),
        WellsItem(finding=FindingId("b"), points=1, clinician_only=False),
        WellsItem(finding=FindingId("exam"), points=2, clinician_only=True),
    )

    def test_counts_what_is_known(self, packaged: KnowledgeBase) -> None:
        score = triage(findings({"a": True, "b": False}), knowledge(packaged, wells=self.ITEMS)).wells
        assert (score.points, score.counted, score.unknown) == (1, ("a",), ("exam",))
        assert score.clinician_alternative_as_likely is None

    def test_clinician_items_need_a_clinician(self, packaged: KnowledgeBase) -> None:
        kb = knowledge(packaged, wells=self.ITEMS)
        assert triage(findings({"exam": True}), kb).wells.points == 0
        assert triage(findings({"exam": True}, Origin.CLINICIAN), kb).wells.points == 2

    @pytest.mark.parametrize("origin", list(Origin))
    def test_the_minus_two_item_is_recorded_and_never_subtracted(self, packaged: KnowledgeBase, origin: Origin) -> None:
        extra = (definition("alternative_dx_as_likely", asked_of=frozenset({"clinician"})),)
        kb = knowledge(packaged, extra=extra, wells=self.ITEMS)
        given = findings({"a": True}).merged(findings({"alternative_dx_as_likely": True}, origin))
        score = triage(given, kb).wells
        assert score.points == 1
        assert score.clinician_alternative_as_likely is (True if origin is Origin.CLINICIAN else None)


class TestContribution:
    RULE = rule("r", BOTH, EMERGENCY, present("a"), SAME_DAY)

    def test_rises_with_every_argument(self) -> None:
        def level(truth: Truth, suspected: bool, supported: bool) -> int:
            added = contribution(self.RULE, truth, suspected=suspected, supported=supported)
            return -1 if added is None else int(added)

        for truth in Truth:
            for suspected in (False, True):
                for supported in (False, True):
                    here = level(truth, suspected, supported)
                    assert level(truth, True, supported) >= here
                    assert level(truth, suspected, True) >= here
                    if truth is not Truth.TRUE:
                        assert level(Truth(truth.value + 1), suspected, supported) >= here

    def test_a_suspicion_without_a_level_is_none(self) -> None:
        bare = dataclasses.replace(self.RULE, suspect_disposition=None)
        assert contribution(bare, Truth.UNKNOWN, suspected=True, supported=False) is None


class TestExplain:
    KNOWN: Mapping[str, Any] = {"a": True, "b": True, "c": False}

    def look(self, name: FindingId) -> Any:
        return self.KNOWN.get(name)

    def test_the_shortest_reason_is_given(self) -> None:
        wide = any_of(all_of(present("a"), present("b")), present("b"))
        assert deciding(wide, self.look) == ("b",)

    def test_enough_false_parts_rule_it_out(self) -> None:
        assert deciding(any_of(present("c"), all_of(present("a"), present("c"))), self.look) == ("c",)

    def test_always_needs_no_reason(self) -> None:
        assert deciding(Always(), self.look) == ()
        assert support(Always(), self.look) == ()
        assert deciding(all_of(Always(), present("x")), self.look) == ("x",)
        assert deciding(all_of(any_of(Always()), present("x")), self.look) == ("x",)

    def test_unknown_lists_what_may_still_settle_it(self) -> None:
        dead = all_of(present("x"), present("c"))
        live = all_of(present("a"), present("y"))
        assert deciding(any_of(dead, live), self.look) == ("y",)
        assert support(any_of(dead, live), self.look) == ("a",)

    def test_a_true_atom_in_a_dead_branch_supports_nothing(self) -> None:
        assert support(all_of(present("a"), present("c")), self.look) == ()

    def test_always_beside_unknown(self) -> None:
        mixed = all_of(present("x"), any_of(present("y"), present("z")))
        assert deciding(mixed, self.look) == ("x", "y", "z")

    def test_numbers_explain_too(self) -> None:
        high = AtLeast(finding=FindingId("score"), threshold=7)
        assert deciding(high, {"score": 8}.get) == ("score",)


def test_r31_suspects_exactly_what_it_asks_for_besides_the_onset(packaged: KnowledgeBase) -> None:
    """The list of clot signs is written twice (with and without the onset) and must stay the same."""
    found = next(r for r in packaged.rules if r.id == "R31_dvt_unexplained")
    assert found.suspect_when == found.when.parts[1]  # type: ignore[union-attr]


def test_r33_suspects_exactly_what_it_asks_for_besides_the_site(packaged: KnowledgeBase) -> None:
    found = next(r for r in packaged.rules if r.id == "R33_strain_not_behaving")
    assert found.suspect_when == found.when.parts[1]  # type: ignore[union-attr]


def test_every_site_belongs_to_one_of_the_two_rules_on_getting_worse(packaged: KnowledgeBase) -> None:
    """A calf that gets worse with a sign is seen the same day wherever it hurts: R33 the calf, R57 shin and tendon."""
    sites = [
        next(a.options for a in iter_atoms(r.when) if isinstance(a, OneOf) and a.finding == "pain_location")
        for r in packaged.rules
        if r.id in {"R33_strain_not_behaving", "R57_worse_shin_or_tendon"}
    ]
    calf, others = sites
    assert not calf & others
    assert calf | others == set(packaged.findings[FindingId("pain_location")].options)


def test_one_triage_takes_a_few_milliseconds_at_most(packaged: KnowledgeBase) -> None:
    result = triage(FindingSet(), packaged)
    assert len(result.rules) == len(packaged.rules)
    assert result.disposition is SAME_DAY
