"""The materialized views: refreshing them, and how old they are, by each database's own SQL functions.

The views and the functions are in the apps' sql/ folders.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from django.db import DatabaseError, OperationalError, connections, transaction
from django.db.models import Manager, Model, QuerySet
from psycopg import errors

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE

_M_co = TypeVar("_M_co", bound=Model, covariant=True)

_logger = logging.getLogger(__name__)

_REFRESH_FUNCTIONS: Final = {
    BUSINESS_CORE: "refresh_business_core_views",
    ANALYTICS: "refresh_analytics_views",
    REVENUE: "refresh_revenue_views",
}
_NO_WAIT: Final = "10ms"
_PATIENCE: Final = "5s"
"""How long to wait for a view while nobody waits for us."""
_PATIENCE_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class ViewAge:
    """How old a materialized view is.

    `refreshed_at` is None where no refresh is known; `is_behind` says that its query would give other rows now.
    """

    view: str
    refreshed_at: datetime | None
    is_behind: bool


class MaterializedViewManager(Manager[_M_co]):
    """Rows of a materialized view, which is filled before it is read where it holds no data yet."""

    def get_queryset(self) -> QuerySet[_M_co]:
        """Return the rows, none where the view cannot be filled right now."""
        rows = super().get_queryset()
        return rows if fill_empty_views(alias=rows.db) else rows.none()


def refresh_views(*, alias: str) -> list[str]:
    """Refresh the database's materialized views without locking out readers, and return their names.

    One that holds no data yet is filled, which nobody can read meanwhile: nobody could before.
    Raises KeyError for an alias that is none of the three.
    """
    function = _REFRESH_FUNCTIONS[alias]
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM public.{function}()")
        return [name for (name,) in cursor.fetchall()]


def refresh_views_without_waiting(*, alias: str) -> None:
    """Refresh the views within a transaction that holds tables, or after its commit where somebody holds a view.

    Whoever waits for the tables must not wait for a view's reader or refresher as well. After the commit it waits for
    a few seconds; a view that is held for longer is left to the job that refreshes all of them, and stays behind.
    """
    try:
        _refresh_with_lock_timeout(alias, _NO_WAIT)
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.LockNotAvailable):
            raise
        transaction.on_commit(partial(_refresh_after_commit, alias), using=alias)


def fill_empty_views(*, alias: str) -> bool:
    """Refresh the database's views where one of them holds no data; return whether all hold some by now.

    Costs a look into the catalogue where they do. Called before a view is read: one that was restored without its
    data, or made WITH NO DATA, would end the query.
    """
    if not _find_empty_views(alias):
        return True
    try:
        _refresh_with_lock_timeout(alias, _PATIENCE)
    except DatabaseError as error:
        _logger.warning("The views of %s hold no data and could not be filled: %s", alias, _first_line(error))
    return not _find_empty_views(alias)


def view_age(view: str, *, alias: str) -> ViewAge:
    """Return how old a materialized view of the database is; costs about what its own query costs.

    Raises LookupError where the database has no such view.
    """
    fill_empty_views(alias=alias)
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


def _find_empty_views(alias: str) -> list[str]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT matviewname FROM pg_catalog.pg_matviews WHERE schemaname = 'public' AND NOT ispopulated")
        return [name for (name,) in cursor.fetchall()]


def _refresh_with_lock_timeout(alias: str, timeout: str) -> None:
    """Refresh the views, wholly or not at all, waiting so long for each lock; the transaction goes on with its own."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [timeout])
        refresh_views(alias=alias)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def _refresh_after_commit(alias: str) -> None:
    """Refresh the views in a transaction of their own; the commit stands, whatever comes of it.

    A refresh holds what it has got while it waits for the next table, and so does an import that rebuilds its keys: it
    would be the one to fail in a deadlock. So this side never waits, but tries again.
    """
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            _refresh_with_lock_timeout(alias, _NO_WAIT)
        except DatabaseError as error:
            if isinstance(error.__cause__, errors.LockNotAvailable) and time.monotonic() < give_up_at:
                time.sleep(_RETRY_SECONDS)
                continue
            _logger.warning("The views of %s stay as they are until the next refresh: %s", alias, _first_line(error))
        return


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
