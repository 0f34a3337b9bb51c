"""`soleus kb show` of what the training analysis knows."""

import pytest

from soleus.cli.main import main


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("calf.speed_exponent", "calf.speed_exponent = 0.4 (0.2 to 0.5)\n  [derived; derived; tensiometry2024"),
        ("spike.reference_days", "= 30 days (fixed)\n  [measured; seen; frandsen2025]"),
        ("spike.categories", "label: reference, small, moderate, large"),
        ("zones.edwards", "[expert; memory; no source]"),
        ("session_spike", "weight 1 · evidence cohort · findings: watch_single_run_spike, recent_load_increase"),
        ("run_days", "findings: none"),
    ],
)
def test_numbers_tables_and_changes_can_be_shown(name, says, capsys):
    assert main(["kb", "show", name]) == 0
    assert says in capsys.readouterr().out


def test_a_close_name_is_offered(capsys):
    assert main(["kb", "show", "calf.speed_exponant"]) == 40
    assert "calf.speed_exponent" in capsys.readouterr().err
