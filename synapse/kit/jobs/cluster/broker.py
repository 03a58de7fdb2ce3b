"""The queue as a cluster reads it: its own beats first, then the messages for everybody.

What lives here: django-q's broker. What does not: sending a beat and answering it (beat).
"""

import os
from typing import Any

from django.utils import timezone
from django_q.brokers.orm import ORM

from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID


def beat_key(cluster_id: str) -> str:
    """Return the queue key of a cluster's own beats."""
    return f"beat {cluster_id}"


class ClusterBroker(ORM):  # type: ignore[misc]  # django-q is untyped
    """The ORM broker, which also takes the beats of the cluster it works for.

    A beat lies in the same table and goes through the same processes as every message. Under the common key two
    clusters would take each other's, and the one that wakes up second would look dead.
    """

    def dequeue(self) -> Any:
        """Return at most one message as (number, payload), waiting for the poll interval where there is none."""
        return self._take_own_beat() or super().dequeue()

    def _take_own_beat(self) -> list[tuple[int, str]]:
        cluster_id = os.environ.get(CLUSTER_ID)
        if not cluster_id:
            return []
        messages = self.get_connection()
        beat = messages.filter(key=beat_key(cluster_id), lock__lt=timezone.now()).first()
        if beat and messages.filter(pk=beat.pk, lock=beat.lock).update(lock=self.timeout(beat)):
            return [(beat.pk, beat.payload)]
        return []
