"""Later changes: cells of a file that somebody has changed in the table since the file was exported.

A lost update in the making: the file's value is older than the table's. Such a cell is marked in the plan and written
only if the person says so. A file is older than a change where it holds what that change replaced, or where its row's
`updated_at` is older. The changes are read from the change log, which stands above and registers its reader.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from synapse.kit.import_export.columns import Column
from synapse.kit.import_export.plans import Change, RowPlan

if TYPE_CHECKING:
    from synapse.kit.import_export.planning import Table

LAST_CHANGED: Final = "updated_at"
"""The column that says when a row was changed last; in a file, up to when its row's changes are known."""


@dataclass(frozen=True, slots=True)
class Update:
    """A change of a row: when, and the changed columns before and after, by their database names, as JSON has them."""

    row_key: Any
    at: datetime
    old: Mapping[str, Any]
    new: Mapping[str, Any]


Reader = Callable[[type[Model], str, Collection[Any]], Iterable[Update]]
"""Returns the updates of rows, by model, database alias and primary keys, the newest first."""

_readers: list[Reader] = []


def register_update_reader(reader: Reader) -> None:
    """Register the reader of the change log."""
    _readers[:] = [reader]


def mark_overwriting_changes(table: "Table", drafts: Sequence[tuple[RowPlan, datetime | None]]) -> None:
    """Mark the changes that would overwrite a later one; each row comes with the `updated_at` of its file, if any."""
    changing = [(row, known) for row, known in drafts if row.values and not row.problems and not row.is_new]
    if not changing or not _readers:
        return
    updates: defaultdict[Any, list[Update]] = defaultdict(list)
    for update in _readers[0](table.model, table.alias, {row.pk for row, _ in changing}):
        updates[update.row_key].append(update)
    columns = {column.name: column for column in table.columns}
    for row, known in changing:
        row.changes = [
            _mark_change(change, columns[change.column], row, known, updates[row.pk]) for change in row.changes
        ]


def _mark_change(
    change: Change, column: Column, row: RowPlan, known: datetime | None, updates: Iterable[Update]
) -> Change:
    name = str(column.field.column)
    is_later = known is not None
    # Newest first: the first that the file knows ends the later ones.
    for update in updates:
        is_later = is_later and not _is_update_in_file(update, known)
        if name in update.new and (is_later or _is_replaced(update.old.get(name), column, row)):
            return replace(change, later=timezone.localtime(update.at).strftime("%Y-%m-%d %H:%M"))
    return change


def _is_update_in_file(update: Update, known: datetime | None) -> bool:
    """Say whether the file was exported after the change, which itself may have written the file's `updated_at`."""
    written = update.new.get(LAST_CHANGED)
    return known is not None and (update.at <= known or (written is not None and parse_datetime(written) == known))


def _is_replaced(old: Any, column: Column, row: RowPlan) -> bool:
    """Say whether the file's value is the one that the change replaced."""
    try:
        before = None if old is None else column.field.to_python(old)
    except (ValidationError, ArithmeticError):
        return False
    return column.widget.is_equal(row.values[column.field.attname], before)
