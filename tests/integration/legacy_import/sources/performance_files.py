"""What the three performance files have in common: their tables, and where each column goes."""

from tests.integration.legacy_import.sources.mapped_table import MappedTable, same
from tests.integration.legacy_import.sources.readings import (
    BOOLEAN,
    INTEGER,
    JSON,
    KEY,
    ONE_TO_FIVE,
    RATIO,
    TEXT,
    UTC_TIME,
)

BY_PRECEDENCE = ("performance", "performance_optimized", "performance_cross_platform")


def performance_tables(source: str) -> tuple[MappedTable, MappedTable, MappedTable]:
    """Return the analyses, the patterns and the predictions of one of the files; the first lacks two columns."""
    is_first = source == "performance"
    analyses = MappedTable(
        source,
        "content_analysis",
        "analytics.ContentAnalysis",
        key="analysis_id",
        columns={
            "analysis_id": ("", KEY),
            **same(TEXT, "post_id", "hook_type", "cta_type", "topic_category"),
            **same(INTEGER, "word_count", "emoji_count", "hashtag_count", "question_count", "data_points"),
            **same(ONE_TO_FIVE, "technical_depth", "business_focus", "controversy_score"),
            **same(BOOLEAN, "personal_story", "code_snippets"),
            **same(UTC_TIME, "analyzed_at"),
        },
        constants={"data_source": source},
    )
    patterns = MappedTable(
        source,
        "content_patterns",
        "analytics.ContentPattern",
        key="pattern_id",
        columns={
            "pattern_id": ("", KEY),
            **same(TEXT, "pattern_type", "pattern_value", "recommendation"),
            **same(RATIO, "avg_engagement_rate", "avg_consultation_conversion", "confidence_score"),
            **same(INTEGER, "sample_size"),
            **same(UTC_TIME, "identified_at", *([] if is_first else ["updated_at"])),
        },
    )
    predictions = MappedTable(
        source,
        "performance_predictions",
        "analytics.PerformancePrediction",
        key="prediction_id",
        columns={
            "prediction_id": ("", KEY),
            **same(TEXT, "post_id"),
            **same(RATIO, "predicted_engagement_rate", "confidence_lower", "confidence_upper"),
            **same(INTEGER, "predicted_consultation_requests", "actual_consultation_requests"),
            **same(JSON, "key_factors", "recommendations"),
            **same(RATIO, "actual_engagement_rate", "prediction_accuracy"),
            **same(UTC_TIME, "created_at", *([] if is_first else ["validated_at"])),
        },
    )
    return analyses, patterns, predictions
