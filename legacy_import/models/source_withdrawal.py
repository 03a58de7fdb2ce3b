"""Withdrawals: sources whose file was deleted for good, since when, by whom, and which snapshot is their last."""

import uuid

from django.db import models


class SourceWithdrawal(models.Model):
    """A source that is not imported any more: its file is not missed, its rows and its last snapshot stay.

    `snapshot_sha256` is empty where the source was never imported. A withdrawal that was taken back stays as a record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.TextField()
    withdrawn_at = models.DateTimeField()
    withdrawn_by = models.TextField(blank=True)
    snapshot_path = models.TextField(blank=True)
    snapshot_sha256 = models.TextField(blank=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "source_withdrawal"
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(taken_back_at__isnull=True),
                name="source_withdrawal_one_in_force",
            ),
        ]
        default_permissions = ()  # it is shown on the sources' page, to whom may see that

    def __str__(self) -> str:
        return f"{self.source} withdrawn {self.withdrawn_at:%Y-%m-%d %H:%M}"
