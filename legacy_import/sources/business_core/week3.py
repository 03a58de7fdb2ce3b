"""Source `week3`, week3_business_development.db: fills posts and consultation_inquiries.

The time of a post is in two columns, date and posting_time; its inquiries have no channel.
"""

from legacy_import.codecs import DATE_AND_CLOCK, EMPTY_AS_NULL, INTEGER, MONEY, RATIO, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import UNKNOWN, Column, Reference, Source, Table
from synapse.foundation.databases import BUSINESS_CORE

SOURCE = Source(
    name="week3",
    path="week3_business_development.db",
    database=BUSINESS_CORE,
    phases=("core",),
    rank=3,
    tables=(
        Table(
            name="week3_posts",
            model="business_core.Post",
            key="post_id",
            identity=("post_id",),
            columns=(
                Column("post_id", "external_post_id", TEXT),
                Column(("date", "posting_time"), "posted_at", DATE_AND_CLOCK),
                Column("day", "day_of_week", TEXT),
                Column("title", "content", TEXT),
                Column("series", "week_theme", TEXT),
                Column("business_dev_focus", "business_objective", TEXT),
                Column("target_consultation_type", "target_consultation_type", TEXT),
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
            constants={"platform": "linkedin", "data_source": "week3"},
        ),
        Table(
            name="consultation_inquiries",
            model="business_core.ConsultationInquiry",
            key="inquiry_id",
            identity=("inquiry_id",),
            columns=(
                Column("inquiry_id", "external_inquiry_id", TEXT),
                Column("source_post_id", "source_post_id", TEXT, reference=Reference("posts", "external_post_id")),
                Column("inquiry_type", "inquiry_type", TEXT),
                Column("company_name", "company", TEXT),
                Column("contact_name", "contact_name", TEXT),
                Column("company_size", "company_size", TEXT),
                Column("inquiry_details", "inquiry_details", TEXT),
                Column("estimated_value", "estimated_value", MONEY),
                Column("status", "status", TEXT),
                Column("notes", "notes", EMPTY_AS_NULL),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
            constants={"inquiry_channel": UNKNOWN, "data_source": "week3"},
            kept=("inquiry_date",),
        ),
    ),
)
