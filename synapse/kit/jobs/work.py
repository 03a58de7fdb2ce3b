"""One attempt at a run, as the job's own code sees it: what is asked for, doing a step once, telling how far it is."""

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

# Never waits: where somebody else writes the row just now, the next word comes in a second.
_WRITE_PROGRESS: Final = f"""
    UPDATE {JobRun._meta.db_table} SET progress = %s::jsonb
    WHERE id = (SELECT id FROM {JobRun._meta.db_table} WHERE id = %s AND state = %s FOR UPDATE SKIP LOCKED)
"""


class Work:
    """One attempt at a run.

    `now` is when it began, `attempt` counts from 1; `key` names what is to be done and is the same in all attempts.
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
    def once(self, alias: str, step: str = "") -> Iterator[bool]:
        """Open a transaction of the database, and say whether this step of the run is still to be done.

        Its key is written in the same transaction as what is done within, so the two commit together or not at all; a
        second process with the same key waits for the first one's end. Raises LocksLostError where the run is no
        longer this process's.
        """
        self._check_locks()
        key = f"{self.key} {step}".rstrip()
        with transaction.atomic(using=alias):
            # Not through the model: only the INSERT's own answer says who came first.
            with connections[alias].cursor() as cursor:
                table = JobEffect._meta.db_table
                cursor.execute(f"INSERT INTO {table} (key) VALUES (%s) ON CONFLICT DO NOTHING", [key])
                is_first = cursor.rowcount == 1
            yield is_first

    def report_progress(self, done: int, total: int, words: str = "") -> None:
        """Tell how far the attempt is; at most once a second it is written down, where others see it at once.

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
            # Nobody's work fails because its progress can't be shown; the next word opens a connection anew.
            self.close_connection()

    def close_connection(self) -> None:
        if self._connection is not None:
            with suppress(DatabaseError, InterfaceError):
                self._connection.close()
            self._connection = None
