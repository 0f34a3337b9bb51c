"""Pulling points to their heat maps."""

import numpy as np
import pytest

from soleus.vision.pose.blazepose import refine

CELLS = 64


def heat_map(column: int, row: int, height: float = 8.0) -> np.ndarray:
    heat = np.full((CELLS, CELLS), -30.0, np.float32)
    heat[row, column] = height
    return heat


def refined(x: float, y: float, heat: np.ndarray) -> tuple[float, float]:
    moved = refine(np.array([[x, y]]) / CELLS, heat[None])[0] * CELLS
    return float(moved[0]), float(moved[1])


def test_a_point_moves_onto_a_single_hot_cell_nearby() -> None:
    assert refined(30.4, 20.9, heat_map(33, 17)) == pytest.approx((33, 17))


def test_two_equal_cells_pull_to_their_middle() -> None:
    heat = heat_map(30, 20)
    heat[20, 32] = 8.0
    assert refined(31.0, 20.0, heat) == pytest.approx((31, 20), abs=1e-3)


def test_heat_too_far_away_or_too_weak_changes_nothing() -> None:
    assert refined(30.4, 20.9, heat_map(35, 20)) == pytest.approx((30.4, 20.9))
    assert refined(30.4, 20.9, heat_map(31, 20, height=-0.1)) == pytest.approx((30.4, 20.9))


@pytest.mark.parametrize("at", [(-3.0, 10.0), (10.0, -3.0), (64.5, 10.0), (10.0, 66.0)])
def test_a_point_outside_the_crop_stays(at: tuple[float, float]) -> None:
    assert refined(*at, np.full((CELLS, CELLS), 5.0, np.float32)) == pytest.approx(at)


def test_at_the_border_only_cells_that_exist_count() -> None:
    assert refined(0.2, 63.9, np.full((CELLS, CELLS), 5.0, np.float32)) == pytest.approx((2, 61))


def test_points_without_a_map_are_left_alone() -> None:
    share = np.array([[0.5, 0.5], [0.25, 0.75]])
    moved = refine(share, heat_map(33, 33)[None])
    assert moved[0] * CELLS == pytest.approx((33, 33))
    assert moved[1] == pytest.approx(share[1])
    assert share[0] == pytest.approx((0.5, 0.5)), "the input is not changed"
