"""Taking changes back: one, some, or all that a transaction wrote.

What lives here: the verbs. What does not: the steps (synapse.kit.change_log.reverting), and who may (permissions).

A column goes back only while it holds what the change left in it; a row that was added goes only while it is as it was
added; a deleted row comes back whole. All else stays and is told, with who changed it since. What is put back is
logged as its author's, hence an undo can be undone.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from django.db import DataError, IntegrityError, OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from psycopg import errors

from synapse.kit.change_log.errors import RevertRefusedError
from synapse.kit.change_log.models import ChangeLogEntry
from synapse.kit.change_log.refusals import broken_rule, import_sentence
from synapse.kit.change_log.reverting.apply_revert import count, put_back
from synapse.kit.change_log.reverting.catalogue import Catalogue, read_catalogue
from synapse.kit.change_log.reverting.outcome import Outcome, read_left, read_rows
from synapse.kit.change_log.reverting.revertability import gather, weigh
from synapse.kit.change_log.units_of_work import find_unit, newest_of_this_transaction, unit_link

_LONGEST_WAIT: Final = "10s"

Kinds = frozenset[tuple[str, str]]
"""What changes did in sum: tables, each with insert, update or delete."""


def undo_link(alias: str) -> str:
    """Return the address of the page that undoes the running transaction; call it inside, after the writes.

    Empty where nothing was written that the change log tells of.
    """
    entry = newest_of_this_transaction(alias)
    return "" if entry is None else unit_link(alias, entry.transaction_id, entry.pk)


def transaction_entries(alias: str, transaction_id: int, entry_id: int | None = None) -> QuerySet[ChangeLogEntry]:
    """Return a transaction's changes, oldest first; where its number came twice, those of the unit with this one."""
    unit = find_unit(alias, transaction_id, entry_id)
    return ChangeLogEntry.objects.using(alias).none() if unit is None else unit.entries()


def preview(alias: str, entries: QuerySet[ChangeLogEntry]) -> Outcome:
    """Return what taking the changes back would do. Raises RevertRefusedError for an import's changes."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        catalogue = _gathered(cursor, entries)
        weigh(cursor, catalogue, lock=False)
        return _outcome(cursor)


def kinds_of(alias: str, entries: QuerySet[ChangeLogEntry]) -> Kinds:
    """Return what the changes did in sum to which tables: what taking them back needs permissions for."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        gather(cursor, entries)
        return _kinds(cursor)


def revert(alias: str, entries: QuerySet[ChangeLogEntry], *, check: Callable[[Kinds], None] | None = None) -> Outcome:
    """Take the changes back in one transaction, and return what went back and what stays.

    `check` is given what the changes did in sum before anything is written, and raises to forbid it.
    Raises RevertRefusedError, with nothing done, for an import's changes, where a rule of the database forbids it, and
    where somebody else holds the rows.
    """
    try:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_LONGEST_WAIT])
            catalogue = _gathered(cursor, entries)
            if check is not None:
                check(_kinds(cursor))
            weigh(cursor, catalogue, lock=True)
            outcome = _outcome(cursor)
            put_back(cursor, catalogue)
            return _with_undo(alias, outcome)
    except (IntegrityError, DataError) as error:
        raise RevertRefusedError(broken_rule(error)) from error
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            raise RevertRefusedError(
                "Nothing was taken back: somebody else, or an import, is writing to these rows. Try again in a minute."
            ) from error
        raise


def _gathered(cursor: CursorWrapper, entries: QuerySet[ChangeLogEntry]) -> Catalogue:
    gather(cursor, entries)
    cursor.execute("SELECT import_run FROM revert_entry WHERE import_run IS NOT NULL LIMIT 1")
    found = cursor.fetchone()
    if found is not None:
        raise RevertRefusedError(import_sentence())
    return read_catalogue(cursor).only({table for table, _ in _kinds(cursor)})


def _kinds(cursor: CursorWrapper) -> Kinds:
    cursor.execute("SELECT DISTINCT table_name, kind FROM revert_row")
    return frozenset(cursor.fetchall())


def _outcome(cursor: CursorWrapper) -> Outcome:
    counts = count(cursor)
    left, left_count = read_left(cursor)
    return Outcome(
        changed=counts.changed,
        removed=counts.removed,
        restored=counts.restored,
        rows=read_rows(cursor),
        left=left,
        left_count=left_count,
    )


def _with_undo(alias: str, outcome: Outcome) -> Outcome:
    return replace(outcome, undo=undo_link(alias) if outcome.total else "")
