"""Reports of films and tests as flags of `assess` and `plan`: reading them, and saying what they moved."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from soleus.clinic.film_evidence import Films, chosen_option
from soleus.core.errors import CaseFileError, InputError
from soleus.core.gait import GaitReport, HeelRaiseReport
from soleus.knowledge.base import KnowledgeBase

MAX_REPORT_BYTES = 32 * 1024 * 1024


def films_of(arguments: argparse.Namespace, kb: KnowledgeBase) -> Films | None:
    """What the flags name; None without any of them."""
    if not (arguments.gait or arguments.heel_raise or arguments.feet):
        return None
    return Films(
        gait=_gait(arguments.gait) if arguments.gait else None,
        heel_raise=_heel_raise(arguments.heel_raise) if arguments.heel_raise else None,
        foot_checks=dict(_foot_check(given, kb) for given in arguments.feet),
    )


def _gait(path: Path) -> GaitReport:
    from soleus.exports.gait_json import gait_from_json

    return gait_from_json(_json(path), where=str(path))


def _heel_raise(path: Path) -> HeelRaiseReport:
    from soleus.exports.gait_json import heel_raise_from_json

    return heel_raise_from_json(_json(path), where=str(path))


def _json(path: Path) -> object:
    try:
        if path.stat().st_size > MAX_REPORT_BYTES:
            raise CaseFileError("the file is too large for a report", where=str(path))
        data: object = json.loads(path.read_bytes())
    except OSError as error:
        raise CaseFileError(f"cannot read the report ({error.strerror})", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise CaseFileError("this is no JSON", where=str(path), hint="Give the file that soleus wrote") from error
    return data


def _foot_check(given: str, kb: KnowledgeBase) -> tuple[str, str | float]:
    """`wet_print=flat` or `navicular_drop=12`; anything that is no answer is told at once."""
    name, _, answer = given.partition("=")
    check = kb.gait.foot_checks.get(name)
    if check is None:
        raise InputError(f"no foot check {name!r}", where="--feet", hint=f"One of {', '.join(kb.gait.foot_checks)}")
    value: str | float = answer
    if check.kind == "number":
        try:
            value = float(answer)
        except ValueError as error:
            raise InputError(f"{answer!r} is no number", where=f"--feet {name}", hint=f"In {check.unit}") from error
    if chosen_option(check, value) is None:
        options = ", ".join(option.id for option in check.options)
        hint = (
            f"Between {check.low:g} and {check.high:g} {check.unit}" if check.kind == "number" else f"One of {options}"
        )
        raise InputError(f"{answer!r} is no answer", where=f"--feet {name}", hint=hint)
    return name, value
