"""A PgBouncer in transaction mode before the embedded server of a checkout.

What lives here: finding the program, starting and ending it, addresses through it and past it. What does not: any test.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from synapse.foundation.databases import DATABASE_NAMES, URL_VARIABLES
from tests.checkouts import Checkout, wait_until

POOL_SIZE: Final = 3
"""Sessions PgBouncer may have in each database, far fewer than the threads that want one."""
WATCHER: Final = "a test that watches"
_HOST: Final = "127.0.0.1"
_SETTINGS: Final = """
[databases]
* = host={server_host} port={server_port}
[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 200
"""
_ADDRESS: Final = """
import json, django
django.setup()
from django.db import connection
connection.ensure_connection()
asked = connection.settings_dict
print(json.dumps({"host": asked["HOST"], "port": asked["PORT"], "user": asked["USER"], "password": asked["PASSWORD"]}))
"""


@dataclass(frozen=True, slots=True)
class Bouncer:
    """A running PgBouncer: its own port, and how to reach the server behind it."""

    port: int
    server: dict[str, str]

    @property
    def variables(self) -> dict[str, str]:
        """What a process is told that goes through PgBouncer."""
        user = f"{self.server['user']}:{self.server['password']}"
        return {
            "DATABASE_BEHIND_PGBOUNCER": "1",
            **{
                variable: f"postgresql://{user}@{_HOST}:{self.port}/{DATABASE_NAMES[alias]}"
                for alias, variable in URL_VARIABLES.items()
            },
        }

    def through(self, alias: str = "default") -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect to a database through PgBouncer."""
        past = {**self.server, "port": str(self.port), "dbname": DATABASE_NAMES[alias]}
        return psycopg.connect(**past, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]  # port as text

    def past(self, alias: str = "default") -> "psycopg.Connection[tuple[Any, ...]]":
        """Connect to a database past PgBouncer."""
        address = {**self.server, "dbname": DATABASE_NAMES[alias], "application_name": WATCHER}
        return psycopg.connect(**address, autocommit=True)  # type: ignore[arg-type]  # the port is text


def bouncer_program() -> str:
    """Return PgBouncer's program; fails in CI where there is none, and skips elsewhere."""
    names = [os.environ.get("PGBOUNCER", ""), "pgbouncer", "/usr/sbin/pgbouncer"]
    found = next((program for name in names if name and (program := shutil.which(name))), None)
    if found is None:
        reason = "No PgBouncer found: run .ci/install-pgbouncer, or name one in PGBOUNCER."
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason} In CI these tests may not be skipped.")
        pytest.skip(reason)
    return found


@contextmanager
def running_bouncer(program: str, checkout: Checkout) -> Iterator[Bouncer]:
    """Run a PgBouncer before the checkout's migrated server; it ends with the block."""
    answered = checkout.run("-c", _ADDRESS, DJANGO_SETTINGS_MODULE="synapse.settings")
    assert answered.returncode == 0, answered.stderr
    server = json.loads(answered.stdout)
    port = free_port()
    uid = _unprivileged()
    process = subprocess.Popen(
        [program, "--quiet", _write_settings(checkout.var_dir / "pgbouncer", server, port, uid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        user=uid,
        extra_groups=None if uid is None else [],
    )
    bouncer = Bouncer(port, server)
    try:
        wait_until(lambda: process.poll() is not None or _answers(bouncer))
        yield bouncer
    finally:
        process.terminate()
        sys.stderr.write(process.communicate(timeout=20)[1])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind((_HOST, 0))
        port: int = free.getsockname()[1]
        return port


def _unprivileged() -> int | None:
    """Return an account for PgBouncer, which refuses to be root; None where this process's own will do."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _write_settings(folder: Path, server: dict[str, str], port: int, uid: int | None) -> Path:
    folder.mkdir()
    users, settings = folder / "users.txt", folder / "pgbouncer.ini"
    for path in (users, settings):
        path.touch(mode=0o600)
        if uid is not None:
            os.chown(path, uid, -1)
    users.write_text(f'"{server["user"]}" "{server["password"]}"\n')
    settings.write_text(
        _SETTINGS.format(
            host=_HOST,
            port=port,
            users=users,
            pool_size=POOL_SIZE,
            server_host=server["host"],
            server_port=server["port"],
        )
    )
    return settings


def _answers(bouncer: Bouncer) -> bool:
    with suppress(psycopg.OperationalError), bouncer.through() as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)
    time.sleep(0.05)
    return False
