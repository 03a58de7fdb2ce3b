"""The admin page of the months: the stored rows and whose they are, beside what posts and inquiries are counted to."""

from datetime import datetime, time
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from business_core.admin.inquiry_columns import format_money, shorten_text
from business_core.admin.styles import STYLES
from business_core.models import BusinessPipeline, ConsultationInquiry, InquiryStatus, Post
from business_core.querysets.month_origin import MonthOrigin, Origin, month_origins
from business_core.querysets.months import JOB, Month, month_bounds, newest_months
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.permissions import may_view
from synapse.kit.dashboard.links import list_link
from synapse.kit.jobs.models import JobRun

_MAX_MONTHS = 24
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


class _OriginList(ChangeList):
    """A list with the origin of each month of its page, read for all of them in two queries."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and the origin of its months."""
        super().get_results(request)
        shown: list[BusinessPipeline] = list(self.result_list)
        found = month_origins(shown)
        for month in shown:
            month.standing = found[month.pk]  # type: ignore[attr-defined]  # the list's own
        self.result_list = shown  # a list: another iteration of the queryset would lose what was set


@admin.register(BusinessPipeline)
class BusinessPipelineAdmin(TableAdmin[BusinessPipeline]):
    """Months, newest first."""

    list_display = [
        "month",
        "origin_cell",
        "total_posts",
        "total_inquiries",
        "discovery_calls",
        "proposals_sent",
        "contracts_won",
        "revenue_generated",
        "pipeline_value",
        "changed_at_cell",
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
        may_count = all(may_view(request, model) for model in (ConsultationInquiry, Post))
        months = newest_months(newest=_MAX_MONTHS) if may_count else []
        summings = JobRun.objects.filter(job=JOB, state=JobRun.State.DONE).order_by("-queued_at")
        may_run = request.user.has_perms(["job_base.view_jobrun", "job_base.run_job"])
        context = {
            "counted_months": [_month_line(request, month) for month in months],
            "may_count": may_count,
            "newest": _MAX_MONTHS,
            "summed_at": summings.values_list("finished_at", flat=True).first(),
            "job_page": reverse("operations:job", args=[JOB]) if may_run else "",
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:
        """Return the list that reads the origin of its months."""
        return type("OriginList", (_OriginList, super().get_changelist(request, **kwargs)), {})

    @admin.display(description="whose figures")
    def origin_cell(self, month: Any) -> str:
        """Return whose the month is, and which of its figures were edited."""
        standing: MonthOrigin = month.standing
        edited = ", ".join(name.replace("_", " ") for name in standing.edited)
        return f"{Origin(standing.origin).label}; edited: {edited}" if edited else Origin(standing.origin).label

    @admin.display(description="last changed", ordering="updated_at", empty_value="unknown")
    def changed_at_cell(self, month: BusinessPipeline) -> datetime | None:
        """Return when the month was last changed here; a computed one that stays the same isn't written again."""
        return month.updated_at


def _month_line(request: HttpRequest, month: Month) -> dict[str, Any]:
    """Return a month in words: its numbers with the lists that make them, and what is stored otherwise."""
    numbers = [
        (_format_figure(name, month.counted.get(name, 0)), _rows_link(request, month, name))
        for name in (*_OF_POSTS, *_STAGES)
    ]
    differing = [
        f"{name.replace('_', ' ')} {_format_figure(name, there)} instead of {_format_figure(name, here)}"
        for name, (there, here) in month.stored_differences().items()
    ]
    stored = "stored: " + ("; ".join(differing) or "the same") if month.stored else "no month is stored"
    return {
        "name": shorten_text(month.name),
        "numbers": numbers,
        "stored": stored,
        "link": month.stored and reverse("admin:business_core_businesspipeline_change", args=[month.stored.pk]),
    }


def _rows_link(request: HttpRequest, month: Month, name: str) -> str:
    days = month_bounds(month.name)
    if days is None or not month.counted.get(name):
        return ""
    first, after = (timezone.make_aware(datetime.combine(day, time.min)) for day in days)
    if name in _OF_POSTS:
        return list_link(request, Post, posted_at__gte=first, posted_at__lt=after)
    status = _STAGES[name]
    narrowed = {} if status is None else {"status__exact": status.value}
    return list_link(request, ConsultationInquiry, created_at__gte=first, created_at__lt=after, **narrowed)


def _format_figure(name: str, number: Any) -> str:
    return str(format_money(number)) if name in _MONEY else f"{number:,}"
