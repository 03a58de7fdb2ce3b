"""A sender killed between the mail server's yes and its own mark: the mail comes again, recognisably the same."""

import os
import signal
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from synapse.foundation.databases import ALIASES, URL_VARIABLES
from synapse.kit.notices.models import MailState, NoticeMail
from synapse.kit.notices.sending import deliver_notices
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised, reader
from tests.mail_server import TAKEN, mail_server

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(databases=["default", "analytics", "revenue"], transaction=True),
]

ROOT = Path(__file__).resolve().parents[3]


def _database_urls() -> dict[str, str]:
    """Return the test databases' addresses for another process."""
    urls = {}
    for alias in ALIASES:
        to = connections[alias].get_connection_params()
        urls[URL_VARIABLES[alias]] = (
            f"postgresql://{to['user']}:{to['password']}@{to['host']}:{to['port']}/{to['dbname']}"
        )
    return urls


def test_a_mail_sent_but_not_marked_comes_again_with_the_same_identity(settings: Settings) -> None:
    reader()
    raised()
    senders: list[subprocess.Popen[bytes]] = []

    def taken_and_killed(_message: EmailMessage) -> str:
        os.kill(senders[0].pid, signal.SIGKILL)
        return TAKEN

    with mail_server() as server:
        server.on_message = taken_and_killed
        environment = os.environ | _database_urls() | {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}
        senders.append(subprocess.Popen([sys.executable, "manage.py", "send_notices"], cwd=ROOT, env=environment))
        assert senders[0].wait(60) == -signal.SIGKILL
        assert len(server.received) == 1
        assert NoticeMail.objects.get().state == MailState.WAITING

        server.on_message = lambda _message: TAKEN
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        assert deliver_notices(NOW.replace(year=NOW.year + 1)).sent == 1

    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert NoticeMail.objects.get().state == MailState.SENT
