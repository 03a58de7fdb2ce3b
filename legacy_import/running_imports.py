"""Which imports are running: those whose source's advisory lock is held, read from pg_locks.

The lock is taken by legacy_import.pipeline.source_lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connections

from legacy_import.models import ImportRun
from legacy_import.pipeline.source_lock import lock_key_sql

# pg_locks shows a 64-bit key in two halves, marked by objsubid 1.
_HELD_LOCKS_SQL: Final = f"""
    SELECT s.name, coalesce(a.xact_start, now())
    FROM unnest(%s::text[]) AS s(name)
    JOIN pg_locks AS l ON (l.classid::bigint << 32) | l.objid::bigint = {lock_key_sql("s.name")}
    JOIN pg_database AS d ON d.oid = l.database AND d.datname = current_database()
    LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
"""


@dataclass(frozen=True, slots=True)
class LockHolder:
    """The import that holds a source's lock, since when; `run` is None for a dry run, which nobody else sees."""

    since: datetime
    run: ImportRun | None


def lock_holders(alias: str, sources: list[str]) -> dict[str, LockHolder]:
    """Return, for those of the sources that are being imported, who holds the lock."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_HELD_LOCKS_SQL, [sources])
        held: list[tuple[str, datetime]] = cursor.fetchall()
    holders = {}
    for name, since in held:
        running = ImportRun.objects.using(alias).filter(source=name, status=ImportRun.Status.RUNNING)
        # A run's row is written just before the transaction that holds the lock begins.
        holders[name] = LockHolder(since, running.filter(started_at__lte=since).order_by("-started_at").first())
    return holders


def actual_status(run: ImportRun, holders: Mapping[str, LockHolder]) -> ImportRun.Status:
    """Return the run's status; one that says running while its source's lock is free, or another run's, was killed."""
    if run.status != ImportRun.Status.RUNNING:
        return ImportRun.Status(run.status)
    holder = holders.get(run.source)
    # A run younger than the holder is waiting for the lock, and fails by itself when it times out.
    alive = holder is not None and (holder.run is None or run.started_at >= holder.run.started_at)
    return ImportRun.Status.RUNNING if alive else ImportRun.Status.INTERRUPTED
