"""The job `backup`: dump the databases, daily; the dumps are taken by legacy_import.services.dumps."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from legacy_import import services
from legacy_import.backups.dumps.kind import KeptDump
from legacy_import.errors import LegacyImportError
from legacy_import.failures import contain_failure
from synapse.foundation.databases import ALIASES, BUSINESS_CORE, DATABASE_NAMES
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_BYTES_PER_MB: Final = 1_000_000

_NotifyProgress = Callable[[int, str], None]


class BackupFailedError(LegacyImportError):
    """Dumps that failed, each in its sentence; the other databases are dumped."""


def backup_databases(
    requested_by: str = "the scheduler",
    *,
    asked_at: datetime | None = None,
    notify: _NotifyProgress = lambda _place, _database: None,
) -> list[KeptDump]:
    """Dump each database that has no daily dump since it was asked for, and return the new dumps.

    So the job is idempotent: a second attempt finds what the first has dumped. Where asked_at is None, a dump of the
    last 20 hours is enough. Raises BackupFailedError after all were tried.
    """
    dumps, failures = [], []
    # One database that fails must not keep the others from being dumped.
    for place, alias in enumerate(ALIASES):
        notify(place, DATABASE_NAMES[alias])
        with contain_failure(DATABASE_NAMES[alias]) as trouble:
            if not _is_dumped(alias, asked_at):
                dumps.append(services.dump_database(alias, reason=services.DAILY, requested_by=requested_by))
        if trouble:
            failures.append(trouble.sentence)
    if failures:
        raise BackupFailedError(" ".join(failures))
    return dumps


def _is_dumped(alias: str, asked_at: datetime | None) -> bool:
    return services.has_dump_since(alias, asked_at) if asked_at else not services.is_dump_due(alias, timezone.now())


def run_backup_job(work: Work) -> Result:
    """Dump what was not dumped since the run was queued: by an earlier attempt of it, that is."""
    asked_at = JobRun.objects.using(BUSINESS_CORE).values_list("queued_at", flat=True).get(pk=work.run_id)
    dumps = backup_databases(
        work.requested_by, asked_at=asked_at, notify=lambda place, name: work.report_progress(place, len(ALIASES), name)
    )
    size_bytes = sum(dump.size_bytes for dump in dumps)
    which = "All" if len(dumps) == len(ALIASES) else f"{len(dumps)} of"
    summary = f"{which} {len(ALIASES)} databases dumped, {size_bytes / _BYTES_PER_MB:,.1f} MB."
    if not dumps:
        summary = "An earlier attempt had dumped each database."
    return {"summary": summary, "bytes": size_bytes, "dumps": [str(dump.path) for dump in dumps]}


BACKUP: Final = register_job(
    Job(
        name="backup",
        title="Back up the databases",
        work=run_backup_job,
        cron="30 2 * * *",
        time_limit=timedelta(hours=1),
        formerly=("legacy_import.jobs.backup_databases",),
    )
)
