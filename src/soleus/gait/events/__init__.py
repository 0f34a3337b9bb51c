"""Ground contact: every registered way of finding it. `validation/gait.md` scores them all."""

from __future__ import annotations

from soleus.gait.events import (
    _belt_match,
    _effective_contact_patoz,
    _fellin,
    _handsaker,
    _height_soleus,
    _hreljac,
    _milner_paquette,
    _speed_height_soleus,
    _zeni,
)
from soleus.gait.events.base import Contact, EventMethod

EVENT_METHODS: dict[str, EventMethod] = {
    "speed_height_soleus": _speed_height_soleus.detect,
    "belt_match": _belt_match.detect,
    "fellin": _fellin.detect,
    "handsaker": _handsaker.detect,
    "hreljac": _hreljac.detect,
    "milner_paquette": _milner_paquette.detect,
    "effective_contact_patoz": _effective_contact_patoz.detect,
    "zeni": _zeni.detect,
    "height_soleus": _height_soleus.detect,
}
"""Name → method, the default first."""

DEFAULT_METHOD = "speed_height_soleus"
BACK_METHOD = "height_soleus"

__all__ = ["BACK_METHOD", "DEFAULT_METHOD", "EVENT_METHODS", "Contact", "EventMethod"]
