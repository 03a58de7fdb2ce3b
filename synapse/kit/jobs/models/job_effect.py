"""The idempotency key of an effect of a job, in the database that holds the effect (work.Work.idempotent_step)."""

from django.db import models
from django.db.models.functions import Now


class JobEffect(models.Model):
    """One step of one run whose effect is in this database; inserted in the effect's own transaction.

    `key` is the run's key and the step. A step performed again finds its key and does nothing.
    """

    key = models.TextField(primary_key=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "job_effect"
        default_permissions = ()
        indexes = [models.Index(fields=["happened_at"], name="idx_job_effect_happened")]

    def __str__(self) -> str:
        return self.key
