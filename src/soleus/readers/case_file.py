"""Case files: `runner`, `answers`, `exam`, `measured`, `facts` in YAML; everything absent is unknown.

The reader is strict about meaning (unknown finding, wrong option, contradiction) and reports *all* mistakes at
once, each with its place, so nothing has to be found by trial and error.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from soleus.core.case import Case, Runner, Sex, age_band
from soleus.core.errors import AnswerError, CaseFileError
from soleus.core.expression import Answer
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge import load_yaml_strict
from soleus.knowledge.base import FindingDefinition, Kind, KnowledgeBase
from soleus.readers.small_file import read_small_file

MAX_CASE_BYTES = 256 * 1024
_SECTIONS: Mapping[str, Origin] = {
    "answers": Origin.SELF_REPORT,
    "measured": Origin.MEASURED,
    "exam": Origin.CLINICIAN,
}
_TOP_LEVEL = {"id", "runner", "facts", "onset_on", *_SECTIONS}
_RUNNER_KEYS = {"age_years", "sex", "height_cm", "weight_kg"}
_RANGES = {"age_years": (0.0, 120.0), "height_cm": (50.0, 260.0), "weight_kg": (15.0, 400.0)}
UNKNOWN_WORDS = frozenset({"unknown", "dont_know", "don't know", "not sure"})


def read_case(path: Path | str, kb: KnowledgeBase) -> Case:
    """Read a case file. Raises `CaseFileError` (unreadable) or `AnswerError` (readable, but wrong answers)."""
    path = Path(path)
    raw = read_small_file(path, kind="case", most_bytes=MAX_CASE_BYTES)
    return parse_case(raw, kb, where=str(path))


def parse_case(raw: bytes | str, kb: KnowledgeBase, *, where: str = "case") -> Case:
    """A case from the bytes or text of a case file."""
    if isinstance(raw, bytes):
        try:
            raw = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise CaseFileError(
                f"byte {error.start} is not text (UTF-8)",
                where=where,
                hint="A case file is a short text file; this looks like something else",
            ) from error
    document = load_yaml_strict(raw, where=where, max_bytes=MAX_CASE_BYTES, error=CaseFileError)
    if not isinstance(document, dict):
        raise CaseFileError(
            "the file holds no mapping at the top",
            where=where,
            hint="It should start with 'runner:' and 'answers:'; see examples/",
        )
    return build_case(document, kb, where=where)


def build_case(document: Mapping[object, object], kb: KnowledgeBase, *, where: str = "case") -> Case:
    """A case from an already parsed mapping. Raises `AnswerError` listing every mistake."""
    mistakes: list[str] = []
    for key in document:
        if key not in _TOP_LEVEL:
            mistakes.append(f"'{key}' is no part of a case{_suggest(str(key), _TOP_LEVEL)}")
    runner = _read_runner(document.get("runner"), mistakes)
    findings: list[Finding] = []
    for section, origin in _SECTIONS.items():
        findings += read_findings(section, document.get(section), origin, kb, mistakes)
    facts = _read_facts(document.get("facts"), kb, mistakes)
    onset = document.get("onset_on")
    if onset is not None and not isinstance(onset, str | date):
        mistakes.append("onset_on: write a date as YYYY-MM-DD")
        onset = None
    onset_on: date | None = None
    if onset is not None:
        try:
            onset_on = onset if isinstance(onset, date) else date.fromisoformat(onset)
        except ValueError:
            mistakes.append(f"onset_on: {onset!r} is no date; write it as YYYY-MM-DD")
    mistakes += _contradictions(runner, findings)
    if mistakes:
        more = f" (and {len(mistakes) - 12} more)" if len(mistakes) > 12 else ""
        raise AnswerError(
            "; ".join(mistakes[:12]) + more,
            where=where,
            hint="Nothing was changed; correct these and run it again",
        )
    return Case(
        id=str(document.get("id", "")),
        runner=runner,
        findings=FindingSet(findings),
        facts=facts,
        onset_on=onset_on,
    )


def _read_runner(section: object, mistakes: list[str]) -> Runner:
    if section is None:
        return Runner()
    if not isinstance(section, dict):
        mistakes.append("runner: should be a mapping such as {age_years: 44, sex: male}")
        return Runner()
    for key in section:
        if key not in _RUNNER_KEYS:
            mistakes.append(f"runner.{key}: unknown{_suggest(str(key), _RUNNER_KEYS)}")
    numbers: dict[str, float | None] = {}
    for key, (low, high) in _RANGES.items():
        value = section.get(key)
        numbers[key] = None
        if value is None or value in UNKNOWN_WORDS:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            mistakes.append(f"runner.{key}: {value!r} should be a number from {low:g} to {high:g}")
        else:
            numbers[key] = float(value)
    sex = Sex.UNKNOWN
    given = section.get("sex")
    if given is not None and given not in UNKNOWN_WORDS:
        try:
            sex = Sex(given)
        except ValueError:
            mistakes.append(f"runner.sex: {given!r} should be one of female, male, prefer_not")
    return Runner(
        age_years=numbers["age_years"],
        sex=sex,
        height_cm=numbers["height_cm"],
        weight_kg=numbers["weight_kg"],
    )


def read_findings(
    section: str, content: object, origin: Origin, kb: KnowledgeBase, mistakes: list[str]
) -> list[Finding]:
    """The findings of one section; what is wrong is added to `mistakes`, each with its place."""
    if content is None:
        return []
    if not isinstance(content, dict):
        mistakes.append(f"{section}: should be a mapping of finding to value")
        return []
    findings = []
    for key, value in content.items():
        definition = kb.findings.get(FindingId(str(key)))
        if definition is None:
            mistakes.append(f"{section}.{key}: there is no such finding{_suggest(str(key), kb.findings)}")
            continue
        try:
            findings.append(read_answer(definition, value, origin))
        except AnswerError as error:
            mistakes.append(f"{section}.{error}")
    return findings


def read_answer(definition: FindingDefinition, value: object, origin: Origin = Origin.SELF_REPORT) -> Finding:
    """One finding from a raw value; `{likelihood: {...}}` is soft evidence. Raises `AnswerError`."""
    name = definition.id
    if isinstance(value, dict):
        return Finding(id=name, value=None, origin=origin, likelihood=_read_likelihood(definition, value))
    return Finding(id=name, value=_read_value(definition, value), origin=origin)


def _read_value(definition: FindingDefinition, value: object) -> Answer:
    name = definition.id
    if value is None or (isinstance(value, str) and value in UNKNOWN_WORDS and value not in definition.options):
        return None
    if definition.kind is Kind.BOOLEAN:
        if isinstance(value, bool):
            return value
        raise AnswerError(f"{value!r} should be true, false or unknown", where=name)
    if definition.kind is Kind.CHOICE:
        chosen = value if isinstance(value, list) else [value]
        wrong = [item for item in chosen if item not in definition.options]
        if wrong or not chosen:
            raise AnswerError(
                f"{wrong[0] if wrong else value!r} should be one of {', '.join(definition.options)}",
                where=name,
            )
        options = [str(item) for item in chosen]
        return options[0] if len(options) == 1 else frozenset(options)
    low = definition.low if definition.low is not None else float("-inf")
    high = definition.high if definition.high is not None else float("inf")
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise AnswerError(f"{value!r} should be a number from {low:g} to {high:g}", where=name)
    if definition.kind is Kind.INTEGER and value != int(value):
        raise AnswerError(f"{value!r} should be a whole number", where=name)
    return value


def _read_likelihood(definition: FindingDefinition, value: Mapping[object, object]) -> dict[str, float]:
    weights = value.get("likelihood")
    if set(value) != {"likelihood"} or not isinstance(weights, dict):
        raise AnswerError("soft evidence is written {likelihood: {state: number}}", where=definition.id)
    wrong = [state for state in weights if state not in definition.states]
    if wrong:
        raise AnswerError(f"{wrong[0]!r} should be one of {', '.join(definition.states)}", where=definition.id)
    numbers = list(weights.values())
    if any(isinstance(n, bool) or not isinstance(n, int | float) or not 0 <= n <= 1 for n in numbers) or not any(
        numbers
    ):
        raise AnswerError("likelihoods are numbers from 0 to 1, not all 0", where=definition.id)
    return {str(state): float(number) for state, number in weights.items()}


def _read_facts(section: object, kb: KnowledgeBase, mistakes: list[str]) -> tuple[tuple[str, bool], ...]:
    if section is None:
        return ()
    if not isinstance(section, dict):
        mistakes.append("facts: should be a mapping of medicine fact to true or false")
        return ()
    facts = []
    for key, value in section.items():
        if key not in kb.medicine_facts:
            mistakes.append(f"facts.{key}: there is no such fact{_suggest(str(key), kb.medicine_facts)}")
        elif value is None or value in UNKNOWN_WORDS:
            continue
        elif not isinstance(value, bool):
            mistakes.append(f"facts.{key}: {value!r} should be true, false or unknown")
        else:
            facts.append((str(key), value))
    return tuple(sorted(facts))


def _contradictions(runner: Runner, findings: Iterable[Finding]) -> list[str]:
    """Clashes within one file: the same finding twice from one person, or an answer against the runner's data."""
    given = {finding.id: finding.value for finding in findings if finding.origin is Origin.SELF_REPORT}
    clashes = []
    band = given.get(FindingId("age_band"))
    if band is not None and runner.age_years is not None and band != age_band(runner.age_years):
        clashes.append(f"answers.age_band: {band} contradicts runner.age_years {runner.age_years:g}")
    sex = given.get(FindingId("sex_at_birth"))
    if sex in ("female", "male") and runner.sex in (Sex.FEMALE, Sex.MALE) and sex != runner.sex.value:
        clashes.append(f"answers.sex_at_birth: {sex} contradicts runner.sex {runner.sex.value}")
    if given.get(FindingId("pregnant_postpartum")) is True and runner.sex is Sex.MALE:
        clashes.append("answers.pregnant_postpartum: true contradicts runner.sex male")
    if given.get(FindingId("redness_spreading")) is True and given.get(FindingId("skin_red")) is False:
        clashes.append("answers.redness_spreading: true contradicts answers.skin_red false")
    if given.get(FindingId("no_medical_problems")) is True:
        clashes += [
            f"answers.no_medical_problems: true contradicts answers.{name} true"
            for name in (
                "active_cancer",
                "diabetes_cvd",
                "atrial_fibrillation",
                "anticoagulant",
                "kidney_disease",
            )
            if given.get(FindingId(name)) is True
        ]
    return clashes


def _suggest(word: str, choices: Iterable[str]) -> str:
    names = list(choices)
    close = difflib.get_close_matches(word, names, n=2) or [n for n in names if n.startswith(f"{word}_")][:2]
    return f" (did you mean {' or '.join(close)}?)" if close else ""


def write_case(case: Case) -> str:
    """The case as case-file text; `parse_case` reads it back to an equal case.

    What watch files added is left out: it comes from the files again, and must not take the place of an answer.
    """
    import yaml

    from soleus.clinic.evidence import answers_alone

    case = answers_alone(case)
    document: dict[str, object] = {}
    if case.id:
        document["id"] = case.id
    runner: dict[str, object] = {
        key: getattr(case.runner, key) for key in _RANGES if getattr(case.runner, key) is not None
    }
    if case.runner.sex is not Sex.UNKNOWN:
        runner["sex"] = case.runner.sex.value
    if runner:
        document["runner"] = runner
    for section, origin in _SECTIONS.items():
        values = {str(f.id): _plain(f) for f in case.findings if f.origin is origin}
        if values:
            document[section] = values
    if case.facts:
        document["facts"] = dict(case.facts)
    if case.onset_on is not None:
        document["onset_on"] = case.onset_on.isoformat()
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def _plain(finding: Finding) -> object:
    if finding.likelihood is not None:
        return {"likelihood": dict(finding.likelihood)}
    if finding.value is None:
        return "unknown"
    return sorted(finding.value) if isinstance(finding.value, frozenset) else finding.value
