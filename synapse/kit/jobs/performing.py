"""Performing a run, for a worker's message, a schedule's tick or a person's command: one code for all three.

`perform` and `perform_tick` are what messages and schedules name; their dotted names are stored and must stay
(messages.py). A run is performed under its advisory locks (run_locks.py); its row says what is still to be done
(attempts.py).
"""

import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone
from django_q.exceptions import TimeoutException

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.change_log.authorship import attribute_changes_to
from synapse.kit.jobs import attempts
from synapse.kit.jobs.errors import JobBusyError, JobFailedError, UnrecordedError
from synapse.kit.jobs.job import Job
from synapse.kit.jobs.messages import send_message_unless_waiting
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.registry import get_job, validate_arguments
from synapse.kit.jobs.results import storable_result
from synapse.kit.jobs.run_events import log_end_without_result, log_start, log_success, run_log_context
from synapse.kit.jobs.run_locks import LockTakenError, RunLocks, hold_run_locks
from synapse.kit.jobs.work import Work

_LOOK_AGAIN_AFTER: Final = timedelta(seconds=30)
"""When a run is looked at again whose lock another process holds."""
_LOOK_AGAIN_SOON: Final = timedelta(seconds=1)
"""When a tick is looked at again that found its job's lock held for a moment, with no run at work."""
_DATABASE_WAIT_SECONDS: Final = 600.0
"""How long a message waits for its attempt to begin while PostgreSQL is away, before django-q delivers it again."""


def perform_tick(name: str, intended: str) -> str:
    """Run the job for one tick of its schedule, `intended` as ISO text; a tick delivered twice is one run.

    Returns a sentence for people; raises as perform does. Its message is then delivered again: without a run's row
    nothing else knows of the tick.
    """
    job = get_job(name)
    return _retry_while_database_is_away(lambda: _perform_tick(job, intended))


def perform(run: str) -> str:
    """Perform a queued run, `run` its id; idempotent: a message delivered again finds it done or at work.

    Returns a sentence for people, of a failed attempt too: its row says so, and what comes next. Raises where that
    could not be written.
    """
    return _retry_while_database_is_away(lambda: _perform_queued(run))


def run_job_by_hand(name: str, *, requested_by: str, arguments: Mapping[str, Any] | None = None) -> JobRun:
    """Run the job in this process, with one attempt, and return the run as it ended.

    Raises UnknownJobError, JobBusyError where it is at work with these arguments, and JobFailedError.
    """
    job = get_job(name)
    run = JobRun(
        job=name,
        key=f"{name} {uuid.uuid4()}",
        arguments=validate_arguments(job, arguments or {}),
        requested_by=requested_by,
        by_hand=True,
    )
    try:
        with run_log_context(run), hold_run_locks(run) as locks:
            # Inserted under its lock, so that a running row without one means that its process is gone.
            run.save(using=BUSINESS_CORE)
            _attempt_run(run, job, locks)
    except LockTakenError:
        raise JobBusyError(f"{job.name} is at work already; look at it on the page Operations.") from None
    run.refresh_from_db()
    return run


def _perform_tick(job: Job, intended: str) -> str:
    if JobPause.objects.using(BUSINESS_CORE).filter(job=job.name).exists():
        return f"{job.name} is paused."
    # The key is unique: of two deliveries of one tick, also at once, the second gets the first one's row.
    run, _ = JobRun.objects.using(BUSINESS_CORE).get_or_create(
        key=f"{job.name} {intended}",
        defaults={"job": job.name, "requested_by": "the schedule", "due_at": datetime.fromisoformat(intended)},
    )
    return _perform_run(run, job, is_tick=True)


def _perform_queued(run: str) -> str:
    found = JobRun.objects.using(BUSINESS_CORE).filter(pk=UUID(run)).first()
    if found is None:
        return f"The run {run} is gone."
    return _perform_run(found, get_job(found.job), is_tick=False)


def _retry_while_database_is_away(act: Callable[[], str]) -> str:
    """Do it once PostgreSQL answers: the message of an attempt that could not even begin would be lost.

    What fails within the attempt does not raise here: it is in the run's row.
    """
    deadline = time.monotonic() + _DATABASE_WAIT_SECONDS
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError):
            # Within a caller's transaction, which is lost, another try could only fail.
            if time.monotonic() > deadline or connections[BUSINESS_CORE].in_atomic_block:
                raise
            connections[BUSINESS_CORE].close()
            time.sleep(1.0)


def _perform_run(run: JobRun, job: Job, *, is_tick: bool) -> str:
    try:
        with run_log_context(run), hold_run_locks(run) as locks:
            return _attempt_run(run, job, locks)
    except JobFailedError as error:
        return f"{job.name} failed: {error}"
    except LockTakenError as taken:
        look_again_after = _LOOK_AGAIN_AFTER
        if taken.of_job and is_tick:
            if attempts.is_same_work_running(run):
                attempts.skip_run(run, "The run before it was still at work; the next tick comes by itself.")
                return f"{job.name} is at work already."
            # Held by a run that has just ended, or by a message delivered twice that finds nothing to do.
            look_again_after = _LOOK_AGAIN_SOON
        # This message is acknowledged; should the other process die, another message is needed to find that out.
        send_message_unless_waiting(run, job, not_before=timezone.now() + look_again_after)
        return f"{job.name} is at work already; this run is looked at again in {look_again_after.seconds} s."


def _attempt_run(run: JobRun, job: Job, locks: RunLocks) -> str:
    """Make one attempt under the run's locks, where one is still due."""
    now = timezone.now()
    if not attempts.begin_attempt(run, job, now=now):
        if run.state == JobRun.State.RETRYING and run.due_at:
            # Delivered early, as where the clock was set: this message is acknowledged, and the run is still to be
            # done.
            send_message_unless_waiting(run, job, not_before=run.due_at)
        return f"{job.name}: nothing to do, the run is {run.get_state_display()}."
    log_start(run)
    # The change log names the job, and the person who asked for it where one did.
    author = f"the job {job.name}"
    if run.requested_by and not run.due_at:
        author = f"{run.requested_by}, by {author}"
    try:
        with attribute_changes_to(author), Work(run, now=now, locks=locks) as work:
            result = storable_result(job.work(work))
    # TimeoutException, by which django-q ends a task at its time limit, is no Exception.
    except (Exception, TimeoutException) as error:
        attempts.record_failure(run, job, error)
        if isinstance(error, TimeoutException):
            raise  # django-q then replaces the worker process
        raise JobFailedError(run.error, run_id=run.pk) from error
    except KeyboardInterrupt:
        attempts.record_stop(run)
        log_end_without_result(run, "stopped by hand")
        raise
    try:
        attempts.record_success(run, result)
        log_success(run)
    except UnrecordedError as error:
        attempts.record_failure(run, job, error)
        raise JobFailedError(run.error, run_id=run.pk) from error
    return str((result or {}).get("summary", "done"))
