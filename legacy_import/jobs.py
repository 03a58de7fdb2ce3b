"""The jobs: an import on a worker, asked for by a person or by a schedule; the databases' daily dumps.

What lives here: the tasks, and queueing an import once. What does not: the work itself (legacy_import.operations).
To run an import by the clock add a Schedule of `legacy_import.jobs.import_source` with the arguments `'primary'`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from legacy_import import operations
from legacy_import.errors import LegacyImportError
from legacy_import.liveness import lock_holders
from legacy_import.mapping import Source
from legacy_import.models import ImportRun
from legacy_import.operations import ImportRequest
from legacy_import.sources import source_named
from synapse.databases import ALIASES

TASK: Final = "legacy_import.jobs.import_source"
BACKUP_TASK: Final = "legacy_import.jobs.backup_databases"

_LOST_AFTER: Final = timedelta(minutes=10)
"""A worker that took a task this long ago and has not begun is taken for dead; asking again does no harm."""

_NAME_LENGTH: Final = 100


class ImportFailedError(LegacyImportError):
    """An import that failed: django-q records the sentence as the task's result."""


class BackupFailedError(LegacyImportError):
    """Dumps that failed, each in its sentence; the other databases are dumped."""


@dataclass(frozen=True, slots=True)
class QueuedImport:
    """An import in the queue; `taken_at` is None as long as no worker has it."""

    pk: int
    task_id: str
    source: str
    requested_by: str
    queued_at: datetime
    taken_at: datetime | None


def import_source(name: str, requested_by: str = "the scheduler") -> dict[str, Any]:
    """Import a source from LEGACY_DIR and return the report as JSON.

    Raises UnknownSourceError, and ImportFailedError where the run failed: its source is unchanged.
    """
    source = source_named(name)
    report = operations.import_source(source, ImportRequest(legacy_dir=settings.LEGACY_DIR, requested_by=requested_by))
    if report.status == "failed":
        raise ImportFailedError(report.error or f"{name}: the import failed")
    return report.as_json()


def backup_databases(requested_by: str = "the scheduler") -> list[str]:
    """Dump each database that has no daily dump yet, and return the paths of the new dumps.

    A task that is delivered again finds what is done. Raises BackupFailedError after all were tried.
    """
    paths, failures = [], []
    for alias in ALIASES:
        if not operations.dump_is_due(alias, timezone.now()):
            continue
        try:
            dump = operations.dump_database(alias, reason=operations.DAILY, requested_by=requested_by)
        except LegacyImportError as error:
            failures.append(str(error))
        else:
            paths.append(str(dump.path))
    if failures:
        raise BackupFailedError(" ".join(failures))
    return paths


def queue_import(name: str, requested_by: str) -> str | None:
    """Queue an import for the next free worker; return the task's id, None where one is queued or running already.

    Raises UnknownSourceError.
    """
    source = source_named(name)
    with transaction.atomic(using=Conf.ORM):
        _one_at_a_time()
        if lock_holders(source.database, [source.name]) or waiting_import(source):
            return None
        # What is left of this source's was given up on; its retry would only repeat what is asked for now.
        OrmQ.objects.using(Conf.ORM).filter(pk__in=[queued.pk for queued in _queued(source)]).delete()
        task_id: str = async_task(
            TASK,
            source.name,
            requested_by,
            task_name=f"import {source.name} for {requested_by}"[:_NAME_LENGTH],
            group=f"import {source.name}",
            ack_failure=True,  # A person sees the failure and asks again; a schedule comes again by itself.
        )
    return task_id


def waiting_import(source: Source) -> QueuedImport | None:
    """Return the source's import that is queued or that a worker has taken, None where there is none."""
    return next((queued for queued in _queued(source) if not _is_over(queued, source)), None)


def _queued(source: Source) -> list[QueuedImport]:
    return [queued for queued in _queued_imports() if queued.source == source.name]


def _queued_imports() -> Iterator[QueuedImport]:
    now = timezone.now()
    for row in OrmQ.objects.using(Conf.ORM).order_by("pk"):
        if row.func() != TASK:
            continue
        task = row.task
        arguments = dict(zip(("name", "requested_by"), task["args"], strict=False)) | task["kwargs"]
        yield QueuedImport(
            pk=row.pk,
            task_id=task["id"],
            source=arguments.get("name", ""),
            requested_by=arguments.get("requested_by", "the scheduler"),
            queued_at=task["started"],
            # A taken task is locked until its retry.
            taken_at=row.lock - timedelta(seconds=Conf.RETRY) if row.lock and row.lock > now else None,
        )


def _is_over(queued: QueuedImport, source: Source) -> bool:
    """Say whether a queued import only waits for its retry: it failed, or its worker died."""
    if queued.taken_at is None:
        return False
    if Task.objects.filter(pk=queued.task_id).exists():
        return True
    imports = ImportRun.objects.using(source.database).filter(source=source.name, kind=ImportRun.Kind.IMPORT)
    begun = imports.filter(started_at__gte=queued.taken_at)
    if begun.exists():
        return not lock_holders(source.database, [source.name])
    return timezone.now() - queued.taken_at > _LOST_AFTER


def _one_at_a_time() -> None:
    """Let two requests ask one after the other, so that the second sees what the first has queued."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse queue import', 0))")
