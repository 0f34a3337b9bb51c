"""Which plan, if any: the family for the likely cause, made safe for every competing cause, or why there is none.

1. A danger that is open or undetermined withholds every plan.
2. The likeliest cause names a family, or the reason why there is no plan to follow alone.
3. Causes that compete with it join: the most cautious family leads and the plan must be safe for all of them.
4. A family that needs clearance, or a runner who is not certainly an adult, stays locked until a clinician has cleared
   the loading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from soleus.core.assessment import Disposition, RuleOutcome
from soleus.core.ids import ConditionId, FamilyId, TextId
from soleus.core.message import Message
from soleus.core.plan import PlannedCause, PlanStatus
from soleus.knowledge.base import KnowledgeBase, ProbabilityFloor
from soleus.knowledge.plan_base import NoSelfPlan, PlanFamily
from soleus.planning.facts import UNRESOLVED_TAGS, is_suspected
from soleus.planning.situation import Situation

GRADES = ("mild", "moderate", "severe")
HANDLED_TAGS: Mapping[str, frozenset[ConditionId]] = {
    "bone": frozenset({ConditionId("tibial_stress_fracture"), ConditionId("fibular_stress_fracture")})
}
"""Dangers that a plan under clearance is made for: the suspicion is then the reason for the plan, not against it."""
COURSE_TAGS = frozenset({"course"})
"""How long it has lasted and how it goes, without any other sign."""
CLINICIAN_PATHWAYS = frozenset({"clinician_led", "clinician_only"})
PHYSIO_PATHWAY = "physio"
"""Open without clearance, but with a physiotherapist from the start."""
MINOR = "u18"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One cause with what the knowledge base has for it."""

    condition: ConditionId
    probability: float
    family: FamilyId | None = None
    grade: str = ""
    locked: bool = False
    """The family is for this cause only once a clinician has seen to it."""
    no_plan: NoSelfPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The kind of answer and the families it rests on."""

    status: PlanStatus
    lead: PlanFamily | None = None
    also: tuple[PlanFamily, ...] = ()
    causes: tuple[PlannedCause, ...] = ()
    no_plan: NoSelfPlan | None = None
    """The cause without a self-plan that decided, when one did."""
    why: tuple[Message, ...] = ()
    see: tuple[Message, ...] = ()

    @property
    def families(self) -> tuple[PlanFamily, ...]:
        """The leading family first; none = no plan."""
        return () if self.lead is None else (self.lead, *self.also)

    @property
    def ids(self) -> tuple[FamilyId, ...]:
        return tuple(family.id for family in self.families)


def message(text: str, /, **params: str | float) -> Message:
    """A message by its id; parameters that are text ids are worded where the plan is shown."""
    return Message(text=TextId(text), params=params)


def choose(situation: Situation) -> Choice:
    """The status, the leading family and those it must be safe for, with the reasons."""
    dangers = _dangers(situation)
    options = _options(situation)
    causes = _planned_causes(options, situation.kb)
    if dangers or not options:
        return _withheld(situation, dangers or ("unexplained",), causes)
    blocked = _no_self_plan(options, situation)
    if blocked is not None:
        return _not_alone(blocked, options, causes, situation)
    lead, also = _families(options, situation)
    open_reasons = _reasons_beside((lead, *also), situation)
    if open_reasons:
        return _withheld(situation, open_reasons, causes)
    locks = _locks(lead, also, options, situation)
    alone = (message("plan.why.physio"),) if lead.pathway == "self_physio" and not locks else ()
    if situation.goals.cleared_by:
        alone = (message("plan.why.cleared", by=f"plan.clearer.{situation.goals.cleared_by}"),)
    return Choice(
        status=PlanStatus.LOCKED if locks else PlanStatus.DRAFT,
        lead=lead,
        also=also,
        causes=causes,
        why=(*_why(lead, also, options), *(message(f"plan.why.locked.{lock}") for lock in locks), *alone),
        see=(*_see_for(lead, locks, situation), *_see_beside(options, situation)),
    )


# --- dangers -----------------------------------------------------------------------------------------------------
def _dangers(situation: Situation) -> tuple[str, ...]:
    """What withholds every plan whatever the cause, by slug; most serious first."""
    found = []
    if situation.triage.failed:
        found.append("triage_failed")
    if situation.disposition >= Disposition.SAME_DAY:
        found.append("urgent")
    if situation.posterior is None:
        found.append("differential_failed")
    tags = _tags(situation.kb)
    for outcome in situation.triage.rules:
        red = tags.get(outcome.id, frozenset()) & UNRESOLVED_TAGS
        if is_suspected(outcome) and red - HANDLED_TAGS.keys():
            found.append("danger")
    if any(floor >= Disposition.GP_ROUTINE for _, floor in situation.triage.unanswered):
        found.append("unanswered")
    return tuple(dict.fromkeys(found))


def _tags(kb: KnowledgeBase) -> dict[str, frozenset[str]]:
    return {rule.id: rule.tags for rule in kb.rules}


def _reasons_beside(families: tuple[PlanFamily, ...], situation: Situation) -> tuple[str, ...]:
    """GP-level reasons that the plan does not answer; a clinician's clearance answers the harmless ones."""
    tags = _tags(situation.kb)
    guarded = families[0].needs_clearance
    planned = frozenset(condition for family in families for condition, _ in family.conditions)
    planned |= {condition for alike in HANDLED_TAGS.values() if alike & planned for condition in alike}
    slow = all(family.long_course for family in families)
    asking = [outcome for outcome in situation.triage.rules if _asks_for_a_doctor(outcome)]
    floors = [floor for floor in situation.kb.floors if _reached(floor, situation)]
    for outcome in asking:
        red = tags.get(outcome.id, frozenset()) & UNRESOLVED_TAGS
        answered = guarded and all(HANDLED_TAGS.get(tag, frozenset()) & planned for tag in red)
        answered |= slow and tags.get(outcome.id) == COURSE_TAGS
        if not (answered or (situation.goals.cleared_by and not red)):
            return ("doctor_first",)
    if not all(guarded and planned >= set(floor.conditions) for floor in floors):
        return ("doctor_first",)
    explained = asking or floors or guarded or situation.goals.cleared_by
    return () if explained or situation.disposition < Disposition.GP_ROUTINE else ("doctor_first",)


def _reached(floor: ProbabilityFloor, situation: Situation) -> bool:
    return floor.disposition >= Disposition.GP_ROUTINE and situation.probability(floor.conditions) >= floor.threshold


def _asks_for_a_doctor(outcome: RuleOutcome) -> bool:
    """Whether a rule is fired or suspected and asks for a GP or more."""
    return is_suspected(outcome) and (outcome.contributes or Disposition.SELF_CARE) >= Disposition.GP_ROUTINE


# --- causes and families -----------------------------------------------------------------------------------------
def _options(situation: Situation) -> tuple[Option, ...]:
    """Every diagnosis with what the knowledge base has for it, likeliest first."""
    found = [
        _option(condition.id, situation.probability([condition.id]), situation) for condition in situation.kb.diagnoses
    ]
    return tuple(sorted((o for o in found if o.probability > 0), key=lambda o: (-o.probability, o.condition)))


def _option(condition: ConditionId, probability: float, situation: Situation) -> Option:
    plans = situation.kb.plans
    fitting = [(q, f) for f in plans.families.values() for c, q in f.conditions if c == condition]
    graded = {qualifier: family for qualifier, family in fitting if qualifier in GRADES}
    if graded:
        grade = cautious_grade(condition, graded, situation)
        return Option(condition=condition, probability=probability, family=graded[grade].id, grade=grade)
    no_plan = plans.no_self_plan.get(condition)
    for qualifier, family in sorted(fitting, key=lambda pair: (pair[0] != "", -pair[1].caution, pair[1].id)):
        if not qualifier or no_plan is None or situation.goals.cleared_by:
            return Option(condition=condition, probability=probability, family=family.id, locked=bool(qualifier))
    if no_plan is not None and no_plan.fallback is not None:
        return Option(condition=condition, probability=probability, family=no_plan.fallback, no_plan=no_plan)
    return Option(condition=condition, probability=probability, no_plan=no_plan)


def cautious_grade(condition: ConditionId, graded: Mapping[str, PlanFamily], situation: Situation) -> str:
    """The grade to plan for: the most protective family among grades at least `select.grade_share` likely.

    With no grading at all every grade counts.
    """
    shares = dict(situation.grades.get(condition, ()))
    least = situation.kb.plans.value("select.grade_share")
    likely = [grade for grade in graded if shares.get(grade, 0.0) >= least] if shares else []
    return max(likely or graded, key=lambda grade: (graded[grade].caution, GRADES.index(grade)))


def _planned_causes(options: Iterable[Option], kb: KnowledgeBase) -> tuple[PlannedCause, ...]:
    least = kb.plans.value("select.told_share")
    return tuple(
        PlannedCause(condition=o.condition, probability=o.probability, grade=o.grade, family=o.family)
        for o in options
        if o.probability >= least
    )


def _no_self_plan(options: tuple[Option, ...], situation: Situation) -> Option | None:
    """The cause that rules out a plan to follow alone: the likeliest one, or the first when they add up to much."""
    without = [option for option in options if option.family is None]
    together = sum(option.probability for option in without)
    if options[0].family is None or together >= situation.kb.plans.value("select.no_self_plan_together"):
        return without[0]
    return None


def _families(options: tuple[Option, ...], situation: Situation) -> tuple[PlanFamily, tuple[PlanFamily, ...]]:
    """The leading family and its competitors, most cautious first.

    A family competes when its causes together reach `select.competing_share`, or `select.competing_share_clearance`
    when it needs clearance. A graded cause counts for the grade it is planned for, and for each more protective grade
    with its share of the cause.
    """
    plans = situation.kb.plans
    shares: dict[FamilyId, float] = {}
    for option in options:
        if option.family is None:
            continue
        shares[option.family] = shares.get(option.family, 0.0) + option.probability
        for family, share in _other_grades(option, option.family, situation):
            shares[family] = shares.get(family, 0.0) + option.probability * share
    first = options[0].family
    chosen = [
        plans.families[family]
        for family, share in shares.items()
        if family == first or share >= _competing_share(plans.families[family], situation)
    ]
    ordered = sorted(chosen, key=lambda family: (-family.caution, -shares[family.id], family.id))
    return ordered[0], tuple(ordered[1:])


def _other_grades(option: Option, planned: FamilyId, situation: Situation) -> list[tuple[FamilyId, float]]:
    """The more protective grades of a graded cause, with their share of it; milder ones ask for nothing stricter."""
    shares = dict(situation.grades.get(option.condition, ()))
    families = situation.kb.plans.families
    return [
        (family.id, shares.get(grade, 0.0))
        for family in families.values()
        for condition, grade in family.conditions
        if option.grade and condition == option.condition and family.caution > families[planned].caution
    ]


def _competing_share(family: PlanFamily, situation: Situation) -> float:
    guarded = needs_clearance(family)
    return situation.kb.plans.value("select.competing_share_clearance" if guarded else "select.competing_share")


def needs_clearance(family: PlanFamily) -> bool:
    """Whether a clinician must clear loading before the plan opens."""
    return family.needs_clearance or family.pathway in CLINICIAN_PATHWAYS


def _locks(
    lead: PlanFamily, also: tuple[PlanFamily, ...], options: tuple[Option, ...], situation: Situation
) -> tuple[str, ...]:
    """Why the plan stays locked, by slug; empty = open, or cleared by a clinician."""
    if situation.goals.cleared_by:
        return ()
    families = (lead, *also)
    planned = {family.id for family in families}
    locks = []
    if any(map(needs_clearance, families)):
        locks.append("family")
    least = situation.kb.plans.value("select.competing_share_clearance")
    waiting = [option for option in options if option.locked and option.family in planned]
    if any(option is options[0] or option.probability >= least for option in waiting):
        locks.append("cause")
    if MINOR in situation.ages:
        locks.append("minor")
    elif not situation.ages:
        locks.append("age_unknown")
    return tuple(locks)


# --- reasons -----------------------------------------------------------------------------------------------------
def _withheld(situation: Situation, reasons: Iterable[str], causes: tuple[PlannedCause, ...]) -> Choice:
    urgency = max(situation.disposition, Disposition.GP_ROUTINE)
    if situation.triage.failed or situation.posterior is None:
        urgency = max(urgency, Disposition.SAME_DAY)
    rules = [outcome.id for outcome in situation.triage.rules if _asks_for_a_doctor(outcome)]
    why = [message(f"plan.why.withheld.{reason}") for reason in reasons]
    return Choice(
        status=PlanStatus.WITHHELD,
        causes=causes,
        why=(*why, *(message(f"rule.{rule}.reason") for rule in rules)),
        see=(message(f"plan.see.{urgency.slug}"),),
    )


def _not_alone(
    blocked: Option, options: tuple[Option, ...], causes: tuple[PlannedCause, ...], situation: Situation
) -> Choice:
    entry = blocked.no_plan
    name = f"condition.{blocked.condition}.name"
    least = situation.kb.plans.value("select.no_self_plan_told")
    likely = [option.no_plan for option in options if option is blocked or option.probability >= least]
    urgency = max([situation.disposition, *(item.disposition for item in likely if item is not None)])
    urgency = max(urgency, Disposition.GP_ROUTINE) if entry is None else urgency
    own = [] if entry is None else [message(f"no_plan.{blocked.condition}.see")]
    others = [see for see in _see_beside(options, situation) if see not in own]
    return Choice(
        status=PlanStatus.NO_SELF_PLAN,
        causes=causes,
        no_plan=entry,
        why=(message("plan.why.no_self_plan" if blocked is options[0] else "plan.why.several", cause=name),),
        see=(*own, message(f"plan.see.{urgency.slug}"), *others),
    )


def _see_beside(options: Iterable[Option], situation: Situation) -> tuple[Message, ...]:
    """Who else to see: causes without a self-plan that are likely enough to matter."""
    least = situation.kb.plans.value("select.no_self_plan_told")
    return tuple(
        message(f"no_plan.{option.condition}.see")
        for option in options
        if option.no_plan is not None and option.probability >= least
    )


def _see_for(lead: PlanFamily, locks: Iterable[str], situation: Situation) -> tuple[Message, ...]:
    """Who can clear a locked plan, then how soon to be seen: as the assessment says, or as the pathway wants it."""
    clear = (message(f"plan.see.clear.{lead.pathway}"),) if tuple(locks) else ()
    wanted = Disposition.PHYSIO if lead.pathway == PHYSIO_PATHWAY else Disposition.SELF_CARE
    urgency = max(situation.disposition, wanted)
    return (*clear, message(f"plan.see.{urgency.slug}")) if urgency >= Disposition.PHYSIO else clear


def _why(lead: PlanFamily, also: tuple[PlanFamily, ...], options: tuple[Option, ...]) -> tuple[Message, ...]:
    first = options[0]
    percent = round(100 * first.probability)
    told = [message("plan.why.cause", cause=f"condition.{first.condition}.name", percent=percent)]
    if first.family != lead.id:
        told.append(message("plan.why.leads", family=f"family.{lead.id}.name"))
    else:
        told.append(message("plan.why.family", family=f"family.{lead.id}.name"))
        told += [message(f"plan.why.grade.{first.grade}")] if first.grade else []
    return (*told, *(message("plan.why.also", family=f"family.{family.id}.name") for family in also))
