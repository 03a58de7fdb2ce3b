"""Writing a planned import: one transaction of the table's database, changed columns only, nothing deleted.

What lives here: the verb. What does not: the plan (planning.py), the undo (synapse.kit.change_log).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DataError, IntegrityError, transaction

from synapse.kit.import_export.later_changes import LAST_CHANGED
from synapse.kit.import_export.planning import Table, plan_import
from synapse.kit.import_export.plans import Plan, RowKind, RowPlan
from synapse.kit.import_export.sheets import Sheet
from synapse.kit.import_export.undo_links import undo_link

_ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote; `undo` is the address of the page that undoes it, empty where nothing was written."""

    new: int
    changed: int
    left_out: int
    undo: str


class PlanChangedError(Exception):
    """What the person was shown no longer holds, so nothing was written; the message says why."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the person agreed to: a plan by its digest, how many bad rows are left out, what is overwritten.

    Cells that were changed here since the file was exported are written only with `overwrites_later`.
    """

    shown: str
    leaves_out: int
    overwrites_later: bool


def apply_import(sheet: Sheet, table: Table, agreed: Agreed, *, now: datetime) -> Imported:
    """Import the file's good rows if they still do what the person agreed to. Raises PlanChangedError."""
    try:
        with transaction.atomic(using=table.alias):
            plan = plan_import(sheet, table, lock=True)
            _refuse_changed(plan, agreed)
            if not agreed.overwrites_later:
                _leave_later(plan, table)
            return _written(plan, table, now)
    except (IntegrityError, DataError) as error:
        reason = str(error).partition("\n")[0]
        raise PlanChangedError(f"The database refused a row ({reason}). Nothing was written.") from error


def _refuse_changed(plan: Plan, agreed: Agreed) -> None:
    if plan.digest != agreed.shown or len(plan.of(RowKind.ERROR)) != agreed.leaves_out:
        raise PlanChangedError(
            "Somebody has changed rows of this file since the preview. Nothing was written: look at it again below."
        )


def _leave_later(plan: Plan, table: Table) -> None:
    """Take what was changed here since out of what is written."""
    attributes = {column.name: column.field.attname for column in table.columns}
    for row in plan.of(RowKind.CHANGED):
        for change in row.changes:
            if change.later:
                del row.values[attributes[change.column]]


def _written(plan: Plan, table: Table, now: datetime) -> Imported:
    new, changed = plan.of(RowKind.NEW), [row for row in plan.of(RowKind.CHANGED) if row.values]
    _insert(new, table)
    if getattr(table.model, "is_stamped", False):
        for row in changed:
            row.values.setdefault(LAST_CHANGED, now)
    _update(changed, table)
    undo = undo_link(table.alias) if new or changed else ""
    return Imported(len(new), len(changed), len(plan.of(RowKind.ERROR)), undo)


def _insert(rows: list[RowPlan], table: Table) -> None:
    made = [table.model(**row.values, **({} if row.pk is None else {"pk": row.pk})) for row in rows]
    table.model._base_manager.using(table.alias).bulk_create(made, batch_size=_ROWS_AT_ONCE)  # noqa: SLF001  # public in all but name


def _update(rows: list[RowPlan], table: Table) -> None:
    """Save the rows, those with the same changed columns together."""
    alike: defaultdict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in rows:
        alike[tuple(sorted(row.values))].append(table.model(pk=row.pk, **row.values))
    for names, made in alike.items():
        fields = [field.name for field in table.model._meta.concrete_fields if field.attname in names]
        table.model._base_manager.using(table.alias).bulk_update(made, fields, batch_size=_ROWS_AT_ONCE)  # noqa: SLF001  # public in all but name
