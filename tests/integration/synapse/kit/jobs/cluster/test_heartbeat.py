"""A beat goes through the queue to its own cluster's workers, and only their answer counts."""

from typing import Any

import pytest
from django_q.models import OrmQ
from django_q.signals import pre_execute
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster import heartbeat
from synapse.kit.jobs.cluster.broker import ClusterBroker
from synapse.kit.jobs.cluster.heartbeat import answer_beat, connect_task_answers, send_heartbeat
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID
from synapse.kit.jobs.models import WorkerCluster
from tests.integration.synapse.kit.jobs.cluster.rows import make_cluster

pytestmark = pytest.mark.django_db(databases=ALIASES)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> WorkerCluster:
    """Return the cluster that this process works for."""
    cluster = make_cluster(answered_at=None)
    monkeypatch.setenv(CLUSTER_ID, str(cluster.pk))
    return cluster


def _taken() -> list[Any]:
    """Take messages as a cluster's pusher does, until none is left."""
    found: list[Any] = []
    while OrmQ.objects.exists() and (messages := ClusterBroker().dequeue()):
        found += [SignedPackage.loads(payload)["func"] for _, payload in messages]
    return found


def _answered(cluster: WorkerCluster) -> bool:
    cluster.refresh_from_db()
    return cluster.answered_at is not None


def test_beat_is_taken_before_the_jobs_of_a_long_queue(own: WorkerCluster) -> None:
    async_task("builtins.print")
    send_heartbeat(str(own.pk))

    assert _taken() == [heartbeat.BEAT, "builtins.print"]


@pytest.mark.usefixtures("own")
def test_beat_of_another_cluster_is_left_to_it() -> None:
    send_heartbeat(str(make_cluster().pk))

    assert _taken() == []


def test_process_of_no_supervised_cluster_takes_jobs_and_no_beat() -> None:
    async_task("builtins.print")
    send_heartbeat(str(make_cluster().pk))

    assert _taken() == ["builtins.print"]


def test_answer_is_the_own_clusters(own: WorkerCluster) -> None:
    other = make_cluster(answered_at=None)

    answer_beat()

    assert (_answered(own), _answered(other)) == (True, False)


def test_every_task_that_begins_answers_too(own: WorkerCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_answered_at", float("-inf"))
    connect_task_answers()
    try:
        pre_execute.send(sender="django_q", func=None, task={})
    finally:
        pre_execute.disconnect(dispatch_uid="synapse answers")

    assert _answered(own)


def test_unanswered_beats_do_not_pile_up(own: WorkerCluster) -> None:
    send_heartbeat(str(own.pk))
    second = send_heartbeat(str(own.pk))

    assert list(OrmQ.objects.values_list("pk", flat=True)) == [second]
