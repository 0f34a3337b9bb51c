"""`soleus assess CASE.yaml`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from soleus.cli.common import assessment_json, knowledge_of, percent, today_of, wording, wrap
from soleus.clinic.reasons import deciding_rules, unsettled_findings
from soleus.core.assessment import Assessment, Disposition
from soleus.core.errors import BackendError
from soleus.knowledge.base import KnowledgeBase

SHOWN_CAUSES = 5


def run(arguments: argparse.Namespace) -> int:
    """Assess one case file and print, or write, the result."""
    from soleus.clinic import assess
    from soleus.readers.case_file import read_case

    kb = knowledge_of(arguments)
    case = read_case(arguments.case, kb)
    assessment = assess(case, kb, today_of(arguments))
    if arguments.json:
        print(json.dumps(assessment_json(assessment), indent=2, ensure_ascii=False))
    else:
        print(report(assessment, kb))
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


def report(assessment: Assessment, kb: KnowledgeBase) -> str:
    """The assessment in words, most urgent first."""
    slug = assessment.disposition.slug
    lines = [
        wording(kb, f"disposition.{slug}.title").upper(),
        wrap(wording(kb, f"disposition.{slug}.how_soon")),
        wrap(wording(kb, f"disposition.{slug}.body")),
        "",
    ]
    lines += _why(assessment, kb)
    if assessment.disposition < Disposition.EMERGENCY_NOW or assessment.differential:
        lines += _causes(assessment, kb)
    if assessment.next_questions:
        lines += ["What would help most to know next:"]
        lines += [
            f"  - {wording(kb, f'finding.{q.finding}.question', q.finding)}  [{q.finding}]"
            for q in assessment.next_questions[:3]
        ]
        lines.append("")
    if assessment.advice:
        lines.append("For today:")
        for item in assessment.advice:
            lines.append(f"  - {wording(kb, f'advice.{item.id}.title', item.id)}")
            lines.append(wrap(wording(kb, f"advice.{item.id}.how", " "), "      "))
        lines.append("")
    if assessment.withheld:
        names = ", ".join(wording(kb, f"advice.{item.id}.title", item.id) for item in assessment.withheld)
        lines += [wrap(f"Held back for safety for now: {names}.", ""), ""]
    lines += _safety_net(assessment, kb)
    if assessment.problems:
        lines.append(f"Parts that failed and were replaced by caution: {', '.join(assessment.problems)}.")
    lines.append(f"Knowledge {assessment.knowledge_version} · input {assessment.input_hash[:12]}")
    return "\n".join(lines)


def _why(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    lines = ["Why:"]
    for rule in deciding_rules(assessment)[:4]:
        because = ", ".join(wording(kb, f"finding.{f}.short", f) for f in rule.because[:5])
        lines.append(wrap(f"- {wording(kb, f'rule.{rule.id}.reason', rule.id)} ({because}) [{rule.id}]"))
    for floor in assessment.floors:
        names = ", ".join(wording(kb, f"condition.{c}.name", c) for c in floor.conditions)
        lines.append(wrap(f"- {names}: {percent(floor.probability)}, which is too much to leave unseen"))
    open_questions = unsettled_findings(assessment)
    if open_questions:
        names = ", ".join(wording(kb, f"finding.{f}.short", f) for f in open_questions[:6])
        lines.append(wrap(f"- not known yet, so we stay careful: {names}"))
    if len(lines) == 1:
        lines.append("  - none of the warning signs that were asked about is there")
    return [*lines, ""]


def _causes(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    if assessment.differential is None:
        return ["The likely causes could not be worked out. Please see a health professional.", ""]
    lines = ["Most likely causes (of 100 runners with these answers):"]
    for cause in assessment.differential.causes[:SHOWN_CAUSES]:
        name = wording(kb, f"condition.{cause.condition}.name", cause.condition)
        grade = max(cause.severity, key=lambda s: s[1])[0] if cause.severity else ""
        lines.append(
            f"  {percent(cause.probability):>5}  {name}{f', most likely {grade}' if grade else ''}"
            f"  (could be {percent(cause.low)} to {percent(cause.high)})"
        )
        for part in cause.contributions[:4]:
            sign = "for" if part.weight_db > 0 else "against"
            short = wording(kb, f"finding.{part.finding}.short", part.finding)
            lines.append(f"           {sign:>7} {abs(part.weight_db):4.1f} dB  {short} = {part.value}")
    likely = [c for c in assessment.differential.contributors if c.probability >= 0.3]
    if likely:
        lines.append("What may have contributed:")
        lines += [
            f"  {percent(c.probability):>5}  {wording(kb, f'condition.{c.condition}.name', c.condition)}"
            for c in likely
        ]
    return [*lines, ""]


def _safety_net(assessment: Assessment, kb: KnowledgeBase) -> list[str]:
    if assessment.disposition >= Disposition.EMERGENCY_NOW:
        return []
    texts = [kb.text.get(f"safety_net.{part}") for part in ("emergency_if", "today_if")]
    return [wrap(text, "") for text in texts if text] + [""]
