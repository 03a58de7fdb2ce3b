"""Looking after the clusters of other supervisors: a dead one can neither tell of itself nor give back what it took.

What lives here: burying those that were killed, telling of those that fell silent. What does not: the own cluster
(supervising), and giving back the messages (freeing).
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from synapse.kit.jobs.cluster import cluster_rows
from synapse.kit.jobs.cluster.processes import kill_strays
from synapse.kit.jobs.cluster.worker_marks import forget_marks
from synapse.kit.jobs.models import WorkerCluster


class Peers:
    """The other clusters, as one supervisor sees them; `marks` is the folder of all clusters' marks."""

    def __init__(self, own_id: str, *, marks: Path, say: Callable[[str], None]) -> None:
        self._own_id = own_id
        self._marks = marks
        self._say = say
        self.lost: frozenset[str] = frozenset()
        """Those that were silent at the last look: their notice stays until they are heard again."""
        self._heard: dict[str, tuple[datetime, float]] = {}

    def look(self, now: datetime) -> list[str]:
        """Bury the dead and tell of the lost; return the ids of those that are newly one or the other."""
        return [*self._bury(now), *self._tell_of_lost(now)]

    def _bury(self, now: datetime) -> list[str]:
        buried = []
        others = cluster_rows.running_others(self._own_id)
        for row in cluster_rows.close_dead_rows(others, now, silent=self._silent(others)):
            cluster_id = str(row.pk)
            for process_id in kill_strays(cluster_id):
                self._say(f"Process {process_id} of a supervisor that was killed is ended.")
            forget_marks(self._marks / cluster_id)
            cluster_rows.tell_down(cluster_id, row.host, "Their supervisor was killed; another one has taken over.")
            buried.append(cluster_id)
        return buried

    def _silent(self, others: Iterable[WorkerCluster]) -> frozenset[str]:
        """Return those that have written nothing new for a minute of this process's life, however clocks were set."""
        here = time.monotonic()
        before, self._heard = self._heard, {}
        for row in others:
            seen_at, since = before.get(str(row.pk), (None, here))
            self._heard[str(row.pk)] = (row.seen_at, since if seen_at == row.seen_at else here)
        limit = here - cluster_rows.LOST_AFTER.total_seconds()
        return frozenset(cluster_id for cluster_id, (_, since) in self._heard.items() if since <= limit)

    def _tell_of_lost(self, now: datetime) -> list[str]:
        lost = cluster_rows.lost_clusters(self._own_id, now)
        newly = [cluster_id for cluster_id in lost if cluster_id not in self.lost]
        for cluster_id in newly:
            what = "Its supervisor has fallen silent: the machine is off, cut off, or the supervisor was killed."
            cluster_rows.tell_down(cluster_id, lost[cluster_id], what)
        for cluster_id in self.lost - lost.keys():
            cluster_rows.tell_up(cluster_id)
        self.lost = frozenset(lost)
        return newly
