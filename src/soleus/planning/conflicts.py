"""What clashes in a week, and the least change that makes it fit, as messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from soleus.core.goals import OtherSport
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import ScheduleConflict
from soleus.planning.solver import Change, Demand, WeekAnswer, WeekProblem, Wish, clashing_wishes, least_change

MANY_DAYS = 3
"""So many closed days in one clash are told as one wish: to train only on the days chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A week in which not everything fitted."""

    week: int
    phase: str
    problem: WeekProblem
    answer: WeekAnswer
    left_out: tuple[str, ...]


def explain(clashes: Sequence[Clash], starts_on: date, sports: Sequence[OtherSport]) -> tuple[ScheduleConflict, ...]:
    """One conflict for all weeks of a phase that want as many sessions of each kind on the same days.

    It is worked out on their fullest week, so that the change helps in each of them; like conflicts are told once.
    """
    alike: dict[tuple[object, ...], list[Clash]] = {}
    for clash in clashes:
        counts = tuple((item.kind, item.count) for item in clash.problem.demands)
        key = (clash.phase, counts, clash.problem.minutes, clash.problem.sports, clash.problem.closed_to_load)
        alike.setdefault(key, []).append(clash)
    told: dict[tuple[object, ...], ScheduleConflict] = {}
    for group in alike.values():
        found = _conflict(group, starts_on, sports)
        words = tuple((message.text, *message.params.items()) for message in (*found.wishes, *found.least_change))
        if words in told:
            weeks, left_out = (*told[words].weeks, *found.weeks), (*told[words].left_out, *found.left_out)
            found = replace(found, weeks=tuple(sorted(weeks)), left_out=tuple(sorted(left_out)))
        told[words] = found
    return tuple(told.values())


def _conflict(group: Sequence[Clash], starts_on: date, sports: Sequence[OtherSport]) -> ScheduleConflict:
    first = group[0]
    problem = replace(first.problem, demands=_fullest([clash.problem.demands for clash in group]))
    lost = {kind for clash in group for kind in clash.answer.missing}
    lost |= {kind for clash in group for kind, _ in clash.answer.shortened}
    days = [starts_on + timedelta(days=7 * (first.week - 1) + day) for day in range(7)]
    wishes = clashing_wishes(problem, frozenset(lost))
    return ScheduleConflict(
        weeks=tuple(clash.week for clash in group),
        wishes=_wish_messages(wishes, problem, days, sports),
        least_change=tuple(_change_message(change, problem, days, sports) for change in least_change(problem)),
        left_out=tuple(session for clash in group for session in clash.left_out),
    )


def _fullest(weeks: Sequence[tuple[Demand, ...]]) -> tuple[Demand, ...]:
    """The demands with the longest session of each kind."""
    return tuple(
        replace(kinds[0], minutes=max(item.minutes for item in kinds), shortest=max(item.shortest for item in kinds))
        for kinds in zip(*weeks, strict=True)
    )


def _wish_messages(
    wishes: Sequence[Wish], problem: WeekProblem, days: Sequence[date], sports: Sequence[OtherSport]
) -> tuple[Message, ...]:
    """Sessions first, then sports, then days; when every open day is in it, one sentence for the whole week."""
    told = [_session_message(wish, problem) for wish in wishes if wish.what == "sessions"]
    told += [_sport_message("plan.conflict.wish.sport", wish.sport, sports) for wish in wishes if wish.what == "sport"]
    by_day = [wish.day for wish in wishes if wish.day is not None]
    open_days = [day for day, minutes in enumerate(problem.minutes) if minutes]
    closed = [day for day in by_day if day not in open_days]
    short = [day for day in by_day if day in open_days]
    if short and short == open_days:
        total = sum(problem.minutes)
        params = {"days": len(open_days), "minutes": total}
        told.append(Message(text=TextId("plan.conflict.wish.week"), params=params))
    else:
        told += [_day_message("plan.conflict.wish.minutes", days[day], problem.minutes[day]) for day in short]
    if len(closed) >= MANY_DAYS:
        told.append(Message(text=TextId("plan.conflict.wish.days"), params={"days": len(open_days)}))
    else:
        told += [_day_message("plan.conflict.wish.closed", days[day], 0) for day in closed]
    return tuple(told)


def _session_message(wish: Wish, problem: WeekProblem) -> Message:
    demand = next(item for item in problem.demands if item.kind is wish.kind)
    params = {"count": demand.count, "minutes": demand.minutes}
    return Message(text=TextId(f"plan.conflict.wish.{demand.kind.value}"), params=params)


def _day_message(text: str, day: date, minutes: int) -> Message:
    return Message(text=TextId(f"{text}.{day.weekday()}"), params={"minutes": minutes} if minutes else {})


def _sport_message(text: str, index: int | None, sports: Sequence[OtherSport]) -> Message:
    sport = sports[index or 0]
    return Message(text=TextId(f"{text}.{sport.weekday}"), params={"sport": sport.sport})


def _change_message(
    change: Change, problem: WeekProblem, days: Sequence[date], sports: Sequence[OtherSport]
) -> Message:
    if change.kind is not None:
        return Message(text=TextId(f"plan.conflict.change.{change.kind.value}"), params={"count": change.amount})
    if change.day is None:
        return _sport_message("plan.conflict.change.sport", change.sport, sports)
    return Message(
        text=TextId(f"plan.conflict.change.{change.what}.{days[change.day].weekday()}"),
        params={"minutes": change.amount, "total": problem.minutes[change.day] + change.amount},
    )
