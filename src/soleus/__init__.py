"""Soleus: calf pain when running, assessed safely and explained.

The library in thirteen names: `load_knowledge`, `read_case`, `assess`, `Case`, `Runner`, for watch files
`read_activity`, `import_history`, `analyse_training`, for films `record_clip`, `analyse_gait`, `analyse_heel_raise`,
and for the way back to running `build_plan`, `Goals`. They are loaded on first use, so `import soleus` costs next to
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soleus.clinic import assess
    from soleus.clinic.plan import build_plan
    from soleus.core.case import Case, Runner
    from soleus.core.goals import Goals
    from soleus.gait.engine import analyse_gait
    from soleus.gait.heel_raise import analyse_heel_raise
    from soleus.history import import_history
    from soleus.knowledge import load_knowledge
    from soleus.readers.case_file import read_case
    from soleus.readers.registry import read_activity
    from soleus.training.analysis import analyse_training
    from soleus.vision.pipeline import record_clip

__version__ = "0.1.0"
__all__ = [
    "Case",
    "Goals",
    "Runner",
    "__version__",
    "analyse_gait",
    "analyse_heel_raise",
    "analyse_training",
    "assess",
    "build_plan",
    "import_history",
    "load_knowledge",
    "read_activity",
    "read_case",
    "record_clip",
]

_HOMES = {
    "assess": "soleus.clinic",
    "build_plan": "soleus.clinic.plan",
    "load_knowledge": "soleus.knowledge",
    "read_case": "soleus.readers.case_file",
    "read_activity": "soleus.readers.registry",
    "import_history": "soleus.history",
    "analyse_training": "soleus.training.analysis",
    "record_clip": "soleus.vision.pipeline",
    "analyse_gait": "soleus.gait.engine",
    "analyse_heel_raise": "soleus.gait.heel_raise",
    "Case": "soleus.core.case",
    "Goals": "soleus.core.goals",
    "Runner": "soleus.core.case",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'soleus' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
