"""Pruning before-images of old runs: with them goes the possibility to undo those runs.

Pruning leaves a mark: one row of before_image, under the table name `forgotten`, that names the newest pruned run.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import connections, transaction
from django.db.models import Exists, OuterRef

from legacy_import.errors import TerminalError
from legacy_import.models import BeforeImage, ImportRun
from legacy_import.pipeline.source_lock import try_source_lock

MIN_DAYS: Final = 30
_MARK: Final = "forgotten"
_BATCH_ROWS: Final = 5_000


def prune_before_images(alias: str, days: int, *, now: datetime) -> int:
    """Delete the before-images of runs that ended more than `days` ago (30 or more); return how many.

    In small transactions; killed between two of them it leaves the rest to the next call. A source that is being
    imported, undone or settled just now keeps its images until then. Raises TerminalError where days are fewer than 30.
    """
    if days < MIN_DAYS:
        raise TerminalError(f"Before-images are kept for at least {MIN_DAYS} days, not {days}.")
    old = ImportRun.objects.using(alias).filter(finished_at__lt=now - timedelta(days=days))
    newest = old.order_by("-finished_at").first()
    if newest is None:
        return 0
    # The mark first, in a transaction of its own: an undo that reads while images are deleted must not take a part of
    # them for all.
    marks = BeforeImage.objects.using(alias).filter(table_name=_MARK)
    with transaction.atomic(using=alias):
        marks.exclude(run_id=newest.pk).delete()
        marks.get_or_create(run_id=newest.pk, table_name=_MARK, row_key="")
    images = BeforeImage.objects.using(alias).filter(run_id=OuterRef("pk")).exclude(table_name=_MARK)
    with_images = old.filter(Exists(images)).order_by("finished_at")
    return sum(_prune_run(alias, run) for run in list(with_images.only("pk", "source")))


def _prune_run(alias: str, run: ImportRun) -> int:
    """Delete the run's before-images in batches, as long as its source is not locked; return how many."""
    images = BeforeImage.objects.using(alias).filter(run_id=run.pk).exclude(table_name=_MARK)
    deleted = 0
    while True:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            # An undo that began before the mark was there reads the images under this lock.
            if not try_source_lock(cursor, source=run.source):
                return deleted
            batch = list(images.values_list("pk", flat=True)[:_BATCH_ROWS])
            deleted += images.filter(pk__in=batch).delete()[0]
        if len(batch) < _BATCH_ROWS:
            return deleted


def is_pruned(alias: str, run: ImportRun) -> bool:
    """Say whether the run is so old that its before-images may be gone."""
    marked = BeforeImage.objects.using(alias).filter(table_name=_MARK).values("run_id")
    return ImportRun.objects.using(alias).filter(pk__in=marked, finished_at__gte=run.finished_at).exists()
