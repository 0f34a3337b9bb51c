"""A file that names no sport counts as a run only when it moves like one."""

import numpy as np
import pytest
from recordings import KNOWLEDGE, activity, steady

from soleus.core.activity import Interval, Sport
from soleus.training.clean import clean_activity
from soleus.training.sport import fix_unknown_sport


def guessed(recording):
    return fix_unknown_sport(recording, recording.stream, KNOWLEDGE)


@pytest.mark.parametrize(
    ("speed", "sport"), [(1.4, Sport.UNKNOWN), (2.0, Sport.RUNNING), (5.0, Sport.RUNNING), (6.2, Sport.UNKNOWN)]
)
def test_the_usual_speed_decides(speed, sport):
    assert guessed(steady(speed=speed, sport=Sport.UNKNOWN))[0].sport is sport


def test_the_edit_is_reported():
    after, edits = clean_activity(steady(sport=Sport.UNKNOWN), KNOWLEDGE)
    assert after.sport is Sport.RUNNING
    assert {e.fixer: e.detail for e in edits}["unknown_sport"] == "moves_like_a_run"


def test_a_named_sport_is_believed():
    assert guessed(steady(sport=Sport.CYCLING))[0].sport is Sport.CYCLING


def test_fast_descents_are_a_bicycle():
    time = np.arange(1801.0)
    speed = np.where(time % 600 < 100, 11.0, 4.5)
    assert guessed(activity(time, sport=Sport.UNKNOWN, speed_mps=speed))[0].sport is Sport.UNKNOWN


@pytest.mark.parametrize(
    ("cadence", "sport"), [(80.0, Sport.UNKNOWN), (165.0, Sport.RUNNING), (np.nan, Sport.RUNNING), (0.0, Sport.RUNNING)]
)
def test_counted_steps_have_the_last_word(cadence, sport):
    assert guessed(steady(speed=2.2, sport=Sport.UNKNOWN, cadence_spm=cadence))[0].sport is sport


@pytest.mark.parametrize("time", [[0.0], [0.0, 5.0]])
def test_standing_or_one_sample_says_nothing(time):
    assert guessed(activity(time, sport=Sport.UNKNOWN, speed_mps=0.0))[0].sport is Sport.UNKNOWN


def test_without_speed_nothing_is_guessed():
    assert guessed(activity([0, 60], sport=Sport.UNKNOWN, heart_rate_bpm=150))[0].sport is Sport.UNKNOWN


def test_standing_in_a_pause_does_not_count():
    time = np.arange(1801.0)
    walk_then_run = np.where(time < 1000, 1.0, 3.0)
    assert guessed(activity(time, sport=Sport.UNKNOWN, speed_mps=walk_then_run))[0].sport is Sport.UNKNOWN
    paused = activity(time, sport=Sport.UNKNOWN, speed_mps=walk_then_run, pauses=[Interval(start_s=0, end_s=1000)])
    assert guessed(paused)[0].sport is Sport.RUNNING
