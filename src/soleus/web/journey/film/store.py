"""The sealed results of films and tests: a row per slot, opened by the random id of the check, deleted with it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from soleus.core.errors import InputError
from soleus.core.gait import GaitReport, HeelRaiseSet
from soleus.web.journey.models import FilmJob, FilmRecord
from soleus.web.sealing import SealBroken, fingerprint, key_for, seal_bytes, unseal_bytes

RUN_SLOTS = ("run_side", "run_back")
HEEL_SLOTS = ("heel_left", "heel_right")
SLOTS = (*RUN_SLOTS, *HEEL_SLOTS)
KEY = "film-key"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one slot holds."""

    result: GaitReport | HeelRaiseSet
    on: date
    manual: bool = False
    pain_nrs: float | None = None
    """Worst pain during a heel-raise test."""
    before: GaitReport | None = None
    """The report of the film before it, for what changed."""
    charts: tuple[Mapping[str, Any], ...] = ()
    """Charts made while the body points were still there (`chart_entry` of exports/gait_document)."""
    has_clip: bool = False
    shows_person: bool = False


def owner_of(check_id: str) -> str:
    """The look-up key of a check's rows; it does not give the id away."""
    return fingerprint(check_id, "film-owner")


def save(check_id: str, slot: str, kept: Kept, *, clip: bytes = b"", keep_s: int) -> None:
    """Store what a film showed; an earlier one of the same slot is replaced."""
    now = timezone.now()
    body = {"version": VERSION, **plain(kept)}
    text = json.dumps(body, separators=(",", ":"), allow_nan=True)
    key = key_for(check_id, KEY)
    FilmRecord.objects.update_or_create(
        owner=owner_of(check_id),
        slot=slot,
        defaults={
            "sealed_result": seal_bytes(zlib.compress(text.encode(), 6), key),
            "sealed_clip": seal_bytes(clip, key) if clip else b"",
            "shows_person": kept.shows_person,
            "updated_at": now,
            "expires_at": now + timedelta(seconds=keep_s),
        },
    )


def load(check_id: str, slot: str) -> Kept | None:
    """What the slot holds, or None (nothing, too old, or written by another version)."""
    rows = FilmRecord.objects.filter(owner=owner_of(check_id), slot=slot, expires_at__gt=timezone.now())
    sealed = rows.values_list("sealed_result", flat=True).first()
    if sealed is None:
        return None
    try:
        body = json.loads(zlib.decompress(unseal_bytes(bytes(sealed), key_for(check_id, KEY))))
        return _kept(body) if body.get("version") == VERSION else None
    except (SealBroken, zlib.error, InputError, ValueError, KeyError, TypeError):
        return None


def clip_of(check_id: str, slot: str) -> bytes | None:
    """The small film of a slot (MP4), or None."""
    rows = FilmRecord.objects.filter(owner=owner_of(check_id), slot=slot, expires_at__gt=timezone.now())
    sealed = rows.values_list("sealed_clip", flat=True).first()
    if not sealed:
        return None
    try:
        return unseal_bytes(bytes(sealed), key_for(check_id, KEY))
    except SealBroken:
        return None


def gait_of(check_id: str) -> GaitReport | None:
    """The report of the run filmed from the side: what the case reads."""
    kept = load(check_id, "run_side")
    return kept.result if kept is not None and isinstance(kept.result, GaitReport) else None


def heel_sets(check_id: str) -> dict[str, Kept]:
    """The heel-raise tests by slot."""
    found = {slot: load(check_id, slot) for slot in HEEL_SLOTS}
    return {slot: kept for slot, kept in found.items() if kept is not None}


def delete(check_id: str, *slots: str) -> None:
    """These slots, or everything about a check's films."""
    for model in (FilmRecord, FilmJob):
        rows = model.objects.filter(owner=owner_of(check_id))
        (rows.filter(slot__in=slots) if slots else rows).delete()


def delete_clip(check_id: str, slot: str) -> None:
    """The small film only; the numbers stay."""
    kept = load(check_id, slot)
    rows = FilmRecord.objects.filter(owner=owner_of(check_id), slot=slot)
    row = rows.first()
    if kept is None or row is None:
        return
    left = max(1, int((row.expires_at - timezone.now()).total_seconds()))
    save(check_id, slot, replace(kept, has_clip=False, shows_person=False), keep_s=left)


def extend(check_id: str, until: Any) -> None:
    """Keep it as long as a check saved under a code."""
    for model in (FilmRecord, FilmJob):
        model.objects.filter(owner=owner_of(check_id)).update(expires_at=until)


def purge() -> None:
    """Delete what is past its date."""
    now = timezone.now()
    FilmRecord.objects.filter(expires_at__lte=now).delete()
    FilmJob.objects.filter(expires_at__lte=now).exclude(state__in=["queued", "running"]).delete()


def seal_text(text: str, check_id: str) -> bytes:
    return seal_bytes(text.encode(), key_for(check_id, KEY))


def unseal_text(sealed: bytes, check_id: str) -> str:
    """The words, or "" when they cannot be read."""
    try:
        return unseal_bytes(bytes(sealed), key_for(check_id, KEY)).decode() if sealed else ""
    except (SealBroken, UnicodeDecodeError):
        return ""


def plain(kept: Kept) -> dict[str, Any]:
    """A slot as plain data."""
    from soleus.exports.gait_json import gait_json, heel_set_json

    running = isinstance(kept.result, GaitReport)
    return {
        "kind": "gait" if running else "heel",
        "result": gait_json(kept.result) if isinstance(kept.result, GaitReport) else heel_set_json(kept.result),
        "on": kept.on.isoformat(),
        "manual": kept.manual,
        "pain": kept.pain_nrs,
        "before": gait_json(kept.before) if kept.before is not None else None,
        "charts": [dict(chart) for chart in kept.charts],
        "has_clip": kept.has_clip,
        "shows_person": kept.shows_person,
    }


def _kept(body: dict[str, Any]) -> Kept:
    from soleus.exports.gait_json import gait_from_json, heel_set_from_json

    return Kept(
        result=gait_from_json(body["result"]) if body["kind"] == "gait" else heel_set_from_json(body["result"]),
        on=date.fromisoformat(body["on"]),
        manual=body["manual"],
        pain_nrs=body["pain"],
        before=gait_from_json(body["before"]) if body["before"] is not None else None,
        charts=tuple(body["charts"]),
        has_clip=body["has_clip"],
        shows_person=body["shows_person"],
    )
