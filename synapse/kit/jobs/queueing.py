"""What people and code ask of jobs: queue a run, retry it, settle it, pause the job. Each verb is one transaction.

Called by the operations page, the apps' actions and jobs that queue others. The run's row and its message commit
together: a transactional outbox, since django-q's queue is in the same database.
"""

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models.functions import Now

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.logs.logged_calls import log_calls
from synapse.kit.jobs.attempts import notice_key
from synapse.kit.jobs.messages import send_message
from synapse.kit.jobs.models import JobPause, JobRun
from synapse.kit.jobs.registry import get_job, validate_arguments
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import resolve_notice


def _run_log_fields(call: Mapping[str, Any], run: JobRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {"job": run.job, "run_id": run.pk, "requested_by": call["requested_by"]}


@log_calls("job.queued", _run_log_fields)
def queue_run(
    name: str, *, requested_by: str, arguments: Mapping[str, Any] | None = None, key: str = ""
) -> JobRun | None:
    """Queue a run of the job; return None where an equal one is active already, or one of this key was ever queued.

    `key` is the run's idempotency key; without one each call is its own. Raises UnknownJobError.
    """
    job = get_job(name)
    wanted = validate_arguments(job, arguments or {})
    with transaction.atomic(using=BUSINESS_CORE):
        _lock_job_requests(name)
        runs = JobRun.objects.using(BUSINESS_CORE)
        if key and runs.filter(key=key).exists():
            return None
        if runs.filter(job=name, arguments=wanted, state__in=JobRun.ACTIVE).exists():
            return None
        run = runs.create(job=name, key=key or f"{name} {uuid.uuid4()}", arguments=wanted, requested_by=requested_by)
        send_message(run, job)
    return run


@log_calls("job.retried", _run_log_fields)
def retry_run(run: UUID, *, requested_by: str) -> JobRun | None:
    """Queue a run once more that was given up or settled; return None where it is neither (any more).

    It stays the same run with its key: effects of its earlier attempts are not done again.
    """
    with transaction.atomic(using=BUSINESS_CORE):
        found = _lock_run(run, JobRun.State.GIVEN_UP, JobRun.State.SETTLED)
        if found is None:
            return None
        _lock_job_requests(found.job)
        if is_work_active(found):
            return None
        found.state, found.attempts, found.requested_by, found.due_at = JobRun.State.QUEUED, 0, requested_by, None
        found.settled_by, found.settled_at, found.finished_at, found.by_hand = "", None, None, False
        found.save(using=BUSINESS_CORE)
        send_message(found, get_job(found.job))
    return found


def is_work_active(run: JobRun) -> bool:
    """Say whether another run of the same work is queued or at work."""
    same = JobRun.objects.using(BUSINESS_CORE).filter(job=run.job, arguments=run.arguments).exclude(pk=run.pk)
    return same.filter(state__in=JobRun.ACTIVE).exists()


@log_calls("job.put_aside", lambda call, done: {"run_id": call["run"], "by": call["by"]} if done else None)
def dismiss_run(run: UUID, *, by: str) -> bool:
    """Dismiss a given-up run: nobody needs to look at it any more. Return False where it is not given up."""
    with transaction.atomic(using=BUSINESS_CORE):
        found = _lock_run(run, JobRun.State.GIVEN_UP)
        if found is None:
            return False
        settled = JobRun.objects.using(BUSINESS_CORE).filter(pk=found.pk)
        settled.update(state=JobRun.State.SETTLED, settled_by=by, settled_at=Now())
        # At most one run of the same work is given up (attempts._dismiss_earlier_failures): the notice is about it.
        resolve_notice(Kind.JOB_GIVEN_UP, key=notice_key(found))
    return True


@log_calls("job.reopened", lambda call, done: {"run_id": call["run"]} if done else None)
def reopen_run(run: UUID) -> bool:
    """Undo dismiss_run: the run needs a person again. Return False where it was not settled."""
    with transaction.atomic(using=BUSINESS_CORE):
        settled = JobRun.objects.using(BUSINESS_CORE).filter(pk=run, state=JobRun.State.SETTLED)
        return bool(settled.update(state=JobRun.State.GIVEN_UP, settled_by="", settled_at=None))


@log_calls("job.paused", lambda call, done: {"job": call["name"], "by": call["by"]} if done else None)
def pause_job(name: str, *, by: str, reason: str = "") -> bool:
    """Pause the job: its ticks make no runs. Return False where it is paused already. Raises UnknownJobError."""
    get_job(name)
    pauses = JobPause.objects.using(BUSINESS_CORE)
    _, is_new = pauses.get_or_create(job=name, defaults={"paused_by": by, "reason": reason})
    return is_new


@log_calls("job.resumed", lambda call, done: {"job": call["name"]} if done else None)
def resume_job(name: str) -> bool:
    """Resume the job: its ticks make runs again. Return False where it was not paused. Raises UnknownJobError."""
    get_job(name)
    deleted, _ = JobPause.objects.using(BUSINESS_CORE).filter(job=name).delete()
    return bool(deleted)


def _lock_run(run: UUID, *states: JobRun.State) -> JobRun | None:
    runs = JobRun.objects.using(BUSINESS_CORE).select_for_update()
    return runs.filter(pk=run, state__in=states).first()


def _lock_job_requests(name: str) -> None:
    """Hold an advisory lock to the transaction's end: of two requests at once the second sees what the first queued."""
    with connections[BUSINESS_CORE].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('synapse ask for ' || %s, 0))", [name])
