"""What the change log knows of tests: who confirmed or completed one, and when a variant last got impressions.

Two queries for any number of tests, by the log's index on rows. What an import inserted is not in the log, so the
moment of the import stands in (revenue.legacy_traffic).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connections

from revenue.legacy_traffic import import_times_by_variant
from revenue.models import ABTest, ABTestVariant
from synapse.foundation.databases import REVENUE

# The latest entry that made the stored winner the winner or, without one, that completed the test. A deleted row that
# is restored is inserted again: that confirms nothing, so only updates count.
_DECISIONS: Final = """
    SELECT sought.test, entry.author, entry.import_run IS NOT NULL, entry.changed_at
    FROM unnest(%s::uuid[], %s::text[]) AS sought (test, winner)
    CROSS JOIN LATERAL (
        SELECT author, import_run, changed_at FROM change_log
        WHERE table_name = 'ab_tests' AND row_key = sought.test AND operation = 'update'
          AND CASE WHEN sought.winner IS NULL THEN new ->> 'status' = 'completed'
              ELSE new ->> 'winning_variant' = sought.winner END
        ORDER BY id DESC LIMIT 1
    ) AS entry
"""

_RISES: Final = """
    SELECT sought.variant, entry.changed_at
    FROM unnest(%s::uuid[]) AS sought (variant)
    CROSS JOIN LATERAL (
        SELECT changed_at FROM change_log
        WHERE table_name = 'test_variants' AND row_key = sought.variant AND operation <> 'delete'
          AND (new ->> 'impressions')::bigint > coalesce((old ->> 'impressions')::bigint, 0)
        ORDER BY id DESC LIMIT 1
    ) AS entry
"""


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """Who stored a test's winner, or completed it without one; `author` is '' where no person is known."""

    author: str
    is_imported: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class LastImpressions:
    """When impressions were last seen to rise; not `is_exact` where an import brought them, at that time or before."""

    at: datetime
    is_exact: bool


def stored_decisions(tests: Iterable[ABTest]) -> dict[UUID, StoredDecision]:
    """Return who made each test's winner or ended it, without those of which the log has nothing."""
    rows = list(tests)
    if not rows:
        return {}
    with connections[REVENUE].cursor() as cursor:
        cursor.execute(_DECISIONS, [[row.pk for row in rows], [row.winning_variant or None for row in rows]])
        return {test: StoredDecision(author or "", imported, at) for test, author, imported, at in cursor.fetchall()}


def last_impressions(variants: Iterable[ABTestVariant]) -> dict[UUID, LastImpressions]:
    """Return when each variant's impressions last rose, without those that have none or of which nothing is known."""
    shown = [variant.pk for variant in variants if (variant.impressions or 0) > 0]
    if not shown:
        return {}
    with connections[REVENUE].cursor() as cursor:
        cursor.execute(_RISES, [shown])
        logged: Mapping[UUID, datetime] = dict(cursor.fetchall())
    imported = import_times_by_variant(variant for variant in shown if variant not in logged)
    return {
        **{variant: LastImpressions(at, is_exact=False) for variant, at in imported.items()},
        **{variant: LastImpressions(at, is_exact=True) for variant, at in logged.items()},
    }
