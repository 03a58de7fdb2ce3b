"""Deleting what old jobs left: runs, the idempotency keys of their effects, django-q's task rows, supervisors' rows.

Called by the job prune, which says how long each is kept.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.functions import Coalesce
from django_q.conf import Conf
from django_q.models import OrmQ, Task

from synapse.foundation.databases import ALIASES, BUSINESS_CORE
from synapse.kit.jobs.models import JobEffect, JobRun, WorkerCluster

BATCH_ROWS: Final = 1_000
_OVER: Final = (JobRun.State.DONE, JobRun.State.SKIPPED, JobRun.State.SETTLED)
_MAX_MESSAGES_LOOKED_AT: Final = 100
"""So many messages whose payload cannot be read, by a worker neither, are skipped."""


def prune_runs(before: datetime) -> int:
    """Delete runs that ended before then, and return how many; those that wait for a person or a worker stay.

    None is deleted whose message could still be delivered again: a tick's would insert its run anew.
    """
    before = _limit_to_oldest_message(before)
    ended = JobRun.objects.using(BUSINESS_CORE).filter(state__in=_OVER)
    return delete_in_batches(ended.alias(at=Coalesce("finished_at", "queued_at")).filter(at__lt=before))


def prune_effects(before: datetime) -> int:
    """Delete the keys of effects that happened before then, in all three databases, and return how many.

    None is deleted of a run whose row is still there, in whatever state: it may be tried again, under the same key.
    """
    before = _limit_to_oldest_message(before)
    # A small set: of runs this old only those are left that wait for somebody, or ended long after they were queued.
    kept = set(JobRun.objects.using(BUSINESS_CORE).filter(queued_at__lt=before).values_list("key", flat=True))
    deleted = 0
    for alias in ALIASES:
        effects, last = JobEffect.objects.using(alias).filter(happened_at__lt=before).order_by("pk"), ""
        # Keyset pages: kept keys are not read again with every batch.
        while batch := list(effects.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH_ROWS]):
            gone = [key for key in batch if not any(name in kept for name in _possible_run_keys(key))]
            deleted += JobEffect.objects.using(alias).filter(pk__in=gone).delete()[0]
            last = batch[-1]
    return deleted


def prune_tasks(before: datetime) -> int:
    """Delete django-q's rows of tasks that ended before then, and return how many."""
    return delete_in_batches(Task.objects.using(Conf.ORM).order_by().filter(stopped__lt=before))


def prune_clusters(before: datetime) -> int:
    """Delete the rows of supervisors that were last seen before then, and return how many."""
    return delete_in_batches(WorkerCluster.objects.using(BUSINESS_CORE).order_by().filter(seen_at__lt=before))


def delete_in_batches(rows: QuerySet[Model]) -> int:
    """Delete the rows, and what refers to them, in small transactions; return how many of these rows were deleted."""
    deleted = 0
    while True:
        batch = list(rows.order_by().values_list("pk", flat=True)[:BATCH_ROWS])
        with transaction.atomic(using=rows.db):
            # Filtered again: a row read a moment ago may have changed so that it stays, as a run tried again.
            _, by_model = rows.filter(pk__in=batch).order_by().delete()
        deleted += by_model.get(rows.model._meta.label, 0)
        if len(batch) < BATCH_ROWS or not by_model:
            return deleted


def _possible_run_keys(key: str) -> Iterator[str]:
    """Yield the keys of the runs that an effect's key may be of: all of it, or what comes before its step's words."""
    yield key
    while " " in key:
        key = key.rpartition(" ")[0]
        yield key


def _limit_to_oldest_message(before: datetime) -> datetime:
    """Return that time, or the earlier one at which the oldest message was queued that is still to be delivered."""
    for message in OrmQ.objects.using(Conf.ORM).order_by("pk")[:_MAX_MESSAGES_LOOKED_AT]:
        queued_at = message.task.get("started")
        if isinstance(queued_at, datetime):
            return min(before, queued_at)
    return before
