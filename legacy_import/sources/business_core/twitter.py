"""Source `twitter`, twitter_analytics.db: fills posts.

A tweet is a post, a retweet a share, a reply a comment.
"""

from legacy_import.codecs import INTEGER, RATIO, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import Column, Source, Table
from synapse.foundation.databases import BUSINESS_CORE

SOURCE = Source(
    name="twitter",
    path="twitter_analytics.db",
    database=BUSINESS_CORE,
    phases=("revenue",),
    rank=5,
    tables=(
        Table(
            name="twitter_posts",
            model="business_core.Post",
            key="tweet_id",
            identity=("tweet_id",),
            columns=(
                Column("tweet_id", "external_post_id", TEXT),
                Column("content", "content", TEXT),
                Column("impressions", "impressions", INTEGER),
                Column("retweets", "shares", INTEGER),
                Column("likes", "likes", INTEGER),
                Column("replies", "comments", INTEGER),
                Column("clicks", "clicks", INTEGER),
                Column("engagement_rate", "actual_engagement_rate", RATIO),
                Column("posted_at", "posted_at", UTC_TIMESTAMP),
                Column("last_updated", "updated_at", UTC_TIMESTAMP),
            ),
            constants={"platform": "twitter", "data_source": "twitter"},
            kept=("post_id", "thread_position", "total_threads"),
        ),
    ),
    archived=("twitter_threads",),
)
