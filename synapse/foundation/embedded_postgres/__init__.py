"""The embedded PostgreSQL: a server per checkout that the first connection starts.

server.py has the verbs (ensure_server_running, server_status, stop_server). A start takes these steps: the folder and
its lock (home.py), owned by an unprivileged account (account.py); the programs (binaries.py); initdb and settings
(data_directory.py); a postmaster on a free port (launch.py, ports.py). Which process runs is read from pid_file.py and
checked by processes.py. backend/ is the Django database engine on top.
"""

from synapse.foundation.embedded_postgres.binaries import Binaries, find_binaries
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.server import (
    Server,
    Status,
    ensure_server_running,
    server_status,
    stop_server,
)

__all__ = [
    "Binaries",
    "EmbeddedPostgresError",
    "Server",
    "Status",
    "ensure_server_running",
    "find_binaries",
    "server_status",
    "stop_server",
]
