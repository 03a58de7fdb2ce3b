"""Requeueing what dead workers had taken: their runs, and their leased messages in the queue.

Called by cluster_supervisor.py. django-q leases a message: its `lock` is a visibility timeout of `retry` seconds
(hours, for the longest job), after which it is delivered again. Here dead workers' messages are released at once, and
runs whose message is lost get a new one, so that delivery is at least once. A message released although somebody still
works on it does no harm: a run is performed under its advisory lock, and its effects once (kit.jobs.performing).

Rows that another transaction has locked are skipped (SKIP LOCKED): a worker that froze while it wrote its run, maybe on
another machine, would block every supervisor.
"""

import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django_q.conf import Conf
from django_q.models import OrmQ

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.attempts import append_attempt_to_history
from synapse.kit.jobs.cluster_health import is_same_process
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.messages import find_run_messages, run_lookup, send_message
from synapse.kit.jobs.models import JobRun, WorkerCluster
from synapse.kit.jobs.registry import get_job
from synapse.kit.jobs.run_locks import live_runs

_LOCK_RELEASE_SECONDS: Final = 5.0
"""How long PostgreSQL may take to notice that a killed process is gone and release its advisory locks."""
_SILENT_AFTER: Final = timedelta(minutes=1)
_FORGOTTEN_AFTER: Final = timedelta(seconds=30)
"""How long a run that is due, or a message that was taken, may wait before it counts as forgotten."""

_State = JobRun.State


def requeue_dead_runs(now: datetime) -> list[UUID]:
    """Queue the runs again whose worker died; return which. The attempt counts: the run itself may have killed it.

    A run by hand is settled instead: the person at its terminal sees that it ended.
    """
    running = list(JobRun.objects.using(BUSINESS_CORE).filter(state=_State.RUNNING))
    living = live_runs(run.pk for run in running)
    dead = [run for run in running if run.pk not in living and is_worker_gone(run, now)]
    return [run.pk for run in dead if _requeue_run(run, now=now, reason="Its worker died.", is_innocent=False)]


def requeue_forgotten_runs(now: datetime) -> list[UUID]:
    """Release messages that were taken and not begun, and send one for due runs that have none; return those runs.

    This happens where a worker ended before its attempt began, as where PostgreSQL refused it a connection. A message
    that still waits in the memory of a cluster may be released for nothing, which does no harm.
    """
    # django-q sets a taken message's lock to now + RETRY: from the lock follows when it was taken.
    taken_before = now + timedelta(seconds=Conf.RETRY) - _FORGOTTEN_AFTER
    for row in OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME, lock__gt=now, lock__lt=taken_before):
        if _is_message_stuck(row, now, alone=False):
            _release_message(row, now)
    since = now - _FORGOTTEN_AFTER
    waiting = Q(state=_State.QUEUED, queued_at__lt=since) & (Q(due_at=None) | Q(due_at__lt=since))
    due = JobRun.objects.using(BUSINESS_CORE).filter(waiting | Q(state=_State.RETRYING, due_at__lt=since))
    return [run.pk for run in list(due.order_by("queued_at")) if _requeue_forgotten_run(run, now)]


def requeue_runs_of_processes(
    processes: Iterable[int], *, now: datetime, reason: str, is_innocent: bool = True
) -> list[UUID]:
    """Queue the runs again that these processes of this machine, now dead, were at; return which.

    Where the runs are innocent of the deaths, the attempt is not counted.
    """
    of_theirs = JobRun.objects.using(BUSINESS_CORE).filter(
        state=_State.RUNNING, host=socket.gethostname(), process_id__in=list(processes)
    )
    runs = list(of_theirs)
    deadline = time.monotonic() + _LOCK_RELEASE_SECONDS
    while live_runs(run.pk for run in runs) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [run.pk for run in runs if _requeue_run(run, now=now, reason=reason, is_innocent=is_innocent, waits=True)]


def release_taken_messages(now: datetime, *, alone: bool) -> int:
    """Release the messages that a cluster had taken and not begun; return how many.

    Where another cluster is alive (not `alone`), messages that are not about a run stay leased: it may be at work on
    them, and no lock tells.
    """
    return sum(
        _release_message(row, now)
        for row in OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME, lock__gt=now)
        if _is_message_stuck(row, now, alone=alone)
    )


def _is_message_stuck(row: OrmQ, now: datetime, *, alone: bool) -> bool:
    key = run_lookup(row.task)
    if key is None:
        return alone
    run = JobRun.objects.using(BUSINESS_CORE).filter(**key).first()
    if run is None:
        return True
    is_delayed = run.state == _State.RETRYING and run.due_at is not None and run.due_at > now
    # Running ones are for requeue_dead_runs, which asks for the advisory lock.
    return not is_delayed and run.state != _State.RUNNING


def _requeue_forgotten_run(run: JobRun, now: datetime) -> bool:
    """Send a message for the forgotten run, or settle it where it was run by hand; False where none is needed."""
    with transaction.atomic(using=BUSINESS_CORE):
        runs = JobRun.objects.using(BUSINESS_CORE).select_for_update(skip_locked=True)
        # Optimistic: only where it is still as it was read.
        same = runs.filter(pk=run.pk, state=run.state, attempts=run.attempts).first()
        if same is None or live_runs([same.pk]) or find_run_messages(same):
            return False
        if same.by_hand:
            _dismiss_run_by_hand(same, now)
            same.save(using=BUSINESS_CORE)
            return True
        return _try_send_message(same)


def _dismiss_run_by_hand(run: JobRun, now: datetime) -> None:
    run.state, run.error, run.finished_at = _State.SETTLED, "The process that ran it is gone.", now
    run.settled_by, run.settled_at = run.requested_by, now


def is_worker_gone(run: JobRun, now: datetime) -> bool:
    """Say whether a run whose advisory lock nobody holds lost its process, and not only its connection for a moment."""
    if run.process_id is None or run.started_at is None:
        return True
    if run.host == socket.gethostname():
        return not is_same_process(run.process_id, started_before=run.started_at) or _is_abandoned_by_worker(run)
    seen = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().filter(host=run.host)
    # A container's host name is gone with the container: no supervisor of that host will ever look.
    return not seen.filter(seen_at__gt=now - _SILENT_AFTER).exists() and now - run.started_at > _SILENT_AFTER


def _is_abandoned_by_worker(run: JobRun) -> bool:
    """Say whether the run's worker lives and, by its mark, has left the run: how it ended could not be recorded."""
    clusters = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().filter(host=run.host)
    for mark in (mark for cluster in clusters for mark in cluster.workers):
        has_left = mark["pid"] == run.process_id and str(run.pk) not in mark["doing"] and mark["state"] != "killed"
        # A mark is seen seconds after it is set, that of this very run too; a tick's mark does not name its run.
        lag = _SILENT_AFTER if mark["state"] == "busy" else timedelta()
        if has_left and run.started_at and datetime.fromisoformat(mark["since"]) > run.started_at + lag:
            return True
    return False


def _requeue_run(run: JobRun, *, now: datetime, reason: str, is_innocent: bool, waits: bool = False) -> bool:
    with transaction.atomic(using=BUSINESS_CORE):
        # `waits`: what this supervisor's own dead processes were writing is rolled back in a moment. Rows that others
        # are writing are skipped, and found at the next round.
        runs = JobRun.objects.using(BUSINESS_CORE).select_for_update(skip_locked=not waits)
        same = runs.filter(pk=run.pk, state=_State.RUNNING, attempts=run.attempts, process_id=run.process_id).first()
        # Another worker has taken it over meanwhile.
        if same is None or live_runs([same.pk]):
            return False
        append_attempt_to_history(same, reason, ended_at=now)
        same.progress = None
        if same.by_hand:
            _dismiss_run_by_hand(same, now)
        else:
            same.state, same.attempts = _State.QUEUED, max(0, same.attempts - is_innocent)
            own = find_run_messages(same)
            # Released rather than sent anew, so that one message for the run can be taken and not two.
            if not (own and _release_message(own[0], now)):
                _try_send_message(same)
        same.save(using=BUSINESS_CORE)
    return True


def _try_send_message(run: JobRun) -> bool:
    try:
        send_message(run, get_job(run.job))
    except UnknownJobError:
        # A job that a later version no longer has: the run stays queued, for a person to see.
        return False
    return True


def _release_message(row: OrmQ, now: datetime) -> bool:
    # Compare-and-set: a worker may have leased it again since it was read.
    messages = OrmQ.objects.using(Conf.ORM).filter(pk=row.pk, lock=row.lock)
    return bool(messages.update(lock=now - timedelta(milliseconds=1)))
