"""The clusters of other supervisors (peers): one that was killed can neither notify anybody nor release its messages.

Called by cluster_supervisor.py every few seconds: closes the rows of dead peers and notifies people of silent ones.
Their messages and runs are released by requeueing.py.
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
    """The other clusters as one supervisor sees them; `marks` is the folder of all clusters' worker marks."""

    def __init__(self, own_id: str, *, marks: Path, say: Callable[[str], None]) -> None:
        self._own_id = own_id
        self._marks = marks
        self._say = say
        self.lost: frozenset[str] = frozenset()
        """The ids that were silent at the last check: their notices stay open until they write again."""
        self._heard: dict[str, tuple[datetime, float]] = {}

    def check_peers(self, now: datetime) -> list[str]:
        """Close the dead and notify of the lost; return the ids of those that are newly one or the other."""
        closed = []
        others = cluster_rows.other_running_clusters(self._own_id)
        for row in cluster_rows.close_dead_clusters(others, now, silent=self._find_silent_peers(others)):
            cluster_id = str(row.pk)
            # Before anybody requeues its runs: an orphan that still worked would hold their locks.
            for process_id in kill_orphans(cluster_id):
                self._say(f"Process {process_id} of a supervisor that was killed is ended.")
            remove_marks(self._marks / cluster_id)
            cluster_rows.notify_workers_down(
                cluster_id, row.host, "Their supervisor was killed; another one has taken over."
            )
            closed.append(cluster_id)
        lost = cluster_rows.lost_clusters(self._own_id, now)
        newly = [cluster_id for cluster_id in lost if cluster_id not in self.lost]
        for cluster_id in newly:
            what = "Its supervisor has fallen silent: the machine is off, cut off, or the supervisor was killed."
            cluster_rows.notify_workers_down(cluster_id, lost[cluster_id], what)
        for cluster_id in self.lost - lost.keys():
            cluster_rows.resolve_workers_down_notice(cluster_id)
        self.lost = frozenset(lost)
        return [*closed, *newly]

    def _find_silent_peers(self, others: Iterable[WorkerCluster]) -> frozenset[str]:
        """Return the ids that have written nothing new for a minute by this process's monotonic clock.

        `seen_at` is a wall clock's, which may be set; that it stays the same can be measured without one.
        """
        here = time.monotonic()
        before, self._heard = self._heard, {}
        for row in others:
            seen_at, since = before.get(str(row.pk), (None, here))
            self._heard[str(row.pk)] = (row.seen_at, since if seen_at == row.seen_at else here)
        limit = here - cluster_rows.LOST_AFTER.total_seconds()
        return frozenset(cluster_id for cluster_id, (_, since) in self._heard.items() if since <= limit)
