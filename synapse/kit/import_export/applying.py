"""Applying a planned import: one transaction, changed columns only, nothing deleted.

The file is planned again under row locks and applied only if the plan's digest is still the one the person agreed to:
optimistic concurrency. Called by the preview page (synapse.kit.admin.import_pages).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import DataError, IntegrityError, transaction

from synapse.foundation.logs.logged_calls import log_calls
from synapse.kit.import_export.decimal_marks import DecimalMarks
from synapse.kit.import_export.later_changes import LAST_CHANGED
from synapse.kit.import_export.planning import Table, plan_import
from synapse.kit.import_export.plans import Plan, RowKind
from synapse.kit.import_export.sheets import Sheet
from synapse.kit.import_export.undo_links import undo_link

_BATCH_SIZE: Final = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote; `undo` is the address of the page that undoes it, empty where nothing was written."""

    new: int
    changed: int
    left_out: int
    undo: str


class PlanChangedError(Exception):
    """The plan is no longer the one the person was shown, so nothing was written; the message says why."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the person agreed to: the plan (by the digest `shown`), how many bad rows are left out, what is overwritten.

    Cells that were changed here since the file was exported are written only with `overwrites_later`. `marks` are the
    decimal marks of columns that can be read in two ways.
    """

    shown: str
    leaves_out: int
    overwrites_later: bool
    marks: DecimalMarks = field(default_factory=dict)


@log_calls(
    "file.imported",
    lambda call, done: {
        "table": call["table"].model._meta.db_table,
        "new": done.new,
        "changed": done.changed,
        "left_out": done.left_out,
    },
)
def apply_import(sheet: Sheet, table: Table, agreed: Agreement, *, now: datetime) -> Imported:
    """Import the file's good rows if they still do what the person agreed to. Raises PlanChangedError."""
    try:
        with transaction.atomic(using=table.alias):
            plan = plan_import(sheet, table, lock=True, marks=agreed.marks)
            if plan.digest != agreed.shown or len(plan.rows_of_kind(RowKind.ERROR)) != agreed.leaves_out:
                raise PlanChangedError(
                    "Somebody has changed rows of this file since the preview. Nothing was written:"
                    " look at it again below."
                )
            return _write_rows(plan, table, now, overwrites_later=agreed.overwrites_later)
    except (IntegrityError, DataError) as error:
        reason = str(error).partition("\n")[0]
        raise PlanChangedError(f"The database refused a row ({reason}). Nothing was written.") from error


def _write_rows(plan: Plan, table: Table, now: datetime, *, overwrites_later: bool) -> Imported:
    attributes = {column.name: column.field.attname for column in table.columns}
    for row in [] if overwrites_later else plan.rows_of_kind(RowKind.CHANGED):
        # Cells that were changed here since the export are dropped from what is written.
        for change in row.changes:
            if change.later:
                del row.values[attributes[change.column]]
    new, changed = plan.rows_of_kind(RowKind.NEW), [row for row in plan.rows_of_kind(RowKind.CHANGED) if row.values]
    made = [table.model(**row.values, **({} if row.pk is None else {"pk": row.pk})) for row in new]
    table.model._base_manager.using(table.alias).bulk_create(made, batch_size=_BATCH_SIZE)  # noqa: SLF001  # public in all but name
    if getattr(table.model, "is_stamped", False):
        for row in changed:
            # bulk_update runs no save(), which would set it.
            row.values.setdefault(LAST_CHANGED, now)
    # Rows with the same changed columns in one statement: columns of no change are not written.
    alike: defaultdict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in changed:
        alike[tuple(sorted(row.values))].append(table.model(pk=row.pk, **row.values))
    for names, rows in alike.items():
        fields = [field.name for field in table.model._meta.concrete_fields if field.attname in names]
        table.model._base_manager.using(table.alias).bulk_update(rows, fields, batch_size=_BATCH_SIZE)  # noqa: SLF001  # public in all but name
    undo = undo_link(table.alias) if new or changed else ""
    return Imported(len(new), len(changed), len(plan.rows_of_kind(RowKind.ERROR)), undo)
