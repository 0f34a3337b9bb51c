"""The one place where the pages meet the engines: each function calls one of them and gives back plain parts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from soleus.clinic import assess as clinic_assess
from soleus.clinic import interview
from soleus.clinic.interview import Ask, Emergency, InterviewState, Step, Stop
from soleus.core.assessment import Assessment, Disposition, TriageResult
from soleus.core.case import Case
from soleus.core.errors import KnowledgeError
from soleus.core.expression import Truth, evaluate
from soleus.core.finding import Finding
from soleus.core.ids import FindingId
from soleus.differential import engine_for
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import FindingDefinition, KnowledgeBase
from soleus.web.journey.adapter_film import case_with_films
from soleus.web.journey.adapter_training import case_with_training
from soleus.web.journey.state import Check

log = logging.getLogger("soleus.web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A page of tick boxes: the open items of one screen of the interview plan, or those answered before."""

    id: str
    title: str
    legend: str
    findings: tuple[FindingId, ...]
    critical: bool


@lru_cache(maxsize=1)
def kb() -> KnowledgeBase:
    """The packaged knowledge base."""
    return load_knowledge()


def warm_up() -> None:
    """Load and compile everything once, before the first visitor waits for it."""
    engine_for(kb())


def definition(finding: str) -> FindingDefinition | None:
    return kb().findings.get(FindingId(finding))


def knowledge_version() -> str:
    """For the foot of every page, error pages included: "" when the knowledge cannot be read."""
    try:
        return kb().version
    except KnowledgeError:
        return ""


def condition_count() -> int:
    """How many causes are weighed; "something else" is not one of them."""
    try:
        return len(kb().diagnoses) - 1
    except KnowledgeError:
        return 0


def askable(finding: str) -> bool:
    """Whether this finding is a question for the runner."""
    entry = definition(finding)
    return entry is not None and "runner" in entry.asked_of


def no_longer_fits(check: Check) -> list[FindingId]:
    """Answered questions that depend on another answer which has since made them pointless."""
    evidence = check.case().evidence()
    gone = []
    for finding in check.answers:
        entry = definition(finding)
        moot = entry is not None and entry.ask_if is not None
        if moot and evaluate(entry.ask_if, evidence.answer) is Truth.FALSE:
            gone.append(FindingId(finding))
    return gone


def is_unsafe_test(check: Check, finding: str) -> bool:
    """A self-test that the answers so far forbid, or do not yet clear."""
    entry = definition(finding)
    if entry is None or not entry.self_test or entry.unsafe_if is None:
        return False
    return evaluate(entry.unsafe_if, check.case().evidence().answer) is not Truth.FALSE


def triage_now(check: Check) -> TriageResult:
    """The rules on what is known so far."""
    from soleus.triage import triage

    return triage(check.case().evidence(), kb())


def is_emergency(check: Check) -> bool:
    """Help first: nobody is asked for anything else then."""
    return triage_now(check).disposition >= Disposition.EMERGENCY_NOW


# --- the interview -----------------------------------------------------------------------------------------------
LOCATION, SIDE = FindingId("pain_location"), FindingId("side")
ASKED_ELSEWHERE = frozenset({FindingId("height_weight_bmi"), FindingId("age_band")})
DAILY = frozenset({FindingId("walk_ability"), FindingId("improving_trend"), FindingId("pain_score_now")})
DAILY_SCREENS = frozenset({"swelling"})
"""What may change from day to day, and is asked anew on "check again"."""


def interview_state(check: Check) -> InterviewState:
    """The interview's view of the check."""
    findings = check.case().evidence()
    if check.sex_done and check.sex == "prefer_not":
        findings = findings.replaced(Finding(id=FindingId("sex_at_birth"), value="prefer_not"))
    skipped = {FindingId(f) for f in check.skipped} | ASKED_ELSEWHERE
    if check.tests == "no":
        skipped |= {entry.id for entry in kb().findings.values() if entry.self_test}
    return InterviewState(
        findings=findings,
        pages=tuple(tuple(FindingId(f) for f in page["items"]) for page in check.pages),
        skipped=frozenset(skipped),
        noted=Disposition(max(check.noted, 0)),
        onset_on=date.fromisoformat(check.onset_on) if check.onset_on else None,
    )


def next_step(check: Check, today: date) -> Step:
    """Ask, Stop or Emergency."""
    return interview.next_step(interview_state(check), kb(), today)


def needs_hands(findings: Sequence[FindingId]) -> bool:
    """Whether a page holds a physical test."""
    return any(kb().findings[f].self_test for f in findings if f in kb().findings)


def screen_of(check: Check, screen_id: str) -> Screen | None:
    """A tick-box page: the items answered on it before, and those offered now."""
    items = [f for page in check.pages if page["screen"] == screen_id for f in page["items"]]
    if check.current_screen == screen_id:
        items += check.current
    found = tuple(FindingId(f) for f in dict.fromkeys(items) if FindingId(f) in kb().findings)
    if not found:
        return None
    key = f"interview.screen.{screen_id}"
    return Screen(
        id=screen_id,
        title=kb().text.get(f"{key}.title", "Is any of this true?"),
        legend=kb().text.get(f"{key}.legend", ""),
        findings=found,
        critical=any(kb().findings[f].critical_screen for f in found),
    )


def screen_with(check: Check, finding: str) -> str:
    """The id of the tick-box page on which a finding was answered, or ""."""
    return next((p["screen"] for p in check.pages if p["screen"] and finding in p["items"]), "")


def asked_daily(check: Check) -> set[str]:
    """The findings to ask anew on another day."""
    again = {f.id for f in kb().findings.values() if f.critical_screen} | DAILY
    again |= {FindingId(f) for page in check.pages if page["screen"] in DAILY_SCREENS for f in page["items"]}
    return {str(f) for f in again}


def emergency_open(check: Check, today: date) -> bool:
    """Whether the answers now ask for help that the runner has not yet been shown."""
    return isinstance(next_step(check, today), Emergency)


def may_stop(step: Step) -> bool:
    """The safety questions come first; after them the runner may stop at any time."""
    return isinstance(step, Stop) or (isinstance(step, Ask) and step.stage not in {"critical", "opening"})


def why_words(step: Ask) -> str:
    """Why this page is asked, in words."""
    params = {key: kb().text.get(str(value), "") for key, value in step.why.params.items()}
    template = kb().text.get(step.why.text, "")
    try:
        return template.format_map(params)
    except KeyError:
        return ""


def remaining_words(count: int) -> str:
    """Progress in words."""
    if count <= 1:
        return kb().text.get("interview.remaining.one", "About 1 more question")
    return kb().text.get("interview.remaining.many", "About {n} more questions").format(n=count)


def assess(check: Check, today: date) -> Assessment:
    """The assessment of the check as it stands."""
    return clinic_assess(case_of(check), kb(), today)


def case_of(check: Check) -> Case:
    """The case as it is assessed: the answers, and what the running before the pain and films add to them.

    The answers count even when running or films cannot be read: they may add to a result, never take one away.
    """
    try:
        case = case_with_training(check)
    except Exception as error:  # noqa: BLE001 - as said
        log.error("running not counted: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        case = check.case()
    try:
        return case_with_films(check, case)
    except Exception as error:  # noqa: BLE001 - as said
        log.error("films not counted: %s", type(error).__name__)  # noqa: TRY400 - a traceback may quote answers
        return case
