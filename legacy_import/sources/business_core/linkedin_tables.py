"""Columns of the two LinkedIn files, `primary` and `duplicate`.

They fill posts, consultation_inquiries and business_pipeline.
"""

from legacy_import.codecs import (
    EMPTY_AS_NULL,
    EMPTY_OR_LOCAL_TIMESTAMP,
    INTEGER,
    KEY,
    LOCAL_TIMESTAMP,
    RATIO,
    TEXT,
    UTC_TIMESTAMP,
    WHOLE_MONEY,
    decimal_codec,
)
from legacy_import.mapping import Column, Reference

POST_COLUMNS = (
    Column("post_id", "external_post_id", TEXT),
    Column("content", "content", TEXT),
    Column("posted_at", "posted_at", LOCAL_TIMESTAMP),
    Column("week_theme", "week_theme", TEXT),
    Column("day", "day_of_week", TEXT),
    Column("target_audience", "target_audience", TEXT),
    Column("business_objective", "business_objective", TEXT),
    Column("impressions", "impressions", INTEGER),
    Column("views", "views", INTEGER),
    Column("likes", "likes", INTEGER),
    Column("comments", "comments", INTEGER),
    Column("shares", "shares", INTEGER),
    Column("saves", "saves", INTEGER),
    Column("clicks", "clicks", INTEGER),
    Column("profile_views", "profile_views", INTEGER),
    Column("connection_requests", "connection_requests", INTEGER),
    Column("dm_inquiries", "dm_inquiries", INTEGER),
    Column("consultation_requests", "consultation_requests", INTEGER),
    Column("actual_engagement_rate", "actual_engagement_rate", RATIO),
    Column("business_conversion_rate", "business_conversion_rate", RATIO),
    Column("roi_score", "roi_score", decimal_codec(8, 2)),
    Column("updated_at", "updated_at", UTC_TIMESTAMP),
)

POST_COLUMNS_KEPT = ("expected_engagement_rate", "expected_consultation_inquiries")
"""They have no target column: the ledger keeps them."""

INQUIRY_COLUMNS = (
    Column("inquiry_id", "external_inquiry_id", TEXT),
    Column("source_post_id", "source_post_id", TEXT, reference=Reference("posts", "external_post_id")),
    Column("contact_name", "contact_name", TEXT),
    Column("company", "company", TEXT),
    Column("company_size", "company_size", TEXT),
    Column("inquiry_type", "inquiry_type", TEXT),
    Column("inquiry_channel", "inquiry_channel", TEXT),
    Column("inquiry_text", "inquiry_text", TEXT),
    Column("estimated_value", "estimated_value", WHOLE_MONEY),
    Column("priority_score", "priority_score", INTEGER),
    Column("status", "status", TEXT),
    Column("created_at", "created_at", LOCAL_TIMESTAMP),
    Column("last_contact", "last_contact", EMPTY_OR_LOCAL_TIMESTAMP),
    Column("notes", "notes", EMPTY_AS_NULL),
)

PIPELINE_COLUMNS = (
    Column("pipeline_id", "", KEY),
    Column("month", "month", TEXT),
    Column("total_posts", "total_posts", INTEGER),
    Column("total_impressions", "total_impressions", INTEGER),
    Column("total_engagement", "total_engagement", INTEGER),
    Column("total_inquiries", "total_inquiries", INTEGER),
    Column("discovery_calls", "discovery_calls", INTEGER),
    Column("proposals_sent", "proposals_sent", INTEGER),
    Column("contracts_won", "contracts_won", INTEGER),
    Column("revenue_generated", "revenue_generated", decimal_codec(12, 2, storage="integer")),
    Column("pipeline_value", "pipeline_value", decimal_codec(12, 2, storage="integer")),
    Column("conversion_rate", "conversion_rate", RATIO),
    Column("created_at", "created_at", UTC_TIMESTAMP),
)
