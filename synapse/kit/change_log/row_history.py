"""Who changed or deleted a row while somebody had it open (admin.concurrent_edits.row_history asks this)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.urls import reverse

from synapse.kit.admin.concurrent_edits.row_history import LoggedChange
from synapse.kit.change_log.models import ChangeLogEntry, Operation

_MAX_ENTRIES_READ: Final = 100
"""The latest changes of a row; older ones were not made while a page was open."""


class LoggedHistory:
    """Answers from the change log."""

    def latest_changes(self, row: Model) -> Mapping[str, LoggedChange]:
        """Return the latest change of each column among the row's latest changes."""
        entries = _row_entries(type(row), row.pk, str(row._state.db)).order_by("-id")[:_MAX_ENTRIES_READ]
        found: dict[str, LoggedChange] = {}
        for entry in entries:
            for column in entry.new or {}:
                found.setdefault(column, _logged_change(entry))
        return found

    def find_deletion(self, model: type[Model], key: Any, alias: str) -> LoggedChange | None:
        """Return the row's latest deletion."""
        entry = _row_entries(model, key, alias).filter(operation=Operation.DELETE).order_by("-id").first()
        if entry is None:
            return None
        return replace(
            _logged_change(entry), link=reverse("changes:row", args=[alias, entry.table_name, entry.row_key])
        )


def _row_entries(model: type[Model], key: Any, alias: str) -> QuerySet[ChangeLogEntry]:
    return ChangeLogEntry.objects.using(alias).filter(table_name=model._meta.db_table, row_key=key)


def _logged_change(entry: ChangeLogEntry) -> LoggedChange:
    deleted = (entry.old or {}) if entry.operation == Operation.DELETE else {}
    if entry.author:
        return LoggedChange(entry.author, entry.author, entry.changed_at, deleted)
    who = "somebody outside this page" if entry.import_run is None else "an import"
    return LoggedChange(who, "", entry.changed_at, deleted)
