"""Columns of the three performance files: performance, performance_optimized, performance_cross_platform.

They fill content_analysis, content_patterns and performance_predictions. Only the first file lacks updated_at and
validated_at.
"""

from legacy_import.codecs import BOOLEAN, INTEGER, JSON, KEY, RATIO, TEXT, UTC_TIMESTAMP, integer_codec
from legacy_import.mapping import Column, Table

_ONE_TO_FIVE = integer_codec(1, 5)

ANALYSIS_COLUMNS = (
    Column("analysis_id", "", KEY),
    Column("post_id", "post_id", TEXT),
    Column("word_count", "word_count", INTEGER),
    Column("hook_type", "hook_type", TEXT),
    Column("cta_type", "cta_type", TEXT),
    Column("topic_category", "topic_category", TEXT),
    Column("technical_depth", "technical_depth", _ONE_TO_FIVE),
    Column("business_focus", "business_focus", _ONE_TO_FIVE),
    Column("controversy_score", "controversy_score", _ONE_TO_FIVE),
    Column("emoji_count", "emoji_count", INTEGER),
    Column("hashtag_count", "hashtag_count", INTEGER),
    Column("question_count", "question_count", INTEGER),
    Column("personal_story", "personal_story", BOOLEAN),
    Column("data_points", "data_points", INTEGER),
    Column("code_snippets", "code_snippets", BOOLEAN),
    Column("analyzed_at", "analyzed_at", UTC_TIMESTAMP),
)

PATTERNS = Table(
    name="content_patterns",
    model="analytics.ContentPattern",
    key="pattern_id",
    identity=("pattern_type", "pattern_value"),
    columns=(
        Column("pattern_id", "", KEY),
        Column("pattern_type", "pattern_type", TEXT),
        Column("pattern_value", "pattern_value", TEXT),
        Column("avg_engagement_rate", "avg_engagement_rate", RATIO),
        Column("avg_consultation_conversion", "avg_consultation_conversion", RATIO),
        Column("sample_size", "sample_size", INTEGER),
        Column("confidence_score", "confidence_score", RATIO),
        Column("recommendation", "recommendation", TEXT),
        Column("identified_at", "identified_at", UTC_TIMESTAMP),
        Column("updated_at", "updated_at", UTC_TIMESTAMP),
    ),
)

PREDICTIONS = Table(
    name="performance_predictions",
    model="analytics.PerformancePrediction",
    key="prediction_id",
    identity=("prediction_id",),
    columns=(
        Column("prediction_id", "", KEY),
        Column("post_id", "post_id", TEXT),
        Column("predicted_engagement_rate", "predicted_engagement_rate", RATIO),
        Column("predicted_consultation_requests", "predicted_consultation_requests", INTEGER),
        Column("confidence_lower", "confidence_lower", RATIO),
        Column("confidence_upper", "confidence_upper", RATIO),
        Column("key_factors", "key_factors", JSON),
        Column("recommendations", "recommendations", JSON),
        Column("actual_engagement_rate", "actual_engagement_rate", RATIO),
        Column("actual_consultation_requests", "actual_consultation_requests", INTEGER),
        Column("prediction_accuracy", "prediction_accuracy", RATIO),
        Column("created_at", "created_at", UTC_TIMESTAMP),
        Column("validated_at", "validated_at", UTC_TIMESTAMP),
    ),
)
