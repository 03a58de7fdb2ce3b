"""One supervising process, the django-q cluster it keeps, and when that last answered."""

import uuid

from django.db import models
from django.db.models.functions import Now


class WorkerCluster(models.Model):
    """A supervisor (`manage.py supervise_jobs`) and its cluster; a row per start of a supervisor.

    `seen_at` is the supervisor's own sign of life, `answered_at` the newest one of a worker: a beat it took from the
    queue, or a run it began or ended. `workers` are its worker processes, as [{"pid": …, "since": …, "state": …}].
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

    class Meta:
        db_table = "job_worker_cluster"
        default_permissions = ()
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.host}, process {self.process_id}"
