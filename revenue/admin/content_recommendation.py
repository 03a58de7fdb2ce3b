"""The page of content recommendations."""

from django.contrib import admin

from revenue.admin.cells import format_share, shorten_text, text_column
from revenue.models import ContentRecommendation
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter


@admin.register(ContentRecommendation)
class ContentRecommendationAdmin(TableAdmin[ContentRecommendation]):
    """Recommendations, the most pressing first."""

    list_display = [
        "topic_cell",
        text_column("recommendation_type"),
        "audience_cell",
        "priority_cell",
        "reason_cell",
        "created_at",
    ]
    list_filter = [("priority_score", NumberRangeFilter), ("created_at", DayRangeFilter)]
    list_filter_submit = True
    search_fields = ["content_topic", "recommendation_type", "target_audience"]
    search_help_text = "Words of the topic, the type or the audience."
    ordering = ["-priority_score"]
    readonly_fields = ["created_at"]
    long_texts = ["reasoning"]
    fieldsets = [
        ("Recommendation", {"fields": ["content_topic", "recommendation_type", "target_audience", "priority_score"]}),
        ("Why", {"fields": ["reasoning", "expected_performance", "created_at"]}),
    ]

    @admin.display(description="topic", ordering="content_topic")
    def topic_cell(self, recommendation: ContentRecommendation) -> str:
        """Return what to write about."""
        return shorten_text(recommendation.content_topic) or "(no topic)"

    @admin.display(description="audience", ordering="target_audience")
    def audience_cell(self, recommendation: ContentRecommendation) -> str:
        """Return for whom."""
        return shorten_text(recommendation.target_audience)

    @admin.display(description="priority", ordering="priority_score")
    def priority_cell(self, recommendation: ContentRecommendation) -> str | None:
        """Return how pressing it is."""
        return format_share(recommendation.priority_score)

    @admin.display(description="why")
    def reason_cell(self, recommendation: ContentRecommendation) -> str:
        """Return the reason."""
        return shorten_text(recommendation.reasoning)
