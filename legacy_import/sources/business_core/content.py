"""Source `content`, content_analytics.db: fills posts and consultation_inquiries.

Posts of any platform. Its inquiries lie in a legacy table named business_pipeline.
"""

from legacy_import.codecs import DATE_AND_CLOCK, EMPTY_AS_NULL, INTEGER, LOWER_CASE, MONEY, RATIO, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import UNKNOWN, Column, Reference, Source, Table
from synapse.foundation.databases import BUSINESS_CORE

SOURCE = Source(
    name="content",
    path="content_analytics.db",
    database=BUSINESS_CORE,
    phases=("analytics",),
    rank=4,
    tables=(
        Table(
            name="posts",
            model="business_core.Post",
            key="post_id",
            identity=("post_id",),
            columns=(
                Column("post_id", "external_post_id", TEXT),
                Column(("date", "posting_time"), "posted_at", DATE_AND_CLOCK),
                Column("day_of_week", "day_of_week", TEXT),
                Column("signature_series", "week_theme", TEXT),
                Column("headline", "content", TEXT),
                Column("platform", "platform", LOWER_CASE),
                Column("views", "views", INTEGER),
                Column("likes", "likes", INTEGER),
                Column("comments", "comments", INTEGER),
                Column("shares", "shares", INTEGER),
                Column("saves", "saves", INTEGER),
                Column("engagement_rate", "actual_engagement_rate", RATIO),
                Column("profile_views", "profile_views", INTEGER),
                Column("connection_requests", "connection_requests", INTEGER),
                Column("consultation_inquiries", "consultation_requests", INTEGER),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
            constants={"data_source": "content_analytics"},
            kept=(
                "content_type",
                "discovery_calls",
                "click_through_rate",
                "comment_quality_score",
                "business_relevance_score",
            ),
        ),
        Table(
            name="business_pipeline",
            model="business_core.ConsultationInquiry",
            key="inquiry_id",
            identity=("inquiry_id",),
            columns=(
                Column("inquiry_id", "external_inquiry_id", TEXT),
                Column("source_post_id", "source_post_id", TEXT, reference=Reference("posts", "external_post_id")),
                Column("inquiry_type", "inquiry_type", TEXT),
                Column("company_size", "company_size", TEXT),
                Column("industry", "industry", TEXT),
                Column("project_value", "estimated_value", MONEY),
                Column("status", "status", TEXT),
                Column("notes", "notes", EMPTY_AS_NULL),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
            constants={"contact_name": UNKNOWN, "inquiry_channel": UNKNOWN, "data_source": "content_analytics"},
            kept=("inquiry_date",),
        ),
    ),
    archived=("weekly_performance",),
)
