"""The line on every page that says which data is stale, since when, and why: gone as soon as its cause is.

What lives here: what is said, at two queries every 15 seconds. What does not: showing it (template_tags).
Before anything has run for the first time nothing is said: a fresh site has nothing stale.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.formats import date_format

from legacy_import.jobs import SYNC_LEGACY
from synapse.console.health.facts import Facts, SyncFacts, read_facts
from synapse.console.health.limits import (
    QUEUE_LATE_AFTER,
    VALIDATION_LATE_AFTER,
    VIEWS_LATE_AFTER,
    is_synced_by_clock,
    late_syncs,
    sync_late_after,
)
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, cluster_states

_AT_WORK: Final = frozenset({ClusterState.UP, ClusterState.STARTING})
_MOST_NAMED: Final = 3


def stale_sentences(
    facts: Facts, clusters: Sequence[ClusterHealth], now: datetime, *, legacy_is_alive: bool
) -> list[str]:
    """Return a sentence for each reason why pages may show old data; empty where all is well."""
    found = [_workers(facts, clusters, now), _views(facts, now)]
    if legacy_is_alive:
        found += [_sync(facts, now), _validation(facts, now)]
    return [sentence for sentence in found if sentence]


def _workers(facts: Facts, clusters: Sequence[ClusterHealth], now: datetime) -> str:
    if any(one.state in _AT_WORK for one in clusters):
        return ""
    if clusters:
        return f"No worker has answered since {_clock(max(_last_sign(one) for one in clusters), now)}, so no job runs."
    if facts.waiting_since and now - facts.waiting_since > QUEUE_LATE_AFTER:
        return f"Jobs wait since {_clock(facts.waiting_since, now)}, and no worker has been started."
    return ""


def _last_sign(standing: ClusterHealth) -> datetime:
    row = standing.cluster
    return row.answered_at or row.stopped_at or row.started_at


def _views(facts: Facts, now: datetime) -> str:
    since = facts.refreshed_at or facts.refresh_asked_at
    if since is None or now - since <= VIEWS_LATE_AFTER:
        return ""
    return f"The summaries have not been refreshed by the clock since {_clock(since, now)}."


def _sync(facts: Facts, now: datetime) -> str:
    if not is_synced_by_clock(facts, SYNC_LEGACY.name):
        return ""
    late = late_syncs(facts.syncs, limit=sync_late_after(facts.sync_cron or "", now), now=now)
    if not late:
        return ""
    since = min(sync.in_step_at or sync.checked_at for sync in late)
    return f"Legacy changes are missing since {_clock(since, now)}: {_names(late)}."


def _names(syncs: Sequence[SyncFacts]) -> str:
    named = ", ".join(sync.source for sync in syncs[:_MOST_NAMED])
    more = len(syncs) - _MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named


def _validation(facts: Facts, now: datetime) -> str:
    if facts.validated_at is None:
        return ""
    if not facts.validation_passed:
        return f"The validation of {_clock(facts.validated_at, now)} failed; its report says which checks did not pass."
    if now - facts.validated_at > VALIDATION_LATE_AFTER:
        return f"Nothing has been compared with the legacy files since {_clock(facts.validated_at, now)}."
    return ""


def _clock(moment: datetime, now: datetime) -> str:
    """Return the time, and the day where it is not today's."""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate(now)
    return f"{local:%H:%M}" if is_today else f"{local:%H:%M} ({date_format(local, 'j M Y')})"


class _Remembered:
    """The sentences, read anew after settings.STALE_DATA_SECONDS: one thread reads, the others take the last ones."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._known: tuple[float, list[str]] | None = None

    def get(self) -> list[str]:
        known = self._known
        if known is not None and time.monotonic() - known[0] < settings.STALE_DATA_SECONDS:
            return known[1]
        if not self._reading.acquire(blocking=known is None):
            return known[1] if known else []
        try:
            sentences = list(_read())
            self._known = (time.monotonic(), sentences)
            return sentences
        finally:
            self._reading.release()


def _read() -> Iterator[str]:
    now = timezone.now()
    try:
        facts, clusters = read_facts(now), cluster_states(now)
    except DatabaseError:
        return  # The page says itself that its database is gone.
    yield from stale_sentences(facts, clusters, now, legacy_is_alive=settings.LEGACY_IS_ALIVE)


_remembered: Final = _Remembered()


def current_sentences() -> list[str]:
    """Return what is stale now, or was 15 seconds ago."""
    return _remembered.get()
