"""The page of the last 30 days' summary."""

from django.contrib import admin

from business_core.models import CurrentPipelineSummary
from synapse.admin_base import ViewAdmin


@admin.register(CurrentPipelineSummary)
class CurrentPipelineSummaryAdmin(ViewAdmin[CurrentPipelineSummary]):
    """One row, computed when it is looked at."""

    list_display = ["total_inquiries", "new_inquiries", "total_pipeline_value", "avg_deal_value"]
