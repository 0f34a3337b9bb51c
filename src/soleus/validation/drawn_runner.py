"""Draw body points as a person whom pose networks recognise: films with a known truth, of nobody real.

Limbs are tapered, clothes and skin differ, the far side is darker; BlazePose's detector gives such a figure a score
of about 0.95. Used for tests of the whole chain from pictures to metrics. The figure has no muscles, folds, light or
motion blur: errors found on it are a floor, not what a film of a person has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soleus.core.measurement import Side
from soleus.core.recording import KEYPOINT_INDEX, Facing

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

_SUBPIXEL_BITS = 4
_FAR_SHADE = 0.82


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colours (red, green, blue) of a drawn person."""

    skin: Colour = (215, 170, 150)
    hair: Colour = (70, 50, 40)
    shirt: Colour = (200, 80, 80)
    shorts: Colour = (55, 55, 60)
    shoes: Colour = (240, 140, 40)


def empty_room(width_px: int, height_px: int) -> Image:
    """(H, W, 3) plain wall and floor."""
    image = np.full((height_px, width_px, 3), (190, 200, 196), np.uint8)
    image[int(height_px * 0.88) :] = (100, 110, 120)
    return image


def draw_runner(image: Image, points: Floats, *, facing: Facing, look: Look | None = None) -> None:
    """Draw one person onto `image`.

    `points` (K, 2 or more) x_px, y_px in the order of the canonical skeleton, all finite. Sizes follow the longer leg.
    The side towards the camera is the one the person faces (facing left shows the left side) and is drawn last.
    """
    look = look or Look()
    body = _Body(image, np.asarray(points, float)[:, :2], look)
    near, far = facing.near, facing.near.other
    body.arm(far, _FAR_SHADE)
    body.leg(far, _FAR_SHADE)
    body.trunk()
    body.head(facing)
    body.leg(near, 1.0)
    body.arm(near, 1.0)


class _Body:
    def __init__(self, image: Image, points: Floats, look: Look) -> None:
        self._image = image
        self._points = points
        self._look = look
        self._unit = max(self._leg_px(side) for side in Side) / 187

    def _leg_px(self, side: Side) -> float:
        hip, knee, ankle = (self._at(f"{side.value}_{part}") for part in ("hip", "knee", "ankle"))
        return float(np.hypot(*(hip - knee)) + np.hypot(*(knee - ankle)))

    def _at(self, name: str) -> Floats:
        return np.asarray(self._points[KEYPOINT_INDEX[name]])

    def _limb(self, start: Floats, end: Floats, radius: float, end_radius: float, colour: Colour) -> None:
        """A tapered stroke; radii in units of the body."""
        import cv2

        fixed = 2**_SUBPIXEL_BITS
        along = end - start
        length = float(np.hypot(*along))
        across = np.array([-along[1], along[0]]) / length if length > 0 else np.zeros(2)
        corners = [
            start + across * radius * self._unit,
            end + across * end_radius * self._unit,
            end - across * end_radius * self._unit,
            start - across * radius * self._unit,
        ]
        outline = np.round(np.stack(corners) * fixed).astype(np.int32)
        cv2.fillConvexPoly(self._image, outline, colour, cv2.LINE_AA, _SUBPIXEL_BITS)
        for place, size in ((start, radius), (end, end_radius)):
            x, y = np.round(place * fixed).astype(int).tolist()
            cv2.circle(self._image, (x, y), round(size * self._unit * fixed), colour, -1, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _oval(
        self, centre: Floats, width: float, height: float, colour: Colour, start: int = 0, end: int = 360
    ) -> None:
        import cv2

        x, y = np.round(centre).astype(int).tolist()
        axes = max(1, round(width * self._unit)), max(1, round(height * self._unit))
        cv2.ellipse(self._image, (x, y), axes, 0, start, end, colour, -1, cv2.LINE_AA)

    def leg(self, side: Side, shade: float) -> None:
        hip, knee, ankle, heel, toe = (
            self._at(f"{side.value}_{part}") for part in ("hip", "knee", "ankle", "heel", "toe")
        )
        shorts, skin = _shaded(self._look.shorts, shade), self._look.skin
        self._limb(hip, knee, 26, 17, shorts)
        self._limb(knee, ankle, 16, 9, skin)
        shoe = _shaded(self._look.shoes, shade)
        self._limb(ankle, (heel + toe) / 2, 9, 8, shoe)
        self._limb(heel, toe, 9, 6, shoe)

    def arm(self, side: Side, shade: float) -> None:
        shoulder, elbow, wrist = (self._at(f"{side.value}_{part}") for part in ("shoulder", "elbow", "wrist"))
        self._limb(shoulder, elbow, 13, 10, _shaded(self._look.shirt, shade))
        self._limb(elbow, wrist, 10, 7, self._look.skin)
        self._limb(wrist, wrist + (wrist - elbow) * 0.15, 8, 7, self._look.skin)

    def trunk(self) -> None:
        hips = (self._at("left_hip") + self._at("right_hip")) / 2
        shoulders = (self._at("left_shoulder") + self._at("right_shoulder")) / 2
        ears = (self._at("left_ear") + self._at("right_ear")) / 2
        across = np.hypot(*(self._at("left_shoulder") - self._at("right_shoulder"))) / self._unit
        wide = max(27.0, 0.6 * float(across))
        self._limb(hips, shoulders, wide, wide + 5, self._look.shirt)
        self._limb(shoulders + 0.2 * (ears - shoulders), ears, 13, 12, self._look.skin)

    def head(self, facing: Facing) -> None:
        """Head with a face in profile; the nose is at its own point."""
        ears = (self._at("left_ear") + self._at("right_ear")) / 2
        forward = -1.0 if facing is Facing.LEFT else 1.0
        unit, skin = self._unit, self._look.skin

        def place(ahead: float, down: float) -> Floats:
            return ears + unit * np.array([ahead * forward, down])

        self._oval(place(4, -2), 24, 30, skin)
        start, end = (180, 400) if facing is Facing.LEFT else (140, 360)
        self._oval(place(-1, -12), 24, 24, self._look.hair, start, end)
        self._oval(place(18, -4), 3, 3, (30, 30, 30))
        nose = self._at("nose")
        self._limb(nose - unit * np.array([6 * forward, 1]), nose, 4, 3, _shaded(skin, 0.95))
        self._limb(place(15, 12), place(23, 12), 1.2, 1.2, (140, 80, 80))
        self._oval(ears, 5, 8, _shaded(skin, 0.93))


def _shaded(colour: Colour, shade: float) -> Colour:
    red, green, blue = (round(part * shade) for part in colour)
    return red, green, blue
