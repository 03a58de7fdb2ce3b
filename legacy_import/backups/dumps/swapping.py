"""Swapping a restored database in for the live one, atomically: both renames are one transaction.

Whenever it is killed, the live name belongs to the former database or to the restored one, whole. It never belongs to
none: the next `migrate_all` would create an empty database of that name.
"""

import time
from datetime import datetime
from typing import Final

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import ObjectInUse

from legacy_import.backups.dumps.client import MAINTENANCE, database_name, open_session, translate_dump_errors
from legacy_import.backups.dumps.restoring import find_free_name
from legacy_import.pipeline.quoting import identifier

_FORMER_WORD: Final = "before"
_MAX_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.1


def swap_in_restored(alias: str, restored: str, *, now: datetime) -> str | None:
    """Give the restored database the live name, ending all sessions; return the former one's new name.

    None where there was no live one. Raises TransientError where it can't be; then nothing was renamed.
    """
    live = database_name(alias)
    connections[alias].close()
    with (
        translate_dump_errors(f"{live} is as it was; {restored} is there, and was not put in its place"),
        open_session(alias, database=MAINTENANCE) as connection,
    ):
        with connection.cursor() as cursor:
            former = find_free_name(cursor, live, _FORMER_WORD, now)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                has_live = _rename_databases(connection, live=live, former=former, restored=restored)
            except OperationalError as error:
                # Programs reconnect at once, and a database that is in use can't be renamed: one was faster.
                if not isinstance(error.__cause__, ObjectInUse) or attempt == _MAX_ATTEMPTS:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return former if has_live else None
    raise AssertionError("unreachable: the last attempt returns or raises")


def _rename_databases(connection: BaseDatabaseWrapper, *, live: str, former: str, restored: str) -> bool:
    """Rename both in one transaction, ending their sessions; return whether there was a live one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = ANY(%s) AND pid <> pg_backend_pid()",
            [[live, restored]],
        )
        # Reading the rows makes the server wait for the sessions' ends, five seconds at most for each.
        cursor.fetchall()
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [live])
        has_live = bool(cursor.fetchone()[0])
        cursor.execute("BEGIN")
        try:
            if has_live:
                cursor.execute(f"ALTER DATABASE {identifier(live)} RENAME TO {identifier(former)}")
            cursor.execute(f"ALTER DATABASE {identifier(restored)} RENAME TO {identifier(live)}")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
    return has_live
