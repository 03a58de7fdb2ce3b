"""The metrics that each database answers for itself, and the connection pools of the process that answers."""

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError, connections, transaction
from prometheus_client.core import Metric

from synapse.foundation.containment import contain_errors
from synapse.foundation.forked_connections import current_pools
from synapse.foundation.materialized_views import refresh_times
from synapse.foundation.text.error_line import error_line
from synapse.kit.panels.health import HEALTH_PROBES
from synapse.kit.panels.metric_families import PER_DATABASE, gauge_family


def database_metrics(alias: str, now: datetime) -> list[Metric]:
    """Return the families of one database; what it refuses or takes too long for is missing."""
    of_probes = [read for probe in HEALTH_PROBES.in_order() for read in probe.database_metrics]
    families = []
    for read in (_read_database_size, _read_connection_count, _read_view_ages, *of_probes):
        # A transaction for each: a query that fails would abort those after it.
        with contain_errors(f"metrics of {alias}", foresee=_foreseen_error_sentence), transaction.atomic(using=alias):
            families.append(read(alias, now))
    return families


def _foreseen_error_sentence(unit: str, error: Exception) -> str:
    return f"{unit}: {error_line(error)}" if isinstance(error, DatabaseError) else ""


def pool_metrics() -> Iterator[Metric]:
    """Return the pools of this process; another of the web server's has pools of its own."""
    stats = {alias: pool.get_stats() for alias, pool in current_pools().items()}
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
        yield gauge_family(f"pool_{name}", text, PER_DATABASE, values)


def _read_database_size(alias: str, _now: datetime) -> Metric:
    size_bytes = _fetch_number(alias, "SELECT pg_database_size(current_database())")
    text = "What the database takes on disk."
    return gauge_family("database_size_bytes", text, PER_DATABASE, [([alias], size_bytes)])


def _read_connection_count(alias: str, _now: datetime) -> Metric:
    count = _fetch_number(alias, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
    text = "Connections to the database, of everybody."
    return gauge_family("database_connections", text, PER_DATABASE, [([alias], count)])


def _read_view_ages(alias: str, now: datetime) -> Metric:
    times = refresh_times(alias=alias).items()
    ages = (([alias, view], (now - at).total_seconds()) for view, at in times if at)
    return gauge_family("view_age_seconds", "Time since the view was refreshed.", ("database", "view"), ages)


def _fetch_number(alias: str, sql: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
