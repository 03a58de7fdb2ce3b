"""Locks of an import: its source's, the turn to merge into its database, and for a first load the target tables.

All are released with the import's transaction, also where its process is killed. Imports of several sources extract
side by side and merge one after the other. What keeps a merge and people apart is merge_attempts.py's.
"""

import math
import time
from itertools import cycle
from typing import Final

from django.db import OperationalError, connections, transaction
from django.db.backends.utils import CursorWrapper

from legacy_import.errors import TransientError
from legacy_import.models import ImportRun
from legacy_import.pipeline.quoting import identifier, literal
from legacy_import.pipeline.row_locks import give_way
from legacy_import.pipeline.target_table import targets_of_database
from synapse.foundation.lock_waits import bounded_wait_seconds, is_lock_refusal

_SOURCE_TIMEOUT_SECONDS: Final = 3.0
"""How long to wait for the server to notice that a killed import's client is gone."""
TABLES_TIMEOUT_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.1
_MERGE_KEY: Final = "hashtextextended('synapse merge', 0)"


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
            raise TransientError(_lock_held_message(cursor.db.alias, source, run))
        time.sleep(_PAUSE_SECONDS)


def try_source_lock(cursor: CursorWrapper, *, source: str) -> bool:
    """Take the source's advisory lock until the transaction ends; return False, without waiting, where it is held."""
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({lock_key_sql(literal(source))})")
    return bool(cursor.fetchone()[0])


def lock_targets(cursor: CursorWrapper) -> None:
    """Take the turn to merge, then the database's business tables, until the transaction ends; reading goes on.

    Raises TransientError where a transaction of somebody else's has held one of them for 30 seconds.
    """
    take_merge_turn(cursor)
    lock_tables(cursor)


def take_merge_turn(cursor: CursorWrapper) -> None:
    """Wait until no other import, undo or settlement merges into the database; nobody else waits for this lock.

    Raises TransientError where the caller's patience is limited (a web request) and the other one goes on.
    """
    deadline = time.monotonic() + bounded_wait_seconds(math.inf)
    cursor.execute("SET LOCAL lock_timeout = 0")
    if math.isinf(deadline):
        cursor.execute(f"SELECT pg_advisory_xact_lock({_MERGE_KEY})")
    else:
        while not _try_merge_turn(cursor):
            if time.monotonic() > deadline:
                raise TransientError("an import or an undo is writing to this database: try again when it is done")
            time.sleep(_PAUSE_SECONDS)
    cursor.execute("SET LOCAL lock_timeout = '30s'")


def lock_tables(cursor: CursorWrapper) -> None:
    """Keep others from writing the business tables, and from locking rows of them, until the transaction ends.

    Reading goes on; a foreign key's check of one of them waits as well. The caller has the turn to merge.
    Raises TransientError where a transaction of somebody else's has held one of them for 30 seconds.
    """
    began, patience = time.monotonic(), bounded_wait_seconds(TABLES_TIMEOUT_SECONDS)
    names = [target.name for target in targets_of_database(cursor.db.alias)]
    # Forwards and backwards by turns: staff who write the tables in one order would always be in the way of an import
    # that takes them in the other.
    for order in cycle((names, names[::-1])):
        if _lock_tables(cursor, order):
            break
        waited = time.monotonic() - began
        if waited > patience:
            raise TransientError(held_tables_message(cursor.db.alias, waited))
        time.sleep(_PAUSE_SECONDS)
    cursor.execute("SET LOCAL lock_timeout = '30s'")


def held_tables_message(alias: str, seconds: float) -> str:
    """Return the sentence for an import that somebody's open transaction kept from writing for so many seconds."""
    waited = max(1, round(seconds))
    return (
        f"Somebody's open transaction has held the business tables of {connections[alias].settings_dict['NAME']} for"
        f" {waited} second{'' if waited == 1 else 's'}, so nothing was changed; end it, or try again later."
    )


def _try_merge_turn(cursor: CursorWrapper) -> bool:
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({_MERGE_KEY})")
    return bool(cursor.fetchone()[0])


def _lock_tables(cursor: CursorWrapper, names: list[str]) -> bool:
    """Lock all the tables in this order, or none: False where somebody writes one of them, or holds a row of one.

    SHARE ROW EXCLUSIVE would let people lock rows (SELECT … FOR UPDATE) that an import writes, and then wait for it.
    PostgreSQL looks for deadlocks after a second of waiting, and may end the edit rather than the import: so an import
    waits for half a second only, and rolls back to its savepoint, which releases what it has.
    """
    try:
        with transaction.atomic(using=cursor.db.alias):
            give_way(cursor)
            cursor.execute(f"LOCK TABLE {', '.join(map(identifier, names))} IN EXCLUSIVE MODE")
    except OperationalError as error:
        if is_lock_refusal(error):
            return False
        raise
    return True


def _lock_held_message(alias: str, source: str, run: str) -> str:
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
