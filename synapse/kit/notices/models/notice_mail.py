"""The table of the outbox: a row per mail, inserted when its notice is addressed, marked when it was sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from synapse.foundation.schema import PostgresIndex
from synapse.kit.notices.models.notice import Notice


class MailState(models.TextChoices):
    """The state of a mail."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused by the mail server"
    DROPPED = "dropped", "Not wanted any more"


class NoticeMail(models.Model):
    """A notice's mail to one person; its key makes the Message-ID, the same however often it is delivered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="mails", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.TextField(choices=MailState, default=MailState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "notice_mail"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice", "person"], name="notice_mail_once")]
        indexes = [
            PostgresIndex(fields=["due_at"], name="notice_mail_due_idx", condition=Q(state="waiting")),
            PostgresIndex(fields=["id"], name="notice_mail_refused_idx", condition=Q(state="refused")),
        ]

    def __str__(self) -> str:
        """Return which notice goes to whom."""
        return f"{self.notice_id} to {self.person_id}: {self.state}"
