"""Numbers, tables and changes of the training analysis: the shape, the look-ups, and every id that others read."""

import ast
import math
import re
from dataclasses import fields
from pathlib import Path

import pytest

from soleus import load_knowledge
from soleus.knowledge.base import Basis
from soleus.knowledge.snapshot import decode, encode

IDS = """
spike.reference_days spike.lookback_days acwr.acute_days acwr.chronic_days ewma.acute_n ewma.chronic_n balance.ctl_days
balance.atl_days monotony.cap trimp.multiplier trimp.k_male trimp.k_female ngp.window_s xpace.speed_window_s
gap.minetti_limit elevation.smooth_m_barometer elevation.smooth_m_gps elevation.hysteresis_m_barometer
elevation.hysteresis_m_gps elevation.min_grade_length_m elevation.grade_clip hill.min_grade hill.min_gain_m
hill.min_length_m hill.merge_gap_m hill.steep_grade hill.hilly_ascent_m_per_km form.speed_bin_mps form.grade_limit
cadence.doubled_above_spm cadence.fallback_base cadence.fallback_slope cadence.fallback_min cadence.fallback_max
clean.max_gap_s clean.max_speed_mps clean.gps_jump_mps clean.hr_min_bpm clean.hr_max_bpm clean.altitude_outlier_m
clean.stop_speed_mps stop.min_seconds pace_collapse.min_minutes pace_collapse.drop_ratio calf.reference_speed_mps
calf.speed_exponent calf.step_length_exponent calf.strike_peak.rfs calf.strike_peak.mfs calf.strike_peak.ffs
calf.strike_impulse.rfs calf.strike_impulse.mfs calf.strike_impulse.ffs calf.shoe.conventional calf.shoe.minimalist
calf.shoe.maximalist calf.drop_per_mm calf.drop_clip_low calf.drop_clip_high calf.reference_drop_mm
calf.surface.treadmill calf.grade_free calf.grade_slope_per_pct calf.strike_shoe_cap calf.speed_clamp_mps calf.exponent
calf.contact_time_s calf.contact_time_exponent calf.walking_relative_force calf.decay_days calf.draws sn.intercept
sn.slope changes.baseline_first_day changes.baseline_last_day changes.bootstrap changes.block_days
changes.placebo_onsets changes.changepoint_penalty changes.changepoint_min_days changes.changepoint_recent_days
changes.min_history_days changes.min_runs changes.changepoint_min_history_days changes.gap_days changes.interval
evidence.clip_low evidence.clip_high evidence.value_true evidence.value_false duplicates.start_s
duplicates.duration_ratio duplicates.distance_ratio
"""
TABLES = {
    "spike.categories": ["low", "high", "hazard_ratio", "ci_low", "ci_high", "label"],
    "gap.strava": ["grade_pct", "factor"],
    "gap.quartic": ["power", "coefficient"],
    "gap.minetti": ["power", "coefficient"],
    "zones.goldencheetah": ["bound_pct", "weight"],
    "zones.edwards": ["bound_pct", "weight"],
    "calf.exponents": ["exponent"],
    "capacity.heel_raise_age": ["sex", "intercept", "slope", "at35"],
}
CHANGES = """
session_spike return_after_break weekly_distance run_days longest_run weekly_ascent weekly_descent steep_uphill_minutes
fast_minutes first_hills first_fast shoe_new shoe_lower_drop forefoot_shift cadence_drop contact_time_rise balance_shift
surface_treadmill surface_trail surface_track calf_load_damage calf_load_impulse consecutive_days acwr monotony
"""


@pytest.fixture(scope="module")
def kb():
    return load_knowledge()


def test_every_number_that_others_read_is_there(kb):
    assert set(IDS.split()) <= set(kb.training.parameters)
    assert kb.training.value("spike.reference_days") == 30
    with pytest.raises(KeyError, match="no_such"):
        kb.training.value("no_such")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_its_columns(kb, name):
    assert list(kb.training.tables[name].columns) == TABLES[name]


def test_every_change_is_defined_once_in_order(kb):
    changes = kb.training.changes
    assert {change.id for change in changes} == set(CHANGES.split())
    assert [c.order for c in changes] == sorted({c.order for c in changes})
    assert all(list(c.windows_days) == sorted(c.windows_days) for c in changes)


def test_open_ends_of_a_table_are_infinite(kb):
    table = kb.training.tables["spike.categories"]
    assert table.numbers("low") == (-math.inf, 1.1, 1.3, 2.0)
    assert table.numbers("high") == (1.1, 1.3, 2.0, math.inf)
    assert table.words("label") == ("reference", "small", "moderate", "large")


def test_nothing_claims_more_than_was_read(kb):
    """What is remembered or chosen is expert; what stands on somebody's summary is never measured."""
    entries = [*kb.training.parameters.values(), *kb.training.tables.values(), *kb.training.changes]
    for entry in entries:
        if entry.status in ("memory", "assumption"):
            assert entry.basis is Basis.EXPERT, entry.id
        if entry.basis is not Basis.EXPERT:
            assert entry.sources, entry.id
        if entry.status == "memory":
            assert "memory" in entry.note.lower(), entry.id
        if entry.basis is Basis.MEASURED:
            assert {kb.sources[key].verified for key in entry.sources} <= {"seen-abstract", "seen-table"}, entry.id


def test_findings_measured_by_files_are_asked_of_the_watch(kb):
    for change in kb.training.changes:
        for finding in change.findings:
            assert "watch" in kb.findings[finding].asked_of, finding


SLOTS = {
    *("window", "window_days", "recent", "usual", "baseline", "ratio", "percent", "more", "low", "high", "unit", "on"),
    *("k", "n", "reference_km", "distance_km", "shoe", "days", "since_days"),
}
"""What a renderer can fill."""


def test_wording_says_before_and_never_caused(kb):
    wording = {name: text for name, text in kb.text.items() if name.startswith("training.change.")}
    weeks = [name for name in wording if name.endswith("_weeks")]  # where a hand-filled table gives no day
    assert len(wording) - len(weeks) == 6 * len(kb.training.changes)
    for name, text in wording.items():
        assert not re.search(r"\bcaus|\bbecause\b|\bdue to\b", text, re.IGNORECASE), name
        assert set(re.findall(r"{(.*?)}", text)) <= SLOTS, name
        assert "{" not in text or name.endswith((".changed", ".clinical", "_weeks")), name


def test_the_snapshot_keeps_it(kb):
    assert decode(encode(kb.training)) == kb.training


def test_small_files_compile(mini):
    training = load_knowledge(mini.root).training
    assert training.value("calf.power") == 0.4
    assert (training.parameters["spike.days"].low, training.parameters["calf.power"].high) == (None, 0.5)
    assert [change.id for change in training.changes] == ["first", "second"]
    assert training.changes[1].windows_days == (7, 14)


def test_every_file_is_optional(mini):
    for name in ("parameters", "tables", "changes"):
        (mini.root / f"training/{name}.yaml").unlink()
    assert not any(getattr(load_knowledge(mini.root).training, f.name) for f in fields(load_knowledge().training))


def test_numbers_in_code_are_none():
    """The engine takes its numbers from the knowledge base: no float literal but neutral ones in the load model."""
    folder = Path(__file__).resolve().parents[3] / "src/soleus/training"
    for name in ("load.py", "load_cells.py", "load_model.py"):
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        found = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) is float}
        assert found <= {0.0, 0.5, 1.0, 2.0, 10.0, 60.0, 100.0, 1000.0}, name
