"""`soleus training` and `soleus assess --activities`, as a person with a folder of watch files meets them."""

import gzip
import io
import json
import math
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from soleus.cli.main import main
from soleus.exports.fit_encoder import FieldLayout, FitWriter, Value, fit_time

EXAMPLES = Path(__file__).parents[3] / "examples"
ONSET = datetime(2026, 11, 3, tzinfo=UTC)
TODAY = "2026-11-22"
SPEED_MPS = 3.0
STEP_S = 10
METRES_PER_DEGREE = 111_195.0


def points(start, km):
    """A straight run to the north at 3 m/s, one point every ten seconds."""
    for k in range(round(km * 1000 / SPEED_MPS / STEP_S) + 1):
        yield start + timedelta(seconds=k * STEP_S), 50 + k * STEP_S * SPEED_MPS / METRES_PER_DEGREE, k


def gpx(start, km):
    rows = "".join(
        f'<trkpt lat="{lat:.7f}" lon="8.0"><ele>100</ele><time>{at:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for at, lat, _ in points(start, km)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gpx version="1.1" creator="test" '
        'xmlns="http://www.topografix.com/GPX/1/1"><trk><type>running</type><trkseg>'
        f"{rows}</trkseg></trk></gpx>"
    ).encode()


def tcx(start, km):
    rows = "".join(
        f"<Trackpoint><Time>{at:%Y-%m-%dT%H:%M:%SZ}</Time><Position><LatitudeDegrees>{lat:.7f}</LatitudeDegrees>"
        f"<LongitudeDegrees>8.0</LongitudeDegrees></Position><DistanceMeters>{k * STEP_S * SPEED_MPS:.1f}"
        "</DistanceMeters></Trackpoint>"
        for at, lat, k in points(start, km)
    )
    seconds = km * 1000 / SPEED_MPS
    return (
        '<?xml version="1.0" encoding="UTF-8"?><TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities><Activity Sport="Running">'
        f'<Id>{start:%Y-%m-%dT%H:%M:%SZ}</Id><Lap StartTime="{start:%Y-%m-%dT%H:%M:%SZ}">'
        f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds><DistanceMeters>{km * 1000}</DistanceMeters><Track>{rows}"
        "</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def fit(start, km):
    writer, first = FitWriter(), fit_time(start)
    writer.message(0, {0: Value("enum", 4), 1: Value("uint16", 1), 2: Value("uint16", 3113), 4: Value("uint32", first)})
    writer.define(3, 20, [FieldLayout(253, "uint32"), FieldLayout(5, "uint32", scale=100), FieldLayout(4, "uint8")])
    for _, _, k in points(start, km):
        writer.data(3, [first + k * STEP_S, k * STEP_S * SPEED_MPS, 84])
    seconds = round(km * 1000 / SPEED_MPS)
    span = {253: Value("uint32", first + seconds), 2: Value("uint32", first), 7: Value("uint32", seconds, 1000)}
    writer.message(18, {**span, 5: Value("enum", 1), 9: Value("uint32", km * 1000, 100)})
    return writer.to_bytes()


WRITERS = ((gpx, "gpx"), (tcx, "tcx"), (fit, "fit"))


def history(weeks=20, spike_km=None):
    """Name → file: three runs a week of 4, 5 and 6 km, and one much longer five days before the onset."""
    files = {}
    for week in range(1, weeks + 1):
        for place, km in enumerate((4, 5, 6)):
            start = ONSET - timedelta(days=7 * week - 2 * place) + timedelta(hours=7)
            wobble = 1 + 0.05 * math.sin(3.7 * week + place)
            write, kind = WRITERS[(week + place) % 3]
            files[f"run_{week:02}_{place}.{kind}"] = write(start, km * wobble)
    if spike_km:
        files["long.gpx"] = gpx(ONSET - timedelta(days=4) + timedelta(hours=16), spike_km)
    return files


@pytest.fixture(scope="module")
def spiked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spiked")
    for name, content in history(spike_km=11).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def case_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("case") / "case.yaml"
    lines = (EXAMPLES / "slow_soleus_strain.yaml").read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("onset_on", "  recent_load_increase"))]
    path.write_text("\n".join([*kept, "onset_on: 2026-11-03", ""]))
    return path


def run(*arguments, capsys):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def training(*arguments, capsys):
    return run("training", *arguments, "--today", TODAY, "--workers", "1", capsys=capsys)


def test_a_long_run_before_the_pain_is_named_with_its_numbers(spiked, capsys):
    code, out, err = training(spiked, "--onset", "2026-11-03", capsys=capsys)
    assert code == 0
    assert err == "", "no bar when nobody watches"
    flat = " ".join(out.split())
    assert out.startswith("WHAT CHANGED BEFORE THE PAIN")
    assert "11.0 km" in flat
    assert re.search(r"7\d % longer", flat), flat[:1500]
    assert "not your own chance" in flat
    assert "We cannot say that it caused the pain" in flat
    assert "61 activities read from 61 files" in flat
    assert "{" not in out
    assert "None" not in out
    assert "nan" not in flat.split()


def test_the_json_holds_every_change_and_plain_finite_numbers(spiked, capsys):
    code, out, _ = training(spiked, "--onset", "2026-11-03", "--json", capsys=capsys)
    assert code == 0
    document = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    assert document["schema"] == "training/1"
    assert document["onset_on"] == "2026-11-03"
    by_id = {change["id"]: change for change in document["changes"]}
    assert by_id["session_spike"]["state"] == "changed"
    assert by_id["session_spike"]["effect"]["value"] == pytest.approx(11 / 6.3, abs=0.12)
    assert by_id["session_spike"]["sentence"]
    assert {f["id"] for f in document["findings"]} >= {"watch_single_run_spike"}
    assert document["import"]["activities"] == 61
    assert document["weeks"][-1]["last_day"] == "2026-11-02"


def test_the_clinical_report_speaks_in_field_terms(spiked, capsys):
    code, out, _ = training(spiked, "--onset", "2026-11-03", "--clinical", capsys=capsys)
    assert code == 0
    flat = " ".join(out.split())
    assert "Hazard rate ratio" in flat
    assert "P(exceeds threshold)" in flat
    assert "steps of 2/43" in flat


class Outside(HTMLParser):
    """Everything a page would ask for from elsewhere, and what assistive technology needs."""

    def __init__(self):
        super().__init__()
        self.asked, self.tags, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.asked += [v for k, v in given.items() if k in {"src", "href", "data", "action", "poster"} and v[:1] != "#"]


def test_the_page_stands_alone(spiked, tmp_path, capsys):
    page = tmp_path / "report.html"
    code, _, _ = training(spiked, "--onset", "2026-11-03", "--html", page, capsys=capsys)
    assert code == 0
    content = page.read_text(encoding="utf-8")
    seen = Outside()
    seen.feed(content)
    assert not seen.asked
    assert not {"script", "link", "iframe", "img", "object", "form"} & set(seen.tags)
    assert not re.search(r"url\(\s*['\"]?(?!#)", content)
    assert "@import" not in content
    assert '<html lang="en">' in content
    assert len(seen.ids) == len(set(seen.ids))
    assert seen.tags.count("h1") == 1
    assert seen.tags.count("figure") == 5
    assert seen.tags.count("details") == 4, "every picture also as a table (these files name no shoes)"
    assert "@media print" in content


def test_names_from_files_cannot_write_into_the_page(spiked, tmp_path, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.gpx").write_bytes(gpx(ONSET - timedelta(days=3), 5))
    (folder / "<img src=x onerror=alert(1)>.fit").write_bytes(b"\x0e\x10nothing")
    page = tmp_path / "report.html"
    code, _, _ = training(folder, "--onset", "2026-11-03", "--html", page, capsys=capsys)
    assert code == 0
    assert "<img" not in page.read_text(encoding="utf-8")


def test_too_little_history_says_so_and_adds_nothing(tmp_path, case_file, capsys):
    (tmp_path / "one.gpx").write_bytes(gpx(ONSET - timedelta(days=3), 5))
    code, out, _ = training(tmp_path, "--case", case_file, capsys=capsys)
    assert code == 0
    flat = " ".join(out.split())
    assert "There is too little running before 3 November 2026 to say what changed." in flat
    assert "too little running in these files to say what changed. Nothing was added" in flat
    assert "No clear change" not in flat, "silence is not reassurance"
    code, out, _ = run(
        "assess", case_file, "--activities", tmp_path, "--json", "--today", TODAY, "--workers", "1", capsys=capsys
    )
    with_it = json.loads(out)
    code, out, _ = run("assess", case_file, "--json", "--today", TODAY, capsys=capsys)
    assert with_it["differential"] == json.loads(out)["differential"]
    assert with_it["training_effect"]["moved"] == []


def test_the_same_case_with_and_without_its_files(spiked, case_file, capsys):
    code, out, _ = run("assess", case_file, "--json", "--today", TODAY, capsys=capsys)
    assert code == 0
    without = json.loads(out)
    code, out, _ = run(
        "assess", case_file, "--activities", spiked, "--json", "--today", TODAY, "--workers", "1", capsys=capsys
    )
    assert code == 0
    with_it = json.loads(out)
    assert with_it["training"]["headline"]
    moved = {move["condition"]: move for move in with_it["training_effect"]["moved"]}
    load = moved["training_load_error"]
    before = {c["condition"]: c["probability"] for c in without["contributors"]}
    after = {c["condition"]: c["probability"] for c in with_it["contributors"]}
    assert load["before"] == pytest.approx(before["training_load_error"])
    assert load["after"] == pytest.approx(after["training_load_error"])
    assert load["after"] > load["before"]
    assert re.fullmatch(r"This raised “.+” from .+ to .+ in 100 runners with these answers\.", load["sentence"])
    assert "watch_single_run_spike" in load["because"]
    code, out, _ = run("assess", case_file, "--activities", spiked, "--today", TODAY, "--workers", "1", capsys=capsys)
    flat = " ".join(out.split())
    assert "Your running" in flat
    assert load["sentence"] in flat
    assert "never less" in flat
    code, out, _ = run(
        "assess", case_file, "--activities", spiked, "--clinical", "--today", TODAY, "--workers", "1", capsys=capsys
    )
    assert "Training before onset" in out
    assert re.search(r"Without the files +With them", out)
    assert "towards present" in out, "soft evidence is told as such"


def test_files_never_make_an_emergency_wait(spiked, tmp_path, capsys):
    case = tmp_path / "case.yaml"
    case.write_text((EXAMPLES / "emergency_compartment.yaml").read_text() + "\nonset_on: 2026-11-03\n")
    code, out, _ = run("assess", case, "--activities", spiked, "--today", TODAY, "--workers", "1", capsys=capsys)
    assert code == 0
    assert "Your running" not in out
    assert "Most likely causes" not in out


def test_the_pdf_has_a_section_on_the_running(spiked, case_file, tmp_path, capsys):
    pypdf = pytest.importorskip("pypdf")
    pytest.importorskip("typst")
    made, letter = tmp_path / "out.pdf", tmp_path / "letter.pdf"
    code, _, _ = run(
        "assess", case_file, "--activities", spiked, "--pdf", made, "--letter", letter, "--today", TODAY,
        "--workers", "1", capsys=capsys,
    )  # fmt: skip
    assert code == 0

    def words(path):
        return " ".join(
            " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(path.read_bytes())).pages).split()
        )

    assert "Your running" in words(made)
    assert "in 100 runners with these answers" in words(made)
    assert "Training before onset (device data; association, not cause)" in words(letter)
    assert "towards present" in words(letter)
    assert len(pypdf.PdfReader(io.BytesIO(letter.read_bytes())).pages) == 1


def test_what_is_needed_is_asked_for(spiked, tmp_path, capsys):
    bare = tmp_path / "bare.yaml"
    bare.write_text("answers: {pop_or_snap: false}\n")
    code, _, err = run("assess", bare, "--activities", spiked, capsys=capsys)
    assert code == 11
    assert "onset_on: 2026-11-03" in err
    code, _, err = training(spiked, capsys=capsys)
    assert code == 11
    assert "--onset" in err
    code, _, err = training(spiked, "--onset", "yesterday", capsys=capsys)
    assert code == 11
    code, _, err = training(spiked, "--onset", "2026-12-24", capsys=capsys)
    assert code == 11
    assert "future" in err
    dated = tmp_path / "dated.yaml"
    dated.write_text("onset_on: 2026-11-02\nanswers: {pop_or_snap: false}\n")
    code, _, err = training(spiked, "--onset", "2026-11-03", "--case", dated, capsys=capsys)
    assert code == 11, "two days for one pain"
    dated.write_text("onset_on: 2027-01-02\nanswers: {pop_or_snap: false}\n")
    code, _, err = run("assess", dated, "--activities", spiked, "--today", TODAY, capsys=capsys)
    assert code == 11


def test_nothing_readable_is_exit_13_with_the_reason(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("not a run")
    code, _, err = training(tmp_path, "--onset", "2026-11-03", capsys=capsys)
    assert code == 13
    assert "is a text file" in err
    code, _, err = training(tmp_path / "nowhere", "--onset", "2026-11-03", capsys=capsys)
    assert code == 13
    assert "no such file" in err


def test_one_bad_file_stops_nothing_and_is_listed(tmp_path, capsys):
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in history(weeks=8).items():
        (folder / name).write_bytes(content)
    (folder / "20261102.tcx").write_bytes(tcx(ONSET - timedelta(days=1), 5)[:9000])
    (folder / "run_99.gpx.gz").write_bytes(gzip.compress(gpx(ONSET - timedelta(days=80), 5)))
    code, out, _ = training(folder, "--onset", "2026-11-03", capsys=capsys)
    assert code == 0
    assert "20261102.tcx" in out
    assert "25 activities" in out or "26 activities" in out


def test_an_archive_and_a_store_read_only_what_is_new(tmp_path, capsys):
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in history(weeks=6).items():
            packed.writestr(f"activities/{name}", content)
    store = tmp_path / "store"
    arguments = (archive, "--onset", "2026-11-03", "--store", store, "--json")
    code, first, _ = training(*arguments, capsys=capsys)
    assert code == 0
    code, second, _ = training(*arguments, capsys=capsys)
    assert code == 0
    first, second = json.loads(first), json.loads(second)
    assert second["import"]["states"] == {"already_known": 18}
    assert second["coverage"] == first["coverage"]
    assert second["changes"] == first["changes"]


def test_a_missing_folder_for_the_page_is_said(spiked, tmp_path, capsys):
    code, _, err = training(spiked, "--onset", "2026-11-03", "--html", tmp_path / "no" / "x.html", capsys=capsys)
    assert code == 50
    assert "cannot write" in err


def test_the_bar_shows_only_to_somebody_who_watches(monkeypatch, capsys):
    from soleus.cli.training import ProgressBar
    from soleus.history import Progress

    halfway = Progress(files_done=3, files_found=6, bytes_done=50, bytes_total=100, runs=2, problems=1)
    ProgressBar().show(halfway)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    bar = ProgressBar()
    bar.show(halfway)
    bar.show(halfway)
    bar.clear()
    err = capsys.readouterr().err
    assert err.count("50 %") == 1
    assert "1 with a problem" in err
    assert err.endswith("\x1b[K")


def test_the_library_reads_and_analyses(spiked):
    program = (
        "import sys, soleus; from datetime import date; from pathlib import Path\n"
        "assert 'numpy' not in sys.modules\n"
        f"folder = Path({str(spiked)!r}); kb = soleus.load_knowledge()\n"
        "if __name__ == '__main__':\n"
        "    run = soleus.read_activity(folder / 'long.gpx').activity\n"
        "    history = soleus.import_history([folder], kb=kb, workers=1)\n"
        "    report = soleus.analyse_training(history.runs, onset_on=date(2026, 11, 3), kb=kb, shoes=history.shoes)\n"
        "    print(len(run.stream), len(history.runs), report.changed[0].id)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["368", "61", "session_spike"]


def test_the_planted_change_study_runs(capsys):
    code, out, _ = run("validate-training", "--runners", "1", capsys=capsys)
    assert code == 0
    assert "Nothing planted" in out
    code, _, _ = run("validate-training", "--runners", "0", capsys=capsys)
    assert code == 11


def test_loose_files_are_named_on_the_terminal_and_nowhere_else(tmp_path, capsys):
    for name, content in history(weeks=3).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "Evening loop jo@mail.example.gpx").write_bytes(gpx(ONSET - timedelta(days=2), 5)[:-400])
    page, kept = tmp_path / "page.html", tmp_path / "kept"
    code, out, err = training(tmp_path, "--onset", "2026-11-03", "--html", page, "--store", kept, capsys=capsys)
    assert code == 0
    assert "Evening loop ….gpx" in out
    _, document, _ = training(tmp_path, "--onset", "2026-11-03", "--json", capsys=capsys)
    stored = b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    for text in (document, page.read_text(), err, stored.decode("latin-1")):
        assert "Evening loop" not in text
        assert "mail.example" not in text
    assert "mail.example" not in out


def test_a_path_that_cannot_be_a_path_is_said(capsys):
    for path in ("x" * 300, "a\0b"):
        code, _, err = training(path, "--onset", "2026-11-03", capsys=capsys)
        assert code == 13
        assert "cannot be opened" in err
