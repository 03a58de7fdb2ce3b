"""Source `revenue`, revenue_acceleration.db: fills revenue_opportunities.

Opportunities by customer segment.
"""

from legacy_import.codecs import INTEGER, JSON, KEY, MONEY, RATIO, TEXT, UTC_TIMESTAMP
from legacy_import.mapping import Column, Source, Table
from synapse.foundation.databases import REVENUE

SOURCE = Source(
    name="revenue",
    path="revenue_acceleration.db",
    database=REVENUE,
    phases=("revenue",),
    rank=1,
    tables=(
        Table(
            name="revenue_opportunities",
            model="revenue.RevenueOpportunity",
            key="opportunity_id",
            identity=("opportunity_id",),
            columns=(
                Column("opportunity_id", "", KEY),
                Column("lead_source", "lead_source", TEXT),
                Column("customer_segment", "customer_segment", TEXT),
                Column("revenue_potential", "revenue_potential", MONEY),
                Column("confidence_score", "confidence_score", RATIO),
                Column("qualification_score", "qualification_score", INTEGER),
                Column("engagement_history", "engagement_history", JSON),
                Column("recommended_offering", "recommended_offering", TEXT),
                Column("next_action", "next_action", TEXT),
                Column("status", "status", TEXT),
                Column("created_at", "created_at", UTC_TIMESTAMP),
                Column("updated_at", "updated_at", UTC_TIMESTAMP),
            ),
        ),
    ),
    archived=("product_performance", "enhanced_attribution", "lead_scoring_factors"),
)
