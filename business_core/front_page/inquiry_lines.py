"""An inquiry of the front page in one line: who, what, since or until when, what it is worth.

Which inquiries are shown is daily_queue's to decide.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from business_core.admin.inquiry_columns import (
    choice_label,
    contact_and_company,
    describe_lateness,
    format_days_since,
    shorten_text,
)
from business_core.inquiry_choices import InquiryStatus, InquiryType
from business_core.models import ConsultationInquiry
from synapse.kit.dashboard import Number, Unit


@dataclass(frozen=True, slots=True)
class InquiryLine:
    """An inquiry; `when` says since or until when, `is_late` whether that is over. All of it can be shown.

    `seen` is the fingerprint of its next action and the date of that.
    """

    key: str
    link: str
    who: str
    what: str
    stage: str
    when: str
    is_late: bool
    value: str
    seen: str


def due_line(row: ConsultationInquiry, today: date) -> InquiryLine:
    """Return the line of an inquiry whose next action is due."""
    day, in_days = row.next_action_due_date, ""
    if day is not None:
        in_days = "tomorrow" if (day - today).days == 1 else f"{day:%A}, {day.day} {day:%b}"
    what = shorten_text(row.next_action) or "(nothing written)"
    return _inquiry_line(
        row, what=what, when=describe_lateness(row, today) or in_days, is_late=day is not None and day < today
    )


def untouched_line(row: ConsultationInquiry, today: date) -> InquiryLine:
    """Return the line of an inquiry nobody has planned anything for."""
    age = format_days_since(row.created_at, today)
    when = f"{age} ago" if row.created_at is not None else age
    return _inquiry_line(row, what=choice_label(InquiryType, row.inquiry_type), when=when)


def stale_line(row: ConsultationInquiry, today: date) -> InquiryLine:
    """Return the line of an inquiry annotated with `stage_since`."""
    what = shorten_text(row.next_action) or choice_label(InquiryType, row.inquiry_type)
    return _inquiry_line(row, what=what, when=format_days_since(vars(row)["stage_since"], today))


def next_action_fingerprint(row: ConsultationInquiry) -> str:
    """Return a fingerprint of the next action and its date, for optimistic concurrency.

    The page sends it back with a button, so that a next action that somebody changed meanwhile is left as it is. A
    fingerprint instead of the text: browsers rewrite the line ends of a form's values.
    """
    day = row.next_action_due_date
    plan = json.dumps([row.next_action, None if day is None else day.isoformat()])
    return hashlib.sha256(plan.encode()).hexdigest()


def _inquiry_line(row: ConsultationInquiry, *, what: str, when: str, is_late: bool = False) -> InquiryLine:
    return InquiryLine(
        key=str(row.pk),
        link=reverse("admin:business_core_consultationinquiry_change", args=[row.pk]),
        who=contact_and_company(row),
        what=what,
        stage=choice_label(InquiryStatus, row.status) or "(no status)",
        when=when,
        is_late=is_late,
        value=Number(row.estimated_value, Unit.MONEY).text,
        seen=next_action_fingerprint(row),
    )
