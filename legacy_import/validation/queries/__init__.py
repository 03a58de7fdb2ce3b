"""The named queries whose 95th percentile the specification bounds, one declaration file per database."""

from typing import Final

from legacy_import.validation.queries.analytics import ANALYTICS_QUERIES
from legacy_import.validation.queries.business_core import BUSINESS_CORE_QUERIES
from legacy_import.validation.queries.named_query import NamedQuery
from legacy_import.validation.queries.revenue import REVENUE_QUERIES
from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE

QUERIES: Final[dict[str, tuple[NamedQuery, ...]]] = {
    BUSINESS_CORE: BUSINESS_CORE_QUERIES,
    ANALYTICS: ANALYTICS_QUERIES,
    REVENUE: REVENUE_QUERIES,
}

__all__ = ["QUERIES", "NamedQuery"]
