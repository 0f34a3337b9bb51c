"""`soleus interview`: the adaptive interview in a terminal; every answer is saved, so it can be stopped at any time."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from soleus.cli.assess import report, write_bytes
from soleus.cli.common import knowledge_of, today_of, wording, wrap
from soleus.clinic import assess
from soleus.clinic.interview import (
    Ask,
    Emergency,
    InterviewState,
    answer,
    next_step,
    note_emergency,
    skip,
)
from soleus.core.case import Case
from soleus.core.errors import AnswerError, BackendError
from soleus.core.finding import Finding
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase
from soleus.readers.case_file import read_answer, read_case, write_case

HELP = """Type the number of your answer, or y / n / d (yes, no, I don't know). More:
  ?  why we ask      s  skip      b  back to the question before      q  stop and keep the answers"""


class _Quit(Exception):
    """The person wants to stop."""


class _Back(Exception):
    """The person wants the question before."""


def run(arguments: argparse.Namespace) -> int:
    """Ask until nothing is worth asking, then show the result; 0 when finished or stopped on purpose."""
    kb = knowledge_of(arguments)
    today = today_of(arguments)
    save: Path | None = arguments.save or arguments.resume
    begun = read_case(arguments.resume, kb) if arguments.resume else Case()
    history = [InterviewState(findings=begun.evidence(), onset_on=begun.onset_on)]
    print("Sudden breathlessness, chest pain or collapse? Call 999, 112 or 911 now.\n")
    print(HELP + "\n")
    try:
        _ask_all(history, begun, kb, today, save)
    except (_Quit, EOFError):
        _keep(history[-1], begun, save)
        kept = f" Your answers are in {save}; go on with: soleus interview --resume {save}" if save else ""
        print(f"\nStopped before the end.{kept}")
    case = replace(begun, findings=history[-1].findings)
    assessment = assess(case, kb, today)
    print("\n" + report(assessment, case, kb))
    if arguments.pdf:
        from soleus.exports.pdf import runner_pdf

        write_bytes(arguments.pdf, runner_pdf(assessment, case, kb))
        print(f"\nWritten: {arguments.pdf}")
    return 0


def _ask_all(history: list[InterviewState], begun: Case, kb: KnowledgeBase, today: date, save: Path | None) -> None:
    """Ask page after page; `history` ends with the present state, so whoever stops loses nothing."""
    while True:
        step = next_step(history[-1], kb, today)
        if isinstance(step, Emergency):
            _show_emergency(step, kb)
            if _read("Have you already been checked for this by a professional? (y/n) ").lower() != "y":
                return
            history.append(note_emergency(history[-1], step.disposition))
            continue
        if not isinstance(step, Ask):
            return
        try:
            _ask_page(step, history, kb)
        except _Back:
            if len(history) > 1:
                history.pop()
            continue
        _keep(history[-1], begun, save)


def _show_emergency(step: Emergency, kb: KnowledgeBase) -> None:
    slug = step.disposition.slug
    print("\n" + "!" * 80)
    for part in ("title", "how_soon", "body", "say", "dont"):
        print(wrap(wording(kb, f"disposition.{slug}.{part}", " ")))
    for rule in step.rules[:2]:
        print(wrap(wording(kb, f"rule.{rule}.reason", rule)))
    print("!" * 80)


def _ask_page(step: Ask, history: list[InterviewState], kb: KnowledgeBase) -> None:
    print(f"\n(about {step.remaining} more)")
    given: list[Finding] = []
    if step.screen:
        print(wrap(wording(kb, f"interview.screen.{step.screen}.title", "Do you have any of these?"), ""))
    try:
        for name in step.findings:
            finding = _ask_one(kb.findings[name], step, kb)
            if finding is not None:
                given.append(finding)
    except (_Quit, EOFError):
        history.append(answer(history[-1], given, kb) if given else history[-1])
        raise
    following = answer(history[-1], given, kb, page=step.findings) if given else skip(history[-1], step.findings, kb)
    history.append(following)


def _ask_one(definition: FindingDefinition, step: Ask, kb: KnowledgeBase) -> Finding | None:
    """One answer, or None when skipped; asks again until it is understood."""
    name = definition.id
    print("\n" + wrap(wording(kb, f"finding.{name}.question", name), ""))
    if definition.kind is Kind.CHOICE:
        for number, option in enumerate(definition.options, start=1):
            print(f"  {number:>2}  {wording(kb, f'finding.{name}.option.{option}', option)}")
    while True:
        typed = _read("> ").strip().lower()
        if typed in {"s", ""}:
            return None
        if typed == "?":
            print(wrap(wording(kb, f"finding.{name}.help", " ")))
            print(wrap(wording(kb, f"finding.{name}.why", "It helps to tell the causes apart.")))
            names = ", ".join(wording(kb, f"condition.{c}.name", c) for c in step.separates)
            if names:
                print(wrap(f"Right now it helps most to tell apart: {names}."))
            continue
        try:
            return read_answer(definition, _meaning(definition, typed))
        except AnswerError as error:
            print(f"  {error.problem}")


def _meaning(definition: FindingDefinition, typed: str) -> object:
    """What a typed answer stands for; left as it is when not understood, so that the reader explains."""
    if typed in {"d", "?", "dk", "don't know", "dont know"}:
        return None
    if definition.kind is Kind.BOOLEAN:
        return {"y": True, "yes": True, "1": True, "n": False, "no": False, "0": False, "2": False}.get(typed, typed)
    if definition.kind is Kind.CHOICE:
        parts: Sequence[str] = typed.replace(",", " ").split()
        picked = [_option(definition.options, part) for part in parts]
        return picked if len(picked) > 1 else picked[0]
    try:
        number = float(typed)
    except ValueError:
        return typed
    return int(number) if number == int(number) else number


def _option(options: Sequence[str], part: str) -> str:
    return options[int(part) - 1] if part.isdigit() and 1 <= int(part) <= len(options) else part


def _read(prompt: str) -> str:
    print(prompt, end="", flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    typed = line.rstrip("\n")
    if typed.strip().lower() == "q":
        raise _Quit
    if typed.strip().lower() == "b":
        raise _Back
    return typed


def _keep(state: InterviewState, begun: Case, save: Path | None) -> None:
    """Save the answers with whatever else the case already held (age, medicine facts, its name)."""
    if save is None:
        return
    try:
        save.write_text(write_case(replace(begun, findings=state.findings)), encoding="utf-8")
    except OSError as error:
        raise BackendError(f"cannot save ({error.strerror})", where=str(save), hint="Choose another place") from error
