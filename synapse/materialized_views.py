"""Refreshing the materialized views.

What lives here: calling each database's own refresh function.
What does not: the views and the functions, which are in the apps' sql/ folders.
"""

from typing import Final

from django.db import connections

from synapse.databases import ANALYTICS, BUSINESS_CORE, REVENUE

_REFRESH_FUNCTIONS: Final = {
    BUSINESS_CORE: "refresh_business_core_views",
    ANALYTICS: "refresh_analytics_views",
    REVENUE: "refresh_revenue_views",
}


def refresh_views(*, alias: str) -> list[str]:
    """Refresh the database's materialized views without locking out readers, and return their names.

    Raises KeyError for an alias that is none of the three.
    """
    function = _REFRESH_FUNCTIONS[alias]
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM public.{function}()")
        return [name for (name,) in cursor.fetchall()]
