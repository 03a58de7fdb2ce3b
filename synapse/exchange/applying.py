"""Writing a planned import: one transaction of the table's database, changed columns only, nothing deleted.

What lives here: the verb. What does not: the plan (planning.py), the undo (synapse.change_log).
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from django.db import DataError, IntegrityError, transaction

from synapse.exchange.planning import Table, plan_import
from synapse.exchange.plans import Plan, RowKind, RowPlan
from synapse.exchange.sheets import Sheet
from synapse.exchange.undo_links import undo_link

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


def apply_import(sheet: Sheet, table: Table, *, shown: str, leaves_out: int) -> Imported:
    """Import the file's good rows if they still do what the plan of the digest `shown` said.

    `leaves_out` is the number of bad rows that the person agreed to leave out. Raises PlanChangedError.
    """
    try:
        with transaction.atomic(using=table.alias):
            plan = plan_import(sheet, table, lock=True)
            _refuse_changed(plan, shown=shown, leaves_out=leaves_out)
            return _written(plan, table)
    except (IntegrityError, DataError) as error:
        reason = str(error).partition("\n")[0]
        raise PlanChangedError(f"The database refused a row ({reason}). Nothing was written.") from error


def _refuse_changed(plan: Plan, *, shown: str, leaves_out: int) -> None:
    if plan.digest != shown or len(plan.of(RowKind.ERROR)) != leaves_out:
        raise PlanChangedError(
            "Somebody has changed rows of this file since the preview. Nothing was written: look at it again below."
        )


def _written(plan: Plan, table: Table) -> Imported:
    new, changed = plan.of(RowKind.NEW), plan.of(RowKind.CHANGED)
    _insert(new, table)
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
