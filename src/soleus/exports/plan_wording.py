"""Sentences of a plan: doses, criteria, spans of time, reasons for a veto; all wording is in the knowledge base."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from soleus.core.expression import Truth
from soleus.core.ids import ExerciseId, MeasureId
from soleus.core.message import Message
from soleus.core.plan import CriterionState, Prescription, RunBlock, RunWorkout, Span, StopRule
from soleus.exports.wording import condition_name, long_date, text
from soleus.knowledge.base import KnowledgeBase

SAME = re.compile(r"\b([0-9]+(?:\.[0-9]+)?) to \1\b")
"""3 to 3."""
LEAST_PERCENT, MOST_PERCENT = 1, 95
REST_STEP_S = 15
"""Rests are told in steps of so many seconds, rounded up."""
DAYS_UP_TO, WEEKS_UP_TO = 14, 84
"""Spans up to so many days are told in days, then in weeks, beyond in months."""
DAYS_PER_WEEK, DAYS_PER_MONTH = 7, 30.44
REASON_ORDER = (
    "rule",
    "suspect",
    "condition",
    "finding",
    "fact",
    "medicine_rule",
    "contraindication",
    "one_nsaid",
    "age",
    "disposition",
    "phase",
    "tried",
    "later",
)
"""Which of several reasons is told: the gravest; "we need to ask" only when nothing else is left."""
STILL_OPEN = ("unanswered", "unknown_fact", "unknown_contraindication", "later")
"""Reasons that an answer, a test or time will settle."""


def number(value: float) -> str:
    """12, 2.5: no needless decimals."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def span(values: Span) -> str:
    """8 to 12; 10 when there is no choice."""
    low, high = values
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def runs_of(numbers: Sequence[int]) -> str:
    """2 to 5, 8: numbers with the neighbours drawn together."""
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(span((run[0], run[-1])) for run in runs)


def sentence(words: str) -> str:
    """With a capital letter and a full stop."""
    words = words.strip()
    return words if not words else words[:1].upper() + words[1:] + ("" if words[-1] in ".!?" else ".")


def lower(words: str) -> str:
    """Without the capital letter, unless the word is all capitals."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def say(message: Message, kb: KnowledgeBase) -> str:
    """A message in words: text ids among its parameters are looked up, numbers and ISO dates written out."""
    params = {name: _param(name, value, kb) for name, value in message.params.items()}
    return SAME.sub(r"\1", text(kb, message.text, "", **params))


def _param(name: str, value: str | float, kb: KnowledgeBase) -> str:
    if isinstance(value, int | float):
        if name == "percent" and not LEAST_PERCENT <= value <= MOST_PERCENT:  # never a false none or all
            return text(kb, "plan.few" if value < LEAST_PERCENT else "plan.most")
        return number(value)
    if value in kb.text:
        return lower(text(kb, value))
    try:
        return long_date(date.fromisoformat(value))
    except ValueError:
        return value


def exercise_name(kb: KnowledgeBase, exercise: str) -> str:
    return text(kb, f"exercise.{exercise}.name", exercise.replace("_", " ").capitalize())


def family_name(kb: KnowledgeBase, family: str) -> str:
    return text(kb, f"family.{family}.name", family.replace("_", " "))


def item_name(kb: KnowledgeBase, item: str) -> str:
    """A short name for an exercise or a piece of care: "massage"."""
    title = text(kb, f"advice.{item}.title", item.replace("_", " "))
    return text(kb, f"exercise.{item}.name", text(kb, f"plan.item.{item}", title))


# --- spans of time -----------------------------------------------------------------------------------------------
def seconds(kb: KnowledgeBase, values: Span) -> str:
    """30 seconds; 1 minute; 2 minutes; 30 to 45 seconds."""
    low, high = values
    if low >= 60 and low % 60 == 0 and high % 60 == 0:
        return minutes(kb, (low / 60, high / 60))
    if low == high and low > 60:
        whole, rest = divmod(int(low), 60)
        return f"{minutes(kb, (whole, whole))} {seconds(kb, (rest, rest))}"
    return text(kb, "plan.dose.second") if low == high == 1 else text(kb, "plan.dose.seconds", n=span(values))


def minutes(kb: KnowledgeBase, values: Span) -> str:
    one = values[0] == values[1] == 1
    return text(kb, "plan.dose.minute") if one else text(kb, "plan.dose.minutes_n", n=span(values))


def days_in_words(kb: KnowledgeBase, days: float) -> str:
    """9 days; 5 weeks; 4 months: as fine as such a forecast can be."""
    if days < DAYS_UP_TO:
        count, unit = max(1, round(days)), "day"
    elif days < WEEKS_UP_TO:
        count, unit = round(days / DAYS_PER_WEEK), "week"
    else:
        count, unit = round(days / DAYS_PER_MONTH), "month"
    return text(kb, f"plan.forecast.{unit}" if count == 1 else f"plan.forecast.{unit}s", n=str(count))


# --- doses -------------------------------------------------------------------------------------------------------
def dose(kb: KnowledgeBase, item: Prescription) -> str:
    """How much: "3 sets of 12 on each leg"."""
    words = text(kb, f"plan.dose.{_dose_shape(item)}", **_dose_params(kb, item))
    known = kb.plans.exercises.get(item.exercise)
    if known is None or not known.unilateral or not (item.reps or item.hold_s or item.contacts):
        return words
    halves = "sides" if "trunk" in known.targets else "legs"
    return f"{words} {text(kb, f'plan.dose.{halves}')}"


def _dose_shape(item: Prescription) -> str:
    if item.reps and item.hold_s:
        return "sets_reps_hold" if (item.sets or 1) > 1 else "reps_hold"
    if item.reps:
        return "reps" if item.sets is None else "set_reps" if item.sets == 1 else "sets_reps"
    for name, value in (("hold", item.hold_s), ("work", item.work_s), ("distance", item.distance_m)):
        if value:
            return f"sets_{name}" if (item.sets or 1) > 1 else name
    if item.duration_min:
        return "minutes"
    if item.contacts:
        return "contacts"
    return "follow" if item.sets is None else "sets_only"


def _dose_params(kb: KnowledgeBase, item: Prescription) -> dict[str, str]:
    params = {"sets": str(item.sets or 1)}
    if item.reps:
        params["reps"] = span(item.reps)
    if item.hold_s:
        params["hold"] = seconds(kb, item.hold_s)
    if item.work_s:
        params["work"] = seconds(kb, item.work_s)
    if item.distance_m:
        params["distance"] = text(kb, "plan.dose.metres", n=span(item.distance_m))
    if item.contacts:
        params["contacts"] = span(item.contacts)
    if item.duration_min:
        params["minutes"] = minutes(kb, item.duration_min)
    return params


def tempo(kb: KnowledgeBase, item: Prescription) -> str:
    """3 seconds up, hold 1, 3 seconds down."""
    if item.tempo_s is None:
        return ""
    up, hold, down = item.tempo_s
    if up + hold + down < 1.5:
        return text(kb, "plan.dose.tempo_fast")
    name = "tempo" if hold else "tempo_no_hold"
    return text(kb, f"plan.dose.{name}", up=number(up), hold=number(hold), down=number(down))


def how_often(kb: KnowledgeBase, item: Prescription) -> str:
    """3 days a week; every day, 3 times a day."""
    if item.per_week >= DAYS_PER_WEEK:
        words = text(kb, "plan.dose.daily")
    elif item.per_week == 1:
        words = text(kb, "plan.dose.week_one")
    else:
        words = text(kb, "plan.dose.week", days=str(item.per_week))
    bouts = item.bouts_per_day
    return f"{words}, {text(kb, 'plan.dose.bouts', bouts=str(bouts))}" if bouts > 1 else words


def load_words(kb: KnowledgeBase, item: Prescription) -> str:
    """How heavy; empty when there is nothing to lift ("added weight of 0 percent")."""
    if item.load is None or item.load.params.get("high") == 0:
        return ""
    whole = math.ceil if item.load.text.endswith(".rm") else math.floor  # more repetitions are the lighter weight
    params = {name: whole(value) if isinstance(value, float) else value for name, value in item.load.params.items()}
    return say(replace(item.load, params=params), kb)


def dose_of_day(kb: KnowledgeBase, item: Prescription) -> str:
    """How much on one day: "2 sets of 20, 4 times a day"."""
    bouts = item.bouts_per_day
    return f"{dose(kb, item)}, {text(kb, 'plan.dose.bouts', bouts=str(bouts))}" if bouts > 1 else dose(kb, item)


def dose_sentence(kb: KnowledgeBase, item: Prescription) -> str:
    """The whole dose in one or two sentences."""
    parts = [f"{dose(kb, item)}, {how_often(kb, item)}", tempo(kb, item)]
    if item.rest_s and (item.sets or 1) > 1:
        rest_s = REST_STEP_S * math.ceil(item.rest_s / REST_STEP_S)
        parts.append(text(kb, "plan.dose.rest", rest=seconds(kb, (rest_s, rest_s))))
    parts.append(load_words(kb, item))
    return " ".join(sentence(part) for part in parts if part)


def pain_words(kb: KnowledgeBase, limit: float, start: str = "plan.dose") -> str:
    """Pain up to 2 out of 10 is fine."""
    return text(kb, f"{start}.pain", pain=number(limit)) if limit > 0 else text(kb, f"{start}.pain_zero")


# --- criteria ----------------------------------------------------------------------------------------------------
UNIT_WORDS = {"%": " %", "min": " minutes", "d": " days", "wk": " weeks"}
STATE = {Truth.TRUE: "met", Truth.FALSE: "not_met", Truth.UNKNOWN: "unknown"}


def criterion_words(kb: KnowledgeBase, state: CriterionState) -> str:
    """A goal of a stage as the runner would say it."""
    criterion, target = state.criterion, state.target
    shape = {">=": "at_least", "<=": "at_most"}.get(criterion.op, "is_true" if target is True else "is_false")
    value = _amount(kb, criterion.measure, target)
    none = text(kb, f"plan.criterion.{criterion.measure}.zero") if shape == "at_most" and target == 0 else ""
    own = none or text(kb, f"plan.criterion.{criterion.measure}.{shape}", value=value)
    words = own or text(kb, f"plan.criterion.{shape}", name=measure_name(kb, criterion.measure), value=value)
    if criterion.pain_max is None:
        return words
    limit = "pain_zero" if criterion.pain_max == 0 else "pain"
    return f"{words}, {text(kb, f'plan.criterion.{limit}', pain=number(criterion.pain_max))}"


def known_words(kb: KnowledgeBase, state: CriterionState) -> str:
    """What is known of it: "now: 12"; empty when nothing is."""
    if state.known is None or isinstance(state.known, bool):
        return ""
    return text(kb, "plan.criterion.now", value=_amount(kb, state.criterion.measure, state.known))


def measure_name(kb: KnowledgeBase, measure: MeasureId) -> str:
    return text(kb, f"measure.{measure}.name", measure.replace("_", " ").capitalize())


def _amount(kb: KnowledgeBase, measure: MeasureId, value: float | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    definition = kb.plans.measures.get(measure)
    unit = definition.unit if definition else ""
    if unit in ("0-10", "nrs") or measure.endswith("_nrs"):
        return text(kb, "plan.criterion.of_ten", value=number(value))
    words = UNIT_WORDS.get(unit, "")
    return number(value) + (words[:-1] if value == 1 and words.endswith("s") else words)


def stop_line(kb: KnowledgeBase, rule: StopRule) -> dict[str, str]:
    """A stop sign, what to do, and how urgent that is."""
    urgency = "" if rule.disposition is None else text(kb, f"plan.net.disposition.{rule.disposition.slug}")
    return {
        "id": rule.id,
        "sign": text(kb, f"stop.{rule.id}.sign", rule.id.replace("_", " ").capitalize()),
        "do": text(kb, f"stop.{rule.id}.do"),
        "urgency": urgency,
        "level": "" if rule.disposition is None else rule.disposition.slug,
    }


# --- running -----------------------------------------------------------------------------------------------------
def block_words(kb: KnowledgeBase, block: RunBlock) -> str:
    """8 times: run 1 minute, walk 2 minutes."""
    once, walks = block.repeats == 1, block.walk_s > 0
    name = ("block_one" if once else "block") if walks else ("block_run" if once else "block_runs")
    return text(
        kb,
        f"plan.running.{name}",
        repeats=str(block.repeats),
        run=seconds(kb, (block.run_s, block.run_s)),
        walk=seconds(kb, (block.walk_s, block.walk_s)),
    )


def workout_words(kb: KnowledgeBase, workout: RunWorkout) -> str:
    """The blocks of a run in one line."""
    parts = [block_words(kb, block) for block in workout.blocks]
    if workout.strides:
        parts.append(text(kb, "plan.running.strides", n=str(workout.strides)))
    return "; ".join([parts[0], *(lower(part) for part in parts[1:])]) if parts else ""


def around_words(kb: KnowledgeBase, workout: RunWorkout) -> str:
    """Walk 5 minutes before, walk 5 minutes after."""
    parts = [
        text(kb, f"plan.running.{name}", time=seconds(kb, (length, length)))
        for name, length in (("warm", workout.warm_up_s), ("cool", workout.cool_down_s))
        if length
    ]
    return sentence(", ".join(parts))


def whole_minutes(seconds_: float) -> int:
    """Minutes rounded up: nobody should be late for the cool-down."""
    return math.ceil(seconds_ / 60)


# --- reasons -----------------------------------------------------------------------------------------------------
def withheld_reason(kb: KnowledgeBase, because: tuple[str, ...]) -> tuple[str, bool]:
    """The gravest of "<kind>:<id>" reasons in words, and whether only an answer is missing."""

    def rank(reason: str) -> int:
        kind = reason.partition(":")[0]
        return REASON_ORDER.index(kind) if kind in REASON_ORDER else len(REASON_ORDER)

    kind, _, name = min(because, key=rank, default="").partition(":")
    open_ = kind in STILL_OPEN
    own = {
        "medicine_rule": f"medicine_rule.{name}",
        "contraindication": f"contraindication.{name}",
        "unknown_contraindication": f"contraindication.{name}.unknown",
    }.get(kind)
    if own is not None and (told := text(kb, own)):
        return told, open_
    params = {"cause": lower(condition_name(kb, name)), "finding": text(kb, f"finding.{name}.short", name)}
    if kind == "suspect":
        params["dangers"] = ", ".join(_dangers(kb, because))
    return text(kb, f"plan.withheld.{kind}", text(kb, "plan.withheld.other"), **params), open_


def _dangers(kb: KnowledgeBase, because: tuple[str, ...]) -> list[str]:
    """What the unsettled warning signs stand for, each once."""
    rules = {str(rule.id): rule for rule in kb.rules}
    suspects = [name for kind, _, name in (reason.partition(":") for reason in because) if kind == "suspect"]
    tags = [tag for name in suspects if name in rules for tag in sorted(rules[name].tags)]
    words = dict.fromkeys(told for tag in tags if (told := text(kb, f"plan.danger.{tag}")))
    return list(words) or [text(kb, "plan.danger.other")]


def veto_reason(kb: KnowledgeBase, codes: tuple[str, ...], *, unknown: bool) -> str:
    """Why an exercise was taken out, from its first contraindication with wording."""
    for code in codes:
        told = text(kb, f"contraindication.{code}.unknown") if unknown else ""
        if told := told or text(kb, f"contraindication.{code}"):
            return told
    return text(kb, "plan.withheld.other")


def picture_words(kb: KnowledgeBase, exercise: ExerciseId) -> str:
    """Start and end position in words: the text alternative of the picture pair."""
    start, end = (text(kb, f"exercise.{exercise}.{part}") for part in ("start", "end"))
    return " ".join(
        sentence(f"{text(kb, f'plan.card.{name}')}: {lower(part)}")
        for name, part in (("start", start), ("end", end))
        if part
    )
