"""The page of the top performing patterns."""

from django.contrib import admin

from analytics.models import TopPerformingPattern
from synapse.kit.admin.refreshable import RefreshableViewAdmin


@admin.register(TopPerformingPattern)
class TopPerformingPatternAdmin(RefreshableViewAdmin[TopPerformingPattern]):
    """The trusted patterns, in the view's order, as of its last refresh."""

    list_display = [
        "pattern_type",
        "pattern_value",
        "avg_engagement_rate",
        "avg_consultation_conversion",
        "sample_size",
        "confidence_score",
    ]
    list_totals = ["sample_size"]
    search_fields = ["pattern_type", "pattern_value"]
    ordering = ["-avg_consultation_conversion", "-avg_engagement_rate"]
