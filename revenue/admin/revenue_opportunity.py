"""The page of revenue opportunities."""

from typing import ClassVar

from django.contrib import admin

from revenue.models import OpportunityStatus, RevenueOpportunity
from synapse.admin_base import TableAdmin, known_values_filter


@admin.register(RevenueOpportunity)
class RevenueOpportunityAdmin(TableAdmin[RevenueOpportunity]):
    """Opportunities by segment, the largest first."""

    list_display = ["customer_segment", "lead_source", "revenue_potential", "confidence_score", "status", "next_action"]
    list_filter = [known_values_filter("status", OpportunityStatus)]
    list_totals = ["revenue_potential"]
    search_fields = ["customer_segment", "lead_source"]
    ordering = ["customer_segment", "-revenue_potential"]
    readonly_fields = ["created_at", "updated_at"]
    long_texts = ["next_action"]
    known_values: ClassVar = {"status": OpportunityStatus}
