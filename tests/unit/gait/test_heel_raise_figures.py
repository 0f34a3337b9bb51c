"""The worked test of the evidence (heel-raise.md §5), with all its figures."""

import pytest

from soleus.gait.heel_raise import score

HEIGHTS_CM = [9.0, 9.0, 8.8, 8.6, 8.4, 8.0, 7.6, 7.0, 6.4, 5.6]
OTHER_CM = [9.5] * 20


def test_displacement_and_work() -> None:
    displacement = score.total_displacement(HEIGHTS_CM)
    assert len(HEIGHTS_CM) == 10
    assert displacement == pytest.approx(78.4)
    assert score.work_index_j(70, displacement) == pytest.approx(538.4, abs=0.05)


def test_fatigue_and_slope() -> None:
    assert max(HEIGHTS_CM) == 9.0
    assert score.fatigue_index_pct(HEIGHTS_CM) == pytest.approx(29.1, abs=0.05)
    slope = score.height_slope(HEIGHTS_CM)
    assert slope == pytest.approx(-0.371, abs=0.0005)
    assert 100 * slope / HEIGHTS_CM[0] == pytest.approx(-4.1, abs=0.05)


def test_symmetry_and_its_lowest_value() -> None:
    legs = [
        {"reps": float(len(heights)), "height": max(heights), "displacement": score.total_displacement(heights)}
        for heights in (HEIGHTS_CM, OTHER_CM)
    ]
    index = score.symmetry_pct(*legs)
    assert index["reps"] == pytest.approx(50)
    assert index["height"] == pytest.approx(94.7, abs=0.05)
    assert index["displacement"] == pytest.approx(41.3, abs=0.05)
    assert round(min(index.values())) == 41


def test_symmetry_leaves_out_what_cannot_be_compared() -> None:
    assert score.symmetry_pct({"reps": 4, "work": 10}, {"reps": 0, "height": 1}) == {}


def test_the_studys_medians_imply_whole_body_mass() -> None:
    """1374 J over 192 cm is 72.9 kg: W is whole-body mass times g times the summed rise (§5.6)."""
    assert 1374 / score.work_index_j(1, 192) == pytest.approx(72.9, abs=0.05)
