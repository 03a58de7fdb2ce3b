"""Source `content_management`, unified_content_management.db: fills content_pieces and platform_adaptations.

Pieces of content, and their adaptations per platform.
"""

from legacy_import.codecs import KEY, LOCAL_TIMESTAMP, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import Column, Reference, Source, Table
from synapse.foundation.databases import REVENUE

SOURCE = Source(
    name="content_management",
    path="unified_content_management.db",
    database=REVENUE,
    phases=("revenue",),
    rank=4,
    tables=(
        Table(
            name="content_pieces",
            model="revenue.ContentPiece",
            key="content_id",
            identity=("content_id",),
            columns=(
                Column("content_id", "", KEY),
                Column("original_content", "original_content", TEXT),
                Column("business_objective", "business_objective", TEXT),
                Column("target_audience", "target_audience", TEXT),
                Column("created_at", "created_at", UTC_TIMESTAMP),
                Column("updated_at", "updated_at", UTC_TIMESTAMP),
            ),
        ),
        Table(
            name="platform_adaptations",
            model="revenue.PlatformAdaptation",
            key="adaptation_id",
            identity=("adaptation_id",),
            columns=(
                Column("adaptation_id", "", KEY),
                Column("content_id", "content_id", TEXT, reference=Reference("content_pieces")),
                Column("platform", "platform", TEXT),
                Column("adapted_content", "adapted_content", TEXT),
                Column("scheduled_time", "scheduled_time", LOCAL_TIMESTAMP),
                Column("post_id", "post_id", TEXT),
                Column("status", "status", TEXT),
                Column("created_at", "created_at", UTC_TIMESTAMP),
            ),
        ),
    ),
    archived=("cross_platform_metrics", "content_strategies"),
)
