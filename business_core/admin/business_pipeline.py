"""The page of the pipeline's months."""

from django.contrib import admin

from business_core.models import BusinessPipeline
from synapse.admin_base import TableAdmin


@admin.register(BusinessPipeline)
class BusinessPipelineAdmin(TableAdmin[BusinessPipeline]):
    """Months, newest first."""

    list_display = ["month", "total_posts", "total_inquiries", "contracts_won", "revenue_generated", "pipeline_value"]
    search_fields = ["month"]
    ordering = ["-month"]
    list_totals = ["total_inquiries", "contracts_won", "revenue_generated", "pipeline_value"]
    readonly_fields = ["created_at", "updated_at"]
