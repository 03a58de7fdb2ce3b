"""What the two LinkedIn files have in common: their tables, and where each column goes."""

from tests.integration.legacy_import.sources.mapped_table import MappedTable, same
from tests.integration.legacy_import.sources.readings import (
    EMPTY_AS_NULL,
    EMPTY_OR_LOCAL_TIME,
    INTEGER,
    KEY,
    LOCAL_TIME,
    MONEY,
    RATIO,
    TEXT,
    UTC_TIME,
    WHOLE_MONEY,
    pointing_to,
)


def linkedin_tables(source: str, *, data_source: str) -> tuple[MappedTable, MappedTable, MappedTable]:
    """Return the posts, the inquiries and the monthly pipeline of one of the two files."""
    posts = MappedTable(
        source,
        "linkedin_posts",
        "business_core.Post",
        key="post_id",
        columns={
            "post_id": ("external_post_id", TEXT),
            **same(TEXT, "content", "week_theme", "target_audience", "business_objective"),
            **same(LOCAL_TIME, "posted_at"),
            "day": ("day_of_week", TEXT),
            **same(INTEGER, "impressions", "views", "likes", "comments", "shares", "saves", "clicks"),
            **same(INTEGER, "profile_views", "connection_requests", "dm_inquiries", "consultation_requests"),
            **same(RATIO, "actual_engagement_rate", "business_conversion_rate"),
            **same(MONEY, "roi_score"),
            **same(UTC_TIME, "updated_at"),
        },
        constants={"platform": "linkedin", "data_source": data_source},
        kept=("expected_engagement_rate", "expected_consultation_inquiries"),
    )
    inquiries = MappedTable(
        source,
        "consultation_inquiries",
        "business_core.ConsultationInquiry",
        key="inquiry_id",
        columns={
            "inquiry_id": ("external_inquiry_id", TEXT),
            **same(TEXT, "contact_name", "company", "company_size", "inquiry_type", "inquiry_channel", "inquiry_text"),
            **same(pointing_to("posts"), "source_post_id"),
            **same(WHOLE_MONEY, "estimated_value"),
            **same(INTEGER, "priority_score"),
            **same(TEXT, "status"),
            **same(LOCAL_TIME, "created_at"),
            **same(EMPTY_OR_LOCAL_TIME, "last_contact"),
            **same(EMPTY_AS_NULL, "notes"),
        },
        constants={"data_source": data_source},
    )
    pipeline = MappedTable(
        source,
        "business_pipeline",
        "business_core.BusinessPipeline",
        key="pipeline_id",
        columns={
            "pipeline_id": ("", KEY),
            **same(TEXT, "month"),
            **same(INTEGER, "total_posts", "total_impressions", "total_engagement", "total_inquiries"),
            **same(INTEGER, "discovery_calls", "proposals_sent", "contracts_won"),
            **same(WHOLE_MONEY, "revenue_generated", "pipeline_value"),
            **same(RATIO, "conversion_rate"),
            **same(UTC_TIME, "created_at"),
        },
    )
    return posts, inquiries, pipeline
