"""The page of revenue opportunities."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from revenue.admin.cells import format_money, format_share, shorten_text, text_column
from revenue.models import OpportunityStatus, RevenueOpportunity, RevenuePipelineSummary
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.admin.range_filters import NumberRangeFilter

_MAX_SEGMENTS = 30


class SegmentFilter(admin.SimpleListFilter):
    """Opportunities of one segment, of the first the view has: it has one row for each, the table a million."""

    title = "segment"
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the segments of active opportunities."""
        found = RevenuePipelineSummary.objects.order_by("customer_segment").values_list("customer_segment", flat=True)
        return [(segment, shorten_text(segment)) for segment in found[:_MAX_SEGMENTS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen segment's opportunities."""
        return queryset if self.value() is None else queryset.filter(customer_segment=self.value())


@admin.register(RevenueOpportunity)
class RevenueOpportunityAdmin(TableAdmin[RevenueOpportunity]):
    """Opportunities by segment, the largest first."""

    list_display = [
        "segment_cell",
        text_column("lead_source"),
        "potential_cell",
        "confidence_cell",
        "qualification_score",
        text_column("status"),
        "next_action_cell",
    ]
    list_filter = [
        known_values_filter("status", OpportunityStatus),
        SegmentFilter,
        ("revenue_potential", NumberRangeFilter),
        ("confidence_score", NumberRangeFilter),
        ("qualification_score", NumberRangeFilter),
    ]
    list_filter_submit = True
    list_totals = ["revenue_potential"]
    search_fields = ["customer_segment", "lead_source"]
    search_help_text = "Words of the segment or the source of the lead."
    ordering = ["customer_segment", "-revenue_potential"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["next_action"]
    known_values: ClassVar = {"status": OpportunityStatus}
    fieldsets = [
        ("Opportunity", {"fields": ["customer_segment", "lead_source", "status"]}),
        ("What it may be worth", {"fields": ["revenue_potential", "confidence_score", "qualification_score"]}),
        ("What to do", {"fields": ["recommended_offering", "next_action"]}),
        ("Where it came from", {"fields": ["engagement_history", "created_at", "updated_at"]}),
    ]

    @admin.display(description="segment", ordering="customer_segment")
    def segment_cell(self, opportunity: RevenueOpportunity) -> str:
        """Return the segment."""
        return shorten_text(opportunity.customer_segment) or "(no segment)"

    @admin.display(description="potential", ordering="revenue_potential")
    def potential_cell(self, opportunity: RevenueOpportunity) -> str | None:
        """Return what it may be worth."""
        return format_money(opportunity.revenue_potential)

    @admin.display(description="confidence", ordering="confidence_score")
    def confidence_cell(self, opportunity: RevenueOpportunity) -> str | None:
        """Return how sure the scoring was."""
        return format_share(opportunity.confidence_score)

    @admin.display(description="next action", empty_value="-")
    def next_action_cell(self, opportunity: RevenueOpportunity) -> str | None:
        """Return what to do next."""
        return shorten_text(opportunity.next_action) or None
