"""A job whose schedule is paused: its ticks make no runs."""

from django.db import models
from django.db.models.functions import Now


class JobPause(models.Model):
    """The pause of one job, until the row is deleted. By hand it runs all the same."""

    job = models.TextField(primary_key=True)
    paused_at = models.DateTimeField(db_default=Now())
    paused_by = models.TextField()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "job_pause"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.job} paused by {self.paused_by}"
