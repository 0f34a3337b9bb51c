"""`soleus assess CASE.yaml`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from soleus.cli.common import assessment_json, knowledge_of, percent, today_of, wording, wrap
from soleus.cli.films import films_of
from soleus.cli.training import analyse, effect_table, read_history
from soleus.clinic.film_evidence import compare_films, with_films
from soleus.clinic.training_evidence import compare, with_training
from soleus.core.assessment import Assessment, RuleState
from soleus.core.case import Case
from soleus.core.errors import AnswerError, BackendError
from soleus.exports.film_wording import effect_json as film_effect_json
from soleus.exports.film_wording import effect_sentences as film_sentences
from soleus.exports.runner_report import Filmed, Running, runner_document
from soleus.exports.training_document import Imported, figures
from soleus.exports.training_json import effect_json, training_json
from soleus.exports.training_wording import change_sentence, effect_rows, effect_sentences, headline, told
from soleus.exports.wording import clinical_contribution, clinical_name
from soleus.knowledge.base import KnowledgeBase


def run(arguments: argparse.Namespace) -> int:
    """Assess one case file and print, or write, the result."""
    from soleus.clinic import assess
    from soleus.readers.case_file import read_case

    kb = knowledge_of(arguments)
    today = today_of(arguments)
    case = read_case(arguments.case, kb)
    running: Running | None = None
    imported: Imported | None = None
    if arguments.activities:
        running, imported = running_of(arguments, case, kb, today)
        case = with_training(case, running.report, kb)
    films = films_of(arguments, kb)
    filmed: Filmed | None = None
    if films is not None:
        effect = compare_films(case, films.gait, films.heel_raise, kb, today, foot_checks=films.foot_checks)
        filmed = Filmed(effect=effect, foot_checks=films.foot_checks)
        case = with_films(case, films.gait, films.heel_raise, kb, foot_checks=films.foot_checks)
    known = filmed or running
    assessment = known.effect.after if known else assess(case, kb, today)
    if arguments.json:
        document = assessment_json(assessment)
        if running:
            document["training"] = training_json(running.report, kb, imported=imported)
            document["training_effect"] = effect_json(running.effect, kb)
        if filmed:
            document["film_effect"] = film_effect_json(filmed.effect, kb)
        print(json.dumps(document, indent=2, ensure_ascii=False))
    elif arguments.clinical:
        print(clinical_report(assessment, kb, running, filmed))
    else:
        print(report(assessment, case, kb, running, filmed))
    if arguments.pdf or arguments.letter:
        from soleus.exports.pdf import letter_pdf, runner_pdf

        if arguments.pdf:
            write_bytes(arguments.pdf, runner_pdf(assessment, case, kb, running, filmed))
        if arguments.letter:
            write_bytes(arguments.letter, letter_pdf(assessment, case, kb, running))
    return 0


def running_of(arguments: argparse.Namespace, case: Case, kb: KnowledgeBase, today: date) -> tuple[Running, Imported]:
    """Read the watch files of `--activities` and see what they move."""
    if case.onset_on is None:
        raise AnswerError(
            "the case does not say on which day the pain began, so nothing is 'before' it",
            where=f"{arguments.case}: onset_on",
            hint="Add a line such as onset_on: 2026-11-03 to the case file",
        )
    if case.onset_on > today:
        raise AnswerError(f"{case.onset_on} lies in the future", where=f"{arguments.case}: onset_on")
    history, imported = read_history(arguments.activities, kb, store=arguments.store, workers=arguments.workers)
    training = analyse(history, case.onset_on, kb, case)
    return Running(report=training, effect=compare(case, training, kb, today)), imported


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, or say why not."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BackendError(f"cannot write ({error.strerror})", where=str(path), hint="Choose another place") from error


def report(
    assessment: Assessment,
    case: Case,
    kb: KnowledgeBase,
    running: Running | None = None,
    filmed: Filmed | None = None,
) -> str:
    """The runner's report in the terminal: the same content as the PDF, most urgent first."""
    document: dict[str, Any] = runner_document(assessment, case, kb, running, filmed)
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
    for part in ("contributors", "running", "films", "change"):
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


def clinical_report(
    assessment: Assessment, kb: KnowledgeBase, running: Running | None = None, filmed: Filmed | None = None
) -> str:
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
    if running:
        lines += ["", "Training before onset (watch files)", wrap(headline(kb, running.report))]
        for change in told(running.report):
            lines += [wrap(change_sentence(kb, change, clinical=True)), wrap(figures(change), "     ")]
        lines += [wrap(line) for line in effect_sentences(kb, running.effect, clinical=True)]
        lines += effect_table(effect_rows(kb, running.effect, clinical=True))
    if filmed:
        lines += ["", "Film, heel-raise test and foot checks"]
        lines += [wrap(line) for line in film_sentences(filmed.effect, kb, clinical=True)]
        lines += effect_table(effect_rows(kb, filmed.effect, clinical=True))
    lines += ["", "Most informative next"]
    for question in assessment.next_questions[:6]:
        named = wording(kb, f"finding.{question.finding}.clinical", question.finding)
        lines.append(f"  {question.information_bits:.3f} bits  {named} [{question.finding}]")
    lines += ["", f"knowledge {assessment.knowledge_version} · input {assessment.input_hash}"]
    return "\n".join(lines)
