"""What a supervisor does for the clusters of others."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster.peer_clusters import PeerClusters
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID
from synapse.kit.jobs.models import WorkerCluster
from synapse.kit.notices.models import Notice
from tests.integration.synapse.kit.jobs.cluster.rows import dead_process, make_cluster

pytestmark = pytest.mark.django_db(databases=ALIASES)


def _down() -> list[str]:
    return list(Notice.objects.filter(kind="worker_down", resolved_at=None).values_list("key", flat=True))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def own(db: None) -> WorkerCluster:
    return make_cluster()


@pytest.fixture
def peers(own: WorkerCluster, tmp_path: Path, said: list[str]) -> PeerClusters:
    return PeerClusters(str(own.pk), marks=tmp_path, say=said.append)


def test_killed_supervisor_is_buried_once_with_all_it_left(
    peers: PeerClusters, tmp_path: Path, said: list[str]
) -> None:
    dead, living = make_cluster(process_id=dead_process()), make_cluster()
    (tmp_path / str(dead.pk)).mkdir()
    (tmp_path / str(living.pk)).mkdir()
    sleeping = (sys.executable, "-c", "import time; time.sleep(60)")
    with (
        subprocess.Popen(sleeping, env={**os.environ, CLUSTER_ID: str(dead.pk)}) as orphan,
        subprocess.Popen(sleeping, env={**os.environ, CLUSTER_ID: str(living.pk)}) as other,
    ):
        assert peers.check_peers(timezone.now()) == [str(dead.pk)]
        assert peers.check_peers(timezone.now()) == []
        assert orphan.wait(5) != 0
        assert other.poll() is None
        other.kill()

    assert said == [f"Process {orphan.pid} of a supervisor that was killed is ended."]
    assert [path.name for path in tmp_path.iterdir()] == [str(living.pk)]
    assert _down() == [str(dead.pk)]


def test_clock_set_forward_buries_nobody_who_goes_on_writing(
    peers: PeerClusters, own: WorkerCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As by a clock an hour ahead: this very process seems to have begun long after it wrote its row.
    ago = timezone.now() - timedelta(hours=2)
    other = make_cluster(started_at=ago)
    WorkerCluster.objects.filter(pk=own.pk).update(started_at=ago)
    clock = time.monotonic()

    for minute in range(3):
        monkeypatch.setattr(time, "monotonic", lambda minute=minute: clock + 61 * minute)
        WorkerCluster.objects.filter(pk=other.pk).update(seen_at=timezone.now())
        assert peers.check_peers(timezone.now()) == []

    # Whoever has its number now: nobody has heard of the supervisor for a minute.
    monkeypatch.setattr(time, "monotonic", lambda: clock + 61 * 4)
    assert peers.check_peers(timezone.now()) == [str(other.pk)]


def test_silent_cluster_elsewhere_is_told_of_until_it_is_heard_again(peers: PeerClusters) -> None:
    now = timezone.now()
    lost = make_cluster(host="elsewhere", seen_at=now - timedelta(minutes=2))
    make_cluster(host="further", seen_at=now - timedelta(seconds=50))

    assert peers.check_peers(now) == [str(lost.pk)]
    assert peers.check_peers(now) == []
    assert _down() == [str(lost.pk)]
    WorkerCluster.objects.filter(pk=lost.pk).update(seen_at=now)
    assert peers.check_peers(now) == []
    assert _down() == []


def test_peer_that_writes_nothing_for_a_minute_is_silent_by_the_clock_that_nobody_sets(
    peers: PeerClusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    other = make_cluster()
    silent = []
    for seconds in (0.0, 59.9, 60.0):
        now[0] = 1000 + seconds
        silent.append(peers._find_silent_peers([other]))
    other.seen_at += timedelta(seconds=1)
    silent.append(peers._find_silent_peers([other]))

    assert silent == [frozenset(), frozenset(), {str(other.pk)}, frozenset()]
