"""Sending beside other work: who begins a round goes on at once, whatever the mail server does."""

import socket

import pytest
from pytest_django.fixtures import Settings

from synapse.kit.notices.background import BackgroundDelivery
from synapse.kit.notices.models import NoticeMail
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised, reader
from tests.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_round_sends(server: MailServer) -> None:
    reader()
    raised()
    delivery = BackgroundDelivery()

    assert delivery.begin_round(NOW)
    assert delivery.wait_for_round(10)

    assert server.to() == ["ada@example.com"]


def test_a_server_that_says_nothing_holds_nobody_up(server: MailServer, settings: Settings) -> None:
    reader()
    raised()
    delivery = BackgroundDelivery()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = silent.getsockname()[1], 0.5

        assert delivery.begin_round(NOW)
        assert not delivery.begin_round(NOW)

        assert delivery.wait_for_round(10)

    mail = NoticeMail.objects.get()
    assert mail.attempts == 1
    assert "timed out" in mail.error.lower()
    assert delivery.begin_round(NOW)
    assert delivery.wait_for_round(10)
