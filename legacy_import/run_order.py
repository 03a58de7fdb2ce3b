"""The order in which a source's runs were merged.

It is counted while the source's lock is held, so a clock that is set back cannot change it.
"""

from django.db.models import F, Max, QuerySet

from legacy_import.models import ImportRun

NEWEST_FIRST = (F("landed_order").desc(nulls_last=True), "-finished_at")


def next_run_number(alias: str, source: str) -> int:
    """Return the next number of the source's runs; the caller's transaction holds the source's lock."""
    newest = ImportRun.objects.using(alias).filter(source=source).aggregate(newest=Max("landed_order"))["newest"]
    return (newest or 0) + 1


def runs_merged_since(run: ImportRun) -> QuerySet[ImportRun]:
    """Return the source's runs that were merged after this one and were not undone."""
    runs = ImportRun.objects.using(run._state.db).filter(source=run.source)
    return runs.filter(status__in=ImportRun.FINISHED, landed_order__gt=run.landed_order or 0)
