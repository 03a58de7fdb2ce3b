"""Children are restarted when they die, and none outlives the supervisor, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from synapse.foundation.processes import supervisor
from synapse.foundation.processes.supervisor import Program

PROJECT = Path(__file__).resolve().parents[5]

SUPERVISING = """
import sys
from pathlib import Path
from synapse.foundation.processes.supervisor import Program, StopRequestedError, Supervisor, raise_on_stop_signals
child = Program(name="worker", command=(sys.executable, "-c", sys.argv[1]))
with raise_on_stop_signals():
    try:
        with Supervisor([child], folder=Path.cwd(), say=lambda sentence: print(sentence, flush=True)) as supervisor:
            supervisor.run()
    except StopRequestedError:
        print("stopped", flush=True)
"""
QUIET = "print('up', flush=True); import time; time.sleep(600)"
WITH_CHILDREN = """
import multiprocessing, time
from synapse.foundation.processes.parent_death import end_children_with_this_process
end_children_with_this_process()
inner = "import time; time.sleep(600)"
context = multiprocessing.get_context("fork")
def middle():
    context.Process(target=time.sleep, args=(600,)).start()
    time.sleep(600)
context.Process(target=middle).start()
time.sleep(0.3)
print("up", flush=True)
time.sleep(600)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


@contextmanager
def _supervising(child: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISING, child], cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert _line(process) == "up"
        try:
            yield process
        finally:
            process.kill()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _descendants(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def _wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def _are_gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def test_child_that_dies_is_started_again() -> None:
    with _supervising(QUIET) as supervisor:
        (child,) = _descendants(supervisor)
        child.kill()

        assert _line(supervisor) == "The worker ended (killed by SIGKILL); it starts again in 1 s."
        assert _line(supervisor) == "up"
        assert [process.pid for process in _descendants(supervisor)] != [child.pid]


def test_child_that_keeps_dying_is_started_less_and_less_often() -> None:
    with _supervising("print('up', flush=True); raise SystemExit(7)") as supervisor:
        lines = [_line(supervisor) for _ in range(3)]

    assert lines[0] == "The worker ended (exit 7); it starts again in 1 s."
    assert lines[2] == "The worker ended (exit 7); it starts again in 2 s."


def test_children_of_a_dead_child_do_not_stay() -> None:
    with _supervising(WITH_CHILDREN) as supervisor:
        before = _descendants(supervisor)
        assert len(before) == 3
        before[0].kill()
        assert _line(supervisor).startswith("The worker ended")
        _wait_until(lambda: _are_gone(before), seconds=3)


def test_stop_leaves_no_process() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with _supervising(WITH_CHILDREN) as supervisor:
            before = _descendants(supervisor)
            supervisor.send_signal(number)
            assert _line(supervisor) == "stopped"
            assert supervisor.wait(5) == 0
            _wait_until(lambda gone=before: _are_gone(gone), seconds=1)  # type: ignore[misc]


def test_killed_supervisor_takes_its_children_with_it() -> None:
    with _supervising(WITH_CHILDREN) as supervisor:
        before = _descendants(supervisor)
        assert len(before) == 3
        supervisor.kill()
        _wait_until(lambda: _are_gone(before), seconds=3)


def test_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    patience = "from synapse.foundation.processes import supervisor\nsupervisor._STOP_TIMEOUT_SECONDS = 0.5\n"
    impatient = SUPERVISING.replace("import sys\n", f"import sys\n{patience}", 1)
    with subprocess.Popen(
        [sys.executable, "-c", impatient, STUBBORN], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert _line(supervisor) == "up"
        children = _descendants(supervisor)
        supervisor.terminate()
        assert supervisor.wait(5) == 0
    assert _are_gone(children)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def test_pauses_before_a_restart_double_up_to_half_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, said = Clock(), list[str]()
    monkeypatch.setattr(supervisor, "time", clock)
    child = supervisor.Child(Program(name="worker", command=()), folder=tmp_path, say=said.append)

    for _ in range(7):
        child._started_at = clock.seconds
        child._plan_restart(1)

    assert [sentence.rpartition(" in ")[2] for sentence in said] == [
        "1 s.",
        "2 s.",
        "4 s.",
        "8 s.",
        "16 s.",
        "30 s.",
        "30 s.",
    ]


def test_child_that_ran_for_a_minute_starts_again_after_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, said = Clock(), list[str]()
    monkeypatch.setattr(supervisor, "time", clock)
    child = supervisor.Child(Program(name="worker", command=()), folder=tmp_path, say=said.append)
    for ran_seconds in (0.0, 59.9, 60.0):
        child._started_at = clock.seconds - ran_seconds
        child._plan_restart(1)

    assert [sentence.rpartition(" in ")[2] for sentence in said] == ["1 s.", "2 s.", "1 s."]


def test_child_is_started_at_the_end_of_its_pause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, started = Clock(), list[float]()
    monkeypatch.setattr(supervisor, "time", clock)
    child = supervisor.Child(Program(name="worker", command=()), folder=tmp_path, say=lambda _sentence: None)
    monkeypatch.setattr(child, "start", lambda: started.append(clock.seconds))
    child._started_at = clock.seconds
    child._plan_restart(1)

    for seconds in (0.99, 1.0):
        clock.seconds = 1000 + seconds
        child.restart_if_ended()

    assert started == [1001.0]
