"""Changing inquiries: one verb each, each in one transaction that can be undone as a whole.

What lives here: writing. What does not: which rows (querysets), words for people (admin).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from business_core.models import ConsultationInquiry
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.change_log.undoing import undo_link
from synapse.databases import BUSINESS_CORE


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What a verb did: how many rows it changed, and the address that undoes it, empty where it changed none."""

    changed: int
    undo: str


def change_status(*, inquiries: InquiryQuerySet, status: str, now: datetime) -> BulkChange:
    """Move those of the inquiries that are open and in another stage to `status`; the closed ones stay."""
    return _write(inquiries.open().exclude(status=status), now=now, status=status)


def set_next_action(
    *, inquiries: InquiryQuerySet, next_action: str, due_date: date | None, now: datetime
) -> BulkChange:
    """Say what is to be done next with those of the inquiries that are open, by when; None is no date."""
    differing = inquiries.open().exclude(next_action=next_action, next_action_due_date=due_date)
    return _write(differing, now=now, next_action=next_action, next_action_due_date=due_date)


def finish_next_action(*, inquiries: InquiryQuerySet, now: datetime) -> BulkChange:
    """Take the next action and its date away from the inquiries, for it is done."""
    return _write(inquiries.with_next_action(), now=now, next_action=None, next_action_due_date=None)


def postpone_next_action(*, inquiries: InquiryQuerySet, due_date: date, now: datetime) -> BulkChange:
    """Set another date for the next action of those of the inquiries that are open."""
    return _write(inquiries.open().exclude(next_action_due_date=due_date), now=now, next_action_due_date=due_date)


def _write(inquiries: InquiryQuerySet, *, now: datetime, **columns: Any) -> BulkChange:
    # One statement, so a list of a million rows costs no memory here; it waits for others' row locks and looks at a
    # row again that was changed meanwhile. Through the keys: an admin list may be joined, sorted or annotated.
    wanted = ConsultationInquiry.objects.filter(pk__in=inquiries.order_by().values("pk"))
    with transaction.atomic(using=BUSINESS_CORE):
        changed = wanted.update(**columns, updated_at=now)
        return BulkChange(changed, undo_link(BUSINESS_CORE) if changed else "")
