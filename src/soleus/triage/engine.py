"""The triage engine: every rule is fired, clear or undetermined; the highest urgency wins.

How the unknown is treated, and the proof that it is safe: docs/adr/001-triage-unknowns.md.
"""

from __future__ import annotations

from soleus.core.assessment import Disposition, RuleOutcome, RuleState, TriageResult, WellsScore
from soleus.core.expression import Always, Truth, evaluate
from soleus.core.finding import FindingSet
from soleus.core.ids import FindingId
from soleus.knowledge.base import FindingDefinition, Flag, KnowledgeBase, RedFlagRule
from soleus.triage.answers import Answers
from soleus.triage.explain import deciding, support

ALTERNATIVE = FindingId("alternative_dx_as_likely")
"""The Wells -2 item: recorded when a clinician states it, never subtracted (it hid 11 athletes' clots of 11)."""

_FAULTS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a broken rule can raise; anything else (out of memory, interrupt) is not ours to hide."""

EASY_BURDEN = 1
"""Up to this burden a question takes no more than a look or a memory."""

_SCREEN_FLOOR = {Flag.CRITICAL: Disposition.SAME_DAY}


def triage(findings: FindingSet, kb: KnowledgeBase) -> TriageResult:
    """Urgency of the findings under all red-flag rules; never reads a probability.

    1. Each rule adds what its state allows (`contribution`). A rule that fails adds SAME_DAY and marks the
       whole result `failed`: an engine that cannot think says "get seen".
    2. Each must-ask question without an answer adds its floor (`unanswered`).
    3. The highest wins. A rule that is always true (self-care) fires only when nothing else added anything.
    """
    answers = Answers(findings, kb.findings)
    failed = False
    outcomes: dict[int, RuleOutcome] = {}
    floors = _unanswered(kb, answers)
    highest = max((floor for _, floor in floors), default=Disposition.SELF_CARE)
    raised = bool(floors)
    for index, rule in enumerate(kb.rules):
        if isinstance(rule.when, Always):
            continue
        try:
            outcome = _outcome(rule, answers)
        except _FAULTS:
            failed = True
            outcome = _failure(rule)
        outcomes[index] = outcome
        if outcome.contributes is not None:
            raised = True
            highest = max(highest, outcome.contributes)
    for index, rule in enumerate(kb.rules):
        if isinstance(rule.when, Always):
            outcomes[index] = _default(rule, fires=not raised)
            highest = highest if raised else max(highest, rule.disposition)
    wells, wells_failed = _guarded_wells(kb, answers)
    if wells_failed:
        failed = True
        highest = max(highest, Disposition.SAME_DAY)
    return TriageResult(
        disposition=highest,
        rules=tuple(outcomes[index] for index in range(len(kb.rules))),
        unanswered=floors,
        wells=wells,
        failed=failed,
    )


def contribution(rule: RedFlagRule, truth: Truth, *, suspected: bool, supported: bool) -> Disposition | None:
    """What a rule adds to the urgency.

    fired → its disposition · undetermined and its `suspect_when` certainly true → `suspect_disposition` ·
    undetermined, at least GP level, with something known true → PHYSIO (never self-care) · otherwise nothing.
    Rising with every argument, which is what makes triage monotone. `truth` is that of the rule when unknown
    findings beyond the runner's reach count as absent: no such finding can ever make a rule less than it was.
    """
    if truth is Truth.TRUE:
        return rule.disposition
    if truth is Truth.FALSE:
        return None
    if suspected and rule.suspect_disposition is not None:
        return min(rule.suspect_disposition, rule.disposition)
    if supported and rule.disposition >= Disposition.GP_ROUTINE:
        return Disposition.PHYSIO
    return None


def screen_floor(definition: FindingDefinition) -> Disposition | None:
    """The least urgency while this question has no answer; None: it need not be answered.

    Must-ask screen: SAME_DAY for a critical finding, GP_ROUTINE for the others (invariant I05). Any other
    critical or red finding the runner can report: GP_ROUTINE when it only takes a look or a memory (whole leg
    swollen, an earlier clot), for without it nobody should wait a week or two; PHYSIO when it takes a tape measure
    or a pressing hand, which many cannot do alone.
    """
    if definition.critical_screen:
        return _SCREEN_FLOOR.get(definition.flag, Disposition.GP_ROUTINE)
    if definition.flag in (Flag.CRITICAL, Flag.RED) and "runner" in definition.asked_of:
        return Disposition.GP_ROUTINE if definition.burden <= EASY_BURDEN else Disposition.PHYSIO
    return None


def _unanswered(kb: KnowledgeBase, answers: Answers) -> tuple[tuple[FindingId, Disposition], ...]:
    """Open must-ask questions with their floors, most urgent first."""
    open_questions = [
        (finding_id, floor)
        for finding_id, definition in kb.findings.items()
        if (floor := screen_floor(definition)) is not None and answers.answer(finding_id) is None
    ]
    return tuple(sorted(open_questions, key=lambda item: -item[1]))


_STATE = {Truth.TRUE: RuleState.FIRED, Truth.UNKNOWN: RuleState.UNDETERMINED, Truth.FALSE: RuleState.CLEAR}


def _outcome(rule: RedFlagRule, answers: Answers) -> RuleOutcome:
    """The state is told by all findings, the contribution by those within the runner's reach."""
    state = _STATE[evaluate(rule.when, answers.answer)]
    reach = evaluate(rule.when, answers.within_reach)
    suspect = rule.suspect_when
    known = support(rule.when, answers.within_reach)
    return RuleOutcome(
        id=rule.id,
        state=state,
        contributes=contribution(
            rule,
            reach,
            suspected=suspect is not None and evaluate(suspect, answers.answer) is Truth.TRUE,
            supported=bool(known),
        ),
        because=deciding(rule.when, answers.answer),
        support=known if state is RuleState.UNDETERMINED else (),
    )


def _failure(rule: RedFlagRule) -> RuleOutcome:
    return RuleOutcome(
        id=rule.id, state=RuleState.UNDETERMINED, contributes=Disposition.SAME_DAY, because=(), support=()
    )


def _default(rule: RedFlagRule, *, fires: bool) -> RuleOutcome:
    return RuleOutcome(
        id=rule.id,
        state=RuleState.FIRED if fires else RuleState.CLEAR,
        contributes=rule.disposition if fires else None,
        because=(),
    )


def _guarded_wells(kb: KnowledgeBase, answers: Answers) -> tuple[WellsScore, bool]:
    try:
        return wells_score(kb, answers), False
    except _FAULTS:
        return WellsScore(points=0, counted=(), unknown=()), True


def wells_score(kb: KnowledgeBase, answers: Answers) -> WellsScore:
    """Two-level DVT Wells count (NICE NG158) without the -2 item.

    Items marked for clinicians count only when a clinician examined; an item nobody knows is listed, not
    taken as zero. Shown to clinicians beside the rules: no rule reads the score.
    """
    counted: list[FindingId] = []
    unknown: list[FindingId] = []
    points = 0
    for item in kb.wells:
        value = answers.by_clinician(item.finding) if item.clinician_only else answers.answer(item.finding)
        if value is None:
            unknown.append(item.finding)
        elif value is True:
            counted.append(item.finding)
            points += item.points
    alternative = answers.by_clinician(ALTERNATIVE) if ALTERNATIVE in kb.findings else None
    return WellsScore(
        points=points,
        counted=tuple(counted),
        unknown=tuple(unknown),
        clinician_alternative_as_likely=alternative if isinstance(alternative, bool) else None,
    )
