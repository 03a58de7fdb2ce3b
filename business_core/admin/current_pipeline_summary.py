"""The page of the last 30 days' summary."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from business_core.admin.inquiry_columns import format_money
from business_core.admin.styles import STYLES
from business_core.models import ConsultationInquiry, CurrentPipelineSummary
from synapse.kit.admin.read_only import ViewAdmin
from synapse.kit.dashboard.links import list_link


@admin.register(CurrentPipelineSummary)
class CurrentPipelineSummaryAdmin(ViewAdmin[CurrentPipelineSummary]):
    """One row, computed when it is looked at: the inquiries created in the last 30 days, not the whole pipeline."""

    list_display = ["total_inquiries", "new_inquiries", "value_cell", "average_value_cell"]
    list_before_template = "business_core/last_30_days.html"

    class Media:
        css = STYLES

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the row under the name of what it counts, and the way to the whole pipeline."""
        context = {"title": "Inquiries of the last 30 days", "everything": list_link(request, ConsultationInquiry)}
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description="value", empty_value="none")
    def value_cell(self, summary: CurrentPipelineSummary) -> str | None:
        """Return what they are worth together."""
        return format_money(summary.total_pipeline_value)

    @admin.display(description="average value", empty_value="none")
    def average_value_cell(self, summary: CurrentPipelineSummary) -> str | None:
        """Return what one is worth on average, to two decimals."""
        return format_money(summary.avg_deal_value)
