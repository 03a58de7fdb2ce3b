"""How a cluster stands, from what its supervisor and its workers have written."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, read_cluster_health
from tests.integration.synapse.kit.jobs.cluster.rows import dead_process, make_cluster, worker_entry

pytestmark = pytest.mark.django_db(databases=ALIASES)


def _ago(**duration: float) -> object:
    return timezone.now() - timedelta(**duration)


def _only() -> ClusterHealth:
    (standing,) = read_cluster_health(timezone.now())
    return standing


def test_cluster_that_answers_is_up() -> None:
    make_cluster(workers=[worker_entry("idle"), worker_entry("busy", doing="import primary")])

    standing = _only()

    assert standing.is_up
    assert standing.sentence == "2 worker processes, 1 of them at work."
    assert [(worker.state, worker.doing) for worker in standing.workers] == [("idle", ""), ("busy", "import primary")]


def test_cluster_is_up_though_the_clock_was_set_forward_since_it_began() -> None:
    make_cluster(started_at=_ago(hours=2), workers=[worker_entry("idle")])

    assert _only().is_up


def test_cluster_that_has_never_answered_is_starting() -> None:
    make_cluster(answered_at=None)

    assert _only().state is ClusterState.STARTING


def test_killed_worker_is_told_until_another_has_answered() -> None:
    cluster = make_cluster(answered_at=_ago(seconds=5), workers=[worker_entry("idle"), worker_entry("killed")])

    before = _only()
    type(cluster).objects.update(answered_at=timezone.now())
    after = _only()

    assert before.state is ClusterState.NOT_ANSWERING
    assert "was killed" in before.sentence
    assert after.is_up
    assert after.sentence == "1 worker process, none of them at work. 1 killed lately and replaced."
    assert [worker.is_up for worker in after.workers] == [True, False]


def test_cluster_without_an_answer_for_longer_than_a_heartbeat_is_not_answering() -> None:
    make_cluster(answered_at=_ago(seconds=50), workers=[worker_entry("idle"), worker_entry("busy")])

    standing = _only()

    assert standing.state is ClusterState.NOT_ANSWERING
    assert standing.sentence == "No worker has answered for 50 s."


def test_cluster_whose_workers_are_all_busy_need_not_answer() -> None:
    make_cluster(answered_at=_ago(hours=1), workers=[worker_entry("busy"), worker_entry("busy")])

    assert _only().is_up


def test_cluster_whose_command_ended_is_not_answering() -> None:
    make_cluster(cluster_process_id=None, answered_at=None, restarts=1, trouble="It was stuck.")

    standing = _only()

    assert standing.state is ClusterState.NOT_ANSWERING
    assert standing.sentence.endswith("It was stuck.")


def test_killed_supervisor_is_down_at_once() -> None:
    make_cluster(process_id=dead_process(), workers=[worker_entry("idle")])

    standing = _only()

    assert standing.state is ClusterState.DOWN
    assert "was killed" in standing.sentence
    assert standing.workers == ()


def test_process_that_got_a_dead_supervisors_number_is_not_it() -> None:
    make_cluster(started_at=_ago(days=1), seen_at=_ago(seconds=31))

    assert _only().state is ClusterState.DOWN


def test_supervisor_elsewhere_is_down_when_it_has_not_been_seen() -> None:
    make_cluster(host="elsewhere", process_id=1, seen_at=_ago(seconds=29))
    make_cluster(host="elsewhere", process_id=1, seen_at=_ago(seconds=31))

    assert [standing.state for standing in read_cluster_health(timezone.now())] == [ClusterState.UP, ClusterState.DOWN]


def test_stopped_cluster_is_shown_while_there_is_no_other() -> None:
    make_cluster(stopped_at=_ago(hours=30))
    last = make_cluster(stopped_at=_ago(minutes=3))

    alone = _only()
    living = make_cluster()

    assert (alone.cluster, alone.state) == (last, ClusterState.STOPPED)
    assert alone.sentence == "Stopped 3 minutes ago."
    assert _only().cluster == living


def test_no_cluster_ever_is_an_empty_list() -> None:
    assert read_cluster_health(timezone.now()) == []


def test_all_clusters_take_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_cluster(workers=[worker_entry("idle")])

    with django_assert_num_queries(1):
        assert len(read_cluster_health(timezone.now())) == 5
