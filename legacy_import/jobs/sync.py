"""The job that pulls the legacy changes in: every source in step with its file, every quarter of an hour.

What lives here: the job, and what it says in the end. What does not: looking and importing
(legacy_import.services.syncing).
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings

from legacy_import.jobs.imports import ImportFailedError
from legacy_import.jobs.missing_files import reason_for_silence
from legacy_import.jobs.progress import WorkProgress
from legacy_import.services import ImportRequest, SyncResult, SyncState, sync_sources
from legacy_import.sources import SOURCES
from synapse.kit.jobs.errors import NeedsPersonError
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

_NAME: Final = "sync-legacy"


def _sync(work: Work) -> Result:
    """Bring all sources in step, then fail where one could not be: each is named with its reason.

    No step of it is marked as done: an import of what is in already changes nothing, so a tick that comes again looks
    again.
    """
    legacy_dir = settings.LEGACY_DIR
    if silent := reason_for_silence(legacy_dir):
        return {"summary": f"{silent}: nothing to pull in.", "sources": {}}
    request = ImportRequest(legacy_dir=legacy_dir, requested_by=f"{work.requested_by}, by the job {_NAME}")
    synced = sync_sources(SOURCES, request, progress=WorkProgress(work, SOURCES))
    failed = [one for one in synced if one.state == SyncState.FAILED]
    if failed:
        terminal = all(one.needs_person for one in failed)
        raise (NeedsPersonError if terminal else ImportFailedError)(" ".join(one.sentence for one in failed))
    return {"summary": _summary(synced), "sources": {one.source: one.state.value for one in synced}}


def _summary(synced: Sequence[SyncResult]) -> str:
    counts = Counter(one.state for one in synced)
    unchanged = counts[SyncState.UNCHANGED]
    if unchanged == len(synced):
        return f"All {unchanged} sources are unchanged."
    told = [one.sentence for one in synced if one.state != SyncState.UNCHANGED]
    return " ".join([*told, *([f"{unchanged} unchanged."] if unchanged else [])])


SYNC_LEGACY: Final = register_job(
    Job(
        name=_NAME,
        title="Pull in the legacy changes",
        work=_sync,
        cron="*/15 * * * *",
        time_limit=timedelta(hours=1),
        attempts=1,  # the next tick is the retry
    )
)
