"""Reading the change log in tests."""

from typing import Any

from django.db import connections
from django.db.models import Model

from synapse.kit.change_log.models import ChangeLogEntry


def changes_of(row: Model) -> list[ChangeLogEntry]:
    """Return the row's changes, oldest first."""
    alias = str(row._state.db)
    entries = ChangeLogEntry.objects.using(alias).filter(table_name=row._meta.db_table, row_key=row.pk)
    return list(entries.order_by("id"))


def told(row: Model) -> list[tuple[str, str | None]]:
    """Return operation and author of each of the row's changes."""
    return [(entry.operation, entry.author) for entry in changes_of(row)]


def run_sql(alias: str, sql: str, *parameters: Any) -> None:
    """Run a statement through Django, as a report or a shell would."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, parameters)
