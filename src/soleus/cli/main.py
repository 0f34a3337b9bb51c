"""`soleus`: the command and its sub-commands. Heavy modules are imported only by the command that needs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from soleus import __version__
from soleus.core.errors import SoleusError

GET_SEEN = (
    "If you have a sore calf and are unsure, do not wait for this program: see a health professional today. "
    "Breathlessness, chest pain or collapse: call 999, 112 or 911 now."
)


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    parser = argparse.ArgumentParser(
        prog="soleus",
        description="Calf pain when running: what to do and how soon, what it most likely is, and first advice.",
        epilog="Not a substitute for a health professional. Sudden breathlessness, chest pain or collapse: "
        "call 999, 112 or 911 now.",
    )
    parser.add_argument("--version", action="version", version=f"soleus {__version__}")
    parser.add_argument("--knowledge", type=Path, metavar="DIR", help="use another knowledge base folder")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    interview = commands.add_parser("interview", help="answer questions in the terminal (can be resumed)")
    interview.add_argument("--save", type=Path, default=None, metavar="FILE", help="keep the answers here as you go")
    interview.add_argument("--resume", type=Path, default=None, metavar="FILE", help="go on from a saved case file")
    interview.add_argument("--pdf", type=Path, metavar="OUT", help="write the result as a PDF")
    interview.set_defaults(run="soleus.cli.interview")

    assess = commands.add_parser("assess", help="assess a case file")
    assess.add_argument("case", type=Path, metavar="CASE.yaml")
    assess.add_argument("--json", action="store_true", help="print the assessment as JSON")
    assess.add_argument("--clinical", action="store_true", help="print rules, weights and intervals in field terms")
    assess.add_argument("--pdf", type=Path, metavar="OUT", help="write the runner's report as a PDF")
    assess.add_argument("--letter", type=Path, metavar="OUT", help="write the one-page letter as a PDF")
    assess.add_argument("--today", metavar="YYYY-MM-DD", help="the date of the assessment (default: today)")
    assess.set_defaults(run="soleus.cli.assess")

    assess.add_argument(
        "--activities", type=Path, nargs="+", metavar="PATH", help="watch files, folders or archives to add as evidence"
    )
    _add_film_flags(assess)
    assess.add_argument("--store", type=Path, metavar="DIR", help="keep what was read here; only new files are read")
    assess.add_argument("--workers", type=int, metavar="N", help="processes that read files (default: all cores)")

    _add_plan(commands)

    training = commands.add_parser("training", help="what changed in your running before the pain began")
    training.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="FIT, GPX, TCX, folders, archives")
    training.add_argument("--onset", metavar="YYYY-MM-DD", help="the day the pain began")
    training.add_argument("--case", type=Path, metavar="CASE.yaml", help="show what it does to this case")
    training.add_argument("--json", action="store_true", help="print the report as JSON")
    training.add_argument("--html", type=Path, metavar="OUT", help="write the report with its charts as one page")
    training.add_argument("--clinical", action="store_true", help="field terms, with the numbers behind each change")
    training.add_argument("--store", type=Path, metavar="DIR", help="keep what was read here; only new files are read")
    training.add_argument("--workers", type=int, metavar="N", help="processes that read files (default: all cores)")
    training.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    training.set_defaults(run="soleus.cli.training")

    _add_gait(commands)
    _add_heel_raise(commands)

    explain = commands.add_parser("explain", help="why a cause is likely or not, finding by finding")
    explain.add_argument("case", type=Path, metavar="CASE.yaml")
    explain.add_argument("condition", metavar="CONDITION")
    explain.add_argument("--json", action="store_true")
    explain.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    explain.set_defaults(run="soleus.cli.explain")

    knowledge = commands.add_parser("kb", help="look into the knowledge base")
    parts = knowledge.add_subparsers(dest="part", metavar="PART", required=True)
    lint = parts.add_parser("lint", help="check it; exit code 20 when there are errors")
    lint.add_argument("--strict", action="store_true", help="treat warnings as errors")
    lint.add_argument("--json", action="store_true")
    show = parts.add_parser("show", help="show a condition, finding, rule or source")
    show.add_argument("id")
    stats = parts.add_parser("stats", help="count what it holds, and on what it rests")
    stats.add_argument("--json", action="store_true")
    knowledge.set_defaults(run="soleus.cli.kb")

    validate = commands.add_parser("validate", help="score the product on a folder of published cases")
    validate.add_argument("directory", type=Path, metavar="DIR")
    validate.add_argument("--overlay", type=Path, metavar="DIR", help="extra answers by case id")
    validate.add_argument("--history-only", action="store_true", help="leave the examination out")
    validate.add_argument("--interview", action="store_true", help="let the adaptive interview ask")
    validate.add_argument("--json", action="store_true")
    validate.add_argument("--misses", action="store_true", help="list every miss with what was said instead")
    validate.set_defaults(run="soleus.cli.validate")

    planted = commands.add_parser("validate-training", help="score the training analysis on runners made up by rule")
    planted.add_argument("--runners", type=int, default=40, metavar="N", help="runners per kind of change")
    planted.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same runners")
    planted.add_argument("--json", action="store_true")
    planted.set_defaults(run="soleus.cli.validate_training")

    serve = commands.add_parser("serve", help="serve the web app on this machine")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run="soleus.cli.serve")
    return parser


def _add_plan(commands: Any) -> None:
    """The grammar of `soleus plan`."""
    plan = commands.add_parser("plan", help="a plan back to running, as PDF, calendar, watch workouts and FHIR")
    plan.add_argument("case", type=Path, metavar="CASE.yaml")
    plan.add_argument("--goals", type=Path, metavar="GOALS.yaml", help="days, race, kit, tests you have done")
    plan.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder for the files")
    plan.add_argument("--previous", type=Path, metavar="plan.json", help="the version before (default: that in DIR)")
    plan.add_argument("--force", action="store_true", help="write over a plan of another case or a newer one")
    plan.add_argument("--json", action="store_true", help="print the plan as JSON instead of the summary")
    plan.add_argument("--today", metavar="YYYY-MM-DD", help="the day of the plan (default: today)")
    plan.add_argument(
        "--activities", type=Path, nargs="+", metavar="PATH", help="watch files, folders or archives to add as evidence"
    )
    _add_film_flags(plan)
    plan.add_argument("--store", type=Path, metavar="DIR", help="keep what was read here; only new files are read")
    plan.add_argument("--workers", type=int, metavar="N", help="processes that read files (default: all cores)")
    plan.set_defaults(run="soleus.cli.plan")


def _add_film_flags(parser: argparse.ArgumentParser) -> None:
    """Reports of films and tests, as evidence."""
    parser.add_argument("--gait", type=Path, metavar="JSON", help="report of a film of the run, as soleus gait --json")
    parser.add_argument(
        "--heel-raise", type=Path, metavar="JSON", help="report of the heel-raise test, as soleus heel-raise --json"
    )
    parser.add_argument(
        "--feet",
        nargs="+",
        default=[],
        metavar="CHECK=ANSWER",
        help="foot checks, such as wet_print=flat (soleus kb show)",
    )


def _add_gait(commands: Any) -> None:
    """The grammar of `soleus gait`."""
    gait = commands.add_parser("gait", help="what a film of your run shows, or why it cannot be measured")
    gait.add_argument("clip", type=Path, nargs="?", metavar="FILM", help="MP4 or MOV, as it came from the phone")
    gait.add_argument("--keypoints", type=Path, metavar="JSON", help="body points instead of a film (soleus-pose/1)")
    gait.add_argument("--view", choices=("side", "back"), default="side", help="where the camera stood")
    gait.add_argument("--slow-motion", type=float, metavar="N", help="the film plays N times slower than life")
    gait.add_argument("--speed", type=float, metavar="M/S", help="your speed in metres a second")
    gait.add_argument("--outdoors", action="store_true", help="you ran past the camera: no treadmill")
    gait.add_argument("--height-cm", type=float, metavar="CM", help="how tall you are")
    gait.add_argument("--sex", choices=("female", "male"), help="for reference bands that differ")
    gait.add_argument("--previous", type=Path, metavar="JSON", help="your last report (--json), to see what changed")
    gait.add_argument("--pose", metavar="NAME", help="the pose network (default: the one that comes with Soleus)")
    gait.add_argument("--workers", type=int, default=2, metavar="N", help="threads that look for the runner")
    gait.add_argument("--json", action="store_true", help="print the report as JSON")
    gait.add_argument("--clinical", action="store_true", help="field terms, with interval, spread and source")
    gait.add_argument("--html", type=Path, metavar="OUT", help="write the report with its pictures as one page")
    gait.add_argument("--annotate", type=Path, metavar="OUT.mp4", help="write a film with the skeleton on it")
    gait.add_argument("--plain", action="store_true", help="draw the skeleton on paper, not on your film")
    gait.add_argument("--save-keypoints", type=Path, metavar="OUT.json", help="write the body points")
    gait.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    gait.set_defaults(run="soleus.cli.gait")


def _add_heel_raise(commands: Any) -> None:
    """The grammar of `soleus heel-raise`."""
    heel = commands.add_parser("heel-raise", help="count the heel raises of one leg from a film, and compare both legs")
    heel.add_argument("clip", type=Path, nargs="?", metavar="FILM", help="MP4 or MOV from the side of the tested leg")
    heel.add_argument("--keypoints", type=Path, metavar="JSON", help="body points instead of a film (soleus-pose/1)")
    heel.add_argument("--count", type=int, metavar="N", help="counted by hand with the metronome")
    heel.add_argument("--side", choices=("left", "right"), help="the leg in it (default: as the film shows)")
    heel.add_argument("--other", type=Path, metavar="FILM", help="film of the other leg")
    heel.add_argument("--other-keypoints", type=Path, metavar="JSON", help="body points of the other leg")
    heel.add_argument("--other-count", type=int, metavar="N", help="the other leg counted by hand")
    heel.add_argument("--sore", choices=("left", "right"), help="the leg that hurts")
    heel.add_argument("--pain", type=float, metavar="0-10", help="worst pain of the sore leg in the test")
    heel.add_argument("--foot-length-cm", type=float, metavar="CM", help="from heel to big toe, for heights in cm")
    heel.add_argument("--mass-kg", type=float, metavar="KG", help="your weight, for the lifting index")
    heel.add_argument("--age", type=float, metavar="YEARS", help="for the numbers of people of your age")
    heel.add_argument("--sex", choices=("female", "male"), help="for the numbers of people of your sex")
    heel.add_argument("--metronome", type=float, metavar="N", help="raises a minute you were asked for (default: 30)")
    heel.add_argument("--incline", action="store_true", help="you stood on a 10 degree slope")
    heel.add_argument("--slow-motion", type=float, metavar="N", help="the film plays N times slower than life")
    heel.add_argument("--pose", metavar="NAME", help="the pose network (default: the one that comes with Soleus)")
    heel.add_argument("--workers", type=int, default=2, metavar="N", help="threads that look for the runner")
    heel.add_argument("--json", action="store_true", help="print the report as JSON")
    heel.add_argument("--clinical", action="store_true", help="field terms, with interval and source")
    heel.add_argument("--html", type=Path, metavar="OUT", help="write the report with its pictures as one page")
    heel.add_argument("--annotate", type=Path, metavar="OUT.mp4", help="write a film with count and height on it")
    heel.add_argument("--plain", action="store_true", help="draw on paper, not on your film")
    heel.add_argument("--save-keypoints", type=Path, metavar="OUT.json", help="write the body points")
    heel.add_argument("--today", metavar="YYYY-MM-DD", help=argparse.SUPPRESS)
    heel.set_defaults(run="soleus.cli.heel_raise")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 10-19 input, 20 knowledge, 30 safety, 40 state, 50 outside.

    15 is a film that was read but not measured: the report says why.
    """
    arguments = build_parser().parse_args(argv)
    try:
        code = import_module(arguments.run).run(arguments)
        return int(code)
    except SoleusError as error:
        print(f"soleus: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nsoleus: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        # The last net: never end in silence or in false calm. Values are not printed, they may be health data.
        print(f"soleus: something went wrong inside ({type(error).__name__}). {GET_SEEN}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
