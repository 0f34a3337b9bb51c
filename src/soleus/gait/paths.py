"""The usual path of every leg point over the stride, learned from the film itself: tells legs apart, never a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from soleus.core.recording import Floats
from soleus.knowledge.gait_base import GaitKnowledge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paths:
    """Median place by phase, relative to the hips, in leg lengths."""

    places: Floats
    """(2, B, 5, 2) at B evenly spaced phases from 0."""
    sd: Floats
    """(2, 5) scatter around the path, one coordinate, no smaller than `identity.path_sd_min`."""

    def at(self, phase: Floats) -> Floats:
        """(T,) radians → (2, T, 5, 2), linearly between the phases."""
        bins = self.places.shape[1]
        place = np.mod(phase / (2 * np.pi), 1.0) * bins
        left = np.floor(place).astype(np.intp) % bins
        part = (place - np.floor(place))[None, :, None, None]
        return np.asarray((1 - part) * self.places[:, left] + part * self.places[:, (left + 1) % bins])

    def miss(self, unit: Floats, phase: Floats) -> Floats:
        """(2, T, 5) squared distance from the path, in squared scatters."""
        away = unit - self.at(phase)
        return np.asarray((away**2).sum(axis=-1) / self.sd[:, None, :] ** 2)


def to_hip(legs: Floats, hip: Floats, forward: int, leg_px: float) -> Floats:
    """(2, T, 5, 2) pixels → leg lengths from the middle of the hips, x forward, y up."""
    away = (legs - hip[None, :, None, :]) / leg_px
    return np.stack([forward * away[..., 0], -away[..., 1]], axis=-1)


def learn_paths(unit: Floats, phase: Floats, kb: GaitKnowledge) -> Paths:
    """Median path of each leg in `identity.path_bins` bins of the phase; empty bins are filled around the circle.

    (2, T, 5, 2) from `to_hip`, (T,) radians. Scatter: 1.4826 · median of the larger deviation of x and y.
    """
    bins = int(kb.value("identity.path_bins"))
    number = np.round(np.mod(phase / (2 * np.pi), 1.0) * bins).astype(np.intp) % bins
    places = np.full((2, bins, *unit.shape[2:]), np.nan)
    for b in range(bins):
        rows = unit[:, number == b]
        if rows.shape[1]:
            places[:, b] = _median(rows)
    places = _filled(places)
    floor = kb.value("identity.path_sd_min")
    rough = Paths(places=places, sd=np.ones((2, unit.shape[2])))
    away = np.abs(unit - rough.at(phase)).max(axis=-1)
    sd = np.nan_to_num(1.4826 * _median(away), nan=floor)
    return Paths(places=places, sd=np.maximum(sd, floor))


def _median(rows: Floats) -> Floats:
    """Median over axis 1 of what is finite; NaN where nothing is, without a warning."""
    ranked = np.sort(rows, axis=1)
    count = np.isfinite(rows).sum(axis=1, keepdims=True)
    low = np.take_along_axis(ranked, np.maximum(count - 1, 0) // 2, axis=1)
    high = np.take_along_axis(ranked, np.minimum(count // 2, rows.shape[1] - 1), axis=1)
    return np.asarray(np.where(count > 0, 0.5 * (low + high), np.nan)[:, 0])


def _filled(places: Floats) -> Floats:
    """Gaps of the path closed from both sides around the circle."""
    out = places.copy()
    bins = places.shape[1]
    turn = np.arange(bins)
    flat = out.reshape(2, bins, -1)
    for leg in range(2):
        for column in range(flat.shape[2]):
            known = np.isfinite(flat[leg, :, column])
            if known.any() and not known.all():
                flat[leg, :, column] = np.interp(turn, turn[known], flat[leg, known, column], period=bins)
    return flat.reshape(places.shape)
