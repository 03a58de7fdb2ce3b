"""Source `attribution`, cross_platform_analytics.db: fills attribution_tracking.

Who touched which content where, on the way to a consultation.
"""

from legacy_import.codecs import BOOLEAN, JSON, KEY, MONEY, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import Column, Source, Table
from synapse.foundation.databases import ANALYTICS

SOURCE = Source(
    name="attribution",
    path="cross_platform_analytics.db",
    database=ANALYTICS,
    phases=("analytics",),
    rank=4,
    tables=(
        Table(
            name="attribution_tracking",
            model="analytics.AttributionTracking",
            key="tracking_id",
            identity=("tracking_id",),
            columns=(
                Column("tracking_id", "", KEY),
                Column("content_id", "content_id", TEXT),
                Column("platform", "platform", TEXT),
                Column("touchpoint", "touchpoint", TEXT),
                Column("user_id", "user_id", TEXT),
                Column("session_id", "session_id", TEXT),
                Column("timestamp", "timestamp", UTC_TIMESTAMP),
                Column("value", "value", MONEY),
                Column("metadata", "metadata", JSON),
                Column("processed", "processed", BOOLEAN),
            ),
        ),
    ),
    archived=("conversion_paths", "cross_platform_performance", "platform_interactions"),
)
