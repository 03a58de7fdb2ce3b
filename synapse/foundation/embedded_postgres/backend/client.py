"""psql on the embedded server, for `manage.py dbshell`."""

import os
from collections.abc import Iterable
from typing import Any

from django.db.backends.postgresql import client as postgresql

from synapse.foundation.embedded_postgres import ensure_server_running, find_binaries


class DatabaseClient(postgresql.DatabaseClient):
    """Start the server before psql, and take the psql that came with it."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Return psql's command line and environment, the server's address filled in."""
        server = ensure_server_running()
        address = {"HOST": server.host, "PORT": server.port, "USER": server.user, "PASSWORD": server.password}
        arguments, environment = super().settings_to_cmd_args_env({**settings_dict, **address}, parameters)
        psql = find_binaries().program_path("psql")
        if os.access(psql, os.X_OK):
            arguments = [str(psql), *arguments[1:]]
        return arguments, environment
