"""The heartbeat: a message that goes through the queue, and the answer of the worker that takes it.

The supervisor sends it; a worker answers by writing `answered_at` into its cluster's row. Every other task that a
worker begins counts as an answer too. What follows where none comes is decided in liveness.py.
"""

import os
import time
from datetime import datetime
from typing import Final

from django.db import DatabaseError, InterfaceError
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signals import pre_execute
from django_q.tasks import async_task

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.jobs.cluster.broker import ClusterBroker, heartbeat_key
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID
from synapse.kit.jobs.models import WorkerCluster

# Unlike a run's message this name need not stay: a cluster reads only heartbeats under its own id, and a cluster's row
# is new at each start.
BEAT: Final = "synapse.kit.jobs.cluster.heartbeat.answer_beat"

_TIMEOUT_SECONDS: Final = 60
_ANSWER_INTERVAL_SECONDS: Final = 1.0

_answered_at = float("-inf")


def answer_beat() -> None:
    """Write that a worker of this process's cluster took a message: the task that a heartbeat's message names."""
    cluster_id = os.environ.get(CLUSTER_ID)
    if cluster_id:
        WorkerCluster.objects.using(BUSINESS_CORE).filter(pk=cluster_id).update(answered_at=timezone.now())


def connect_task_answers() -> None:
    """Have the workers forked from now on answer with each task they begin, once a second at most."""
    if os.environ.get(CLUSTER_ID):
        pre_execute.connect(_answer_at_task_start, dispatch_uid="synapse answers")


def send_heartbeat(cluster_id: str) -> int:
    """Queue a heartbeat for the cluster's own workers, instead of any that is still there; return its number."""
    delete_heartbeats(cluster_id)
    async_task(
        BEAT,
        q_options={
            "task_name": "heartbeat",
            "broker": ClusterBroker(list_key=heartbeat_key(cluster_id)),
            "save": False,
            "ack_failure": True,
            "timeout": _TIMEOUT_SECONDS,
        },
    )
    number: int = OrmQ.objects.using(Conf.ORM).filter(key=heartbeat_key(cluster_id)).latest("pk").pk
    return number


def delete_heartbeats(cluster_id: str) -> None:
    """Delete the cluster's heartbeats from the queue, so that unanswered ones do not pile up."""
    OrmQ.objects.using(Conf.ORM).filter(key=heartbeat_key(cluster_id)).delete()


def read_last_answer_time(cluster_id: str) -> datetime | None:
    """Return when a worker of the cluster last answered; None before its first answer."""
    rows = WorkerCluster.objects.using(BUSINESS_CORE).filter(pk=cluster_id)
    found: datetime | None = rows.values_list("answered_at", flat=True).get()
    return found


def _answer_at_task_start(**_: object) -> None:
    global _answered_at  # noqa: PLW0603  # one worker process, one clock
    if time.monotonic() - _answered_at < _ANSWER_INTERVAL_SECONDS:
        return
    _answered_at = time.monotonic()
    try:
        answer_beat()
    except (DatabaseError, InterfaceError):
        # The task itself will say so; an exception here would end the worker instead.
        _answered_at = float("-inf")
