"""Whether a cluster's monitor process still works: it removes an answered heartbeat from the queue.

Called by cluster_supervisor.py; restarting is there. The monitor is the process that acknowledges what workers did.
Where it hangs, as on a lock that a killed process left behind, the workers go on and answer heartbeats, but every
message they have worked off is delivered again after its lease.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django_q.conf import Conf
from django_q.models import OrmQ

_ACKNOWLEDGED_WITHIN: Final = timedelta(seconds=5)


@dataclass(slots=True)
class MonitorWatch:
    """The last heartbeat sent, and since when it is answered and still in the queue."""

    _number: int | None = None
    _sent_at: datetime | None = None
    _doubted_at: datetime | None = None

    def watch_heartbeat(self, number: int, sent_at: datetime) -> None:
        """Watch this heartbeat, by its message's number, instead of any before it."""
        self._number, self._sent_at, self._doubted_at = number, sent_at, None

    @property
    def is_awaiting_acknowledgement(self) -> bool:
        """Say whether an answered heartbeat waits to be acknowledged: a new one would replace it in the queue."""
        return self._doubted_at is not None

    def is_stuck(self, now: datetime, *, answered_at: datetime | None, is_busy: bool) -> bool:
        """Say whether the heartbeat was answered and has not been acknowledged for seconds; never of a busy cluster."""
        # An answer from before the heartbeat was sent is that of a task, or of the heartbeat before.
        if self._number is None or is_busy or not (answered_at and self._sent_at and answered_at > self._sent_at):
            self._doubted_at = None
            return False
        if not OrmQ.objects.using(Conf.ORM).filter(pk=self._number).exists():
            self._number = self._doubted_at = None
            return False
        self._doubted_at = self._doubted_at or now
        return now - self._doubted_at > _ACKNOWLEDGED_WITHIN
