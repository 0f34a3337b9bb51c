"""What must hold for every film: exchanged sides are found, mirroring swaps sides and nothing else, frame rate and
distance leave angles alone, what cannot be measured is refused, and the stated intervals hold the truth.

The small samples here run with every test; `make nightly` repeats them over many runners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from soleus.core.gait import GaitReport
from soleus.core.measurement import Measurement
from soleus.core.recording import MIRRORED, Facing, Recording, View
from soleus.gait.engine import analyse, analyse_gait
from soleus.knowledge.compile import load_knowledge
from soleus.validation.gait_study import draw_scene, score_swaps, study_film, tabulate, total_swaps
from soleus.validation.synthetic.camera import Camera
from soleus.validation.synthetic.pattern import (
    GROUCHO,
    RACE_WALKING,
    SHUFFLING,
    STANDING,
    WALKING,
    Gait,
)
from soleus.validation.synthetic.sensor import PERFECT, Sensor, SwapKind
from soleus.validation.synthetic_runner import Scene, synthesize

KB = load_knowledge()
ANGLES = (
    "foot_strike_angle",
    "tibia_angle",
    "knee_flexion_contact",
    "knee_flexion_peak",
    "ankle_dorsiflexion_contact",
    "ankle_dorsiflexion_peak",
    "trunk_lean",
)


def values(report: GaitReport) -> dict[tuple[str, bool | None], float]:
    return {
        (line.metric, line.near): line.measured.value
        for line in report.metrics
        if isinstance(line.measured, Measurement)
    }


def codes(recording: Recording, view: View = View.SIDE) -> list[str]:
    return [refusal.code for refusal in analyse_gait(recording, KB, view=view).refusals]


# --- left and right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [30.0, 120.0])
@pytest.mark.parametrize("kind", SwapKind)
def test_exchanged_sides_are_found(fps: float, kind: SwapKind) -> None:
    """At least 99 % of the frames with left and right exchanged are found, and at most 0.5 % of the others are taken
    for it, wherever the ankles lie more than 12 % of a leg apart (nearer, nobody could tell)."""
    exchanged = missed = invented = frames = 0
    for seed in (0,):
        scene = draw_scene(seed, fps)
        sensor = replace(scene.sensor, swaps_per_s=0.4, swap_kind=kind, collapse_share=0.05)
        clip = synthesize(replace(scene, sensor=sensor, duration_s=10.0))
        score = score_swaps(clip, analyse(clip.recording, KB.gait))
        exchanged += score.exchanged
        missed += score.missed
        invented += score.invented
        frames += score.frames
    assert exchanged > 10
    assert missed <= 0.01 * exchanged
    assert invented <= 0.005 * frames


# --- mirror, scale, frame rate ----------------------------------------------------------------------------------------


def mirrored(recording: Recording) -> Recording:
    """The film turned over left to right, as a network would read it: the other side names, x from the other edge."""
    poses, facts = recording.poses, recording.facts
    points = poses.points[:, list(MIRRORED)].copy()
    points[..., 0] = poses.width_px - points[..., 0]
    shift = None if facts.shift_px is None else facts.shift_px * np.array([-1.0, 1.0])
    return Recording(poses=replace(poses, points=points), facts=replace(facts, shift_px=shift))


@pytest.mark.parametrize(("seed", "fps"), [(11, 30.0), (12, 60.0), (13, 120.0)])
def test_mirroring_swaps_the_sides_and_nothing_else(seed: int, fps: float) -> None:
    scene = draw_scene(seed, fps)
    recording = synthesize(replace(scene, duration_s=7.0)).recording
    one, other = analyse_gait(recording, KB), analyse_gait(mirrored(recording), KB)
    assert one.facing is not None
    assert other.facing is not None
    assert {one.facing, other.facing} == set(Facing)
    assert [r.code for r in one.refusals] == [r.code for r in other.refusals]
    assert [line.metric for line in one.metrics] == [line.metric for line in other.metrics]
    for a, b in zip(one.metrics, other.metrics, strict=True):
        assert (a.near, a.band, a.verdict, a.norm_low) == (b.near, b.band, b.verdict, b.norm_low)
        assert (a.side is None) == (b.side is None)
        assert a.side is None or b.side is a.side.other
        assert type(a.measured) is type(b.measured)
        if isinstance(a.measured, Measurement) and isinstance(b.measured, Measurement):
            assert a.measured.value == pytest.approx(b.measured.value, rel=1e-6, abs=1e-6)
            assert a.measured.low == pytest.approx(b.measured.low, rel=1e-6, abs=1e-6)
            assert a.measured.count == b.measured.count
    for left, right in zip(one.steps, other.steps, strict=True):
        assert right.side is left.side.other
        assert right.near == left.near
        assert right.contact_s == pytest.approx(left.contact_s, abs=1e-6)
    assert {o.id for o in one.observations} == {o.id for o in other.observations}


@pytest.mark.parametrize("seed", [1])
def test_distance_to_the_camera_leaves_angles_alone(seed: int) -> None:
    """From 3 and from 8 m, legs of 220 and 500 px: perspective of a leg half a hip's width nearer moves angles by
    less than 2.5 degrees."""
    found = []
    for distance, leg_px in ((3.0, 500.0), (8.0, 220.0)):
        scene = draw_scene(seed, 60.0)
        camera = replace(scene.camera, distance_m=distance, leg_px=leg_px, roll_deg=0.0, orbit_deg=0.0, height_px=1400)
        clip = synthesize(replace(scene, camera=camera, sensor=replace(PERFECT, fps=60.0), duration_s=8.0))
        found.append(values(analyse_gait(clip.recording, KB)))
    for name in ANGLES:
        keys = [key for key in found[0] if key[0] == name]
        assert keys
        for key in keys:
            assert found[1][key] == pytest.approx(found[0][key], abs=2.5), name


@pytest.mark.parametrize("seed", [0])
def test_frame_rate_leaves_angles_alone(seed: int) -> None:
    """The same run filmed without error at 30, 60, 120 and 240 pictures a second. Angles read over the stance or from
    slow segments stay within 2 degrees, those at the moment of contact within 3 from 60 on; at 30 the foot turns by
    16 degrees between two pictures (500°/s), so a quarter of that is allowed."""
    found = {}
    for fps in (30.0, 60.0, 120.0, 240.0):
        scene = draw_scene(seed, fps)
        clip = synthesize(replace(scene, sensor=replace(PERFECT, fps=fps), duration_s=9.0))
        found[fps] = values(analyse_gait(clip.recording, KB))
    at_contact = {"foot_strike_angle", "tibia_angle", "knee_flexion_contact", "ankle_dorsiflexion_contact"}
    for name in ANGLES:
        key = next(key for key in found[240.0] if key[0] == name)
        for fps in (30.0, 60.0, 120.0):
            limit = 2.0 if name not in at_contact else 4.0 if fps == 30.0 else 3.0
            assert found[fps][key] == pytest.approx(found[240.0][key], abs=limit), (name, fps)


@pytest.mark.parametrize("seed", [0])
def test_uneven_and_missing_pictures_leave_the_numbers_alone(seed: int) -> None:
    """A phone's uneven times and 5 % lost pictures: cadence within 1, angles within 2 degrees of the even film."""
    scene = draw_scene(seed, 60.0)
    even = replace(PERFECT, fps=60.0)
    uneven = replace(even, time_jitter=0.5, lost_frames_share=0.05)
    one, other = (
        values(analyse_gait(synthesize(replace(scene, sensor=sensor, duration_s=9.0)).recording, KB))
        for sensor in (even, uneven)
    )
    assert other["cadence", None] == pytest.approx(one["cadence", None], abs=1.0)
    for name in ANGLES:
        key = next(key for key in one if key[0] == name)
        assert other[key] == pytest.approx(one[key], abs=2.0), name


@pytest.mark.parametrize(
    "camera", [Camera(roll_deg=1.0), Camera(roll_deg=-1.0), Camera(orbit_deg=4.0), Camera(orbit_deg=-4.0)]
)
def test_a_camera_a_little_off_level_or_off_square_leaves_the_contact_time(camera: Camera) -> None:
    """One degree of tilt raises the ground by as much as the toe rises in 25 ms: it must not end up in the times."""
    sensor = replace(PERFECT, fps=60.0)
    straight, turned = (
        values(analyse_gait(synthesize(Scene(camera=where, sensor=sensor, duration_s=8.0)).recording, KB))
        for where in (Camera(), camera)
    )
    assert turned["contact_time", True] == pytest.approx(straight["contact_time", True], abs=10.0)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        (Scene(gait=WALKING), {"walking"}),
        (Scene(gait=replace(WALKING, cadence_spm=128.0, speed_mps=1.5)), {"walking"}),
        (Scene(gait=SHUFFLING), {"walking", "not_running"}),
        (Scene(gait=STANDING), {"not_running"}),
        (Scene(gait=RACE_WALKING), {"walking", "duty_factor_odd"}),
        (Scene(gait=GROUCHO), {"duty_factor_odd", "walking", "cadence_disagrees"}),
        (Scene(other=Gait(), other_share=0.0), {"several_people"}),
        (Scene(camera=Camera(orbit_deg=90.0)), {"not_side_view"}),
        (Scene(camera=Camera(orbit_deg=-90.0)), {"not_side_view"}),
        (Scene(camera=Camera(orbit_deg=50.0)), {"not_side_view"}),
        (Scene(camera=Camera(leg_px=110.0)), {"too_small"}),
        (Scene(camera=Camera(feet_up_px=75.0, leg_px=330.0)), {"feet_out_of_frame"}),
        (Scene(sensor=Sensor(fps=12.0)), {"fps_too_low"}),
        (Scene(duration_s=2.5), {"too_short", "few_steps"}),
        (Scene(sensor=Sensor(lost_person_per_s=3.0, lost_person_s=0.4)), {"no_runner", "few_steps", "sides_uncertain"}),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else "",
)
def test_what_cannot_be_measured_is_refused(scene: Scene, expected: set[str]) -> None:
    short = replace(scene, duration_s=min(scene.duration_s, 8.0))
    report = analyse_gait(synthesize(short).recording, KB)
    assert expected & {refusal.code for refusal in report.refusals}
    assert report.metrics == ()
    assert report.findings == ()


def test_a_jump_to_another_person_is_refused() -> None:
    scene = Scene(other=Gait(cadence_spm=176.0), other_share=0.3)
    recording = synthesize(scene).recording
    assert set(codes(recording)) & {"several_people", "person_changes"}
    unseen = replace(recording, poses=replace(recording.poses, people=None))
    assert "person_changes" in codes(unseen)


# --- intervals --------------------------------------------------------------------------------------------------------


def test_stated_intervals_hold_the_truth() -> None:
    """A small sample: at least 90 % of all stated intervals hold what was true of the runner."""
    films = [study_film(KB, seed, fps) for seed in range(300, 303) for fps in (30.0, 60.0)]
    scored = [one for each in films for one in each.scored]
    assert len(scored) > 40
    assert np.mean([one.covered for one in scored]) >= 0.90


@pytest.mark.nightly
@pytest.mark.parametrize("fps", [30.0, 60.0, 120.0, 240.0])
def test_stated_intervals_hold_the_truth_for_every_metric(fps: float) -> None:
    """40 runners at each rate: every metric's interval holds the truth in at least 90 % of the films."""
    films = [study_film(KB, seed, fps) for seed in range(400, 440)]
    table = tabulate(films)
    assert {name: row.covered for name, row in table.items() if row.covered < 0.90} == {}
    swaps = total_swaps(films)
    assert swaps.found_share >= 0.99
    assert sum(not each.refusals for each in films) > 30
