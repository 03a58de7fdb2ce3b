"""An inquiry in one line: who, what, since or until when, what it is worth.

What lives here: words. What does not: which inquiries (queue.py).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from business_core.admin.inquiry_columns import days_since, label, lateness, shortened, who
from business_core.inquiry_words import InquiryStatus, InquiryType
from business_core.models import ConsultationInquiry
from synapse.kit.dashboard import Number, Unit


@dataclass(frozen=True, slots=True)
class Line:
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


def due_line(row: ConsultationInquiry, today: date) -> Line:
    """Return the line of an inquiry whose next action is due."""
    day = row.next_action_due_date
    in_days = "" if day is None else _day_in_words(day, today)
    late = lateness(row, today)
    what = shortened(row.next_action) or "(nothing written)"
    return _line(row, what=what, when=late or in_days, is_late=day is not None and day < today)


def new_line(row: ConsultationInquiry, today: date) -> Line:
    """Return the line of an inquiry nobody has planned anything for."""
    return _line(row, what=label(InquiryType, row.inquiry_type), when=_ago(row.created_at, today))


def still_line(row: ConsultationInquiry, today: date) -> Line:
    """Return the line of an inquiry annotated with `stage_since`."""
    what = shortened(row.next_action) or label(InquiryType, row.inquiry_type)
    return _line(row, what=what, when=days_since(vars(row)["stage_since"], today))


def plan_fingerprint(row: ConsultationInquiry) -> str:
    """Return a text that differs where the next action or its date does; browsers would rewrite the line ends of it."""
    day = row.next_action_due_date
    told = json.dumps([row.next_action, None if day is None else day.isoformat()])
    return hashlib.sha256(told.encode()).hexdigest()


def _line(row: ConsultationInquiry, *, what: str, when: str, is_late: bool = False) -> Line:
    return Line(
        key=str(row.pk),
        link=reverse("admin:business_core_consultationinquiry_change", args=[row.pk]),
        who=who(row),
        what=what,
        stage=label(InquiryStatus, row.status) or "(no status)",
        when=when,
        is_late=is_late,
        value=Number(row.estimated_value, Unit.MONEY).text,
        seen=plan_fingerprint(row),
    )


def _day_in_words(day: date, today: date) -> str:
    days = (day - today).days
    return "tomorrow" if days == 1 else f"{day:%A}, {day.day} {day:%b}"


def _ago(moment: datetime | None, today: date) -> str:
    words = days_since(moment, today)
    return words if moment is None else f"{words} ago"
