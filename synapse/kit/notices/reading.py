"""Marking notices as read by one person; idempotent. Called by views.py."""

from datetime import datetime

from django.contrib.auth.models import User

from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.notices.models import NoticeReading
from synapse.kit.notices.querysets import NoticeQuerySet


def mark_read(notices: NoticeQuerySet, *, person: User, now: datetime) -> int:
    """Mark those of the notices as read that the person may see and has not read; return how many those were."""
    unread = notices.using(BUSINESS_CORE).for_person(person).unread_by(person).values_list("pk", flat=True)
    readings = [NoticeReading(notice_id=key, person_id=person.pk, read_at=now) for key in unread]
    # A second click at the same time may have inserted them already.
    return len(NoticeReading.objects.using(BUSINESS_CORE).bulk_create(readings, ignore_conflicts=True))
