"""The supervisor's row, those of killed supervisors, and the notice that workers are down."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster import cluster_rows as records
from synapse.kit.jobs.cluster.heartbeat import send_heartbeat
from synapse.kit.notices.models import Notice
from tests.integration.synapse.kit.jobs.cluster.rows import dead_process, make_cluster, worker_entry

pytestmark = pytest.mark.django_db(databases=ALIASES)


def _down() -> list[str]:
    return list(Notice.objects.filter(kind="worker_down", resolved_at=None).values_list("key", flat=True))


def test_row_of_a_killed_supervisor_of_this_machine_is_closed() -> None:
    killed, living = make_cluster(process_id=dead_process()), make_cluster()
    send_heartbeat(str(killed.pk))

    closed = records.close_dead_clusters([killed, living], timezone.now(), silent=())

    killed.refresh_from_db()
    living.refresh_from_db()
    assert closed == [killed]
    assert killed.stopped_at is not None
    assert "was killed" in killed.trouble
    assert living.stopped_at is None
    assert not OrmQ.objects.exists()


def test_row_of_another_machine_is_closed_after_an_hour_of_silence() -> None:
    now = timezone.now()
    silent = make_cluster(host="elsewhere", seen_at=now - timedelta(minutes=61))
    heard = make_cluster(host="elsewhere", seen_at=now - timedelta(minutes=59))
    both = [silent, heard]

    assert records.close_dead_clusters(both, now, silent=()) == []  # the clock may have been set a moment ago
    assert records.close_dead_clusters(both, now, silent={str(silent.pk), str(heard.pk)}) == [silent]


def test_another_cluster_counts_as_living_while_it_is_seen() -> None:
    now = timezone.now()
    own = make_cluster()

    assert not records.is_another_cluster_alive(str(own.pk), now)
    other = make_cluster(host="elsewhere")
    assert records.is_another_cluster_alive(str(own.pk), now)
    records.write_stop(str(other.pk), now=now)
    assert not records.is_another_cluster_alive(str(own.pk), now)


def test_restart_forgets_the_old_answer() -> None:
    cluster = make_cluster(workers=[worker_entry("idle")])

    records.write_restart(str(cluster.pk), "It was stuck.", now=timezone.now())

    cluster.refresh_from_db()
    assert (cluster.restarts, cluster.trouble, cluster.answered_at) == (1, "It was stuck.", None)


def test_stop_on_purpose_needs_nobody() -> None:
    cluster = make_cluster()
    send_heartbeat(str(cluster.pk))
    records.notify_workers_down(str(cluster.pk), cluster.host, "A worker was killed.")

    records.write_stop(str(cluster.pk), now=timezone.now())

    assert _down() == []
    assert not OrmQ.objects.exists()
