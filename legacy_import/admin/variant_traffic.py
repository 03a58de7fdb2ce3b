"""The traffic of A/B test variants as the revenue database's ledger knows it: assigned posts, and imports.

Registered with the revenue app (revenue.legacy_traffic), which must not import this one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connections

from legacy_import.admin.variant_keys import SOURCE
from legacy_import.models import LedgerRow
from revenue.legacy_traffic import LegacyTraffic, register_legacy_traffic
from synapse.foundation.databases import REVENUE

# The archive's partial index finds the table's rows; 10,000 of them are counted in 50 ms, 100,000 in 0.8 s.
_POSTS: Final = """
    SELECT cells ->> 'variant_id', count(DISTINCT cells ->> 'post_id')
    FROM ledger
    WHERE source = %s AND legacy_table = 'test_assignments' AND state = 'archived'
      AND cells ->> 'variant_id' = ANY(%s) AND cells ->> 'post_id' IS NOT NULL
    GROUP BY 1
"""


def post_counts_by_key(keys: Iterable[str]) -> dict[str, int]:
    """Return how many different posts the archived assignments name for each legacy key of a variant."""
    with connections[REVENUE].cursor() as cursor:
        cursor.execute(_POSTS, [SOURCE, list(keys)])
        return dict(cursor.fetchall())


def import_times_by_variant(variants: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when the run began that last wrote the ledger row of each imported variant."""
    landed = LedgerRow.objects.using(REVENUE).filter(target_key__in=list(variants), owns=True)
    found = landed.values_list("target_key", "run__started_at")
    return {target: at for target, at in found if target is not None and at is not None}


register_legacy_traffic(LegacyTraffic(post_counts_by_key, import_times_by_variant))
