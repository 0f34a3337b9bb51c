"""The made-up heel-raise films and the study on them."""

from dataclasses import replace

import numpy as np
import pytest

from soleus.knowledge import load_knowledge
from soleus.validation.heel_raise_study import (
    CHEATS,
    choose_gate,
    random_script,
    run_case,
    with_gate,
)
from soleus.validation.synthetic_heel_raise import Script, film


def test_the_same_script_gives_the_same_film() -> None:
    first, second = film(Script(seed=4))[0], film(Script(seed=4))[0]
    assert np.array_equal(first.poses.points, second.poses.points, equal_nan=True)
    assert random_script(7) == random_script(7)


def test_the_truth_is_in_the_pixels() -> None:
    """Without noise the ankle rises in the picture by what the truth says."""
    script = Script(noise_mm=0.0, reps=4, fade=0.0)
    recording, truth = film(script)
    times, ankle = recording.poses.times_s, recording.poses.point("left_ankle")[:, 1]
    for real in truth.raises:
        start, top = np.searchsorted(times, [real.start_s, real.peak_s])
        assert (ankle[start] - ankle[top]) / script.px_per_m * 100 == pytest.approx(real.rise_cm, abs=0.1)


def test_the_toe_stays_down_and_limbs_keep_their_length() -> None:
    recording, _ = film(Script(noise_mm=0.0, reps=3))
    toe = recording.poses.point("left_toe")
    assert np.ptp(toe, axis=0).max() < 1e-6
    for one, other in (("knee", "ankle"), ("hip", "knee"), ("shoulder", "hip")):
        length = np.linalg.norm(recording.poses.point(f"left_{one}") - recording.poses.point(f"left_{other}"), axis=1)
        assert np.ptp(length) < 1e-6


def test_two_faults_in_a_row_end_the_true_count() -> None:
    _, truth = film(Script(reps=8, partial={4: 0.4, 5: 0.4}))
    assert (truth.count, truth.attempted) == (4, 8)


def test_random_scripts_hold_every_cheat() -> None:
    scripts = [random_script(seed) for seed in range(120)]
    for name in (
        "partial",
        "knee_bend_deg",
        "lean_deg",
        "hip_shift_cm",
        "short_return",
        "pause_top_s",
        "skipped_beats",
    ):
        assert any(getattr(script, name) for script in scripts)
    assert len(CHEATS) == 7


def test_the_gate_is_the_lowest_step_that_is_good_enough() -> None:
    kb = with_gate(load_knowledge(), 1.0)
    good = run_case(0, replace(random_script(1), noise_mm=1.0, fps=30.0, reps=5), kb)
    assert good.exact
    assert good.held
    outcomes = [replace(good, snr=30.0)] * 98 + [replace(good, snr=9.5, count=good.true_count + 1)] * 3
    assert choose_gate(outcomes) == 10.0
    assert choose_gate([replace(good, refusal="no_raises")]) == float("inf")


@pytest.mark.nightly
def test_counts_inside_the_gate_are_exact() -> None:
    from soleus.validation.heel_raise_study import run_heel_raise_study

    study = run_heel_raise_study(150, load_knowledge(), seed=99)
    exact = [o for o in study.outcomes if o.passes(study.exact_snr)]
    assert sum(o.exact for o in exact) >= 0.97 * len(exact)
    assert all(other.counted == 0 for other in study.others)
