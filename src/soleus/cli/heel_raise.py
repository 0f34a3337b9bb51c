"""`soleus heel-raise FILM`: the single-leg heel-raise test from a film, from body points, or counted by hand."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from soleus.cli.common import knowledge_of, today_of, wording, wrap
from soleus.cli.gait import NOT_MEASURED, PictureBar, bullets, look_at, missing_extra, value_lines
from soleus.core.errors import AnswerError
from soleus.core.measurement import Side

if TYPE_CHECKING:
    from soleus.core.case import Sex
    from soleus.core.gait import HeelRaiseReport, HeelRaiseSet
    from soleus.core.recording import Recording
    from soleus.knowledge.base import KnowledgeBase

LIMITS = (
    ("foot_length_cm", (15.0, 36.0), "centimetres, from heel to big toe"),
    ("mass_kg", (25.0, 250.0), "kilograms"),
    ("metronome", (10.0, 60.0), "raises a minute"),
    ("age", (10.0, 110.0), "years"),
    ("pain", (0.0, 10.0), "0 is no pain, 10 the worst"),
    ("slow_motion", (1.0, 100.0), "times slower than life"),
    ("count", (0, 200), "raises"),
    ("other_count", (0, 200), "raises"),
)
SHOWN = ("film", "keypoints", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One leg of the test as the person gave it: exactly one of the three."""

    film: Path | None
    keypoints: Path | None
    count: int | None


def run(arguments: argparse.Namespace) -> int:
    """Count one or both legs, and print or write what it means."""
    from soleus.exports.gait_json import heel_raise_json
    from soleus.exports.heel_raise_document import heel_raise_document
    from soleus.gait.heel_raise import heel_raise_report

    first, second = _checked(arguments)
    kb = knowledge_of(arguments)
    side = Side(arguments.side) if arguments.side else None
    done = [_leg(first, side, arguments, kb)]
    if second is not None:
        done.append(_leg(second, done[0][0].side.other, arguments, kb))
    sets = [one for one, _ in done]
    report = heel_raise_report(
        sets,
        kb,
        affected=Side(arguments.sore) if arguments.sore else None,
        sex=_sex(arguments),
        age_years=arguments.age,
        observed_on=today_of(arguments),
        pain_nrs=arguments.pain,
        model=next((recording.poses.model for _, recording in done if recording is not None), ""),
    )
    _write_files(arguments, first, done[0], report, kb)
    if arguments.json:
        print(json.dumps(heel_raise_json(report), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        document = heel_raise_document(report, kb, clinical=arguments.clinical)
        print(text_report(document, wording(kb, "heel_raise.before"), clinical=arguments.clinical))
    return NOT_MEASURED if all(one.refusals for one in sets) else 0


def _checked(arguments: argparse.Namespace) -> tuple[Leg, Leg | None]:
    """Say at once what is missing, cannot work together, or cannot be true."""
    first = Leg(film=arguments.clip, keypoints=arguments.keypoints, count=arguments.count)
    other = Leg(film=arguments.other, keypoints=arguments.other_keypoints, count=arguments.other_count)
    hint = "Write soleus heel-raise FILM.mp4, --keypoints POINTS.json, or --count 18 --side left"
    if _given(first) != 1:
        raise AnswerError("give one of a film, body points or a count", where="soleus heel-raise", hint=hint)
    if _given(other) > 1:
        raise AnswerError("give the other leg once", where="--other", hint="A film, body points or a count")
    if first.count is not None and arguments.side is None:
        raise AnswerError("which leg did you count?", where="--side", hint="Write --side left or --side right")
    if (arguments.annotate or arguments.save_keypoints) and first.count is not None:
        raise AnswerError("a count has no picture", where="--annotate", hint="Give a film or body points")
    if arguments.slow_motion is not None and first.film is None and other.film is None:
        raise AnswerError("body points already are in real time", where="--slow-motion", hint="Leave it out")
    for name, (low, high), unit in LIMITS:
        value = getattr(arguments, name)
        if value is not None and not low <= value <= high:
            where = f"--{name.replace('_', '-')}"
            raise AnswerError(f"{value:g} cannot be", where=where, hint=f"Give {low:g} to {high:g} ({unit})")
    return first, other if _given(other) else None


def _given(leg: Leg) -> int:
    return sum(getattr(leg, name) is not None for name in SHOWN)


def _sex(arguments: argparse.Namespace) -> Sex | None:
    from soleus.core.case import Sex

    return Sex(arguments.sex) if arguments.sex else None


def _leg(
    leg: Leg, side: Side | None, arguments: argparse.Namespace, kb: KnowledgeBase
) -> tuple[HeelRaiseSet, Recording | None]:
    """One leg: counted by hand, or looked at."""
    from soleus.gait.heel_raise import analyse_heel_raise, manual_set

    said: dict[str, Any] = {
        "metronome_per_min": arguments.metronome,
        "incline": arguments.incline,
        "sex": _sex(arguments),
        "age_years": arguments.age,
    }
    if leg.count is not None:
        return manual_set(side or Side.LEFT, leg.count, kb, **said), None
    recording = _recording(leg, arguments)
    measured = analyse_heel_raise(
        recording,
        kb,
        side=side,
        foot_length_cm=arguments.foot_length_cm,
        body_mass_kg=arguments.mass_kg,
        **said,
    )
    return measured, recording


def _recording(leg: Leg, arguments: argparse.Namespace) -> Recording:
    if leg.keypoints is not None:
        from soleus.vision.pose.replay import read_poses

        return read_poses(leg.keypoints)
    film = leg.film
    if film is None:  # `_checked` lets nothing else through
        raise AnswerError("no film", where="soleus heel-raise")
    look_at(film)
    bar = PictureBar()
    more: dict[str, Any] = {"backend": arguments.pose} if arguments.pose else {}
    try:
        from soleus.vision.pipeline import record_clip
        from soleus.vision.video import HEEL_RAISE_LIMITS

        return record_clip(
            film,
            slow_motion=arguments.slow_motion,
            workers=arguments.workers,
            progress=bar.show,
            limits=HEEL_RAISE_LIMITS,  # the middle of a test is no test: every raise counts
            **more,
        )
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error
    finally:
        bar.clear()


def _write_files(
    arguments: argparse.Namespace,
    leg: Leg,
    done: tuple[HeelRaiseSet, Recording | None],
    report: HeelRaiseReport,
    kb: KnowledgeBase,
) -> None:
    """The page of both legs; the body points and the drawn film of the first."""
    from soleus.cli.training import write_text

    one, recording = done
    if arguments.html:
        from soleus.exports.gait_html import heel_raise_html

        write_text(arguments.html, heel_raise_html(report, kb, clinical=arguments.clinical))
    if arguments.save_keypoints and recording is not None:
        from soleus.vision.pose.replay import poses_json

        points = json.dumps(poses_json(recording), separators=(",", ":"), allow_nan=False)
        write_text(arguments.save_keypoints, points)
    if arguments.annotate and recording is not None:
        bar = PictureBar()
        drawn: Literal["film", "plain"] = "film" if leg.film is not None and not arguments.plain else "plain"
        try:
            from soleus.vision.annotate import annotate_clip

            annotate_clip(leg.film, recording, one, arguments.annotate, background=drawn, kb=kb, progress=bar.show)
        except ModuleNotFoundError as error:
            raise missing_extra(error) from error
        finally:
            bar.clear()


def text_report(document: Mapping[str, Any], before: str, *, clinical: bool = False) -> str:
    """The report for a terminal, the most important first."""
    words = document["words"]
    lines = [document["title"].upper(), wrap(document["headline"], "")]
    for refusal in document["refusals"]:
        lines += ["", f"{refusal['title']} ({refusal['side']})"]
        lines += [wrap(refusal["what_went_wrong"]), wrap(refusal["what_to_do"])]
    for one in document["sets"]:
        lines += _leg_lines(one, words)
    lines += bullets(words["symmetry"], [row["sentence"] for row in document["symmetry"]])
    lines += [wrap(line) for line in (document["gate"], document["plan"], document["manual_note"]) if line]
    lines += bullets(words["cautions"], document["cautions"])
    lines += bullets(words["limits"], [before, *document["limits"]])
    if clinical:
        lines += ["", words["method"], *(f"  {name:<36} {value}" for name, value in document["method"]["facts"])]
        lines += [wrap("; ".join(cell for cell in row if cell)) for row in document["method"]["figures"]]
        lines += [wrap(document["method"]["note"])]
    lines += bullets(words["sources"], document["sources"])
    return "\n".join([*lines, "", document["footer"]])


def _leg_lines(one: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    if one["state"] != "measured":
        return []
    missing: dict[str, list[str]] = {}
    for row in one["table"]:
        if not row["value_text"] and row["name"] not in missing.setdefault(row["why_not"], []):
            missing[row["why_not"]].append(row["name"])
    told: Sequence[str] = [line for line in (one["attempted_text"], one["stopped_text"], one["norm_text"]) if line]
    faults = [f"{words['faults']}: {'; '.join(one['faults'])}."] if one["faults"] else []
    return [
        *value_lines([{**row, "band": None} for row in one["table"]], one["side_text"]),
        *(wrap(line) for line in (*told, *faults)),
        *(wrap(f"{', '.join(names)}: {why}") for why, names in missing.items()),
    ]
