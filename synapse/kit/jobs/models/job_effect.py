"""The key of something a job did, in the database in which it did it."""

from django.db import models
from django.db.models.functions import Now


class JobEffect(models.Model):
    """One step of one run whose effect is in this database: written in the effect's own transaction.

    `key` is the run's key and the step. A step delivered again finds its key, and does nothing.
    """

    key = models.TextField(primary_key=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "job_effect"
        default_permissions = ()
        indexes = [models.Index(fields=["happened_at"], name="idx_job_effect_happened")]

    def __str__(self) -> str:
        return self.key
