"""How the foot lands, said only as far as the interval of its angle allows."""

from __future__ import annotations

from soleus.core.measurement import Measurement
from soleus.gait.uncertainty import share_above, share_below
from soleus.knowledge.gait_base import GaitKnowledge

REARFOOT, MIDFOOT, FOREFOOT = "rearfoot", "midfoot", "forefoot"
REAR_OR_MID, MID_OR_FORE = "rearfoot_or_midfoot", "midfoot_or_forefoot"


def verdict(angle: Measurement, kb: GaitKnowledge) -> str:
    """The class whose range holds the whole interval of the foot-strike angle, else the two neighbours, else "".

    Cut-offs: rearfoot above 8.0°, forefoot below −1.6° (altman2012, doi 10.1016/j.gaitpost.2011.09.104); 7.4° and −0.8°
    (mo2023). A class needs the stricter of the two, ruling one out the other.
    """
    if angle.low > kb.value("foot_strike.rear_above_deg"):
        return REARFOOT
    if angle.high < kb.value("foot_strike.fore_below_deg"):
        return FOREFOOT
    not_fore = angle.low > kb.value("foot_strike.not_fore_above_deg")
    not_rear = angle.high < kb.value("foot_strike.not_rear_below_deg")
    if not_fore and not_rear:
        return MIDFOOT
    if not_fore:
        return REAR_OR_MID
    return MID_OR_FORE if not_rear else ""


def probability(angle: Measurement, which: str, kb: GaitKnowledge) -> float:
    """P(the foot lands so), from the normal error of the angle and the stricter cut-offs; the rest is midfoot."""
    rear = share_above(angle, kb.value("foot_strike.rear_above_deg"))
    fore = share_below(angle, kb.value("foot_strike.fore_below_deg"))
    return {REARFOOT: rear, FOREFOOT: fore, MIDFOOT: 1 - rear - fore}[which]
