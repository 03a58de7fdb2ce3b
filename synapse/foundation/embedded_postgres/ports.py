"""The port of the server: SYNAPSE_PG_PORT or the checkout's own, and free ones instead."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from synapse.foundation.embedded_postgres.errors import EmbeddedPostgresError

HOST: Final = "127.0.0.1"
PORT_VARIABLE: Final = "SYNAPSE_PG_PORT"
_LAST: Final = 65_535
# Below the range systems hand out by themselves, so that the port is still free after a restart.
_FIRST_OF_OURS: Final = 20_000
_COUNT_OF_OURS: Final = 10_000
_ATTEMPTS: Final = 5


def candidate_ports(home: Path) -> Iterator[int]:
    """Yield the free ports to try: SYNAPSE_PG_PORT or this home's own, then others.

    Raises EmbeddedPostgresError where SYNAPSE_PG_PORT is no port.
    """
    first = wanted_port(home)
    if is_port_free(first):
        yield first
    for _ in range(_ATTEMPTS):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # The system chooses; another process may take it before PostgreSQL does, which launch.py notices.
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        yield port


def wanted_port(home: Path) -> int:
    """Return SYNAPSE_PG_PORT, or a port of this home's own, the same at every start."""
    text = os.environ.get(PORT_VARIABLE, "")
    if not text:
        digest = hashlib.sha256(os.fsencode(home)).digest()
        return _FIRST_OF_OURS + int.from_bytes(digest[:4], "big") % _COUNT_OF_OURS
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= _LAST):
        raise EmbeddedPostgresError(f"{PORT_VARIABLE} must be a port from 1 to {_LAST}, not {text[:80]!r}.")
    return int(text)


def is_port_free(port: int) -> bool:
    """Say whether nothing listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL does: connections that are just closing don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
