"""`manage.py postgres status|stop`: the embedded PostgreSQL, which starts by itself."""

from typing import Any

from django.core.management.base import CommandParser

from synapse.foundation.contained_command import ContainedCommand
from synapse.foundation.embedded_postgres import server_status, stop_server


class Command(ContainedCommand):
    help = "Show or stop this checkout's embedded PostgreSQL; it starts by itself on the first connection."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["status", "stop"])

    def handle(self, *, verb: str, **_options: Any) -> None:
        if verb == "stop":
            self.stdout.write("Stopped." if stop_server() else "It wasn't running.")
        else:
            found = server_status()
            server = found.server
            if server is None:
                self.stdout.write("Not running.")
            else:
                self.stdout.write(
                    f"PostgreSQL {server.version} runs on {server.host}:{server.port}, user {server.user}."
                )
            if found.data_directory:
                self.stdout.write(f"Data: {found.data_directory}")
                self.stdout.write(f"Log: {found.log_file}")
