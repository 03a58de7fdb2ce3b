"""The page of content analyses."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin

from analytics.models import ContentAnalysis
from synapse.kit.admin.editable import TableAdmin
from synapse.kit.admin.range_filters import DayRangeFilter, NumberRangeFilter


@admin.register(ContentAnalysis)
class ContentAnalysisAdmin(TableAdmin[ContentAnalysis]):
    """Analyses, by post."""

    list_display = [
        "post_id",
        "hook_type",
        "topic_category",
        "cta_type",
        "word_count",
        "technical_depth",
        "business_focus",
        "controversy_score",
        "analyzed_at",
    ]
    list_filter = [
        ("technical_depth", NumberRangeFilter),
        ("business_focus", NumberRangeFilter),
        ("word_count", NumberRangeFilter),
        ("analyzed_at", DayRangeFilter),
        "personal_story",
        "code_snippets",
    ]
    list_totals = ["word_count"]
    search_fields = ["post_id", "hook_type", "topic_category"]
    ordering = ["post_id"]
    readonly_fields = ["analyzed_at", "created_at"]
    fieldsets = [
        (None, {"fields": ["post_id", "hook_type", "cta_type", "topic_category"]}),
        ("Counts", {"fields": ["word_count", "emoji_count", "hashtag_count", "question_count", "data_points"]}),
        (
            "Scores from 1 to 5",
            {"fields": ["technical_depth", "business_focus", "controversy_score", "personal_story", "code_snippets"]},
        ),
        ("Record", {"fields": ["data_source", "analyzed_at", "created_at"]}),
    ]

    def import_defaults(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return the source that new rows of a file get where they bring none."""
        return {"data_source": lambda _: "synapse"}
