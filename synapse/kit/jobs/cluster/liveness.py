"""What silence means: when to ask a cluster for a sign of life, and when to take it for dead.

What lives here: the judgement, from times and counts alone. What does not: asking (beat), killing (supervising).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

PROBE_EVERY: Final = timedelta(seconds=3)
START_GRACE: Final = timedelta(seconds=60)
"""How long a cluster may take until its first answer: on a busy machine its processes need many seconds to start."""
_SAME_MOMENT: Final = timedelta(seconds=1)
"""A task begun this soon after a worker vanished may have been taken from the queue before."""


class LivenessAction(Enum):
    """What a supervisor has to do now."""

    NOTHING = "nothing"
    ASK = "ask"
    RESTART = "restart"


@dataclass(slots=True)
class Liveness:
    """One cluster's signs of life. A worker that is busy needs no other sign: its task has a time limit.

    `heartbeat` is how often it is asked while all is well, `grace` how long it may leave questions unanswered then.
    """

    heartbeat: timedelta
    grace: timedelta
    alive_at: datetime
    """The newest sign of life, or when silence began to count."""
    has_answered: bool = False
    suspected_at: datetime | None = None
    asked_at: datetime | None = None

    def count_from(self, now: datetime) -> None:
        """Count anew: the cluster was started, or what it needs has come back."""
        self.alive_at, self.has_answered, self.suspected_at, self.asked_at = now, False, None, None

    def suspect_loss(self, now: datetime) -> None:
        """Ask at once, and wait for the grace only: a worker is gone that may have held the queue's lock."""
        self.suspected_at, self.asked_at = now, None

    def decide_action(self, now: datetime, *, answered_at: datetime | None, busy: int, workers: int) -> LivenessAction:
        """Return what to do, from the newest answer and how many of the workers are busy."""
        self._note_signs(now, answered_at, all_busy=busy >= workers)
        if now > self.restart_at:
            return LivenessAction.RESTART
        return LivenessAction.ASK if self._is_beat_due(now) else LivenessAction.NOTHING

    @property
    def restart_at(self) -> datetime:
        """Until when a sign of life has to come."""
        if not self.has_answered:
            return self.alive_at + max(START_GRACE, self.heartbeat)
        if self.suspected_at is not None:
            return max(self.suspected_at, self.alive_at) + self.grace
        return self.alive_at + self.heartbeat + self.grace

    def _note_signs(self, now: datetime, answered_at: datetime | None, *, all_busy: bool) -> None:
        if all_busy:
            self.alive_at = now
        if answered_at is None or answered_at <= self.alive_at:
            return
        if self.suspected_at is None or answered_at > self.suspected_at + _SAME_MOMENT:
            self.alive_at, self.has_answered, self.suspected_at = answered_at, True, None

    def _is_beat_due(self, now: datetime) -> bool:
        if self.asked_at is None:
            return True
        is_quiet = not self.has_answered or self.suspected_at is not None or now >= self.alive_at + self.heartbeat
        return now >= self.asked_at + (min(PROBE_EVERY, self.heartbeat) if is_quiet else self.heartbeat)
