"""Case files: every mistake is named with its place; nothing is guessed."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.case import Case, Runner, Sex
from soleus.core.errors import AnswerError, CaseFileError, InputError
from soleus.core.finding import Finding, FindingSet, Origin
from soleus.core.ids import FindingId
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Kind
from soleus.readers.case_file import MAX_CASE_BYTES, parse_case, read_case, write_case

KB = load_knowledge()


def parse(text):
    return parse_case(text, KB)


def test_answers_examination_and_measurements_keep_their_origin():
    case = parse(
        """
        id: one
        runner: {age_years: 44, sex: male, height_cm: 180, weight_kg: 80}
        onset_on: "2026-11-01"
        answers: {swelling_visible: false, pain_score_now: 6, pain_quality: [throbbing, dull_tight_ache]}
        exam: {thompson_positive: false}
        measured: {video_forefoot_strike: true}
        """
    )
    assert case.runner == Runner(age_years=44, sex=Sex.MALE, height_cm=180, weight_kg=80)
    assert case.onset_on == date(2026, 11, 1)
    assert case.findings.get(FindingId("thompson_positive")).origin is Origin.CLINICIAN
    assert case.findings.get(FindingId("video_forefoot_strike")).origin is Origin.MEASURED
    assert case.findings.answer(FindingId("pain_quality")) == frozenset({"throbbing", "dull_tight_ache"})


def test_absent_is_unknown_and_unknown_is_asked():
    case = parse("answers: {calf_warm: unknown, skin_red: null}")
    assert case.findings.asked(FindingId("calf_warm"))
    assert case.findings.answer(FindingId("calf_warm")) is None
    assert not case.findings.asked(FindingId("bruising"))
    assert parse("answers:").findings == FindingSet()


def test_soft_evidence_is_read():
    case = parse("measured: {video_forefoot_strike: {likelihood: {'true': 0.8, 'false': 0.2}}}")
    assert case.findings.get(FindingId("video_forefoot_strike")).likelihood == {"true": 0.8, "false": 0.2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "answers: {swelling_visable: true}",
            "answers.swelling_visable: there is no such finding (did you mean swelling_visible",
        ),
        ("answers: {calf_warm: hot}", "answers.calf_warm: 'hot' should be true, false or unknown"),
        ("answers: {calf_warm: no}", "answers.calf_warm: 'no' should be true, false or unknown"),
        ("answers: {onset_type: bang}", "answers.onset_type: 'bang' should be one of sudden_pop"),
        ("answers: {onset_type: []}", "should be one of"),
        ("answers: {pain_score_now: 11}", "answers.pain_score_now: 11 should be a number from 0 to 10"),
        ("answers: {pain_score_now: 6.5}", "should be a whole number"),
        ("answers: {pain_score_now: true}", "True should be a number"),
        ("answers: [1]", "answers: should be a mapping"),
        ("exam: {calf_warm: {odds: 3}}", "soft evidence is written"),
        ("exam: {calf_warm: {likelihood: {maybe: 1}}}", "'maybe' should be one of false, true"),
        ("exam: {calf_warm: {likelihood: {'true': 0}}}", "not all 0"),
        ("exam: {calf_warm: {likelihood: {'true': 2}}}", "numbers from 0 to 1"),
        ("runner: {age_years: 400}", "runner.age_years: 400 should be a number from 0 to 120"),
        ("runner: {age: 40}", "runner.age: unknown (did you mean age_years?)"),
        ("runner: {sex: man}", "runner.sex: 'man' should be one of female, male, prefer_not"),
        ("runner: 44", "runner: should be a mapping"),
        ("answer: {}", "'answer' is no part of a case (did you mean answers"),
        ("facts: {astma: true}", "facts.astma: there is no such fact (did you mean asthma"),
        ("facts: {asthma: perhaps}", "facts.asthma: 'perhaps' should be true, false or unknown"),
        ("facts: 1", "facts: should be a mapping"),
        ("onset_on: soon", "'soon' is no date"),
        ("onset_on: 3", "onset_on: write a date"),
        ("runner: {age_years: 44}\nanswers: {age_band: u18}", "age_band: u18 contradicts runner.age_years 44"),
        ("runner: {sex: male}\nanswers: {sex_at_birth: female}", "contradicts runner.sex male"),
        ("runner: {sex: male}\nanswers: {pregnant_postpartum: true}", "contradicts runner.sex male"),
        ("answers: {skin_red: false, redness_spreading: true}", "contradicts answers.skin_red false"),
        ("answers: {no_medical_problems: true, active_cancer: true}", "contradicts answers.active_cancer true"),
    ],
)
def test_each_mistake_is_named_with_its_place(text, says):
    with pytest.raises(AnswerError) as caught:
        parse(text)
    assert says in str(caught.value)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(AnswerError) as caught:
        parse("answers: {calf_warm: hot, onset_type: bang}\nrunner: {age_years: -1}")
    assert all(part in str(caught.value) for part in ("calf_warm", "onset_type", "age_years"))
    many = ", ".join(f"zz{i}: true" for i in range(20))
    with pytest.raises(AnswerError, match="and 8 more"):
        parse(f"answers: {{{many}}}")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00\x01\x02binary\x00noise" * 50,
        b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]",
        b"answers: {calf_warm: true, calf_warm: false}",
        b"- just\n- a list",
        b"answers: !!python/object/apply:os.system ['true']",
        b"answers: {a: ",
        b"[" * 5000,
        b"",
    ],
)
def test_what_is_no_case_file_is_refused_with_its_place(raw):
    with pytest.raises(CaseFileError) as caught:
        parse_case(raw, KB, where="case.yaml")
    assert str(caught.value).startswith("case.yaml")


def test_large_missing_and_odd_paths(tmp_path):
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(CaseFileError, match="too large"):
        read_case(large, KB)
    with pytest.raises(CaseFileError, match="cannot read"):
        read_case(tmp_path / "missing.yaml", KB)
    with pytest.raises(CaseFileError, match="not a file"):
        read_case(tmp_path, KB)
    assert large.stat().st_size > MAX_CASE_BYTES


def values_of(definition):
    if definition.kind is Kind.BOOLEAN:
        return st.sampled_from([True, False, None])
    if definition.kind is Kind.CHOICE:
        some = st.frozensets(st.sampled_from(definition.options), min_size=2, max_size=2)
        one = st.sampled_from(definition.options)
        return st.one_of(one, some) if len(definition.options) > 2 else one
    return st.integers(int(definition.low), int(definition.high))


skip = {"age_band", "sex_at_birth", "pregnant_postpartum", "redness_spreading", "no_medical_problems"}
one_finding = st.sampled_from([d for d in KB.findings.values() if d.id not in skip]).flatmap(
    lambda d: st.builds(
        lambda value, origin: Finding(id=d.id, value=value, origin=origin), values_of(d), st.sampled_from(list(Origin))
    )
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(one_finding, max_size=12), st.sampled_from(list(Sex)), st.none() | st.integers(18, 90))
def test_writing_and_reading_back_gives_the_same_case(findings, sex, age):
    case = Case(runner=Runner(sex=sex, age_years=age), findings=FindingSet(findings))
    again = parse(write_case(case))
    assert again.findings == case.findings
    assert again.runner == case.runner


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_noise_gives_a_clear_error_or_an_empty_case(raw):
    try:
        parse_case(raw, KB)
    except InputError as error:
        assert str(error)


def test_what_watch_files_added_is_not_written_over_an_answer():
    answer = Finding(id=FindingId("recent_load_increase"), value=False)
    watch = Finding(id=answer.id, value=None, likelihood={"true": 0.9, "false": 0.1}, note="watch")
    combined = Finding(
        id=answer.id, value=False, likelihood={"true": 0.9, "false": 1.0}, note="watch", parts=(answer, watch)
    )
    merged = Case(findings=FindingSet([combined]))
    assert parse_case(write_case(merged), KB).findings == FindingSet([answer])
