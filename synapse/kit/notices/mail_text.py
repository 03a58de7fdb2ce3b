"""A notice's mail: its subject, its plain text, its headers.

What lives here: words. What does not: who gets it (recipients), sending it (sending).
"""

from datetime import datetime
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import timezone

from synapse.kit.notices.models import Notice, NoticeMail
from synapse.kit.notices.texts import cut_text, one_line, readable_text

_MAX_SUBJECT_LENGTH: Final = 120


def mail_message(mail: NoticeMail, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """Return the message of a mail in the outbox.

    Its Message-ID is made of the mail's key: delivered twice, because a sender was killed between the server's yes and
    the mark in the outbox, it is recognised as one.
    """
    return EmailMessage(
        subject=subject_of(mail.notice),
        body=body_of(mail.notice),
        from_email=settings.NOTICE_EMAIL_FROM,
        to=[mail.person.email],
        headers={"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def message_id(mail: NoticeMail) -> str:
    """Return the mail's Message-ID, the same each time."""
    _, address = parseaddr(settings.NOTICE_EMAIL_FROM)
    return f"<notice.{mail.pk}@{address.rpartition('@')[2] or 'localhost'}>"


def subject_of(notice: Notice) -> str:
    """Return the subject: one line, whatever the title holds."""
    return cut_text(f"[Synapse] {notice.get_kind_display()}: {one_line(notice.title)}", _MAX_SUBJECT_LENGTH)


def body_of(notice: Notice) -> str:
    """Return the text: what it is, where to act on it, since when, and how to get no more of these."""
    return "\n\n".join(filter(None, (_what(notice), _where(notice), _when_words(notice), _why()))) + "\n"


def _what(notice: Notice) -> str:
    return f"{one_line(notice.title)}\n\n{readable_text(notice.text)}".strip()


def _where(notice: Notice) -> str:
    return f"Act on it here: {_absolute_address(notice.link)}" if notice.link else ""


def _when_words(notice: Notice) -> str:
    words = [f"Raised on {_format_time(notice.raised_at)}."]
    if notice.times > 1:
        words.append(f"{notice.times} times by now, last on {_format_time(notice.last_at)}.")
    if notice.resolved_at is not None:
        words.append(f"Resolved since, on {_format_time(notice.resolved_at)}: nothing is left to do.")
    return " ".join(words)


def _why() -> str:
    place = _absolute_address(reverse("notices:mine"))
    return f"You get this because you may act on it in Synapse. Choose which notices come by mail: {place}"


def _absolute_address(path: str) -> str:
    """Return the absolute address, or the path with a word where the site's own address was not set."""
    return f"{settings.SITE_URL.rstrip('/')}{path}" if settings.SITE_URL else f"{path} in Synapse"


def _format_time(at: datetime) -> str:
    return timezone.localtime(at).strftime("%d %b %Y at %H:%M %Z")
