"""New pairs, lower pairs and kilometres per pair."""

from datetime import timedelta

import pytest
from made_runs import ONSET, numbers, run

from soleus.core.activity import Shoe
from soleus.training.daily import runs_before
from soleus.training.shoes import shoe_days, shoe_uses, week_end

KNOWLEDGE = numbers()


def marked(runs, *shoes):
    return shoe_days(runs_before(runs, ONSET), shoes, KNOWLEDGE)


def wearing(*spans):
    """(shoe, first day before, last day before): a run every two days."""
    return [run(b, shoe=shoe) for shoe, first, last in spans for b in range(first, last - 1, -2)]


def test_another_model_is_new_for_a_month():
    days = marked(wearing(("a", 120, 50), ("b", 48, 2)), Shoe(id="a", name="Road 1"), Shoe(id="b", name="Trail 1"))
    first = ONSET - timedelta(days=48)
    assert days.new == {"b": (first, first + timedelta(days=30))}
    assert days.is_new(run(20, shoe="b"))
    assert not days.is_new(run(10, shoe="b"))
    assert not days.is_new(run(20, shoe="a"))


@pytest.mark.parametrize("name", ["Road 15 #2", "ROAD (3)", "road_2"])
def test_the_next_pair_of_the_same_model_is_not_new(name):
    days = marked(wearing(("a", 120, 50), ("b", 48, 2)), Shoe(id="a", name="Road 14"), Shoe(id="b", name=name))
    assert days.new == {}


@pytest.mark.parametrize(
    "other",
    [
        Shoe(id="b", name="Road 2", drop_mm=4, kind="conventional"),
        Shoe(id="b", name="Road 2", drop_mm=10, kind="plated"),
        Shoe(id="b", name="", drop_mm=10),
        Shoe(id="b", name="22"),
    ],
)
def test_a_stated_difference_or_no_name_makes_it_new(other):
    days = marked(
        wearing(("a", 120, 50), ("b", 48, 2)), Shoe(id="a", name="Road 1", drop_mm=10, kind="conventional"), other
    )
    assert list(days.new) == ["b"]


def test_the_first_pairs_of_a_log_and_pairs_bought_long_ago_are_not_new():
    assert marked(wearing(("a", 60, 50), ("b", 48, 2))).new == {}
    old = Shoe(id="b", name="Trail", first_used_on=ONSET - timedelta(days=400))
    assert "b" not in marked(wearing(("a", 120, 50), ("b", 48, 2)), Shoe(id="a", name="Road"), old).new
    assert marked([run(3), run(1)]).new == {}


class TestLower:
    def test_four_millimetres_below_the_usual_one(self):
        shoes = [Shoe(id=i, name=i, drop_mm=d) for i, d in (("a", 10), ("b", 6), ("c", 7))]
        assert marked(wearing(("a", 120, 50), ("b", 48, 20), ("c", 18, 2)), *shoes).lower == {"b"}

    def test_minimal_shoes_unless_they_are_the_usual_ones(self):
        shoes = [Shoe(id="a", name="a", kind="conventional"), Shoe(id="b", name="b", kind="minimalist")]
        assert marked(wearing(("a", 120, 50), ("b", 48, 20)), *shoes).lower == {"b"}
        assert marked(wearing(("b", 120, 50), ("a", 48, 20)), *shoes).lower == frozenset()

    def test_nothing_stated_is_nothing_lower(self):
        assert (
            marked(wearing(("a", 120, 50), ("b", 48, 20)), Shoe(id="a", name="a"), Shoe(id="b", name="b")).lower
            == frozenset()
        )
        assert marked([run(3, None, shoe="a")], Shoe(id="a", name="a", drop_mm=3)).lower == frozenset()


class TestUse:
    def test_metres_by_pair_and_week(self):
        runs = runs_before(
            [run(30, 5.0, shoe="a"), run(7, 10.0, shoe="a"), run(1, 4.0, shoe="b"), run(2), run(3, None, shoe="b")],
            ONSET,
        )
        ends = [ONSET - timedelta(days=1), ONSET - timedelta(days=8)]
        a, b = shoe_uses(runs, [Shoe(id="a", name="A")], onset_on=ONSET, week_ends=ends)
        assert (a.shoe.name, a.distance_m, a.weekly_distance_m) == ("A", 15_000, {ends[0]: 10_000})
        assert (a.first_day, a.last_day) == (ONSET - timedelta(days=30), ONSET - timedelta(days=7))
        assert (b.shoe.name, b.distance_m) == ("", 4_000)

    @pytest.mark.parametrize(("back", "weeks"), [(1, 0), (7, 0), (8, 1), (14, 1), (15, 2)])
    def test_weeks_end_the_day_before_the_onset(self, back, weeks):
        assert week_end(ONSET - timedelta(days=back), ONSET) == ONSET - timedelta(days=1 + 7 * weeks)
