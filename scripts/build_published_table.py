"""Write docs/reference/published-evidence.md from knowledge/data/published_use.yaml.

python scripts/build_published_table.py            write the page
python scripts/build_published_table.py --check    write nothing; exit 1 when the page is stale
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

from soleus.knowledge import load_knowledge, load_yaml_strict
from soleus.knowledge.base import KnowledgeBase, Number
from soleus.knowledge.compile import DATA

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "published-evidence.md"
NOTICE = "<!-- Written by scripts/build_published_table.py from the knowledge base; change that, not this page. -->"
USES = {
    "counted": "counted in, at the weight shown",
    "value": "moved the elicited value",
    "checked": "checked against the value, which was kept",
    "not_used": "not used, for the reason given",
}
KINDS = {"pair": "How often a finding occurs with a cause", "lr": "Likelihood and odds ratios"}
HANDLED = (
    ("A clot in what looks like a torn calf", (("dvt", "prior"), ("dvt", "pop_or_snap"))),
    ("Calf clots swell less than assumed", (("dvt", "swelling_visible"), ("dvt", "calf_diff_3cm"))),
    (
        "A strain is a rival cause, so the injury ratio is not applied",
        (("dvt", "calf_injury_8wk"), ("gastrocnemius_strain", "calf_injury_8wk")),
    ),
    ("A cut-off artery is not always painful", (("acute_limb_ischaemia", "rest_pain"),)),
    (
        "No fever reassures nobody",
        (("cellulitis", "fever_unwell"), ("necrotising_infection", "fever_unwell")),
    ),
    (
        "Muscle breakdown: dark urine, little swelling, unaccustomed effort",
        (
            ("exertional_rhabdomyolysis", "dark_urine"),
            ("exertional_rhabdomyolysis", "swelling_visible"),
            ("exertional_rhabdomyolysis", "extreme_effort_72h"),
        ),
    ),
    ("Bone: the wording decides", (("tibial_stress_fracture", "focal_bone_tender"), ("mtss", "focal_bone_tender"))),
    ("Low energy is common in runners without a fracture", (("tibial_stress_fracture", "low_energy_menstrual"),)),
    (
        "Narrow spine: relief on bending, pain on coughing",
        (
            ("spinal_stenosis", "relief_sitting_forward_bend"),
            ("lumbar_radiculopathy", "worse_sitting_cough"),
        ),
    ),
    ("Share of upper and deep calf strains", (("gastrocnemius_strain", "prior"), ("soleus_strain", "prior"))),
    (
        "Share of tendon trouble at the heel",
        (("achilles_tendinopathy_mid", "prior"), ("achilles_tendinopathy_insertional", "prior")),
    ),
)
BOTH_SIDES = ("cecs_posterior", "cecs_anterolateral", "achilles_tendinopathy_mid", "fluoroquinolone_tendinopathy")

Entry = dict[str, Any]


def read_entries() -> list[Entry]:
    """The entries as written."""
    path = DATA / "published_use.yaml"
    data = cast(dict[str, Any], load_yaml_strict(path.read_text(encoding="utf-8"), where=path.name))
    return cast(list[Entry], data["entries"])


def figure(entry: Entry) -> str:
    """What the study found, as short as possible."""
    if "lr" in entry:
        return f"LR+ {entry['lr']:g}"
    if "ratio" in entry:
        return f"ratio {entry['ratio']:g}"
    if "events" in entry:
        return f"{entry['events']} of {entry['n']}"
    share = f"{entry['p']:.3g}" if "p" in entry else "no share"
    return f"{share} of {entry['n']}" if "n" in entry else share


def row(entry: Entry) -> str:
    """One line of the table."""
    what = f"{entry['condition']}: {entry['finding']}" + (f" = {entry['option']}" if "option" in entry else "")
    where = ", ".join(entry.get("used_in", [])) or "none"
    weight = f"{entry['weight']:g}" if "weight" in entry else ""
    cells = [entry["id"], what, figure(entry), entry["source"], entry["use"].replace("_", " "), where, weight]
    return "| " + " | ".join(str(c).replace("|", "/") for c in [*cells, entry.get("reason", "")]) + " |"


def place(kb: KnowledgeBase, condition: str, finding: str) -> str:
    """A number in force, with the one elicited before the counts."""
    node = {str(c.id): c for c in kb.conditions.values()}[condition]
    value = node.prior if finding == "prior" else {str(f): n for f, n in node.findings.items()}[finding]
    assert isinstance(value, Number)
    before = f", {value.elicited[0]:.3g} before the counts" if value.elicited else ""
    return f"`{condition}/{finding}` {value.value:.3g} ({value.low:.3g} to {value.high:.3g}{before})"


def page(entries: list[Entry], kb: KnowledgeBase) -> str:
    """The whole page."""
    lines = [
        NOTICE,
        "# Published evidence: what was taken up, and what was not",
        "",
        "Nearly all of these studies are hospital, surgical, military or referral series. So a counted study pulls an",
        "elicited number towards itself with only part of its size: the weight. 0.4 to 0.5 is for consecutive,",
        "unselected patients, 0.2 to 0.35 for referred ones, 0.1 or less for a bound or a finding that only comes near",
        "ours; very large cohorts carry a smaller weight still, so that no single hospital drowns out the rest.",
        "For muscle strains, posterior exertional compartment syndrome, artery entrapment, nerve entrapments and acute",
        "compartment syndrome without a fracture no counted picture of symptoms was found. Those numbers stay expert",
        "judgement with wide intervals.",
        "",
    ]
    for use, meaning in USES.items():
        lines.append(f"- `{use}`: {meaning}")
    for kind, title in KINDS.items():
        lines += ["", f"## {title}", "", "| id | studied | found | source | use | where | weight | why |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        lines += [row(e) for e in entries if f"-{kind}-" in e["id"]]
    lines += [
        "",
        "## Priors, and what they rest on",
        "",
        "Share of runners who come with calf pain. No study reports this mix, so every prior is a judgement between",
        "the anchors named; `derived` means that a published share moved it.",
        "",
        "| cause | prior | 90% | basis | sources | how |",
        "|---|---|---|---|---|---|",
    ]
    for cause in sorted(kb.diagnoses, key=lambda c: -c.prior.value):
        p = cause.prior
        named = ", ".join(p.sources) or "none"
        lines.append(
            f"| {cause.id} | {p.value:.3g} | {p.low:.2g} to {p.high:.2g} | {p.basis.value} | {named} | {p.note} |"
        )
    lines += ["", "## The points that matter most, as they now stand", ""]
    lines += [f"- {title}: " + "; ".join(place(kb, c, f) for c, f in places) for title, places in HANDLED]
    both = []
    for condition in BOTH_SIDES:
        table = {str(c.id): c for c in kb.conditions.values()}[condition].findings
        share = {str(f): t for f, t in table.items()}["side"]
        assert not isinstance(share, Number)
        both.append(f"`{condition}` {share.options['both']:.2f}")
    lines += ["- Both legs: " + "; ".join(both)]
    lines += ["", "## Counts", "", "| | " + " | ".join(USES) + " | all |", "|---|" + "---|" * (len(USES) + 1)]
    for kind, title in KINDS.items():
        seen = Counter(e["use"] for e in entries if f"-{kind}-" in e["id"])
        lines.append(f"| {title} | " + " | ".join(str(seen[u]) for u in USES) + f" | {seen.total()} |")
    seen = Counter(e["use"] for e in entries)
    lines.append("| Together | " + " | ".join(str(seen[u]) for u in USES) + f" | {seen.total()} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description="Write docs/reference/published-evidence.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    options = parser.parse_args(arguments)
    text = page(read_entries(), load_knowledge())
    if options.check:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"stale: {PAGE.name}\n")
            return 1
        return 0
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
