"""django-q's message broker as a supervised cluster uses it: its own heartbeats first, then the common queue.

Named in settings.Q_CLUSTER. Heartbeats are sent and answered in heartbeat.py.
"""

import os
from typing import Any

from django.utils import timezone
from django_q.brokers.orm import ORM

from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID


def heartbeat_key(cluster_id: str) -> str:
    """Return the queue key under which a cluster's own heartbeats are stored."""
    return f"beat {cluster_id}"


class ClusterBroker(ORM):  # type: ignore[misc]  # django-q is untyped
    """The ORM broker, which also takes the heartbeats of the cluster it works for.

    A heartbeat is stored in the same table and goes through the same processes as every message. Under the common key
    two clusters would take each other's, and the slower one would look dead.
    """

    def dequeue(self) -> Any:
        """Return at most one message as (number, payload), waiting for the poll interval where there is none."""
        return self._take_own_heartbeat() or super().dequeue()

    def _take_own_heartbeat(self) -> list[tuple[int, str]]:
        # Not set where nobody supervises: a `manage.py qcluster` started by hand takes jobs and no heartbeat.
        cluster_id = os.environ.get(CLUSTER_ID)
        if not cluster_id:
            return []
        messages = self.get_connection()
        beat = messages.filter(key=heartbeat_key(cluster_id), lock__lt=timezone.now()).first()
        # A lease by compare-and-set, as the ORM broker does it: the lock's value is the condition of taking it.
        if beat and messages.filter(pk=beat.pk, lock=beat.lock).update(lock=self.timeout(beat)):
            return [(beat.pk, beat.payload)]
        return []
