"""Settlements: what people decided about quarantined rows (a fix, or accepted as archived)."""

import uuid

from django.db import models
from django.db.models.functions import Now

from legacy_import.cell_display import format_key
from legacy_import.models.ledger_row import LedgerRow


class Settlement(models.Model):
    """One decision about one quarantined row: who, when, why, and what it rests on.

    It holds for as long as the legacy row is what it was (`original`, all its exact cells) and nobody withdraws it. A
    fix replaces the cells named in `cells` (exact spellings) before the row is judged; the file's own cells stay what
    is rebuilt. A row accepted as archived is kept whole, and asks for nobody any more.
    """

    class Kind(models.TextChoices):
        """What was decided."""

        FIX = "fix", "fixed"
        ARCHIVE = "archive", "accepted as archived"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ledger = models.ForeignKey(
        LedgerRow, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="settlements"
    )
    source = models.TextField()
    legacy_table = models.TextField()
    key = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    original = models.JSONField()
    cells = models.JSONField(null=True)
    reason = models.TextField()
    settled_by = models.TextField()
    settled_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement"
        indexes = [models.Index(fields=["ledger", "-settled_at"], name="idx_settlement_ledger")]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger"], condition=models.Q(withdrawn_at=None), name="settlement_one_that_holds"
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.source}/{self.legacy_table}/{format_key(self.key)} {self.get_kind_display()} by {self.settled_by}"
        )
