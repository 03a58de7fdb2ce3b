"""Optimistic concurrency of a bulk change: which of the rows that its page named have changed before it is confirmed.

The page carries a digest of each row it names. That any chosen row changed is noticed by the fingerprint of all of them
(querysets.inquiries); this module says which. Called by inquiry_bulk.py.
"""

import hashlib
from contextlib import suppress
from uuid import UUID

from django.http import QueryDict

from business_core.admin.inquiry_columns import choice_label, contact_and_company, shorten_text
from business_core.models import ConsultationInquiry, InquiryStatus
from business_core.querysets.inquiries import InquiryQuerySet

NAMED = "named"
"""The form field in which the page sends back a digest of each row it named."""

_MAX_NAMED = 20


def describe_inquiry(inquiry: ConsultationInquiry) -> str:
    """Return who asked, the stage, and what is planned."""
    day = inquiry.next_action_due_date
    planned = f"; next: {shorten_text(inquiry.next_action)}" if inquiry.next_action else ""
    due = f"; due {day:%d %b %Y}" if day else ""
    return f"{contact_and_company(inquiry)}: {choice_label(InquiryStatus, inquiry.status) or 'no status'}{planned}{due}"


def digest_row(inquiry: ConsultationInquiry) -> str:
    """Return the row's key, and a digest of what a bulk change depends on."""
    compared = repr((inquiry.status, inquiry.next_action, inquiry.next_action_due_date))
    return f"{inquiry.pk}:{hashlib.sha256(compared.encode()).hexdigest()}"


def describe_changed_rows(sent: QueryDict, rows: InquiryQuerySet) -> list[str]:
    """Return a sentence for each named row that was changed, deleted or dropped out since the page was shown."""
    words = []
    before, now = sent.get("rows", ""), rows.count()
    if before.isdecimal() and int(before) != now:
        words.append(f"The number of inquiries was {int(before):,}, it is {now:,} now.")
    digests = sent.getlist(NAMED)[:_MAX_NAMED]
    keys = []
    for digest in digests:
        # The page comes back from a browser: what is no key is left out, not an error.
        with suppress(ValueError):
            keys.append(UUID(digest.partition(":")[0]))
    existing = ConsultationInquiry.objects.in_bulk(keys)
    still_chosen = set(rows.filter(pk__in=keys).values_list("pk", flat=True))
    for key in keys:
        inquiry = existing.get(key)
        if inquiry is None:
            words.append("One of the inquiries that were named was deleted.")
        elif key not in still_chosen:
            words.append(f"No longer among them: {describe_inquiry(inquiry)}.")
        elif digest_row(inquiry) not in digests:
            words.append(f"Changed: {describe_inquiry(inquiry)}.")
    return words
