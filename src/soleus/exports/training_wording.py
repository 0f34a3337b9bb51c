"""Sentences about the training analysis: what changed before the pain, how strong it is, and what it moved.

Wording comes from the knowledge base (`training.*`); numbers are put into words here: kilometres with one decimal,
"71 % longer", "1.5 times". It says "changed before", never "caused".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date

from soleus.clinic.training_evidence import NO_LEAN, Moved, TrainingEffect
from soleus.core.finding import FindingConflict
from soleus.core.training import Change, ChangeState, Estimate, SessionSpike, TrainingReport
from soleus.exports.wording import (
    clinical_name,
    condition_name,
    in_hundred,
    long_date,
    measured_statement,
    statement,
    text,
)
from soleus.knowledge.base import KnowledgeBase

OPEN_SLOT = re.compile(r"\{[a-z_]+\}")
"""A number that this change does not have: the sentence cannot be used."""

UNIT_WORDS: Mapping[str, tuple[str, int]] = {
    "km": ("km", 1),
    "m": ("m", 0),
    "min": ("min", 0),
    "s": ("s", 0),
    "h": ("h", 1),
    "days": ("days", 1),
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

NAMED = 3
"""Changes named in the first sentence."""

COUNTED = frozenset({"days", "runs"})
Comparison = tuple[str, str, str]
LONGER: Comparison = ("longer", "shorter", "times as long")
HIGHER: Comparison = ("higher", "lower", "")
MORE: Comparison = ("more", "less", "times as much")
COMPARED: Mapping[str, Comparison] = {
    "session_spike": LONGER,
    "longest_run": LONGER,
    "contact_time_rise": LONGER,
    "consecutive_days": LONGER,
    "cadence_drop": HIGHER,
    "calf_load_damage": HIGHER,
    "calf_load_impulse": HIGHER,
    "acwr": HIGHER,
    "monotony": HIGHER,
}
"""How a ratio is called; "more" and "less" unless said otherwise."""

NO_RATIO = frozenset({"return_after_break", "balance_shift"})
"""Changes whose effect is days or points, not a ratio (shares are told by their unit)."""


def km(distance_m: float) -> str:
    """12.3 km."""
    return f"{distance_m / 1000:.1f} km"


def amount(value: float | None, unit: str) -> str:
    """A number with its unit, "not known" when there is none."""
    if value is None or not math.isfinite(value):
        return "not known"
    if unit == "share":
        return f"{100 * value:.0f} %"
    word, decimals = UNIT_WORDS.get(unit, (unit, 1))
    if unit in COUNTED and value == round(value):
        return f"{value:.0f} {word[:-1] if value == 1 else word}"
    return f"{value:,.{decimals}f} {word}".rstrip()


def compared(ratio: float, words: Comparison = MORE) -> str:
    """A ratio in words: 1.71 → "71 % longer", 0.8 → "20 % shorter", 2.6 → "2.6 times as long"."""
    more, less, times = words
    if not math.isfinite(ratio) or ratio >= 10:
        return f"more than 10 {times}" if times else f"more than 900 % {more}"
    if ratio >= 2 and times:
        return f"{ratio:.1f} {times}"
    percent = round(100 * (ratio - 1))
    if percent == 0:
        return "about the same"
    return f"{percent} % {more}" if percent > 0 else f"{-percent} % {less}"


def is_ratio(change: Change) -> bool:
    """Whether the effect of a change compares with the runner's usual as a ratio."""
    return change.effect is not None and change.unit != "share" and change.id not in NO_RATIO


def is_unclear(change: Change) -> bool:
    """Not rare enough to be told as a change, yet more likely than not beyond its threshold: not "as usual" either."""
    likely = change.probability is not None and change.probability > NO_LEAN
    return change.state is ChangeState.UNCHANGED and likely and change.recent is not None


def change_params(change: Change) -> dict[str, str]:
    """Everything a sentence about a change may name, already in words.

    The analysis' own parameters by their names (numbers rounded, `percent` without its sign, days written out);
    recent, usual (with unit), more, low_more, high_more ("71 % longer"), window ("14 days"), date.
    """
    params = {name: _parameter(name, value) for name, value in change.params.items()}
    params |= {
        "recent": amount(change.recent, change.unit),
        "usual": amount(change.baseline, change.unit),
        "window": days_word(change.window_days),
        "date": "" if change.on is None else long_date(change.on),
    }
    if change.effect is not None and is_ratio(change):
        words = COMPARED.get(change.id, MORE)
        for name, value in (("more", change.effect.value), ("low_more", change.effect.low)):
            params[name] = compared(value, words)
        params["high_more"] = compared(change.effect.high, words)
    return params


def _parameter(name: str, value: str | float) -> str:
    if isinstance(value, str):
        try:
            return long_date(date.fromisoformat(value))
        except ValueError:
            return value.replace("_", " ")
    if not math.isfinite(value):
        return "not known"
    if name == "percent":
        return f"{abs(value):,.0f}"
    if name.endswith("_km"):
        return f"{value:,.1f}"
    if name in ("ratio", "low", "high"):
        return f"{value:.2f}"
    if float(value).is_integer() or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2g}"


def days_word(days: int | None) -> str:
    """ "14 days"; "weeks" when no window stands out."""
    return "weeks" if days is None else "1 day" if days == 1 else f"{days} days"


def change_name(kb: KnowledgeBase, change: Change) -> str:
    """The short name of what was looked for."""
    return text(kb, f"training.change.{change.id}.name", change.id.replace("_", " ").capitalize())


def change_sentence(kb: KnowledgeBase, change: Change, *, clinical: bool = False) -> str:
    """What was seen of one change, in one sentence of the knowledge base with its numbers filled in."""
    params = {"name": change_name(kb, change), "reason": reason_words(kb, change), **change_params(change)}
    if is_unclear(change):
        # The size of a modelled load means nothing; only its ratio does.
        word = "unclear_load" if change.id.startswith("calf_load") and is_ratio(change) else "unclear"
        word = "unclear_row" if change.id == "consecutive_days" else word
        return text(kb, f"training.report.generic.{word}", **params)
    start, state = f"training.change.{change.id}", change.state.value
    ids = [f"{start}.{state}_clinical"]
    if change.state is ChangeState.CHANGED:
        ids += [f"{start}.clinical", f"{start}.clinical_weeks"]
    lay = [f"{start}.{state}", f"{start}.{state}_weeks"]
    for text_id in (*(ids if clinical else ()), *lay):
        said = text(kb, text_id, **params)
        if said and not OPEN_SLOT.search(said):
            return said
    word = f"{state}_ratio" if state == "changed" and is_ratio(change) else state
    return text(kb, f"training.report.generic.{word}", **params)


def reason_words(kb: KnowledgeBase, change: Change) -> str:
    """Why nothing can be said."""
    return text(kb, f"training.report.reason.{change.reason}", text(kb, "training.report.reason.other"))


def support_sentences(
    kb: KnowledgeBase, change: Change, report: TrainingReport, *, clinical: bool = False
) -> list[str]:
    """How sure and how unusual a change is, what is known of it, and what kind of study stands behind that."""
    lines = []
    params = change_params(change)
    if not clinical and change.effect is not None and is_ratio(change) and params["low_more"] != params["high_more"]:
        lines.append(text(kb, "training.report.interval", low=params["low_more"], high=params["high_more"]))
    if "per_km_ratio" in change.params:
        more = compared(float(change.params["per_km_ratio"]))
        lines.append(text(kb, "training.report.per_km", more=more))
    if change.larger_than is not None and change.larger_than[1] > 0:
        k, n = change.larger_than
        lines.append(text(kb, f"training.report.ordinary{'_clinical' if clinical else ''}", k=str(k), n=str(n)))
    lines.append(text(kb, f"training.change.{change.id}.mechanism"))
    rate = hazard_sentence(kb, spike_of(change, report), clinical=clinical)
    lines += [rate] if rate else [text(kb, f"training.report.strength.{change.strength}")]
    return [line for line in lines if line]


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


def told(report: TrainingReport) -> list[Change]:
    """The changes that stand on their own: no mere description, and one long run is not told twice."""
    spiked = any(c.id == "session_spike" and c.state is ChangeState.CHANGED for c in report.changes)
    return [c for c in report.changed if c.strength != "descriptive" and not (spiked and c.id == "longest_run")]


def headline(kb: KnowledgeBase, report: TrainingReport) -> str:
    """The first sentence: how many things changed, in which window, before which day."""
    start, day = "training.report.headline", long_date(report.onset_on)
    if not report.coverage.enough:
        late = report.coverage.reason == "files_end"
        return text(kb, f"{start}.{'files_end' if late else 'too_little'}", date=day)
    if found := told(report):
        windows = [change.window_days for change in found if change.window_days is not None]
        word = "one" if len(found) == 1 else "many"
        window = days_word(max(windows) if len(windows) == len(found) else None)
        names = [change_name(kb, change) for change in found[:NAMED]]
        listed = "; ".join(name[:1].lower() + name[1:] for name in names)
        said = text(kb, f"{start}.{word}", count=str(len(found)), window=window, date=day, list=listed)
        more = len(found) - NAMED
        return said if more <= 0 else f"{said} {text(kb, f'{start}.more', count=str(more))}"
    if untold := len(report.too_little):
        return text(kb, f"{start}.none_{'one' if untold == 1 else 'some'}", untold=str(untold), date=day)
    return text(kb, f"{start}.none", count=str(len(report.unchanged)), date=day)


def warnings(kb: KnowledgeBase, report: TrainingReport) -> list[str]:
    """What makes the whole report doubtful: the files end long before the pain."""
    last = report.coverage.last_day
    if last is None or report.coverage.from_table:
        return []
    days = (report.onset_on - last).days
    if days <= kb.training.value("changes.gap_days") or report.onset_run is not None:
        return []
    return [text(kb, "training.report.files_end", date=long_date(last), days=str(days))]


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
    return text(kb, "training.evidence.conflict", said=said, seen=measured_statement(kb, conflict.overruled))


def effect_sentences(kb: KnowledgeBase, effect: TrainingEffect, *, most: int = 5, clinical: bool = False) -> list[str]:
    """What the files moved, most first, where they disagree with an answer, and that they never lower the urgency."""
    if not effect.added:
        return [text(kb, "training.evidence.too_little")]
    told = [moved for moved in effect.moved if in_hundred(moved.before) != in_hundred(moved.after)]
    lines = [moved_sentence(kb, moved, clinical=clinical) for moved in told[:most]]
    lines = lines or [text(kb, "training.evidence.unmoved")]
    lines += [conflict_sentence(kb, conflict) for conflict in effect.conflicts]
    return [*lines, text(kb, "training.evidence.urgency")]


def effect_rows(
    kb: KnowledgeBase, effect: TrainingEffect, *, most: int = 6, clinical: bool = False
) -> list[tuple[str, str, str]]:
    """Cause or contributing factor, count in 100 without the files, count with them; likeliest first, factors last."""
    before, after = effect.before.differential, effect.after.differential
    if before is None or after is None or not effect.added:
        return []
    name = clinical_name if clinical else condition_name
    causes = [
        cause
        for cause in (*after.causes[:most], *after.contributors)
        if max(cause.probability, before.probability(cause.condition)) >= 0.01
    ]
    return [
        (name(kb, cause.condition), in_hundred(before.probability(cause.condition)), in_hundred(cause.probability))
        for cause in causes
    ]
