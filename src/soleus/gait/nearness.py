"""Is the leg that the network names as the near one really the nearer? Three witnesses that know no names."""

from __future__ import annotations

import numpy as np

from soleus.gait.identity import SortedLegs
from soleus.gait.scale import leg_length_px
from soleus.gait.skeleton import HEEL, KNEE, nan_percentile
from soleus.knowledge.gait_base import GaitKnowledge


def nearness(legs: SortedLegs, leg_px: float, kb: GaitKnowledge) -> float:
    """How plainly the near leg looks the nearer one; about +1 to +3 when it is, the same below zero when it is not.

    Sum of three differences near − far, each over its usual size: the lowest place of the foot (the nearer foot stands
    lower in the picture), the mean confidence of knee to toe (the far leg is hidden at times), the length of the leg
    (the nearer one looks longer). A difference that cannot be told counts nothing.
    """
    # The lower of heel and toe (pixels go down), and of its places the lowest tenth.
    foot = np.fmax(legs.legs[:, :, HEEL, 1], legs.legs[:, :, HEEL + 1, 1])
    low = [nan_percentile(foot[i], 90) for i in range(2)]
    sure = [float(np.mean(legs.confidence[i, :, KNEE:])) for i in range(2)]
    length = [leg_length_px(legs.legs[i]) for i in range(2)]
    witnesses = np.array(
        [
            (low[0] - low[1]) / leg_px / kb.value("quality.near_ground_leg"),
            (sure[0] - sure[1]) / kb.value("quality.near_confidence"),
            (length[0] / length[1] - 1) / kb.value("quality.near_size"),
        ]
    )
    return float(np.nan_to_num(np.clip(witnesses, -2, 2)).sum())
