"""A restored database put in the live one's place.

Both renames are one transaction: whenever it is killed, the live name belongs to the former database or to the
restored one, whole, and never to none, which the next `migrate_all` would take for a reason to make an empty one.
"""

import time
from datetime import datetime
from typing import Final

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg.errors import ObjectInUse

from legacy_import.backups.dumps.client import MAINTENANCE, database_name, in_a_sentence, session
from legacy_import.backups.dumps.restoring import free_name
from legacy_import.pipeline.quoting import identifier

_FORMER: Final = "before"
_ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = 0.1


def swap_in(alias: str, restored: str, *, now: datetime) -> str | None:
    """Give the restored database the live name, ending all sessions; return the former one's new name.

    None where there was no live one. Raises TransientError where it can't be; then nothing was renamed.
    """
    live = database_name(alias)
    connections[alias].close()
    with (
        in_a_sentence(f"{live} is as it was; {restored} is there, and was not put in its place"),
        session(alias, database=MAINTENANCE) as connection,
    ):
        with connection.cursor() as cursor:
            former = free_name(cursor, live, _FORMER, now)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return former if _rename(connection, live=live, former=former, restored=restored) else None
            except OperationalError as error:
                # Programs connect again at once: somebody was faster than the rename.
                if not isinstance(error.__cause__, ObjectInUse) or attempt == _ATTEMPTS:
                    raise
                time.sleep(_PAUSE_SECONDS)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _rename(connection: BaseDatabaseWrapper, *, live: str, former: str, restored: str) -> bool:
    """Rename both in one transaction; say whether there was a live one."""
    with connection.cursor() as cursor:
        _end_sessions(cursor, [live, restored])
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [live])
        there = bool(cursor.fetchone()[0])
        cursor.execute("BEGIN")
        try:
            if there:
                cursor.execute(f"ALTER DATABASE {identifier(live)} RENAME TO {identifier(former)}")
            cursor.execute(f"ALTER DATABASE {identifier(restored)} RENAME TO {identifier(live)}")
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
    return there


def _end_sessions(cursor: CursorWrapper, names: list[str]) -> None:
    cursor.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = ANY(%s) AND pid <> pg_backend_pid()",
        [names],
    )
    cursor.fetchall()
