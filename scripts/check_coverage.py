"""Fail when the branch coverage of core … clinic is below the gate: `check_coverage.py coverage.json`."""

import json
import sys
from pathlib import Path

GATE_PERCENT = {
    "core": 100.0,
    "knowledge": 100.0,
    "triage": 100.0,
    "differential": 100.0,
    "training": 100.0,
    "gait": 100.0,
    "planning": 100.0,
    "clinic": 100.0,
}


def main(path: str) -> int:
    files = json.loads(Path(path).read_text())["files"]
    failed = False
    for package, gate in GATE_PERCENT.items():
        covered = total = 0
        gaps: list[str] = []
        for name, data in files.items():
            if f"soleus/{package}/" not in name.replace("\\", "/"):
                continue
            summary = data["summary"]
            covered += summary["covered_lines"] + summary.get("covered_branches", 0)
            total += summary["num_statements"] + summary.get("num_branches", 0)
            if data["missing_lines"] or data.get("missing_branches"):
                gaps.append(f"  {name}: lines {data['missing_lines']} branches {data.get('missing_branches', [])}")
        percent = 100.0 * covered / total if total else 0.0
        print(f"coverage of {package}: {percent:.2f}% (gate {gate:.0f}%)")
        if percent < gate:
            failed = True
            print("\n".join(gaps))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
