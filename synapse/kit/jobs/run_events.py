"""Events of jobs: a run's attempts begun and ended; its id is the one that Operations and the notice show.

Called by performing.py and attempts.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django_q.exceptions import TimeoutException

from synapse.foundation.logs.context import log_context
from synapse.foundation.logs.sentry import report_error
from synapse.kit.jobs.errors import JobError
from synapse.kit.jobs.models import JobRun

_logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(__name__)


@contextmanager
def run_log_context(run: JobRun) -> Iterator[None]:
    """Have every line logged within the block name the job, the run and its attempt."""
    with log_context(
        job=run.job, run_id=str(run.pk), attempt=lambda: run.attempts or None, requested_by=run.requested_by
    ):
        yield


def log_start(run: JobRun) -> None:
    """Log that an attempt has begun."""
    _logger.info("job.started", arguments=dict(run.arguments))


def log_success(run: JobRun) -> None:
    """Log that the run is done."""
    _logger.info("job.ended", seconds=_duration_seconds(run), summary=str((run.result or {}).get("summary", "")))


def log_failure(run: JobRun, error: BaseException) -> None:
    """Log that an attempt failed, with its traceback, and what becomes of the run: tried again, or given up."""
    log = _logger.warning if run.state == JobRun.State.RETRYING else _logger.error
    due_at = run.due_at.isoformat() if run.state == JobRun.State.RETRYING and run.due_at else None
    is_foreseen = isinstance(error, JobError | TimeoutException)
    log(
        "job.failed",
        state=run.state,
        seconds=_duration_seconds(run),
        due_at=due_at,
        foreseen=is_foreseen,
        exc_info=error,
    )
    if not is_foreseen:
        report_error(error)


def log_end_without_result(run: JobRun, reason: str) -> None:
    """Log that the run was given up, skipped or stopped without an exception."""
    log = _logger.error if run.state == JobRun.State.GIVEN_UP else _logger.info
    log(f"job.{str(run.state).lower()}", reason=reason)


def _duration_seconds(run: JobRun) -> float | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds(), 3)
