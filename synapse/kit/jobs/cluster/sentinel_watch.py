"""Whether a cluster's sentinel keeps the processes complete: it alone replaces the dead, and it alone ticks schedules.

What lives here: two troubles that no worker's silence tells of. What does not: the workers and their marks (processes),
and what follows (supervising).
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
    """What the sentinel of one cluster after the other has under it; `workers` is how many there should be."""

    workers: int
    _leader: int | None = None
    _auxiliaries: frozenset[int] = frozenset()
    _incomplete_since: datetime | None = None

    def find_lost_processes(self, leader: int | None, entries: Iterable[dict[str, Any]]) -> tuple[int, ...]:
        """Return the processes that are no workers and have vanished since the last look.

        The pusher takes the messages it had locked with it. Nobody else notices: it leaves no mark, and the sentinel
        puts another in its place.
        """
        if leader != self._leader:
            self._leader, self._auxiliaries, self._incomplete_since = leader, frozenset(), None
        known = {entry["pid"] for entry in entries}
        present = _sentinel_child_ids(leader)
        vanished = self._auxiliaries - present - known
        # A worker that has just been forked has no mark yet: it is counted here until it has.
        self._auxiliaries = frozenset(present - known)
        return tuple(sorted(vanished))

    def is_sentinel_stuck(self, now: datetime, entries: Iterable[dict[str, Any]]) -> bool:
        """Say whether workers have been missing for longer than their sentinel needs to replace them.

        One that is killed while it hands its result over leaves a lock behind for which its sentinel then waits for
        ever. The other workers go on, and answer; yet no dead one is replaced, and no schedule ticks any more.
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
