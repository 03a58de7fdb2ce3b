"""The page of the active opportunities by segment."""

from django.contrib import admin

from revenue.admin.cells import text_column
from revenue.models import RevenuePipelineSummary
from synapse.kit.admin.refreshable import RefreshableViewAdmin


@admin.register(RevenuePipelineSummary)
class RevenuePipelineSummaryAdmin(RefreshableViewAdmin[RevenuePipelineSummary]):
    """One row per segment, as of the last refresh."""

    list_display = [
        text_column("customer_segment"),
        "total_opportunities",
        "total_pipeline_value",
        "avg_confidence",
        "avg_qualification",
    ]
    list_totals = ["total_opportunities", "total_pipeline_value"]
    search_fields = ["customer_segment"]
    ordering = ["customer_segment"]
