"""How rows were changed, for an import of a file that may know less (import_export.later_changes asks this)."""

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Model

from synapse.kit.change_log.models import ChangeLogEntry, Operation
from synapse.kit.import_export.later_changes import Update


def updates_of_rows(model: type[Model], alias: str, keys: Collection[Any]) -> Iterator[Update]:
    """Yield the updates of the rows with these keys, the newest first."""
    entries = ChangeLogEntry.objects.using(alias).filter(
        table_name=model._meta.db_table, row_key__in=keys, operation=Operation.UPDATE
    )
    for key, at, old, new in entries.order_by("-id").values_list("row_key", "changed_at", "old", "new"):
        yield Update(key, at, old or {}, new or {})
