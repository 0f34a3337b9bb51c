"""Each file is checked against the shape of its kind; the fault names the place."""

import pytest

from soleus.core.errors import KnowledgeError
from soleus.knowledge import load_knowledge
from soleus.knowledge.files import Fault, read_tree

FINDINGS = "findings/pain.yaml"
DVT = "conditions/dvt.yaml"

SPOILED = [
    ("manifest.yaml", "version: 2026.11.1", "version: soon", "string should match", "2:1 /version", "KB001"),
    ("manifest.yaml", "locales: [en]", "locales: []", "at least 1 item", "/locales", "KB001"),
    ("sources/study.yaml", "key: study", "key: other", "key must be 'study'", "2:1 /key", "KB001"),
    ("sources/study.yaml", "verified: seen-abstract", "verified: surely", "input should be", "/verified", "KB001"),
    (
        "sources/study.yaml",
        "doi: 10.1000/calf\npmid",
        "doi: doi.org/calf\npmid",
        "string should match",
        "/doi",
        "KB001",
    ),
    ("sources/study.yaml", "used_for", "use_for", "unknown key", "8:1 /use_for", "KB001"),
    (FINDINGS, "area: pain", "area: joy", "area must be 'pain'", "/area", "KB001"),
    (FINDINGS, "    order: 1", "    order: first", "valid integer", "/findings/swelling/order", "KB001"),
    (FINDINGS, "options: [sudden, slow]", "options: [sudden, sudden]", "listed twice", "/findings/onset", "KB001"),
    (FINDINGS, "    options: [sudden, slow]\n", "", "a choice needs options", "/findings/onset", "KB001"),
    (FINDINGS, "    bands: [[low, 4], [high, .inf]]\n", "", "needs bands", "/findings/score", "KB001"),
    (FINDINGS, "[[low, 4], [high, .inf]]", "[[low, 4], [high, 9]]", "the limits of the bands", "/score", "KB001"),
    (FINDINGS, "[[low, 4], [high, .inf]]", "[[low, .inf], [high, .inf]]", "the limits", "/score", "KB001"),
    (FINDINGS, "[[low, 4],", "[[low, .nan],", "greater than", "/findings/score/bands/0/1", "KB001"),
    (FINDINGS, "[[low, 4],", "[[low, '4'],", "valid number", "/findings/score/bands/0/1", "KB001"),
    (FINDINGS, "range: [0, 10]", "range: [10, 0]", "the range must rise", "/findings/score", "KB001"),
    (FINDINGS, "range: [0, 10]", "range: [0, .inf]", "finite number", "/findings/score/range/1", "KB010"),
    (FINDINGS, "    implies_absent", "    range: [0, 1]\n    implies_absent", "only an integer", "/well", "KB001"),
    (FINDINGS, "    asked_of: [clinician]\n  site", "  site", "field required", "/findings/pulse/asked_of", "KB014"),
    (FINDINGS, "asked_of: [clinician]\n  site", "asked_of: []\n  site", "at least 1", "/pulse/asked_of", "KB014"),
    (FINDINGS, "false_absent: 0.2", "false_absent: 0.5", "less than 0.5", "/spike/noise/false_absent", "KB001"),
    (DVT, "id: dvt", "id: tvd", "id must be 'dvt'", "/id", "KB001"),
    (DVT, 'snomed_ct: "128053003"', "snomed_ct: 128053003", "valid string", "/codes/snomed_ct", "KB001"),
    (DVT, "urgency: same_day", "urgency: soon", "input should be", "/urgency", "KB001"),
    (DVT, "dangerous: true", "dangerous: yes", "valid boolean", "/dangerous", "KB001"),
    (DVT, "value: 0.75", "value: 1.75", "less than or equal to 1", "/findings/swelling/value", "KB010"),
    (DVT, "value: 0.75", "value: .nan", "finite", "/findings/swelling/value", "KB010"),
    (DVT, "[0.55, 0.88]", "[0.8, 0.88]", "must contain the value", "/findings/swelling", "KB009"),
    (DVT, "[0.55, 0.88]", "[0.55]", "at least 2", "/findings/swelling/interval", "KB001"),
    (DVT, "basis: measured", "basis: guess", "input should be", "/findings/swelling/basis", "KB007"),
    (DVT, "    basis: measured\n", "", "field required", "/findings/swelling/basis", "KB007"),
    (DVT, "slow: 0.8", "slow: 0.7", "must sum to 1, they sum to 0.9", "/findings/onset", "KB008"),
    (DVT, "slow: 0.8", "slow: '0.8'", "valid number", "/findings/onset/options/slow", "KB001"),
    (DVT, "events: 26", "events: 75", "must not exceed n", "/findings/swelling/observed/0", "KB001"),
    (DVT, "weight: 0.35", "weight: 2", "less than or equal to 1", "/findings/swelling/observed/0/weight", "KB010"),
    (DVT, "findings:\n  swelling:", "findings:\n  hop: 0.3\n  swelling:", "valid dictionary", "/findings/hop", "KB001"),
    (
        "severity.yaml",
        "value: 0.6, interval: [0.4, 0.8], basis: expert}\n  onset",
        "value: 2, interval: [0.4, 0.8], basis: expert}\n  onset",
        "less than or equal",
        "/findings/swelling/severe/value",
        "KB010",
    ),
    ("medicines.yaml", "action: block", "action: wait", "input should be", "/rules/0/action", "KB001"),
    ("text/en/all.yaml", "schema: text/1", "schema: text/2", "schema must be text/1", "/schema", "KB001"),
    ("text/en/all.yaml", "stride: {short: stride}", "stride: {short: 3}", "wording must be text", "/short", "KB001"),
    ("text/en/all.yaml", "stride: {short: stride}", "stride: {short: []}", "wording must be text", "/short", "KB001"),
    ("text/en/all.yaml", "stride: {short: stride}", "stride: {short: ' '}", "wording must be text", "/short", "KB001"),
    ("text/en/all.yaml", "stride: {short: stride}", "stride: {short: [a, 2]}", "must be text", "/short", "KB001"),
    ("text/en/all.yaml", "spike: {short: spike}", "spike.short: x\n  spike: {short: spike}", "already in", "", "KB001"),
]


@pytest.mark.parametrize(("file", "old", "new", "problem", "where", "rule"), SPOILED)
def test_a_wrong_shape_is_named_with_its_place_and_rule(mini, file, old, new, problem, where, rule):
    mini.change(file, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(mini.root)
    assert problem in str(caught.value)
    assert f"[{rule}]" in str(caught.value)
    assert caught.value.where.startswith(file)
    assert where in caught.value.where


def test_a_finding_lives_in_one_file(mini):
    mini.write(
        "findings/zeal.yaml", "schema: findings/1\narea: zeal\nfindings: {hop: {kind: boolean, asked_of: [runner]}}"
    )
    with pytest.raises(KnowledgeError, match=r"already in findings/pain\.yaml"):
        load_knowledge(mini.root)


@pytest.mark.parametrize("name", ["stray.yaml", "recipes/rest.yaml", "text/all.yaml", "a/b/c.yaml"])
def test_a_file_of_no_kind_is_refused(mini, name):
    mini.write(name, "a: 1")
    with pytest.raises(KnowledgeError, match="no kind of knowledge file"):
        load_knowledge(mini.root)


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("a: 1\na: 2", "stray.yaml:2:1", "given twice"),
        (b"\xff\xfe\xff", "stray.yaml", "UTF-8"),
        (b"\x00\x01\x02", "stray.yaml", "character"),
    ],
)
def test_a_file_that_is_no_yaml_is_refused(mini, content, place, problem):
    mini.write("stray.yaml", content)
    with pytest.raises(KnowledgeError, match=problem) as caught:
        load_knowledge(mini.root)
    assert caught.value.where == place


def test_an_empty_file_is_empty(mini):
    mini.write("wells.yaml", "").write("text/en/none.yaml", "# nothing yet")
    assert load_knowledge(mini.root).wells == ()


def test_wording_must_be_a_mapping(mini):
    mini.write("text/en/list.yaml", "[a, b]")
    with pytest.raises(KnowledgeError, match="must be a mapping"):
        load_knowledge(mini.root)


def test_good_files_are_kept_when_another_is_faulty(mini):
    mini.change(DVT, "urgency: same_day", "urgency: soon")
    tree = read_tree(mini.root, "en")
    assert "dvt" not in tree.conditions
    assert "strain" in tree.conditions
    assert len(tree.faults) == 1


def test_a_fault_knows_what_it_can_about_its_place(mini):
    fault = Fault(file="gone.yaml", pointer=("a",), problem="it is gone", hint="Find it.")
    assert str(fault.error(mini.root)) == "gone.yaml /a: it is gone [KB001]. Find it."
    mini.write("broken.yaml", "a: [")
    assert Fault(file="broken.yaml", pointer=("a",), problem="x").error(mini.root).where == "broken.yaml /a"
    assert Fault(file="wells.yaml", pointer=("zzz",), problem="x").error(mini.root).where == "wells.yaml /zzz"
