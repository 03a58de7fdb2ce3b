"""Django's PostgreSQL backend for the embedded server, which it starts when it connects and never before."""

import re
import threading
import time
from typing import Any, Final

import psycopg
from django.db.backends.postgresql import base as postgresql

from synapse.foundation.embedded_postgres import ensure_server_running
from synapse.foundation.embedded_postgres.backend.client import DatabaseClient

# Transient errors, by the server's own words, which are always English: it is back by itself within seconds.
_PASSING: Final = re.compile(
    "Connection refused|starting up|shutting down|not yet accepting|recovery mode"
    "|crash of another server process|server closed the connection|Connection reset"
)
# A recovery first flushes every file, which takes long on a busy disk.
_RETRY_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1
_ADDRESS: Final = ("host", "port", "user", "password")


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """Connect to the embedded server, which starts itself where it isn't running."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters for the running server.

        Raises EmbeddedPostgresError, an OperationalError, where it can't be started.
        """
        start_and_fill_in_address(self.settings_dict)
        params: dict[str, Any] = super().get_connection_params()
        # The caller's PGHOSTADDR, PGSSLMODE and the like are meant for another server.
        params["hostaddr"] = params["host"]
        params["sslmode"] = params["gssencmode"] = "disable"
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection; a server that was just killed, or is recovering, is waited for."""
        deadline = time.monotonic() + _RETRY_SECONDS
        self._discard_stale_pool(conn_params)
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError as error:
                if not _PASSING.search(str(error)) or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)
            conn_params = {**conn_params, **self.get_connection_params()}

    def _discard_stale_pool(self, conn_params: dict[str, Any]) -> None:
        """Begin a new pool where the server came back on another port: the old one would try the old port for ever."""
        pools: dict[str, Any] = self._connection_pools  # type: ignore[attr-defined]  # the stubs know of no pools
        pool = pools.get(self.alias)
        if pool is not None and any(pool.kwargs[key] != conn_params[key] for key in _ADDRESS):
            pools.pop(self.alias, None)
            # Closing waits for the pool's threads, which are trying to connect.
            threading.Thread(target=pool.close, daemon=True).start()


def start_and_fill_in_address(settings_dict: dict[str, Any]) -> None:
    """Start the server where it isn't running and put its address into Django's settings of the connection."""
    server = ensure_server_running()
    settings_dict.update(HOST=server.host, PORT=str(server.port), USER=server.user, PASSWORD=server.password)
