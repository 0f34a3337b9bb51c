"""Numbers of the weeks and of the build-up, read once from the knowledge base."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soleus.core.plan import SessionKind
from soleus.knowledge.plan_base import PlanKnowledge
from soleus.planning.solver import Costs

SECONDS_PER_MIN = 60
METRES_PER_KM = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """Caps of the running after the staged programme."""

    single_ratio: float
    single_floor_km: float
    single_floor_min: float
    window_days: int
    two_week_ratio: float
    achilles_week_ratio: float
    long_share: float
    within_pain_share: float
    half_share: float
    easy_speed_mps: float
    """Taken for granted when nobody knows it."""
    least_run_min: int
    unknown_weeks: int
    weeks_at_usual: int
    rise_every_weeks: int
    strides: tuple[int, int, int]
    """(first, step, most) in a week."""
    taper_share: float
    after_share: float

    def single_cap_min(self, longest_min: float, speed_mps: float) -> float:
        """Most minutes of a run, from the longest of the last 30 days.

        max(ratio · longest, longest + floor), where the floor is the smaller of 5 min and the time that 1 km takes.
        Source: frandsen2025 (doi:10.1136/bjsports-2024-109380); the floor is ours.
        """
        floor_min = min(self.single_floor_min, self.single_floor_km * METRES_PER_KM / speed_mps / SECONDS_PER_MIN)
        return max(self.single_ratio * longest_min, longest_min + floor_min)

    def week_cap_min(self, weeks_min: tuple[float, ...], *, achilles: bool) -> float:
        """Most minutes in a week, from the weeks before it (latest last; missing ones count as 0).

        Two weeks may hold at most `ratio` of the two before: cap = ratio · (w[-2] + w[-3]) - w[-1]; staying at the
        last week's minutes is always allowed. In the Achilles programme also at most `ratio` of the last week.
        Sources: nielsen2014prog (doi:10.2519/jospt.2014.5164), praet2019 (PMC6356409).
        """
        third, second, last = (0.0, 0.0, 0.0, *weeks_min)[-3:]
        cap = max(last, self.two_week_ratio * (second + third) - last)
        return min(cap, self.achilles_week_ratio * last) if achilles else cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Everything numeric that the weeks need."""

    runs: RunLimits
    importance: dict[SessionKind, int]
    costs: Costs
    heavy_gap_days: int
    rest_days: int
    most_weeks: int
    test_min: int
    test_every_weeks: int
    cross_min: int
    cross_per_week: int
    shortest_share: float
    race_rest_days: int
    likely_chance: float
    unlikely_chance: float


def days_of(hours: float) -> int:
    """Least difference of calendar days that keeps this many hours apart: 48 h → 2, 24 h → 1."""
    return max(1, math.ceil(hours / 24))


def read_limits(knowledge: PlanKnowledge) -> Limits:
    """KeyError names a parameter that the knowledge base lacks."""
    value = knowledge.value
    kinds = (
        SessionKind.STRENGTH,
        SessionKind.RUN,
        SessionKind.PLYOMETRIC,
        SessionKind.TEST,
        SessionKind.WHOLE_BODY,
    )
    return Limits(
        runs=RunLimits(
            single_ratio=value("run.single_run_cap_ratio"),
            single_floor_km=value("run.single_run_floor_km"),
            single_floor_min=value("run.single_run_floor_min"),
            window_days=round(value("run.longest_window_days")),
            # The stricter of the two for everyone: the whole horizon lies in the weeks of raised risk.
            two_week_ratio=min(value("run.two_week_rise_ratio"), value("run.two_week_rise_after_strain_ratio")),
            achilles_week_ratio=value("run.achilles_week_rise_ratio"),
            long_share=value("run.long_run_share"),
            within_pain_share=value("build.within_pain_share"),
            half_share=value("build.half_share"),
            easy_speed_mps=value("build.easy_speed_mps"),
            least_run_min=round(value("build.least_run_min")),
            unknown_weeks=round(value("build.weeks_when_unknown")),
            weeks_at_usual=round(value("build.weeks_at_usual")),
            rise_every_weeks=round(value("build.rise_every_weeks")),
            strides=(
                round(value("build.strides_first")),
                round(value("build.strides_step")),
                round(value("build.strides_most")),
            ),
            taper_share=value("event.taper_share"),
            after_share=value("event.after_share"),
        ),
        importance={kind: round(value(f"schedule.importance.{kind.value}")) for kind in kinds},
        costs=Costs(
            five_minutes=round(value("schedule.change.five_minutes")),
            day=round(value("schedule.change.day")),
            sport=round(value("schedule.change.sport")),
            comfortable_per_day=round(value("schedule.comfortable_sessions_per_day")),
        ),
        heavy_gap_days=days_of(value("schedule.hard_rest_h")),
        rest_days=round(value("schedule.rest_days_per_week")),
        most_weeks=round(value("schedule.max_weeks")),
        test_min=round(value("schedule.test_min")),
        test_every_weeks=round(value("schedule.test_every_weeks")),
        cross_min=round(value("schedule.cross_min")),
        cross_per_week=round(value("schedule.cross_per_week")),
        shortest_share=value("schedule.shortest_share"),
        race_rest_days=round(value("schedule.race_rest_days")),
        likely_chance=value("event.likely_chance"),
        unlikely_chance=value("event.unlikely_chance"),
    )
