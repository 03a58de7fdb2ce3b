"""Advisory locks of runs: a run is being performed exactly where somebody holds its lock.

Held by performing.py, asked for by cluster/requeueing.py and the pages. Two per attempt: that of the run, and that of
its job with these arguments, so that the same work is never done twice at once. They are held by a connection of their
own, in a transaction that stays open as long as the attempt: whatever ends the worker's process releases them. A
transaction's locks, not a session's, because a connection pooler lends sessions to others.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import LocksLostError
from synapse.kit.jobs.models import JobRun

# Advisory locks are named by 64-bit numbers: hashes of these texts, seeded apart by their prefixes.
_RUN_KEY: Final = "hashtextextended('synapse job run ' || %s::text, 0)"
_JOB_KEY: Final = "hashtextextended('synapse job ' || %s::text, 0)"

# pg_locks shows a 64-bit key in two halves, marked by objsubid 1. The text hashed here must be _RUN_KEY's, or live runs
# would look dead.
_HELD: Final = """
    SELECT run.id
    FROM unnest(%s::text[]) AS run(id)
    JOIN pg_locks AS l
        ON (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('synapse job run ' || run.id, 0)
    JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
"""


class LockTakenError(Exception):
    """Another process holds the lock; `of_job` says whether it performs another run of the same work."""

    def __init__(self, *, of_job: bool) -> None:
        super().__init__()
        self.of_job = of_job


class RunLocks:
    """The advisory locks of one attempt, held as long as its connection lives."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection

    def check_held(self) -> None:
        """Raise LocksLostError where PostgreSQL went away under the attempt, and the locks with it."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, InterfaceError):
            raise LocksLostError("PostgreSQL went away while the job was at work.") from None


@contextmanager
def hold_run_locks(run: JobRun) -> Iterator[RunLocks]:
    """Hold the run's lock, and that of its job with these arguments.

    Raises LockTakenError where another process holds one of them; never waits.
    """
    connection = connections.create_connection(BUSINESS_CORE)
    try:
        # Opens the transaction whose end releases the locks.
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            if not _try_advisory_lock(cursor, _RUN_KEY, str(run.pk)):
                raise LockTakenError(of_job=False)
            work = f"{run.job} {json.dumps(run.arguments, sort_keys=True)}"
            if not _try_advisory_lock(cursor, _JOB_KEY, work):
                raise LockTakenError(of_job=True)
        yield RunLocks(connection)
    finally:
        # The server may be gone, and the locks with it. Rolled back first: this releases them now, and not
        # when the server notices that the connection is closed.
        with suppress(DatabaseError, InterfaceError):
            connection.rollback()
        with suppress(DatabaseError, InterfaceError):
            connection.close()


def live_runs(runs: Iterable[UUID]) -> set[UUID]:
    """Return those of the runs whose advisory lock a living process holds."""
    asked = [str(run) for run in runs]
    if not asked:
        return set()
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_HELD, [asked])
        return {UUID(found) for (found,) in cursor.fetchall()}


def _try_advisory_lock(cursor: Any, key: str, of: str) -> bool:
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({key})", [of])
    return bool(cursor.fetchone()[0])
