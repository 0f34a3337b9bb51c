"""What the server keeps: sealed checks under a resume code, their running, plan and films, jobs, look-up attempts."""

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


class TrainingRecord(models.Model):
    """The running history of one check, sealed with a key that needs the check's random id.

    `sealed_report` is small and read with every result; `sealed_runs` holds one summary a run, for another onset day.
    """

    owner = models.CharField(max_length=64, unique=True)
    sealed_report = models.BinaryField()
    sealed_runs = models.BinaryField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"training record {self.pk}"


class PlanRecord(models.Model):
    """The plan of one check, and the revision before it (for what changed, and calendar updates), sealed likewise."""

    owner = models.CharField(max_length=64, unique=True)
    made_from = models.CharField(max_length=64)
    """Keyed hash of the answers, goals and knowledge it was made from: the same again means the plan still holds."""
    sealed_plan = models.BinaryField()
    sealed_before = models.BinaryField(default=bytes)
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"plan record {self.pk}"


class TrainingJob(models.Model):
    """One reading of uploaded files: how far it is, and what became of each file (sealed)."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    owner = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=12, default="waiting")
    folder = models.CharField(max_length=40, blank=True, default="")
    """Name of its folder of uploaded files; "" once they are gone."""
    uploads = models.PositiveIntegerField(default=0)
    upload_bytes = models.BigIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    files_found = models.PositiveIntegerField(default=0)
    runs = models.PositiveIntegerField(default=0)
    problems = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=24, blank=True, default="")
    cancel_asked = models.BooleanField(default=False)
    sealed_files = models.BinaryField(default=bytes)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"training job {self.pk} {self.state}"

    @property
    def active(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}


class FilmRecord(models.Model):
    """What a film of one check showed: one row per slot (run from the side, left heel raise …), sealed.

    `sealed_result` holds the report; `sealed_clip` a small film for looking again: the drawn figure alone, or, where
    the runner ticked that, the film with the drawing on it. The film that was sent is never kept.
    """

    owner = models.CharField(max_length=64, db_index=True)
    slot = models.CharField(max_length=16)
    sealed_result = models.BinaryField()
    sealed_clip = models.BinaryField(default=bytes)
    shows_person = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "slot"], name="one_film_per_slot"),)

    def __str__(self) -> str:
        return f"film record {self.pk}"


class FilmJob(models.Model):
    """One reading of a film: how far it is, and what went wrong (sealed)."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    owner = models.CharField(max_length=64, db_index=True)
    slot = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=12, default="waiting")
    upload_bytes = models.BigIntegerField(default=0)
    frames_done = models.PositiveIntegerField(default=0)
    frames_total = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=24, blank=True, default="")
    sealed_problem = models.BinaryField(default=bytes)
    cancel_asked = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"film job {self.pk} {self.state}"

    @property
    def active(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}
