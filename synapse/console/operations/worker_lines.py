"""The lines of the workers: each supervised cluster with its heartbeat, its processes, and the queue they take from.

A cluster's state is judged by synapse.kit.jobs.cluster_health.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from synapse.foundation.text.time_formats import format_age, format_duration
from synapse.foundation.text.visible import visible
from synapse.kit.jobs.cluster_health import ClusterState, WorkerHealth, is_any_cluster_up, read_cluster_health

_CLUSTER_SIGNS: Final = {
    ClusterState.UP: ("good", "✓"),
    ClusterState.STARTING: ("waits", "○"),
    ClusterState.NOT_ANSWERING: ("bad", "!"),
    ClusterState.DOWN: ("bad", "✕"),
    ClusterState.STOPPED: ("bad", "■"),
}
_WORKER_SIGNS: Final = {"idle": ("good", "✓"), "busy": ("busy", "▸")}


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One worker process in words; one that was killed is down."""

    process_id: int
    tone: str
    sign: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """One cluster in words; `heartbeat` tells its signs of life, `history` its restarts and what went wrong last."""

    pk: UUID
    name: str
    state: ClusterState
    tone: str
    sign: str
    sentence: str
    heartbeat: str
    history: str
    workers: tuple[WorkerLine, ...]


@dataclass(frozen=True, slots=True)
class Workers:
    """All clusters, how much waits for them in words, and whether one takes jobs, or will in a moment."""

    clusters: list[ClusterLine]
    queue: str
    are_up: bool


def build_workers(*, waiting: int, waiting_since: datetime | None, now: datetime) -> Workers:
    """Return the clusters and the queue, whose depth the caller has counted already; one query."""
    clusters = read_cluster_health(now)
    lines = []
    for one in clusters:
        row, (tone, sign) = one.cluster, _CLUSTER_SIGNS[one.state]
        answered = "No worker has answered yet"
        if row.answered_at:
            answered = f"A worker last answered {format_age(row.answered_at, now)}"
        times = f", restarted {row.restarts} time{'' if row.restarts == 1 else 's'}" if row.restarts else ""
        # The sentence of a cluster that is down says the trouble already.
        trouble = f" {visible(row.trouble)}" if row.trouble and row.trouble not in one.sentence else ""
        lines.append(
            ClusterLine(
                pk=row.pk,
                name=visible(str(row)),
                state=one.state,
                tone=tone,
                sign=sign,
                sentence=visible(one.sentence),
                heartbeat=f"{answered}; its supervisor was last seen {format_age(row.seen_at, now)}.",
                history=f"Started {format_age(row.started_at, now)}{times}.{trouble}",
                workers=tuple(_worker_line(worker, now) for worker in one.workers),
            )
        )
    queue = "No run waits for a worker."
    if waiting and waiting_since is not None:
        waited = format_duration(now - waiting_since)
        queue = f"One run has waited {waited} for a worker."
        if waiting > 1:
            queue = f"{waiting:,} runs wait for a worker, the oldest for {waited}."
    return Workers(lines, queue, is_any_cluster_up(clusters))


def _worker_line(worker: WorkerHealth, now: datetime) -> WorkerLine:
    tone, sign = _WORKER_SIGNS.get(worker.state, ("bad", "✕"))
    state = worker.state if worker.is_up else f"down ({worker.state})"
    since = f" for {format_duration(now - worker.since)}" if worker.since and worker.state == "busy" else ""
    ago = f" {format_age(worker.since, now)}" if worker.since and not worker.is_up else ""
    doing = f" with {visible(worker.doing)}" if worker.doing else ""
    return WorkerLine(worker.process_id, tone, sign, state, f"{state}{doing}{since}{ago}")
