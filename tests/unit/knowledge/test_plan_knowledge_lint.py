"""Each lint rule about plans, shown by small plans spoiled in just that way; and how faulty plans are read."""

import copy
import importlib.util
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soleus.core.errors import KnowledgeError
from soleus.core.ids import ConditionId, ExerciseId
from soleus.knowledge import load_knowledge
from soleus.knowledge.compile import DATA, compile_tree
from soleus.knowledge.files import read_tree
from soleus.knowledge.lint import lint
from soleus.knowledge.lint_plans import PLAN_RULES
from soleus.knowledge.stats import kb_stats

ORIGIN = "origin: {basis: expert, status: assumption, sources: [study]}"
RAISE, HOP, FAMILY, WALK = "exercises/raise.yaml", "exercises/hop_up.yaml", "plans/calf.yaml", "programmes/walk.yaml"
GATES, MEASURES, CODES = "planning/gates.yaml", "planning/measures.yaml", "planning/contraindications.yaml"
NO_PLAN, TEXT, MODULES, TIMES = (
    "planning/no_self_plan.yaml",
    "text/en/plans.yaml",
    "planning/modules.yaml",
    "planning/prognosis.yaml",
)
FILES = {
    RAISE: f"""
schema: exercise/1
id: raise
kind: strength
targets: [soleus]
kit: [[step], [wall]]
unilateral: true
load_tier: 2
impact: none
dose: {{sets: [2, 4], reps: 12, tempo_s: [2, 1, 2], per_week: [2, 7], load: {{basis: rm, low: 8, high: 12}}}}
progresses_to: [hop_up]
contraindications: [clot]
stop_signs: [swelling_new]
evidence: moderate
sources: [study]
{ORIGIN}
""",
    HOP: f"""
schema: exercise/1
id: hop_up
kind: plyometric
targets: [soleus]
unilateral: true
load_tier: 4
impact: high
dose: {{sets: 3, contacts: [10, 60]}}
regresses_to: [raise]
contraindications: [clot, early]
stop_signs: [swelling_new, too_sore]
evidence: low
{ORIGIN}
""",
    FAMILY: f"""
schema: plan/1
id: calf
conditions: {{strain: ''}}
pathway: self
caution: 10
pain_limit_nrs: 2
programme: walk
gate: run_gate
priors: [strain_run]
evidence: low
sources: [study]
{ORIGIN}
phases:
- id: one
  text: calm
  entry: [{{measure: days_since_onset, op: '>=', value: 0}}]
  exit: [{{measure: sore, op: '<=', value: 1}}, {{measure: slhr_reps, op: '>=', value: 10, pain_max: 2, norm: median}}]
  exercises: [{{exercise: raise, sets: 3, reps: 12, per_week: 7, load: load.own, note: exercise_note.slow}}]
  care: [rest]
  run: none
  cross: [raise]
  stop_signs: [swelling_new, too_sore]
  expected_days: [1, 3, 9]
  walk: phase.calm.walk
- id: two
  text: back
  entry: [{{measure: slhr_reps, op: '>=', value: 10, norm: median}}]
  exit: [{{measure: fine, op: ==, value: true}}]
  exercises: [{{exercise: hop_up, start_when: [{{measure: sore, op: '<=', value: 0}}], start_gate: run_gate,
    only_for: [strain], instead_of: [raise], contacts: [10, 20]}}]
  run: programme
  stop_signs: [too_sore, swelling_new]
  expected_days: [7, 14, 30]
""",
    WALK: f"""
schema: programme/1
id: walk
sessions_per_week: 3
min_rest_h: 48
warm_up_s: 300
cool_down_s: 300
min_sessions_per_stage: 1
gate: run_gate
pain_limit_nrs: 2
rules: 1
{ORIGIN}
stages:
- {{number: 1, blocks: [{{repeats: 6, run_s: 60, walk_s: 60}}], pace: pace.slow}}
- {{number: 2, blocks: [{{repeats: 8, run_s: 60, walk_s: 60, effort_rpe: 3}}], pace: pace.slow, note: stage_note.flat}}
""",
    GATES: f"""
gates:
  run_gate:
    criteria: [{{measure: fine, op: ==, value: true}}, {{measure: sore, op: '<=', value: 1}}]
    only_for: {{sore: [calf]}}
    sources: [study]
    {ORIGIN}
""",
    MEASURES: """
measures:
  days_since_onset: {kind: number, unit: d, high: 999, better: higher, self_test: true, order: 1}
  sore:
    kind: number
    unit: 0-10
    high: 10
    better: lower
    self_test: true
    order: 2
    derived: [{when: swelling, value: 5}]
  slhr_reps: {kind: number, unit: reps, high: 99, better: higher, self_test: true, needs_pain: true, order: 3,
    unsafe_codes: [clot]}
  fine: {kind: boolean, unit: yes/no, better: higher, clinician_only: true, order: 4}
norm: {ages: [[20, 49], [50, 99]], male: [30, 20], female: [28, 19], basis: derived, status: secondary,
  sources: [study]}
""",
    "planning/stop_signs.yaml": """
stop_signs:
  swelling_new: {disposition: same_day, sources: [study]}
  too_sore: {back: stage}
""",
    CODES: """
contraindications:
  clot: {tags: [dvt], conditions: {dvt: 0.05}, facts: [ulcer], when: swelling}
  early: {families: [calf], until: [{measure: slhr_reps, op: '>=', value: 10}], until_gate: run, until_cleared: true}
""",
    MODULES: f"""
modules:
- factor: weakness
  min_probability: 0.5
  from_phase: 1
  exercises: [{{exercise: raise, note: exercise_note.slow, start_when: [{{measure: slhr_reps, op: '>=', value: 5}}]}}]
  care: [rest]
  {ORIGIN}
""",
    NO_PLAN: """
no_self_plan:
  dvt: {disposition: same_day, see: same_day_service, meanwhile: [rest], sources: [study]}
  other_nonspecific: {disposition: physio, see: physio, fallback: calf}
""",
    TIMES: """
priors:
  strain_run: {condition: strain, milestone: first_run, mu: 2.3, sigma: 0.5, confidence: low, elite: false,
    observed: [cohort], caveats: [prognosis.caveat.elite], basis: expert, status: assumption}
observed:
  cohort: {condition: strain, endpoint: return to play, population: a team, n: 12, mean_days: 20, ci95_days: [10, 30],
    range_days: [1, 90], source: study, status: seen}
modifiers:
  again: {conditions: [strain], when: swelling, multiplier: 1.5, basis: expert, status: assumption}
  told: {conditions: [strain], basis: expert, status: assumption}
recurrence:
  alpha: 4
  beta: 12
  window_weeks: 15
  raises: [{text: recurrence.age, when: swelling, sources: [study]}, {text: recurrence.age}]
  lowers: [{text: recurrence.strong, sources: [study]}]
  conditions: [strain]
  basis: expert
  status: assumption
""",
    "planning/parameters.yaml": """
parameters:
  run.cap: {value: 1.1, interval: [1.0, 1.3], unit: "1", basis: measured, status: seen, sources: [study]}
""",
    TEXT: """
exercise:
  raise: {name: Up, cue: {1: Up., 2: Down.}, feel: Work., start: Low., end: High., easier: Less., harder: More.,
    load: You., clinical: Raise}
  hop_up: {name: Hop, cue: {1: Up., 2: Down.}, feel: Work., start: Low., end: High., easier: Less., harder: More.,
    load: You., clinical: Hop}
family: {calf: {name: Calf, plain: A calf., note: Look.}}
phase:
  calm: {name: Calm, goal: {1: Calm.}, run: No., walk: Yes.}
  back: {name: Back, goal: {1: Run.}, run: Yes.}
programme: {walk: {name: Walk, rule: {1: Slow.}}}
gate: {run_gate: {name: Ready}}
measure:
  days_since_onset: {name: Days, ask: When?, how: Count., clinical: Days}
  sore: {name: Sore, ask: How sore?, how: Feel., clinical: NRS}
  slhr_reps: {name: Raises, ask: How many?, how: Count., clinical: SLHR}
  fine: {name: Fine, ask: Fine?, how: Say., clinical: Clear}
stop:
  swelling_new: {sign: It swells., do: Go.}
  too_sore: {sign: It hurts., do: Rest.}
contraindication:
  clot: A clot.
  early: Too early.
no_plan:
  dvt: {see: Go., meanwhile: Rest.}
  other_nonspecific: {see: Book., meanwhile: Rest.}
load: {own: Your own.}
pace: {slow: Slow.}
stage_note: {flat: Flat.}
exercise_note: {slow: Slowly.}
prognosis:
  observed: {cohort: A team.}
  caveat: {elite: Players.}
  modifier: {again: Again., told: Told.}
recurrence: {age: Age., strong: Strength.}
""",
    "text/en/unknown.yaml": """
contraindication.clot.unknown: We do not know.
contraindication.early.unknown: We do not know.
""",
}


@pytest.fixture
def plans(mini):
    """The small knowledge base with a family, a programme and all that they name."""
    for name, content in FILES.items():
        mini.write(name, content)
    return mini


def test_good_plans_have_no_problem(plans):
    assert lint(plans.root, vignettes=plans.vignettes, strict=True) == []


ENTRY_TWO = "entry: [{measure: slhr_reps, op: '>=', value: 10, norm: median}]"
SPOILED = [
    ("KB004", TEXT, "{elite: Players.}", "{gone: Players.}", "no text 'prognosis.caveat.elite'"),
    ("KB004", TEXT, "{again: Again., told", "{gone: Again., told", "no text 'prognosis.modifier.again'"),
    ("KB004", TEXT, "{cohort: A team.}", "{gone: A team.}", "no text 'prognosis.observed.cohort'"),
    ("KB004", TEXT, "{age: Age., strong", "{old: Age., strong", "no text 'recurrence.age'"),
    ("KB001", "adjuncts/rest.yaml", "order: 20", "order: 20\nplan_only: true\nfirst_only: true", "for plans only"),
    ("KB009", FAMILY, "sets: 3, reps: 12", "sets: [3, 2], reps: 12", "a span rises"),
    ("KB009", FAMILY, "expected_days: [1, 3, 9]", "expected_days: [3, 1, 9]", "expected_days rise"),
    ("KB001", FAMILY, "pathway: self", "pathway: clinician_led", "needs clearance"),
    ("KB001", WALK, "number: 2", "number: 3", "are numbered"),
    ("KB027", MEASURES, "female: [28, 19]", "female: [28]", "equally long"),
    ("KB001", MEASURES, "ages: [[20, 49], [50, 99]]", "ages: [[20, 60], [50, 99]]", "rise and do not overlap"),
    ("KB001", "planning/stop_signs.yaml", "{back: stage}", "{}", "a disposition or a step back"),
    ("KB003", FAMILY, "sources: [study]\norigin", "sources: [gone]\norigin", "no source 'gone'"),
    ("KB003", GATES, "sources: [study]\n    origin", "sources: [gone]\n    origin", "no source 'gone'"),
    ("KB003", TIMES, "source: study, status", "source: gone, status", "no source 'gone'"),
    ("KB004", TEXT, "  back: {name: Back,", "  back: {title: Back,", "no text 'phase.back.name'"),
    ("KB004", TEXT, "load: {own: Your own.}\n", "", "no text 'load.own'"),
    ("KB004", TEXT, "stage_note: {flat: Flat.}\n", "", "no text 'stage_note.flat'"),
    ("KB004", TEXT, "exercise_note: {slow: Slowly.}\n", "", "no text 'exercise_note.slow'"),
    (
        "KB005",
        TEXT,
        "gate: {run_gate: {name: Ready}}",
        "gate: {run_gate: {name: R}, old: {name: O}}",
        "wording for 'old'",
    ),
    ("KB006", "planning/parameters.yaml", ", sources: [study]", "", "measured number without"),
    (
        "KB021",
        TEXT,
        "1: Slow.",
        "1: " + "Immobilisation necessitates comprehensive deliberations. " * 5,
        "reads at grade",
    ),
    (
        "KB026",
        TIMES,
        "basis: expert\n  status: assumption",
        "basis: measured\n  status: assumption",
        "has basis expert",
    ),
    ("KB028", FAMILY, "programme: walk", "programme: gone", "no programme 'gone'"),
    ("KB028", FAMILY, "gate: run_gate\n", "gate: gone\n", "no gate 'gone'"),
    ("KB028", FAMILY, "{strain: ''}", "{strain: '', gone: ''}", "no condition 'gone'"),
    ("KB028", FAMILY, "priors: [strain_run]", "priors: [gone]", "no prior 'gone'"),
    ("KB028", FAMILY, "{exercise: raise,", "{exercise: gone,", "no exercise 'gone'"),
    ("KB028", FAMILY, "care: [rest]", "care: [gone]", "no advice 'gone'"),
    ("KB028", FAMILY, "measure: sore, op: '<=', value: 0", "measure: gone, op: '<=', value: 0", "no measure 'gone'"),
    ("KB028", RAISE, "stop_signs: [swelling_new]", "stop_signs: [swelling_new, gone]", "no stop sign 'gone'"),
    ("KB028", RAISE, "contraindications: [clot]", "contraindications: [clot, gone]", "no contraindication 'gone'"),
    ("KB028", RAISE, "contraindications: [clot]", "film: gone\ncontraindications: [clot]", "no finding 'gone'"),
    ("KB028", MEASURES, "unsafe_codes: [clot]", "unsafe_codes: [clot, gone]", "no contraindication 'gone'"),
    ("KB028", MEASURES, "when: swelling", "when: gone", "no boolean finding 'gone'"),
    ("KB028", CODES, "tags: [dvt]", "tags: [gone]", "no tag 'gone'"),
    ("KB028", CODES, "facts: [ulcer]", "facts: [gone]", "no fact 'gone'"),
    ("KB028", CODES, "{dvt: 0.05}", "{gone: 0.05}", "no condition 'gone'"),
    ("KB028", CODES, "families: [calf]", "families: [gone]", "no family 'gone'"),
    ("KB028", CODES, "when: swelling", "when: gone", "no boolean finding 'gone'"),
    ("KB028", GATES, "sore: [calf]", "gone: [calf]", "no measure 'gone'"),
    ("KB028", GATES, "sore: [calf]", "sore: [gone]", "no family 'gone'"),
    ("KB028", MODULES, "factor: weakness", "factor: strain", "no contributing factor"),
    ("KB028", NO_PLAN, "fallback: calf", "fallback: gone", "no family 'gone'"),
    ("KB028", NO_PLAN, "  dvt:", "  gone:", "no condition 'gone'"),
    ("KB028", TIMES, "condition: strain, milestone", "condition: gone, milestone", "no condition 'gone'"),
    ("KB028", TIMES, "observed: [cohort]", "observed: [gone]", "no published time 'gone'"),
    ("KB029", RAISE, "contraindications: [clot]", "contraindications: []", "without contraindications"),
    ("KB029", RAISE, "stop_signs: [swelling_new]", "stop_signs: []", "without stop signs"),
    ("KB030", RAISE, "progresses_to: [hop_up]\n", "", "does not name it as harder"),
    ("KB030", HOP, "regresses_to: [raise]\n", "", "does not name it as easier"),
    ("KB031", FAMILY, "- id: two", "- id: one", "the same id"),
    (
        "KB031",
        FAMILY,
        "measure: days_since_onset, op: '>=', value: 0",
        "measure: sore, op: '<=', value: 0",
        "open to every",
    ),
    (
        "KB031",
        FAMILY,
        "value: 10, norm: median}]\n  exit: [{measure: fine",
        "value: 12}]\n  exit: [{measure: fine",
        "by the end",
    ),
    ("KB031", FAMILY, ENTRY_TWO, "entry: [{measure: fine, op: ==, value: true}]", "by the end of the phase before"),
    (
        "KB031",
        FAMILY,
        "exit: [{measure: fine, op: ==, value: true}]",
        "exit: [{measure: slhr_reps, op: '<=', value: 2}]",
        "nobody can meet",
    ),
    (
        "KB031",
        FAMILY,
        "exit: [{measure: fine, op: ==, value: true}]",
        "exit: [{measure: fine, op: ==, value: true}, {measure: fine, op: ==, value: false}]",
        "nobody can meet",
    ),
    (
        "KB032",
        NO_PLAN,
        "  dvt: {disposition: same_day, see: same_day_service, meanwhile: [rest], sources: [study]}\n",
        "",
        "no plan family",
    ),
    ("KB032", NO_PLAN, "dvt: {disposition: same_day", "dvt: {disposition: physio", "less urgent"),
    ("KB033", GATES, "op: '<=', value: 1", "op: '<=', value: 11", "outside 0 to 10"),
    ("KB033", GATES, "op: '<=', value: 1", "op: '>=', value: 1", "lower is better"),
    ("KB033", GATES, "op: '<=', value: 1", "op: ==, value: true", "the measure is a number"),
    ("KB033", GATES, "op: ==, value: true", "op: ==, value: false", "on its better side"),
    ("KB033", GATES, "op: '<=', value: 1", "op: '<=', value: 1, norm: median", "only 'slhr_reps' has a norm"),
    ("KB033", GATES, "op: '<=', value: 1", "op: '<=', value: 1, pain_max: 1", "is not asked"),
    ("KB033", MEASURES, "value: 5}]", "value: true}]", "a number has no value True"),
    ("KB034", MEASURES, "    unsafe_codes: [clot]}", "    unsafe_codes: []}", "says when it is unsafe"),
    (
        "KB034",
        MEASURES,
        "better: higher, clinician_only",
        "better: higher, self_test: true, clinician_only",
        "for clinicians only",
    ),
    (
        "KB034",
        MEASURES,
        "  fine: {",
        "  left: {kind: boolean, unit: y, better: lower, order: 9}\n  fine: {",
        "no phase and no gate",
    ),
    ("KB035", RAISE, "stop_signs: [swelling_new]", "stop_signs: [too_sore]", "no sign ends in being seen"),
    ("KB035", FAMILY, "stop_signs: [too_sore, swelling_new]", "stop_signs: [too_sore]", "no sign ends in being seen"),
    (
        "KB035",
        FAMILY,
        "stop_signs: [too_sore, swelling_new]",
        "stop_signs: [swelling_new]",
        "no sign means a step back",
    ),
    ("KB036", FAMILY, "sets: 3, reps: 12", "sets: 5, reps: 12", "sets of 'raise' lies outside"),
    ("KB036", FAMILY, "sets: 3, reps: 12", "sets: 3, hold_s: 12", "hold_s of 'raise' lies outside"),
    ("KB036", WALK, "repeats: 8", "repeats: 5", "less running than the stage before"),
    ("KB037", WALK, "rules: 1", "rules: 1\nneeds_clearance: true", "the family not"),
    ("KB037", WALK, "rules: 1", "rules: 1\nreference_only: true", "never prescribed"),
    ("KB037", FAMILY, "{strain: ''}", "{strain: '', dvt: ''}", "a danger, not cleared"),
]
WARNINGS = {("KB005", TEXT), ("KB021", TEXT), ("KB034", "no phase and no gate")}


@pytest.mark.parametrize(("rule", "file", "old", "new", "message"), SPOILED)
def test_spoiled_plans_break_their_rule(plans, rule, file, old, new, message):
    plans.change(file, old, new)
    found = [p for p in lint(plans.root, vignettes=plans.vignettes) if p.rule == rule and message in p.message]
    assert found, f"{rule} is silent"
    warning = (rule, TEXT) in WARNINGS or (rule, message) in WARNINGS
    assert {p.severity for p in found} == {"warning" if warning else "error"}


def test_every_rule_about_plans_is_shown_here():
    assert {*(case[0] for case in SPOILED), "KB038"} >= set(PLAN_RULES)


def test_every_exercise_has_a_picture_and_every_picture_an_exercise(plans):
    drawn = (DATA / "figures" / "ankle_pumps.yaml").read_text(encoding="utf-8")
    for name in ("raise", "stray"):
        plans.write(f"figures/{name}.yaml", drawn.replace("ankle_pumps", name))
    found = {(p.file, p.message) for p in lint(plans.root) if p.rule == "KB038"}
    assert found == {
        ("exercises/hop_up.yaml", "no picture in figures/"),
        ("figures/stray.yaml", "a picture of no exercise"),
    }


def test_a_family_whose_phase_asks_for_clearance_may_use_a_gate_that_needs_it(plans):
    plans.change(
        MEASURES, "  fine: {", "  clinician_clear: {kind: boolean, unit: y, better: higher, order: 9}\n  fine: {"
    )
    plans.change(TEXT, "  fine: {", "  clinician_clear: {name: C, ask: C?, how: C., clinical: C}\n  fine: {")
    plans.change(
        FAMILY, "exit: [{measure: sore", "exit: [{measure: clinician_clear, op: ==, value: true}, {measure: sore"
    )
    plans.change(GATES, "    sources: [study]\n", "    needs_clearance: true\n    sources: [study]\n")
    assert lint(plans.root, vignettes=plans.vignettes) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (FAMILY, "entry: [{measure: slhr_reps", "entry: [{measure: sore, op: '<=', value: 1}, {measure: slhr_reps"),
        (FAMILY, "{strain: ''}", "{strain: '', dvt: post_treatment}"),
        (TIMES, FILES[TIMES][FILES[TIMES].index("recurrence:") :], ""),
    ],
)
def test_plans_that_ask_for_less_are_good_too(plans, file, old, new):
    plans.change(file, old, new)
    assert lint(plans.root, vignettes=plans.vignettes) == []


def test_a_knowledge_base_without_plans_is_not_asked_for_them(mini):
    assert lint(mini.root, vignettes=mini.vignettes, strict=True) == []
    assert load_knowledge(mini.root).plans.families == {}


def test_what_dangles_is_left_out_but_a_reason_against_stays(plans):
    plans.change(RAISE, "contraindications: [clot]", "contraindications: [clot, gone]")
    plans.change(FAMILY, "{exercise: raise,", "{exercise: gone,")
    plans.change(CODES, "when: swelling", "when: gone")
    kb, faults = compile_tree(read_tree(plans.root, "en"))
    assert {fault.rule for fault in faults} == {"KB028"}
    assert kb.plans.exercises[ExerciseId("raise")].contraindications == ("clot", "gone")
    (family,) = kb.plans.families.values()
    assert family.phases[0].exercises == ()
    unreadable = kb.plans.contraindications["clot"]
    assert (unreadable.when, unreadable.tags, unreadable.conditions) == (None, frozenset(), {})


def test_knowledge_with_a_dangling_plan_is_not_loaded(plans):
    load_knowledge(plans.root)
    plans.change(FAMILY, "programme: walk", "programme: gone")
    with pytest.raises(KnowledgeError, match=r"plans/calf.yaml:.*no programme 'gone' \[KB028\]"):
        load_knowledge(plans.root)


def test_plans_are_compiled_whole(plans):
    plans_of = load_knowledge(plans.root).plans
    (family,) = plans_of.families.values()
    assert family.conditions == ((ConditionId("strain"), ""),)
    assert family.phases[0].exercises[0].sets == (3, 3)
    assert family.phases[1].exercises[0].start_gate == "run_gate"
    lift = plans_of.exercises[ExerciseId("raise")]
    assert (lift.dose.tempo_s, lift.dose.reps, lift.dose.load.high) == ((2, 1, 2), (12, 12), 12)
    assert lift.kit == (frozenset({"step"}), frozenset({"wall"}))
    (programme,) = plans_of.programmes.values()
    assert programme.stages[1].blocks[0].effort_rpe == (3, 3)
    assert plans_of.norm.ages == ((20, 49), (50, 99))
    assert plans_of.modifiers[0].multiplier == 1.5
    assert plans_of.recurrence.raises[1] == ("recurrence.age", None, ())
    assert plans_of.value("run.cap") == 1.1
    assert plans_of.modules[0].from_phase == 1
    assert plans_of.no_self_plan[ConditionId("other_nonspecific")].fallback == "calf"


def test_plans_are_counted(plans):
    stats = kb_stats(plans.root).plans
    assert (stats.exercises, stats.families, stats.phases, stats.programmes) == (2, 1, 2, 1)
    assert (stats.diagnoses_with_plan, stats.diagnoses_without_self_plan) == (1, 2)
    assert (stats.gates, stats.measures, stats.contraindications, stats.stop_signs) == (1, 4, 2, 2)
    assert (stats.priors, stats.published_times) == (1, 1)
    assert stats.families_by_pathway == {"self": 1}
    assert sum(stats.origins_by_basis.values()) == sum(stats.origins_by_status.values())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2000) | st.floats(-2, 2) | st.sampled_from(["raise", "calf", "x", ""]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["op", "x"]), part, max_size=3),
    max_leaves=6,
)


def paths(node, prefix=()):
    yield prefix
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield from paths(part, (*prefix, key))


def replaced(node, path, value):
    if not path:
        return value
    node = copy.copy(node)
    node[path[0]] = replaced(node[path[0]], path[1:], value)
    return node


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_junk_in_a_file_of_plans_is_a_knowledge_error_or_a_lint_problem(plans, data):
    name = data.draw(st.sampled_from([file for file in FILES if not file.startswith("text/")]))
    content = yaml.safe_load(FILES[name])
    place = data.draw(st.sampled_from(list(paths(content))))
    spoiled = replaced(content, place, data.draw(JUNK))
    plans.write(name, yaml.safe_dump(spoiled))
    try:
        load_knowledge(plans.root)
        readable = True
    except KnowledgeError:
        readable = False
    problems = lint(plans.root, vignettes=plans.vignettes)
    plans.write(name, FILES[name])
    assert readable or any(problem.severity == "error" for problem in problems)


def test_each_part_of_a_plan_has_its_page(plans, tmp_path):
    script = Path(__file__).resolve().parents[3] / "scripts" / "build_reference.py"
    spec = importlib.util.spec_from_file_location("build_reference", script)
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    pages = build.pages(plans.root)
    assert {"exercises/raise.md", "exercises/hop_up.md", "plans/calf.md", "programmes/walk.md"} <= set(pages)
    assert (
        "| [Up](../exercises/raise.md) | 3 sets, 12 repetitions, 7 a week | Slowly.; Your own. |"
        in pages["plans/calf.md"]
    )
    assert "after [run_gate](../planning.md#run_gate)" in pages["plans/calf.md"]
    assert "| 1 | 6 × 1:00 run, 1:00 walk | 6:00 | 3-4 | Slow. |" in pages["programmes/walk.md"]
    assert "| run.cap | 1.1 | 1 to 1.3 |" in pages["planning.md"]
    assert "[dvt](conditions/dvt.md) | same_day | same day service: Go." in pages["planning.md"]
    assert "mean 20, 95% CI 10-30, range 1-90" in pages["times.md"]
    assert "[Calf](plans/calf.md)" in pages["index.md"]
