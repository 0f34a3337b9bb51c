"""What the caller said and what the film showed: the two things that every number of a set is made of."""

from __future__ import annotations

from dataclasses import dataclass

from soleus.core.case import Runner
from soleus.core.measurement import Side
from soleus.core.message import Message
from soleus.gait.heel_raise.count import Rep
from soleus.gait.heel_raise.signal import Curve
from soleus.knowledge.base import KnowledgeBase
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the caller said."""

    kb: KnowledgeBase
    side: Side | None
    foot_cm: float | None
    mass_kg: float | None
    metronome: float
    incline: bool
    runner: Runner
    fps: float

    @property
    def gait(self) -> GaitKnowledge:
        return self.kb.gait

    @property
    def foot_for_limits_cm(self) -> float:
        return self.foot_cm or self.gait.value("heel_raise.test.usual_foot_cm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the numbers are made of."""

    curve: Curve
    reps: tuple[Rep, ...]
    values: tuple[dict[str, float], ...]
    faults: tuple[tuple[str, ...], ...]
    counted: tuple[Rep, ...]
    """Without fault, up to the stop."""
    low: int
    high: int
    """Counts with the limits one error stricter and more lenient; a rough curve adds to both sides."""
    rough: bool
    """Counted, but too noisy for an exact number."""
    stopped_by: str
    until: int
    """Repetitions up to the stop."""
    beat_s: float
    on_metronome: bool
    snr: float
    cautions: tuple[Message, ...]
    hip_share: float
    """How far the hip rises when the ankle rises by 1 over the toe: a second witness of the heights; NaN = not seen."""
    height_error: float
    """Half 95 % interval of one height from the noise, foot lengths."""
