"""What clashes in a week, and the least change that makes it fit, as messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from soleus.core.goals import OtherSport
from soleus.core.ids import TextId
from soleus.core.message import Message
from soleus.core.plan import ScheduleConflict
from soleus.planning.solver import Change, WeekAnswer, WeekProblem, Wish, clashing_wishes, least_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A clash in words by id."""

    wishes: tuple[Message, ...]
    least_change: tuple[Message, ...]


def explain(problem: WeekProblem, answer: WeekAnswer, days: Sequence[date], sports: Sequence[OtherSport]) -> Explained:
    """The smallest clashing set of wishes and the least change. `days`: (7,) the dates of the week."""
    wishes = clashing_wishes(problem, frozenset(answer.missing) | {kind for kind, _ in answer.shortened})
    return Explained(
        wishes=_wish_messages(wishes, problem, days, sports),
        least_change=tuple(_change_message(change, problem, days, sports) for change in least_change(problem)),
    )


def merged(found: Sequence[tuple[int, Explained, tuple[str, ...]]]) -> tuple[ScheduleConflict, ...]:
    """One conflict for all weeks in which the same wishes clash and the same change helps, first week first."""
    together: dict[tuple[object, ...], list[tuple[int, Explained, tuple[str, ...]]]] = {}
    for item in found:
        key = tuple(
            (message.text, tuple(message.params.items())) for message in (*item[1].wishes, *item[1].least_change)
        )
        together.setdefault(key, []).append(item)
    return tuple(
        ScheduleConflict(
            weeks=tuple(number for number, _, _ in items),
            wishes=items[0][1].wishes,
            least_change=items[0][1].least_change,
            left_out=tuple(session for _, _, left_out in items for session in left_out),
        )
        for items in together.values()
    )


def _wish_messages(
    wishes: Sequence[Wish], problem: WeekProblem, days: Sequence[date], sports: Sequence[OtherSport]
) -> tuple[Message, ...]:
    """Sessions first, then sports, then days; when every day is in it, one sentence for the whole week."""
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
    if len(closed) > 1 and len(closed) == 7 - len(open_days):
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
