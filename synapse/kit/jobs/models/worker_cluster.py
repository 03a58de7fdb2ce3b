"""One supervisor process, the django-q cluster it supervises, and when that last answered a heartbeat."""

import uuid
from typing import Self

from django.db import models
from django.db.models.functions import Now


class WorkerClusterQuerySet(models.QuerySet["WorkerCluster"]):
    """Reads of clusters."""

    def not_stopped(self) -> Self:
        """Return those that were not stopped, oldest first; whether they are alive says cluster_health."""
        return self.filter(stopped_at=None).order_by("started_at")

    def not_stopped_or_last(self) -> Self:
        """Return those that were not stopped; where there is none, the one that was stopped last."""
        last = self.exclude(stopped_at=None).order_by("-stopped_at").values("pk")[:1]
        is_last = models.Q(pk__in=last) & ~models.Exists(self.filter(stopped_at=None))
        return self.filter(models.Q(stopped_at=None) | is_last).order_by("started_at")


class WorkerCluster(models.Model):
    """A supervisor (`manage.py supervise_jobs`) and its cluster; a row per start of a supervisor.

    `seen_at` is the supervisor's own heartbeat, `answered_at` the newest answer of a worker: to a heartbeat it took
    from the queue, or by a task it began. `workers` are its worker processes, as [{"pid", "since", "state", "doing"}]:
    idle, busy, or killed in the last minutes; `since` as ISO text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.TextField()
    process_id = models.IntegerField()
    cluster_process_id = models.IntegerField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    workers = models.JSONField(default=list)
    restarts = models.IntegerField(default=0)
    trouble = models.TextField(blank=True)
    """What last went wrong, in a sentence; empty where nothing has."""

    objects = WorkerClusterQuerySet.as_manager()

    class Meta:
        db_table = "job_worker_cluster"
        default_permissions = ()
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.host}, process {self.process_id}"
