"""How each part is judged, from what was read."""

from datetime import datetime, timedelta

import pytest

from synapse.console.health.business_core_parts import broker_part, worker_part
from synapse.console.health.facts import Facts
from synapse.kit.jobs.cluster_health import ClusterState
from synapse.kit.panels.health import Status
from tests.unit.synapse.console.health.standings import NOW, ago, cluster

UP, STARTING, DOWN, STOPPED = ClusterState.UP, ClusterState.STARTING, ClusterState.DOWN, ClusterState.STOPPED


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([], Status.LATE),
        ([UP], Status.OK),
        ([UP, UP], Status.OK),
        ([UP, DOWN], Status.LATE),
        ([STARTING], Status.LATE),
        ([DOWN], Status.FAILING),
        ([STOPPED], Status.FAILING),
        ([ClusterState.NOT_ANSWERING], Status.FAILING),
    ],
)
def test_the_worker_part_says_whether_a_cluster_takes_jobs(states: list[ClusterState], status: Status) -> None:
    assert worker_part([cluster(state) for state in states], NOW).status is status


def test_the_workers_age_is_that_of_the_newest_answer() -> None:
    clusters = [cluster(UP, answered_at=ago(seconds=50)), cluster(UP, answered_at=ago(seconds=9)), cluster(STARTING)]

    assert worker_part(clusters, NOW).age == timedelta(seconds=9)


@pytest.mark.parametrize(
    ("since", "status"), [(None, Status.OK), (ago(minutes=5), Status.OK), (ago(seconds=301), Status.LATE)]
)
def test_the_broker_is_late_when_a_message_waits_for_long(since: datetime | None, status: Status) -> None:
    assert broker_part(Facts(waiting=int(since is not None), waiting_since=since), NOW).status is status


@pytest.mark.parametrize(
    ("count", "messages"), [(1, "1 message waits for a worker."), (2, "2 messages wait for a worker.")]
)
def test_one_and_many_messages_are_said_as_people_say_them(count: int, messages: str) -> None:
    assert broker_part(Facts(waiting=count, waiting_since=ago(minutes=1)), NOW).sentence == messages
