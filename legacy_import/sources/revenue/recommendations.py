"""Source `recommendations`, synapse_content_intelligence.db: fills content_recommendations.

What to write next, and why.
"""

from legacy_import.codecs import JSON, KEY, RATIO, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import Column, Source, Table
from synapse.foundation.databases import REVENUE

SOURCE = Source(
    name="recommendations",
    path="synapse_content_intelligence.db",
    database=REVENUE,
    phases=("revenue",),
    rank=3,
    tables=(
        Table(
            name="content_recommendations",
            model="revenue.ContentRecommendation",
            key="recommendation_id",
            identity=("recommendation_id",),
            columns=(
                Column("recommendation_id", "", KEY),
                Column("recommendation_type", "recommendation_type", TEXT),
                Column("content_topic", "content_topic", TEXT),
                Column("target_audience", "target_audience", TEXT),
                Column("expected_performance", "expected_performance", JSON),
                Column("reasoning", "reasoning", TEXT),
                Column("priority_score", "priority_score", RATIO),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
        ),
    ),
    archived=("content_insights", "audience_intelligence"),
)
