"""The state of the delta sync: how far PostgreSQL is in step with each legacy file."""

from django.db import models


class SourceSync(models.Model):
    """What the last look at a source's file found; written after every import and every check.

    `checked_at` is when somebody last looked, whatever came of it. `in_step_at` is the last moment for which PostgreSQL
    is known to hold what the file held then, `changed_at` when an import last brought something new. `run_id` is the
    import that merged what is here, `reading` the fingerprint it was read under (legacy_import.pipeline.fingerprint).
    `error` is one sentence, empty where the last look went well.
    """

    source = models.TextField(primary_key=True)
    checked_at = models.DateTimeField()
    in_step_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    run_id = models.UUIDField(null=True)
    reading = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "source_sync"
        default_permissions = ()  # it is shown beside the rows and the sources, to whom may see those

    def __str__(self) -> str:
        return f"{self.source} {self.checked_at:%Y-%m-%d %H:%M} {self.error or 'in step'}"
