"""Reports: tagged (Typst refuses otherwise), complete, one page where promised, and safe with any content."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from soleus.clinic import assess
from soleus.core.assessment import Disposition
from soleus.core.case import Case, Runner, Sex
from soleus.core.errors import BackendError
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.exports import pdf as pdf_module
from soleus.exports.pdf import letter_pdf, runner_pdf
from soleus.exports.wording import in_hundred, spoken, statement
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind
from soleus.readers.case_file import read_case

KB = load_knowledge()
TODAY = date(2026, 11, 22)
EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.yaml"))


def text_of(pdf):
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


@pytest.fixture(params=EXAMPLES, ids=lambda p: p.stem)
def example(request):
    case = read_case(request.param, KB)
    return case, assess(case, KB, TODAY)


def test_the_report_is_tagged_titled_and_leads_with_what_to_do(example):
    case, assessment = example
    made = runner_pdf(assessment, case, KB)
    document = PdfReader(BytesIO(made))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.metadata.title == "Your calf check"
    text = text_of(made)
    title = KB.text[f"disposition.{assessment.disposition.slug}.title"]
    assert title in text[:400]
    urgent = assessment.disposition >= Disposition.EMERGENCY_NOW
    for part in ("emergency_if",) if urgent else ("uncertain", "emergency_if", "today_if", "expect", "ask_again"):
        assert KB.text[f"safety_net.{part}.title"] in text
    assert KB.version in text
    assert "{" not in text, "a placeholder was left unfilled"


def test_the_letter_fits_one_page_and_follows_sbar(example):
    case, assessment = example
    made = letter_pdf(assessment, case, KB)
    assert len(PdfReader(BytesIO(made)).pages) == 1
    text = text_of(made)
    places = [text.index(word) for word in ("Situation", "Background", "Assessment", "Recommendation")]
    assert places == sorted(places)
    assert "never subtracts" in text.replace("sub tracts", "subtracts")


def test_a_full_record_still_fits_one_page():
    values = {Kind.BOOLEAN: True, Kind.INTEGER: 5, Kind.NUMBER: 25}
    findings = [
        Finding(
            id=d.id,
            value=values.get(d.kind, d.options[0] if d.options else None),
            origin=Origin.CLINICIAN if "runner" not in d.asked_of else Origin.SELF_REPORT,
        )
        for d in list(KB.findings.values())[::3]
        if d.id not in {"age_band", "sex_at_birth"}
    ]
    case = Case(runner=Runner(age_years=51, sex=Sex.FEMALE), findings=FindingSet(findings))
    assessment = assess(case, KB, TODAY)
    assert len(PdfReader(BytesIO(letter_pdf(assessment, case, KB))).pages) == 1


def test_an_empty_case_and_a_failed_differential_are_reported_with_caution():
    case = Case()
    assessment = assess(case, KB, TODAY)
    assert "You have not told us about" in text_of(runner_pdf(assessment, case, KB))
    failed = replace(assessment, differential=None, disposition=Disposition.SAME_DAY, problems=("differential",))
    assert "see a health professional" in text_of(runner_pdf(failed, case, KB))
    assert KB.text["disposition.same_day.title"] in text_of(runner_pdf(failed, case, KB))
    assert letter_pdf(failed, case, KB)


def test_content_is_data_never_markup():
    hostile = '#panic() $x$ = heading #read("/etc/passwd") @ref <label> `code`'
    kb = replace(KB, text={**KB.text, "disposition.physio.title": hostile, "disposition.same_day.title": hostile})
    case = Case()
    made = runner_pdf(assess(case, kb, TODAY), case, kb)
    assert "#panic()" in text_of(made)


def test_a_report_says_what_was_answered_and_what_was_not():
    findings = FindingSet(
        [
            Finding(id=FindingId("calf_warm"), value=None),
            Finding(id=FindingId("pain_quality"), value=frozenset({"throbbing", "cramp_knot"})),
        ]
    )
    case = Case(findings=findings)
    text = text_of(runner_pdf(assess(case, KB, TODAY), case, KB))
    assert "I don't know" in text.replace("’", "'")
    assert spoken(KB, FindingId("calf_warm"), None, clinical=True) == "unknown"
    both = statement(KB, FindingId("pain_quality"), frozenset({"throbbing", "cramp_knot"}))
    assert KB.text["finding.pain_quality.stmt.throbbing"] in both
    assert statement(KB, FindingId("calf_warm"), None).endswith("I don't know")


def test_chances_are_never_a_false_none_or_all():
    assert in_hundred(0.0001) == "fewer than 1"
    assert in_hundred(0.9999) == "more than 95"
    assert in_hundred(0.344) == "34"


def test_without_typst_the_message_says_what_to_install(monkeypatch):
    def missing(name, *rest, **more):
        if name == "typst":
            raise ModuleNotFoundError(name)
        return real(name, *rest, **more)

    import builtins

    real = builtins.__import__
    pdf_module._typst.cache_clear()
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BackendError, match="soleus\\[pdf\\]"):
        pdf_module._typst()
    pdf_module._typst.cache_clear()
