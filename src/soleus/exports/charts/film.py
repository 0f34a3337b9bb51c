"""The charts of a film of a run: numbers against other runners; with body points also stick figures and feet."""

from __future__ import annotations

from soleus.core.gait import GaitReport
from soleus.core.recording import Recording
from soleus.exports.charts.chart import Chart
from soleus.exports.charts.film_numbers import numbers_chart
from soleus.knowledge.base import KnowledgeBase


def film_charts(report: GaitReport, kb: KnowledgeBase, recording: Recording | None) -> tuple[Chart, ...]:
    """What can be drawn of this report; the same report and recording give the same bytes."""
    charts = (numbers_chart(report, kb),)
    return tuple(chart for chart in charts if chart.svg)
