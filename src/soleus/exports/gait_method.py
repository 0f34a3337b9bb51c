"""The film report for a professional: field terms and figures."""

from __future__ import annotations

from soleus.core.gait import GaitReport, MetricResult
from soleus.core.measurement import Side, Unavailable
from soleus.exports.film_parts import Document
from soleus.exports.gait_wording import decimals_of, figure, metric_name, ordered, percent
from soleus.exports.wording import text
from soleus.knowledge.base import KnowledgeBase

METHOD_HEADER = ("metric", "side", "value", "interval", "sd", "count", "band", "source", "grade")


def method_of(kb: KnowledgeBase, report: GaitReport) -> Document:
    """Field terms and figures for a professional."""
    quality = report.quality
    facts: dict[str, str] = {
        "view": report.view.value,
        "facing": "–" if report.facing is None else report.facing.near.value,
        "fps": f"{figure(report.fps)} Hz",
        "duration": f"{figure(report.duration_s)} s",
        "slow_motion": f"{figure(report.slow_motion)} ({report.slow_motion_from})",
        "speed": "–" if report.speed_mps is None else f"{report.speed_mps:.2f} m/s",
    }
    if quality is not None:
        used = [str(quality.steps_used.get(side, 0)) for side in (Side.LEFT, Side.RIGHT)]
        rates = (quality.cadence_events_spm, quality.cadence_spectral_spm, quality.cadence_pixels_spm)
        facts |= {
            "seen": f"{percent(quality.seen_share)} of {quality.frames} frames",
            "leg_length": f"{figure(quality.leg_length_px, 0)} px",
            "alternation": figure(quality.alternation, 2),
            "swaps": percent(quality.swap_share),
            "steps": ", ".join(used),
            "cadence": ", ".join(figure(rate) for rate in rates) + " steps/min",
        }
    if report.refusals:
        facts["refusals"] = ", ".join(refusal.code for refusal in report.refusals)
    if report.cautions:
        facts["cautions"] = ", ".join(message.text.rsplit(".", 1)[-1] for message in report.cautions)
    facts |= {"model": report.model or "–", "knowledge": report.knowledge_version or kb.version}
    return {
        "facts": [[text(kb, f"gait.report.method.{name}", name), value] for name, value in facts.items()],
        "header": [text(kb, f"gait.report.method_header.{name}", name) for name in METHOD_HEADER],
        "figures": [] if report.refusals else [_clinical_row(kb, result) for result in ordered(kb, report)],
        "note": text(kb, "gait.report.method.note"),
    }


def _clinical_row(kb: KnowledgeBase, result: MetricResult) -> list[str]:
    measured = result.measured
    side = "both" if result.side is None else f"{result.side.value}{'' if result.near is not False else ' (far)'}"
    name = metric_name(kb, result.metric, clinical=True)
    if isinstance(measured, Unavailable):
        code = measured.reason.text.rsplit(".", 1)[-1]
        return [name, side, f"withheld: {code.replace('_', ' ')}", "", "", "", "", "", ""]
    places = decimals_of(kb, result.metric) + 1
    unit = measured.unit.replace("pct", "%").replace("spm", "steps/min").replace("deg", "°")
    norm = ""
    if result.norm_low is not None and result.norm_high is not None:
        norm = f"{result.norm_low:.{places}f} to {result.norm_high:.{places}f} ({result.band.value})"
    return [
        name,
        side,
        f"{measured.value:.{places}f} {unit}".rstrip()
        + (f", {result.verdict.replace('_', ' ')}" if result.verdict else ""),
        f"{measured.low:.{places}f} to {measured.high:.{places}f}",
        figure(measured.spread, places),
        str(measured.count) if measured.count else "–",
        norm,
        "" if result.norm_source is None else str(result.norm_source),
        f"{measured.grade.value}{f' ({measured.method})' if measured.method else ''}",
    ]
