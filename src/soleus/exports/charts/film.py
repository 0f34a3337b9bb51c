"""The charts of a film of a run: numbers against other runners; with body points also stick figures and feet."""

from __future__ import annotations

from soleus.core.gait import GaitReport
from soleus.core.recording import Recording
from soleus.core.view import View
from soleus.exports.charts.chart import Chart
from soleus.exports.charts.film_numbers import numbers_chart
from soleus.knowledge.base import KnowledgeBase


def film_charts(report: GaitReport, kb: KnowledgeBase, recording: Recording | None) -> tuple[Chart, ...]:
    """What can be drawn of this report; the same report and recording give the same bytes."""
    charts = [] if recording is None or report.view is not View.SIDE else _of_points(report, kb, recording)
    return tuple(chart for chart in (*charts, numbers_chart(report, kb)) if chart.svg)


def _of_points(report: GaitReport, kb: KnowledgeBase, recording: Recording) -> list[Chart]:
    """What is drawn from the body points, cleaned as they were for the numbers."""
    from soleus.exports.charts.film_foot import foot_chart
    from soleus.exports.charts.film_moments import moments_chart
    from soleus.gait.engine import analyse

    motion = analyse(recording, kb.gait, view=report.view, speed_mps=report.speed_mps).motion
    if motion is None:
        return []
    return [moments_chart(motion, report.steps, kb), foot_chart(motion, report.steps, kb)]
