"""Names of files made fit to be shown and stored: digits and words of export layouts stay, the rest goes.

File names in archives hold e-mail addresses (Garmin), names and titles people chose. What stays is enough to find the
file again: its number and its kind.
"""

from __future__ import annotations

import re

_LAYOUT = """
activities activity activitiescsv apple archive di connect csv export exports fit fitness garmin gear gpx gz
health json monitor monitoring new part polar route routes run runs session settings strava
summarizedactivities suunto coros tcx training uploadedfiles uploaded files upload user wellness workout
workouts xml zip metrics aggregator sleepdata udsfile bikes shoes profile cda electrocardiograms internal
storage
"""
_WORDS = frozenset(_LAYOUT.split())
"""Words that export layouts use; none of them names a person."""
_EXTENSION = re.compile(r"(?:\.(?:fit|tcx|gpx|zip|gz|csv|json|xml))+$", re.IGNORECASE)
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_MAIL = re.compile(r"[^\s@/]*(?:@|%40)[A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)*", re.IGNORECASE)
_CUT = "…"
_LONGEST = 80


def clean_label(name: str) -> str:
    """The name with everything that could name a person replaced by "…"."""
    parts = [_clean_part(part) for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    label = "/".join(parts) or _CUT
    return label if len(label) <= _LONGEST else _CUT + label[-_LONGEST:]


def shown_name(name: str) -> str:
    """The last part of a path the person named or keeps in a folder they named: for their own terminal only.

    Never stored, logged or sent on. Anything like an e-mail address becomes "…", and so does every character that is
    not printed as it is: it could move the cursor or turn the text around.
    """
    part = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    # A full-width @ of some keyboards is one too.
    part = "".join(c if c.isprintable() else _CUT for c in part).replace("\uff20", "@").replace("\ufe6b", "@")
    found = _EXTENSION.search(part)
    stem, extension = (part[: found.start()], found.group(0)) if found else (part, "")
    return _MAIL.sub(_CUT, stem) + extension


def _clean_part(part: str) -> str:
    found = _EXTENSION.search(part)
    extension = found.group(0).lower() if found else ""
    stem = part[: len(part) - len(extension)] if found else part
    if "@" in stem:
        # "<e-mail>_<number>": an address may hold digits of its own, so only the number after the last "_" stays.
        number = re.search(r"_(\d+)(_[A-Za-z]+)?$", stem)
        stem = number.group(0).lstrip("_") if number else ""
        return (_CUT + _kept(stem) if stem else _CUT) + extension
    if stem.lower().startswith("export_"):
        stem = "export"  # the number there is the account's
    return (_kept(stem) or _CUT) + extension


def _kept(stem: str) -> str:
    """Numbers and layout words with what joins them; every other stretch becomes one "…"."""
    out: list[str] = []
    for token in _TOKEN.finditer(stem):
        word = token.group(0)
        keep = word.isdigit() or word.lower() in _WORDS
        piece = word if keep else _CUT
        if piece == _CUT and out and out[-1] == _CUT:
            continue
        if out and piece != _CUT and out[-1] != _CUT:
            out.append("_" if "_" in stem else "-")
        out.append(piece)
    return "".join(out)
