"""Rounds of a supervisor with made-up processes; tests/faults/jobs kills real ones."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone
from django_q.models import OrmQ

from synapse.foundation.databases import ALIASES
from synapse.kit.jobs.cluster import cluster_rows, cluster_supervisor
from synapse.kit.jobs.cluster.broker import heartbeat_key
from synapse.kit.jobs.cluster.cluster_supervisor import ClusterSupervisor, SupervisionPolicy, _Timers
from synapse.kit.jobs.cluster.processes import Change
from synapse.kit.jobs.models import WorkerCluster
from synapse.kit.notices.models import Notice

pytestmark = pytest.mark.django_db(databases=ALIASES)

POLICY = SupervisionPolicy(workers=2, heartbeat=timedelta(seconds=30), grace=timedelta(seconds=20), stop_seconds=10)


class Processes:
    """A cluster of two idle workers; `changes` are what the next looks find."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.done: list[str] = []
        self.leader_id: int | None = 7
        self.member_ids = frozenset({7, 11, 12})
        self.busy_worker_count = 0
        self.is_running = False
        self.states = {11: "idle", 12: "idle"}

    def worker_entries(self) -> list[dict[str, Any]]:
        since = datetime(2026, 11, 23, 6, 0, tzinfo=UTC).isoformat()
        return [{"pid": pid, "state": state, "since": since, "doing": ""} for pid, state in self.states.items()]

    def observe_change(self, _now: datetime) -> Change:
        return self.changes.pop(0) if self.changes else Change()

    def start(self) -> None:
        self.done.append("started")

    def kill_all(self, *, after_seconds: float, now: datetime) -> None:  # noqa: ARG002  # as the real ones
        self.done.append(f"killed after {after_seconds:g} s")

    def ask_to_end(self) -> None:
        self.done.append("asked to end")


class Mails:
    def begin_round(self, _now: datetime) -> None:
        pass


class Ground:
    """A supervisor, its made-up processes, what it says, and a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        self.supervisor = ClusterSupervisor(POLICY, folder=folder, marks=folder, say=self.said.append)
        self.processes = Processes()
        self.supervisor._processes = self.processes  # type: ignore[assignment]  # as much of them as it asks for
        # Mails go out in a thread of their own, on a connection that sees nothing of this test.
        self.supervisor._mails = Mails()  # type: ignore[assignment]  # as above
        self.now = timezone.now()

    def round(self, change: Change | None = None, *, after: timedelta = timedelta()) -> None:
        self.now += after
        if change is not None:
            self.processes.changes.append(change)
        self.supervisor._supervise_once(self.now)

    def answer(self) -> None:
        self.row.answered_at = self.now
        WorkerCluster.objects.update(answered_at=self.now)

    @property
    def row(self) -> WorkerCluster:
        return WorkerCluster.objects.get()

    @property
    def notices(self) -> list[str]:
        return list(Notice.objects.filter(resolved_at=None).values_list("text", flat=True))


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(cluster_supervisor, "_WRITE_SECONDS", 0)
    monkeypatch.setattr("synapse.kit.jobs.cluster.sentinel_watch._sentinel_child_ids", lambda _: set())
    return Ground(tmp_path)


def test_round_writes_that_the_supervisor_was_here_and_asks_the_workers(ground: Ground) -> None:
    ground.round()

    assert ground.row.seen_at == ground.now
    assert ground.row.cluster_process_id == 7
    assert [worker["pid"] for worker in ground.row.workers] == [11, 12]
    assert ground.supervisor._liveness.asked_at == ground.now
    assert OrmQ.objects.filter(key=heartbeat_key(str(ground.row.pk))).count() == 1
    assert (ground.said, ground.notices, ground.processes.done) == ([], [], [])


@pytest.mark.parametrize(("pause_seconds", "counts_anew"), [(10, False), (10.001, True)])
def test_silence_counts_anew_after_a_pause_of_more_than_ten_seconds(
    ground: Ground, pause_seconds: float, *, counts_anew: bool
) -> None:
    ground.round()

    ground.round(after=timedelta(seconds=pause_seconds))

    assert (ground.supervisor._liveness.alive_at == ground.now) is counts_anew


def test_command_that_ended_is_told_and_counted(ground: Ground) -> None:
    ground.round(Change(ended=True))

    assert (ground.row.restarts, ground.row.answered_at) == (1, None)
    assert "It is started again." in ground.row.trouble
    assert ["It is started again." in text for text in ground.notices] == [True]


def test_killed_worker_is_told_and_the_others_are_asked(ground: Ground) -> None:
    ground.processes.states[12] = "killed"

    ground.round(Change(killed=(12,)))

    assert ground.row.restarts == 0
    assert "The worker process 12 was killed." in ground.row.trouble
    assert Notice.objects.get().title.startswith("A worker was killed on ")
    assert ground.supervisor._liveness.suspected_at == ground.now
    assert ground.said == [ground.row.trouble]


def test_all_workers_killed_are_workers_down(ground: Ground) -> None:
    ground.processes.states = {11: "killed", 12: "killed"}

    ground.round(Change(killed=(11, 12)))

    assert Notice.objects.get().title.startswith("Workers down on ")


def test_silent_workers_are_killed_and_started_again(ground: Ground) -> None:
    for _ in range(59):
        ground.round(after=timedelta(seconds=1))
    assert ground.processes.done == []

    ground.round(after=timedelta(seconds=2))

    assert ground.processes.done == ["killed after 0 s", "started"]
    assert ground.row.restarts == 1
    assert "No worker took a message" in ground.row.trouble
    assert len(ground.notices) == 1


def test_trouble_ends_with_an_answer(ground: Ground) -> None:
    ground.round(Change(killed=(12,)))
    ground.round(after=timedelta(seconds=2))
    assert len(ground.notices) == 1

    ground.now += timedelta(seconds=2)
    ground.answer()
    ground.round()

    assert ground.notices == []
    assert "the others went on" in ground.row.trouble


def test_database_that_is_away_is_told_once_and_silence_counts_anew_when_it_is_back(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def _fail(*_: object, **__: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(connections, "close_all", lambda: None)
    with monkeypatch.context() as patched:
        patched.setattr(cluster_rows, "write_last_seen", _fail)
        ground.round()
        ground.round(after=timedelta(seconds=1))

    ground.round(after=timedelta(seconds=1))

    assert ground.said == ["PostgreSQL is away: the server closed the connection", "PostgreSQL is back."]
    assert ground.supervisor._liveness.alive_at == ground.now


def test_stopped_cluster_is_asked_to_end_and_its_row_closed(ground: Ground) -> None:
    ground.supervisor._stop_cluster()

    assert ground.processes.done == ["asked to end", "killed after 0 s"]
    assert ground.row.stopped_at is not None
    assert (ground.row.workers, ground.row.cluster_process_id) == ([], None)


def test_jobs_at_work_have_their_seconds_to_end(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    ground.processes.is_running = True

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return sum(waited)

        @staticmethod
        def sleep(seconds: float) -> None:
            waited.append(seconds)

    monkeypatch.setattr(cluster_supervisor, "time", Clock)

    ground.supervisor._stop_cluster()

    assert sum(waited) == pytest.approx(10, abs=0.11)


def test_timer_is_due_at_first_and_again_after_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    timers = _Timers()

    assert timers.restart_if_due("write", 2)
    now[0] += 1.99
    assert not timers.restart_if_due("write", 2)
    assert timers.restart_if_due("sweep", 5)
    now[0] += 0.01
    assert timers.restart_if_due("write", 2)
