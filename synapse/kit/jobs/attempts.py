"""How an attempt at a run begins and ends, written into the run's row: success, retry with back-off, giving up.

Called by performing.py, which holds the run's advisory lock. Attempts are counted when they begin, so that a job that
kills its worker each time is given up too.
"""

import os
import socket
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.utils import timezone
from django_q.exceptions import TimeoutException

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.error_line import error_line
from synapse.foundation.text.storable import storable_text
from synapse.kit.jobs.errors import NeedsPersonError, UnrecordedError
from synapse.kit.jobs.job import Job, Result
from synapse.kit.jobs.messages import send_message
from synapse.kit.jobs.models import JobRun
from synapse.kit.jobs.run_events import log_end_without_result, log_failure
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

_MAX_ERROR_LENGTH: Final = 2_000
_MAX_TRACEBACK_LENGTH: Final = 20_000
_DATABASE_WAIT_SECONDS: Final = 60.0
"""How long the end of an attempt waits to be written while PostgreSQL is away."""

_State = JobRun.State


def begin_attempt(run: JobRun, job: Job, *, now: datetime) -> bool:
    """Count and begin an attempt; return False where none is due. The caller holds the run's lock."""
    with transaction.atomic(using=BUSINESS_CORE):
        # Under a row lock: a person may be settling the run, or a supervisor requeueing it, at this moment.
        run.refresh_from_db(from_queryset=JobRun.objects.using(BUSINESS_CORE).select_for_update())
        if run.state not in JobRun.ACTIVE or (run.state == _State.RETRYING and run.due_at and run.due_at > now):
            return False
        if run.state == _State.RUNNING:
            # Its lock was free for this process to take, so whoever began that attempt is dead.
            append_attempt_to_history(run, "Its worker died.", ended_at=None)
        if run.attempts >= job.attempts:
            _give_up_run(run, job, f"Its worker died in each of {run.attempts} attempts, so it is not tried again.")
            log_end_without_result(run, "its worker died in each attempt")
            return False
        run.attempts += 1
        run.state, run.started_at, run.finished_at = _State.RUNNING, now, None
        run.host, run.process_id = socket.gethostname(), os.getpid()
        run.progress, run.error, run.traceback = None, "", ""
        run.save(using=BUSINESS_CORE)
    return True


def record_success(run: JobRun, result: Result) -> None:
    """Write that the attempt succeeded, and settle earlier runs of the same work that waited for a person.

    Raises UnrecordedError where PostgreSQL refuses the result: to be recorded as a failure, or the run would stay
    running for ever.
    """

    def _write_success() -> None:
        run.state, run.result, run.progress = _State.DONE, dict(result) if result is not None else None, None
        run.finished_at = timezone.now()
        run.save(using=BUSINESS_CORE)
        _dismiss_earlier_failures(run, "a later run that went well")
        resolve_notice(Kind.JOB_GIVEN_UP, key=notice_key(run))

    try:
        _write_attempt_end(run, _write_success)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        run.result = None
        raise UnrecordedError(f"How it ended can't be written down: {error_line(error)}") from error


def record_failure(run: JobRun, job: Job, error: BaseException) -> None:
    """Write that the attempt failed: the run is tried again after a back-off, or given up for a person to look at."""
    sentence = _failure_sentence(error, job)
    run.finished_at = timezone.now()
    run.error, run.progress = sentence, None
    run.traceback = storable_text("".join(traceback.format_exception(error))[-_MAX_TRACEBACK_LENGTH:])
    append_attempt_to_history(run, sentence, ended_at=run.finished_at)

    def _write_failure() -> None:
        if run.by_hand:
            run.state, run.settled_by, run.settled_at = _State.SETTLED, run.requested_by, run.finished_at
            run.save(using=BUSINESS_CORE)
        elif isinstance(error, NeedsPersonError) or run.attempts >= job.attempts:
            _give_up_run(run, job, sentence)
        else:
            # Exponential back-off: retry_after, twice that, four times that.
            back_off = job.retry_after * 2 ** (run.attempts - 1)
            run.state, run.due_at = _State.RETRYING, timezone.now() + back_off
            run.save(using=BUSINESS_CORE)
            send_message(run, job, not_before=run.due_at)

    _write_attempt_end(run, _write_failure)
    log_failure(run, error)


def record_stop(run: JobRun) -> None:
    """Write that a person stopped the attempt."""

    def _write_stop() -> None:
        run.state, run.error, run.finished_at = _State.SETTLED, "Stopped by hand.", timezone.now()
        run.settled_by, run.settled_at = run.requested_by, run.finished_at
        run.save(using=BUSINESS_CORE)

    _write_attempt_end(run, _write_stop)


def is_same_work_running(run: JobRun) -> bool:
    """Say whether another run of the job with these arguments is at work, as its row tells."""
    same = JobRun.objects.using(BUSINESS_CORE).filter(job=run.job, arguments=run.arguments, state=_State.RUNNING)
    return same.exclude(pk=run.pk).exists()


def skip_run(run: JobRun, reason: str) -> None:
    """Write that a run that has not begun will not take place."""
    waiting = JobRun.objects.using(BUSINESS_CORE).filter(pk=run.pk, state=_State.QUEUED)
    waiting.update(state=_State.SKIPPED, error=reason, finished_at=timezone.now())


def _give_up_run(run: JobRun, job: Job, reason: str) -> None:
    run.state, run.error = _State.GIVEN_UP, reason
    run.finished_at = run.finished_at or timezone.now()
    run.save(using=BUSINESS_CORE)
    _dismiss_earlier_failures(run, "a later run that failed too")
    raise_notice(
        Kind.JOB_GIVEN_UP,
        key=notice_key(run),
        title=f"{job.title}: this needs a person",
        text=f"{reason} Id in the log: {run.pk}.",
        link="/admin/operations/",
        permission="job_base.run_job",
    )


def _dismiss_earlier_failures(run: JobRun, by: str) -> None:
    """Settle the other given-up runs of the same work: one is enough to look at, none once a later one succeeded."""
    same = JobRun.objects.using(BUSINESS_CORE).filter(job=run.job, arguments=run.arguments, state=_State.GIVEN_UP)
    same.exclude(pk=run.pk).update(state=_State.SETTLED, settled_by=by, settled_at=timezone.now())


def append_attempt_to_history(run: JobRun, error: str, *, ended_at: datetime | None) -> None:
    """Add the ended attempt to the run's history, without saving; `ended_at` is None where nobody knows when."""
    run.history = [
        *run.history,
        {
            "started_at": run.started_at.isoformat() if run.started_at else None,
            "ended_at": ended_at.isoformat() if ended_at else None,
            "error": error,
            "worker": f"process {run.process_id} on {run.host}",
        },
    ]


def _write_attempt_end(run: JobRun, write: Callable[[], None]) -> None:
    """Write the end in one transaction, unless another worker has taken the run over; wait while PostgreSQL is away."""
    deadline = time.monotonic() + _DATABASE_WAIT_SECONDS
    while True:
        try:
            with transaction.atomic(using=BUSINESS_CORE):
                attempt = run.attempts
                # A fencing check: the number of attempts says whether the run is still this attempt's.
                stored = JobRun.objects.using(BUSINESS_CORE).select_for_update().filter(pk=run.pk).first()
                if stored is not None and stored.state == _State.RUNNING and stored.attempts == attempt:
                    write()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            # A broken connection is not opened again by itself, outside of a request.
            connections[BUSINESS_CORE].close()
            time.sleep(1.0)
        else:
            return


def _failure_sentence(error: BaseException, job: Job) -> str:
    if isinstance(error, TimeoutException):
        minutes = job.time_limit.total_seconds() / 60
        limit = f"{minutes:g} minutes" if minutes >= 1 else f"{job.time_limit.total_seconds():g} seconds"
        return f"It took longer than its limit of {limit} and was stopped."
    return storable_text(error_line(error))[:_MAX_ERROR_LENGTH]


def notice_key(run: JobRun) -> str:
    """Return the key of the notice that the run's work was given up: one for a job with these arguments."""
    arguments = " ".join(f"{name}={value}" for name, value in sorted(run.arguments.items()))
    return f"{run.job} {arguments}".rstrip()
