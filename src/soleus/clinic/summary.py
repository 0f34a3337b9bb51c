"""What a result shows, as ids, numbers and dates: any front end puts it into words and pictures.

Order of the page: what to do and how soon, likely causes, dangerous causes and why not, what would change it, how
sure, safety net, advice for today, the answers it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from soleus.clinic.evidence import answers_alone
from soleus.core.assessment import Advice, Assessment, Cause, Contribution, Disposition, Flip, RuleState, Withheld
from soleus.core.case import Case
from soleus.core.expression import Answer
from soleus.core.finding import Finding
from soleus.core.ids import ConditionId, FindingId, SourceKey, TextId
from soleus.core.message import Message
from soleus.knowledge.base import KnowledgeBase
from soleus.planning.relief import URGENT_ACTION

SOMETHING_ELSE = ConditionId("other_nonspecific")
SHOWN_CAUSES = 5
SHOWN_FROM = 0.02
"""A cause less likely than this is part of "something else"."""
SHOWN_DANGERS = 5
SHOWN_WEIGHTS = 4
LEAST_WEIGHT_DB = 1.0
"""Evidence weaker than this (a likelihood ratio of about 1.26) is not worth a line."""
SHOWN_CHANGES = 4
RECHECK_DAYS = (2, 7, 14)
"""When to look again: 24-48 h, 5-7 days, 2 weeks."""

FAIRLY_SURE, LEANING, OPEN = 0.7, 0.45, 0.25
"""Chance of the leading cause for each word; "fairly" also needs the lower end of its interval above OPEN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareCard:
    """What to do and how soon, and every reason for it."""

    disposition: Disposition
    title: TextId
    how_soon: TextId
    body: TextId
    say: TextId
    dont: TextId
    bring: TextId
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseLine:
    """One cause in 100 runners with these answers; `n`, `low`, `high` are whole numbers."""

    condition: ConditionId
    name: TextId
    n: int
    low: int
    high: int
    speaks_for: tuple[Contribution, ...]
    speaks_against: tuple[Contribution, ...]
    severity: tuple[tuple[str, int], ...]
    sources: tuple[SourceKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An answer not given yet, and what it would make of a cause."""

    condition: ConditionId
    finding: FindingId
    value: str
    n_now: int
    n_then: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NetBlock:
    """One of the five safety-net blocks; dates are filled in, the rest is wording by id."""

    title: TextId
    lines: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    finding: FindingId
    value: Answer
    origin: str
    soft: Finding | None = None
    """The finding itself when it is soft evidence: `value` alone does not tell what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    card: CareCard
    causes: tuple[CauseLine, ...]
    something_else: int
    """In 100: all causes not listed. Together with the listed ones it makes exactly 100 (or nothing is listed)."""
    dangers: tuple[CauseLine, ...]
    changes: tuple[Change, ...]
    sure: TextId
    safety_net: tuple[NetBlock, ...]
    advice: tuple[Advice, ...]
    withheld: tuple[Withheld, ...]
    answers: tuple[AnswerLine, ...]
    """What was said or examined; what watch files add is shown apart."""
    problems: tuple[str, ...]


def summarise(assessment: Assessment, case: Case, kb: KnowledgeBase) -> Summary:
    """The content of a result, in the order it is shown."""
    everything = () if assessment.differential is None else assessment.differential.causes
    listed = [c for c in everything if c.condition != SOMETHING_ELSE and c.probability >= SHOWN_FROM][:SHOWN_CAUSES]
    shares = in_100([*(cause.probability for cause in listed), 1 - sum(cause.probability for cause in listed)])
    shown = {cause.condition for cause in listed}
    dangers = [c for c in everything if c.condition not in shown and _is_dangerous(c.condition, kb)][:SHOWN_DANGERS]
    return Summary(
        card=_care_card(assessment, kb),
        causes=tuple(_cause_line(cause, n, kb) for cause, n in zip(listed, shares[:-1], strict=True)),
        something_else=shares[-1] if everything else 0,
        dangers=tuple(_cause_line(cause, round(cause.probability * 100), kb) for cause in dangers),
        changes=_changes([*listed, *dangers]),
        sure=how_sure(everything),
        safety_net=_safety_net(assessment, listed, kb),
        advice=assessment.advice,
        withheld=assessment.withheld,
        answers=tuple(answer_line(finding) for finding in answers_alone(case).evidence()),
        problems=assessment.problems,
    )


def in_100(shares: Sequence[float]) -> tuple[int, ...]:
    """Whole numbers that sum to 100, by largest remainder (ties: the earlier share)."""
    total = sum(shares)
    exact = [share / total * 100 for share in shares]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: 100 - sum(whole)]:
        whole[i] += 1
    return tuple(whole)


def how_sure(causes: Sequence[Cause]) -> TextId:
    """A word for how clearly the leading cause leads, from its chance and the lower end of its interval."""
    named = [cause for cause in causes if cause.condition != SOMETHING_ELSE]
    leading = max(named, key=lambda cause: cause.probability, default=None)
    word = "unknown"
    if leading is not None and leading.probability >= OPEN:
        word = "open"
        if leading.probability >= LEANING:
            word = "leaning"
        if leading.probability >= FAIRLY_SURE and leading.low >= OPEN:
            word = "fairly"
    return TextId(f"summary.sure.{word}")


def recheck_dates(assessed_on: date) -> dict[str, str]:
    """The dates of the safety net, ISO; the front end formats them."""
    names = ("date_48h", "date_7d", "date_2w")
    dates = {name: (assessed_on + timedelta(days=d)).isoformat() for name, d in zip(names, RECHECK_DAYS, strict=True)}
    return {**dates, "date": dates["date_2w"]}


def reasons(assessment: Assessment, kb: KnowledgeBase) -> tuple[Message, ...]:
    """Why the urgency is what it is: everything that asked for this level; never empty (invariant I15)."""
    level = assessment.disposition
    found = [
        Message(text=TextId(f"rule.{outcome.id}.reason"))
        for outcome in assessment.triage.rules
        if outcome.state is RuleState.FIRED and outcome.contributes is level and level > Disposition.SELF_CARE
    ]
    # The reason of a rule that is only suspected would state what nobody said.
    if any(o.state is RuleState.UNDETERMINED and o.contributes is level for o in assessment.triage.rules):
        found.append(Message(text=TextId("summary.reason.suspected")))
    urgent = {f"medicine_rule:{rule.id}" for rule in kb.medicine_rules if rule.action == URGENT_ACTION}
    if level >= Disposition.EMERGENCY_NOW and any(urgent & set(item.because) for item in assessment.withheld):
        found.append(Message(text=TextId("summary.reason.medicine")))
    found += [
        Message(text=TextId("summary.reason.floor"), params={"n": round(floor.probability * 100)})
        for floor in assessment.floors
        if floor.disposition is level
    ]
    if any(floor is level for _, floor in assessment.triage.unanswered):
        found.append(Message(text=TextId("summary.reason.unanswered")))
    if assessment.kept_up:
        found.append(Message(text=TextId("summary.reason.answers_alone")))
    if assessment.problems or assessment.triage.failed:
        found.append(Message(text=TextId("summary.reason.problem")))
    if not found:
        word = "default" if level is Disposition.SELF_CARE else "leading"
        found.append(Message(text=TextId(f"summary.reason.{word}")))
    return tuple(found)


def _care_card(assessment: Assessment, kb: KnowledgeBase) -> CareCard:
    slug = assessment.disposition.slug

    def part(name: str) -> TextId:
        return TextId(f"disposition.{slug}.{name}")

    return CareCard(
        disposition=assessment.disposition,
        title=part("title"),
        how_soon=part("how_soon"),
        body=part("body"),
        say=part("say"),
        dont=part("dont"),
        bring=part("bring"),
        reasons=reasons(assessment, kb),
    )


def _is_dangerous(condition: ConditionId, kb: KnowledgeBase) -> bool:
    known = kb.conditions.get(condition)
    return known is not None and known.dangerous


def _cause_line(cause: Cause, n: int, kb: KnowledgeBase) -> CauseLine:
    by_weight = sorted(cause.contributions, key=lambda item: -abs(item.weight_db))
    known = kb.conditions.get(cause.condition)
    return CauseLine(
        condition=cause.condition,
        name=TextId(f"condition.{cause.condition}.name"),
        n=n,
        low=int(cause.low * 100),
        high=math.ceil(cause.high * 100),
        speaks_for=tuple(item for item in by_weight if item.weight_db >= LEAST_WEIGHT_DB)[:SHOWN_WEIGHTS],
        speaks_against=tuple(item for item in by_weight if item.weight_db <= -LEAST_WEIGHT_DB)[:SHOWN_WEIGHTS],
        severity=tuple(zip((g for g, _ in cause.severity), in_100([p for _, p in cause.severity]), strict=True))
        if cause.severity
        else (),
        sources=() if known is None else known.sources,
    )


def _changes(causes: Sequence[Cause]) -> tuple[Change, ...]:
    """The answers that would move a shown cause most, one per finding."""
    moves: list[tuple[float, Cause, Flip]] = [
        (abs(flip.probability - cause.probability), cause, flip) for cause in causes for flip in cause.would_change
    ]
    best: dict[FindingId, Change] = {}
    for _, cause, flip in sorted(moves, key=lambda move: -move[0]):
        best.setdefault(
            flip.finding,
            Change(
                condition=cause.condition,
                finding=flip.finding,
                value=flip.value,
                n_now=round(cause.probability * 100),
                n_then=round(flip.probability * 100),
            ),
        )
    return tuple(best.values())[:SHOWN_CHANGES]


def _safety_net(assessment: Assessment, listed: Sequence[Cause], kb: KnowledgeBase) -> tuple[NetBlock, ...]:
    """The five blocks, with every result, whatever its urgency (invariant I17)."""
    dates = recheck_dates(assessment.assessed_on)
    uncertain = [Message(text=TextId("safety_net.uncertain.body"))]
    expect = [Message(text=TextId("safety_net.expect.body"))]
    if listed:
        cause = listed[0].condition
        uncertain = [
            Message(text=TextId("safety_net.uncertain.body_cause"), params={"cause": f"condition.{cause}.name"})
        ]
        expect = [Message(text=TextId(f"condition.{cause}.course"))]
    if assessment.triage.unanswered or assessment.problems:
        uncertain.append(Message(text=TextId("safety_net.uncertain.body_unknown")))
    expect += [
        Message(text=TextId(f"safety_net.expect.{check}"), params=dates)
        for check in ("check_24h", "check_7d", "check_2w")
    ]
    return (
        _block("uncertain", uncertain),
        _block("emergency_if", _items("emergency_if", kb)),
        _block("today_if", _items("today_if", kb)),
        _block("expect", expect),
        _block("ask_again", [Message(text=TextId("safety_net.ask_again.body"), params=dates)]),
    )


def _block(name: str, lines: Sequence[Message]) -> NetBlock:
    return NetBlock(title=TextId(f"safety_net.{name}.title"), lines=tuple(lines))


def _items(name: str, kb: KnowledgeBase) -> list[Message]:
    start = f"safety_net.{name}."
    intro = Message(text=TextId(f"{start}intro"))
    return [intro, *(Message(text=TextId(text)) for text in kb.text if text.startswith(f"{start}item."))]


def answer_line(finding: Finding) -> AnswerLine:
    """One answer with where it comes from."""
    soft = finding if finding.likelihood is not None else None
    return AnswerLine(finding=finding.id, value=finding.value, origin=finding.origin.name.lower(), soft=soft)
