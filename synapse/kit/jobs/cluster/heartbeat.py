"""The heartbeat: a message that goes through the queue, and the answer of the worker that takes it.

What lives here: sending a beat, answering it, and the answers that every other task gives by being begun.
What does not: what follows from silence (pulse, supervising).
"""

import os
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signals import pre_execute
from django_q.tasks import async_task

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.cluster.broker import ClusterBroker, beat_key
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID
from synapse.kit.jobs.models import WorkerCluster

BEAT: Final = "synapse.kit.jobs.cluster.heartbeat.answer_beat"

_TIMEOUT_SECONDS: Final = 60
_RECORDED_WITHIN: Final = timedelta(seconds=5)
_ANSWER_EVERY_SECONDS: Final = 1.0

_answered_at = float("-inf")


def answer_beat() -> None:
    """Write that a worker of this process's own cluster took a message; what a beat does."""
    cluster_id = os.environ.get(CLUSTER_ID)
    if cluster_id:
        WorkerCluster.objects.using(BUSINESS_CORE).filter(pk=cluster_id).update(answered_at=timezone.now())


def answer_with_every_task() -> None:
    """Have the workers forked from now on answer with each task they begin, once a second at most."""
    if os.environ.get(CLUSTER_ID):
        pre_execute.connect(_answer_by_task, dispatch_uid="synapse answers")


def send_beat(cluster_id: str) -> int:
    """Put a beat for the cluster's own workers into the queue, instead of any that lies there; return its number."""
    discard_beats(cluster_id)
    async_task(
        BEAT,
        q_options={
            "task_name": "heartbeat",
            "broker": ClusterBroker(list_key=beat_key(cluster_id)),
            "save": False,
            "ack_failure": True,
            "timeout": _TIMEOUT_SECONDS,
        },
    )
    number: int = OrmQ.objects.using(Conf.ORM).filter(key=beat_key(cluster_id)).latest("pk").pk
    return number


@dataclass(slots=True)
class MonitorWatch:
    """Whether the cluster's monitor process still records what workers did: it takes an answered beat out of the queue.

    Its death leaves the same lock behind as a worker's, but the workers go on, and what they did comes again and again.
    """

    _number: int | None = None
    _sent_at: datetime | None = None
    _doubted_at: datetime | None = None

    def watch_beat(self, number: int, sent_at: datetime) -> None:
        """Look out for this beat now."""
        self._number, self._sent_at, self._doubted_at = number, sent_at, None

    @property
    def is_in_doubt(self) -> bool:
        """Say whether an answered beat is being watched: a new one would take its place."""
        return self._doubted_at is not None

    def is_stuck(self, now: datetime, *, answered_at: datetime | None, is_busy: bool) -> bool:
        """Say whether the beat was answered, and for seconds nobody has recorded it; a busy cluster has other work."""
        if self._number is None or is_busy or not (answered_at and self._sent_at and answered_at > self._sent_at):
            self._doubted_at = None
            return False
        if not OrmQ.objects.using(Conf.ORM).filter(pk=self._number).exists():
            self._number = self._doubted_at = None
            return False
        self._doubted_at = self._doubted_at or now
        return now - self._doubted_at > _RECORDED_WITHIN


def discard_beats(cluster_id: str) -> None:
    """Take the cluster's beats out of the queue: an unanswered one has told what it could."""
    OrmQ.objects.using(Conf.ORM).filter(key=beat_key(cluster_id)).delete()


def answered_at(cluster_id: str) -> datetime | None:
    """Return when a worker of the cluster last answered."""
    rows = WorkerCluster.objects.using(BUSINESS_CORE).filter(pk=cluster_id)
    found: datetime | None = rows.values_list("answered_at", flat=True).get()
    return found


def _answer_by_task(**_: object) -> None:
    global _answered_at  # noqa: PLW0603  # one worker process, one clock
    if time.monotonic() - _answered_at < _ANSWER_EVERY_SECONDS:
        return
    _answered_at = time.monotonic()
    try:
        answer_beat()
    except (DatabaseError, InterfaceError):
        # The task itself will say so; an exception here would end the worker instead.
        _answered_at = float("-inf")
