"""The charts of the training report as SVG, each with its sentence and its table.

>>> from soleus.exports.charts import training_charts
"""

from __future__ import annotations

from soleus.core.training import TrainingReport
from soleus.exports.charts.calf import calf_chart
from soleus.exports.charts.chart import Cell, Chart, Table
from soleus.exports.charts.frame import window_of
from soleus.exports.charts.intensity import intensity_chart
from soleus.exports.charts.shoes import shoes_chart
from soleus.exports.charts.spikes import spikes_chart
from soleus.exports.charts.style import CHART_STYLE
from soleus.exports.charts.weekly import weekly_chart
from soleus.knowledge.base import KnowledgeBase

__all__ = ["CHART_STYLE", "Cell", "Chart", "Table", "training_charts"]


def training_charts(report: TrainingReport, kb: KnowledgeBase) -> tuple[Chart, ...]:
    """Five charts over the same weeks: distance, longest run, calf load, pace, shoes.

    From a hand-filled table only those it can fill.

    The same report gives the same bytes. A page that shows them needs `CHART_STYLE` only for dark mode, forced
    colours and narrow screens: without it they are drawn in their light colours.
    """
    window = window_of(report)
    charts = (
        weekly_chart(window),
        spikes_chart(report, window, kb),
        calf_chart(window),
        intensity_chart(window),
        shoes_chart(report, window),
    )
    return tuple(chart for chart in charts if chart.svg) if report.coverage.from_table else charts
