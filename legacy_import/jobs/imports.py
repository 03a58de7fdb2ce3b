"""The job `import-source`: import one source on demand; queued at most once for a source at a time.

Called by the page of the sources (legacy_import.admin.import_source). The delta sync of all sources is sync's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from legacy_import import services
from legacy_import.errors import LegacyImportError
from legacy_import.jobs.progress import WorkProgress
from legacy_import.running_imports import lock_holders
from legacy_import.services import ImportRequest
from legacy_import.services.undeclared_archive import archive_undeclared_files
from legacy_import.sources import SOURCES, source_named
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Job, Option, Result
from synapse.kit.jobs.messages import send_message
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.queueing import queue_run
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.run_locks import live_runs
from synapse.kit.jobs.work import Work


class ImportFailedError(LegacyImportError):
    """An import that failed, in its sentence; its source is unchanged."""


@dataclass(frozen=True, slots=True)
class WaitingImport:
    """An import that is queued, waits for a retry, or is being run by a worker.

    `taken_at` is None as long as no worker runs it; `is_lost` says that the worker that ran it was killed. `due_at` and
    `error` are those of an attempt that failed and is retried.
    """

    requested_by: str
    queued_at: datetime
    taken_at: datetime | None
    due_at: datetime | None
    error: str
    is_lost: bool


def run_import_job(work: Work) -> Result:
    """Import the source from LEGACY_DIR; the answer holds the report as JSON."""
    source = source_named(work.arguments["source"])
    report = services.import_source(
        source,
        ImportRequest(legacy_dir=settings.LEGACY_DIR, requested_by=work.requested_by),
        progress=WorkProgress(work, [source]),
    )
    if report.error is not None:
        raise (NeedsPersonError if report.needs_person else ImportFailedError)(report.error)
    return {"summary": f"{source.name}: {report.describe_outcomes()}.", **report.as_json()}


IMPORT_SOURCE: Final = register_job(
    Job(
        name="import-source",
        title="Import a legacy source",
        work=run_import_job,
        time_limit=timedelta(hours=1),
        options=(Option("source", "the source to import", tuple(source.name for source in SOURCES), required=True),),
    )
)


def run_archive_job(work: Work) -> Result:
    """Archive the undeclared files of LEGACY_DIR; one that fails leaves the others be."""
    reports = archive_undeclared_files(ImportRequest(legacy_dir=settings.LEGACY_DIR, requested_by=work.requested_by))
    failed = [report for report in reports if report.error is not None]
    if failed:
        terminal = all(report.needs_person for report in failed)
        raise (NeedsPersonError if terminal else ImportFailedError)(" ".join(report.error or "" for report in failed))
    sentences = [f"{report.source}: {report.describe_outcomes()}." for report in reports]
    return {"summary": " ".join(sentences) or "There is no undeclared SQLite file in the legacy folder."}


ARCHIVE_UNDECLARED: Final = register_job(
    Job(
        name="archive-undeclared",
        title="Archive undeclared legacy files",
        work=run_archive_job,
        time_limit=timedelta(hours=1),
    )
)


def queue_archive(requested_by: str) -> JobRun | None:
    """Queue the archiving of undeclared files; return its run, None where one is queued or running already."""
    return queue_run(ARCHIVE_UNDECLARED.name, requested_by=requested_by)


def queue_import(name: str, requested_by: str) -> JobRun | None:
    """Queue an import for the next free worker; return its run, None where one is queued or running already.

    A run whose worker was killed is resumed at once. Raises UnknownSourceError.
    """
    source = source_named(name)
    # The source's advisory lock: a command or the sync may be importing it, which no row of the queue says.
    if lock_holders(source.database, [source.name]):
        return None
    wanted = {"source": source.name}
    return queue_run(IMPORT_SOURCE.name, requested_by=requested_by, arguments=wanted) or _resume_lost_run(wanted)


def _resume_lost_run(wanted: Mapping[str, str]) -> JobRun | None:
    """Send another message for a run whose worker was killed; return the run, None where there is none."""
    runs = JobRun.objects.using(BUSINESS_CORE).filter(job=IMPORT_SOURCE.name, arguments=wanted, by_hand=False)
    # The run's advisory lock ends with its worker's session: a running run without one has lost its worker.
    run = runs.filter(state=JobRun.State.RUNNING).first()
    if run is None or live_runs([run.pk]):
        return None
    send_message(run, IMPORT_SOURCE)
    return run


def waiting_imports() -> Mapping[str, WaitingImport]:
    """Return the import of each source, by the source's name, that is queued or has not ended yet."""
    runs = JobRun.objects.using(BUSINESS_CORE).filter(job=IMPORT_SOURCE.name, state__in=JobRun.ACTIVE, by_hand=False)
    found = list(runs.order_by("queued_at"))
    alive = live_runs(run.pk for run in found if run.state == JobRun.State.RUNNING)
    return {
        run.arguments.get("source", ""): WaitingImport(
            requested_by=run.requested_by,
            queued_at=run.queued_at,
            taken_at=run.started_at if run.pk in alive else None,
            due_at=run.due_at if run.state == JobRun.State.RETRYING else None,
            error=run.error if run.state == JobRun.State.RETRYING else "",
            is_lost=run.state == JobRun.State.RUNNING and run.pk not in alive,
        )
        for run in found
    }


def import_source(name: str, requested_by: str = "the scheduler") -> str:
    """Queue an import; kept under this name for stored schedules and messages older than the job `import-source`.

    Return a sentence for a person. Raises UnknownSourceError.
    """
    run = queue_import(name, requested_by)
    return f"{name}: queued." if run else f"{name}: queued or running already."
