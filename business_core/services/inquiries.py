"""Changing inquiries: one verb each, each in one transaction that can be undone as a whole.

Optimistic concurrency: each verb takes the fingerprint of what the person saw and writes nothing where it has changed.
The rows to change come from the querysets, the words for people from the admin.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from business_core.models import ConsultationInquiry
from business_core.querysets.inquiries import InquiryQuerySet
from synapse.foundation.databases import BUSINESS_CORE
from synapse.kit.admin.concurrent_edits.row_locks import lock_rows
from synapse.kit.change_log.reverting.revert import undo_link


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What a verb did: how many rows it changed, and the address that undoes it, empty where it changed none."""

    changed: int
    undo: str


class StaleSelectionError(Exception):
    """The inquiries aren't what the person saw: somebody changed them meanwhile, and nothing was written."""


def change_status(*, inquiries: InquiryQuerySet, status: str, now: datetime, seen: str = "") -> BulkChange:
    """Move those of the inquiries that are open and in another stage to `status`; the closed ones stay.

    Here and below `seen` is the fingerprint of what the person saw of the inquiries the verb is for, empty where nobody
    looked. Raises StaleSelectionError where they are something else by now.
    """
    return _change_locked_rows(inquiries.open(), seen=seen, now=now, status=status)


def set_next_action(
    *, inquiries: InquiryQuerySet, next_action: str, due_date: date | None, now: datetime, seen: str = ""
) -> BulkChange:
    """Say what is to be done next with those of the inquiries that are open, by when; None is no date."""
    columns = {"next_action": next_action, "next_action_due_date": due_date}
    return _change_locked_rows(inquiries.open(), seen=seen, now=now, **columns)


def finish_next_action(*, inquiries: InquiryQuerySet, now: datetime, seen: str = "") -> BulkChange:
    """Take the next action and its date away from the inquiries, for it is done."""
    columns = {"next_action": None, "next_action_due_date": None}
    return _change_locked_rows(inquiries.with_next_action(), seen=seen, now=now, **columns)


def postpone_next_action(*, inquiries: InquiryQuerySet, due_date: date, now: datetime, seen: str = "") -> BulkChange:
    """Set another date for the next action of those of the inquiries that are open."""
    return _change_locked_rows(inquiries.open(), seen=seen, now=now, next_action_due_date=due_date)


def _change_locked_rows(inquiries: InquiryQuerySet, *, seen: str, now: datetime, **columns: Any) -> BulkChange:
    """Set the columns of those of the inquiries that differ, under row locks; `seen` is the optimistic check."""
    with transaction.atomic(using=BUSINESS_CORE):
        # Through the keys: an admin list may be joined, sorted or annotated.
        keys = lock_rows(ConsultationInquiry, BUSINESS_CORE, pk__in=inquiries.order_by().values("pk"))
        # Asked again now that nobody can change them: while the lock was waited for, somebody may have closed one.
        locked = inquiries.filter(pk__in=keys)
        if seen and seen != locked.fingerprint():
            raise StaleSelectionError
        # Only rows that differ are written, so that the change log and the undo hold nothing else.
        wanted = ConsultationInquiry.objects.filter(pk__in=locked.exclude(**columns).order_by().values("pk"))
        changed = wanted.update(**columns, updated_at=now)
        return BulkChange(changed, undo_link(BUSINESS_CORE) if changed else "")
