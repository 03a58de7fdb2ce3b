"""The page of content patterns."""

from django.contrib import admin

from analytics.models import ContentPattern
from synapse.admin_base import TableAdmin


@admin.register(ContentPattern)
class ContentPatternAdmin(TableAdmin[ContentPattern]):
    """Patterns, the most engaging first."""

    list_display = [
        "pattern_type",
        "pattern_value",
        "avg_engagement_rate",
        "avg_consultation_conversion",
        "sample_size",
        "confidence_score",
    ]
    list_display_links = ["pattern_type", "pattern_value"]
    search_fields = ["pattern_type", "pattern_value"]
    ordering = ["-avg_engagement_rate"]
    readonly_fields = ["identified_at", "updated_at"]
    long_texts = ["recommendation"]
