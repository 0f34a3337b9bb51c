"""What changed before the onset, and what only looks like it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from made_runs import ONSET, definition, knowledge_base, numbers, run, steady

from soleus.core.activity import Shoe, Sport, Surface
from soleus.core.training import ChangeState, FormCell
from soleus.knowledge.base import TrainingKnowledge
from soleus.training.analysis import analyse_training
from soleus.training.changes import KINDS, find_changes
from soleus.training.daily import build_daily, runs_before
from soleus.training.levels import level_change
from soleus.training.shoes import ShoeDays
from soleus.training.verdict import exceeds

KB = knowledge_base()


def changes_of(runs, shoes=(), kb=KB):
    return {c.id: c for c in analyse_training(runs, onset_on=ONSET, kb=kb, shoes=shoes).changes}


RIDE = run(1, sport=Sport.CYCLING)
"""Shows that the watch was in use to the end: days without a run are then days of rest."""


def more(runs, days, **factors):
    """The same runs with fields of the last `days` days multiplied."""
    return [
        replace(r, **{name: getattr(r, name) * by for name, by in factors.items()})
        if 1 <= (ONSET - r.day).days <= days
        else r
        for r in runs
    ]


def test_a_steady_runner_has_nothing_changed():
    changes = changes_of(steady())
    assert [c.id for c in changes.values() if c.state is ChangeState.CHANGED] == []


def test_every_definition_is_answered_and_ranked():
    changes = analyse_training(more(steady(), 28, ascent_m=3), onset_on=ONSET, kb=KB).changes
    assert sorted(c.id for c in changes) == sorted(d.id for d in KB.training.changes)
    states = [c.state for c in changes]
    assert states == sorted(states, key=list(ChangeState).index)
    changed = [c.score for c in changes if c.state is ChangeState.CHANGED]
    assert changed == sorted(changed, reverse=True)


class TestLevels:
    def test_twice_the_climb_of_the_last_month_is_found_with_its_numbers(self):
        change = changes_of(more(steady(every=1), 30, ascent_m=2))["weekly_ascent"]
        assert change.state is ChangeState.CHANGED
        assert change.window_days in {7, 14, 30}
        assert change.effect.value == pytest.approx(2, rel=0.1)
        assert change.effect.low <= change.effect.value <= change.effect.high
        assert change.larger_than[0] == change.larger_than[1] >= 10
        assert change.probability > 0.9
        assert change.params["percent"] == pytest.approx(100 * (change.effect.value - 1))
        assert change.params["changepoint_on"] == (ONSET - timedelta(days=30)).isoformat()
        assert {"recent", "baseline", "unit", "low", "high", "k", "n", "ratio", "window_days"} <= set(change.params)

    def test_a_first_climb_over_a_flat_baseline_has_no_ratio(self):
        flat = [replace(r, ascent_m=0.0) for r in steady()]
        change = changes_of([replace(r, ascent_m=200.0) if (ONSET - r.day).days <= 14 else r for r in flat])[
            "weekly_ascent"
        ]
        assert (change.state, change.effect) == (ChangeState.CHANGED, None)

    def test_less_is_no_change_of_this_kind(self):
        assert changes_of(more(steady(), 30, distance_m=0.5))["weekly_distance"].state is ChangeState.UNCHANGED

    def test_a_small_amount_says_nothing_however_large_its_ratio(self):
        runs = [replace(r, ascent_m=0.1) for r in steady()]
        assert changes_of(more(runs, 14, ascent_m=20))["weekly_ascent"].state is ChangeState.UNCHANGED

    def test_a_channel_nobody_recorded_is_too_little(self):
        change = changes_of([replace(r, ascent_m=None) for r in steady()])["weekly_ascent"]
        assert (change.state, change.reason) == (ChangeState.TOO_LITTLE, "no_channel")

    def test_a_channel_missing_of_late_is_too_little(self):
        runs = [replace(r, ascent_m=None) if (ONSET - r.day).days < 40 else r for r in steady()]
        assert changes_of(runs)["weekly_ascent"].reason == "no_channel"

    def test_an_unknown_series_is_too_little(self):
        table = build_daily(runs_before(steady(), ONSET), onset_on=ONSET, knowledge=KB.training, shoes=ShoeDays())
        odd = replace(definition("weekly_ascent"), series="moonlight")
        assert level_change(odd, table, KB.training).reason == "no_channel"

    def test_a_young_history_says_so_and_compares_with_what_there_is(self):
        change = changes_of(steady(40))["weekly_distance"]
        assert change.state is ChangeState.UNCHANGED
        assert change.params["short_baseline"] == 1
        assert change.window_days in (7, 14)

    def test_a_history_shorter_than_the_windows_is_too_short(self):
        knowledge = replace(KB.training, changes=(replace(definition("weekly_distance"), windows_days=(30,)),))
        table = build_daily(runs_before(steady(35), ONSET), onset_on=ONSET, knowledge=knowledge, shoes=ShoeDays())
        assert level_change(knowledge.changes[0], table, knowledge).reason == "too_short"

    def test_days_after_a_break_are_compared_with_the_running_before_it(self):
        runs = [r for r in steady() if not 10 < (ONSET - r.day).days <= 45]
        changes = changes_of(runs)
        assert [c.id for c in changes.values() if c.state is ChangeState.CHANGED] == ["return_after_break"]

    def test_no_run_for_months_is_a_gap(self):
        runs = [r for r in steady() if (ONSET - r.day).days > 60]
        assert changes_of([*runs, RIDE])["weekly_distance"].reason == "gap"
        assert changes_of(runs)["weekly_distance"].reason == "files_end"

    def test_running_rarely_leaves_too_little(self):
        runs = [run(b) for b in (300, 270, 240, 210, 3, 2, 1)]
        assert changes_of(runs)["weekly_distance"].reason in {"gap", "too_short"}

    def test_often_away_still_has_ordinary_days(self):
        runs = [r for r in steady(700) if (ONSET - r.day).days % 40 > 12 or (ONSET - r.day).days < 30]
        assert changes_of(runs)["weekly_distance"].larger_than is not None


class TestForm:
    @staticmethod
    def runs(cadence=1.0, contact=1.0, balance=0.0, strike=1.0, device="w", days=14):
        rng = np.random.default_rng(4)
        made = []
        for r in steady():
            late = (ONSET - r.day).days <= days
            noise = rng.normal(1, 0.006)
            cell = FormCell(
                speed_mps=3.0,
                seconds=1800.0,
                cadence_spm=170 * noise * (cadence if late else 1),
                contact_time_ms=250 * noise * (contact if late else 1),
                step_length_m=1.0,
                vertical_oscillation_m=None,
                contact_time_balance_pct=50.2 + rng.normal(0, 0.2) + (balance if late else 0),
            )
            foot = 5.0 * noise * (strike if late else 1)
            made.append(replace(r, form=(cell,), foot_strike_class=foot, device=device if late else "w"))
        return made

    def test_steady_form_is_unchanged(self):
        changes = changes_of(self.runs())
        for name in ("cadence_drop", "contact_time_rise", "balance_shift", "forefoot_shift"):
            assert changes[name].state is ChangeState.UNCHANGED

    def test_slower_steps_at_the_same_speed_are_a_drop_and_quicker_ones_are_not(self):
        assert changes_of(self.runs(cadence=0.93))["cadence_drop"].state is ChangeState.CHANGED
        assert changes_of(self.runs(cadence=1.07))["cadence_drop"].state is ChangeState.UNCHANGED

    def test_longer_contact_and_a_landing_further_forward(self):
        assert changes_of(self.runs(contact=1.1))["contact_time_rise"].state is ChangeState.CHANGED
        assert changes_of(self.runs(strike=1.8))["forefoot_shift"].state is ChangeState.CHANGED

    @pytest.mark.parametrize("shift", [3.0, -3.0])
    def test_balance_counts_to_either_side_in_points(self, shift):
        change = changes_of(self.runs(balance=shift))["balance_shift"]
        assert change.state is ChangeState.CHANGED
        assert change.effect.value == pytest.approx(shift, abs=0.3)

    def test_a_new_watch_is_no_change_of_form(self):
        change = changes_of(self.runs(cadence=0.9, device="new", days=30))["cadence_drop"]
        assert (change.state, change.reason) == (ChangeState.TOO_LITTLE, "device_changed")


class TestSpike:
    def test_a_spike_beyond_the_runners_own_is_found_with_its_numbers(self):
        runs = [*steady(), run(4, 22.0, hour=18)]
        change = changes_of(runs)["session_spike"]
        assert change.state is ChangeState.CHANGED
        assert change.on == ONSET - timedelta(days=4)
        assert change.run_key == run(4, hour=18).key
        assert change.window_days == 7
        assert change.params["distance_km"] == pytest.approx(22)
        assert change.params["reference_km"] == pytest.approx(22 / change.effect.value)
        assert change.params["days"] == 4
        assert change.params["category"] == "moderate"
        assert change.probability > 0.95

    def test_a_little_longer_is_listed_and_no_alarm(self):
        runs = [*steady(), run(4, 17.0, hour=18)]
        report = analyse_training(runs, onset_on=ONSET, kb=KB)
        assert max(s.ratio for s in report.spikes if s.ratio) > 1.1
        assert {c.id: c for c in report.changes}["session_spike"].state is ChangeState.UNCHANGED

    def test_someone_who_often_does_it_is_not_warned(self):
        runs = [
            replace(r, distance_m=r.distance_m * (1.5 if (ONSET - r.day).days % 45 < 4 else 1)) for r in steady(700)
        ]
        assert changes_of(runs)["session_spike"].state is ChangeState.UNCHANGED

    def test_the_usual_long_run_after_a_holiday_is_a_return_and_no_spike(self):
        runs = [r for r in steady() if not 9 < (ONSET - r.day).days <= 36] + [
            run(8, 5.0, hour=18),
            run(3, 14.0, hour=18),
        ]
        changes = changes_of(runs)
        assert changes["session_spike"].reason == "gap"
        assert changes["return_after_break"].state is ChangeState.CHANGED

    def test_a_short_history_needs_a_clear_spike(self):
        clear = [*steady(40), run(2, 22.0, hour=18)]
        assert changes_of(clear)["session_spike"].state is ChangeState.CHANGED
        assert changes_of(clear)["session_spike"].larger_than is None
        assert changes_of([*steady(40), run(2, 17.5, hour=18)])["session_spike"].state is ChangeState.UNCHANGED

    def test_nothing_to_compare_with(self):
        assert changes_of(steady(29))["session_spike"].reason == "too_short"
        assert changes_of([replace(r, distance_m=None) for r in steady()])["session_spike"].reason == "no_channel"
        late = [replace(r, distance_m=None) if (ONSET - r.day).days < 20 else r for r in steady()]
        assert changes_of(late)["session_spike"].reason == "no_channel"
        rested = [*(r for r in steady() if (ONSET - r.day).days > 30), RIDE]
        assert changes_of(rested)["session_spike"].reason == "gap"

    def test_a_first_run_after_years_has_no_reference(self):
        runs = [replace(r, distance_m=None) for r in steady(200, since=20)] + [run(3, 5.0)]
        assert changes_of(runs)["session_spike"].reason == "no_reference"


class TestFirst:
    FLAT = tuple(replace(r, uphill_s=0.0) for r in steady())

    def test_first_hills_in_months(self):
        runs = [replace(r, uphill_s=1200.0) if (ONSET - r.day).days == 6 else r for r in self.FLAT]
        change = changes_of(runs)["first_hills"]
        assert (change.state, change.on) == (ChangeState.CHANGED, ONSET - timedelta(days=6))
        assert change.probability == 1

    def test_no_hills_at_all_or_hills_all_along(self):
        assert changes_of(self.FLAT)["first_hills"].state is ChangeState.UNCHANGED
        hilly = [replace(r, uphill_s=1200.0) for r in self.FLAT]
        assert changes_of(hilly)["first_hills"].state is ChangeState.UNCHANGED

    def test_someone_who_does_it_every_four_months_is_not_warned(self):
        runs = [replace(r, uphill_s=1200.0 if (ONSET - r.day).days % 100 == 6 else 0.0) for r in steady(730)]
        change = changes_of(runs)["first_hills"]
        assert change.state is ChangeState.UNCHANGED
        assert 0 < change.probability < 1

    def test_unknown_or_short_histories_say_nothing(self):
        assert changes_of(steady())["first_hills"].reason == "no_channel"
        assert changes_of(self.FLAT[-30:])["first_hills"].reason == "too_short"
        late = [replace(r, uphill_s=None) if (ONSET - r.day).days < 14 else r for r in self.FLAT]
        assert changes_of(late)["first_hills"].reason == "no_channel"


class TestSwitches:
    def test_trails_after_roads(self):
        runs = [replace(r, surface=Surface.TRAIL if (ONSET - r.day).days <= 10 else Surface.ROAD) for r in steady()]
        change = changes_of(runs)["surface_trail"]
        assert change.state is ChangeState.CHANGED
        assert change.on is not None
        assert change.recent > 0.9
        assert change.baseline == 0

    def test_trails_all_along_or_never(self):
        for surface in (Surface.TRAIL, Surface.ROAD):
            runs = [replace(r, surface=surface) for r in steady()]
            assert changes_of(runs)["surface_trail"].state is ChangeState.UNCHANGED

    def test_every_other_month_on_trails_is_a_habit(self):
        runs = [
            replace(r, surface=Surface.TRAIL if (ONSET - r.day).days // 30 % 2 == 0 else Surface.ROAD)
            for r in steady(720)
        ]
        assert changes_of(runs)["surface_trail"].state is ChangeState.UNCHANGED

    def test_a_lower_pair(self):
        shoes = [Shoe(id="a", name="Usual", drop_mm=10), Shoe(id="b", name="Flat", drop_mm=4)]
        runs = [replace(r, shoe="b" if (ONSET - r.day).days <= 10 else "a") for r in steady()]
        changes = changes_of(runs, shoes)
        assert changes["shoe_lower_drop"].state is ChangeState.CHANGED
        assert changes["shoe_new"].state is ChangeState.CHANGED

    def test_unknown_shoes_and_young_histories(self):
        assert changes_of(steady())["shoe_new"].reason == "no_channel"
        assert changes_of([replace(r, shoe="a") for r in steady(30)])["shoe_new"].reason == "too_short"
        late = [replace(r, shoe=None if (ONSET - r.day).days < 40 else "a") for r in steady()]
        assert changes_of(late)["shoe_new"].reason == "no_channel"
        first = [replace(r, shoe="a" if (ONSET - r.day).days < 20 else None) for r in steady()]
        assert changes_of(first)["shoe_new"].reason == "no_channel"

    def test_a_year_of_log_is_needed_to_call_it_rare_else_the_share_decides(self):
        runs = [replace(r, surface=Surface.TRAIL if (ONSET - r.day).days <= 7 else Surface.ROAD) for r in steady(38)]
        change = changes_of(runs)["surface_trail"]
        assert change.state is ChangeState.CHANGED


class TestBreaks:
    @pytest.mark.parametrize(("days", "state"), [(9, ChangeState.UNCHANGED), (16, ChangeState.CHANGED)])
    def test_a_fortnight_without_a_run(self, days, state):
        runs = [r for r in steady() if not 8 < (ONSET - r.day).days <= 8 + days]
        change = changes_of(runs)["return_after_break"]
        assert change.state is state
        assert change.params["days"] >= days

    def test_a_break_long_ago_is_no_return(self):
        runs = [r for r in steady() if not 60 < (ONSET - r.day).days <= 90]
        assert changes_of(runs)["return_after_break"].state is ChangeState.UNCHANGED

    def test_someone_who_always_rests_for_weeks_is_not_warned(self):
        runs = [run(b) for b in range(600, 0, -16)]
        assert changes_of(runs)["return_after_break"].state is ChangeState.UNCHANGED

    def test_no_run_of_late_is_no_return(self):
        runs = [*(r for r in steady() if (ONSET - r.day).days > 40), RIDE]
        assert changes_of(runs)["return_after_break"].state is ChangeState.UNCHANGED


def test_change_points_come_only_with_enough_history():
    knowledge = numbers(changes__changepoint_min_history_days=1e6)
    kb = replace(KB, training=knowledge)
    change = changes_of(more(steady(every=1), 30, ascent_m=2), kb=kb)["weekly_ascent"]
    assert "changepoint_on" not in change.params


def test_unknown_days_neither_make_nor_hide_a_change_point():
    runs = more(steady(every=1), 30, ascent_m=2)
    runs[-60] = replace(runs[-60], ascent_m=None)
    assert "changepoint_on" in changes_of(runs)["weekly_ascent"].params


def test_a_series_without_any_known_day_of_late_is_filled_with_nothing():
    from soleus.training.changes import _filled

    assert _filled(np.full(3, np.nan)).tolist() == [0, 0, 0]


def test_without_a_comparison_nothing_stands_out():
    assert not exceeds(definition("weekly_ascent"), None, 9.0, KB.training)


def test_every_kind_of_the_knowledge_base_is_known():
    assert {d.kind for d in KB.training.changes} <= set(KINDS)
    assert isinstance(KB.training, TrainingKnowledge)
    assert callable(find_changes)
