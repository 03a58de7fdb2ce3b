"""The page of revenue opportunities."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from revenue.admin.cells import beginning, money, share, text_column
from revenue.models import OpportunityStatus, RevenueOpportunity, RevenuePipelineSummary
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.filters import known_values_filter
from synapse.kit.admin.range_filters import NumberRangeFilter

_MOST_SEGMENTS = 30


class SegmentFilter(admin.SimpleListFilter):
    """Opportunities of one segment, of the first the view has: it has one row for each, the table a million."""

    title = "segment"
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return the segments of active opportunities."""
        found = RevenuePipelineSummary.objects.order_by("customer_segment").values_list("customer_segment", flat=True)
        return [(segment, beginning(segment)) for segment in found[:_MOST_SEGMENTS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the chosen segment's opportunities."""
        return queryset if self.value() is None else queryset.filter(customer_segment=self.value())


@admin.register(RevenueOpportunity)
class RevenueOpportunityAdmin(TableAdmin[RevenueOpportunity]):
    """Opportunities by segment, the largest first."""

    list_display = [
        "segment",
        text_column("lead_source"),
        "potential",
        "confidence",
        "qualification_score",
        text_column("status"),
        "next_step",
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
    def segment(self, opportunity: RevenueOpportunity) -> str:
        """Return the segment."""
        return beginning(opportunity.customer_segment) or "(no segment)"

    @admin.display(description="potential", ordering="revenue_potential")
    def potential(self, opportunity: RevenueOpportunity) -> str | None:
        """Return what it may be worth."""
        return money(opportunity.revenue_potential)

    @admin.display(description="confidence", ordering="confidence_score")
    def confidence(self, opportunity: RevenueOpportunity) -> str | None:
        """Return how sure the scoring was."""
        return share(opportunity.confidence_score)

    @admin.display(description="next action", empty_value="-")
    def next_step(self, opportunity: RevenueOpportunity) -> str | None:
        """Return what to do next."""
        return beginning(opportunity.next_action) or None
