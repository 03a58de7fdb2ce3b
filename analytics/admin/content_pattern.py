"""The page of content patterns."""

from django.contrib import admin

from analytics.models import ContentPattern
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter


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
        "identified_at",
    ]
    list_display_links = ["pattern_type", "pattern_value"]
    list_filter = [
        ("confidence_score", NumberRangeFilter),
        ("sample_size", NumberRangeFilter),
        ("identified_at", DayRangeFilter),
    ]
    list_totals = ["sample_size"]
    search_fields = ["pattern_type", "pattern_value"]
    ordering = ["-avg_engagement_rate"]
    readonly_fields = ["identified_at", "updated_at"]
    long_texts = ["recommendation"]
    fieldsets = [
        (None, {"fields": ["pattern_type", "pattern_value", "recommendation"]}),
        (
            "How well it works",
            {"fields": ["avg_engagement_rate", "avg_consultation_conversion", "sample_size", "confidence_score"]},
        ),
        ("Record", {"fields": ["identified_at", "updated_at"]}),
    ]
