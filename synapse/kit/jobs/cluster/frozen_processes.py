"""Processes of a cluster that stand still and do not die, as under SIGSTOP or a debugger.

What lives here: noticing them. What does not: what follows (supervising).
Such a process keeps all it has: its run's lock, so that nobody takes the run up, or the queue's. A busy worker or a
sentinel is asked for no sign of life; a time limit's SIGTERM waits until the process goes on. Only SIGKILL is at once.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import psutil

_STOPPED_STATES: Final = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})


@dataclass(slots=True)
class FrozenProcesses:
    """Which processes of one cluster stand still; `patience` is for how long they may."""

    patience: timedelta
    _since: dict[int, datetime] = field(default_factory=dict)

    def find_overdue(self, processes: Iterable[int], now: datetime) -> frozenset[int]:
        """Return those of the processes that have been seen standing still for longer than that."""
        still = [process for process in processes if _is_stopped(process)]
        self._since = {process: self._since.get(process, now) for process in still}
        return frozenset(process for process, since in self._since.items() if now - since > self.patience)

    def restart_clocks(self) -> None:
        """Count anew: this process stood still itself, and whoever woke it may not have woken all the others yet."""
        self._since = {}


def is_of_workers(process: int, workers: Container[int]) -> bool:
    """Say whether the process is one of the workers, or was started by one, as a job's program is."""
    try:
        line = [process, *(parent.pid for parent in psutil.Process(process).parents())]
    except psutil.NoSuchProcess:
        return True
    return any(ancestor in workers for ancestor in line)


def _is_stopped(process: int) -> bool:
    try:
        return psutil.Process(process).status() in _STOPPED_STATES
    except psutil.NoSuchProcess:
        return False
