"""The metrics that each database tells of itself, and the pools of the process that answers.

What lives here: reading them. What does not: writing them down (metrics).
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from django.db import DatabaseError, connections, transaction
from prometheus_client.core import Metric

from legacy_import.admin.quarantine.groups import count_waiting
from legacy_import.models import Divergence
from synapse.foundation.forked_connections import open_pools
from synapse.foundation.materialized_views import refresh_times
from synapse.kit.panels.metric_families import gauge

_PER_DATABASE: Final = ("database",)


def database_metrics(alias: str, now: datetime) -> list[Metric]:
    """Return the families of one database; what it refuses or takes too long for is missing."""
    read: list[Callable[[str, datetime], Metric]] = [_size, _connections, _view_ages, _quarantine, _divergences]
    return [family for one in read for family in _tried(one, alias, now)]


def pool_metrics() -> Iterator[Metric]:
    """Return the pools of this process; another of the web server's has pools of its own."""
    stats = {alias: pool.get_stats() for alias, pool in open_pools().items()}
    for name, text in (
        ("size", "Connections the answering process's pool holds."),
        ("available", "Connections of that pool that nobody borrows."),
        ("max", "Connections that pool may hold."),
        ("requests_waiting", "Threads that wait for a connection of that pool."),
    ):
        values = (
            ([alias], stat.get(name if name == "requests_waiting" else f"pool_{name}", 0))
            for alias, stat in stats.items()
        )
        yield gauge(f"pool_{name}", text, _PER_DATABASE, values)


def _tried(read: Callable[[str, datetime], Metric], alias: str, now: datetime) -> Iterator[Metric]:
    try:
        with transaction.atomic(using=alias):
            family = read(alias, now)
    except DatabaseError:
        return
    yield family


def _size(alias: str, _now: datetime) -> Metric:
    size = _one(alias, "SELECT pg_database_size(current_database())")
    return gauge("database_size_bytes", "What the database takes on disk.", _PER_DATABASE, [([alias], size)])


def _connections(alias: str, _now: datetime) -> Metric:
    count = _one(alias, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    return gauge(
        "database_connections", "Connections to the database, of everybody.", _PER_DATABASE, [([alias], count)]
    )


def _view_ages(alias: str, now: datetime) -> Metric:
    times = refresh_times(alias=alias).items()
    ages = (([alias, view], (now - at).total_seconds()) for view, at in times if at)
    return gauge("view_age_seconds", "Time since the view was refreshed.", ("database", "view"), ages)


def _quarantine(alias: str, _now: datetime) -> Metric:
    text = "Legacy rows that wait in quarantine."
    return gauge("quarantined_rows", text, _PER_DATABASE, [([alias], count_waiting(alias))])


def _divergences(alias: str, _now: datetime) -> Metric:
    open_ones = Divergence.objects.using(alias).filter(choice="").count()
    return gauge("divergences_open", "Values to choose between.", _PER_DATABASE, [([alias], open_ones)])


def _one(alias: str, sql: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
