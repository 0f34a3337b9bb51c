"""A small knowledge base that is right in every respect, to be spoiled one thing at a time."""

from pathlib import Path

import pytest

FILES = {
    "manifest.yaml": """
schema: manifest/1
version: 2026.11.1
locales: [en]
""",
    "sources/study.yaml": """
schema: source/1
key: study
citation: A study of calves. 2020
locator: doi:10.1000/calf
doi: 10.1000/calf
pmid: '12345678'
verified: seen-abstract
used_for: swelling
""",
    "findings/pain.yaml": """
schema: findings/1
area: pain
findings:
  swelling:
    kind: boolean
    asked_of: [runner]
    flag: red
    critical_screen: true
    order: 1
    sources: [study]
  well:
    kind: boolean
    asked_of: [runner]
    implies_absent: [swelling]
  onset:
    kind: choice
    options: [sudden, slow]
    asked_of: [runner]
    ask_if: {finding: score, at_least: 1}
  score:
    kind: integer
    bands: [[low, 4], [high, .inf]]
    range: [0, 10]
    asked_of: [runner]
  hop:
    kind: boolean
    asked_of: [runner]
    self_test: true
    unsafe_if: {any: [swelling, {finding: onset, in: [sudden]}]}
  pulse:
    kind: boolean
    asked_of: [clinician]
  site:
    kind: choice
    options: [low_site, high_site]
    asked_of: [clinician]
  spike:
    kind: boolean
    asked_of: [watch]
    noise: {false_present: 0.1, false_absent: 0.2}
  stride:
    kind: boolean
    asked_of: [video]
""",
    "conditions/other_nonspecific.yaml": """
schema: condition/1
id: other_nonspecific
kind: diagnosis
category: other
urgency: physio
prior: {value: 0.6, interval: [0.4, 0.8], basis: expert}
findings:
  swelling: {value: 0.1, interval: [0.05, 0.2], basis: expert}
  onset: {options: {sudden: 0.5, slow: 0.5}, basis: expert}
  score: {options: {low: 0.7, high: 0.3}, basis: expert}
  hop: {value: 0.2, interval: [0.1, 0.3], basis: expert}
  pulse: {value: 0.01, interval: [0.0, 0.02], basis: expert}
  site: {options: {low_site: 1}, basis: expert}
  spike: {value: 0.2, interval: [0.1, 0.3], basis: expert}
  stride: {value: 0.2, interval: [0.1, 0.3], basis: expert}
""",
    "conditions/dvt.yaml": """
schema: condition/1
id: dvt
kind: diagnosis
category: blood vessel
urgency: same_day
dangerous: true
harm: 20
codes: {icd10_who: I80.2, snomed_ct: "128053003"}
prior: {value: 0.2, interval: [0.1, 0.3], basis: derived, sources: [study]}
members: [strain]
factors:
  weakness: {value: 0.3, interval: [0.1, 0.5], basis: expert}
findings:
  swelling:
    value: 0.75
    interval: [0.55, 0.88]
    basis: measured
    sources: [study]
    observed: [{events: 26, n: 74, weight: 0.35, source: study, note: counted}]
  onset:
    options: {sudden: 0.2, slow: 0.8}
    sample_size: 10
    basis: derived
    sources: [study]
    observed:
      - {option: sudden, events: 6, n: 10, weight: 0.5, source: study}
      - {option: [sudden, slow], events: 4, n: 4, weight: 0.5, source: study}
""",
    "conditions/strain.yaml": """
schema: condition/1
id: strain
kind: diagnosis
category: muscle
urgency: physio
grading: true
prior: {value: 0.2, interval: [0.1, 0.3], basis: expert}
""",
    "conditions/weakness.yaml": """
schema: condition/1
id: weakness
kind: contributing_factor
category: strength
urgency: self_care
prior: {value: 0.2, interval: [0.1, 0.3], basis: expert}
""",
    "groups.yaml": """
schema: groups/1
groups:
  leg: {factor: null, strength: 0.5, basis: expert, members: {swelling: ["true"], onset: [sudden]}}
  weak: {factor: weakness, strength: 0.5, basis: expert, members: {hop: ["true"]}}
""",
    "red_flags/R1_swelling.yaml": """
schema: red_flag/1
id: R1_swelling
when: {all: [swelling, {count: 1, of: [pulse, spike]}]}
suspect_when: swelling
suspect_disposition: gp_routine
disposition: same_day
go_to: clinic
tags: [dvt]
sources: [study]
""",
    "red_flags/R9_always.yaml": """
schema: red_flag/1
id: R9_always
when: always
disposition: self_care
go_to: home
""",
    "floors.yaml": """
schema: floors/1
floors:
  - conditions: [dvt]
    threshold: {value: 0.05, interval: [0.03, 0.1], basis: expert}
    disposition: same_day
""",
    "wells.yaml": """
schema: wells/1
sources: [study]
items: [{finding: swelling, points: 1}, {finding: pulse, points: 1, clinician_only: true}]
""",
    "severity.yaml": """
schema: severity/1
grades: [mild, severe]
discount: {value: 0.6, interval: [0.4, 0.8], basis: expert}
prior: {options: {mild: 0.8, severe: 0.2}, basis: expert}
priors:
  strain: {options: {mild: 0.7, severe: 0.3}, basis: expert}
findings:
  swelling:
    mild: {value: 0.2, interval: [0.1, 0.3], basis: expert}
    severe: {value: 0.6, interval: [0.4, 0.8], basis: expert}
  onset:
    mild: {options: {sudden: 0.4, slow: 0.6}, basis: expert}
    severe: {options: {sudden: 0.9, slow: 0.1}, basis: expert}
""",
    "published_use.yaml": """
schema: published_use/1
entries:
  - {id: a-1, condition: dvt, finding: swelling, p: 0.35, events: 26, n: 74, source: study, use: not_used, reason: old}
""",
    "training/parameters.yaml": """
schema: training_parameters/1
parameters:
  spike.days: {value: 30, interval: null, unit: days, basis: measured, status: seen, sources: [study]}
  calf.power: {value: 0.4, interval: [0.2, 0.5], unit: "1", basis: derived, status: secondary, sources: [study]}
  clean.gap_s: {value: 30, interval: [10, 60], unit: s, basis: expert, status: memory}
""",
    "training/tables.yaml": """
schema: training_tables/1
tables:
  spike.bands:
    columns: {low: [null, 1.1], high: [1.1, null], label: [small, large]}
    basis: measured
    status: seen
    sources: [study]
""",
    "training/changes.yaml": """
schema: training_changes/1
changes:
  second: {series: distance_km, kind: level, windows_days: [14, 7], threshold: 1.3, weight: 0.3, strength: expert,
    findings: [spike], order: 2, basis: expert, status: assumption}
  first: {series: distance_km, kind: session_spike, windows_days: [7], threshold: 1.1, minimum: 3, weight: 1,
    strength: cohort, findings: [spike], order: 1, basis: measured, status: seen, sources: [study]}
""",
    "story/en.yaml": "phrases: {}",
    "interview.yaml": """
schema: interview/1
opening: [onset]
screens: [{id: leg, findings: [swelling]}]
fact_screens: [{id: stomach, facts: [ulcer]}]
""",
    "adjuncts/rest.yaml": """
schema: adjunct/1
id: rest
category: acute care
order: 20
for_conditions: [strain]
only_if: {finding: onset, in: [sudden]}
never_if: pulse
never_with_tags: [dvt]
never_with_conditions: {dvt: 0.05}
max_disposition: physio
evidence: low
""",
    "adjuncts/tablet.yaml": """
schema: adjunct/1
id: tablet
category: medicine
order: 10
never_with_tags: []
max_disposition: physio
needs_facts: [ulcer]
medicine: tablet_1
evidence: low
""",
    "medicines.yaml": """
schema: medicines/1
medicines:
  tablet_1: {form: tablet, dose_mg: [1, 2], sources: [study]}
rules:
  - {id: R-1, medicines: [tablet_1], any_of: [ulcer], action: block, overrides: {ulcer: warn}, sources: [study]}
facts: [ulcer]
""",
    "text/en/all.yaml": """
schema: text/1
finding:
  swelling: {short: swelling, question: Swollen?, why: A clot., help: Look., "yes": It is., "no": It is not.}
  well: {short: well, question: Well?, why: Speed., help: Think., "yes": You are., "no": You are not.}
  onset: {short: onset, question: How?, why: Tears., help: Think., option: {sudden: At once, slow: Slowly}}
  score: {short: score, question: How bad?, why: Size., help: Think., option: {low: A bit}}
  hop: {short: hop, question: Can you hop?, why: Bone., help: Try., "yes": You can., "no": You cannot.}
  pulse: {short: pulse}
  site: {short: site, option: {low_site: Low, high_site: High}, option_clinical: {low_site: Distal}}
  spike: {short: spike}
  stride: {short: stride}
condition:
  other_nonspecific: {name: Other, clinical: Other, summary: Something else.}
  dvt: {name: Clot, clinical: DVT, summary: A clot., next: [A scan., A drug.]}
  strain: {name: Strain, clinical: Strain, summary: A tear in the calf. It can hurt. Rest it for a day or two.}
  weakness: {name: Weak, clinical: Weakness, summary: A weak calf.}
rule:
  R1_swelling: {reason: Swelling., advice: Go., clinical: Suspected DVT.}
  R9_always: {reason: Nothing., advice: Rest., clinical: None.}
disposition:
  self_care: {title: Home, how_soon: Later, body: Rest.}
  physio: {title: Physio, how_soon: Soon, body: Book.}
  gp_routine: {title: GP, how_soon: This week, body: Book.}
  same_day: {title: Today, how_soon: Today, body: Go.}
  emergency_now: {title: Now, how_soon: Now, body: Go.}
  call_ambulance: {title: Call, how_soon: Now, body: Call.}
advice:
  rest: {title: Rest, how: Sit., why: It heals.}
  tablet: {title: Tablet, how: Swallow., why: It helps.}
medicine_fact:
  ulcer: {question: An ulcer?}
training:
  change:
    first: {name: One, changed: Up., unchanged: Flat., too_little: Short., mechanism: It pulls., clinical: Rise.}
    second: {name: Two, changed: Up., unchanged: Flat., too_little: Short., mechanism: It pulls., clinical: Climb.}
interview:
  screen:
    leg: {title: Your leg}
    stomach: {title: Your stomach}
""",
    "text/de/all.yaml": "finding: {swelling: {short: Schwellung}}",
}

VIGNETTES = {
    "fires.yaml": """
answers: {swelling: true}
expect: {red_flags: [R1_swelling, R9_always], top: {within: 3, conditions: [dvt, strain]}}
""",
    "near.yaml": """
- near_miss_of: R1_swelling
  conditions: [dvt, strain]
- expect: {not_red_flags: [R9_always], top: {conditions: [dvt, strain]}}
- only a note
""",
}


class Spoiled:
    """Writes the small knowledge base with some files changed, and its vignettes beside it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "data"
        self.vignettes = folder / "vignettes"
        for name, content in {**{f"data/{n}": c for n, c in FILES.items()}}.items():
            self._write(folder / name, content)
        for name, content in VIGNETTES.items():
            self._write(self.vignettes / name, content)

    @staticmethod
    def _write(path: Path, content: str | bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.lstrip("\n").encode())

    def write(self, name: str, content: str | bytes) -> "Spoiled":
        self._write(self.root / name, content)
        return self

    def change(self, name: str, old: str, new: str) -> "Spoiled":
        """Replace one piece of text, which must be there."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def remove(self, *names: str) -> "Spoiled":
        for name in names:
            (self.root / name).unlink()
        return self


@pytest.fixture
def mini(tmp_path):
    """The small knowledge base on disk: `.root`, `.vignettes`, `.change(file, old, new)`, `.write`, `.remove`."""
    return Spoiled(tmp_path)
