"""One run of a job, from the asking to its end."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class JobRun(models.Model):
    """One run of a job: asked for once, attempted one or more times.

    `key` names what is to be done, a job's tick for instance, so that asking twice is one run; it is also the key of
    the run's effects. The row is the truth and django-q's message only a nudge: a message that comes again finds here
    what is done. A run that says `running` though nobody holds its lock lost its worker (see liveness).
    """

    class State(models.TextChoices):
        """How a run stands."""

        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        RETRYING = "retrying", "failed, will be tried again"
        DONE = "done", "done"
        SKIPPED = "skipped", "skipped"
        GIVEN_UP = "given_up", "needs a person"
        SETTLED = "settled", "failed, put aside"

    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING, State.RETRYING)
    """How runs stand that are still to be done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.TextField()
    key = models.TextField(unique=True)
    arguments = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    by_hand = models.BooleanField(default=False)
    """Run by a command in its own process: no worker is to take it up again."""
    requested_by = models.TextField(blank=True)
    queued_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    """For a tick when it was due; for a run that failed when it is tried again."""
    attempts = models.IntegerField(default=0)
    """Attempts begun since it was queued, or queued again by a person."""
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    host = models.TextField(blank=True)
    process_id = models.IntegerField(null=True)
    progress = models.JSONField(null=True)
    """How far the attempt at work is: {"done": 3, "total": 13, "words": "week3"}."""
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    history = models.JSONField(default=list)
    """The attempts that failed: [{"started_at", "ended_at", "error", "worker"}], times as ISO text."""
    settled_by = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job_run"
        ordering = ["-queued_at"]
        verbose_name = "job run"
        default_permissions = ("view",)
        permissions = [("run_job", "Can run, retry and pause jobs")]
        indexes = [
            models.Index(fields=["job", "-queued_at"], name="idx_job_run_job"),
            models.Index(fields=["state", "job"], name="idx_job_run_state"),
            models.Index(fields=["-queued_at"], name="idx_job_run_queued"),
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.queued_at:%Y-%m-%d %H:%M} {self.state}"
