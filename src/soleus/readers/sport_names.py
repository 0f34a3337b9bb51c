"""Sport, ground and device from the words files use; people's names in device names are dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping

from soleus.core.activity import Device, Sport, Surface

_WORDS: tuple[tuple[str, Sport], ...] = (
    ("multi", Sport.MULTISPORT),
    ("triathlon", Sport.MULTISPORT),
    ("duathlon", Sport.MULTISPORT),
    ("wheelchair", Sport.OTHER),
    ("crunch", Sport.STRENGTH),
    ("run", Sport.RUNNING),
    ("jog", Sport.RUNNING),
    ("treadmill walk", Sport.WALKING),
    ("treadmill", Sport.RUNNING),
    ("hik", Sport.HIKING),
    ("trek", Sport.HIKING),
    ("mountaineering", Sport.HIKING),
    ("walk", Sport.WALKING),
    ("bik", Sport.CYCLING),
    ("cycl", Sport.CYCLING),
    ("ride", Sport.CYCLING),
    ("swim", Sport.SWIMMING),
    ("strength", Sport.STRENGTH),
    ("weight", Sport.STRENGTH),
)
_TITLES: Mapping[Sport, str] = {
    Sport.RUNNING: """run running jog jogging parkrun treadmill lauf laufen läuft laufband traillauf carrera correr
        course corsa corrida hardlopen løb løp löpning juoksu bieg futás běh ランニング""",
    Sport.CYCLING: "ride cycling bike biking radfahrt radtour vélo bicicleta fietsrit fietstocht",
    Sport.WALKING: "walk walking spaziergang marche caminata caminhada camminata wandeling",
    Sport.HIKING: "hike hiking wanderung wandern randonnée escursione senderismo",
    Sport.SWIMMING: "swim swimming schwimmen natation natación nuoto natação",
}
_TITLE_WORDS = {sport: frozenset(words.split()) for sport, words in _TITLES.items()}
"""Whole words of titles as platforms make them ("Afternoon Run", "Lauf am Morgen")."""
_GROUNDS = """
trail track indoor virtual street road mountain gravel open water pool lap ultra obstacle nordic speed training other
gym cardio yoga running hiking hike biking bike cycle cycling swimming ski skiing rowing elliptical fitness race
"""
_DETAIL = re.compile(
    "(?:"
    + "|".join(sorted({*(word for word, _ in _WORDS), *frozenset().union(*_TITLE_WORDS.values()), *_GROUNDS.split()}))
    + ")+"
)
_STRAVA_CODES: Mapping[str, Sport] = {
    "1": Sport.CYCLING,
    "4": Sport.HIKING,
    "9": Sport.RUNNING,
    "10": Sport.WALKING,
}
"""Numbers in `<type>` of Strava's GPX until about 2018."""
_MAKERS: Mapping[str, str] = {
    "garmin": "garmin", "forerunner": "garmin", "fenix": "garmin", "fēnix": "garmin",
    "vivoactive": "garmin", "vívoactive": "garmin", "epix": "garmin",
    "polar": "polar", "suunto": "suunto", "movescount": "suunto", "amazfit": "amazfit", "huami": "amazfit",
    "zepp": "amazfit", "coros": "coros", "apple": "apple", "wahoo": "wahoo", "tomtom": "tomtom", "fitbit": "fitbit",
    "stryd": "stryd", "runscribe": "runscribe", "samsung": "samsung", "huawei": "huawei", "nike": "nike",
    "strava": "strava", "withings": "withings", "timex": "timex", "lezyne": "lezyne", "google": "google",
}  # fmt: skip
_MODEL_WORDS = """
active adventurer ambit android api app apex ascent axiom barometer band baro bip bold bolt cardio challenger charge
cheetah club com connect cor duo edge elemnt elite enduro epix exporter fit flow galaxy gear gps gpsmap grit gt gtr
gts health hr hrm ignite instinct inspire ios ionic iphone iq lily lite loop marq max mini mobile multisport music
optical pace pacer peak phone pixel pop pro plus quatix race rival roam run runner running samsung scanwatch se sense
series solar spark spartan sport sports stratos strava surge swim tactix titan titanium track traverse trainer
training treadmill trex ultra unite vantage vertical vertix venu verity versa virb vivofit vivomove vivosmart
vivosport watch wearable wear wifi with x xt zenfit
"""
_MODELS = frozenset(_MODEL_WORDS.split())
"""Words of product names."""
_APPLE_WATCH = re.compile(r"apple\s*watch(?:\s+(?:series\s*\d+|ultra(?:\s*\d)?|se))?", re.IGNORECASE)
_ADDRESS = re.compile(r"\s*[-–]?\s*https?://\S*|\S+@\S+")


def sport_of(word: str) -> Sport:
    """The sport a word of a file stands for, in the languages of `sport_in_title` too; UNKNOWN for an empty word."""
    text = word.strip().lower().replace("_", " ")
    if not text or text == "unknown":
        return Sport.UNKNOWN
    if text in _STRAVA_CODES:
        return _STRAVA_CODES[text]
    found = next((sport for part, sport in _WORDS if part in text), Sport.UNKNOWN)
    if found is Sport.UNKNOWN:
        found = sport_in_title(text)
    return Sport.OTHER if found is Sport.UNKNOWN else found


def sport_in_title(title: str) -> Sport:
    """The one sport whose words a title holds; UNKNOWN for none or several. The title itself is not kept."""
    words = set(re.findall(r"[^\W\d_]+", title.lower()))
    found = [sport for sport, known in _TITLE_WORDS.items() if words & known]
    return found[0] if len(found) == 1 else Sport.UNKNOWN


def detail_of(word: str) -> str:
    """The words of a free text that say what kind of sport it was; all others could be a name or a title."""
    tokens = re.findall(r"[^\W\d_]+", word[:200].lower())
    # Long tokens are no words, and words within words would be tried in every way.
    return "_".join(token for token in tokens if len(token) <= 30 and _DETAIL.fullmatch(token))[:40]


def surface_of(word: str) -> Surface:
    """The ground a sub-sport word names; UNKNOWN when it names none."""
    text = word.strip().lower().replace("_", " ")
    if "treadmill" in text or "indoor run" in text or "virtual run" in text:
        return Surface.TREADMILL
    if "trail" in text:
        return Surface.TRAIL
    if "track" in text:
        return Surface.TRACK
    if "street" in text or "road run" in text:
        return Surface.ROAD
    return Surface.UNKNOWN


def device_named(name: str) -> Device:
    """Make and model from a free-text name; only names that begin with a known make or product are kept."""
    text = " ".join(_ADDRESS.sub("", name).split())[:60]
    watch = _APPLE_WATCH.search(text)
    if watch:
        return Device(manufacturer="apple", product=watch.group())
    lowered = text.lower()
    maker = next((make for word, make in _MAKERS.items() if lowered.startswith(word)), "")
    if not maker:
        return Device()
    # Owners name their watches: a word that is no maker's, no model's and holds no digit may be a person.
    return Device(manufacturer=maker, product=" ".join(word for word in text.split() if _is_model(word)))


def _is_model(word: str) -> bool:
    plain = word.strip("()[],.;:®™+").lower()
    return not plain or any(c.isdigit() for c in plain) or plain in _MAKERS or plain in _MODELS


def in_steps(sport: Sport) -> bool:
    """Whether a cadence of this sport is one leg's steps (so that both feet take twice as many)."""
    return sport not in {Sport.CYCLING, Sport.SWIMMING}


def has_barometer(name: str) -> bool | None:
    """True for names that end as platforms ask devices with a barometer to end them; else not known."""
    return True if "with barometer" in name.lower() else None
