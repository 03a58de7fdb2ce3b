"""Sending notices in a background thread: for the supervisor of the jobs, which a slow mail server must not block."""

import threading
from datetime import datetime

from django.db import connections

from synapse.kit.notices.sending import deliver_notices


class BackgroundDelivery:
    """Rounds of sending, one at a time, each in a thread of its own.

    A daemon thread: killed with its process in the middle of a round, it loses no mail, because the outbox has it.
    """

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def begin_round(self, now: datetime) -> bool:
        """Begin a round, unless the last one still waits for the mail server; say whether one was begun."""
        if self._thread is not None and self._thread.is_alive():
            return False
        self._thread = threading.Thread(target=_deliver_in_thread, args=(now,), name="notices", daemon=True)
        self._thread.start()
        return True

    def wait_for_round(self, seconds: float) -> bool:
        """Wait that long for the round to end, and say whether it has."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()


def _deliver_in_thread(now: datetime) -> None:
    try:
        deliver_notices(now)
    finally:
        # Connections belong to their thread: nothing else would close these.
        connections.close_all()
