"""A notice's mail as text: its subject, its plain body, its headers. Called by sending.py."""

from datetime import datetime
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import timezone

from synapse.foundation.text.visible import shorten
from synapse.kit.notices.models import Notice, NoticeMail
from synapse.kit.notices.texts import one_line, readable_text

_MAX_SUBJECT_LENGTH: Final = 120


def mail_message(mail: NoticeMail, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """Return the message of a mail in the outbox.

    Its Message-ID is an idempotency key, made of the mail's: sent twice, because a sender was killed between the
    server's yes and the mark in the outbox, mail programs recognise it as one.
    """
    return EmailMessage(
        subject=mail_subject(mail.notice),
        body=mail_body(mail.notice),
        from_email=settings.NOTICE_EMAIL_FROM,
        to=[mail.person.email],
        headers={"Message-ID": message_id(mail), "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def message_id(mail: NoticeMail) -> str:
    """Return the mail's Message-ID, the same each time."""
    _, address = parseaddr(settings.NOTICE_EMAIL_FROM)
    return f"<notice.{mail.pk}@{address.rpartition('@')[2] or 'localhost'}>"


def mail_subject(notice: Notice) -> str:
    """Return the subject: one line, whatever the title holds."""
    return shorten(f"[Synapse] {notice.get_kind_display()}: {one_line(notice.title)}", _MAX_SUBJECT_LENGTH)


def mail_body(notice: Notice) -> str:
    """Return the text: what it is, where to act on it, since when, and how to get no more of these."""
    what = f"{one_line(notice.title)}\n\n{readable_text(notice.text)}".strip()
    where = f"Act on it here: {_absolute_address(notice.link)}" if notice.link else ""
    preferences = _absolute_address(reverse("notices:mine"))
    why = f"You get this because you may act on it in Synapse. Choose which notices come by mail: {preferences}"
    return "\n\n".join(filter(None, (what, where, _describe_times(notice), why))) + "\n"


def _describe_times(notice: Notice) -> str:
    words = [f"Raised on {_format_time(notice.raised_at)}."]
    if notice.times > 1:
        words.append(f"{notice.times} times by now, last on {_format_time(notice.last_at)}.")
    if notice.resolved_at is not None:
        words.append(f"Resolved since, on {_format_time(notice.resolved_at)}: nothing is left to do.")
    return " ".join(words)


def _absolute_address(path: str) -> str:
    """Return the absolute URL, or the path and the site's name where SITE_URL is not set."""
    return f"{settings.SITE_URL.rstrip('/')}{path}" if settings.SITE_URL else f"{path} in Synapse"


def _format_time(at: datetime) -> str:
    return timezone.localtime(at).strftime("%d %b %Y at %H:%M %Z")
