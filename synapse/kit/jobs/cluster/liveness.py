"""The liveness check: when to send a cluster a heartbeat, and when to take it for dead and restart it.

Pure: decided from times and counts alone. Heartbeats are sent by heartbeat.py, the cluster is killed by
cluster_supervisor.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

PROBE_INTERVAL: Final = timedelta(seconds=3)
"""How often a cluster is asked that has not answered yet, or may have lost a worker."""
START_GRACE: Final = timedelta(seconds=60)
"""How long a cluster may take until its first answer: on a busy machine its processes need many seconds to start."""
_SAME_MOMENT: Final = timedelta(seconds=1)
"""A task begun this soon after a worker vanished may have been taken from the queue before."""


class LivenessAction(Enum):
    """What the supervisor has to do now."""

    NOTHING = "nothing"
    ASK = "ask"
    RESTART = "restart"


@dataclass(slots=True)
class Liveness:
    """One cluster's signs of life. A busy worker needs no other sign: its task has a time limit.

    `heartbeat` is the interval between heartbeats while all is well, `grace` how long one may stay unanswered.
    """

    heartbeat: timedelta
    grace: timedelta
    alive_at: datetime
    """The newest sign of life, or when the time without one began to count."""
    has_answered: bool = False
    suspected_at: datetime | None = None
    asked_at: datetime | None = None

    def restart_grace_period(self, now: datetime) -> None:
        """Count anew: the cluster was started, or what it needs has come back."""
        self.alive_at, self.has_answered, self.suspected_at, self.asked_at = now, False, None, None

    def suspect_lost_worker(self, now: datetime) -> None:
        """Ask at once and wait for the grace only: a worker was lost that may have held the queue's lock."""
        self.suspected_at, self.asked_at = now, None

    def decide_action(self, now: datetime, *, answered_at: datetime | None, busy: int, workers: int) -> LivenessAction:
        """Return what to do, from the newest answer and how many of the workers are busy."""
        if busy >= workers:
            self.alive_at = now
        # After a suspected loss an answer counts only where its task was surely taken from the queue afterwards.
        since = self.alive_at if self.suspected_at is None else max(self.alive_at, self.suspected_at + _SAME_MOMENT)
        if answered_at is not None and answered_at > since:
            self.alive_at, self.has_answered, self.suspected_at = answered_at, True, None
        if now > self.restart_at:
            return LivenessAction.RESTART
        return LivenessAction.ASK if self._is_heartbeat_due(now) else LivenessAction.NOTHING

    @property
    def restart_at(self) -> datetime:
        """The deadline of the next sign of life."""
        if not self.has_answered:
            return self.alive_at + max(START_GRACE, self.heartbeat)
        if self.suspected_at is not None:
            return max(self.suspected_at, self.alive_at) + self.grace
        return self.alive_at + self.heartbeat + self.grace

    def _is_heartbeat_due(self, now: datetime) -> bool:
        if self.asked_at is None:
            return True
        is_quiet = not self.has_answered or self.suspected_at is not None or now >= self.alive_at + self.heartbeat
        return now >= self.asked_at + (min(PROBE_INTERVAL, self.heartbeat) if is_quiet else self.heartbeat)
