"""The pictures of the exercises: bodies that could be, on the ground they stand on, as SVG that any page can show."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from math import dist, radians, tan

import pytest

from soleus.exports.figures import FIGURE_STYLE, figure, picture_of
from soleus.exports.figures.body import (
    FOREARM,
    SHANK,
    THIGH,
    UPPER_ARM,
    OutOfReach,
    build_body,
    faults,
    slope_deg,
    sole_point,
)
from soleus.exports.figures.paint import FILL
from soleus.exports.figures.people import all_spheres
from soleus.exports.figures.props import PROPS
from soleus.exports.figures.shapes import circle, hull
from soleus.knowledge import load_knowledge
from soleus.knowledge.figure_base import ArmPose, ExerciseFigure, FigureArrow, FigurePose, FigureProp, LegPose
from soleus.knowledge.schema_figure import KINDS

KB = load_knowledge()
FIGURES = KB.plans.figures
EVERY_POSE = [(name, pose) for name in FIGURES for pose in ("start", "end")]
SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 14_000
USUAL_BYTES = 12_000


def body_of(name, pose):
    return build_body(getattr(FIGURES[name], pose))


def ground(data, pose, x, z):
    """Height of whatever lies under a foot."""
    height = 0.0
    for prop in data.props:
        if prop.pose not in (pose, "both") or not prop.at_cm:
            continue
        left, low = prop.at_cm[:2]
        if prop.kind in ("step", "box"):
            near = prop.at_cm[2] if len(prop.at_cm) > 2 else 99.0
            far = near - prop.size_cm[2] if len(prop.size_cm) > 2 else -99.0
            if left <= x <= left + prop.size_cm[0] and far <= z <= near:
                height = max(height, low + prop.size_cm[1])
        elif prop.kind == "treadmill" and left <= x <= left + prop.size_cm[0]:
            height = max(height, low)
        elif prop.kind == "slope":
            height = low + (x - left) * tan(radians(prop.size_cm[0]))
    return height


def centre_of_mass(body):
    """x of the centre of mass, from the usual shares of the segments."""

    def between(p, q, share):
        return p[0] + (q[0] - p[0]) * share

    parts = [(body.skull[0], 0.081), (between(body.hip, body.shoulders, 0.55), 0.497)]
    for _, leg in body.legs():
        hip, knee, ankle = leg.joints
        parts += [(between(hip, knee, 0.43), 0.1), (between(knee, ankle, 0.43), 0.0465)]
        parts.append((sole_point(leg, "ball")[0], 0.0145))
    for _, arm in body.arms():
        shoulder, elbow, wrist = arm.joints
        parts += [(between(shoulder, elbow, 0.44), 0.028), (between(elbow, wrist, 0.43), 0.016), (wrist[0], 0.006)]
    return sum(x * share for x, share in parts) / sum(share for _, share in parts)


def test_every_exercise_has_a_picture_and_every_picture_an_exercise():
    assert set(FIGURES) == set(KB.plans.exercises)
    assert len(FIGURES) == 72


@pytest.mark.parametrize(("name", "pose"), EVERY_POSE)
def test_no_joint_is_bent_further_than_it_goes(name, pose):
    assert faults(body_of(name, pose)) == []


@pytest.mark.parametrize(("name", "pose"), EVERY_POSE)
def test_bones_keep_their_length(name, pose):
    body = body_of(name, pose)
    for limbs, upper, lower in ((body.legs(), THIGH, SHANK), (body.arms(), UPPER_ARM, FOREARM)):
        for _, limb in limbs:
            first, middle, last = limb.joints
            assert dist(first, middle) == pytest.approx(upper)
            assert dist(middle, last) == pytest.approx(lower)


@pytest.mark.parametrize(("name", "pose"), EVERY_POSE)
def test_nothing_is_below_the_ground(name, pose):
    data, body = FIGURES[name], body_of(name, pose)
    if any(prop.kind == "water" for prop in data.props):
        return
    for side, leg in body.legs():
        for point in ("heel", "ball", "toe"):
            x, y, z = sole_point(leg, point)
            assert y >= ground(data, pose, x, z) - 0.8, (side, point)
    if not any(prop.kind == "slope" for prop in data.props):
        assert min(p[1] - r for p, r in all_spheres(body)) > -1.5


@pytest.mark.parametrize(("name", "pose"), EVERY_POSE)
def test_who_stands_still_without_support_is_in_balance(name, pose):
    data, body = FIGURES[name], body_of(name, pose)
    still = body.pose
    held = still.near_arm.hand_cm or (still.far_arm and still.far_arm.hand_cm)
    if data.moving or held or still.anchor in ("hip", "near_elbow"):
        return
    support = [
        x
        for _, leg in body.legs()
        for x, y, z in (sole_point(leg, point) for point in ("heel", "ball", "toe"))
        if y < ground(data, pose, x, z) + 1.0
    ]
    assert support
    assert min(support) - 1.0 <= centre_of_mass(body) <= max(support) + 1.0


STRAIGHT = (
    "dl_heel_raise", "sl_heel_raise_floor", "sl_heel_raise_step", "eccentric_straight", "iso_pf_standing_sl",
    "step_drop_stretch", "towel_stretch", "iso_pf_seated_towel", "sl_heel_raise_loaded",
)  # fmt: skip
BENT = (
    "bent_knee_dl_raise",
    "bent_knee_sl_raise",
    "bent_knee_sl_raise_loaded",
    "bent_knee_step_raise",
    "eccentric_bent",
)


@pytest.mark.parametrize(("name", "low", "high"), [*((n, 0, 3) for n in STRAIGHT), *((n, 20, 40) for n in BENT)])
def test_the_knee_is_bent_as_the_exercise_says(name, low, high):
    for pose in ("start", "end"):
        assert low <= body_of(name, pose).near_leg.angles.knee_deg <= high


@pytest.mark.parametrize("name", ["wall_stretch_straight", "wall_stretch_bent", "knee_to_wall_mob", "sl_balance_reach"])
def test_the_heel_of_the_working_leg_stays_down(name):
    for pose in ("start", "end"):
        assert sole_point(body_of(name, pose).near_leg, "heel")[1] == pytest.approx(0, abs=0.3)


def heel_cm(name, pose):
    """Heel above (below: negative) the ball of the foot."""
    leg = body_of(name, pose).near_leg
    return sole_point(leg, "heel")[1] - sole_point(leg, "ball")[1]


def test_heels_rise_and_fall_as_far_as_the_exercise_says():
    assert 1 <= heel_cm("iso_pf_seated_soleus", "end") <= 2.5
    assert 5 < heel_cm("iso_pf_standing_sl", "end") < heel_cm("sl_heel_raise_floor", "end") < 13
    for name in ("sl_heel_raise_step", "bent_knee_step_raise", "dl_heel_raise_step"):
        assert heel_cm(name, "start") < -3
        assert heel_cm(name, "end") > 8
    for name in ("eccentric_straight", "eccentric_bent"):
        assert heel_cm(name, "start") > 8
        assert heel_cm(name, "end") < -4
    for pose in ("start", "end"):
        assert heel_cm("eccentric_floor_insertional", pose) >= -0.1


def test_running_pictures_land_as_their_words_say():
    landing = {n: slope_deg(body_of(n, "end").near_leg.turns[2]) for n in ("heel_strike_offload", "cadence_drill")}
    assert landing["heel_strike_offload"] > 5
    assert landing["cadence_drill"] == pytest.approx(0, abs=1)
    for name in ("cadence_drill", "midfoot_retrain_cecs"):
        ahead = {p: body_of(name, p).near_leg.joints[2][0] - body_of(name, p).hip[0] for p in ("start", "end")}
        assert ahead["end"] < ahead["start"] / 2


@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_is_small_whole_and_names_itself(name):
    drawn = figure(name, KB)
    assert drawn == figure(name, KB)
    assert len(drawn.svg_pair.encode()) < MOST_BYTES
    for svg, described in (
        (drawn.svg_start, KB.text[f"exercise.{name}.start"]),
        (drawn.svg_end, KB.text[f"exercise.{name}.end"]),
        (drawn.svg_pair, drawn.alt),
    ):
        root = ET.fromstring(svg)  # noqa: S314 - our own
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == KB.text[f"exercise.{name}.name"]
        assert root.find(f"{SVG}desc").text == described
        assert not re.search(r"\bid=|url\(|href|<style|<script|var\(|NaN|inf", svg)
        assert svg.count("class=") > 10


def test_pictures_are_small_on_average():
    sizes = [len(figure(name, KB).svg_pair.encode()) for name in FIGURES]
    assert sum(sizes) / len(sizes) < USUAL_BYTES


def test_every_colour_has_its_place_in_the_dark():
    dark = FIGURE_STYLE.split("forced-colors")[0]
    used = {name for f in FIGURES for name in re.findall(r"\bfg-(?:l-)?([a-z-]+)", figure(f, KB).svg_pair)}
    assert used <= set(FILL)
    same_in_the_dark = {"sole", "far-sole", "eye"}
    assert not [name for name in used - same_in_the_dark if not re.search(rf"fg-(l-)?{name}\b", dark)]


def test_the_alternative_text_falls_back_to_the_name():
    data = FIGURES["pogo_dl"]
    assert picture_of(data, "Pogo", "Pogo", "Pogo").alt == "Pogo"
    assert picture_of(data, "Pogo <2", "Stand", "Jump").alt == "1: Stand 2: Jump"
    assert "<title>Pogo &lt;2</title>" in picture_of(data, "Pogo <2", "Stand", "Jump").svg_pair
    with pytest.raises(KeyError):
        figure("no_such_exercise", KB)


def standing(**changes):
    return FigurePose(anchor="near_ball", anchor_cm=(0.0, 0.0), **changes)


def test_the_anchored_point_does_not_move():
    for lean in (0.0, 20.0):
        body = build_body(standing(lean_deg=lean, near_leg=LegPose(hip_deg=lean, ankle_deg=-20.0)))
        assert body.point("near_ball")[:2] == pytest.approx((0, 0))
        assert body.point("far_ball")[:2] == pytest.approx((0, 0))
        assert body.near_leg.angles.toes_deg == pytest.approx(20)


def test_planted_feet_and_hands_are_where_they_are_planted():
    pose = FigurePose(
        anchor="hip",
        anchor_cm=(0.0, 80.0),
        lean_deg=15.0,
        near_leg=LegPose(ball_cm=(20.0, 0.0), foot_deg=15.0),
        far_leg=LegPose(heel_cm=(-5.0, 2.0, -20.0), foot_deg=-10.0),
        near_arm=ArmPose(hand_cm=(45.0, 110.0), wrist_deg=30.0),
        far_arm=ArmPose(hand_cm=(40.0, 110.0, -25.0), palm_deg=90.0),
    )
    body = build_body(pose)
    assert body.point("near_ball")[:2] == pytest.approx((20, 0))
    assert slope_deg(body.near_leg.turns[2]) == pytest.approx(-15)
    assert body.point("far_heel")[:2] == pytest.approx((-5, 2), abs=0.6)
    assert body.point("near_hand")[:2] == pytest.approx((45, 110), abs=0.1)
    assert body.point("far_hand") == pytest.approx((40, 110, -25), abs=3)


def test_what_is_out_of_reach_is_refused():
    with pytest.raises(OutOfReach, match="the limb reaches"):
        build_body(standing(near_arm=ArmPose(hand_cm=(200.0, 100.0))))


def test_joints_bent_too_far_are_told():
    pose = standing(
        near_leg=LegPose(hip_deg=10.0, knee_deg=0.0, ankle_deg=38.0),
        far_leg=LegPose(knee_deg=-20.0, big_toe_deg=95.0),
        near_arm=ArmPose(elbow_deg=170.0),
        neck_deg=80.0,
    )
    told = faults(build_body(pose))
    assert len(told) == 6
    assert "near leg: ankle bent 38 up with a straight knee" in told
    assert "trunk: neck_deg 80 is outside -60 to 60" in told


def test_every_kind_of_thing_can_be_drawn():
    assert set(PROPS) == set(KINDS)
    for kind in KINDS:
        prop = FigureProp(kind=kind, at_cm=(30.0, 20.0), size_cm=(20.0, 10.0), points=("near_hand", "far_hand"))
        data = ExerciseFigure(id="x", start=standing(), end=standing(), props=(prop,))
        drawn = picture_of(data, "x", "x", "x").svg_pair
        ET.fromstring(drawn)  # noqa: S314 - our own
        assert len(drawn) > 5_000


def test_an_arrow_without_a_way_is_left_out():
    still = ExerciseFigure(id="x", start=standing(), end=standing(), arrows=(FigureArrow(point="near_heel"),))
    assert "fg-l-motion" not in picture_of(still, "x", "x", "x").svg_end
    moved = replace(still, end=standing(near_leg=LegPose(ankle_deg=-20.0)))
    assert "fg-l-motion" in picture_of(moved, "x", "x", "x").svg_end
    assert "fg-l-motion" not in picture_of(moved, "x", "x", "x").svg_start


def test_outlines_hold_their_circles():
    assert hull([(50, 50, 20)]) == circle(50, 50, 20)
    assert hull([(50, 50, 20), (55, 50, 5)]) == circle(50, 50, 20)
    assert hull([(50, 50, 20), (150, 50, 20)]).count("a") == 2
    assert "a1 1 0 01" in hull([(50, 50, 20), (150, 50, 20)])


def test_typst_takes_the_pictures_as_they_are():
    typst = pytest.importorskip("typst")
    for name in ("sl_heel_raise_floor", "aqua_jog", "toe_yoga"):
        drawn = figure(name, KB)
        image = f'#image(bytes({json.dumps(drawn.svg_pair)}), format: "svg", alt: "x")'
        source = f'#set document(title: "x")\n{image}'
        built = typst.compile(source.encode(), format="pdf", pdf_standards=["ua-1"])
        assert built.startswith(b"%PDF")
