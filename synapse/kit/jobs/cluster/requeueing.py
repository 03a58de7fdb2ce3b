"""Giving back what dead workers had taken: their runs, and their messages in the queue.

What lives here: finding runs whose worker is gone, and messages that are locked for nobody, so that they go on now and
not after django-q's `retry`. What does not: performing them. A message that is given back although somebody still has
it does no harm: a run is performed under its lock, and once (kit.jobs.performing).
A run whose row somebody is writing is passed over: a worker that froze while it did, maybe on another machine, would
stop every supervisor with it.
"""

import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django_q.conf import Conf
from django_q.models import OrmQ

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.attempts import append_to_history
from synapse.kit.jobs.cluster_health import is_same_process
from synapse.kit.jobs.errors import UnknownJobError
from synapse.kit.jobs.messages import messages_of, run_lookup, send_message
from synapse.kit.jobs.models import JobRun, WorkerCluster
from synapse.kit.jobs.registry import job_named
from synapse.kit.jobs.run_locks import live_runs

_LOCK_RELEASE_SECONDS: Final = 5.0
"""How long PostgreSQL may take to notice that a killed process is gone."""
_SILENT_AFTER: Final = timedelta(minutes=1)
_FORGOTTEN_AFTER: Final = timedelta(seconds=30)
"""How long a run that is due, or a message that was taken, may lie there before somebody asks what became of it."""

_State = JobRun.State


def requeue_dead_runs(now: datetime) -> list[UUID]:
    """Queue the runs again whose worker died; return which. Their attempt counts: it may have been the run's doing.

    A run by hand is put aside instead: who ran it sees that it ended.
    """
    running = list(JobRun.objects.using(BUSINESS_CORE).filter(state=_State.RUNNING))
    living = live_runs(run.pk for run in running)
    dead = [run for run in running if run.pk not in living and is_worker_gone(run, now)]
    return [run.pk for run in dead if _requeue_run(run, now=now, reason="Its worker died.", is_innocent=False)]


def requeue_forgotten_runs(now: datetime) -> list[UUID]:
    """See to what fell down before it began, as where PostgreSQL refused the worker: free its message, or send one.

    Return the runs that had none. A message that waits behind others in a cluster's own queue may be freed for nothing,
    which does no harm.
    """
    taken_before = now + timedelta(seconds=Conf.RETRY) - _FORGOTTEN_AFTER
    for row in OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME, lock__gt=now, lock__lt=taken_before):
        if _is_message_stuck(row, now, alone=False):
            _release_message(row, now)
    return [run.pk for run in _forgotten_runs(now) if _requeue_forgotten_run(run, now)]


def requeue_runs_of(processes: Iterable[int], *, now: datetime, reason: str, is_innocent: bool = True) -> list[UUID]:
    """Queue the runs again that these processes of this machine, now dead, were at.

    Where the runs are innocent of that, no attempt is counted for it.
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
    """Free the messages that a cluster had taken and not begun; return how many.

    Where another cluster lives (not `alone`), one that is not of a run stays its: it may be at work on it.
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
    # What runs is looked after by free_dead_runs.
    return not is_delayed and run.state != _State.RUNNING


def _forgotten_runs(now: datetime) -> list[JobRun]:
    since = now - _FORGOTTEN_AFTER
    waiting = Q(state=_State.QUEUED, queued_at__lt=since) & (Q(due_at=None) | Q(due_at__lt=since))
    due = JobRun.objects.using(BUSINESS_CORE).filter(waiting | Q(state=_State.RETRYING, due_at__lt=since))
    return list(due.order_by("queued_at"))


def _requeue_forgotten_run(run: JobRun, now: datetime) -> bool:
    """Send the forgotten run a message, or put it aside where it was to be run by hand; return False for no need."""
    with transaction.atomic(using=BUSINESS_CORE):
        runs = JobRun.objects.using(BUSINESS_CORE).select_for_update(skip_locked=True)
        same = runs.filter(pk=run.pk, state=run.state, attempts=run.attempts).first()
        if same is None or live_runs([same.pk]) or messages_of(same):
            return False
        if same.by_hand:
            _settle_run_by_hand(same, now)
            same.save(using=BUSINESS_CORE)
            return True
        return _send_message(same)


def _settle_run_by_hand(run: JobRun, now: datetime) -> None:
    run.state, run.error, run.finished_at = _State.SETTLED, "The process that ran it is gone.", now
    run.settled_by, run.settled_at = run.requested_by, now


def is_worker_gone(run: JobRun, now: datetime) -> bool:
    """Say whether a run that nobody holds a lock on lost its process, not only its connection for a moment."""
    if run.process_id is None or run.started_at is None:
        return True
    if run.host == socket.gethostname():
        return not is_same_process(run.process_id, started_before=run.started_at) or _is_abandoned_by_worker(run)
    seen = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().filter(host=run.host)
    # A container's name is gone with it: nobody on that host will ever look.
    return not seen.filter(seen_at__gt=now - _SILENT_AFTER).exists() and now - run.started_at > _SILENT_AFTER


def _is_abandoned_by_worker(run: JobRun) -> bool:
    """Say whether the run's worker lives and is by its mark no longer at it: how it ended could not be recorded."""
    clusters = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().filter(host=run.host)
    marks = [mark for cluster in clusters for mark in cluster.workers if mark["pid"] == run.process_id]
    return any(_is_elsewhere(mark, run) for mark in marks)


def _is_elsewhere(mark: dict[str, Any], run: JobRun) -> bool:
    if run.started_at is None or mark["state"] == "killed" or str(run.pk) in mark["doing"]:
        return False
    # A mark is seen later than it is set: the one of this very run too, which a tick's does not name.
    lag = _SILENT_AFTER if mark["state"] == "busy" else timedelta()
    return datetime.fromisoformat(mark["since"]) > run.started_at + lag


def _requeue_run(run: JobRun, *, now: datetime, reason: str, is_innocent: bool, waits: bool = False) -> bool:
    with transaction.atomic(using=BUSINESS_CORE):
        # What this supervisor's own dead were writing is rolled back in a moment; what others write is found later.
        runs = JobRun.objects.using(BUSINESS_CORE).select_for_update(skip_locked=not waits)
        same = runs.filter(pk=run.pk, state=_State.RUNNING, attempts=run.attempts, process_id=run.process_id).first()
        # Taken up by another worker meanwhile.
        if same is None or live_runs([same.pk]):
            return False
        append_to_history(same, reason, ended_at=now)
        same.progress = None
        if same.by_hand:
            _settle_run_by_hand(same, now)
        else:
            same.state, same.attempts = _State.QUEUED, max(0, same.attempts - is_innocent)
            _deliver(same, now)
        same.save(using=BUSINESS_CORE)
    return True


def _deliver(run: JobRun, now: datetime) -> None:
    """See to it that one message for the run can be taken now."""
    own = messages_of(run)
    if own and _release_message(own[0], now):
        return
    _send_message(run)


def _send_message(run: JobRun) -> bool:
    try:
        send_message(run, job_named(run.job))
    except UnknownJobError:
        # A job that a later version dropped: the run stays in the queue for a person to see.
        return False
    return True


def _release_message(row: OrmQ, now: datetime) -> bool:
    # Its lock may have been taken anew since it was read.
    messages = OrmQ.objects.using(Conf.ORM).filter(pk=row.pk, lock=row.lock)
    return bool(messages.update(lock=now - timedelta(milliseconds=1)))
