"""The sealed running history of a check: one row, opened by the check's own random id, deleted with the check."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from soleus.core.activity import Shoe
from soleus.core.training import ManualWeek, RunSummary, TrainingReport
from soleus.web.journey.models import PlanRecord, TrainingJob, TrainingRecord
from soleus.web.journey.training.codec import decode, encode
from soleus.web.sealing import SealBroken, fingerprint, key_for, seal_bytes, unseal_bytes

FILES, TABLE = "files", "table"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is read with every result: where the history came from, and the report about one onset day."""

    source: str
    report: TrainingReport | None = None
    weeks: tuple[ManualWeek, ...] = ()
    activities: int = 0
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """One summary a run, and the shoes: what another onset day is worked out from."""

    runs: tuple[RunSummary, ...] = ()
    shoes: tuple[Shoe, ...] = ()


def owner_of(check_id: str) -> str:
    """The look-up key of a check's rows; it does not give the id away."""
    return fingerprint(check_id, "training-owner")


def pack(value: object, check_id: str) -> bytes:
    """Any value of the core, compressed and sealed for one check."""
    text = json.dumps({"version": VERSION, "data": encode(value)}, separators=(",", ":"))
    return seal_bytes(zlib.compress(text.encode(), 6), key_for(check_id, "training-key"))


def unpack(kind: Any, sealed: bytes, check_id: str) -> Any | None:
    """The value, or None when it cannot be read (another version, a damaged row)."""
    try:
        body = json.loads(zlib.decompress(unseal_bytes(sealed, key_for(check_id, "training-key"))))
        return decode(kind, body["data"]) if body["version"] == VERSION else None
    except (SealBroken, zlib.error, ValueError, KeyError, TypeError):
        return None


def save(check_id: str, kept: Kept, runs: Runs | None, *, keep_s: int) -> None:
    """Store the history; without `runs` the summaries already there stay."""
    now = timezone.now()
    row: dict[str, Any] = {
        "sealed_report": pack(kept, check_id),
        "updated_at": now,
        "expires_at": now + timedelta(seconds=keep_s),
    }
    if runs is not None:
        row["sealed_runs"] = pack(runs, check_id)
    first = {**row, "sealed_runs": row.get("sealed_runs", pack(Runs(), check_id))}
    TrainingRecord.objects.update_or_create(owner=owner_of(check_id), defaults=row, create_defaults=first)


def load(check_id: str) -> Kept | None:
    """What is kept of a check's running, or None."""
    row = TrainingRecord.objects.filter(owner=owner_of(check_id), expires_at__gt=timezone.now())
    sealed = row.values_list("sealed_report", flat=True).first()
    return None if sealed is None else unpack(Kept, sealed, check_id)


def load_runs(check_id: str) -> Runs:
    """The summaries; empty when there are none."""
    sealed = TrainingRecord.objects.filter(owner=owner_of(check_id)).values_list("sealed_runs", flat=True).first()
    found = None if sealed is None else unpack(Runs, sealed, check_id)
    return found if found is not None else Runs()


def without_report(check_id: str) -> None:
    """Another onset day was given: what was worked out for the earlier one no longer holds."""
    kept = load(check_id)
    row = TrainingRecord.objects.filter(owner=owner_of(check_id))
    if kept is not None and kept.report is not None:
        row.update(sealed_report=pack(replace(kept, report=None), check_id))


def delete(check_id: str) -> None:
    """Everything about a check's running: the history, and its jobs."""
    owner = owner_of(check_id)
    TrainingRecord.objects.filter(owner=owner).delete()
    TrainingJob.objects.filter(owner=owner).delete()


def extend(check_id: str) -> None:
    """Keep it as long as a check saved under a code."""
    until = timezone.now() + timedelta(days=settings.KEEP_DAYS)
    for model in (TrainingRecord, TrainingJob, PlanRecord):
        model.objects.filter(owner=owner_of(check_id)).update(expires_at=until)


def purge() -> None:
    """Delete what is past its date."""
    now = timezone.now()
    TrainingRecord.objects.filter(expires_at__lte=now).delete()
    PlanRecord.objects.filter(expires_at__lte=now).delete()
    TrainingJob.objects.filter(expires_at__lte=now).exclude(state__in=["queued", "running"]).delete()
