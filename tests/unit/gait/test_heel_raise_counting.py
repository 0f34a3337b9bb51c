"""Counting, faults and heights on made-up films: the list of heel-raise.md §5 and what else can happen."""

from dataclasses import replace

import numpy as np
import pytest
from heel_raise_films import FOOT_CM, LEFT, MASS_KG, RIGHT, analyse, caution_names, counted, knowledge, script, value

from soleus.core.gait import Band
from soleus.core.measurement import Grade, Measurement, Unavailable
from soleus.core.recording import KEYPOINT_INDEX, MIRRORED, Facing, Recording
from soleus.gait.heel_raise.count import count_raises, reference_height
from soleus.gait.heel_raise.judge import beat_of, stop_of
from soleus.gait.heel_raise.signal import noise_of
from soleus.gait.heel_raise.track import low_pass
from soleus.validation.synthetic_heel_raise import film

GAIT = knowledge().gait

COUNTS = {
    "12 Hz noise of 2 mm": script(noise_mm=2.0, fps=60.0),
    "slow drift of 1 cm": script(drift_cm=1.0),
    "half-height cheats": script(partial={3: 0.4, 6: 0.4}),
    "pause at the top": script(pause_top_s={4: 1.5}),
    "two beats skipped": script(skipped_beats={4: 2}),
    "missing frames for 0.3 s": script(gaps_s=((7.0, 0.3),)),
    "knee bends": script(knee_bend_deg={4: 32.0}),
    "trunk leans": script(lean_deg={4: 25.0}),
    "hip shifts": script(hip_shift_cm={4: 9.0}),
    "heel stays up once": script(short_return={4: 0.5}),
    "last one half done": script(ending="half"),
    "film cut at the top": script(ending="cut"),
    "steps in and away": script(walk_in_s=2.0, ending="step_away"),
    "camera bumped": script(bump_at_s=8.0),
    "camera pans": script(pan_px_per_s=10.0),
    "camera trembles": script(shake_mm=4.0),
    "left and right exchanged": script(swaps=0.1),
    "points jump": script(spikes=0.02),
    "uneven pictures": script(uneven_ms=3.0),
    "slow noise": script(noise_memory_s=0.15),
    "15 pictures a second": script(fps=15.0, noise_mm=1.5),
    "a single raise": script(reps=1),
    "no wall": script(hand="none"),
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_count_is_exact(name: str) -> None:
    found, truth = counted(COUNTS[name])
    assert not found.refusals
    assert value(found.count) == truth.count
    assert found.attempted == truth.attempted


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"partial": {3: 0.4}}, "low"),
        ({"knee_bend_deg": {3: 32.0}}, "knee_bend"),
        ({"lean_deg": {3: 25.0}}, "lean"),
        ({"short_return": {3: 0.5}}, "short_return"),
        ({"pause_top_s": {3: 1.5}}, "off_beat"),
        ({"skipped_beats": {3: 2}}, "off_beat"),
    ],
)
def test_each_cheat_is_named(given: dict[str, object], fault: str) -> None:
    found, _ = counted(script(**given))
    assert [i for i, one in enumerate(found.raises) if one.faults] == [3]
    assert found.raises[3].faults == (fault,)


@pytest.mark.parametrize("fps", [30.0, 60.0])
def test_heights_agree_with_the_truth_and_between_rates(fps: float) -> None:
    found, truth = counted(script(fps=fps, noise_mm=2.0))
    errors = [one.height_cm - real.rise_cm for one, real in zip(found.raises, truth.raises, strict=True)]
    assert np.max(np.abs(errors)) < 0.5
    assert abs(np.mean(errors)) < 0.3
    peak = found.peak_height_cm
    assert isinstance(peak, Measurement)
    assert peak.low < max(real.rise_cm for real in truth.raises) < peak.high


def test_thirty_and_sixty_pictures_a_second_agree() -> None:
    """Within one raise and 3 mm (heel-raise.md §5)."""
    slow, _ = counted(script(fps=30.0))
    fast, _ = counted(script(fps=60.0))
    assert abs(value(slow.count) - value(fast.count)) <= 1
    assert abs(value(slow.mean_height_cm) - value(fast.mean_height_cm)) < 0.3


def test_all_numbers_of_a_set() -> None:
    found, truth = counted(script(reps=10, fade=0.3))
    total = sum(real.rise_cm for real in truth.raises)
    assert value(found.total_displacement_cm) == pytest.approx(total, rel=0.05)
    assert value(found.work_index_j) == pytest.approx(MASS_KG * 9.81 * value(found.total_displacement_cm) / 100)
    assert value(found.total_displacement_ratio) * FOOT_CM == pytest.approx(value(found.total_displacement_cm))
    assert value(found.rate_per_min) == pytest.approx(30, abs=1)
    assert 5 < value(found.fatigue_index_pct) < 35
    assert value(found.height_slope_pct) == pytest.approx(-100 * 0.3 / 9, abs=1)
    assert value(found.mean_power_w) > 20
    assert value(found.peak_velocity_ratio_s) > 0.3
    assert found.count.grade is Grade.RELIABLE
    assert found.stopped_by == "end_of_clip"
    assert len(found.trace_s) == len(found.trace_ratio) > 100
    assert found.snr > GAIT.value("heel_raise.gate.min_snr")
    assert found.stopped_at_s == pytest.approx(truth.raises[-1].end_s, abs=0.3)


def test_without_foot_length_or_mass_the_reason_stands_there() -> None:
    found, truth = counted(script(), foot_length_cm=None, body_mass_kg=None)
    assert value(found.count) == truth.count
    assert isinstance(found.peak_height_cm, Unavailable)
    assert found.peak_height_cm.reason.text == "heel_raise.no_value.no_foot_length"
    assert found.raises[0].height_cm is None
    heavy, _ = counted(script(), body_mass_kg=None)
    assert heavy.work_index_j.reason.text == "heel_raise.no_value.no_body_mass"
    assert heavy.mean_power_w.reason.text == "heel_raise.no_value.no_body_mass"


def test_one_raise_has_no_pace_and_few_have_no_fatigue() -> None:
    found, _ = counted(script(reps=1))
    assert value(found.count) == 1
    assert found.rate_per_min.reason.text == "heel_raise.no_value.one_raise"
    assert found.fatigue_index_pct.reason.text == "heel_raise.no_value.too_few_for_fatigue"
    assert found.peak_height_cm.spread is None
    two, _ = counted(script(reps=2))
    assert two.rate_per_min.spread is None


def test_two_faults_in_a_row_end_the_test() -> None:
    low, truth = counted(script(reps=8, partial={4: 0.4, 5: 0.4}))
    assert (value(low.count), low.stopped_by) == (truth.count, "height_lost") == (4, "height_lost")
    assert [one.faults[-1] for one in low.raises[6:]] == ["after_stop", "after_stop"]
    assert low.attempted == 8
    mixed, _ = counted(script(reps=8, partial={4: 0.4}, knee_bend_deg={5: 32.0}))
    assert (value(mixed.count), mixed.stopped_by) == (4, "two_faults")
    late, _ = counted(script(reps=10, skipped_beats={6: 2, 7: 2}))
    assert (value(late.count), late.stopped_by) == (6, "pace_lost")


def test_no_raise_that_counts_is_told_as_none() -> None:
    found, _ = counted(script(reps=5, knee_bend_deg=dict.fromkeys(range(5), 32.0)))
    assert value(found.count) == 0
    for measured in (found.peak_height_cm, found.total_displacement_cm, found.mean_height_cm, found.work_index_j):
        assert measured.reason.text == "heel_raise.no_value.none_count"
    assert found.mean_power_w.reason.text == "heel_raise.no_value.none_count"
    assert found.peak_velocity_ratio_s.reason.text == "heel_raise.no_value.none_count"
    assert found.stopped_at_s is None


def test_a_raise_near_a_limit_makes_the_count_an_interval() -> None:
    found, _ = counted(script(reps=8, partial={4: 0.47}, noise_mm=4.0, fade=0.0))
    assert isinstance(found.count, Measurement)
    assert found.count.low < found.count.high
    assert "near_limit" in caution_names(found.cautions)


@pytest.mark.parametrize("tempo", [15.0, 45.0])
def test_another_pace_is_counted_but_set_beside_nobody(tempo: float) -> None:
    found, truth = counted(script(tempo_per_min=tempo), age_years=40, sex=None)
    assert value(found.count) == truth.count
    assert value(found.rate_per_min) == pytest.approx(tempo, rel=0.05)
    assert found.band is Band.NO_NORM
    assert "off_pace" in caution_names(found.cautions)
    asked, _ = counted(script(tempo_per_min=tempo), metronome_per_min=tempo)
    assert "off_pace" not in caution_names(asked.cautions)


def test_a_film_that_ends_early_says_so() -> None:
    found, _ = counted(script(lead_out_s=0.6))
    assert "film_ended" in caution_names(found.cautions)
    rested, _ = counted(script(lead_out_s=3.0))
    assert "film_ended" not in caution_names(rested.cautions)


def mirrored(recording: Recording) -> Recording:
    """The same film in a mirror."""
    points = recording.poses.points[:, MIRRORED].copy()
    points[:, :, 0] = recording.poses.width_px - points[:, :, 0]
    return replace(recording, poses=replace(recording.poses, points=points))


def test_a_mirror_swaps_the_side_and_nothing_else() -> None:
    recording, _ = film(script(knee_bend_deg={3: 32.0}))
    found, swapped = analyse(recording), analyse(mirrored(recording))
    assert (found.side, swapped.side) == (LEFT, RIGHT)
    assert [one.faults for one in found.raises] == [one.faults for one in swapped.raises]
    assert value(found.peak_height_cm) == pytest.approx(value(swapped.peak_height_cm))


def test_the_size_in_the_picture_does_not_matter() -> None:
    recording, _ = film(script())
    points = recording.poses.points.copy()
    points[:, :, :2] *= 0.6
    smaller = replace(recording, poses=replace(recording.poses, points=points))
    assert value(analyse(smaller).peak_height_cm) == pytest.approx(value(analyse(recording).peak_height_cm))


def test_names_of_the_legs_follow_most_of_the_film() -> None:
    """A network that has the legs the wrong way round at first does not decide which leg it was."""
    recording, truth = film(script())
    points = recording.poses.points.copy()
    points[:60] = points[:60, MIRRORED]
    found = analyse(replace(recording, poses=replace(recording.poses, points=points)))
    assert found.side is LEFT
    assert value(found.count) == truth.count


def test_what_was_not_seen_is_no_fault_but_told() -> None:
    assert "knee_unseen" in caution_names(counted(script(unseen=("hip",)))[0].cautions)
    unseen, _ = counted(script(unseen=("shoulder", "wrist")))
    assert {"lean_unseen", "hand_unseen"} <= set(caution_names(unseen.cautions))
    assert "hand_unseen" not in caution_names(counted(script())[0].cautions)
    knee, _ = counted(script(unseen=("knee",)))
    assert "knee_unseen" in caution_names(knee.cautions)
    assert "knee_flexion_deg" not in knee.raises[0].values


def test_other_cautions_of_a_film() -> None:
    assert "far_leg" in caution_names(counted(script(side=RIGHT, facing=Facing.LEFT))[0].cautions)
    assert "hand_low" in caution_names(counted(script(hand="rail", height_cm=4.0))[0].cautions)
    differs, _ = counted(script(), side=RIGHT)
    assert (differs.side, caution_names(differs.cautions)[0]) == (RIGHT, "side_differs")
    assert "oblique" in caution_names(counted(script(view_deg=40.0))[0].cautions)
    recording, _ = film(script())
    people = np.ones(recording.poses.frames, dtype=np.int16)
    people[5] = 2
    crowded = replace(recording, poses=replace(recording.poses, people=people))
    assert "several_people" in caution_names(analyse(crowded).cautions)


def test_a_step_between_raises_is_told() -> None:
    recording, _ = film(script(reps=7, seed=3))
    points = recording.poses.points.copy()
    times = recording.poses.times_s
    moved = np.clip((times - 7.2) / 0.8, 0, 1)
    points[:, :, 0] += 320 * moved[:, None]
    found = analyse(replace(recording, poses=replace(recording.poses, points=points)))
    assert "moved_foot" in caution_names(found.cautions)
    assert value(found.count) < 7


def test_nothing_in_nothing() -> None:
    empty = np.full(200, np.nan)
    assert np.isnan(reference_height(empty, empty, 30.0, GAIT))
    flat = np.full(200, -1.0)
    assert np.isnan(reference_height(flat, flat, 30.0, GAIT))
    smooth = np.linspace(0, 1, 200)
    assert np.isnan(reference_height(smooth, smooth, 30.0, GAIT))
    assert count_raises(flat, flat, 30.0, float("nan"), GAIT) == ()
    assert beat_of((), 30.0, GAIT) == (2.0, True)
    assert stop_of((), GAIT) == (0, "end_of_clip")
    assert noise_of(empty, 30.0, 4.0) == np.inf
    assert noise_of(np.zeros(200), 8.0, 4.0) == np.inf
    assert np.isnan(low_pass(empty, 30.0, 4.0)).all()


def test_a_curve_that_ends_on_its_way_up() -> None:
    wave = np.concatenate([np.zeros(60), 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, 20)), np.ones(10)])
    (rep,) = count_raises(wave, wave, 30.0, 1.0, GAIT)
    assert not rep.finished
    assert rep.end <= len(wave) - 1


def test_toes_are_named_as_the_skeleton_does() -> None:
    assert {"left_toe", "right_heel"} <= KEYPOINT_INDEX.keys()
