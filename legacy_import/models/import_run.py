"""Runs: each import, undo and replay of one source, with its counts and its end."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class ImportRun(models.Model):
    """One run of one source: when, by whom, from which snapshot, and what became of the rows.

    The row is written before the import's transaction, so that a run in progress is seen by others; its good end is
    written inside that transaction. A run that says `running` though nobody holds the source's advisory lock was
    killed.
    """

    class Status(models.TextChoices):
        """The status of a run."""

        RUNNING = "running", "running"
        COMPLETED = "completed", "completed"
        QUARANTINED = "quarantined", "completed, some rows quarantined"
        FAILED = "failed", "failed"
        INTERRUPTED = "interrupted", "interrupted"
        UNDONE = "undone", "undone"

    FINISHED: ClassVar = (Status.COMPLETED, Status.QUARANTINED)
    """The statuses of runs that ended well and were not undone."""

    class Kind(models.TextChoices):
        """What a run did: only an import reads a file."""

        IMPORT = "import", "import"
        REPLAY = "replay", "replay of quarantined rows"
        UNDO = "undo", "undo of a run"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField(choices=Kind.choices, default=Kind.IMPORT, db_default=Kind.IMPORT)
    source = models.TextField()
    undoes = models.UUIDField(null=True)
    """The run that this one took back."""
    status = models.TextField(choices=Status.choices, default=Status.RUNNING)
    requested_by = models.TextField(blank=True)
    host = models.TextField(blank=True)
    process_id = models.IntegerField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    snapshot_path = models.TextField(blank=True)
    snapshot_sha256 = models.TextField(blank=True)
    snapshot_size_bytes = models.BigIntegerField(null=True)
    tables = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    error = models.TextField(blank=True)
    landed_order = models.BigIntegerField(null=True)
    """The run's place among those of its source that came to a good end, whatever the clock said; None for others."""
    change_mark = models.BigIntegerField(default=0)
    """The newest change-log entry when this run began to merge: what comes later was changed here."""
    change_snapshot = models.TextField(blank=True, db_default="")
    """PostgreSQL's snapshot at that moment: an older entry whose transaction it does not see was committed later."""

    class Meta:
        db_table = "import_run"
        indexes = [models.Index(fields=["source", "-started_at"], name="idx_import_run_source")]
        ordering = ["-started_at"]
        permissions = [("run_import", "Can import a legacy source"), ("undo_import", "Can undo an import")]

    def __str__(self) -> str:
        return f"{self.source} {self.started_at:%Y-%m-%d %H:%M} {self.status}"
