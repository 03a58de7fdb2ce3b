"""Operations says which notices' mails do not get out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from synapse.foundation.databases import ALIASES
from synapse.kit.notices.models import NoticeMail
from synapse.kit.notices.sending import deliver_notices
from tests.integration.synapse.kit.notices.notice_rows import raised, reader
from tests.mail_server import free_port

pytestmark = pytest.mark.django_db(databases=ALIASES)


def test_a_mail_server_that_is_away_is_said_until_it_is_back(operator: Client, settings: Settings) -> None:
    reader("grace")
    raised(now=timezone.now())
    locmem, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    deliver_notices(timezone.now())

    shown = operator.get("/admin/operations/").content.decode()
    settings.EMAIL_BACKEND = locmem
    deliver_notices(NoticeMail.objects.get().due_at + timedelta(seconds=1))

    assert "1 mail could not be sent yet and will be tried again (ConnectionRefusedError" in shown
    assert "could not be sent" not in operator.get("/admin/operations/").content.decode()
