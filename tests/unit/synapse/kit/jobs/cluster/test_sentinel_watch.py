"""What a sentinel has under it: processes that vanish without a mark, workers that nobody replaces."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from synapse.kit.jobs.cluster import sentinel_watch
from synapse.kit.jobs.cluster.sentinel_watch import SentinelWatch

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LEADER = 10


def _workers(*process_ids: int, state: str = "idle") -> list[dict[str, Any]]:
    return [{"pid": process_id, "state": state} for process_id in process_ids]


def _present(monkeypatch: pytest.MonkeyPatch, *process_ids: int) -> None:
    monkeypatch.setattr(sentinel_watch, "_sentinel_child_ids", lambda _: set(process_ids))


def test_process_without_a_mark_that_vanishes_is_lost_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SentinelWatch(workers=2)
    _present(monkeypatch, 11, 12, 21)
    assert found.find_lost_processes(LEADER, _workers(11, 12)) == ()
    _present(monkeypatch, 11, 12, 22)

    assert found.find_lost_processes(LEADER, _workers(11, 12)) == (21,)
    assert found.find_lost_processes(LEADER, _workers(11, 12)) == ()


def test_worker_that_marks_itself_and_ends_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SentinelWatch(workers=1)
    _present(monkeypatch, 11)
    assert found.find_lost_processes(LEADER, []) == ()
    assert found.find_lost_processes(LEADER, _workers(11)) == ()
    _present(monkeypatch)

    assert found.find_lost_processes(LEADER, []) == ()


def test_processes_of_a_cluster_that_is_gone_are_not_lost_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SentinelWatch(workers=1)
    _present(monkeypatch, 21)
    found.find_lost_processes(LEADER, [])
    _present(monkeypatch, 31)

    assert found.find_lost_processes(LEADER + 1, []) == ()


def test_workers_that_are_missing_for_long_are_abandoned() -> None:
    found = SentinelWatch(workers=2)
    entries = _workers(11) + _workers(12, state="killed")

    assert not found.is_sentinel_stuck(NOW, entries)
    assert not found.is_sentinel_stuck(NOW + timedelta(seconds=15), entries)
    assert found.is_sentinel_stuck(NOW + timedelta(seconds=15.01), entries)


def test_replaced_worker_ends_the_doubt() -> None:
    found = SentinelWatch(workers=2)
    found.is_sentinel_stuck(NOW, _workers(11))
    found.is_sentinel_stuck(NOW + timedelta(seconds=10), _workers(11, 13))

    assert not found.is_sentinel_stuck(NOW + timedelta(seconds=20), _workers(11))


def test_cluster_that_is_not_running_has_no_processes() -> None:
    assert sentinel_watch._sentinel_child_ids(None) == set()


def test_children_of_a_leaders_children_are_its_sentinels_processes() -> None:
    grandchild = "import time; print('up', flush=True); time.sleep(60)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, process_group=0) as sentinel:
        assert sentinel.stdout is not None
        sentinel.stdout.readline()
        try:
            found = sentinel_watch._sentinel_child_ids(os.getpid())

            assert {process.pid for process in psutil.Process(sentinel.pid).children()} <= found
            assert sentinel.pid not in found
        finally:
            os.killpg(sentinel.pid, signal.SIGKILL)
