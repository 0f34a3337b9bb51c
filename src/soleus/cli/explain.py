"""`soleus explain CASE.yaml CONDITION`."""

from __future__ import annotations

import argparse
import difflib
import json

from soleus.cli.common import cause_json, knowledge_of, percent, today_of, wording, wrap
from soleus.core.errors import BackendError, NotFound
from soleus.core.finding import FindingSet
from soleus.core.ids import ConditionId
from soleus.exports.wording import clinical_contribution


def run(arguments: argparse.Namespace) -> int:
    """Print the weight of every finding for one cause, its interval, and what would change it."""
    from soleus.differential import engine_for
    from soleus.readers.case_file import read_case

    kb = knowledge_of(arguments)
    today_of(arguments)
    condition = ConditionId(arguments.condition)
    if condition not in kb.conditions:
        close = difflib.get_close_matches(condition, [str(c) for c in kb.conditions], n=3)
        raise NotFound(
            f"there is no condition {condition!r}",
            hint=f"Did you mean {', '.join(close)}?" if close else "'soleus kb stats' lists what there is",
        )
    case = read_case(arguments.case, kb)
    engine = engine_for(kb)
    differential = engine.differential(case.evidence(), explain=len(kb.conditions))
    before = engine.differential(FindingSet(), explain=0).probability(condition)
    cause = next((c for c in (*differential.causes, *differential.contributors) if c.condition == condition), None)
    if cause is None:
        raise BackendError(f"no result for {condition}")
    if arguments.json:
        print(json.dumps(cause_json(cause), indent=2, ensure_ascii=False))
        return 0
    print(f"{wording(kb, f'condition.{condition}.name')} ({wording(kb, f'condition.{condition}.clinical')})")
    print(f"{percent(cause.probability)}, could be {percent(cause.low)} to {percent(cause.high)}")
    print(f"before any answer: {percent(before)}\n")
    print("weight of evidence (10 dB = ten times more likely than all else)")
    for part in cause.contributions:
        bar = ("+" if part.weight_db > 0 else "-") * min(30, round(abs(part.weight_db)))
        cited = ", ".join(part.sources) or "expert judgement"
        print(f"  {part.weight_db:+6.1f} dB  {clinical_contribution(kb, part)}  {bar}  [{cited}]")
    if cause.would_change:
        print("\nwhat would change it")
        for flip in cause.would_change:
            short = wording(kb, f"finding.{flip.finding}.short", flip.finding)
            print(
                f"  {short} = {flip.value}: {percent(flip.probability)} (chance of that answer {percent(flip.chance)})"
            )
    sources = sorted({key for part in cause.contributions for key in part.sources})
    if sources:
        print("\nsources")
        for key in sources:
            source = kb.sources[key]
            print(wrap(f"{key}: {source.citation} {source.locator} ({source.verified})"))
    return 0
