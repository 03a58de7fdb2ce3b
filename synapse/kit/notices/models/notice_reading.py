"""The table of who has read which notice."""

from django.conf import settings
from django.db import models

from synapse.kit.notices.models.notice import Notice


class NoticeReading(models.Model):
    """A person has read a notice; it stays read when it is raised again while it is open."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readings", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        db_table = "notice_reading"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["notice", "person"], name="notice_reading_once")]

    def __str__(self) -> str:
        """Return which notice was read by whom."""
        return f"{self.notice_id} read by {self.person_id}"
