"""Exact Bayesian differential: which cause, how sure, why, and what would change it."""

from soleus.differential.engine import Engine, engine_for
from soleus.differential.evidence import implied_absent
from soleus.differential.information import Gain

__all__ = ["Engine", "Gain", "engine_for", "implied_absent"]
