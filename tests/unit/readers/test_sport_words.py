"""Words for sports as apps write them, in the language of their owner."""

import pytest

from soleus.core.activity import Sport
from soleus.readers.sport_names import detail_of, device_named, sport_of


@pytest.mark.parametrize(
    ("word", "sport"),
    [
        ("Running", Sport.RUNNING),
        ("trail_running", Sport.RUNNING),
        ("VirtualRun", Sport.RUNNING),
        ("9", Sport.RUNNING),
        ("Laufen", Sport.RUNNING),
        ("course à pied", Sport.RUNNING),
        ("Corrida", Sport.RUNNING),
        ("Løb", Sport.RUNNING),
        ("Treadmill", Sport.RUNNING),
        ("treadmill_walking", Sport.WALKING),
        ("Spaziergang", Sport.WALKING),
        ("Randonnée", Sport.HIKING),
        ("Bicicleta", Sport.CYCLING),
        ("wheelchair_push_run_speed", Sport.OTHER),
        ("Crunches", Sport.STRENGTH),
        ("Stand Up Paddling", Sport.OTHER),
        ("Elliptical", Sport.OTHER),
        ("Other", Sport.OTHER),
        (" ", Sport.UNKNOWN),
    ],
)
def test_the_sport_of_a_word(word, sport):
    assert sport_of(word) is sport


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("trail_running", "trail_running"),
        ("Running", "running"),
        ("VirtualRide", "virtualride"),
        ("Run with Jo Doe jo@mail.example", "run"),
        ("Jo", ""),
        ("9", ""),
        ("traillauf" * 5_000 + "x", ""),
    ],
)
def test_only_words_for_sports_stay_of_a_free_text(text, detail):
    assert detail_of(text) == detail


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("Garmin Forerunner 245 Music", "Garmin Forerunner 245 Music"),
        ("Polar Vantage V2", "Polar Vantage V2"),
        ("StravaGPX iPhone", "iPhone"),
        ("Garmin of Jo Doe", "Garmin"),
        ("Samsung Galaxy Watch4 (Jo)", "Samsung Galaxy Watch4"),
        ("Jo's Garmin", ""),
    ],
)
def test_a_watch_keeps_its_make_and_model_but_not_its_owner(name, product):
    assert device_named(name).product == product
