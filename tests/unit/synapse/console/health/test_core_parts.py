"""How each part is judged, from what was read."""

from datetime import datetime, timedelta

import pytest

from synapse.console.health.core_parts import broker_part, sync_part, validation_part, worker_part
from synapse.console.health.facts import Facts
from synapse.kit.jobs.cluster_health import ClusterState
from synapse.kit.panels.health import Status
from tests.unit.synapse.console.health.standings import NOW, ago, cluster, sync

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
    ("count", "messages", "sources"),
    [
        (1, "1 message waits for a worker.", "1 source was looked at in time."),
        (2, "2 messages wait for a worker.", "2 sources were looked at in time."),
    ],
)
def test_one_and_many_are_said_as_people_say_them(count: int, messages: str, sources: str) -> None:
    syncs = tuple(sync(f"source {number}", checked_at=ago(minutes=1)) for number in range(count))
    facts = Facts(waiting=count, waiting_since=ago(minutes=1), syncs=syncs, sync_cron="*/15 * * * *")

    assert broker_part(facts, NOW).sentence == messages
    assert sync_part(facts, NOW, legacy_is_alive=True).sentence == sources


def test_sync_is_late_where_a_source_was_not_looked_at() -> None:
    syncs = (sync("primary", checked_at=ago(hours=1)), sync("week3", checked_at=ago(minutes=1)))

    part = sync_part(Facts(syncs=syncs, sync_cron="*/15 * * * *"), NOW, legacy_is_alive=True)

    assert (part.status, part.age, part.sentence) == (Status.LATE, timedelta(hours=1), "Not in step: primary.")


@pytest.mark.parametrize("facts", [{"sync_cron": None}, {"sync_cron": "*/15 * * * *", "paused": {"sync-legacy"}}])
def test_sync_that_nobody_wants_by_the_clock_is_not_late(facts: dict[str, object]) -> None:
    known = Facts(syncs=(sync("primary", checked_at=ago(days=9)),), **facts)  # type: ignore[arg-type]

    assert sync_part(known, NOW, legacy_is_alive=True).status is Status.OK


def test_once_the_legacy_side_is_switched_off_sync_is_not_late() -> None:
    known = Facts(syncs=(sync("primary", checked_at=ago(days=9), error="gone"),), sync_cron="*/15 * * * *")

    assert sync_part(known, NOW, legacy_is_alive=False).status is Status.OK


@pytest.mark.parametrize(
    ("validated_at", "passed", "passed_at", "status"),
    [
        (None, True, None, Status.OK),
        (ago(hours=26), True, ago(hours=26), Status.OK),
        (ago(hours=26, seconds=1), True, ago(hours=26, seconds=1), Status.LATE),
        (ago(hours=1), False, ago(hours=25), Status.LATE),
    ],
)
def test_the_validation_is_late_when_the_last_pass_is_old_or_the_last_one_failed(
    validated_at: datetime | None, passed_at: datetime | None, status: Status, *, passed: bool
) -> None:
    part = validation_part(Facts(validated_at=validated_at, validation_passed=passed, passed_at=passed_at), NOW)

    assert part.status is status
    assert part.age == (NOW - passed_at if passed_at else None)
