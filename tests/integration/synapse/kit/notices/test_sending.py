"""Mails of notices, through a real SMTP server: to whom, once, tried again, never lost."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from synapse.kit.notices.models import Kind, MailState, Notice, NoticeMail
from synapse.kit.notices.outbox import undelivered_mail
from synapse.kit.notices.preferences import save_mailed_kinds
from synapse.kit.notices.raising import resolve_notice
from synapse.kit.notices.sending import deliver_notices
from tests.integration.synapse.kit.notices.notice_rows import NOW, raised, reader
from tests.mail_server import MailServer, free_port, mail_server
from tests.people import clerk

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def _mail() -> NoticeMail:
    return NoticeMail.objects.get()


def test_who_may_act_gets_one_mail_each(server: MailServer) -> None:
    reader("ada")
    reader("grace")
    User.objects.create_superuser("chief", email="chief@example.com")
    raised()

    delivery = deliver_notices(NOW)

    assert (delivery.sent, delivery.failed, delivery.error) == (3, 0, "")
    assert server.to() == ["ada@example.com", "chief@example.com", "grace@example.com"]
    assert server.connections == 1
    assert not undelivered_mail(NOW)


def test_others_get_none(server: MailServer) -> None:
    User.objects.filter(pk=reader("left").pk).update(is_active=False)
    User.objects.filter(pk=reader("former").pk).update(is_staff=False)
    User.objects.filter(pk=reader("no address").pk).update(email="")
    clerk("view_post", name="may not act")
    save_mailed_kinds(reader("quiet"), kinds=set(Kind.values) - {Kind.WORKER_DOWN})
    raised()

    assert deliver_notices(NOW).sent == 0
    assert server.received == []


def test_a_repeat_is_not_mailed_and_what_is_raised_anew_is(server: MailServer) -> None:
    reader()
    raised(key="k")
    deliver_notices(NOW)
    raised(key="k")
    deliver_notices(NOW + MINUTE)
    assert len(server.received) == 1

    resolve_notice(Kind.WORKER_DOWN, key="k")
    raised(key="k")
    deliver_notices(NOW + 2 * MINUTE)

    assert len(server.received) == 2
    assert server.received[0]["Message-ID"] != server.received[1]["Message-ID"]


def test_what_was_over_before_anybody_was_told_is_not_mailed(server: MailServer) -> None:
    reader()
    raised(key="k")
    resolve_notice(Kind.WORKER_DOWN, key="k")

    assert deliver_notices(NOW).sent == 0
    assert not NoticeMail.objects.exists()


def test_the_mail_says_what_where_and_how_to_get_no_more(server: MailServer) -> None:
    reader()
    raised("The worker is down", text="Since 08:00.\nStart it.", link="/admin/jobs/")
    raised("The worker is down", text="Since 08:00.\nStart it.", link="/admin/jobs/", now=NOW + MINUTE)

    deliver_notices(NOW)

    (message,) = server.received
    text = message.get_content()
    assert message["Subject"] == "[Synapse] Worker down: The worker is down"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["From"] == "Synapse <synapse@example.com>"
    assert message.get_content_type() == "text/plain"
    assert "Since 08:00.\nStart it." in text.replace("\r\n", "\n")
    assert "https://synapse.example.com/admin/jobs/" in text
    assert "https://synapse.example.com/admin/notices/mine/" in text
    assert "Raised on 23 Nov 2026 at 11:00 EET. 2 times by now, last on 23 Nov 2026 at 11:01 EET." in text


def test_without_an_address_of_the_site_the_mail_holds_the_path(server: MailServer, settings: Settings) -> None:
    settings.SITE_URL = ""
    reader()
    raised(link="/admin/jobs/")

    deliver_notices(NOW)

    assert "/admin/jobs/ in Synapse" in server.received[0].get_content()


@pytest.mark.parametrize(
    "title",
    [
        "Down\r\nBcc: all@example.com",
        "Down\nBcc: all@example.com",
        "Down\x0b\x0c\x85\u2028\u2029Bcc: all@example.com",
        "\u202eDown\u2066\ufeff",
        "Down \0\x1b[31m",
        "D" * 5_000,
        "Ünïcödé 🚨 " * 30,
    ],
)
def test_no_title_writes_headers(server: MailServer, title: str) -> None:
    reader()
    raised(title, text=f"{title[:300]}\n.\nQUIT", key="k")

    assert deliver_notices(NOW).sent == 1

    (message,) = server.received
    assert message["Bcc"] is None
    assert message["To"] == "ada@example.com"
    subject = str(message["Subject"]).strip()
    assert len(subject) <= 120
    assert subject.isprintable()
    assert "QUIT" in message.get_content()


def test_an_address_that_is_none_holds_nobody_up(server: MailServer) -> None:
    reader("ada", email="ada@example.com\r\nBcc: all@example.com")
    reader("bob", email="no address")
    reader("grace")
    raised()

    delivery = deliver_notices(NOW)

    assert "grace@example.com" in server.to()
    assert not any("all@example.com" in str(message) for message in server.received)
    assert delivery.failed >= 1


def test_a_server_that_is_away_is_asked_again_ever_later(server: MailServer, settings: Settings) -> None:
    reader()
    raised()
    settings.EMAIL_PORT = port = free_port()

    due = NOW
    waits = []
    for _ in range(9):
        assert deliver_notices(due).failed == 1
        waits.append(_mail().due_at - due)
        due = _mail().due_at
        assert deliver_notices(due - timedelta(seconds=1)).failed == 0
    told = undelivered_mail(due)

    assert [wait // MINUTE for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (told.waiting, told.refused, told.since) == (1, 0, NOW)
    assert "1 mail could not be sent yet and will be tried again" in told.sentence
    assert "Connection refused" in told.sentence
    with mail_server(port) as back:
        assert deliver_notices(due).sent == 1
        assert back.to() == ["ada@example.com"]
    assert not undelivered_mail(due)
    assert undelivered_mail(due).sentence == ""


def test_a_round_ends_at_the_first_sign_that_the_server_is_away(server: MailServer, settings: Settings) -> None:
    for number in range(5):
        reader(f"person{number}")
    raised()
    settings.EMAIL_PORT = free_port()

    delivery = deliver_notices(NOW)

    assert delivery.failed == 1
    assert NoticeMail.objects.filter(attempts=0).count() == 4
    settings.EMAIL_PORT = server.port
    assert deliver_notices(NOW + MINUTE).sent == 5


def test_a_round_ends_when_its_time_is_up(server: MailServer) -> None:
    for number in range(3):
        reader(f"person{number}")
    raised()

    assert deliver_notices(NOW, budget_seconds=0).sent == 1
    assert deliver_notices(NOW).sent == 2


@pytest.mark.parametrize("when", ["address", "message"])
def test_not_now_is_tried_again_for_as_long_as_it_takes(server: MailServer, when: str) -> None:
    reader()
    raised()
    if when == "address":
        server.answers["ada@example.com"] = "450 4.2.1 mailbox busy"
    else:
        server.on_message = lambda _: "451 4.3.0 later"
    due = NOW
    for _ in range(5):
        assert deliver_notices(due).failed == 1
        due = _mail().due_at
    assert _mail().state == MailState.WAITING

    server.answers.clear()
    server.on_message = lambda _: "250 OK"
    assert deliver_notices(due).sent == 1


@pytest.mark.parametrize("when", ["address", "message"])
def test_never_is_believed_the_third_time_and_said(server: MailServer, when: str) -> None:
    reader("ada")
    reader("grace")
    raised()
    if when == "address":
        server.answers["ada@example.com"] = "550 5.1.1 no such mailbox"
    else:
        server.on_message = lambda message: "554 no" if "ada" in str(message["To"]) else "250 OK"
    due = NOW
    for _ in range(3):
        deliver_notices(due)
        due += timedelta(hours=1)

    refused = NoticeMail.objects.get(person__username="ada")
    assert (refused.state, refused.attempts) == (MailState.REFUSED, 3)
    assert server.to() == ["grace@example.com"]
    told = undelivered_mail(due)
    assert (told.waiting, told.refused) == (0, 1)
    assert "refused by the mail server, given up (The mail server said 55" in told.sentence
    assert deliver_notices(due).failed == 0
    assert not undelivered_mail(due + timedelta(days=8))


def test_a_mail_that_waits_says_when_its_notice_is_over(server: MailServer, settings: Settings) -> None:
    reader()
    raised(key="k")
    settings.EMAIL_PORT = free_port()
    deliver_notices(NOW)
    resolve_notice(Kind.WORKER_DOWN, key="k", now=NOW + MINUTE)
    settings.EMAIL_PORT = server.port

    deliver_notices(NOW + 2 * MINUTE)

    assert "Resolved since, on 23 Nov 2026 at 11:01 EET" in server.received[0].get_content()


def test_who_may_not_see_it_any_more_gets_no_waiting_mail(server: MailServer, settings: Settings) -> None:
    ada = reader()
    raised()
    settings.EMAIL_PORT = free_port()
    deliver_notices(NOW)
    ada.user_permissions.clear()
    settings.EMAIL_PORT = server.port

    delivery = deliver_notices(NOW + MINUTE)

    assert (delivery.sent, delivery.dropped, _mail().state) == (0, 1, MailState.DROPPED)
    assert not undelivered_mail(NOW + MINUTE)


def test_nobody_sending_is_said_too(server: MailServer) -> None:
    reader()
    raised()

    assert not undelivered_mail(NOW + MINUTE)
    assert undelivered_mail(NOW + 6 * MINUTE).unaddressed == 1
    assert "1 notice waits for somebody to send its mails" in undelivered_mail(NOW + 6 * MINUTE).sentence

    raised("Another")
    assert "2 notices wait for somebody to send their mails" in undelivered_mail(NOW + 6 * MINUTE).sentence


def test_the_callers_never_see_an_exception(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    reader()
    raised()

    assert "ModuleNotFoundError" in deliver_notices(NOW).error
    assert Notice.objects.get().addressed_at == NOW


def test_the_command_says_what_it_sent_and_fails_aloud(server: MailServer, settings: Settings) -> None:
    reader()
    raised()
    said = StringIO()
    settings.EMAIL_PORT = free_port()
    with pytest.raises(CommandError, match="0 sent, 1 failed"):
        call_command("send_notices", stdout=said)

    settings.EMAIL_PORT = server.port
    NoticeMail.objects.update(due_at=NOW - timedelta(days=365))
    call_command("send_notices", stdout=said)

    assert said.getvalue() == "1 sent.\n"
