"""Save and come back: sealed copies under a resume code, with a rate-limited look-up."""

from __future__ import annotations

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from soleus.core.errors import NotFound, StateError
from soleus.web.journey.codes import new_code, tidy_code
from soleus.web.journey.film import store as film_store
from soleus.web.journey.models import LookupAttempt, SavedCheck
from soleus.web.journey.state import SESSION_KEY, Check
from soleus.web.journey.training import store
from soleus.web.sealing import SealBroken, code_key, fingerprint, seal, unseal

WINDOW = timedelta(minutes=15)
TRIES_PER_CLIENT = 10
TRIES_IN_ALL = 200


class TooManyTries(StateError):
    """The rate limit of the code look-up."""

    http_status = 429


def save_check(request: HttpRequest, check: Check) -> str:
    """Make a resume code for this check (or give back the one it has) and return it."""
    kept = request.session.get("resume")
    if isinstance(kept, dict) and SavedCheck.objects.filter(pk=kept["id"]).exists():
        refresh_saved(request, check)
        return str(kept["code"])
    code = new_code()
    key = code_key(code)
    now = timezone.now()
    row = SavedCheck.objects.create(
        code_hash=fingerprint(code, "resume-code"),
        sealed=seal(json.dumps(check.to_json()), key),
        saved_at=now,
        expires_at=now + timedelta(days=settings.KEEP_DAYS),
    )
    request.session["resume"] = {"id": row.pk, "key": key, "code": code}
    store.extend(check.id)
    film_store.extend(check.id, now + timedelta(days=settings.KEEP_DAYS))
    return code


def refresh_saved(request: HttpRequest, check: Check) -> None:
    """Bring the saved copy up to date; nothing happens when no code was made."""
    kept = request.session.get("resume")
    if not isinstance(kept, dict):
        return
    now = timezone.now()
    SavedCheck.objects.filter(pk=kept["id"]).update(
        sealed=seal(json.dumps(check.to_json()), kept["key"]),
        saved_at=now,
        expires_at=now + timedelta(days=settings.KEEP_DAYS),
    )


def resume_check(request: HttpRequest, typed: str) -> Check:
    """Open the check of a code into this session. Raises NotFound or TooManyTries."""
    _count_try(request)
    code = tidy_code(typed)
    row = None
    if code is not None:
        row = SavedCheck.objects.filter(
            code_hash=fingerprint(code, "resume-code"), expires_at__gt=timezone.now()
        ).first()
    if code is None or row is None:
        raise NotFound("no check is saved under this code", hint="Check the 12 letters and numbers")
    key = code_key(code)
    try:
        check = Check.from_json(json.loads(unseal(row.sealed, key)))
    except (SealBroken, ValueError):
        check = None
    if check is None:
        raise NotFound("the saved check can no longer be read", hint="Please start a new check")
    country = request.session.get("country")
    request.session.flush()  # a new session key, and nothing of whoever used this browser before
    if country:
        request.session["country"] = country
    request.session[SESSION_KEY] = check.to_json()
    request.session["resume"] = {"id": row.pk, "key": key, "code": code}
    return check


def forget_saved(request: HttpRequest) -> None:
    """Delete the saved copy of this session's check."""
    kept = request.session.get("resume")
    if isinstance(kept, dict):
        SavedCheck.objects.filter(pk=kept["id"]).delete()


def purge_expired() -> None:
    """Delete what is past its date."""
    now = timezone.now()
    SavedCheck.objects.filter(expires_at__lte=now).delete()
    LookupAttempt.objects.filter(at__lte=now - WINDOW).delete()
    store.purge()
    film_store.purge()


def _count_try(request: HttpRequest) -> None:
    """One try more; refuse when this client, or everybody together, tried too often."""
    purge_expired()
    client = fingerprint(request.META.get("REMOTE_ADDR", ""), "client")
    if (
        LookupAttempt.objects.filter(client_hash=client).count() >= TRIES_PER_CLIENT
        or LookupAttempt.objects.count() >= TRIES_IN_ALL
    ):
        raise TooManyTries("too many codes tried", hint="Please wait 15 minutes and try again")
    LookupAttempt.objects.create(client_hash=client, at=timezone.now())
