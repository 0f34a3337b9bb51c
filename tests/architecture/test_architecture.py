"""House rules that no linter knows: file and function sizes, no clocks in engines, a light import."""

import ast
import csv
import subprocess
import sys
from pathlib import Path

import pytest

import soleus

SOURCE = Path(soleus.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
ENGINES = ("core", "knowledge", "triage", "differential", "training", "gait", "planning", "clinic")
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 60
# One list of reasoned exceptions: file or file::function → why.
ALLOWED: dict[str, str] = {
    "cli/main.py::build_parser": "one flat declaration of the command line's grammar",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def test_files_stay_small():
    large = {name_of(f): n for f in FILES if (n := len(f.read_text().splitlines())) > MAX_FILE_LINES}
    assert not set(large) - set(ALLOWED), large


def test_functions_stay_small():
    large = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                if len(node.body) > 1 and isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    first = node.body[1]
                length = (node.end_lineno or 0) - first.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    large[f"{name_of(path)}::{node.name}"] = length
    assert not set(large) - set(ALLOWED), large


def test_there_is_no_drawer_called_utils():
    assert not [name_of(f) for f in FILES if f.stem in {"utils", "helpers", "misc"}]


@pytest.mark.parametrize("package", ENGINES)
def test_engines_read_no_clock_and_print_nothing(package):
    for path in (SOURCE / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"print", "date.today", "datetime.now", "datetime.utcnow", "time.time"}, (
                    f"{name_of(path)}:{node.lineno} calls {called}"
                )


def imported_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_importing_soleus_loads_nothing_heavy():
    loaded = imported_by("import soleus")
    assert not loaded & {"numpy", "pydantic", "yaml", "django", "typst", "z3", "sqlite3"}


def test_help_loads_nothing_heavy():
    loaded = imported_by("import soleus.cli.main\nsoleus.cli.main.build_parser()")
    assert not loaded & {"numpy", "pydantic", "yaml", "django", "typst", "sqlite3"}


def test_the_library_needs_no_web_or_pdf_extra():
    loaded = imported_by("import soleus.clinic, soleus.readers.case_file, soleus.knowledge")
    assert not loaded & {"django", "typst", "sqlite3", "pyagrum", "z3"}


def test_the_facade_offers_what_it_says():
    for name in soleus.__all__:
        assert getattr(soleus, name) is not None
    assert set(soleus.__all__) <= set(dir(soleus))
    with pytest.raises(AttributeError):
        _ = soleus.nothing_of_that_name


def test_every_control_of_the_hazard_log_names_evidence_that_exists():
    root = SOURCE.parents[1]
    with (root / "safety" / "hazard-log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 15
    for row in rows:
        place, _, name = row["evidence"].partition("::")
        path = root / place
        assert path.exists(), row["id"]
        if name:
            tests = "\n".join(p.read_text() for p in path.rglob("test_*.py"))
            assert f"def {name}" in tests, (row["id"], name)
