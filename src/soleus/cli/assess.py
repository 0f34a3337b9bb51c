"""`soleus assess CASE.yaml`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from soleus.cli.common import assessment_json, knowledge_of, percent, today_of, wording, wrap
from soleus.core.assessment import Assessment, RuleState
from soleus.core.case import Case
from soleus.core.errors import BackendError
from soleus.exports.runner_report import runner_document
from soleus.exports.wording import clinical_contribution, clinical_name
from soleus.knowledge.base import KnowledgeBase


def run(arguments: argparse.Namespace) -> int:
    """Assess one case file and print, or write, the result."""
    from soleus.clinic import assess
    from soleus.readers.case_file import read_case

    kb = knowledge_of(arguments)
    case = read_case(arguments.case, kb)
    assessment = assess(case, kb, today_of(arguments))
    if arguments.json:
        print(json.dumps(assessment_json(assessment), indent=2, ensure_ascii=False))
    elif arguments.clinical:
        print(clinical_report(assessment, kb))
    else:
        print(report(assessment, case, kb))
    if arguments.pdf or arguments.letter:
        from soleus.exports.pdf import letter_pdf, runner_pdf

        for path, render in ((arguments.pdf, runner_pdf), (arguments.letter, letter_pdf)):
            if path:
                write_bytes(path, render(assessment, case, kb))
    return 0


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, or say why not."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BackendError(f"cannot write ({error.strerror})", where=str(path), hint="Choose another place") from error


def report(assessment: Assessment, case: Case, kb: KnowledgeBase) -> str:
    """The runner's report in the terminal: the same content as the PDF, most urgent first."""
    document: dict[str, Any] = runner_document(assessment, case, kb)
    words: Mapping[str, str] = document["words"]
    urgency: Mapping[str, str] = document["urgency"]
    lines = [urgency["title"].upper()]
    lines += [wrap(urgency[part]) for part in ("how_soon", "body") if urgency[part]]
    lines += [wrap(f"{words[part]} {urgency[part]}") for part in ("say", "dont", "bring") if urgency[part]]
    lines += _bullets(words["reasons"], document["reasons"])
    lines += _bullets(words["open"], document["open"])
    if document["causes"]:
        lines += ["", words["causes"], wrap(words["causes_note"])]
        for cause in document["causes"]:
            lines += _cause(cause, words)
        lines.append(f"  {document['else']:>12}  {words['something_else']}")
    if document["sure"]:
        lines.append(wrap(document["sure"]))
    lines += _bullets(words["important"], [f"{c['name']}: {c['why']}" for c in document["important"]])
    for part in ("contributors", "change"):
        lines += _bullets(words[part], document[part])
    lines += _bullets(words["advice"], [f"{a['title']}. {a['how']} {a['caution']}" for a in document["advice"]])
    for part in ("not_for_you", "ask_first"):
        lines += _bullets(words[part], [", ".join(document[part])] if document[part] else [])
    for block in document["net"]:
        lines += _bullets(block["title"], block["items"])
    return "\n".join([*lines, "", document["made"], document["footer"]])


def _cause(cause: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    grade = f", {cause['grade']}" if cause["grade"] else ""
    lines = [f"  {cause['in100']:>12}  {cause['name']}{grade} (could be {cause['range']})"]
    if cause["detail"]:
        for part in ("speaks_for", "speaks_against"):
            if cause[part]:
                lines.append(wrap(f"{words[part]} {'; '.join(cause[part])}.", " " * 16))
    return lines


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    return ["", title, *(wrap(f"- {item}") for item in items)] if items else []


def clinical_report(assessment: Assessment, kb: KnowledgeBase) -> str:
    """Rules, differential and weights of evidence in field terms."""
    lines = [f"{wording(kb, f'disposition.{assessment.disposition.slug}.title')} [{assessment.disposition.slug}]"]
    for rule in assessment.triage.rules:
        if rule.state is not RuleState.CLEAR and rule.contributes is not None:
            because = ", ".join(rule.because[:6])
            lines.append(wrap(f"{rule.state.value} {rule.id} → {rule.contributes.slug} ({because})"))
    for floor in assessment.floors:
        named = ", ".join(clinical_name(kb, c) for c in floor.conditions)
        lines.append(wrap(f"floor {percent(floor.probability)} ≥ {percent(floor.threshold)}: {named}"))
    wells = assessment.triage.wells
    lines.append(f"  Wells items {wells.points} (never minus 2; {len(wells.unknown)} unknown; does not reassure)")
    lines += ["", "Differential (90% interval; 10 dB = tenfold)"]
    for cause in assessment.differential.causes[:8] if assessment.differential else ():
        interval = f"{percent(cause.low)} to {percent(cause.high)}"
        lines.append(f"  {percent(cause.probability):>5}  {clinical_name(kb, cause.condition)} ({interval})")
        for part in cause.contributions[:5]:
            lines.append(f"         {part.weight_db:+6.1f} dB  {clinical_contribution(kb, part)}")
    lines += ["", "Co-factors"]
    for cause in assessment.differential.contributors if assessment.differential else ():
        lines.append(f"  {percent(cause.probability):>5}  {clinical_name(kb, cause.condition)}")
    lines += ["", "Most informative next"]
    for question in assessment.next_questions[:6]:
        named = wording(kb, f"finding.{question.finding}.clinical", question.finding)
        lines.append(f"  {question.information_bits:.3f} bits  {named} [{question.finding}]")
    lines += ["", f"knowledge {assessment.knowledge_version} · input {assessment.input_hash}"]
    return "\n".join(lines)
