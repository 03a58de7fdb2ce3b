"""Taking changes back: one, some, or a whole unit of work. The service that pages, jobs and the admin call.

What is written is logged as its author's, hence an undo can be undone. The steps are this folder's other modules; who
may is synapse.kit.change_log.permissions'.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from django.db import DataError, IntegrityError, OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg import errors

from synapse.foundation.logs.logged_calls import log_calls
from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.refusals import describe_violated_constraint, import_refusal_message
from synapse.kit.change_log.reverting.apply_revert import apply_revert, count_reverted_rows
from synapse.kit.change_log.reverting.catalogue import Catalogue, read_catalogue
from synapse.kit.change_log.reverting.outcome import Outcome, read_rows, read_rows_left_as_is
from synapse.kit.change_log.reverting.revertability import check_revertability, collect_net_changes
from synapse.kit.change_log.units_of_work import newest_change_of_this_transaction, unit_of_work_link

_LOCK_TIMEOUT: Final = "3s"
"""How long a revert waits for rows that somebody else writes; a person is waiting for the page."""

Kinds = frozenset[tuple[str, str]]
"""What changes did in sum: pairs of a table and insert, update or delete."""


def undo_link(alias: str) -> str:
    """Return the address of the page that undoes the running transaction; call it inside, after the writes.

    Empty where nothing was written that is logged.
    """
    entry = newest_change_of_this_transaction(alias)
    return "" if entry is None else unit_of_work_link(alias, entry.transaction_id, entry.pk)


def preview_revert(alias: str, entries: QuerySet[ChangeLogEntry]) -> Outcome:
    """Return what taking the changes back would do. Raises RevertRefusedError for an import's changes."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        catalogue = _collect_revertable(cursor, entries)
        check_revertability(cursor, catalogue, lock=False)
        return _read_outcome(cursor)


def find_kinds(alias: str, entries: QuerySet[ChangeLogEntry]) -> Kinds:
    """Return what the changes did in sum to which tables: what taking them back needs permissions for."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        collect_net_changes(cursor, entries)
        return _read_kinds(cursor)


@log_calls(
    "changes.reverted",
    lambda call, done: {
        "database": call["alias"],
        "changed": done.changed,
        "removed": done.removed,
        "restored": done.restored,
        "left": done.left_count,
    },
)
def revert_changes(
    alias: str, entries: QuerySet[ChangeLogEntry], *, check: Callable[[Kinds], None] | None = None
) -> Outcome:
    """Take the changes back in one transaction, and return what went back and what stays.

    `check` is given what the changes did in sum before anything is written, and raises to forbid it.
    Raises RevertRefusedError, with nothing done, for an import's changes, where a rule of the database forbids it, and
    where somebody else holds the rows.
    """
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LOCK_TIMEOUT])
            catalogue = _collect_revertable(cursor, entries)
            if check is not None:
                check(_read_kinds(cursor))
            check_revertability(cursor, catalogue, lock=True)
            # Read before writing: the outcome has the values from before.
            outcome = _read_outcome(cursor)
            apply_revert(cursor, catalogue)
            return replace(outcome, undo=undo_link(alias) if outcome.total_rows else "")
    except (IntegrityError, DataError) as error:
        raise RevertRefusedError(describe_violated_constraint(error)) from error
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise RevertRefusedError(
                "Nothing was taken back: somebody else, or an import, is writing to these rows. Try again in a minute."
            ) from error
        raise


def _collect_revertable(cursor: CursorWrapper, entries: QuerySet[ChangeLogEntry]) -> Catalogue:
    """Collect the net changes and return the tables concerned. Raises RevertRefusedError for an import's changes."""
    collect_net_changes(cursor, entries)
    cursor.execute("SELECT import_run FROM revert_entry WHERE import_run IS NOT NULL LIMIT 1")
    if cursor.fetchone() is not None:
        raise RevertRefusedError(import_refusal_message())
    return read_catalogue(cursor).only_tables({table for table, _ in _read_kinds(cursor)})


def _read_kinds(cursor: CursorWrapper) -> Kinds:
    cursor.execute("SELECT DISTINCT table_name, kind FROM revert_row")
    return frozenset(cursor.fetchall())


def _read_outcome(cursor: CursorWrapper) -> Outcome:
    counts = count_reverted_rows(cursor)
    left, left_count = read_rows_left_as_is(cursor)
    return Outcome(
        changed=counts.changed,
        removed=counts.removed,
        restored=counts.restored,
        rows=read_rows(cursor),
        left=left,
        left_count=left_count,
    )
