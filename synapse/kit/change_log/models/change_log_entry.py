"""The change log's table: one row per changed row of a business table, written by triggers only.

Each of the three databases has it; the proxies are its three lists in the admin. The triggers are in sql/, who the
author is is told to them by authorship.py.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE
from synapse.foundation.schema import ClockTimestamp, PostgresIndex


class Operation(models.TextChoices):
    """What happened to the row."""

    INSERT = "insert", "Added"
    UPDATE = "update", "Changed"
    DELETE = "delete", "Deleted"


class ChangeLogEntry(models.Model):
    """One change of one row. The table exists in all three databases, so name one: `.using(alias)`.

    `old` and `new` hold the whole row for a deletion and an addition, only the changed columns for a change.
    `author` is null where the change came from outside the admin, `import_run` is set where an import made it.
    """

    table_name = models.TextField("table")
    row_key = models.UUIDField("row")
    operation = models.TextField(choices=Operation)
    author = models.TextField(null=True)
    import_run = models.UUIDField(null=True)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    transaction_id = models.BigIntegerField("transaction")
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        db_table = "change_log"
        verbose_name = "change"
        indexes = [
            PostgresIndex(fields=["table_name", "row_key", "id"], name="change_log_row_idx"),
            PostgresIndex(fields=["changed_at"], name="change_log_changed_at_idx"),
            PostgresIndex(fields=["transaction_id"], name="change_log_transaction_idx"),
            # For the keyset pages of deleted rows, newest first.
            PostgresIndex(fields=["-id"], name="change_log_deleted_idx", condition=Q(operation="delete")),
            PostgresIndex(fields=["author", "-id"], name="change_log_author_idx", condition=Q(author__isnull=False)),
            PostgresIndex(
                fields=["import_run"], name="change_log_import_run_idx", condition=Q(import_run__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        """Return what happened to which row."""
        return f"{self.operation} {self.table_name} {self.row_key}"


class BusinessCoreChange(ChangeLogEntry):
    """The business core's changes."""

    database_alias: ClassVar[str] = BUSINESS_CORE

    class Meta:
        proxy = True
        verbose_name = "change · business core"
        verbose_name_plural = "changes · business core"


class AnalyticsChange(ChangeLogEntry):
    """The analytics database's changes."""

    database_alias: ClassVar[str] = ANALYTICS

    class Meta:
        proxy = True
        verbose_name = "change · analytics"
        verbose_name_plural = "changes · analytics"


class RevenueChange(ChangeLogEntry):
    """The revenue database's changes."""

    database_alias: ClassVar[str] = REVENUE

    class Meta:
        proxy = True
        verbose_name = "change · revenue"
        verbose_name_plural = "changes · revenue"
