"""Keeping one cluster at work: its processes run, its workers answer, what the dead ones had taken is given back.

What lives here: the supervisor's rounds. What does not: its parts (processes, pulse, beat, freeing, records), and who
starts the supervisor again when it is killed: its parent, `manage.py start` or systemd.
"""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone

from synapse.foundation.processes.supervisor import StopRequestedError
from synapse.kit.jobs.cluster import cluster_rows
from synapse.kit.jobs.cluster.frozen_processes import Frozen, is_workers
from synapse.kit.jobs.cluster.heartbeat import Recording, answered_at, send_beat
from synapse.kit.jobs.cluster.liveness import Pulse, Verdict
from synapse.kit.jobs.cluster.peer_clusters import Peers
from synapse.kit.jobs.cluster.processes import Change, ClusterProcesses
from synapse.kit.jobs.cluster.requeueing import free_dead_runs, free_forgotten, free_taken_messages, hand_back
from synapse.kit.jobs.cluster.sentinel_watch import Crew
from synapse.kit.jobs.cluster.trouble import (
    Trouble,
    cluster_ended,
    cluster_stuck,
    own_process_killed,
    processes_frozen,
    workers_killed,
)
from synapse.kit.jobs.cluster.worker_marks import forget_marks
from synapse.kit.notices.background import BackgroundDelivery

_LOOK_SECONDS: Final = 0.5
_POLL_SECONDS: Final = 0.1
_WRITE_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 5.0
_GAP: Final = timedelta(seconds=10)
"""After a pause this long the machine slept, or PostgreSQL did: nobody could answer."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a cluster is looked after: its workers, how long silence is borne, how long jobs may take to end."""

    workers: int
    heartbeat: timedelta
    grace: timedelta
    stop_seconds: float


class ClusterSupervisor:
    """The supervisor of one cluster; make it once PostgreSQL answers, for it opens its row."""

    def __init__(self, manner: Manner, *, folder: Path, marks: Path, say: Callable[[str], None]) -> None:
        now = timezone.now()
        self._manner = manner
        self._say = say
        self._id = str(cluster_rows.open_row(now).pk)
        self._marks = marks / self._id
        self._peers = Peers(self._id, marks=marks, say=say)
        self._processes = ClusterProcesses(self._id, folder=folder, marks=self._marks, say=say)
        self._pulse = Pulse(heartbeat=manner.heartbeat, grace=manner.grace, alive_at=now)
        self._crew = Crew(manner.workers)
        self._frozen = Frozen(manner.grace)
        self._killed_frozen: frozenset[int] = frozenset()
        self._rounds = _Rounds()
        self._mails = BackgroundDelivery()
        self._to_resolve = {self._id}
        self._in_trouble = False
        self._untold = self._told = Trouble()
        self._recording = Recording()
        self._is_away = False
        self._last_round_at = now

    def run(self) -> None:
        """Keep the cluster at work, for ever; StopRequestedError ends it, and the cluster with it."""
        pause = threading.Event()
        try:
            self._look_after_peers(timezone.now())
            self._free(timezone.now())
            self._processes.start()
            while True:
                self._round(timezone.now())
                pause.wait(_LOOK_SECONDS)
        except StopRequestedError:
            self._stop()
            raise
        finally:
            self._processes.kill(after_seconds=0, now=timezone.now())
            forget_marks(self._marks)

    def _round(self, now: datetime) -> None:
        if now - self._last_round_at > _GAP:
            self._pulse.begin(now)
            self._frozen.forget()
        self._last_round_at = now
        change = self._processes.look(now)
        self._note(change, now)
        try:
            if self._rounds.is_due("write", _WRITE_SECONDS) or change != Change():
                # The connection is kept for good, and checked by nobody: only an error tells that PostgreSQL was away.
                self._tell_trouble(now)
                self._write(now)
        except (OperationalError, InterfaceError) as error:
            self._note_absence(error)

    def _note(self, change: Change, now: datetime) -> None:
        """Take in what the processes did; nothing here needs the database."""
        lost = self._crew.lost(self._processes.leader, self._processes.entries())
        if change.started:
            self._pulse.begin(now)
        if change.ended:
            self._untold = cluster_ended(now)
        elif change.killed or lost:
            self._pulse.suspect(now)
            if change.killed:
                others_live = any(entry["state"] != "killed" for entry in self._processes.entries())
                trouble = workers_killed(change.killed, others_live=others_live, now=now, frozen=self._killed_frozen)
            else:
                trouble = own_process_killed(lost[0], now)
            self._untold = replace(trouble, restarts=self._untold.restarts)
            self._say(trouble.words)

    def _tell_trouble(self, now: datetime) -> None:
        """Write and tell what is wrong; it is kept until the database has it."""
        trouble = self._untold
        if not trouble.words:
            return
        if trouble.restarts:
            self._free(now)
            cluster_rows.write_restart(self._id, trouble.words, now=now)
        else:
            cluster_rows.write_trouble(self._id, trouble.words)
        cluster_rows.tell_down(self._id, socket.gethostname(), trouble.words, title=trouble.title)
        self._untold, self._told, self._in_trouble = Trouble(), trouble, True

    def _write(self, now: datetime) -> None:
        self._write_sight(now)
        if self._is_away:
            self._is_away = False
            self._pulse.begin(now)
            self._say("PostgreSQL is back.")
        if self._rounds.is_due("mails", self._manner.heartbeat.total_seconds()):
            self._mails.begin(now)
        if self._rounds.is_due("sweep", _SWEEP_SECONDS):
            free_dead_runs(now)
            free_forgotten(now)
            if self._look_after_peers(now):
                self._free(now)
        if self._processes.leader is not None:
            self._feel_pulse(now)

    def _look_after_peers(self, now: datetime) -> bool:
        """Bury other clusters that died, and say whether any may have left messages behind."""
        dead = self._peers.look(now)
        self._to_resolve.update(dead)
        self._in_trouble = self._in_trouble or bool(dead)
        return bool(dead)

    def _feel_pulse(self, now: datetime) -> None:
        frozen = self._frozen.overdue(self._processes.members, now)
        if frozen and not self._kill_frozen(frozen):
            # Counted as an attempt: it may be a job's doing, as where its program waits for a terminal.
            self._restart(processes_frozen(frozen), now, is_innocent=False)
            return
        heard_at, busy = answered_at(self._id), self._processes.busy
        if self._recording.is_stuck(now, answered_at=heard_at, is_busy=busy > 0):
            self._restart("What the workers did was not recorded: the cluster's monitor process is stuck.", now)
            return
        if self._pulse.has_answered and self._crew.is_abandoned(now, self._processes.entries()):
            self._restart("A killed worker was not replaced: the cluster's sentinel is stuck.", now)
            return
        verdict = self._pulse.judge(now, answered_at=heard_at, busy=busy, workers=self._manner.workers)
        if verdict is Verdict.RESTART:
            self._restart("No worker took a message: the queue between the cluster's processes is stuck.", now)
        elif verdict is Verdict.ASK and not self._recording.is_in_doubt:
            self._recording.expect(send_beat(self._id), now)
            self._pulse.asked_at = now
        elif self._in_trouble and self._pulse.has_answered and self._pulse.suspected_at is None:
            self._end_trouble(now)

    def _kill_frozen(self, frozen: frozenset[int]) -> bool:
        """Kill the workers that stand still; return False where no other is left, or another process stands still."""
        workers = {entry["pid"] for entry in self._processes.entries() if entry["state"] != "killed"}
        if workers <= frozen or not all(is_workers(process, workers) for process in frozen):
            return False
        self._killed_frozen = frozen
        for process in frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return True

    def _end_trouble(self, now: datetime) -> None:
        # A worker killed between taking a message and beginning its run left it to nobody.
        free_taken_messages(now, alone=False)
        for cluster_id in self._to_resolve - self._peers.lost:
            cluster_rows.tell_up(cluster_id)
        if self._told.past:
            cluster_rows.write_trouble(self._id, self._told.past)
        self._told, self._in_trouble = Trouble(), False

    def _restart(self, why: str, now: datetime, *, is_innocent: bool = True) -> None:
        self._say(f"{why} The cluster is killed and started again.")
        self._processes.kill(after_seconds=0, now=now)
        self._recording = Recording()
        self._untold = cluster_stuck(why, now)
        reason = "Its cluster of workers was stuck and was started again."
        hand_back(self._processes.members, now=now, reason=reason, is_innocent=is_innocent)
        self._tell_trouble(now)
        self._processes.start()
        self._pulse.begin(timezone.now())

    def _free(self, now: datetime) -> None:
        free_dead_runs(now)
        free_taken_messages(now, alone=not cluster_rows.others_live(self._id, now))

    def _note_absence(self, error: Exception) -> None:
        # Its jobs wait for it as well; a restart would help none of them.
        if not self._is_away:
            self._say(f"PostgreSQL is away: {str(error).strip() or type(error).__name__}")
        self._is_away = True
        connections.close_all()

    def _stop(self) -> None:
        """End the workers after what they are at, or cut it off after the grace and leave it to the next start."""
        self._processes.look(timezone.now())
        self._processes.ask_to_end()
        try:
            self._wait_for_the_end()
            now = timezone.now()
            self._processes.kill(after_seconds=0, now=now)
            hand_back(self._processes.members, now=now, reason="The workers were stopped while it ran.")
            self._free(now)
            cluster_rows.write_stop(self._id, now=now)
        except (OperationalError, InterfaceError) as error:
            # The next start finds this process gone, and does all of it.
            self._note_absence(error)

    def _wait_for_the_end(self) -> None:
        deadline = time.monotonic() + self._manner.stop_seconds
        while self._processes.is_running and time.monotonic() < deadline:
            if self._rounds.is_due("write", _WRITE_SECONDS):
                # Without PostgreSQL the jobs have their time all the same.
                with suppress(OperationalError, InterfaceError):
                    self._write_sight(timezone.now())
            time.sleep(_POLL_SECONDS)

    def _write_sight(self, now: datetime) -> None:
        cluster_rows.write_sight(self._id, now=now, leader=self._processes.leader, workers=self._processes.entries())


@dataclass(slots=True)
class _Rounds:
    """When each kind of round was last made."""

    _made_at: dict[str, float] = field(default_factory=dict)

    def is_due(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._made_at.get(name, float("-inf")) < seconds:
            return False
        self._made_at[name] = now
        return True
