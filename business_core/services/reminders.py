"""Reminding staff of inquiries whose next action is overdue: one open notice, as long as there are any.

Called by the job remind-overdue. synapse.kit.notices decides who receives the notice and by which channel.
"""

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from business_core.inquiry_choices import UNKNOWN
from business_core.models import ConsultationInquiry
from synapse.foundation.databases import BUSINESS_CORE
from synapse.foundation.text.visible import visible
from synapse.kit.notices.models import Kind
from synapse.kit.notices.raising import raise_notice, resolve_notice

_KEY: Final = "inquiries"
_MAX_NAMED: Final = 5
_MAX_NAME_LENGTH: Final = 60
_NO_COMPANY: Final = frozenset({"", UNKNOWN})
"""What the legacy scripts write where they know no company."""


def update_overdue_notice(*, now: datetime) -> int:
    """Raise the notice of overdue inquiries, or resolve it where there are none; return how many there are."""
    today = timezone.localdate(now)
    with transaction.atomic(using=BUSINESS_CORE):
        overdue = ConsultationInquiry.objects.using(BUSINESS_CORE).overdue(today)
        number = overdue.count()
        if not number:
            resolve_notice(Kind.OVERDUE_INQUIRIES, key=_KEY, now=now)
            return 0
        longest = overdue.order_by("next_action_due_date", F("estimated_value").desc(nulls_last=True), "pk")
        named = [_describe_overdue_inquiry(inquiry, today) for inquiry in longest[:_MAX_NAMED]]
        more = f", and {number - len(named):,} more" if number > len(named) else ""
        raise_notice(
            Kind.OVERDUE_INQUIRIES,
            key=_KEY,
            title=f"{inquiry_count_phrase(number)} overdue",
            text=f"Their next action was due: {'; '.join(named)}{more}. Do it, or plan it for another day.",
            link=f"{reverse('admin:business_core_consultationinquiry_changelist')}?due=overdue",
            permission="business_core.change_consultationinquiry",
            now=now,
        )
    return number


def inquiry_count_phrase(number: int) -> str:
    """Return the number of inquiries with its verb: "1 inquiry is", "3 inquiries are"."""
    return f"{number:,} {'inquiry is' if number == 1 else 'inquiries are'}"


def _describe_overdue_inquiry(inquiry: ConsultationInquiry, today: date) -> str:
    firm = (inquiry.company or "").strip()
    name = (inquiry.contact_name.strip() or "no name") if firm in _NO_COMPANY else firm
    days = (today - inquiry.next_action_due_date).days if inquiry.next_action_due_date else 0
    # A legacy name may hold line ends; they would break the sentence, and a mail's lines.
    return f"{visible(' '.join(name.split()))[:_MAX_NAME_LENGTH]} ({days:,} day{'' if days == 1 else 's'})"
