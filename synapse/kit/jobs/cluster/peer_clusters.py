"""Looking after the clusters of other supervisors: a dead one can neither tell of itself nor give back what it took.

What lives here: burying those that were killed, telling of those that fell silent. What does not: the own cluster
(supervising), and giving back the messages (freeing).
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from synapse.kit.jobs.cluster import cluster_rows
from synapse.kit.jobs.cluster.processes import kill_orphans
from synapse.kit.jobs.cluster.worker_marks import remove_marks
from synapse.kit.jobs.models import WorkerCluster


class PeerClusters:
    """The other clusters, as one supervisor sees them; `marks` is the folder of all clusters' marks."""

    def __init__(self, own_id: str, *, marks: Path, say: Callable[[str], None]) -> None:
        self._own_id = own_id
        self._marks = marks
        self._say = say
        self.lost: frozenset[str] = frozenset()
        """Those that were silent at the last look: their notice stays until they are heard again."""
        self._heard: dict[str, tuple[datetime, float]] = {}

    def check_peers(self, now: datetime) -> list[str]:
        """Bury the dead and tell of the lost; return the ids of those that are newly one or the other."""
        return [*self._close_dead_peers(now), *self._notify_lost_peers(now)]

    def _close_dead_peers(self, now: datetime) -> list[str]:
        buried = []
        others = cluster_rows.other_running_clusters(self._own_id)
        for row in cluster_rows.close_dead_clusters(others, now, silent=self._find_silent_peers(others)):
            cluster_id = str(row.pk)
            for process_id in kill_orphans(cluster_id):
                self._say(f"Process {process_id} of a supervisor that was killed is ended.")
            remove_marks(self._marks / cluster_id)
            cluster_rows.notify_workers_down(
                cluster_id, row.host, "Their supervisor was killed; another one has taken over."
            )
            buried.append(cluster_id)
        return buried

    def _find_silent_peers(self, others: Iterable[WorkerCluster]) -> frozenset[str]:
        """Return those that have written nothing new for a minute of this process's life, however clocks were set."""
        here = time.monotonic()
        before, self._heard = self._heard, {}
        for row in others:
            seen_at, since = before.get(str(row.pk), (None, here))
            self._heard[str(row.pk)] = (row.seen_at, since if seen_at == row.seen_at else here)
        limit = here - cluster_rows.LOST_AFTER.total_seconds()
        return frozenset(cluster_id for cluster_id, (_, since) in self._heard.items() if since <= limit)

    def _notify_lost_peers(self, now: datetime) -> list[str]:
        lost = cluster_rows.lost_clusters(self._own_id, now)
        newly = [cluster_id for cluster_id in lost if cluster_id not in self.lost]
        for cluster_id in newly:
            what = "Its supervisor has fallen silent: the machine is off, cut off, or the supervisor was killed."
            cluster_rows.notify_workers_down(cluster_id, lost[cluster_id], what)
        for cluster_id in self.lost - lost.keys():
            cluster_rows.resolve_workers_down(cluster_id)
        self.lost = frozenset(lost)
        return newly
