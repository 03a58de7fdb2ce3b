"""The page of the pipeline's months: what is stored, and beside it what the posts and inquiries say themselves."""

from datetime import datetime, time
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from business_core.admin.inquiry_columns import money, shortened
from business_core.admin.styles import STYLES
from business_core.models import BusinessPipeline, ConsultationInquiry, InquiryStatus, Post
from business_core.querysets.months import Month, bounds, months
from synapse.admin_base import TableAdmin
from synapse.dashboard.links import list_link

_NEWEST = 24
_STAGES = {
    "total_inquiries": None,
    "discovery_calls": InquiryStatus.DISCOVERY_SCHEDULED,
    "proposals_sent": InquiryStatus.PROPOSAL_SENT,
    "contracts_won": InquiryStatus.CLOSED_WON,
    "revenue_generated": InquiryStatus.CLOSED_WON,
    "pipeline_value": None,
}
"""The counted columns of inquiries, with the status they count; None counts all."""
_MONEY = ("revenue_generated", "pipeline_value")
_OF_POSTS = ("total_posts", "total_impressions", "total_engagement")


@admin.register(BusinessPipeline)
class BusinessPipelineAdmin(TableAdmin[BusinessPipeline]):
    """Months, newest first."""

    list_display = [
        "month",
        "total_posts",
        "total_inquiries",
        "discovery_calls",
        "proposals_sent",
        "contracts_won",
        "revenue_generated",
        "pipeline_value",
    ]
    search_fields = ["month"]
    ordering = ["-month"]
    list_totals = ["total_inquiries", "contracts_won", "revenue_generated", "pipeline_value"]
    list_before_template = "business_core/months.html"
    readonly_fields = ["created_at", "updated_at"]

    class Media:
        css = STYLES

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the stored months below those that are counted, for who may see what is counted."""
        counted = [_line(request, month) for month in months(newest=_NEWEST)] if _may_count(request) else []
        context = {"counted_months": counted, "may_count": _may_count(request), "newest": _NEWEST}
        return super().changelist_view(request, context | (extra_context or {}))


def _may_count(request: HttpRequest) -> bool:
    return all(admin.site.get_model_admin(model).has_view_permission(request) for model in (ConsultationInquiry, Post))


def _line(request: HttpRequest, month: Month) -> dict[str, Any]:
    """Return a month in words: its numbers with the lists that make them, and what is stored otherwise."""
    numbers = [
        (_shown(name, month.counted.get(name, 0)), _link(request, month, name)) for name in (*_OF_POSTS, *_STAGES)
    ]
    return {
        "name": shortened(month.name),
        "numbers": numbers,
        "stored": _stored(month),
        "link": month.stored and reverse("admin:business_core_businesspipeline_change", args=[month.stored.pk]),
    }


def _link(request: HttpRequest, month: Month, name: str) -> str:
    days = bounds(month.name)
    if days is None or not month.counted.get(name):
        return ""
    first, after = (timezone.make_aware(datetime.combine(day, time.min)) for day in days)
    if name in _OF_POSTS:
        return list_link(request, Post, posted_at__gte=first, posted_at__lt=after)
    status = _STAGES[name]
    narrowed = {} if status is None else {"status__exact": status.value}
    return list_link(request, ConsultationInquiry, created_at__gte=first, created_at__lt=after, **narrowed)


def _stored(month: Month) -> str:
    if month.stored is None:
        return "no month is stored"
    differing = month.differences().items()
    words = [
        f"{name.replace('_', ' ')} {_shown(name, there)} instead of {_shown(name, here)}"
        for name, (there, here) in differing
    ]
    return "stored: " + "; ".join(words) if words else "stored: the same"


def _shown(name: str, number: Any) -> str:
    return str(money(number)) if name in _MONEY else f"{number:,}"
