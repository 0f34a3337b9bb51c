"""Shoes, stretching and the way of running: advice only where evidence supports it, never in the acute phase.

The items and what forbids them are knowledge (`adjuncts/`): the way of landing is read from film and never from the
runner's own word, a change of gait needs the running gate, landing further forward is for anterior compartment
syndrome alone and is vetoed by any calf, Achilles, bone, artery or posterior compartment trouble, held stretches are
vetoed in a fresh tear.
"""

from __future__ import annotations

from soleus.core.assessment import Withheld
from soleus.core.plan import CareItem
from soleus.planning.care import Course, choose_items
from soleus.planning.situation import Situation


def technique_advice(situation: Situation, course: Course) -> tuple[tuple[CareItem, ...], tuple[Withheld, ...]]:
    """Items of the categories `care.TECHNIQUE` that every veto allows, and those held back with the reasons."""
    return choose_items(situation, course, technique=True)
