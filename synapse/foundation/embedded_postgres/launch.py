"""Launching a postmaster: attempts on free ports, its log, and from that whether another attempt may go better.

Called by server.py under the home's lock, once it is known that none runs.
"""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Final

from synapse.foundation.embedded_postgres import pid_file
from synapse.foundation.embedded_postgres.binaries import Binaries
from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError
from synapse.foundation.embedded_postgres.home import Home
from synapse.foundation.embedded_postgres.ports import HOST, candidate_ports
from synapse.foundation.embedded_postgres.processes import find_orphans, is_alive

_RETRY_SECONDS: Final = 15.0
_PATIENCE_WITH_ORPHANS_SECONDS: Final = 3.0
_START_TIMEOUT_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 0.3
_POLL_SECONDS: Final = 0.02
_MAX_LOG_BYTES: Final = 10 * 2**20

# Through a shell that ends at once: the server is no child of the command, which it outlives and leaves no zombie in.
_DETACHED: Final = 'umask 077; log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'

_BUSY_PORT: Final = re.compile("could not bind|Address already in use|could not create any TCP/IP sockets")
_STILL_IN_USE: Final = re.compile(r"another postmaster|still in use|lock file \"[^\"]*\" (already exists|is empty)")


class _Ending(Enum):
    READY = auto()
    BUSY_PORT = auto()
    STILL_IN_USE = auto()


def launch_postmaster(home: Home, binaries: Binaries) -> None:
    """Start a postmaster and wait until it takes connections; the home is locked and prepared.

    For 15 seconds it waits for what a killed postmaster left behind to go away.

    Raises EmbeddedPostgresError with PostgreSQL's own reason where it doesn't start.
    """
    if _size_bytes(home.log) > _MAX_LOG_BYTES:
        home.log.replace(home.log.with_name(f"{home.log.name}.1"))
    began = time.monotonic()
    ports = candidate_ports(home.directory)
    port = _next_port(ports, home)
    while (ending := _try_launch(home, binaries, port)) is not _Ending.READY:
        if ending is _Ending.BUSY_PORT:
            port = _next_port(ports, home)
            continue
        waited = time.monotonic() - began
        if waited > _RETRY_SECONDS:
            raise EmbeddedPostgresError(f"A former server's processes still hold {home.data}: see {home.log}.")
        if waited > _PATIENCE_WITH_ORPHANS_SECONDS:
            # Orphan backends that never noticed their postmaster's death hold its shared memory. Nothing committed is
            # lost: recovery sees to that.
            for pid in find_orphans(home.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
        time.sleep(_PAUSE_SECONDS)


def _next_port(ports: Iterator[int], home: Home) -> int:
    try:
        return next(ports)
    except StopIteration:
        raise EmbeddedPostgresError(f"PostgreSQL found no free port on {HOST}: see {home.log}.") from None


def _try_launch(home: Home, binaries: Binaries, port: int) -> _Ending:
    log_start = _size_bytes(home.log)
    pid = _spawn_postmaster(home, binaries, port)
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        written = pid_file.read_pid_file(home.data)
        if written and written.pid == pid and written.ready:
            return _Ending.READY
        if not is_alive(pid):
            return _classify_failure(home, log_start)
        time.sleep(_POLL_SECONDS)
    raise EmbeddedPostgresError(
        f"PostgreSQL is still recovering after {_START_TIMEOUT_SECONDS:.0f} seconds and goes on: see {home.log} and "
        "try again in a minute."
    )


def _spawn_postmaster(home: Home, binaries: Binaries, port: int) -> int:
    """Start the postmaster in a session of its own and return its process id."""
    server: list[str | Path] = [
        binaries.program_path("postgres"),
        "-D",
        home.data,
        "-p",
        str(port),
        "-c",
        f"listen_addresses={HOST}",
        "-c",
        # No socket file: its path may hold 107 bytes, and a checkout's is often longer.
        "unix_socket_directories=",
    ]
    outcome = home.account.run_program(["/bin/sh", "-c", _DETACHED, "sh", home.log, *server], directory=home.directory)
    if outcome.status != 0:
        raise EmbeddedPostgresError(f"PostgreSQL couldn't be started in {home.directory}: {outcome.complaint.strip()}.")
    return int(outcome.output)


def _classify_failure(home: Home, log_start: int) -> _Ending:
    """Return from the log of a postmaster that ended at once whether another attempt may go better.

    Raises EmbeddedPostgresError where none will, with PostgreSQL's own reason.
    """
    text = _read_log_from(home.log, log_start)
    if _BUSY_PORT.search(text):
        return _Ending.BUSY_PORT
    if _STILL_IN_USE.search(text):
        return _Ending.STILL_IN_USE
    reasons = re.findall(r"(?:FATAL|PANIC):\s+(.*)", text) or text.strip().splitlines()[-1:] or ["it gave no reason"]
    raise EmbeddedPostgresError(f"PostgreSQL didn't start: {reasons[0]}; see {home.log}.")


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _read_log_from(path: Path, start: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read().decode(errors="replace")
