"""The job `load-legacy`: bring the databases in step with the legacy files, then have them validated.

Queued when Synapse starts, which serves its pages meanwhile; the front page says how far it is
(legacy_import.admin.loading_panel), the terminal too (synapse.management.commands.start).
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from legacy_import.cell_display import visible
from legacy_import.jobs.sync import run_sync_job
from legacy_import.jobs.validation import VALIDATE
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.queueing import queue_run
from synapse.kit.jobs.registry import register_job
from synapse.kit.jobs.work import Work

STARTED_BY: Final = "the start of Synapse"
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Loading:
    """How far the load is: `progress` in words, and what is still to come after it, empty where nothing is."""

    is_validating: bool
    progress: str
    to_come: str


def run_load_job(work: Work) -> Result:
    """Import every file that changed and queue the validation, also where a source failed."""
    try:
        return run_sync_job(work)
    finally:
        queue_run(VALIDATE.name, requested_by=work.requested_by)


LOAD_LEGACY: Final = register_job(
    Job(
        name="load-legacy",
        title="Import the legacy files and validate",
        work=run_load_job,
        time_limit=timedelta(hours=1),
    )
)


def queue_load() -> None:
    """Queue the load for the next free worker, unless one is queued or at work already."""
    queue_run(LOAD_LEGACY.name, requested_by=STARTED_BY)


def read_loading() -> Loading | None:
    """Return how far the load of a start is, None where none is queued or at work."""
    runs = JobRun.objects.using(BUSINESS_CORE).filter(requested_by=STARTED_BY, state__in=JobRun.ACTIVE)
    active = {run.job: run for run in runs.filter(job__in=[LOAD_LEGACY.name, VALIDATE.name])}
    if load := active.get(LOAD_LEGACY.name):
        return Loading(is_validating=False, progress=_progress_words(load), to_come="the validation")
    validation = active.get(VALIDATE.name)
    return Loading(is_validating=True, progress=_progress_words(validation), to_come="") if validation else None


def await_load(*, timeout_seconds: float) -> str:
    """Wait until the load's import has ended; return in a sentence what became of it, or how far it is by then."""
    deadline = time.monotonic() + timeout_seconds
    while (loading := read_loading()) and not loading.is_validating and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if loading and not loading.is_validating:
        return (
            f"The legacy files are still being imported ({loading.progress}). Still to come: {loading.to_come}."
            " The front page says how far it is."
        )
    run = JobRun.objects.using(BUSINESS_CORE).filter(job=LOAD_LEGACY.name).order_by("-queued_at").first()
    return _outcome_sentence(run) if run else ""


def _outcome_sentence(run: JobRun) -> str:
    if run.state != JobRun.State.DONE:
        return f"Not every legacy file could be imported: {visible(run.error)} The page Operations has the rest."
    result: Any = run.result or {}
    states = Counter(result.get("sources", {}).values())
    if not states:
        return str(result.get("summary", ""))
    counted = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"The legacy files are in step ({counted}). A worker validates them now."


def _progress_words(run: JobRun) -> str:
    """Return the run's last report in words."""
    # JSON that a job wrote: no value is taken on trust.
    report: Any = run.progress if isinstance(run.progress, dict) else {}
    words = visible(str(report.get("words") or ""))
    if run.state == JobRun.State.RETRYING:
        return f"failed and will be tried again, because {visible(run.error)}"
    if run.state == JobRun.State.QUEUED:
        return "waiting for a worker"
    if not words:
        return "just begun"
    return f"{report.get('done', 0)} of {report.get('total', 0)} files, {words}"
