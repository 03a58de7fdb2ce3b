"""Facts of a sync that no database holds, for tests of judging."""

from datetime import datetime

from legacy_import.health.facts import SyncFacts


def sync(source: str, *, checked_at: datetime, error: str = "") -> SyncFacts:
    return SyncFacts(source, checked_at, checked_at, error)
