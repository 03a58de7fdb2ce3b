"""The columns of the list of inquiries, in people's words.

What lives here: what a cell says. What does not: which columns there are, filters, forms.
"""

from datetime import date, datetime
from typing import Any

from django.contrib import admin
from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from business_core.inquiry_choices import UNKNOWN
from business_core.local_time import to_local_time
from business_core.models import CLOSED_STATUSES, ConsultationInquiry, InquiryChannel, InquiryType
from synapse.foundation.text.visible import visible

_MAX_CELL_LENGTH = 60
_NO_COMPANY = frozenset({"", UNKNOWN})


class InquiryColumns:
    """What the cells of an inquiry's line say; mixed into its admin page."""

    @admin.display(description="contact", ordering="contact_name")
    def contact_cell(self, inquiry: ConsultationInquiry) -> str:
        """Return who asked."""
        return shorten_text(inquiry.contact_name) or "(no name)"

    @admin.display(description="company", ordering="company", empty_value="-")
    def company_cell(self, inquiry: ConsultationInquiry) -> str | None:
        """Return the company."""
        return shorten_text(inquiry.company) or None

    @admin.display(description="type", ordering="inquiry_type")
    def type_cell(self, inquiry: ConsultationInquiry) -> str:
        """Return what was asked for."""
        return choice_label(InquiryType, inquiry.inquiry_type)

    @admin.display(description="channel", ordering="inquiry_channel")
    def channel_cell(self, inquiry: ConsultationInquiry) -> str:
        """Return the way it came in."""
        return choice_label(InquiryChannel, inquiry.inquiry_channel)

    @admin.display(description="value", ordering=F("estimated_value").asc(nulls_first=True), empty_value="-")
    def value_cell(self, inquiry: ConsultationInquiry) -> str | None:
        """Return what it may be worth."""
        return format_money(inquiry.estimated_value)

    @admin.display(description="priority", ordering="priority_score")
    def priority_cell(self, inquiry: ConsultationInquiry) -> int | None:
        """Return the priority."""
        return inquiry.priority_score

    @admin.display(description="in stage", ordering="-stage_since")
    def days_in_stage(self, inquiry: ConsultationInquiry) -> str:
        """Return for how many days the status has been what it is."""
        return format_days_since(vars(inquiry)["stage_since"], timezone.localdate())

    @admin.display(description="next action", ordering="next_action", empty_value="-")
    def next_action_cell(self, inquiry: ConsultationInquiry) -> str | None:
        """Return what is to be done next."""
        return shorten_text(inquiry.next_action) or None

    @admin.display(description="due", ordering="next_action_due_date", empty_value="-")
    def due_date_cell(self, inquiry: ConsultationInquiry) -> str | SafeString | None:
        """Return when the next action is due, and in words how late it is."""
        day = inquiry.next_action_due_date
        late = describe_lateness(inquiry, timezone.localdate())
        if day is None or not late:
            return None if day is None else f"{day:%d %b %Y}"
        return format_html('<span class="due-late">{} <strong>{}</strong></span>', f"{day:%d %b %Y}", late)


def choice_label(words: Any, value: str | None) -> str:
    """Return a known value's label, any other value shortened."""
    return str(words(value).label) if value in words.values else shorten_text(value)


def format_money(value: Any) -> str | None:
    """Return an amount with its thousands apart and no needless cents; None for none."""
    if value is None:
        return None
    amount = f"{abs(value):,.2f}".removesuffix(".00")
    return f"-${amount}" if value < 0 else f"${amount}"


def format_days_since(moment: datetime | None, today: date) -> str:
    """Return the number of days from a moment to today, by the reader's clock."""
    if moment is None:
        return "unknown"
    days = (today - to_local_time(moment).date()).days
    return f"{days:,} day{'' if days == 1 else 's'}"


def describe_lateness(inquiry: ConsultationInquiry, today: date) -> str:
    """Return in words whether an open inquiry's next action is due or late; empty where it is neither."""
    day = inquiry.next_action_due_date
    if day is None or day > today or inquiry.status in CLOSED_STATUSES:
        return ""
    days = (today - day).days
    return f"overdue by {days:,} day{'' if days == 1 else 's'}" if days else "due today"


def contact_and_company(inquiry: ConsultationInquiry) -> str:
    """Return who asked: the name and the company, which the legacy scripts call Unknown where they know none."""
    name, firm = shorten_text(inquiry.contact_name) or "(no name)", shorten_text(inquiry.company)
    return name if firm in _NO_COMPANY else f"{name}, {firm}"


def next_action_changed_message(inquiry: ConsultationInquiry) -> str:
    """Return why a next action was neither finished nor postponed: it is another one than the person saw."""
    day = inquiry.next_action_due_date
    planned = [shorten_text(inquiry.next_action), day and f"due {day:%d %b %Y}"]
    now = ", ".join(part for part in planned if part) or "none"
    return (
        f"The next action of {contact_and_company(inquiry)} was left as it is: "
        f"somebody changed it while you looked. It is now: {now}."
    )


def shorten_text(text: str | None) -> str:
    """Return the beginning of a text, without what would hide or move its neighbours."""
    return visible(Truncator((text or "").strip()).chars(_MAX_CELL_LENGTH))
