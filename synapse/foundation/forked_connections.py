"""Database connections after a fork: the child process begins without its parent's connections and connection pools.

Two processes on one socket read each other's answers: of 20 tasks a cluster with a pool finished one.
"""

import os
from typing import Any

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

_inherited: list[object] = []
"""What this process inherited. Never garbage-collected: their finalizers would write to the parent's sockets."""


def current_pools() -> dict[str, Any]:
    """Return this process's pools by alias; empty where it has none, or has not asked a database yet."""
    pools: dict[str, Any] = DatabaseWrapper._connection_pools  # type: ignore[attr-defined]  # noqa: SLF001  # no other way
    return pools


def forget_connections_after_fork() -> None:
    """Have every process forked from now on begin without connections and pools."""
    os.register_at_fork(after_in_child=_forget_inherited_connections)


def _forget_inherited_connections() -> None:
    # Forgotten, not closed: closing would end the parent's session on the server, and a pool's threads, which exist in
    # the parent only, may hold its lock for ever.
    pools = current_pools()
    _inherited.extend(pools.values())
    pools.clear()
    for wrapper in connections.all(initialized_only=True):
        _inherited.append(wrapper)
        del connections[wrapper.alias]
