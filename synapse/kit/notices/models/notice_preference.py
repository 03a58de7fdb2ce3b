"""The table of people's choices of which kinds of notices come by mail."""

from django.conf import settings
from django.db import models

from synapse.kit.notices.models.notice import Kind


class NoticePreference(models.Model):
    """A person's choice for a kind; without a row mails are sent."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_preferences", db_index=False
    )
    kind = models.TextField(choices=Kind)
    by_mail = models.BooleanField()

    class Meta:
        db_table = "notice_preference"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="notice_preference_once")]

    def __str__(self) -> str:
        """Return what the person chose."""
        return f"{self.get_kind_display()} for {self.person_id}: {'mails' if self.by_mail else 'no mails'}"
