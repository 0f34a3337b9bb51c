"""What the server keeps: sealed checks under a resume code, and look-up attempts for the rate limit."""

from __future__ import annotations

from django.db import models


class SavedCheck(models.Model):
    """One saved check. Without the code the content cannot be read: its key is made from the code."""

    code_hash = models.CharField(max_length=64, unique=True)
    sealed = models.TextField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"saved check {self.pk}"


class LookupAttempt(models.Model):
    """One try of a resume code, by a keyed hash of the address it came from."""

    client_hash = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"attempt {self.pk}"
