"""One run of a job, from when it is queued to its end: the row that decides what is still to be done."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class JobRun(models.Model):
    """One run of a job: asked for once, attempted one or more times.

    `key` is its idempotency key, for a tick the job's name and the tick's time: asking twice is one run. It begins the
    keys of the run's effects too. The row decides what is to be done, django-q's message does not: one that is
    delivered again finds here what is done. A run that is `running` while nobody holds its advisory lock has lost its
    worker (see run_locks and cluster.requeueing).
    """

    class State(models.TextChoices):
        """The state of a run."""

        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        RETRYING = "retrying", "failed, will be tried again"
        DONE = "done", "done"
        SKIPPED = "skipped", "skipped"
        GIVEN_UP = "given_up", "needs a person"
        SETTLED = "settled", "failed, put aside"

    ACTIVE: ClassVar = (State.QUEUED, State.RUNNING, State.RETRYING)
    """The states of runs that are still to be done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.TextField()
    key = models.TextField(unique=True)
    arguments = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    by_hand = models.BooleanField(default=False)
    """Run by a command in its own process: no worker performs it again."""
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
