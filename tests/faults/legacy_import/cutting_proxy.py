"""A TCP proxy before PostgreSQL that cuts a connection at a chosen moment.

What lives here: passing bytes on and cutting. What does not: any test.
"""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from synapse.foundation.embedded_postgres.ports import HOST

Moment = Literal["before", "in flight", "after"]

_CHUNK_BYTES: Final = 65_536


@dataclass(slots=True)
class Cut:
    """When to cut: once a client has sent these words, or so many bytes over one connection.

    `before`: the server never gets that message. `in flight`: it gets it, and nobody waits. `after`: the server has
    answered, and the client never gets the answer.
    """

    words: bytes = b""
    sent_bytes: int | None = None
    moment: Moment = "before"
    made: threading.Event = field(default_factory=threading.Event)

    def is_due(self, chunk: bytes, sent_bytes: int) -> bool:
        """Say whether this chunk is the one; sent_bytes counts it in. One connection is cut, and no other."""
        enough = self.sent_bytes is not None and sent_bytes >= self.sent_bytes
        return not self.made.is_set() and (enough or bool(self.words and self.words in chunk))


@contextmanager
def cutting_proxy(server_port: int, cut: Cut) -> Iterator[int]:
    """Listen before the server's port and give one's own."""
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_accept, args=(listener, server_port, cut), daemon=True).start()
        yield listener.getsockname()[1]
        # Closing alone does not wake a thread that waits in accept.
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, server_port: int, cut: Cut) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.create_connection((HOST, server_port))
            threading.Thread(target=_carry, args=(client, server, cut), daemon=True).start()


def _carry(client: socket.socket, server: socket.socket, cut: Cut) -> None:
    """Pass on what either side says until one of them, or the cut, ends it."""
    sent_bytes = 0
    with client, server, suppress(OSError):
        while True:
            for speaker in select.select([client, server], [], [])[0]:
                chunk = speaker.recv(_CHUNK_BYTES)
                if not chunk:
                    return
                if speaker is server:
                    client.sendall(chunk)
                    continue
                sent_bytes += len(chunk)
                if cut.is_due(chunk, sent_bytes):
                    _make(cut, server, chunk)
                    return
                server.sendall(chunk)


def _make(cut: Cut, server: socket.socket, chunk: bytes) -> None:
    if cut.moment != "before":
        server.sendall(chunk)
    if cut.moment == "after":
        server.recv(_CHUNK_BYTES)
    cut.made.set()
