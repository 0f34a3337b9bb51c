"""What the pages for films take and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict

from soleus.core.measurement import Side
from soleus.web.journey.forms import FormError, Mistakes, read_number
from soleus.web.journey.uploads import Wanted, size_words

FIELD = "film"
KINDS = "video/*"
SLOW = {"": None, "1": 1.0, "4": 4.0, "8": 8.0, "16": 16.0}
"""Slow motion: not told, none, and the factors that phones offer (120, 240 and 480 pictures a second at 30)."""
GROUNDS = {"treadmill": True, "outside": False}
STOPS = ("tired", "pain", "rhythm", "form")
MOST_REPS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmWishes:
    """What the runner said about a film."""

    slow_motion: float | None = None
    speed_mps: float | None = None
    treadmill: bool | None = None
    keep_picture: bool = False
    """Keep the film with the drawing on it; else only the drawn figure is kept."""
    foot_length_cm: float | None = None
    pain_nrs: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCount:
    """A heel-raise test counted by the runner."""

    reps: int
    pain_nrs: float
    stopped: str


def wanted() -> Wanted:
    """One film."""
    most = size_words(settings.FILM_MAX_BYTES)
    return Wanted(
        field=FIELD,
        most_bytes=settings.FILM_MAX_BYTES,
        too_large=lambda total: (
            f"Choose a shorter film: this one is {size_words(total)}, and we can take {most}. Ten seconds are enough"
        ),
        none="Choose a film, or record one",
        no_room="There is no room on this server now. Try again later",
        busy="Many people are sending films now. Try again in a few minutes",
    )


def read_run_wishes(post: QueryDict) -> FilmWishes:
    """How a run was filmed. Raises Mistakes with every mistake."""
    errors: list[FormError] = []
    slow = post.get("slow", "")
    if slow not in SLOW:
        errors.append(FormError("slow", "Choose one of the answers about slow motion"))
    speed = None
    try:
        kmh = read_number(post, "speed", low=4, high=30, what="the speed in km/h")
        speed = None if kmh is None else kmh / 3.6
    except Mistakes as mistakes:
        errors += mistakes.errors
    if post.get("consent") != "yes":
        errors.append(FormError("consent", "Tick the box when you agree. Without it we cannot read the film"))
    if errors:
        raise Mistakes(*errors)
    return FilmWishes(
        slow_motion=SLOW[slow],
        speed_mps=speed,
        treadmill=GROUNDS.get(post.get("ground", "")),
        keep_picture=post.get("keep") == "yes",
    )


def read_heel_wishes(post: QueryDict) -> FilmWishes:
    """How a heel-raise test was filmed. Raises Mistakes with every mistake."""
    errors: list[FormError] = []
    foot = pain = None
    try:
        foot = read_number(post, "foot", low=15, high=40, what="the length of your foot in cm")
    except Mistakes as mistakes:
        errors += mistakes.errors
    try:
        pain = _read_pain(post)
    except Mistakes as mistakes:
        errors += mistakes.errors
    if post.get("consent") != "yes":
        errors.append(FormError("consent", "Tick the box when you agree. Without it we cannot read the film"))
    if errors:
        raise Mistakes(*errors)
    return FilmWishes(foot_length_cm=foot, pain_nrs=pain, keep_picture=post.get("keep") == "yes")


def read_count(post: QueryDict) -> HandCount:
    """The count by hand. Raises Mistakes with every mistake."""
    errors: list[FormError] = []
    reps = pain = None
    try:
        reps = read_number(post, "reps", low=0, high=MOST_REPS, what="the number of heel raises")
        if reps is None:
            errors.append(FormError("reps", "Write how many heel raises you did, 0 if none"))
        elif reps != int(reps):
            errors.append(FormError("reps", "Write a whole number"))
    except Mistakes as mistakes:
        errors += mistakes.errors
    try:
        pain = _read_pain(post)
    except Mistakes as mistakes:
        errors += mistakes.errors
    stopped = post.get("stopped", "")
    if stopped not in STOPS:
        errors.append(FormError("stopped", "Choose why you stopped", anchor=f"stopped-{STOPS[0]}"))
    if errors or reps is None or pain is None:
        raise Mistakes(*errors)
    return HandCount(reps=int(reps), pain_nrs=pain, stopped=stopped)


def _read_pain(post: QueryDict) -> float:
    pain = read_number(post, "pain", low=0, high=10, what="the pain")
    if pain is None:
        raise Mistakes(FormError("pain", "Write the worst pain during the test, 0 if there was none"))
    return pain


def side_of(slug: str) -> Side:
    """Side of an address ("left"). Raises ValueError for anything else."""
    return Side(slug)


def typed(post: QueryDict) -> dict[str, Any]:
    """What was typed, to show it again beside the mistakes."""
    return {name: post.get(name, "") for name in ("slow", "speed", "ground", "keep", "foot", "pain", "reps", "stopped")}
