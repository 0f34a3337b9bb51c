"""What the followed person wears, to tell them from somebody who passes in front."""

from __future__ import annotations

import numpy as np

from soleus.core.recording import KEYPOINT_INDEX
from soleus.vision.pose.base import Floats, Image

ALONG, ACROSS = 12, 7
"""Samples along the trunk or thigh and across it."""
TRUNK_WIDTH = 0.25
THIGH_WIDTH = 0.15
"""Sampled width as a share of the length: narrow, so that the background stays out of a side view."""
MEMORY = 0.05
"""Weight of a new picture in what is remembered."""
LEAST_GREY = 24.0
"""Differences of colour below this (of 255) are light and noise."""
SPREADS = 4.0
LEARN_PICTURES = 8


class Appearance:
    """Running mean and scatter of a person's colours."""

    def __init__(self) -> None:
        self._mean: Floats | None = None
        self._spread: Floats = np.zeros(0)
        self._pictures = 0

    def learn(self, colours: Floats | None) -> None:
        """Take in the colours of a picture that shows the person."""
        if colours is None:
            return
        if self._mean is None:
            self._mean, self._spread = colours.copy(), np.zeros_like(colours)
        weight = max(MEMORY, 1 / (self._pictures + 1))
        away = np.abs(colours - self._mean)
        self._mean = self._mean + weight * (colours - self._mean)
        self._spread = self._spread + weight * (away - self._spread)
        self._pictures += 1

    def differs(self, colours: Floats | None) -> bool:
        """Whether these are surely another person's clothes; never before a few pictures were learnt."""
        if colours is None or self._mean is None or self._pictures < LEARN_PICTURES:
            return False
        allowed = np.maximum(LEAST_GREY, SPREADS * self._spread)
        return bool((np.abs(colours - self._mean) > allowed).any(axis=1).any())


def colours_of(image: Image, points: Floats) -> Floats | None:
    """(2, 3) median red, green and blue of trunk and thighs; None where they are not in the picture.

    Medians, because arms swing over the trunk. `points` (K, 3) canonical.
    """

    def at(name: str) -> Floats:
        return np.asarray(points[KEYPOINT_INDEX[name], :2])

    hips = (at("left_hip") + at("right_hip")) / 2
    shoulders = (at("left_shoulder") + at("right_shoulder")) / 2
    trunk = _samples(image, shoulders, hips, TRUNK_WIDTH)
    left = _samples(image, at("left_hip"), at("left_knee"), THIGH_WIDTH)
    right = _samples(image, at("right_hip"), at("right_knee"), THIGH_WIDTH)
    if trunk is None or left is None or right is None:
        return None
    return np.stack((np.median(trunk, axis=0), np.median(np.concatenate((left, right)), axis=0)))


def _samples(image: Image, start: Floats, end: Floats, width: float) -> Floats | None:
    """(S, 3) colours on a grid between two points, without the ends."""
    along = end - start
    if not np.isfinite(along).all():
        return None
    across = width * np.array([-along[1], along[0]])
    u, v = np.meshgrid(np.linspace(0.15, 0.85, ALONG), np.linspace(-0.5, 0.5, ACROSS))
    places = np.rint(start + u[..., None] * along + v[..., None] * across).astype(int).reshape(-1, 2)
    height, wide = image.shape[:2]
    inside = ((places >= 0) & (places < (wide, height))).all(axis=1)
    if inside.mean() < 0.5:
        return None
    x, y = places[inside].T
    return np.asarray(image[y, x], float)
