"""Idempotent work: one attempt at a run as the job's code sees it; each Work.idempotent_step takes effect exactly once.

Messages are delivered at least once, so a step's idempotency key is committed together with its effect. Work also has
the run's arguments and reports its progress.

Made by performing.py, passed to the function that the job declares.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections, transaction

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.models import JobEffect, JobRun
from synapse.kit.jobs.run_locks import RunLocks

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_PROGRESS_EVERY_SECONDS: Final = 1.0

# Never waits: where another transaction has the row locked, the next progress is written a second later.
_WRITE_PROGRESS: Final = f"""
    UPDATE {JobRun._meta.db_table} SET progress = %s::jsonb
    WHERE id = (SELECT id FROM {JobRun._meta.db_table} WHERE id = %s AND state = %s FOR UPDATE SKIP LOCKED)
"""


class Work:
    """One attempt at a run.

    `now` is when it began, `attempt` counts from 1; `key` is the run's idempotency key, the same in all attempts.
    """

    def __init__(self, run: JobRun, *, now: datetime, locks: RunLocks | None = None) -> None:
        self.run_id: UUID = run.pk
        self.key: str = run.key
        self.attempt: int = run.attempts
        self.requested_by: str = run.requested_by
        self.arguments: Mapping[str, Any] = dict(run.arguments)
        self.now = now
        self._locks = locks
        self._progress = _ProgressWriter(run.pk)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.close_connection()

    @contextmanager
    def idempotent_step(self, alias: str, step: str = "") -> Iterator[bool]:
        """Open a transaction of the database for one idempotent step, and say whether that is still to be done.

        The step's idempotency key is inserted in the same transaction as what is done within, so both commit or
        neither: at-least-once delivery becomes an effect exactly once. A second process with the same key waits for the
        first one's transaction. Raises LocksLostError where the run is no longer this process's.
        """
        self._check_locks()
        key = f"{self.key} {step}".rstrip()
        with transaction.atomic(using=alias):
            # Not through the model: only the INSERT's own row count says who came first.
            with connections[alias].cursor() as cursor:
                table = JobEffect._meta.db_table
                cursor.execute(f"INSERT INTO {table} (key) VALUES (%s) ON CONFLICT DO NOTHING", [key])
                is_first = cursor.rowcount == 1
            yield is_first

    def report_progress(self, done: int, total: int, words: str = "") -> None:
        """Report how far the attempt is: written at most once a second, and visible to others at once.

        Raises LocksLostError where the run is no longer this process's.
        """
        if self._progress.is_due():
            self._check_locks()
            self._progress.write_progress({"done": done, "total": total, "words": words})

    def _check_locks(self) -> None:
        if self._locks is not None:
            self._locks.check_held()


class _ProgressWriter:
    """Writes progress past the job's own transactions, on a connection that is opened when it is first needed."""

    def __init__(self, run: UUID) -> None:
        self._run = run
        self._connection: BaseDatabaseWrapper | None = None
        self._written_at = float("-inf")

    def is_due(self) -> bool:
        return time.monotonic() - self._written_at >= _PROGRESS_EVERY_SECONDS

    def write_progress(self, progress: Mapping[str, Any]) -> None:
        self._written_at = time.monotonic()
        try:
            self._connection = self._connection or connections.create_connection(BUSINESS_CORE)
            with self._connection.cursor() as cursor:
                cursor.execute(_WRITE_PROGRESS, [json.dumps(progress), self._run, JobRun.State.RUNNING])
        except (DatabaseError, InterfaceError):
            # A job does not fail because its progress can't be shown; the next report opens a new connection.
            self.close_connection()

    def close_connection(self) -> None:
        if self._connection is not None:
            with suppress(DatabaseError, InterfaceError):
                self._connection.close()
            self._connection = None
