"""The job that dumps the databases, daily.

What lives here: the job. What does not: dumping (legacy_import.operations.dumps).
"""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from legacy_import import operations
from legacy_import.errors import LegacyImportError
from synapse.databases import ALIASES
from synapse.job_base.job import Job, Result
from synapse.job_base.registry import register
from synapse.job_base.work import Work


class BackupFailedError(LegacyImportError):
    """Dumps that failed, each in its sentence; the other databases are dumped."""


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


def _backup(work: Work) -> Result:
    dumps = backup_databases(work.requested_by)
    words = f"{len(dumps)} of {len(ALIASES)} databases dumped." if dumps else "Each database has a daily dump already."
    return {"summary": words, "dumps": dumps}


BACKUP: Final = register(
    Job(
        name="backup",
        title="Back up the databases",
        work=_backup,
        cron="30 2 * * *",
        time_limit=timedelta(hours=1),
        formerly=("legacy_import.jobs.backup_databases",),
    )
)
