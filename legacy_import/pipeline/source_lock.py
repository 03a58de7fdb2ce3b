"""One import of a source at a time: an advisory lock that lives and dies with the import's transaction."""

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

_PATIENCE_SECONDS: Final = 3.0
"""How long to wait for the server to notice that a killed import's client is gone."""
_TABLES_PATIENCE_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.1


def lock_key_sql(source: str) -> str:
    """Return SQL for the advisory lock's key of a source, whose name is SQL itself."""
    return f"hashtextextended('synapse import ' || {source}, 0)"


def take_source_lock(cursor: CursorWrapper, *, source: str, run: str) -> None:
    """Take the source's lock; raises TransientError that says who holds it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        if try_source_lock(cursor, source=source):
            return
        if time.monotonic() > deadline:
            raise TransientError(_held_message(cursor.db.alias, source, run))
        time.sleep(_PAUSE_SECONDS)


def try_source_lock(cursor: CursorWrapper, *, source: str) -> bool:
    """Take the source's lock until the transaction ends; return False, without waiting, where somebody holds it."""
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({lock_key_sql(literal(source))})")
    return bool(cursor.fetchone()[0])


def lock_targets(cursor: CursorWrapper) -> None:
    """Keep others from writing the database's business tables until the transaction ends; reading goes on.

    Raises TransientError where a transaction of somebody else's has held one of them for 30 seconds.
    """
    # Imports of other sources take their turn here, as long as that takes: in a queue for the tables they would hold up
    # staff, and give up after 30 seconds of each other's merging.
    cursor.execute("SET LOCAL lock_timeout = 0")
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse merge', 0))")
    deadline = time.monotonic() + _TABLES_PATIENCE_SECONDS
    for names in cycle(_both_orders(cursor.db.alias)):
        if _lock_tables(cursor, names):
            break
        if time.monotonic() > deadline:
            raise TransientError(
                f"Somebody's open transaction has held the business tables of {cursor.db.settings_dict['NAME']} for"
                f" {_TABLES_PATIENCE_SECONDS:g} seconds, so nothing was changed; end it, or try again later."
            )
        time.sleep(_PAUSE_SECONDS)
    cursor.execute("SET LOCAL lock_timeout = '30s'")


def _both_orders(alias: str) -> tuple[list[str], list[str]]:
    """Return the database's business tables, forwards and backwards.

    Staff who write them in one order always stand in the way of an import that takes them in the other.
    """
    sources = sources_of_database(alias)
    names = sorted({target_table_of(table.model).name for source in sources for table in source.tables})
    return names, names[::-1]


def _lock_tables(cursor: CursorWrapper, names: list[str]) -> bool:
    """Lock all the tables in this order, or none: False where somebody writes one of them.

    PostgreSQL looks for deadlocks after a second of waiting, and may end the edit rather than the import: so an import
    that waits lets go of what it has before that.
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
