"""The health of the clusters of workers: each in a state and a sentence, and worker by worker.

Read by the operations page, the health checks, the metrics and the line about stale data. What is read here the
supervisors write (kit.jobs.cluster), which also restart what does not answer.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

import psutil
from django.conf import settings

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.models import WorkerCluster

UNSEEN_AFTER: Final = timedelta(seconds=30)
"""A supervisor writes `seen_at` every two seconds; after so long without it is down."""


class ClusterState(Enum):
    """The state of a cluster; only one that is UP surely takes jobs."""

    UP = "up"
    STARTING = "starting"
    NOT_ANSWERING = "not answering"
    DOWN = "down"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """One worker process: `state` is idle, busy or killed, `doing` what it is busy with, `since` when that began."""

    process_id: int
    state: str
    since: datetime | None
    doing: str

    @property
    def is_up(self) -> bool:
        """Say whether the process lives."""
        return self.state != "killed"


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """One cluster: its row, its state, and its workers, those killed in the last minutes too."""

    cluster: WorkerCluster
    state: ClusterState
    sentence: str
    workers: tuple[WorkerHealth, ...]

    @property
    def is_up(self) -> bool:
        """Say whether it takes jobs."""
        return self.state is ClusterState.UP


def read_cluster_health(now: datetime) -> list[ClusterHealth]:
    """Return the health of every cluster that was not stopped; where there is none, of the one stopped last.

    Empty where there never was one. One query.
    """
    found = []
    for row in WorkerCluster.objects.using(BUSINESS_CORE).not_stopped_or_last():
        workers = tuple(_worker_health(entry) for entry in row.workers)
        state, sentence = _judge_cluster(row, workers, now)
        if state in {ClusterState.DOWN, ClusterState.STOPPED}:
            workers = tuple(worker for worker in workers if not worker.is_up)
        found.append(ClusterHealth(row, state, sentence, workers))
    return found


def is_process_alive(process_id: int) -> bool:
    """Say whether a process of this number lives on this machine."""
    return is_same_process(process_id, started_before=None)


def is_any_cluster_up(standings: Sequence[ClusterHealth]) -> bool:
    """Say whether a cluster takes jobs, or will in a moment."""
    return any(one.state in {ClusterState.UP, ClusterState.STARTING} for one in standings)


def is_same_process(process_id: int, *, started_before: datetime | None) -> bool:
    """Say whether the process of this machine lives and is not a later one with the same number.

    The system computes when a process began from the present wall clock: once that is set forward, every living process
    seems to have begun later.
    """
    try:
        process = psutil.Process(process_id)
        # A second of tolerance: create_time() is computed from the boot time, which is not exact.
        began_in_time = started_before is None or process.create_time() <= started_before.timestamp() + 1
        return bool(began_in_time and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Another user's process: there is one, and its start can't be read.
        return True


def _judge_cluster(row: WorkerCluster, workers: Sequence[WorkerHealth], now: datetime) -> tuple[ClusterState, str]:
    if row.stopped_at is not None:
        return ClusterState.STOPPED, f"Stopped {_format_duration(now - row.stopped_at)} ago. {row.trouble}".rstrip()
    if row.host == socket.gethostname() and not is_process_alive(row.process_id):
        return ClusterState.DOWN, f"Its supervisor, process {row.process_id}, is gone: it was killed."
    if now - row.seen_at > UNSEEN_AFTER:
        return (
            ClusterState.DOWN,
            f"Its supervisor on {row.host} has not been seen for {_format_duration(now - row.seen_at)}.",
        )
    return _judge_workers(row, workers, now)


def _judge_workers(row: WorkerCluster, workers: Sequence[WorkerHealth], now: datetime) -> tuple[ClusterState, str]:
    up = [worker for worker in workers if worker.is_up]
    busy = [worker for worker in up if worker.state == "busy"]
    killed = [worker for worker in workers if not worker.is_up]
    if row.cluster_process_id is None and row.restarts:
        return ClusterState.NOT_ANSWERING, f"Its workers are gone and are started again. {row.trouble}".rstrip()
    if row.answered_at is None:
        return ClusterState.STARTING, f"Its workers are starting. {row.trouble}".rstrip()
    if any(worker.since and worker.since > row.answered_at for worker in killed):
        return ClusterState.NOT_ANSWERING, "A worker process was killed, and no worker has answered since."
    silence = now - row.answered_at
    # A heartbeat, and the time for its way. Where all workers are busy none can answer.
    patience = timedelta(seconds=settings.JOB_HEARTBEAT_SECONDS * 1.5)
    if len(busy) < max(len(up), 1) and silence > patience:
        return ClusterState.NOT_ANSWERING, f"No worker has answered for {_format_duration(silence)}."
    at_work = f"{len(busy)} of them at work" if busy else "none of them at work"
    loss = f" {len(killed)} killed lately and replaced." if killed else ""
    return ClusterState.UP, f"{len(up)} worker process{'' if len(up) == 1 else 'es'}, {at_work}.{loss}"


def _worker_health(entry: dict[str, Any]) -> WorkerHealth:
    """Read a worker as its cluster's row stores it (ClusterProcesses.worker_entries)."""
    since = entry.get("since")
    return WorkerHealth(
        process_id=int(entry["pid"]),
        state=str(entry["state"]),
        since=datetime.fromisoformat(since) if since else None,
        doing=str(entry.get("doing", "")),
    )


def _format_duration(duration: timedelta) -> str:
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 120:  # noqa: PLR2004  # two minutes
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 120:  # noqa: PLR2004  # two hours
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
