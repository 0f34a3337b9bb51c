"""The things around the figure: floor, wall, step, chair, bands, machines. Each kind is one function and a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, radians, sin, tan

from soleus.exports.figures.body import Body
from soleus.exports.figures.paint import Canvas
from soleus.exports.figures.shapes import circle, hull, number
from soleus.exports.figures.space import Vector, add, apply
from soleus.knowledge.figure_base import FigureProp

Draw = Callable[[Canvas, FigureProp, Body], None]
# Every kind is drawn by the same call; not all of them look at the body.
# ruff: noqa: ARG001
Rod = Sequence[tuple[float, float]]
Extent = tuple[float, float, float, float]
BACK, MIDDLE, FRONT = 0, 1, 2
"""Behind the whole figure, between far and near limbs, in front."""
DEEP = 60.0
"""How far the ground goes down, more than any frame shows."""
WALL_THICK, WALL_HEIGHT = 7.0, 230.0


def floor(canvas: Canvas, left: float, right: float) -> None:
    """The ground at y = 0."""
    canvas.shape("ground", canvas.trace([(left, 0), (right, 0), (right, -DEEP), (left, -DEEP)], close=True))
    canvas.line("edge", canvas.trace([(left, 0), (right, 0)]), 3.2)


def _flat(canvas: Canvas, x: float, y: float, z: float = 0.0) -> tuple[float, float]:
    return canvas.view.flat((x, y, z))


def _slab(canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: str = "solid") -> None:
    """An upright box seen from the side."""
    corners = [_flat(canvas, x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    canvas.shape(colour, canvas.trace(corners, close=True), outline="edge", width=3.2)


def _rod(
    canvas: Canvas, points: Sequence[tuple[float, float]], width_cm: float, colour: str = "pad", *more: Rod
) -> None:
    """A bar through points of the picture plane, with an outline; `more` bars of the same kind as one."""
    d = "".join(canvas.trace(rod) for rod in (points, *more))
    canvas.line("edge", d, width_cm * canvas.scale + 5)
    canvas.line(colour, d, width_cm * canvas.scale)


def _disc(canvas: Canvas, at: tuple[float, float], r: float, colour: str) -> None:
    x, y = canvas.plane(at)
    canvas.shape(colour, circle(x, y, r * canvas.scale), outline="edge", width=3.2)


def _wall(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    x = prop.at_cm[0]
    thick = WALL_THICK if x > 0 else -WALL_THICK
    _slab(canvas, x, 0.0, x + thick, prop.size_cm[0] if prop.size_cm else WALL_HEIGHT)


def _mirror(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    x, y = prop.at_cm[:2]
    w, h = prop.size_cm[:2]
    _slab(canvas, x, y, x + w, y + h, "water")
    for k in (0.25, 0.5):
        ends = [_flat(canvas, x + w * 0.2, y + h * k), _flat(canvas, x + w * 0.8, y + h * (k + 0.2))]
        canvas.line("paper", canvas.trace(ends), 4.4)


def _step(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """at = lower rear corner, size = length and height; with a third number also its near edge and its width."""
    x, y, z = (*prop.at_cm, 0.0)[:3]
    w, h, d = (*prop.size_cm, 0.0)[:3]
    if not d:
        _slab(canvas, x, y, x + w, y + h)
        return
    corners = [((a, b, c), 0.4) for a in (x, x + w) for b in (y, y + h) for c in (z, z - d)]
    canvas.shape("solid", canvas.hull(corners), outline="edge", width=3.2)


def _cushion(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """at = left end of its top, size = length and height."""
    x, y = prop.at_cm[:2]
    w, h = prop.size_cm[:2]
    r = min(w, h) / 3
    ends = [(a, b) for a in (x + r, x + w - r) for b in (y - r, y - h + r)]
    soft = [(*canvas.plane(_flat(canvas, a, b)), r * canvas.scale) for a, b in ends]
    canvas.shape("cloth", hull(soft), outline="edge", width=3.2)


def _letters(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A large A and B in the air: what the foot draws."""
    x, y = prop.at_cm[:2]
    a = canvas.trace([(x, y), (x + 6, y + 16), (x + 12, y), (x + 9.5, y + 6), (x + 2.5, y + 6)])
    u, v = (number(c) for c in canvas.plane((x + 18, y)))
    one, two, high, tall = (number(c * canvas.scale) for c in (12, 10, 4, 16))
    b = f"M{u} {v}v-{tall}M{u} {v}q{one} 0 {one}-{high}t-{one}-{high}q{two} 0 {two}-{high}t-{two}-{high}"
    canvas.line("motion", a + b, 5.0)


def _mat(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    x, y = prop.at_cm[:2]
    _slab(canvas, x, y - 2.2, x + prop.size_cm[0], y, "pad")


def _support(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A bench or bed: at = left end of its top, size = length."""
    x, y = prop.at_cm[:2]
    w = prop.size_cm[0]
    legs = [[_flat(canvas, leg, y - 4), _flat(canvas, leg, 0)] for leg in (x + 5, x + w - 5)]
    _rod(canvas, legs[0], 3.0, "solid", legs[1])
    _slab(canvas, x, y - 6, x + w, y)


def _chair(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """at = rear edge of the seat's top; size = depth, height of the back (0 = none), its slope."""
    x, y = prop.at_cm[:2]
    depth, back, recline = (*prop.size_cm, *(42.0, 44.0, 4.0)[len(prop.size_cm) :])
    bars = [[_flat(canvas, leg, y - 3), _flat(canvas, leg, 0)] for leg in (x + 2.5, x + depth - 3.0)]
    if back:
        top = (x + 2.0 - sin(radians(recline)) * back, y + cos(radians(recline)) * back)
        bars.append([_flat(canvas, x + 2.0, y - 2), _flat(canvas, *top)])
    _rod(canvas, bars[0], 3.2, "solid", *bars[1:])
    _slab(canvas, x, y - 5, x + depth, y)


def _rail(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A post with a handrail towards the figure: at = where the hand holds it; size = foot of the post."""
    x, y = prop.at_cm[:2]
    base = prop.size_cm[0] if prop.size_cm else 0.0
    _rod(canvas, [_flat(canvas, x + 4, base), _flat(canvas, x + 4, y - 1)], 3.2, "solid")
    _rod(canvas, [_flat(canvas, x - 6, y - 3.2), _flat(canvas, x + 10, y - 3.2)], 3.6, "pad")


def _line(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """Tape on the floor: from at, over size = (length along x, length along z)."""
    x, y, z = (*prop.at_cm, 0.0)[:3]
    dx, dz = (*prop.size_cm, 0.0)[:2]
    ends = [_flat(canvas, x, y, z), _flat(canvas, x + dx, y, z + dz)]
    canvas.line("band", canvas.trace(ends), 6)


def _named(canvas: Canvas, prop: FigureProp, body: Body) -> list[tuple[float, float]]:
    points = [canvas.view.flat(body.point(name)) for name in prop.points]
    if prop.at_cm:
        points.append(_flat(canvas, *prop.at_cm))
    return points


def _band(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    d = canvas.trace(_named(canvas, prop, body))
    canvas.line("paper", d, 11)
    canvas.line("band", d, 7)


def _towel(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    d = canvas.trace(_named(canvas, prop, body))
    canvas.line("edge", d, 14)
    canvas.line("cloth", d, 8.4)


def _backpack(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """On the back; with a point and size, a bag lying there."""
    if prop.points:
        x, y = canvas.view.flat(body.point(prop.points[0]))
        dx, dy = prop.at_cm[:2] if prop.at_cm else (0.0, 12.0)
        bag = [((x + dx + a, y + dy + b, 0.0), 5.0) for a in (-7.0, 7.0) for b in (-5.0, 7.0)]
        flat = [(*canvas.plane((p[0], p[1])), r * canvas.scale) for p, r in bag]
        canvas.shape("pad", hull(flat), outline="ink", width=3.6)
        return
    places = ((-12.5, 24.0, 6.0), (-15.0, 20.0, 6.0), (-12.0, 0.0, 6.0), (-15.5, 4.0, 6.0))
    bag = [(add(body.waist, apply(body.thorax, (px, py, 0.0))), r) for px, py, r in places]
    canvas.shape("pad", canvas.hull(bag), outline="ink", width=3.6)


def _dumbbell(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    for name in prop.points:
        x, y = canvas.view.flat(body.point(name))
        canvas.line("iron", canvas.trace([(x - 8, y), (x + 8, y)]), 2.4 * canvas.scale)
        for end in (-8.0, 8.0):
            canvas.line("iron", canvas.trace([(x + end, y - 4), (x + end, y + 4)]), 4.2 * canvas.scale)


def _barbell(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """Seen from its end: at = offset from the point; size = radius of the plate."""
    x, y = canvas.view.flat(body.point(prop.points[0]))
    x, y = x + prop.at_cm[0], y + prop.at_cm[1]
    r = prop.size_cm[0] if prop.size_cm else 14.0
    _disc(canvas, (x, y), r, "iron")
    _disc(canvas, (x, y), r * 0.25, "solid")


def _ball(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """Between the named points, or at a place."""
    if prop.points:
        spots = [body.point(name) for name in prop.points]
        middle: Vector = (
            sum(s[0] for s in spots) / len(spots),
            sum(s[1] for s in spots) / len(spots),
            sum(s[2] for s in spots) / len(spots),
        )
        if prop.at_cm:
            middle = add(middle, (prop.at_cm[0], prop.at_cm[1], 0.0))
        at = canvas.view.flat(middle)
    else:
        at = _flat(canvas, *prop.at_cm)
    _disc(canvas, at, prop.size_cm[0], "band")


def _rope(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """From both hands down to the floor at `at`, bulging size cm; there it runs across."""
    x, y = prop.at_cm[:2]
    d, ends = "", []
    for name, z in zip(prop.points, (14.0, -14.0), strict=False):
        hand, low = canvas.view.flat(body.point(name)), _flat(canvas, x, y, z)
        bow = canvas.plane(((hand[0] + low[0]) / 2 + prop.size_cm[0], (hand[1] + low[1]) / 2 - abs(prop.size_cm[0])))
        a, b = canvas.plane(hand), canvas.plane(low)
        d += f"M{number(a[0])} {number(a[1])}Q{number(bow[0])} {number(bow[1])} {number(b[0])} {number(b[1])}"
        ends.append(low)
    canvas.line("band", d + canvas.trace(ends), 5.0)


def _foam_roller(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    at = _flat(canvas, *prop.at_cm)
    _disc(canvas, at, prop.size_cm[0], "pad")
    _disc(canvas, at, prop.size_cm[0] * 0.4, "solid")


def _slope(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A hill through `at`, rising by size degrees; it is the ground."""
    x, y = prop.at_cm[:2]
    rise = tan(radians(prop.size_cm[0]))
    left, right = -260.0, 260.0
    top = [(left, y + (left - x) * rise), (right, y + (right - x) * rise)]
    canvas.shape("ground", canvas.trace([*top, (right, -200), (left, -200)], close=True))
    canvas.line("edge", canvas.trace(top), 3.2)


def _treadmill(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """at = rear end of the belt at its top; size = length."""
    x, y = prop.at_cm[:2]
    w = prop.size_cm[0]
    _rod(canvas, [_flat(canvas, x + w - 8, y - 4), _flat(canvas, x + w + 6, y + 98)], 3.4, "solid")
    _rod(canvas, [_flat(canvas, x + w - 12, y + 92), _flat(canvas, x + w + 8, y + 100)], 4.4, "pad")
    _rod(canvas, [_flat(canvas, x, y - 4.5), _flat(canvas, x + w, y - 4.5)], 8.0, "iron")
    _slab(canvas, x, y - 2.0, x + w, y, "pad")


def _water(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """The surface at y = at[1], see-through."""
    y = prop.at_cm[1]
    y0 = canvas.plane((0.0, y))[1]
    x0 = -20.0
    wave, n = 44.0, 10
    d = f"M{number(x0)} {number(y0)}" + "".join(
        f"q{number(wave / 2)} {10 if k % 2 else -10} {number(wave)} 0" for k in range(n)
    )
    bottom = number(canvas.plane((0.0, -300.0))[1])
    canvas.parts.append(f'<path class="fg-water" fill="#9cc7e6" fill-opacity=".45" d="{d}V{bottom}H{number(x0)}z"/>')
    canvas.line("motion", d, 3.6)


def _belt(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    ring = [(add(body.waist, apply(body.pelvis, (x, -1.0, z))), 3.6) for x in (-7.5, 8.5) for z in (-5.0, 5.0)]
    canvas.shape("band", canvas.hull(ring), outline="ink", width=3.2)


def _bike(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A stationary bike round its crank (at): seat under the hips, bars at the hands, pedals under both feet."""
    cx, cy = prop.at_cm[:2]
    crank = _flat(canvas, cx, cy)
    seat = canvas.view.flat(add(body.hip, (-1.0, -11.5, 0.0)))
    bars = canvas.view.flat(body.point("near_hand"))
    head, post = (crank[0] + 36, cy + 6), (bars[0] - 4, bars[1] - 3)
    _rod(canvas, [(crank[0] - 42, 2), (crank[0] + 52, 2)], 3.4, "pad")
    frame = [crank, head, post]
    _rod(canvas, frame, 4.0, "solid", [crank, (seat[0] + 2, seat[1] - 2)],
         [(crank[0] - 20, 3), (crank[0] - 8, cy + 14)], [head, (head[0], 3)])  # fmt: skip
    _disc(canvas, (crank[0] + 32, cy - 4), 20.0, "solid")
    _disc(canvas, crank, 7.0, "iron")
    saddle = [(seat[0] - 13, seat[1] - 1), (seat[0] + 12, seat[1] - 2)]
    _rod(canvas, saddle, 4.0, "iron", [post, (bars[0] + 3, bars[1] - 2)])


def _pedals(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """Cranks and pedals from the axle (at) to the feet."""
    axle = _flat(canvas, *prop.at_cm)
    for name in prop.points:
        under = canvas.view.flat(add(body.point(name), (prop.size_cm[0] if prop.size_cm else 0.0, -1.5, 0.0)))
        canvas.line("iron", canvas.trace([axle, under]), 2.6 * canvas.scale)
        canvas.line("iron", canvas.trace([(under[0] - 6, under[1]), (under[0] + 6, under[1])]), 3.0 * canvas.scale)


def _elliptical(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """Plates under both feet run from the wheel (at) at the back to the arms that the hands hold."""
    x, y = prop.at_cm[:2]
    wheel = _flat(canvas, x, y)
    front = x + prop.size_cm[0]
    _rod(canvas, [_flat(canvas, x - 14, 2), _flat(canvas, front + 8, 2)], 3.4, "pad")
    _rod(canvas, [_flat(canvas, front, 3), _flat(canvas, front - 2, 112)], 4.0, "solid")
    bars: list[Rod] = []
    for side in ("far", "near"):
        heel, toe = (canvas.view.flat(body.point(f"{side}_{name}")) for name in ("heel", "toe"))
        hand = canvas.view.flat(body.point(f"{side}_hand"))
        joint = _flat(canvas, front - 10, 26 if side == "near" else 30)
        bars.append([(hand[0] + 1, hand[1]), _flat(canvas, front - 1, 80), joint, (toe[0], toe[1] - 2),
                     (heel[0] - 2, heel[1] - 2), wheel])  # fmt: skip
    _rod(canvas, bars[0], 2.4, "pad", bars[1])
    _disc(canvas, wheel, 17.0, "solid")
    _disc(canvas, wheel, 4.0, "iron")


def _seat_machine(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A pad with a weight on the knee of a seated calf machine; size = radius of the weight plate."""
    knee = canvas.view.flat(body.point(prop.points[0]))
    arm = (knee[0] + 30, knee[1] + 2)
    _rod(canvas, [(arm[0] + 4, 0), (arm[0] + 4, arm[1] + 3)], 4.0, "solid")
    _rod(canvas, [(knee[0] - 4, knee[1] + 12), arm], 3.2, "pad")
    _disc(canvas, (arm[0] - 6, arm[1] + 9), prop.size_cm[0] if prop.size_cm else 11.0, "iron")
    _rod(canvas, [(knee[0] - 9, knee[1] + 9.5), (knee[0] + 1, knee[1] + 9.5)], 6.5, "iron")


def _leg_press(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A plate under the balls of the feet; size = its length and its slope."""
    x, y, _ = body.point(prop.points[0])
    half, slope = prop.size_cm[0] / 2, radians(prop.size_cm[1])
    up = (-sin(slope) * half, cos(slope) * half)
    ends = [_flat(canvas, x - up[0], y - up[1]), _flat(canvas, x + up[0], y + up[1])]
    _rod(canvas, ends, 4.0, "iron")
    far = _flat(canvas, x + 22 * cos(slope), y + 22 * sin(slope))
    _rod(canvas, [_flat(canvas, x + 3 * cos(slope), y + 3 * sin(slope)), far], 4.0, "solid")
    _disc(canvas, far, 13.0, "iron")
    _disc(canvas, far, 3.0, "solid")


def _metronome(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A ticking thing: at = its middle."""
    x, y = prop.at_cm[:2]
    canvas.shape(
        "solid", canvas.trace([(x - 9, y - 12), (x + 9, y - 12), (x + 4, y + 12), (x - 4, y + 12)], close=True),
        outline="edge", width=3.6,
    )  # fmt: skip
    canvas.line("iron", canvas.trace([(x, y - 7), (x + 8, y + 11)]), 4.4)
    for side in (-1, 1):
        a, b = canvas.plane((x + side * 13, y + 8)), canvas.plane((x + side * 13, y - 4))
        canvas.line("motion", f"M{number(a[0])} {number(a[1])}Q{number(a[0] + side * 10)} {number((a[1] + b[1]) / 2)} "
                    f"{number(b[0])} {number(b[1])}", 4)  # fmt: skip


def _handle(canvas: Canvas, prop: FigureProp, body: Body) -> None:
    """A bar in the hand, joined to a post at `at`."""
    points = _named(canvas, prop, body)
    _rod(canvas, points, 3.0, "solid")


PROPS: dict[str, tuple[int, Draw]] = {
    "backpack": (FRONT, _backpack),
    "ball": (FRONT, _ball),
    "band": (FRONT, _band),
    "barbell": (FRONT, _barbell),
    "belt": (FRONT, _belt),
    "bike": (MIDDLE, _bike),
    "box": (BACK, _step),
    "chair": (BACK, _chair),
    "cushion": (BACK, _cushion),
    "dumbbell": (FRONT, _dumbbell),
    "elliptical": (MIDDLE, _elliptical),
    "foam_roller": (BACK, _foam_roller),
    "handle": (MIDDLE, _handle),
    "leg_press": (MIDDLE, _leg_press),
    "letters": (BACK, _letters),
    "line": (BACK, _line),
    "loop_band": (FRONT, _band),
    "mat": (BACK, _mat),
    "metronome": (BACK, _metronome),
    "mirror": (BACK, _mirror),
    "pedals": (MIDDLE, _pedals),
    "rail": (BACK, _rail),
    "rope": (FRONT, _rope),
    "seat_machine": (FRONT, _seat_machine),
    "slope": (BACK, _slope),
    "step": (BACK, _step),
    "support": (BACK, _support),
    "towel": (FRONT, _towel),
    "treadmill": (BACK, _treadmill),
    "wall": (BACK, _wall),
    "water": (FRONT, _water),
}
NO_FLOOR = frozenset({"slope", "water"})


def extent(prop: FigureProp) -> Extent | None:
    """left, bottom, right, top in cm that the frame must hold; None = wherever it lies."""
    if prop.kind in ("step", "box", "mirror") and prop.at_cm:
        x, y = prop.at_cm[:2]
        return (x, y, x + prop.size_cm[0], y + prop.size_cm[1])
    if prop.kind == "wall":
        x = prop.at_cm[0]
        return (min(x, x - 6), 0.0, max(x, x + 6), 10.0)
    if prop.kind == "chair":
        x, y = prop.at_cm[:2]
        return (x - 4, 0.0, x + 42, y)
    if prop.kind == "rail":
        x, y = prop.at_cm[:2]
        return (x - 6, 0.0, x + 10, y)
    if prop.kind in ("mat", "support", "treadmill"):
        x, y = prop.at_cm[:2]
        return (x, 0.0, x + prop.size_cm[0] + (10.0 if prop.kind == "treadmill" else 0.0), y)
    if prop.kind == "letters":
        x, y = prop.at_cm[:2]
        return (x, y, x + 30, y + 16)
    if prop.kind in ("leg_press", "seat_machine", "elliptical", "bike"):
        x, y = prop.at_cm[:2]
        return (x - 18.0, 0.0, x + prop.size_cm[-1], y)
    if prop.kind == "foam_roller":
        x, y = prop.at_cm[:2]
        return (x - 7, 0.0, x + 7, y)
    if prop.kind == "metronome":
        x, y = prop.at_cm[:2]
        return (x - 16, y - 14, x + 16, y + 14)
    return None
