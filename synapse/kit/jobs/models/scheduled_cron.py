"""The cron that code last wrote into a job's schedule, to tell it from an operator's own."""

from django.db import models


class ScheduledCron(models.Model):
    """What code last wrote into a job's schedule: where the schedule has another, an operator changed it."""

    job = models.TextField(primary_key=True)
    cron = models.TextField()

    class Meta:
        db_table = "job_scheduled_cron"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.job}: {self.cron}"
