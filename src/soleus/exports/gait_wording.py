"""Numbers of a film in words: a value with its unit, the range it may lie in, and where other runners lie.

Wording comes from the knowledge base (`gait.*`). A number is rounded as its metric says; its range is never printed
finer than the number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from soleus.core.gait import Band, GaitReport, MetricResult
from soleus.core.measurement import Grade, Measurement, Side
from soleus.core.message import Message
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import MetricDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """How a unit is written behind a number."""

    short: str
    scale: float = 1.0
    joined: bool = False
    """Without a space (12°)."""
    more_decimals: int = 0


UNITS: Mapping[str, Unit] = {
    "spm": Unit(short="steps a minute"),
    "steps/min": Unit(short="steps a minute"),
    "ms": Unit(short="ms"),
    "s": Unit(short="seconds"),
    "deg": Unit(short="degrees"),
    "m": Unit(short="m"),
    "cm": Unit(short="cm"),
    "mm": Unit(short="mm"),
    "mps": Unit(short="metres a second"),
    "m/s": Unit(short="metres a second"),
    "pct": Unit(short="%", joined=True),
    "%": Unit(short="%", joined=True),
    "ratio": Unit(short="%", scale=100, joined=True, more_decimals=-2),
    "leg_lengths": Unit(short="% of your leg length", scale=100, joined=True, more_decimals=-2),
    "leg_length": Unit(short="% of your leg length", scale=100, joined=True, more_decimals=-2),
    "kn_m": Unit(short="kN/m"),
    "1": Unit(short="", more_decimals=0),
    "": Unit(short=""),
}
ONE = {"degrees": "degree", "seconds": "second", "steps a minute": "step a minute"}
ABOUT = frozenset({Grade.BANDED, Grade.EXPERIMENTAL})


def definition_of(kb: KnowledgeBase, metric: str) -> MetricDefinition | None:
    """What the knowledge base says of a metric; None for one it does not know."""
    return kb.gait.metrics.get(metric)


def ordered(kb: KnowledgeBase, report: GaitReport) -> list[MetricResult]:
    """The metrics as the knowledge base orders them, the leg next to the camera first."""

    def place(result: MetricResult) -> tuple[int, bool, str]:
        definition = definition_of(kb, result.metric)
        return (999 if definition is None else definition.order, result.near is False, result.metric)

    return sorted(report.metrics, key=place)


def decimals_of(kb: KnowledgeBase, metric: str) -> int:
    """Decimals in the metric's own unit."""
    known = definition_of(kb, metric)
    return 0 if known is None else known.decimals


def unit_of(unit: str) -> Unit:
    return UNITS.get(unit, Unit(short=unit))


def bare(value: float, unit: str, decimals: int) -> str:
    """The number as shown, without its unit: never "-0"."""
    shape = unit_of(unit)
    places = max(0, decimals + shape.more_decimals)
    shown = f"{value * shape.scale:.{places}f}"
    shown = shown.removeprefix("-") if float(shown) == 0 else shown
    return shown.replace("-", "−")


def amount(value: float, unit: str, decimals: int) -> str:
    """245 ms, 12 degrees, 38%."""
    shape = unit_of(unit)
    shown = bare(value, unit, decimals)
    if not shape.short:
        return shown
    return f"{shown}{shape.short}" if shape.joined else f"{shown} {_counted(shown, shape.short)}"


def _counted(shown: str, word: str) -> str:
    """1 degree, 2 degrees."""
    return ONE.get(word, word) if shown in ("1", "−1") else word


def value_text(kb: KnowledgeBase, measured: Measurement, decimals: int) -> str:
    """169 steps a minute; about 245 ms."""
    shown = amount(measured.value, measured.unit, decimals)
    return text(kb, f"gait.report.value.{'about' if measured.grade in ABOUT else 'plain'}", shown, value=shown)


def range_text(kb: KnowledgeBase, measured: Measurement, decimals: int) -> str:
    """Between 215 and 275 ms; empty where both ends read the same."""
    low, high = (bare(end, measured.unit, decimals) for end in (measured.low, measured.high))
    if low == high:
        return ""
    shown = f"{high}%" if unit_of(measured.unit).joined else amount(measured.high, measured.unit, decimals)
    return text(kb, "gait.report.value.range", f"{low}–{shown}", low=low, high=shown)


def metric_name(kb: KnowledgeBase, metric: str, *, clinical: bool = False) -> str:
    """The name of a number, in the runner's or in field words."""
    lay = text(kb, f"gait.metric.{metric}", metric.replace("_", " ").capitalize())
    return text(kb, f"gait.metric_clinical.{metric}", lay) if clinical else lay


def side_name(kb: KnowledgeBase, side: Side) -> str:
    return text(kb, f"gait.report.side.{side.value}", side.value)


def leg_text(kb: KnowledgeBase, side: Side | None, near: bool | None) -> str:
    """Left leg, on the camera's side."""
    if side is None:
        return text(kb, "gait.report.side.both", "Both legs")
    if near is None:
        return text(kb, f"gait.report.side.{side.value}_leg", f"{side.value.capitalize()} leg")
    said = side_name(kb, side).capitalize()
    return text(kb, f"gait.report.side.{'near' if near else 'far'}", f"{said} leg", side=said)


def say(kb: KnowledgeBase, message: Message) -> str:
    """A message in words; its id in words where the knowledge base has no text for it."""
    params = {name: param_text(value) for name, value in message.params.items()}
    return text(kb, message.text, message.text.rsplit(".", 1)[-1].replace("_", " ").capitalize() + ".", **params)


def param_text(value: str | float) -> str:
    """A parameter as a runner reads it: whole numbers whole, others with one decimal, from 10 on without."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return "not known"
    places = 0 if value == round(value) or abs(value) >= 10 else 1
    return bare(float(value), "", places)


def strike_text(kb: KnowledgeBase, verdict: str) -> str:
    """heel first; "" without a verdict."""
    return text(kb, f"gait.report.strike.{verdict}", verdict.replace("_", " ")) if verdict else ""


def band_word(kb: KnowledgeBase, band: Band) -> str:
    return text(kb, f"gait.report.band.{band.value}", band.value.replace("_", " "))


def band_text(kb: KnowledgeBase, result: MetricResult, measured: Measurement, decimals: int) -> str:
    """Where others lie, who they were, and where this runner lies; never a judgement."""
    if result.band is Band.NO_NORM or result.norm_low is None or result.norm_high is None:
        return text(kb, "gait.report.band.no_norm_text")
    who = text(kb, "gait.report.band.someone") if result.norm_who is None else say(kb, result.norm_who)
    return text(
        kb,
        f"gait.report.band.{result.band.value}_text",
        who=who.rstrip("."),
        low=bare(result.norm_low, measured.unit, decimals),
        high=amount(result.norm_high, measured.unit, decimals),
    )


def grade_word(kb: KnowledgeBase, grade: Grade) -> str:
    return text(kb, f"gait.report.grade.{grade.value}", grade.value)


def known(value: float | None) -> float | None:
    """The value, or None when it is absent, NaN or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def percent(share: float | None) -> str:
    """0.42 → "42 %"; never a false 100."""
    value = known(share)
    if value is None:
        return "not known"
    return ">99 %" if 0.995 <= value < 1 else f"{100 * value:.0f} %"


def figure(value: float | None, decimals: int = 1) -> str:
    """A number for the physio; "–" when it could not be worked out."""
    shown = known(value)
    return "–" if shown is None else f"{shown:.{decimals}f}"
