"""One week solved: which session on which day, what clashes, and the least change that makes everything fit.

Answer set programming with clingo (docs/adr/008-schedule-solver.md): hard rules are constraints, wishes are minimised
in three levels: lost sessions first, then a comfortable week, then the same days as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from soleus.core.errors import BackendError
from soleus.core.plan import SessionKind

if TYPE_CHECKING:
    import clingo

DAYS = range(7)
HEAVY = frozenset({SessionKind.STRENGTH, SessionKind.PLYOMETRIC, SessionKind.TEST})
"""Kinds after which the sore leg rests: their spacing is a hard rule."""
LOADING = HEAVY | {SessionKind.RUN, SessionKind.WHOLE_BODY, SessionKind.CROSS}
"""Kinds that a rest day is free of. Daily and cross-training sessions fill what room is left and are not solved for."""

Placement = frozenset[tuple[SessionKind, int]]
"""(kind, day of the plan week from 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Sessions of one kind wanted in a week."""

    kind: SessionKind
    count: int
    minutes: int
    shortest: int
    """Least minutes that still make a session; equal to `minutes` when it cannot be shortened."""
    importance: int
    """Cost of losing one session; what matters most is lost last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedSport:
    """Another sport of the runner that stays on its day unless nothing else helps."""

    index: int
    """Position in `Goals.other_sports`."""
    day: int
    high: bool
    """Running, jumping or cutting: counts as a run and as a heavy session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a change costs; from the knowledge base."""

    five_minutes: int
    day: int
    sport: int
    comfortable_per_day: int
    """Loading sessions on one day beyond which the day is a burden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekProblem:
    """One week: demands, the runner's days, and the hard rules. Days are counted from the first of the plan week."""

    minutes: tuple[int, ...]
    """(7,) most minutes on each day; 0 = not available."""
    demands: tuple[Demand, ...]
    costs: Costs
    sports: tuple[FixedSport, ...] = ()
    run_gap_days: int = 2
    """Least difference in days between two runs; 2 = never on consecutive days."""
    heavy_gap_days: int = 2
    rest_days: int = 1
    outside_runs: frozenset[int] = frozenset()
    """Days before (negative) and after (7 or more) the week that already hold a run or a sport like one."""
    outside_heavy: frozenset[int] = frozenset()
    closed_to_load: frozenset[int] = frozenset()
    """Days that must stay free of loading sessions (the eve of a race, days before an exercise may begin)."""
    prefer: Placement = frozenset()
    """Placement of the week before, or of the plan that this one replaces."""

    def demand(self, kind: SessionKind) -> Demand:
        return next(item for item in self.demands if item.kind is kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAnswer:
    """Days of the sessions, and what had to give."""

    placed: Placement
    shortened: Placement = frozenset()
    missing: Mapping[SessionKind, int] = field(default_factory=dict)
    """Sessions left out, by kind; kinds that lost none are absent."""
    sports_off: frozenset[int] = frozenset()
    """Indices of other sports that break a rule by themselves and must rest this week."""

    @property
    def complete(self) -> bool:
        return not (self.sports_off or self.shortened or self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A wish that may clash: sessions of a kind, the minutes of a day (0 = keep it free), or another sport."""

    what: str
    """sessions | minutes | sport."""
    kind: SessionKind | None = None
    day: int | None = None
    sport: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: `amount` minutes more on a day, fewer sessions of a kind, or a sport left out."""

    what: str
    """minutes | day | fewer | sport."""
    amount: int
    kind: SessionKind | None = None
    day: int | None = None
    sport: int | None = None


_RULES = """
day(0..6).
n(K,C) :- dem(K,_,_,_,_), C = #count{ D : x(K,D) }.
time(K,D,F) :- x(K,D), dem(K,_,F,_,_), not short(K,D).
time(K,D,S) :- short(K,D), dem(K,_,_,S,_).
r(D) :- x(run,D).
r(D) :- sport(I,D,high), not off(I).
h(D) :- x(K,D), heavy(K).
h(D) :- sport(I,D,high), not off(I).
loaded(D) :- x(K,D), loading(K).
loaded(D) :- sport(I,D,_), not off(I).
:- r(A), r(B), A < B, B - A < G, rgap(G).
:- h(A), h(B), A < B, B - A < G, hgap(G).
:- r(A), outside_run(B), |B - A| < G, rgap(G).
:- h(A), outside_heavy(B), |B - A| < G, hgap(G).
:- x(run,D), sport(I,D,high), not off(I).
:- rest(R), #count{ D : loaded(D) } > 7 - R.
:- x(K,D), loading(K), closed(D).
"""

_CHOOSE = """
{ x(K,D) : day(D) } N :- dem(K,N,_,_,_).
{ off(I) } :- sport(I,_,_).
"""

_PLACE = """
{ short(K,D) } :- x(K,D), dem(K,_,F,S,_), S < F.
:- base(D,M), #sum{ T,K : time(K,D,T) } > M.
lost(K,J) :- dem(K,N,_,_,_), n(K,C), J = 1..N-C.
:~ lost(K,J), dem(K,_,_,_,I). [2*I*J@3,lost,K,J]
:~ short(K,D), dem(K,_,_,_,I). [I@3,short,K,D]
:~ off(I). [1@4,off,I]
:~ day(D), C = #count{ K : x(K,D), loading(K) }, comfortable(M), C > M. [8*(C-M)@2,many,D]
:~ h(D), x(run,D+1). [4@2,tired_run,D]
:~ h(D), x(test,D+1). [4@2,tired_test,D]
:~ x(run,D), x(test,D). [4@2,test_after_run,D]
:~ h(D). [1@2,heavy_day,D]
:~ x(K,D), x(K,D+1), loading(K). [2@2,close,K,D]
:~ x(run,A), x(run,B), B - A > 7 - G, rgap(G). [6@2,runs_meet]
:~ h(A), h(B), B - A > 7 - G, hgap(G). [6@2,heavy_meet]
:~ x(K,D), not prefer(K,D). [8@1,moved,K,D]
:~ x(K,D). [D@1,late,K,D]
#show x/2. #show short/2. #show off/1.
"""

_CHANGE = """
step(0;5;10;15;20;30;45;60).
1 { plus(D,P) : step(P) } 1 :- base(D,M), M > 0.
1 { plus(D,P) : P = (0;30;45;60) } 1 :- base(D,0).
:- base(D,M), plus(D,P), #sum{ T,K : time(K,D,T) } > M + P.
:~ plus(D,P), P > 0, base(D,M), M > 0, five(F). [F*P/5@3,plus,D]
:~ plus(D,P), P > 0, base(D,0), day_cost(C), five(F). [C+F*P/15@3,open,D]
:~ dem(K,N,_,_,I), n(K,C), C < N. [2*I*(N-C)@3,lost,K]
:~ off(I), sport_cost(S). [S@3,off,I]
:~ plus(D,P), P > 0. [D@1,which,D]
#show plus/2. #show n/2. #show off/1.
"""

_CLASH = """
{ keep(sessions(K)) } :- dem(K,_,_,_,_).
{ keep(minutes(D)) } :- base(D,_).
{ keep(sport(I)) } :- sport(I,_,_).
:- keep(sessions(K)), dem(K,N,_,_,_), n(K,C), C < N.
:- keep(minutes(D)), base(D,M), #sum{ T,K : time(K,D,T) } > M.
:- keep(sport(I)), off(I).
#show.
"""


def fits(problem: WeekProblem, answer: WeekAnswer) -> bool:
    """Whether the answer of another week keeps every hard rule here and loses no more here: no solver needed."""
    counts = {item.kind: 0 for item in problem.demands}
    for kind, _ in answer.placed:
        if kind not in counts:
            return False
        counts[kind] += 1
    if any(counts[item.kind] + answer.missing.get(item.kind, 0) != item.count for item in problem.demands):
        return False
    kept = [sport for sport in problem.sports if sport.index not in answer.sports_off]
    high = {sport.day for sport in kept if sport.high}
    runs = {day for kind, day in answer.placed if kind is SessionKind.RUN}
    heavy = {day for kind, day in answer.placed if kind in HEAVY}
    loaded = {day for kind, day in answer.placed if kind in LOADING}
    return (
        all(load <= most for load, most in zip(_loads(problem, answer), problem.minutes, strict=True))
        and not runs & high
        and _spaced(runs | high, problem.outside_runs, problem.run_gap_days)
        and _spaced(heavy | high, problem.outside_heavy, problem.heavy_gap_days)
        and not loaded & problem.closed_to_load
        and len(loaded | {sport.day for sport in kept}) <= 7 - problem.rest_days
    )


def _loads(problem: WeekProblem, answer: WeekAnswer) -> list[int]:
    """(7,) minutes on each day."""
    loads = [0] * 7
    for kind, day in answer.placed:
        demand = problem.demand(kind)
        loads[day] += demand.shortest if (kind, day) in answer.shortened else demand.minutes
    return loads


def _spaced(inside: Iterable[int], outside: Iterable[int], gap: int) -> bool:
    days = sorted(inside)
    within = all(later - earlier >= gap for earlier, later in pairwise(days))
    return within and all(abs(day - other) >= gap for day in days for other in outside)


def solve_week(problem: WeekProblem) -> WeekAnswer:
    """The best week: hard rules always hold; what cannot fit is left out or shortened, least important first."""
    shown = _optimum(problem, _CHOOSE + _PLACE)
    placed = _pairs(shown, "x")
    counts = {item.kind: sum(kind is item.kind for kind, _ in placed) for item in problem.demands}
    return WeekAnswer(
        placed=placed,
        shortened=_pairs(shown, "short"),
        missing={
            item.kind: item.count - counts[item.kind] for item in problem.demands if counts[item.kind] < item.count
        },
        sports_off=frozenset(symbol.arguments[0].number for symbol in shown if symbol.name == "off"),
    )


def least_change(problem: WeekProblem) -> tuple[Change, ...]:
    """The cheapest set of changes after which everything wanted fits, in the order of the days."""
    shown = _optimum(problem, _CHOOSE + _CHANGE)
    changes = []
    counts = {}
    for symbol in shown:
        match symbol.name:
            case "plus" if symbol.arguments[1].number:
                day, minutes = symbol.arguments[0].number, symbol.arguments[1].number
                changes.append(Change(what="minutes" if problem.minutes[day] else "day", amount=minutes, day=day))
            case "off":
                changes.append(Change(what="sport", amount=1, sport=symbol.arguments[0].number))
            case "n":
                counts[SessionKind(symbol.arguments[0].name)] = symbol.arguments[1].number
    for item in problem.demands:
        if counts[item.kind] < item.count:
            changes.append(Change(what="fewer", amount=item.count - counts[item.kind], kind=item.kind))
    return tuple(sorted(changes, key=lambda change: (change.what, change.day or 0, change.sport or 0)))


def clashing_wishes(problem: WeekProblem, lost: frozenset[SessionKind]) -> tuple[Wish, ...]:
    """A smallest set of wishes that cannot all be met beside the hard rules: without any one of them the rest can.

    Deletion filter: beginning with a core that the solver names, each wish in turn is let go; when the others still
    clash it is left out for good. What was `lost` is tried last, so that it is likely to be named.
    """
    control = _control(problem, _CHOOSE + _CLASH, optimise=False)
    wishes = _wishes(problem, lost)
    core = _core(control, [symbol for symbol, _ in wishes])
    if core is None:
        return ()
    kept = [pair for pair in wishes if pair[0] in core]
    for pair in list(kept):
        smaller = [other for other in kept if other is not pair]
        if _core(control, [symbol for symbol, _ in smaller]) is not None:
            kept = smaller
    return tuple(wish for _, wish in kept)


def _wishes(problem: WeekProblem, lost: frozenset[SessionKind]) -> list[tuple[str, Wish]]:
    """Every wish with its atom, in the order in which they are let go."""
    wanted = sorted((item.kind for item in problem.demands), key=lambda kind: kind in lost)
    return [
        *((f"keep(minutes({day}))", Wish(what="minutes", day=day)) for day in DAYS),
        *((f"keep(sport({sport.index}))", Wish(what="sport", sport=sport.index)) for sport in problem.sports),
        *((f"keep(sessions({kind.value}))", Wish(what="sessions", kind=kind)) for kind in wanted),
    ]


def _core(control: clingo.Control, kept: list[str]) -> frozenset[str] | None:
    """The wishes among `kept` that the solver needs to show that they clash; None = they do not."""
    import clingo

    atoms = {atom: control.symbolic_atoms[clingo.parse_term(atom)] for atom in kept}
    literals = {found.literal: atom for atom, found in atoms.items() if found is not None}
    core: list[int] = []
    result = control.solve(assumptions=list(literals), on_core=core.extend)
    return None if result.satisfiable else frozenset(literals[literal] for literal in core)


def _optimum(problem: WeekProblem, program: str) -> list[clingo.Symbol]:
    """The atoms shown of the best answer; dropping everything is always an answer."""
    control = _control(problem, program, optimise=True)
    best: list[clingo.Symbol] = []
    with control.solve(yield_=True) as handle:
        for model in handle:
            best = sorted(model.symbols(shown=True))
    return best


def _control(problem: WeekProblem, program: str, *, optimise: bool) -> clingo.Control:
    try:
        import clingo
    except ImportError as error:  # pragma: no cover - the extra is part of every test environment
        raise BackendError("weeks need clingo", hint="Install it with: pip install clingo") from error

    options = ["--warn=none", "--opt-strategy=bb,lin"] if optimise else ["--warn=none"]
    control = clingo.Control(options)
    control.add("base", [], _RULES + program + _facts(problem))
    control.ground([("base", [])])
    return control


def _facts(problem: WeekProblem) -> str:
    costs = problem.costs
    facts = [
        f"rgap({problem.run_gap_days}). hgap({problem.heavy_gap_days}). rest({problem.rest_days}).",
        f"five({costs.five_minutes}). day_cost({costs.day}). sport_cost({costs.sport}).",
        f"comfortable({costs.comfortable_per_day}).",
        *(f"heavy({kind.value})." for kind in sorted(HEAVY, key=lambda kind: kind.value)),
        *(f"loading({kind.value})." for kind in sorted(LOADING, key=lambda kind: kind.value)),
        *(f"base({day},{minutes})." for day, minutes in enumerate(problem.minutes)),
        *(f"sport({item.index},{item.day},{'high' if item.high else 'low'})." for item in problem.sports),
        *(f"outside_run({day})." for day in sorted(problem.outside_runs)),
        *(f"outside_heavy({day})." for day in sorted(problem.outside_heavy)),
        *(f"closed({day})." for day in sorted(problem.closed_to_load)),
        *(f"prefer({kind.value},{day})." for kind, day in sorted(problem.prefer, key=lambda p: (p[0].value, p[1]))),
    ]
    for item in problem.demands:
        facts.append(f"dem({item.kind.value},{item.count},{item.minutes},{item.shortest},{item.importance}).")
    return "\n".join(facts)


def _pairs(symbols: Iterable[clingo.Symbol], name: str) -> Placement:
    return frozenset(
        (SessionKind(symbol.arguments[0].name), symbol.arguments[1].number) for symbol in symbols if symbol.name == name
    )
