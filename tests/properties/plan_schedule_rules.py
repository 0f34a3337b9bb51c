"""An independent check of the weeks of a plan: every hard rule, written from the rules and not from the code.

It shares nothing with `soleus.planning.schedule` but the types. Each function names the rule that a week breaks.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from soleus.core.expression import Truth
from soleus.core.goals import DEFAULT_DAY_MINUTES
from soleus.core.plan import SessionKind

RUN, TEST = SessionKind.RUN, SessionKind.TEST
HEAVY = (SessionKind.STRENGTH, SessionKind.PLYOMETRIC, TEST)
LIGHT = SessionKind.DAILY
RACE = "race"


def broken_rules(request, weeks, conflicts):
    """Names of the rules that the weeks break, with the place; empty = none."""
    found = []
    for rule in (
        days_and_minutes,
        order_in_the_day,
        ids_and_dates,
        stages_in_order,
        one_run_at_a_time,
        week_by_week,
        strides_wait,
        nothing_before_its_time,
        nothing_around_the_race,
        no_runs_where_none_are_allowed,
    ):
        found += [f"{rule.__name__}: {place}" for place in rule(request, weeks)]
    for rule in (space_between_runs, space_between_heavy, rest_day, nothing_lost_in_silence):
        found += [f"{rule.__name__}: {place}" for place in rule(request, weeks, conflicts)]
    return found


def sessions(weeks):
    return [session for week in weeks for session in week.sessions]


def is_race(session):
    return session.workout is not None and session.workout.id == RACE


def open_minutes(request, on):
    if not request.goals.days:
        return DEFAULT_DAY_MINUTES
    return next((wish.minutes for wish in request.goals.days if wish.weekday == on.weekday()), 0)


def days_and_minutes(request, weeks):
    spent = {}
    for session in sessions(weeks):
        if not is_race(session):
            spent[session.on] = spent.get(session.on, 0) + session.minutes
        if session.workout is not None and session.minutes * 60 < session.workout.total_s:
            yield f"{session.id} is shorter than its run"
        if session.minutes <= 0:
            yield f"{session.id} has no length"
    yield from (f"{on}: {minutes} min" for on, minutes in spent.items() if minutes > open_minutes(request, on))


def order_in_the_day(request, weeks):
    by_day = {}
    for session in sessions(weeks):
        by_day.setdefault(session.on, []).append(session)
    for on, several in by_day.items():
        if [session.order for session in several] != list(range(len(several))):
            yield f"{on}: positions"
        places = [session.order for session in several if session.kind is RUN]
        if len(places) > 1:
            yield f"{on}: two runs"
        if places and places[0] != 0:
            yield f"{on}: something before the run"


def sports(request, weeks, conflicts):
    """(day, impact) of the runner's other sports that go on: not paused by the phase, not left out by a conflict.

    Nothing loads the leg from two days before a race to the day after it.
    """
    phases = {phase.id: phase for phase in request.phases}
    off = {name for conflict in conflicts for name in conflict.left_out}
    races = [session.on for session in sessions(weeks) if is_race(session)]
    for week in weeks:
        for offset in range(7):
            on = week.starts_on + timedelta(days=offset)
            for index, sport in enumerate(request.goals.other_sports):
                paused = sport.impact == "high" and phases[week.phase].run != "full"
                rested = any(-2 <= (on - race).days <= 1 for race in races)
                out = paused or rested or f"w{week.number:02d}.sport.{index}" in off
                if sport.weekday == on.weekday() and sport.impact != "none" and not out:
                    yield on, sport.impact


def space_between_runs(request, weeks, conflicts):
    gap = 2 if request.running is None else -(-request.running.min_rest_h // 24)
    runs = [session.on for session in sessions(weeks) if session.kind is RUN]
    days = sorted(runs + list({on for on, impact in sports(request, weeks, conflicts) if impact == "high"}))
    yield from (f"{a} and {b}" for a, b in pairwise(days) if (b - a).days < gap)


def space_between_heavy(request, weeks, conflicts):
    days = {session.on for session in sessions(weeks) if session.kind in HEAVY}
    days |= {on for on, impact in sports(request, weeks, conflicts) if impact == "high"}
    yield from (f"{a} and {b}" for a, b in pairwise(sorted(days)) if (b - a).days < 2)


def rest_day(request, weeks, conflicts):
    playing = {on for on, _ in sports(request, weeks, conflicts)}
    for week in weeks:
        loaded = {session.on for session in week.sessions if session.kind is not LIGHT}
        loaded |= {on for on in playing if week.starts_on <= on < week.starts_on + timedelta(days=7)}
        if len(loaded) > 6:
            yield f"week {week.number}"


KIND_OF = {"strength": "strength", "eccentric": "strength", "plyometric": "plyometric"}


def nothing_lost_in_silence(request, weeks, conflicts):
    """A week without a named conflict holds as many strength and hopping sessions as its phase asks for."""
    phases = {phase.id: phase for phase in request.phases}
    told = {number for conflict in conflicts for number in conflict.weeks}
    races = [session.on for session in sessions(weeks) if is_race(session)]
    told |= {week.number for week in weeks for race in races if -1 <= (race - week.starts_on).days < 9}
    for conflict in conflicts:
        if not conflict.wishes or not conflict.least_change or not conflict.left_out:
            yield f"an empty conflict in weeks {conflict.weeks}"
    for week in weeks:
        wanted = {}
        for item in phases[week.phase].prescriptions:
            exercise = request.knowledge.exercises[item.exercise]
            kind = KIND_OF.get(exercise.kind)
            quiet = kind == "strength" or exercise.impact in ("none", "low")
            waits = any(state.truth is not Truth.TRUE for state in item.start_when)
            if kind and not waits and not item.optional and not (quiet and item.per_week > 3):
                wanted.setdefault(kind, []).append(item)
        for kind, items in wanted.items():
            if week.number in told or any(item.start_day for item in items):
                continue
            count = sum(session.kind.value == kind for session in week.sessions)
            if count != min(3, max(item.per_week for item in items)):
                yield f"week {week.number}: {count} {kind} sessions and no conflict"


def ids_and_dates(request, weeks):
    ids = [session.id for session in sessions(weeks)]
    if len(ids) != len(set(ids)):
        yield "ids repeat"
    for place, week in enumerate(weeks):
        if week.number != place + 1 or week.starts_on != request.starts_on + timedelta(days=7 * place):
            yield f"week {week.number} starts on {week.starts_on}"
        if list(week.sessions) != sorted(week.sessions, key=lambda session: (session.on, session.order)):
            yield f"week {week.number} is not in order"
        for session in week.sessions:
            if not week.starts_on <= session.on < week.starts_on + timedelta(days=7):
                yield f"{session.id} lies outside its week"
            if not session.id.startswith(f"w{week.number:02d}."):
                yield f"{session.id} in week {week.number}"


def staged(session, request):
    return session.workout is not None and session.workout.id.startswith(f"{request.running.programme}.")


def stages_in_order(request, weeks):
    """No stage is skipped, and each is done as often as it must be before a later one begins."""
    if request.running is None:
        return
    done = {stage.number: 0 for stage in request.running.stages}
    need = {stage.number: stage.sessions for stage in request.running.stages}
    for session in sessions(weeks):
        if not staged(session, request):
            continue
        number = int(session.workout.id.rsplit(".", 1)[1])
        earlier = [other for other in done if request.running.first_stage <= other < number]
        if any(done[other] < need[other] for other in earlier):
            yield f"{session.id} skips a stage"
        done[number] += 1


def runs_on(request):
    """Whether the runner may go on from the usual week: wanted, or full running with no stages in the whole plan."""
    current = next(phase for phase in request.phases if phase.current)
    staged = any(phase.run == "programme" for phase in request.phases)
    return "keep_running" in request.goals.wants or (current.run == "full" and not staged)


def run_log(request, weeks):
    """(day, minutes of running, kind) of every run; what was run before the plan is at most the runner's own."""
    log = []
    history = request.goals.history
    if history is not None and runs_on(request) and history.weekly_km is not None:
        speed = history.easy_speed_mps or request.knowledge.value("build.easy_speed_mps")
        longest = history.longest_run_km or history.weekly_km
        log.append((request.starts_on - timedelta(days=1), longest * 1000 / speed / 60, "before"))
    for session in sessions(weeks):
        if session.workout is not None:
            kind = "staged" if staged(session, request) else session.workout.id.split(".")[0]
            log.append((session.on, session.workout.run_s / 60, kind))
    return log


def one_run_at_a_time(request, weeks):
    """A run of the build-up is at most 10 % (or 1 km, or 5 min) longer than the longest of the 30 days before."""
    if request.running is None:
        return
    history = request.goals.history
    speed = (history and history.easy_speed_mps) or request.knowledge.value("build.easy_speed_mps")
    log = run_log(request, weeks)
    for on, minutes, kind in log:
        if kind not in ("build", RACE):
            continue
        longest = max((m for day, m, _ in log if 0 < (on - day).days <= 30), default=0.0)
        if minutes > max(1.1 * longest, longest + min(5.0, 1000 / speed / 60)) + 1e-6:
            yield f"{on}: {minutes:.1f} min after {longest:.1f}"
        last = request.running.stages[-1].workout.run_s / 60
        if kind == "build" and history is not None and history.longest_run_km is not None:
            most = max(last, history.longest_run_km * 1000 / speed / 60)
            if minutes > most + 1e-6:
                yield f"{on}: longer than ever before the pain"


def week_by_week(request, weeks):
    """Weekly distance: two weeks at most 20 % above the two before, never above the usual week, longest run ≤ 35 %."""
    if request.running is None:
        return
    history = request.goals.history
    speed = (history and history.easy_speed_mps) or request.knowledge.value("build.easy_speed_mps")
    usual = None if history is None or history.weekly_km is None else history.weekly_km * 1000 / speed / 60
    seed = 0.0
    if usual is not None and runs_on(request):
        seed = usual
    totals = [seed, seed, seed]
    for week in weeks:
        runs = [session for session in week.sessions if session.workout is not None and not is_race(session)]
        lengths = [session.workout.run_s / 60 for session in runs]
        total = sum(lengths)
        building = any(session.workout.id.startswith("build.") for session in runs)
        if building:
            last, second, third = totals[-1], totals[-2], totals[-3]
            if total > max(last, 1.2 * (second + third) - last) + 1e-6:
                yield f"week {week.number}: {total:.0f} min after {third:.0f}, {second:.0f}, {last:.0f}"
            if usual is not None and total > usual + 1e-6:
                yield f"week {week.number}: above the usual week"
            if max(lengths) > max(0.35, 1 / len(lengths)) * total + 1e-6:
                yield f"week {week.number}: the longest run has {max(lengths) / total:.0%} of the week"
            if (
                week.cap_run_km is not None
                and week.run_km - sum(s.distance_km for s in week.sessions if is_race(s)) > week.cap_run_km + 0.05
            ):
                yield f"week {week.number}: above its own cap"
        if (
            request.running.programme == "rtr_at"
            and totals[-1]
            and total > max(1.2 * totals[-1], totals[-1] + 5) + 1e-6
        ):
            first = min(
                stage.workout.run_s / 60
                for stage in request.running.stages
                if stage.number >= request.running.first_stage
            )
            if building or total > first * len(runs) + 1e-6:
                yield f"week {week.number}: {total / totals[-1] - 1:.0%} more in the Achilles programme"
        if abs(week.run_min - sum(s.workout.run_s for s in week.sessions if s.workout is not None) / 60) > 1e-6:
            yield f"week {week.number}: run_min"
        totals.append(total)


def strides_wait(request, weeks):
    """Fast running only past the speed gate, and only in a week whose distance does not rise."""
    before = 0.0
    for week in weeks:
        fast = [session for session in week.sessions if session.workout is not None and session.workout.strides]
        if fast and not request.speed_gate_open:
            yield f"week {week.number}: strides before the speed gate"
        total = week.run_min
        if fast and total > before + 1e-6:
            yield f"week {week.number}: distance and speed rise together"
        before = total


def nothing_before_its_time(request, weeks):
    phases = {phase.id: phase for phase in request.phases}
    onset = request.onset_on or request.starts_on
    for week in weeks:
        given = {item.exercise: item for item in phases[week.phase].prescriptions}
        for session in week.sessions:
            for exercise in session.exercises:
                item = given.get(exercise)
                if item is None:
                    if exercise not in phases[week.phase].cross:
                        yield f"{session.id}: {exercise} is not part of the phase"
                elif (session.on - onset).days < item.start_day:
                    yield f"{session.id}: {exercise} too early"
                elif any(state.truth is not Truth.TRUE for state in item.start_when):
                    yield f"{session.id}: {exercise} before its criteria"
            if not session.provisional and not phases[week.phase].current:
                yield f"{session.id} is sure, its phase is not reached"
            if session.kind is RUN and not session.provisional and not request.running.open:
                yield f"{session.id} runs before the gate is open"


def nothing_around_the_race(request, weeks):
    for race in filter(is_race, sessions(weeks)):
        for session in sessions(weeks):
            if session is not race and session.kind is not LIGHT and -2 <= (session.on - race.on).days <= 1:
                yield f"{session.id} beside the race"


def no_runs_where_none_are_allowed(request, weeks):
    phases = {phase.id: phase for phase in request.phases}
    for week in weeks:
        for session in week.sessions:
            if session.kind is not RUN:
                continue
            if request.running is None or phases[week.phase].run == "none":
                yield f"{session.id}: the phase allows no running"
            elif phases[week.phase].run in ("half", "within_pain") and session.workout.id.split(".")[0] != "keep":
                yield f"{session.id}: only easy running within pain is allowed"
