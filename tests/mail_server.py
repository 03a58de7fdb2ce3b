"""A real SMTP server for tests, in a thread of this process, that can refuse, hang up and be away.

What lives here: the server. What does not: any test, and what is mailed (synapse.kit.notices).
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = "250 OK"


@dataclass(slots=True)
class MailServer:
    """What the server took; `answers` says what it answers to an address, `on_message` what it answers to a message."""

    port: int
    received: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    on_message: Callable[[EmailMessage], str] = lambda _: TAKEN
    connections: int = 0

    async def handle_EHLO(  # noqa: N802  # the name is the library's
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return TAKEN

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = cast("bytes", envelope.content)
        message = cast("EmailMessage", message_from_bytes(content, policy=cast("Any", default)))
        answer = self.on_message(message)
        if answer == TAKEN:
            self.received.append(message)
        return answer

    def to(self) -> list[str]:
        """Return whom the messages taken were for, in order of the alphabet."""
        return sorted(str(message["To"]) for message in self.received)


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    """Run a server on the port, or on a free one."""
    server = MailServer(port or free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
