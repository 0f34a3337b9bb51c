"""Made-up heel-raise films for the tests: short, 30 pictures a second, little noise, unless asked otherwise."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

from soleus.core.gait import HeelRaiseSet
from soleus.core.measurement import Measurement, Side
from soleus.core.recording import Recording
from soleus.gait.heel_raise import analyse_heel_raise
from soleus.knowledge import load_knowledge
from soleus.knowledge.base import KnowledgeBase
from soleus.validation.synthetic_heel_raise import Script, Truth, film

FOOT_CM = 26.0
MASS_KG = 70.0


@lru_cache(maxsize=1)
def knowledge() -> KnowledgeBase:
    return load_knowledge()


def script(**given: Any) -> Script:
    return Script(**({"fps": 30.0, "noise_mm": 2.0, "reps": 8, "seed": 1} | given))


def analyse(recording: Recording, **said: Any) -> HeelRaiseSet:
    return analyse_heel_raise(recording, knowledge(), **({"foot_length_cm": FOOT_CM, "body_mass_kg": MASS_KG} | said))


def counted(given: Script, **said: Any) -> tuple[HeelRaiseSet, Truth]:
    recording, truth = film(given)
    return analyse(recording, **({"side": given.side} | said)), truth


def with_facts(recording: Recording, **facts: Any) -> Recording:
    return replace(recording, facts=replace(recording.facts, **facts))


def value(measured: object) -> float:
    assert isinstance(measured, Measurement)
    return measured.value


def refusal(one: HeelRaiseSet) -> str:
    return one.refusals[0].code if one.refusals else ""


def caution_names(messages: Any) -> list[str]:
    return [message.text.removeprefix("heel_raise.caution.") for message in messages]


LEFT, RIGHT = Side.LEFT, Side.RIGHT
