"""Locks of an import: a source's advisory lock, and the lock that keeps others from writing the target tables.

Both are released with the import's transaction, also where its process is killed. Imports of several sources extract
side by side and merge one after the other.
"""

import time
from itertools import cycle
from typing import Final

from django.db import OperationalError, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import errors

from legacy_import.errors import TransientError
from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.target_table import target_table_of
from legacy_import.sources import sources_of_database

_SOURCE_TIMEOUT_SECONDS: Final = 3.0
"""How long to wait for the server to notice that a killed import's client is gone."""
_TABLES_TIMEOUT_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.1


def lock_key_sql(source: str) -> str:
    """Return SQL for the advisory lock's key of a source, whose name is SQL itself."""
    return f"hashtextextended('synapse import ' || {source}, 0)"


def take_source_lock(cursor: CursorWrapper, *, source: str, run: str) -> None:
    """Take the source's advisory lock; raises TransientError, saying who holds it, after 3 seconds."""
    deadline = time.monotonic() + _SOURCE_TIMEOUT_SECONDS
    while True:
        if try_source_lock(cursor, source=source):
            return
        if time.monotonic() > deadline:
            raise TransientError(_held_message(cursor.db.alias, source, run))
        time.sleep(_PAUSE_SECONDS)


def try_source_lock(cursor: CursorWrapper, *, source: str) -> bool:
    """Take the source's advisory lock until the transaction ends; return False, without waiting, where it is held."""
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({lock_key_sql(literal(source))})")
    return bool(cursor.fetchone()[0])


def lock_targets(cursor: CursorWrapper) -> None:
    """Keep others from writing the database's business tables until the transaction ends; reading goes on.

    Raises TransientError where a transaction of somebody else's has held one of them for 30 seconds.
    """
    # Imports of other sources wait for this advisory lock first, however long: waiting for the tables themselves they
    # would hold up staff behind them, and give up after 30 seconds of each other's merging.
    cursor.execute("SET LOCAL lock_timeout = 0")
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse merge', 0))")
    deadline = time.monotonic() + _TABLES_TIMEOUT_SECONDS
    sources = sources_of_database(cursor.db.alias)
    names = sorted({target_table_of(table.model).name for source in sources for table in source.tables})
    # Forwards and backwards by turns: staff who write the tables in one order would always be in the way of an import
    # that takes them in the other.
    for order in cycle((names, names[::-1])):
        if _lock_tables(cursor, order):
            break
        if time.monotonic() > deadline:
            raise TransientError(
                f"Somebody's open transaction has held the business tables of {cursor.db.settings_dict['NAME']} for"
                f" {_TABLES_TIMEOUT_SECONDS:g} seconds, so nothing was changed; end it, or try again later."
            )
        time.sleep(_PAUSE_SECONDS)
    cursor.execute("SET LOCAL lock_timeout = '30s'")


def _lock_tables(cursor: CursorWrapper, names: list[str]) -> bool:
    """Lock all the tables in this order, or none: False where somebody writes one of them.

    PostgreSQL looks for deadlocks after a second of waiting, and may end the edit rather than the import: so an import
    waits for half a second only, and rolls back to its savepoint, which releases what it has.
    """
    try:
        with transaction.atomic(using=cursor.db.alias):
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            cursor.execute(f"LOCK TABLE {', '.join(map(identifier, names))} IN SHARE ROW EXCLUSIVE MODE")
    except OperationalError as error:
        if isinstance(error.__cause__, errors.LockNotAvailable | errors.DeadlockDetected):
            return False
        raise
    return True


def _held_message(alias: str, source: str, run: str) -> str:
    holder = (
        ImportRun.objects.using(alias)
        .filter(source=source, status=ImportRun.Status.RUNNING)
        .exclude(pk=run)
        .order_by("-started_at")
        .first()
    )
    if holder is None:
        return f"{source}: another import of this source is running; try again when it is done"
    return (
        f"{source}: another import of this source is running since {holder.started_at:%Y-%m-%d %H:%M:%S} UTC,"
        f" started by {holder.requested_by or 'nobody named'} (process {holder.process_id} on {holder.host});"
        " try again when it is done"
    )
