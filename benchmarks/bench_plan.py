"""A whole plan, the share of its weeks and of the solver, and the PDF; examples of this repository.

Every figure is measured in this run. Budgets: plan without PDF 300 ms, its weeks 150 ms, PDF warm 300 ms.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 23)
REPEATS = 7


class Clock:
    """Adds up the time spent in the functions it wraps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - start
                self.calls += 1

        return wrapped


def milliseconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    import soleus
    from soleus.core.goals import DayWish, Goals, OtherSport, RunningHistory
    from soleus.planning import compose, conflicts, schedule

    kb = soleus.load_knowledge()
    history = RunningHistory(weekly_km=35, runs_per_week=3, longest_run_km=14, easy_speed_mps=2.8)
    runners = {
        "every day, 60 min": Goals(history=history),
        "five days, football": Goals(
            history=history,
            days=tuple(DayWish(weekday=day, minutes=60) for day in (0, 2, 3, 5, 6)),
            other_sports=(OtherSport(sport="football", weekday=1, minutes=90, impact="high"),),
        ),
        "two days, 40 min (clashes)": Goals(
            history=history, days=(DayWish(weekday=1, minutes=40), DayWish(weekday=2, minutes=40))
        ),
    }
    weeks_clock, solver_clock = Clock(), Clock()
    compose.make_schedule = weeks_clock.timed(compose.make_schedule)
    for module, names in ((schedule, ["solve_week"]), (conflicts, ["least_change", "clashing_wishes"])):
        for name in names:
            setattr(module, name, solver_clock.timed(getattr(module, name)))

    print(f"{'':<58}{'plan ms':>9}{'weeks ms':>10}{'solver ms':>11}{'solved':>8}{'weeks':>7}{'clashes':>9}")
    for name in ("overload_after_hills", "slow_soleus_strain", "long_run_then_pain", "marathon_cramp"):
        case = soleus.read_case(ROOT / "examples" / f"{name}.yaml", kb)
        assessment = soleus.assess(case, kb, today=TODAY)
        for label, goals in runners.items():
            plans, weeks, solver = [], [], []
            for _ in range(REPEATS):
                for clock in (weeks_clock, solver_clock):
                    clock.seconds, clock.calls = 0.0, 0
                start = time.perf_counter()
                plan = soleus.build_plan(case, goals, kb, TODAY, assessment=assessment)
                plans.append(1000 * (time.perf_counter() - start))
                weeks.append(1000 * weeks_clock.seconds)
                solver.append(1000 * solver_clock.seconds)
            print(
                f"{name + ', ' + label:<58}{statistics.median(plans):>9.0f}{statistics.median(weeks):>10.0f}"
                f"{statistics.median(solver):>11.0f}{solver_clock.calls:>8}{len(plan.weeks):>7}{len(plan.conflicts):>9}"
            )
    _examples(kb)


def _examples(kb: Any) -> None:
    """One runner of each plan family, assessment included, then the PDF of each: every page is new to the renderer."""
    import soleus
    from soleus.exports.plan_pdf import plan_pdf
    from soleus.readers.goals_file import read_goals

    whole, pages = {}, {}
    for path in sorted((ROOT / "examples" / "plans").glob("*.goals.yaml")):
        name = path.name.removesuffix(".goals.yaml")
        case = soleus.read_case(path.with_name(f"{name.split('.')[0]}.yaml"), kb)
        goals = read_goals(path, kb)
        start = time.perf_counter()
        plan = soleus.build_plan(case, goals, kb, TODAY)
        whole[name] = 1000 * (time.perf_counter() - start)
        pages[name] = milliseconds(lambda plan=plan: plan_pdf(plan, kb))
    first = pages.pop(next(iter(pages)))  # starts the renderer and reads its fonts
    print(f"\n{len(whole)} examples of plan families, once each:")
    for label, times in (("plan with its assessment", whole), ("PDF, renderer warm, plan new", pages)):
        slowest = max(times, key=lambda name: times[name])
        median = statistics.median(times.values())
        print(f"  {label}: median {median:.0f} ms, slowest {times[slowest]:.0f} ms ({slowest})")
    print(f"  first PDF of a process: {first:.0f} ms")


if __name__ == "__main__":
    main()
