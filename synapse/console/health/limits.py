"""From when on data is late: one set of limits for readiness, metrics' readers and the line on every page.

What lives here: the limits and what they follow from. What does not: comparing (core_parts, stale_lines).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from croniter import CroniterError, croniter
from django.utils import timezone

from synapse.console.health.facts import Facts, SyncFacts

QUEUE_LATE_AFTER: Final = timedelta(minutes=5)
"""A message that no worker takes for so long: all are busy with long jobs, or none is there."""

VIEWS_LATE_AFTER: Final = timedelta(hours=9)
"""The night's gap between two refreshes, from 22 to 6 o'clock, and an hour for a refresh that had to be tried again."""

VALIDATION_LATE_AFTER: Final = timedelta(hours=26)
"""It comes nightly, may take its time, and one night a year has 25 hours."""

_MISSED: Final = 3
_UNKNOWN_INTERVAL: Final = timedelta(days=1)


def sync_late_after(cron: str, now: datetime) -> timedelta:
    """Return three of the schedule's intervals; three days for a schedule that is no cron line."""
    try:
        ticks = croniter(cron, timezone.localtime(now))
        first: datetime = ticks.get_next(datetime)
        second: datetime = ticks.get_next(datetime)
        return _MISSED * (second - first)
    except CroniterError:
        return _MISSED * _UNKNOWN_INTERVAL


def is_synced_by_clock(facts: Facts, job: str) -> bool:
    """Say whether somebody is to look by the clock: the job has a schedule, and no operator paused it."""
    return facts.sync_cron is not None and job not in facts.paused


def late_syncs(syncs: Sequence[SyncFacts], *, limit: timedelta, now: datetime) -> list[SyncFacts]:
    """Return the sources whose last look went wrong or is too long ago."""
    return [sync for sync in syncs if sync.error or now - sync.checked_at > limit]
