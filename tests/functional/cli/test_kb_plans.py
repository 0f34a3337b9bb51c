"""`soleus kb show` of what plans are made of."""

import pytest

from soleus.cli.main import main


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("hop_stick", "not with: suspected_dvt"),
        ("cecs", "for cecs_anterolateral · physio · pain up to 3"),
        ("dvt_return", "dvt (post_treatment) · clinician_only · locked until cleared"),
        ("rtr_at", "1: 8 x 60 s / 60 s"),
        ("run_gate_bone", "clinician_clear == true"),
        ("slhr_reps", "Single-leg heel raise"),
        ("breathless_or_chest_pain", "call_ambulance"),
        ("pain_over_limit", "back one stage"),
        ("strain_g3_before_clearance", "cleared by a clinician"),
        ("gastroc_g1_run30", "gastrocnemius_strain mild, run_30_min, lognormal days mu 3.091 sigma 0.5"),
        ("doms_p_nothing", ""),
        ("run.single_run_cap_ratio", "= 1.1 (1.05 to 1.3)"),
        ("dvt", "plan: dvt_return · no plan to follow alone: same_day_service, same_day"),
    ],
)
def test_parts_of_plans_can_be_shown(name, says, capsys):
    assert main(["kb", "show", name]) == (0 if says else 40)
    assert says in capsys.readouterr().out


def test_a_close_name_of_an_exercise_is_offered(capsys):
    assert main(["kb", "show", "hop_stik"]) == 40
    assert "hop_stick" in capsys.readouterr().err
