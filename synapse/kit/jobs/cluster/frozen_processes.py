"""Frozen processes of a cluster: stopped by SIGSTOP or a debugger, alive and doing nothing.

Called by cluster_supervisor.py, which kills them. Such a process keeps what it holds: its run's advisory lock, so that
nobody takes the run over, or the lock of the queue between the cluster's processes. No heartbeat finds a busy worker or
a sentinel in this state, and a time limit's SIGTERM is delivered only when the process continues; SIGKILL works at
once.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import psutil

_STOPPED_STATES: Final = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})


@dataclass(slots=True)
class FrozenProcesses:
    """Since when which processes of one cluster are stopped; `patience` is how long they may be."""

    patience: timedelta
    _since: dict[int, datetime] = field(default_factory=dict)

    def find_overdue(self, processes: Iterable[int], now: datetime) -> frozenset[int]:
        """Return those of the processes that have been seen stopped for longer than the patience."""
        stopped = [process for process in processes if _is_stopped(process)]
        # Rebuilt at each look: a process that continued in between starts from zero.
        self._since = {process: self._since.get(process, now) for process in stopped}
        return frozenset(process for process, since in self._since.items() if now - since > self.patience)

    def restart_clocks(self) -> None:
        """Count anew: this supervisor was frozen itself, and the others may not all have been continued yet."""
        self._since = {}


def is_worker_or_descendant(process: int, workers: Container[int]) -> bool:
    """Say whether the process is one of the workers or a descendant of one, as a program that a job started."""
    try:
        line = [process, *(parent.pid for parent in psutil.Process(process).parents())]
    except psutil.NoSuchProcess:
        # Gone since it was seen: nothing else of the cluster is frozen because of it.
        return True
    return any(ancestor in workers for ancestor in line)


def _is_stopped(process: int) -> bool:
    try:
        return psutil.Process(process).status() in _STOPPED_STATES
    except psutil.NoSuchProcess:
        return False
