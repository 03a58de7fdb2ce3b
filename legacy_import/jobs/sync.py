"""The job `sync-legacy`: the delta sync of all sources, every quarter of an hour (legacy_import.services.syncing)."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from legacy_import.jobs.imports import ImportFailedError
from legacy_import.jobs.missing_files import missing_files_reason
from legacy_import.jobs.progress import WorkProgress
from legacy_import.services import ImportRequest, SyncState, read_file_limits, sync_sources
from legacy_import.sources import SOURCES
from legacy_import.undeclared.listing import list_undeclared_files
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_NAME: Final = "sync-legacy"


def run_sync_job(work: Work) -> Result:
    """Sync all sources, then raise where one failed: each is named with its reason.

    No step is marked as done: an import is idempotent, so an attempt that is repeated looks at all sources again.
    """
    legacy_dir = settings.LEGACY_DIR
    if silent := missing_files_reason(legacy_dir):
        return {"summary": f"{silent}: nothing to pull in.", "sources": {}}
    request = ImportRequest(legacy_dir=legacy_dir, requested_by=f"{work.requested_by}, by the job {_NAME}")
    listing = list_undeclared_files(legacy_dir)
    synced = sync_sources(SOURCES, request, progress=WorkProgress(work, SOURCES))
    # After all sources were tried: one that fails must not keep the others from being synced.
    failed = [one for one in synced if one.state == SyncState.FAILED]
    # Said of a run that failed, too: another file's trouble is no reason to be silent about these.
    notices = [f"{source}: {limit}." for source, found in read_file_limits().items() for limit in found]
    notices += filter(None, [listing.sentence])
    if failed:
        terminal = all(one.needs_person for one in failed)
        told = [*(one.sentence for one in failed), *notices]
        raise (NeedsPersonError if terminal else ImportFailedError)(" ".join(told))
    sentences = [one.sentence for one in synced if one.state != SyncState.UNCHANGED]
    unchanged = len(synced) - len(sentences)
    if unchanged:
        sentences.append(f"{unchanged} unchanged." if sentences else f"All {unchanged} sources are unchanged.")
    sentences += notices
    undeclared = {"undeclared": [file.as_json() for file in listing.files]} if listing.files else {}
    return {"summary": " ".join(sentences), "sources": {one.source: one.state.value for one in synced}, **undeclared}


SYNC_LEGACY: Final = register_job(
    Job(
        name=_NAME,
        title="Pull in the legacy changes",
        work=run_sync_job,
        cron="*/15 * * * *",
        time_limit=timedelta(hours=1),
        attempts=1,  # the next tick is the retry
    )
)
