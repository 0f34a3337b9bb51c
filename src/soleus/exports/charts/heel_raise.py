"""The charts of a heel-raise test: the heel's height over time, and the height of each raise."""

from __future__ import annotations

from soleus.core.gait import HeelRaiseReport
from soleus.exports.charts.chart import Chart
from soleus.knowledge.base import KnowledgeBase


def heel_raise_charts(report: HeelRaiseReport, kb: KnowledgeBase) -> tuple[Chart, ...]:
    """What can be drawn of this report."""
    return ()
