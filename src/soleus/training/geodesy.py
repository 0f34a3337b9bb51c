"""Distances between neighbouring positions."""

from __future__ import annotations

import numpy as np

from soleus.core.activity import Array

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS 84 ellipsoid, (2a + b) / 3."""


def hops_m(latitude_deg: Array, longitude_deg: Array) -> Array:
    """(T-1,) distance in m between successive positions (T,), by the haversine on a sphere.

    On the sphere a hop differs from the ellipsoid's by at most 0.6 %, far below the noise of GPS.
    """
    lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
    cosine = np.cos(lat)
    a = np.sin(np.diff(lat) / 2) ** 2 + cosine[1:] * cosine[:-1] * np.sin(np.diff(lon) / 2) ** 2
    hops: Array = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(a, 1.0)))
    return hops


def longest_hops_m(latitude_deg: Array, longitude_deg: Array) -> Array:
    """(T-1,) upper bounds of `hops_m` at a tenth of the cost: degrees of longitude as long as at the place nearest
    to the equator. The straight line on that cylinder is never shorter than the way on the sphere."""
    metres_per_deg = EARTH_RADIUS_M * np.pi / 180.0
    north, east = np.diff(latitude_deg), np.diff(longitude_deg)
    if len(latitude_deg) and not (latitude_deg.min() < 0.0 < latitude_deg.max()):
        east = east * np.cos(np.radians(np.min(np.abs(latitude_deg))))
    bound: Array = metres_per_deg * np.sqrt(north * north + east * east)
    return bound
