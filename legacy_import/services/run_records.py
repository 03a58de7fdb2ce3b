"""Record runs that did not end well: killed ones, failed ones, and those whose COMMIT got no answer.

Called by importing, syncing and undoing. A good end is written by the run itself, inside its own transaction.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models.functions import Now

from legacy_import.mapping import Source
from legacy_import.models import ImportRun


def close_dead_runs(alias: str, *, sources: Collection[str], alive: Collection[UUID]) -> None:
    """Mark the sources' runs that say `running` as interrupted, except those in `alive`.

    Call it while the sources' advisory locks are held, for the runs in `alive`: any other run that says `running` has
    lost its lock, so its process was killed.
    """
    running = ImportRun.objects.using(alias).filter(source__in=sources, status=ImportRun.Status.RUNNING)
    running.exclude(pk__in=alive).update(status=ImportRun.Status.INTERRUPTED, finished_at=Now())


def record_unsuccessful_end(
    alias: str, runs: Collection[UUID], *, status: ImportRun.Status, sentence: str
) -> list[ImportRun]:
    """Write that the runs failed or were interrupted; return those of them that ended well after all.

    Call it outside the transaction that was rolled back.

    Where the connection was lost during the COMMIT and the server did commit, nothing is written.
    """
    records = ImportRun.objects.using(alias).filter(pk__in=runs)
    try:
        connections[alias].close_if_unusable_or_obsolete()
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            # A server that has not noticed yet that the lost connection is gone holds the rows until it does.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            records.exclude(status__in=ImportRun.FINISHED).update(status=status, finished_at=Now(), error=sentence)
            return list(records.filter(status__in=ImportRun.FINISHED))
    except (DatabaseError, InterfaceError):
        # The database is away: the next run of the source finds these dead and says so.
        connections[alias].close()
        return []


def delete_repeated_failure(source: Source) -> None:
    """Keep one record of runs in a row that failed for the same reason: the sync's job tries 96 times a day."""
    runs = ImportRun.objects.using(source.database).filter(source=source.name).order_by("-started_at")
    newest = list(runs[:2])
    facts = {(run.kind, run.status, run.error, run.requested_by) for run in newest}
    is_repeated = len(newest) > len(facts)
    if is_repeated and newest[0].status == ImportRun.Status.FAILED:
        newest[1].delete(using=source.database)
