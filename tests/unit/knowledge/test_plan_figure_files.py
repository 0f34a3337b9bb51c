"""figures/*.yaml: what a picture file may say, and how an end follows from its start."""

import pytest
from pydantic import ValidationError

from soleus.knowledge.figures import build_figure
from soleus.knowledge.schema_figure import FigureFile

START = {
    "anchor": "near_ball",
    "anchor_cm": [0, 0],
    "lean_deg": 5,
    "near_leg": {"ball_cm": [0, 0], "foot_deg": 10, "toes_deg": 4},
    "near_arm": {"hand_cm": [30, 120], "wrist_deg": 20},
}


def built(end, **more):
    file = FigureFile.model_validate({"schema": "figure/1", "id": "x", "start": START, "end": end, **more})
    return build_figure("x", file)


def test_an_end_keeps_what_it_does_not_name():
    figure = built({"lean_deg": 9, "near_leg": {"foot_deg": 30}})
    assert figure.end.lean_deg == 9
    assert figure.end.anchor == "near_ball"
    assert figure.end.near_leg.ball_cm == (0, 0)
    assert figure.end.near_leg.foot_deg == 30
    assert figure.end.near_arm == figure.start.near_arm
    assert figure.start.near_leg.foot_deg == 10
    assert figure.end.far_leg is None


def test_a_limb_placed_anew_forgets_where_it_was_planted():
    figure = built({"near_leg": {"hip_deg": 20}, "near_arm": {"shoulder_deg": 10}, "far_leg": {"heel_cm": [1, 2, 3]},
                    "far_arm": {"elbow_deg": 90}})  # fmt: skip
    assert figure.end.near_leg.ball_cm is None
    assert figure.end.near_leg.foot_deg == 0
    assert figure.end.near_leg.toes_deg == 4
    assert figure.end.near_arm.hand_cm is None
    assert figure.end.near_arm.wrist_deg == 20
    assert figure.end.far_leg.heel_cm == (1, 2, 3)
    assert figure.end.far_arm.elbow_deg == 90


def test_things_and_arrows():
    figure = built(
        {},
        turn_deg=90,
        working="both",
        frame_cm=[0, 0, 50, 40],
        barefoot=True,
        moving=True,
        props=[{"kind": "wall", "at_cm": [34, 0]}, {"kind": "band", "points": ["near_hand"], "size_cm": [2]}],
        arrows=[{"point": "near_heel", "offset_cm": [-9, 0]}, {"from_cm": [0, 1], "to_cm": [2, 3], "both_ways": True}],
    )
    assert (figure.turn_deg, figure.working, figure.frame_cm) == (90, "both", (0, 0, 50, 40))
    assert figure.props[0].at_cm == (34, 0)
    assert figure.props[1].points == ("near_hand",)
    assert figure.arrows[0].from_cm is None
    assert (figure.arrows[1].from_cm, figure.arrows[1].to_cm) == ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"start": {**START, "anchor": "near_nose"}}, "no body point 'near_nose'"),
        ({"start": {**START, "near_leg": {"ball_cm": [0, 0], "heel_cm": [0, 0]}}}, "not both"),
        ({"props": [{"kind": "band", "points": ["tail"]}]}, "no body point 'tail'"),
        ({"props": [{"kind": "piano"}]}, "Input should be"),
        ({"arrows": [{"bend_cm": 3}]}, "either a body point or both"),
        ({"arrows": [{"point": "near_heel", "from_cm": [0, 0], "to_cm": [1, 1]}]}, "either a body point or both"),
        ({"end": "like the start"}, "PoseEntry"),
        ({"start": {**START, "lean_deg": 400}}, "less than or equal"),
    ],
)
def test_what_no_picture_may_say(change, problem):
    with pytest.raises(ValidationError, match=problem):
        FigureFile.model_validate({"schema": "figure/1", "id": "x", "start": START, "end": {}, **change})
