"""A process supervisor: starts programs, restarts those that end with exponential back-off, stops them all.

Used by the command `start`, for the web server and the worker, and for each cluster of workers (kit.jobs.cluster).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final, Self

from synapse.foundation.processes.parent_death import end_with_parent

_POLL_SECONDS: Final = 0.2
_FIRST_BACK_OFF_SECONDS: Final = 1.0
_MAX_BACK_OFF_SECONDS: Final = 30.0
_STEADY_SECONDS: Final = 60.0
"""After a child ran this long its back-off starts from the beginning: it is not in a crash loop."""
_STOP_TIMEOUT_SECONDS: Final = 15.0
_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequestedError(BaseException):
    """This process was asked to stop; like KeyboardInterrupt it passes every `except Exception`."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program to keep running: its name for people, its command line, and what it inherits.

    `variables` are added to this process's environment; `stop_seconds` is how long it may take to end, where that is
    more than every program gets.
    """

    name: str
    command: Sequence[str]
    descriptors: Sequence[int] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    stop_seconds: float = 0.0


@contextmanager
def raise_on_stop_signals() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and a closed terminal into StopRequestedError, once: while stopping they change nothing."""

    def _raise_stop(_number: int, _frame: FrameType | None) -> None:
        # Ignored from here on: a second Ctrl-C must not interrupt the stopping.
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise StopRequestedError

    before = {number: signal.signal(number, _raise_stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Supervisor:
    """Run programs, each in a process group of its own, until told to stop."""

    def __init__(self, programs: Sequence[Program], *, folder: Path, say: Callable[[str], None]) -> None:
        self._children = [Child(program, folder=folder, say=say) for program in programs]

    def __enter__(self) -> Self:
        for child in self._children:
            child.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self) -> None:
        """Restart what ends, for ever; only an exception, as from raise_on_stop_signals, returns from here."""
        pause = threading.Event()
        while True:
            for child in self._children:
                child.restart_if_ended()
            pause.wait(_POLL_SECONDS)

    def stop(self) -> None:
        """Send every child SIGTERM; kill it, and its process group, after 15 s or its own longer time."""
        for child in self._children:
            child.terminate()
        # One deadline each from the same moment: the children end side by side, not one after the other.
        asked_at = time.monotonic()
        for child in self._children:
            deadline = asked_at + max(_STOP_TIMEOUT_SECONDS, child.stop_seconds)
            child.wait_and_kill(timeout_seconds=max(0.0, deadline - time.monotonic()))


class Child:
    """One program's process, the leader of a group of its own, and when it may start again."""

    def __init__(self, program: Program, *, folder: Path, say: Callable[[str], None]) -> None:
        self._program = program
        self._folder = folder
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._back_off_seconds = _FIRST_BACK_OFF_SECONDS

    @property
    def process_id(self) -> int | None:
        """The process's id, which is its group's too; None while there is none."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Say whether the process is there and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def stop_seconds(self) -> float:
        """How long the program asks to be given for its end."""
        return self._program.stop_seconds

    def start(self) -> None:
        """Start the process."""
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603 - the command line is this project's own
            self._program.command,
            cwd=self._folder,
            env={**os.environ, **self._program.variables},
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(self._program.descriptors),
            # A group of its own: the terminal's Ctrl-C reaches this process alone, which ends its children in order.
            process_group=0,
            preexec_fn=partial(end_with_parent, os.getpid()),  # noqa: PLW1509 - this process has one thread when it starts children
        )

    def restart_if_ended(self) -> None:
        """Plan a restart where the process has ended, and start it again once the back-off is over."""
        if self._process is None:
            if time.monotonic() >= self._start_again_at:
                self.start()
            return
        exit_code = self._process.poll()
        if exit_code is not None:
            self._plan_restart(exit_code)

    def _plan_restart(self, exit_code: int) -> None:
        # What it left of its group, before the next one starts.
        self.wait_and_kill(timeout_seconds=0)
        if time.monotonic() - self._started_at >= _STEADY_SECONDS:
            self._back_off_seconds = _FIRST_BACK_OFF_SECONDS
        how = f"killed by {signal.Signals(-exit_code).name}" if exit_code < 0 else f"exit {exit_code}"
        self._say(f"The {self._program.name} ended ({how}); it starts again in {self._back_off_seconds:.0f} s.")
        self._start_again_at = time.monotonic() + self._back_off_seconds
        self._back_off_seconds = min(2 * self._back_off_seconds, _MAX_BACK_OFF_SECONDS)

    def terminate(self) -> None:
        """Send SIGTERM, and wait for nothing."""
        # The leader only: it ends its own children in its own order.
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_and_kill(self, *, timeout_seconds: float) -> None:
        """Wait for the process, then kill what is left of its group."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_seconds)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
