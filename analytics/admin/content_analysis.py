"""The page of content analyses."""

from django.contrib import admin

from analytics.models import ContentAnalysis
from synapse.admin_base import TableAdmin


@admin.register(ContentAnalysis)
class ContentAnalysisAdmin(TableAdmin[ContentAnalysis]):
    """Analyses, by post."""

    list_display = ["post_id", "hook_type", "topic_category", "technical_depth", "business_focus", "analyzed_at"]
    list_filter = ["technical_depth", "business_focus"]
    search_fields = ["post_id", "hook_type", "topic_category"]
    ordering = ["post_id"]
    readonly_fields = ["analyzed_at", "created_at"]
