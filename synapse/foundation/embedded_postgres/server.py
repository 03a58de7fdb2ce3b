"""The embedded server's life cycle: ensured to run, looked at, stopped. The order of a start's steps is here."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from synapse.foundation.embedded_postgres import pid_file
from synapse.foundation.embedded_postgres.binaries import find_binaries, make_binaries_reachable
from synapse.foundation.embedded_postgres.data_directory import (
    USER,
    prepare_data_directory,
    read_major_version,
    read_password,
)
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.home import Home, ensure_home, existing_home, hold_home_lock
from synapse.foundation.embedded_postgres.launch import launch_postmaster
from synapse.foundation.embedded_postgres.ports import HOST
from synapse.foundation.embedded_postgres.processes import find_postmaster, is_alive, is_postmaster

_STOP_TIMEOUT_SECONDS: Final = 60.0
_SETTLE_TIMEOUT_SECONDS: Final = 120.0
_DOUBT_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: how to connect to it, and its data. `version` is the major version, as "18"."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    data_directory: Path
    version: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is there: `server` is None where none runs, both paths are None where none was ever started here."""

    server: Server | None
    data_directory: Path | None
    log_file: Path | None


def ensure_server_running() -> Server:
    """Return this checkout's server, started where it isn't running; made on the first call ever.

    Costs under a millisecond where it runs. Safe to call from any number of processes at once.

    Raises EmbeddedPostgresError with a sentence that says what to do.
    """
    home = existing_home()
    server = _running_server(home) if home else None
    if server:
        return server
    home = ensure_home()
    with hold_home_lock(home):
        # Asked again under the lock: another process may have started it meanwhile.
        if not _wait_for_start_or_stop(home):
            binaries = make_binaries_reachable(find_binaries(), account=home.account, home=home.directory)
            prepare_data_directory(home, binaries)
            launch_postmaster(home, binaries)
    server = _running_server(home)
    if server is None:
        raise EmbeddedPostgresError(f"PostgreSQL started and ended at once: see {home.log}.")
    return server


def server_status() -> Status:
    """Return what is there, and start nothing.

    Raises EmbeddedPostgresError where the server is another user's.
    """
    home = existing_home()
    if home is None:
        return Status(server=None, data_directory=None, log_file=None)
    return Status(server=_running_server(home), data_directory=home.data, log_file=home.log)


def stop_server() -> bool:
    """Stop this checkout's server, open connections and all; True where one was running.

    Raises EmbeddedPostgresError where it is another user's, or doesn't end.
    """
    home = existing_home()
    if home is None:
        return False
    with hold_home_lock(home):
        pid = find_postmaster(home.data)
        if pid is None:
            return False
        _end_postmaster(pid, home)
    return True


def _running_server(home: Home) -> Server | None:
    written = pid_file.read_pid_file(home.data)
    if written is None or written.pid is None or written.port is None or not written.ready:
        return None
    if not is_postmaster(written.pid, home.data):
        return None
    return Server(
        host=HOST,
        port=written.port,
        user=USER,
        password=read_password(home.data),
        data_directory=home.data,
        version=read_major_version(home.data),
    )


def _wait_for_start_or_stop(home: Home) -> bool:
    """Wait for a server that is starting or stopping; True where it then runs, False where none does and one may start.

    A stale pid file is removed: PostgreSQL would take another process with its number for a server.
    """
    began = time.monotonic()
    while time.monotonic() < began + _SETTLE_TIMEOUT_SECONDS:
        if _running_server(home):
            return True
        pid = find_postmaster(home.data)
        if pid is None:
            pid_file.pid_file_path(home.data).unlink(missing_ok=True)
            return False
        written = pid_file.read_pid_file(home.data)
        if (written is None or written.pid != pid) and time.monotonic() > began + _DOUBT_SECONDS:
            # It lost its pid file, will end itself within a minute, and can't be asked for its port.
            _end_postmaster(pid, home)
        time.sleep(_POLL_SECONDS)
    raise EmbeddedPostgresError(
        f"PostgreSQL has been starting or stopping for {_SETTLE_TIMEOUT_SECONDS:.0f} seconds: look into {home.log} and "
        "try again."
    )


def _end_postmaster(pid: int, home: Home) -> None:
    """End the server: a fast shutdown (SIGINT), then an immediate one (SIGQUIT), which the next start recovers from."""
    for how in (signal.SIGINT, signal.SIGQUIT):
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if not is_alive(pid):
                return
            time.sleep(_POLL_SECONDS)
    raise EmbeddedPostgresError(f"PostgreSQL, process {pid}, doesn't end: see {home.log}.")
