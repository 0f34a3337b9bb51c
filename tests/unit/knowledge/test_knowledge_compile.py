"""Files become a frozen knowledge base; the first fault is named with file, line and pointer."""

import subprocess
import sys

import pytest

from soleus.core.assessment import Disposition
from soleus.core.errors import KnowledgeError
from soleus.core.expression import Always, AtLeast, Count, OneOf, Present
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import Basis, Distribution, Flag, Kind, Number
from soleus.knowledge.beta import beta_from_interval, beta_interval
from soleus.knowledge.compile import UNVERSIONED, compile_tree
from soleus.knowledge.files import read_tree

FINDINGS = "findings/pain.yaml"
DVT = "conditions/dvt.yaml"
RULE = "red_flags/R1_swelling.yaml"


def test_the_packaged_knowledge_loads_once_per_process():
    assert load_knowledge() is load_knowledge()


def test_importing_the_package_stays_light():
    code = "import sys, soleus.knowledge; sys.exit('pydantic' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_small_knowledge_base_compiles(mini):
    kb = load_knowledge(mini.root)
    assert kb.version == "2026.11.1"
    assert [c.id for c in kb.diagnoses] == ["dvt", "other_nonspecific", "strain"]
    assert [c.id for c in kb.factors] == ["weakness"]
    assert kb.harm["dvt"] == 20
    assert kb.conditions["dvt"].codes == {"icd10_who": "I80.2", "snomed_ct": "128053003"}
    assert kb.conditions["dvt"].members == ("strain",)
    assert kb.conditions["dvt"].urgency is Disposition.SAME_DAY
    assert kb.sources["study"].doi == "10.1000/calf"
    assert [a.id for a in kb.adjuncts] == ["tablet", "rest"]
    assert kb.medicine_rules[0].overrides == {"ulcer": "warn"}
    assert kb.medicine_facts == ("ulcer",)
    assert kb.floors[0].threshold == 0.05
    assert [w.clinician_only for w in kb.wells] == [False, True]
    assert kb.interview.opening == ("onset",)
    assert kb.severity is not None
    assert [g.factor for g in kb.groups] == [None, "weakness"]


def test_a_compiled_knowledge_base_cannot_be_changed(mini):
    kb = load_knowledge(mini.root)
    with pytest.raises(TypeError):
        kb.findings["new"] = None
    with pytest.raises(AttributeError):
        kb.version = "1"


def test_vocabulary(mini):
    findings = load_knowledge(mini.root).findings
    swelling, score = findings["swelling"], findings["score"]
    assert (swelling.kind, swelling.flag, swelling.area, swelling.order) == (Kind.BOOLEAN, Flag.RED, "pain", 1)
    assert swelling.states == ("false", "true")
    assert score.states == ("low", "high")
    assert (score.low, score.high) == (0, 10)
    assert findings["onset"].states == ("sudden", "slow")
    assert findings["well"].implies_absent == ("swelling",)
    assert findings["well"].background is None
    assert isinstance(swelling.background, Number)
    assert isinstance(findings["onset"].background, Distribution)
    assert findings["onset"].order == 1000


@pytest.mark.parametrize(
    ("finding", "noise"),
    [
        ("swelling", (0.002, 0.05)),
        ("hop", (0.05, 0.10)),
        ("well", (0.01, 0.03)),
        ("pulse", (0.0, 0.0)),
        ("spike", (0.1, 0.2)),
        ("stride", (0.02, 0.05)),
    ],
)
def test_answer_noise_follows_how_the_answer_is_obtained(mini, finding, noise):
    definition = load_knowledge(mini.root).findings[finding]
    assert (definition.false_present, definition.false_absent) == noise


def test_expressions(mini):
    kb = load_knowledge(mini.root)
    rules = {rule.id: rule for rule in kb.rules}
    swelling, pulse, spike = (Present(finding=name) for name in ("swelling", "pulse", "spike"))
    assert rules["R1_swelling"].when == Count(minimum=2, parts=(swelling, Count(minimum=1, parts=(pulse, spike))))
    assert rules["R1_swelling"].suspect_when == swelling
    assert rules["R1_swelling"].suspect_disposition is Disposition.GP_ROUTINE
    assert rules["R9_always"].when == Always()
    assert kb.findings["onset"].ask_if == AtLeast(finding="score", threshold=1)
    sudden = OneOf(finding="onset", options=frozenset({"sudden"}))
    assert kb.findings["hop"].unsafe_if == Count(minimum=1, parts=(swelling, sudden))


def test_counted_observations_move_a_number(mini):
    number = load_knowledge(mini.root).conditions["dvt"].findings["swelling"]
    alpha, beta = beta_from_interval(0.75, 0.55, 0.88)
    assert number.alpha == pytest.approx(alpha + 0.35 * 26)
    assert number.beta == pytest.approx(beta + 0.35 * 48)
    assert number.value == pytest.approx(number.alpha / (number.alpha + number.beta))
    assert 26 / 74 < number.value < 0.75
    assert (number.low, number.high) == pytest.approx(beta_interval(number.alpha, number.beta))
    assert number.elicited == (0.75, 0.55, 0.88)
    assert number.basis is Basis.MEASURED
    assert number.sources == ("study",)
    assert number.observed[0].note == "counted"


def test_a_number_without_counts_stays_as_written(mini):
    number = load_knowledge(mini.root).conditions["other_nonspecific"].findings["pulse"]
    assert (number.value, number.low, number.high, number.elicited) == (0.01, 0.0, 0.02, None)


def test_counted_options_move_a_table(mini):
    table = load_knowledge(mini.root).conditions["dvt"].findings["onset"]
    # 2 + 3 sudden and 8 + 2 slow out of 10 + 5; four more over both, by the elicited shares, at half weight.
    assert table.sample_size == pytest.approx(17)
    assert table.options == pytest.approx({"sudden": (5 + 0.4) / 17, "slow": (10 + 1.6) / 17})
    assert [option for option, _ in table.observed] == ["sudden", "sudden+slow"]


def test_counts_of_an_option_that_was_thought_impossible_still_count(mini):
    mini.change(DVT, "{sudden: 0.2, slow: 0.8}", "{slow: 1}")
    table = load_knowledge(mini.root).conditions["dvt"].findings["onset"]
    assert table.options["sudden"] == pytest.approx(3 / 17)


def test_priors_of_main_causes_are_normalised_and_those_of_factors_are_not(mini):
    mini.change("conditions/strain.yaml", "value: 0.2, interval: [0.1, 0.3]", "value: 0.9, interval: [0.7, 1]")
    kb = load_knowledge(mini.root)
    assert sum(c.prior.value for c in kb.diagnoses) == pytest.approx(1)
    dvt = kb.conditions["dvt"].prior
    assert dvt.value == pytest.approx(0.2 / 1.7)
    assert (dvt.low, dvt.high) == pytest.approx((0.1 / 1.7, 0.3 / 1.7))
    assert dvt.alpha / (dvt.alpha + dvt.beta) == pytest.approx(dvt.value)
    assert kb.conditions["weakness"].prior.value == 0.2


def test_a_prior_that_grows_keeps_its_value_within_the_interval(mini):
    mini.remove("conditions/other_nonspecific.yaml", "conditions/dvt.yaml", "adjuncts/rest.yaml", "floors.yaml")
    prior = load_knowledge(mini.root).conditions["strain"].prior
    assert prior.value == 1
    assert prior.low <= prior.value <= prior.high <= 1


def test_wording_is_flat_and_by_locale(mini):
    kb = load_knowledge(mini.root)
    assert kb.text["finding.swelling.yes"] == "It is."
    assert kb.text["condition.dvt.next"] == "A scan.\nA drug."
    assert load_knowledge(mini.root, "de").text == {"finding.swelling.short": "Schwellung"}


def test_the_content_hash_follows_the_content(mini):
    first = load_knowledge(mini.root).content_hash
    assert load_knowledge(mini.root).content_hash == first
    mini.change("manifest.yaml", "2026.11.1", "2026.11.2")
    assert load_knowledge(mini.root).content_hash != first


def test_an_empty_folder_is_an_empty_knowledge_base(tmp_path):
    kb = load_knowledge(tmp_path)
    assert kb.version == UNVERSIONED
    assert not kb.findings
    assert not kb.medicine_rules
    assert not kb.wells


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(KnowledgeError, match="no such folder"):
        load_knowledge(tmp_path / "nowhere")


def test_missing_files_are_empty(mini):
    mini.remove("medicines.yaml", "wells.yaml", "floors.yaml", "groups.yaml", "severity.yaml", "interview.yaml")
    mini.remove("adjuncts/tablet.yaml", RULE)
    kb = load_knowledge(mini.root)
    assert kb.severity is None
    assert kb.interview.screens == ()
    # Without any rule tag of that name the veto is kept: tags may be written before their rules.
    assert kb.adjuncts[0].never_with_tags == {"dvt"}


SPOILED = [
    (
        FINDINGS,
        "implies_absent: [swelling]",
        "implies_absent: [onset]",
        "no boolean finding 'onset'",
        ":14:22 /findings/well",
    ),
    (
        FINDINGS,
        "implies_absent: [swelling]",
        "implies_absent: [gone]",
        "no boolean finding 'gone'",
        "/implies_absent/0",
    ),
    (FINDINGS, "{any: [swelling,", "{any: [gone,", "no boolean finding 'gone'", "/findings/hop/unsafe_if/any/0"),
    (FINDINGS, "in: [sudden]", "in: [never]", "options of 'onset': sudden, slow", "unsafe_if/any/1/in"),
    (FINDINGS, "in: [sudden]", "in: []", "must be options", "/in"),
    (FINDINGS, "in: [sudden]", "in: sudden", "must be options", "/in"),
    (FINDINGS, "in: [sudden]", "in: [[sudden]]", "must be options", "/in"),
    (FINDINGS, "{finding: onset, in:", "{finding: [onset], in:", "no choice finding", "/finding"),
    (FINDINGS, "{finding: onset, in:", "{finding: hop, in:", "no choice finding", "/finding"),
    (FINDINGS, "finding: score, at_least: 1", "finding: onset, at_least: 1", "no numeric finding", "/finding"),
    (FINDINGS, "at_least: 1", "at_least: many", "must be a number", "/at_least"),
    (FINDINGS, "at_least: 1", "at_least: true", "must be a number", "/at_least"),
    (FINDINGS, "at_least: 1", "at_least: .nan", "must be a number", "/at_least"),
    (RULE, "{count: 1, of: [pulse, spike]}", "{not: swelling}", "not an expression", "/when/all/1"),
    (RULE, "{count: 1, of: [pulse, spike]}", "3", "not an expression", "/when/all/1"),
    (RULE, "{count: 1,", "{count: 3,", "between 1 and", "/count"),
    (RULE, "{count: 1,", "{count: 0,", "between 1 and", "/count"),
    (RULE, "{count: 1,", "{count: true,", "between 1 and", "/count"),
    (RULE, "{count: 1,", "{count: some,", "between 1 and", "/count"),
    (RULE, "of: [pulse, spike]", "of: pulse", "between 1 and", "/count"),
    (RULE, "of: [pulse, spike]", "of: [pulse, onset]", "no boolean finding 'onset'", "/of/1"),
    (RULE, "of: [pulse, spike]", "of: [pulse, null]", "at least one expression", "/of"),
    (RULE, "all: [swelling, {count: 1, of: [pulse, spike]}]", "all: []", "at least one expression", "/when/all"),
    (RULE, "all: [swelling, {count: 1, of: [pulse, spike]}]", "any: swelling", "at least one", "/when/any"),
    (RULE, "when: {all: [swelling, {count: 1, of: [pulse, spike]}]}", "when: null", "needs an expression", "/when"),
    (RULE, "suspect_disposition: gp_routine\n", "", "go together", "/suspect_when"),
    (RULE, "suspect_disposition: gp_routine", "suspect_disposition: emergency_now", "more urgent", "/suspect_disp"),
    (DVT, "members: [strain]", "members: [gone]", "no condition 'gone'", "/members/0"),
    (DVT, "  weakness: {", "  strain: {", "contributing factors", "/factors/strain"),
    (DVT, "  weakness: {", "  gone: {", "contributing factors", "/factors/gone"),
    (DVT, "  swelling:", "  gone:", "no finding 'gone'", "/findings/gone"),
    (DVT, "  swelling:", "  score:", "needs a table", "/findings/score"),
    (DVT, "  onset:", "  hop:", "needs value and interval", "/findings/hop"),
    (DVT, "slow: 0.8", "gone: 0.8", "no option gone of 'onset'", "/findings/onset/options"),
    (DVT, "option: sudden", "option: gone", "no option gone", "/findings/onset/options"),
    (DVT, "option: [sudden, slow]", "option: [sudden, gone]", "no option gone", "/findings/onset/options"),
    ("groups.yaml", "factor: weakness", "factor: strain", "no contributing factor 'strain'", "/groups/weak/factor"),
    ("groups.yaml", "factor: weakness", "factor: gone", "no contributing factor 'gone'", "/groups/weak/factor"),
    ("groups.yaml", "{hop:", "{gone:", "no finding 'gone'", "/groups/weak/members/gone"),
    ("groups.yaml", "{hop:", "{swelling:", "already in group 'leg'", "/groups/weak/members/swelling"),
    ("groups.yaml", "onset: [sudden]", "onset: [sudden, slow]", "some, not all", "/groups/leg/members/onset"),
    ("groups.yaml", "onset: [sudden]", "onset: [gone]", "some, not all", "/groups/leg/members/onset"),
    ("floors.yaml", "[dvt]", "[gone]", "no conditions 'gone'", "/floors/0/conditions/0"),
    ("wells.yaml", "finding: pulse", "finding: onset", "no boolean finding 'onset'", "/items/1/finding"),
    ("adjuncts/rest.yaml", "[strain]", "[gone]", "no for_conditions 'gone'", "/for_conditions/0"),
    ("adjuncts/rest.yaml", "{dvt: 0.05}", "{gone: 0.05}", "no never_with_conditions 'gone'", "/never_with_conditions"),
    (
        "adjuncts/rest.yaml",
        "never_with_tags: [dvt]",
        "never_with_tags: [dtv]",
        "no never_with_tags 'dtv'",
        "never_with",
    ),
    ("adjuncts/rest.yaml", "never_if: pulse", "never_if: gone", "no boolean finding 'gone'", "/never_if"),
    ("adjuncts/tablet.yaml", "needs_facts: [ulcer]", "needs_facts: [gone]", "no needs_facts 'gone'", "/needs_facts/0"),
    ("adjuncts/tablet.yaml", "medicine: tablet_1", "medicine: gone", "no medicine 'gone'", "/medicine"),
    ("medicines.yaml", "any_of: [ulcer]", "any_of: [gone]", "no any_of 'gone'", "/rules/0/any_of/0"),
    ("medicines.yaml", "medicines: [tablet_1]", "medicines: [gone]", "no medicines 'gone'", "/rules/0/medicines/0"),
    ("interview.yaml", "opening: [onset]", "opening: [gone]", "no opening 'gone'", "/opening/0"),
    ("interview.yaml", "findings: [swelling]", "findings: [onset]", "no boolean finding", "/screens/0/findings/0"),
    ("interview.yaml", "[swelling]", "[swelling, swelling]", "already in a screen", "/screens/0/findings/1"),
    ("interview.yaml", "facts: [ulcer]", "facts: [gone]", "no facts 'gone'", "/fact_screens/0/facts/0"),
    ("severity.yaml", "  strain: {", "  dvt: {", "no graded condition 'dvt'", "/priors/dvt"),
    ("severity.yaml", "  strain: {", "  gone: {", "no graded condition 'gone'", "/priors/gone"),
    ("severity.yaml", "{mild: 0.8, severe: 0.2}", "{mild: 1}", "every grade", "/prior"),
    (
        "severity.yaml",
        "    severe: {value: 0.6, interval: [0.4, 0.8], basis: expert}\n",
        "",
        "every grade",
        "/swelling",
    ),
    ("severity.yaml", "  swelling:", "  gone:", "known finding", "/findings/gone"),
    ("severity.yaml", "  swelling:", "  score:", "needs a table", "/findings/score"),
]


@pytest.mark.parametrize(("file", "old", "new", "problem", "where"), SPOILED)
def test_what_dangles_is_named_with_file_line_and_pointer(mini, file, old, new, problem, where):
    mini.change(file, old, new)
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(mini.root)
    assert problem in str(caught.value)
    assert caught.value.where.startswith(f"{file}:")
    assert where in caught.value.where
    assert caught.value.exit_code == 20


def test_all_faults_are_collected_for_lint(mini):
    mini.change(DVT, "members: [strain]", "members: [gone, lost]")
    kb, faults = compile_tree(read_tree(mini.root, "en"))
    assert [fault.rule for fault in faults] == ["KB002", "KB002"]
    assert kb.conditions["dvt"].id == "dvt"


def test_a_factor_may_not_list_factors_of_its_own(mini):
    mini.change(
        "conditions/weakness.yaml",
        "urgency: self_care",
        "urgency: self_care\nfactors: {weakness: {value: 0.1, interval: [0, 0.2], basis: expert}}",
    )
    with pytest.raises(KnowledgeError, match="contributing factors"):
        load_knowledge(mini.root)
