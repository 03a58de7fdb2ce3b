"""A mail server, and the settings that lead to it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.mail_server import MailServer, mail_server

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    """Run a mail server to which Django sends."""
    with mail_server() as running:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", running.port
        settings.EMAIL_TIMEOUT = 2
        settings.NOTICE_EMAIL_FROM = "Synapse <synapse@example.com>"
        settings.SITE_URL = "https://synapse.example.com/"
        yield running
