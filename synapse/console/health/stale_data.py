"""The line on every page that says which data is stale, since when and why; template_tags shows it.

Before anything has run for the first time nothing is said: a new site has nothing stale.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from synapse.console.health.facts import Facts, read_health_facts
from synapse.console.health.limits import QUEUE_LATE_AFTER, VIEWS_LATE_AFTER
from synapse.foundation.containment import contain_errors
from synapse.foundation.text.time_formats import format_time_and_date
from synapse.kit.jobs.cluster_health import ClusterHealth, ClusterState, read_cluster_health
from synapse.kit.panels.health import HEALTH_PROBES

_WORKING_STATES: Final = frozenset({ClusterState.UP, ClusterState.STARTING})


def stale_data_sentences(facts: Facts, clusters: Sequence[ClusterHealth], now: datetime) -> list[str]:
    """Return a sentence for each reason why pages may show old data; empty where all is well."""
    found = [_workers_sentence(facts, clusters, now)]
    since = facts.refreshed_at or facts.refresh_asked_at
    if since is not None and now - since > VIEWS_LATE_AFTER:
        found.append(f"The summaries have not been refreshed by the clock since {format_time_and_date(since, now)}.")
    for probe in HEALTH_PROBES.in_order():
        if probe.name in facts.by_probe:
            with contain_errors(f"stale data of {probe.name}"):
                found += probe.stale_data_sentences(facts.by_probe[probe.name], now)
    return [sentence for sentence in found if sentence]


def _workers_sentence(facts: Facts, clusters: Sequence[ClusterHealth], now: datetime) -> str:
    if any(one.state in _WORKING_STATES for one in clusters):
        return ""
    if clusters:
        rows = [one.cluster for one in clusters]
        last_answer_at = max(row.answered_at or row.stopped_at or row.started_at for row in rows)
        return f"No worker has answered since {format_time_and_date(last_answer_at, now)}, so no job runs."
    if facts.waiting_since and now - facts.waiting_since > QUEUE_LATE_AFTER:
        return f"Jobs wait since {format_time_and_date(facts.waiting_since, now)}, and no worker has been started."
    return ""


class _SentenceCache:
    """The sentences, read anew after settings.STALE_DATA_SECONDS: one thread reads, the others take the last ones."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._known: tuple[float, list[str]] | None = None

    def read_sentences(self) -> list[str]:
        known = self._known
        if known is not None and time.monotonic() - known[0] < settings.STALE_DATA_SECONDS:
            return known[1]
        # Wait for another thread's read only where there is nothing older to show.
        if not self._reading.acquire(blocking=known is None):
            return known[1] if known else []
        try:
            sentences = _read_stale_data_sentences()
            self._known = (time.monotonic(), sentences)
            return sentences
        finally:
            self._reading.release()


def _read_stale_data_sentences() -> list[str]:
    now = timezone.now()
    # Where the database is gone, the page says so itself. No other error of this line may cost a page.
    with contain_errors("the line about stale data", passing=(DatabaseError,)), suppress(DatabaseError):
        facts, clusters = read_health_facts(now), read_cluster_health(now)
        return stale_data_sentences(facts, clusters, now)
    return []


_sentences: Final = _SentenceCache()


def cached_stale_data_sentences() -> list[str]:
    """Return what is stale now, or was 15 seconds ago; two queries where it is read anew."""
    return _sentences.read_sentences()
