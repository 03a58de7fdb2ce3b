"""Which workers were killed, told from their marks and from the processes that live; which processes are strays."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from synapse.kit.jobs.cluster import processes
from synapse.kit.jobs.cluster.processes import ClusterProcesses, kill_orphans
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID, Mark, read_marks

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def cluster(tmp_path: Path) -> ClusterProcesses:
    made = ClusterProcesses("a cluster", folder=tmp_path, marks=tmp_path, say=print)
    # A look starts what does not run; these tests need no real cluster.
    made._child._start_again_at = float("inf")
    return made


def _mark(folder: Path, process_id: int, doing: str = "") -> None:
    (folder / str(process_id)).write_text(f'"{doing}"')


def _living(monkeypatch: pytest.MonkeyPatch, *process_ids: int) -> None:
    monkeypatch.setattr(ClusterProcesses, "_descendant_ids", staticmethod(lambda _: set(process_ids)))


def test_worker_whose_mark_outlives_it_was_killed(
    cluster: ClusterProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mark(tmp_path, 11)
    _mark(tmp_path, 12, "import primary")
    _living(monkeypatch, 11, 12)
    assert cluster.observe_change(NOW).killed == ()
    _living(monkeypatch, 11)

    change = cluster.observe_change(NOW + timedelta(seconds=1))

    assert change.killed == (12,)
    assert [(entry["pid"], entry["state"]) for entry in cluster.worker_entries()] == [(11, "idle"), (12, "killed")]
    assert cluster.observe_change(NOW + timedelta(seconds=2)).killed == ()


def test_worker_that_ended_properly_while_it_was_looked_for_was_not_killed(
    cluster: ClusterProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _living(monkeypatch)
    monkeypatch.setattr(processes, "read_marks", lambda _: {11: Mark(11, "")})

    assert cluster.observe_change(NOW).killed == ()


def test_worker_that_starts_while_the_others_are_looked_for_was_not_killed(
    cluster: ClusterProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _list_and_start(_: object) -> set[int]:
        living = {int(path.name) for path in tmp_path.iterdir()}
        _mark(tmp_path, 12)
        return living

    _mark(tmp_path, 11)
    monkeypatch.setattr(ClusterProcesses, "_descendant_ids", staticmethod(_list_and_start))

    assert cluster.observe_change(NOW).killed == ()
    assert set(read_marks(tmp_path)) == {11, 12}


def test_killed_worker_is_shown_for_ten_minutes(
    cluster: ClusterProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mark(tmp_path, 11)
    _living(monkeypatch)
    cluster.observe_change(NOW)

    cluster.observe_change(NOW + timedelta(minutes=10) - timedelta(seconds=1))
    assert len(cluster.worker_entries()) == 1
    cluster.observe_change(NOW + timedelta(minutes=10))
    assert cluster.worker_entries() == []


def test_since_is_when_a_worker_began_what_it_does(
    cluster: ClusterProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _living(monkeypatch, 11)
    _mark(tmp_path, 11, "import primary")
    cluster.observe_change(NOW)

    cluster.observe_change(NOW + timedelta(minutes=1))
    assert cluster.busy_worker_count == 1
    assert cluster.worker_entries()[0]["since"] == NOW.isoformat()
    _mark(tmp_path, 11)
    cluster.observe_change(NOW + timedelta(minutes=2))
    assert cluster.busy_worker_count == 0
    assert cluster.worker_entries()[0]["since"] == (NOW + timedelta(minutes=2)).isoformat()


def test_stray_is_what_carries_the_clusters_name_and_descends_from_no_leader() -> None:
    sleeping = (sys.executable, "-c", "import time; time.sleep(60)")
    environment = {**os.environ, CLUSTER_ID: "the cluster of this test"}
    with subprocess.Popen(sleeping, env=environment) as stray, subprocess.Popen(sleeping) as other:
        assert kill_orphans("the cluster of this test", leader=os.getpid()) == []
        assert kill_orphans("the cluster of this test", leader=other.pid) == [stray.pid]
        assert stray.wait(5) != 0
        assert other.poll() is None
        other.kill()


class Leader:
    """Stands for the cluster's command: its process ids, look by look."""

    def __init__(self, *process_ids: int | None) -> None:
        self._process_ids = list(process_ids)
        self.started = 0

    @property
    def process_id(self) -> int | None:
        return self._process_ids[0]

    def restart_if_ended(self) -> None:
        del self._process_ids[0]

    def start(self) -> None:
        self.started += 1


def test_end_and_start_of_the_command_are_each_told_once(
    cluster: ClusterProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    _living(monkeypatch)
    cluster._child = Leader(7, 7, None, None, 8, 8)  # type: ignore[assignment]  # as much of a child as a look needs

    changes = [cluster.observe_change(NOW) for _ in range(5)]

    assert [(change.ended, change.started) for change in changes] == [
        (False, False),
        (True, False),
        (False, False),
        (False, True),
        (False, False),
    ]


def test_members_of_a_killed_cluster_are_still_known(
    cluster: ClusterProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster._child = Leader(7, 7, None)  # type: ignore[assignment]  # as above
    _living(monkeypatch, 11, 12)
    cluster.observe_change(NOW)
    _living(monkeypatch)
    cluster.observe_change(NOW)

    assert cluster.leader_id is None
    assert cluster.member_ids == {7, 11, 12}


def test_folder_of_the_marks_is_made_with_the_folders_above_it(tmp_path: Path) -> None:
    marks = tmp_path / "not" / "there" / "yet"
    made = ClusterProcesses("a cluster", folder=tmp_path, marks=marks, say=print)
    made._child = leader = Leader(None)  # type: ignore[assignment]  # as above

    made.start()
    made.start()

    assert marks.is_dir()
    assert leader.started == 2
