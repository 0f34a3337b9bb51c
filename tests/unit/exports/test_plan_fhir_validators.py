"""Two FHIR R4 validators that share no code with us (Lantana's and Medplum's, run by Node) look at every bundle.

`make fhir-validate` installs them. Skipped where Node or they cannot be had.
"""

import copy
import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from exported_plans import CASE, MADE_ON, PLAN, withheld
from test_plan_exports_real import CASES, made

from soleus.clinic import assess
from soleus.core.case import Case
from soleus.core.plan import PlanStatus
from soleus.exports.fhir import plan_bundle
from soleus.knowledge import load_knowledge

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "tests" / "fhir_validators"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None or not (HERE / "node_modules" / "fhir").is_dir(), reason="run: make fhir-validate"
)
KB = load_knowledge()
NOW = datetime(2026, 10, 12, 9, tzinfo=UTC)
EXPECTED = (
    ("warning", "not found in value set"),  # ICD-10, SNOMED CT and LOINC are not part of the validators
    ("info", "could not be found"),  # a value set that the standard names and leaves to others
)


def bundle(plan=PLAN, case=CASE):
    return plan_bundle(plan, case, assess(case, KB, MADE_ON), KB, stamped_at=NOW)


def reports(folder, bundles):
    paths = []
    for name, found in bundles.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
        paths.append(str(path))
    command = [NODE, "validate.mjs", *paths]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return {Path(path).stem: issues for path, issues in json.loads(done.stdout).items()}


def unexpected(issues):
    return [
        issue
        for issue in issues
        if not any(issue["severity"] == severity and said in issue["message"] for severity, said in EXPECTED)
    ]


def test_two_other_validators_find_nothing(tmp_path):
    bundles = {
        "draft": bundle(),
        "withheld": bundle(withheld()),
        "locked": bundle(replace(PLAN, status=PlanStatus.LOCKED)),
        "bare": bundle(replace(PLAN, causes=(), phases=(), weeks=(), see=()), Case()),
    }
    for path in CASES:
        case, assessment, plan = made(path)
        bundles[path.stem] = plan_bundle(plan, case, assessment, KB, stamped_at=NOW)
    found = reports(tmp_path, bundles)
    assert found.keys() == bundles.keys()
    assert {name: unexpected(issues) for name, issues in found.items() if unexpected(issues)} == {}
    if folder := os.environ.get("FHIR_REPORT"):
        Path(folder).write_text(json.dumps(found, indent=1), encoding="utf-8")


BREAKS = {
    "questionnaire_status": ("Questionnaire", lambda resource: resource.update(status="nonsense")),
    "no_subject": ("CarePlan", lambda resource: resource.pop("subject")),
    "unknown_element": ("Patient", lambda resource: resource.update(shoeSize=43)),
    "wrong_type": ("Observation", lambda resource: resource.update(effectiveDateTime=20261012)),
    "two_values": ("Observation", lambda resource: resource.update(valueBoolean=True)),
    "wrong_target": ("CarePlan", lambda resource: resource.update(subject=resource["author"])),
}


def test_they_do_find_what_is_wrong(tmp_path):
    """Otherwise their silence would mean nothing."""
    bundles = {}
    for name, (kind, change) in BREAKS.items():
        found = bundles[name] = copy.deepcopy(bundle())
        change(next(e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == kind))
    found = reports(tmp_path, bundles)
    assert {name for name, issues in found.items() if unexpected(issues)} == BREAKS.keys()
