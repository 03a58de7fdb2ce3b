"""Which runs are being performed right now: those whose advisory lock somebody holds.

What lives here: taking a run's locks, and reading who holds them. The locks live on a connection of their own, in a
transaction that stays open as long as the attempt: whatever ends the worker ends them. A transaction's locks, not a
session's, because a pooler hands sessions around.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import LocksLostError
from synapse.kit.jobs.models import JobRun

_RUN_KEY: Final = "hashtextextended('synapse job run ' || %s::text, 0)"
_JOB_KEY: Final = "hashtextextended('synapse job ' || %s::text, 0)"

# pg_locks shows a 64-bit key in two halves, marked by objsubid 1.
_HELD: Final = """
    SELECT run.id
    FROM unnest(%s::text[]) AS run(id)
    JOIN pg_locks AS l
        ON (l.classid::bigint << 32) | l.objid::bigint = hashtextextended('synapse job run ' || run.id, 0)
    JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
"""


class LockTakenError(Exception):
    """Another process holds the lock: `of_job` says whether it is at work on another run of the same job."""

    def __init__(self, *, of_job: bool) -> None:
        super().__init__()
        self.of_job = of_job


class RunLocks:
    """The locks of one attempt, as long as its connection lives."""

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
def hold_locks(run: JobRun) -> Iterator[RunLocks]:
    """Hold the run's lock, and that of its job with these arguments; raises TakenError where another does."""
    connection = connections.create_connection(BUSINESS_CORE)
    try:
        connection.set_autocommit(False)  # Django's signature
        with connection.cursor() as cursor:
            if not _try_advisory_lock(cursor, _RUN_KEY, str(run.pk)):
                raise LockTakenError(of_job=False)
            if not _try_advisory_lock(cursor, _JOB_KEY, _same_work(run.job, run.arguments)):
                raise LockTakenError(of_job=True)
        yield RunLocks(connection)
    finally:
        # The server may be gone, and the locks with it.
        with suppress(DatabaseError, InterfaceError):
            connection.rollback()
        with suppress(DatabaseError, InterfaceError):
            connection.close()


def live_runs(runs: Iterable[UUID]) -> set[UUID]:
    """Return those of the runs that a living process performs."""
    asked = [str(run) for run in runs]
    if not asked:
        return set()
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute(_HELD, [asked])
        return {UUID(found) for (found,) in cursor.fetchall()}


def _try_advisory_lock(cursor: Any, key: str, of: str) -> bool:
    cursor.execute(f"SELECT pg_try_advisory_xact_lock({key})", [of])
    return bool(cursor.fetchone()[0])


def _same_work(job: str, arguments: Mapping[str, Any]) -> str:
    return f"{job} {json.dumps(arguments, sort_keys=True)}"
