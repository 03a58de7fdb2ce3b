"""How runs end that did not end well: killed ones, failed ones, and those whose COMMIT got no answer.

What lives here: writing that into their records. What does not: the good end, which a run writes in its transaction.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import DatabaseError, connections, transaction
from django.db.models.functions import Now

from legacy_import.mapping import Source
from legacy_import.models import ImportRun


def close_dead_runs(alias: str, *, sources: Collection[str], alive: Collection[UUID]) -> None:
    """Whoever says `running` while others hold the sources' locks was killed; `alive` are those that hold them."""
    running = ImportRun.objects.using(alias).filter(source__in=sources, status=ImportRun.Status.RUNNING)
    running.exclude(pk__in=alive).update(status=ImportRun.Status.INTERRUPTED, finished_at=Now())


def record_unsuccessful_end(
    alias: str, runs: Collection[UUID], *, status: ImportRun.Status, sentence: str
) -> list[ImportRun]:
    """Write the runs' bad end, outside the transaction that was rolled back; return those that ended well after all.

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
    except DatabaseError:
        # The database is away: the next run of the source finds these dead and says so.
        connections[alias].close()
        return []


def delete_repeated_failure(source: Source) -> None:
    """Keep one record of runs in a row that failed for the same reason: a job that tries again fails 96 times a day."""
    runs = ImportRun.objects.using(source.database).filter(source=source.name).order_by("-started_at")
    newest = list(runs[:2])
    if len(newest) == 2 and newest[0].status == ImportRun.Status.FAILED and _alike(*newest):  # noqa: PLR2004  # a pair
        newest[1].delete(using=source.database)


def _alike(one: ImportRun, other: ImportRun) -> bool:
    facts = ("kind", "status", "error", "requested_by")
    return all(getattr(one, fact) == getattr(other, fact) for fact in facts)
