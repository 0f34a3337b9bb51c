"""Each lint rule, shown by a small knowledge base spoiled in just that way."""

import pytest

from soleus.core.errors import KnowledgeError
from soleus.knowledge import lint as lint_module
from soleus.knowledge.lint import RULES, Severity, lint, read_vignettes
from soleus.knowledge.lint_gait import GAIT_RULES
from soleus.knowledge.lint_plans import PLAN_RULES

FINDINGS = "findings/pain.yaml"
DVT = "conditions/dvt.yaml"
TEXT = "text/en/all.yaml"
HARD = (
    "The gastrocnemius aponeurotic disruption necessitates comprehensive immobilisation "
    "considerations alongside anticoagulation deliberations throughout rehabilitation."
)


def rules_of(problems):
    return {problem.rule for problem in problems}


def test_a_good_knowledge_base_has_no_problem(mini):
    assert lint(mini.root, vignettes=mini.vignettes, strict=True) == []


PARAMETERS = "training/parameters.yaml"
TABLES = "training/tables.yaml"
CHANGES = "training/changes.yaml"
ONE_SPOILED = [
    ("KB001", "error", CHANGES, "kind: level", "kind: rise", "input should be"),
    ("KB001", "error", CHANGES, "strength: expert", "strength: hearsay", "input should be"),
    ("KB001", "error", PARAMETERS, 'unit: "1", ', "", "field required"),
    ("KB002", "error", CHANGES, "findings: [spike], order: 1", "findings: [gone], order: 1", "no finding 'gone'"),
    ("KB003", "error", PARAMETERS, "status: seen, sources: [study]", "status: seen, sources: [gone]", "no source"),
    ("KB003", "error", TABLES, "sources: [study]", "sources: [gone]", "no source"),
    ("KB003", "error", CHANGES, "sources: [study]", "sources: [gone]", "no source"),
    (
        "KB006",
        "error",
        PARAMETERS,
        "status: secondary, sources: [study]",
        "status: secondary",
        "derived number without",
    ),
    ("KB006", "error", TABLES, "    sources: [study]\n", "", "measured number without"),
    ("KB006", "error", CHANGES, ", sources: [study]", "", "measured number without"),
    ("KB006", "error", CHANGES, "strength: expert", "strength: trial", "evidence from a trial without"),
    ("KB009", "error", PARAMETERS, "[0.2, 0.5]", "[0.5, 0.6]", "must contain the value"),
    (
        "KB026",
        "error",
        PARAMETERS,
        "basis: expert, status: memory",
        "basis: derived, status: memory",
        "has basis expert",
    ),
    ("KB026", "error", PARAMETERS, "basis: derived", "basis: measured", "derived or expert"),
    ("KB027", "error", TABLES, "[small, large]", "[small]", "equally long"),
    ("KB001", "error", "manifest.yaml", "locales: [en]", "locales: [en]\nlocale: en", "unknown key"),
    ("KB002", "error", DVT, "members: [strain]", "members: [gone]", "no condition 'gone'"),
    ("KB003", "error", "wells.yaml", "sources: [study]", "sources: [gone]", "no source 'gone'"),
    ("KB003", "error", DVT, "source: study, note", "source: gone, note", "no source 'gone'"),
    ("KB003", "error", "medicines.yaml", "dose_mg: [1, 2], sources: [study]", "sources: [gone]", "no source 'gone'"),
    ("KB003", "error", "groups.yaml", "strength: 0.5, basis", "strength: 0.5, sources: [gone], basis", "no source"),
    ("KB003", "error", FINDINGS, "sources: [study]", "sources: [gone]", "no source 'gone'"),
    ("KB004", "error", TEXT, ", summary: Something else.", "", "no text 'condition.other_nonspecific.summary'"),
    ("KB004", "error", TEXT, "advice: Rest., ", "", "no text 'rule.R9_always.advice'"),
    ("KB004", "error", TEXT, "how: Sit., ", "", "no text 'advice.rest.how'"),
    ("KB004", "error", TEXT, "how_soon: Soon, ", "", "no text 'disposition.physio.how_soon'"),
    ("KB004", "error", TEXT, "ulcer: {question: An ulcer?}", "{}", "no text 'medicine_fact.ulcer.question'"),
    ("KB004", "error", TEXT, "leg: {title: Your leg}", "", "no text 'interview.screen.leg.title'"),
    ("KB004", "error", TEXT, "stomach: {title: Your stomach}", "", "no text 'interview.screen.stomach.title'"),
    ("KB004", "error", TEXT, "pulse: {short: pulse}", "", "no text 'finding.pulse.short'"),
    ("KB004", "error", TEXT, "low_site: Low, ", "", "no text 'finding.site.option.low_site'"),
    ("KB004", "error", TEXT, ", clinical: Rise.", "", "no text 'training.change.first.clinical'"),
    ("KB005", "warning", TEXT, "    second: {name", "    gone: {name: Gone}\n    second: {name", "wording for change"),
    ("KB005", "warning", TEXT, "  pulse: {short", "  gone: {short: x}\n  pulse: {short", "wording for 'gone'"),
    ("KB005", "warning", TEXT, "{low_site: Distal}", "{gone: Distal}", "no option of 'site'"),
    ("KB006", "error", DVT, "basis: measured\n    sources: [study]", "basis: measured", "measured number without"),
    ("KB007", "error", DVT, "    basis: measured\n", "", "field required"),
    ("KB008", "error", DVT, "slow: 0.8", "slow: 0.7", "must sum to 1"),
    ("KB009", "error", DVT, "[0.55, 0.88]", "[0.88, 0.55]", "must contain the value"),
    ("KB010", "error", DVT, "value: 0.75", "value: -0.75", "greater than or equal to 0"),
    ("KB014", "error", FINDINGS, "asked_of: [video]", "asked_of: []", "at least 1"),
    ("KB015", "error", TEXT, "question: Swollen?, ", "", "no text 'finding.swelling.question'"),
    ("KB015", "error", TEXT, '"no": It is not.', "extra: 'x'", "no text 'finding.swelling.no'"),
    ("KB015", "error", TEXT, "sudden: At once, ", "", "no text 'finding.onset.option.sudden'"),
    ("KB017", "error", FINDINGS, "    unsafe_if: {any: [swelling, {finding: onset, in: [sudden]}]}\n", "", "unsafe_if"),
    (
        "KB018",
        "error",
        FINDINGS,
        "kind: boolean\n    asked_of: [video]",
        "kind: boolean\n    flag: critical\n    asked_of: [video]",
        "critical finding in no rule",
    ),
    (
        "KB018",
        "error",
        "red_flags/R1_swelling.yaml",
        "disposition: same_day",
        "disposition: physio",
        "red finding in no",
    ),
    (
        "KB019",
        "error",
        "conditions/other_nonspecific.yaml",
        "  swelling: {value: 0.1, interval: [0.05, 0.2], basis: expert}\n",
        "",
        "no background",
    ),
    (
        "KB020",
        "error",
        "adjuncts/tablet.yaml",
        "never_with_tags: []\nmax_disposition: physio\nneeds_facts: [ulcer]",
        "max_disposition: physio",
        "nothing that forbids",
    ),
    ("KB021", "warning", TEXT, "summary: Something else.", f"summary: {HARD}", "reads at grade"),
    ("KB022", "error", FINDINGS, "    order: 1\n", "", "order of its own"),
    (
        "KB022",
        "error",
        FINDINGS,
        "    asked_of: [runner]\n    flag: red",
        "    asked_of: [clinician]\n    flag: red",
        "not asked of the runner",
    ),
    ("KB024", "warning", "sources/study.yaml", "seen-abstract", "memory", "measured, but not read (study: memory)"),
    (
        "KB025",
        "warning",
        "conditions/other_nonspecific.yaml",
        "  stride: {value: 0.2, interval: [0.1, 0.3], basis: expert}\n",
        "",
        "nothing uses this finding",
    ),
]


@pytest.mark.parametrize(("rule", "severity", "file", "old", "new", "message"), ONE_SPOILED)
def test_a_spoiled_knowledge_base_breaks_its_rule(mini, rule, severity, file, old, new, message):
    mini.change(file, old, new)
    found = [p for p in lint(mini.root, vignettes=mini.vignettes) if p.rule == rule and message in p.message]
    assert found, f"{rule} did not speak"
    assert all(p.severity == severity for p in found)


def test_an_unused_source_is_a_warning(mini):
    mini.write("sources/spare.yaml", "schema: source/1\nkey: spare\ncitation: A spare study\nverified: memory")
    (problem,) = lint(mini.root, vignettes=mini.vignettes)
    assert (problem.rule, problem.severity, problem.file) == ("KB016", Severity.WARNING, "sources/spare.yaml")


def test_two_must_ask_questions_need_different_places(mini):
    mini.change(
        FINDINGS,
        "    kind: boolean\n    asked_of: [runner]\n    implies",
        "    kind: boolean\n    critical_screen: true\n    order: 1\n    asked_of: [runner]\n    implies",
    )
    found = [p.pointer for p in lint(mini.root) if p.rule == "KB022"]
    assert found == ["/findings/swelling", "/findings/well"]


def test_a_knowledge_base_has_a_version(mini):
    mini.remove("manifest.yaml")
    assert rules_of(lint(mini.root)) == {"KB023"}


def test_a_rule_needs_a_vignette_that_fires_it_and_a_near_miss(mini):
    (mini.vignettes / "fires.yaml").write_text("expect: {red_flags: R9_always, top: {conditions: [dvt, strain]}}")
    (mini.vignettes / "near.yaml").write_text("[{near_miss_of: R1_swelling}]")
    problems = lint(mini.root, vignettes=mini.vignettes)
    assert [(p.rule, p.file) for p in problems if p.severity == "error"] == [
        ("KB011", "red_flags/R1_swelling.yaml"),
        ("KB012", "red_flags/R9_always.yaml"),
    ]


def test_a_thinly_tested_condition_is_a_warning_and_an_error_when_strict(mini):
    (mini.vignettes / "near.yaml").write_text("[{near_miss_of: [R1_swelling, R9_always]}]")
    problems = lint(mini.root, vignettes=mini.vignettes)
    assert [(p.rule, p.file, p.severity) for p in problems] == [
        ("KB013", DVT, "warning"),
        ("KB013", "conditions/strain.yaml", "warning"),
    ]
    assert {p.severity for p in lint(mini.root, vignettes=mini.vignettes, strict=True)} == {"error"}


def test_without_vignettes_their_rules_are_silent(mini):
    assert lint(mini.root) == []


def test_the_packaged_knowledge_finds_its_own_vignettes(mini, monkeypatch):
    monkeypatch.setattr(lint_module, "DATA", mini.root)
    (mini.vignettes / "near.yaml").unlink()
    monkeypatch.setattr(lint_module, "VIGNETTES", mini.vignettes)
    assert "KB012" in rules_of(lint())
    monkeypatch.setattr(lint_module, "VIGNETTES", mini.root / "nowhere")
    assert lint() == []


def test_vignettes_are_indexed(mini):
    index = read_vignettes(mini.vignettes)
    assert index.fired == {"R1_swelling", "R9_always"}
    assert index.near_miss == {"R1_swelling", "R9_always"}
    assert index.conditions == {"dvt": 3, "strain": 3}


def test_a_problem_says_where_which_rule_what_and_how(mini):
    mini.change("wells.yaml", "sources: [study]", "sources: [gone]")
    problem = lint(mini.root)[0]
    assert str(problem) == (
        "wells.yaml:2:11: error KB003 /sources/0 no source 'gone'. Write sources/gone.yaml or name another."
    )
    mini.change("wells.yaml", "sources: [gone]", "sources: [study]").write("stray.yaml", "a: 1\na: 2")
    assert str(lint(mini.root)[0]).startswith("stray.yaml:2:1: error KB001 the key 'a' is given twice")
    mini.write("stray.yaml", "a: 1")
    assert str(lint(mini.root)[0]).startswith("stray.yaml: error KB001 no kind of knowledge file")


def test_errors_come_before_warnings(mini):
    mini.change(DVT, "basis: measured\n    sources: [study]", "basis: measured")
    mini.change(TEXT, "summary: Something else.", f"summary: {HARD}")
    assert [p.severity for p in lint(mini.root)] == ["error", "warning"]


def test_wording_that_no_runner_reads_is_left_alone(mini):
    mini.write("text/en/other.yaml", f"safety_net: {{title: '{HARD}'}}\nfinding: {{pulse: {{why: '{HARD}'}}}}")
    assert lint(mini.root) == []


def test_an_empty_folder_only_lacks_a_version(tmp_path):
    assert rules_of(lint(tmp_path)) == {"KB023"}
    with pytest.raises(KnowledgeError, match="no such folder"):
        lint(tmp_path / "nowhere")


def test_every_rule_is_described_and_shown_here():
    shown = {case[0] for case in ONE_SPOILED} | {"KB011", "KB012", "KB013", "KB016", "KB023"}
    elsewhere = set(PLAN_RULES) | set(GAIT_RULES)
    assert shown == set(RULES) - elsewhere, "see test_plan_knowledge_lint.py and test_gait_knowledge.py"
