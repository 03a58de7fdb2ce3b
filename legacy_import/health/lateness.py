"""From when on the sync and the validation are late: the same limits for readiness and for the line on every page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from croniter import CroniterError, croniter
from django.utils import timezone

from legacy_import.health.facts import LegacyFacts, SyncFacts

VALIDATION_LATE_AFTER: Final = timedelta(hours=26)
"""It runs nightly, may take its time, and one night a year has 25 hours."""

_MAX_MISSED_INTERVALS: Final = 3
_UNKNOWN_INTERVAL: Final = timedelta(days=1)


def sync_lateness_limit(cron: str, now: datetime) -> timedelta:
    """Return three of the schedule's intervals; three days for a schedule that is no cron line."""
    # The next two ticks: between two of a cron line such as 0 6-22/4 the interval differs by the time of day.
    try:
        ticks = croniter(cron, timezone.localtime(now))
        first: datetime = ticks.get_next(datetime)
        second: datetime = ticks.get_next(datetime)
        return _MAX_MISSED_INTERVALS * (second - first)
    except CroniterError:
        return _MAX_MISSED_INTERVALS * _UNKNOWN_INTERVAL


def is_sync_scheduled(facts: LegacyFacts) -> bool:
    """Say whether legacy changes come in by the clock: the job has a schedule, and no operator paused it."""
    return facts.sync_cron is not None and not facts.is_sync_paused


def late_syncs(syncs: Sequence[SyncFacts], *, limit: timedelta, now: datetime) -> list[SyncFacts]:
    """Return the sources whose last look went wrong or is longer ago than the limit."""
    return [sync for sync in syncs if sync.error or now - sync.checked_at > limit]
