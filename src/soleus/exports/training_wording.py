"""Sentences about the training analysis: what changed before the pain, how strong it is, and what it moved.

Wording comes from the knowledge base (`training.*`); numbers are put into words here: kilometres with one decimal,
"71 % longer", "1.5 times". It says "changed before", never "caused".
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from soleus.clinic.training_evidence import Moved, TrainingEffect
from soleus.core.finding import FindingConflict
from soleus.core.training import Change, ChangeState, Estimate, SessionSpike, TrainingReport
from soleus.exports.wording import (
    clinical_name,
    condition_name,
    in_hundred,
    long_date,
    statement,
    text,
    watch_statement,
)
from soleus.knowledge.base import KnowledgeBase

UNIT_WORDS: Mapping[str, tuple[str, int]] = {
    "km": ("km", 1),
    "m": ("m", 0),
    "min": ("min", 0),
    "s": ("s", 0),
    "h": ("h", 1),
    "days": ("days", 0),
    "runs": ("runs", 1),
    "spm": ("steps/min", 0),
    "ms": ("ms", 0),
    "m/s": ("m/s", 2),
    "pct": ("%", 1),
    "steps": ("steps", 0),
    "ratio": ("", 2),
    "class": ("", 1),
}
"""Unit of a change → how it is written, with how many decimals."""

LONGER, HIGHER, FASTER, MORE = ("longer", "shorter"), ("higher", "lower"), ("faster", "slower"), ("more", "less")
COMPARED: Mapping[str, tuple[str, str]] = {
    "session_spike": LONGER,
    "longest_run": LONGER,
    "contact_time_rise": LONGER,
    "cadence_drop": HIGHER,
    "calf_load_damage": HIGHER,
    "calf_load_impulse": HIGHER,
    "acwr": HIGHER,
    "monotony": HIGHER,
}
"""How a difference is called; "more" and "less" unless said otherwise."""


def km(distance_m: float) -> str:
    """12.3 km."""
    return f"{distance_m / 1000:.1f} km"


def amount(value: float | None, unit: str) -> str:
    """A number with its unit, "not known" when there is none."""
    if value is None or not math.isfinite(value):
        return "not known"
    word, decimals = UNIT_WORDS.get(unit, (unit, 1))
    return f"{value:,.{decimals}f} {word}".rstrip()


def compared(ratio: float, words: tuple[str, str] = MORE) -> str:
    """A ratio in words: 1.71 → "71 % longer", 0.8 → "20 % shorter", 2.6 → "2.6 times as long as"."""
    more, less = words
    if not math.isfinite(ratio) or ratio >= 10:
        return f"more than 10 times {'as much' if words is MORE else 'usual'}"
    percent = round(100 * (ratio - 1))
    if percent == 0:
        return "about the same"
    return f"{percent} % {more}" if percent > 0 else f"{-percent} % {less}"


def change_params(change: Change) -> dict[str, str]:
    """Everything a sentence about a change may name, already in words."""
    words = COMPARED.get(change.id, MORE)
    effect = change.effect
    params = {
        "recent": amount(change.recent, change.unit),
        "baseline": amount(change.baseline, change.unit),
        "usual": amount(change.baseline, change.unit),
        "window": days_word(change.window_days),
        "window_days": "" if change.window_days is None else str(change.window_days),
        "date": "" if change.on is None else long_date(change.on),
        "more": "" if effect is None else compared(effect.value, words),
        "percent": "" if effect is None else f"{abs(round(100 * (effect.value - 1)))} %",
        "ratio": "" if effect is None else f"{effect.value:.1f}",
        "low": "" if effect is None else compared(effect.low, words),
        "high": "" if effect is None else compared(effect.high, words),
        "k": "" if change.larger_than is None else str(change.larger_than[0]),
        "n": "" if change.larger_than is None else str(change.larger_than[1]),
    }
    return params | {name: plain_number(value) for name, value in change.params.items()}


def plain_number(value: str | float) -> str:
    """A parameter of the analysis as a reader would write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def days_word(days: int | None) -> str:
    """ "14 days"; "weeks" when no window stands out."""
    return "weeks" if days is None else "1 day" if days == 1 else f"{days} days"


def change_name(kb: KnowledgeBase, change: Change) -> str:
    """The short name of what was looked for."""
    return text(kb, f"training.change.{change.id}.name", change.id.replace("_", " ").capitalize())


def change_sentence(kb: KnowledgeBase, change: Change, *, clinical: bool = False) -> str:
    """What was seen of one change, in one sentence of the knowledge base with its numbers filled in."""
    state = change.state.value
    params = change_params(change)
    start = f"training.change.{change.id}"
    for text_id in (f"{start}.{state}_clinical", f"{start}.clinical") if clinical else ():
        if text_id in kb.text and (change.state is ChangeState.CHANGED or text_id.endswith("_clinical")):
            return text(kb, text_id, **params)
    fallback = f"{change_name(kb, change)}: {params['recent']}, usually {params['usual']}."
    if change.state is ChangeState.TOO_LITTLE:
        return f"{change_name(kb, change)}: {reason_words(kb, change)}."
    return text(kb, f"{start}.{state}", fallback, **params)


def reason_words(kb: KnowledgeBase, change: Change) -> str:
    """Why nothing can be said."""
    return text(kb, f"training.report.reason.{change.reason}", text(kb, "training.report.reason.other"))


def support_sentences(kb: KnowledgeBase, change: Change, report: TrainingReport) -> list[str]:
    """How large, how sure, how unusual and how well supported a change is."""
    lines = []
    effect = change.effect
    if effect is not None and effect.low < effect.high:
        params = change_params(change)
        lines.append(text(kb, "training.report.interval", low=params["low"], high=params["high"]))
    if change.larger_than is not None and change.larger_than[1] > 0:
        k, n = change.larger_than
        lines.append(text(kb, "training.report.ordinary", k=str(k), n=str(n)))
    lines.append(text(kb, f"training.report.strength.{change.strength}"))
    return [line for line in (*lines, hazard_sentence(kb, spike_of(change, report))) if line]


def spike_of(change: Change, report: TrainingReport) -> SessionSpike | None:
    """The run behind a single-session spike."""
    if change.id != "session_spike" or change.state is not ChangeState.CHANGED:
        return None
    return next((spike for spike in report.spikes if spike.run_key == change.run_key), None)


def hazard_sentence(kb: KnowledgeBase, spike: SessionSpike | None, *, clinical: bool = False) -> str:
    """The rate found in the cohort for runs like this one, with its limits; "" when there is none."""
    if spike is None or spike.hazard_ratio is None or spike.hazard_ratio.value <= 1:
        return ""
    rate: Estimate = spike.hazard_ratio
    decimals = 2 if clinical else 1
    return text(
        kb,
        "training.report.hazard_clinical" if clinical else "training.report.hazard",
        ratio=f"{rate.value:.{decimals}f}",
        low=f"{rate.low:.{decimals}f}",
        high=f"{rate.high:.{decimals}f}",
    )


def headline(kb: KnowledgeBase, report: TrainingReport) -> str:
    """The first sentence: how many things changed, in which window, before which day."""
    start, day = "training.report.headline", long_date(report.onset_on)
    if not report.coverage.enough:
        return text(kb, f"{start}.too_little", date=day)
    found = [change for change in report.changed if change.strength != "descriptive"]
    if found:
        windows = [change.window_days for change in found if change.window_days is not None]
        word = "one" if len(found) == 1 else "many"
        window = days_word(max(windows) if len(windows) == len(found) else None)
        return text(kb, f"{start}.{word}", count=str(len(found)), window=window, date=day)
    if report.too_little:
        return text(kb, f"{start}.none_some", untold=str(len(report.too_little)), date=day)
    return text(kb, f"{start}.none", count=str(len(report.unchanged)), date=day)


def moved_sentence(kb: KnowledgeBase, moved: Moved, *, clinical: bool = False) -> str:
    """This raised X from 31 to 44 in 100 runners with these answers."""
    word = "raised" if moved.after > moved.before else "lowered"
    name = clinical_name(kb, moved.condition) if clinical else condition_name(kb, moved.condition)
    cause = name if clinical else f"“{name}”"
    counts = in_hundred(moved.before), in_hundred(moved.after)
    return text(kb, f"training.evidence.{word}", cause=cause, before=counts[0], after=counts[1])


def conflict_sentence(kb: KnowledgeBase, conflict: FindingConflict) -> str:
    """You said …; your watch files show something else."""
    said = statement(kb, conflict.kept.id, conflict.kept.value)
    return text(kb, "training.evidence.conflict", said=said, seen=watch_statement(kb, conflict.overruled))


def effect_sentences(kb: KnowledgeBase, effect: TrainingEffect, *, most: int = 5, clinical: bool = False) -> list[str]:
    """What the files moved, most first, where they disagree with an answer, and that they never lower the urgency."""
    if not effect.added:
        return [text(kb, "training.evidence.too_little")]
    lines = [moved_sentence(kb, moved, clinical=clinical) for moved in effect.moved[:most]]
    lines = lines or [text(kb, "training.evidence.unmoved")]
    lines += [conflict_sentence(kb, conflict) for conflict in effect.conflicts]
    return [*lines, text(kb, "training.evidence.urgency")]
