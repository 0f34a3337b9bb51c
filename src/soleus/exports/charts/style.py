"""The style sheet of the charts: dark mode, forced colours, narrow screens. It stands alone and loads nothing."""

from __future__ import annotations

from importlib.resources import files

CHART_STYLE = files("soleus.exports.charts").joinpath("charts.css").read_text(encoding="utf-8")
"""Only `.chart` and `.ch-*`, so it can be put into any page."""
