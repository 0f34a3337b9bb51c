"""The single-leg heel-raise test from a film or a count: repetitions, heights, faults, both legs side by side."""

from soleus.gait.heel_raise.engine import analyse_heel_raise, manual_set
from soleus.gait.heel_raise.report import heel_raise_report

__all__ = ["analyse_heel_raise", "heel_raise_report", "manual_set"]
