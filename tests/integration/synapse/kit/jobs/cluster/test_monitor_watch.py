"""An answered heartbeat that stays in the queue means that the cluster's monitor is stuck."""

from datetime import UTC, datetime, timedelta

import pytest
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster.heartbeat import send_heartbeat
from synapse.kit.jobs.cluster.monitor_watch import MonitorWatch
from synapse.kit.jobs.models import WorkerCluster
from tests.integration.synapse.kit.jobs.cluster.rows import make_cluster

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db(databases=ALIASES)


@pytest.fixture
def own() -> WorkerCluster:
    """Return the cluster whose monitor is watched."""
    return make_cluster(answered_at=None)


def _is_stuck(watch: MonitorWatch, seconds: float, *, answered: float | None, busy: bool = False) -> bool:
    answered_at = None if answered is None else NOW + timedelta(seconds=answered)
    return watch.is_stuck(NOW + timedelta(seconds=seconds), answered_at=answered_at, is_busy=busy)


@pytest.fixture
def watch(own: WorkerCluster) -> MonitorWatch:
    made = MonitorWatch()
    made.watch_heartbeat(send_heartbeat(str(own.pk)), NOW)
    return made


def test_answered_beat_that_stays_in_the_queue_is_stuck_after_seconds(watch: MonitorWatch) -> None:
    assert not _is_stuck(watch, 2, answered=1)
    assert not _is_stuck(watch, 6, answered=1)
    assert _is_stuck(watch, 8, answered=1)


def test_beat_that_nobody_answered_since_is_no_matter_of_the_monitor(watch: MonitorWatch) -> None:
    assert not _is_stuck(watch, 2, answered=-1)
    assert not _is_stuck(watch, 60, answered=None)


def test_acknowledged_beat_is_fine(watch: MonitorWatch) -> None:
    _is_stuck(watch, 2, answered=1)
    OrmQ.objects.all().delete()

    assert not _is_stuck(watch, 60, answered=1)


def test_busy_cluster_is_given_all_the_time(watch: MonitorWatch) -> None:
    _is_stuck(watch, 2, answered=1)

    assert not _is_stuck(watch, 60, answered=1, busy=True)
    assert not _is_stuck(watch, 61, answered=1)
    assert _is_stuck(watch, 70, answered=1)
