"""The row of a supervisor and its cluster (WorkerCluster), and the notice that its workers are down.

Written by cluster_supervisor.py; peer_clusters.py closes the rows of other supervisors that were killed. Pages read
them with kit.jobs.cluster_health.
"""

import os
import socket
from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.cluster.heartbeat import delete_heartbeats
from synapse.kit.jobs.cluster_health import is_process_alive, is_same_process
from synapse.kit.jobs.models import WorkerCluster
from synapse.kit.jobs.models.worker_cluster import WorkerClusterQuerySet
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

LOST_AFTER: Final = timedelta(minutes=1)
"""A supervisor on another machine that has written nothing for so long is lost: nobody can ask whether it lives."""
_UNSEEN_CLUSTER_CLOSED_AFTER: Final = timedelta(hours=1)
"""Much longer: a machine that was only cut off must not find its row closed."""
_OPERATIONS_PAGE: Final = "/admin/operations/"
_NOTICE_PERMISSION: Final = "job_base.run_job"


def insert_cluster_row(now: datetime) -> WorkerCluster:
    """Insert the row of this process's cluster and return it."""
    return WorkerCluster.objects.using(BUSINESS_CORE).create(
        host=socket.gethostname(), process_id=os.getpid(), started_at=now, seen_at=now
    )


def write_last_seen(cluster_id: str, *, now: datetime, leader: int | None, workers: Sequence[dict[str, Any]]) -> None:
    """Write the supervisor's own sign of life, and which processes it sees; `leader` is the command's process id."""
    _cluster_row(cluster_id).update(seen_at=now, cluster_process_id=leader, workers=list(workers))


def write_restart(cluster_id: str, trouble: str, *, now: datetime) -> None:
    """Write that the cluster's processes were ended or killed and are started again; earlier answers do not count."""
    _cluster_row(cluster_id).update(
        restarts=F("restarts") + 1, trouble=trouble, answered_at=None, cluster_process_id=None, seen_at=now
    )


def write_trouble(cluster_id: str, trouble: str) -> None:
    """Write a trouble that took no restart, or, once it is over, what it was."""
    _cluster_row(cluster_id).update(trouble=trouble)


def write_stop(cluster_id: str, *, now: datetime) -> None:
    """Write that the cluster was stopped on purpose, and resolve its notice."""
    _cluster_row(cluster_id).update(stopped_at=now, seen_at=now, cluster_process_id=None, workers=[])
    delete_heartbeats(cluster_id)
    resolve_workers_down_notice(cluster_id)


def other_running_clusters(cluster_id: str) -> list[WorkerCluster]:
    """Return the rows of all other clusters that nobody has stopped."""
    return list(WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().exclude(pk=cluster_id))


def close_dead_clusters(
    others: Iterable[WorkerCluster], now: datetime, *, silent: Container[str]
) -> list[WorkerCluster]:
    """Close the rows of this machine's supervisors that were killed, and those not written to for an hour; return them.

    `silent` are the ids of clusters not written to for a minute by a monotonic clock. Only of these is a living process
    taken for a later one with the same number, or a row for an old one: the wall clock may have been set.
    """
    closed = []
    for row in others:
        if not _is_supervisor_dead(row, now, is_silent=str(row.pk) in silent):
            continue
        trouble = f"Its supervisor was killed; it was last seen at {row.seen_at:%Y-%m-%d %H:%M:%S} UTC."
        still_open = _cluster_row(str(row.pk)).filter(stopped_at=None)
        # A conditional update: of several supervisors that find it dead one closes it and cleans up.
        if still_open.update(stopped_at=now, trouble=trouble, cluster_process_id=None):
            delete_heartbeats(str(row.pk))
            closed.append(row)
    return closed


def is_another_cluster_alive(cluster_id: str, now: datetime) -> bool:
    """Say whether another cluster is alive, so that it may be at work on messages of the common queue."""
    others = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().exclude(pk=cluster_id)
    return others.filter(seen_at__gt=now - LOST_AFTER).exists()


def lost_clusters(cluster_id: str, now: datetime) -> dict[str, str]:
    """Return the other clusters whose supervisor has written nothing for a minute: id → host."""
    others = WorkerCluster.objects.using(BUSINESS_CORE).not_stopped().exclude(pk=cluster_id)
    return {str(row.pk): row.host for row in others.filter(seen_at__lt=now - LOST_AFTER)}


def notify_workers_down(cluster_id: str, host: str, what: str, *, title: str = "Workers down") -> None:
    """Raise the notice that the cluster's workers are down, or were until now."""
    raise_notice(
        Kind.WORKER_DOWN,
        key=cluster_id,
        title=f"{title} on {host}",
        text=f"{what} This notice ends by itself when they answer again.",
        link=_OPERATIONS_PAGE,
        permission=_NOTICE_PERMISSION,
    )


def resolve_workers_down_notice(cluster_id: str) -> None:
    """Resolve the notice that the cluster's workers are down; nothing happens where there is none."""
    resolve_notice(Kind.WORKER_DOWN, key=cluster_id)


def _is_supervisor_dead(row: WorkerCluster, now: datetime, *, is_silent: bool) -> bool:
    if row.host != socket.gethostname():
        return is_silent and now - row.seen_at > _UNSEEN_CLUSTER_CLOSED_AFTER
    if not is_process_alive(row.process_id):
        return True
    return is_silent and not is_same_process(row.process_id, started_before=row.started_at)


def _cluster_row(cluster_id: str) -> WorkerClusterQuerySet:
    return WorkerCluster.objects.using(BUSINESS_CORE).filter(pk=cluster_id)
