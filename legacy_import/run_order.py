"""In which order a source's runs landed: counted while its lock is held, so no clock that was set back turns it round.

What lives here: the count, and what is read by it. What does not: the lock (pipeline.lock).
"""

from django.db.models import F, Max, QuerySet

from legacy_import.models import ImportRun
from legacy_import.sources import source_named

NEWEST_FIRST = (F("landed_order").desc(nulls_last=True), "-finished_at")


def next_landed_order(alias: str, source: str) -> int:
    """Return the place of a run that lands now; its transaction holds the source's lock."""
    newest = ImportRun.objects.using(alias).filter(source=source).aggregate(newest=Max("landed_order"))["newest"]
    return (newest or 0) + 1


def runs_merged_since(run: ImportRun) -> QuerySet[ImportRun]:
    """Return the source's runs that landed after this one and still count."""
    runs = ImportRun.objects.using(source_named(run.source).database).filter(source=run.source)
    return runs.filter(status__in=ImportRun.FINISHED, landed_order__gt=run.landed_order or 0)
