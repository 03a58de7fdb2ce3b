"""The ledger: one row for each legacy row, which says where it went and what rebuilds it."""

from django.db import models

from legacy_import.cell_display import format_key
from legacy_import.models.import_run import ImportRun


class LedgerRow(models.Model):
    """What became of one legacy row, and what it takes to rebuild it.

    `id` is md5('source/table/key'). `cells` holds exact (tagged) cells by legacy column: for a live row only those that
    its target row does not give back by itself, beside what the target gave at the time (`encoded`); else all of them.
    `base` holds target values as last imported, where the target row has since been changed here. `brought` says that
    `run`, the last to write this ledger row, inserted the target row: an undo takes it out again.
    """

    class State(models.TextChoices):
        """Where a legacy row is now."""

        LIVE = "live", "in its table"
        MERGED = "merged", "merged into a row of higher precedence"
        ARCHIVED = "archived", "archived (no target table)"
        QUARANTINED = "quarantined", "quarantined"
        GONE = "gone", "gone from the legacy file"
        DELETED = "deleted", "deleted here"

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.TextField()
    legacy_table = models.TextField()
    key = models.TextField()
    state = models.TextField(choices=State.choices)
    owns = models.BooleanField(default=False)
    brought = models.BooleanField(default=False, db_default=False)
    target_table = models.TextField(null=True)
    target_key = models.UUIDField(null=True)
    row_id = models.BigIntegerField(null=True)
    cells = models.JSONField(null=True)
    encoded = models.JSONField(null=True)
    base = models.JSONField(null=True)
    reasons = models.JSONField(null=True)
    run = models.ForeignKey(ImportRun, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)

    class Meta:
        db_table = "ledger"
        indexes = [
            models.Index(fields=["target_key"], condition=models.Q(owns=False), name="idx_ledger_target"),
            models.Index(fields=["source", "legacy_table", "state"], name="idx_ledger_state"),
            # The archive is read as tables, in the order of their files.
            models.Index(
                fields=["source", "legacy_table", "row_id", "id"],
                condition=models.Q(state="archived"),
                name="idx_ledger_archive",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["target_key"], condition=models.Q(owns=True), name="ledger_one_owner"),
        ]
        permissions = [("settle_quarantine", "Can settle quarantined rows")]

    def __str__(self) -> str:
        return f"{self.source}/{self.legacy_table}/{format_key(self.key)}"
