"""The interview in the terminal: to the end, stopped, resumed, an emergency."""

import io
import itertools

import pytest

from soleus.cli.main import main
from soleus.knowledge import load_knowledge
from soleus.readers.case_file import read_case


class Typist(io.TextIOBase):
    """Types the given lines, then repeats the last one."""

    def __init__(self, *lines):
        self.lines = itertools.chain(lines[:-1], itertools.repeat(lines[-1]))
        self.typed = 0

    def readline(self, size=-1):
        self.typed += 1
        assert self.typed < 600, "the interview never ends"
        return next(self.lines) + "\n"


def interview(monkeypatch, capsys, *lines, arguments=()):
    monkeypatch.setattr("sys.stdin", Typist(*lines))
    code = main(["interview", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_saying_no_and_skipping_reaches_a_result(monkeypatch, capsys):
    code, out, _ = interview(monkeypatch, capsys, *["n"] * 18, "s")
    assert code == 0
    assert "Most likely causes" in out
    assert "Call 999, 112 or 911" in out


def test_an_emergency_stops_at_once(monkeypatch, capsys, tmp_path):
    saved = tmp_path / "me.yaml"
    code, out, _ = interview(monkeypatch, capsys, "y", "n", "n", "n", "n", arguments=["--save", saved])
    assert code == 0
    assert "CALL 999 NOW" in out
    assert "Most likely causes" not in out
    assert read_case(saved, load_knowledge()).findings.answer("breathless_sudden") is True


def test_stopping_keeps_the_answers_and_resuming_goes_on(monkeypatch, capsys, tmp_path):
    saved = tmp_path / "me.yaml"
    code, out, _ = interview(monkeypatch, capsys, "n", "n", "n", "n", "q", arguments=["--save", saved])
    assert code == 0
    assert f"--resume {saved}" in out
    assert len(read_case(saved, load_knowledge()).findings) == 4
    code, out, _ = interview(monkeypatch, capsys, *["n"] * 14, "s", arguments=["--resume", saved])
    assert code == 0
    first_question = load_knowledge().text["finding.breathless_sudden.question"][:30]
    assert first_question not in out.split("Most likely causes")[0]


def test_why_wrong_answers_and_going_back(monkeypatch, capsys):
    lines = ["?", "perhaps", "n", "n", "n", "n", "b", *["n"] * 22, "99", "s"]
    code, out, _ = interview(monkeypatch, capsys, *lines)
    assert code == 0
    assert "should be true, false or unknown" in out
    assert load_knowledge().text["finding.breathless_sudden.why"][:20] in out


def test_the_end_of_input_ends_the_interview(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert main(["interview"]) == 0
    assert "Stopped before the end" in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_named(monkeypatch, capsys, tmp_path):
    code, _, err = interview(monkeypatch, capsys, "n", arguments=["--save", tmp_path / "no" / "file.yaml"])
    assert code == 50
    assert "cannot save" in err


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(name in out for name in ("interview", "assess", "explain", "kb", "validate", "serve"))


def test_resuming_keeps_what_the_case_already_held(monkeypatch, capsys, tmp_path):
    saved = tmp_path / "me.yaml"
    saved.write_text(
        "id: mine\nrunner: {age_years: 44, sex: male}\nfacts: {asthma: true}\n"
        "onset_on: '2026-11-01'\nexam: {thompson_positive: false}\n"
    )
    code, _, _ = interview(monkeypatch, capsys, "n", "n", "q", arguments=["--resume", saved])
    assert code == 0
    case = read_case(saved, load_knowledge())
    assert (case.id, case.runner.age_years, case.facts) == ("mine", 44, (("asthma", True),))
    assert case.onset_on.isoformat() == "2026-11-01"
    assert case.findings.get("thompson_positive").origin.name == "CLINICIAN"
    assert case.findings.answer("breathless_sudden") is False
