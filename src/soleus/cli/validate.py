"""`soleus validate DIR`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date

from soleus.cli.common import knowledge_of, percent
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.cases import Convention, PublishedCase, load_cases
from soleus.validation.scorecard import RICH, Outcome, Scorecard
from soleus.validation.scorecard import run as score_cases

_ASSESSED_ON = date(2026, 1, 1)
"""A fixed date: a scorecard must not depend on the day it is made."""


def run(arguments: argparse.Namespace) -> int:
    """Score the cases and print the card."""
    kb = knowledge_of(arguments)
    cases, failures = load_cases(arguments.directory, kb, arguments.overlay)
    for failure in failures:
        print(f"not read: {failure}", file=sys.stderr)
    for case in cases:
        for problem in case.problems:
            print(f"{case.id}: {problem}", file=sys.stderr)
    card = score_cases(cases, kb, _ASSESSED_ON, history_only=arguments.history_only, interview=arguments.interview)
    others = {
        convention: score_cases(cases, kb, _ASSESSED_ON, history_only=arguments.history_only, convention=convention)
        for convention in (Convention.ALL_UNKNOWN, Convention.ALL_NO)
        if not arguments.interview
    }
    if arguments.json:
        document = {
            **card_json(card),
            "knowledge_version": kb.version,
            "not_read": failures,
            "conventions": {convention.name.lower(): card_json(other) for convention, other in others.items()},
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return 0
    _print_card(card, kb, cases, arguments)
    for convention, other in others.items():
        print(f"\nIf instead {convention.value}:")
        print(
            f"  safe advice {other.safe} · emergencies under-triaged {len(other.emergencies_missed)} · "
            f"benign to same day or above {other.benign_over} · top-1 {other.top1} · top-3 {other.top3}"
        )
    return 0


def _print_card(card: Scorecard, kb: KnowledgeBase, cases: list[PublishedCase], arguments: argparse.Namespace) -> None:
    mode = "interview" if arguments.interview else "all stated facts"
    scope = "history only" if arguments.history_only else "history and examination"
    print(f"{len(cases)} cases · {mode} · {scope} · knowledge {kb.version}")
    print(f"Convention: {Convention.SCREEN_NO.value}. Intervals: 95% (Wilson).\n")
    headings = ("exact", "under (strict)", "over (strict)", "under (accepted)", "over (accepted)")
    print(f"{'correct urgency':<16}{'n':>4}  " + "".join(f"{heading:<24}" for heading in headings).rstrip())
    for row in card.levels:
        print(
            f"{row.urgency.slug:<16}{row.n:>4}  {row.exact!s:<24}{row.under_strict!s:<24}{row.over_strict!s:<24}"
            f"{row.under_accepted!s:<24}{row.over_accepted}"
        )
    print(f"\nsafe advice (not below the lowest acceptable level)  {card.safe}")
    print(f"physio and self-care cases sent to same day or above {card.benign_over}")
    missed = ", ".join(o.case.id for o in card.emergencies_missed) or "none"
    print(f"emergencies under-triaged                            {missed}")
    print(f"\ntop-1 {card.top1}   top-3 {card.top3}")
    print(f"top-1 {card.top1_rich}   top-3 {card.top3_rich}   on cases of richness {RICH} or more")
    print(f"Brier (top cause) {_number(card.brier_top)}   Brier (all causes) {_number(card.brier_all)}")
    print(f"coverage (an answer, no part failed) {card.coverage}")
    if card.median_questions is not None:
        print(f"questions asked: median {card.median_questions:g}, most {card.max_questions}")
    print(f"\ncalibration of the top cause (error {_number(card.calibration_error)})")
    for item in card.bins:
        span = f"stated {item.low:.1f}-{item.high:.1f}"
        print(f"  {span}: n={item.n:<3} mean stated {item.stated:.2f}, right {item.right:.2f}")
    if arguments.misses:
        print("\nmisses")
        for outcome in card.outcomes:
            note = _miss(outcome)
            if note:
                print(f"  {outcome.case.id}: {note}")


def _miss(outcome: Outcome) -> str:
    notes = []
    if not outcome.safe:
        notes.append(f"UNDER-TRIAGED {outcome.disposition.slug} (should be {outcome.case.urgency.slug})")
    elif outcome.over:
        fired = ", ".join(outcome.fired[:4])
        notes.append(f"over-triaged {outcome.disposition.slug} (should be {outcome.case.urgency.slug}; {fired})")
    if outcome.rank != 1:
        said = ", ".join(f"{condition} {percent(p)}" for condition, p in outcome.ranking[:3])
        notes.append(f"truth {outcome.case.truth} is number {outcome.rank}; said {said}")
    return "; ".join(notes)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def card_json(card: Scorecard) -> dict[str, object]:
    """The scorecard as JSON."""
    return {
        "levels": [
            {
                "urgency": row.urgency.slug,
                "n": row.n,
                **{
                    name: getattr(row, name).as_dict()
                    for name in ("exact", "under_strict", "over_strict", "under_accepted", "over_accepted")
                },
            }
            for row in card.levels
        ],
        **{
            name: getattr(card, name).as_dict()
            for name in ("safe", "benign_over", "exact", "top1", "top3", "top1_rich", "top3_rich", "coverage")
        },
        "emergencies_missed": [o.case.id for o in card.emergencies_missed],
        "brier_top": card.brier_top,
        "brier_all": card.brier_all,
        "calibration": [asdict(item) for item in card.bins],
        "calibration_error": card.calibration_error,
        "questions": {"median": card.median_questions, "max": card.max_questions},
        "cases": [
            {
                "id": o.case.id,
                "disposition": o.disposition.slug,
                "correct_urgency": o.case.urgency.slug,
                "safe": o.safe,
                "truth": o.case.truth,
                "rank": o.rank,
                "top3": [{"condition": c, "probability": p} for c, p in o.ranking[:3]],
                "rules_fired": list(o.fired),
                "questions": o.questions,
            }
            for o in card.outcomes
        ],
    }
