"""Whether a cluster's sentinel still works: it alone replaces killed processes and starts schedules' ticks.

Called by cluster_supervisor.py; restarting is there. Finds two troubles that no missing heartbeat shows: a killed
pusher or monitor, and a sentinel that hangs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import psutil

from synapse.kit.jobs.cluster.processes import is_running_process

_REPLACEMENT_TIMEOUT: Final = timedelta(seconds=15)
"""A sentinel looks at its workers every half second; this is for a machine that is very busy."""


@dataclass(slots=True)
class SentinelWatch:
    """The children of the present cluster's sentinel; `workers` is how many workers there should be."""

    workers: int
    _leader: int | None = None
    _auxiliaries: frozenset[int] = frozenset()
    _incomplete_since: datetime | None = None

    def find_lost_processes(self, leader: int | None, entries: Iterable[dict[str, Any]]) -> tuple[int, ...]:
        """Return the ids of the pusher or monitor where they have vanished since the last look.

        The messages that a killed pusher had leased are delivered to nobody. Nothing else shows it: it has no mark, and
        the sentinel replaces it.
        """
        if leader != self._leader:
            self._leader, self._auxiliaries, self._incomplete_since = leader, frozenset(), None
        known = {entry["pid"] for entry in entries}
        present = _sentinel_child_ids(leader)
        vanished = self._auxiliaries - present - known
        # A worker that has just been forked has no mark yet: until then it is among these.
        self._auxiliaries = frozenset(present - known)
        return tuple(sorted(vanished))

    def is_sentinel_stuck(self, now: datetime, entries: Iterable[dict[str, Any]]) -> bool:
        """Say whether workers have been missing for longer than the sentinel needs to replace them.

        A worker killed while it passes its result on leaves a lock behind for which the sentinel then waits for ever.
        The other workers go on and answer heartbeats; but no killed one is replaced, and no schedule is due any more.
        """
        if sum(1 for entry in entries if entry["state"] != "killed") >= self.workers:
            self._incomplete_since = None
            return False
        self._incomplete_since = self._incomplete_since or now
        return now - self._incomplete_since > _REPLACEMENT_TIMEOUT


def _sentinel_child_ids(leader: int | None) -> set[int]:
    if leader is None:
        return set()
    try:
        sentinels = psutil.Process(leader).children()
        return {child.pid for sentinel in sentinels for child in sentinel.children() if is_running_process(child)}
    except psutil.NoSuchProcess:
        return set()
