"""Recordings made by hand, for tests that know the answer."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from soleus.core.activity import Activity, Sport, Stream
from soleus.knowledge.compile import load_knowledge

KNOWLEDGE = load_knowledge().training
START = datetime(2026, 5, 3, 7, 30, tzinfo=UTC)
METRES_PER_DEGREE = 111_195.08


def stream(time_s, **channels):
    time = np.asarray(time_s, dtype=np.float64)
    return Stream(
        time_s=time, channels={n: np.broadcast_to(np.float64(v), time.shape).copy() for n, v in channels.items()}
    )


def activity(
    time_s=None, *, sport=Sport.RUNNING, pauses=(), totals=None, laps=(), surface=None, barometer=True, **channels
):
    given = {k: v for k, v in {"totals": totals, "surface": surface}.items() if v is not None}
    recorded = None if time_s is None else stream(time_s, **channels)
    return Activity(
        start_utc=START, sport=sport, format="fit", stream=recorded, pauses=tuple(pauses), laps=tuple(laps),
        barometer=barometer, **given,
    )  # fmt: skip


def steady(seconds=1800, speed=3.0, **more):
    """1 Hz at one speed from distance 0: `seconds` segments."""
    time = np.arange(seconds + 1.0)
    return activity(time, distance_m=time * speed, speed_mps=np.full(len(time), speed), **more)
