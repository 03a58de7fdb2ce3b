"""Which processes stand still for too long: real ones, stopped and let go."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from synapse.kit.jobs.cluster.frozen_processes import FrozenProcesses, is_worker_or_descendant

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PATIENCE = timedelta(seconds=20)
LATER = NOW + timedelta(seconds=21)


@pytest.fixture
def process() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as made:
        yield made.pid
        made.kill()


def _send(process: int, number: signal.Signals, *, is_still: bool) -> None:
    os.kill(process, number)
    while (psutil.Process(process).status() == psutil.STATUS_STOPPED) is not is_still:
        time.sleep(0.001)


def test_process_that_stands_still_is_overdue_after_the_patience_alone(process: int) -> None:
    _send(process, signal.SIGSTOP, is_still=True)
    frozen = FrozenProcesses(PATIENCE)

    assert frozen.find_overdue([process, os.getpid()], NOW) == frozenset()
    assert frozen.find_overdue([process, os.getpid()], NOW + PATIENCE) == frozenset()
    assert frozen.find_overdue([process, os.getpid()], LATER) == {process}


def test_process_that_goes_on_meanwhile_is_counted_anew(process: int) -> None:
    _send(process, signal.SIGSTOP, is_still=True)
    frozen = FrozenProcesses(PATIENCE)
    frozen.find_overdue([process], NOW)
    _send(process, signal.SIGCONT, is_still=False)
    frozen.find_overdue([process], NOW + timedelta(seconds=10))
    _send(process, signal.SIGSTOP, is_still=True)

    assert frozen.find_overdue([process], LATER) == frozenset()


def test_who_stood_still_itself_counts_anew(process: int) -> None:
    _send(process, signal.SIGSTOP, is_still=True)
    frozen = FrozenProcesses(PATIENCE)
    frozen.find_overdue([process], NOW)

    frozen.restart_clocks()

    assert frozen.find_overdue([process], LATER) == frozenset()


def test_process_that_is_gone_does_not_stand_still() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    frozen = FrozenProcesses(PATIENCE)
    frozen.find_overdue([gone.pid], NOW)

    assert frozen.find_overdue([gone.pid], LATER) == frozenset()


def test_what_a_worker_started_is_the_workers(process: int) -> None:
    assert is_worker_or_descendant(process, {process})
    assert is_worker_or_descendant(process, {os.getpid()})
    assert not is_worker_or_descendant(os.getpid(), {process})
