"""Giving back what dead workers had taken: their runs, and their messages in the queue.

What lives here: finding runs whose worker is gone, and messages that are locked for nobody, so that they go on now and
not after django-q's `retry`. What does not: performing them. A message that is given back although somebody still has
it does no harm: a run is performed under its lock, and once (job_base.performing).
"""

import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django_q.conf import Conf
from django_q.models import OrmQ

from synapse.databases import BUSINESS_CORE
from synapse.job_base.attempts import remember
from synapse.job_base.cluster_health import is_process
from synapse.job_base.errors import UnknownJobError
from synapse.job_base.liveness import live_runs
from synapse.job_base.messages import PERFORM, TICK, send
from synapse.job_base.models import JobRun, WorkerCluster
from synapse.job_base.registry import job_named

_LOCK_GONE_SECONDS: Final = 5.0
"""How long PostgreSQL may take to notice that a killed process is gone."""
_SILENT_AFTER: Final = timedelta(minutes=1)

_State = JobRun.State


def free_dead_runs(now: datetime) -> list[UUID]:
    """Queue the runs again whose worker died; return which. Their attempt counts: it may have been the run's doing.

    A run by hand is put aside instead: who ran it sees that it ended.
    """
    running = list(JobRun.objects.using(BUSINESS_CORE).filter(state=_State.RUNNING))
    living = live_runs(run.pk for run in running)
    dead = [run for run in running if run.pk not in living and _worker_is_gone(run, now)]
    return [run.pk for run in dead if _queue_again(run, now=now, reason="Its worker died.", is_innocent=False)]


def hand_back(processes: Iterable[int], *, now: datetime, reason: str) -> list[UUID]:
    """Queue the runs again that these processes of this machine, now dead, were at; no attempt is counted for it."""
    of_theirs = JobRun.objects.using(BUSINESS_CORE).filter(
        state=_State.RUNNING, host=socket.gethostname(), process_id__in=list(processes)
    )
    runs = list(of_theirs)
    deadline = time.monotonic() + _LOCK_GONE_SECONDS
    while live_runs(run.pk for run in runs) and time.monotonic() < deadline:
        time.sleep(0.1)
    return [run.pk for run in runs if _queue_again(run, now=now, reason=reason, is_innocent=True)]


def free_taken_messages(now: datetime, *, alone: bool) -> int:
    """Free the messages that a cluster had taken and not begun; return how many.

    Where another cluster lives (not `alone`), one that is not of a run stays its: it may be at work on it.
    """
    return sum(
        _release(row, now)
        for row in OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME, lock__gt=now)
        if _is_stuck(row, now, alone=alone)
    )


def _is_stuck(row: OrmQ, now: datetime, *, alone: bool) -> bool:
    key = _run_of(row.task)
    if key is None:
        return alone
    run = JobRun.objects.using(BUSINESS_CORE).filter(**key).first()
    if run is None:
        return True
    is_delayed = run.state == _State.RETRYING and run.due_at is not None and run.due_at > now
    # What runs is looked after by free_dead_runs.
    return not is_delayed and run.state != _State.RUNNING


def _worker_is_gone(run: JobRun, now: datetime) -> bool:
    """Say whether a run that nobody holds a lock on lost its process, not only its connection for a moment."""
    if run.process_id is None or run.started_at is None:
        return True
    if run.host == socket.gethostname():
        return not is_process(run.process_id, started_before=run.started_at)
    seen = WorkerCluster.objects.using(BUSINESS_CORE).running().filter(host=run.host)
    # A container's name is gone with it: nobody on that host will ever look.
    return not seen.filter(seen_at__gt=now - _SILENT_AFTER).exists() and now - run.started_at > _SILENT_AFTER


def _queue_again(run: JobRun, *, now: datetime, reason: str, is_innocent: bool) -> bool:
    with transaction.atomic(using=BUSINESS_CORE):
        runs = JobRun.objects.using(BUSINESS_CORE).select_for_update()
        same = runs.filter(pk=run.pk, state=_State.RUNNING, attempts=run.attempts, process_id=run.process_id).first()
        # Taken up by another worker meanwhile.
        if same is None or live_runs([same.pk]):
            return False
        remember(same, reason, ended_at=now)
        same.progress = None
        if same.by_hand:
            same.state, same.error, same.finished_at = _State.SETTLED, "The process that ran it is gone.", now
            same.settled_by, same.settled_at = same.requested_by, now
        else:
            same.state, same.attempts = _State.QUEUED, max(0, same.attempts - is_innocent)
            _deliver(same, now)
        same.save(using=BUSINESS_CORE)
    return True


def _deliver(run: JobRun, now: datetime) -> None:
    """See to it that one message for the run can be taken now."""
    messages = OrmQ.objects.using(Conf.ORM).filter(key=Conf.CLUSTER_NAME)
    own = [row for row in messages if _run_of(row.task) in ({"pk": run.pk}, {"key": run.key})]
    if own and _release(own[0], now):
        return
    try:
        send(run, job_named(run.job))
    except UnknownJobError:
        # A job that a later version dropped: the run stays in the queue for a person to see.
        return


def _run_of(task: dict[str, Any]) -> dict[str, Any] | None:
    """Return how to find the run that a message is about; None where it is about none."""
    arguments, named = list(task.get("args") or ()), dict(task.get("kwargs") or {})
    if task.get("func") == PERFORM and arguments:
        return {"pk": UUID(str(arguments[0]))}
    if task.get("func") == TICK:
        tick = dict(zip(("name", "intended"), arguments, strict=False)) | named
        return {"key": f"{tick.get('name')} {tick.get('intended')}"}
    return None


def _release(row: OrmQ, now: datetime) -> bool:
    # Its lock may have been taken anew since it was read.
    messages = OrmQ.objects.using(Conf.ORM).filter(pk=row.pk, lock=row.lock)
    return bool(messages.update(lock=now - timedelta(milliseconds=1)))
