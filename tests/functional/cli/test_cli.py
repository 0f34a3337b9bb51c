"""The command line, as a person at a terminal meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from soleus.cli.main import main

EXAMPLES = Path(__file__).parents[3] / "examples"
TENNIS_LEG = EXAMPLES / "tennis_leg.yaml"
CASES = sorted(EXAMPLES.glob("*.yaml"))


def run(*arguments, capsys):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


EXPECTED = {
    "tennis_leg": ({"physio", "gp_routine"}, "gastrocnemius_strain"),
    "long_run_then_pain": ({"physio", "gp_routine"}, "soleus_strain"),
    "slow_soleus_strain": ({"physio", "gp_routine"}, "soleus_strain"),
    "dvt_after_flight": ({"same_day"}, "dvt"),
    "s1_radiculopathy": ({"same_day", "gp_routine"}, "lumbar_radiculopathy"),
    "fibular_stress_fracture": ({"gp_routine"}, "fibular_stress_fracture"),
    "marathon_cramp": ({"self_care", "physio"}, "exercise_muscle_cramp"),
    "chronic_exertional_compartment": ({"physio", "gp_routine"}, "cecs_posterior"),
    "overload_after_hills": ({"self_care", "physio"}, "calf_overload"),
    "emergency_compartment": ({"emergency_now", "call_ambulance"}, "acute_compartment_syndrome"),
}


def test_every_example_is_expected():
    assert {c.stem for c in CASES} == set(EXPECTED)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_examples_are_assessed_sensibly(path, capsys):
    code, out, _ = run("assess", path, "--json", "--today", "2026-11-22", capsys=capsys)
    assert code == 0
    result = json.loads(out)
    dispositions, leading = EXPECTED[path.stem]
    assert result["disposition"] in dispositions
    assert result["differential"][0]["condition"] == leading
    assert sum(c["probability"] for c in result["differential"]) == pytest.approx(1, abs=1e-4)
    assert all(c["low"] <= c["probability"] <= c["high"] for c in result["differential"])
    promised = {"rules", "contributors", "next_questions", "advice", "withheld", "knowledge_version", "input_hash"}
    assert promised <= set(result)
    assert all(rule["state"] in {"fired", "clear", "undetermined"} for rule in result["rules"])
    assert not result["problems"]


def test_the_report_leads_with_what_to_do(capsys):
    code, out, _ = run("assess", EXAMPLES / "emergency_compartment.yaml", "--today", "2026-11-22", capsys=capsys)
    assert code == 0
    assert out.splitlines()[0].isupper()
    assert "Most likely causes" not in out, "nothing may hold anyone up"
    assert "Do not run, test or massage" in out
    assert "you are suddenly short of breath" in out
    code, out, _ = run("assess", EXAMPLES / "emergency_compartment.yaml", "--clinical", capsys=capsys)
    assert code == 0
    assert "R10_acs_early" in out


def test_the_runners_report_ends_with_the_safety_net(capsys):
    code, out, _ = run("assess", TENNIS_LEG, "--today", "2026-11-22", capsys=capsys)
    assert code == 0
    for words in (
        "We could be wrong",
        "Call 999",
        "Call 111",
        "What to expect",
        "24 November 2026",
        "Most likely causes",
    ):
        assert words in out
    assert "{" not in out
    assert "= True" not in out


def test_the_same_case_gives_the_same_answer(capsys):
    first = run("assess", TENNIS_LEG, "--json", "--today", "2026-11-22", capsys=capsys)
    assert first == run("assess", TENNIS_LEG, "--json", "--today", "2026-11-22", capsys=capsys)


def test_explain_adds_up_and_cites(capsys):
    code, out, _ = run("explain", TENNIS_LEG, "gastrocnemius_strain", capsys=capsys)
    assert code == 0
    assert "dB" in out
    assert "sources" in out
    code, _, err = run("explain", TENNIS_LEG, "dtv", capsys=capsys)
    assert code == 40
    assert "dvt" in err


def test_knowledge_commands(capsys):
    assert run("kb", "show", "dvt", capsys=capsys)[0] == 0
    assert run("kb", "show", "swelling_visible", capsys=capsys)[0] == 0
    assert run("kb", "show", "R30_dvt_wells2_self", capsys=capsys)[0] == 0
    assert run("kb", "show", "delgado2002", capsys=capsys)[0] == 0
    assert run("kb", "show", "no_such_thing", capsys=capsys)[0] == 40
    code, out, _ = run("kb", "stats", "--json", capsys=capsys)
    assert code == 0
    json.loads(out)
    assert run("kb", "stats", capsys=capsys)[0] == 0
    code, out, _ = run("kb", "lint", capsys=capsys)
    assert code == 0, out


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"answers: {swelling_visable: true}", 11, "swelling_visible"),
        (b"answers: {onset_type: bang}", 11, "sudden_pop"),
        (b"runner: {age_years: 44}\nanswers: {age_band: u18}", 11, "contradicts"),
        (b"a: &a [x,x,x]\nb: &b [*a,*a,*a]\nanswers: [*b,*b]", 12, "anchors"),
        (bytes(range(256)) * 8, 12, "text"),
        (b"answers: {calf_warm: true, calf_warm: false}", 12, "calf_warm"),
    ],
    ids=["unknown finding", "wrong option", "contradiction", "yaml bomb", "binary noise", "same key twice"],
)
def test_bad_input_is_named_with_its_place_and_exit_code(tmp_path, capsys, content, code, says):
    path = tmp_path / "case.yaml"
    path.write_bytes(content)
    got, out, err = run("assess", path, capsys=capsys)
    assert got == code
    assert out == ""
    assert str(path) in err
    assert says in err
    assert path.read_bytes() == content


def test_a_hundred_megabyte_file_is_refused_at_once(tmp_path, capsys):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    code, _, err = run("assess", path, capsys=capsys)
    assert code == 12
    assert "too large" in err


def test_wrong_dates_and_missing_files(capsys, tmp_path):
    assert run("assess", TENNIS_LEG, "--today", "soon", capsys=capsys)[0] == 11
    assert run("assess", tmp_path / "none.yaml", capsys=capsys)[0] == 12
    assert run("validate", tmp_path, capsys=capsys)[0] == 12


def test_an_inner_failure_ends_in_get_seen(monkeypatch, capsys):
    import soleus.cli.assess

    def broken(_):
        raise ZeroDivisionError("secret-answer")

    monkeypatch.setattr(soleus.cli.assess, "run", broken)
    code, out, err = run("assess", TENNIS_LEG, capsys=capsys)
    assert code == 1
    assert "see a health professional" in err
    assert "secret-answer" not in out + err


def test_the_installed_command_runs():
    command = Path(sys.executable).with_name("soleus")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("soleus ")


def test_pdfs_are_written(tmp_path, capsys):
    report, letter = tmp_path / "report.pdf", tmp_path / "letter.pdf"
    code, _, _ = run("assess", TENNIS_LEG, "--pdf", report, "--letter", letter, capsys=capsys)
    assert code == 0
    assert report.read_bytes().startswith(b"%PDF-")
    assert letter.read_bytes().startswith(b"%PDF-")
    code, _, err = run("assess", TENNIS_LEG, "--pdf", tmp_path / "no" / "where.pdf", capsys=capsys)
    assert code == 50
    assert "cannot write" in err


def test_validation_scores_a_folder(tmp_path, capsys):
    (tmp_path / "one.yaml").write_text(
        """
id: one
truth: {condition: gastrocnemius_strain, acceptable: []}
demographics: {age_years: 45, sex: male}
answers: {onset_type: sudden_pop, pop_or_snap: true, pain_location: upper_inner_calf, bruising: true}
exam: {}
correct_urgency: physio
acceptable_urgency: [gp_routine]
richness: 4
"""
    )
    (tmp_path / "broken.yaml").write_text("truth: 3")
    code, out, err = run("validate", tmp_path, "--misses", capsys=capsys)
    assert code == 0
    assert "1 cases" in out
    assert "broken.yaml" in err
    code, out, _ = run("validate", tmp_path, "--json", "--interview", "--history-only", capsys=capsys)
    assert code == 0
    assert json.loads(out)["questions"]["median"] > 0
