"""The processes of one cluster: started as a child of the supervisor, observed, killed as a whole.

Knows no database. The command `qcluster` leads a process group of its own; its worker processes are known by their
marks (worker_marks.py), its orphan processes by the environment variable they inherited.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from synapse.foundation.processes.supervisor import Child, Program
from synapse.kit.jobs.cluster.worker_marks import CLUSTER_ID, MARKS_FOLDER, Mark, has_mark, read_marks, remove_mark

_KILLED_SHOWN_FOR: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Change:
    """What has changed since the last look: the cluster's command ended or was started, workers were killed."""

    ended: bool = False
    started: bool = False
    killed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Worker:
    doing: str
    state: str
    since: datetime

    def as_entry(self, process_id: int) -> dict[str, Any]:
        return {"pid": process_id, "state": self.state, "since": self.since.isoformat(), "doing": self.doing}


class ClusterProcesses:
    """One cluster's command, in a process group of its own, and all processes that come from it."""

    def __init__(self, cluster_id: str, *, folder: Path, marks: Path, say: Callable[[str], None]) -> None:
        self.cluster_id = cluster_id
        self._marks = marks
        program = Program(
            name="cluster of workers",
            command=(sys.executable, "manage.py", "qcluster"),
            variables={CLUSTER_ID: cluster_id, MARKS_FOLDER: str(marks)},
        )
        self._child = Child(program, folder=folder, say=say)
        self._workers: dict[int, _Worker] = {}
        self._killed: dict[int, _Worker] = {}
        self._members: frozenset[int] = frozenset()

    @property
    def leader_id(self) -> int | None:
        """The process id of the cluster's command; None while it waits to be started again."""
        return self._child.process_id

    @property
    def member_ids(self) -> frozenset[int]:
        """The process ids that belonged to the cluster at the last look; they outlast a kill."""
        return self._members

    @property
    def busy_worker_count(self) -> int:
        """How many workers were at work at the last look."""
        return sum(1 for worker in self._workers.values() if worker.state == "busy")

    def worker_entries(self) -> list[dict[str, Any]]:
        """Return the workers as their row keeps them, the ones killed in the last minutes too."""
        known = {**self._killed, **self._workers}
        return [known[process_id].as_entry(process_id) for process_id in sorted(known)]

    def start(self) -> None:
        """Start the cluster's command."""
        self._marks.mkdir(parents=True, exist_ok=True)
        self._child.start()

    def observe_change(self, now: datetime) -> Change:
        """Look after the command and its workers; one that ended is started again after a pause."""
        before = self._child.process_id
        self._child.restart_if_ended()
        after = self._child.process_id
        # The marks first: a worker that starts between the two reads has no mark yet. In the other order it would have
        # a mark and be missing among the living, and so be taken for killed.
        marks = read_marks(self._marks)
        living = self._descendant_ids(after)
        killed = self._note_workers(living, marks, now)
        if after is not None:
            self._members = frozenset(living) | {after}
        if killed:
            # Programs that its job had started would go on, perhaps beside the job's next attempt.
            kill_orphans(self.cluster_id, leader=after)
        return Change(
            ended=before is not None and after is None, started=before is None and after is not None, killed=killed
        )

    @property
    def is_running(self) -> bool:
        """Say whether the cluster's command has not ended."""
        return self._child.is_running

    def ask_to_end(self) -> None:
        """Send SIGTERM to the command: its workers finish the task they are at and then end."""
        self._child.terminate()

    def kill_all(self, *, after_seconds: float, now: datetime) -> None:
        """Kill every process of the cluster that has not ended after so many seconds, those in other groups too."""
        self._members |= frozenset(self._descendant_ids(self._child.process_id))
        self._child.wait_and_kill(timeout_seconds=after_seconds)
        # Processes that left the group, as a program does that a job started in a session of its own.
        kill_orphans(self.cluster_id)
        self._note_workers(set(), read_marks(self._marks), now)

    def _note_workers(
        self, living: set[int] | dict[int, Any], marks: Mapping[int, Mark], now: datetime
    ) -> tuple[int, ...]:
        self._killed = {pid: old for pid, old in self._killed.items() if now - old.since < _KILLED_SHOWN_FOR}
        # Asked again: a worker that ended properly since the marks were read has removed its own by now.
        vanished = tuple(pid for pid in marks if pid not in living and has_mark(self._marks, pid))
        for process_id in vanished:
            self._killed[process_id] = _Worker(marks[process_id].doing, "killed", now)
            remove_mark(self._marks, process_id)
        present = {pid: mark for pid, mark in marks.items() if pid in living}
        self._workers = {pid: _observed_worker(mark, self._workers.get(pid), now) for pid, mark in present.items()}
        return vanished

    @staticmethod
    def _descendant_ids(leader: int | None) -> set[int]:
        if leader is None:
            return set()
        try:
            children = psutil.Process(leader).children(recursive=True)
        except psutil.NoSuchProcess:
            return set()
        return {child.pid for child in children if is_running_process(child)}


def kill_orphans(cluster_id: str, *, leader: int | None = None) -> list[int]:
    """Kill the orphan processes of a cluster on this machine, which outlived what started them; return their ids.

    Known by the cluster's id in their environment. What descends from the leader, the running command, is no orphan.
    """
    strays = [process for process in psutil.process_iter() if _is_cluster_orphan(process, cluster_id, leader)]
    for process in strays:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)
    return [process.pid for process in strays]


def _is_cluster_orphan(process: psutil.Process, cluster_id: str, leader: int | None) -> bool:
    try:
        if process.environ().get(CLUSTER_ID) != cluster_id:
            return False
        return leader not in {process.pid, *(parent.pid for parent in process.parents())}
    except (psutil.Error, OSError):
        return False


def is_running_process(process: psutil.Process) -> bool:
    """Say whether the process has not ended; a zombie, which only waits for its parent to collect it, has."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _observed_worker(mark: Mark, before: _Worker | None, now: datetime) -> _Worker:
    state = "busy" if mark.doing else "idle"
    if before is not None and (before.state, before.doing) == (state, mark.doing):
        return before
    return _Worker(mark.doing, state, now)
