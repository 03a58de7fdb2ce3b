"""The process supervisor of one cluster of workers: restarts it where it is stuck, requeues what it had taken.

Run by `manage.py supervise_jobs`; the package's docstring says what follows from what. A supervisor that is killed is
started again by its parent, `manage.py start` or systemd.
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
from synapse.kit.jobs.cluster.frozen_processes import FrozenProcesses, is_worker_or_descendant
from synapse.kit.jobs.cluster.heartbeat import read_last_answer_time, send_heartbeat
from synapse.kit.jobs.cluster.liveness import Liveness, LivenessAction
from synapse.kit.jobs.cluster.monitor_watch import MonitorWatch
from synapse.kit.jobs.cluster.peer_clusters import PeerClusters
from synapse.kit.jobs.cluster.processes import Change, ClusterProcesses
from synapse.kit.jobs.cluster.requeueing import (
    release_taken_messages,
    requeue_dead_runs,
    requeue_forgotten_runs,
    requeue_runs_of_processes,
)
from synapse.kit.jobs.cluster.sentinel_watch import SentinelWatch
from synapse.kit.jobs.cluster.trouble import (
    Trouble,
    cluster_ended_trouble,
    cluster_stuck_trouble,
    describe_frozen_processes,
    own_process_killed_trouble,
    workers_killed_trouble,
)
from synapse.kit.jobs.cluster.worker_marks import remove_marks
from synapse.kit.notices.background import BackgroundDelivery

_LOOK_SECONDS: Final = 0.5
_POLL_SECONDS: Final = 0.1
_WRITE_SECONDS: Final = 2.0
_SWEEP_SECONDS: Final = 5.0
_MAX_ROUND: Final = timedelta(seconds=10)
"""After a round this long the machine slept, or PostgreSQL hung: no worker could have answered meanwhile."""


@dataclass(frozen=True, slots=True)
class SupervisionPolicy:
    """How a cluster is supervised, from the settings JOB_*.

    `workers` is their number, `heartbeat` the interval between heartbeats, `grace` how long one may stay unanswered,
    `stop_seconds` how long the jobs at work may take to end when the supervisor is stopped.
    """

    workers: int
    heartbeat: timedelta
    grace: timedelta
    stop_seconds: float


class ClusterSupervisor:
    """The supervisor of one cluster; make it once PostgreSQL answers, because it inserts the cluster's row.

    `folder` is where manage.py is, `marks` the folder of all clusters' worker marks; `say` prints a line.
    """

    def __init__(self, policy: SupervisionPolicy, *, folder: Path, marks: Path, say: Callable[[str], None]) -> None:
        now = timezone.now()
        self._policy = policy
        self._say = say
        self._id = str(cluster_rows.insert_cluster_row(now).pk)
        self._marks = marks / self._id
        self._peers = PeerClusters(self._id, marks=marks, say=say)
        self._processes = ClusterProcesses(self._id, folder=folder, marks=self._marks, say=say)
        self._liveness = Liveness(heartbeat=policy.heartbeat, grace=policy.grace, alive_at=now)
        self._sentinel = SentinelWatch(policy.workers)
        self._frozen = FrozenProcesses(policy.grace)
        self._killed_frozen: frozenset[int] = frozenset()
        self._timers = _Timers()
        self._mails = BackgroundDelivery()
        self._to_resolve = {self._id}
        self._in_trouble = False
        self._unreported = self._reported = Trouble()
        self._monitor = MonitorWatch()
        self._is_away = False
        self._last_round_at = now

    def run(self) -> None:
        """Supervise the cluster for ever; StopRequestedError ends it, and the cluster with it."""
        pause = threading.Event()
        try:
            # Before the first worker starts: what a supervisor killed before this one left behind is queued again.
            self._take_over_dead_peers(timezone.now())
            self._requeue_orphaned_work(timezone.now())
            self._processes.start()
            while True:
                self._supervise_once(timezone.now())
                pause.wait(_LOOK_SECONDS)
        except StopRequestedError:
            self._stop_cluster()
            raise
        finally:
            self._processes.kill_all(after_seconds=0, now=timezone.now())
            remove_marks(self._marks)

    def _supervise_once(self, now: datetime) -> None:
        # The workers are not blamed for silence while this process itself did not run.
        if now - self._last_round_at > _MAX_ROUND:
            self._liveness.restart_grace_period(now)
            self._frozen.restart_clocks()
        self._last_round_at = now
        change = self._processes.observe_change(now)
        self._note_process_change(change, now)
        try:
            if self._timers.restart_if_due("write", _WRITE_SECONDS) or change != Change():
                # The connection is never checked by Django, outside of a request: only an error shows an outage.
                self._report_trouble(now)
                self._run_periodic_work(now)
        except (OperationalError, InterfaceError) as error:
            self._note_database_outage(error)

    def _note_process_change(self, change: Change, now: datetime) -> None:
        """Note what the processes did, as a trouble to be reported; without the database, which may be away."""
        lost = self._sentinel.find_lost_processes(self._processes.leader_id, self._processes.worker_entries())
        if change.started:
            self._liveness.restart_grace_period(now)
        if change.ended:
            self._unreported = cluster_ended_trouble(now)
        elif change.killed or lost:
            self._liveness.suspect_lost_worker(now)
            if change.killed:
                others_live = any(entry["state"] != "killed" for entry in self._processes.worker_entries())
                trouble = workers_killed_trouble(
                    change.killed, others_live=others_live, now=now, frozen=self._killed_frozen
                )
            else:
                trouble = own_process_killed_trouble(lost[0], now)
            # A restart that is not written yet is not forgotten over the newer trouble.
            self._unreported = replace(trouble, restarts=self._unreported.restarts)
            self._say(trouble.words)

    def _report_trouble(self, now: datetime) -> None:
        """Write the unreported trouble and notify people of it; it is kept until the database has it."""
        trouble = self._unreported
        if not trouble.words:
            return
        if trouble.restarts:
            self._requeue_orphaned_work(now)
            cluster_rows.write_restart(self._id, trouble.words, now=now)
        else:
            cluster_rows.write_trouble(self._id, trouble.words)
        cluster_rows.notify_workers_down(self._id, socket.gethostname(), trouble.words, title=trouble.title)
        self._unreported, self._reported, self._in_trouble = Trouble(), trouble, True

    def _run_periodic_work(self, now: datetime) -> None:
        self._write_last_seen(now)
        if self._is_away:
            self._is_away = False
            self._liveness.restart_grace_period(now)
            self._say("PostgreSQL is back.")
        if self._timers.restart_if_due("mails", self._policy.heartbeat.total_seconds()):
            self._mails.begin_round(now)
        if self._timers.restart_if_due("sweep", _SWEEP_SECONDS):
            requeue_dead_runs(now)
            requeue_forgotten_runs(now)
            if self._take_over_dead_peers(now):
                self._requeue_orphaned_work(now)
        if self._processes.leader_id is not None:
            self._check_liveness(now)

    def _take_over_dead_peers(self, now: datetime) -> bool:
        """Close other clusters that died, and say whether any may have left messages behind."""
        dead = self._peers.check_peers(now)
        self._to_resolve.update(dead)
        self._in_trouble = self._in_trouble or bool(dead)
        return bool(dead)

    def _check_liveness(self, now: datetime) -> None:
        frozen = self._frozen.find_overdue(self._processes.member_ids, now)
        if frozen and not self._kill_frozen_workers(frozen):
            # The attempt counts: the job itself may have caused it, as where its program waits for a terminal.
            self._restart_cluster(describe_frozen_processes(frozen), now, is_innocent=False)
            return
        heard_at, busy = read_last_answer_time(self._id), self._processes.busy_worker_count
        if self._monitor.is_stuck(now, answered_at=heard_at, is_busy=busy > 0):
            self._restart_cluster("What the workers did was not recorded: the cluster's monitor process is stuck.", now)
            return
        if self._liveness.has_answered and self._sentinel.is_sentinel_stuck(now, self._processes.worker_entries()):
            self._restart_cluster("A killed worker was not replaced: the cluster's sentinel is stuck.", now)
            return
        action = self._liveness.decide_action(now, answered_at=heard_at, busy=busy, workers=self._policy.workers)
        if action is LivenessAction.RESTART:
            self._restart_cluster("No worker took a message: the queue between the cluster's processes is stuck.", now)
        elif action is LivenessAction.ASK and not self._monitor.is_awaiting_acknowledgement:
            self._monitor.watch_heartbeat(send_heartbeat(self._id), now)
            self._liveness.asked_at = now
        elif self._in_trouble and self._liveness.has_answered and self._liveness.suspected_at is None:
            self._close_trouble(now)

    def _kill_frozen_workers(self, frozen: frozenset[int]) -> bool:
        """Kill the frozen workers; return False where no other is left, or the sentinel or pusher is frozen too."""
        workers = {entry["pid"] for entry in self._processes.worker_entries() if entry["state"] != "killed"}
        if workers <= frozen or not all(is_worker_or_descendant(process, workers) for process in frozen):
            return False
        # So that the next look names the reason of these deaths.
        self._killed_frozen = frozen
        for process in frozen:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return True

    def _close_trouble(self, now: datetime) -> None:
        # A worker killed between taking a message and beginning its run left the message leased to nobody.
        release_taken_messages(now, alone=False)
        for cluster_id in self._to_resolve - self._peers.lost:
            cluster_rows.resolve_workers_down_notice(cluster_id)
        if self._reported.past:
            cluster_rows.write_trouble(self._id, self._reported.past)
        self._reported, self._in_trouble = Trouble(), False

    def _restart_cluster(self, why: str, now: datetime, *, is_innocent: bool = True) -> None:
        self._say(f"{why} The cluster is killed and started again.")
        self._processes.kill_all(after_seconds=0, now=now)
        self._monitor = MonitorWatch()
        self._unreported = cluster_stuck_trouble(why, now)
        reason = "Its cluster of workers was stuck and was started again."
        requeue_runs_of_processes(self._processes.member_ids, now=now, reason=reason, is_innocent=is_innocent)
        self._report_trouble(now)
        self._processes.start()
        self._liveness.restart_grace_period(timezone.now())

    def _requeue_orphaned_work(self, now: datetime) -> None:
        requeue_dead_runs(now)
        release_taken_messages(now, alone=not cluster_rows.is_another_cluster_alive(self._id, now))

    def _note_database_outage(self, error: Exception) -> None:
        # The jobs wait for PostgreSQL as well: a restart of the cluster would help none of them.
        if not self._is_away:
            self._say(f"PostgreSQL is away: {str(error).strip() or type(error).__name__}")
        self._is_away = True
        connections.close_all()

    def _stop_cluster(self) -> None:
        """Let the workers finish their tasks, kill them after `stop_seconds`, and requeue what was cut off."""
        self._processes.observe_change(timezone.now())
        self._processes.ask_to_end()
        deadline = time.monotonic() + self._policy.stop_seconds
        while self._processes.is_running and time.monotonic() < deadline:
            if self._timers.restart_if_due("write", _WRITE_SECONDS):
                # Without PostgreSQL the jobs have their time all the same.
                with suppress(OperationalError, InterfaceError):
                    self._write_last_seen(timezone.now())
            time.sleep(_POLL_SECONDS)
        try:
            now = timezone.now()
            self._processes.kill_all(after_seconds=0, now=now)
            requeue_runs_of_processes(
                self._processes.member_ids, now=now, reason="The workers were stopped while it ran."
            )
            self._requeue_orphaned_work(now)
            cluster_rows.write_stop(self._id, now=now)
        except (OperationalError, InterfaceError) as error:
            # The next start finds this supervisor dead, and does the same for it.
            self._note_database_outage(error)

    def _write_last_seen(self, now: datetime) -> None:
        cluster_rows.write_last_seen(
            self._id, now=now, leader=self._processes.leader_id, workers=self._processes.worker_entries()
        )


@dataclass(slots=True)
class _Timers:
    """When each kind of periodic work was last done, by a monotonic clock."""

    _done_at: dict[str, float] = field(default_factory=dict)

    def restart_if_due(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - self._done_at.get(name, float("-inf")) < seconds:
            return False
        self._done_at[name] = now
        return True
