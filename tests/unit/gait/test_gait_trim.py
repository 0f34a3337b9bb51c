"""Who runs past is judged by the part in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from stick_runner import stick_recording

from soleus.gait.trim import cut, inner


def test_from_the_first_to_the_last_whole_frame() -> None:
    present = np.array([False, True, True, False, True, True, True])
    outside = np.zeros((2, 7), dtype=bool)
    outside[0, 1] = outside[1, 6] = True
    assert inner(present, outside) == (2, 6)
    assert inner(np.zeros(3, dtype=bool), np.zeros((2, 3), dtype=bool)) == (0, 0)
    assert inner(np.zeros(0, dtype=bool), np.zeros((2, 0), dtype=bool)) == (0, 0)


def test_everything_that_goes_with_a_frame_is_cut_with_it() -> None:
    count = np.arange(180.0)
    film = stick_recording(sharpness=count, shift_px=np.stack([count, count], axis=1), motion_energy=count)
    film = replace(film, poses=replace(film.poses, people=count.astype(np.int16)))
    shorter = cut(film, 10, 100)
    assert shorter.poses.frames == 90
    assert shorter.poses.times_s[0] == film.poses.times_s[10]
    assert shorter.poses.people is not None
    assert shorter.facts.sharpness is not None
    assert shorter.facts.shift_px is not None
    assert shorter.facts.motion_energy is not None
    firsts = (
        shorter.poses.people[0],
        shorter.facts.sharpness[0],
        shorter.facts.shift_px[0, 0],
        shorter.facts.motion_energy[0],
    )
    assert firsts == (10, 10, 10, 10)


def test_a_film_that_needs_no_cut_stays_and_unmeasured_facts_stay_unmeasured() -> None:
    film = stick_recording()
    assert cut(film, 0, film.poses.frames) is film
    shorter = cut(film, 5, 50)
    assert shorter.facts.sharpness is None
    assert shorter.facts.shift_px is None
    assert shorter.facts.motion_energy is None
    assert shorter.poses.people is None
