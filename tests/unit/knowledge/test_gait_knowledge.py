"""What a film can be asked for: the shape of the files, references, lint rules, and what is packaged."""

import re
from pathlib import Path

import pytest

import soleus
from soleus import load_knowledge
from soleus.cli.main import main
from soleus.core.errors import KnowledgeError
from soleus.core.measurement import Grade
from soleus.core.recording import View
from soleus.knowledge.base import Basis
from soleus.knowledge.lint import lint
from soleus.knowledge.snapshot import decode, encode
from soleus.knowledge.stats import kb_stats

METRICS, NORMS, SEEN = "gait/metrics.yaml", "gait/norms.yaml", "gait/observations.yaml"
REFUSALS, CHECKS = "gait/refusals.yaml", "gait/foot_checks.yaml"
ONE, TWO, TEXT = "gait/parameters_one.yaml", "gait/parameters_two.yaml", "text/en/gait.yaml"
FILES = {
    METRICS: """
schema: gait_metrics/1
metrics:
  lean:
    unit: deg
    view: back
    grade: experimental
    order: 2
    per_leg: false
    error: [{from_fps: 0, half_width: 9, basis: expert, status: assumption}]
  pace:
    unit: spm
    view: side
    grade: reliable
    order: 1
    per_leg: true
    near_only: true
    min_fps: 25
    min_steps: 6
    decimals: 1
    error:
    - {from_fps: 25, half_width: 2, basis: expert, status: assumption, note: guessed}
    - {from_fps: 50, half_width: 1, basis: derived, status: derived, sources: [study]}
    smallest_detectable: 3
    plausible: [100, 220]
    sources: [study]
""",
    NORMS: """
schema: gait_norms/1
norms:
- {metric: pace, mean: 170, sd: 8, sex: male, from_mps: 3, to_mps: 3.5, who: men, order: 2, basis: measured,
  status: seen, sources: [study]}
- {metric: pace, mean: 165, sd: 9, who: all, order: 1, basis: derived, status: derived, sources: [study]}
""",
    REFUSALS: """
schema: gait_refusals/1
refusals:
  later: {order: 2, scope: metric}
  first: {order: 1, scope: clip, picture: first}
""",
    SEEN: """
schema: gait_observations/1
observations:
  slow:
    when: [{metric: pace, op: '<=', value: 150}, {metric: pace, op: is, value: slow}]
    order: 1
    strength: low
    finding: stride
    lean: 0.3
    speaks_against: true
    from_mps: 2.6
    basis: expert
    status: assumption
  leaning: {when: [{metric: lean, op: '>=', value: 9}], order: 2, strength: none, basis: expert, status: assumption}
""",
    CHECKS: """
schema: gait_foot_checks/1
foot_checks:
  print:
    order: 2
    kind: choice
    options: {flat: {arch: flat, care: [rest]}, high: {arch: high}}
    basis: derived
    status: seen
    sources: [study]
  drop:
    order: 1
    kind: number
    unit: mm
    range: [0, 30]
    cuts: [[10, small], [.inf, large]]
    options: {small: {}, large: {finding: stride, lean: 0.1}}
    basis: expert
    status: assumption
""",
    ONE: """
schema: gait_parameters/1
parameters:
  one.window_s: {value: 0.3, interval: [0.1, 0.5], unit: s, basis: expert, status: assumption}
""",
    TWO: """
schema: gait_parameters/1
parameters:
  two.share: {value: 0.5, interval: null, unit: "1", basis: measured, status: seen, sources: [study]}
""",
    TEXT: """
gait:
  metric: {lean: Lean, pace: Pace}
  metric_clinical: {lean: Lean, pace: Cadence}
  metric_what: {lean: How far you lean., pace: Steps.}
  refusal_title: {first: First, later: Later}
  refusal: {first: It went wrong., later: This one too.}
  remedy: {first: Film again., later: And again.}
  observation: {slow: You are slow., slow.clinical: Slow., leaning: You lean., leaning.clinical: Leans.}
  who: {men: some men, all: some runners}
  report: {anything: Fine.}
foot_check:
  print: Print
  print.how: Wet it.
  print.reliability: Weak.
  print.flat: Flat
  print.high: High
  drop: Drop
  drop.how: [Sit., Stand.]
  drop.reliability: Weak.
  drop.small: Small
  drop.large: Large
""",
}


@pytest.fixture
def films(mini):
    for name, content in FILES.items():
        mini.write(name, content)
    return mini


def problems(films, rule):
    return [f"{p.file}{p.pointer} {p.message}" for p in lint(films.root, vignettes=films.vignettes) if p.rule == rule]


def test_everything_of_gait_is_read_and_ordered(films):
    gait = load_knowledge(films.root).gait
    assert list(gait.metrics) == ["pace", "lean"]
    pace = gait.metrics["pace"]
    assert (pace.view, pace.grade, pace.near_only, pace.plausible) == (View.SIDE, Grade.RELIABLE, True, (100.0, 220.0))
    assert [(row.from_fps, row.half_width, row.basis) for row in pace.error] == [
        (25.0, 2.0, Basis.EXPERT),
        (50.0, 1.0, Basis.DERIVED),
    ]
    assert gait.metrics["lean"].smallest_detectable is None
    assert [(n.mean, n.sex, n.from_mps, n.to_mps, n.who) for n in gait.norms] == [
        (165.0, "", None, None, "gait.who.all"),
        (170.0, "male", 3.0, 3.5, "gait.who.men"),
    ]
    assert [(r.id, r.picture) for r in gait.refusals.values()] == [("first", "first"), ("later", "")]
    slow = gait.observations["slow"]
    assert ([c.value for c in slow.when], slow.lean, slow.from_mps) == ([150.0, "slow"], 0.3, 2.6)
    assert gait.observations["leaning"].from_mps is None
    assert list(gait.foot_checks) == ["drop", "print"]
    assert gait.foot_checks["drop"].cuts == ((10.0, "small"), (float("inf"), "large"))
    assert gait.foot_checks["print"].options[0].care == ("rest",)
    assert (gait.value("one.window_s"), gait.value("two.share")) == (0.3, 0.5)
    with pytest.raises(KeyError, match="three"):
        gait.value("three.share")
    assert decode(encode(gait)) == gait


def test_without_films_nothing_is_there(mini):
    gait = load_knowledge(mini.root).gait
    assert [*gait.metrics, *gait.norms, *gait.refusals, *gait.observations, *gait.foot_checks] == []
    assert lint(mini.root, vignettes=mini.vignettes) == []


def test_a_right_set_of_films_has_no_problems(films):
    assert lint(films.root, vignettes=films.vignettes) == []


def test_films_are_counted(films):
    gait = kb_stats(films.root).gait
    assert (gait.metrics, gait.norms, gait.refusals, gait.observations, gait.foot_checks) == (2, 2, 2, 2, 2)
    assert gait.parameters == 2
    assert gait.origins_by_basis == {"expert": 6, "derived": 3, "measured": 2}
    assert gait.origins_by_status["assumption"] == 6


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (NORMS, "metric: pace, mean: 170", "metric: gone, mean: 170", "no metric 'gone'"),
        (SEEN, "metric: lean, op", "metric: gone, op", "no metric 'gone'"),
        (SEEN, "finding: stride", "finding: gone", "no finding 'gone'"),
        (CHECKS, "finding: stride", "finding: gone", "no finding 'gone'"),
        (CHECKS, "care: [rest]", "care: [gone]", "no advice 'gone'"),
        (CHECKS, "[10, small]", "[10, gone]", "no option 'gone'"),
        (TWO, "two.share", "one.window_s", "already in gait/parameters_one.yaml"),
        (METRICS, "from_fps: 50", "from_fps: 20", "must rise"),
        (METRICS, "[100, 220]", "[220, 100]", "plausible range must rise"),
        (NORMS, "sources: [study]}\n-", "sources: []}\n-", "source"),
        (NORMS, "to_mps: 3.5", "to_mps: 2.5", "speeds must rise"),
        (NORMS, "measured,\n  status: seen, sources: [study]", "expert,\n  status: memory", "exactly one source"),
        (SEEN, "op: is, value: slow", "op: is, value: 3", "compares a verdict"),
        (CHECKS, "unit: mm", "unit: ''", "needs unit, range and cuts"),
        (CHECKS, "[.inf, large]", "[20, large]", "last one being .inf"),
        (CHECKS, "range: [0, 30]", "range: [30, 0]", "range must rise"),
    ],
)
def test_a_fault_names_its_file(films, file, old, new, said):
    films.change(file, old, new)
    with pytest.raises(KnowledgeError, match=said) as caught:
        load_knowledge(films.root)
    assert file in str(caught.value)


def test_a_stray_file_below_gait_is_a_fault(films):
    films.write("gait/extras.yaml", "schema: gait_metrics/1\n")
    with pytest.raises(KnowledgeError, match="no kind of knowledge file"):
        load_knowledge(films.root)


@pytest.mark.parametrize(
    ("rule", "file", "old", "new", "said"),
    [
        ("KB039", METRICS, "from_fps: 25, half", "from_fps: 30, half", "no error at 25"),
        (
            "KB039",
            METRICS,
            "    error: [{from_fps: 0, half_width: 9, basis: expert, status: assumption}]\n",
            "",
            "no error",
        ),
        ("KB039", NORMS, "mean: 170", "mean: 270", "outside the plausible range"),
        ("KB040", METRICS, "grade: reliable", "grade: experimental", "which is experimental"),
        ("KB040", SEEN, "lean: 0.3", "lean: 0", "go together"),
        ("KB040", CHECKS, "high: {arch: high}", "high: {arch: high, lean: 0.1}", "go together"),
        ("KB040", CHECKS, "finding: stride", "finding: swelling", "no yes/no finding"),
        ("KB041", REFUSALS, "order: 2", "order: 1", "the same place"),
        ("KB006", METRICS, "derived, sources: [study]}", "derived}", "without a source"),
        ("KB003", CHECKS, "sources: [study]", "sources: [gone]", "no source 'gone'"),
        ("KB003", TWO, "sources: [study]", "sources: [gone]", "no source 'gone'"),
        (
            "KB004",
            TEXT,
            "metric_what: {lean: How far you lean., pace: Steps.}",
            "metric_what: {lean: L.}",
            "gait.metric_what.pace",
        ),
        ("KB004", TEXT, "  drop.large: Large\n", "", "foot_check.drop.large"),
        ("KB005", TEXT, "later: Later}", "later: Later, gone: Gone}", "refusal_title 'gone'"),
        ("KB005", TEXT, "  print: Print\n", "  print: Print\n  gone: Gone\n", "'gone'"),
        (
            "KB021",
            TEXT,
            "Film again.",
            "Repositioning the smartphone perpendicularly to the treadmill considerably facilitates subsequent "
            "automated interpretation of biomechanical characteristics.",
            "reads at grade",
        ),
    ],
)
def test_each_rule_of_films(films, rule, file, old, new, said):
    films.change(file, old, new)
    assert any(said in found for found in problems(films, rule)), problems(films, rule)


def test_professional_wording_may_be_hard_to_read(films):
    hard = (
        "Considerably prolonged circumferential neuromuscular deterioration characterises occasional individuals here."
    )
    films.change(TEXT, "slow.clinical: Slow.", f"slow.clinical: {hard}")
    assert problems(films, "KB021") == []


# --- what is packaged ---------------------------------------------------------------------------------------------

NAMED = """
cadence step_time contact_time flight_time duty_factor foot_strike foot_strike_angle tibia_angle overstride
knee_flexion_contact knee_flexion_peak ankle_dorsiflexion_contact ankle_dorsiflexion_peak trunk_lean
vertical_oscillation step_length contact_time_symmetry pelvic_drop step_width trunk_sway
"""


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


def test_the_packaged_metrics_are_those_that_the_engine_reads(kb):
    assert set(NAMED.split()) == set(kb.gait.metrics)
    assert all(metric.grade is Grade.EXPERIMENTAL for metric in kb.gait.metrics.values() if metric.view is View.BACK)


def test_a_higher_capture_rate_is_never_less_exact(kb):
    for metric in kb.gait.metrics.values():
        widths = [row.half_width for row in metric.error]
        assert widths == sorted(widths, reverse=True), metric.id


def test_a_foot_check_leans_less_than_a_film(kb):
    films = min(o.lean for o in kb.gait.observations.values() if o.finding)
    checks = max(option.lean for check in kb.gait.foot_checks.values() for option in check.options)
    assert 0 < checks < films


def test_pronation_is_never_read_from_a_film(kb):
    assert all(o.finding != "video_excess_pronation" for o in kb.gait.observations.values())


def test_no_film_and_no_foot_check_speaks_of_a_finding_that_any_red_flag_reads(kb):
    from soleus.core.expression import iter_atoms

    read = {atom.finding for rule in kb.rules for atom in iter_atoms(rule.when)}
    spoken = {o.finding for o in kb.gait.observations.values()}
    spoken |= {option.finding for check in kb.gait.foot_checks.values() for option in check.options}
    assert not read & (spoken - {None})


@pytest.mark.parametrize("name", ["cadence", "too_small", "forefoot", "navicular_drop", "bands.norm_sds"])
def test_it_can_be_shown(name, capsys):
    assert main(["kb", "show", name]) == 0
    assert name in capsys.readouterr().out


ENGINES = Path(soleus.__file__).parent / "gait"
CODE = "\n".join(path.read_text() for path in sorted(ENGINES.rglob("*.py")))


def test_every_reason_that_the_engines_give_is_known_and_worded(kb):
    given = set(re.findall(r'(?:\brefusal|_none|NotMeasurable)\(\s*"([a-z_]+)"', CODE))
    assert len(given) > 20
    assert given <= set(kb.gait.refusals), given - set(kb.gait.refusals)


def test_every_number_that_the_engines_read_is_there(kb):
    read = set(re.findall(r'value\(\s*"([a-z0-9_.]+)"', CODE))
    assert len(read) > 40
    assert read <= set(kb.gait.parameters), read - set(kb.gait.parameters)


def test_no_wording_of_a_refusal_waits_for_a_parameter(kb):
    """The engines give reasons without parameters, so a slot would be shown as it stands."""
    for name in kb.gait.refusals:
        for section in ("refusal_title", "refusal", "remedy"):
            assert "{" not in kb.text[f"gait.{section}.{name}"], (section, name)
