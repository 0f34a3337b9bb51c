"""The interview as a pure state machine: state in, next page out; nothing is remembered anywhere else.

Order of asking:
1. The must-ask screens, most urgent harm first. A fired emergency rule stops the interview at once.
2. The opening questions that everyone is asked; one that is part of a screen brings its screen.
3. Questions that settle a supported but undetermined rule which could still raise the urgency (to GP level or more).
4. Red questions, when a missing "no" to them is all that keeps the result from self-care.
5. Whatever tells most about the cause: expected bits, weighted by the harm of the causes it separates, per burden.

It stops when no question is worth asking any more (`LEAST_SCORE`), when `MOST_PAGES` pages were asked after the
must-ask screens, or when nothing is left. Stopping early is safe: what was not asked counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from soleus.clinic.evidence import with_onset
from soleus.clinic.questions import (
    Page,
    applies,
    open_questions,
    page_score,
    pages,
    rank_questions,
    reassuring,
    supported_rules,
)
from soleus.core.assessment import Disposition, NextQuestion, TriageResult
from soleus.core.finding import Finding, FindingSet
from soleus.core.ids import ConditionId, FindingId, TextId
from soleus.core.message import Message
from soleus.knowledge.base import KnowledgeBase
from soleus.triage import triage

MOST_PAGES = 15
"""Pages after the must-ask screens."""

LEAST_SCORE = 0.1
"""Weighted bits per burden below which a page would hardly change the result (expert choice)."""

FORESIGHT = 5
"""The estimate of what is left never promises more adaptive pages than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewState:
    """All of an interview: the answers, the pages in the order asked, and the emergency already attended to."""

    findings: FindingSet = field(default_factory=FindingSet)
    pages: tuple[tuple[FindingId, ...], ...] = ()
    skipped: frozenset[FindingId] = frozenset()
    noted: Disposition = Disposition.SELF_CARE
    """The runner says they were already checked for an emergency up to this level ("I have noted this")."""
    onset_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The next page: one question, or the open items of a screen; with why it is asked."""

    findings: tuple[FindingId, ...]
    screen: str
    """Id of the screen, empty for a single question; wording under `interview.screen.<id>`."""
    stage: str
    """critical | opening | settle | reassure | information"""
    why: Message
    separates: tuple[ConditionId, ...]
    """The causes it tells apart, when asked for information."""
    remaining: int
    """About how many pages are left, this one included."""

    @property
    def finding(self) -> FindingId:
        return self.findings[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """No more questions: settled | limit | nothing_left."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Stop asking and show what to do now; `rules` are the fired rules behind it."""

    disposition: Disposition
    rules: tuple[str, ...]


Step = Ask | Stop | Emergency


def next_step(state: InterviewState, kb: KnowledgeBase, today: date) -> Step:
    """What to show next; depends on nothing but the arguments."""
    findings = with_onset(state.findings, state.onset_on, today)
    result = triage(findings, kb)
    emergency = _emergency(result, state.noted)
    if emergency is not None:
        return emergency
    candidates = open_questions(findings, state.skipped, result, kb)
    critical = pages([name for name in candidates if kb.findings[name].critical_screen], kb)
    opening = _opening(candidates, kb)
    asked = sum(not kb.findings[page[0]].critical_screen for page in state.pages if page[0] in kb.findings)
    if critical:
        return _ask(critical[0], "critical", len(critical) + len(opening) + FORESIGHT)
    if opening:
        return _ask(opening[0], "opening", len(opening) + FORESIGHT)
    if asked >= MOST_PAGES:
        return Stop(reason="limit")
    everything = pages(candidates, kb)
    settling = _touching(everything, _settling(result, kb))
    left = MOST_PAGES - asked
    if settling:
        return _ask(settling[0], "settle", min(left, len(settling) + FORESIGHT // 2))
    ranked = {question.finding: question for question in rank_questions(findings, candidates, kb)}
    worthwhile = _worthwhile(everything, ranked)
    red = _touching(everything, reassuring(result))
    if red:
        return _ask(red[0], "reassure", min(left, len(red) + min(len(worthwhile), FORESIGHT)))
    if not worthwhile:
        return Stop(reason="settled" if candidates else "nothing_left")
    best = worthwhile[0]
    leading = max((ranked[name] for name in best.findings), key=lambda question: question.score)
    return _ask(best, "information", min(left, len(worthwhile), FORESIGHT), leading.separates)


def answer(
    state: InterviewState, given: Iterable[Finding], kb: KnowledgeBase, *, page: Sequence[FindingId] = ()
) -> InterviewState:
    """The state after a page was answered, for the first time or anew.

    A changed answer replaces the old one, and answers to questions that it makes pointless are forgotten. Items
    of `page` without an answer are skipped: they stay unknown and are not asked again.
    """
    answers = list(given)
    findings = state.findings
    for item in answers:
        findings = findings.replaced(item)
    named = tuple(dict.fromkeys([*page, *(item.id for item in answers)]))
    fresh = {item.id for item in answers}
    moot = [
        item.id
        for item in findings
        if item.id in kb.findings and item.id not in fresh and not applies(kb.findings[item.id], findings)
    ]
    known = tuple(named) in state.pages or all(any(name in old for old in state.pages) for name in named)
    return replace(
        state,
        findings=findings.without(*moot),
        pages=state.pages if known else (*state.pages, named),
        skipped=(state.skipped - fresh) | {name for name in named if name not in fresh},
    )


def skip(state: InterviewState, page: Sequence[FindingId], kb: KnowledgeBase) -> InterviewState:
    """The state after a page was skipped."""
    return answer(state, (), kb, page=page)


def note_emergency(state: InterviewState, disposition: Disposition) -> InterviewState:
    """The runner says they were already checked: go on, but stop again for anything more urgent."""
    return replace(state, noted=max(state.noted, disposition))


def suggestions(
    findings: FindingSet, result: TriageResult, kb: KnowledgeBase, *, most: int = 8
) -> tuple[NextQuestion, ...]:
    """The single questions most worth asking next: those that settle urgent rules, then by score."""
    candidates = open_questions(findings, frozenset(), result, kb)
    ranked = rank_questions(findings, candidates, kb)
    first = {name: index for index, name in enumerate([*_unasked_critical(result, kb), *_settling(result, kb)])}
    ordered = sorted(ranked, key=lambda question: first.get(question.finding, len(first)))
    return tuple(q for q in ordered if q.finding in first or q.score > 0)[:most]


def _emergency(result: TriageResult, noted: Disposition) -> Emergency | None:
    if result.disposition < Disposition.EMERGENCY_NOW or result.disposition <= noted:
        return None
    rules = tuple(str(outcome.id) for outcome in result.rules if outcome.contributes is result.disposition)
    return Emergency(disposition=result.disposition, rules=rules)


def _opening(candidates: Sequence[FindingId], kb: KnowledgeBase) -> tuple[Page, ...]:
    everything = pages(candidates, kb)
    return tuple(_touching(everything, [name for name in kb.interview.opening if name in candidates]))


def _unasked_critical(result: TriageResult, kb: KnowledgeBase) -> list[FindingId]:
    return [name for name, _ in result.unanswered if kb.findings[name].critical_screen]


def _settling(result: TriageResult, kb: KnowledgeBase) -> tuple[FindingId, ...]:
    """The findings that would settle supported rules, most urgent rule first."""
    return tuple(dict.fromkeys(name for outcome in supported_rules(result, kb) for name in outcome.because))


def _touching(everything: Sequence[Page], wanted: Sequence[FindingId]) -> list[Page]:
    """Pages holding a wanted finding, in the order of their first wanted one."""
    place = {name: index for index, name in reversed(list(enumerate(wanted)))}
    found = [page for page in everything if any(name in place for name in page.findings)]
    return sorted(found, key=lambda page: min(place[name] for name in page.findings if name in place))


def _worthwhile(everything: Sequence[Page], ranked: dict[FindingId, NextQuestion]) -> list[Page]:
    """Pages whose score is at least LEAST_SCORE, best first."""
    scored = [(page_score(page, ranked), page) for page in everything]
    return [page for score, page in sorted(scored, key=lambda item: -item[0]) if score >= LEAST_SCORE]


def _ask(page: Page, stage: str, remaining: int, separates: tuple[ConditionId, ...] = ()) -> Ask:
    causes = separates[:2]
    params = {key: f"condition.{cause}.name" for key, cause in zip("ab", causes, strict=False)}
    name = f"{stage}_one" if stage == "information" and len(causes) == 1 else stage
    return Ask(
        findings=page.findings,
        screen=page.screen,
        stage=stage,
        why=Message(text=TextId(f"interview.why.{name}"), params=params),
        separates=separates,
        remaining=max(remaining, 1),
    )
