"""The table of notices: what somebody has to be told of, from when it was raised until it is resolved."""

import uuid

from django.db import models
from django.db.models import Q

from synapse.foundation.schema import PostgresIndex
from synapse.kit.notices.querysets import NoticeQuerySet


class Kind(models.TextChoices):
    """What a notice is about."""

    QUARANTINED_ROWS = "quarantined_rows", "Rows in quarantine"
    FAILED_VALIDATION = "failed_validation", "Validation failed"
    WORKER_DOWN = "worker_down", "Worker down"
    JOB_GIVEN_UP = "job_given_up", "Job given up"
    OVERDUE_INQUIRIES = "overdue_inquiries", "Inquiries overdue"
    UNREAD_INQUIRIES = "unread_inquiries", "Inquiries that could not be read"


class Notice(models.Model):
    """One thing to be told of; raised again while it is open, its row counts up.

    `key` tells it from others of its kind, as a source's or a job's name. `permission` ("app.codename") is whom it is
    for, `link` a path of this site where something can be done about it, `addressed_at` when its mails were made.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.TextField(choices=Kind)
    key = models.TextField(blank=True)
    title = models.TextField()
    text = models.TextField(blank=True)
    link = models.TextField(blank=True)
    permission = models.TextField()
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True)
    addressed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        db_table = "notice"
        default_permissions = ()  # a person sees a notice by the permission it names
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(resolved_at=None), name="notice_open_key"),
            models.CheckConstraint(condition=Q(times__gte=1), name="notice_raised_at_least_once"),
        ]
        indexes = [
            # The bell asks on every page, and of the many notices there will have been only a few are open.
            PostgresIndex(fields=["permission"], name="notice_open_permission_idx", condition=Q(resolved_at=None)),
            PostgresIndex(fields=["-raised_at", "id"], name="notice_raised_at_idx"),
            PostgresIndex(fields=["raised_at"], name="notice_to_address_idx", condition=Q(addressed_at=None)),
        ]

    def __str__(self) -> str:
        """Return its title."""
        return self.title
