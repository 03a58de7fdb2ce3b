"""Forgetting what old runs found: their before-images go, and so does the way back.

What lives here: the pruning, and the mark that it leaves: one row of before_image that names the newest forgotten run.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from legacy_import.errors import TerminalError
from legacy_import.models import BeforeImage, ImportRun

LEAST_DAYS: Final = 30
_MARK: Final = "forgotten"


def prune_before_images(alias: str, days: int, *, now: datetime) -> int:
    """Delete the before-images of runs that ended more than `days` ago (30 or more); return how many.

    Raises TerminalError where days are fewer than 30.
    """
    if days < LEAST_DAYS:
        raise TerminalError(f"Before-images are kept for at least {LEAST_DAYS} days, not {days}.")
    old = ImportRun.objects.using(alias).filter(finished_at__lt=now - timedelta(days=days))
    newest = old.order_by("-finished_at").first()
    if newest is None:
        return 0
    images = BeforeImage.objects.using(alias)
    with transaction.atomic(using=alias):
        deleted, _ = images.filter(run_id__in=old.values("pk")).exclude(table_name=_MARK).delete()
        images.filter(table_name=_MARK).exclude(run_id=newest.pk).delete()
        images.get_or_create(run_id=newest.pk, table_name=_MARK, row_key="")
    return deleted


def is_forgotten(alias: str, run: ImportRun) -> bool:
    """Say whether the run is so old that what it found is not kept any more."""
    marked = BeforeImage.objects.using(alias).filter(table_name=_MARK).values("run_id")
    return ImportRun.objects.using(alias).filter(pk__in=marked, finished_at__gte=run.finished_at).exists()
