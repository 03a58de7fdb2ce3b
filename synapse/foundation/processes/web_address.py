"""The address the web server listens on: reserving a port, and waiting for the first page. Used by `start`."""

import socket
import time
import urllib.error
import urllib.request
from typing import Final

HOST: Final = "127.0.0.1"
_PORTS_TRIED: Final = 100
_POLL_SECONDS: Final = 0.1


def reserve_port(wanted: int) -> socket.socket:
    """Return a socket bound to the wanted port, or to the next free one.

    The socket is handed to the server, so nobody can take the port in between, nor while the server restarts.
    Raises OSError where none of a hundred ports is free.
    """
    for port in range(wanted, wanted + _PORTS_TRIED):
        reserved = socket.socket()
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            reserved.bind((HOST, port))
            reserved.listen()
        except OSError:
            reserved.close()
        else:
            return reserved
    raise OSError(f"No port from {wanted} to {wanted + _PORTS_TRIED - 1} is free.")


def wait_for_answer(url: str, *, timeout_seconds: float) -> bool:
    """Wait for the page; False where it was not there in time or is an error."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=max(1.0, deadline - time.monotonic())):  # noqa: S310 - our own
                return True
        # The server answers, and will answer the same again. Before OSError, of which this is a subclass.
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except OSError:
            time.sleep(_POLL_SECONDS)
    return False
