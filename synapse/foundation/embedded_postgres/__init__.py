"""The embedded PostgreSQL: a server per checkout that the first connection starts.

What lives here: its binaries, data and life cycle, and the Django database backend on top of them.
What does not: creating the three databases in it and migrating them.
"""

from synapse.foundation.embedded_postgres.binaries import Binaries, find_binaries
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.server import Server, Status, ensure_running, server_status, stop_server

__all__ = [
    "Binaries",
    "EmbeddedPostgresError",
    "Server",
    "Status",
    "ensure_running",
    "find_binaries",
    "server_status",
    "stop_server",
]
