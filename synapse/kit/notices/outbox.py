"""The outbox: a row per mail to be sent, made, claimed and marked; and what is still undelivered.

sending.py takes the mails from here to the mail server. A mail is claimed with a row lock (SKIP LOCKED), so that
several senders work side by side and each mail is one sender's; it is marked after the server took it: at-least-once
delivery.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Min, Q

from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.visible import shorten
from synapse.kit.notices.models import MailState, Notice, NoticeMail
from synapse.kit.notices.recipients import mail_recipients
from synapse.kit.notices.texts import one_line

_MAX_NOTICES_AT_ONCE: Final = 100
_MAX_ERROR_LENGTH: Final = 300

# Exponential back-off between tries: one minute, two, four … and then every hour, for as long as it takes.
_FIRST_BACK_OFF: Final = timedelta(minutes=1)
_MAX_BACK_OFF: Final = timedelta(hours=1)
_MAX_DOUBLINGS: Final = 10
"""Enough to reach the hour; beyond it 2 ** attempts would overflow a timedelta."""

_MAX_REFUSALS: Final = 3
"""Permanent refusals of one mail until it is given up; an unreachable server is tried for as long as it takes."""

_LATE_AFTER: Final = timedelta(minutes=5)
_REFUSAL_SHOWN_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What is undelivered, since when, and what the server last answered.

    `waiting` mails failed or are late, `refused` ones were given up, `unaddressed` notices found nobody who sends.
    """

    waiting: int
    refused: int
    unaddressed: int
    since: datetime | None
    error: str

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.waiting or self.refused or self.unaddressed)

    @property
    def sentence(self) -> str:
        """Return it for people; empty where all is well."""
        waiting = (
            f"{_format_count(self.waiting, 'mail')} could not be sent yet and will be tried again"
            if self.waiting
            else ""
        )
        refused = f"{_format_count(self.refused, 'mail')} refused by the mail server, given up" if self.refused else ""
        idle = f"{self.unaddressed} notices wait for somebody to send their mails" if self.unaddressed else ""
        if self.unaddressed == 1:
            idle = "1 notice waits for somebody to send its mails"
        parts = "; ".join(part for part in (waiting, refused, idle) if part)
        return f"{parts}{f' ({self.error})' if self.error else ''}." if parts else ""


def enqueue_notice_mails(now: datetime) -> int:
    """Insert the mails of new notices into the outbox; return how many. A notice resolved before that makes none."""
    with transaction.atomic(using=BUSINESS_CORE):
        new = Notice.objects.using(BUSINESS_CORE).filter(addressed_at=None).order_by("raised_at")
        notices = list(new.select_for_update(skip_locked=True)[:_MAX_NOTICES_AT_ONCE])
        mails = [
            NoticeMail(notice=notice, person=person, due_at=now)
            for notice in notices
            if notice.resolved_at is None
            for person in mail_recipients(notice)
        ]
        # Idempotent by the unique notice and person; marked as addressed in the same transaction.
        NoticeMail.objects.using(BUSINESS_CORE).bulk_create(mails, ignore_conflicts=True)
        keys = [notice.pk for notice in notices]
        Notice.objects.using(BUSINESS_CORE).filter(pk__in=keys).update(addressed_at=now)
    return len(mails)


def claim_mail(now: datetime) -> NoticeMail | None:
    """Lock the mail that is due longest and that nobody else is sending, to the end of the caller's transaction."""
    due = NoticeMail.objects.using(BUSINESS_CORE).filter(state=MailState.WAITING, due_at__lte=now)
    # Only the mail's own row: its person and notice stay free for others.
    claimed = due.select_for_update(skip_locked=True, of=("self",)).select_related("notice", "person")
    return claimed.order_by("due_at", "id").first()


def mark_sent(mail: NoticeMail, *, now: datetime) -> None:
    """Mark a claimed mail as taken by the mail server."""
    mail.state, mail.sent_at, mail.attempts, mail.error = MailState.SENT, now, mail.attempts + 1, ""
    mail.save(update_fields=["state", "sent_at", "attempts", "error"])


def mark_dropped(mail: NoticeMail) -> None:
    """Mark a claimed mail as not wanted any more: its person left, may not see it now, or switched mails off."""
    mail.state = MailState.DROPPED
    mail.save(update_fields=["state"])


def mark_failed(mail: NoticeMail, *, error: str, for_good: bool, now: datetime) -> None:
    """Put a claimed mail off, each time for twice as long; `for_good` says that the server refused this very mail."""
    doublings = min(mail.attempts, _MAX_DOUBLINGS)
    mail.attempts += 1
    mail.error = shorten(one_line(error), _MAX_ERROR_LENGTH)
    mail.due_at = now + min(_FIRST_BACK_OFF * 2**doublings, _MAX_BACK_OFF)
    if for_good and mail.attempts >= _MAX_REFUSALS:
        mail.state, mail.due_at = MailState.REFUSED, now
    mail.save(update_fields=["attempts", "error", "due_at", "state"])


def undelivered_mail(now: datetime) -> Undelivered:
    """Return what is undelivered, for readiness and the operations page. Three queries, whatever the outbox holds."""
    mails = NoticeMail.objects.using(BUSINESS_CORE)
    late = Q(attempts__gt=0) | Q(due_at__lt=now - _LATE_AFTER)
    stuck = mails.filter(
        Q(late, state=MailState.WAITING) | Q(state=MailState.REFUSED, due_at__gt=now - _REFUSAL_SHOWN_FOR)
    )
    waiting = Q(state=MailState.WAITING)
    counted = stuck.aggregate(
        waiting=Count("pk", filter=waiting), refused=Count("pk", filter=~waiting), since=Min("notice__raised_at")
    )
    new = Notice.objects.using(BUSINESS_CORE).open().filter(addressed_at=None, raised_at__lt=now - _LATE_AFTER)
    idle = new.aggregate(unaddressed=Count("pk"), raised_at=Min("raised_at"))
    since = min(filter(None, (counted["since"], idle["raised_at"])), default=None)
    # The latest to fail is the latest to be tried again, or to be given up.
    error = stuck.exclude(error="").order_by("-due_at").values_list("error", flat=True).first()
    return Undelivered(counted["waiting"], counted["refused"], idle["unaddressed"], since, error or "")


def _format_count(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
