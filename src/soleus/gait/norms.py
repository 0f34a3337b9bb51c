"""Where a value lies against what healthy runners did, with its error in mind."""

from __future__ import annotations

from dataclasses import replace

from soleus.core.gait import Band, MetricResult
from soleus.core.ids import TextId
from soleus.core.measurement import Measurement
from soleus.core.message import Message
from soleus.knowledge.gait_base import GaitKnowledge, Norm


def choose_norm(kb: GaitKnowledge, metric: str, *, sex: str | None, speed_mps: float | None) -> Norm | None:
    """The reference band for this runner, or None.

    A band of the runner's own sex before one of both; a band of one sex is not used for the other, nor when the sex is
    not told. A band measured at some speed is used at stated speeds in its range only; among several the one whose
    middle is nearest.
    """
    fitting = [
        norm
        for norm in kb.norms
        if norm.metric == metric and norm.sex in ("", sex) and _distance(norm, speed_mps) is not None
    ]
    return min(fitting, key=lambda n: (n.sex == "", _distance(n, speed_mps) or 0.0, n.order), default=None)


def _distance(norm: Norm, speed_mps: float | None) -> float | None:
    """m/s between the stated speed and the middle of the band's speeds; None when it is not for this speed."""
    if norm.from_mps is None and norm.to_mps is None:
        return 0.0
    if speed_mps is None:
        return None
    low = norm.from_mps if norm.from_mps is not None else speed_mps
    high = norm.to_mps if norm.to_mps is not None else speed_mps
    return abs(speed_mps - (low + high) / 2) if low <= speed_mps <= high else None


def place(measurement: Measurement, low: float, high: float) -> Band:
    """Below, within or above when the whole interval is; else not sure."""
    if measurement.high < low:
        return Band.BELOW
    if measurement.low > high:
        return Band.ABOVE
    return Band.WITHIN if low <= measurement.low and measurement.high <= high else Band.UNSURE


def with_norm(result: MetricResult, kb: GaitKnowledge, *, sex: str | None, speed_mps: float | None) -> MetricResult:
    """The result with its band: mean ± `bands.norm_sds` · sd of the people measured."""
    norm = choose_norm(kb, result.metric, sex=sex, speed_mps=speed_mps)
    if norm is None or not isinstance(result.measured, Measurement):
        return result
    half = kb.value("bands.norm_sds") * norm.sd
    low, high = norm.mean - half, norm.mean + half
    return replace(
        result,
        band=place(result.measured, low, high),
        norm_low=low,
        norm_high=high,
        norm_source=norm.source,
        norm_who=Message(text=TextId(norm.who)) if norm.who else None,
    )
