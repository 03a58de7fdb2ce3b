"""The materialized views: refreshing them, and how old they are, by each database's own SQL functions.

The views and the functions are in the apps' sql/ folders.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connections

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE

_REFRESH_FUNCTIONS: Final = {
    BUSINESS_CORE: "refresh_business_core_views",
    ANALYTICS: "refresh_analytics_views",
    REVENUE: "refresh_revenue_views",
}


@dataclass(frozen=True, slots=True)
class ViewAge:
    """How old a materialized view is.

    `refreshed_at` is None where no refresh is known; `is_behind` says that its query would give other rows now.
    """

    view: str
    refreshed_at: datetime | None
    is_behind: bool


def refresh_views(*, alias: str) -> list[str]:
    """Refresh the database's materialized views without locking out readers, and return their names.

    Raises KeyError for an alias that is none of the three.
    """
    function = _REFRESH_FUNCTIONS[alias]
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM public.{function}()")
        return [name for (name,) in cursor.fetchall()]


def view_age(view: str, *, alias: str) -> ViewAge:
    """Return how old a materialized view of the database is; costs about what its own query costs.

    Raises LookupError where the database has no such view.
    """
    sql = "SELECT view_name, refreshed_at, is_behind FROM public.materialized_view_ages() WHERE view_name = %s"
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, [view])
        found = cursor.fetchone()
    if found is None:
        raise LookupError(f"{alias} has no materialized view {view!r}.")
    return ViewAge(*found)


def refresh_times(*, alias: str) -> dict[str, datetime | None]:
    """Return when each materialized view of the database was refreshed, None where none is known; costs nothing."""
    # A refresh writes its time into the view's comment; a comment that a person wrote is no time.
    sql = """
        SELECT matviewname, CASE WHEN pg_input_is_valid(said, 'timestamptz') THEN said::timestamptz END
        FROM pg_matviews
        CROSS JOIN LATERAL (
            SELECT substring(
                obj_description(format('public.%%I', matviewname)::regclass, 'pg_class') FROM '^refreshed (\\S+Z)$'
            )
        ) AS comment (said)
        WHERE schemaname = 'public'
        ORDER BY matviewname
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, [])
        return dict(cursor.fetchall())
