"""Interview state as a compact JSON mapping: for the session, the resume code and the saved file.

Version 1: `{"v": 1, "a": {finding: value}, "n": {finding: extra}, "p": [[finding, …], …], "s": [finding, …],
"e": slug, "o": ISO date}`. A value is true, false, null (don't know), an option, a sorted list of options, or a
number. `n` holds what a plain answer lacks (origin, date, likelihood, note). Empty parts are left out.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from typing import cast

from soleus.clinic.interview import InterviewState
from soleus.core.assessment import Disposition
from soleus.core.case import Case
from soleus.core.errors import AnswerError
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge.base import KnowledgeBase

VERSION = 1
MOST_FINDINGS = 1000
"""More than this is not an interview of ours; refused before any work is done on it."""

Json = dict[str, object]


def encode_state(state: InterviewState) -> Json:
    """The state as JSON-ready data; `decode_state` gives an equal state back."""
    data: Json = {"v": VERSION, **encode_findings(state.findings)}
    if state.pages:
        data["p"] = [list(page) for page in state.pages]
    if state.skipped:
        data["s"] = sorted(state.skipped)
    if state.noted is not Disposition.SELF_CARE:
        data["e"] = state.noted.slug
    if state.onset_on is not None:
        data["o"] = state.onset_on.isoformat()
    return data


def decode_state(data: object, kb: KnowledgeBase) -> InterviewState:
    """The state of a mapping made by `encode_state`; AnswerError for anything else.

    Findings that this knowledge base no longer knows are dropped: an old code still opens, and what it lost is
    asked again or stays unknown.
    """
    body = _mapping(data, "the saved check")
    if body.get("v") != VERSION:
        raise AnswerError("not a saved check of this version", hint="Start a new check.")
    noted, onset = body.get("e", Disposition.SELF_CARE.slug), body.get("o")
    try:
        return InterviewState(
            findings=decode_findings(body, kb),
            pages=tuple(filter(None, (_ids(page, kb) for page in _list(body.get("p", []))))),
            skipped=frozenset(_ids(body.get("s", []), kb)),
            noted=Disposition.from_slug(str(noted)),
            onset_on=None if onset is None else date.fromisoformat(str(onset)),
        )
    except (KeyError, ValueError) as error:
        raise AnswerError("the saved check is damaged", hint="Start a new check.") from error


def encode_findings(findings: FindingSet) -> Json:
    """Answers under `a`, and under `n` only what a plain answer of today lacks."""
    answers: Json = {}
    extras: Json = {}
    for finding in findings:
        answers[finding.id] = sorted(finding.value) if isinstance(finding.value, frozenset) else finding.value
        extra: Json = {}
        if finding.origin is not Origin.SELF_REPORT:
            extra["origin"] = finding.origin.name.lower()
        if finding.observed_on is not None:
            extra["on"] = finding.observed_on.isoformat()
        if finding.likelihood is not None:
            extra["likelihood"] = dict(sorted(finding.likelihood.items()))
        if finding.note:
            extra["note"] = finding.note
        if extra:
            extras[finding.id] = extra
    return {"a": answers, "n": extras} if extras else {"a": answers}


def decode_findings(body: Mapping[str, object], kb: KnowledgeBase) -> FindingSet:
    """The findings of a mapping made by `encode_findings`."""
    answers = _mapping(body.get("a", {}), "the answers")
    extras = _mapping(body.get("n", {}), "the notes")
    if len(answers) > MOST_FINDINGS:
        raise AnswerError("too many answers", hint="Start a new check.")
    return FindingSet(
        _finding(name, value, _mapping(extras.get(name, {}), name))
        for name, value in answers.items()
        if name in kb.findings
    )


def input_hash(case: Case, kb: KnowledgeBase) -> str:
    """SHA-256 over what decided the assessment: the case (without its label) and the knowledge content.

    The order of the answers does not matter, and neither does the case id.
    """
    runner = case.runner
    body = {
        "runner": [runner.age_years, runner.sex.value, runner.height_cm, runner.weight_kg],
        "findings": encode_findings(case.findings),
        "facts": sorted(case.facts),
        "onset_on": None if case.onset_on is None else case.onset_on.isoformat(),
        "knowledge": kb.content_hash,
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _finding(name: str, value: object, extra: Mapping[str, object]) -> Finding:
    likelihood, observed_on = extra.get("likelihood"), extra.get("on")
    return Finding(
        id=FindingId(name),
        value=_answer(value, name),
        origin=Origin[str(extra.get("origin", "self_report")).upper()],
        observed_on=None if observed_on is None else date.fromisoformat(str(observed_on)),
        likelihood=None if likelihood is None else {k: _share(v, name) for k, v in _mapping(likelihood, name).items()},
        note=str(extra.get("note", "")),
    )


def _answer(value: object, name: str) -> Answer:
    if isinstance(value, list) and all(isinstance(option, str) for option in value):
        return frozenset(cast("list[str]", value))
    if value is None or isinstance(value, bool | str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise AnswerError("not an answer", where=name, hint="Answer the question again.")


def _share(value: object, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise AnswerError("not a likelihood", where=name)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    raise AnswerError("not a mapping", where=where, hint="Start a new check.")


def _list(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise ValueError("not a list")


def _ids(value: object, kb: KnowledgeBase) -> tuple[FindingId, ...]:
    return tuple(FindingId(str(name)) for name in _list(value) if str(name) in kb.findings)
