"""`soleus gait CLIP`: what a film of a run shows, or why it cannot be measured."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from soleus.cli.common import knowledge_of, today_of, wrap
from soleus.core.errors import AnswerError, PoseBackendError, VideoError

if TYPE_CHECKING:
    from soleus.core.gait import GaitReport
    from soleus.core.recording import Recording

NOT_MEASURED = 15
"""Exit code of a film that could be read but not measured: the refusals say why."""
BAR_WIDTH = 24
REDRAW_S = 0.1
MAX_REPORT_BYTES = 20_000_000
SPEED_MPS = (0.5, 12.0)
HEIGHT_CM = (100.0, 230.0)
SLOW_MOTION = (1.0, 64.0)


def run(arguments: argparse.Namespace) -> int:
    """Read the film or its body points, measure, and print or write the report."""
    _checked(arguments)
    try:
        return _run(arguments)
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error


def _run(arguments: argparse.Namespace) -> int:
    from soleus.core.view import View
    from soleus.exports.gait_document import gait_document
    from soleus.exports.gait_json import gait_json
    from soleus.gait.engine import analyse_gait

    kb = knowledge_of(arguments)
    previous = read_report(arguments.previous) if arguments.previous else None
    recording = recording_of(arguments)
    report = analyse_gait(
        recording,
        kb,
        view=View(arguments.view),
        sex=arguments.sex,
        speed_mps=arguments.speed,
        treadmill=False if arguments.outdoors else None,
        height_m=arguments.height_cm / 100 if arguments.height_cm else None,
        previous=previous,
        observed_on=today_of(arguments),
    )
    _write_files(arguments, recording, report, kb)
    if arguments.json:
        print(json.dumps(gait_json(report), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(text_report(gait_document(report, kb, clinical=arguments.clinical), clinical=arguments.clinical))
    return NOT_MEASURED if report.refusals else 0


def _checked(arguments: argparse.Namespace) -> None:
    """Say at once what cannot work together or cannot be true."""
    if (arguments.clip is None) == (arguments.keypoints is None):
        raise AnswerError(
            "give either a film or a file of body points",
            where="soleus gait",
            hint="Write soleus gait FILM.mp4, or soleus gait --keypoints POINTS.json",
        )
    if arguments.slow_motion is not None and arguments.clip is None:
        raise AnswerError("body points already are in real time", where="--slow-motion", hint="Leave it out")
    limits = (("--speed", arguments.speed, SPEED_MPS, "metres a second"),
              ("--height-cm", arguments.height_cm, HEIGHT_CM, "centimetres"),
              ("--slow-motion", arguments.slow_motion, SLOW_MOTION, "times slower than life"))  # fmt: skip
    for name, value, (low, high), unit in limits:
        if value is not None and not low <= value <= high:
            raise AnswerError(f"{value:g} cannot be", where=name, hint=f"Give {low:g} to {high:g} {unit}")


def recording_of(arguments: argparse.Namespace) -> Recording:
    """The body points: from their file (needs no pose network), else from the film."""
    if arguments.keypoints is not None:
        from soleus.vision.pose.replay import read_poses

        return read_poses(arguments.keypoints)
    look_at(arguments.clip)
    bar = PictureBar()
    more: dict[str, Any] = {"backend": arguments.pose} if arguments.pose else {}
    try:
        from soleus.vision.pipeline import record_clip

        return record_clip(
            arguments.clip, slow_motion=arguments.slow_motion, workers=arguments.workers, progress=bar.show, **more
        )
    finally:
        bar.clear()


def missing_extra(error: ModuleNotFoundError) -> PoseBackendError:
    """What to install, when a film meets the bare package."""
    return PoseBackendError(
        f"films cannot be read here, because {(error.name or 'a package').partition('.')[0]} is not installed",
        where="soleus gait",
        hint="Install it with: pip install 'soleus[gait]'. A file of body points (--keypoints) needs only scipy of it",
    )


def look_at(path: Path) -> None:
    """Say what is wrong with a path that was mistyped, is closed, or is a folder."""
    try:
        if path.is_dir():
            raise VideoError("this is a folder, not a film", where=str(path), hint="Give one film")
        path.stat()
    except FileNotFoundError as error:
        raise VideoError("there is no such file", where=str(path), hint="Check the path") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise VideoError(f"cannot be opened ({why})", where=str(path), hint="Check the path") from error


def read_report(path: Path) -> GaitReport:
    """An earlier report, as `--json` wrote it."""
    from soleus.exports.gait_json import gait_from_json

    look_at(path)
    if path.stat().st_size > MAX_REPORT_BYTES:
        raise VideoError("too large to be a film report", where=path.name, hint="Give what --json wrote")
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise VideoError("not a film report", where=path.name, hint="Give what --json wrote") from error
    except OSError as error:
        raise VideoError(f"cannot be read ({error.strerror})", where=path.name, hint="Check the path") from error
    return gait_from_json(data, where=path.name)


def _write_files(arguments: argparse.Namespace, recording: Recording, report: GaitReport, kb: Any) -> None:
    """The page, the body points, the film with the skeleton on it."""
    from soleus.cli.training import write_text

    if arguments.html:
        from soleus.exports.gait_html import gait_html

        write_text(arguments.html, gait_html(report, kb, recording=recording, clinical=arguments.clinical))
    if arguments.save_keypoints:
        from soleus.vision.pose.replay import poses_json

        points = json.dumps(poses_json(recording), separators=(",", ":"), allow_nan=False)
        write_text(arguments.save_keypoints, points)
    if arguments.annotate:
        drawn: Literal["film", "plain"] = "film" if arguments.clip is not None and not arguments.plain else "plain"
        bar = PictureBar()
        try:
            from soleus.vision.annotate import annotate_clip

            annotate_clip(
                arguments.clip, recording, report, arguments.annotate, background=drawn, kb=kb, progress=bar.show
            )
        finally:
            bar.clear()


def text_report(document: Mapping[str, Any], *, clinical: bool = False) -> str:
    """The report for a terminal, the most important first."""
    words = document["words"]
    lines = [document["title"].upper(), wrap(document["headline"], "")]
    for refusal in document["refusals"]:
        share = f" ({refusal['share']} of the film)" if refusal["share"] else ""
        lines += ["", refusal["title"] + share, wrap(refusal["what_went_wrong"]), wrap(refusal["what_to_do"])]
    lines += bullets(words["cautions"], document["cautions"])
    if document["state"] == "measured":
        lines += ["", words["observations"]]
        lines += [wrap(f"- {one['text']} {one['strength_word']}") for one in document["observations"]]
        lines += [wrap(line) for line in (document["observations_none"], document["observations_note"]) if line]
        lines += value_lines(document["table"], words["table"])
        lines += bullets(words["changes"], [one["sentence"] for one in document["changes"] if one["real"]])
        lines += [wrap(document["changes_summary"])] if document["changes_summary"] else []
        told = [f"{one['what']}. {one['why_not']} {one['what_to_do']}".rstrip() for one in document["missing"]]
        lines += bullets(words["missing"], told)
    for part in ("film_again", "looked_at", "limits", "sources"):
        lines += bullets(words[part], document[part])
    if clinical:
        lines += ["", words["method"], *(f"  {name:<36} {value}" for name, value in document["method"]["facts"])]
        lines += [wrap(figure_line(row, document["method"]["header"])) for row in document["method"]["figures"]]
        lines += [wrap(document["method"]["note"])]
    return "\n".join([*lines, "", wrap(document["emergency"], ""), document["footer"]])


def value_lines(rows: Sequence[Mapping[str, Any]], title: str) -> list[str]:
    """Name, value, range and where others lie, in columns as wide as they need to be."""
    shown = [row for row in rows if row["value_text"]]
    cells = [
        (
            f"{row['name']} ({row['side']})" if row.get("side") else row["name"],
            row["value_text"],
            row["range_text"],
            row.get("band_word", "") if row.get("band") not in ("", "no_norm", None) else "",
        )
        for row in shown
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(3)]
    lines = [
        "  " + "  ".join((*(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)), row[3])).rstrip()
        for row in cells
    ]
    return ["", title, *lines] if lines else []


def figure_line(row: Sequence[str], header: Sequence[str]) -> str:
    """Contact time, left: 262.0 ms; 95 % interval 238.0 to 286.0; SD 8.0; n 16; …"""
    named = [f"{name} {cell}" for name, cell in zip(header[3:], row[3:], strict=False) if cell]
    return "; ".join([f"{row[0]}, {row[1]}: {row[2]}", *named])


def bullets(title: str, items: Sequence[str]) -> list[str]:
    return ["", title, *(wrap(f"- {item}") for item in items)] if items else []


class PictureBar:
    """One line on stderr while a film is read, only when somebody watches it."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._drawn_at = 0.0

    def show(self, done: int, total: int | None) -> None:
        """Redraw, at most ten times a second."""
        now = time.monotonic()
        if not self._watched or (now - self._drawn_at < REDRAW_S and done != total):
            return
        self._drawn_at = now
        share = min(1.0, done / total) if total else 0.0
        filled = round(BAR_WIDTH * share)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        told = f"{100 * share:3.0f} %  picture {done} of about {total}" if total else f"picture {done}"
        print(f"\r\x1b[K{bar} {told}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave the line empty."""
        if self._watched:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
