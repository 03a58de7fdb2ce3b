"""Two senders at once: each mail is sent by one of them."""

import time
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
from django.db import connections

from synapse.kit.notices.models import MailState, NoticeMail
from synapse.kit.notices.outbox import enqueue_notice_mails
from synapse.kit.notices.sending import Delivery, deliver_notices
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised, reader
from tests.mail_server import TAKEN, MailServer

pytestmark = pytest.mark.django_db(transaction=True)


def _send() -> Delivery:
    try:
        return deliver_notices(NOW)
    finally:
        connections["default"].close()


def _slowly(_message: EmailMessage) -> str:
    time.sleep(0.04)
    return TAKEN


def test_each_mail_goes_out_once(server: MailServer) -> None:
    for number in range(8):
        reader(f"person{number}")
    raised()
    raised("Another")
    server.on_message = _slowly
    enqueue_notice_mails(NOW)  # else who comes second finds nothing made yet

    with ThreadPoolExecutor(3) as senders:
        deliveries = list(senders.map(lambda _: _send(), range(3)))

    assert sum(delivery.sent for delivery in deliveries) == 16
    assert sum(delivery.sent > 0 for delivery in deliveries) > 1
    assert [delivery.error for delivery in deliveries] == ["", "", ""]
    identities = {str(message["Message-ID"]) for message in server.received}
    assert len(server.received) == len(identities) == 16
    assert set(NoticeMail.objects.values_list("state", flat=True)) == {MailState.SENT}
