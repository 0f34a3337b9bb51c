"""Sessions on days: weeks through return to running and the build-up after it.

Weeks follow each other from the first day of the plan. Each is one small problem (`solver`); the week before is kept as
it is while it still fits, so that the runner's days stay the same and most weeks need no solver at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from soleus.core.goals import DEFAULT_DAY_MINUTES, DayWish, Goals
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import (
    EventOutlook,
    Forecast,
    PlannedSession,
    PlanPhase,
    PlanWeek,
    RunningPlan,
    RunWorkout,
    ScheduleConflict,
    SessionKind,
)
from soleus.knowledge.plan_base import PlanKnowledge
from soleus.planning.conflicts import Clash, explain
from soleus.planning.event import chance_by, outlook, race_workout
from soleus.planning.limits import SECONDS_PER_MIN, Limits, days_of, read_limits
from soleus.planning.placing import Day, WeekShape, sessions_of
from soleus.planning.run_weeks import Ledger, RunWeek, Usual, WantedRuns, after_week, best_room, seeded, wanted_runs
from soleus.planning.running import RUN_MODES, kept_mode
from soleus.planning.session_demand import Group, demand_of, groups, measuring_sessions
from soleus.planning.solver import (
    HEAVY,
    Demand,
    FixedSport,
    Placement,
    WeekAnswer,
    WeekProblem,
    fits,
    solve_week,
)

KEEP_RUNNING = "keep_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRequest:
    """What the weeks are made of."""

    starts_on: date
    goals: Goals
    phases: tuple[PlanPhase, ...]
    """All phases of the plan, in order; one of them is current."""
    running: RunningPlan | None
    knowledge: PlanKnowledge
    onset_on: date | None = None
    speed_gate_open: bool = False
    """Every criterion of the speed gate is certainly met: strides may come now, not only "later, when"."""
    previous: tuple[PlannedSession, ...] = field(default=())
    """Sessions of the plan that this one replaces: kept on their days where the rules allow."""
    forecasts: tuple[Forecast, ...] = ()
    """For the race: how likely full training is by then."""
    most_weeks: int | None = None
    """None = as the knowledge base says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Weeks, conflicts, and what becomes of the race."""

    weeks: tuple[PlanWeek, ...]
    conflicts: tuple[ScheduleConflict, ...]
    event: EventOutlook | None = None
    solved: int = 0
    """Weeks that needed the solver; the others kept the days of the week before."""


def make_schedule(request: ScheduleRequest) -> Schedule:
    """The weeks with the outlook for the race.

    1. Weeks as if there were no race. 2. The race is judged on them. 3. Only a race that is likely gets its day, with
    lighter days before and after; the weeks are then made anew around it, and the race is judged once more.
    """
    if not request.phases:
        return Schedule(weeks=(), conflicts=())
    limits = read_limits(request.knowledge)
    plain = _Horizon(request, limits, race=None).weeks()
    usual = Usual.of(request.goals.history, limits.runs)
    event = request.goals.event
    if event is None or event.on < request.starts_on:
        return plain
    verdict = outlook(event, chance_by(request.forecasts, request.onset_on, event.on), plain.weeks, usual, limits)
    if verdict.verdict != "likely":
        return replace(plain, event=verdict)
    raced = _Horizon(request, limits, race=verdict).weeks()
    # The lighter days before the race may themselves leave too little for its distance.
    again = outlook(event, verdict.chance, raced.weeks, usual, limits)
    return replace(raced if again.verdict == "likely" else plain, event=again)


def phase_weeks(phases: tuple[PlanPhase, ...], most_weeks: int) -> tuple[int, ...]:
    """Index of the phase that each week belongs to, from the current phase on.

    A phase begins with the first week after the typical days of those before it, and holds at least one week; the last
    phase goes on to the end.
    """
    current = next((place for place, phase in enumerate(phases) if phase.current), 0)
    weeks: list[int] = []
    days = 0
    for place in range(current, len(phases) - 1):
        days += phases[place].expected_days[1]
        until = max(len(weeks) + 1, math.ceil(days / 7))
        weeks.extend([place] * (until - len(weeks)))
    weeks.extend([len(phases) - 1] * max(1, most_weeks - len(weeks)))
    return tuple(weeks[:most_weeks])


class _Horizon:
    """Makes week after week; holds what one week hands to the next."""

    def __init__(self, request: ScheduleRequest, limits: Limits, *, race: EventOutlook | None) -> None:
        self.request = request
        self.limits = limits
        self.race = race
        self.goals = request.goals
        self.onset = request.onset_on or request.starts_on
        self.usual = Usual.of(self.goals.history, limits.runs)
        self.order = phase_weeks(request.phases, request.most_weeks or limits.most_weeks)
        self.continuing = self._never_stopped()
        self.ledger = seeded(self.usual, limits.runs, request.starts_on) if self.continuing else Ledger()
        self.placed: Placement = frozenset()
        self.sports_before: tuple[int, ...] = ()
        """Days of sports like running in the week before, counted from the week in hand (-7 to -1)."""
        self.done: list[PlanWeek] = []
        self.alike: dict[tuple[tuple[SessionKind, int], ...], tuple[WeekProblem, WeekAnswer]] = {}
        """Last week solved that wanted as many sessions of each kind."""
        self.clashes: list[Clash] = []
        self.solved = 0
        wishes = self.goals.days or tuple(DayWish(weekday=day, minutes=DEFAULT_DAY_MINUTES) for day in range(7))
        self.wishes = {wish.weekday: wish for wish in wishes}
        self.groups = {
            place: groups(request.phases[place], request.knowledge.exercises, limits) for place in set(self.order)
        }

    @property
    def _run_gap(self) -> int:
        running = self.request.running
        return self.limits.heavy_gap_days if running is None else days_of(running.min_rest_h)

    def _never_stopped(self) -> bool:
        """Running goes on only when the runner wants it, gave the usual week, and some was allowed all along: by the
        phase in force, or by an earlier one. Where every earlier phase forbids running, an open gate leads to the
        first stage of the programme, whatever the wish.

        Where no phase is staged (cramp), full running means going on, whatever the wish.
        """
        running, current = self.request.running, self.request.phases[self.order[0]]
        if running is None or self.usual.week_min is None:
            return False
        if current.run == "full" and not any(phase.run == "programme" for phase in self.request.phases):
            return running.open
        allowed = kept_mode(self.request.phases, self.order[0]) if current.run in RUN_MODES else current.run
        return KEEP_RUNNING in self.goals.wants and allowed != "none"

    def weeks(self) -> Schedule:
        for number in range(1, len(self.order) + 1):
            self._week(number)
            if self._enough(number):
                break
        return Schedule(
            weeks=tuple(self.done),
            conflicts=explain(self.clashes, self.request.starts_on, self.goals.other_sports),
            solved=self.solved,
        )

    def _enough(self, number: int) -> bool:
        """Whether the plan has come to its end: last phase, usual distance reached and held, race over."""
        event = self.goals.event
        if event is not None and self._start(number) <= event.on:
            return False
        place = self.order[number - 1]
        if place != len(self.request.phases) - 1:
            return False
        phase = self.request.phases[place]
        if phase.run in RUN_MODES and self.request.running is not None:
            runs = self.limits.runs
            unknown = self.usual.week_min is None and self.ledger.built >= runs.unknown_weeks
            return unknown or (
                self.ledger.built > 0 and self.ledger.held >= runs.weeks_at_usual + runs.rise_every_weeks
            )
        return self.order[:number].count(place) * 7 >= phase.expected_days[1]

    def _start(self, number: int) -> date:
        return self.request.starts_on + timedelta(days=7 * (number - 1))

    def _week(self, number: int) -> None:
        shape = self._shape(number)
        problem = shape.problem
        answer = self._answer(number, problem, shape.groups.get(SessionKind.DAILY))
        made = sessions_of(shape, answer)
        self.ledger = after_week(self.ledger, shape.runs, made.runs)
        if shape.race is not None:
            self.ledger = replace(
                self.ledger, runs=(*self.ledger.runs, (shape.race[0], shape.race[1].run_s / SECONDS_PER_MIN))
            )
        self.placed = answer.placed
        self.sports_before = tuple(
            sport.day - 7 for sport in problem.sports if sport.high and sport.index not in answer.sports_off
        )
        # Fewer sessions around a race are meant, and a test that finds no day only waits: neither is a clash.
        lost = [name for name in made.left_out if f".{SessionKind.TEST.value}." not in name]
        if answer.sports_off or (lost and not problem.closed_to_load):
            self.clashes.append(
                Clash(week=number, phase=shape.phase.id, problem=problem, answer=answer, left_out=made.left_out)
            )
        self.done.append(made.week)

    def _answer(self, number: int, problem: WeekProblem, daily: Group | None) -> WeekAnswer:
        """The days of the plan before, or of the week before, while they fit; else the solver's.

        Light daily exercises keep their room unless that alone costs a session.
        """
        if not problem.demands and not problem.sports:
            return WeekAnswer(placed=frozenset())
        counts = tuple((item.kind, item.count) for item in problem.demands)
        roomy = problem if daily is None else _reserved(problem, daily.shortest(self.limits.shortest_share))
        before = self._previously(number)
        answer = None
        if before and fits(problem, WeekAnswer(placed=before)):
            answer = WeekAnswer(placed=before)
        elif self.placed and fits(roomy, WeekAnswer(placed=self.placed)):
            answer = WeekAnswer(placed=self.placed)
        elif counts in self.alike:
            answer = _still_best(*self.alike[counts], roomy, problem)
        if answer is None:
            self.solved += 1
            answer = solve_week(roomy)
            if not answer.complete and roomy is not problem:
                answer = solve_week(problem)
            self.alike[counts] = (problem, answer)
        return answer

    def _previously(self, number: int) -> Placement:
        """Days of this week in the plan that this one replaces."""
        start = self._start(number)
        kinds = HEAVY | {SessionKind.RUN, SessionKind.WHOLE_BODY}
        return frozenset(
            (session.kind, (session.on - start).days)
            for session in self.request.previous
            if session.kind in kinds and 0 <= (session.on - start).days < 7
        )

    def _shape(self, number: int) -> WeekShape:
        """Everything that the week is made of, before any session has its day."""
        place = self.order[number - 1]
        phase = self.request.phases[place]
        found = self.groups[place]
        start = self._start(number)
        race = self._race_in(start)
        days = tuple(self._day(start + timedelta(days=day), race) for day in range(7))
        drills = found.get(SessionKind.RUN)
        drill_min = 0 if drills is None else drills.minutes
        tests = self._tests(number, place)
        demands = [
            demand_of(found[kind], self.limits)
            for kind in (SessionKind.STRENGTH, SessionKind.PLYOMETRIC, SessionKind.WHOLE_BODY)
            if kind in found
        ]
        if tests:
            minutes = self.limits.test_min
            demands.append(
                Demand(
                    kind=SessionKind.TEST,
                    count=tests,
                    minutes=minutes,
                    shortest=minutes,
                    importance=self.limits.importance[SessionKind.TEST],
                )
            )
        daily = found.get(SessionKind.DAILY)
        # Runs leave room for a good part of the daily exercises: where they are the treatment, they come first.
        beside = 0 if daily is None else daily.shortest(self.limits.shortest_share)
        runs = self._runs(number, phase, [day.minutes - drill_min - beside for day in days])
        if runs.workouts:
            demands.append(self._run_demand(runs, drill_min))
        return WeekShape(
            number=number,
            phase=phase,
            provisional=not phase.current,
            runs_provisional=not phase.current or self.request.running is None or not self.request.running.open,
            days=days,
            onset=self.onset,
            groups=found,
            cross=() if runs.workouts else phase.cross,
            runs=runs,
            usual=self.usual,
            limits=self.limits,
            race=self._race_on(race, start),
            problem=self._problem(number, tuple(demands), days, phase),
            notes=(*self._race_notes(start), *runs.notes, *_limited(runs), *self._sport_notes(phase)),
        )

    def _day(self, on: date, race: EventOutlook | None) -> Day:
        wish = self.wishes.get(on.weekday())
        closed = race is not None and -1 <= (race.on - on).days <= self.limits.race_rest_days
        racing = race is not None and race.on == on
        minutes = 0 if wish is None or racing else wish.minutes
        return Day(on=on, minutes=minutes, at=None if wish is None else wish.at, closed=closed)

    def _tests(self, number: int, place: int) -> int:
        phase = self.request.phases[place]
        if not phase.advance:
            return 0
        first = self.order.index(place) + 1
        weeks = self.order.count(place)
        if place == len(self.request.phases) - 1:
            weeks = min(weeks, max(1, math.ceil(phase.expected_days[1] / 7)))
        return measuring_sessions(number - first, weeks, phase.expected_days[0], self.limits)

    def _runs(self, number: int, phase: PlanPhase, free_min: list[int]) -> WantedRuns:
        running = self.request.running
        if running is None:
            return WantedRuns()
        mode, waits = phase.run, phase.run in RUN_MODES and not running.open and number == 1
        if waits and not self.continuing:
            return WantedRuns(notes=(Message(text=TextId("plan.schedule.gate_first")),))
        if waits:
            mode = kept_mode(self.request.phases, self.order[0])
        last = running.stages[-1].workout
        around = math.ceil((last.warm_up_s + last.cool_down_s) / SECONDS_PER_MIN)
        start = self._start(number)
        return wanted_runs(
            self.ledger,
            RunWeek(
                running=running,
                usual=self.usual,
                limits=self.limits.runs,
                mode=mode,
                continuing=self.continuing,
                keep_running=KEEP_RUNNING in self.goals.wants,
                last_day=start + timedelta(days=6),
                room_min=best_room([minutes - around for minutes in free_min], running.min_rest_h),
                speed_gate_open=self.request.speed_gate_open,
                share=self._share(start),
            ),
        )

    def _share(self, start: date) -> float:
        """Of the last full week's running: less in the week that leads to a race and in the week after it."""
        if self.race is None:
            return 1.0
        days = (self.race.on - start).days
        if 0 <= days < 7 + self.limits.race_rest_days:
            return self.limits.runs.taper_share
        return self.limits.runs.after_share if -7 <= days < 0 else 1.0

    def _run_demand(self, runs: WantedRuns, drill_min: int) -> Demand:
        longest = max(runs.workouts, key=lambda workout: workout.total_s)
        minutes = math.ceil(longest.total_s / SECONDS_PER_MIN) + drill_min
        least = minutes
        if runs.shortest_min is not None:
            least = minutes - max(0, longest.run_s // SECONDS_PER_MIN - runs.shortest_min)
        return Demand(
            kind=SessionKind.RUN,
            count=len(runs.workouts),
            minutes=minutes,
            shortest=least,
            importance=self.limits.importance[SessionKind.RUN],
        )

    def _race_in(self, start: date) -> EventOutlook | None:
        """The race when it touches this week: its day, the days of rest before it, or the day after."""
        near = self.race is not None and -1 <= (self.race.on - start).days < 7 + self.limits.race_rest_days
        return self.race if near else None

    def _race_on(self, race: EventOutlook | None, start: date) -> tuple[date, RunWorkout] | None:
        if race is None or self.request.running is None or not 0 <= (race.on - start).days < 7:
            return None
        return race.on, race_workout(race, self.usual, self.request.running.pain_max_nrs)

    def _problem(
        self, number: int, demands: tuple[Demand, ...], days: tuple[Day, ...], phase: PlanPhase
    ) -> WeekProblem:
        sports = self._sports(phase, days)
        outside_runs, outside_heavy = self._outside(number, days)
        return WeekProblem(
            minutes=tuple(day.minutes for day in days),
            demands=demands,
            costs=self.limits.costs,
            sports=sports,
            run_gap_days=self._run_gap,
            heavy_gap_days=self.limits.heavy_gap_days,
            rest_days=self.limits.rest_days,
            outside_runs=outside_runs,
            outside_heavy=outside_heavy,
            closed_to_load=frozenset(place for place, day in enumerate(days) if day.closed),
            prefer=self._previously(number) or self.placed,
        )

    def _sports(self, phase: PlanPhase, days: tuple[Day, ...]) -> tuple[FixedSport, ...]:
        """Other sports that load the leg and are allowed in this phase; sports like running only with full running."""
        return tuple(
            FixedSport(index=index, day=place, high=sport.impact == "high")
            for index, sport in enumerate(self.goals.other_sports)
            for place, day in enumerate(days)
            if day.on.weekday() == sport.weekday
            and not day.closed
            and (sport.impact == "low" or (sport.impact == "high" and phase.run == "full"))
        )

    def _race_notes(self, start: date) -> tuple[Message, ...]:
        share, runs = self._share(start), self.limits.runs
        if share == 1.0:
            return ()
        return (Message(text=TextId(f"plan.schedule.{'after_race' if share == runs.after_share else 'taper'}")),)

    def _sport_notes(self, phase: PlanPhase) -> tuple[Message, ...]:
        paused = {sport.sport for sport in self.goals.other_sports if sport.impact == "high" and phase.run != "full"}
        return tuple(
            Message(text=TextId("plan.schedule.sport_paused"), params={"sport": sport}) for sport in sorted(paused)
        )

    def _outside(self, number: int, days: tuple[Day, ...]) -> tuple[frozenset[int], frozenset[int]]:
        """Days before and after the week that already hold runs or heavy sessions, counted from its first day."""
        start = days[0].on
        runs, heavy = set(), set()
        for session in self.done[-1].sessions if self.done else ():
            offset = (session.on - start).days
            if session.kind is SessionKind.RUN:
                runs.add(offset)
            if session.kind in HEAVY:
                heavy.add(offset)
        for sport in self.sports_before:
            runs.add(sport)
            heavy.add(sport)
        if number < len(self.order):
            after = self.request.phases[self.order[number]]
            following = tuple(self._day(start + timedelta(days=7 + day), self.race) for day in range(7))
            coming = {7 + sport.day for sport in self._sports(after, following) if sport.high}
            runs |= coming
            heavy |= coming
        if self.race is not None and -7 <= (self.race.on - start).days <= 14:
            runs.add((self.race.on - start).days)
            heavy.add((self.race.on - start).days)
        run_gap, heavy_gap = self._run_gap, self.limits.heavy_gap_days
        return (
            frozenset(day for day in runs if -run_gap < day < 6 + run_gap),
            frozenset(day for day in heavy if -heavy_gap < day < 6 + heavy_gap),
        )


def _still_best(solved: WeekProblem, answer: WeekAnswer, roomy: WeekProblem, problem: WeekProblem) -> WeekAnswer | None:
    """The answer of an earlier week while it holds here too; None = solve anew.

    An incomplete answer is kept only in a week that asks for more: what was lost then cannot fit now.
    """
    if answer.complete:
        return answer if fits(roomy, answer) else None
    same_days = (solved.minutes, solved.sports) == (problem.minutes, problem.sports)
    no_freer = (
        solved.closed_to_load <= problem.closed_to_load
        and solved.outside_runs <= problem.outside_runs
        and solved.outside_heavy <= problem.outside_heavy
    )
    no_shorter = all(
        now.minutes >= then.minutes and now.shortest >= then.shortest
        for now, then in zip(problem.demands, solved.demands, strict=True)
    )
    return answer if same_days and no_freer and no_shorter and fits(problem, answer) else None


def _limited(runs: WantedRuns) -> tuple[Message, ...]:
    return (Message(text=TextId("plan.schedule.limited_by_minutes")),) if runs.limited else ()


def _reserved(problem: WeekProblem, keep_min: int) -> WeekProblem:
    """The week with so many minutes kept on every open day for the light daily exercises."""
    return replace(problem, minutes=tuple(max(0, minutes - keep_min) for minutes in problem.minutes))
