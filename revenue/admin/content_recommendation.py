"""The page of content recommendations."""

from django.contrib import admin

from revenue.models import ContentRecommendation
from synapse.admin_base import TableAdmin


@admin.register(ContentRecommendation)
class ContentRecommendationAdmin(TableAdmin[ContentRecommendation]):
    """Recommendations, the most pressing first."""

    list_display = ["content_topic", "recommendation_type", "target_audience", "priority_score", "created_at"]
    search_fields = ["content_topic", "recommendation_type", "target_audience"]
    ordering = ["-priority_score"]
    readonly_fields = ["created_at"]
    long_texts = ["reasoning"]
