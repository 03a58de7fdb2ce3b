"""The web server's connection pools: the specification's "Connection Pooling Configuration" in psycopg_pool's terms.

Called by settings.py, for the web server's processes only. What becomes of a pool when its process forks is
forked_connections.py's.

    specification (SQLAlchemy)       psycopg_pool      meaning here
    pool_size                        min_size          connections kept open
    pool_size + max_overflow         max_size          connections there may be at once
    pool_timeout                     timeout           seconds a request waits for one, then it fails
    pool_recycle                     max_lifetime      seconds after which a connection is replaced
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from synapse.foundation.databases import ANALYTICS, BUSINESS_CORE, REVENUE


@dataclass(frozen=True, slots=True)
class PoolSize:
    """What the specification gives one database, over all web processes together."""

    kept: int
    overflow: int
    wait_seconds: float
    recycle_seconds: float


POOL_SIZES: Final[Mapping[str, PoolSize]] = {
    BUSINESS_CORE: PoolSize(kept=20, overflow=30, wait_seconds=30, recycle_seconds=3600),
    ANALYTICS: PoolSize(kept=15, overflow=25, wait_seconds=60, recycle_seconds=3600),
    REVENUE: PoolSize(kept=10, overflow=20, wait_seconds=60, recycle_seconds=3600),
}


def with_pools(databases: Mapping[str, dict[str, Any]], *, processes: int, threads: int) -> dict[str, dict[str, Any]]:
    """Return DATABASES with a connection pool for each database, sized for one of so many web processes."""
    return {
        alias: {
            **database,
            "OPTIONS": {
                **database["OPTIONS"],
                "pool": _pool_options(POOL_SIZES[alias], processes=processes, threads=threads),
            },
            # Django refuses a pool beside connections that threads keep.
            "CONN_MAX_AGE": 0,
        }
        for alias, database in databases.items()
    }


def _pool_options(size: PoolSize, *, processes: int, threads: int) -> dict[str, float]:
    # The specification's figures are for all web processes together, a pool is one process's.
    return {
        # A thread borrows one connection of a database at a time: more than the threads would be idle.
        "min_size": max(1, min(size.kept // processes, threads)),
        "max_size": max(1, (size.kept + size.overflow) // processes),
        "timeout": size.wait_seconds,
        "max_lifetime": size.recycle_seconds,
    }
