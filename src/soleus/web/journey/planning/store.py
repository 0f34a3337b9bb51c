"""The sealed plan of a check: the revision in force and the one before it, deleted with the check."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from soleus.core.errors import InputError
from soleus.core.plan import Plan
from soleus.web.journey.models import PlanRecord
from soleus.web.journey.training.store import owner_of
from soleus.web.sealing import SealBroken, key_for, seal_bytes, unseal_bytes


def _pack(plan: Plan | None, check_id: str) -> bytes:
    if plan is None:
        return b""
    from soleus.exports.plan_json import plan_json

    text = json.dumps(plan_json(plan), separators=(",", ":"))
    return seal_bytes(zlib.compress(text.encode(), 6), key_for(check_id, "plan-key"))


def _unpack(sealed: bytes, check_id: str) -> Plan | None:
    """The plan, or None when it cannot be read (written by another version, a damaged row)."""
    if not sealed:
        return None
    from soleus.exports.plan_json import plan_from_json

    try:
        return plan_from_json(json.loads(zlib.decompress(unseal_bytes(sealed, key_for(check_id, "plan-key")))))
    except (SealBroken, zlib.error, InputError, ValueError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The plan in force, the one before it, and what it was made from (`made_from` of `save`)."""

    plan: Plan
    before: Plan | None
    made_from: str


def save(check_id: str, kept: Kept, *, keep_s: int) -> None:
    """Store a revision beside the one it supersedes."""
    now = timezone.now()
    PlanRecord.objects.update_or_create(
        owner=owner_of(check_id),
        defaults={
            "made_from": kept.made_from,
            "sealed_plan": _pack(kept.plan, check_id),
            "sealed_before": _pack(kept.before, check_id),
            "updated_at": now,
            "expires_at": now + timedelta(seconds=keep_s),
        },
    )


def load(check_id: str) -> Kept | None:
    """What is kept of a check's plan, or None."""
    row = PlanRecord.objects.filter(owner=owner_of(check_id), expires_at__gt=timezone.now()).first()
    plan = None if row is None else _unpack(bytes(row.sealed_plan), check_id)
    if row is None or plan is None:
        return None
    return Kept(plan=plan, before=_unpack(bytes(row.sealed_before), check_id), made_from=row.made_from)


def delete(check_id: str) -> None:
    PlanRecord.objects.filter(owner=owner_of(check_id)).delete()
